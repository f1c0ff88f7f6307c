"""Writes what TrainTests compares against: learning rates and a whole small training in PyTorch.

usage: python make_fixtures.py            (writes into its own folder; versions in requirements.txt)

schedules.json      rates of PyTorch's schedulers by step
model/              a tiny BERT with its head, as a Hugging Face directory, dropout 0
data/*.tsv          texts in its vocabulary, with labels
trained.safetensors every trainable parameter after 5 steps of AdamW at a peak rate of 1e-3,
                    cosine annealing per epoch, a batch being all the texts, so that order is nothing
trained.json        losses of these steps and the accuracy and loss on validation afterwards
"""

import json
import random
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

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


def main():
    torch.set_num_threads(1)
    torch.manual_seed(11)
    generator = random.Random(11)
    write_schedules()
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + WORDS
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=4, num_attention_heads=2,
        intermediate_size=24, max_position_embeddings=24, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, initializer_range=0.2, num_labels=3,
        id2label=dict(enumerate(LABELS)), label2id={l: i for i, l in enumerate(LABELS)},
    )
    config._attn_implementation = "eager"
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.1)
    # The whole model with its head, so that training starts from known weights.
    model.save_pretrained(FOLDER / "model")
    (FOLDER / "model" / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    tokenizer = BertTokenizerFast(vocab={w: i for i, w in enumerate(vocabulary)})
    train = write_data(generator, "train", 29)
    validation = write_data(generator, "validation", 17)
    write_data(generator, "target", 13)

    model = BertForSequenceClassification.from_pretrained(
        FOLDER / "model", num_hidden_layers=3, attn_implementation="eager"
    )
    frozen = [model.bert.embeddings, model.bert.encoder.layer[0]]
    for module in frozen:
        module.requires_grad_(False)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5, eta_min=1e-4)
    batch, labels = tokenized(tokenizer, train)
    losses = []
    model.train()
    for _ in range(5):
        loss = torch.nn.functional.cross_entropy(model(**batch).logits, labels)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    model.eval()
    with torch.no_grad():
        batch, labels = tokenized(tokenizer, validation)
        logits = model(**batch).logits
    trained = {n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}
    save_file(trained, FOLDER / "trained.safetensors")
    facts = {
        "losses": losses,
        "validation_loss": torch.nn.functional.cross_entropy(logits, labels).item(),
        "validation_accuracy": (logits.argmax(1) == labels).double().mean().item(),
        "validation_logits": logits.flatten().tolist(),
    }
    (FOLDER / "trained.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
