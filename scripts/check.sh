#!/usr/bin/env bash
# Everything that must hold before a change lands: tests, linter, import check on a clean build, fuzzing, simulations, a
# demo and its audit, interrupted trainings, bits. `make check` runs it here and in CI.
#
# Left out, since they take long or need what not every machine has: `make test-release`, `make sanitize`,
# `make stress`, `make bench`.
set -euo pipefail
cd "$(dirname "$0")/.."

# So that no tests are left out: of ranks, and of a device, which is PoCL's here.
scripts/setup.sh openmpi-bin ocl-icd-libopencl1 libclblast1 pocl-opencl-icd
TRANSFERGAP_REQUIRE_OPENCL=1 make test
make lint

# Two minutes of inputs that nobody wrote, for every reader.
make fuzz

# Intervals cover and verdicts err seldom enough, by simulation.
make simulations

rm -rf .build/check
swift build --scratch-path .build/check --explicit-target-dependency-import-check error
rm -rf .build/check

rm -rf runs/demo
make demo
for figure in losses accuracies learning_rate ROC transfer_gap dashboard final_comparison; do
  test -s "runs/demo/$figure.png"
done
test -s runs/demo/report.md

# Every number in the report can be worked out again; a training that is killed or loses its power ends with the same
# bits, and so it does in either build, on any number of threads.
.build/release/report audit runs/demo
make kill
make power-cut
make same-bits

# Processes that train together end when one of them does, and the run goes on on any number of them.
make kill-ranks
make two-hosts
# A device takes the same examples and draws, and computes the same but for rounding.
make device

# An installed program finds what it needs; completions and the manual page are there.
make install-check

# Products run on kernels of the processor's instruction set, whatever its model number.
make processors

# Runs of a study that something else starts give the same answer.
make study-parallel

# The report is a pure function of the run directory: a debug build gives the same bytes.
cp runs/demo/report.md .build/report-of-release.md
swift run report runs/demo
cmp runs/demo/report.md .build/report-of-release.md
