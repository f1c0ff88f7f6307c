#!/usr/bin/env python3
"""Compares TransferGap with PyTorch and prints one table; see Benchmarks/README.md.

Needs nothing but Python's standard library; PyTorch goes into its own virtual environment.
"""

import argparse
import csv
import heapq
import json
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import figures
import pytorch_products
import unigram as unigram_side

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "Benchmarks"
WORK = ROOT / ".build" / "bench"
# A repetition counts if the processors were at least this fast before and after, against the best probe.
# Two processors that share a core reach half; the probe itself, 20 ms long, scatters by a tenth.
FULL_SPEED = 0.7
EPOCHS = 10
TRAINING_EXAMPLES = 20_000
# Validation tokens scored after an epoch, per training token: the tweets' 2 x 324 to 1,839.
EVALUATION_SHARE = 0.35
# Below this share of the processor's peak a library is crippled, as by kernels for another processor.
LEAST_SHARE = 0.5
# Ours against theirs, as a share of what their work and the speed of both sides' products allow.
BOUND_SHARE = 0.95
# Threads to project to.
PROJECTED = (1, 2, 4, 8, 16, 32, 64)
# What the reference training may take, and how soon a second run must start its first epoch.
MEMORY_BOUND_MB = 700
START_BOUND_SECONDS = 2


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Server:
    """A process that answers a line of JSON to each line."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=environment)
        self.facts = self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args[0]} stopped with {self.process.wait()}")
        return json.loads(line)

    def ask(self, command=""):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


# Preparation


def find_python(arguments):
    """A Python with PyTorch, or None."""
    given = os.environ.get("BENCH_PYTHON")
    if given:
        return given
    folder = ROOT / ".build" / "bench-venv"
    python = folder / "bin" / "python"
    marker = folder / "complete"
    files = [HERE / "requirements.txt", HERE / "requirements-figures.txt"]
    wanted = "".join(file.read_text() for file in files)
    if marker.exists() and marker.read_text() == wanted:
        return str(python)
    say("Installing PyTorch and transformers into", folder.relative_to(ROOT), "...")
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, stdout=sys.stderr)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet"]
            + [word for file in files for word in ("-r", file)],
            check=True, stdout=sys.stderr, timeout=arguments.install_timeout)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError) as error:
        say("PyTorch could not be installed, so its side is left out:", error)
        return None
    marker.write_text(wanted)
    return str(python)


def read_texts(paths):
    texts = []
    for path in paths:
        if path.suffix == ".tsv":
            with open(path, encoding="utf-8", newline="") as file:
                texts += [row["text"] for row in csv.DictReader(file, delimiter="\t")]
        else:
            texts += path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return [" ".join(text.split()) for text in texts if text.strip()]


def prepare(arguments):
    """Builds, and makes checkpoint and texts."""
    for product in ("Benchmarks", "report"):
        say("Building", product, "...")
        subprocess.run(
            ["swift", "build", "-c", "release", "--product", product], cwd=ROOT, check=True,
            stdout=sys.stderr)
    release = subprocess.run(
        ["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True,
        capture_output=True, text=True).stdout.strip()
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "scratch").mkdir(exist_ok=True)
    demo = ROOT / "Example" / "demo"
    paths = [Path(path) for path in arguments.texts] or sorted(demo.glob("data/en/*.tsv"))
    texts = read_texts(paths)
    random.Random(1).shuffle(texts)
    many = (texts * (TRAINING_EXAMPLES // len(texts) + 1))[:TRAINING_EXAMPLES]
    (WORK / "texts.txt").write_text("\n".join(many) + "\n", encoding="utf-8")
    # The built-in model labels texts of the kind that it knows.
    reviews = read_texts(sorted(demo.glob("data/en/*.tsv")))[:1000]
    (WORK / "thousand.txt").write_text("\n".join(reviews) + "\n", encoding="utf-8")
    vocabulary = Path(arguments.vocab) if arguments.vocab else demo / "model" / "vocab.txt"
    checkpoint = WORK / "checkpoint"
    marker = checkpoint / "source.txt"
    source = f"{vocabulary.resolve()} {vocabulary.stat().st_mtime_ns}\n"
    if not marker.exists() or marker.read_text() != source:
        say("Writing a checkpoint of mBERT's shape with random weights ...")
        subprocess.run(
            [f"{release}/Benchmarks", "make-checkpoint", checkpoint, "--vocabulary", vocabulary],
            check=True)
        marker.write_text(source)
    kind = ("tweets or other texts given" if arguments.texts else "the built-in example's reviews")
    return Path(release), f"{kind}, {len(texts)} of them, repeated to {len(many)}"


def machine(facts, theirs, products):
    """What the numbers depend on, without names of hosts."""
    def first(path, key):
        try:
            with open(path) as file:
                for line in file:
                    if line.startswith(key):
                        return line.split(":", 1)[1].strip()
        except OSError:
            pass
        return "unknown"

    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    return {
        "processor": f"{first('/proc/cpuinfo', 'model name')} ({facts['processor']})",
        "processors": os.cpu_count(),
        "memory": first("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "swift": swift.strip().splitlines()[0] if swift.strip() else "unknown",
        "blas": f"{facts['blas']} ({facts['blas_kernel']}: {facts['blas_kernel_reason']})",
        "kernels": facts["kernels"],
        "pytorch": f"PyTorch {theirs['torch']}, transformers {theirs['transformers']}"
        if theirs else "not measured",
        "pytorch_products": products,
        "load_before": os.getloadavg()[0],
    }


# Measuring


class Measurements:
    """Repetitions by name, each with the slower of the probes around it."""

    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs
        self.repetitions = []
        # Set if too few ran at full speed; then all count, and the table says so.
        self.counts_all = False
        # Commands of which no repetition ran at full speed.
        self.slow_commands = set()

    def probe(self):
        return self.ours.ask("probe")["probe"]

    def our(self, round_number, command):
        result = self.ours.ask(command)
        self._note(round_number, command, result, result["probe"])
        return result

    def their(self, round_number, command):
        if not self.theirs:
            return
        before = self.probe()
        result = self.theirs.ask(command)
        # PyTorch's idle threads spin for a while after their last loop, which a probe would see.
        time.sleep(0.5)
        self._note(round_number, command, result, [before, self.probe()])

    def _note(self, round_number, command, result, probes):
        self.repetitions.append({
            "round": round_number, "command": command, "probe": min(probes), "result": result})
        rate = result.get("tokens_per_second")
        say(f"  {command:18}", f"{rate:9.0f} tokens/s" if rate else " " * 18,
            f"{result['gflops']:7.1f} GFLOP/s" if "gflops" in result else "",
            f"  (probe {min(probes):.0f})")

    @property
    def best_probe(self):
        return max(entry["probe"] for entry in self.repetitions)

    def is_valid(self, entry):
        return self.counts_all or entry["probe"] >= FULL_SPEED * self.best_probe

    def counted(self, command):
        """The repetitions of a command that count: those at full speed or, if there is none, the one
        whose probes were best, which the table marks."""
        mine = [entry for entry in self.repetitions if entry["command"] == command]
        valid = [entry for entry in mine if self.is_valid(entry)]
        if mine and not valid:
            self.slow_commands.add(command)
            valid = [max(mine, key=lambda entry: entry["probe"])]
        return valid

    def values(self, command, key):
        """By round: a value of the repetitions that count; if a round has several, their median."""
        result = {}
        for entry in self.counted(command):
            result.setdefault(entry["round"], []).append(entry["result"][key])
        return {number: statistics.median(values) for number, values in result.items()}

    def pairs(self, command, other, key):
        """By pair: our value, theirs. Both of a pair must count; if no pair is left, the medians of
        either side's repetitions that do."""
        result = []
        for index, entry in enumerate(self.repetitions):
            if entry["command"] != other or not self.is_valid(entry):
                continue
            mine = next(
                (e for e in reversed(self.repetitions[:index]) if e["command"] == command), None)
            if mine and self.is_valid(mine) and mine["round"] == entry["round"]:
                result.append((mine["result"][key], entry["result"][key]))
        if result:
            return result
        sides = [self.values(name, key).values() for name in (command, other)]
        return [tuple(map(statistics.median, sides))] if all(sides) else []

    def enough(self, rounds):
        wanted = [f"{name} {THREADS}" for name in ("train", "evaluate", "prefix", "sgemm")]
        if self.theirs:
            wanted += [f"{variant} {phase}" for variant in "ABCD" for phase in ("train", "eval")]
        rounds_at_full_speed = {name: set() for name in wanted}
        for entry in self.repetitions:
            if entry["command"] in rounds_at_full_speed and self.is_valid(entry):
                rounds_at_full_speed[entry["command"]].add(entry["round"])
        return all(len(numbers) >= rounds for numbers in rounds_at_full_speed.values())


