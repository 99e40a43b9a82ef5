"""The tokenizer of a checkpoint: saved for use without transformers, and proved to do the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from xproj_fast.arrays import Pieces
from xproj_fast.errors import InputError
from xproj_fast.export.checkpoint import Checkpoint, quiet
from xproj_fast.lists import word_columns
from xproj_fast.models.manifest import TOKENIZER
from xproj_fast.models.tokenizer import WordTokenizer

LANGUAGE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")  # NLLB's codes
SAMPLE = ("Hello", "world")  # for what stands around any sentence


@dataclass(frozen=True, slots=True)
class Specials:
    """What a tokenizer puts around a sentence.

    Attributes:
        prefix: ids before it. suffix: ids after it. pad_id: what fills short rows.
        languages: code -> the one id of ``prefix`` that says the language, or None where none does.
    """

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    pad_id: int
    languages: dict[str, int] | None


def find_specials(checkpoint: Checkpoint) -> Specials:
    """Return the special tokens, as the tokenizer really adds them.

    Raises:
        InputError: for a tokenizer without padding, and one that marks a language in any other way than by one
            token before the sentence.
    """
    tokenizer = checkpoint.tokenizer
    pad_id = tokenizer.pad_token_id if checkpoint.config.pad_token_id is None else checkpoint.config.pad_token_id
    if pad_id is None:
        raise InputError(f"{checkpoint.source}: expected a tokenizer with a padding token, got one without")
    prefix, suffix = _around(tokenizer)
    codes = sorted(filter(LANGUAGE.fullmatch, tokenizer.get_added_vocab()))
    if not codes or not hasattr(tokenizer, "src_lang"):
        return Specials(prefix, suffix, pad_id, None)
    languages = {}
    before = tokenizer.src_lang
    with quiet():
        for code in codes:
            tokenizer.src_lang = code
            expected = tokenizer.convert_tokens_to_ids(code)
            got = _around(tokenizer)
            if got != ((expected,), suffix):
                raise InputError(
                    f"{checkpoint.source}: expected the language {code} to be the one token {expected} before a "
                    f"sentence, got {list(got[0])} before and {list(got[1])} after it"
                )
            languages[code] = expected
        tokenizer.src_lang = before if before in codes else codes[0]
    prefix, suffix = _around(tokenizer)
    return Specials(prefix, suffix, pad_id, languages)


def _around(tokenizer: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    encoded = tokenizer([list(SAMPLE)], is_split_into_words=True)
    ids, words = encoded["input_ids"][0], encoded.word_ids(0)
    inside = [i for i, word in enumerate(words) if word is not None]
    return tuple(ids[: inside[0]]), tuple(ids[inside[-1] + 1 :])


def save_tokenizer(checkpoint: Checkpoint, folder: Path) -> WordTokenizer:
    """Write ``tokenizer.json`` and return it, loaded."""
    with _nothing_cut(checkpoint.tokenizer.backend_tokenizer) as backend:
        (folder / TOKENIZER).write_text(backend.to_str(pretty=True), "utf-8")  # its own save() has no OSError
    return WordTokenizer(folder / TOKENIZER)


def check_tokenizer(
    checkpoint: Checkpoint, tokenizer: WordTokenizer, sentences: Sequence[Sequence[str]], specials: Specials
) -> Pieces:
    """Return the subwords of all sentences, the same in both tokenizers.

    Raises:
        InputError: for the first sentence whose ids or word indices differ.
    """
    pieces = tokenizer.encode(word_columns(sentences))
    with quiet():
        encoded = checkpoint.tokenizer([list(words) for words in sentences], is_split_into_words=True)
    for s, (first, last) in enumerate(pairwise(pieces.offsets.tolist())):
        words = encoded.word_ids(s)
        expected = [(i, w) for i, w in zip(encoded["input_ids"][s], words, strict=True) if w is not None]
        got = list(zip(pieces.ids[first:last].tolist(), pieces.word[first:last].tolist(), strict=True))
        whole = [*specials.prefix, *(i for i, _ in expected), *specials.suffix]
        if got != expected or whole != encoded["input_ids"][s]:
            at = next((k for k, (a, b) in enumerate(zip(got, expected, strict=False)) if a != b), "its end")
            raise InputError(
                f"{checkpoint.source}: parity check failed: expected the subwords of "
                f"{type(checkpoint.tokenizer).__name__}, got others from {TOKENIZER}, at subword {at} of sentence "
                f"{s}: {' '.join(sentences[s])[:80]!r}"
            )
    return pieces


@contextmanager
def _nothing_cut(backend: Any) -> Iterator[Any]:
    """Switch off truncation and padding of a ``tokenizers.Tokenizer`` for a while."""
    truncation, padding = backend.truncation, backend.padding
    backend.no_truncation()
    backend.no_padding()
    try:
        yield backend
    finally:
        if truncation:
            backend.enable_truncation(**truncation)
        if padding:
            backend.enable_padding(**padding)
