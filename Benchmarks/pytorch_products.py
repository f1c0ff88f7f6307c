"""How fast PyTorch's matrix products are as installed, and with the kernels of the processor's instruction set."""

import json
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
# A gain below this is noise.
LEAST_GAIN = 1.1

# The feed-forward's products of 2,048 tokens: the best of several, as either setting would reach on a quiet machine.
PROGRAM = """
import json, sys, time, torch
torch.set_num_threads(int(sys.argv[1]))
rates = []
for inner, outer in ((768, 3072), (3072, 768)):
    a, b = torch.randn(2048, inner), torch.randn(outer, inner)
    seconds = []
    for _ in range(12):
        start = time.perf_counter()
        torch.nn.functional.linear(a, b)
        seconds.append(time.perf_counter() - start)
    rates.append(2 * 2048 * inner * outer / min(seconds) / 1e9)
print(json.dumps(sum(rates) / len(rates)))
"""


def rate(python, threads, environment):
    """GFLOP/s of large products in a process of its own."""
    finished = subprocess.run(
        [python, "-c", PROGRAM, str(threads)], env=environment, check=True, capture_output=True, text=True)
    return json.loads(finished.stdout)


def fastest(python, threads, work, environment):
    """The environment in which PyTorch's products are fastest, and both rates in GFLOP/s.

    `work` is a folder for the compiled library. Where no C compiler is at hand, PyTorch is taken as installed.
    """
    library = work / "mkl_any_processor.so"
    try:
        subprocess.run(
            ["clang", "-shared", "-fPIC", "-o", library, HERE / "mkl_any_processor.c"], check=True)
    except (subprocess.CalledProcessError, OSError):
        return environment, {"installed_gflops": rate(python, threads, environment)}
    loaded = " ".join(filter(None, (environment.get("LD_PRELOAD"), str(library))))
    other = dict(environment, LD_PRELOAD=loaded)
    # In turn, so that a slow second of the machine meets both.
    rates = [(rate(python, threads, environment), rate(python, threads, other)) for _ in range(2)]
    installed, preloaded = (max(column) for column in zip(*rates))
    facts = {"installed_gflops": installed, "any_processor_gflops": preloaded}
    return (other if preloaded >= LEAST_GAIN * installed else environment), facts
