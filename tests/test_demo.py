"""The sentences that come with the package."""

from __future__ import annotations

import pytest

from xproj_fast.demo import LANGUAGES, demo_gold, demo_pairs
from xproj_fast.errors import InputError
from xproj_fast.evaluation import evaluate
from xproj_fast.projector import project


@pytest.mark.parametrize("language", LANGUAGES)
def test_pairs_and_gold_belong_together(language: str) -> None:
    pairs, gold = demo_pairs(language), demo_gold(language)
    assert len(pairs) == len(gold) == 40
    assert pairs.target.to_lists() == gold.words.to_lists()
    assert evaluate(gold, project(pairs)).micro.f1 > 0.9


@pytest.mark.parametrize("get", [demo_pairs, demo_gold])
def test_another_language(get: object) -> None:
    with pytest.raises(InputError, match=r"language: expected one of de, es, ru, ja, got 'fr'"):
        get("fr")  # type: ignore[operator]
