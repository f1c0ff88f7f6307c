#!/usr/bin/env python3
"""Writes the fixtures of Tests/ModelTests/Tokenizer beside itself.

    pip install transformers==5.23.0 tokenizers==0.23.3
    python3 Tests/Fixtures/tokenizer/make_fixtures.py

vocab.txt        a small vocabulary of our own: the characters of the hard cases, whole and continuing,
                 some words, a line that is U+2028 itself, an empty line, a repeated line, and a line
                 with white space at its end
cases.json       texts, and the ids that BertTokenizerFast gives them under each setting and length
code-points.json digests of what becomes of every code point, by blocks of 4,096
saved/           a tokenizer with added tokens as transformers writes it, and saved-cases.json
"""

import hashlib
import json
import os
import random
import shutil
import tempfile

import tokenizers
import transformers
from tokenizers import AddedToken
from transformers import BertTokenizerFast

FOLDER = os.path.dirname(os.path.abspath(__file__))
assert (transformers.__version__, tokenizers.__version__) == ("5.23.0", "0.23.3")
transformers.logging.set_verbosity_error()

SETTINGS = {
    "uncased": dict(do_lower_case=True),
    "cased": dict(do_lower_case=False),
    "uncased-with-accents": dict(do_lower_case=True, strip_accents=False),
    "cased-without-accents": dict(do_lower_case=False, strip_accents=True),
    "ideographs-joined": dict(do_lower_case=True, tokenize_chinese_chars=False),
}
LENGTHS = [2, 3, 4, 7, 16]

