"""Sentences in memory: with ids, lazily, and no file at all; see test_label_batches for every kind of source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_label_batches import FEW, OPTIONS, UGU_TEXT, known, models, words_table
from toy_language import text

import xproj_fast as xp
from xproj_fast.errors import InputError
from xproj_fast.labelled import LabelledSentences
from xproj_fast.runs.labelling import label

TEXTS = [text(pair.toy) for pair in FEW]


def of_parts(source: Any, **how: Any) -> list[tuple[int, list[list[str]], Any]]:
    return [
        (part.first, part.sentences.words.to_lists(), part.sentences.ids and part.sentences.ids.to_pylist())
        for part in xp.parts_from(source, **how)
    ]


def test_texts_and_words_have_ids(tmp_path: Path) -> None:
    ids = [f"s{i}" for i in range(len(FEW))]
    for name, source in {"texts": iter(TEXTS), "words": [list(pair.toy) for pair in FEW]}.items():
        label(source, tmp_path / f"{name}.parquet", models(), OPTIONS, chunk=16, ids=iter(ids))
        assert pq.read_table(tmp_path / f"{name}.parquet")["id"].to_pylist() == ids


def test_problems_name_the_id(tmp_path: Path) -> None:
    label([*TEXTS[:3], UGU_TEXT], tmp_path / "out.jsonl", models(), OPTIONS, chunk=2, ids=[7, 8, 9, 10])
    (problem,) = (tmp_path / "out.jsonl.problems.jsonl").read_text().splitlines()
    assert {"sentence": 3, "id": 10}.items() <= json.loads(problem).items()


@pytest.mark.parametrize(
    ("source", "ids", "message"),
    [
        (["a", "b", "c"], ["x", "y"], "^ids: expected one a sentence, 3, got 2"),
        (["a", "b", "c"], ["x", "y", "z", "more"], "^ids: expected one a sentence, 3, got more"),
        (["a", "b"], ["x", "y", "more"], "^ids: expected one a sentence, 2, got more"),
        (["a", 3], ["x", "y"], r"^source: sentence 1 \(id 'y'\): expected a text, as the first one is, got 3"),
        ([["a"], ["b"], ["c", 3]], [1, 2, 3], r"^source: sentence 2 \(id 3\), item 1: expected"),
        ([{"text": "a"}], ["x"], "^ids: expected them for texts or lists of words, got some for what has its own"),
        (words_table(), ["x"], "^ids: expected them for texts or lists of words"),
        (iter(words_table().to_batches()), ["x"], "^ids: expected them for texts or lists of words"),
        ("in.txt", ["x"], "^ids: expected them for texts or lists of words"),
    ],
)
def test_ids_that_do_not_fit(source: Any, ids: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        of_parts(source, chunk=2, ids=ids)


def test_a_row_at_fault_is_named_by_number_and_id() -> None:
    rows = pa.table({"id": ["a", "b", "c"], "tokens": [["x"], ["y"], ["z", None]]})
    for source in (rows, iter(rows.to_batches(1)), rows.to_pylist()):
        with pytest.raises(InputError, match=r"^source: .*sentence 2 \(id 'c'\)") as caught:
            of_parts(source, chunk=2)
        assert caught.value.sentence == 2


def test_no_more_is_read_than_is_asked_for() -> None:
    read = 0

    def lines() -> Iterator[str]:
        nonlocal read
        for line in TEXTS:
            read += 1
            yield line

    parts = xp.parts_from(lines(), chunk=4)
    next(parts)
    assert read == 4
    next(parts)
    assert read == 8


def test_parts_do_not_depend_on_how_batches_are_cut() -> None:
    table = words_table()
    whole = of_parts(table, chunk=7)
    for rows in (1, 3, 7, 100):
        assert of_parts(iter(table.to_batches(rows)), chunk=7) == whole
    assert [first for first, *_ in whole] == list(range(0, len(FEW), 7))


def test_no_file_at_all() -> None:
    parts = xp.parts_from(iter(TEXTS), OPTIONS.language, chunk=9, ids=range(len(TEXTS)))
    spans, ids = [], []
    with xp.label_stream(parts, models(), OPTIONS) as stream:
        for done in stream:
            found = done.projection.labelled()
            spans += [tuple((e.start, e.end, e.label) for e in sentence.entities) for sentence in found]
            ids += found.ids.to_pylist()
    assert spans == known()
    assert ids == list(range(len(TEXTS)))


def test_labels_keep_their_numbers_over_batches() -> None:
    """A batch that begins with another class, or tags, tells the same as all in one."""
    rows = LabelledSentences.from_lists(
        [["a", "b"], ["c"], ["d", "e"]], [[(0, 1, "PER")], [(0, 1, "LOC")], [(0, 1, "ORG"), (1, 2, "PER")]]
    ).to_arrow()
    found = [part.sentences.labelled() for part in xp.parts_from(iter(rows.to_batches(1)), chunk=2, entities=True)]
    assert [tags for part in found for tags in part.tags()] == rows["tags"].to_pylist()


def test_nothing_in_memory(tmp_path: Path) -> None:
    for i, source in enumerate([[], iter(()), words_table().slice(0, 0)]):
        summary = label(source, tmp_path / f"{i}.jsonl", models(), OPTIONS)
        assert summary["sentences"] == 0


@pytest.mark.parametrize("package", ["polars", "pandas"])
def test_frames(package: str, tmp_path: Path) -> None:
    """What other packages hold, in their own layouts."""
    frame = pytest.importorskip(package).DataFrame({"id": [f"s{i}" for i in range(len(FEW))], "text": TEXTS})
    for suffix in ("parquet", "jsonl", "conll"):
        label(frame, tmp_path / f"out.{suffix}", models(), OPTIONS, chunk=16)
        found = xp.read_labelled(tmp_path / f"out.{suffix}")
        assert [tuple((e.start, e.end, e.label) for e in s.entities) for s in found] == known()
    assert pq.read_table(tmp_path / "out.parquet")["id"].to_pylist() == [f"s{i}" for i in range(len(FEW))]
    batches = xp.LabelBatches(models(), OPTIONS, keep=("id",))(frame)
    assert [tuple((e["start"], e["end"], e["label"]) for e in row) for row in batches["spans"].to_pylist()] == known()


def test_a_resumed_run_goes_on_with_the_right_ids(tmp_path: Path) -> None:
    """Also of iterators, which are read again from their beginning, ids and all."""
    out, ids = tmp_path / "out.parquet", [f"s{i}" for i in range(len(FEW))]

    def gone(sentences: int, share: float) -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        label(iter(TEXTS), out, models(), OPTIONS, chunk=16, ids=iter(ids), identity="news 1", progress=gone)
    summary = label(iter(TEXTS), out, models(), OPTIONS, chunk=16, ids=iter(ids), identity="news 1", resume=True)
    assert summary["resumed_at"] == 16
    assert pq.read_table(out)["id"].to_pylist() == ids


@pytest.mark.parametrize("suffix", ["conll", "jsonl", "parquet"])
def test_the_same_file_as_from_a_file(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("".join(line + "\n" for line in TEXTS), "utf-8")
    label(tmp_path / "in.txt", tmp_path / f"file.{suffix}", models(), OPTIONS, chunk=16)
    label(iter(TEXTS), tmp_path / f"memory.{suffix}", models(), OPTIONS, chunk=16)
    assert (tmp_path / f"memory.{suffix}").read_bytes() == (tmp_path / f"file.{suffix}").read_bytes()
