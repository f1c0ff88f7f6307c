#!/usr/bin/env bash
# Exports a run, a comparison or a study, compiles paper.tex with pdfLaTeX and BibTeX, and fails on anything that is not right: an
# error, an undefined reference or citation, a letter that a font lacks, a line that sticks out by more than 10 points.
#
# scripts/paper.sh PROGRAM FOLDER OUTPUT: PROGRAM is the built report. Needs texlive-latex-base, -latex-extra, -science and lmodern;
# with pdftoppm (poppler-utils) the pages are written as PNG beside the PDF.
set -euo pipefail
if [ $# -ne 3 ]; then echo "usage: scripts/paper.sh PROGRAM FOLDER OUTPUT" >&2; exit 64; fi
for program in pdflatex bibtex; do
  command -v "$program" >/dev/null || {
    echo "$program is missing: apt-get install texlive-latex-base texlive-latex-extra texlive-science lmodern" >&2
    exit 1
  }
done
"$1" export "$2" --output "$3" >/dev/null
cd "$3"
compile() {
  pdflatex -interaction=nonstopmode -halt-on-error paper.tex >compile.txt || { tail -40 compile.txt >&2; exit 1; }
}
compile
bibtex paper >bibtex.txt || { cat bibtex.txt >&2; exit 1; }
compile
compile
problems=$(grep -nE 'LaTeX Warning: (Reference|Citation|There were undefined)|Missing character|^! ' paper.log || true)
problems+=$(grep -E '^Warning' bibtex.txt || true)
problems+=$(grep -E '^Overfull \\hbox \(([1-9][0-9]+)\.' paper.log || true)
if [ -n "$problems" ]; then printf '%s\n' "$problems" >&2; exit 1; fi
rm -f compile.txt bibtex.txt
if command -v pdftoppm >/dev/null; then pdftoppm -r 60 -png paper.pdf page; fi
echo "$3/paper.pdf"
