"""One text in every shape, through every command that reads it, onto itself: the same words and labels come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from shapes import LABELLED, TAGS, TEXT, WORDS, Shape

from xproj_fast.cli import main
from xproj_fast.cli.commands import build_parser
from xproj_fast.cli.reading import conll_options, opening
from xproj_fast.formats.files import read_sentences
from xproj_fast.runs.inputs import InputOptions, open_input, parts_of

CONLL = "".join(
    "".join(f"{word}\t{tag}\n" for word, tag in zip(words, tags, strict=True)) + "\n"
    for words, tags in zip(WORDS, TAGS, strict=True)
)
LINKS = "".join(" ".join(f"{i}-{i}" for i in range(len(words))) + "\n" for words in WORDS)

all_shapes = pytest.mark.parametrize("shape", [*LABELLED, *TEXT], ids=lambda shape: shape.name)
labelled_shapes = pytest.mark.parametrize("shape", LABELLED, ids=lambda shape: shape.name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the text in the tool's own form, and identity links."""
    (tmp_path / "own.conll").write_text(CONLL, "utf-8")
    (tmp_path / "links").write_text(LINKS, "utf-8")
    return tmp_path


def write(folder: Path, shape: Shape) -> Path:
    path = folder / shape.name
    path.write_bytes(shape.data)
    return path


def command(*args: object) -> None:
    assert main([str(arg) for arg in args]) == 0


@labelled_shapes
def test_convert(folder: Path, shape: Shape) -> None:
    out = folder / "out.conll"
    command("convert", "--source", write(folder, shape), *shape.options, "-o", out)
    assert out.read_text("utf-8") == CONLL


@labelled_shapes
def test_project_onto_itself(folder: Path, shape: Shape) -> None:
    path, out = write(folder, shape), folder / "out.conll"
    sides = ("--source", path, "--target", path, "--alignments", folder / "links")
    command("project", *sides, *shape.options, "-o", out)
    assert out.read_text("utf-8") == CONLL


@all_shapes
def test_project_onto(folder: Path, shape: Shape) -> None:
    """As target, whatever its labels say."""
    path, out = write(folder, shape), folder / "out.conll"
    source = folder / "own.jsonl"  # which takes no option of columns
    command("convert", "--source", folder / "own.conll", "-o", source)
    fmt = ("--target-format", "text") if shape.name.startswith("raw") else ()
    sides = ("--source", source, "--target", path, "--alignments", folder / "links")
    command("project", *sides, *shape.options, *fmt, "-o", out)
    assert out.read_text("utf-8") == CONLL


@labelled_shapes
@pytest.mark.parametrize("suffix", ["conll", "jsonl", "parquet", "arrow"])
def test_what_is_written_is_read(folder: Path, shape: Shape, suffix: str) -> None:
    """Every output is an input of every command."""
    out, again = folder / f"out.{suffix}", folder / "again.conll"
    command("convert", "--source", write(folder, shape), *shape.options, "-o", out)
    command("convert", "--source", out, "-o", again)
    assert again.read_text("utf-8") == CONLL
    command("evaluate", folder / "own.conll", out)


@labelled_shapes
def test_evaluate(folder: Path, shape: Shape, capsys: pytest.CaptureFixture[str]) -> None:
    own = folder / "own.jsonl"
    command("convert", "--source", folder / "own.conll", "-o", own)
    options = shape.options if shape.options[:1] != ("--scheme",) else ()
    command("evaluate", write(folder, shape), own, *options, "--json")
    assert '"f1": 1.0' in capsys.readouterr().out


@all_shapes
def test_words(folder: Path, shape: Shape) -> None:
    """What tag and align read (a file), and what label and augment do (an input of a pipeline)."""
    path = write(folder, shape)
    options = shape.options if shape.options[:1] != ("--scheme",) else ()
    args = build_parser().parse_args(["align", "--source", "x", "--target", "y", "-o", "z", *options_of_words(options)])
    read = read_sentences(path, **opening(args), entities=False)
    assert read.words.to_lists() == WORDS
    assert read.entities is None
    given = InputOptions(conll=conll_options(args), tokenized=args.tokenized)
    parts = list(parts_of(open_input(path, "eng_Latn", given, entities=False), 2))
    assert [words for part in parts for words in part.sentences.words.to_lists()] == WORDS


def options_of_words(options: tuple[str, ...]) -> list[str]:
    """Leave out where tags are, which is no option of commands that read words alone."""
    return [word for i, word in enumerate(options) if "--tag-column" not in options[max(i - 1, 0) : i + 1]]
