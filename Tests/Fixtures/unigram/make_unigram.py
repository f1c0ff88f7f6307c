#!/usr/bin/env python3
"""Writes what is beside it: a small Unigram model as SentencePiece writes it, directories with such tokenizers, and what
transformers and tokenizers make of them.

    pip install transformers==5.23.0 tokenizers==0.23.3 sentencepiece==0.2.3 protobuf==7.36.2
    python3 Tests/Fixtures/unigram/make_unigram.py

    sentencepiece.bpe.model   some hundred pieces, trained on the sentences below, with a charsmap of the rules below
    model.json                texts and their ids, read from that file and from a tokenizer.json that transformers saved from it
    directories.json          small directories: ids of texts, cut and uncut, or the key that the error must name
    graphemes.json            a charsmap that makes an X of every cluster, and how many X texts give
    numbers.json              decimal numbers, as JSON's readers in Python and in tokenizers read them

In a text of a file, $CHARSMAP stands for the charsmap of sentencepiece.bpe.model in Base64.
"""

import base64
import json
import os
import random
import struct
import tempfile

import sentencepiece
import sentencepiece.sentencepiece_model_pb2 as model_pb2
import tokenizers
import transformers
from tokenizers import Tokenizer, normalizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

FOLDER = os.path.dirname(os.path.abspath(__file__))
assert (transformers.__version__, tokenizers.__version__, sentencepiece.__version__) == ("5.23.0", "0.23.3", "0.2.3")
transformers.logging.set_verbosity_error()
RANDOM = random.Random(20)

SENTENCES = """the small house stands by the lake and the lake is still
an old wheel turns slowly while the water runs
she walked along the shore, and the shore was long
nothing was said; everything was understood
we measured it twice, and twice it was wrong
das kleine haus steht am see, und der see ist still
ein altes rad dreht sich langsam, während das wasser läuft
sie ging am ufer entlang, und das ufer war lang
nichts wurde gesagt; alles wurde verstanden
wir haben es zweimal gemessen, und zweimal war es falsch
la petite maison est au bord du lac, et le lac est calme
une vieille roue tourne lentement pendant que l'eau coule
маленький дом стоит у озера, и озеро спокойно
старое колесо медленно вращается
湖边有一座小房子，湖水很平静
小さな家は湖のほとりにある。カメラとガラス
호수 옆에 작은 집이 있다
झील के किनारे एक छोटा घर है
بيت صغير على البحيرة
100 200 1/2 a-b x+y =) :-( ...""".split("\n")

# Source and target, as characters. Some keys begin with another key, which then hides them in the reference.
RULES = [
    ("\t", " "), ("\n", " "), ("\r", " "), ("\r\n", " "), ("\u00a0", " "), ("\u3000", " "), ("\u2003", " "), ("\u0001", ""),
    ("\u200b", ""), ("\ufeff", ""), ("ﬁ", "fi"), ("ﬂ", "fl"), ("½", "1/2"), ("™", "TM"), ("Ⅷ", "VIII"), ("…", "..."), ("①", "1"),
    ("Ａ", "A"), ("ａ", "a"), ("ｂ", "b"), ("！", "!"), ("，", ","), ("\u212b", "Å"), ("e\u0301", "é"), ("u\u0308", "ü"), ("a\u0308", "ä"),
    ("ſ", "s"), ("ſ\u0307", "ṡ"), ("ｶ", "カ"), ("ｶﾞ", "ガ"), ("カ\u3099", "ガ"), ("\u1100\u1161", "가"), ("\u1112\u1169", "호"),
    ("ﷺ", "صلى الله عليه وسلم"), ("\u0600", ""), ("＜", "<"), ("＞", ">"), ("\uf900", "豈"), ("𝐀", "A"), ("\u0958", "क़"), ("©", "(c)"),
    ("\u2580", "\u2581"), ("x\u0338", "×"),
]

