"""Label Studio: its JSON and JSON-MIN exports in, tasks with predictions out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.formats.exports import ExportReader, agreed, array_bytes, object_of, objects_of, text_of
from xproj_fast.formats.json_records import shown
from xproj_fast.formats.json_words import packed_places
from xproj_fast.formats.registry import FORMATS, Format, Reading
from xproj_fast.formats.review_sentences import AGENT, ReviewSentence

ID = "sentence_id"  # of a task's data, as JSON-MIN has Label Studio's own number under "id"
CONTROL, OBJECT = "label", "text"  # names in the labelling interface
NO_ANNOTATION = "without an annotation"
LABELS = "labels"  # the type of a result that is read, and its key; others end so: hypertextlabels, rectanglelabels
MARKS = ("annotation_id", "annotator", "lead_time")  # what JSON-MIN says of every annotation
ONE_CONTROL = "the labels of one control"


class LabelStudioReader(ExportReader):
    """Reads tasks.

    An annotation that was skipped is left out, and a task without any other; what is no labelled span (relations,
    choices) is left out of an annotation. Of several annotations the ground truth is taken, where one is marked as it;
    else they must say the same.
    """

    noun = "task"

    def __init__(self, path: Path, how: Reading) -> None:
        super().__init__(path, how)
        self._seen: dict[Any, list[Any]] = {}  # of JSON-MIN, which has an object an annotation

    def sentence(self, record: dict[str, Any]) -> dict[str, Any]:
        """See ``ExportReader``."""
        data = object_of(record["data"], "data") if "data" in record else record
        made = {"text": text_of(data, self.keys.text_key, "the data"), "id": data.get(ID, record.get("id"))}
        if self.keys.tokens_key in data:
            made["tokens"] = data[self.keys.tokens_key]
        return made

    def labels(self, record: dict[str, Any]) -> list[Any] | None:
        """See ``ExportReader``."""
        if "data" not in record:
            return self._minimal(record)
        given = objects_of(record.get("annotations", []), "annotations")
        there = [i for i, each in enumerate(given) if not each.get("was_cancelled")]
        self.drop("skipped by the annotator", "annotation", len(given) - len(there))
        if not there:
            self.drop(NO_ANNOTATION)
            return None
        true = [i for i in there if given[i].get("ground_truth")]
        chosen = true if len(true) == 1 else there
        self.drop("another is the ground truth", "annotation", len(there) - len(chosen))
        answers = [
            (f"annotations[{i}]", self._spans(objects_of(given[i].get("result"), f"annotations[{i}].result")))
            for i in chosen
        ]
        return agreed(answers, "annotations (or one that is marked as the ground truth)")

    def _spans(self, results: list[dict[str, Any]]) -> list[Any]:
        spans = [each for each in results if each.get("type") == LABELS]
        for each in results:
            if (kind := each.get("type")) != LABELS:
                self._drop_result(kind)
        control = self.labels_of(sorted({str(each.get("from_name")) for each in spans}), ONE_CONTROL, CONTROL)
        return [each.get("value") for each in spans if str(each.get("from_name")) == control]

    def _drop_result(self, kind: Any, number: int = 1) -> None:
        self.drop(f"only labelled spans are read, got {shown(kind)}", "result", number)

    def _minimal(self, record: dict[str, Any]) -> list[Any] | None:
        kinds = {key: kind for key, value in record.items() if key != self.keys.tokens_key and (kind := _kind(value))}
        control = self.labels_of([key for key, kind in kinds.items() if kind == LABELS], ONE_CONTROL, CONTROL)
        if not any(mark in record for mark in MARKS) and LABELS not in kinds.values():
            raise InputError(
                "expected a task of Label Studio, with data and annotations, or as JSON-MIN has it, with lists of "
                f"spans with labels, or {', '.join(MARKS)}, got an object with the keys {shown(list(record))} "
                "(--source-format, --format or format names another format)"
            )
        for key, kind in kinds.items():
            if kind != LABELS:
                self._drop_result(kind, len(record[key]))
        spans = record.get(control) if kinds.get(control, LABELS) == LABELS else None
        found = [] if spans is None else objects_of(spans, control)  # it was looked at, and has none
        task = record.get("id")
        if task in self._seen:
            agreed([("the one before", self._seen[task]), ("this", found)], f"annotations of task {task}")
            self.drop("they say the same as the one before", "further annotation")
            return None
        if task is not None:
            self._seen[task] = found
        return found


def _kind(value: Any) -> str | None:
    """Return what the regions of a control are labelled with, as JSON-MIN has them; None for anything else.

    It is the key beside those that say where, as ``labels`` and ``hypertextlabels``, or ``"region"`` for any other.
    """
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return None
    keys = dict.fromkeys(key for each in value for key in each)
    if LABELS in keys:
        return LABELS
    return next((key for key in keys if key.endswith(LABELS)), "region" if {"start", "end"} <= keys.keys() else None)


def label_studio_bytes(sentences: Sequence[ReviewSentence]) -> bytes:
    """Return an array of tasks, one a line, with what was projected as a prediction."""
    return array_bytes(map(_task, sentences))


def _task(sentence: ReviewSentence) -> dict[str, Any]:
    data = {ID: sentence.id, "text": sentence.text, "tokens": packed_places(sentence.places)} | sentence.known()
    result = [
        {
            "id": f"s{i}",
            "from_name": CONTROL,
            "to_name": OBJECT,
            "type": "labels",
            "score": span.confidence,
            "value": {"start": span.start, "end": span.end, "text": span.text, "labels": [span.label]},
        }
        for i, span in enumerate(sentence.spans)
    ]
    return {"data": data, "predictions": [{"model_version": AGENT, "score": sentence.certainty, "result": result}]}


FORMATS.add(
    "label-studio",
    Format(
        suffixes=("json",),
        about="Label Studio's exports, JSON or JSON-MIN",
        sentences=LabelStudioReader,
        labelled=True,
        review=label_studio_bytes,
    ),
)
