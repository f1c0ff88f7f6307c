#!/usr/bin/env python3
"""Draws the seven figures of a run with matplotlib and seaborn, from the same files as `report figures`.

The other side of a comparison: what a careful Python script does, with the same contents, sizes and
resolution, intervals and curves computed from the stored predictions. Its looks are seaborn's.

    python figures_matplotlib.py runs/demo out
"""

import json
import struct
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from sklearn.metrics import auc, f1_score, roc_curve


def predictions(path):
    """Logits and labels of one safetensors file."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])

    def tensor(name, dtype):
        start, end = header[name]["data_offsets"]
        return np.frombuffer(data[8 + size + start : 8 + size + end], dtype).reshape(
            header[name]["shape"])

    return tensor("logits", "<f4"), tensor("labels", "<i8")


def wilson(correct, count, z=1.959963984540054):
    share = correct / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(
        share * (1 - share) / count + z * z / (4 * count * count))
    return middle - half, middle + half


class Run:
    def __init__(self, folder):
        self.rates = {}
        for line in (folder / "log.jsonl").read_text().splitlines():
            record = json.loads(line)
            if record["record"] == "step":
                self.rates[record["step"]] = record["learning_rate"]
        self.scores = {}
        self.final = {}
        epochs = sorted((folder / "predictions").iterdir())
        self.epochs = np.arange(1, len(epochs) + 1)
        for epoch in epochs:
            for path in sorted(epoch.glob("*.safetensors")):
                split = path.name.removesuffix(".safetensors")
                logits, labels = predictions(path)
                logits = logits.astype(np.float64)
                shifted = logits - logits.max(1, keepdims=True)
                log_probabilities = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
                loss = -log_probabilities[np.arange(len(labels)), labels].mean()
                guesses = logits.argmax(1)
                right = int((guesses == labels).sum())
                low, high = wilson(right, len(labels))
                self.scores.setdefault(split, []).append(
                    (loss, right / len(labels), low, high, len(labels)))
                self.final[split] = (
                    np.exp(log_probabilities), labels, f1_score(labels, guesses, average="macro"))
        self.classes = logits.shape[1]
        for split, values in self.scores.items():
            self.scores[split] = np.array(values)
        source = next(s for s in self.scores if s.endswith(".train")).split(".")[0]
        others = [s for s in self.scores if s.endswith(".validation") and not s.startswith(source)]
        self.curves = [f"{source}.train", f"{source}.validation", *others]


def losses(run, axes):
    for split, color in zip(run.curves, sns.color_palette("colorblind")):
        axes.plot(run.epochs, run.scores[split][:, 0], marker="o", label=split, color=color)
    axes.axhline(np.log(run.classes), ls=":", color="grey", label="guessing")
    axes.set(xlabel="epoch", ylabel="loss (nats)", title="Losses")
    axes.legend()


def accuracies(run, axes):
    for split, color in zip(run.curves, sns.color_palette("colorblind")):
        scores = run.scores[split]
        axes.plot(run.epochs, 100 * scores[:, 1], marker="o", label=split, color=color)
        if not split.endswith("train"):
            axes.fill_between(
                run.epochs, 100 * scores[:, 2], 100 * scores[:, 3], alpha=0.2, color=color)
    axes.set(xlabel="epoch", ylabel="accuracy (%)", title="Accuracies")
    axes.legend()


def learning_rate(run, axes):
    axes.semilogy(list(run.rates), list(run.rates.values()))
    axes.set(xlabel="step", ylabel="learning rate", title="Learning rate")


def transfer_gap(run, axes):
    source = run.scores[run.curves[1]]
    for split in run.curves[2:]:
        target = run.scores[split]
        gap = source[:, 1] - target[:, 1]
        low = gap - np.hypot(source[:, 1] - source[:, 2], target[:, 3] - target[:, 1])
        high = gap + np.hypot(source[:, 3] - source[:, 1], target[:, 1] - target[:, 2])
        axes.plot(run.epochs, 100 * gap, marker="o", label=split)
        axes.fill_between(run.epochs, 100 * low, 100 * high, alpha=0.2)
    axes.axhline(0, color="black")
    axes.set(xlabel="epoch", ylabel="gap (points)", title="Transfer gap")
    axes.legend()


def roc(run):
    splits = [s for s in run.final if s.endswith(".test")] or run.curves[1:]
    figure, panels = plt.subplots(1, len(splits), figsize=(12, 8), squeeze=False)
    for axes, split in zip(panels[0], splits):
        probabilities, labels, _ = run.final[split]
        truth = labels[:, None] == np.arange(run.classes)
        grid = np.linspace(0, 1, 400)
        mean = np.zeros_like(grid)
        for index in range(run.classes):
            x, y, _ = roc_curve(truth[:, index], probabilities[:, index])
            mean += np.interp(grid, x, y) / run.classes
            axes.plot(x, y, label=f"class {index}: AUC {auc(x, y):.3f}")
        x, y, _ = roc_curve(truth.ravel(), probabilities.ravel())
        axes.plot(x, y, label=f"micro: AUC {auc(x, y):.3f}")
        axes.plot(grid, mean, label=f"macro: AUC {auc(grid, mean):.3f}")
        axes.plot([0, 1], [0, 1], ls=":", color="grey")
        axes.set(xlabel="false positive rate", ylabel="true positive rate", title=split, aspect=1)
        axes.legend()
    return figure


def final_comparison(run):
    figure, panels = plt.subplots(1, 3, figsize=(14, 6))
    last = [run.scores[split][-1] for split in run.curves]
    values = [
        ("accuracy (%)", [100 * row[1] for row in last]),
        ("macro F1", [run.final[split][2] for split in run.curves]),
        ("loss (nats)", [row[0] for row in last]),
    ]
    for axes, (title, numbers) in zip(panels, values):
        sns.barplot(x=run.curves, y=numbers, ax=axes)
        for place, number in enumerate(numbers):
            axes.text(place, number, f"{number:.3g}", ha="center", va="bottom")
        axes.set(title=title)
    panels[0].errorbar(
        range(len(last)), values[0][1],
        yerr=[[100 * (r[1] - r[2]) for r in last], [100 * (r[3] - r[1]) for r in last]],
        fmt="none", color="black", capsize=4)
    return figure


def main():
    run, out = Run(Path(sys.argv[1])), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    sns.set_theme(style="whitegrid", context="talk")

    def save(figure, name):
        figure.tight_layout()
        figure.savefig(out / f"{name}.png", dpi=300)
        plt.close(figure)

    for draw in [losses, accuracies, learning_rate, transfer_gap]:
        figure, axes = plt.subplots(figsize=(12, 8))
        draw(run, axes)
        save(figure, draw.__name__)
    save(roc(run), "ROC")
    save(final_comparison(run), "final_comparison")
    figure, panels = plt.subplots(2, 2, figsize=(16, 12))
    for draw, axes in zip([losses, accuracies, learning_rate, transfer_gap], panels.flat):
        draw(run, axes)
    save(figure, "dashboard")


main()
