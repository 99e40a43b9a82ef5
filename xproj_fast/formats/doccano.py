"""doccano: lines to import out; what it exports, with relations or without, is JSON Lines as we read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xproj_fast.formats.json_records import lines_bytes
from xproj_fast.formats.json_words import packed_places
from xproj_fast.formats.jsonl import open_jsonl
from xproj_fast.formats.registry import FORMATS, Format
from xproj_fast.formats.review_sentences import ReviewSentence


def doccano_bytes(sentences: Sequence[ReviewSentence]) -> bytes:
    """Return one sentence a line; doccano keeps what it does not know as metadata, and exports it again."""
    return lines_bytes(map(_line, sentences))


def _line(sentence: ReviewSentence) -> dict[str, Any]:
    return {
        "id": sentence.id,
        "text": sentence.text,
        "label": [[span.start, span.end, span.label] for span in sentence.spans],
        "tokens": packed_places(sentence.places),
        "certainty": sentence.certainty,
        **sentence.known(),
    }


FORMATS.add(
    "doccano",
    Format(
        suffixes=(),
        about="doccano's JSONL",
        sentences=open_jsonl,
        labelled=True,
        review=doccano_bytes,
    ),
)
