"""Writes comparable_texts.json: texts as they are compared, by Python's own Unicode tables.

usage: python comparable_texts.py         (writes into its own folder; Python 3.11, standard library only)

A text is brought to NFKC, case folded, brought to NFKC again, and every stretch of white space (Unicode's
White_Space) becomes one space, none at the ends.

"texts"   pairs: a text, and what it is compared as
"age"     the version of Unicode of Python's tables
"sha256"  of one line, "<code point> <what it is compared as>", for every code point that is assigned in it
"""

import hashlib
import json
import unicodedata
from pathlib import Path

WHITE_SPACE = set(
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000")

TEXTS = [
    "", " ", "\u3000\t", "Good film", "  Good \t FILM\n", "good\u00a0film", "Straße", "STRASSE", "STRAẞE",
    "ΟΔΟΣ", "οδος", "ὀδός", "ᾳ", "ᾼ", "İstanbul", "istanbul", "ıstanbul", "ﬁlm", "ﬀ", "Ｆｉｌｍ", "①②", "ℌello",
    "cafe\u0301", "CAFÉ", "한국어", "\u1112\u1161\u11ab", "㎏", "½", "ǆ", "ǅ", "Ǆ", "ŉ", "ΐ", "Ꭰ", "ꭰ", "ﷺ",
    "नमस्ते", "Привет, МИР", "\u00ad", "a\u200db", "😀 OK", "DŽ", "Å", "\u212b", "ſ", "K", "ſt", "ﬅ", "\u0345",
    "a\u0345\u0301", "\u1f80", "ਸ਼",
]


def comparable(text):
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    spaced = "".join(" " if character in WHITE_SPACE else character for character in text)
    return " ".join(part for part in spaced.split(" ") if part)


def main():
    digest = hashlib.sha256()
    for point in range(0x110000):
        if unicodedata.category(chr(point)) in ("Cn", "Cs", "Co"):
            continue
        digest.update(f"{point} {comparable(chr(point))}\n".encode())
    result = {
        "age": [int(part) for part in unicodedata.unidata_version.split(".")[:2]],
        "sha256": digest.hexdigest(),
        "texts": [[text, comparable(text)] for text in TEXTS],
    }
    path = Path(__file__).parent / "comparable_texts.json"
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
