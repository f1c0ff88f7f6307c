"""Pre-trains the example's checkpoint: a narrow 12-layer BERT that has read two languages.

    python pretrain.py [--work work] [--model demo/model]

Reads `pairs.tsv` (English, German) as make_corpus.py writes it. Three objectives: masked words in
single reviews, masked words in a review beside its translation, and telling a review's translation
from those of other reviews by the mean of the hidden states. Six layers are trained first, then
doubled to twelve and trained on ("progressive stacking"), with the objectives kept at layer 6.
"""

import argparse
import json
import random
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import BertWordPieceTokenizer
from torch.nn import functional as F
from transformers import BertConfig, BertForMaskedLM

HERE = Path(__file__).parent
SEED = 20240607
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCABULARY = 2000
LONGEST = 128
WIDTH, HEADS = 96, 4
ALIGNED = (4, 6)  # layers whose means must tell translations apart
LOWER, UPPER = 6, 12
PHASES = ((LOWER, 2400, 4e-3), (UPPER, 120, 1e-3))  # layers, steps, highest rate
WARM_UP = 60
PAIRS_PER_STEP = 16
SCALE = 0.04  # standard deviation of a new weight
MASKED = 0.2
TEMPERATURE = 0.07
ALIGNMENT_WEIGHT = 0.3


def read_pairs(path):
    """The translation pairs."""
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def train_tokenizer(pairs, folder):
    """Learns a WordPiece vocabulary and writes vocab.txt and tokenizer_config.json.

    The library breaks ties between equally frequent pieces at random, so a later run may learn a
    slightly different list: vocabulary and weights belong together.
    """
    tokenizer = BertWordPieceTokenizer(lowercase=True, strip_accents=True)
    tokenizer.train_from_iterator(
        (text for pair in pairs for text in pair),
        vocab_size=VOCABULARY,
        min_frequency=2,
        special_tokens=SPECIAL,
        show_progress=False,
    )
    tokens = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().get)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("".join(t + "\n" for t in tokens), encoding="utf-8")
    settings = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": True,
        "strip_accents": None,
        "tokenize_chinese_chars": True,
        "model_max_length": LONGEST,
        "unk_token": "[UNK]",
        "sep_token": "[SEP]",
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "mask_token": "[MASK]",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    return tokenizer


class Batches:
    """Endless batches of tokenised pairs, of similar length within a batch."""

    def __init__(self, tokenizer, pairs, rng):
        self.rng = rng
        self.pad, self.cls, self.sep, self.mask = (
            tokenizer.token_to_id(t) for t in ("[PAD]", "[CLS]", "[SEP]", "[MASK]")
        )
        self.vocabulary = tokenizer.get_vocab_size()
        sides = [
            [e.ids for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
            for texts in zip(*pairs)
        ]
        self.pairs = [p for p in zip(*sides) if len(p[0]) + len(p[1]) + 3 <= LONGEST]
        self.queue = []

    def next_pairs(self):
        """The next pairs of similar length; a new pass when all have been seen."""
        if not self.queue:
            order = list(range(len(self.pairs)))
            self.rng.shuffle(order)
            pool = PAIRS_PER_STEP * 40
            for start in range(0, len(order), pool):
                block = sorted(order[start : start + pool], key=lambda i: len(self.pairs[i][0]))
                self.queue += [
                    block[i : i + PAIRS_PER_STEP]
                    for i in range(0, len(block) - PAIRS_PER_STEP + 1, PAIRS_PER_STEP)
                ]
            self.rng.shuffle(self.queue)
        return [self.pairs[i] for i in self.queue.pop()]

    def side_by_side(self):
        """Each review beside its translation, in either order."""
        rows = []
        for pair in self.next_pairs():
            first, second = pair if self.rng.random() < 0.5 else pair[::-1]
            head = [self.cls, *first, self.sep]
            rows.append((head + [*second, self.sep], len(head)))
        return self.tensors(rows)

    def single(self):
        """The English reviews, then their translations in the same order."""
        pairs = self.next_pairs()
        return self.tensors(
            [([self.cls, *pair[side], self.sep], LONGEST) for side in (0, 1) for pair in pairs]
        )

    def tensors(self, rows):
        """Padded and masked input, segments, attention mask, targets (-100 where unmasked)."""
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.full((len(rows), longest), self.pad)
        segments = torch.zeros_like(ids)
        for i, (row, boundary) in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row)
            segments[i, boundary : len(row)] = 1
        attended = ids != self.pad
        hidden = (torch.rand(ids.shape) < MASKED) & attended
        hidden &= (ids != self.cls) & (ids != self.sep)
        targets = ids.masked_fill(~hidden, -100)
        draw = torch.rand(ids.shape)
        strange = torch.randint(len(SPECIAL), self.vocabulary, ids.shape)
        masked = torch.where(hidden & (draw < 0.8), self.mask, ids)
        masked = torch.where(hidden & (draw > 0.9), strange, masked)
        return masked, segments, attended, targets


