"""Writes metrics/*.json: what scikit-learn and statsmodels make of seeded predictions.

    pip install -r requirements-metrics.txt && python make_metric_fixtures.py

Scores are multiples of 1/64, so that ties are exact in any arithmetic. A curve that does not exist
(a class without examples or without counterexamples) is null.
"""

import json
import pathlib

import numpy as np
from scipy.special import log_softmax, softmax
from sklearn.metrics import (
    accuracy_score, auc, confusion_matrix, f1_score, log_loss, precision_recall_fscore_support,
    roc_auc_score, roc_curve)
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

FOLDER = pathlib.Path(__file__).parent / "metrics"


def curve(truth, scores):
    """The ROC curve of a binary question as scikit-learn draws it."""
    if truth.all() or not truth.any():
        return None
    fpr, tpr, _ = roc_curve(truth, scores)
    return {"fpr": fpr.tolist(), "tpr": tpr.tolist(), "auc": float(auc(fpr, tpr))}


def macro_curve(curves):
    """The mean curve over all false positive rates that occur, as in scikit-learn's example
    "Multiclass Receiver Operating Characteristic"."""
    if any(c is None for c in curves):
        return None
    grid = np.unique(np.concatenate([c["fpr"] for c in curves]))
    mean = np.mean([np.interp(grid, c["fpr"], c["tpr"]) for c in curves], axis=0)
    return {"fpr": grid.tolist(), "tpr": mean.tolist(), "auc": float(auc(grid, mean))}


def case(name, classes, labels, scores):
    """All metrics of one set of predictions."""
    labels, scores = np.asarray(labels), np.asarray(scores, dtype=np.float32)
    assert scores.shape == (len(labels), classes)
    predictions = scores.argmax(axis=1)
    everything = list(range(classes))
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predictions, labels=everything, zero_division=0)
    doubles = scores.astype(np.float64)
    truth = np.eye(classes)[labels]
    curves = [curve(truth[:, k] == 1, doubles[:, k]) for k in everything]
    probabilities = softmax(doubles, axis=1)
    return {
        "name": name, "classes": classes, "labels": labels.tolist(),
        "scores": doubles.ravel().tolist(), "predictions": predictions.tolist(),
        "accuracy": float(accuracy_score(labels, predictions)),
        "macro_f1": float(f1_score(labels, predictions, average="macro", zero_division=0)),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(),
        "support": support.astype(int).tolist(),
        "confusion": confusion_matrix(labels, predictions, labels=everything).ravel().tolist(),
        "log_loss": float(log_loss(labels, probabilities, labels=everything)),
        "cross_entropy": float(-log_softmax(doubles, axis=1)[range(len(labels)), labels].mean()),
        "curves": curves, "micro": curve(truth.ravel() == 1, doubles.ravel()),
        "macro": macro_curve(curves),
        "macro_auc":
            None if None in curves else float(np.mean([c["auc"] for c in curves])),
    }


def cases():
    random = np.random.default_rng(20240611)

    def scores(labels, classes, skill, grain=64):
        noise = random.normal(size=(len(labels), classes))
        noise[range(len(labels)), labels] += skill
        return np.round(noise * grain) / grain

    labels = random.integers(0, 3, 150)
    yield case("three classes", 3, labels, scores(labels, 3, 1.0))
    labels = random.choice(3, 200, p=[0.7, 0.2, 0.1])
    yield case("unbalanced", 3, labels, scores(labels, 3, 0.6))
    labels = random.integers(0, 2, 80)
    yield case("two classes", 2, labels, scores(labels, 2, 0.8))
    labels = random.integers(0, 20, 160)
    yield case("twenty classes", 20, labels, scores(labels, 20, 1.5, grain=4))
    labels = random.integers(0, 3, 90)
    never = scores(labels, 3, 1.0)
    never[:, 2] -= 20
    yield case("a class never predicted", 3, labels, never)
    labels = random.integers(0, 3, 90)
    yield case("ties everywhere", 3, labels, np.round(scores(labels, 3, 0.7)))
    labels = random.integers(0, 3, 30)
    yield case("all scores equal", 3, labels, np.zeros((30, 3)))
    labels = random.choice([0, 2], 60)
    yield case("a class never occurs", 3, labels, scores(labels, 3, 1.0))
    absent = scores(labels, 3, 1.0)
    absent[:, 1] -= 20
    yield case("a class neither occurs nor is predicted", 3, labels, absent)
    yield case("one class only", 3, [1] * 12, scores([1] * 12, 3, 0.5))
    labels = np.arange(30) % 3
    yield case("perfect", 3, labels, np.eye(3)[labels] * 8)
    yield case("always wrong", 3, labels, np.eye(3)[(labels + 1) % 3] * 8)
    yield case("one example", 3, [2], [[0.25, -0.5, 0.125]])
    # The first threshold lies on the line from the origin to the second.
    yield case(
        "collinear from the start", 2, [1, 0, 1, 0, 1, 0, 0, 1],
        [[0, 3], [0, 3], [0, 2], [0, 2], [0, 1], [0, 1], [0, -1], [0, -2]])
    labels = random.integers(0, 3, 40)
    yield case("large logits", 3, labels, scores(labels, 3, 1.0) * 256)


def probability_case():
    """A case whose probabilities are kept to the last bit, for roc_auc_score itself."""
    random = np.random.default_rng(7)
    labels = random.integers(0, 3, 60)
    logits = random.normal(size=(60, 3)).astype(np.float32)
    logits[range(60), labels] += 1
    probabilities = softmax(logits.astype(np.float64), axis=1)
    truth = np.eye(3)[labels]
    return {
        "classes": 3, "labels": labels.tolist(), "logits": logits.ravel().tolist(),
        "probabilities": probabilities.ravel().tolist(),
        "macro_auc": roc_auc_score(labels, probabilities, multi_class="ovr", average="macro"),
        "micro_auc": roc_auc_score(truth, probabilities, average="micro"),
        "log_loss": float(log_loss(labels, probabilities)),
    }


def intervals():
    counts = [(0, 1), (1, 1), (0, 10), (10, 10), (1, 10), (5, 10), (17, 40), (312, 400),
              (324, 400), (399, 400), (870, 1821), (99_999, 100_000), (0, 3), (2, 3)]
    wilson = []
    for successes, total in counts:
        lower, upper = proportion_confint(successes, total, alpha=0.05, method="wilson")
        wilson.append([successes, total, float(lower), float(upper)])
    newcombe = []
    for a in counts:
        for b in counts:
            lower, upper = confint_proportions_2indep(
                *a, *b, method="newcomb", compare="diff", alpha=0.05)
            newcombe.append([*a, *b, float(lower), float(upper)])
    return {"wilson": wilson, "newcombe": newcombe}


def write(name, value):
    text = json.dumps(value, allow_nan=False)
    (FOLDER / name).write_text(text.replace("}, {", "},\n{").replace("], [", "],\n[") + "\n")


FOLDER.mkdir(exist_ok=True)
write("classification.json", list(cases()))
write("probabilities.json", probability_case())
write("intervals.json", intervals())