TEXTS = [
    "", " ", "hello", "Hello, World!", "unaffable", "playing unplayable played", "don't stop...",
    "tabs\tand\rreturns\x0bverticals\x0cfeeds", "nul\0inside", "\0", "\x01\x02\x1f", "del\x7fete",
    "next\x85line", "no\xa0break", "soft\xadhyphen", "line\u2028separator", "paragraph\u2029separator",
    "ogham\u1680space", "mongolian\u180eseparator", "en\u2000quad", "zero\u200bwidth",
    "zero\u200djoiner", "narrow\u202fspace", "word\u2060joiner", "ideographic\u3000space",
    "byte\ufefforder", "\ufeffbyte order", "replacement\ufffdcharacter", "not\ufffea\uffffcharacter",
    "private\ue000use", "plane\U000f000015", "last\U0010ffff", "unassigned\u0378here",
    "left\u200emark\u200f", "\u202abidi\u202c", "\u061carabic mark",
    # Accents: composed, decomposed, several, in wrong order.
    "Ünïcödé Çà", "naive\u0308 e\u0301", "a\u0301\u0327", "a\u0327\u0301", "\u1e9b\u0323", "\u01d5",
    "\u0301", "\u0301\u0327 alone", "x\u0345\u0334y", "q\u0307\u0323", "q\u0323\u0307",
    # Marks that stripping leaves, which must be put in order: spacing ones and those too new.
    "\u0ddd\u1b44\u302e\u0334", "\u302e\u1b44", "\u1b44\u302e", "a\u302e\u302f\u1b44", "a\u302f\u1b44\u302e",
    "\U0001d165\U0001d16d", "\U0001d16d\U0001d165", "\U0001d15e", "\U0001d1bb",
    "a\u08d3\u1b44", "a\U0001e000\u1b44", "a\U00010d24\u08d3", "\u1b44\u08d3\u0301\u302e",
    "a\u302e\u200d\u1b44", "a\u302e\u0e31\u1b44", "a\u302e\u0300\u1b44", "a\u302e\u093e\u1b44",
    "हिन्दी में", "தமிழ்", "ภาษาไทย", "עִבְרִית", "العَرَبِيَّة", "မြန်မာ", "བོད་སྐད", "ខ្មែរ",
    "\u0958\u0929", "\u0dda\u0ddc", "\u09cb\u09cc", "\u1112\u1161\u11ab",
    # Case.
    "İstanbul Iı", "I\u0307", "STRAẞE straße", "ΑΣ ΌΣΟΣ ς", "Dž Lj dž", "ﬁ ﬂ", "Ꭰ ꭰ", "\U00010400\U00010428",
    "Ⴀ Ა ა", "K Å Ω", "\u1e9e", "Ⅷ ⓐ Ⓐ", "ＡＢ ａｂ", "\U0001e900\U0001e922", "\u2c2f\ua7c2\U00016e40",
    # Hangul.
    "한국어", "각힣가", "\u1100\u1161", "\u1100\u1161\u11a8", "가\u11a8", "ㄱㅏ",
    # Ideographs and their neighbours.
    "中文字符", "a中b文c", "日本語のテキスト", "カタカナ ガ カ\u3099 ｶﾞ", "々〇", "\uf900\ufa0e\ufaff",
    "\U0002f800\U0002fa1d", "\U0002a6d6\U0002a6df\U0002a6e0", "\U0002b73f\U0002b740\U0002b81f",
    "\U0002b820\U0002b91f\U0002b920\U0002ceaf\U0002ceb0", "\U00030000", "\u33ff\u3400\u4dbf\u4dc0",
    "\u9fff\ua000",
    # Punctuation, and what looks like it.
    "a$b+c<d=e>f^g`h|i~j", "\u037e\u0387\u1fef", "¿qué? ¡sí!", "«a» “b” ‘c’", "€5 £6 ¥7", "a·b", "§1 ¶2",
    "x²½", "°C ™ ®", "।॥", "،؛؟٪", "、。「」", "…—–‐", "\u2e43\u2e4f", "\U00010100\U00011c41",
    "\U0001e95e", "a!\u0301b", "!\u0301", "_under_score_", "#tag @user", "https://example.org/a?b=c&d",
    # Emoji.
    "👍🏽", "👩\u200d👩\u200d👧\u200d👦", "🇩🇪🇫🇷", "❤\ufe0f ☺", "1\ufe0f\u20e3", "🏴\U000e0067\U000e0062\U000e007f", "😀x",
    # Special tokens, as written and otherwise.
    "[CLS] a [SEP]", "[cls] [Sep]", "a[MASK]b", "[[SEP]]", "[MASK][MASK]", "[SEP", "[UNK]", "[PAD]",
    "[ SEP ]", "[SE\u0301P]", "[SEP]\u0301x", "e\u0301[SEP]\u0301", "[unused1]", "ＳＥＰ [ＳＥＰ]", "[\0SEP]",
    # The vocabulary's odd lines.
    "##ing", "## #", "trailing", "twice", "\u2028",
    # Long words.
    "x" * 99, "x" * 100, "x" * 101, "é" * 100, "e\u0301" * 100, "e\u0301" * 101, "각" * 33, "각" * 34,
    "\u200b" * 200 + "hello", "x" * 50 + "\xad" * 9 + "x" * 50, "X" * 100 + "!", "中" * 101,
    "hello " * 20, "hello" + "\u0301" * 300, "a" + "\u302e\u1b44" * 60,
]

WORDS = ("hello world un ##aff ##able play ##ing ##ed ##s stop don t tab ##s and return ##able the"
         " hell ##o ##lo he ##ll Hello World UN str ##asse ##aße istanbul İ i̇ ing ##e ##é caf é").split()

# Characters left out, so that some words are unknown.
MISSING = set("qQ7ЖΩ龍😀½")


