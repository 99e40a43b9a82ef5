"""Confidences in files: what is written is read back, and what is none is an error that says where."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import probable
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command import fails, run
from strategies import large_batch
from text_files import blocks_of

from xproj_fast.batches import Projector
from xproj_fast.errors import InputError
from xproj_fast.evaluation import evaluate
from xproj_fast.formats.arrow import read_table
from xproj_fast.formats.conll import ConllOptions, ConllReader
from xproj_fast.formats.files import open_sentences, read_labelled, read_sentences
from xproj_fast.formats.pair_files import read_pairs
from xproj_fast.formats.sentences import concat_sentences
from xproj_fast.formats.writers import open_writer, write
from xproj_fast.labelled import LabelledSentences
from xproj_fast.method import Method
from xproj_fast.projection import Projection
from xproj_fast.projector import project

FILES = ["x.conll", "x.jsonl", "x.parquet", "x.arrow", "x.jsonl.gz"]
COLUMN = ConllOptions(confidences_from=1)
WORDS = [["Ada", "Lovelace", "sang", "Bo"], [], ["rain"]]
ENTITIES = [[(0, 2, "PER"), (3, 4, "PER")], [], [(0, 1, "X")]]


def labelled(*confidences: float, words: Any = WORDS, entities: Any = ENTITIES) -> LabelledSentences:
    plain = LabelledSentences.from_lists(words, entities)
    return LabelledSentences(plain.words, plain.entities, plain.labels, None, None, np.float32(confidences))


def read(path: Path) -> LabelledSentences:
    how = ConllOptions(confidences_from=1, empty_sentences=True)
    return read_labelled(path, conll=how)


def save(sentences: Any, path: Path) -> None:
    write(sentences, path, confidence_column=path.suffix == ".conll")


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_them_back_to_the_bit(tmp_path: Path, name: str) -> None:
    values = [1 / 3, 1e-7, 1.0] if "conll" not in name else [1 / 3, 0.0, 1.0]
    save(labelled(*values), tmp_path / name)
    found = read(tmp_path / name)
    assert found.words.to_lists() == WORDS
    assert found.confidences is not None
    assert found.confidences.dtype == np.float32
    assert found.confidences.tolist() == np.float32(values).tolist()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("chunk", [7, 100])
def test_a_projection_is_read_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, chunk: int) -> None:
    probable.register(monkeypatch)
    pairs = large_batch(60).pairs()
    pairs = pairs[np.diff(pairs.target.offsets) > 0]
    with open_writer(tmp_path / name, confidence_column=name == "x.conll") as append:
        for first in range(0, len(pairs), chunk):
            append(project(pairs[first : first + chunk], scores="sure", limit="<=2"))
    expected = project(pairs, scores="sure", limit="<=2").labelled()
    reader = open_sentences(tmp_path / name, conll=COLUMN)
    parts = [reader.read(11)]
    while len(parts[-1]) == 11:
        parts.append(reader.read(11))
    reader.close()
    found = concat_sentences(parts).labelled()
    assert expected.confidences is not None
    assert len(expected.confidences) > 20
    np.testing.assert_array_equal(found.confidences, expected.confidences)
    np.testing.assert_array_equal(found.entities.start, expected.entities.start)


def test_what_is_not_known_is_not_written(tmp_path: Path) -> None:
    plain = LabelledSentences.from_lists(WORDS, ENTITIES)
    for name in ("x.jsonl", "x.parquet"):
        write(plain, tmp_path / name)
        assert read(tmp_path / name).confidences is None
    assert "confidence" not in (tmp_path / "x.jsonl").read_text("utf-8")
    assert read_table(tmp_path / "x.parquet", "parquet")["spans"].type.value_type.get_field_index("confidence") < 0


def test_the_fields_of_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    probable.register(monkeypatch)
    pairs = large_batch(10).pairs()
    result = project(pairs, scores="sure")
    kind = result.to_arrow()["spans"].type.value_type
    assert [kind.field(i).name for i in range(kind.num_fields)] == [
        *("entity", "start", "end", "label", "score", "confidence")
    ]
    assert kind.field("confidence").type == pa.float32()
    flat = [span["confidence"] for row in result.to_arrow()["spans"].to_pylist() for span in row]
    assert result.confidence is not None
    assert flat == result.confidence.tolist()
    bare = Projection(pairs, result.matches, result.options).to_arrow()["spans"].type.value_type
    assert bare.get_field_index("confidence") < 0
    assert result.to_arrow()["outcomes"].combine_chunks().values.dictionary.to_pylist()[-1] == "unsure"


def test_the_column_of_conll(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    write(labelled(0.5, 0.25, 1.0), path, confidence_column=True)
    assert path.read_text("utf-8") == (
        "Ada\t0.5\tB-PER\nLovelace\t0.5\tI-PER\nsang\t-\tO\nBo\t0.25\tB-PER\n\n\nrain\t1.0\tB-X\n\n"
    )
    plain = read_labelled(path)  # who does not ask for them reads the tags all the same
    assert plain.confidences is None
    assert plain.tags()[0] == ["B-PER", "I-PER", "O", "B-PER"]
    write(labelled(0.5, 0.25, 1.0), path)
    assert path.read_text("utf-8").startswith("Ada\tB-PER\n")


def test_lines_that_are_no_words(tmp_path: Path) -> None:
    rows = "-DOCSTART- -X- O\n\n# sent_id 1\nAda 0.5 B-PER\nsang - O\n\n"
    (tmp_path / "x.conll").write_text(rows, "utf-8")
    found = read_sentences(tmp_path / "x.conll", conll=COLUMN)
    assert found.words.to_lists() == [["-DOCSTART-"], ["Ada", "sang"]]
    assert found.confidences is not None
    assert found.confidences.tolist() == [0.5]


@pytest.mark.parametrize("block", [1, 5, 64])
def test_the_column_comes_in_blocks(tmp_path: Path, block: int) -> None:
    values = np.random.default_rng(1).random(30).astype(np.float32)
    sentences = labelled(*values, words=[["a", "b", "c"]] * 30, entities=[[(i % 2, 2, f"L{i % 5}")] for i in range(30)])
    write(sentences, tmp_path / "x.conll", confidence_column=True)
    with blocks_of(block):
        reader = ConllReader(tmp_path / "x.conll", COLUMN)
        found = [reader.read(4) for _ in range(8)]
    np.testing.assert_array_equal(concat_sentences(found).confidences, values)


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        ("a\t1.5\tB-X", 1, "expected a confidence from 0 to 1, or -, got '1.5'"),
        ("a\t-\tO\nb\tnan\tB-X", 2, "expected a confidence from 0 to 1, or -, got 'nan'"),
        ("a\thigh\tB-X", 1, "expected a confidence from 0 to 1, or -, got 'high'"),
        ("a\t-\tB-X", 1, "expected a confidence, the same on all words of an entity, got '-'"),
        (
            "c\t0.5\tB-X\n\na\t0.5\tB-X\nb\t0.25\tI-X",
            4,
            "expected a confidence, the same on all words of an entity, got '0.25'",
        ),
        ("a\t0.5\tB-X\nb\t-\tI-X", 2, "expected a confidence, the same on all words of an entity, got '-'"),
        ("a\t0.5\tB-X\nb\t0.5\tO", 2, "expected - outside entities, got '0.5'"),
        ("a\t0.5\tB-X\nb\t0.5\tI-X\nc\t-\tO\nd\t0.5\tO", 4, "expected - outside entities, got '0.5'"),
    ],
)
def test_what_is_no_confidence_in_conll(tmp_path: Path, rows: str, line: int, message: str) -> None:
    path = tmp_path / "x.conll"
    path.write_text(f"{rows}\n", "utf-8")
    with pytest.raises(InputError, match=re.escape(f"{path}:{line}: {message}")):
        read_sentences(path, conll=COLUMN)


def jsonl(path: Path, *lists: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps({"text": "Ada sang", "entities": found}) + "\n" for found in lists), "utf-8")
    return path


ADA = {"start": 0, "end": 3, "label": "PER"}


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (1.5, "1.5"),
        (-0.1, "-0.1"),
        (float("nan"), "nan"),
        (None, "None"),
        ("0.5", "'0.5'"),
        (True, "True"),
        ([], r"\[\]"),
    ],
    ids=str,
)
def test_what_is_no_confidence_in_jsonl(tmp_path: Path, value: Any, got: str) -> None:
    path = jsonl(tmp_path / "x.jsonl", [], [ADA | {"confidence": value}])
    message = rf"x.jsonl:2: expected entities\[0\] to have a confidence from 0 to 1, got {got}$"
    with pytest.raises(InputError, match=message) as caught:
        read_sentences(path)
    assert caught.value.sentence == 1


def test_all_entities_of_a_file_say_it_or_none(tmp_path: Path) -> None:
    sure = ADA | {"confidence": 0.5}
    with pytest.raises(InputError, match=r"x.jsonl:2: expected a confidence with every entity, .*, got none"):
        read_sentences(jsonl(tmp_path / "x.jsonl", [sure], [ADA]))
    with pytest.raises(InputError, match=r"x.jsonl:3: expected no confidence, .*, got 0.5"):
        read_sentences(jsonl(tmp_path / "x.jsonl", [ADA], [], [sure]))
    assert read_sentences(jsonl(tmp_path / "x.jsonl", [], [])).confidences is None


def test_a_class_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"text": "Ada sang", "entities": [[0, 3, "confidence"]]}\n', "utf-8")
    found = read_sentences(tmp_path / "x.jsonl")
    assert (found.labels, found.confidences) == (("confidence",), None)


def test_two_lists_of_a_record(tmp_path: Path) -> None:
    sure = ADA | {"confidence": 0.5}
    record = {"text": "Ada sang", "entities": [ADA], "spans": [sure]}
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(record), "utf-8")
    found = read_sentences(path).confidences
    assert found is not None
    assert found.tolist() == [0.5]
    path.write_text(json.dumps(record | {"entities": [ADA | {"confidence": 0.25}]}), "utf-8")
    with pytest.raises(InputError, match="expected the same entities under 'entities' and 'spans'"):
        read_sentences(path)


@pytest.mark.parametrize("value", [1.5, float("nan"), None])
def test_what_is_no_confidence_in_arrow(tmp_path: Path, value: Any) -> None:
    span = {"start": 0, "end": 1, "label": "PER", "confidence": value}
    sure = span | {"confidence": 0.5}
    fields = [("start", pa.int32()), ("end", pa.int32()), ("label", pa.string()), ("confidence", pa.float32())]
    spans = pa.array([[], [span], [sure]], pa.list_(pa.struct(fields)))
    path = tmp_path / "x.parquet"
    tags = [["O"], ["B-PER"], ["B-PER"]]
    table = pa.table({"tokens": [["a"], ["b"], ["c"]], "tags": tags, "spans": spans})
    pq.write_table(table, path)
    got = "null" if value is None else str(value)
    with pytest.raises(
        InputError, match=rf"x.parquet: sentence 2: spans \[0, 1\): expected a confidence .*, got {got}"
    ):
        read_sentences(path)
    with pytest.raises(InputError, match=rf"^spans: sentence 1: spans \[0, 1\): expected a confidence .*, got {got}"):
        LabelledSentences.from_arrow(table)


def spans_of(*confidences: list[float | None]) -> pa.Table:
    """Return sentences of one word, which is an entity wherever something, maybe null, is said of it."""
    rows = [[{"start": 0, "end": 1, "label": "PER", "confidence": value} for value in row] for row in confidences]
    fields = [("start", pa.int32()), ("end", pa.int32()), ("label", pa.string()), ("confidence", pa.float32())]
    tags = [["B-PER" if row else "O"] for row in rows]
    words = [["a"] for _ in rows]
    return pa.table({"tokens": words, "tags": tags, "spans": pa.array(rows, pa.list_(pa.struct(fields)))})


def test_null_in_all_spans_is_not_known(tmp_path: Path) -> None:
    """As ``Projector`` has it where a method tells no confidence: its columns are always the same."""
    for table in (spans_of([], [None], [None]), spans_of([None])):
        pq.write_table(table, tmp_path / "x.parquet")
        assert read_labelled(tmp_path / "x.parquet").confidences is None
        assert LabelledSentences.from_arrow(table).confidences is None


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (([], [0.5], [], [None]), "sentence 4: spans: expected a confidence, as with the entities before, got null"),
        (([], [None], [], [0.5]), "sentence 4: spans: expected no confidence, as with the entities before, got some"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_all_spans_of_a_file_say_it_or_none(tmp_path: Path, rows: Any, message: str, chunk: int) -> None:
    pq.write_table(spans_of(*rows), tmp_path / "x.parquet")
    with closing(open_sentences(tmp_path / "x.parquet")) as reader:
        found = [reader.read(chunk) for _ in range(3 // chunk)]
        assert len(concat_sentences(found)) == 3 - 3 % chunk
        with pytest.raises(InputError, match=re.escape(f"x.parquet: {message}")):
            reader.read(3)


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow"])
def test_chunks_that_begin_without_entities(tmp_path: Path, name: str) -> None:
    """The first chunk does not tell what is known of entities; the file is the same however its rows come."""
    lists = [[], [], [ADA | {"confidence": 0.25}], [], [ADA | {"confidence": 0.5}]]
    source = jsonl(tmp_path / "x.jsonl", *lists)
    tables = []
    for chunk in (1, 2, 3, 100):
        run("convert", "--source", source, "-o", tmp_path / name, "--chunk", chunk)
        tables.append(read_table(tmp_path / name, name[2:]))
        found = read_labelled(tmp_path / name)
        assert found.confidences is not None
        assert found.confidences.tolist() == [0.25, 0.5]
    assert all(table.equals(tables[0]) and table.schema == tables[0].schema for table in tables)
    run("convert", "--source", jsonl(source, [], [], [ADA]), "-o", tmp_path / name, "--chunk", 1)
    assert read_table(tmp_path / name, name[2:])["spans"].type.value_type.get_field_index("confidence") < 0
    run("convert", "--source", jsonl(source, [], [], []), "-o", tmp_path / name, "--chunk", 1)
    assert len(read_labelled(tmp_path / name)) == 3


def test_chunks_of_pairs_that_begin_without_entities(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "x.jsonl", [], [], [ADA | {"confidence": 0.25}])
    (tmp_path / "de.words").write_text("Ada sang\n" * 3, "utf-8")
    (tmp_path / "links").write_text("0-0\n" * 3, "utf-8")
    files = ("--source", source, "--target", tmp_path / "de.words", "--alignments", tmp_path / "links")
    for chunk in (1, 2, 100):
        run("convert", *files, "-o", tmp_path / "x.parquet", "--chunk", chunk)
        found = read_pairs(tmp_path / "x.parquet")
        assert found.source_confidence is not None
        assert found.source_confidence.tolist() == [0.25]


def test_nothing_known_is_dropped_between_chunks(tmp_path: Path) -> None:
    plain, sure = LabelledSentences.from_lists(WORDS, ENTITIES), labelled(0.5, 0.5, 0.5)
    none = LabelledSentences.from_lists([["a"]], [[]])
    for first, then, expected, got in ((plain, sure, "label", "confidence"), (sure, plain, "confidence", "label")):
        message = f"spans: expected entities with start, .*{expected}, as those before, got start, .*{got}$"
        with open_writer(tmp_path / f"{got}.parquet") as append:
            append(first)
            append(none)
            with pytest.raises(InputError, match=message):
                append(then)
        assert len(read_labelled(tmp_path / f"{got}.parquet")) == 4


def test_arrow_data_gives_them_back(monkeypatch: pytest.MonkeyPatch) -> None:
    probable.register(monkeypatch)
    pairs = large_batch(60).pairs()
    result = project(pairs, scores="sure", limit="<=2")
    expected = result.labelled()
    for given in (
        result,
        expected,
        result.to_arrow(),
        expected.to_arrow(),
        Projector(Method(scores="sure", limit="<=2"))(pairs.to_arrow()),
    ):
        found = LabelledSentences.from_arrow(given)
        assert expected.confidences is not None
        np.testing.assert_array_equal(found.confidences, expected.confidences)
        np.testing.assert_array_equal(found.entities.start, expected.entities.start)
    told = evaluate(expected.to_arrow(), result.to_arrow()).reliability
    assert told is not None
    assert told == evaluate(expected, result).reliability


def test_spans_that_say_something_else() -> None:
    table = labelled(0.5, 0.25, 1.0).to_arrow()
    tags = table["tags"].to_pylist()
    tags[2] = ["O"]
    wrong = table.set_column(table.schema.names.index("tags"), "tags", pa.array(tags))
    with pytest.raises(InputError, match=r"^spans: sentence 2: expected the same entities under 'tags' and 'spans'"):
        LabelledSentences.from_arrow(wrong)
    assert LabelledSentences.from_arrow(wrong.drop_columns("spans")).confidences is None


def test_what_cannot_be_written(tmp_path: Path) -> None:
    plain = LabelledSentences.from_lists(WORDS, ENTITIES)
    with pytest.raises(InputError, match="confidences: expected some to write in a column of their own"):
        write(plain, tmp_path / "x.conll", confidence_column=True)
    for name in ("x.jsonl", "x.parquet"):
        with pytest.raises(InputError, match=r"confidence_column: expected output as conll, got (jsonl|arrow)"):
            write(labelled(0.5, 0.5, 0.5), tmp_path / name, confidence_column=True)
    with pytest.raises(InputError, match="confidences: sentence 2: JSONL output needs confidences from 0 to 1"):
        write(labelled(0.5, 0.5, 2.0), tmp_path / "x.jsonl")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("value", "where"), [(float("nan"), 0), (-0.5, 2), (1.5, 2)])
def test_columns_are_checked(value: float, where: int) -> None:
    plain = LabelledSentences.from_lists(WORDS, ENTITIES)
    confidences = np.float32([value if where == 0 else 0.5, 0.5, value if where == 2 else 0.5])
    with pytest.raises(
        InputError, match=rf"confidences: sentence {where}, entity 0: expected a probability from 0 to 1"
    ):
        LabelledSentences.from_columns(plain.words, plain.entities, plain.labels, confidences=confidences)
    with pytest.raises(InputError, match=r"confidences: expected float32\[3\], one per entity, got float64\[3\]"):
        LabelledSentences.from_columns(plain.words, plain.entities, plain.labels, confidences=np.zeros(3))  # type: ignore[arg-type]


def test_convert_keeps_them(tmp_path: Path) -> None:
    start, column = tmp_path / "0.jsonl", ("--confidence-column",)
    write(labelled(0.125, 1 / 3, 1.0), start)
    steps = [("1.parquet", ()), ("2.conll", column), ("3.jsonl", ("--confidences-from", "-2"))]
    last = start
    for name, options in steps:
        run("convert", "--source", last, "-o", tmp_path / name, *options, "--empty-sentences")
        last = tmp_path / name
    assert last.read_text("utf-8") == start.read_text("utf-8")


def test_convert_says_what_it_cannot(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "x.jsonl", [ADA])
    message = fails("convert", "--source", path, "-o", tmp_path / "y.conll", "--confidence-column")
    assert "confidences: expected some to write in a column of their own" in message
    message = fails("convert", "--source", path, "-o", tmp_path / "y.jsonl", "--confidence-column")
    assert "--confidence-column: expected output as conll, got jsonl" in message
