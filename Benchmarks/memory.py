#!/usr/bin/env python3
"""Compares the memory that training says it will take with what it takes.

Runs `report train` on the built-in example, and on an experiment file if one is named, in several
configurations, reads each estimate from the first lines on standard error, watches RssAnon in
/proc/<pid>/status every few milliseconds, and takes VmHWM, the kernel's own high-water mark of the resident
set, and memory.peak of the process's control group where the kernel keeps one. Exit status 1 if an estimate lies below the
measured resident set, or above it by more than half.

    Benchmarks/memory.py [--program .build/release/report] [--experiment FILE] [--only WORD]
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# A name, and settings; `threads`, `store` and `warm` (the store is filled by a run before) are no keys of the
# experiment.
SHORT = {"training.epochs": 2}
CONFIGURATIONS = [
    ("as it is", {"threads": 2}),
    ("as it is, from the store", {"threads": 2, "warm": True}),
    ("no cache", {"threads": 2, "store": False}),
    ("one thread", {"threads": 1}),
    ("four threads", {"threads": 4}),
    ("nothing frozen but embeddings", {"threads": 2, "model.frozen_layers": 0}),
    ("embeddings learn", {"threads": 2, "model.frozen_layers": 0, "model.freeze_embeddings": "false"}),
    ("all layers frozen", {"threads": 2, "all_frozen": True}),
    ("dropout in frozen layers", {"threads": 2, "model.frozen_dropout": "true"}),
    ("batches of 8", {"threads": 2, "training.batch_size": 8}),
    ("batches of 1024", {"threads": 2, "training.batch_size": 1024}),
    ("blocks of 8192 tokens", {"threads": 2, "training.block_tokens": 8192}),
    ("best epoch selected", {"threads": 2, "select": "best_source_validation"}),
    ("half precision", {"threads": 2, "model.prefix_precision": "float16"}),
]

BYTES = {"kB": 1e3, "MB": 1e6, "GB": 1e9}


def status(process, *keys):
    """Fields of /proc/<pid>/status, in bytes; those that are not there any more are 0."""
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return [0] * len(keys)
    fields = dict(line.split(":", 1) for line in text.splitlines())
    return [int(fields[key].split()[0]) * 1024 if key in fields else 0 for key in keys]


def group_peak(process):
    """memory.peak of the process's own control group; 0 if it shares one with this script."""
    try:
        own = Path(f"/proc/{process}/cgroup").read_text()
        if own == Path("/proc/self/cgroup").read_text():
            return 0
        return int(Path(f"/sys/fs/cgroup{own.strip().split('::')[1]}/memory.peak").read_text())
    except (OSError, IndexError, ValueError):
        return 0


def measure(program, experiment, options, folder, layers):
    settings = dict(SHORT)
    command = [program, "train", experiment, "--run-dir", f"{folder}/run", "--force"]
    command += ["--cache-dir", f"{folder}/cache", "--threads", str(options["threads"])]
    if not options.get("store", True):
        command.append("--no-cache")
    if options.get("all_frozen"):
        settings["model.frozen_layers"] = layers
    reserved = {"threads", "store", "warm", "all_frozen"}
    settings.update({key: value for key, value in options.items() if key not in reserved})
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    for _ in range(2 if options.get("warm") else 1):
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        most, high, group = 0, 0, 0
        while process.poll() is None:
            now, peak = status(process.pid, "RssAnon", "VmHWM")
            most, high = max(most, now), max(high, peak)
            group = max(group, group_peak(process.pid))
            time.sleep(0.004)
        errors = process.stderr.read()
        if process.returncode:
            sys.exit(f"{' '.join(command)}:\n{errors}")
    found = re.search(r"takes up to about ([0-9.]+) (kB|MB|GB)", errors)
    if not found:
        sys.exit(f"no estimate in:\n{errors}")
    return float(found[1]) * BYTES[found[2]], most, high, group


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / ".build/release/report"))
    parser.add_argument("--experiment", help="an experiment file, beside the built-in example")
    parser.add_argument("--only", default="", help="configurations whose name has this in it")
    parser.add_argument("--percentage", type=float, default=20, help="of the file's training data")
    parser.add_argument("--layers", type=int, default=6, help="encoder layers of the file's model")
    arguments = parser.parse_args()
    experiments = [("builtin:demo", 6, 20.0)]
    if arguments.experiment:
        experiments.append((arguments.experiment, arguments.layers, arguments.percentage))
    bad = 0
    print(f"{'':42}{'estimate':>10}{'resident':>10}{'anonymous':>10}{'ratio':>8}   (MB)")
    for experiment, layers, percentage in experiments:
        SHORT["data.percentage"] = percentage
        for name, options in CONFIGURATIONS:
            if arguments.only not in name:
                continue
            with tempfile.TemporaryDirectory() as folder:
                estimate, anonymous, resident, group = measure(
                    arguments.program, experiment, options, folder, layers)
            ratio = estimate / resident
            bad += not 1 <= ratio <= 1.5
            title = f"{Path(experiment).stem}, {name}"
            numbers = "".join(f"{x / 1e6:10.0f}" for x in (estimate, resident, anonymous))
            group = f"   group {group / 1e6:.0f}" if group else ""
            print(f"{title:42}{numbers}{ratio:8.2f}{group}", flush=True)
    if bad:
        sys.exit(f"{bad} estimates are below the measured peak or more than 1.5 times it.")


if __name__ == "__main__":
    main()
