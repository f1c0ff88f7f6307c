"""Runs the example's experiment in PyTorch: what the data and the checkpoint allow.

    python check_transfer.py [--seeds 42 43 44]

Reads demo/experiment.yaml. Six of twelve layers, embeddings and four layers frozen (in evaluation
mode, so their output is computed once), a new pooler and classifier, English training only.
"""

import argparse
import csv
import math
import random
import time
from pathlib import Path

import torch
import yaml
from sklearn.metrics import accuracy_score, f1_score
from torch.nn import functional as F
from transformers import BertForSequenceClassification, BertTokenizer

HERE = Path(__file__).parent


def read_split(path, labels, tokenizer, longest):
    """Token ids and label indices of one TSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    ids = tokenizer([r["text"] for r in rows], truncation=True, max_length=longest)["input_ids"]
    return ids, torch.tensor([labels.index(r["label"]) for r in rows])


def share(split, percentage, seed):
    """A random share of a split."""
    ids, labels = split
    chosen = random.Random(seed).sample(range(len(ids)), round(len(ids) * percentage / 100))
    return [ids[i] for i in chosen], labels[chosen]


class Classifier:
    """The experiment's model: a frozen prefix and what is trained above it."""

    def __init__(self, folder, model_settings, classes):
        self.network = BertForSequenceClassification.from_pretrained(
            folder,
            num_hidden_layers=model_settings["encoder_layers"],
            num_labels=classes,
            dtype=torch.float32,
        )
        self.frozen = model_settings["frozen_layers"]
        bert = self.network.bert
        for part in (bert.embeddings, *bert.encoder.layer[: self.frozen]):
            part.requires_grad_(False)
        self.trained = [p for p in self.network.parameters() if p.requires_grad]

    def prefix(self, ids):
        """The frozen part's output for each example, without padding."""
        self.network.eval()
        result = []
        with torch.no_grad():
            for start in range(0, len(ids), 100):
                batch = ids[start : start + 100]
                padded, attended = padding([torch.tensor(row) for row in batch])
                hidden = self.network.bert.embeddings(padded)
                for layer in self.network.bert.encoder.layer[: self.frozen]:
                    hidden = layer(hidden, attention_bias(attended))
                result += [row[: len(row_ids)] for row, row_ids in zip(hidden, batch)]
        return result

    def logits(self, states):
        """Class scores from the prefix's output."""
        hidden, attended = padding(states)
        for layer in self.network.bert.encoder.layer[self.frozen :]:
            hidden = layer(hidden, attention_bias(attended))
        return self.network.classifier(self.network.dropout(self.network.bert.pooler(hidden)))


def padding(rows):
    """Rows of unequal length as one tensor, and which positions are real."""
    padded = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    lengths = torch.tensor([len(row) for row in rows])
    return padded, torch.arange(padded.shape[1]) < lengths[:, None]


def attention_bias(attended):
    """What is added to attention scores: nothing, or minus infinity at padding."""
    return torch.zeros(attended.shape).masked_fill(~attended, -1e9)[:, None, None, :]


def measured(classifier, states, labels):
    """Loss, accuracy and macro F1 on one split."""
    classifier.network.eval()
    with torch.no_grad():
        logits = torch.cat(
            [classifier.logits(states[i : i + 100]) for i in range(0, len(states), 100)]
        )
    guesses = logits.argmax(1)
    return (
        F.cross_entropy(logits, labels).item(),
        accuracy_score(labels, guesses),
        f1_score(labels, guesses, average="macro"),
    )


def run(experiment, folder, seed):
    """One training; returns the accuracies of the last epoch by split."""
    torch.manual_seed(seed)
    data, training = experiment["data"], experiment["training"]
    checkpoint = folder / experiment["model"]["checkpoint"]
    tokenizer = BertTokenizer.from_pretrained(checkpoint)
    files = {"en.train": data["source"]["train"]}
    for side in (data["source"], *data["targets"]):
        for split in ("validation", "test"):
            files[f"{side['language']}.{split}"] = side[split]
    splits = {
        name: read_split(folder / file, experiment["labels"], tokenizer, data["max_length"])
        for name, file in files.items()
    }
    splits["en.train"] = share(splits["en.train"], data["percentage"], seed)

    classifier = Classifier(checkpoint, experiment["model"], len(experiment["labels"]))
    states = {name: classifier.prefix(ids) for name, (ids, _) in splits.items()}
    labels = {name: truth for name, (_, truth) in splits.items()}
    evaluated = [name for name in splits if name != "en.train"]

    settings = training["optimizer"]
    rate, decay = float(settings["learning_rate"]), settings["weight_decay"]
    optimizer = torch.optim.AdamW(classifier.trained, lr=rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer, training["epochs"], eta_min=float(training["schedule"]["eta_min"])
    )
    print(f"seed {seed}\nepoch  rate      train loss  " + "  ".join(f"{n:>13}" for n in evaluated))
    for epoch in range(1, training["epochs"] + 1):
        used = optimizer.param_groups[0]["lr"]
        classifier.network.train()
        classifier.network.bert.embeddings.eval()
        losses = []
        order = torch.randperm(len(states["en.train"])).tolist()
        for start in range(0, len(order), training["batch_size"]):
            batch = order[start : start + training["batch_size"]]
            logits = classifier.logits([states["en.train"][i] for i in batch])
            loss = F.cross_entropy(logits, labels["en.train"][batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item() * len(batch))
        schedule.step()
        results = {name: measured(classifier, states[name], labels[name]) for name in evaluated}
        cells = "  ".join(f"{loss:.3f} {100 * acc:6.2f}" for loss, acc, _ in results.values())
        print(f"{epoch:5}  {used:.2e}  {math.fsum(losses) / len(order):10.4f}  {cells}", flush=True)
    return results


def main():
    """One run a seed, then a summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiment", type=Path, default=HERE / "demo" / "experiment.yaml")
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44])
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    experiment = yaml.safe_load(arguments.experiment.read_text(encoding="utf-8"))
    started = time.monotonic()
    finals = [run(experiment, arguments.experiment.parent, seed) for seed in arguments.seeds]
    print(f"\n{(time.monotonic() - started) / len(finals):.0f} s a run; last epoch, accuracy (F1):")
    for seed, final in zip(arguments.seeds, finals):
        cells = "  ".join(f"{n} {100 * a:.2f} ({100 * f:.2f})" for n, (_, a, f) in final.items())
        print(f"seed {seed}  {cells}")


if __name__ == "__main__":
    main()
