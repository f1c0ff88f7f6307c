"""Float64 values of a training with dropout, for Tests/ModelTests/ExactnessTests.swift.

usage: python make_dropout_fixtures.py    (needs requirements.txt; writes into model/ beside this file)

PyTorch and transformers compute the tiny models of make_fixtures.py with the very draws that TransferGap
makes: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011), keyed by seed, epoch, example, layer, site,
position and element as Sources/CKernels/include/kernels.h says. Philox is written here in numpy and
checked against the known answers that accompany Random123 before anything is computed.

Of each family, in its folder:

  model/dropout-CASE.safetensors   float64: `logits` and `gradient.NAME` of the mean loss with dropout 0.1,
                                   and `parameter.NAME` after 20 steps of AdamW, new draws at each step;
                                   metadata: for each of them how far PyTorch's own float32, padded,
                                   is from that: ||float32 - float64|| / ||float64||

Examples are padded to the longest, as PyTorch needs it, so this is the long way around padding too.
"""

import copy

import numpy as np
import torch
from safetensors.torch import save_file
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from make_fixtures import (
    CASES, FAMILIES, DistilBert, XLMRoberta, gradients, is_key_bias, kept, make_batch, make_model, run)

PROBABILITY = 0.1
# The seed and epochs of ExactnessTests: one for logits and gradients, 1 ... 20 for the steps.
SEED, EPOCH, STEPS, RATE, DECAY = 3, 17, 20, 1e-3, 0.01
# The numbers that key the examples, as TinyModel.batch() gives them.
FIRST_EXAMPLE, BETWEEN_EXAMPLES = 100, 7
EMBEDDINGS, PROBABILITIES, ATTENTION, FEED_FORWARD, HEAD, HEAD_INPUT = range(6)
WHICH = ["frozen-4", "everything"]


def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds on arrays of counters; four arrays of 32-bit words in 64-bit elements."""
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    c0, c1, c2, c3 = np.broadcast_arrays(*(np.asarray(c, np.uint64) for c in (c0, c1, c2, c3)))
    for _ in range(10):
        p0, p1 = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (
            (p1 >> half) ^ c1 ^ np.uint64(k0), p1 & low, (p0 >> half) ^ c3 ^ np.uint64(k1), p0 & low)
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def check_philox():
    """kat_vectors of Random123: counter, key, answer."""
    most = 0xFFFFFFFF
    for counter, key, answer in [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((most,) * 4, (most,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
         (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
    ]:
        assert tuple(int(word) for word in philox(*counter, *key)) == answer


def key_of(seed, epoch):
    """The two words of the key: the finaliser of SplitMix64 over seed and epoch."""
    mask = 2**64 - 1
    word = (seed + 0x9E3779B97F4A7C15 * (epoch + 1)) & mask
    word = ((word ^ word >> 30) * 0xBF58476D1CE4E5B9) & mask
    word = ((word ^ word >> 27) * 0x94D049BB133111EB) & mask
    word ^= word >> 31
    return word & 0xFFFFFFFF, word >> 32


def kept_elements(epoch, layer, site, examples, positions, heads, columns):
    """Which elements stay: a boolean array [examples, heads, positions, columns]."""
    element = np.arange(columns)
    words = np.stack(philox(
        8 * (element // 32) + element % 8,
        np.arange(positions)[None, None, :, None] + 65536 * np.arange(heads)[None, :, None, None],
        np.asarray(examples)[:, None, None, None],
        layer << 8 | site, *key_of(SEED, epoch)))
    draws = np.take_along_axis(
        words, np.broadcast_to(element // 8 % 4, words.shape[1:])[None], axis=0)[0]
    return draws >= round(PROBABILITY * 2**32)


class Dropper(torch.nn.Module):
    """Stands where the model has a torch.nn.Dropout, drawing from Philox instead."""

    epoch = EPOCH

    def __init__(self, layer, site):
        super().__init__()
        self.layer, self.site, self.p = layer, site, PROBABILITY

    def forward(self, x):
        if not self.training:
            return x
        examples = FIRST_EXAMPLE + BETWEEN_EXAMPLES * np.arange(len(x))
        # [examples, heads, queries, keys], [examples, positions, H] or, at the head, [examples, H].
        if x.dim() == 4:
            shape = x.shape
        else:
            shape = (len(x), 1, x.shape[1] if x.dim() == 3 else 1, x.shape[-1])
        keep = kept_elements(
            Dropper.epoch, self.layer, self.site, examples, shape[2], shape[1], shape[3])
        # TransferGap holds the factor 1 / (1 - p) as float32; that is a constant, not rounding of results.
        scale = float(np.float32(1 / (1 - PROBABILITY)))
        return x * (torch.from_numpy(keep.reshape(x.shape)).to(x.dtype) * scale)


class Alternating(torch.nn.Module):
    """XLM-R's head applies one module twice, to its input and after tanh."""

    def __init__(self, layer):
        super().__init__()
        self.droppers = [Dropper(layer, HEAD_INPUT), Dropper(layer, HEAD)]
        self.calls = 0

    def forward(self, x):
        dropper = self.droppers[self.calls % 2].train(self.training)
        self.calls += 1
        return dropper(x)


