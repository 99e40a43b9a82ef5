"""Which sentences of a whole file those of a review are: by their ids, or by their numbers where it has none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.errors import InputError
from xproj_fast.formats.sentences import Sentences
from xproj_fast.wording import count, shown


def reviewed_rows(reviewed: Sentences, whole: Sentences, reviewed_path: Path, whole_path: Path) -> NDArray[np.int64]:
    """Return which sentence of the whole each of a review is.

    Args:
        reviewed: what ``write_review`` chose, as it came back; each with its id.
        whole: what was chosen from; sentences without ids have their numbers, from 1, as such.
        reviewed_path: of the first, for errors.
        whole_path: of the second.

    Returns:
        int64, one a reviewed sentence.

    Raises:
        InputError: for a review without sentences, sentences without ids, an id that the whole does not have, and one
            that two sentences have.
    """
    if not len(reviewed):
        raise InputError(f"{reviewed_path}: expected sentences that were reviewed, got none")
    if reviewed.ids is None:
        raise InputError(f"{reviewed_path}:{reviewed.lines[0]}: expected the id of a sentence, got none", field="ids")
    rows: dict[str, int] = {}
    twice: dict[str, int] = {}
    for row, name in enumerate(_names(whole.ids) if whole.ids is not None else map(str, range(1, len(whole) + 1))):
        twice.setdefault(name, row) if name in rows else rows.setdefault(name, row)
    found: dict[str, int] = {}
    for i, name in enumerate(_names(reviewed.ids)):
        where = f"{reviewed_path}:{reviewed.lines[i]}"
        if name not in rows:
            kind = "an id" if whole.ids is not None else f"a number of one of its {count(len(whole), 'sentence')}"
            hint = "" if whole.ids is not None else "; it has no ids, which JSONL and Parquet keep"
            raise InputError(f"{where}: expected {kind} as in {whole_path}, got {shown(name)}{hint}", field="ids")
        if name in twice:
            lines = f"{whole.lines[rows[name]]} and {whole.lines[twice[name]]}"
            raise InputError(
                f"{whole_path}:{whole.lines[twice[name]]}: expected every id once, got {shown(name)} in lines {lines}",
                field="ids",
            )
        if name in found:
            raise InputError(
                f"{where}: expected every sentence once, got {shown(name)} as in line {reviewed.lines[found[name]]}",
                field="ids",
            )
        found[name] = i
    return np.array([rows[name] for name in found], np.int64)


def _names(ids: Any) -> Iterator[str]:
    return iter(()) if ids is None else (str(name) for name in ids.to_pylist())