TRICKY = [
    "", " ", "  ", "a", "  the  small   house ", "the small house", "The SMALL house.", "das kleine Haus\tsteht\nam See",
    "the\r\nlake\rstill", "\u2581the", "the\u2581lake", "\u2581\u2581", "\u2581 \u2581a", "a\u2580b", "\u3000the\u3000", "the\u2003lake\u00a0is", "the\u1680\u2028lake",
    "<s>", "</s> the", "a<pad>b", "<unk>", "the <mask> lake", "the<mask>lake", "  <mask>  ", "<mask><mask>", "<MASK>", "＜s＞", "<\u200bs>", "x＜unk＞y", "<s",
    "ﬁne ﬂow", "ﬁ\u0301", "e\u0301t e\u0301", "e\u0301\u0301", "läuft la\u0308uft", "ſ ſ\u0307 ſ\u0307\u0301", "ｶﾞラス ｶﾒラ", "カ\u3099ラス", "½ x½ ½\u0338", "Ⅷ™①…", "𝐀𝐀", "𝐀\u0301",
    "\u1112\u1169수", "\u1100\u1161", "\u1100\u1161\u11a8", "\u1161\u0301", "호수 옆에", "각\u11a8", "झील के", "क्ष क्\u200dष", "\u0958", "किनारे", "नि", "กำ",
    "👩\u200d👩\u200d👧", "👍🏽", "🇩🇪🇫🇷", "☺\ufe0f", "1\ufe0f\u20e3", "©\u200d©", "©\u200d©\u0301", "©\u0301", "\u0600a", "\u0600ﬁ", "\u0600\u0600", "ﷺ", "a\u0001b", "\u0001", "\u200b\u200b", "\ufeffthe",
    "\x00", "a\x00b", "\x7f", "日本", "湖边有一座小房子", "ᚠᚢᚦ", "aᚠᚢb ᚠ", "ᚠ\u2581ᚠ", "nothing…was！said", "100200 1/2", "zzzzqqqq", "the" * 30, "ü" * 20, "ᚠ" * 40, "a " * 20,
]


def generated(count):
    """Strings of what goes wrong if anything does, and of characters of all scripts."""
    pieces = [text for text in TRICKY if 0 < len(text) < 12] + [source for source, _ in RULES] + list(" aeiou")
    strings = []
    for index in range(count):
        parts = []
        for _ in range(RANDOM.randrange(1, 9)):
            kind = RANDOM.randrange(6)
            if kind < 4:
                parts.append(RANDOM.choice(pieces))
            elif kind == 4:
                parts.append(chr(RANDOM.choice([0x20, 0x300, 0x900, 0x1100, 0x2000, 0x3040, 0xAC00, 0x1F300]) + RANDOM.randrange(128)))
            else:
                parts.append(RANDOM.choice(RANDOM.choice(SENTENCES).split()))
        strings.append("".join(parts))
    return strings


TEXTS = TRICKY + generated(220)


def train():
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/corpus.txt", "w", encoding="utf-8") as file:
            file.write("\n".join(SENTENCES * 4))
        with open(f"{folder}/rules.tsv", "w", encoding="utf-8") as file:
            for source, target in RULES:
                file.write(" ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n")
        sentencepiece.SentencePieceTrainer.train(
            input=f"{folder}/corpus.txt", model_prefix=f"{folder}/m", vocab_size=420, model_type="unigram",
            normalization_rule_tsv=f"{folder}/rules.tsv", hard_vocab_limit=False, num_threads=1, minloglevel=2)
        model = model_pb2.ModelProto()
        with open(f"{folder}/m.model", "rb") as file:
            model.ParseFromString(file.read())
    model.trainer_spec.ClearField("input")
    model.trainer_spec.ClearField("model_prefix")
    model.normalizer_spec.ClearField("normalization_rule_tsv")
    # As in real models, many pieces share a score.
    for piece in list(model.pieces)[200:]:
        piece.score = model.pieces[200].score
    return model


MODEL = train()
CHARSMAP = base64.b64encode(MODEL.normalizer_spec.precompiled_charsmap).decode()


def write(folder, files):
    for name, content in files.items():
        if isinstance(content, bytes):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        else:
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(content.replace("$CHARSMAP", CHARSMAP))


def encode(tokenizer, texts, length=6):
    return {"ids": tokenizer(texts, verbose=False)["input_ids"],
            "cut": tokenizer(texts, max_length=length, truncation=True)["input_ids"]}


def added(index, content, special=True, **flags):
    return {"id": index, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": special} | flags


def piece(kind, name, type_id=0):
    return {kind: {"id": name, "type_id": type_id}}


PIECES = [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], ["\u2581", -2.0], ["a", -3.0], ["b", -3.0], ["ab", -6.0],
          ["\u2581a", -4.5], ["\u2581the", -3.5], ["lake", -4.0], ["fi", -5.0], ["s", -5.0], ["!", -5.0], ["\u2581\u2581", -1.0], [" ", -9.0],
          ["a", -2.5], ["\u2581a b", -1.0], ["<mask>", 0.0]]
