"""The same work in PyTorch and transformers, as an experienced user would write it.

Reads commands, one per line, and answers each with a line of JSON:

    A train | A eval    every example padded to 128 tokens, micro-batches of 32
    B train | B eval    sorted by length, each micro-batch padded to its longest
    C train | C eval    B, with the frozen layers' output computed once and kept in memory
    D train | D eval    C, with the last layer's projection and feed-forward on the [CLS] row only
    A train products    the matrix products of a repetition's middle micro-batch alone, and the work of a repetition
    tokenizer           tokenizers' batch call on all texts
    roc FILE            scikit-learn's roc_curve and auc of a file of scores and labels
    compare-roc FILE CURVE AREA    a curve of ours and its area beside scikit-learn's, to the last bit
    memory              largest RssAnon of a training step and an evaluation of B

Tokens are real ones, padding not counted. Frozen modules are in eval(). A repetition trains on some
micro-batches spread evenly over the lengths; the optimiser's step, one in 32 micro-batches, is timed
apart and its share added.
"""

import argparse
import json
import os
import sys
import threading
import time

# Before torch is imported: tokenizers takes its number of threads from here.
parser = argparse.ArgumentParser()
parser.add_argument("--checkpoint", required=True)
parser.add_argument("--texts", required=True)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--examples-a", type=int, default=64, help="of a repetition of A")
parser.add_argument("--micro-batches", type=int, default=8, help="of a repetition of B, C and D")
parser.add_argument("--device", default="cpu", help="as PyTorch names it, such as cuda:0")
parser.add_argument("--tf32", action="store_true", help="round factors of matrix products to TF32")
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(options.threads)
os.environ["RAYON_NUM_THREADS"] = str(options.threads)
os.environ["TOKENIZERS_PARALLELISM"] = "true"
os.environ["HF_HUB_OFFLINE"] = "1"

import_start = time.perf_counter()
import torch
import transformers
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification
from torch.utils._python_dispatch import TorchDispatchMode
from transformers.masking_utils import create_bidirectional_mask

import_seconds = time.perf_counter() - import_start
DEVICE = torch.device(options.device)
torch.backends.cuda.matmul.allow_tf32 = options.tf32

MAX_LENGTH = 128
MICRO_BATCH = 32
LOGICAL_BATCH = 1024
FROZEN, LAYERS = 4, 6


def finish():
    """Waits for what was asked of a GPU."""
    if DEVICE.type == "cuda":
        torch.cuda.synchronize(DEVICE)


class MemorySampler:
    """The largest RssAnon, sampled every 20 ms."""

    def __init__(self):
        self.peak = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            self.peak = max(self.peak, self.current())
            time.sleep(0.02)

    @staticmethod
    def current():
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
        return 0


class ProductRecorder(TorchDispatchMode):
    """Notes the matrix products that PyTorch asks for, and counts their floating-point operations and attention's."""

    def __init__(self):
        super().__init__()
        self.products = []
        self.operations = 0

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        name = function.overloadpacket.__name__
        if name in ("mm", "bmm", "addmm", "baddbmm"):
            a, b = arguments[-2:] if name in ("mm", "bmm") else arguments[1:3]
            self.products.append(tuple((tuple(x.shape), x.stride()) for x in (a, b)))
            self.operations += 2 * a.numel() * b.shape[-1]
        elif "scaled_dot_product" in name:
            # Scores and context; backward takes both again, and the scores once more: 5 products instead of 2.
            query = arguments[1] if "backward" in name else arguments[0]
            products = 5 if "backward" in name else 2
            self.operations += 2 * products * query.numel() * query.shape[-2]
        return function(*arguments, **(keywords or {}))


