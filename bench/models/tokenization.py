"""``WordTokenizer`` against the Hugging Face tokenizer and its ``word_ids``, on one thread, exactness checked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from xproj_fast.arrays import Pieces
from xproj_fast.models.manifest import TOKENIZER
from xproj_fast.models.tokenizer import WordTokenizer

from . import text
from .setup import Row, Setup, rate, ratios
from timing import paired

TARGET = 20_000  # sentences per second and core
FAMILIES = {"bert": "WordPiece", "xlmr": "Unigram", "nllb": "BPE"}


def rows(setup: Setup) -> Iterator[Row]:
    """Yield the rows of the table."""
    from transformers import PreTrainedTokenizerFast

    sentences = text.read(text.DATA / "conll-translate-train/en.train.conll")[: setup.some(10_000, 2000)]
    words = text.words_of(sentences)
    size = f"{len(sentences):,} sentences, {len(words.strings) / len(sentences):.1f} words each"
    for family, kind in FAMILIES.items():
        folder = setup.models.tokenizer(family)
        # From the same file: AutoTokenizer builds it anew, with Unigram scores that differ in the last bit from those
        # the library reads, and then "-" * 60 is cut into the same pieces in another order.
        peer: Any = PreTrainedTokenizerFast(tokenizer_file=str(folder / TOKENIZER))

        def transformers(peer: Any = peer) -> tuple[list[list[int]], list[list[int]]]:
            found = peer(sentences, is_split_into_words=True, add_special_tokens=False)
            return found.input_ids, [found.word_ids(i) for i in range(len(sentences))]

        rounds = 1 if setup.quick else 7
        fresh = [WordTokenizer(folder / TOKENIZER) for _ in range(rounds + 1)]  # loading is not what is timed
        warm = WordTokenizer(folder / TOKENIZER)
        exact = equal(warm.encode(words), *transformers())
        seconds = paired(
            {
                "transformers": transformers,
                "cold": lambda fresh=fresh: fresh.pop().encode(words),
                "warm": lambda warm=warm: warm.encode(words),
            },
            rounds,
        )
        against = ratios(seconds, "transformers", ["cold", "warm"])
        cold = len(sentences) / sorted(seconds["cold"])[len(seconds["cold"]) // 2]
        yield (
            f"{kind} ({family}), {size}: `WordTokenizer.encode`, every word new to it",
            f">= {TARGET:,}/s, exact",
            f"{rate(len(sentences), seconds['cold'])}, {against['cold']:.1f} times transformers with `word_ids` "
            f"({rate(len(sentences), seconds['transformers'])}), {'exact' if exact else '**NOT EXACT**'}; "
            f"all words known: {rate(len(sentences), seconds['warm'])}",
            exact and cold >= TARGET,
        )


def equal(pieces: Pieces, ids: list[list[int]], words: list[list[int]]) -> bool:
    """Tell whether ids and words of all subwords are the same."""
    flat_ids, flat_words = pieces.ids.tolist(), pieces.word.tolist()
    bounds = list(pairwise(pieces.offsets.tolist()))
    return [flat_ids[a:b] for a, b in bounds] == ids and [flat_words[a:b] for a, b in bounds] == words
