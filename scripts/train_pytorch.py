"""The experiment of an experiment.yaml in PyTorch and transformers, to compare TransferGap's numbers with.

usage: python train_pytorch.py EXPERIMENT.yaml [--seeds 1 2 3] [--threads 2] [--json OUT]

Does what `report train` does, as a careful user of PyTorch would: the first `encoder_layers` layers,
embeddings and `frozen_layers` frozen and in evaluation mode, AdamW, the schedule stepped per epoch,
unsorted batches padded to their longest text. Prints a table by seed, split and metric.
Needs torch, transformers, pyyaml, numpy and scikit-learn. Its random numbers are PyTorch's, so single
runs differ from TransferGap's as two seeds differ; the means over seeds are what to compare.
"""

import argparse
import csv
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
import yaml
from huggingface_hub import snapshot_download
from sklearn.metrics import accuracy_score, f1_score
from transformers import (
    AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, BertTokenizerFast, PreTrainedTokenizerFast)

MICRO_BATCH = 64


def read_split(spec, folder, labels):
    """Texts and class indices of a split in any of the formats an experiment may name."""
    if isinstance(spec, dict):
        texts = (folder / spec["text"]).read_text(encoding="utf-8").removesuffix("\n").split("\n")
        names = (folder / spec["labels"]).read_text(encoding="utf-8").split()
    else:
        path = folder / spec
        delimiter = "," if path.suffix == ".csv" else "\t"
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter=delimiter))
        texts = [row["text"] for row in rows]
        names = [row["label"] for row in rows]
    return texts, [labels.index(n) if n in labels else int(n) for n in names]


def encode(tokenizer, texts, max_length):
    """Token ids of each text, special tokens included."""
    return tokenizer(texts, truncation=True, max_length=max_length)["input_ids"]


def padded(sequences, pad):
    """A batch padded to its longest sequence, with its mask."""
    length = max(map(len, sequences))
    ids = torch.full((len(sequences), length), pad)
    mask = torch.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.tensor(sequence)
        mask[row, : len(sequence)] = 1
    return ids, mask


def checkpoint_folder(experiment, folder):
    """The checkpoint's folder; a name of the Hugging Face hub, `owner/model[@revision]`, is looked up in the cache."""
    name = experiment["model"]["checkpoint"]
    path = folder / name
    model, _, revision = name.partition("@")
    if path.is_dir() or model.count("/") != 1 or model.startswith("."):
        return path
    return Path(
        snapshot_download(
            model,
            revision=revision or None,
            allow_patterns=["*.json", "vocab.txt", "*.model", "model*.safetensors"],
        )
    )


def build(experiment, folder, seed):
    """The classifier with frozen parts, and the modules that stay in evaluation mode."""
    torch.manual_seed(seed)
    path = checkpoint_folder(experiment, folder)
    config = AutoConfig.from_pretrained(path)
    config.num_hidden_layers = experiment["model"]["encoder_layers"]
    config.num_labels = len(experiment["labels"])
    model = AutoModelForSequenceClassification.from_pretrained(
        path, config=config, dtype=torch.float32)
    base = model.base_model
    # DistilBERT calls its encoder so.
    encoder = base.transformer if hasattr(base, "transformer") else base.encoder
    frozen = list(encoder.layer[: experiment["model"]["frozen_layers"]])
    if experiment["model"].get("freeze_embeddings", True):
        frozen.append(base.embeddings)
    for module in frozen:
        module.requires_grad_(False)
    return model, frozen


@torch.no_grad()
def evaluate(model, data, pad):
    """Accuracy, macro F1 and mean loss of a split."""
    model.eval()
    sequences, labels = data
    order = np.argsort([len(s) for s in sequences])
    logits = torch.zeros(len(sequences), model.config.num_labels)
    for start in range(0, len(order), MICRO_BATCH):
        rows = order[start : start + MICRO_BATCH]
        ids, mask = padded([sequences[r] for r in rows], pad)
        logits[torch.tensor(rows)] = model(input_ids=ids, attention_mask=mask).logits
    loss = torch.nn.functional.cross_entropy(logits.double(), torch.tensor(labels)).item()
    predictions = logits.argmax(1).numpy()
    return {
        "accuracy": accuracy_score(labels, predictions),
        "macro_f1": f1_score(labels, predictions, average="macro"),
        "loss": loss,
    }


