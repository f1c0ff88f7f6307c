#!/usr/bin/env bash
# What the scripts about ranks share: a short training of the built-in example, started by mpirun, and the hashes of what it
# leaves behind. Read by `source`, with $work set to a folder of its own.

# Open MPI refuses to start processes as root unless told so twice, which is right for a machine but not for a container.
if [ "$(id -u)" -eq 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi

source "$(dirname "${BASH_SOURCE[0]}")/effective-log.sh"

# A checkpoint every other step; the best epoch is selected, so that its weights must survive as well.
rank_options=(--set training.epochs=2 --set data.percentage=10 --set 'training.checkpoint_every={steps: 2}'
  --set training.gradient_clipping=1 --set select=best_source_validation)

# SHA-256 of everything in a run directory that must repeat on any ranks.
rank_digests() {
  (
    cd "$1"
    find . -type f ! -path './checkpoints/*' ! -name log.jsonl ! -name environment.json ! -name lock -print0 |
      sort -z | xargs -0 sha256sum
    echo "$(effective_log log.jsonl 'environment\.json' | sha256sum) log.jsonl"
  )
}

# Skips a check on a machine without Open MPI, and says so.
need_mpi() {
  command -v mpirun >/dev/null && mpirun --version 2>/dev/null | grep -q 'Open MPI' || {
    echo "Skipped: Open MPI is not installed (apt-get install openmpi-bin)."
    exit 0
  }
}
