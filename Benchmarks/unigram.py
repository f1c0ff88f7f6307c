"""A Unigram vocabulary of XLM-R's size, and the `tokenizers` library on one, for the benchmark's row on it.

    unigram.py --tokenizer DIRECTORY --texts FILE --threads 2

answers a line of JSON to each line of standard input, as `Benchmarks tokenizer` does: seconds and tokens of one batch call on
all texts, the faster of the two that the library has.
"""

import argparse
import collections
import json
import math
import os
import time
from pathlib import Path

SIZE = 250_002


def make_vocabulary(texts, directory):
    """Writes a tokenizer whose pieces are parts of the texts' words, scored by how often they occur.

    Nothing is trained: what is measured does not depend on good pieces, but on their number and on how many begin at a place.
    """
    words = collections.Counter(word for text in texts for word in text.split())
    counts = collections.Counter()
    for word, times in words.items():
        word = "\u2581" + word
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + 16) + 1):
                counts[word[start:end]] += times
    total = sum(counts.values())
    pieces = [[token, 0.0] for token in ("<s>", "<pad>", "</s>", "<unk>")]
    pieces += [[piece, math.log(times / total)] for piece, times in counts.most_common(SIZE - 5)]
    pieces += [[f"\u2581{index:06}", -20.0] for index in range(SIZE - 1 - len(pieces))]
    pieces.append(["<mask>", 0.0])
    fixture = Path(__file__).resolve().parent.parent / "Tests/Fixtures/unigram/model.json"
    charsmap = json.loads(fixture.read_text(encoding="utf-8"))["charsmap"]
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}

    def piece(kind, name):
        return {kind: {"id": name, "type_id": 0}}

    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [
            {"id": index, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
             "special": True} for index, content in [*enumerate(["<s>", "<pad>", "</s>", "<unk>"]), (SIZE - 1, "<mask>")]],
        "normalizer": {"type": "Precompiled", "precompiled_charsmap": charsmap},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [piece("SpecialToken", "<s>"), piece("Sequence", "A"), piece("SpecialToken", "</s>")],
            "pair": [piece("SpecialToken", "<s>"), piece("Sequence", "A"), piece("Sequence", "B"), piece("SpecialToken", "</s>")],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
                               "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
        "decoder": metaspace,
        "model": {"type": "Unigram", "unk_id": 3, "byte_fallback": False, "vocab": pieces}}
    directory.mkdir(exist_ok=True)
    (directory / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    (directory / "tokenizer_config.json").write_text('{"tokenizer_class": "XLMRobertaTokenizer"}', encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--texts", required=True)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    # The library takes its number of threads from here when it is imported.
    os.environ["RAYON_NUM_THREADS"] = str(options.threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    os.environ["HF_HUB_OFFLINE"] = "1"
    from transformers import AutoTokenizer

    backend = AutoTokenizer.from_pretrained(options.tokenizer).backend_tokenizer
    backend.enable_truncation(128)
    backend.no_padding()
    texts = Path(options.texts).read_text(encoding="utf-8").removesuffix("\n").split("\n")
    calls = [backend.encode_batch, getattr(backend, "encode_batch_fast", backend.encode_batch)]
    print(json.dumps({"name": "ready", "texts": len(texts)}), flush=True)
    try:
        while True:
            input()
            seconds = []
            for call in calls:
                start = time.perf_counter()
                encodings = call(texts)
                seconds.append(time.perf_counter() - start)
            tokens = sum(len(encoding.ids) for encoding in encodings)
            print(json.dumps({
                "name": "tokenizer", "threads": options.threads, "seconds": min(seconds), "tokens": tokens,
                "tokens_per_second": tokens / min(seconds)}), flush=True)
    except EOFError:
        pass


if __name__ == "__main__":
    main()