def train(experiment, folder, splits, pad, seed):
    """One run; returns the metrics of every split after the last epoch and the seconds it took."""
    settings = experiment["training"]
    model, frozen = build(experiment, folder, seed)
    parameters = [p for p in model.parameters() if p.requires_grad]
    rate = float(settings["optimizer"]["learning_rate"])
    optimizer = torch.optim.AdamW(
        parameters, lr=rate, weight_decay=float(settings["optimizer"].get("weight_decay", 0.01))
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer, T_max=settings["epochs"], eta_min=float(settings["schedule"]["eta_min"])
    )
    generator = torch.Generator().manual_seed(seed)
    sequences, labels = splits["source.train"]
    percentage = experiment["data"].get("percentage", 100)
    rows = torch.randperm(len(labels), generator=generator)[: round(len(labels) * percentage / 100)]
    start = time.perf_counter()
    for epoch in range(settings["epochs"]):
        model.train()
        for module in frozen:
            module.eval()
        order = rows[torch.randperm(len(rows), generator=generator)]
        for first in range(0, len(order), settings["batch_size"]):
            batch = order[first : first + settings["batch_size"]].tolist()
            for at in range(0, len(batch), MICRO_BATCH):
                part = batch[at : at + MICRO_BATCH]
                ids, mask = padded([sequences[r] for r in part], pad)
                logits = model(input_ids=ids, attention_mask=mask).logits
                target = torch.tensor([labels[r] for r in part])
                loss = torch.nn.functional.cross_entropy(logits, target, reduction="sum")
                (loss / len(batch)).backward()
            optimizer.step()
            optimizer.zero_grad()
        schedule.step()
        print(f"seed {seed} epoch {epoch + 1}: {time.perf_counter() - start:.0f} s", flush=True)
    seconds = time.perf_counter() - start
    results = {n: evaluate(model, d, pad) for n, d in splits.items() if n != "source.train"}
    return results, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("experiment", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    experiment = yaml.safe_load(arguments.experiment.read_text(encoding="utf-8"))
    folder = arguments.experiment.resolve().parent
    checkpoint = checkpoint_folder(experiment, folder)
    # What a batch is padded with also says where XLM-R's positions begin, so it is the model's.
    pad = AutoConfig.from_pretrained(checkpoint).pad_token_id or 0
    if experiment["model"].get("tokenizer") == "tokenizer_json":
        tokenizer = PreTrainedTokenizerFast.from_pretrained(checkpoint)
    elif (checkpoint / "tokenizer_config.json").exists() or not (checkpoint / "vocab.txt").exists():
        tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    else:
        # transformers 5 builds an empty vocabulary from `vocab_file=`, so the words are passed.
        words = (checkpoint / "vocab.txt").read_bytes().decode().removesuffix("\n").split("\n")
        tokenizer = BertTokenizerFast(vocab={w: i for i, w in enumerate(words)}, do_lower_case=True)
    max_length = experiment["data"].get("max_length", 128)
    splits = {}
    if experiment["data"].get("sources"):
        sys.exit(f"{arguments.experiment}: data.sources is not supported here; use data.source")
    source, targets = experiment["data"]["source"], experiment["data"].get("targets", [])
    for name, data in [("source", source)] + [(t["language"], t) for t in targets]:
        for part in ("train", "validation", "test"):
            if part in data:
                texts, labels = read_split(data[part], folder, experiment["labels"])
                splits[f"{name}.{part}"] = (encode(tokenizer, texts, max_length), labels)
    runs = []
    for seed in arguments.seeds:
        results, seconds = train(experiment, folder, splits, pad, seed)
        runs.append({"seed": seed, "seconds": seconds, "results": results})
        for split, metrics in results.items():
            print(f"seed {seed} {split}: " + ", ".join(f"{k} {v:.4f}" for k, v in metrics.items()))
    print("\nmean over seeds (standard deviation)")
    for split in runs[0]["results"]:
        values = [run["results"][split]["accuracy"] for run in runs]
        spread = np.std(values, ddof=1) if len(values) > 1 else float("nan")
        print(f"{split}: accuracy {np.mean(values):.4f} ({spread:.4f})")
    if arguments.json:
        arguments.json.write_text(json.dumps(runs, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
