"""The word types of a text by number, and text as those numbers: what the word aligner reads."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Words
from xproj_fast.errors import InputError
from xproj_fast.kernels.link_sampling import LinkText
from xproj_fast.ragged import joined, offsets_of_lists
from xproj_fast.text.folding import FoldedWords, folded_words
from xproj_fast.text.word_types import WordTypes, word_types


class Vocabulary:
    """Distinct words in lower case; the number of each is its place.

    Attributes:
        strings: Arrow string array.
    """

    def __init__(self, strings: Any) -> None:
        self.strings = strings

    def __len__(self) -> int:
        return len(self.strings)

    @cached_property
    def forms(self) -> FoldedWords:
        """What each looks like: see ``xproj_fast.text.folding``."""
        return folded_words(self.strings.to_pylist())

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.strings.to_pylist())}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return it as arrays: UTF-8, and where the bytes of each word end."""
        words = [word.encode() for word in self.strings.to_pylist()]
        return {"ends": offsets_of_lists(words)[1:], "bytes": np.frombuffer(b"".join(words), np.uint8)}

    @classmethod
    def from_arrays(cls, ends: NDArray[np.int64], words: NDArray[np.uint8]) -> Vocabulary:
        """Return what ``arrays`` was of.

        Raises:
            InputError: for arrays that are of no vocabulary.
        """
        import pyarrow as pa

        offsets = np.append(np.int64(0), ends)
        if offsets[-1] != len(words) or np.any(np.diff(offsets) < 0):
            raise InputError("vocabulary: expected ends of words that rise to the number of bytes")
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(words)]
        strings = pa.Array.from_buffers(pa.large_string(), len(ends), buffers)
        try:
            strings.validate(full=True)
        except pa.ArrowInvalid as error:
            raise InputError(f"vocabulary: expected UTF-8, got {error}") from None
        known = cls(strings)
        if len(known._numbers) != len(known):
            raise InputError("vocabulary: expected each word once, got one more than once")
        return known

    @classmethod
    def of(cls, words: Words) -> tuple[Vocabulary, LinkText]:
        """Return the vocabulary of a text, and the text in its numbers."""
        types = word_types(words, lower=True)
        known = cls(types.strings)
        return known, _text(words, types.ids, known.forms)

    def text(self, words: Words) -> tuple[LinkText, int]:
        """Return another text in its numbers, and how many of its words it lacks.

        Words that it lacks have numbers from its length on, and what they look like still counts.
        """
        types: WordTypes = word_types(words, lower=True)
        strings = types.strings.to_pylist()
        numbers = np.array([self._numbers.get(word, -1) for word in strings], np.int32)
        new = np.flatnonzero(numbers < 0)
        numbers[new] = np.arange(len(self), len(self) + len(new), dtype=np.int32)
        ids = numbers[types.ids]
        own, more = self.forms, folded_words([strings[t] for t in new.tolist()])
        forms = FoldedWords(joined([own.offsets, more.offsets]), np.concatenate([own.characters, more.characters]))
        return _text(words, ids, forms), int(np.count_nonzero(ids >= len(self)))


def _text(words: Words, ids: Any, forms: FoldedWords) -> LinkText:
    return LinkText(words.offsets, ids, forms.offsets, forms.characters)
