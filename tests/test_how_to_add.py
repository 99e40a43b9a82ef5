"""The files that docs/contributing shows for a new score and a new matcher do what is said of them."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from common import assert_same
from strategies import large_batch

from xproj_fast.errors import InputError
from xproj_fast.matching.registry import MATCHERS
from xproj_fast.projector import project
from xproj_fast.scores.columns import pair_columns
from xproj_fast.scores.evidence import Evidence
from xproj_fast.scores.registry import SCORES

DOCS = Path(__file__).parents[1] / "docs" / "contributing"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the first Python file of each page, and forget what it registers afterwards."""
    for registry in (MATCHERS, SCORES):
        registry.names()
        monkeypatch.setattr(registry, "_entries", dict(registry._entries))
    for page in ("score.md", "matcher.md"):
        found = re.search(r"^```python\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
        assert found is not None
        exec(compile(found[1], page, "exec"), {"__name__": page})


@pytest.mark.usefixtures("shown")
def test_the_score_is_there_by_name() -> None:
    pairs = large_batch(30).pairs()
    got = project(pairs, scores={"alignment": 1.0, "length_ratio": 0.5})

    def plain(some: Any, candidates: Any) -> list[float]:
        pair = pair_columns(some, candidates)
        lengths = zip(pair.source_end - pair.source_start, pair.target_end - pair.target_start, strict=True)
        return [min(a, b) / max(a, b) for a, b in lengths]

    own = Evidence(given={"plain": plain})
    assert_same(got.matches, project(pairs, scores={"alignment": 1.0, "plain": 0.5}, evidence=own).matches)
    assert got.options["scores"] == {"alignment": 1.0, "length_ratio": 0.5}


@pytest.mark.usefixtures("shown")
def test_the_matcher_is_there_by_name() -> None:
    pairs = large_batch(200).pairs()
    got, greedy = project(pairs, matcher="first_come"), project(pairs)
    assert set(got.matches.outcome.tolist()) == {0, 1, 2}
    assert (got.matches.outcome == 1).tolist() == (greedy.matches.outcome == 1).tolist()
    assert np.all(got.matches.objective <= project(pairs, matcher="exact").matches.objective + 1e-6)
    alone = np.diff(pairs.entities.offsets) == 1  # one entity has its best span in any order
    assert got.matches.objective[alone].tolist() == greedy.matches.objective[alone].tolist()
    with pytest.raises(InputError, match="limit: expected '<=1' with the matcher 'first_come'"):
        project(pairs, matcher="first_come", limit="<=2")


def test_what_the_page_shows_without_the_package_is_what_comes_out() -> None:
    failed, run = doctest.testfile(str(DOCS / "score.md"), module_relative=False)
    assert (failed, run > 5) == (0, True)
