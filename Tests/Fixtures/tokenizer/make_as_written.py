#!/usr/bin/env python3
"""Writes as-written.json beside itself: directories whose tokenizer_class is not BertTokenizer, or whose vocab.txt and
tokenizer.json differ, and what transformers makes of each.

    pip install transformers==5.23.0 tokenizers==0.23.3
    python3 Tests/Fixtures/tokenizer/make_as_written.py

Each case has its files as texts by name, and either ids and tokens of the texts, or null where transformers itself
refuses the directory. Cases that transformers reads and that are refused here say so: `refused` is the key that the
error must name.
"""

import copy
import json
import os
import tempfile

import tokenizers
import transformers
from transformers import AutoTokenizer

FOLDER = os.path.dirname(os.path.abspath(__file__))
assert (transformers.__version__, tokenizers.__version__) == ("5.23.0", "0.23.3")
transformers.logging.set_verbosity_error()

ENTRIES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "A", "é", "e", "##b", "##B", "b", "中", "##中", "國",
           "go", "@@b", "word", "##s", "!", "\u2028", "wide\u3000", "##end\u00a0", "<s>"]
TEXTS = ["", "A aB é É e\u0301 words!", "a中國 中b", "[MASK] [CLS]a[SEP] [mask] [PAD][UNK]", "<s> abb go!s", "wide wideend",
         "a\u2028b\x00a", "bbb" * 4, "word" + "s" * 5 + " words"]


def vocabulary(entries=ENTRIES):
    """What the library makes of vocab.txt: white space at the end is gone, the last of equal entries counts."""
    return {entry: index for index, entry in enumerate(entries)}


def added(index, content=None, special=True):
    return {"id": index, "content": content or ENTRIES[index], "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": special}


def piece(kind, name, type_id=0):
    return {kind: {"id": name, "type_id": type_id}}


TOKENIZER = {
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [added(i) for i in range(5)],
    "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                   "lowercase": False},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [piece("SpecialToken", "[CLS]"), piece("Sequence", "A"), piece("SpecialToken", "[SEP]")],
        "pair": [piece("SpecialToken", "[CLS]"), piece("Sequence", "A"), piece("SpecialToken", "[SEP]"),
                 piece("Sequence", "B", 1), piece("SpecialToken", "[SEP]", 1)],
        "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                           "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100, "vocab": vocabulary()},
}


def tokenizer(**changes):
    """TOKENIZER with some of it replaced; `__` in a name leads inwards."""
    result = copy.deepcopy(TOKENIZER)
    for name, value in changes.items():
        *way, last = name.split("__")
        place = result
        for key in way:
            place = place[key]
        place[last] = value
    return result


WRITTEN = {"tokenizer_class": "PreTrainedTokenizerFast"}
NAMED = WRITTEN | {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]",
                   "mask_token": "[MASK]"}
