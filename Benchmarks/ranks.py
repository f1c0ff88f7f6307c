#!/usr/bin/env python3
"""Measures what several ranks cost, and projects it to more machines.

usage: Benchmarks/ranks.py PROGRAM EXPERIMENT [--pairs N] [--batches 64,256,1024] [--set KEY=VALUE] …

Trains EXPERIMENT, an experiment of one epoch, in turn by one process with two threads and by two ranks with one thread each, on
this machine, which must have nothing else to do. Says for each batch size the median time of a step, their ratio in the
median of the pairs, and what the ranks spent on the wire. From the two ends of the batch sizes it fits the time of a step as
c · batch + s, and prints for 2 to 64 machines like this one, and like ten of this one, at 1, 10 and 100 Gbit/s, the efficiency at a
batch of 1,024 and the batch below which it is less than one half:

    T(n) = c · batch / n + s + x(n),   x(n) = 2 (n - 1) / n · bytes / bandwidth + 2 (n - 1) · latency + added(n)
    efficiency = T(1) / (n · T(n))

where added(n) is adding the slices, measured at the speed that memory has in the exchange here. The latency is an assumption,
50 microseconds, of Ethernet. Nothing but c, s and added is measured; no cluster was at hand.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser(usage=__doc__.split("\n")[2][7:])
parser.add_argument("program")
parser.add_argument("experiment")
parser.add_argument("--pairs", type=int, default=3)
parser.add_argument("--batches", default="64,256,1024")
parser.add_argument("--set", action="append", default=[], dest="settings")
parser.add_argument("--latency", type=float, default=50e-6)
options = parser.parse_args()

work = tempfile.mkdtemp()
environment = dict(os.environ, XDG_CACHE_HOME=f"{work}/cache")
if os.getuid() == 0:
    environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def train(launcher, threads, batch):
    """The seconds of each step but the first, what was said on standard error, and the trainable parameters."""
    run = f"{work}/run"
    shutil.rmtree(run, ignore_errors=True)
    settings = [f"training.batch_size={batch}", "training.epochs=1", "baselines.layers=none"] + options.settings
    command = launcher + [options.program, "train", options.experiment, "--run-dir", run, "--threads", str(threads)]
    done = subprocess.run(
        command + [word for setting in settings for word in ("--set", setting)],
        env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    with open(f"{run}/log.jsonl") as log:
        records = [json.loads(line) for line in log]
    # The last batch may be smaller.
    steps = [r["seconds"] for r in records if r["record"] == "step" and r["examples"] == batch][1:]
    parameters = next(r["trainable_parameters"] for r in records if r["record"] == "run_started")
    return steps, done.stderr, parameters


try:
    ranks = ["mpirun", "--bind-to", "none", "-n", "2"]
    # Fills the cache, so that all that is timed starts from the frozen layers' stored output.
    train([], 2, int(options.batches.split(",")[0]))
    points = {}
    for batch in [int(b) for b in options.batches.split(",")]:
        ratios, alone, together, wires, waits = [], [], [], [], []
        for pair in range(options.pairs):
            # In turn, so that neither always comes first.
            order = [([], 2), (ranks, 1)]
            for launcher, threads in order if pair % 2 == 0 else order[::-1]:
                steps, words, parameters = train(launcher, threads, batch)
                (together if launcher else alone).append(statistics.median(steps))
                if launcher:
                    wire, wait = re.search(r"took ([0-9.]+) ms .* waited ([0-9.]+) ms", words).groups()
                    wires.append(float(wire))
                    waits.append(float(wait))
            ratios.append(alone[-1] / together[-1])
        points[batch] = (statistics.median(alone), statistics.median(wires) / 1000)
        print(
            f"batch {batch}: {1000 * points[batch][0]:.0f} ms alone, {1000 * statistics.median(together):.0f} ms with two ranks; "
            f"efficiency {statistics.median(ratios):.3f} (pairs {min(ratios):.3f} to {max(ratios):.3f}); "
            f"{statistics.median(wires):.1f} ms on the wire, {statistics.median(waits):.1f} ms waiting", flush=True)
finally:
    shutil.rmtree(work, ignore_errors=True)

small, large = min(points), max(points)
c = (points[large][0] - points[small][0]) / (large - small)
s = max(0.0, points[small][0] - c * small)
size = 4 * parameters
shared = statistics.median(wire for _, wire in points.values())
print(f"{parameters} parameters, {size / 1e6:.0f} MB; a step takes {1e3 * c:.2f} ms per example and {1e3 * s:.0f} ms besides")


def exchange(n, bits_per_second):
    wire = 2 * (n - 1) / n * size / (bits_per_second / 8)
    # Adding takes what the exchange takes in shared memory, where two ranks move as much as they do over a network.
    return wire + 2 * (n - 1) * options.latency + shared


def step(n, batch, bits_per_second, speed):
    return c / speed * batch / n + s / speed + (exchange(n, bits_per_second) if n > 1 else 0)


for speed in (1, 10):
    print(f"\nMachines {speed} times as fast as this one: efficiency at a batch of 1,024, and the batch where it is one half")
    print("machines" + "".join(f"{gbit:>10} Gbit/s     " for gbit in (1, 10, 100)))
    for n in (2, 4, 8, 16, 32, 64):
        cells = []
        for gbit in (1, 10, 100):
            rate = gbit * 1e9
            efficiency = step(1, 1024, rate, speed) / (n * step(n, 1024, rate, speed))
            half = max(0.0, n * (s / speed + exchange(n, rate)) - 2 * s / speed) / (c / speed)
            cells.append(f"{100 * efficiency:9.0f} % {half:7.0f}")
        print(f"{n:8}" + "".join(cells))
