"""Columns of the input that nobody here reads stay beside what was made of its rows, where that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command import fails, run
from fake_stack import Aligner, Tagger, Translator
from toy_language import PAIRS, TOY

from xproj_fast.errors import InputError
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.labelling import label
from xproj_fast.runs.tagging import tag_file

FEW = PAIRS[:20]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    table = pa.table(
        {
            "url": [f"u{i}" for i in range(len(FEW))],
            "tokens": [list(pair.toy) for pair in FEW],
            "ner_tags": [["O"] * len(pair.toy) for pair in FEW],
            "page": [{"n": i} for i in range(len(FEW))],
        }
    )
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=7)
    return tmp_path / "in.parquet"


def models() -> LabelModels:
    return LabelModels(Tagger(), Translator(), Aligner())


@pytest.mark.parametrize("fmt", [None, "hf"])
def test_label(source: Path, tmp_path: Path, fmt: str | None) -> None:
    out = tmp_path / "out.parquet"

    def gone(sentences: int, share: float) -> None:
        raise OSError("gone")

    how: dict[str, Any] = {"chunk": 6, "output_format": fmt, "keep_columns": ("all",)}
    with pytest.raises(OSError, match="gone"):
        label(source, out, models(), LabelOptions(TOY), progress=gone, **how)
    summary = label(source, out, models(), LabelOptions(TOY), resume=True, **how)
    assert summary["resumed_at"] == 6
    table = pq.read_table(out)
    assert table["url"].to_pylist() == [f"u{i}" for i in range(len(FEW))]
    assert table["page"].to_pylist() == [{"n": i} for i in range(len(FEW))]
    assert ("ner_tags" in table.schema.names) == (fmt == "hf")


def test_tag(source: Path, tmp_path: Path) -> None:
    tag_file(source, tmp_path / "out.parquet", Tagger(), keep_columns=("url",), chunk=6)
    table = pq.read_table(tmp_path / "out.parquet")
    assert table["url"].to_pylist() == [f"u{i}" for i in range(len(FEW))]
    assert "page" not in table.schema.names


def test_convert_and_project(source: Path, tmp_path: Path) -> None:
    run("convert", "--source", source, "-o", tmp_path / "c.parquet", "--keep-columns", "page,url", "--chunk", "3")
    assert pq.read_table(tmp_path / "c.parquet").schema.names[-2:] == ["page", "url"]
    (tmp_path / "t.words").write_text("".join(" ".join(pair.english) + "\n" for pair in FEW))
    (tmp_path / "a.pharaoh").write_text("\n" * len(FEW))
    files = ("--source", source, "--target", tmp_path / "t.words", "--alignments", tmp_path / "a.pharaoh")
    how = ("--scores", "alignment", "--keep-columns", "all", "--chunk", "9")
    run("project", *files, *how, "-o", tmp_path / "p.parquet")
    assert pq.read_table(tmp_path / "p.parquet")["url"].to_pylist() == [f"u{i}" for i in range(len(FEW))]


@pytest.mark.parametrize(
    ("name", "columns", "message"),
    [
        ("x.conll", "url", "--keep-columns: expected output as arrow or hf, got conll"),
        ("x.parquet", "uri", "--keep-columns: expected some of the columns, url, page, got 'uri'"),
        ("x.parquet", "tokens", "--keep-columns: expected some of the columns, url, page, got 'tokens'"),
    ],
)
def test_what_cannot_be_kept(source: Path, tmp_path: Path, name: str, columns: str, message: str) -> None:
    assert message in fails("convert", "--source", source, "-o", tmp_path / name, "--keep-columns", columns)
    assert not (tmp_path / name).exists()


def test_other_inputs(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\n")
    with pytest.raises(InputError, match=r"^keep_columns: expected Parquet or Arrow input, got .*in\.txt"):
        label(tmp_path / "in.txt", tmp_path / "o.parquet", models(), LabelOptions(TOY), keep_columns=("all",))
    with pytest.raises(InputError, match=r"^keep_columns: expected a file, got sentences in memory"):
        label(["a"], tmp_path / "o.parquet", models(), LabelOptions(TOY), keep_columns=("all",))


def test_a_column_that_the_output_has_itself(tmp_path: Path) -> None:
    pq.write_table(pa.table({"tokens": [["a"]], "spans": ["mine"]}), tmp_path / "in.parquet")
    with pytest.raises(
        InputError, match="keep_columns: expected columns that the output does not have itself, got 'spans'"
    ):
        label(tmp_path / "in.parquet", tmp_path / "o.parquet", models(), LabelOptions(TOY), keep_columns=("spans",))
