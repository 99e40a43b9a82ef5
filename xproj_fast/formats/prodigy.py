"""Prodigy: tasks of ``ner.manual`` and ``ner.correct`` out; what ``db-out`` gives is JSON Lines as we read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from xproj_fast.formats.jsonl import open_jsonl
from xproj_fast.formats.registry import FORMATS, Format
from xproj_fast.formats.review_sentences import ReviewSentence


def prodigy_bytes(sentences: Sequence[ReviewSentence]) -> bytes:
    """Return one task a line, with what was projected as its spans."""
    return "".join(json.dumps(_task(each), ensure_ascii=False) + "\n" for each in sentences).encode()


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
    meta = {"score": sentence.certainty} | sentence.known()
    return {"id": sentence.id, "text": sentence.text, "tokens": tokens, "spans": spans, "meta": meta}


FORMATS.add(
    "prodigy",
    Format(
        suffixes=(),
        about="Prodigy's tasks, JSONL",
        sentences=open_jsonl,
        labelled=True,
        review=prodigy_bytes,
    ),
)
