"""Rows of a comparison that nobody ran."""

from __future__ import annotations

from typing import Any

from xproj_fast.report.rows import Row


def row(**changes: Any) -> Row:
    usual: dict[str, Any] = {
        "links": "given",
        "scores": "alignment",
        "matcher": "greedy",
        "backend": "cpp",
        "limit": "<=1",
        "sentences": 800,
        "seconds": 0.001,
        "sentences_per_second": 812_345.0,
        "objective": 1.0,
        "spans": 1,
        "short_share": None,
        "shortfall": None,
        "statuses": {},
        "proofs": None,
        "f1": 0.9,
        "precision": 0.9,
        "recall": 0.9,
        "f1_low": 0.88,
        "f1_high": 0.92,
        "level": 1.0,
        "learnt_in": None,
        "confidence": None,
        "auc": None,
        "ece": None,
    }
    return Row(**usual | changes)


LEARNED: dict[str, Any] = {
    "scores": "learned",
    "sentences_per_second": 104_000.0,
    "learnt_in": 0.21,
    "confidence": 0.914,
    "auc": 0.88,
    "ece": 0.021,
}
