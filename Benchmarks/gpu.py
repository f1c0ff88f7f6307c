#!/usr/bin/env python3
"""Compares TransferGap with PyTorch on one GPU, in fp32 and tf32, and prints a table; see Benchmarks/README.md.

Both do the reference work of run.py on the same texts. Repetitions alternate; every number is a median with the smallest and
the largest. Without a GPU, --device opencl:cpu --torch-device cpu --quick runs the whole way, with times that mean nothing.
"""

import argparse
import json
import platform
import statistics
from pathlib import Path

import run

VARIANTS = "ABCD"
PRECISIONS = ("fp32", "tf32")


def measure(ours, theirs, rounds):
    """Tokens per second of every command, by side and command; the first round, which compiles and warms up, is left out."""
    rates = {}
    for number in range(rounds + 1):
        for side, server, commands in (
                ("ours", ours, ["prefix", "train", "evaluate"]),
                ("theirs", theirs, [f"{v} {phase}" for v in VARIANTS for phase in ("train", "eval")])):
            for command in commands if server else []:
                answer = server.ask(command)
                if number > 0:
                    rates.setdefault((side, command), []).append(answer["tokens_per_second"])
    return rates


def number(value):
    return f"{value:,.0f}"


def spread(values):
    """The median, and the smallest and the largest."""
    if not values:
        return "–"
    return f"{number(statistics.median(values))} ({number(min(values))} to {number(max(values))})"


def ten_epochs(rates, variant):
    """How many times as long PyTorch takes for ten epochs with their evaluations, prefix included on our side."""
    def seconds(side, command):
        return 1 / statistics.median(rates[side, command])

    share = run.EVALUATION_SHARE
    own = seconds("ours", "prefix") * (1 + share)
    own += run.EPOCHS * (seconds("ours", "train") + share * seconds("ours", "evaluate"))
    their = run.EPOCHS * (
        seconds("theirs", f"{variant} train") + share * seconds("theirs", f"{variant} eval"))
    return their / own


def table(results):
    lines = []
    for precision, (facts, rates) in results.items():
        ours, theirs = facts
        lines += [
            f"## {precision}", "",
            f"TransferGap: {ours['device']}; {ours['driver']}; {ours['products']}.",
            "PyTorch: " + (f"{theirs['torch']} on {theirs['device']}, transformers {theirs['transformers']}."
                           if theirs else "not installed."),
            "", "| tokens per second | training | evaluation | ten epochs, against TransferGap |", "|---|---:|---:|---:|",
            f"| TransferGap (frozen layers once: {spread(rates.get(('ours', 'prefix')))}) "
            f"| {spread(rates.get(('ours', 'train')))} | {spread(rates.get(('ours', 'evaluate')))} | 1 |"]
        for variant in VARIANTS if theirs else "":
            lines.append(
                f"| PyTorch, {variant} | {spread(rates.get(('theirs', f'{variant} train')))} "
                f"| {spread(rates.get(('theirs', f'{variant} eval')))} "
                f"| {ten_epochs(rates, variant):.2f} times as long |")
        lines.append("")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="cuda:0", help="as --device of report takes it")
    parser.add_argument("--torch-device", default="cuda:0", help="as PyTorch names it")
    parser.add_argument("--precision", action="append", choices=PRECISIONS, help="both if left out")
    parser.add_argument("--texts", action="append", default=[], help="files with one text per line, or .tsv")
    parser.add_argument("--vocab", help="vocab.txt; the built-in example's if left out")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="one round of little work")
    parser.add_argument("--install-timeout", type=int, default=1800)
    parser.add_argument("--output", type=Path, default=run.HERE / "results")
    arguments = parser.parse_args()
    release, _ = run.prepare(arguments)
    python = run.find_python(arguments)
    if python and not run.has_modules(python, "torch", "transformers"):
        run.say("This Python lacks PyTorch or transformers, so its side is left out:", python)
        python = None
    common = ["--checkpoint", run.WORK / "checkpoint", "--texts", run.WORK / "texts.txt"]
    results = {}
    for precision in arguments.precision or PRECISIONS:
        ours = run.Server(
            [release / "Benchmarks", "device-training", *common, "--scratch", run.WORK / "scratch", "--device", arguments.device,
             "--precision", precision, "--examples", 64 if arguments.quick else 4096])
        theirs = python and run.Server(
            [python, run.HERE / "pytorch_side.py", *common, "--device", arguments.torch_device,
             "--examples-a", 32 if arguments.quick else 2048, "--micro-batches", 2 if arguments.quick else 64]
            + (["--tf32"] if precision == "tf32" else []))
        rates = measure(ours, theirs, 1 if arguments.quick else arguments.rounds)
        results[precision] = ((ours.facts, theirs.facts if theirs else None), rates)
        ours.close()
        if theirs:
            theirs.close()
    text = table(results)
    print(text)
    if arguments.quick:
        return
    arguments.output.mkdir(parents=True, exist_ok=True)
    head = f"# On a GPU\n\nWritten by `make bench-gpu`, on {platform.platform()}.\n\n"
    (arguments.output / "gpu.md").write_text(head + text + "\n", encoding="utf-8")
    raw = [{"precision": precision, "ours": facts[0], "theirs": facts[1],
            "tokens_per_second": {f"{side} {command}": values for (side, command), values in rates.items()}}
           for precision, (facts, rates) in results.items()]
    (arguments.output / "gpu.json").write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
