#!/usr/bin/env bash
# Installs a release build with its completions and its manual page: `make install PREFIX=/usr/local DESTDIR=`.
#
#   scripts/install.sh PREFIX [DESTDIR]
#   scripts/install.sh --uninstall PREFIX [DESTDIR]
#
# The program and what it needs beside it go to PREFIX/lib/transfergap, and a link to PREFIX/bin.
set -euo pipefail
cd "$(dirname "$0")/.."

uninstall=
if [ "${1:-}" = --uninstall ]; then
  uninstall=1
  shift
fi
prefix=${1:?PREFIX is missing}
root=${2:-}$prefix
case $prefix in
  /*) ;;
  *) echo "PREFIX must be an absolute path, not '$prefix'." >&2; exit 1 ;;
esac

lib=$root/lib/transfergap
links=("$root/bin/report")
bash_completion=$root/share/bash-completion/completions/report
zsh_completion=$root/share/zsh/site-functions/_report
fish_completion=$root/share/fish/vendor_completions.d/report.fish
manual=$root/share/man/man1/report.1
files=("$bash_completion" "$zsh_completion" "$fish_completion" "$manual")

if [ -n "$uninstall" ]; then
  # Only what is ours: another program may be called report.
  for link in "${links[@]}"; do
    if [ "$(readlink "$link" || true)" = "../lib/transfergap/report" ]; then rm "$link" "${files[@]}"; fi
  done
  rm -rf "$lib"
  exit
fi

if [ -e "${links[0]}" ] && [ "$(readlink "${links[0]}" || true)" != "../lib/transfergap/report" ]; then
  echo "${links[0]} is another program; choose another PREFIX." >&2
  exit 1
fi

build=.build/release
rm -rf "$lib.new"
mkdir -p "$lib.new" "$root/bin"
install -m 755 "$build/report" "$build/report-http" "$lib.new/"
cp -R "$build/TransferGap_ReportCommand.resources" "$lib.new/"
chmod -R u+w,go+rX "$lib.new"
rm -rf "$lib"
mv "$lib.new" "$lib"
ln -sfn ../lib/transfergap/report "${links[0]}"

for file in "${files[@]}"; do mkdir -p "$(dirname "$file")"; done
"$lib/report" --generate-completion-script bash >"$bash_completion"
"$lib/report" --generate-completion-script zsh >"$zsh_completion"
"$lib/report" --generate-completion-script fish >"$fish_completion"

# The page is made of the help texts, by swift-argument-parser's own plugin.
swift package plugin generate-manual --configuration release >/dev/null
page=$(find .build/plugins/GenerateManual/outputs -name report.1 | head -n 1)
# Blank lines in help texts mean nothing to the page's language but a warning.
sed '/^$/d' "$page" >"$manual"
chmod 644 "${files[@]}"
echo "Installed ${links[0]}."
