#!/usr/bin/env python3
"""Times the seven figures: `report figures` beside figures_matplotlib.py, whole processes in turn.

    python3 Benchmarks/figures.py runs/demo --python venv/bin/python --repetitions 7

The Python needs requirements-figures.txt. One run of each goes uncounted, to fill the caches of files
and fonts.
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", help="run directory with log and predictions")
    parser.add_argument("--python", default="python3", help="with requirements-figures.txt")
    parser.add_argument("--report", default=str(HERE.parent / ".build/release/report"))
    parser.add_argument("--repetitions", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sides = {
            "report figures": [
                options.report, "figures", options.run, "--only", ",".join(FIGURES), "--output",
                f"{folder}/report"],
            "matplotlib + seaborn": [
                options.python, str(HERE / "figures_matplotlib.py"), options.run,
                f"{folder}/matplotlib"],
        }
        times = {name: [] for name in sides}
        for repetition in range(options.repetitions + 1):
            for name, command in sides.items():
                seconds = run_once(command)
                if repetition > 0:
                    times[name].append(seconds)
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, "
              f"{options.repetitions} repetitions")
        print("| | clock, median | clock, least | processor, median | files |")
        print("|---|---|---|---|---|")
        for name, folder_name in zip(sides, ["report", "matplotlib"]):
            walls, cpus = zip(*times[name])
            size = sum((Path(folder) / folder_name / f"{f}.png").stat().st_size for f in FIGURES)
            print(f"| {name} | {statistics.median(walls):.2f} s | {min(walls):.2f} s "
                  f"| {statistics.median(cpus):.2f} s | {size / 1e6:.2f} MB |")
        for figure in FIGURES:
            sizes = [(Path(folder) / side / f"{figure}.png").stat().st_size
                     for side in ["report", "matplotlib"]]
            print(f"{figure}.png: {sizes[0] // 1000} kB, matplotlib {sizes[1] // 1000} kB")


main()
