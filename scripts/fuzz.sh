#!/usr/bin/env bash
# Feeds every reader inputs that libFuzzer invents, and keeps those that break a promise.
#
#   scripts/fuzz.sh [--seconds N] [--seed N] [--target NAME] [--keep]
#
# --seconds is for all targets together (120 if left out); --target runs one. --keep adds the inputs that reach
# new code to Tests/Fuzz/Corpus. Broken promises are a trap, an error that names no file, ten seconds
# for one input, one piece of memory beyond 100 MB, or 512 MB in all. Exit status 1 if there was one; the input
# lies in .build/fuzz-findings then, and `Fuzz replay <target> <file>` shows it again.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=120 seed=0 only="" keep=""
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --target) only=$2; shift 2 ;;
    --keep) keep=1; shift ;;
    *) sed -nE '2,9s/^# ?//p' "$0" >&2; exit 64 ;;
  esac
done

# gold, the default linker, gives up on libFuzzer's debug information.
swift build -c release --scratch-path .build/fuzz --product Fuzz \
  -Xswiftc -sanitize=fuzzer -Xswiftc -DFUZZER -Xswiftc -use-ld=lld
fuzz=.build/fuzz/release/Fuzz
work=.build/fuzz-work findings=.build/fuzz-findings
rm -rf "$work"
mkdir -p "$work/seeds" "$findings"
"$fuzz" seeds "$work/seeds"

targets=$("$fuzz" list)
if [ -n "$only" ]; then
  targets=$(grep "^$only " <<<"$targets") || { echo "There is no target '$only'." >&2; exit 64; }
fi
count=$(wc -l <<<"$targets")
each=$((seconds / count > 0 ? seconds / count : 1))
failed=()
while read -r target dictionary; do
  corpus=$work/$target
  mkdir -p "$corpus" "Tests/Fuzz/Corpus/$target"
  options=(-max_total_time="$each" -seed="$seed" -timeout=10 -malloc_limit_mb=100 -rss_limit_mb=512
    -max_len=65536 -print_final_stats=1 -verbosity=0 -artifact_prefix="$findings/$target-")
  [ "$dictionary" = - ] || options+=(-dict="Tests/Fuzz/Dictionaries/$dictionary.dict")
  if FUZZ_TARGET=$target "$fuzz" "${options[@]}" \
    "$corpus" "Tests/Fuzz/Corpus/$target" "$work/seeds/$target" >"$work/$target.log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$work/$target.log")
    printf '%-20s %10s inputs in %s s\n' "$target" "$runs" "$each"
    if [ -n "$keep" ]; then
      FUZZ_TARGET=$target "$fuzz" -merge=1 -max_len=4096 -verbosity=0 \
        "Tests/Fuzz/Corpus/$target" "$corpus" >>"$work/$target.log" 2>&1
    fi
  else
    failed+=("$target")
    printf '%-20s BROKEN PROMISE:\n' "$target"
    grep -hE 'Fatal error|ERROR: libFuzzer|Test unit written' "$work/$target.log" | sed 's/^/  /'
  fi
done <<<"$targets"
find Tests/Fuzz/Corpus -type d -empty -delete

# What grows faster than its input shows only in large ones.
if [ -z "$only" ]; then
  "$fuzz" large "$work/large"
  for file in "$work"/large/*/*; do
    "$fuzz" weigh "$(basename "$(dirname "$file")")" "$file" || failed+=("$file")
  done
  rm -rf "$work/large"
fi
rm -rf /dev/shm/transfergap-fuzz-*
[ ${#failed[@]} -eq 0 ] || { echo "Findings in $findings: ${failed[*]}" >&2; exit 1; }
