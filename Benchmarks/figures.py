#!/usr/bin/env python3
"""Times the seven figures: `report figures` beside figures_matplotlib.py, whole processes in turn.

    python3 Benchmarks/figures.py runs/demo --python venv/bin/python --repetitions 7

The Python needs requirements-figures.txt. One run of each goes uncounted, to fill the caches of files
and fonts. `make bench` does the same with run.py's other measurements.
"""

import argparse
import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIGURES = ["losses", "accuracies", "learning_rate", "ROC", "transfer_gap", "dashboard",
           "final_comparison"]


def run_once(command):
    """Seconds on the clock and seconds of processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def measure(run, report, python, repetitions, warms=True):
    """Each side's repetitions and file sizes; matplotlib's is left out if `python` is None, and the
    uncounted first run of each unless it `warms`."""
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "ours": [report, "figures", run, "--only", ",".join(FIGURES), "--format", "png",
                     "--dpi", "300", "--output", f"{folder}/ours"],
            "theirs": [python, HERE / "figures_matplotlib.py", run, f"{folder}/theirs"],
        }
        if not python:
            del commands["theirs"]
        result = {side: {"seconds": [], "processor_seconds": []} for side in commands}
        for repetition in range(0 if warms else 1, repetitions + 1):
            for side, command in commands.items():
                wall, processor = run_once([str(word) for word in command])
                if repetition > 0:
                    result[side]["seconds"].append(wall)
                    result[side]["processor_seconds"].append(processor)
        for side in commands:
            result[side]["bytes"] = {
                name: (Path(folder) / side / f"{name}.png").stat().st_size for name in FIGURES}
        return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", help="run directory with log and predictions")
    parser.add_argument("--python", default="python3", help="with requirements-figures.txt")
    parser.add_argument("--report", default=str(HERE.parent / ".build/release/report"))
    parser.add_argument("--repetitions", type=int, default=7)
    options = parser.parse_args()
    result = measure(options.run, options.report, options.python, options.repetitions)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, "
          f"{options.repetitions} repetitions")
    print("| | clock, median | clock, least | processor, median | files |")
    print("|---|---|---|---|---|")
    names = {"ours": "report figures", "theirs": "matplotlib + seaborn"}
    for side, facts in result.items():
        print(f"| {names[side]} | {statistics.median(facts['seconds']):.2f} s "
              f"| {min(facts['seconds']):.2f} s "
              f"| {statistics.median(facts['processor_seconds']):.2f} s "
              f"| {sum(facts['bytes'].values()) / 1e6:.2f} MB |")
    for name in FIGURES:
        sizes = [result[side]["bytes"][name] // 1000 for side in ("ours", "theirs")]
        print(f"{name}.png: {sizes[0]} kB, matplotlib {sizes[1]} kB")


if __name__ == "__main__":
    main()
