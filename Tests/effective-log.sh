#!/usr/bin/env bash
# Read by `source` by scripts that compare runs.

# The log without what a `resumed` record takes back, interruptions, where the frozen layers' output came
# from, and times: docs/run-format.md. A second argument names further fields to leave out, as a regular expression.
effective_log() {
  awk '
    /^\{"record":"resumed"/ {
      match($0, /"line":[0-9]+/)
      kept = substr($0, RSTART + 7, RLENGTH - 7) + 0
      for (number in lines) if (number + 0 > kept) delete lines[number]
      next
    }
    { lines[NR] = $0 }
    END { for (number = 1; number <= NR; number++) if (number in lines) print lines[number] }
  ' "$1" | grep -vE '^\{"record":"(checkpoint|interrupted|prefix)"' |
    sed -E 's/"(time|log_sha256'"${2:+|$2}"')":"[^"]*"//g; s/"(seconds|prefix_seconds|peak_memory_bytes)":[^,}]*//g'
}
