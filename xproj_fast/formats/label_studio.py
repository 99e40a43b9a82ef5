"""Label Studio: its JSON and JSON-MIN exports in, tasks with predictions out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.formats.exports import ExportReader, agreed, object_of, objects_of, text_of
from xproj_fast.formats.json_records import shown
from xproj_fast.formats.json_words import packed_places
from xproj_fast.formats.registry import FORMATS, Format, Reading
from xproj_fast.formats.review_sentences import AGENT, ReviewSentence

ID = "sentence_id"  # of a task's data, as JSON-MIN has Label Studio's own number under "id"
CONTROL, OBJECT = "label", "text"  # names in the labelling interface
NO_ANNOTATION = "without an annotation"


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
        return agreed(answers, _same, "annotations (or one that is marked as the ground truth)")

    def _spans(self, results: list[dict[str, Any]]) -> list[Any]:
        spans = [each for each in results if each.get("type") == "labels"]
        for each in results:
            if (kind := each.get("type")) != "labels":
                self.drop(f"only labelled spans are read, got {shown(kind)}", "result")
        names = sorted({str(each.get("from_name")) for each in spans})
        if self.keys.entities_key != "auto":
            names = [self.keys.entities_key]
        if len(names) > 1:
            raise InputError(
                f"expected the labels of one control, got {', '.join(names)} (--entities-key names one)",
                field="entities",
            )
        return [each.get("value") for each in spans if str(each.get("from_name")) in names]

    def _minimal(self, record: dict[str, Any]) -> list[Any] | None:
        if self.keys.entities_key != "auto":
            names = [self.keys.entities_key]
        else:
            names = [key for key, value in record.items() if _are_spans(value)] or [CONTROL]
        if len(names) > 1:
            raise InputError(
                f"expected the labels of one control, got {', '.join(names)} (--entities-key names one)",
                field="entities",
            )
        spans = record.get(names[0])
        if spans is None:
            if "annotation_id" not in record:
                self.drop(NO_ANNOTATION)
                return None
            spans = []  # it was looked at, and has none
        found = objects_of(spans, names[0])
        task = record.get("id")
        if task in self._seen:
            agreed([("the one before", self._seen[task]), ("this", found)], _same, f"annotations of task {task}")
            self.drop("they say the same as the one before", "further annotation")
            return None
        if task is not None:
            self._seen[task] = found
        return found


def _same(span: Any) -> Any:
    return (span.get("start"), span.get("end"), span.get("labels")) if isinstance(span, dict) else span


def _are_spans(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(x, dict) and "labels" in x for x in value)


def label_studio_bytes(sentences: Sequence[ReviewSentence]) -> bytes:
    """Return an array of tasks, one a line, with what was projected as a prediction."""
    tasks = (json.dumps(_task(each), ensure_ascii=False) for each in sentences)
    return ("[" + ",\n ".join(tasks) + "]\n").encode()


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
