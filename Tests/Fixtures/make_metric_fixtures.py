"""Writes metrics/*.json: what scikit-learn and statsmodels make of seeded predictions.

    pip install -r requirements-metrics.txt && python make_metric_fixtures.py

Scores are multiples of 1/64, so that ties are exact in any arithmetic. A curve that does not exist
(a class without examples or without counterexamples) is null. Of what scikit-learn lacks (DeLong's
standard error, the expected calibration error) the definition is written out here.
"""

import json
import math
import pathlib

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import betainc, gammaln, log_softmax, ndtr, ndtri, softmax
from scipy.stats import bootstrap, foldnorm, norm, spearmanr, t as student, ttest_1samp, ttest_ind
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score, auc, brier_score_loss, confusion_matrix, f1_score, log_loss, matthews_corrcoef,
    precision_recall_fscore_support,
    roc_auc_score, roc_curve)
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired
from statsmodels.stats.proportion import (
    confint_proportions_2indep, power_proportions_2indep, proportion_confint)

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


def macro_area_error(labels, scores):
    """The standard error of the mean one-versus-rest area: DeLong's covariance of the classes'
    areas, whose components are written out example by example."""
    classes = scores.shape[1]
    if any((labels == k).sum() < 2 or (labels != k).sum() < 2 for k in range(classes)):
        return None
    influence = np.zeros((classes, len(labels)))
    for k in range(classes):
        yes, no = np.flatnonzero(labels == k), np.flatnonzero(labels != k)
        pairs = np.heaviside(scores[yes, k][:, None] - scores[no, k][None, :], 0.5)
        for side, parts in ((yes, pairs.mean(axis=1)), (no, pairs.mean(axis=0))):
            n = len(side)
            influence[k, side] = (parts - parts.mean()) / np.sqrt(n * (n - 1))
    # The sum of the covariance matrix, without the rounding that would leave some of it below 0.
    return float(np.linalg.norm(influence.sum(axis=0)) / classes)


def debiased_error(counts, accuracies, confidences):
    """Kumar, Liang, Ma (2019): the plug-in error less the bias that normal noise of each bin's
    accuracy would add; the mean absolute value of a normal is SciPy's folded normal's."""
    distances = np.abs(accuracies - confidences)
    deviations = np.sqrt(accuracies * (1 - accuracies) / counts)
    expected = np.array([foldnorm.mean(d / s, scale=s) if s > 0 else d
                         for d, s in zip(distances, deviations)])
    return float(max(0, (counts * (2 * distances - expected)).sum() / counts.sum()))


def mean_interval(values):
    """The normal interval of a mean; nothing where the values do not vary."""
    if len(values) < 2 or values.std() < 1e-9:
        return None
    return [float(x) for x in norm.interval(
        0.95, values.mean(), values.std(ddof=1) / np.sqrt(len(values)))]


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
        "debiased": debiased_error(full, accuracies, means),
        "brier_interval": mean_interval(((probabilities - np.eye(classes)[labels]) ** 2).sum(axis=1)),
        "macro_error": macro_area_error(labels, scores),
        "loss_interval":
            [float(losses.mean() - spread), float(losses.mean() + spread)] if spread > 0 else None,
    }


