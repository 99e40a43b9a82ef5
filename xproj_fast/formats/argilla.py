"""Argilla 2: what its records export in, records with suggestions out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.formats.exports import ExportReader, agreed, array_bytes, object_of, objects_of, text_of
from xproj_fast.formats.json_records import shown
from xproj_fast.formats.json_words import packed_places
from xproj_fast.formats.registry import FORMATS, Format
from xproj_fast.formats.review_sentences import AGENT, ReviewSentence

QUESTION = "span"
STATUSES = ("draft", "submitted", "discarded")
FLAT = ".responses"  # ends the keys of to_list(flatten=True)


class ArgillaReader(ExportReader):
    """Reads records as ``to_json``, ``Record.to_dict`` and ``to_list(flatten=True)`` give them.

    Labels are the responses that were submitted; records without one are left out. The first two forms do not tell
    which responses were submitted: there the record must be completed.
    """

    def sentence(self, record: dict[str, Any]) -> dict[str, Any]:
        """See ``ExportReader``."""
        is_flat = "fields" not in record
        fields = record if is_flat else object_of(record["fields"], "fields")
        known = record if is_flat else object_of(record.get("metadata") or {}, "metadata")
        made = {"text": text_of(fields, self.keys.text_key, "the fields"), "id": record.get("id")}
        tokens = known.get(self.keys.tokens_key or "")
        if tokens is not None:
            made["tokens"] = tokens
        return made

    def labels(self, record: dict[str, Any]) -> list[Any] | None:
        """See ``ExportReader``."""
        answers = self._nested(record) if "fields" in record else self._flat(record)
        submitted = []
        for i, (value, status) in enumerate(answers):
            if status is None:
                status = "submitted" if record.get("status") == "completed" else "pending"
            if status == "submitted":
                submitted.append((f"response {i + 1}", objects_of(value, f"the value of response {i + 1}")))
            elif status in (*STATUSES, "pending"):
                self.drop(status, "response")
            else:
                raise InputError(f"expected a response that is {', '.join(STATUSES)}, got {shown(status)}")
        if not submitted:
            self.drop("no response was submitted")
            return None
        return agreed(submitted, "responses")

    def _nested(self, record: dict[str, Any]) -> list[tuple[Any, Any]]:
        responses = object_of(record.get("responses") or {}, "responses")
        question = self._question([name for name in responses if responses[name]])
        given = objects_of(responses.get(question) or [], f"responses.{question}")
        return [(each.get("value"), each.get("status")) for each in given]

    def _flat(self, record: dict[str, Any]) -> list[tuple[Any, Any]]:
        names = [key.removesuffix(FLAT) for key in record if key.endswith(FLAT) and record[key]]
        key = self._question(names) + FLAT
        values, states = record.get(key) or [], record.get(f"{key}.status")
        if not isinstance(values, list):
            raise InputError(f"expected {key} to be a list, got {shown(values)}")
        if states is None:
            states = [None] * len(values)
        if not isinstance(states, list) or len(states) != len(values):
            raise InputError(f"expected {key}.status to tell of {len(values)}, got {shown(states)}")
        return list(zip(values, states, strict=True))

    def _question(self, names: list[str]) -> str:
        names = [QUESTION] if QUESTION in names else names  # others may be asked beside ours
        return self.labels_of(names, f"responses to one question, or to {QUESTION!r}", QUESTION)


def argilla_bytes(sentences: Sequence[ReviewSentence]) -> bytes:
    """Return an array of records, one a line, which ``dataset.records.from_json`` reads."""
    return array_bytes(map(_record, sentences))


def _record(sentence: ReviewSentence) -> dict[str, Any]:
    fields = {"text": sentence.text} | sentence.known()
    metadata = {"tokens": packed_places(sentence.places), "certainty": sentence.certainty}
    suggestion = {
        "value": [{"start": span.start, "end": span.end, "label": span.label} for span in sentence.spans],
        "score": [span.confidence for span in sentence.spans],
        "agent": AGENT,
    }
    return {
        "id": sentence.id,
        "fields": fields,
        "metadata": metadata,
        "suggestions": {QUESTION: suggestion} if sentence.spans else {},
        "responses": {},
        "vectors": {},
    }


FORMATS.add(
    "argilla",
    Format(
        suffixes=(),
        about="Argilla's records, as its to_json or to_list gives them",
        sentences=ArgillaReader,
        labelled=True,
        review=argilla_bytes,
    ),
)