def configuration(tokenizer, layers, dropout):
    """The BERT configuration."""
    return BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=WIDTH,
        num_hidden_layers=layers,
        num_attention_heads=HEADS,
        intermediate_size=4 * WIDTH,
        hidden_act="gelu",
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        max_position_embeddings=LONGEST,
        type_vocab_size=2,
        initializer_range=SCALE,
        layer_norm_eps=1e-12,
        pad_token_id=0,
    )


def with_waves(model):
    """Starts the position embeddings as sine waves, so that neighbours are easy to find."""
    table = model.bert.embeddings.position_embeddings.weight
    positions = torch.arange(LONGEST).unsqueeze(1)
    speeds = LONGEST ** (-torch.arange(0, WIDTH, 2) / WIDTH)
    waves = torch.cat([torch.sin(positions * speeds), torch.cos(positions * speeds)], dim=1)
    with torch.no_grad():
        table.copy_(waves * 2**0.5 * SCALE)
    return model


def doubled(lower, upper):
    """Copies a model of six layers into one of twelve, each layer twice."""
    state = dict(lower.state_dict())
    for name in list(state):
        if name.startswith("bert.encoder.layer."):
            parts = name.split(".")
            parts[3] = str(int(parts[3]) + LOWER)
            state[".".join(parts)] = state[name]
    upper.load_state_dict(state)
    return upper


def masked_word_loss(model, hidden, targets):
    """Cross-entropy of the masked words, from one layer's hidden states."""
    chosen = targets != -100
    return F.cross_entropy(model.cls(hidden[chosen]), targets[chosen])


def alignment_loss(hidden, attended):
    """How badly the means of the hidden states tell a translation from the others."""
    weights = attended.unsqueeze(-1).float()
    means = F.normalize((hidden * weights).sum(1) / weights.sum(1), dim=-1)
    english, german = means.chunk(2)
    scores = english @ german.T / TEMPERATURE
    truth = torch.arange(len(scores))
    return (F.cross_entropy(scores, truth) + F.cross_entropy(scores.T, truth)) / 2


def step_losses(model, batches, step):
    """The losses of one step by name; single reviews and pairs take turns."""
    single = step % 2 == 0
    ids, segments, attended, targets = batches.single() if single else batches.side_by_side()
    states = model.bert(
        ids, attention_mask=attended, token_type_ids=segments, output_hidden_states=True
    ).hidden_states
    name = "single" if single else "pair"
    depths = {LOWER, len(states) - 1}
    losses = {f"{name}@{d}": masked_word_loss(model, states[d], targets) for d in depths}
    if single:
        for depth in ALIGNED:
            losses[f"align@{depth}"] = alignment_loss(states[depth], attended)
    return losses


def total(losses):
    """The weighted sum of a step's losses."""
    return sum(
        (ALIGNMENT_WEIGHT if name.startswith("align") else 1) * loss
        for name, loss in losses.items()
    )


