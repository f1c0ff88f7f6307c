#!/usr/bin/env bash
# Copies a study's answer and its figures to another folder under docs, whose metrics.md is docs/metrics.md.
#
# usage: scripts/copy_study.sh studies/demo-study docs/demo-study
set -euo pipefail

[ $# = 2 ] && [ -f "$1/study.md" ] || { echo "usage: scripts/copy_study.sh STUDY FOLDER" >&2; exit 1; }
mkdir -p "$2"
rm -f "$2"/*.png "$2"/*.md
for text in study comparison; do
  sed 's|(metrics\.md|(../metrics.md|g' "$1/$text.md" >"$2/$text.md"
done
# Only what the texts show.
grep -ohE '\(([a-z_0-9-]+\.png)\)' "$2"/*.md | tr -d '()' | sort -u | while read -r figure; do
  cp "$1/$figure" "$2/$figure"
done
# A link that leads nowhere is a mistake here.
grep -ohE '\]\([^)#]+' "$2"/*.md | cut -c3- | sort -u | while read -r target; do
  [ -e "$2/$target" ] || { echo "$2: $target is missing" >&2; exit 1; }
done
