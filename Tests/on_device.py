#!/usr/bin/env python3
"""Trains the built-in example on the processor and on a device, and compares the logs.

usage: Tests/on_device.py [program] [device]     .build/release/report and opencl:cpu if left out

Examples, rates and draws must be the same in every step, so that losses and norms of gradients differ by rounding alone. The
device must give the same bits when it trains again. Exit status 0 if all of that holds.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / ".build/release/report")
DEVICE = sys.argv[2] if len(sys.argv) > 2 else "opencl:cpu"

# What rounding alone may change within some hundred steps; other draws or examples change the first step's by 1e-2.
LOSS = 1e-4
NORM = 1e-3


def train(folder, device):
    subprocess.run(
        [PROGRAM, "train", "builtin:demo", "--run-dir", folder, "--device", device, "--no-cache",
         "--set", "training.epochs=2", "--set", "data.percentage=50"],
        check=True, stdout=subprocess.DEVNULL)
    return [json.loads(line) for line in open(f"{folder}/log.jsonl")]


def of(log, kind):
    records = [record for record in log if record["record"] == kind]
    if not records:
        sys.exit(f"There is no record '{kind}' in a log.")
    return records


def bits(log):
    """What must repeat on one device."""
    return [[record[key] for key in ("loss", "gradient_norm")] for record in of(log, "step")]


with tempfile.TemporaryDirectory() as work:
    processor = train(f"{work}/processor", "cpu")
    device = train(f"{work}/device", DEVICE)
    again = train(f"{work}/again", DEVICE)
    named = json.load(open(f"{work}/device/environment.json"))["device"]

faults = []
steps = list(zip(of(processor, "step"), of(device, "step"), strict=True))
for expected, found in steps:
    for key in ("epoch", "step", "examples", "learning_rate"):
        if expected[key] != found[key]:
            faults.append(f"step {found['step']}: {key} is {found[key]}, on the processor {expected[key]}")
loss = max(abs(found["loss"] - expected["loss"]) for expected, found in steps)
norm = max(abs(found["gradient_norm"] / expected["gradient_norm"] - 1) for expected, found in steps)
if not loss <= LOSS:
    faults.append(f"losses differ by up to {loss}")
if not norm <= NORM:
    faults.append(f"norms of gradients differ by up to {norm} of themselves")
for expected, found in zip(of(processor, "evaluation"), of(device, "evaluation"), strict=True):
    if expected["split"] != found["split"] or not abs(expected["loss"] - found["loss"]) <= LOSS:
        faults.append(f"evaluation of {found['split']}: loss {found['loss']}, on the processor {expected['loss']}")
if bits(device) != bits(again):
    faults.append("the second training has other bits than the first")

print(f"{named['name']} ({named['interface']}): {len(steps)} steps; losses differ by up to {loss:.1e}, "
      f"norms of gradients by up to {norm:.1e} of themselves")
for fault in faults:
    print(fault, file=sys.stderr)
sys.exit(1 if faults else 0)
