"""The models of a method in commands that have pairs already: a tagger of the target side, a translator of phrases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import toy_language
from command import fails, run

from xproj_fast.evaluation import evaluate
from xproj_fast.formats.files import read_sentences

if TYPE_CHECKING:
    from stack_fixtures import Stack

pytest_plugins = ("translator_fixtures", "stack_fixtures")

PAIRS = toy_language.PAIRS[:20]
CPU = ("--device", "cpu", "--threads", "1")
LANGUAGES = ("--from", "eng_Latn", "--to", "swh_Latn")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Any, ...]:
    """Return labelled English and its translation, in two files; there are no alignments."""
    from test_cli_label import conll

    (tmp_path / "en.conll").write_text(conll(PAIRS, "english"))
    (tmp_path / "sw.gold.conll").write_text(conll(PAIRS, "toy"))
    (tmp_path / "sw.words").write_text("".join(" ".join(pair.toy) + "\n" for pair in PAIRS))
    return "--source", tmp_path / "en.conll", "--target", tmp_path / "sw.words"


def test_project_with_a_target_tagger(stack: Stack, files: tuple[Any, ...], tmp_path: Path) -> None:
    """The tagger knows the toy language, so that no alignment is needed."""
    method = ("--scores", "ner", "--candidates", "ner", "--target-tagger", stack.tagger)
    done = run("project", *files, *method, *CPU, "-o", tmp_path / "x.conll")
    assert "aligning" not in done.stderr
    figures = evaluate(read_sentences(tmp_path / "sw.gold.conll"), read_sentences(tmp_path / "x.conll"))
    assert figures.micro.precision == 1.0
    assert figures.micro.recall > 0.5


def test_project_with_a_translator(stack: Stack, files: tuple[Any, ...], tmp_path: Path) -> None:
    method = ("--scores", "mt", "--translator", stack.translator, *LANGUAGES)
    out = tmp_path / "x.conll"
    assert fails("project", *files, *method[:4], *CPU, "-o", out, code=2).startswith("--from: expected a language")
    summary = json.loads(run("project", *files, *method, *CPU, "--json", "-o", out).stdout)
    assert summary["projected"] > 0.9 * summary["entities"]


def test_project_with_a_translator_and_an_aligner(stack: Stack, files: tuple[Any, ...], tmp_path: Path) -> None:
    """Languages are the translator's: the aligner needs none, and is not told."""
    method = ("--scores", "alignment=1,mt=1", "--translator", stack.translator, "--aligner", stack.aligner)
    out = tmp_path / "x.conll"
    run("project", *files, *method, *LANGUAGES, *CPU, "-o", out)
    figures = evaluate(read_sentences(tmp_path / "sw.gold.conll"), read_sentences(out))
    assert figures.micro.f1 > 0.9
    message = fails("project", *files, "--aligner", stack.aligner, *LANGUAGES, *CPU, "-o", out, code=2)
    assert message == "--from, --to: requires a model that uses it"


def test_compare_with_a_target_tagger(stack: Stack, files: tuple[Any, ...], tmp_path: Path) -> None:
    line = ("compare", *files, "--gold", tmp_path / "sw.gold.conll", "--matchers", "greedy,exact", "--limits", "<=1")
    method = ("--scores", "ner", "--target-tagger", stack.tagger, "--device", "cpu", "--ner-missing", "zero")
    found = json.loads(run(*line, *method, "--backends", "cpp", "--rounds", 1, "--json").stdout)
    by_tagger = [row for row in found["rows"] if row["scores"] == "ner"]
    assert {(row["matcher"], row["f1"] > 0.5) for row in by_tagger} == {("greedy", True), ("exact", True)}
    assert {"learned", "align_ner"} <= {row["scores"] for row in found["rows"]}  # rivals that the evidence allows
    assert found["method"]["ner"]["missing"] == "zero"


def test_models_that_nothing_uses(stack: Stack, files: tuple[Any, ...], tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.write_text("\n" * len(PAIRS))
    line = ("project", *files, "--alignments", links, "-o", tmp_path / "x.conll")
    for option, value in (("--target-tagger", stack.tagger), ("--translator", stack.translator)):
        message = fails(*line, option, value, code=2)
        assert message == f"{option}: requires a method that uses it (--scores, --candidates)"
    assert fails(*line, *LANGUAGES, code=2) == "--from, --to: requires a model that uses it"
