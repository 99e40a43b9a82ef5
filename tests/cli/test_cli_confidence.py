"""The commands say how sure they are, and leave out what they are not sure of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import DEMO, EN_DE, fails, run

from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import read_labelled
from xproj_fast.formats.pair_files import read_pairs
from xproj_fast.projector import project

PAIRS = read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh")
SURE = ("--scores", "learned")


def test_a_projection_says_how_sure_it_is(tmp_path: Path) -> None:
    result = project(PAIRS, scores="learned")
    expected = result.counts()["expected_precision"]
    told = run("project", *EN_DE, "-o", tmp_path / "x.jsonl", *SURE).stderr
    assert f"\n{expected:.1%} of the spans can be expected to be right\n" in told
    summary = json.loads(run("project", *EN_DE, "-o", tmp_path / "x.jsonl", *SURE, "--json").stdout)
    assert summary["expected_precision"] == pytest.approx(expected, abs=1e-6)
    found = read_labelled(tmp_path / "x.jsonl")
    assert found.confidences is not None
    assert found.confidences.tolist() == pytest.approx(result.labelled().confidences)
    plain = run("project", *EN_DE, "-o", tmp_path / "y.conll", "--scores", "alignment").stderr
    assert "by their confidence" not in plain


def test_what_is_unsure_is_left_out_and_told(tmp_path: Path) -> None:
    least = 0.9
    line = ("project", *EN_DE, *SURE, "--min-confidence", least)
    told = run(*line, "-o", tmp_path / "x.conll", "--confidence-column").stderr
    counts = project(PAIRS, scores="learned", min_confidence=least).counts()
    assert counts["unsure"] > 0
    assert f"{counts['unsure']:,} less sure than --min-confidence" in told
    found = read_labelled(tmp_path / "x.conll", conll=ConllOptions(confidences_from=1))
    assert found.confidences is not None
    assert len(found.confidences) == counts["spans"]
    assert found.confidences.min() >= least


def test_only_a_probability_can_be_too_small(tmp_path: Path) -> None:
    line = ("project", *EN_DE, "-o", tmp_path / "x.conll", "--scores", "alignment", "--min-confidence")
    assert "--min-confidence: requires --scores with learned, got alignment" in fails(*line, "0.5", code=2)
    line = ("project", *EN_DE, "-o", tmp_path / "x.conll", *SURE, "--min-confidence")
    assert "--min-confidence: expected a number from 0 to 1, got 1.5" in fails(*line, "1.5", code=2)
    assert not list(tmp_path.iterdir())


def test_a_column_needs_a_score_that_says_it(tmp_path: Path) -> None:
    line = ("project", *EN_DE, "-o", tmp_path / "x.conll", "--scores", "alignment", "--confidence-column")
    expected = "--confidence-column: requires --scores with one that is a probability (learned)"
    assert expected in fails(*line, code=2)
    assert "--confidence-column: expected output as conll, got jsonl" in fails(
        "project", *EN_DE, "-o", tmp_path / "x.jsonl", *SURE, "--confidence-column"
    )
    assert not list(tmp_path.iterdir())
