#!/usr/bin/env bash
# Runs the tests under the Address Sanitizer and the Thread Sanitizer, and those of the C kernels under the
# Undefined Behaviour Sanitizer; see docs/reliability.md. Each has a build of its own under .build.
#
#   scripts/sanitize.sh [address|thread|undefined] …     all three if none is named
set -euo pipefail
cd "$(dirname "$0")/.."

for kind in "${@:-address thread undefined}"; do
  for sanitizer in $kind; do
    start=$SECONDS
    case "$sanitizer" in
      address)
        # Swift's runtime keeps metadata for ever, which is no leak worth a line.
        ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=address --scratch-path .build/asan ;;
      thread)
        TSAN_OPTIONS="halt_on_error=0 exitcode=66" \
          swift test --sanitize=thread --scratch-path .build/tsan ;;
      undefined)
        # Of the C code; a finding ends the tests with an illegal instruction, which needs no runtime.
        swift test --scratch-path .build/ubsan -Xcc -fsanitize=undefined \
          -Xcc -fsanitize-trap=undefined --filter 'ModelTests|TrainTests|ChartTests' ;;
      *) sed -nE '2,6s/^# ?//p' "$0" >&2; exit 64 ;;
    esac
    echo "$sanitizer: nothing found, $((SECONDS - start)) s"
  done
done
