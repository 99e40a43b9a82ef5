"""Datasets in the forms users have them: the same sentences from each."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from common import by_sentence

from xproj_fast.errors import InputError
from xproj_fast.formats.hub import read_dataset
from xproj_fast.formats.sentences import Sentences
from xproj_fast.tag_columns import TAG_NAMES

TOKENS = [["Ada", "Lovelace", "visits", "Paris"], [], ["O:K", "?"]]
TAGS = [["B-PER", "I-PER", "O", "B-LOC"], [], ["O", "O"]]
IDS = [[1, 2, 0, 5], [], [0, 0]]
ENTITIES = [[(0, 2, "PER"), (3, 4, "LOC")], [], []]


def entities(read: Sentences) -> list[list[tuple[int, int, str]]]:
    assert read.entities is not None
    e = read.entities
    return [[(a, b, read.labels[c]) for a, b, c in rows] for rows in by_sentence(e.offsets, e.start, e.end, e.label)]


def parquet(path: Path, tags: list[list[int]], names: tuple[str, ...] | None) -> Path:
    table = pa.table({"tokens": TOKENS, "ner_tags": tags, "langs": [["en"] * len(t) for t in TOKENS]})
    if names is not None:
        features = {"ner_tags": {"feature": {"names": list(names), "_type": "ClassLabel"}, "_type": "Sequence"}}
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, path)
    return path


def jsonl(path: Path, tags: list[list[object]]) -> Path:
    rows = [{"id": str(i), "tokens": t, "ner_tags": n} for i, (t, n) in enumerate(zip(TOKENS, tags, strict=True))]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_parquet_with_the_hubs_names(tmp_path: Path) -> None:
    read = read_dataset(parquet(tmp_path / "test.parquet", IDS, TAG_NAMES["wikiann"]))
    assert read.words.to_lists() == TOKENS
    assert entities(read) == ENTITIES


def test_numbers_need_names(tmp_path: Path) -> None:
    file = parquet(tmp_path / "test.parquet", IDS, None)
    with pytest.raises(
        InputError, match=r"sentence 1: expected tags under 'ner_tags', got numbers .* \(1\): --tag-names wiki"
    ):
        read_dataset(file)
    assert entities(read_dataset(file, "masakhaner2")) == ENTITIES
    with pytest.raises(InputError, match=r"expected a tag from 0 to 1 \(O, B-X\), got 2"):
        read_dataset(file, ["O", "B-X"])
    with pytest.raises(InputError, match=r"tag_names: expected names, or one of wikiann, .* got 'ontonotes'"):
        read_dataset(file, "ontonotes")


@pytest.mark.parametrize("tags", [TAGS, IDS])
def test_jsonl(tmp_path: Path, tags: list[list[object]]) -> None:
    read = read_dataset(jsonl(tmp_path / "test.jsonl", tags), "wikiann")
    assert read.words.to_lists() == TOKENS
    assert entities(read) == ENTITIES


def test_conll_text(tmp_path: Path) -> None:
    text = "\n".join(f"{w} {t}" for w, t in zip(TOKENS[0], TAGS[0], strict=True)) + "\n\n"
    (tmp_path / "test.txt").write_text(text + "Kwa O\nKenya I-LOC\n")  # MasakhaNER has stray I- tags
    read = read_dataset(tmp_path / "test.txt")
    assert entities(read) == [ENTITIES[0], [(1, 2, "LOC")]]


def test_panx_text(tmp_path: Path) -> None:
    lines = [f"sw:{w}\t{t}" for w, t in zip(TOKENS[0], TAGS[0], strict=True)]
    (tmp_path / "test").write_text("\n".join(lines) + "\n")
    assert read_dataset(tmp_path / "test").words.to_lists() == [TOKENS[0]]
    (tmp_path / "other").write_text("\n".join([*lines, "word\tO"]) + "\n")  # not PAN-X: nothing is removed
    assert read_dataset(tmp_path / "other").words.to_lists()[0][0] == "sw:Ada"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"tokens": ["a"]}', r"test.jsonl:1: expected a list of entities under one of .*, ner_tags, tags, got"),
        ("[]", r"test.jsonl:1: expected one JSON object a line, got a JSON array: is this JSON"),
        ("{", r"test.jsonl:1: expected one JSON object a line, got invalid JSON"),
        (
            '{"tokens": ["a"], "ner_tags": []}',
            r"test.jsonl:1: expected as many tags under 'ner_tags' as words, 1, got 0",
        ),
        ('{"tokens": "a", "ner_tags": [0]}', r"test.jsonl:1: expected a list of words under 'tokens', got 'a'"),
        (
            '{"tokens": [1], "ner_tags": [0]}',
            r"test.jsonl:1: expected tokens\[0\] to be a string, as the record has no text, got 1",
        ),
        (
            '{"tokens": ["a"], "ner_tags": [0.5]}',
            r"test.jsonl:1: expected ner_tags\[0\] to be a tag or its number, got 0.5",
        ),
        (
            '{"tokens": ["a"], "ner_tags": ["X-PER"]}',
            r"test.jsonl:1: expected O or a prefix of B, I, E, L, S, U and a class, got 'X-PER'",
        ),
    ],
)
def test_bad_rows(tmp_path: Path, row: str, message: str) -> None:
    (tmp_path / "test.jsonl").write_text(row + "\n")
    with pytest.raises(InputError, match=message):
        read_dataset(tmp_path / "test.jsonl", "wikiann")


def test_bad_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table({"forms": [["a"]]}), tmp_path / "test.parquet")
    with pytest.raises(InputError, match=r"expected a column of words, 'tokens' or .* got forms"):
        read_dataset(tmp_path / "test.parquet")
