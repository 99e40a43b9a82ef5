"""Frames of polars, pandas and duckdb, and readers: whatever gives Arrow data goes in, and takes what comes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from arrow_forms import BATCH, table_of, tag_numbers, tags
from test_arrow_columns import content

import xproj_fast as xp
from xproj_fast.errors import InputError


class Stream:
    """Nothing but the interface."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


def relation(table: pa.Table) -> duckdb.DuckDBPyRelation:
    return duckdb.connect().from_arrow(table)


FRAMES: dict[str, Callable[[pa.Table], Any]] = {
    "polars": pl.DataFrame,
    "polars in parts": lambda table: pl.concat([pl.DataFrame(table[:1]), pl.DataFrame(table[1:])], rechunk=False),
    "pandas": lambda table: table.to_pandas(),
    "duckdb": relation,
    "reader": lambda table: table.to_reader(1),
    "stream": Stream,
}
LINKS = ("structs", "pairs", "strings")
EXPECTED = (BATCH.source, BATCH.target, BATCH.entities, BATCH.links, ["s0", "s1", "s2", "s3"])


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("links", LINKS)
def test_frames_in(frame: str, links: str) -> None:
    table, columns = table_of(links=links)
    assert content(xp.SentencePairs.from_arrow(FRAMES[frame](table), columns)) == EXPECTED
    got = xp.Projector(keep=("id",))(FRAMES[frame](table))
    rows = got.read_all() if isinstance(got, pa.RecordBatchReader) else got
    assert rows.to_pylist() == xp.Projector(keep=("id",))(table).to_pylist()


@pytest.mark.parametrize("frame", FRAMES)
def test_tags_in(frame: str) -> None:
    table, columns = table_of(entities="tags")
    assert content(xp.SentencePairs.from_arrow(FRAMES[frame](table), columns)) == EXPECTED


def test_categories_of_polars() -> None:
    table, columns = table_of(entities="tags")
    frame = pl.DataFrame(table).with_columns(
        pl.col("ner_tags").cast(pl.List(pl.Categorical)), pl.col("source_words").cast(pl.List(pl.Categorical))
    )
    assert content(xp.SentencePairs.from_arrow(frame, columns)) == EXPECTED
    got = xp.Projector(columns=columns)(frame)  # others' columns, too
    assert pl.DataFrame(got)["source_words"].equals(frame["source_words"])
    assert got["tags"].to_pylist() == xp.Projector(columns=columns)(table)["tags"].to_pylist()


def test_results_out() -> None:
    table, _ = table_of()
    pairs = xp.SentencePairs.from_arrow(table)
    result = xp.project(pairs)
    for given in (pairs, result, result.labelled()):
        assert pa.table(given).equals(given.to_arrow())
        assert pl.DataFrame(given).height == len(BATCH)
    assert pl.DataFrame(result)["tags"].to_list() == result.tags()
    assert pl.DataFrame(xp.Projector()(table))["tags"].to_list() == result.tags()
    assert relation(xp.Projector()(table)).project("tags").fetchall() == [(row,) for row in result.tags()]
    assert content(xp.SentencePairs.from_arrow(pairs)) == content(pairs)


def test_polars_lazily() -> None:
    frame = pl.DataFrame(table_of()[0])
    projector = xp.Projector()
    schema = pl.DataFrame(projector.schema(frame.head(0).to_arrow().schema).empty_table()).schema
    lazy = frame.lazy().map_batches(lambda batch: pl.DataFrame(projector(batch)), schema=schema)
    assert lazy.collect()["tags"].to_list() == projector(frame)["tags"].to_pylist()


def labelled(frame: str, numbers: bool = False) -> Any:
    table = pa.table(
        {
            "id": ["a", "b", "c", "d"],
            "tokens": pa.array(BATCH.source, pa.list_(pa.string())),
            "ner_tags": pa.array(tag_numbers(BATCH) if numbers else tags(BATCH)),
        }
    )
    return FRAMES[frame](table)


