#!/usr/bin/env python3
"""Cuts the power of a training, on a model of a disk that keeps only what was synced.

    Tests/power_cut.py [--cuts 20] [--seed N] [--program .build/release/report]

Runs a small `report pipeline` under strace and replays its system calls on a model of a file system as POSIX
specifies it (fsync(2)): bytes are safe once their file is synced, names once their folder is. First it
checks the order: whenever a file or folder gets its final name, its bytes are safe; whenever the log says that an
epoch or the run is complete, all that belongs to it is safe; whenever a checkpoint gets its name, the log that it
continues is. Then it cuts the power at random moments: of what was not synced, each folder keeps a random number of
its first changes and each file a random part of its last bytes, or nothing at all. From what is left
`report pipeline --resume` must come to the same bits as the run whose power stayed on. Exit status 1 if not.

Needs strace; without it, or where it may follow no process, nothing is done, and a sentence says so.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CALLS = "openat,open,creat,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat,"
CALLS += "unlink,unlinkat,rmdir,ftruncate,close,dup,dup2,dup3,symlink,link"


class Node:
    """A file or folder, with what of it is safe."""

    def __init__(self, is_folder):
        self.is_folder = is_folder
        # A folder's names, or a file's bytes.
        self.now = {} if is_folder else bytearray()
        self.safe = {} if is_folder else None
        # What happened since the last sync: of a folder, changes of names that belong together.
        self.since = []

    def rename(self, *changes):
        """Gives names to nodes, or takes them away where there is no node."""
        apply(self.now, changes)
        self.since.append(changes)

    def sync(self):
        self.safe = dict(self.now) if self.is_folder else bytes(self.now)
        self.since = []

    @property
    def is_safe(self):
        return not self.since and self.safe is not None


def apply(names, changes):
    for name, node in changes:
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


class Disk:
    """The folders below a root as a traced process changes them."""

    def __init__(self, root):
        self.root, self.top, self.open = root, Node(True), {}

    def parts(self, path):
        path = os.path.normpath(path)
        if path != self.root and not path.startswith(self.root + "/"):
            return None
        return [part for part in path[len(self.root):].split("/") if part]

    def find(self, path):
        parts = self.parts(path)
        node = None if parts is None else self.top
        for part in parts or []:
            node = node.now.get(part) if node is not None and node.is_folder else None
        return node

    def parent(self, path):
        return self.find(os.path.dirname(os.path.normpath(path))), os.path.basename(path)

    def is_safe(self, path):
        """Whether a path would be there, with all its bytes, after a power cut."""
        node = self.top
        for part in self.parts(path):
            if node.safe is None or part not in node.now or node.safe.get(part) is not node.now[part]:
                return False
            node = node.now[part]
        return node.is_folder or node.is_safe

    def files(self, path):
        node = self.find(path)
        if node is None:
            return []
        if not node.is_folder:
            return [path]
        return [file for name in node.now for file in self.files(f"{path}/{name}")]

    def cut(self, target, rng, node=None):
        """Writes what a power cut leaves into a folder."""
        node = node or self.top
        os.makedirs(target, exist_ok=True)
        entries = dict(node.safe or {})
        for changes in node.since[:rng.randint(0, len(node.since))]:
            apply(entries, changes)
        for name, child in entries.items():
            if child.is_folder:
                self.cut(f"{target}/{name}", rng, child)
                continue
            data = child.safe if child.safe is not None else b""
            if child.since:
                # A part of what came since, in the order in which it was written.
                size = rng.choice([len(data), rng.randint(0, len(child.now)), len(child.now)])
                data = bytes(child.now[:size]) if size > len(data) else data
            Path(f"{target}/{name}").write_bytes(data)


def decode(text):
    return bytes.fromhex(text.replace("\\x", ""))


STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


def calls(lines):
    """Each call that succeeded: its name, its arguments as text, its strings, its result."""
    pending = {}
    for line in lines:
        found = re.match(r"(\d+)\s+(.*)", line)
        process, rest = (found[1], found[2]) if found else ("0", line)
        if rest.endswith("<unfinished ...>"):
            pending[process] = rest[: -len("<unfinished ...>")]
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", rest)
        if resumed:
            rest = pending.pop(process, "") + resumed[1]
        call = re.match(r"(\w+)\((.*)\)\s+= (-?\d+)", rest)
        if call and int(call[3]) >= 0:
            strings = STRING.findall(call[2])
            if any(cut for _, cut in strings):
                raise SystemExit("strace cut a string off")
            arguments = STRING.sub("S", call[2]).split(", ")
            yield call[1], arguments, [decode(text) for text, _ in strings], int(call[3])


class Follower:
    """Follows a trace on a disk; calls `moment` after every change and collects what is out of order."""

    def __init__(self, disk, folder, moment):
        self.disk, self.folder, self.moment = disk, folder, moment
        self.faults, self.syncs, self.counts = [], 0, {}

    def path(self, text):
        return os.path.join(self.folder, text.decode())

    def fault(self, text):
        self.faults.append(text)

    def follow(self, name, arguments, strings, result):
        disk = self.disk
        if name in ("openat", "open", "creat"):
            path = self.path(strings[0])
            parent, last = disk.parent(path)
            node = disk.find(path)
            if node is None and parent is None:
                disk.open.pop(result, None)
                return
            if node is None:
                node = Node("O_DIRECTORY" in arguments[-1])
                parent.rename((last, node))
            elif "O_TRUNC" in " ".join(arguments) and not node.is_folder:
                node.now = bytearray()
                node.since.append("truncated")
            disk.open[result] = [node, 0, "O_APPEND" in " ".join(arguments), path]
        elif name == "close":
            disk.open.pop(int(arguments[0]), None)
            return
        elif name in ("dup", "dup2", "dup3"):
            if int(arguments[0]) in disk.open:
                disk.open[result] = disk.open[int(arguments[0])]
            return
        elif name in ("write", "pwrite64", "ftruncate", "fsync", "fdatasync"):
            entry = disk.open.get(int(arguments[0]))
            if entry is None:
                return
            node, position, appends, path = entry
            if name in ("fsync", "fdatasync"):
                node.sync()
                self.syncs += 1
                kind = os.path.basename(os.path.dirname(path)) if not node.is_folder else "folder"
                self.counts[kind] = self.counts.get(kind, 0) + 1
                if os.path.basename(path) == "log.jsonl":
                    self.check_log(node, path)
            elif name == "ftruncate":
                size = int(arguments[1])
                node.now = node.now[:size] + bytes(max(0, size - len(node.now)))
                node.since.append("truncated")
            else:
                start = int(arguments[3]) if name == "pwrite64" else position
                start = len(node.now) if appends else start
                data = strings[0][:result]
                node.now.extend(bytes(max(0, start - len(node.now))))
                node.now[start:start + result] = data
                node.since.append("written")
                if name == "write":
                    entry[1] = start + result
        elif name.startswith("rename"):
            source, target = self.path(strings[0]), self.path(strings[1])
            if disk.parts(source) is None:
                return
            node = disk.find(source)
            (old, a), (new, b) = disk.parent(source), disk.parent(target)
            if node.is_folder:
                # A name with a dot in front is given to what is taken away.
                if not b.startswith("."):
                    self.check_checkpoint(node, target)
            elif not node.is_safe:
                self.fault(f"{target} gets its name before its bytes are synced")
            if old is new:
                # A power cut sees both names changed or none.
                new.rename((a, None), (b, node))
            else:
                new.rename((b, node))
                old.rename((a, None))
        elif name.startswith("mkdir"):
            path = self.path(strings[0])
            if disk.parts(path) is None:
                return
            parent, last = disk.parent(path)
            if parent is not None:
                parent.rename((last, Node(True)))
        elif name in ("unlink", "unlinkat", "rmdir"):
            path = self.path(strings[0])
            parent, last = disk.parent(path)
            if disk.parts(path) is None or parent is None:
                return
            parent.rename((last, None))
        else:
            raise SystemExit(f"{name} is not modelled")
        self.moment()

    def check_log(self, node, path):
        """What the log says is complete must be safe by then."""
        run = os.path.dirname(path)
        last = json.loads(bytes(node.now).rstrip(b"\n").rsplit(b"\n", 1)[-1])
        if last["record"] == "epoch":
            folders = [f"predictions/epoch-{last['epoch']:02}"]
            if not self.disk.files(f"{run}/{folders[0]}"):
                self.fault(f"epoch {last['epoch']} has no predictions")
        elif last["record"] == "run_finished":
            folders = ["predictions", "examples", "checkpoints", "model", "experiment.yaml",
                       "environment.json", "training_history.json", "log.jsonl"]
        else:
            folders = ["experiment.yaml", "environment.json", "examples"]
        for folder in folders:
            for file in self.disk.files(f"{run}/{folder}"):
                if not self.disk.is_safe(file):
                    self.fault(f"{file} is not safe when the log says '{last['record']}'")

    def check_checkpoint(self, node, target):
        if not node.is_safe or not all(child.is_safe for child in node.now.values()):
            self.fault(f"{target} gets its name before its contents are synced")
        run = os.path.dirname(os.path.dirname(target))
        state = bytes(node.now["state.safetensors"].now)
        header = json.loads(state[8:8 + int.from_bytes(state[:8], "little")])
        size = int(header["__metadata__"]["log_bytes"])
        log = self.disk.find(f"{run}/log.jsonl")
        if log.safe is None or len(log.safe) < size:
            self.fault(f"{target} gets its name before the log it continues is synced")


# MARK: What must repeat

TIMES = {"time", "log_sha256", "seconds", "prefix_seconds", "peak_memory_bytes"}


def effective_log(path):
    lines = []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        try:
            record = json.loads(line)
        except ValueError:
            continue  # A torn line that a `resumed` record takes back, or the test fails below.
        if record["record"] == "resumed":
            lines = [entry for entry in lines if entry[0] <= record["line"]]
        elif record["record"] not in ("checkpoint", "interrupted", "prefix"):
            lines.append((number, {k: v for k, v in record.items() if k not in TIMES}))
    return json.dumps([record for _, record in lines]).encode()


def digests(run):
    result = {}
    for path in sorted(run.rglob("*")):
        name = str(path.relative_to(run))
        if path.is_dir() or name.startswith("checkpoints/"):
            continue
        if name in ("report.json", "card.json", ".lock"):
            continue  # It holds the hash of the log, in which times are.
        data = path.read_bytes()
        if name == "log.jsonl":
            data = effective_log(path)
        elif name == "report.md":
            data = re.sub(rb"<!-- cost -->.*?<!-- /cost -->", b"", data, flags=re.S)
        result[name] = hashlib.sha256(data).hexdigest()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=os.getpid())
    parser.add_argument("--program", default=str(ROOT / ".build/release/report"))
    arguments = parser.parse_args()
    if shutil.which("strace") is None:
        print("strace is not installed; the order of syncs is not checked (apt-get install strace).")
        return
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode != 0:
        print("This system lets strace follow no process; the order of syncs is not checked.")
        return
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as work:
        work = Path(os.path.realpath(work))
        data = ROOT / "Tests/Fixtures/train"
        (work / "experiment.yaml").write_text(f"""
