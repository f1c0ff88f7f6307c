"""Reference values of BertForSequenceClassification from PyTorch, for Tests/ModelTests.

usage: python make_fixtures.py            (needs requirements.txt; writes model/ beside this file)

The model is tiny, its biases and LayerNorms moved off 0 and 1 so that a mistake in them shows, its dropout
0. Written, all on the CPU with one thread:

  model/tiny/                 config.json, model.safetensors: 6 layers, as save_pretrained writes them
  model/batch.safetensors     tokens, offsets, labels: seven ragged examples, one after another
  model/forward.safetensors   logits, loss and the hidden states of real tokens, float32 and float64
  model/gradients-CASE.safetensors   every gradient that CASE computes, float64 rounded to float32, and
                              the largest difference of torch's own float32 relative to its norm
  model/steps.safetensors     the trainable parameters after five AdamW steps (case frozen-4)
  model/gelu.safetensors      GELU and its derivative, float64
"""

import copy
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForSequenceClassification

torch.set_num_threads(1)
torch.manual_seed(7)
OUT = Path(__file__).parent / "model"

CASES = {
    # name: (layers kept, layers frozen, embeddings frozen)
    "frozen-4": (6, 4, True),
    "frozen-none": (3, 0, True),
    "everything": (2, 0, False),
    "head-only": (3, 3, True),
    "frozen-above-embeddings": (3, 2, False),
    "last-only": (4, 3, True),
}


def make_model():
    config = BertConfig(
        vocab_size=120,
        hidden_size=24,  # three heads of 8: neither a multiple of 16 nor a power of two
        num_hidden_layers=6,
        num_attention_heads=3,
        intermediate_size=40,
        max_position_embeddings=40,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.2,
        id2label={0: "negative", 1: "neutral", 2: "positive"},
        label2id={"negative": 0, "neutral": 1, "positive": 2},
    )
    config._attn_implementation = "eager"
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith("bias"):
                p.normal_(0, 0.1)
            elif "LayerNorm" in name:
                p.normal_(1, 0.1)
    return model


def make_batch():
    generator = torch.Generator().manual_seed(11)
    lengths = [2, 5, 17, 40, 12, 16, 3]  # the least, the most, a multiple of 16 and one beyond
    examples = []
    for n in lengths:
        ids = torch.randint(5, 120, (n,), generator=generator)
        ids[0], ids[-1] = 2, 3
        examples.append(ids)
    return examples, torch.tensor([0, 2, 1, 1, 0, 2, 1])


def padded(examples):
    width = max(len(e) for e in examples)
    ids = torch.zeros(len(examples), width, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, e in enumerate(examples):
        ids[row, : len(e)] = e
        mask[row, : len(e)] = 1
    return ids, mask


def run(model, examples, labels):
    ids, mask = padded(examples)
    return model(input_ids=ids, attention_mask=mask, labels=labels, output_hidden_states=True)


def kept(model, layers, frozen, freeze_embeddings):
    model = copy.deepcopy(model)
    model.bert.encoder.layer = model.bert.encoder.layer[:layers]
    model.config.num_hidden_layers = layers
    still = list(model.bert.encoder.layer[:frozen].parameters())
    if freeze_embeddings:
        still += list(model.bert.embeddings.parameters())
    for p in still:
        p.requires_grad_(False)
    return model.train()


def gradients(model, examples, labels):
    model.zero_grad()
    run(model, examples, labels).loss.backward()
    return {n: p.grad.detach().clone() for n, p in model.named_parameters() if p.requires_grad}


def main():
    OUT.mkdir(exist_ok=True)
    model = make_model()
    model.save_pretrained(OUT / "tiny")
    examples, labels = make_batch()
    offsets = torch.cumsum(torch.tensor([0] + [len(e) for e in examples]), 0)
    save_file(
        {"tokens": torch.cat(examples), "offsets": offsets, "labels": labels},
        OUT / "batch.safetensors",
    )

    forward = {}
    for name, (layers, frozen, embeddings) in CASES.items():
        single = kept(model, layers, frozen, embeddings)
        double = copy.deepcopy(single).double()
        a, b = (run(m, examples, labels) for m in (single, double))
        forward[f"{name}.logits"] = a.logits.detach().clone()
        forward[f"{name}.logits.f64"] = b.logits.detach().clone()
        forward[f"{name}.loss.f64"] = b.loss.detach().reshape(1).clone()
        g, exact = (gradients(m, examples, labels) for m in (single, double))
        norms = {n: exact[n].norm().item() for n in g}
        error = max(
            (g[n].double() - exact[n]).norm().item() / norms[n]
            for n in g
            if not n.endswith("key.bias")
        )
        save_file(
            {n: v.float() for n, v in exact.items()},
            OUT / f"gradients-{name}.safetensors",
            metadata={"largest_relative_error_of_torch_float32": f"{error:.3g}"},
        )
        print(name, "torch float32 relative error", f"{error:.3g}")
    ids, mask = padded(examples)
    states = run(copy.deepcopy(model).double(), examples, labels).hidden_states
    for index, state in enumerate(states):
        forward[f"hidden.{index}"] = state[mask.bool()].detach().float()
    save_file(forward, OUT / "forward.safetensors")

    # Five steps, batch of all seven: what AdamW makes of the gradients.
    stepped = kept(model, *CASES["frozen-4"])
    optimizer = torch.optim.AdamW(
        [p for p in stepped.parameters() if p.requires_grad], lr=1e-3, weight_decay=0.01
    )
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = run(stepped, examples, labels).loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    after = {n: p.detach().clone() for n, p in stepped.named_parameters() if p.requires_grad}
    save_file({**after, "losses": torch.tensor(losses)}, OUT / "steps.safetensors")

    x = torch.linspace(-14, 14, 2801, dtype=torch.float32).double().requires_grad_()
    y = torch.nn.functional.gelu(x)
    y.sum().backward()
    save_file({"x": x.detach().float(), "y": y.detach(), "slope": x.grad}, OUT / "gelu.safetensors")


if __name__ == "__main__":
    main()