def vocabulary(texts):
    characters = set()
    for settings in SETTINGS.values():
        normalizer = BertTokenizerFast(vocab={"[UNK]": 0}, **settings).backend_tokenizer.normalizer
        for text in texts:
            characters |= set(normalizer.normalize_str(text))
    characters = sorted(characters - MISSING - set(" \t\n\r"))
    tokens = ["[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "\u2028", "##\u2028", ""]
    tokens += WORDS + ["trailing \t", "twice"] + characters + [f"##{c}" for c in characters]
    # The last of equal ones counts.
    tokens += ["twice", "ends"]
    seen = set()
    return [t for i, t in enumerate(tokens) if t in ("twice", "") or not (t in seen or seen.add(t))]


def reference(folder, **settings):
    """from_pretrained, not vocab_file=, which transformers 5 ignores."""
    with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
        json.dump({"tokenizer_class": "BertTokenizer"} | settings, file)
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    assert len(tokenizer) > 500
    return tokenizer


def generated(count, seed, alphabet):
    rng = random.Random(seed)
    pieces = alphabet + [text for text in TEXTS if 0 < len(text) < 12] + [" "] * 20
    return ["".join(rng.choice(pieces) for _ in range(rng.randrange(1, 12))).replace("\n", " ")
            for _ in range(count)]


def code_point_digests(normalizer, splitter):
    """SHA-256, 8 digits of it, of the words of "a?b" for each block's code points, a line each."""
    digests = []
    for start in range(0, 0x110000, 4096):
        lines = []
        for c in range(start, start + 4096):
            if 0xD800 <= c < 0xE000:
                continue
            pieces = splitter.pre_tokenize_str(normalizer.normalize_str(f"a{chr(c)}b"))
            lines.append(" ".join(piece for piece, _ in pieces) + "\n")
        digests.append(hashlib.sha256("".join(lines).encode()).hexdigest()[:8])
    return digests


def write(name, value):
    with open(os.path.join(FOLDER, name), "w", encoding="ascii", newline="\n") as file:
        json.dump(value, file, indent=0, separators=(",", ":"))
        file.write("\n")


def main():
    tokens = vocabulary(TEXTS)
    with open(os.path.join(FOLDER, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
        file.write("".join(token + "\n" for token in tokens))
    alphabet = sorted({c for text in TEXTS for c in text})
    texts = TEXTS + generated(150, 7, alphabet)

    cases = {"texts": texts, "settings": {}}
    digests = {}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(os.path.join(FOLDER, "vocab.txt"), folder)
        for name, settings in SETTINGS.items():
            tokenizer = reference(folder, **settings)
            backend = tokenizer.backend_tokenizer
            cases["settings"][name] = {
                "ids": [" ".join(map(str, ids)) for ids in tokenizer(texts)["input_ids"]],
            }
            digests[name] = " ".join(code_point_digests(backend.normalizer, backend.pre_tokenizer))
            if name in ("uncased", "cased"):
                cases["settings"][name]["cut"] = {
                    length: [
                        " ".join(map(str, ids)) for ids in
                        tokenizer(texts, max_length=length, truncation=True)["input_ids"]]
                    for length in LENGTHS
                }
    write("cases.json", cases)
    write("code-points.json", digests)

    # Added tokens: special and not, inside the vocabulary and beyond it, one the start of another.
    # Without the odd lines: where the reference sees fewer entries than lines, it gives added tokens
    # ids that are taken.
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
            plain = list(dict.fromkeys(token.strip() for token in tokens))
            file.write("".join(token + "\n" for token in plain if token not in ("", "##")))
        tokenizer = reference(folder, do_lower_case=False, model_max_length=64)
        tokenizer.add_tokens([
            AddedToken("<user>", special=True), AddedToken("<user>s", special=True),
            AddedToken("World", normalized=False), AddedToken("Straße", normalized=False),
        ])
        texts = ["<user> hello <user>s", "Worlds World world", "Straße STRASSE", "x<user>x[SEP]<USER>"]
        target = os.path.join(FOLDER, "saved")
        shutil.rmtree(target, ignore_errors=True)
        tokenizer.save_pretrained(target)
        again = BertTokenizerFast.from_pretrained(target)
        ids = again(texts)["input_ids"]
        assert ids == tokenizer(texts)["input_ids"]
        write("saved-cases.json", {"texts": texts, "ids": ids, "count": len(tokenizer.get_vocab()),
                                   "tokens": [again.convert_ids_to_tokens(x) for x in ids]})


main()
