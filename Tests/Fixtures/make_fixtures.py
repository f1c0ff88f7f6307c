"""Reference values of transformers' sequence classifiers from PyTorch, for Tests/ModelTests.

usage: python make_fixtures.py            (needs requirements.txt; writes model/ beside this file)

BERT, XLM-R and DistilBERT, the first in model/, the others in a folder of their own there. Each model is tiny, its
biases and LayerNorms moved off 0 and 1 so that a mistake in them shows, its dropout 0. Written, all on the CPU with
one thread:

  model/tiny/                 config.json, model.safetensors: 6 layers, as save_pretrained writes them
  model/batch.safetensors     tokens, offsets, labels: seven ragged examples, one after another
  model/forward.safetensors   logits, loss and the hidden states of real tokens, float32 and float64
  model/gradients-CASE.safetensors   every gradient that CASE computes, float64 rounded to float32, and
                              the largest difference of torch's own float32 relative to its norm
  model/steps.safetensors     the trainable parameters after five AdamW steps (case frozen-4)
  model/gelu.safetensors      GELU and its derivative, float64 (of BERT alone)

One example of XLM-R and DistilBERT has the padding token in its middle, as a text that says "<pad>" would: it takes
no position in XLM-R, and its embedding does not learn in either.
"""

import copy
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
)

torch.set_num_threads(1)
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


LABELS = {
    "id2label": {0: "negative", 1: "neutral", 2: "positive"},
    "label2id": {"negative": 0, "neutral": 1, "positive": 2},
}
# Three heads of 8: neither a multiple of 16 nor a power of two.
SHAPE = {
    "hidden_size": 24,
    "num_hidden_layers": 6,
    "num_attention_heads": 3,
    "intermediate_size": 40,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "initializer_range": 0.2,
}


class Family:
    """An architecture: its folder, how a tiny model of it is made, and where its parts are."""

    folder = OUT
    seed = 7
    vocabulary = 120
    first, last, padding = 2, 3, None

    def make(self):
        return BertForSequenceClassification(
            BertConfig(vocab_size=self.vocabulary, max_position_embeddings=40, **SHAPE, **LABELS)
        )

    def embeddings(self, model):
        return model.base_model.embeddings

    def encoder(self, model):
        """What holds the list of layers."""
        return model.base_model.encoder


class XLMRoberta(Family):
    folder = OUT / "xlm-roberta"
    vocabulary = 60
    first, last, padding = 0, 2, 1

    def make(self):
        return XLMRobertaForSequenceClassification(
            XLMRobertaConfig(
                vocab_size=self.vocabulary, max_position_embeddings=42, type_vocab_size=1,
                layer_norm_eps=1e-5, **SHAPE, **LABELS,
            )
        )


class DistilBert(Family):
    folder = OUT / "distilbert"
    # With 7, one weight's first gradient is so nearly 0 that AdamW makes a step of its rounding.
    seed = 9
    vocabulary = 60
    padding = 0

    def make(self):
        return DistilBertForSequenceClassification(
            DistilBertConfig(
                vocab_size=self.vocabulary, max_position_embeddings=40, dim=24, n_layers=6,
                n_heads=3, hidden_dim=40, dropout=0.0, attention_dropout=0.0,
                seq_classif_dropout=0.0, initializer_range=0.2, **LABELS,
            )
        )

    def encoder(self, model):
        return model.base_model.transformer


FAMILIES = [Family(), XLMRoberta(), DistilBert()]


def make_model(family):
    torch.manual_seed(family.seed)
    model = family.make()
    model.config._attn_implementation = "eager"
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith("bias"):
                p.normal_(0, 0.1)
            elif "norm" in name.lower():
                p.normal_(1, 0.1)
    return model


def make_batch(family):
    generator = torch.Generator().manual_seed(11)
    lengths = [2, 5, 17, 40, 12, 16, 3]  # the least, the most, a multiple of 16 and one beyond
    examples = []
    for n in lengths:
        ids = torch.randint(5, family.vocabulary, (n,), generator=generator)
        ids[0], ids[-1] = family.first, family.last
        examples.append(ids)
    if family.padding is not None:
        examples[4][5] = family.padding
    return examples, torch.tensor([0, 2, 1, 1, 0, 2, 1])


