"""Inputs that were misread once, as the commands get them: ../shared/cases, each with its right value."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import fails, run
from conftest import shared

pytest_plugins = ("translator_fixtures", "stack_fixtures")


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Path:
    """Return the folder of the case that a test is named after."""
    number = request.function.__name__.removeprefix("test_")[:2]
    return next(shared("cases").glob(f"{number}-*"))


def project(case: Path, *args: object, source: str = "source.conll", target: str = "target.txt", code: int = 0) -> str:
    done = run("project", "--source", case / source, "--target", case / target, *args, code=code)
    return done.stderr if code else done.stdout


def read(text: str) -> list[str]:
    """Return ``word tag`` of every row, ``""`` behind a sentence."""
    return [line.replace("\t", " ") for line in text.splitlines()]


def test_01_comment_with_tabs(case: Path) -> None:
    file, columns = case / "de.tsv", ("--word-column", 1, "--tag-column", 2)
    sides = ("--source", file, "--target", file, "--target-format", "conll", "--alignments", case / "a.pharaoh")
    done = run("project", *sides, *columns, "-o", "-")
    assert read(done.stdout) == ["Anna B-PER", "singt O", "in O", "Bonn B-LOC", ""]
    assert done.stderr.count("de.tsv: 1 comment line skipped") == 2  # once a side


@pytest.mark.parametrize(("name", "line"), [("rag.conll", 3), ("ragtab.conll", 2)])
def test_03_ragged_columns(case: Path, name: str, line: int) -> None:
    message = fails("convert", "--source", case / name, "-o", "-")
    assert f"{name}:{line}: expected 2 columns as in the first row of the sentence, got 3 in '" in message


def test_05_conll_named_txt(case: Path, stack: object, tmp_path: Path) -> None:
    file, out = case / "masakha.txt", tmp_path / "out.conll"
    models = {name: getattr(stack, name) for name in ("translator", "tagger", "aligner")}
    label = ("label", "--language", "swh_Latn", *(word for n, m in models.items() for word in (f"--{n}", m)))
    commands = (
        (*label, file, "-o", out),
        ("tag", "--tagger", models["tagger"], file, "-o", out),
        ("align", "--source", file, "--target", file, "-o", out),
        ("translate", "--translator", models["translator"], "--from", "swh_Latn", "--to", "eng_Latn", file),
    )
    for command in commands:
        message = fails(*command)
        assert "masakha.txt: expected text, one sentence per line, got what looks like columns" in message
        assert "--input-format conll" in message
    assert not list(tmp_path.iterdir())
    run(*commands[1], "--input-format", "conll")
    assert [len(block.splitlines()) for block in out.read_text("utf-8").strip().split("\n\n")] == [5, 2]


def test_06_panx_prefix(case: Path, stack: object, tmp_path: Path) -> None:
    done = run("convert", "--source", case / "panx.tsv", "-o", "-")
    expected = "Gazprom B-ORG,praised O,Japan B-LOC,,the O,minister O,praised O,Japan B-LOC,"
    assert ",".join(read(done.stdout)) == expected
    assert "panx.tsv: en: was removed from the beginning of every word (--keep-prefix keeps it)" in done.stderr
    kept = run("convert", "--source", case / "panx.tsv", "-o", "-", "--keep-prefix")
    assert read(kept.stdout)[0] == "en:Gazprom B-ORG"
    models = ("--translator", stack.translator, "--aligner", stack.aligner)
    run("augment", case / "panx.tsv", "--languages", "swh_Latn", *models, "-o", tmp_path / "out")
    made = [row.split()[0] for row in read((tmp_path / "out" / "swh_Latn.conll").read_text("utf-8")) if row]
    assert made == ["Gazprom", "Japu", "prasika", "zo", "minkoro", "Japu", "prasika"] or "en" not in "".join(made)
    run("evaluate", case / "panx.tsv", case / "panx.tsv")


def test_07_prodigy_answer(case: Path) -> None:
    done = run("convert", "--source", case / "pr.jsonl", "-o", "-")
    assert read(done.stdout) == ["Bob B-PER", "lives O", ""]
    assert "reject" in done.stderr
    assert "ignore" in done.stderr


def test_08_entity_text_contradicts(case: Path) -> None:
    message = fails("convert", "--source", case / "u16c.jsonl", "-o", "-")
    assert "u16c.jsonl:1: " in message
    assert "--offsets utf16" in message
    for name in ("u16c.jsonl", "u16.jsonl"):
        done = run("convert", "--source", case / name, "-o", "-", "--offsets", "utf16")
        rows = [row for row in read(done.stdout) if row]
        assert "".join(row.split()[0] for row in rows if not row.endswith(" O")) == "東京"


def test_10_docstart_skip_joins(case: Path) -> None:
    done = run("convert", "--source", case / "doc.conll", "--docstart", "skip", "-o", "-")
    assert read(done.stdout) == ["Anna B-PER", "sings O", "", "Bonn B-LOC", ""]
    assert "doc.conll: 2 -DOCSTART- lines skipped" in done.stderr


def test_11_own_empty_sentences(case: Path, tmp_path: Path) -> None:
    for name in ("o.conll", "o.jsonl", "o.parquet"):
        project(case, "--alignments", case / "a.pharaoh", "-o", tmp_path / name)
    for name in ("o.jsonl", "o.parquet"):
        assert "--empty-sentences" in fails("evaluate", tmp_path / "o.conll", tmp_path / name)
        done = run("evaluate", tmp_path / "o.conll", tmp_path / name, "--empty-sentences")
        assert "1.0000" in done.stdout


def test_13_word_numbers(case: Path) -> None:
    for command in (
        ("convert", "--source", case / "de.tsv", "-o", "-"),
        ("evaluate", case / "de.tsv", case / "de.tsv"),
    ):
        message = fails(*command)
        assert "de.tsv:1: expected words in the first column" in message
        assert "is --word-column 1 and --tag-column 2 or 3 meant?" in message
    done = run("convert", "--source", case / "de.tsv", "-o", "-", "--word-column", 1, "--tag-column", 2)
    assert read(done.stdout) == ["Anna B-PER", "singt O", "in O", "Bonn B-LOC", ""]


def test_15_plain_class_names(case: Path, stack: object, tmp_path: Path) -> None:
    models = ("--translator", stack.translator, "--aligner", stack.aligner)
    message = fails("augment", case / "h11.parquet", "--languages", "swh_Latn", *models, "-o", tmp_path / "out")
    assert "h11.parquet: sentence 1" in message
    assert "got 'PER'" in message


def test_16_lone_cr(case: Path) -> None:
    error = project(case, "--alignments", case / "a.pharaoh", "-o", "-", code=1)
    assert r"target.txt:1: expected lines that end with \n or \r\n, got a \r inside" in error
    assert "\r" not in error


def test_17_swapped_or_one_based(case: Path) -> None:
    error = project(case, "--alignments", case / "out-of-range.pharaoh", "-o", "-", code=1)
    assert "out-of-range.pharaoh:1: " in error
    assert "the links fit when words are counted from 1" in error
    done = run(
        "project", "--source", case / "source.conll", "--target", case / "target.txt",
        "--alignments", case / "one-based.pharaoh", "-o", "-",
    )  # fmt: skip
    assert "one-based.pharaoh: none of the 5 links has a 0: are its words counted from 1?" in done.stderr
