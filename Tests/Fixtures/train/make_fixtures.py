"""Writes what TrainTests compares against: learning rates and a whole small training in PyTorch.

usage: python make_fixtures.py            (writes into its own folder; versions in requirements.txt)

schedules.json      rates of PyTorch's schedulers by step
model/              a tiny BERT with its head, as a Hugging Face directory, dropout 0
data/*.tsv          texts in its vocabulary, with labels
trained.safetensors every trainable parameter after 5 steps of AdamW at a peak rate of 1e-3,
                    cosine annealing per epoch, a batch being all the texts, so that order is nothing
trained.json        losses of these steps and the accuracy and loss on validation afterwards
averaged.safetensors the average of these parameters after the last 3 of the 5 steps, by PyTorch's AveragedModel
averaged.json       the loss and the logits on validation with them

xlm-roberta/ and distilbert/ hold model/, trained.* and averaged.* of these, with the same texts and the same
WordPiece vocabulary.
"""

import json
import random
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    AutoModelForSequenceClassification, BertConfig, BertForSequenceClassification, BertTokenizerFast,
    DistilBertConfig, DistilBertForSequenceClassification, XLMRobertaConfig,
    XLMRobertaForSequenceClassification)

FOLDER = Path(__file__).parent
LABELS = ["negative", "neutral", "positive"]
WORDS = "good bad fine poor great dull film room food train it was the a not very and but".split()


def rates(make, steps):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.AdamW([parameter], lr=5e-5)
    scheduler = make(optimizer)
    result = []
    for _ in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return result


def write_schedules():
    lr = torch.optim.lr_scheduler
    cosine = lr.CosineAnnealingLR
    schedules = {
        "cosine-10": rates(lambda o: cosine(o, T_max=10, eta_min=5e-6), 10),
        "cosine-37": rates(lambda o: cosine(o, T_max=37, eta_min=0.0), 37),
        "cosine-1": rates(lambda o: cosine(o, T_max=1, eta_min=5e-6), 1),
        "linear-12": rates(
            lambda o: lr.LinearLR(o, start_factor=1.0, end_factor=0.1, total_iters=12), 12
        ),
    }
    (FOLDER / "schedules.json").write_text(json.dumps(schedules, indent=1) + "\n")


def write_data(generator, name, count):
    rows = []
    for _ in range(count):
        words = [generator.choice(WORDS) for _ in range(generator.randint(1, 12))]
        rows.append((" ".join(words), generator.randrange(3)))
    lines = ["text\tlabel"] + [f"{text}\t{LABELS[label]}" for text, label in rows]
    (FOLDER / "data").mkdir(exist_ok=True)
    (FOLDER / "data" / f"{name}.tsv").write_text("\n".join(lines) + "\n")
    return rows


def tokenized(tokenizer, rows):
    batch = tokenizer([text for text, _ in rows], padding=True, return_tensors="pt")
    return batch, torch.tensor([label for _, label in rows])


def make_model(family, words):
    """A tiny model of a family with its head, dropout 0."""
    labels = {"num_labels": 3, "id2label": dict(enumerate(LABELS)),
              "label2id": {l: i for i, l in enumerate(LABELS)}}
    if family == "distilbert":
        config = DistilBertConfig(
            vocab_size=words, dim=16, n_layers=4, n_heads=2, hidden_dim=24,
            max_position_embeddings=24, dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0,
            initializer_range=0.2, **labels)
    else:
        # The padding token is the vocabulary's first, so that XLM-R's positions begin at 1.
        make, further = {
            "bert": (BertConfig, {"max_position_embeddings": 24}),
            "xlm-roberta": (XLMRobertaConfig, {
                "max_position_embeddings": 25, "pad_token_id": 0, "type_vocab_size": 1,
                "layer_norm_eps": 1e-5}),
        }[family]
        config = make(
            vocab_size=words, hidden_size=16, num_hidden_layers=4, num_attention_heads=2,
            intermediate_size=24, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
            initializer_range=0.2, **further, **labels)
    config._attn_implementation = "eager"
    model = {
        "bert": BertForSequenceClassification, "distilbert": DistilBertForSequenceClassification,
        "xlm-roberta": XLMRobertaForSequenceClassification}[family](config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.1)
    return model


def write_training(folder, tokenizer, train, validation):
    """Trains the model of a folder, the first 3 of its 4 layers with embeddings and first layer frozen."""
    model = AutoModelForSequenceClassification.from_pretrained(
        folder / "model", num_hidden_layers=3, attn_implementation="eager")
    base = model.base_model
    encoder = base.transformer if hasattr(base, "transformer") else base.encoder
    for module in [base.embeddings, encoder.layer[0]]:
        module.requires_grad_(False)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5, eta_min=1e-4)
    batch, labels = tokenized(tokenizer, train)
    if hasattr(base, "transformer"):
        del batch["token_type_ids"]
    losses = []
    model.train()
    averaged = torch.optim.swa_utils.AveragedModel(model)
    for step in range(5):
        loss = torch.nn.functional.cross_entropy(model(**batch).logits, labels)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        if step >= 2:
            averaged.update_parameters(model)
    model.eval()
    averaged.eval()
    with torch.no_grad():
        batch, labels = tokenized(tokenizer, validation)
        if hasattr(base, "transformer"):
            del batch["token_type_ids"]
        logits = model(**batch).logits
        averaged_logits = averaged.module(**batch).logits
    mean = {n: p.detach().clone() for n, p in averaged.module.named_parameters() if p.requires_grad}
    save_file(mean, folder / "averaged.safetensors")
    facts = {
        "validation_loss": torch.nn.functional.cross_entropy(averaged_logits, labels).item(),
        "validation_logits": averaged_logits.flatten().tolist(),
    }
    (folder / "averaged.json").write_text(json.dumps(facts, indent=1) + "\n")
    trained = {n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}
    save_file(trained, folder / "trained.safetensors")
    facts = {
        "losses": losses,
        "validation_loss": torch.nn.functional.cross_entropy(logits, labels).item(),
        "validation_accuracy": (logits.argmax(1) == labels).double().mean().item(),
        "validation_logits": logits.flatten().tolist(),
    }
    (folder / "trained.json").write_text(json.dumps(facts, indent=1) + "\n")


def main():
    torch.set_num_threads(1)
    generator = random.Random(11)
    write_schedules()
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + WORDS
    tokenizer = BertTokenizerFast(vocab={w: i for i, w in enumerate(vocabulary)})
    train = write_data(generator, "train", 29)
    validation = write_data(generator, "validation", 17)
    write_data(generator, "target", 13)
    for family in ["bert", "xlm-roberta", "distilbert"]:
        folder = FOLDER if family == "bert" else FOLDER / family
        torch.manual_seed(11)
        # The whole model with its head, so that training starts from known weights.
        make_model(family, len(vocabulary)).save_pretrained(folder / "model")
        (folder / "model" / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
        if family != "bert":
            # Without it, transformers would take the tokenizer that usually goes with the model.
            (folder / "model" / "tokenizer_config.json").write_text(
                json.dumps({"tokenizer_class": "BertTokenizer"}) + "\n")
        write_training(folder, tokenizer, train, validation)


if __name__ == "__main__":
    main()
