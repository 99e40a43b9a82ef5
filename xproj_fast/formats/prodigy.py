"""Prodigy: tasks of ``ner.manual`` and ``ner.correct`` out; what ``db-out`` gives is JSON Lines as we read it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xproj_fast.formats.json_entities import ENTITIES_KEYS
from xproj_fast.formats.json_records import lines_bytes
from xproj_fast.formats.jsonl import JsonlReader
from xproj_fast.formats.registry import FORMATS, Format, Reading
from xproj_fast.formats.review_sentences import ReviewSentence
from xproj_fast.tag_columns import TAGS_KEYS

SPANS = "spans"


class ProdigyReader(JsonlReader):
    """Reads tasks: one that was accepted without ``spans`` has none."""

    def _found(self, record: dict[str, Any]) -> dict[str, Any] | None:
        found = super()._found(record)
        if found is None or self._entities is None:
            return found
        keys = (*ENTITIES_KEYS, *TAGS_KEYS) if self._entities.key == "auto" else (self._entities.key,)
        return found | {SPANS: []} if SPANS in keys and found.keys().isdisjoint(keys) else found


def open_prodigy(path: Path, how: Reading) -> ProdigyReader:
    """Open a file of tasks; see ``Reading``."""
    return ProdigyReader(path, how.jsonl, entities=how.entities, scheme=how.scheme)


def prodigy_bytes(sentences: Sequence[ReviewSentence]) -> bytes:
    """Return one task a line, with what was projected as its spans."""
    return lines_bytes(map(_task, sentences))


def _task(sentence: ReviewSentence) -> dict[str, Any]:
    tokens = [
        {
            "text": sentence.text[start:end],
            "start": start,
            "end": end,
            "id": i,
            "ws": sentence.text[end : end + 1].isspace(),
        }
        for i, (start, end) in enumerate(sentence.places)
    ]
    spans = [
        {
            "start": span.start,
            "end": span.end,
            "token_start": span.words[0],
            "token_end": span.words[1] - 1,
            "label": span.label,
        }
        for span in sentence.spans
    ]
    meta = {"score": sentence.certainty} | {key: text for key, text in sentence.known().items() if text}  # all is shown
    return {"id": sentence.id, "text": sentence.text, "tokens": tokens, SPANS: spans, "meta": meta}


FORMATS.add(
    "prodigy",
    Format(
        suffixes=(),
        about="Prodigy's tasks, JSONL",
        sentences=open_prodigy,
        labelled=True,
        review=prodigy_bytes,
    ),
)
