#!/usr/bin/env bash
# Finds what ends the program where an error should be thrown: `try!`, `as!`, `fatalError` and the like.
# Forced unwraps are found by swift-format (NeverForceUnwrap). `preconditionFailure` is for what no input can
# reach, and a comment `// Unreachable: why` must stand above it. With --self-test the script proves that it
# finds each of them.
set -euo pipefail
cd "$(dirname "$0")/.."

# Comments and string literals are ignored, so an error message may contain anything.
find_traps() {
  awk '
    FNR == 1 { above = "" }
    {
      code = $0
      gsub(/\\"/, "", code)
      gsub(/"[^"]*"/, "\"\"", code)
      sub(/\/\/.*/, "", code)
    }
    code ~ /try!|[ (]as!|fatalError *\(|assertionFailure *\(|unsafelyUnwrapped|unsafeBitCast *\(|unowned\(unsafe\)|[^!=<>]: *[A-Z][A-Za-z0-9_.]*! *([={]|$)/ {
      print FILENAME ":" FNR ": " $0; found = 1
    }
    code ~ /preconditionFailure *\(/ && above !~ /\/\/ Unreachable: / {
      print FILENAME ":" FNR ": preconditionFailure without // Unreachable: above"; found = 1
    }
    { above = $0 }
    END { exit found }
  ' "$@"
}

if [ "${1:-}" = --self-test ]; then
  file=$(mktemp --suffix=.swift)
  trap 'rm -f "$file"' EXIT
  while IFS= read -r line; do
    printf '%s\n' "$line" >"$file"
    if find_traps "$file" >/dev/null; then echo "not found: $line" >&2; exit 1; fi
  done <<'LINES'
let x = try! read()
let x = y as! Int
guard let x else { fatalError("no") }
  assertionFailure("no")
let x = y.unsafelyUnwrapped
let x = unsafeBitCast(y, to: Int.self)
  unowned(unsafe) let owner: Owner
  private var owner: Owner!
  preconditionFailure("no")
LINES
  printf '%s\n' '// try! in a comment' 'let text = "as! and try!" // fatalError()' 'if a != b { c! = d }' \
    '// Unreachable: the caller checked.' 'preconditionFailure("no")' >"$file"
  find_traps "$file"
  exit
fi

find Sources -name '*.swift' -print0 | xargs -0 bash -c "$(declare -f find_traps)"'; find_traps "$@"' _ || {
  echo "Throw an error instead; see CONTRIBUTING.md." >&2
  exit 1
}