def macro_f1_intervals():
    """SciPy's BCa intervals of macro F1 from 20,000 draws; ours may differ by chance."""
    random = np.random.default_rng(11)
    for counts in ([[80, 12, 8], [10, 90, 6], [5, 15, 60]], [[30, 2], [9, 4]], [[400, 20], [3, 7]],
                   [[190, 15, 5], [20, 80, 2], [3, 3, 6]]):
        matrix = np.array(counts)
        classes = len(matrix)
        examples = np.repeat(np.arange(matrix.size), matrix.ravel())

        def macro_f1(cells, axis):
            drawn = np.stack([(cells == cell).sum(axis=axis) for cell in range(matrix.size)], axis=-1)
            drawn = drawn.reshape(*drawn.shape[:-1], classes, classes)
            hits = np.diagonal(drawn, axis1=-2, axis2=-1)
            return (2 * hits / np.maximum(drawn.sum(axis=-1) + drawn.sum(axis=-2), 1)).mean(axis=-1)

        lower, upper = bootstrap(
            (examples,), macro_f1, n_resamples=20_000, vectorized=True, axis=-1, method="BCa",
            rng=random).confidence_interval
        yield {"counts": matrix.ravel().tolist(), "classes": classes,
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


def distributions():
    """Elementary functions and distributions; math and SciPy's special functions."""
    points = [-750, -700.5, -87.3, -20, -1, -0.3, -1e-9, 0, 1e-300, 1e-9, 0.34, 0.35, 1, 2.5, 88.7, 709.7]
    positive = [5e-324, 1e-310, 1e-300, 0.1, 0.5, 0.7071, 0.70711, 1 - 1e-12, 1, 1 + 1e-12, 1.4142,
                1.41422, 2, 3, 10, 1821, 1e300]
    normal = [-30, -8, -5, -3.0001, -2.9999, -1.96, -1, -0.1, 0, 1e-8, 0.5, 1.7, 3, 3.5, 6, 9]
    shares = [1e-12, 1e-4, 0.001, 0.025, 0.2, 0.5, 0.6, 0.9, 0.975, 0.9999]
    degrees = [1, 2, 3.7, 4, 9, 30, 868.4]
    return {
        "exponential": [[x, math.exp(x)] for x in points],
        "logarithm": [[x, math.log(x)] for x in positive],
        "log_gamma": [[x, float(gammaln(x))] for x in (0.5, 1, 1.5, 2, 4.5, 11.9, 12, 100.5, 1e4)],
        "beta": [[x, a, b, float(betainc(a, b, x))] for x in (0.001, 0.2, 0.5, 0.9)
                 for a, b in ((0.5, 0.5), (2, 0.5), (5, 3), (200, 0.5), (30, 40))],
        "normal_share": [[x, float(ndtr(x))] for x in normal],
        "normal_quantile": [[p, float(ndtri(p))] for p in shares],
        "t_share": [[x, d, float(student.cdf(x, d))] for x in (-6, -2, -0.3, 0, 1, 4) for d in degrees],
        "t_quantile": [[p, d, float(student.ppf(p, d))] for p in (0.025, 0.05, 0.4, 0.95) for d in degrees],
    }


def differences():
    """Power and smallest detectable difference of two shares, after statsmodels; ratios of sums and
    Kitagawa's decomposition, written out."""
    def power(p, n, q, m):
        return float(power_proportions_2indep(p - q, q, n, ratio=m / n, alpha=0.05, return_results=False))

    powers, smallest = [], []
    for p, n, q, m in ((0.8, 324, 0.7, 324), (0.65, 870, 0.6, 324), (0.9, 100, 0.9, 50),
                       (0.55, 870, 0.62, 1821), (0.99, 60, 0.8, 40)):
        powers.append([p, n, q, m, power(p, n, q, m)])
        smallest.append(
            [p, n, m, float(brentq(lambda d: power(p, n, p - d, m) - 0.8, 1e-6, p - 1e-6, xtol=1e-14))])

    def paired(d, psi, n):
        return norm.cdf((np.sqrt(n) * d - norm.ppf(0.975) * np.sqrt(psi)) / np.sqrt(psi - d * d)) - 0.8

    pairs = [[psi, n, float(brentq(paired, 1e-9, psi - 1e-9, args=(psi, n), xtol=1e-14))]
             for psi, n in ((0.2, 324), (0.05, 870), (0.5, 40))]
    random = np.random.default_rng(3)
    ratios = []
    for n in (2, 40, 324):
        x, y = random.integers(1, 30, n), random.integers(0, 50, n)
        r = y.sum() / x.sum()
        half = norm.ppf(0.975) * (y - r * x).std(ddof=1) / np.sqrt(n) / x.mean()
        # The residuals' mean is 0 by construction, so ddof=1 is the whole correction.
        ratios.append({"y": y.tolist(), "x": x.tolist(), "value": float(r),
                       "interval": [float(max(0, r - half)), float(r + half)]})
    parts = []
    for groups in (1, 3, 5):
        n, m = random.integers(5, 200, groups), random.integers(5, 200, groups)
        a, b = random.binomial(n, 0.8), random.binomial(m, 0.6)
        s, t, p, q = n / n.sum(), m / m.sum(), a / n, b / m
        parts.append({"a": [a.tolist(), n.tolist()], "b": [b.tolist(), m.tolist()],
                      "composition": ((s - t) * (p + q) / 2).tolist(),
                      "within": ((p - q) * (s + t) / 2).tolist()})
    return {"power": powers, "smallest": smallest, "smallest_paired": pairs, "ratios": ratios,
            "decompositions": parts}


def difference_intervals():
    """Percentile intervals from 200,000 draws of examples with NumPy; ours may differ by chance."""
    random = np.random.default_rng(13)
    unpaired, paired = [], []
    for a, n, b, m in ((260, 324, 201, 324), (700, 870, 690, 870), (300, 324, 30, 60)):
        x = random.binomial(n, a / n, 200_000) / n
        y = random.binomial(m, b / m, 200_000) / m
        unpaired.append([a, n, b, m, *np.quantile(x - y, [0.025, 0.975]), *np.quantile((x - y) / x, [0.025, 0.975])])
    for counts in ((200, 40, 20, 64), (500, 10, 60, 300)):
        draws = random.multinomial(sum(counts), np.array(counts) / sum(counts), 200_000)
        x, y = draws[:, 0] + draws[:, 1], draws[:, 0] + draws[:, 2]
        paired.append([*counts, *np.quantile((x - y) / sum(counts), [0.025, 0.975]),
                       *np.quantile((x - y) / x, [0.025, 0.975])])
    return {"unpaired": unpaired, "paired": paired}


def epochs():
    """Rank correlations after SciPy, and temperatures after SciPy's minimiser."""
    random = np.random.default_rng(17)
    series = [([1, 2, 3], [1, 3, 2]), ([1, 1, 2, 3, 3, 3], [2, 1, 1, 5, 4, 4])]
    series += [(random.integers(0, 6, n).tolist(), random.integers(0, 6, n).tolist()) for n in (4, 9, 30)]
    correlations = [[a, b, float(spearmanr(a, b).statistic)] for a, b in series]
    temperatures = []
    for n, classes, scale in ((60, 3, 3.0), (40, 2, 0.5), (90, 4, 1.0)):
        labels = random.integers(0, classes, n)
        logits = random.normal(size=(n, classes))
        logits[range(n), labels] += 1
        logits = np.round(logits * scale * 64) / 64

        def slopes(beta):
            p = softmax(beta * logits, axis=1)
            return (p * logits).sum(axis=1) - logits[range(n), labels]

        best = minimize_scalar(lambda t: -log_softmax(logits / np.exp(t), axis=1)[range(n), labels].mean(),
                               bracket=(-1, 1), tol=1e-12).x
        beta = brentq(lambda v: slopes(v).mean(), 1e-3, 100, xtol=1e-15)
        assert abs(np.log(beta) + best) < 1e-6
        step = 1e-6
        curvature = (slopes(beta + step).mean() - slopes(beta - step).mean()) / (2 * step)
        error = np.sqrt((slopes(beta) ** 2).mean() / n) / curvature / beta
        temperatures.append({
            "classes": classes, "labels": labels.tolist(), "logits": logits.ravel().tolist(),
            "temperature": 1 / beta,
            "interval": [float(v) for v in np.exp(-np.log(beta) + norm.ppf([0.025, 0.975]) * error)]})
    return {"correlations": correlations, "temperatures": temperatures}


def comparisons():
    """Tests and intervals of comparing networks, after statsmodels and SciPy."""
    random = np.random.default_rng(23)
    tests = [[b, c, float(mcnemar([[5, b], [c, 7]], exact=True).pvalue)]
             for b, c in ((0, 0), (1, 0), (0, 6), (5, 5), (10, 25), (3, 40), (60, 61), (300, 250))]
    equivalences = []
    for both, a, b, neither in ((200, 6, 7, 111), (500, 30, 10, 330), (20, 1, 0, 9)):
        right_a = np.repeat([1.0, 1, 0, 0], [both, a, b, neither])
        right_b = np.repeat([1.0, 0, 1, 0], [both, a, b, neither])
        for margin in (0.01, 0.05):
            p = float(ttost_paired(right_a, right_b, -margin, margin)[0])
            interval = ttest_1samp(right_a - right_b, 0).confidence_interval(0.9)
            equivalences.append([both, a, b, neither, margin, p, float(interval.low), float(interval.high)])
    families = []
    for n in (1, 2, 5, 9):
        p = np.round(random.random(n) ** 3, 6)
        families.append([p.tolist(), multipletests(p, method="holm")[1].tolist()])
    labels = random.integers(0, 3, 240)
    a, b = ((np.where(random.random(240) < skill, labels, random.integers(0, 3, 240))) for skill in (0.7, 0.6))
    examples = np.stack([labels, a, b])

    def difference(l, x, y, axis=-1):
        def macro_f1(p):
            f1 = [2 * ((l == k) & (p == k)).sum(axis=axis)
                  / ((l == k).sum(axis=axis) + (p == k).sum(axis=axis)) for k in range(3)]
            return np.mean(f1, axis=0)
        return macro_f1(x) - macro_f1(y)

    bca = bootstrap(tuple(examples), difference, paired=True, vectorized=True, n_resamples=20_000,
                    method="BCa", rng=random).confidence_interval
    seeds = [[v, [float(x) for x in ttest_1samp(v, 0).confidence_interval(0.95)], float(np.std(v, ddof=1))]
             for v in ([0.71, 0.74, 0.7], [0.5, 0.6], [0.81, 0.8, 0.83, 0.79, 0.82])]
    welch = []
    for x, y in (([31.0, 29.5, 30.2], [40.1, 41.9, 44.0]), ([1.0, 2.0, 4.0, 3.0], [2.0, 2.5])):
        result = ttest_ind(x, y, equal_var=False)
        interval = result.confidence_interval(0.95)
        welch.append([x, y, float(np.mean(x) - np.mean(y)), float(interval.low), float(interval.high),
                      float(result.df), float(ttest_ind(x, y, equal_var=False, alternative="less").pvalue)])
    tables = []
    for rows, columns in ((2, 7), (5, 40)):
        table = (random.random((rows, columns)) + random.random(columns) + random.random((rows, 1)) / 3 < 1.2)
        table = table.astype(float)
        mean = table.mean()
        of_rows, of_columns = table.mean(axis=1), table.mean(axis=0)
        rest = ((table - of_rows[:, None] - of_columns + mean) ** 2).sum() / (rows - 1) / (columns - 1)
        tables.append({"table": table.astype(int).tolist(), "rest": float(rest),
                       "seeds": float(max(0, columns * of_rows.var(ddof=1) - rest) / columns),
                       "examples": float(max(0, rows * of_columns.var(ddof=1) - rest) / rows)})
    return {"mcnemar": tests, "equivalence": equivalences, "holm": families, "seeds": seeds, "welch": welch,
            "tables": tables,
            "macro_f1": {"labels": labels.tolist(), "a": a.tolist(), "b": b.tolist(),
                         "value": float(difference(labels, a, b)),
                         "lower": float(bca.low), "upper": float(bca.high)}}


def several_languages():
    """Gaps in macro F1 and means over targets: SciPy's BCa and NumPy's percentiles; ours may differ by chance."""
    random = np.random.default_rng(29)

    def macro_f1(drawn, classes):
        drawn = drawn.reshape(*drawn.shape[:-1], classes, classes)
        hits = np.diagonal(drawn, axis1=-2, axis2=-1)
        sums = drawn.sum(axis=-1) + drawn.sum(axis=-2)
        return (2 * hits / np.maximum(sums, 1)).sum(axis=-1) / (sums > 0).sum(axis=-1)

    def cells(examples, axis, size):
        return np.stack([(examples == cell).sum(axis=axis) for cell in range(size)], axis=-1)

    gaps, means = [], []
    for languages in (
            [[[80, 12, 8], [10, 90, 6], [5, 15, 60]], [[60, 20, 20], [15, 70, 20], [12, 25, 48]]],
            [[[400, 20], [6, 24]], [[300, 60], [10, 12]]],
            [[[30, 2], [9, 19]], [[20, 8], [9, 13]], [[12, 9], [11, 10]]],
            [[[90, 10, 4], [12, 80, 9], [6, 8, 70]], [[70, 20, 14], [20, 60, 21], [11, 13, 60]],
             [[85, 9, 10], [14, 77, 10], [9, 11, 64]], [[50, 10, 4], [8, 41, 9], [7, 5, 40]]]):
        matrices = [np.array(m) for m in languages]
        classes = len(matrices[0])
        samples = [np.repeat(np.arange(m.size), m.ravel()) for m in matrices]
        for matrix in matrices:
            labels = np.repeat(np.arange(matrix.size) // classes, matrix.ravel())
            answers = np.repeat(np.arange(matrix.size) % classes, matrix.ravel())
            assert np.isclose(f1_score(labels, answers, average="macro"), macro_f1(matrix.ravel(), classes))

        def gap(*drawn, axis):
            values = [macro_f1(cells(d, axis, classes * classes), classes) for d in drawn]
            return values[0] - np.mean(values[1:], axis=0)

        def mean(*drawn, axis):
            return np.mean([macro_f1(cells(d, axis, classes * classes), classes) for d in drawn], axis=0)

        def bca(samples, statistic):
            interval = bootstrap(
                samples, statistic, n_resamples=20_000, vectorized=True, axis=-1, method="BCa", batch=1000,
                rng=random).confidence_interval
            return [float(statistic(*samples, axis=-1)), float(interval.low), float(interval.high)]

        counts = [m.ravel().tolist() for m in matrices]
        if len(matrices) == 2:
            gaps.append({"classes": classes, "counts": counts, "gap": bca(samples, gap)})
            continue
        shares = [random.binomial(m.sum(), np.trace(m) / m.sum(), 200_000) / m.sum() for m in matrices]
        observed = [np.trace(m) / m.sum() for m in matrices]

        def percentiles(drawn, value):
            return [float(value), *map(float, np.quantile(drawn, [0.025, 0.975]))]

        means.append({
            "classes": classes, "counts": counts,
            "accuracy": percentiles(np.mean(shares[1:], axis=0), np.mean(observed[1:])),
            "accuracy_gap": percentiles(
                shares[0] - np.mean(shares[1:], axis=0), observed[0] - np.mean(observed[1:])),
            "macro_f1": bca(samples[1:], mean), "macro_f1_gap": bca(samples, gap)})
    # The p-value at which a percentile interval reaches zero, from as many draws.
    tests = []
    for a, n, b, m in ((260, 324, 236, 324), (700, 870, 690, 870), (200, 324, 236, 324), (300, 400, 300, 400)):
        x = random.binomial(n, a / n, 2_000_000) / n - random.binomial(m, b / m, 2_000_000) / m
        # Counts of one denominator differ by nothing or by at least 1/n.
        tests.append([a, n, b, m, float(min(1, 2 * min((x < 1e-9).mean(), (x > -1e-9).mean())))])
    # Where counts are small: the level at which Newcombe's interval reaches zero.
    for a, n, b, m in ((60, 60, 55, 60), (8, 40, 1, 30), (3, 3, 0, 3)):
        side = 0 if a / n > b / m else 1
        level = brentq(lambda alpha: confint_proportions_2indep(
            a, n, b, m, method="newcomb", compare="diff", alpha=alpha)[side], 1e-9, 1 - 1e-9, xtol=1e-14)
        tests.append([a, n, b, m, float(level)])
    return {"gaps": gaps, "means": means, "tests": tests}


def write(name, value):
    text = json.dumps(value, allow_nan=False)
    (FOLDER / name).write_text(text.replace("}, {", "},\n{").replace("], [", "],\n[") + "\n")


def unanswered():
    """Answers some of which are missing: a label of their own, which is left out of the classes."""
    random = np.random.default_rng(2026)
    truth = random.integers(0, 3, 150)
    answers = np.where(random.random(150) < 0.6, truth, random.integers(0, 3, 150))
    answers = np.where(random.random(150) < 0.15, 3, answers)
    precision, recall, f1, _ = precision_recall_fscore_support(truth, answers, labels=range(3), zero_division=0)
    return {
        "labels": truth.tolist(), "predictions": [None if answer == 3 else int(answer) for answer in answers],
        "accuracy": float(accuracy_score(truth, answers)),
        "macro_f1": float(f1_score(truth, answers, labels=range(3), average="macro")),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist()}


def matthews_correlations(classification, missing):
    """scikit-learn's coefficient of every case, and SciPy's BCa intervals of one, of a gap and of a difference."""
    random = np.random.default_rng(1975)

    def coefficient(matrix):
        """matthews_corrcoef of many matrices of counts; checked against it below."""
        total, hits = matrix.sum(axis=(-2, -1)), np.trace(matrix, axis1=-2, axis2=-1)
        labels, answers = matrix.sum(axis=-1), matrix.sum(axis=-2)
        both = hits * total - (labels * answers).sum(axis=-1)
        spread = (total**2 - (labels**2).sum(axis=-1)) * (total**2 - (answers**2).sum(axis=-1))
        return np.where(spread > 0, both / np.sqrt(np.maximum(spread, 1)), 0)

    def counted(cells, axis, classes):
        drawn = np.stack([(cells == cell).sum(axis=axis) for cell in range(classes**2)], axis=-1)
        return coefficient(drawn.reshape(*drawn.shape[:-1], classes, classes).astype(float))

    def bca(samples, statistic, paired=False):
        interval = bootstrap(
            samples, statistic, paired=paired, n_resamples=20_000, vectorized=True, axis=-1, method="BCa", batch=1000,
            rng=random).confidence_interval
        return [float(statistic(*samples, axis=-1)), float(interval.low), float(interval.high)]

    def of_cells(cells, classes):
        return matthews_corrcoef(cells // classes, cells % classes)

    intervals = []
    for counts in ([[80, 12, 8], [10, 90, 6], [5, 15, 60]], [[30, 2], [9, 4]], [[400, 20], [3, 7]],
                   [[12, 20, 18], [22, 10, 19], [16, 21, 12]]):
        matrix = np.array(counts)
        classes = len(matrix)
        examples = np.repeat(np.arange(matrix.size), matrix.ravel())
        assert np.isclose(of_cells(examples, classes), coefficient(matrix.astype(float)))
        value = bca((examples,), lambda cells, axis: counted(cells, axis, classes))
        intervals.append({"counts": matrix.ravel().tolist(), "classes": classes, "interval": value})

    gaps = []
    for languages in (
            [[[80, 12, 8], [10, 90, 6], [5, 15, 60]], [[60, 20, 20], [15, 70, 20], [12, 25, 48]]],
            [[[400, 20], [6, 24]], [[300, 60], [10, 12]]]):
        matrices = [np.array(m) for m in languages]
        classes = len(matrices[0])
        samples = tuple(np.repeat(np.arange(m.size), m.ravel()) for m in matrices)
        gap = bca(samples, lambda a, b, axis: counted(a, axis, classes) - counted(b, axis, classes))
        assert np.isclose(gap[0], of_cells(samples[0], classes) - of_cells(samples[1], classes))
        gaps.append({"classes": classes, "counts": [m.ravel().tolist() for m in matrices], "gap": gap})

    labels = random.integers(0, 3, 240)
    a, b = (np.where(random.random(240) < skill, labels, random.integers(0, 3, 240)) for skill in (0.7, 0.6))
    difference = bca(
        (labels, a, b), lambda l, x, y, axis: counted(3 * l + x, axis, 3) - counted(3 * l + y, axis, 3), paired=True)
    assert np.isclose(difference[0], matthews_corrcoef(labels, a) - matthews_corrcoef(labels, b))
    answers = [3 if answer is None else answer for answer in missing["predictions"]]
    return {
        "cases": [float(matthews_corrcoef(c["labels"], c["predictions"])) for c in classification],
        "unanswered": float(matthews_corrcoef(missing["labels"], answers)),
        "intervals": intervals, "gaps": gaps,
        "difference": {"labels": labels.tolist(), "a": a.tolist(), "b": b.tolist(), "difference": difference}}


FOLDER.mkdir(exist_ok=True)
classification = list(cases())
write("classification.json", classification)
write("certainty.json", [certainty(example) for example in classification])
write("unanswered.json", unanswered())
write("bootstrap.json", list(macro_f1_intervals()))
write("probabilities.json", probability_case())
write("intervals.json", intervals())
write("distributions.json", distributions())
write("differences.json", differences())
write("epochs.json", epochs())
write("comparisons.json", comparisons())
write("difference_intervals.json", difference_intervals())
write("languages.json", several_languages())
write("matthews_correlations.json", matthews_correlations(classification, unanswered()))
