#!/usr/bin/env python3
"""Writes markdown/cases.json: Markdown with the HTML that an implementation of CommonMark gives.

    python3 -m venv venv && venv/bin/pip install -r Tests/Fixtures/requirements-markdown.txt
    venv/bin/python Tests/Fixtures/make_markdown_fixtures.py

White space between and inside elements, which a browser shows alike, is one space, but for code.
"""

import json
import pathlib
import re

from markdown_it import MarkdownIt

CASES = [
    # Lists right after a paragraph.
    "This tests whether:\n1. one\n2. two", "words:\n- a\n- b", "words:\n* a", "words:\n+ a\nmore",
    "words:\n2. no list", "words:\n1) a\n2) b", "words\n-", "words\n1.", "words\n-no list",
    "1986\\. A year.", "In\n1986. A year.",
    # Marks, numbers, indentation.
    "- a\n* b\n+ c", "1. a\n1) b", "3. c\n4. d", "0. a", "  - a\n  - b", "-   a\n-   b", "-\ta",
    "- a\n - b\n  - c", "10. a\n11. b", "-a", "1.a", "12345678901. a", "- ", "- a\n-\n- c",
    # What belongs to an item.
    "- a\nlazy", "- a\n  b", "- a\n\n  second\n- b", "- a\n\n- b", "- a\n- b\n\nafter",
    "- a\n  - b\n    - c\n  - d\n- e", "1. a\n   - b\n   - c\n2. d", "- a\n\n  - b\n\n  - c",
    "- a\n  > said\n- b", "- ```\n  code\n  ```\n- b", "- # heading", "- a\n\n\n  b", "-\n  a", "-\n\n  a",
    "1. a\n\n   ```\n   code\n   ```\n\n2. b", "- a\n      deeper", "-     code", "- a\n  1. b",
    "- [a](https://b.c)\n- **d**: e", "* * *\n- a", "- - a", "- a\n\n      code",
    # Paragraphs.
    "a\nb", "a  \nb", "a\\\nb", "  a\n b", "a\n    b", "a\n\n\nb", "a\n# b", "a\n> b", "a\n***\nb",
    "a\n```\nb\n```", "a\n    # b",
    # Headings.
    "# a", "#a", "## a ##", "### a \\#", "#", "####### a", "a\n===", "a\nb\n---", "a\n\n---", "   # a",
    # Quotations.
    "> a\n> b", ">a", "> a\nlazy", "> a\n\n> b", "> - a\n> - b", "> # a\n> b", ">> a", "> a\n- b", ">",
    "> a\n>\n> b", "> - a\nlazy", "> ```\n> a", "> a\n***",
    # Code and rules.
    "```\na\n\n b\n```", "~~~\na\n~~~", "````\n```\n````", "``` swift\na\n```", "    a\n\n    b\n\nc",
    "  ```\n  a\n ```", "***", "_ _ _", "--", "- - -",
    # In lines.
    "*a* _b_ **c** __d__", "a_b_c _d_", "a*b*c", "`` a`b ``", "` `` `", "`a", "``a`", "*a **b** c*",
    "2 * 3 * 4", "\\*a\\* \\_b\\_", "_a __b__ c_", "a & b &amp; &lt;c>", "[a](b.md#c)", "[a]", "a](b)",
    "** a**", "**a", "*a", "_a", "\\\\", "`a` `b`", "x `a*b` *c*",
    # Tables.
    "| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 |", "words\n| a | b |\n|---|---|\n| 1 | 2 |",
    "| a | b |\n| c | d |", "| a |\n|---|---|\n| 1 |", "| a |\n|---|\n| 1 |\n\nwords",
    "| a \\| b |\n|---|\n| **c** |",
]


def normalized(html):
    """Attributes and white space as the reader under test writes them."""
    html = html.replace("<br />", "<br>").replace("<hr />", "<hr>")
    html = re.sub(r'<code class="language-[^"]*">', "<code>", html)
    html = re.sub(r'<(t[hd]) style="text-align:right">', r'<\1 class="number">', html)
    return html


def main():
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    cases = [{"markdown": case, "html": normalized(reader.render(case))} for case in CASES]
    folder = pathlib.Path(__file__).parent / "markdown"
    folder.mkdir(exist_ok=True)
    (folder / "cases.json").write_text(
        json.dumps(cases, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
