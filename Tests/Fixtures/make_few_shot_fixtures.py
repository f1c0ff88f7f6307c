"""Writes metrics/few_shot.json: differences over draws and examples, with interval and test by analysis of variance.

    pip install -r requirements-metrics.txt && python make_few_shot_fixtures.py

Answers of D networks to n examples, minus the answers of others, are a two-way table with one entry per cell. Its mean squares
give the variance of the grand mean without any resampling (Searle, Casella, McCulloch 1992, Variance Components, section
4.3), and Satterthwaite's formula its degrees of freedom. The program gets there by a bootstrap of both factors.
Ordinary least squares of statsmodels gives the sums of squares, so that nothing is shared with the program.
"""

import json
import pathlib

import numpy as np
import statsmodels.api as sm
from scipy.stats import t as student
from statsmodels.formula.api import ols
from statsmodels.stats.multitest import multipletests

FOLDER = pathlib.Path(__file__).parent / "metrics"


def answers(random, draws, examples, accuracy, spread, agreement):
    """Right (1) and wrong (0): a draw shifts the accuracy, and networks agree on the examples in part."""
    difficulty = random.random(examples)
    shifts = spread * (random.random(draws) - 0.5)
    luck = np.where(
        random.random((draws, examples)) < agreement, difficulty, random.random((draws, examples)))
    return (luck < accuracy + shifts[:, None]).astype(int), difficulty


def case(name, first, second):
    """The mean difference of two tables of answers, draw by draw, with its interval and two-sided p-value."""
    first, second = np.atleast_2d(first), np.atleast_2d(second)
    table = (first - np.broadcast_to(second, first.shape)).astype(float)
    draws, examples = table.shape
    value = table.mean()
    if draws < 3:
        # So few draws do not show how others would differ: the examples alone vary.
        variance_examples = table.mean(axis=0).var(ddof=0) / examples
        variance_draws, degrees = 0.0, examples - 1
    else:
        # One entry per cell: the residual of the additive model is the interaction.
        columns = {
            "y": table.ravel(), "draw": np.repeat(np.arange(draws), examples),
            "example": np.tile(np.arange(examples), draws)}
        squares = sm.stats.anova_lm(ols("y ~ C(draw) + C(example)", data=columns).fit(), typ=2)
        mean_squares = squares["sum_sq"] / squares["df"]
        rest = mean_squares["Residual"]
        of_draws = max(0, mean_squares["C(draw)"] - rest) / examples
        of_examples = max(0, mean_squares["C(example)"] - rest) / draws
        variance_draws = of_draws / draws
        variance_examples = of_examples / examples + rest / (draws * examples)
        total = variance_draws + variance_examples
        # The draws' own variance is estimated from D − 1 degrees, with what belongs to both factors in it.
        onto_all = table.mean(axis=1).var(ddof=1) / draws
        degrees = total**2 / (
            variance_examples**2 / (examples - 1) + onto_all**2 / (draws - 1))
    error = np.sqrt(variance_draws + variance_examples)
    half = student.ppf(0.975, degrees) * error
    return {
        "name": name, "first": first.tolist(), "second": second.tolist(), "value": value,
        "standard_error": error, "degrees": degrees, "interval": [value - half, value + half],
        "p_value": 2 * student.sf(abs(value) / error, degrees)}


def main():
    random = np.random.default_rng(20121568)
    cases = []
    for name, draws, examples, accuracy, gain, spread in [
            ("five draws, a clear gain", 5, 120, 0.6, 0.12, 0.06),
            ("three draws that differ much", 3, 150, 0.6, 0.05, 0.3),
            ("eight draws, no gain", 8, 100, 0.7, 0.0, 0.02),
            ("two draws", 2, 120, 0.6, 0.1, 0.1),
            ("one draw", 1, 120, 0.6, -0.1, 0.0)]:
        first, difficulty = answers(random, draws, examples, accuracy + gain, spread, 0.7)
        # The run itself: one network, the same for all draws.
        second = (difficulty < accuracy).astype(int)
        cases.append(case(name, first, second))
    first, _ = answers(random, 5, 130, 0.7, 0.1, 0.6)
    second, _ = answers(random, 5, 130, 0.6, 0.1, 0.6)
    cases.append(case("two networks per draw", first, second))
    adjusted = multipletests([c["p_value"] for c in cases], method="holm")[1]
    for entry, p_value in zip(cases, adjusted):
        entry["adjusted_p_value"] = float(p_value)
    text = json.dumps({"cases": cases})
    (FOLDER / "few_shot.json").write_text(text.replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
