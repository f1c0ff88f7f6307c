#!/usr/bin/env bash
# Phrases that no native speaker would write and that crept into texts before. Exit status 1 with where they are.
#
# --self-test checks that each of them is found.
set -euo pipefail
cd "$(dirname "$0")/.."

# One extended regular expression per line, without regard to case.
phrases='(cannot|could) be told from
(words|templates?|places?) of (one|your).s? own
give one of your own
one a line
an? (text|object|label|row|entry|token|record) a (line|text|row|class|token)
one (entry|label|row|panel|value) an? (line|text|row|class|epoch|split|seed|target|configuration)
tokens? a (second|text|word)
dots an inch
logs? of (other programs|another program)
works? (it|them|all|every [a-z ]+) out again
for want of
hence apart
answers score that
(is|are) no (number|format|theme|table|series|whole|usable|language.s)'

# What is printed, and what is read: string literals, templates, experiments and documentation.
texts() {
  grep -rhnoE '"([^"\\]|\\.)*"' Sources --include='*.swift' --with-filename
  grep -rn '' templates experiments Example/demo/*.yaml README.md CONTRIBUTING.md docs/*.md
}

if [ "${1:-}" = --self-test ]; then
  while IFS= read -r sample; do
    grep -qiE -f <(printf '%s\n' "$phrases") <<<"$sample" || { echo "not found: $sample" >&2; exit 1; }
  done <<'SAMPLES'
which cannot be told from always naming the most frequent class
a template of one's own
Texts, one a line
expected an object a line
one entry a split
Logs of other programs
works every number of a report out again
Not shown for want of room
Without test results, hence apart: German
What answers score that never look at the text
Dots an inch of PNG files
4,650 tokens a second
'x' is no format
SAMPLES
  exit 0
fi

if texts | grep -iE -f <(printf '%s\n' "$phrases"); then
  echo "write these as a native speaker would (scripts/lint_words.sh lists them)" >&2
  exit 1
fi