def attend(module, query, key, value, attention_mask, scaling=None, dropout=0.0, **_):
    scores = query @ key.transpose(2, 3) * scaling
    if attention_mask is not None:
        scores = scores + attention_mask
    weights = module.dropout(torch.softmax(scores, -1))
    return (weights @ value).transpose(1, 2).contiguous(), weights


def with_dropout(family, model, layers, frozen, freeze_embeddings):
    """The layers kept, Droppers at every site, what is frozen in evaluation mode."""
    model = kept(family, model, layers, frozen, freeze_embeddings)
    model.config._attn_implementation = "philox"
    embeddings, encoder = family.embeddings(model), family.encoder(model)
    embeddings.dropout = Dropper(0, EMBEDDINGS)
    for index, layer in enumerate(encoder.layer):
        if isinstance(family, DistilBert):
            layer.attention.dropout = Dropper(index, PROBABILITIES)
            layer.ffn.dropout = Dropper(index, FEED_FORWARD)
        else:
            layer.attention.self.dropout = Dropper(index, PROBABILITIES)
            layer.attention.output.dropout = Dropper(index, ATTENTION)
            layer.output.dropout = Dropper(index, FEED_FORWARD)
    if isinstance(family, XLMRoberta):
        model.classifier.dropout = Alternating(layers)
    else:
        model.dropout = Dropper(layers, HEAD)
    left = [n for n, m in model.named_modules() if isinstance(m, torch.nn.Dropout)]
    assert not left, f"{left} would draw from PyTorch"
    model.train()
    if freeze_embeddings:
        embeddings.eval()
    for layer in encoder.layer[:frozen]:
        layer.eval()
    return model


def twenty_steps(model, examples, labels):
    decayed = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=RATE, weight_decay=DECAY)
    for step in range(1, STEPS + 1):
        Dropper.epoch = step
        decayed.zero_grad()
        run(model, examples, labels).loss.backward()
        decayed.step()
    return {n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}


def results(model, examples, labels):
    Dropper.epoch = EPOCH
    found = {"logits": run(model, examples, labels).logits.detach().clone()}
    for name, value in gradients(model, examples, labels).items():
        found[f"gradient.{name}"] = value
    for name, value in twenty_steps(model, examples, labels).items():
        found[f"parameter.{name}"] = value
    return {n: v for n, v in found.items() if not is_key_bias(n)}


def main():
    check_philox()
    ALL_ATTENTION_FUNCTIONS.register("philox", attend)
    # Without this the masks of padding would silently be left out.
    ALL_MASK_ATTENTION_FUNCTIONS.register("philox", ALL_MASK_ATTENTION_FUNCTIONS["eager"])
    for family in FAMILIES:
        model = make_model(family)
        examples, labels = make_batch(family)
        for name in WHICH:
            single = with_dropout(family, model, *CASES[name])
            double = copy.deepcopy(single).double()
            exact = results(double, examples, labels)
            rounded = results(single, examples, labels)
            distances = {
                n: ((rounded[n].double() - exact[n]).norm() / exact[n].norm()).item()
                for n in exact}
            save_file(
                {n: v.contiguous() for n, v in exact.items()},
                family.folder / f"dropout-{name}.safetensors",
                metadata={n: f"{d:.4g}" for n, d in sorted(distances.items())})
            worst = max(distances.items(), key=lambda x: x[1])
            print(family.folder.name, name, "largest distance of float32:", worst)


if __name__ == "__main__":
    main()