def measure_round(m, number, quick):
    """One repetition of everything, ours and theirs alternating."""
    for variant in "ABCD":
        if variant == "A":
            m.our(number, f"sgemm {THREADS}")
            m.our(number, f"tokens {THREADS}")
        m.our(number, f"train {THREADS}")
        m.their(number, f"{variant} train")
    for variant in "ABCD":
        m.our(number, f"evaluate {THREADS}")
        m.their(number, f"{variant} eval")
    m.our(number, "parts")
    # Products alone, ours beside theirs: what bounds the ratios.
    for variant in "ABCD":
        for mine, phase in (("sgemm", "train"), ("eval-sgemm", "eval")):
            m.our(number, f"{mine} {THREADS}")
            m.their(number, f"{variant} {phase} products")
    m.our(number, f"prefix-sgemm {THREADS}")
    m.our(number, f"prefix {THREADS}")
    m.our(number, f"prefix-sgemm {THREADS}")
    if not quick and THREADS > 1:
        m.our(number, "train 1")
        m.our(number, "sgemm 1")
        m.our(number, f"sgemm {THREADS}")


def alternate(ours, theirs, rounds):
    """Pairs of repetitions of two servers, `ours` being asked with an empty line."""
    pairs = []
    for _ in range(rounds):
        mine = ours.ask()
        other = theirs() if theirs else None
        pairs.append((mine, other))
    return pairs