@pytest.mark.parametrize("frame", FRAMES)
def test_evaluation_of_frames(frame: str) -> None:
    gold = xp.LabelledSentences.from_lists(BATCH.source, BATCH.entities)
    assert xp.evaluate(gold, labelled(frame)) == xp.evaluate(gold, gold)
    assert xp.evaluate(labelled(frame), tags(BATCH)).micro.f1 == 1
    assert xp.evaluate(labelled(frame), labelled(frame), mode="strict").micro.gold == 4


def test_a_column_that_is_called_labelled(tmp_path: Path) -> None:
    frame = pd.DataFrame({"tokens": [["Ada"]], "tags": [["B-PER"]], "labelled": ["by hand"]})
    assert xp.evaluate(frame, [["B-PER"]]).micro.f1 == 1
    xp.write(frame, tmp_path / "x.conll")
    assert xp.read_labelled(tmp_path / "x.conll").tags() == [["B-PER"]]


def test_evaluation_of_what_a_projector_returns() -> None:
    table, _ = table_of()
    done = xp.Projector(keep=("target_words",))(table)
    result = xp.project(xp.SentencePairs.from_arrow(table))
    assert xp.evaluate(result, done).micro.f1 == 1
    assert xp.evaluate(done, result).micro.correct == 4
    bad = table.set_column(2, "target_words", pa.array([None, ["a"], ["b"], ["c"]]))
    missing = xp.Projector(keep=("target_words",), errors="column")(bad)
    with pytest.raises(InputError, match=r"^predicted: target_words: sentence 0: expected a list, got null"):
        xp.evaluate(result, missing)  # what was not projected is not O


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("name", ["x.conll", "x.jsonl", "x.parquet", "x.arrow"])
def test_frames_to_files(tmp_path: Path, frame: str, name: str) -> None:
    xp.write(labelled(frame), tmp_path / name)
    back = xp.read_labelled(tmp_path / name)
    kept = slice(None) if name.endswith(("parquet", "arrow", "jsonl")) else [0, 2, 3]  # CoNLL has no empty sentence
    gold = xp.LabelledSentences.from_lists(BATCH.source, BATCH.entities)[kept]
    assert back.tags() == gold.tags()
    assert back.words.to_lists() == gold.words.to_lists()


REFUSED = {
    "no words": ({"ner_tags": [["O"]]}, {}, "^words: expected a column of words, 'tokens' or .*, got ner_tags"),
    "no tags": ({"tokens": [["a"]]}, {}, "^tags: expected a column of tags, 'ner_tags' or 'tags', got tokens"),
    "both": (
        {"tokens": [["a"]], "ner_tags": [["O"]], "tags": [["O"]]},
        {},
        r"^tags: expected a column of tags, .*, got ner_tags and tags \(tags=\.\.\. says which\)",
    ),
    "another length": (
        {"tokens": [["a"]], "tags": [["O", "O"]]},
        {},
        "^tags: sentence 0: expected a tag per word, 1, got 2",
    ),
    "no such column": ({"tokens": [["a"]]}, {"tags": "ner"}, "^ner: expected a column of this name"),
    "numbers": ({"tokens": [["a"]], "tags": [[0]]}, {}, "^tags: expected strings, or whole numbers that .* names"),
    "scheme": (
        {"tokens": [["a"]], "tags": [["I-X"]]},
        {},
        "^tags: sentence 0, word 0: expected a tag that IOB2 allows",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    columns, options, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        xp.LabelledSentences.from_arrow(pl.DataFrame(columns), **options)


def test_labelled_sentences_of_columns_that_are_named() -> None:
    frame = pd.DataFrame({"text": [["Ada", "sings"]], "gold": [[1, 0]], "tags": [["O", "O"]]})
    got = xp.LabelledSentences.from_arrow(frame, words="text", tags="gold", names=("O", "B-PER"))
    assert got.tags() == [["B-PER", "O"]]
    lenient = xp.LabelledSentences.from_arrow(pl.DataFrame({"words": [["a"]], "tags": [["I-X"]]}), scheme="any")
    assert lenient.tags() == [["B-X"]]
    again = xp.LabelledSentences.from_arrow(lenient)
    assert again.tags() == [["B-X"]]
