"""Texts to subwords and back, as the translator's own tokenizer has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xproj_fast.models.tokenizer_file import Tokenizer


class TextTokenizer:
    """A ``tokenizer.json``, for raw text.

    Special tokens written out in a text (``</s>``, ``eng_Latn``) are text: they never end or steer a translation.

    Attributes:
        ids: subword -> its id.
    """

    def __init__(self, file: str | Path) -> None:
        self._tokenizer = Tokenizer(file)
        self._tokenizer.library.encode_special_tokens = True
        self.ids: dict[str, int] = self._tokenizer.library.get_vocab(with_added_tokens=True)
        self._names = {i: token for token, i in self.ids.items()}

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the subwords of each text, without special tokens; no text may hold a lone surrogate."""
        found: list[list[str]] = []
        for first, last in self._tokenizer.portions(texts):
            with self._tokenizer.running():
                rows = self._tokenizer.library.encode_batch_fast(texts[first:last], add_special_tokens=False)
                found += [[self._names[i] for i in row.ids] for row in rows]  # its own .tokens are empty strings
        return found

    def decode(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """Return the text of each row of subwords, special tokens left out."""
        ids = self.ids
        known = [[ids[token] for token in row if token in ids] for row in rows]  # vocabularies are padded with fillers
        with self._tokenizer.running():
            texts: list[str] = self._tokenizer.library.decode_batch(known, skip_special_tokens=True)
        return texts


def lone_surrogate(text: str) -> int | None:
    """Return where a text first holds half a UTF-16 pair, which no UTF-8 and no tokenizer can hold; else None."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None