def padded(examples, padding):
    width = max(len(e) for e in examples)
    ids = torch.full((len(examples), width), padding)
    mask = torch.zeros_like(ids)
    for row, e in enumerate(examples):
        ids[row, : len(e)] = e
        mask[row, : len(e)] = 1
    return ids, mask


def run(model, examples, labels):
    ids, mask = padded(examples, model.config.pad_token_id)
    return model(input_ids=ids, attention_mask=mask, labels=labels, output_hidden_states=True)


def kept(family, model, layers, frozen, freeze_embeddings):
    model = copy.deepcopy(model)
    encoder = family.encoder(model)
    encoder.layer = encoder.layer[:layers]
    model.config.num_hidden_layers = layers
    still = list(encoder.layer[:frozen].parameters())
    if freeze_embeddings:
        still += list(family.embeddings(model).parameters())
    for p in still:
        p.requires_grad_(False)
    return model.train()


def gradients(model, examples, labels):
    model.zero_grad()
    run(model, examples, labels).loss.backward()
    return {n: p.grad.detach().clone() for n, p in model.named_parameters() if p.requires_grad}


def is_key_bias(name):
    """Whether the true gradient is 0, so that what is computed of it is noise."""
    return name.endswith(("key.bias", "k_lin.bias"))


def write(family):
    out = family.folder
    out.mkdir(exist_ok=True)
    model = make_model(family)
    model.save_pretrained(out / "tiny")
    examples, labels = make_batch(family)
    offsets = torch.cumsum(torch.tensor([0] + [len(e) for e in examples]), 0)
    save_file(
        {"tokens": torch.cat(examples), "offsets": offsets, "labels": labels},
        out / "batch.safetensors",
    )

    forward = {}
    for name, (layers, frozen, embeddings) in CASES.items():
        single = kept(family, model, layers, frozen, embeddings)
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
            if not is_key_bias(n)
        )
        save_file(
            {n: v.float() for n, v in exact.items()},
            out / f"gradients-{name}.safetensors",
            metadata={"largest_relative_error_of_torch_float32": f"{error:.3g}"},
        )
        print(out.name, name, "torch float32 relative error", f"{error:.3g}")
    _, mask = padded(examples, model.config.pad_token_id)
    states = run(copy.deepcopy(model).double(), examples, labels).hidden_states
    for index, state in enumerate(states):
        forward[f"hidden.{index}"] = state[mask.bool()].detach().float()
    if isinstance(family, DistilBert):
        forward["sinusoidal.logits.f64"] = sinusoidal(model, examples, labels)
    save_file(forward, out / "forward.safetensors")

    # Five steps, batch of all seven: what AdamW makes of the gradients.
    stepped = kept(family, model, *CASES["frozen-4"])
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
    save_file({**after, "losses": torch.tensor(losses)}, out / "steps.safetensors")


def sinusoidal(model, examples, labels):
    """The logits with sinusoidal positions, which transformers makes where a file has none."""
    config = copy.deepcopy(model.config)
    config.sinusoidal_pos_embds = True
    other = DistilBertForSequenceClassification(config)
    state = {n: p for n, p in model.state_dict().items() if "position_embeddings" not in n}
    other.load_state_dict(state, strict=False)
    return run(other.double().eval(), examples, labels).logits.detach().clone()


def write_gelu():
    x = torch.linspace(-14, 14, 2801, dtype=torch.float32).double().requires_grad_()
    y = torch.nn.functional.gelu(x)
    y.sum().backward()
    save_file({"x": x.detach().float(), "y": y.detach(), "slope": x.grad}, OUT / "gelu.safetensors")


def main():
    for family in FAMILIES:
        write(family)
    write_gelu()


if __name__ == "__main__":
    main()