class Work:
    def __init__(self):
        torch.set_num_threads(options.threads)
        torch.manual_seed(1)
        config = BertConfig.from_pretrained(
            options.checkpoint, num_hidden_layers=LAYERS, num_labels=3)
        self.model = BertForSequenceClassification.from_pretrained(
            options.checkpoint, config=config, attn_implementation="sdpa", dtype=torch.float32).to(DEVICE)
        self.bert = self.model.bert
        self.frozen = [self.bert.embeddings, *self.bert.encoder.layer[:FROZEN]]
        for module in self.frozen:
            module.requires_grad_(False)
        trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, lr=5e-5, weight_decay=0.01)
        self.tokenizer = AutoTokenizer.from_pretrained(options.checkpoint)
        with open(options.texts, encoding="utf-8") as file:
            self.texts = file.read().removesuffix("\n").split("\n")
        backend = self.tokenizer.backend_tokenizer
        backend.enable_truncation(MAX_LENGTH)
        backend.no_padding()
        self.ids = [encoding.ids for encoding in backend.encode_batch(self.texts)]
        self.labels = [i % 3 for i in range(len(self.ids))]
        self.published = self._published_batches()
        self.sorted = self._sorted_batches()
        self.cache = None

    def _batch(self, rows, width):
        ids = torch.zeros(len(rows), width, dtype=torch.long)
        mask = torch.zeros(len(rows), width, dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(self.ids[row])] = torch.tensor(self.ids[row])
            mask[i, : len(self.ids[row])] = 1
        # Kept on the device, so that copying batches is not counted.
        labels = torch.tensor([self.labels[row] for row in rows])
        return ids.to(DEVICE), mask.to(DEVICE), labels.to(DEVICE)

    def _published_batches(self):
        rows = range(min(options.examples_a, len(self.ids)))
        return [self._batch(rows[i : i + MICRO_BATCH], MAX_LENGTH)
                for i in range(0, len(rows), MICRO_BATCH)]

    def _sorted_batches(self):
        order = sorted(range(len(self.ids)), key=lambda row: len(self.ids[row]))
        cuts = [order[i : i + MICRO_BATCH] for i in range(0, len(order), MICRO_BATCH)]
        count = min(options.micro_batches, len(cuts))
        # The middle of each of `count` equal parts, so that the mean length is that of all.
        chosen = [cuts[int((i + 0.5) * len(cuts) / count)] for i in range(count)]
        return [self._batch(rows, max(len(self.ids[row]) for row in rows)) for rows in chosen]

    def _mask(self, hidden, mask):
        return create_bidirectional_mask(
            config=self.bert.config, inputs_embeds=hidden, attention_mask=mask)

    def _fill_cache(self):
        self.cache = []
        with torch.no_grad():
            for module in self.frozen:
                module.eval()
            for ids, mask, _ in self.sorted:
                hidden = self.bert.embeddings(input_ids=ids)
                attention = self._mask(hidden, mask)
                for layer in self.bert.encoder.layer[:FROZEN]:
                    hidden = layer(hidden, attention)
                self.cache.append((hidden, attention))

    def _logits(self, variant, index, batch):
        ids, mask, _ = batch
        if variant in "AB":
            return self.model(input_ids=ids, attention_mask=mask).logits
        hidden, attention = self.cache[index]
        layers = self.bert.encoder.layer[FROZEN:]
        if variant == "C":
            for layer in layers:
                hidden = layer(hidden, attention)
        else:
            for layer in layers[:-1]:
                hidden = layer(hidden, attention)
            last = layers[-1]
            context = last.attention.self(hidden, attention_mask=attention)[0][:, :1]
            middle = last.attention.output(context, hidden[:, :1])
            hidden = last.output(last.intermediate(middle), middle)
        return self.model.classifier(self.model.dropout(self.bert.pooler(hidden)))

    def measure(self, variant, phase):
        batches = self.published if variant == "A" else self.sorted
        if variant in "CD" and self.cache is None:
            self._fill_cache()
        tokens = sum(int(mask.sum()) for _, mask, _ in batches)
        self.model.train(phase == "train")
        for module in self.frozen:
            module.eval()
        step_seconds = 0.0
        finish()
        start = time.perf_counter()
        if phase == "train":
            self.optimizer.zero_grad(set_to_none=True)
            for index, batch in enumerate(batches):
                self._run(variant, phase, index, batch)
            finish()
            seconds = time.perf_counter() - start
            start = time.perf_counter()
            self.optimizer.step()
            finish()
            step_seconds = time.perf_counter() - start
            seconds += step_seconds * len(batches) * MICRO_BATCH / LOGICAL_BATCH
        else:
            with torch.inference_mode():
                for index, batch in enumerate(batches):
                    self._run(variant, phase, index, batch)
            finish()
            seconds = time.perf_counter() - start
        return {"name": f"{variant} {phase}", "seconds": seconds, "tokens": tokens,
                "examples": sum(len(batch[2]) for batch in batches),
                "step_seconds": step_seconds, "tokens_per_second": tokens / seconds}

    def _run(self, variant, phase, index, batch):
        logits = self._logits(variant, index, batch)
        if phase == "train":
            loss = torch.nn.functional.cross_entropy(logits, batch[2], reduction="sum")
            (loss / LOGICAL_BATCH).backward()

    def products(self, variant, phase):
        """The speed of PyTorch's products on this variant's shapes with nothing between them, and the variant's work.

        The recorded products move through memory as the layers' weights and activations do, so that factors do not stay
        in the cache from one to the next.
        """
        batches = self.published if variant == "A" else self.sorted
        if variant in "CD" and self.cache is None:
            self._fill_cache()
        self.model.train(phase == "train")
        for module in self.frozen:
            module.eval()
        recorders = []
        with torch.set_grad_enabled(phase == "train"):
            for index, batch in enumerate(batches):
                with ProductRecorder() as recorder:
                    self._run(variant, phase, index, batch)
                recorders.append(recorder)
        self.optimizer.zero_grad(set_to_none=True)
        middle = recorders[len(recorders) // 2]
        factors = []
        for shapes in middle.products:
            tensors = []
            for shape, stride in shapes:
                # The memory that a tensor of these strides reaches over.
                extent = 1 + sum((n - 1) * step for n, step in zip(shape, stride))
                tensors.append(torch.full((extent,), 0.01).as_strided(shape, stride))
            factors.append(tensors)
        operations = sum(2 * a.numel() * b.shape[-1] for a, b in factors)
        seconds = []
        with torch.inference_mode():
            for _ in range(4):
                start = time.perf_counter()
                for a, b in factors:
                    torch.matmul(a, b)
                seconds.append(time.perf_counter() - start)
        tokens = sum(int(mask.sum()) for _, mask, _ in batches)
        return {"name": f"{variant} {phase} products",
                # The first pays for fresh memory.
                "gflops": operations / min(seconds[1:]) / 1e9,
                "mflop_per_token": sum(r.operations for r in recorders) / tokens / 1e6}

    def tokenize(self):
        backend = self.tokenizer.backend_tokenizer
        start = time.perf_counter()
        encodings = backend.encode_batch(self.texts)
        seconds = time.perf_counter() - start
        # A faster call that gives no offsets, where this version has it.
        fast = getattr(backend, "encode_batch_fast", None)
        fast_seconds = seconds
        if fast:
            start = time.perf_counter()
            encodings = fast(self.texts)
            fast_seconds = time.perf_counter() - start
        tokens = sum(len(encoding.ids) for encoding in encodings)
        return {"name": "tokenizer", "seconds": min(seconds, fast_seconds), "tokens": tokens,
                "tokens_per_second": tokens / min(seconds, fast_seconds)}


def read_doubles(path):
    """The float64 tensors of a safetensors file."""
    from safetensors.numpy import load_file

    return load_file(path)


def measure_roc(path):
    import numpy
    from sklearn.metrics import auc, roc_curve

    data = read_doubles(path)
    scores, labels = data["scores"], data["labels"]
    start = time.perf_counter()
    false_positive, true_positive, _ = roc_curve(labels, scores)
    area = auc(false_positive, true_positive)
    seconds = time.perf_counter() - start
    return {"name": "roc", "seconds": seconds, "area": float(area), "points": len(false_positive)}


def compare_roc(path, curve_path, area):
    """Points of our curve beside scikit-learn's, and both areas beside the exact one."""
    from fractions import Fraction
    from math import ulp

    import numpy
    from sklearn.metrics import auc, roc_curve

    data, ours = read_doubles(path), read_doubles(curve_path)
    labels = data["labels"]
    false_positive, true_positive, _ = roc_curve(labels, data["scores"])
    positives = int(labels.sum())
    negatives = len(labels) - positives
    # The counts behind the rates are whole numbers, and leaving out points on a line changes no area.
    x = [round(rate * negatives) for rate in false_positive.tolist()]
    y = [round(rate * positives) for rate in true_positive.tolist()]
    doubled = sum((x[i] - x[i - 1]) * (y[i] + y[i - 1]) for i in range(1, len(x)))
    exact = Fraction(doubled, 2 * positives * negatives)
    theirs = float(auc(false_positive, true_positive))

    def ulps(value):
        return float(abs(Fraction(value) - exact) / Fraction(ulp(float(exact))))

    return {
        "name": "compare-roc", "points": len(false_positive),
        "points_identical":
            bool(numpy.array_equal(ours["false_positive_rates"], false_positive)
                 and numpy.array_equal(ours["true_positive_rates"], true_positive)),
        "our_ulps_from_exact": ulps(float(area)), "their_ulps_from_exact": ulps(theirs),
        "ours_is_correctly_rounded": float(area) == float(exact)}


def main():
    sampler = MemorySampler()
    work = Work()
    print(json.dumps({
        "name": "ready", "torch": torch.__version__, "transformers": transformers.__version__,
        "threads": torch.get_num_threads(), "import_seconds": import_seconds,
        "device": torch.cuda.get_device_name(DEVICE) if DEVICE.type == "cuda" else "cpu",
        "mean_tokens": sum(map(len, work.ids)) / len(work.ids)}), flush=True)
    for line in sys.stdin:
        words = line.split()
        if not words:
            continue
        if words[0] in ("A", "B", "C", "D"):
            measure = work.products if words[2:] == ["products"] else work.measure
            result = measure(words[0], words[1])
        elif words[0] == "tokenizer":
            result = work.tokenize()
        elif words[0] == "roc":
            result = measure_roc(words[1])
        elif words[0] == "compare-roc":
            result = compare_roc(*words[1:])
        elif words[0] == "memory":
            sampler.peak = 0
            work.measure("B", "train")
            work.measure("B", "eval")
            result = {"name": "memory", "training_mb": sampler.peak / 1e6}
        else:
            result = {"name": "error", "message": f"no benchmark {line.strip()!r}"}
        print(json.dumps(result), flush=True)


main()
