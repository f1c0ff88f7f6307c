"""Compares a model directory's logits as `report predict` gives them with those of transformers, in float64.

usage: python check_export.py MODEL TEXTS [--report .build/release/report] [--limit 100]

MODEL is what a run exports (`<run>/model`) or any fine-tuned classifier that `report predict` reads; TEXTS has a text per
line. transformers must load it without a weight that is missing, unexpected or of another shape. Token ids are those
of `report tokenize`, so that this is about the network; compare_tokenizer.py is about ids. Prints the largest
difference and fails above 1e-5 times the largest logit. Needs torch and transformers.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification


def lines_of(report, command, texts):
    """The JSON objects that a command of the program prints, one per text."""
    done = subprocess.run(
        [report, *command], input="\n".join(texts) + "\n", capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--report", default=".build/release/report")
    parser.add_argument("--limit", type=int, default=100)
    arguments = parser.parse_args()
    texts = arguments.texts.read_text(encoding="utf-8").splitlines()[: arguments.limit]
    model, info = AutoModelForSequenceClassification.from_pretrained(
        arguments.model, dtype=torch.float64, attn_implementation="eager", output_loading_info=True)
    problems = {k: sorted(v) for k, v in info.items() if v}
    if problems:
        sys.exit(f"transformers reports {problems}")
    model.eval()
    folder = str(arguments.model)
    ids = [line["ids"] for line in lines_of(arguments.report, ["tokenize", folder], texts)]
    answers = lines_of(arguments.report, ["predict", folder, "--json"], texts)
    most = model.config.max_position_embeddings
    if model.config.model_type in ("roberta", "xlm-roberta"):
        most -= model.config.pad_token_id + 1
    largest, difference = 0.0, 0.0
    for sequence, answer in zip(ids, answers, strict=True):
        if len(sequence) > most:
            sequence = sequence[: most - 1] + sequence[-1:]
        row = torch.tensor([sequence])
        with torch.no_grad():
            logits = model(input_ids=row, attention_mask=torch.ones_like(row)).logits[0]
        found = torch.tensor(answer["logits"], dtype=torch.float64)
        largest = max(largest, logits.abs().max().item())
        difference = max(difference, (logits - found).abs().max().item())
    print(
        f"{type(model).__name__}: {len(texts)} texts of up to {max(map(len, ids))} tokens, "
        f"logits of up to {largest:.3f}, largest difference {difference:.2e}")
    if not difference <= 1e-5 * max(largest, 1):
        sys.exit("That is more than rounding.")


if __name__ == "__main__":
    main()
