"""JSON Lines out: one object a sentence, as ``JsonlReader`` reads it."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Words, sentence_of
from xproj_fast.errors import InputError
from xproj_fast.labelled import LabelledSentences
from xproj_fast.ragged import flat, per_item


def jsonl_bytes(sentences: LabelledSentences) -> bytes:
    """Return one JSON object a sentence: id (where there are ids), text, entities and tokens.

    Offsets are characters of the raw text, or of its words joined by spaces where it came without one;
    entities are ordered by start. ``JsonlReader`` reads the same words and entities back.

    Args:
        sentences: N of them.

    Returns:
        N lines of UTF-8.

    Raises:
        InputError: for sentences without strings, an empty word, a score that JSON cannot hold, or a confidence that is
            no probability.
    """
    words, spans = sentences.words, sentences.entities
    lists = words.to_lists()
    texts, starts, ends = text_columns(words, lists)
    _check_writable(starts < ends, words.offsets, "words", "words that are not empty")
    columns = {
        "start": starts[flat(spans.start, spans.offsets, words.offsets)].tolist(),
        "end": ends[flat(spans.end, spans.offsets, words.offsets) - 1].tolist(),
        "label": [sentences.labels[label] for label in spans.label.tolist()],
    }
    if sentences.scores is not None:
        _check_writable(np.isfinite(sentences.scores), spans.offsets, "scores", "finite scores")
        columns["score"] = shortest(sentences.scores)
    if (sure := sentences.confidences) is not None:
        _check_writable((sure >= 0) & (sure <= 1), spans.offsets, "confidences", "confidences from 0 to 1")
        columns["confidence"] = shortest(sure)
    entities = iter([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])
    places = zip(starts.tolist(), ends.tolist(), strict=True)
    ids = [None] * len(lists) if sentences.ids is None else sentences.ids.to_pylist()
    encode = json.JSONEncoder(ensure_ascii=False).encode
    lines = []
    for name, text, sentence, count in zip(ids, texts, lists, np.diff(spans.offsets).tolist(), strict=True):
        record: dict[str, Any] = {} if name is None else {"id": name if type(name) is int else str(name)}
        record["text"] = text
        record["entities"] = list(islice(entities, count))
        record["tokens"] = [
            {"text": word, "start": start, "end": end, "id": i}
            for i, (word, (start, end)) in enumerate(zip(sentence, islice(places, len(sentence)), strict=True))
        ]
        lines.append(encode(record) + "\n")
    return "".join(lines).encode()


def shortest(numbers: NDArray[np.float32]) -> list[float]:
    """Return the shortest decimals that give the float32 back: 0.6666667, not 0.6666666865348816."""
    found: list[float] = numbers.astype(str).astype(np.float64).tolist()
    return found


def text_columns(words: Words, lists: list[list[str]]) -> tuple[list[str], NDArray[Any], NDArray[Any]]:
    """Return the texts, and the first character and the end of each word in its text."""
    if words.texts is not None and words.text_start is not None and words.text_end is not None:
        return words.texts.to_pylist(), words.text_start, words.text_end
    lengths = np.array([len(word) for sentence in lists for word in sentence], np.int64)
    ends = np.cumsum(lengths + 1) - 1  # as if all sentences were one, a space after each word
    starts = ends - lengths
    first = per_item(np.append(starts, 0)[words.offsets[:-1]], words.offsets)
    return [" ".join(sentence) for sentence in lists], starts - first, ends - first


def _check_writable(fine: NDArray[np.bool_], offsets: NDArray[np.int64], name: str, expected: str) -> None:
    if not fine.all():
        s = sentence_of(offsets, int(np.argmin(fine)))
        raise InputError(f"{name}: sentence {s}: JSONL output needs {expected}", field=name, sentence=s)
