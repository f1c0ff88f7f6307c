"""Writes logistic_regression.json: what scikit-learn's LogisticRegression makes of seeded examples.

    pip install -r ../requirements-metrics.txt && python make_probe_fixtures.py

Features are multiples of 1/64, so that they are the same numbers in 32 and in 64 bits. Each is fitted until the gradient
vanishes to rounding, so that what is left of a difference is the other side's tolerance.
"""

import json
import pathlib
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression

FOLDER = pathlib.Path(__file__).parent


def case(name, seed, classes, rows, columns, strength, spread=1.0):
    """A fit, and its scores of examples that it has not seen."""
    random = np.random.default_rng(seed)

    def sixty_fourths(x):
        return np.round(x * 64) / 64

    centres = random.normal(size=(classes, columns)) * spread
    labels = np.concatenate([np.arange(classes), random.integers(classes, size=rows - classes)])
    features = sixty_fourths(centres[labels] * 0.5 + random.normal(size=(rows, columns)) + 0.25)
    others = sixty_fourths(random.normal(size=(5, columns)) * 2)
    with warnings.catch_warnings():
        # It says that it cannot come closer to zero than rounding allows.
        warnings.simplefilter("ignore")
        model = LogisticRegression(C=strength, tol=1e-12, max_iter=100_000).fit(features, labels)
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

if __name__ == "__main__":
    text = json.dumps(CASES, separators=(",", ":"))
    (FOLDER / "logistic_regression.json").write_text(text.replace("},{", "},\n{") + "\n")
