#!/usr/bin/env bash
# Runs the tests under the Address Sanitizer and the Thread Sanitizer, and every C kernel under the Undefined
# Behaviour Sanitizer; see docs/reliability.md. Each has its own build under .build. The variable SANITIZER
# tells the tests which one runs.
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
        SANITIZER=address ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=address --scratch-path .build/asan ;;
      thread)
        SANITIZER=thread TSAN_OPTIONS="halt_on_error=0 exitcode=66" \
          swift test --sanitize=thread --scratch-path .build/tsan ;;
      undefined)
        # Of the kernels, called from C, so that nothing of Swift must be built again; the Address Sanitizer
        # looks on, since here rows end where memory does.
        clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
        mkdir -p .build/ubsan
        "$clang" -O1 -g -fsanitize=undefined,address -fno-sanitize-recover=all -fno-math-errno \
          -ISources/CKernels/include -ISources/CKernels -fuse-ld=lld \
          Tests/Sanitize/kernels.c Sources/CKernels/*.c -lm -o .build/ubsan/kernels
        ASAN_OPTIONS=detect_leaks=0 .build/ubsan/kernels ;;
      *) sed -nE '2,7s/^# ?//p' "$0" >&2; exit 64 ;;
    esac
    echo "$sanitizer: nothing found, $((SECONDS - start)) s"
  done
done
