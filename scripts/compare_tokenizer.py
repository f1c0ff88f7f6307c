#!/usr/bin/env python3
"""Compares `report tokenize` with transformers' AutoTokenizer, id by id.

    pip install transformers==5.23.0 tokenizers==0.23.3
    swift build -c release
    python3 scripts/compare_tokenizer.py MODEL_DIRECTORY .build/release/report \\
        [--generated 20000] [--seed 1] [--cased | --uncased] [--tokenizer tokenizer_json] [TEXT_FILE ...]

MODEL_DIRECTORY holds a vocab.txt, a tokenizer.json or a sentencepiece.bpe.model, as `from_pretrained` takes it. Every line of the
text files (lines end at LF only) and the generated strings are compared without a limit and cut to
several lengths. `--cased` and `--uncased` compare both programs on a copy with that setting;
`--tokenizer tokenizer_json` compares what tokenizer.json states. Prints
the number of differences and exits with 1 if there are any.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

import transformers
from transformers import AutoTokenizer, BertTokenizerFast, PreTrainedTokenizerFast

# It warns of a directory whose config.json does not name its own version.
transformers.logging.set_verbosity_error()

LENGTHS = [None, 2, 3, 8, 32, 128]

# What goes wrong if anything does: one of each is in nearly every string.
PIECES = [
    "\u0301", "\u0327\u0301", "\u0301\u0327", "\u0345\u0334", "\u1b44\u0334", "\u302e\u0300",
    "\u0f71\u0f72\u0f74", "\u05b0\u05bc", "\u064b\u0651", "\u0930\u093c", "\U0001d165\U0001d16d",
    "각", "힣", "\u1100\u1161\u11a8", "\u1161", "e\u0301", "Å", "\u212b", "\u1e9b\u0323",
    "İ", "I\u0307", "ı", "ẞ", "ß", "Σ", "ΑΣ", "ς", "Dž", "ﬁ", "ꭰ", "Ꭰ", "\U00010400", "Ⴀ", "Ა",
    "👩\u200d👩\u200d👧", "👍🏽", "🇩🇪", "❤\ufe0f", "1\ufe0f\u20e3", "\U000e0067", "☺",
    "中", "文字", "\uf900", "\U0002f800", "\U0002a6df", "\U0002a6e0", "\U0002b81f", "\U0002b820",
    "\U00030000", "々", "〇", "カ\u3099", "ガ", "ｶﾞ", "한국",
    "\0", "\x01", "\t", "\r", "\x0b", "\x0c", "\x1c", "\x7f", "\x85", "\xa0", "\xad", "\u1680",
    "\u180e", "\u2000", "\u200b", "\u200d", "\u2028", "\u2029", "\u202f", "\u2060", "\u3000",
    "\ufeff", "\ufffd", "\ufffe", "\uffff", "\ue000", "\U0010ffff", "\U000f0000", "\u0378",
    "[SEP]", "[CLS]", "[UNK]", "[PAD]", "[MASK]", "[sep]", "[[SEP]]", "[SEP", "SEP]", "[SE\u0301P]",
    "[MASK][MASK]", "##", "##ing", "[unused1]", "\u037e", "\u1fef", "\u2126", "\u2103", "`", "~", "$",
    "+", "<", "^", "_", "¿", "§", "¶", "·", "€", "°", "٪", "।", "…", "don't", "naïve", "Ünïcödé", "user@x.de",
    "https://t.co/x?y=1&z=2", "#tag", "x" * 99, "x" * 100, "x" * 101, "é" * 100, "e\u0301" * 60,
    "ü" * 51, "字" * 3, "a\u0300" * 101, " ", "  ",
]

# What goes wrong where white space, graphemes and special tokens are those of XLM-R.
PIECES_OF_XLMR = [
    "<s>", "</s>", "<pad>", "<unk>", "<mask>", "<s", "<MASK>", " <mask> ", "<mask><mask>", "<<s>>", "<\u200bs>", "＜s＞",
    "\u2581", "\u2581\u2581", "a\u2581b", "\u2581 \u2581", "\u2580", "\u2582", " \u2581", "   ", "\u3000", "\u00a0\u00a0",
    "\r\n", "\r", "\x0b", "©\u200d©", "©\u200d", "©\u200d©\u0300", "❤\u200d", "a\u200d", "a\u0300", "é\u0301", "ﬁ\u0300", "½\u0338",
    "\u1100\u1161", "\u1100\u1161\u11a8", "\u1161\u0300", "\u1100\u0300", "각\u11a8", "가\u11a8", "\ua960\u1161", "\u11a8\u0300",
    "क्ष", "क्\u0300ष", "क्\u200dष", "ष\u0300", "ক্ষ", "ग्\u094dद", "કી", "நி", "ำ", "กำ", "ເກຳ", "\u0600a", "\u0600\u0300", "\u0600١",
    "\u06dd١", "\u0903", "a\u0903", "🇩🇪🇫", "🇩\u0300", "👩\u200d👩\u200d👧", "👍🏽", "☺\ufe0f", "1\ufe0f\u20e3", "ｶﾞ", "ｶ\u3099", "カ\uff9e", "㌔", "Ⅷ", "①",
    "…", "ﷺ", "™", "ª", "ſ", "ẛ\u0323", "Å", "Ω", "K", "豈", "\U0002f800", "\U0001d400", "𝐀\u0300", "𖵀", "\U000e0001", "\ufffd", "\ufff9",
    "\x00", "\x01", "\x7f", "\xad", "\u200b", "\u200c", "\u200e", "\u2028", "\u2029", "\u202e", "\u2060", "\ufeff", "\u180e", "\u115f",
    "x" * 50, "字" * 40, "ᚠ" * 3, "\U0001f9ff", "\U00010330\U00010331", "ᚠa\U00010330", "I like tests.", "Straße", "http://t.co/x",
]


def generated_strings(count, seed, pieces):
    """Strings over all of Unicode: uniform, by block, of the pieces above, of ASCII, and mixed."""
    rng = random.Random(seed)

    def any_character():
        c = rng.randrange(0x110000 - 0x800)
        return chr(c if c < 0xD800 else c + 0x800)

    def of_block():
        # The first planes have nearly all that is assigned.
        start = rng.choice([rng.randrange(0, 0xD7), rng.randrange(0xE0, 0x200), rng.randrange(0, 0x30)])
        return lambda: chr(start * 256 + rng.randrange(256))

    def ascii_character():
        return chr(rng.choice([rng.randrange(128), rng.randrange(32, 127), rng.randrange(97, 123)]))

    strings = []
    for index in range(count):
        sources = [any_character, of_block(), of_block(), ascii_character, lambda: rng.choice(pieces)]
        if index % 3 < 2:
            sources = rng.sample(sources, rng.randrange(1, 3))
        text = "".join(rng.choice(sources)() for _ in range(rng.randrange(1, 40)))
        strings.append(text.replace("\n", "\r"))
    # Every code point once, in the middle of a word, 16 to a string.
    code_points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000 and c != 10]
    step = 16
    strings += [
        " ".join(f"a{chr(c)}b" for c in code_points[i:i + step])
        for i in range(0, len(code_points), step)
    ]
    return strings


def lines(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        text = file.read()
    return text.removesuffix("\n").split("\n")


def with_casing(directory, do_lower_case, into):
    """A copy whose tokenizer_config.json states the casing."""
    for name in os.listdir(directory):
        if name.endswith((".txt", ".json")):
            shutil.copy(os.path.join(directory, name), into)
            os.chmod(os.path.join(into, name), 0o644)
    path = os.path.join(into, "tokenizer_config.json")
    settings = json.load(open(path, encoding="utf-8")) if os.path.exists(path) else {}
    settings |= {"tokenizer_class": "BertTokenizer", "do_lower_case": do_lower_case}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(settings, file)
    return into


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory")
    parser.add_argument("report", help="the built executable")
    parser.add_argument("texts", nargs="*", help="text files, one text per line")
    parser.add_argument("--generated", type=int, default=20000, help="strings to make up")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tokenizer", choices=["auto_tokenizer", "tokenizer_json"], default="auto_tokenizer")
    parser.add_argument("--lengths", type=int, nargs="*", help="limits instead of the usual ones, none for no limit alone")
    casing = parser.add_mutually_exclusive_group()
    casing.add_argument("--cased", action="store_true")
    casing.add_argument("--uncased", action="store_true")
    arguments = parser.parse_intermixed_args()

    texts = [line for path in arguments.texts for line in lines(path)]
    from_files = len(texts)

    with tempfile.TemporaryDirectory() as folder:
        directory = arguments.directory
        if arguments.cased or arguments.uncased:
            directory = with_casing(directory, arguments.uncased, folder)
        if arguments.tokenizer == "tokenizer_json":
            reference = PreTrainedTokenizerFast.from_pretrained(directory)
        elif os.path.exists(os.path.join(directory, "vocab.txt")):
            reference = BertTokenizerFast.from_pretrained(directory)
        else:
            reference = AutoTokenizer.from_pretrained(directory)
        known = len(reference.get_vocab())
        assert known > 5, "the reference has an empty vocabulary"
        is_unigram = type(reference.backend_tokenizer.model).__name__ == "Unigram"
        pieces = PIECES + PIECES_OF_XLMR if is_unigram else PIECES
        texts += generated_strings(arguments.generated, arguments.seed, pieces)
        assert not any("\n" in text for text in texts)
        lengths = LENGTHS if arguments.lengths is None else [None, *arguments.lengths]
        differences = 0
        for length in lengths:
            command = [arguments.report, "tokenize", directory, "--tokenizer", arguments.tokenizer]
            limits = {}
            if length is not None:
                command += ["--max-length", str(length)]
                limits = {"max_length": length, "truncation": True}
            result = subprocess.run(
                command, input="".join(text + "\n" for text in texts).encode(), stdout=subprocess.PIPE)
            if result.returncode != 0:
                sys.exit(f"{' '.join(command)} failed with status {result.returncode}")
            found = [json.loads(line) for line in result.stdout.split(b"\n")[:-1]]
            if len(found) != len(texts):
                sys.exit(f"{len(texts)} texts went in, {len(found)} lines came out")
            expected = reference(texts, verbose=False, **limits)["input_ids"]
            for text, mine, ids in zip(texts, found, expected):
                tokens = reference.convert_ids_to_tokens(ids)
                if mine["ids"] != ids or mine["tokens"] != tokens:
                    differences += 1
                    if differences <= 5:
                        print(f"max length {length}: {text!r}\n  reference {tokens}"
                              f"\n  found     {mine['tokens']}")
        print(f"{from_files} texts and {len(texts) - from_files} generated strings, "
              f"{len(lengths)} lengths, {known} entries, {type(reference).__name__}, {arguments.tokenizer}: "
              f"{differences} differences")
    sys.exit(1 if differences else 0)


main()