SPECIAL = [added(0, "<s>"), added(1, "<pad>"), added(2, "</s>"), added(3, "<unk>"), added(18, "<mask>", lstrip=True)]
METASPACE = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
SPLIT = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, METASPACE]}
PRECOMPILED = {"type": "Precompiled", "precompiled_charsmap": "$CHARSMAP"}
RUNS = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
TOKENIZER = {
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": SPECIAL,
    "normalizer": {"type": "Sequence", "normalizers": [PRECOMPILED, RUNS]}, "pre_tokenizer": METASPACE,
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [piece("SpecialToken", "<s>"), piece("Sequence", "A"), piece("SpecialToken", "</s>")],
        "pair": [piece("SpecialToken", "<s>"), piece("Sequence", "A"), piece("SpecialToken", "</s>"),
                 piece("SpecialToken", "</s>"), piece("Sequence", "B"), piece("SpecialToken", "</s>")],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
                           "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
    "decoder": METASPACE,
    "model": {"type": "Unigram", "unk_id": 3, "byte_fallback": False, "vocab": PIECES}}
DIRECTORY_TEXTS = ["", "a", "ab  ab", "the lake  the", " the\tlake\n", "  a b ", "ﬁs!", "a\u2581b", "\u2581\u2581the", "x<mask>  a", "the <mask>", "<s>a</s>",
                   "  Foo a Bar ", "aFoob", "foo ﬁFooﬁ", "Ｆoo", "ᚠᚢ ab", "<MASK> <extra>", "<n> a", "a\u200bb\u3000 a", "\u0001"]
CLASS = {"tokenizer_class": "XLMRobertaTokenizer"}
GENERIC = {"tokenizer_class": "PreTrainedTokenizerFast"}
XLMR = {"model_type": "xlm-roberta"}


def changed(**members):
    return TOKENIZER | members


def model(**members):
    return changed(model=TOKENIZER["model"] | members)


def metaspace(**members):
    return changed(pre_tokenizer=METASPACE | members)


def files(tokenizer=TOKENIZER, settings=CLASS, config=None, **others):
    result = {}
    for name, value in {"tokenizer.json": tokenizer, "tokenizer_config.json": settings, "config.json": config,
                        **{f"{key}.json": value for key, value in others.items()}}.items():
        if value is not None:
            result[name] = json.dumps(value, ensure_ascii=False)
    return result


def tie():
    """Scores for which "ab" is two pieces or one, depending on how the numbers are read."""
    def approximate(values):
        tokenizer = Tokenizer.from_str(json.dumps(changed(
            normalizer=None, added_tokens=[], model=TOKENIZER["model"] | {"vocab": [[f"t{i}", v] for i, v in enumerate([0.0] * 4 + values)]})))
        return [score for _, score in json.loads(tokenizer.to_str())["model"]["vocab"]][4:]

    while True:
        singles = [struct.unpack("f", struct.pack("f", -RANDOM.uniform(2, 9)))[0] for _ in range(2)]
        total = singles[0] + singles[1]
        read = approximate([*singles, total])
        if read[2] > read[0] + read[1]:
            return [*singles, total]


A, B, BOTH = tie()
TIE = PIECES[:4] + [["\u2581", -2.0], ["a", A], ["b", B], ["ab", BOTH]]
USER = SPECIAL + [added(19, "Foo", special=False, normalized=True), added(20, "Bar", special=False, rstrip=True)]

