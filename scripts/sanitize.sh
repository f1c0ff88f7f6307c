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
        TSAN_OPTIONS="suppressions=$PWD/scripts/tsan-suppressions.txt halt_on_error=0 exitcode=66" \
          swift test --sanitize=thread --scratch-path .build/tsan ;;
      undefined)
        # Only C is checked, all of it but what the packages bring; a finding ends the test.
        UBSAN_OPTIONS=print_stacktrace=1 swift test --scratch-path .build/ubsan \
          -Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined \
          -Xlinker "$(clang_runtime)" --filter 'ModelTests|TrainTests|ChartTests' ;;
      *) sed -nE '2,6s/^# ?//p' "$0" >&2; exit 64 ;;
    esac
    echo "$sanitizer: nothing found, $((SECONDS - start)) s"
  done
done
