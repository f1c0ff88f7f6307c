"""Writes the example's reviews, and the unlabelled text that its checkpoint is trained on.

No labelled review occurs in the unlabelled text or in another split.

    python make_corpus.py [--data demo/data] [--work work] [--lines 90000]

Standard library only; the same seed writes the same bytes.
"""

import argparse
import csv
import random
from pathlib import Path

from grammar import english, german
from grammar.plan import LABELLED, LABELS, RICH, review_plan

HERE = Path(__file__).parent
SEED = 20240607
MISLABELLED = 0.04
SHORTEST, LONGEST = 5, 60  # words
COLLOQUIAL = 0.3  # of the German words that have a colloquial synonym, in labelled reviews
SPLITS = (
    ("en", "train", 4000),
    ("en", "validation", 400),
    ("en", "test", 400),
    ("de", "validation", 400),
    ("de", "test", 400),
)


def fitting(text):
    """Whether a review has an allowed length."""
    return SHORTEST <= len(text.split()) <= LONGEST


def spoken(plan, language, rng, colloquial=0.0):
    """The review in a language."""
    if language == "en":
        return english.review(plan, rng)
    return german.review(plan, rng, colloquial)


def labelled(rng, language, count, seen):
    """Distinct reviews with labels in equal shares, some of them wrong on purpose."""
    rows = []
    while len(rows) < count:
        label = LABELS[len(rows) % len(LABELS)]
        plan = review_plan(rng, language, label, LABELLED)
        text = spoken(plan, language, rng, COLLOQUIAL)
        if not fitting(text) or text.lower() in seen:
            continue
        seen.add(text.lower())
        if rng.random() < MISLABELLED:
            label = rng.choice([other for other in LABELS if other != label])
        rows.append((text, label))
    rng.shuffle(rows)
    return rows


def write_reviews(path, rows):
    """One split as TSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(("text", "label"))
        writer.writerows(rows)


def unlabelled(rng, count):
    """Reviews in both languages: (English, German)."""
    rows = []
    while len(rows) < count:
        plan = review_plan(rng, rng.choice(("en", "de")), rng.choice(LABELS), RICH)
        row = tuple(spoken(plan, language, rng) for language in ("en", "de"))
        if all(fitting(text) for text in row):
            rows.append(row)
    return rows


def write_lines(path, lines):
    """One text per line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def main():
    """Writes everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE / "demo" / "data")
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--lines", type=int, default=90000, help="reviews for pre-training")
    arguments = parser.parse_args()

    pairs = unlabelled(random.Random(f"{SEED} unlabelled"), arguments.lines)
    write_lines(arguments.work / "pairs.tsv", ("\t".join(pair) for pair in pairs))

    seen = {text.lower() for pair in pairs for text in pair}
    before = len(seen)
    for language, split, count in SPLITS:
        rng = random.Random(f"{SEED} {language} {split}")
        rows = labelled(rng, language, count, seen)
        write_reviews(arguments.data / language / f"{split}.tsv", rows)
    assert len(seen) - before == sum(count for _, _, count in SPLITS), "a review is in two splits"


if __name__ == "__main__":
    main()
