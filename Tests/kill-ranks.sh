#!/usr/bin/env bash
# Kills a random rank of `mpirun report train` with SIGKILL at random moments, goes on with another number of ranks each
# time until the run is finished, and compares what it leaves behind with a process alone.
#
# usage: Tests/kill-ranks.sh [kills] [program]
#
# SEED chooses ranks and moments (it is printed, so that they can be repeated). Exit status 0 if all ranks ended within 30
# seconds of every kill and every run has the same SHA-256 as that of one process, except for times and interruptions.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$0")/.." && pwd)
kills=${1:-10}
program=${2:-$root/.build/release/report}
seed=${SEED:-$$}
RANDOM=$((seed % 32768))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache
# shellcheck source=ranks.sh
source "$root/Tests/ranks.sh"
need_mpi
[ -x "$program" ] || { echo "There is no program $program; build it first (make build)." >&2; exit 1; }

"$program" train builtin:demo "${rank_options[@]}" --run-dir "$work/reference" --threads 2 2>"$work/errors" >/dev/null ||
  { cat "$work/errors" >&2; exit 1; }
rank_digests "$work/reference" >"$work/expected"

now() { date +%s%N; }
milliseconds() { echo $((($(now) - $1) / 1000000)); }

begin() { rm -rf "$XDG_CACHE_HOME" "$work/run"; }
begin
started=$(now)
mpirun --oversubscribe -n 3 "$program" train builtin:demo "${rank_options[@]}" --run-dir "$work/run" --threads 1 \
  >/dev/null 2>"$work/errors" || { cat "$work/errors" >&2; exit 1; }
duration=$(milliseconds "$started")
echo "Three ranks: $duration ms. Killing $kills times, seed $seed."

begin
done_kills=0 runs=0 slowest=0
while true; do
  ranks=$((RANDOM % 3 + 2))
  if [ -e "$work/run/experiment.yaml" ]; then
    command=(train --resume "$work/run")
  else
    command=(train builtin:demo "${rank_options[@]}" --run-dir "$work/run")
  fi
  mpirun --oversubscribe -n "$ranks" "$program" "${command[@]}" --threads 1 >/dev/null 2>>"$work/errors" &
  launcher=$!
  killed=0
  if [ "$done_kills" -lt "$kills" ]; then
    moment=$(((RANDOM * 32768 + RANDOM) * duration / 1073741824))
    sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
    mapfile -t processes < <(pgrep -P "$launcher" -x report || true)
    if [ ${#processes[@]} -gt 0 ]; then
      kill -KILL "${processes[$((RANDOM % ${#processes[@]}))]}" 2>/dev/null && killed=1 || true
    fi
    at=$(now)
  fi
  status=0
  wait "$launcher" 2>/dev/null || status=$?
  if [ "$killed" = 1 ]; then
    took=$(milliseconds "$at")
    [ "$took" -le "$slowest" ] || slowest=$took
    if [ "$took" -gt 30000 ]; then
      echo "After a kill (seed $seed) the ranks took $took ms to end." >&2
      exit 1
    fi
    if [ "$status" != 0 ]; then
      done_kills=$((done_kills + 1))
      continue
    fi
  fi
  if [ "$status" != 0 ]; then
    echo "Exit status $status after $done_kills kills (seed $seed):" >&2
    tail -n 20 "$work/errors" >&2
    exit 1
  fi
  rank_digests "$work/run" >"$work/found"
  if ! diff "$work/expected" "$work/found" >&2; then
    echo "A run whose ranks were killed differs (seed $seed)." >&2
    exit 1
  fi
  runs=$((runs + 1))
  [ "$done_kills" -lt "$kills" ] || break
  begin
done
echo "Killed a rank $done_kills times in $runs runs; all ranks ended within $slowest ms, and every run with the bits of one process."
