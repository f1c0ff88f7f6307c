#!/usr/bin/env python3
"""Writes Sources/Model/Tokenizer/UnicodeTables.swift by asking the reference about every code point.

    pip install tokenizers==0.23.3
    python3 scripts/make_unicode_tables.py

The reference is Hugging Face's `tokenizers`, whose Rust crates carry several versions of Unicode at
once. Nothing here comes from Python's own Unicode data, so the tables say what the reference does,
not what some version of the standard says.
"""

import functools
import os

import tokenizers
from tokenizers import normalizers, pre_tokenizers

TESTED_WITH = "0.23.3"
OUTPUT = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../Sources/Model/Tokenizer/UnicodeTables.swift")

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)


def bert(**settings):
    """One step of the reference's normalizer on its own."""
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**(off | settings)).normalize_str


clean = bert(clean_text=True)
ideograph = bert(handle_chinese_chars=True)
strip = bert(strip_accents=True)
lower = bert(lowercase=True)
nfd = normalizers.NFD().normalize_str
words = pre_tokenizers.BertPreTokenizer().pre_tokenize_str


def split(code_point):
    """Whether the pre-tokenizer drops a character, isolates it or keeps it in its word."""
    pieces = [piece for piece, _ in words("a" + chr(code_point) + "a")]
    by_count = {1: "word", 2: "space", 3: "punctuation"}
    kind = by_count[len(pieces)]
    expected = {"word": ["a" + chr(code_point) + "a"], "space": ["a", "a"],
                "punctuation": ["a", chr(code_point), "a"]}[kind]
    assert pieces == expected, hex(code_point)
    return kind


