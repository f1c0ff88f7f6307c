#!/usr/bin/env bash
# A study trained by GNU parallel from `report study --list-commands`, and its answer collected: the same as
# that of `report study`, byte for byte, except for times. Also a run that is requested twice, and one that fails.
#
# usage: Tests/study-with-parallel.sh [program]
#
# Needs Debian's package `parallel`, which nothing else here needs. Takes less than a minute. Exit status 0 if the
# answers are the same, 1 if not, 2 if parallel is missing.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$0")/.." && pwd)
program=${1:-$root/.build/release/report}
program=$(realpath "$program")
fixture=$root/Tests/Fixtures/train

if ! command -v parallel >/dev/null; then
  echo "GNU parallel is missing; install it with: apt-get install parallel" >&2
  exit 2
fi
[ -x "$program" ] || { echo "There is no program $program; build it first (make build)." >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$program" "$work/bin/report"
export PATH=$work/bin:$PATH
cd "$work"

cat >base.yaml <<END
name: base
model: {checkpoint: $fixture/model, encoder_layers: 3, frozen_layers: 1}
data:
  source: {language: en, train: $fixture/data/train.tsv, validation: $fixture/data/validation.tsv}
  targets:
    - {language: de, validation: $fixture/data/target.tsv, test: $fixture/data/target.tsv}
  max_length: 24
training: {epochs: 2, batch_size: 8, optimizer: {learning_rate: 1e-3}}
END
cat >study.yaml <<END
name: small
base: base.yaml
seeds: [1, 2, 3]
configurations: {one: {}, deeper: {model.encoder_layers: 4}, open: {model.frozen_layers: 0}}
questions:
  - goal: One holds its own
    claim: {not_less: [one, deeper], metric: accuracy, split: de.test, margin: 0.3}
  - goal: They are alike
    claim: {equivalent: [one, open], metric: macro_f1, split: de.test, margin: 0.9}
END

fail() { echo "$*" >&2; exit 1; }

# What may differ: which of the runs side by side computed the frozen layers and how long that took, and the
# figure of cost, which draws seconds only where runs were trained one at a time.
answer() {
  sed -E -e '/^\| Frozen layers/,/^$/s/^(\| [^|]*\| [^|]*\| [^|]*\|).*/\1/' -e '/\(cost\.png\)$/,+1d' "$1"
}

XDG_CACHE_HOME=$work/cache-a report study study.yaml --output alone --threads 1 >/dev/null 2>&1 ||
  fail "report study failed."

export XDG_CACHE_HOME=$work/cache-b
report study study.yaml --output side --list-commands --threads 1 >commands
[ "$(wc -l <commands)" = 9 ] || fail "9 commands expected, not $(wc -l <commands)."
parallel --will-cite --jobs 2 --joblog jobs <commands >/dev/null 2>messages ||
  { cat messages >&2; fail "A run under parallel failed."; }
report study study.yaml --output side --collect >/dev/null

for split in alone side; do
  [ "$(ls "$split/runs" | wc -l)" = 9 ] || fail "$split/runs does not hold nine run directories."
  [ "$(cat "$split"/runs/*/log.jsonl | grep -c '"record":"run_finished"')" = 9 ] ||
    fail "$split holds runs that are not complete."
done
diff <(answer alone/study.md) <(answer side/study.md) >&2 || fail "The answers differ."
diff <(answer alone/comparison.md) <(answer side/comparison.md) >&2 || fail "The comparisons differ."
[ "$(cat side/runs/*/log.jsonl | grep '"record":"prefix"' | grep -o '"key":"[^"]*","source":"computed"' |
  sort | uniq -d | wc -l)" = 0 ] || fail "Frozen layers were computed twice."

for split in alone side; do
  report audit "$split" >/dev/null || fail "The audit of $split finds differences."
done

# Repeating all of it does nothing and succeeds; a run that cannot be done has status 1 and stops no other.
cp side/study.md before
parallel --will-cite --jobs 2 <commands >/dev/null 2>&1 || fail "Repeating complete runs failed."
report study study.yaml --output side --collect >/dev/null
cmp -s before side/study.md || fail "Repeating complete runs changed the answer."
rm -rf side/runs/open-seed-3
echo "in the way" >side/runs/open-seed-3
status=0
parallel --will-cite --jobs 2 --joblog jobs <commands >/dev/null 2>&1 || status=$?
[ "$status" = 1 ] || fail "parallel counted $status failures instead of 1."
[ "$(awk 'NR > 1 && $7 != 0 { print $7 }' jobs)" = 1 ] || fail "The failing run's status is not 1."

echo "Nine runs under GNU parallel give the answer that report study gives."
