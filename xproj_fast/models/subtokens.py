"""Texts to sub-tokens and back, as the translator's own tokenizer has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.models.devices import need


class TextTokenizer:
    """A ``tokenizer.json``, for raw text.

    Special tokens written out in a text (``</s>``, ``eng_Latn``) are text: they never end or steer a translation.

    Attributes:
        ids: sub-token -> its id.
    """

    def __init__(self, file: str | Path) -> None:
        tokenizers = need("tokenizers")
        try:
            self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(file))
        except Exception as error:  # whatever its Rust side throws
            raise InputError(f"{file}: expected a fast tokenizer, got something that does not load: {error}") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True
        self.ids: dict[str, int] = self._tokenizer.get_vocab(with_added_tokens=True)
        self._names = {i: token for token, i in self.ids.items()}

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the sub-tokens of each text, without special tokens; no text may hold a lone surrogate."""
        rows = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        return [[self._names[i] for i in row.ids] for row in rows]  # its own .tokens are empty strings

    def decode(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """Return the text of each row of sub-tokens, special tokens left out."""
        ids = self.ids
        known = [[ids[token] for token in row if token in ids] for row in rows]  # vocabularies are padded with fillers
        texts: list[str] = self._tokenizer.decode_batch(known, skip_special_tokens=True)
        return texts


def lone_surrogate(text: str) -> int | None:
    """Return where a text first holds half a UTF-16 pair, which no UTF-8 and no tokenizer can hold; else None."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None