def optimizers(model, highest_rate, steps):
    """Muon for the matrices of the layers, AdamW for the rest, each with its schedule."""
    matrices, rest = [], []
    for name, parameter in model.named_parameters():
        inner = parameter.ndim == 2 and "encoder.layer" in name
        (matrices if inner else rest).append(parameter)
    pair = (
        torch.optim.Muon(
            matrices, lr=highest_rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(rest, lr=highest_rate, weight_decay=0.01, betas=(0.9, 0.98)),
    )

    warm_up = min(WARM_UP, steps // 2)

    def share(step):
        """Linear warm-up, then linear decay."""
        return min((step + 1) / max(1, warm_up), max(0.02, (steps - step) / (steps - warm_up)))

    return [(one, torch.optim.lr_scheduler.LambdaLR(one, share)) for one in pair]


def train(model, batches, steps, highest_rate, log, save):
    """One phase."""
    pair = optimizers(model, highest_rate, steps)
    model.train()
    recent = {}
    started = time.monotonic()
    for step in range(steps):
        losses = step_losses(model, batches, step)
        model.zero_grad()
        total(losses).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, schedule in pair:
            optimizer.step()
            schedule.step()
        for name, loss in losses.items():
            recent.setdefault(name, []).append(loss.item())
        if (step + 1) % 100 == 0:
            means = {name: sum(values) / len(values) for name, values in sorted(recent.items())}
            log(step + 1, time.monotonic() - started, means)
            recent.clear()
        if (step + 1) % 200 == 0 or step + 1 == steps:
            save(model)


def write_model(model, tokenizer, folder):
    """config.json and model.safetensors in half precision, without the tied output matrix."""
    settings = configuration(tokenizer, UPPER, dropout=0.1).to_dict()
    settings = {key: settings[key] for key in CONFIGURATION_KEYS}
    settings = {"architectures": ["BertForMaskedLM"], "model_type": "bert", **settings}
    settings["dtype"] = "float16"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(settings, indent=2) + "\n")
    tensors = {
        name: tensor.half().contiguous()
        for name, tensor in model.state_dict().items()
        if not name.startswith("cls.predictions.decoder") and "position_ids" not in name
    }
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)


CONFIGURATION_KEYS = (
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "hidden_act",
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "max_position_embeddings",
    "type_vocab_size",
    "initializer_range",
    "layer_norm_eps",
    "pad_token_id",
)


def main():
    """Trains the tokenizer and the model, and writes both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--model", type=Path, default=HERE / "demo" / "model")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="keep vocabulary and first phase")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the steps, for a trial")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(SEED)
    pairs = read_pairs(arguments.work / "pairs.tsv")
    if arguments.resume:
        vocabulary = str(arguments.model / "vocab.txt")
        tokenizer = BertWordPieceTokenizer(vocabulary, lowercase=True, strip_accents=True)
    else:
        tokenizer = train_tokenizer(pairs, arguments.model)
    batches = Batches(tokenizer, pairs, random.Random(SEED))
    print(f"{len(batches.pairs)} pairs, vocabulary of {tokenizer.get_vocab_size()}", flush=True)

    model = None
    for layers, steps, rate in PHASES:
        fresh = BertForMaskedLM(configuration(tokenizer, layers, dropout=0.0))
        model = with_waves(fresh) if model is None else doubled(model, fresh)

        kept = arguments.work / f"{layers}-layers.pt"
        if arguments.resume and layers == LOWER and kept.exists():
            model.load_state_dict(torch.load(kept))
            continue

        def log(step, seconds, losses):
            text = "  ".join(f"{name} {loss:.3f}" for name, loss in losses.items())
            print(f"{layers} layers  step {step}  {seconds:.0f} s  {text}", flush=True)

        def save(model):
            torch.save(model.state_dict(), kept)

        train(model, batches, int(steps * arguments.scale), rate, log, save)
    write_model(model, tokenizer, arguments.model)


if __name__ == "__main__":
    main()
