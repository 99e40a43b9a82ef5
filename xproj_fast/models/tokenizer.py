"""Words to subwords: each distinct word is tokenised once, then gathered for every place it stands in.

A tokenizer of the package ``tokenizers`` treats the words of a sentence that is already split (HF:
``is_split_into_words=True``) each by itself: normalisation, added tokens, prefix spaces and Metaspace's "first" all
start anew with every word. So what a word gives does not depend on where it stands, and this is exact.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Offsets, Pieces, Words, sentence_of
from xproj_fast.checks import is_unicode
from xproj_fast.errors import InputError
from xproj_fast.models.tokenizer_file import Tokenizer
from xproj_fast.ragged import offsets_of, per_item, ranges

MOST_WORDS = 1 << 18  # words remembered between calls: some 30 MB
MOST_PIECES = 1 << 22
GROUP = 512  # words that one call into the library takes together; several groups go to several threads


class WordTokenizer:
    """A fast tokenizer for words; one may serve several threads.

    Args:
        file: ``tokenizer.json``. Truncation and padding that it asks for are switched off: nothing is cut.

    Raises:
        InputError: where there is no such file, ``tokenizers`` cannot read it, or it makes texts grow without bound.
        MissingDependencyError: without the package ``tokenizers``.
    """

    _known: dict[str, int]  # word -> its place in the arrays
    _counts: NDArray[np.int64]  # subwords of each word
    _starts: NDArray[np.int64]  # its first one in the ids
    _ids: NDArray[np.int32]

    def __init__(self, file: Path) -> None:
        self._tokenizer = Tokenizer(file)
        self._lock = threading.Lock()
        self._forget()

    def encode(self, words: Words) -> Pieces:
        """Return the subwords of N sentences of words.

        Args:
            words: with strings; offsets start at 0.

        Returns:
            Ids and word index of each subword, as the Hugging Face tokenizer gives them with
            ``is_split_into_words=True, add_special_tokens=False``. A word may give none (an empty string, with BERT
            a lone zero-width space); the words behind it keep their index.

        Raises:
            InputError: for words without strings, bytes that are no UTF-8, a word that is too large, and where the
                tokenizer gives up on one.
        """
        if words.strings is None:
            raise InputError("words: expected words, got only their number")
        encoded = words.strings.dictionary_encode()
        which = encoded.indices.to_numpy(zero_copy_only=False)
        distinct = _strings(encoded.dictionary, which, words.offsets)
        with self._lock:
            entry = self._entries(distinct)
            counts, starts, ids = self._counts, self._starts, self._ids  # a later call replaces them, never changes
        entry = entry[which] if len(which) else np.zeros(0, np.int64)
        return _gather(words.offsets, counts[entry], starts[entry], ids)

    def _entries(self, distinct: list[str]) -> NDArray[np.int64]:
        """Return the place of each word in the cache; tokenise what is not in it."""
        if len(self._known) + len(distinct) > MOST_WORDS or len(self._ids) > MOST_PIECES:
            self._forget()
        known = self._known
        new = [word for word in distinct if word not in known]
        if new:
            counts, ids = self._tokenise(new)
            known.update(zip(new, range(len(known), len(known) + len(new)), strict=True))
            self._counts = np.concatenate([self._counts, counts])
            self._ids = np.concatenate([self._ids, ids])
            self._starts = np.cumsum(self._counts) - self._counts
        return np.fromiter(map(known.__getitem__, distinct), np.int64, len(distinct))

    def _tokenise(self, words: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return int64[words], the subwords of each, and int32, their ids."""
        counts, ids = [], []
        for first, last in self._tokenizer.portions(words):
            groups = [words[i : min(i + GROUP, last)] for i in range(first, last, GROUP)]
            with self._tokenizer.running():
                # Not encode_batch_fast, which gives no word ids; and one call a word costs more.
                found = self._tokenizer.library.encode_batch(groups, is_pretokenized=True, add_special_tokens=False)
                for encoding, group in zip(found, groups, strict=True):
                    counts.append(np.bincount(np.array(encoding.word_ids, np.int64), minlength=len(group)))
                    ids.append(np.array(encoding.ids, np.int32))
        return np.concatenate(counts), np.concatenate(ids)

    def _forget(self) -> None:
        self._known = {}
        self._counts = np.zeros(0, np.int64)
        self._starts = np.zeros(0, np.int64)
        self._ids = np.zeros(0, np.int32)


def _strings(dictionary: Any, which: NDArray[np.int32], offsets: Offsets) -> list[str]:
    try:
        strings: list[str] = dictionary.to_pylist()
    except UnicodeDecodeError:
        good = [
            is_unicode(raw.decode("utf-8", "surrogateescape")) for raw in dictionary.cast("large_binary").to_pylist()
        ]
        word = int(np.argmin(np.array(good)[which]))
        s = sentence_of(offsets, word)
        raise InputError(
            f"words: sentence {s}, word {word - int(offsets[s])}: expected UTF-8 text, got "
            f"{dictionary[int(which[word])].as_buffer().to_pybytes()!r}",
            field="words",
            sentence=s,
        ) from None
    return strings


def _gather(offsets: Offsets, counts: NDArray[np.int64], starts: NDArray[np.int64], ids: NDArray[np.int32]) -> Pieces:
    """Return the pieces of all words from int64[words] counts and first positions in ``ids``."""
    in_sentence = np.arange(len(counts)) - per_item(offsets[:-1], offsets)
    pieces = ids[ranges(starts, counts)]
    return Pieces(offsets_of(counts)[offsets], pieces, np.repeat(in_sentence.astype(np.int32), counts))