READ = {
    "class in tokenizer_config.json": files(),
    "class of the model": files(settings=None, config=XLMR),
    "class with Fast": files(settings={"tokenizer_class": "XLMRobertaTokenizerFast"}, config={"model_type": "bert"}),
    "class in config.json": files(settings=None, config=CLASS | {"model_type": "bert"}),
    "no class": files(settings=None),
    "generic class": files(settings=GENERIC, config=XLMR),
    "generic class by its other name": files(settings={"tokenizer_class": "TokenizersBackend"}),
    "generic with white space": files(changed(pre_tokenizer=SPLIT), GENERIC),
    "generic with Metaspace in a sequence": files(changed(pre_tokenizer={"type": "Sequence", "pretokenizers": [METASPACE]}), GENERIC),
    "generic in the older form": files(changed(pre_tokenizer={"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True}), GENERIC),
    "generic without prefix in the older form": files(
        changed(pre_tokenizer={"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": False, "prepend_scheme": "never"}), GENERIC),
    "generic without prefix": files(metaspace(prepend_scheme="never"), GENERIC),
    "generic with a prefix at the start": files(metaspace(prepend_scheme="first"), GENERIC),
    "generic unsplit": files(metaspace(split=False), GENERIC),
    "generic without normalizer": files(changed(normalizer=None), GENERIC),
    "generic, stripped": files(changed(normalizer={"type": "Sequence", "normalizers": [
        {"type": "Strip", "strip_left": True, "strip_right": True}, PRECOMPILED,
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "\u2581"}]}), GENERIC),
    "generic, stripped on the right": files(changed(normalizer={"type": "Strip", "strip_left": False, "strip_right": True}), GENERIC),
    "generic with replaced texts": files(changed(normalizer={"type": "Sequence", "normalizers": [
        {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}, {"type": "Replace", "pattern": {"String": "aFoo"}, "content": ""},
        {"type": "Sequence", "normalizers": [PRECOMPILED]}]}), GENERIC),
    "generic with words added": files(changed(added_tokens=USER), GENERIC),
    "generic with tokens named": files(settings=GENERIC | {"mask_token": "<extra>", "additional_special_tokens": ["<n>"]}),
    "generic with a list of tokens": files(settings=GENERIC | {"added_tokens_decoder": {"19": {
        key: value for key, value in added(19, "<n>", lstrip=True, rstrip=True).items() if key != "id"}}}),
    "generic with another unknown token": files(model(unk_id=4), GENERIC),
    "words added": files(changed(added_tokens=USER)),
    "tokens without entry": files(changed(added_tokens=SPECIAL[:1])),
    "a list of tokens counts": files(settings=CLASS | {"added_tokens_decoder": {"18": {
        key: value for key, value in added(18, "<mask>", rstrip=True, normalized=True).items() if key != "id"}}}),
    "no prefix": files(settings=CLASS | {"add_prefix_space": False}),
    "other names": files(settings=CLASS | {"bos_token": "<mask>", "eos_token": "a", "unk_token": "<n>", "pad_token": None}),
    "a mask with flags": files(changed(added_tokens=SPECIAL[:4]), CLASS | {"mask_token": {
        "__type": "AddedToken", "content": "<mask>", "lstrip": True, "rstrip": True, "normalized": False, "single_word": False}}),
    "older names": files(settings=None, config=XLMR, special_tokens_map={"mask_token": {
        "content": "<n>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False}, "bos_token": "<s>"}),
    "older names beside a list": files(
        settings=CLASS | {"added_tokens_decoder": {}}, special_tokens_map={"mask_token": "<n>"}),
    "older tokens": files(settings=None, config=XLMR, added_tokens={"Foo": 19, "<n>": 20}, special_tokens_map={"unk_token": "<n>"}),
    "further tokens": files(settings=CLASS | {"extra_special_tokens": ["<extra>", "<n>"]}),
    "settings without effect": files(
        changed(truncation={"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0}),
        CLASS | {"add_bos_token": False, "add_eos_token": False, "model_max_length": 77, "clean_up_tokenization_spaces": True}),
    "first charsmap alone": files(changed(normalizer=PRECOMPILED)),
    "no charsmap": files(changed(normalizer=None)),
    "numbers as Python reads them": files(changed(added_tokens=SPECIAL[:4], model=TOKENIZER["model"] | {"vocab": TIE})),
    "numbers as tokenizers reads them": files(changed(added_tokens=SPECIAL[:4], model=TOKENIZER["model"] | {"vocab": TIE}), GENERIC),
}

# Read by transformers unless marked, but in ways that are not built here, or that contradict the files.
REFUSED = {
    "byte fallback": ("model.byte_fallback", files(model(byte_fallback=True), GENERIC)),
    "no unknown token": ("model.unk_id", files(model(unk_id=None), GENERIC)),
    "unknown token beyond": ("model.unk_id", files(model(unk_id=99), GENERIC)),
    "unknown token not the third": ("model.unk_id", files(model(unk_id=0))),
    "another class": ("tokenizer_class", files(settings={"tokenizer_class": "CamembertTokenizer"})),
    "another normalizer": ("normalizer.normalizers[1].type", files(
        changed(normalizer={"type": "Sequence", "normalizers": [PRECOMPILED, {"type": "NFKC"}]}), GENERIC)),
    "another expression": ("normalizer.pattern", files(
        changed(normalizer={"type": "Replace", "pattern": {"Regex": "[ab]"}, "content": ""}), GENERIC)),
    "damaged charsmap": ("normalizer.precompiled_charsmap", files(
        changed(normalizer={"type": "Precompiled", "precompiled_charsmap": "AAAA"}), GENERIC)),
    "charsmap that is no Base64": ("normalizer.precompiled_charsmap", files(
        changed(normalizer={"type": "Precompiled", "precompiled_charsmap": "?"}), GENERIC)),
    "another splitter": ("pre_tokenizer", files(changed(pre_tokenizer={"type": "Whitespace"}), GENERIC)),
    "another mark": ("pre_tokenizer.replacement", files(metaspace(replacement="_"), GENERIC)),
    "another prefix": ("pre_tokenizer.prepend_scheme", files(metaspace(prepend_scheme="last"), GENERIC)),
    "prefix in two ways": ("pre_tokenizer.add_prefix_space", files(metaspace(add_prefix_space=False), GENERIC)),
    "prefix at the start after white space": ("pre_tokenizer.pretokenizers[1].prepend_scheme", files(changed(
        pre_tokenizer={"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, METASPACE | {"prepend_scheme": "first"}]}), GENERIC)),
    "prefix at the start with words": ("pre_tokenizer.prepend_scheme", files(
        changed(pre_tokenizer=METASPACE | {"prepend_scheme": "first"}, added_tokens=USER), GENERIC)),
    "no post-processor": ("post_processor.type", files(changed(post_processor=None), GENERIC)),
    "cut at the beginning": ("truncation.direction", files(
        changed(truncation={"direction": "Left", "max_length": 3, "strategy": "LongestFirst", "stride": 0}))),
    "cut at the beginning by the settings": ("truncation_side", files(settings=CLASS | {"truncation_side": "left"})),
    "special tokens as text": ("split_special_tokens", files(settings=CLASS | {"split_special_tokens": True})),
    "single words": ("added_tokens[5].single_word", files(changed(added_tokens=SPECIAL + [added(19, "Foo", single_word=True)]))),
    "a gap before an added token": ("added_tokens", files(changed(added_tokens=SPECIAL + [added(25, "Foo")]))),
    "an id that is another's": ("added_tokens", files(changed(added_tokens=[added(5, "<s>")]))),
    "a token in two ways": ("added_tokens_decoder.18", files(settings=GENERIC | {"added_tokens_decoder": {"18": {
        key: value for key, value in added(18, "<mask>").items() if key != "id"}}})),
    "a role of its own": ("image_token", files(settings=CLASS | {"image_token": "<n>"})),
    "tokens by name": ("extra_special_tokens", files(settings=CLASS | {"extra_special_tokens": {"image": "<n>"}})),
    "a token that is no name": ("mask_token", files(settings=CLASS | {"mask_token": {"content": "<mask>", "lstrip": True}})),
    "no token at the start": ("bos_token", files(settings=CLASS | {"bos_token": None})),
    "pieces that are no list": ("model.vocab", files(model(vocab={"<s>": 0}))),
}


def directories():
    cases = []
    for name, content in READ.items():
        with tempfile.TemporaryDirectory() as folder:
            write(folder, content)
            stated = PreTrainedTokenizerFast.from_pretrained(folder) if "generic" not in name and "class" in name else None
            case = {"name": name, "files": content, "refused": None} | encode(AutoTokenizer.from_pretrained(folder), DIRECTORY_TEXTS)
            if stated:
                # What tokenizer.json states, whatever the class.
                case["stated"] = encode(stated, DIRECTORY_TEXTS)["ids"]
            cases.append(case)
    for name, (key, content) in REFUSED.items():
        cases.append({"name": name, "files": content, "refused": key})
    tied = {case["name"]: case["ids"] for case in cases if case["name"].startswith("numbers")}
    assert tied["numbers as Python reads them"] != tied["numbers as tokenizers reads them"]
    assert cases[0]["ids"] != cases[0]["stated"]
    return {"texts": DIRECTORY_TEXTS, "cases": cases}


def model_ids():
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as saved:
        write(folder, {"sentencepiece.bpe.model": MODEL.SerializeToString(deterministic=True), "config.json": json.dumps(XLMR)})
        read = AutoTokenizer.from_pretrained(folder)
        read.save_pretrained(saved)
        with open(os.path.join(saved, "tokenizer.json"), encoding="utf-8") as file:
            tokenizer = json.load(file)
        tokenizer["normalizer"]["precompiled_charsmap"] = "$CHARSMAP"
        tokenizer.pop("decoder")
        result = encode(read, TEXTS)
        again = encode(AutoTokenizer.from_pretrained(saved), TEXTS)
        assert again == result
        # The first to try if anything differs: words apart from graphemes.
        return {"texts": TEXTS, "charsmap": CHARSMAP,
                "tokens": [read.convert_ids_to_tokens(ids) for ids in result["ids"][:12]], **result}


def counting_map():
    """See scripts/make_grapheme_tables.py."""
    leaf, root = 512, 256
    units = [0] * 1024
    units[0] = root << 10
    for byte in range(1, 256):
        place = root ^ byte
        units[place] = (place ^ leaf) << 10 | 1 << 8 | byte
    units[leaf] = 1 << 31
    return struct.pack("<I", 4 * len(units)) + struct.pack(f"<{len(units)}I", *units) + b"X\0"


def graphemes():
    characters = (
        "a \r\n\u0001\u00ad\u200b\u200c\u200d\u200d\u200d\u0300\u0301\u0345\u0600\u06dd\u0903\u093f\u0e33\u00a9\u00a9\u00ae\u2764\u263a\ufe0f\u20e3"
        "\u1100\u1100\u1161\u1161\u11a8\u11a8\uac00\uac01\ud7a3\ua960\ud7b0\u0915\u0915\u0937\u0995\u0a95\u0d15\u1000\u1039\u094d\u094d\u09cd\u0acd\u093c"
        "\U0001f1e9\U0001f1ea\U0001f469\U0001f467\U0001f3fd\U000e0067\U000110bd\U00011133\u0378\U0010ffff")
    normalize = normalizers.Precompiled(counting_map()).normalize_str
    texts = ["".join(RANDOM.choice(characters) for _ in range(RANDOM.randrange(1, 9))) for _ in range(900)]
    counts = []
    for text in texts:
        result = normalize(text)
        assert set(result) <= {"X"}
        counts.append(len(result))
    return {"charsmap": base64.b64encode(counting_map()).decode(), "texts": texts, "counts": counts}


def numbers():
    texts = ["0", "-0", "0.0", "-0.0", "1", "-1", "1e3", "1E+2", "-2.5e-3", "0.1", "123456789012345678901234567890", "1.7976931348623157e308",
             "12345678901234567890123.5", "0.00000000000000000000000000000000012345678901234567890123", "5e-324", "1e-320", "1e-400", "0e999",
             "18446744073709551615", "18446744073709551616", "1844674407370955161.55", "-9223372036854775809", "3.0000000000000000000000001"]
    texts += [repr(struct.unpack("f", struct.pack("f", -RANDOM.uniform(2, 15)))[0]) for _ in range(150)]
    texts += [repr(-RANDOM.uniform(2, 15)) for _ in range(50)]
    document = json.dumps(changed(normalizer=None, added_tokens=[], model=TOKENIZER["model"] | {"vocab": "$VOCAB"}))
    pieces = ",".join(f'["t{index}", {text}]' for index, text in enumerate(texts))
    read = json.loads(Tokenizer.from_str(document.replace('"$VOCAB"', f"[{pieces}]")).to_str())["model"]["vocab"]

    def bits(value):
        return struct.pack(">d", value).hex()

    return {"texts": texts, "nearest": [bits(float(text)) for text in texts], "approximate": [bits(float(score)) for _, score in read]}


def main():
    with open(os.path.join(FOLDER, "sentencepiece.bpe.model"), "wb") as file:
        file.write(MODEL.SerializeToString(deterministic=True))
    for name, content in {"model": model_ids(), "directories": directories(), "graphemes": graphemes(), "numbers": numbers()}.items():
        with open(os.path.join(FOLDER, f"{name}.json"), "w", encoding="utf-8", newline="\n") as file:
            json.dump(content, file, ensure_ascii=True, separators=(",", ":"))
            file.write("\n")


main()