def decompose_hangul(code_point):
    """The Unicode standard's arithmetic, section 3.12."""
    index = code_point - 0xAC00
    tail = index % 28
    return [0x1100 + index // 588, 0x1161 + index % 588 // 28] + ([0x11A7 + tail] if tail else [])


def ranges(code_points):
    """Sorted code points as a flat list of first and last, both included."""
    flat = []
    for c in code_points:
        if flat and flat[-1] == c - 1:
            flat[-1] = c
        else:
            flat += [c, c]
    return flat


def combining_ranks(decompositions):
    """(first, last, rank) of characters that canonical ordering moves, ranked by what passes what.

    Ordering needs no more than the order of the classes, so their numbers in the standard are not
    looked up.
    """
    over, below = "\u0334", "\u0345"  # the lowest and the highest class there is
    moved = [
        c for c in CODE_POINTS if c not in decompositions and c not in HANGUL
        and (nfd("a" + chr(c) + over) != "a" + chr(c) + over
             or nfd("a" + below + chr(c)) != "a" + below + chr(c))
    ]

    def compare(a, b):
        if nfd("a" + chr(a) + chr(b)) != "a" + chr(a) + chr(b):
            return 1
        return -1 if nfd("a" + chr(b) + chr(a)) != "a" + chr(b) + chr(a) else 0

    rank_of, rank, previous = {}, 0, None
    for c in sorted(moved, key=functools.cmp_to_key(compare)):
        if previous is None or compare(previous, c) != 0:
            rank += 1
        rank_of[c], previous = rank, c
    flat = []
    for c in sorted(rank_of):
        if flat and flat[-2] == c - 1 and flat[-1] == rank_of[c]:
            flat[-2] = c
        else:
            flat += [c, c, rank_of[c]]
    return flat


def lowercase_runs():
    """(first, last, step, lower case of first) of runs with one distance, and the longer mappings."""
    runs, expansions = [], []
    for c in CODE_POINTS:
        result = [ord(x) for x in lower(chr(c))]
        if result == [c]:
            continue
        if len(result) != 1:
            expansions += [c, len(result), *result]
            continue
        if runs:
            first, last, step, target = runs[-1]
            same = result[0] - c == target - first
            if same and (c - last == step or (first == last and c - last <= 2)):
                runs[-1] = (first, c, c - last, target)
                continue
        runs.append((c, c, 1, result[0]))
    return [x for run in runs for x in run], expansions


def literal(name, documentation, numbers):
    lines, line = [], ""
    for number in numbers:
        word = f"{number:x}"
        if len(line) + len(word) + 1 > 92:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    lines.append(line)
    comment = "\n".join(f"  /// {x}" for x in documentation)
    body = "\n".join(f"    {x}" for x in lines)
    return f'{comment}\n  static let {name}: StaticString = """\n{body}\n    """\n'


def main():
    if tokenizers.__version__ != TESTED_WITH:
        print(f"note: written for tokenizers {TESTED_WITH}, this is {tokenizers.__version__}")

    removed, spaces, ideographs, marks = [], [], [], []
    decompositions = {}
    for c in CODE_POINTS:
        text = chr(c)
        cleaned = clean("a" + text + "a")
        if cleaned == "aa":
            removed.append(c)
        elif cleaned == "a a":
            spaces.append(c)
        else:
            assert cleaned == "a" + text + "a", hex(c)
        spaced = ideograph(text)
        if spaced == " " + text + " ":
            ideographs.append(c)
        else:
            assert spaced == text, hex(c)
        decomposed = [ord(x) for x in nfd(text)]
        if c in HANGUL:
            assert decomposed == decompose_hangul(c), hex(c)
        elif decomposed != [c]:
            decompositions[c] = decomposed
        elif strip(text) == "":
            marks.append(c)
        else:
            assert strip(text) == text, hex(c)
    # Stripping is decomposing, then dropping marks, whatever the character.
    dropped = set(marks)
    for c, parts in decompositions.items():
        assert not any(x in decompositions or x in HANGUL for x in parts), hex(c)
        assert strip(chr(c)) == "".join(chr(x) for x in parts if x not in dropped), hex(c)
    kinds = {c: split(c) for c in CODE_POINTS}
    lowercase, expansions = lowercase_runs()

    source = [
        f"""// Generated by scripts/make_unicode_tables.py from tokenizers {tokenizers.__version__}; \
do not edit.

/// What the reference tokenizer knows of each code point, asked of it one by one.
///
/// Hugging Face's `tokenizers` mixes several versions of Unicode: its table of marks and punctuation
/// is older than its decompositions, which are older than its lower case. Swift's own properties
/// differ from it on hundreds of code points. All numbers are hexadecimal.
enum UnicodeTables {{
  /// Where the tables come from.
  static let source = "tokenizers {tokenizers.__version__}"
""",
        literal("removed", ["Characters that clean-up removes: first and last of each range."],
                ranges(removed)),
        literal("spaces", ["Characters that clean-up turns into a space: first, last."],
                ranges(spaces)),
        literal("ideographs", ["Characters that get a space on either side: first, last."],
                ranges(ideographs)),
        literal("whitespace", ["Characters at which the pre-tokenizer splits: first, last."],
                ranges([c for c in CODE_POINTS if kinds[c] == "space"])),
        literal("punctuation", ["Characters that are words of their own: first, last."],
                ranges([c for c in CODE_POINTS if kinds[c] == "punctuation"])),
        literal("marks",
                ["Characters that accent stripping removes after decomposition: first, last."],
                ranges(marks)),
        literal("combiningRanks", [
            "Characters that canonical ordering moves: first, last, rank. Ranks are in the order of",
            "the canonical combining classes; characters not listed are starters."],
            combining_ranks(decompositions)),
        literal("lowercase", [
            "Lower case, one to one: first, last, step, lower case of the first. The others of a run",
            "are as far from theirs."], lowercase),
        literal("longLowercase", ["Lower case of several characters: code point, count, result."],
                expansions),
        literal("decompositions", [
            "Full canonical decompositions but those of Hangul: code point, count, result."],
            [x for c in sorted(decompositions)
             for x in (c, len(decompositions[c]), *decompositions[c])]),
    ]
    text = "\n".join(source).rstrip("\n") + "\n}\n"
    with open(OUTPUT, "w", encoding="ascii", newline="\n") as file:
        file.write(text)
    print(f"{len(removed)} removed, {len(spaces)} spaces, {len(ideographs)} ideographs, "
          f"{len(marks)} marks, {sum(k == 'punctuation' for k in kinds.values())} punctuation, "
          f"{len(decompositions)} decompositions; {len(text)} bytes")


main()