class MemorySampler:
    """The largest RssAnon of a process, sampled every 20 ms: heap, stacks, scratch; no mapped files."""

    def __init__(self, process):
        self.peak = 0
        self.process = process
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while self.process.poll() is None:
            try:
                with open(f"/proc/{self.process.pid}/status") as file:
                    for line in file:
                        if line.startswith("RssAnon:"):
                            self.peak = max(self.peak, int(line.split()[1]) * 1024)
            except OSError:
                return
            time.sleep(0.02)


def log_records(run, kind):
    """The records of a kind that a training has logged so far."""
    try:
        lines = (run / "log.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    except OSError:
        return []
    return [record for record in map(json.loads, lines) if record["record"] == kind]


class Training:
    """A process of `report train` on the reference work, watched from outside."""

    def __init__(self, release, experiment, *arguments):
        self.run = WORK / "reference-run"
        (self.run / "log.jsonl").unlink(missing_ok=True)
        self.started = time.time()
        self.process = subprocess.Popen(
            [str(word) for word in (
                release / "report", "train", experiment, "--run-dir", self.run, "--force",
                "--threads", THREADS, "--cache-dir", WORK / "cache", *arguments)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.sampler = MemorySampler(self.process)
        self.messages = []
        threading.Thread(target=lambda: self.messages.extend(self.process.stderr), daemon=True).start()

    def wait_for_steps(self, count):
        """The records of the first steps and when the last of them was seen."""
        while len(steps := log_records(self.run, "step")) < count:
            if self.process.poll() is not None:
                raise RuntimeError("report train stopped: " + "".join(self.messages))
            time.sleep(0.002)
        return steps, time.time()

    def stop(self):
        """As Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait()


def measure_reference(release, examples, seconds, starts):
    """The reference training as a user runs it, and how soon a second run of it starts its first epoch.

    Its frozen layers' output is computed for all texts; then it trains for an epoch, evaluates and
    exports, or is stopped once `seconds` have gone and three steps were made.
    """
    texts = (WORK / "texts.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    labels = ("negative", "neutral", "positive")
    for name, part in (("train", texts[:examples]), ("validation", texts[:examples // 20])):
        (WORK / f"{name}.jsonl").write_text("".join(
            json.dumps({"text": text, "label": labels[i % 3]}, ensure_ascii=False) + "\n"
            for i, text in enumerate(part)), encoding="utf-8")
    experiment = WORK / "reference.yaml"
    experiment.write_text("""name: reference
model: {checkpoint: checkpoint, encoder_layers: 6, frozen_layers: 4}
data: {source: {language: en, train: train.jsonl, validation: validation.jsonl}}
training: {epochs: 1, batch_size: 1024}
""", encoding="utf-8")
    subprocess.run(
        [release / "report", "cache", "--empty", "--cache-dir", WORK / "cache"], check=True,
        stdout=subprocess.DEVNULL)
    training = Training(release, experiment)
    training.wait_for_steps(min(3, max(1, examples // 1024)))
    while training.process.poll() is None and time.time() - training.started < seconds:
        time.sleep(0.1)
    is_whole = training.process.poll() == 0
    training.stop()
    result = {
        "examples": examples, "is_whole": is_whole, "seconds": time.time() - training.started,
        "peak_mb": training.sampler.peak / 1e6, "starts": []}
    if is_whole:
        result["prefix_seconds"] = log_records(training.run, "run_finished")[0]["prefix_seconds"]
    for _ in range(starts):
        # Smaller batches, so that a step is short; the stored prefix does not depend on them.
        training = Training(release, experiment, "--set", "training.batch_size=32")
        steps, seen = training.wait_for_steps(1)
        training.stop()
        result["starts"].append(seen - steps[0]["seconds"] - training.started)
    return result


def has_modules(python, *names):
    """Whether a Python can import them all."""
    return bool(python) and subprocess.run(
        [python, "-c", "import " + ", ".join(names)], capture_output=True).returncode == 0


def trained_example(release, quick):
    """A run of the built-in example, which is trained if it is not there."""
    run = WORK / ("demo-quick" if quick else "demo-whole")
    if not (run / "model" / "model.safetensors").exists():
        say("Training the built-in example ...")
        subprocess.run(
            [release / "report", "demo", "--force", "--run-dir", run]
            + (["--set", "training.epochs=2"] if quick else []),
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return run


def measure_start(release, run, python, rounds):
    """Seconds to label 1,000 texts from nothing, and to import transformers."""
    def seconds(*command):
        start = time.perf_counter()
        subprocess.run(
            [str(word) for word in command], check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        return time.perf_counter() - start

    def predict():
        return seconds(release / "report", "predict", run, "--input", WORK / "thousand.txt")

    def load():
        return seconds(python, "-c", "import transformers")

    # Once each beforehand, so that neither waits for the disk.
    predict()
    if python:
        load()
    return [(predict(), load() if python else None) for _ in range(rounds)]


# The table


def spread(values):
    if not values:
        return None
    return {"median": statistics.median(values), "minimum": min(values), "maximum": max(values),
            "repetitions": len(values)}


def whole_runs(m, variant):
    """Our seconds a training token and theirs for ten epochs with all evaluations, from the rates.

    One pair a round; where a round's repetition of something does not count, its median over the
    others stands in, so that one slow repetition does not take the rest of its round along.
    """
    keys = [(f"{name} {THREADS}", "ours") for name in ("prefix", "train", "evaluate")]
    keys += [(f"{variant} {name}", "theirs") for name in ("train", "eval")]
    rates = [m.values(command, "tokens_per_second") for command, _ in keys]
    if not all(rates):
        return []
    medians = [statistics.median(values.values()) for values in rates]
    result = []
    for number in sorted(set().union(*rates)):
        prefix, train, evaluate, their_train, their_evaluate = (
            values.get(number, median) for values, median in zip(rates, medians))
        mine = ((1 + EVALUATION_SHARE) / prefix
                + EPOCHS * (1 / train + EVALUATION_SHARE / evaluate))
        result.append((mine, EPOCHS * (1 / their_train + EVALUATION_SHARE / their_evaluate)))
    return result


def bound(m, variant, phase):
    """The ratio that work and products allow: of either side's operations per token, and of the speed of its products."""
    mine = {"train": ("train", "sgemm"), "eval": ("evaluate", "eval-sgemm")}[phase]
    work = m.values(f"{mine[0]} {THREADS}", "mflop_per_token").values()
    their_work = m.values(f"{variant} {phase} products", "mflop_per_token").values()
    speeds = m.pairs(f"{mine[1]} {THREADS}", f"{variant} {phase} products", "gflops")
    if not work or not their_work or not speeds:
        return None
    return (statistics.median(their_work) / statistics.median(work)
            * statistics.median(ours / theirs for ours, theirs in speeds))


class SimulatedSum:
    """The order in which `TreeSum` adds up blocks, as times: see Sources/Train/Sum."""

    def __init__(self, blocks, threads):
        self.blocks = blocks
        self.next = 0
        self.waiting = set()
        self.most = self.live = 0
        ones = max(bin(m).count("1") for m in range(blocks))
        under_way = min(threads, blocks)
        self.stores = max(
            ones + 1,
            max(bin(m).count("1") for m in range(blocks - under_way + 1)) + under_way)

    def highest(self, level, position):
        """The highest node with the sum of another."""
        while (1 << level) < self.blocks and position % 2 == 0 and (position + 1) << level >= self.blocks:
            level, position = level + 1, position // 2
        return level, position

    def can_take(self):
        return self.next < self.blocks and self.live < self.stores

    def take(self):
        self.next += 1
        self.live += 1
        return self.highest(0, self.next - 1)

    def add(self, level, position):
        """The node that an addition gives, or None if the other half is not there or the rest comes at the end."""
        if self.next < self.blocks and (level, position ^ 1) in self.waiting:
            self.waiting.remove((level, position ^ 1))
            return self.highest(level + 1, position // 2)
        self.waiting.add((level, position))
        return None


def simulated_step(blocks, threads, block, addition, update):
    """Seconds of a step, and thread seconds spent waiting for a store.

    A thread takes the next block when it is free and there is a store for its gradient, computes it, and adds what it
    completes; what is left once all blocks are handed out, threads share, as they do the optimiser's step.
    """
    total = SimulatedSum(blocks, threads)
    # (time, order, what ends then): nothing at first, then a block or an addition, as the node of its sum.
    events = [(0.0, index, None, False) for index in range(threads)]
    idle, waited, order, end = [], 0.0, threads, 0.0

    def push(time, node, is_addition):
        nonlocal order
        order += 1
        heapq.heappush(events, (time, order, node, is_addition))

    while events:
        now, _, node, is_addition = heapq.heappop(events)
        end = max(end, now)
        total.live -= is_addition
        above = total.add(*node) if node else None
        if above:
            push(now + addition, above, True)
        else:
            idle.append(now)
        while idle and total.can_take():
            waited += now - idle.pop(0)
            push(now + block, total.take(), False)
    rest = (len(total.waiting) - 1) * addition / threads
    return end + rest + update / threads, waited


def projection(m):
    """Seconds of a step on more threads, from parts that were measured on one.

    What it leaves out (memory that threads share, clocks that fall) can only slow a step down.
    """
    parts = {key: statistics.median(m.values("parts", key).values())
             for key in ("block_tokens", "block_seconds", "addition_seconds", "update_seconds",
                         "gradient_megabytes")}
    examples = m.values(f"train {THREADS}", "examples").values()
    tokens_per_example = m.ours.facts["tokens"] / m.ours.facts["examples"]
    if not examples:
        return None
    rows = []
    blocks = max(1, round(1024 * tokens_per_example / parts["block_tokens"]))
    for threads in PROJECTED:
        seconds, waited = simulated_step(
            blocks, threads, parts["block_seconds"], parts["addition_seconds"],
            parts["update_seconds"])
        rows.append({
            "threads": threads, "step_seconds": seconds,
            "tokens_per_second": blocks * parts["block_tokens"] / seconds,
            "share_waiting": waited / (seconds * threads)})
    for row in rows:
        row["gain"] = rows[0]["step_seconds"] / row["step_seconds"]
    additions = (blocks - 1) * parts["addition_seconds"]
    return {"parts": parts, "blocks": blocks, "rows": rows,
            "addition_share": additions / rows[0]["step_seconds"]}


def table(m, reference, their_memory, tokenizer, unigram, roc, start, drawn):
    """Rows: what, ours, theirs, ratio (larger is better for us), floor, unit, SGEMM beside."""
    rows = []
    sgemm = list(m.values(f"sgemm {THREADS}", "gflops").values())
    prefix_sgemm = list(m.values(f"prefix-sgemm {THREADS}", "gflops").values())
    beside = statistics.median(sgemm) if sgemm else None

    peak = statistics.median(entry["probe"] for entry in m.repetitions if m.is_valid(entry))
    # A comparison with a library that runs far below what the processor can do says nothing.
    mark = ""
    if beside and beside < LEAST_SHARE * peak:
        mark = f" (crippled: kernels {m.ours.facts['blas_kernel']})"

    def add(name, pairs, unit, floor=None, less_is_better=False, at_most=False, other="PyTorch",
            allowed=None, crippled=""):
        pairs = [pair for pair in pairs if pair[0] is not None]
        if not pairs:
            return
        ratios = [(b / a if less_is_better else a / b) for a, b in pairs if b]
        rows.append({
            "name": name, "unit": unit, "floor": floor, "at_most": at_most,
            "ours": statistics.median(a for a, _ in pairs),
            "theirs": statistics.median(b for _, b in pairs) if ratios else None,
            "against": other + (mark if other == "SGEMM" else crippled), "ratio": spread(ratios),
            "bound": allowed, "sgemm_gflops": beside})

    names = {"A": "as published", "B": "dynamic padding", "C": "cached by hand",
             "D": "by an expert"}
    floors = {"A": (17, 20), "B": (None, None), "C": (None, None), "D": (1.4, 1.2)}
    for variant, name in names.items():
        for index, (mine, other) in enumerate((("train", "train"), ("evaluate", "eval"))):
            pairs = m.pairs(f"{mine} {THREADS}", f"{variant} {other}", "tokens_per_second")
            allowed = bound(m, variant, other)
            speeds = m.values(f"{variant} {other} products", "gflops").values()
            crippled = ""
            if speeds and statistics.median(speeds) < LEAST_SHARE * peak:
                crippled = f" (crippled: {statistics.median(speeds) / peak:.0%} of the peak)"
            floor = floors[variant][index]
            if floor is None and allowed:
                floor = BOUND_SHARE * allowed
            add(f"{variant}. {name}: {'training' if index == 0 else 'evaluation'}", pairs,
                "tokens/s", floor, allowed=allowed, crippled=crippled)
    for variant, floor in (("A", 14), ("B", None)):
        mean = m.ours.facts["tokens"] / m.ours.facts["examples"]
        tokens = TRAINING_EXAMPLES * mean
        add(f"{variant}: {EPOCHS} epochs of {TRAINING_EXAMPLES:,} texts, evaluations, cold start",
            [(a * tokens / 3600, b * tokens / 3600) for a, b in whole_runs(m, variant)], "hours",
            floor, less_is_better=True)
    add("A: frozen_dropout, training",
        m.pairs(f"tokens {THREADS}", "A train", "tokens_per_second"), "tokens/s", 6)
    training = m.values(f"train {THREADS}", "gflops")
    products = m.values(f"sgemm {THREADS}", "gflops")
    add("training epoch of SGEMM's rate",
        [(training[n], products[n]) for n in training if n in products], "GFLOP/s", 0.85,
        other="SGEMM")
    prefix, products = (m.values(f"{name} {THREADS}", "gflops")
                        for name in ("prefix", "prefix-sgemm"))
    add("frozen layers of SGEMM's rate",
        [(prefix[n], products[n]) for n in prefix if n in products], "GFLOP/s", 0.85,
        other="SGEMM")
    if prefix_sgemm and rows[-1]["name"].startswith("frozen layers"):
        rows[-1]["sgemm_gflops"] = statistics.median(prefix_sgemm)
    # The processors' peak beside a repetition is the mean of the probes before and after it.
    for name, command in (("training epoch", f"train {THREADS}"), ("frozen layers", f"prefix {THREADS}"),
                          ("SGEMM on the epoch's products", f"sgemm {THREADS}")):
        add(f"{name} of the processors' peak",
            [(entry["result"]["gflops"], statistics.mean(entry["result"]["probe"]))
             for entry in m.counted(command)],
            "GFLOP/s", None if "SGEMM" in name else 0.8, other="peak")
    counts = [entry["result"] for entry in m.repetitions
              if entry["command"] == f"train {THREADS}"]
    if counts:
        count = counts[0]
        least = 41 * count["tokens"] + 48 * count["examples"]
        add("work of an epoch (bound: 41 per token, 48 per example)",
            [(count["mflop"] / count["tokens"], least / count["tokens"])], "MFLOP/token", 1,
            less_is_better=True, other="bound")
    one, two = (m.values(f"train {n}", "tokens_per_second") for n in (1, THREADS))
    gemm_one, gemm_two = (m.values(f"sgemm {n}", "gflops") for n in (1, THREADS))
    common = set(one) & set(two) & set(gemm_one) & set(gemm_two)
    if THREADS > 1:
        add(f"gain from 1 to {THREADS} threads",
            [(two[n] / one[n], gemm_two[n] / gemm_one[n]) for n in sorted(common)], "times", 0.95,
            other="SGEMM")
    share = "" if reference["is_whole"] else ", stopped early"
    what = f"peak anonymous memory, {reference['examples']:,} texts{share}"
    add(what, [(reference["peak_mb"], their_memory)], "MB", less_is_better=True)
    add(what, [(reference["peak_mb"], MEMORY_BOUND_MB)], "MB", 1, less_is_better=True,
        other="bound")
    add("a second run starts its first epoch",
        [(seconds, START_BOUND_SECONDS) for seconds in reference["starts"]], "s", 1,
        less_is_better=True, other="bound")
    add("tokenizer",
        [(a["tokens_per_second"], b["tokens_per_second"] if b else None) for a, b in tokenizer],
        "tokens/s", 1)
    add("tokenizer, Unigram",
        [(a["tokens_per_second"], b["tokens_per_second"] if b else None) for a, b in unigram],
        "tokens/s", 1)
    add("ROC curve and AUC of 1,000,000 scores",
        [(a["seconds"], b["seconds"] if b else None) for a, b in roc], "s", 5,
        less_is_better=True, other="scikit-learn")
    add("predict 1,000 texts, cold start", start, "s", 1, less_is_better=True,
        other="import transformers")
    ours, theirs = (drawn.get(side) for side in ("ours", "theirs"))
    count = len(ours["seconds"])
    add("seven figures at 300 dpi, whole process",
        list(zip(ours["seconds"], theirs["seconds"] if theirs else [None] * count)), "s", 20,
        less_is_better=True, other="matplotlib")
    add("their files", [(sum(ours["bytes"].values()) / 1e6,
                         sum(theirs["bytes"].values()) / 1e6 if theirs else None)], "MB", 1,
        less_is_better=True, other="matplotlib")
    return rows


def number(value):
    if value is None:
        return "–"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def products_line(products):
    """What PyTorch's products reach as installed, where the rows below are of more than that."""
    if not products or "any_processor_gflops" not in products:
        return []
    installed, forced = products["installed_gflops"], products["any_processor_gflops"]
    if forced < pytorch_products.LEAST_GAIN * installed:
        return []
    return [f"PyTorch's MKL takes kernels for another processor here: its large products run at {installed:.0f} GFLOP/s "
            f"as installed, at {forced:.0f} with the kernels it takes on Intel. All rows are against the faster ones; a "
            "user who does not know of that has the slower ones.", ""]


def markdown(rows, kernels, facts, machine_facts, texts, best_probe, m, full_speed, curve, projected):
    lines = [
        f"Processor: {machine_facts['processor']}, {machine_facts['processors']} processors, "
        f"{THREADS} threads; {machine_facts['memory']} of memory; {machine_facts['system']}. "
        f"{machine_facts['swift']}; {machine_facts['blas']}; kernels {machine_facts['kernels']}; "
        f"{machine_facts['pytorch']}.",
        "",
        f"Texts: {texts}; {facts['tokens'] / facts['examples']:.1f} tokens per text. "
        f"Load before: {machine_facts['load_before']:.2f}. "
        f"{full_speed} of {len(m.repetitions)} repetitions ran at full speed (best probe "
        f"{best_probe:.0f} GFLOP/s on {os.cpu_count()} threads)"
        + ("; all are counted, so take the figures with care." if m.counts_all else "."),
        "",
        *products_line(machine_facts["pytorch_products"]),
        "| | ours | theirs | against | ratio: median (min–max) | floor | bound | SGEMM, GFLOP/s |",
        "|---|---:|---:|---|---:|---:|---:|---:|"]
    for row in rows:
        ratio = row["ratio"]
        shown = "–"
        if ratio:
            shown = number(ratio["median"])
            if ratio["repetitions"] > 1:
                shown += f" ({number(ratio['minimum'])}–{number(ratio['maximum'])})"
        lines.append(
            f"| {row['name']} | {number(row['ours'])} {row['unit']} | "
            f"{number(row['theirs'])}{' ' + row['unit'] if row['theirs'] is not None else ''} | "
            f"{row['against'] if row['theirs'] is not None else '–'} | {shown} | "
            f"{number(row['floor'])} | {number(row['bound'])} | {number(row['sgemm_gflops'])} |")
    if m.slow_commands:
        lines += ["", "No repetition ran at full speed, so the best one counts: "
                  + ", ".join(sorted(m.slow_commands)) + "."]
    if curve:
        same = "are" if curve["points_identical"] else "are NOT"
        rounded = "" if curve["ours_is_correctly_rounded"] else " (NOT correctly rounded)"
        lines += ["", f"ROC of 1,000,000 scores with ties: all {curve['points']:,} points {same} the same "
                  f"bits as scikit-learn's. Our area is {curve['our_ulps_from_exact']:.2g} ulp from the "
                  f"exact rational number{rounded}, scikit-learn's "
                  f"{curve['their_ulps_from_exact']:.2g} ulp."]
    if projected:
        parts = projected["parts"]
        lines += [
            "",
            f"Projected, not measured, to more threads, from parts measured on one: a block of "
            f"{parts['block_tokens']:.0f} tokens {1000 * parts['block_seconds']:.0f} ms, adding its gradient "
            f"({parts['gradient_megabytes']:.0f} MB) {1000 * parts['addition_seconds']:.1f} ms (all additions are "
            f"{projected['addition_share']:.1%} of a step on one thread), the optimiser's step "
            f"{1000 * parts['update_seconds']:.0f} ms; a batch of 1,024 texts is {projected['blocks']} blocks.",
            "",
            "| threads | step, s | tokens/s | gain | waiting for memory |",
            "|---:|---:|---:|---:|---:|"]
        lines += [f"| {row['threads']} | {row['step_seconds']:.3f} | {row['tokens_per_second']:,.0f} | "
                  f"{row['gain']:.1f} | {row['share_waiting']:.0%} |" for row in projected["rows"]]
    triad = next((k for k in kernels if k["kernel"] == "triad"), None)
    lines += ["", "| kernel | from memory, GB/s | of triad | in second-level cache, GB/s |",
              "|---|---:|---:|---:|"]
    for kernel in kernels:
        share = kernel["memory_gb_per_second"] / triad["memory_gb_per_second"]
        lines.append(f"| {kernel['kernel']} | {kernel['memory_gb_per_second']:.1f} | "
                     f"{share:.0%} | {kernel['cache_gb_per_second']:.1f} |")
    return "\n".join(lines) + "\n"


def measure_unigram(program, texts, python, repetitions, arguments):
    """Pairs of ours and the library's on a Unigram tokenizer: a given one, or one made of the texts."""
    directory = Path(arguments.unigram) if arguments.unigram else WORK / "unigram"
    if not arguments.unigram:
        unigram_side.make_vocabulary(texts.read_text(encoding="utf-8").removesuffix("\n").split("\n"), directory)
    ours = Server([program, "tokenizer", "--checkpoint", directory, "--texts", texts, "--threads", THREADS])
    theirs = python and Server(
        [python, HERE / "unigram.py", "--tokenizer", directory, "--texts", texts, "--threads", THREADS],
        dict(os.environ, TRANSFORMERS_VERBOSITY="error"))
    ours.ask()
    pairs = alternate(ours, theirs.ask if theirs else None, repetitions)
    for server in filter(None, (ours, theirs)):
        server.close()
    for mine, other in pairs:
        assert other is None or mine["tokens"] == other["tokens"], "the two sides disagree on the tokens"
    return pairs


def main():
    global THREADS
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", nargs="+", default=[], metavar="FILE",
                        help="texts, one per line, or .tsv; the built-in example's if left out")
    parser.add_argument("--vocab", metavar="FILE", help="vocab.txt of the texts' language")
    parser.add_argument("--unigram", metavar="DIRECTORY",
                        help="a Unigram tokenizer such as XLM-R's, with its tokenizer_config.json; made of the texts if left out")
    parser.add_argument("--quick", action="store_true", help="two minutes, one round")
    parser.add_argument("--rounds", type=int, help="repetitions at full speed to reach")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--examples", type=int, help="of a repetition of ours; theirs in proportion")
    parser.add_argument("--seconds", type=int, help="no further round begins after this long")
    parser.add_argument("--output", type=Path, help="folder of latest.json and latest.md")
    parser.add_argument("--install-timeout", type=int, default=900)
    arguments = parser.parse_args()
    THREADS = arguments.threads
    quick = arguments.quick
    rounds = arguments.rounds or (1 if quick else 5)
    limit = arguments.seconds or (60 if quick else 720)
    output = arguments.output or (WORK if quick else HERE / "results")

    python = find_python(arguments)
    release, texts = prepare(arguments)
    began = time.monotonic()
    program = release / "Benchmarks"
    checkpoint, file = WORK / "checkpoint", WORK / "texts.txt"
    common = ["--checkpoint", checkpoint, "--texts", file]
    training = [program, "training", *common, "--scratch", WORK / "scratch"]
    size = arguments.examples or (256 if quick else 512)
    say("A training on the reference work, and a second one ...")
    reference = measure_reference(
        release, 512 if quick else TRAINING_EXAMPLES, 30 if quick else 360, 1 if quick else 5)
    say("Kernels ...")
    kernels = [json.loads(line) for line in subprocess.run(
        [program, "kernels", "--threads", str(THREADS), *(["--repetitions", "1"] if quick else [])],
        check=True, capture_output=True, text=True).stdout.splitlines()]

    ours = Server([*training, "--examples", size, "--evaluated", size,
                   "--from-tokens", max(32, size // 4)])
    theirs = products = None
    if python:
        say("Starting PyTorch ...")
        environment, products = pytorch_products.fastest(
            python, THREADS, WORK, dict(os.environ, TRANSFORMERS_VERBOSITY="error"))
        theirs = Server(
            [python, HERE / "pytorch_side.py", *common, "--threads", THREADS, "--examples-a",
             max(32, size // 8), "--micro-batches", max(1, size // 128)], environment)
    machine_facts = machine(ours.facts, theirs.facts if theirs else None, products)
    m = Measurements(ours, theirs)
    # The first repetition of each pays for fresh memory and is not counted.
    say("Warming up ...")
    for command in ("train", "evaluate", "tokens", "sgemm", "eval-sgemm", "prefix-sgemm"):
        ours.ask(f"{command} {THREADS}")
    if theirs:
        for command in ("B train", "C train", "D train"):
            theirs.ask(command)
    number_of_rounds = 0
    while not (number_of_rounds >= rounds and m.enough(rounds)):
        if number_of_rounds > 0 and time.monotonic() - began > limit:
            say("Time is up: fewer repetitions than wanted ran at full speed.")
            break
        number_of_rounds += 1
        say("Round", number_of_rounds)
        measure_round(m, number_of_rounds, quick)

    full_speed = sum(map(m.is_valid, m.repetitions))
    m.counts_all = not m.enough(1) or (quick and full_speed < len(m.repetitions))
    if m.counts_all:
        say("Too few repetitions ran at full speed, so all are counted; is the machine busy?")
    say("Tokenizer, ROC, cold start ...")
    repetitions = 3 if quick else 7
    tokenizer_server = Server([program, "tokenizer", *common, "--threads", THREADS])
    tokenizer_server.ask()
    tokenizer = alternate(
        tokenizer_server, (lambda: theirs.ask("tokenizer")) if theirs else None, repetitions)
    tokenizer_server.close()
    unigram = measure_unigram(program, file, python, repetitions, arguments)
    scores, points = WORK / "scores.safetensors", WORK / "curve.safetensors"
    roc_server = Server([program, "roc", "--write", scores, "--write-curve", points])
    roc = alternate(
        roc_server, (lambda: theirs.ask(f"roc {scores}")) if theirs else None, repetitions)
    roc_server.close()
    curve = their_memory = None
    if theirs:
        curve = theirs.ask(f"compare-roc {scores} {points} {roc[0][0]['area']!r}")
        their_memory = theirs.ask("memory")["training_mb"]
        theirs.close()
    ours.close()
    say("Cold start, figures ...")
    run = trained_example(release, quick)
    start = measure_start(release, run, python, repetitions)
    draws = has_modules(python, "matplotlib", "seaborn", "sklearn")
    if not draws:
        say("No matplotlib, seaborn and scikit-learn, so their figures are left out.")
    drawn = figures.measure(
        run, release / "report", python if draws else None, 1 if quick else 3, warms=not quick)

    projected = projection(m)
    rows = table(m, reference, their_memory, tokenizer, unigram, roc, start, drawn)
    text = markdown(
        rows, kernels, ours.facts, machine_facts, texts, m.best_probe, m, full_speed, curve,
        projected)
    print(text)
    output.mkdir(parents=True, exist_ok=True)
    (output / "latest.md").write_text(text, encoding="utf-8")
    (output / "latest.json").write_text(json.dumps({
        "machine": machine_facts, "texts": texts, "facts": ours.facts, "rows": rows,
        "kernels": kernels, "reference": reference, "their_memory_mb": their_memory,
        "projection": projected, "repetitions": m.repetitions, "tokenizer": tokenizer, "unigram": unigram, "roc": roc, "curve": curve,
        "start": start, "figures": drawn,
        "seconds": time.monotonic() - began}, indent=1) + "\n", encoding="utf-8")
    say(f"Written to {output}; took {time.monotonic() - began:.0f} s after the build.")


if __name__ == "__main__":
    main()
