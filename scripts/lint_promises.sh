#!/usr/bin/env bash
# Every test that docs/reliability.md names must exist: `Suite.test`, `Suite`, or `test` after a suite in the same
# row. Lists what is missing, with exit status 1.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=0
last=
# The last column of each table; each name is in backticks.
while IFS= read -r row; do
  suite=
  for name in $(sed -E 's/\|$//; s/.*\|//' <<<"$row" | grep -oE '`[A-Za-z][A-Za-z0-9_.]*`' | tr -d '`'); do
    case $name in
      *.sh | *.py) [ -e "$name" ] || [ -e "Tests/$name" ] || { echo "$name: no such file" >&2; missing=1; } ;;
      *Tests.*)
        suite=${name%%.*}
        file=$(grep -rlE "(struct|class) $suite\b" Tests --include='*.swift' | head -n 1)
        { [ -n "$file" ] && grep -qE "func ${name#*.}\(" "$file"; } ||
          { echo "docs/reliability.md: there is no test $name" >&2; missing=1; }
        ;;
      *Tests)
        suite=$name
        grep -rqE "(struct|class) $suite\b" Tests --include='*.swift' ||
          { echo "docs/reliability.md: there is no suite $name" >&2; missing=1; }
        ;;
      [a-z]*)
        # A test of the suite that was named last, in this row or one above.
        [ -n "$suite" ] || suite=${last:-}
        file=$(grep -rlE "(struct|class) $suite\b" Tests --include='*.swift' | head -n 1)
        { [ -n "$file" ] && grep -qE "func $name\(" "$file"; } ||
          { echo "docs/reliability.md: $suite has no test $name" >&2; missing=1; }
        ;;
    esac
    [ -z "$suite" ] || last=$suite
  done
done < <(grep '^|' docs/reliability.md)
exit "$missing"
