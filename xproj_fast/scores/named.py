"""What names of scores stand for: one score, or a preset of several with their weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from xproj_fast.errors import unknown_name
from xproj_fast.scores.fuse import PRESETS
from xproj_fast.scores.registry import SCORES


def weights_of(scores: Any) -> dict[str, float]:
    """Return the weights that the name of a preset or of one score stands for; weights as they are."""
    if isinstance(scores, str):
        return dict(PRESETS[scores]) if scores in PRESETS else {scores: 1.0}
    return dict(scores)


def check_scores_named(scores: Any, given: Collection[str] = ()) -> None:
    """Check that names are those of scores.

    Args:
        scores: a name, or weights by name.
        given: names of scores of the user's own.

    Raises:
        InputError: for a name that is none of them.
    """
    if isinstance(scores, Mapping):
        for name in scores:
            if name not in SCORES and name not in given:
                raise unknown_name("scores", name, [*SCORES, *given], "weights of")
    elif not (isinstance(scores, str) and (scores in PRESETS or scores in SCORES or scores in given)):
        raise unknown_name("scores", scores, [*SCORES, *given, *PRESETS], also=", weights by name, or PairScores")
