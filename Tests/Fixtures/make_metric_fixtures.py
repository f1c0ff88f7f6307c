"""Writes metrics/*.json: what scikit-learn and statsmodels make of seeded predictions.

    pip install -r requirements-metrics.txt && python make_metric_fixtures.py

Scores are multiples of 1/64, so that ties are exact in any arithmetic. A curve that does not exist
(a class without examples or without counterexamples) is null. Of what scikit-learn lacks (DeLong's
standard error, the expected calibration error) the definition is written out here.
"""

import json
import pathlib

import numpy as np
from scipy.special import log_softmax, softmax
from scipy.stats import norm
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score, auc, brier_score_loss, confusion_matrix, f1_score, log_loss, precision_recall_fscore_support,
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


def delong_error(truth, scores):
    """The standard error of an area by the definition of DeLong, DeLong and Clarke-Pearson (1988):
    every positive is compared with every negative."""
    positives, negatives = scores[truth], scores[~truth]
    if len(positives) < 2 or len(negatives) < 2:
        return None
    pairs = np.heaviside(positives[:, None] - negatives[None, :], 0.5)
    of_positives, of_negatives = pairs.mean(axis=1), pairs.mean(axis=0)
    return float(np.sqrt(of_positives.var(ddof=1) / len(positives)
                         + of_negatives.var(ddof=1) / len(negatives)))


def certainty(example):
    """How sure areas are, and how far probabilities can be believed."""
    classes, labels = example["classes"], np.array(example["labels"])
    scores = np.array(example["scores"]).reshape(-1, classes)
    probabilities = softmax(scores, axis=1)
    confidences, hits = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    accuracies, means = calibration_curve(hits, confidences, n_bins=15)
    # calibration_curve leaves out empty bins and does not say how many examples the others hold.
    places = np.searchsorted(np.linspace(0, 1, 16)[1:-1], confidences)
    counts = np.bincount(places, minlength=15)
    full = counts[counts > 0]
    losses = -log_softmax(scores, axis=1)[range(len(labels)), labels]
    spread = norm.ppf(0.975) * losses.std(ddof=1) / np.sqrt(len(losses)) if len(losses) > 1 else 0
    return {
        "name": example["name"],
        "errors": [delong_error(labels == k, scores[:, k]) for k in range(classes)],
        "counts": counts.tolist(), "confidences": means.tolist(), "accuracies": accuracies.tolist(),
        "ece": float((full * np.abs(accuracies - means)).sum() / full.sum()),
        "brier": float(brier_score_loss(
            labels, probabilities, labels=list(range(classes)), scale_by_half=False)),
        "loss_interval":
            [float(losses.mean() - spread), float(losses.mean() + spread)] if spread > 0 else None,
    }


def macro_f1_intervals():
    """Percentile intervals of macro F1 from 20,000 draws of examples; ours may differ by chance."""
    random = np.random.default_rng(11)
    for counts in ([[80, 12, 8], [10, 90, 6], [5, 15, 60]], [[30, 2], [9, 4]], [[400, 20], [3, 7]]):
        matrix = np.array(counts)
        draws = random.multinomial(matrix.sum(), matrix.ravel() / matrix.sum(), size=20_000)
        draws = draws.reshape(-1, *matrix.shape)
        hits = np.diagonal(draws, axis1=1, axis2=2)
        f1 = 2 * hits / np.maximum(draws.sum(axis=1) + draws.sum(axis=2), 1)
        lower, upper = np.quantile(f1.mean(axis=1), [0.025, 0.975])
        yield {"counts": matrix.ravel().tolist(), "classes": len(matrix),
               "lower": float(lower), "upper": float(upper)}


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
classification = list(cases())
write("classification.json", classification)
write("certainty.json", [certainty(example) for example in classification])
write("bootstrap.json", list(macro_f1_intervals()))
write("probabilities.json", probability_case())
write("intervals.json", intervals())
