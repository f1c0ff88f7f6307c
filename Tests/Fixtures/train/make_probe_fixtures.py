"""Writes what LogisticRegressionTests and ProbeTests compare against, of scikit-learn and transformers.

    pip install -r requirements.txt -r ../requirements-metrics.txt && python make_probe_fixtures.py

logistic_regression.json  LogisticRegression of seeded examples. Features are multiples of 1/64, so that they are the same
                          numbers in 32 and in 64 bits.
probe.json                a probe of every layer of model/ on data/: which strength validation chooses, and the scores

Everything is fitted until the gradient vanishes to rounding, so that what is left of a difference is the other side's
tolerance.
"""

import csv
import json
import pathlib
import warnings

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from transformers import BertModel, BertTokenizerFast

FOLDER = pathlib.Path(__file__).parent


STRENGTHS = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]


def fitted(features, labels, strength):
    with warnings.catch_warnings():
        # It says that it cannot come closer to zero than rounding allows.
        warnings.simplefilter("ignore")
        return LogisticRegression(C=strength, tol=1e-12, max_iter=100_000).fit(features, labels)


def case(name, seed, classes, rows, columns, strength, spread=1.0):
    """A fit, and its scores of examples that it has not seen."""
    random = np.random.default_rng(seed)

    def sixty_fourths(x):
        return np.round(x * 64) / 64

    centres = random.normal(size=(classes, columns)) * spread
    labels = np.concatenate([np.arange(classes), random.integers(classes, size=rows - classes)])
    features = sixty_fourths(centres[labels] * 0.5 + random.normal(size=(rows, columns)) + 0.25)
    others = sixty_fourths(random.normal(size=(5, columns)) * 2)
    model = fitted(features, labels, strength)
    scores = model.decision_function(others)
    return {
        "name": name, "classes": classes, "columns": columns, "strength": strength,
        "features": features.ravel().tolist(), "labels": labels.tolist(), "others": others.ravel().tolist(),
        # One row of weights for two classes: the second's minus the first's.
        "coefficients": model.coef_.ravel().tolist(), "intercepts": model.intercept_.tolist(),
        "scores": scores.ravel().tolist(), "predictions": model.predict(others).tolist(),
        "training_predictions": model.predict(features).tolist(),
    }


CASES = [
    case("three classes", 1, 3, 60, 8, 1.0),
    case("three classes, a strong penalty", 2, 3, 60, 8, 1e-3),
    case("three classes, hardly a penalty", 3, 3, 90, 4, 1e3, spread=0.3),
    case("two classes", 4, 2, 50, 6, 0.1),
    case("more columns than rows", 5, 4, 20, 40, 0.5),
]

def texts(name):
    with open(FOLDER / "data" / f"{name}.tsv") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file, delimiter="\t")]


def pooled(model, tokenizer, rows):
    """What each layer makes of each text: the mean over its tokens, then the first token's; [layers + 1, texts, 2 H]."""
    batch = tokenizer([text for text, _ in rows], padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(**batch, output_hidden_states=True).hidden_states
    mask = batch["attention_mask"].unsqueeze(-1).double()
    return [torch.cat([(x * mask).sum(1) / mask.sum(1), x[:, 0]], dim=1).numpy() for x in states]


def probe():
    labels = ["negative", "neutral", "positive"]
    words = (FOLDER / "model" / "vocab.txt").read_text().split()
    tokenizer = BertTokenizerFast(vocab={word: number for number, word in enumerate(words)})
    model = BertModel.from_pretrained(FOLDER / "model", attn_implementation="eager").double().eval()
    rows = {name: texts(name) for name in ["train", "validation", "target"]}
    features = {name: pooled(model, tokenizer, rows[name]) for name in rows}
    truth = {name: np.array([labels.index(label) for _, label in rows[name]]) for name in rows}
    result = []
    for layer, training in enumerate(features["train"]):
        scaler = StandardScaler().fit(training)
        scaled = {name: scaler.transform(features[name][layer]) for name in rows}
        best = None
        for strength in STRENGTHS:
            fit = fitted(scaled["train"], truth["train"], strength)
            accuracy = float((fit.predict(scaled["validation"]) == truth["validation"]).mean())
            if best is None or accuracy > best["validation_accuracy"]:
                best = {"layer": layer, "strength": strength, "validation_accuracy": accuracy}
                for name in ["validation", "target"]:
                    best[name] = fit.decision_function(scaled[name]).ravel().tolist()
        result.append(best)
    return result


if __name__ == "__main__":
    (FOLDER / "probe.json").write_text(json.dumps(probe(), separators=(",", ":")) + "\n")
    text = json.dumps(CASES, separators=(",", ":"))
    (FOLDER / "logistic_regression.json").write_text(text.replace("},{", "},\n{") + "\n")