BERT = {"tokenizer_class": "BertTokenizer", "do_lower_case": False}
SPACELESS = [entry.rstrip() for entry in ENTRIES]
LEFT = {"direction": "Left", "max_length": 9, "strategy": "LongestFirst", "stride": 0}
OTHER_ID = {"[CLS]": {"id": "[CLS]", "ids": [5], "tokens": ["[CLS]"]},
            "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}

# name: (tokenizer.json, tokenizer_config.json, entries of vocab.txt, config.json's class, key that is refused here)
CASES = {
    "cased": (tokenizer(), WRITTEN, None, None, None),
    "called otherwise": (tokenizer(), {"tokenizer_class": "TokenizersBackend"}, None, None, None),
    "class in config.json": (tokenizer(), None, None, "PreTrainedTokenizerFast", None),
    "do_lower_case says nothing": (tokenizer(), NAMED | {"do_lower_case": True, "strip_accents": True}, None, None, None),
    "lower case": (tokenizer(normalizer__lowercase=True), NAMED, None, None, None),
    "accents stay": (tokenizer(normalizer__lowercase=True, normalizer__strip_accents=False), NAMED, None, None, None),
    "accents go": (tokenizer(normalizer__strip_accents=True), NAMED, None, None, None),
    "ideographs joined": (tokenizer(normalizer__handle_chinese_chars=False), NAMED, None, None, None),
    "other prefix": (tokenizer(model__continuing_subword_prefix="@@"), NAMED, None, None, None),
    "no prefix": (tokenizer(model__continuing_subword_prefix=""), NAMED, None, None, None),
    "short words": (tokenizer(model__max_input_chars_per_word=5), NAMED, None, None, None),
    "other unknown token": (
        tokenizer(model__unk_token="go", added_tokens=TOKENIZER["added_tokens"] + [added(15)]), WRITTEN, None, None,
        None),
    "other framing": (
        tokenizer(post_processor={"type": "BertProcessing", "sep": ["<s>", 23], "cls": ["[CLS]", 2]},
                  added_tokens=TOKENIZER["added_tokens"] + [added(23)]), WRITTEN, None, None, None),
    "no padding token": (tokenizer(added_tokens=[added(i) for i in range(1, 5)]), WRITTEN, None, None, None),
    "named, not listed": (tokenizer(added_tokens=[]), NAMED, None, None, None),
    "beginning of a sequence": (tokenizer(), NAMED | {"bos_token": "<s>"}, None, None, None),
    "added words": (
        tokenizer(added_tokens=TOKENIZER["added_tokens"] + [added(24, "<user>"), added(25, "Go", special=False)]),
        WRITTEN, None, None, None),
    "same vocab.txt": (tokenizer(), WRITTEN, ENTRIES, None, None),
    "vocab.txt without white space": (tokenizer(), WRITTEN, SPACELESS, None, None),
    "tokenizer.json without white space": (
        tokenizer(model__vocab=vocabulary(SPACELESS)), WRITTEN, ENTRIES, None, None),
    "BertTokenizer, white space in tokenizer.json alone": (tokenizer(), BERT, SPACELESS, None, None),
    "BertTokenizer, white space in vocab.txt alone": (
        tokenizer(model__vocab=vocabulary(SPACELESS)), BERT, ENTRIES, None, None),
    "BertTokenizer, vocab.txt alone": (None, BERT, ENTRIES, None, None),
    # What transformers reads and is refused here, by the key that is named.
    "text not cleaned": (tokenizer(normalizer__clean_text=False), NAMED, None, None, "normalizer.clean_text"),
    "not listed, not named": (tokenizer(added_tokens=[]), WRITTEN, None, None, "added_tokens"),
    "no framing": (tokenizer(post_processor=None), NAMED, None, None, "post_processor.type"),
    "another id": (tokenizer(post_processor__special_tokens=OTHER_ID), NAMED, None, None, "post_processor"),
    "two types": (
        tokenizer(post_processor__single=[piece("SpecialToken", "[CLS]"), piece("Sequence", "A", 1),
                                          piece("SpecialToken", "[SEP]", 1)]), NAMED, None, None,
        "post_processor.single"),
    "cut on the left": (tokenizer(truncation=LEFT), NAMED, None, None, "truncation.direction"),
    "cut on the left, by configuration": (
        tokenizer(), NAMED | {"truncation_side": "left"}, None, None, "truncation_side"),
    "special tokens are text": (
        tokenizer(), NAMED | {"split_special_tokens": True}, None, None, "split_special_tokens"),
    "named otherwise": (tokenizer(), NAMED | {"unk_token": "go"}, None, None, "model.unk_token"),
    "very long words": (
        tokenizer(model__max_input_chars_per_word=100000), NAMED, None, None, "model.max_input_chars_per_word"),
    "another normalizer": (tokenizer(normalizer={"type": "Lowercase"}), NAMED, None, None, "normalizer.type"),
    "another pre-tokenizer": (
        tokenizer(pre_tokenizer={"type": "Whitespace"}), NAMED, None, None, "pre_tokenizer.type"),
    "another class": (tokenizer(), {"tokenizer_class": "RobertaTokenizer"}, None, None, "tokenizer_class"),
    # What transformers refuses as well.
    "no tokenizer.json": (None, WRITTEN, ENTRIES, None, "tokenizer_class"),
}


def files(backend, configuration, entries, hub_class):
    result = {"config.json": json.dumps({"model_type": "bert"} | ({"tokenizer_class": hub_class} if hub_class else {}))}
    if backend is not None:
        result["tokenizer.json"] = json.dumps(backend, separators=(",", ":"))
    if configuration is not None:
        result["tokenizer_config.json"] = json.dumps(configuration)
    if entries is not None:
        result["vocab.txt"] = "".join(entry + "\n" for entry in entries)
    return result


def main():
    cases = []
    for name, (backend, configuration, entries, hub_class, refused) in CASES.items():
        case = {"name": name, "files": files(backend, configuration, entries, hub_class), "refused": refused,
                "ids": None, "cut": None}
        with tempfile.TemporaryDirectory() as folder:
            for file, text in case["files"].items():
                with open(os.path.join(folder, file), "w", encoding="utf-8", newline="\n") as stream:
                    stream.write(text)
            try:
                reference = AutoTokenizer.from_pretrained(folder)
            except ValueError:
                assert refused, name
            else:
                case["ids"] = reference(TEXTS)["input_ids"]
                case["cut"] = reference(TEXTS, max_length=6, truncation=True)["input_ids"]
        cases.append(case)
    with open(os.path.join(FOLDER, "as-written.json"), "w", encoding="ascii", newline="\n") as stream:
        json.dump({"texts": TEXTS, "cases": cases}, stream, indent=0, separators=(",", ":"))
        stream.write("\n")


main()