name: power-cut
model: {{checkpoint: {data}/model, encoder_layers: 3, frozen_layers: 1}}
data:
  source: {{language: en, train: {data}/data/train.tsv, validation: {data}/data/validation.tsv}}
  targets:
    - {{language: de, validation: {data}/data/target.tsv}}
  max_length: 24
select: best_source_validation
training:
  {{epochs: 4, batch_size: 8, checkpoint_every: {{steps: 3}}, optimizer: {{learning_rate: 1e-3}}}}
""")
        disk_root = work / "disk"
        disk_root.mkdir()
        command = [arguments.program, "pipeline", str(work / "experiment.yaml"), "--threads", "1",
                   "--run-dir", str(disk_root / "run"), "--cache-dir", str(disk_root / "cache")]
        trace = work / "trace"
        subprocess.run(
            ["strace", "-f", "-xx", "-s", str(1 << 24), "-e", f"trace={CALLS}", "-o", str(trace)]
            + command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=work)
        expected = digests(disk_root / "run")

        # Once to check the order and to count the moments, once more to cut the power at some of them.
        history = list(calls(trace.read_text().splitlines()))

        def follow(moment):
            disk = Disk(str(disk_root))
            disk.top.sync()
            follower = Follower(disk, str(work), lambda: moment(disk))
            for call in history:
                follower.follow(*call)
            return disk, follower

        moments = [0]

        def count(_):
            moments[0] += 1

        disk, follower = follow(count)
        for path in disk_root.rglob("*"):
            node = disk.find(str(path))
            if path.is_file() and (node is None or bytes(node.now) != path.read_bytes()):
                sys.exit(f"the model of the disk is wrong about {path.name}")
        for fault in follower.faults:
            print(fault.replace(str(disk_root) + "/", ""))
        if follower.faults:
            sys.exit(f"{len(follower.faults)} things out of order.")
        print(f"{moments[0]} changes, {follower.syncs} syncs, all in order.", flush=True)

        chosen = sorted(rng.sample(range(1, moments[0] + 1), min(arguments.cuts, moments[0])))
        left = {}
        moments[0] = 0

        def cut(disk):
            moments[0] += 1
            if moments[0] in chosen:
                left[moments[0]] = work / f"left-{moments[0]}"
                disk.cut(str(left[moments[0]]), rng)

        follow(cut)
        for moment, folder in left.items():
            run, cache = folder / "run", folder / "cache"
            options = ["--threads", "1", "--cache-dir", str(cache)]
            if (run / "experiment.yaml").exists():
                command = [arguments.program, "pipeline", "--resume", str(run)] + options
            else:
                command = [arguments.program, "pipeline", str(work / "experiment.yaml"), "--run-dir",
                           str(run)] + options
            result = subprocess.run(command, capture_output=True, text=True, cwd=work)
            found = digests(run) if result.returncode == 0 else {}
            different = sorted(
                name for name in expected.keys() | found.keys()
                if expected.get(name) != found.get(name) and not name.startswith("."))
            if result.returncode or different:
                print(result.stderr, file=sys.stderr)
                sys.exit(
                    f"after a cut at change {moment} of {moments[0]} (seed {arguments.seed}): "
                    f"exit status {result.returncode}, {different} differ")
        print(f"{len(left)} power cuts, each gone on from to the same bits (seed {arguments.seed}).")


if __name__ == "__main__":
    main()
