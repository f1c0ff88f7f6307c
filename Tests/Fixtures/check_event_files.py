#!/usr/bin/env python3
"""Reads the event files of a run with TensorBoard itself and compares them with log.jsonl.

    VENV/bin/python Tests/Fixtures/check_event_files.py RUN_DIR [EVENT_FOLDER]

First with TensorBoard's EventAccumulator, then through the server that `tensorboard --logdir` starts, with its
fast loader and without. Every step of the log must be there once, with the log's value to 32 bits. Exit
status 1 if not. Needs tensorboard (requirements-imports.txt).
"""

import json
import pathlib
import socket
import struct
import subprocess
import sys
import time
import urllib.parse
import urllib.request


def to_float(value):
    value = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}.get(value, value)
    return struct.unpack("f", struct.pack("f", float(value)))[0]


def effective(run):
    """The records that count: a `resumed` record takes back what stands behind its line."""
    records = []
    for number, line in enumerate((run / "log.jsonl").read_text().splitlines(), 1):
        record = json.loads(line)
        if record["record"] == "resumed":
            records = [entry for entry in records if entry[0] <= record["line"]]
        else:
            records.append((number, record))
    return [record for _, record in records]


def expected(run):
    """By tag, the value at each step."""
    series, step = {}, 0
    for record in effective(run):
        values = {}
        if record["record"] == "step":
            step = record["step"]
            values = {
                "step/loss": record["loss"],
                "step/learning_rate": record["learning_rate"],
                "step/gradient_norm": record["gradient_norm"],
            }
        elif record["record"] == "evaluation":
            split = record["split"]
            values = {f"loss/{split}": record["loss"], f"accuracy/{split}": record["accuracy"]}
        elif record["record"] == "epoch":
            values = {
                "loss/train": record["loss"],
                "accuracy/train": record["accuracy"],
                "epoch": record["epoch"],
            }
        for tag, value in values.items():
            series.setdefault(tag, []).append((step, to_float(value)))
    return series


def accumulated(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    reader = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    reader.Reload()
    return {
        tag: [(event.step, to_float(event.value)) for event in reader.Scalars(tag)]
        for tag in reader.Tags()["scalars"]
    }


def served(folder, fast):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--port", str(port),
         "--host", "127.0.0.1", f"--load_fast={'true' if fast else 'false'}",
         "--samples_per_plugin", "scalars=1000000"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}/data/plugin/scalars"

    def get(path):
        with urllib.request.urlopen(base + path, timeout=5) as answer:
            return json.load(answer)

    try:
        for _ in range(120):
            time.sleep(0.5)
            try:
                tags = get("/tags")
            except OSError:
                continue
            if tags:
                break
        else:
            raise SystemExit("the server shows nothing after a minute")
        time.sleep(1)
        (run, names), = get("/tags").items()
        return {
            tag: [(int(step), to_float(value)) for _, step, value in get(
                "/scalars?" + urllib.parse.urlencode({"run": run, "tag": tag}))]
            for tag in names
        }
    finally:
        server.terminate()
        server.wait()


def main():
    run = pathlib.Path(sys.argv[1])
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else run / "tensorboard"
    wanted = expected(run)
    status = 0
    readings = [("EventAccumulator", lambda: accumulated(folder)),
                ("tensorboard --load_fast=false", lambda: served(folder, False)),
                ("tensorboard --load_fast=true", lambda: served(folder, True))]
    for name, read in readings:
        found = read()
        same = {tag: [(s, str(v)) for s, v in values] for tag, values in found.items()} == {
            tag: [(s, str(v)) for s, v in values] for tag, values in wanted.items()}
        count = sum(len(values) for values in found.values())
        print(f"{name}: {len(found)} tags, {count} values, {'as in the log' if same else 'NOT as in the log'}")
        if not same:
            status = 1
            for tag in sorted(set(found) | set(wanted)):
                a, b = wanted.get(tag, []), found.get(tag, [])
                if a != b:
                    print(f"  {tag}: log has {len(a)} values, TensorBoard {len(b)}; first that differs:",
                          next(((x, y) for x, y in zip(a, b) if x != y), None))
    return status


if __name__ == "__main__":
    sys.exit(main())
