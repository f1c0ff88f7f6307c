#!/usr/bin/env bash
# Kills `report pipeline` with SIGKILL at random moments, continues it with `pipeline --resume` until it
# is finished, and compares everything it leaves behind with a run that was never killed.
#
# usage: Tests/kill-and-resume.sh [kills] [program]
#
# SEED chooses the moments (it is printed, so that they can be repeated), THREADS the number of threads. Exit status 0
# if every run ended with the same SHA-256 as the run that was not killed, except for times and interruptions.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$0")/.." && pwd)
kills=${1:-10}
program=${2:-$root/.build/release/report}
seed=${SEED:-$$}
threads=${THREADS:-2}
RANDOM=$((seed % 32768))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache

[ -x "$program" ] || { echo "There is no program $program; build it first (make build)." >&2; exit 1; }

# Three epochs on a tenth of the built-in example, dropout on, a checkpoint every other step; the best
# epoch is selected, so that its weights must survive as well.
options=(--threads "$threads" --set training.epochs=3 --set data.percentage=10
  --set 'training.checkpoint_every={steps: 2}' --set training.gradient_clipping=1
  --set select=best_source_validation)

source "$(dirname "${BASH_SOURCE[0]}")/effective-log.sh"

# SHA-256 of everything in a run directory that must repeat, a line a file.
digests() {
  (
    cd "$1"
    # report.json and card.json hold the hash of log.jsonl, in which times and interruptions are.
    find . -type f ! -path './checkpoints/*' ! -name log.jsonl ! -name report.md ! -name report.json \
      ! -name card.json -print0 |
      sort -z | xargs -0 sha256sum
    echo "$(effective_log log.jsonl | sha256sum) log.jsonl"
    echo "$(sed '/<!-- cost -->/,/<!-- \/cost -->/d' report.md | sha256sum) report.md"
  )
}

begin() { rm -rf "$XDG_CACHE_HOME" "$work/run"; }

now() { date +%s%N; }

started=$(now)
"$program" pipeline builtin:demo "${options[@]}" --run-dir "$work/reference" 2>"$work/errors" >/dev/null ||
  { cat "$work/errors" >&2; exit 1; }
duration=$((($(now) - started) / 1000000))
digests "$work/reference" >"$work/expected"
echo "Not killed: $duration ms, $(wc -l <"$work/expected") files. Killing $kills times, seed $seed."

done_kills=0
runs=0
kills_of_run=0
begin
while true; do
  if [ -e "$work/run/experiment.yaml" ]; then
    command=(pipeline --resume "$work/run" --threads "$threads")
  else
    command=(pipeline builtin:demo "${options[@]}" --run-dir "$work/run")
  fi
  "$program" "${command[@]}" >/dev/null 2>>"$work/errors" &
  process=$!
  if [ "$done_kills" -lt "$kills" ]; then
    # 30 random bits over the time that a whole run takes.
    moment=$(((RANDOM * 32768 + RANDOM) * duration / 1073741824))
    sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
    kill -KILL "$process" 2>/dev/null || true
  fi
  status=0
  wait "$process" 2>/dev/null || status=$?
  if [ "$status" = 137 ]; then
    done_kills=$((done_kills + 1))
    kills_of_run=$((kills_of_run + 1))
    [ $((done_kills % 10)) != 0 ] || echo "Killed $done_kills times; $runs runs ended with the same bits."
    continue
  fi
  if [ "$status" != 0 ]; then
    echo "Exit status $status after $kills_of_run kills (seed $seed):" >&2
    tail -n 5 "$work/errors" >&2
    exit 1
  fi
  digests "$work/run" >"$work/found"
  if ! diff "$work/expected" "$work/found" >"$work/differences"; then
    echo "A run killed $kills_of_run times differs (seed $seed):" >&2
    cat "$work/differences" >&2
    effective_log "$work/reference/log.jsonl" >"$work/a"
    effective_log "$work/run/log.jsonl" >"$work/b"
    diff "$work/a" "$work/b" | head -n 10 >&2
    exit 1
  fi
  runs=$((runs + 1))
  kills_of_run=0
  [ "$done_kills" -lt "$kills" ] || break
  begin
done
echo "Killed $done_kills times in $runs runs; every run ended with the same bits."
