#!/usr/bin/env bash
# Trains the built-in example in every way that may change no bit, and compares what the runs leave behind:
# release and debug build; 1, 2 and 4 threads; 1 to 8 ranks, in shared memory and over TCP; the frozen layers' output computed, found in the cache, or kept for the
# run only.
#
# usage: Tests/same-bits.sh [release-program] [debug-program]
#
# Exit status 0 if all runs have the same SHA-256, except for times.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$0")/.." && pwd)
release=${1:-$root/.build/release/report}
debug=${2:-$root/.build/debug/report}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache

for program in "$release" "$debug"; do
  [ -x "$program" ] || { echo "There is no program $program; build it first." >&2; exit 1; }
done

# Two epochs on a tenth of the data, dropout on.
options=(--set training.epochs=2 --set data.percentage=10 --set training.gradient_clipping=1)
times='s/"(time|log_sha256|environment\.json)":"[^"]*"//g; s/"(seconds|prefix_seconds|peak_memory_bytes)":[^,}]*//g'

# SHA-256 of everything that must repeat: not the number of threads, nor report.json and card.json, which hold hashes of
# environment.json and of the log, nor the hash of environment.json in the log, nor what the log says of checkpoints and of where the frozen layers' output came from.
digests() {
  (
    cd "$1"
    find . -type f ! -path './checkpoints/*' ! -name log.jsonl ! -name report.md ! -name report.json ! -name card.json \
      ! -path ./model/README.md ! -name environment.json -print0 | sort -z | xargs -0 sha256sum
    find ./checkpoints -name state.safetensors | sort | while read -r state; do
      # Behind the header, in whose metadata times are: parameters and moments.
      header=$(od -An -t u8 -N 8 "$state" | tr -d ' ')
      echo "$(tail -c +$((header + 9)) "$state" | sha256sum) $state"
    done
    echo "$(grep -vE '^\{"record":"(checkpoint|prefix)"' log.jsonl | sed -E "$times" | sha256sum) log.jsonl"
    # The number of threads stands beside the device; a build knows its commit only if nothing was changed.
    [ ! -e model/README.md ] ||
      echo "$(sed -E 's/, built from commit [0-9a-f]+//' model/README.md | sha256sum) model/README.md"
    echo "$(sed -E '/<!-- cost -->/,/<!-- \/cost -->/d; s/; ([0-9]+ ranks on [^;]*, )?[0-9]+ threads?( in all)?;/;/; s/ \(commit [0-9a-f]+\)//' report.md | sha256sum) report.md"
  )
}

# Ranks are started by mpirun, which refuses to be run by root unless told so twice.
if [ "$(id -u)" -eq 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi

runs=0
# How `compare` starts the program, if not by itself.
launcher=()
# compare NAME PROGRAM OPTION...
compare() {
  local name=$1 program=$2
  shift 2
  rm -rf "$work/run"
  "${launcher[@]}" "$program" pipeline builtin:demo "${options[@]}" --run-dir "$work/run" "$@" >/dev/null \
    2>"$work/errors" || { cat "$work/errors" >&2; exit 1; }
  digests "$work/run" >"$work/found"
  [ -e "$work/expected" ] || cp "$work/found" "$work/expected"
  if ! diff "$work/expected" "$work/found" >&2; then
    echo "Other bits: $name." >&2
    exit 1
  fi
  runs=$((runs + 1))
}

for threads in 1 2 4; do
  rm -rf "$XDG_CACHE_HOME"
  compare "release, $threads threads, computed" "$release" --threads "$threads"
  compare "release, $threads threads, found" "$release" --threads "$threads"
  compare "release, $threads threads, not kept" "$release" --threads "$threads" --no-cache
  # What the release build has stored is found by the debug build, too.
  compare "debug, $threads threads, found" "$debug" --threads "$threads"
  rm -rf "$XDG_CACHE_HOME"
  compare "debug, $threads threads, computed" "$debug" --threads "$threads"
  compare "debug, $threads threads, not kept" "$debug" --threads "$threads" --no-cache
done
if command -v mpirun >/dev/null && mpirun --version | grep -q 'Open MPI'; then
  for ranks in 1 2 3 4 8; do
    launcher=(mpirun --oversubscribe -n "$ranks")
    rm -rf "$XDG_CACHE_HOME"
    compare "$ranks ranks of $((ranks % 2 + 1)) threads, computed" "$release" --threads $((ranks % 2 + 1))
    launcher+=(--mca btl tcp,self)
    compare "$ranks ranks of 1 thread over TCP, found" "$release" --threads 1
    compare "$ranks ranks of 1 thread over TCP, sent by rank 0" "$release" --threads 1 --no-cache
  done
else
  echo "Ranks were left out: Open MPI is not installed (apt-get install openmpi-bin)."
fi
echo "$runs runs, each with the same $(wc -l <"$work/expected") hashes."
