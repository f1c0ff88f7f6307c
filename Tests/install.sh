#!/usr/bin/env bash
# Installs into a folder and checks that everything is found from there: the example, the completions, the manual page.
#
#   Tests/install.sh       after `make build`
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "install: $*" >&2; exit 1; }

make --no-print-directory install PREFIX="$folder/a b/usr" >/dev/null
root="$folder/a b/usr"
report=$root/bin/report

# Elsewhere, so that nothing of the project is at hand.
cd "$folder"
"$report" train builtin:demo --set training.epochs=1 --set data.percentage=2 --run-dir run --no-cache 2>messages ||
  fail "the example is not found: $(tail -n 3 messages)"
"$report" run >/dev/null
test -s run/report.md || fail "no report"

# Nobody listens there; what asks is found, though.
HF_HOME="$folder/hf" HF_ENDPOINT=http://127.0.0.1:1 "$report" download tiny/bert 2>messages && fail "fetched from nowhere"
grep -q "cannot be reached" messages || fail "the program that fetches is not found: $(cat messages)"

bash -n "$root/share/bash-completion/completions/report" || fail "bash's completions do not parse"
# What bash would offer after `report pipe`, and after `report figures --format `.
offered() {
  bash -c '
    source "$1/share/bash-completion/completions/report"
    COMP_WORDS=("${@:2}")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMP_LINE="${COMP_WORDS[*]}"
    COMP_POINT=${#COMP_LINE}
    _report report "${COMP_WORDS[$COMP_CWORD]}" "${COMP_WORDS[$((COMP_CWORD - 1))]}" 2>/dev/null
    printf "%s\n" "${COMPREPLY[@]}"' offered "$root" "$@"
}
offered report pipe | grep -qx 'pipeline *' || fail "bash does not complete commands"
offered report figures run --theme pr | grep -qx 'print *' || fail "bash does not complete themes"
for command in pipeline probe study download; do
  grep -q "^complete.*$command" "$root/share/fish/vendor_completions.d/report.fish" || fail "fish lacks $command"
  grep -q "'$command" "$root/share/zsh/site-functions/_report" || fail "zsh lacks $command"
  grep -q "^\.It Em $command" "$root/share/man/man1/report.1" || fail "the manual page lacks $command"
done

# Only what is its own is removed or replaced.
cd "$OLDPWD"
make --no-print-directory uninstall PREFIX="$root" >/dev/null
[ -z "$(find "$root" -type f -o -type l)" ] || fail "left behind: $(find "$root" -type f -o -type l)"
echo other >"$report"
if scripts/install.sh "$root" >/dev/null 2>&1; then fail "replaced another program"; fi
scripts/install.sh --uninstall "$root"
[ "$(cat "$report")" = other ] || fail "removed another program"
echo "Installed, found everything from elsewhere, and uninstalled."
