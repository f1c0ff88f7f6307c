#!/usr/bin/env bash
# Extremes that a quick test cannot reach: 10,000 epochs of one step, 1,000,000 rows of training data, and a
# text of 10 MB in one row, each from data to report. Prints time and peak memory of each.
#
# usage: Tests/stress.sh [program]
#
# EPOCHS changes the number of epochs. Exit status 0 if every pipeline finished and stayed below its
# memory limit.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$0")/.." && pwd)
program=${1:-$root/.build/release/report}
fixture=$root/Tests/Fixtures/train
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache

[ -x "$program" ] || { echo "There is no program $program; build it first (make build)." >&2; exit 1; }

rows=$work/rows
tail -n +2 "$fixture/data/train.tsv" >"$rows"
{
  echo $'text\tlabel'
  awk '{ row[NR] = $0 } END { for (number = 0; number < 1000000; number++) print row[number % NR + 1] }' "$rows"
} >"$work/million.tsv"
{
  echo $'text\tlabel'
  awk 'BEGIN { for (number = 0; number < 748983; number++) printf "good bad film "; print "\tpositive" }'
  cat "$rows"
} >"$work/long.tsv"

# run NAME TRAINING-DATA EPOCHS BATCH MEGABYTES
run() {
  cat >"$work/$1.yaml" <<YAML
name: $1
model: {checkpoint: $fixture/model, encoder_layers: 3, frozen_layers: 2}
data:
  source: {language: en, train: $2, validation: $fixture/data/validation.tsv}
  targets:
    - {language: de, validation: $fixture/data/target.tsv}
  max_length: 24
training: {epochs: $3, batch_size: $4, optimizer: {learning_rate: 1e-3}}
YAML
  local start=$SECONDS
  "$program" pipeline "$work/$1.yaml" --run-dir "$work/run" >/dev/null 2>"$work/errors" ||
    { echo "$1 failed:" >&2; tail -n 5 "$work/errors" >&2; exit 1; }
  local log=$work/run/log.jsonl
  local peak
  peak=$(($(tail -n 1 "$log" | grep -o '"peak_memory_bytes":[0-9]*' | cut -d : -f 2) / 1000000))
  echo "$1: $((SECONDS - start)) s, $peak MB, $(wc -l <"$log") records"
  [ "$peak" -le "$5" ] || { echo "$1 took $peak MB, more than $5." >&2; exit 1; }
  rm -rf "$work/run"
}

run one-long-text "$work/long.tsv" 1 8 150
run a-million-rows "$work/million.tsv" 1 8192 600
run many-epochs "$fixture/data/train.tsv" "${EPOCHS:-10000}" 100 150
