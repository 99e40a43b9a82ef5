"""Parquet and Arrow files of sentences: the commands read what the commands write, and the hub's datasets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command import DEMO, EN_DE, fails, run
from common import by_sentence

from xproj_fast.errors import InputError, a
from xproj_fast.evaluation import evaluate
from xproj_fast.formats import arrow_sentences
from xproj_fast.formats.arrow_sentences import ArrowReader
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import read_sentences
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.pair_files import read_pairs
from xproj_fast.formats.sentences import Sentences
from xproj_fast.formats.writers import open_writer
from xproj_fast.projector import project
from xproj_fast.runs.inputs import InputOptions, open_input, parts_of

NAMES = ["x.parquet", "x.arrow", "x.feather"]
TOKENS = [["New", "York", "!"], [], ["Ada"]]
TAGS = [["B-LOC", "I-LOC", "O"], [], ["B-PER"]]
NUMBERS = [[5, 6, 0], [], [1]]


def content(read: Sentences) -> list[Any]:
    e = read.entities
    assert e is not None
    rows = by_sentence(e.offsets, e.start, e.end, e.label)
    return [read.words.to_lists(), [[(a, b, read.labels[c]) for a, b, c in row] for row in rows]]


ENTITIES = [TOKENS, [[(0, 2, "LOC")], [], [(0, 1, "PER")]]]


def parquet(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def copy_as(table: pa.Table, path: Path) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=2)
    else:
        with pa.OSFile(str(path), "wb") as out, pa.ipc.new_file(out, table.schema) as writer:
            writer.write_table(table, max_chunksize=2)
    return path


# --- the commands read what the commands write


@pytest.mark.parametrize("name", NAMES)
def test_what_project_writes_is_read(tmp_path: Path, name: str) -> None:
    for out in (name, "x.conll"):  # columns would say nothing of confidence
        run("project", *EN_DE, "--scores", "alignment", "-o", tmp_path / out)
    run("convert", "--source", name, "-o", "y.conll", cwd=tmp_path)
    assert (tmp_path / "y.conll").read_bytes() == (tmp_path / "x.conll").read_bytes()
    gold = DEMO / "de.gold.conll"
    got = json.loads(run("evaluate", gold, name, "--json", cwd=tmp_path).stdout)
    assert got == json.loads(run("evaluate", gold, "x.conll", "--json", cwd=tmp_path).stdout)
    same = json.loads(run("evaluate", name, "x.conll", "--json", "--mode", "strict", cwd=tmp_path).stdout)
    assert same["micro"]["f1"] == 1


def test_as_source_and_as_target(tmp_path: Path) -> None:
    """Labels projected onto the very words that they stand on come back."""
    run("project", *EN_DE, "-o", tmp_path / "de.parquet")
    words = read_sentences(tmp_path / "de.parquet", entities=False).words.to_lists()
    (tmp_path / "l.pharaoh").write_text("".join(" ".join(f"{i}-{i}" for i in range(len(w))) + "\n" for w in words))
    both = ("--source", "de.parquet", "--target", "de.parquet", "--alignments", "l.pharaoh")
    run("project", *both, "-o", "again.parquet", "--max-words", 0, "--chunk", 7, cwd=tmp_path)
    first, again = (read_sentences(tmp_path / name) for name in ("de.parquet", "again.parquet"))
    assert content(first) == content(again)
    run("convert", *both, "-o", "pairs.parquet", cwd=tmp_path)
    run("project", "--source", "pairs.parquet", "-o", "third.parquet", "--max-words", 0, cwd=tmp_path)
    assert content(read_sentences(tmp_path / "third.parquet")) == content(first)


def test_pairs_are_no_sentences(tmp_path: Path) -> None:
    run("convert", *EN_DE, "-o", tmp_path / "pairs.parquet")
    assert fails("convert", "--source", "pairs.parquet", "-o", "x.conll", cwd=tmp_path) == (
        "pairs.parquet: expected sentences of one language (tokens or words or target_words), got sentence pairs "
        "(source_words, target_words, entities, alignments): xproj-fast project reads them, without --target"
    )


def test_words_and_raw_texts_are_read(tmp_path: Path) -> None:
    texts = [" ".join(words) for words in TOKENS]
    by_words = read_sentences(parquet(tmp_path / "words.parquet", words=TOKENS), entities=False)
    by_text = read_sentences(parquet(tmp_path / "text.parquet", text=texts), entities=False)
    assert by_words.words.to_lists() == by_text.words.to_lists() == TOKENS
    assert by_text.words.texts.to_pylist() == texts


def test_ids_stay(tmp_path: Path) -> None:
    parquet(tmp_path / "x.parquet", id=[7, 8, 9], tokens=TOKENS, ner_tags=TAGS)
    run("convert", "--source", "x.parquet", "-o", "y.parquet", cwd=tmp_path)
    assert pq.read_table(tmp_path / "y.parquet")["id"].to_pylist() == [7, 8, 9]
    run("convert", "--source", "y.parquet", "-o", "z.jsonl", cwd=tmp_path)
    assert [json.loads(line)["id"] for line in (tmp_path / "z.jsonl").read_text().splitlines()] == [7, 8, 9]


# --- the hub's columns


def features(names: list[str]) -> dict[str, str]:
    feature = {"feature": {"names": names, "_type": "ClassLabel"}, "_type": "Sequence"}
    return {"huggingface": json.dumps({"info": {"features": {"ner_tags": feature}}})}


WIKIANN = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [pa.int8(), pa.uint32(), pa.int64()])
def test_numbers_that_the_hub_names(tmp_path: Path, name: str, kind: pa.DataType) -> None:
    table = pa.table({"tokens": TOKENS, "ner_tags": pa.array(NUMBERS, pa.list_(kind))})
    copy_as(table.replace_schema_metadata(features(WIKIANN)), tmp_path / name)
    assert content(read_sentences(tmp_path / name)) == ENTITIES


def test_numbers_that_nothing_names(tmp_path: Path) -> None:
    parquet(tmp_path / "x.parquet", tokens=TOKENS, ner_tags=NUMBERS)
    command = ("convert", "--source", "x.parquet", "-o", "-")
    assert fails(*command, cwd=tmp_path).startswith(
        "x.parquet: sentence 1: expected tags under 'ner_tags', got numbers"
    )
    assert run(*command, "--tag-names", "wikiann", cwd=tmp_path).stdout.startswith("New\tB-LOC\nYork\tI-LOC\n!\tO\n\n")
    message = fails(*command, "--tag-names", ",".join(WIKIANN[:6]), cwd=tmp_path)
    assert message.startswith("x.parquet: sentence 1: expected a tag from 0 to 5 (O, ")
    assert message.endswith("got 6")


SHAPES = {
    "large": {"tokens": pa.array(TOKENS, pa.large_list(pa.large_string())), "ner_tags": TAGS},
    "dictionary": {"tokens": TOKENS, "ner_tags": pa.array(TAGS, pa.list_(pa.dictionary(pa.int8(), pa.string())))},
    "other tags": {"tokens": TOKENS, "tags": TAGS},
    "more columns": {"langs": TAGS, "tokens": TOKENS, "ner_tags": TAGS, "tags": TOKENS, "spans": [["LOC: New"]] * 3},
    "ours, without spans": {"target_words": TOKENS, "tags": TAGS},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("batch", [1, 2, 100])
def test_shapes_and_chunks(tmp_path: Path, shape: str, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_sentences, "BATCH", batch)
    path = parquet(tmp_path / "x.parquet", **SHAPES[shape])
    assert content(read_sentences(path)) == ENTITIES
    for size in (1, 2, 3, 100):
        parts = [part.sentences for part in parts_of(open_input(path, "eng_Latn", InputOptions(), entities=True), size)]
        assert [len(part) for part in parts] == [size] * (3 // size) + [3 % size] * (3 % size > 0)
        assert [w for part in parts for w in content(part)[0]] == TOKENS
        assert [e for part in parts for e in content(part)[1]] == ENTITIES[1]
        assert [n for part in parts for n in part.lines.tolist()] == [1, 2, 3]
    words = read_sentences(path, entities=False)
    assert (words.words.to_lists(), words.entities) == (TOKENS, None)


def test_only_the_batches_that_are_asked_for_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_sentences, "BATCH", 2)
    bad = [*TAGS, ["PER"]]
    path = copy_as(pa.table({"tokens": [*TOKENS, ["x"]], "ner_tags": bad}), tmp_path / "x.arrow")
    reader = ArrowReader(path)
    assert len(reader.read(2)) == 2
    assert 0 < reader.share_read < 1
    with pytest.raises(InputError, match="sentence 4: expected O or a prefix") as caught:
        reader.read(2)
    assert caught.value.sentence == 3
    reader = ArrowReader(path)
    reader.read(1)
    reader.close()


def test_raw_text_is_kept(tmp_path: Path) -> None:
    parquet(tmp_path / "x.parquet", text=["New York!", "", "Ada"], tokens=TOKENS, ner_tags=TAGS)
    run("convert", "--source", "x.parquet", "-o", "y.jsonl", cwd=tmp_path)
    first = json.loads((tmp_path / "y.jsonl").read_text().splitlines()[0])
    assert (first["text"], first["entities"][0]["end"]) == ("New York!", 8)
    parquet(tmp_path / "x.parquet", text=["New York!", "", "Eve"], tokens=TOKENS, ner_tags=TAGS)
    assert fails("convert", "--source", "x.parquet", "-o", "y.jsonl", cwd=tmp_path) == (
        "x.parquet: sentence 3: expected tokens[0] to be next in the text, 'Eve', got 'Ada'"
    )


def test_no_sentences(tmp_path: Path) -> None:
    kind = pa.list_(pa.string())
    parquet(tmp_path / "x.parquet", tokens=pa.array([], kind), ner_tags=pa.array([], kind))
    run("convert", "--source", "x.parquet", "-o", "y.parquet", cwd=tmp_path)
    assert len(read_sentences(tmp_path / "y.parquet")) == 0


# --- what is wrong with a file


def test_plain_class_names(tmp_path: Path) -> None:
    """Case 15: as augment opens its input."""
    path = parquet(tmp_path / "h11.parquet", tokens=[["Anna", "lives"]], ner_tags=[["PER", "O"]])
    with pytest.raises(InputError) as caught:
        list(parts_of(open_input(path, "eng_Latn", InputOptions(), entities=True), 8))
    assert str(caught.value) == (
        f"{path}: sentence 1: expected O or a prefix of B, I, E, L, S, U and a class, got 'PER'"
    )


STRAY = [["O", "I-LOC", "O"], [], ["O"]]


def test_the_scheme_counts(tmp_path: Path) -> None:
    parquet(tmp_path / "x.parquet", tokens=TOKENS, ner_tags=STRAY)
    command = ("convert", "--source", "x.parquet", "-o", "-")
    assert fails(*command, cwd=tmp_path) == (
        "x.parquet: sentence 1: expected a tag that IOB2 allows after O, got I-LOC "
        "(the tags read so far are valid as iob1 and any: --scheme iob1)"
    )
    assert "York\tB-LOC\n" in run(*command, "--scheme", "any", cwd=tmp_path).stdout
    got = read_sentences(tmp_path / "x.parquet", conll=ConllOptions("drop"))
    assert content(got)[1] == [[], [], []]


def coded(indices: list[int], values: list[Any]) -> pa.Array:
    """Return one list that is a dictionary of anything."""
    return pa.ListArray.from_arrays([0, len(indices)], pa.DictionaryArray.from_arrays(pa.array(indices), values))


SPAN = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())]))
BAD = [
    (
        {"forms": TOKENS},
        "expected a column of words, 'tokens' or 'words' or 'target_words', or raw texts",
    ),
    ({"tokens": TOKENS}, "expected a column of tags, 'ner_tags' or 'tags', got tokens"),
    ({"tokens": ["a"], "ner_tags": ["O"]}, "tokens: expected a list column, got string"),
    ({"tokens": [["a"], None], "tags": [["O"], ["O"]]}, "tokens: sentence 2: expected a list, got null"),
    ({"tokens": [[], ["a", None]], "tags": [[], ["O", "O"]]}, "sentence 2: expected strings under 'tokens', got null"),
    ({"tokens": [[], ["a"]], "tags": [[], [None]]}, "sentence 2: expected tags under 'tags', got null"),
    ({"tokens": [[], ["a"]], "tags": [[], ["O", "O"]]}, "sentence 2: expected as many tags as words, 1, got 2"),
    ({"tokens": [[1]], "tags": [["O"]]}, "expected lists of strings under 'tokens', got int64"),
    ({"tokens": [["a"]], "tags": [[0.5]]}, "expected lists of strings under 'tags', got double"),
    ({"tokens": [["a"]], "tags": coded([0], [0.5])}, "expected lists of strings under 'tags', got double"),
    ({"tokens": [["a"]], "tags": coded([0], [5])}, "sentence 1: expected tags under 'tags', got numbers that the file"),
    (
        {"target_words": [["a"]], "tags": [["O"]], "spans": [[5]]},
        "expected 'spans' as lists of start, end and label, got list<",
    ),
    (
        {"target_words": [["a"]], "tags": [["O"]], "spans": pa.array([[None]], SPAN)},
        "sentence 1: expected the same entities under 'tags' and 'spans', got [] and [()]",
    ),
    ({"tokens": [["a"]], "tags": [["B-New York"]]}, "sentence 1: expected a tag without white space, got 'B-New York'"),
    (
        {"target_words": [["a"]] * 2, "tags": [["B-X"]] * 2, "spans": pa.array([[(0, 1, "X")], []], SPAN)},
        "sentence 2: expected the same entities under 'tags' and 'spans', got [(0, 1, 'X')] and []",
    ),
]


@pytest.mark.parametrize(("columns", "message"), BAD)
def test_bad_columns(tmp_path: Path, columns: dict[str, Any], message: str) -> None:
    path = parquet(tmp_path / "x.parquet", **columns)
    with pytest.raises(InputError) as caught:
        read_sentences(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_dictionaries_with_a_null_of_their_own(tmp_path: Path) -> None:
    null = coded([1], ["O", None])
    for columns, what in (({"tokens": [["a"]], "tags": null}, "tags"), ({"tokens": null, "tags": [["O"]]}, "strings")):
        path = copy_as(pa.table(columns), tmp_path / "x.arrow")
        with pytest.raises(InputError, match=rf"x\.arrow: sentence 1: expected {what} under '\w+', got null"):
            read_sentences(path)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", ["text", "empty", "cut", "zeros"])
def test_bad_files(tmp_path: Path, name: str, damage: str) -> None:
    path = copy_as(pa.table({"tokens": TOKENS * 50, "ner_tags": TAGS * 50}), tmp_path / name)
    data = path.read_bytes()
    damaged = {"text": b"a\tO\n", "empty": b"", "cut": data[: len(data) // 2], "zeros": data[:8] + bytes(len(data))}
    path.write_bytes(damaged[damage])
    with pytest.raises(InputError) as caught:
        read_sentences(path)
    assert str(caught.value).startswith(f"{path}: expected {a(path.suffix[1:])} file, got something else: ")
    if (name, damage) == ("x.parquet", "cut"):
        for command in (("convert", "--source", name, "-o", "y.conll"), ("evaluate", name, name)):
            assert fails(*command, cwd=tmp_path).startswith("x.parquet: expected a parquet file, got something else: ")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    strings = pa.StringArray.from_buffers(2, pa.py_buffer(np.array([0, 1, 2], np.int32)), pa.py_buffer(b"a\xff"))
    tokens = pa.ListArray.from_arrays(pa.array([0, 2], pa.int32()), strings)
    copy_as(pa.table({"tokens": tokens, "tags": [["O", "O"]]}), tmp_path / "x.parquet")
    message = fails("convert", "--source", "x.parquet", "-o", "y.conll", cwd=tmp_path)
    assert message.startswith("x.parquet: expected a parquet file, got something else: ")


def test_column_names_that_are_no_text(tmp_path: Path) -> None:
    path = copy_as(pa.table({"tokens": TOKENS, "ner_tags": TAGS}), tmp_path / "x.arrow")
    path.write_bytes(path.read_bytes().replace(b"tokens", b"tok\xebns"))
    with pytest.raises(InputError, match=r"x\.arrow: expected an arrow file, got something else: 'utf-8' codec"):
        read_sentences(path)


def test_nowhere(tmp_path: Path) -> None:
    assert fails("evaluate", "x.parquet", "y.parquet", cwd=tmp_path) == "x.parquet: expected a file, got nothing there"
    with pytest.raises(InputError, match="tag_names: expected names, or one of wikiann"):
        JsonlOptions(tag_names="wiki")


def test_chunks_written_with_other_labels(tmp_path: Path) -> None:
    """Chunks of one file number their labels differently; what is read is what was projected."""
    pairs = read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh")
    with open_writer(tmp_path / "x.parquet") as write:
        for wanted in (["LOC"], ["ORG", "PER"]):
            write(project(pairs.drop_labels([label for label in pairs.labels if label not in wanted])))
    got = read_sentences(tmp_path / "x.parquet")
    assert len(got) == 2 * len(pairs)
    assert set(got.labels) == {"LOC", "ORG", "PER"}
    figures = evaluate(read_sentences(tmp_path / "x.parquet"), got)
    assert figures.micro.f1 == 1


def test_by_its_content_where_the_name_says_nothing(tmp_path: Path) -> None:
    """A file that standard input is redirected from is read; a pipe, which has one end, is refused."""
    written = parquet(tmp_path / "x.parquet", tokens=TOKENS, ner_tags=TAGS)
    plain = written.rename(tmp_path / "x")
    command = ("convert", "--source-format", "arrow", "-o", "-", "--source")
    expected = run(*command, plain).stdout
    assert "York\tI-LOC\n" in expected
    with plain.open("rb") as file:
        assert run(*command, "-", stdin=file).stdout == expected
    message = fails(*command, "-", input="PAR1")
    assert message == "/dev/stdin: expected a file, as Parquet and Arrow are read from both ends, got a pipe"


@pytest.mark.parametrize("words", [pa.string_view(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
@pytest.mark.parametrize("lists", [pa.list_, pa.large_list])
def test_layouts_that_engines_write(tmp_path: Path, words: pa.DataType, lists: Any) -> None:
    tokens = pa.array([["Ada", "Ng", "in a word of many bytes"], [], ["Rom"]], pa.list_(pa.string()))
    tags = pa.array([["B-PER", "I-PER", "O"], [], ["B-LOC"]], pa.list_(pa.string()))
    texts = pa.array(["Ada Ng in a word of many bytes", "", "Rom"], pa.string_view())
    columns = {"tokens": tokens, "ner_tags": tags}
    built = {name: pa.array(column.to_pylist(), lists(words)) for name, column in columns.items()}
    table = pa.table(built | {"text": texts})
    with pa.ipc.new_file(str(tmp_path / "x.arrow"), table.schema) as out:
        out.write_table(table)
    found = read_sentences(tmp_path / "x.arrow")
    assert found.words.to_lists() == tokens.to_pylist()
    assert found.labelled().tags() == tags.to_pylist()
    assert found.words.texts is not None


def test_two_columns_of_words_are_no_choice_of_ours(tmp_path: Path) -> None:
    pq.write_table(pa.table({"tokens": [["a"]], "target_words": [["b"]]}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match="expected one column of words, got tokens and target_words: leave out those"):
        read_sentences(tmp_path / "x.parquet", entities=False)
