"""The columns of a page as one JSON value, which its script reads (``model.js``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Outcome
from xproj_fast.difference import Difference
from xproj_fast.evaluation import ClassScore
from xproj_fast.projected import REASONS
from xproj_fast.ragged import Rows, offsets_of
from xproj_fast.report.page.palette import place_of
from xproj_fast.report.page.texts import page_texts, visible_text
from xproj_fast.report.page.views import Layer, View

SURE = 10_000  # confidences are whole numbers of this: short, and equal to what is shown


def page_columns(views: Sequence[View], rows: Rows) -> dict[str, Any]:
    """Return what the page shows of some rows.

    Args:
        views: one or several of the same kind.
        rows: which rows, those of all views behind one another, in the order they are shown.
    """
    bounds = offsets_of([len(view) for view in views])
    owner = np.searchsorted(bounds, rows, "right") - 1
    labels = _Labels()
    parts = [_rows_of(view, rows[owner == k] - bounds[k], labels) for k, view in enumerate(views)]
    for k, part in enumerate(parts):
        part["view"] = [k] * len(part["row"])
        part["number"] = [int(bounds[k]) + row + 1 for row in part["row"]]
    # Row i of the page is the next one of the view that it belongs to.
    place = np.argsort(np.argsort(owner, kind="stable"), kind="stable")
    found: dict[str, Any] = _joined(parts)
    return {
        **found,
        "order": place.tolist(),
        "views": [visible_text(view.name) for view in views],
        "reference": views[0].reference is not None,
        "gold": views[0].gold,
        "labels": list(map(visible_text, labels)),
        "colours": list(map(place_of, labels)),
        "outcomes": [REASONS[outcome] for outcome in Outcome],
        "differences": [difference.name.lower() for difference in Difference],
        "sure": SURE,
    }


class _Labels(dict[str, int]):
    """Label -> its number on the page, filled as labels are met."""

    def __missing__(self, label: str) -> int:
        self[label] = len(self)
        return self[label]

    def ids(self, entities: Entities, names: Sequence[str]) -> list[int]:
        table = np.array([self[name] for name in names], np.int64)
        ids: list[int] = table[entities.label].tolist() if len(table) else []
        return ids


def _rows_of(view: View, rows: Rows, labels: _Labels) -> dict[str, Any]:
    part = view.some(rows)
    found: dict[str, Any] = {
        "row": rows.tolist(),
        "certainty": _sure(part.certainty()),
        "target": page_texts(part.target),
        "layers": [_layer(layer, labels) for layer in part.everything()],
    }
    if part.ids is not None:
        found["id"] = ["" if value is None else visible_text(str(value)) for value in part.ids.to_pylist()]
    if part.source is not None:
        found["source"] = page_texts(part.source)
    if part.entities is not None:
        found["entities"] = _spans(part.entities, part.labels, labels)
        if part.outcome is not None:
            found["entities"]["outcome"] = part.outcome.tolist()
    if part.links is not None:
        counts = np.diff(part.links.offsets).tolist()
        found["links"] = {"count": counts, "source": part.links.source.tolist(), "target": part.links.target.tolist()}
    return found


def _spans(entities: Entities, names: Sequence[str], labels: _Labels) -> dict[str, Any]:
    return {
        "count": np.diff(entities.offsets).tolist(),
        "start": entities.start.tolist(),
        "end": entities.end.tolist(),
        "label": labels.ids(entities, names),
    }


def _sure(confidence: NDArray[np.float32]) -> list[int]:
    found: list[int] = np.rint(confidence.astype(np.float64) * SURE).astype(np.int64).tolist()
    return found


def _layer(layer: Layer, labels: _Labels) -> dict[str, Any]:
    found = {"name": visible_text(layer.name), **_spans(layer.entities, layer.labels, labels)}
    if layer.confidence is not None:
        found["sure"] = _sure(layer.confidence)
    for name, column in (("source", layer.source), ("difference", layer.difference)):
        if column is not None:
            found[name] = column.tolist()
    return found


def _joined(parts: Sequence[Any]) -> Any:
    """Join the same columns of several parts: lists end to end; what is a text is of the first."""
    first = parts[0]
    if isinstance(first, str):
        return first
    if isinstance(first, Mapping):
        return {key: _joined([part[key] for part in parts if key in part]) for key in first}
    if first and isinstance(first[0], Mapping):
        return [_joined(each) for each in zip(*parts, strict=True)]
    return [item for part in parts for item in part]


def totals(views: Sequence[View]) -> dict[str, Any]:
    """Return how much there is in all views, and how well layers agree with the reference."""
    counts: Counter[str] = Counter()
    for view in views:
        counts["pairs"] += len(view)
        counts["spans"] += len(view.layers[0].entities.start)
        if view.entities is not None and view.outcome is not None:
            counts["entities"] += len(view.entities.start)
            for outcome, number in zip(Outcome, np.bincount(view.outcome, minlength=len(Outcome)), strict=True):
                counts[outcome.name.lower()] += int(number)
    sure = [view.layers[0].confidence for view in views]
    known = [each for each in sure if each is not None]
    mean = float(np.mean(np.concatenate(known))) if known and sum(map(len, known)) else None
    return {**counts, "expected_precision": mean, "scores": _summed(view.scores for view in views)}


def _summed(scores: Iterable[Sequence[ClassScore]]) -> list[ClassScore]:
    return [
        ClassScore.of(
            "micro", *(sum(getattr(each, name) for each in of_layer) for name in ("correct", "predicted", "gold"))
        )
        for of_layer in zip(*scores, strict=True)
    ]
