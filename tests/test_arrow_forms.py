"""Arrow data of any layout and origin makes the same pairs, or an error that names row and column."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from arrow_forms import (
    BATCH,
    CLASS_LABEL,
    CLASS_TAGS,
    FORM_IDS,
    FORMS,
    LABEL_NAMES,
    TAG_NAMES,
    WORDS,
    declared,
    lists,
    pharaoh,
    table_of,
    tag_numbers,
    tags,
    views,
)
from test_arrow_columns import content

import xproj_fast as xp
from xproj_fast.arrow_pairs import Columns
from xproj_fast.errors import InputError
from xproj_fast.hub_features import names_of_numbers

EXPECTED = (BATCH.source, BATCH.target, BATCH.entities, BATCH.links, ["s0", "s1", "s2", "s3"])


@pytest.mark.parametrize("form", FORMS, ids=FORM_IDS)
def test_the_same_pairs(form: dict[str, str]) -> None:
    table, columns = table_of(**form)
    assert content(xp.SentencePairs.from_arrow(table, columns)) == EXPECTED
    for part in (table.slice(1, 2), pa.concat_tables([table.slice(1, 1), table.slice(2, 1)])):
        assert content(xp.SentencePairs.from_arrow(part, columns)) == tuple(column[1:3] for column in EXPECTED)
    assert len(xp.SentencePairs.from_arrow(table.slice(0, 0), columns)) == 0


def test_lists_of_a_fixed_size() -> None:
    words = pa.array([["x"], ["a"], ["b"]], pa.list_(pa.string(), 1))[1:]
    links = pa.array([[[9, 9]], [[0, 0]], [[0, 0]]], pa.list_(pa.list_(pa.int32(), 2), 1))[1:]
    table = pa.table({"source_words": words, "target_words": words, "ner_tags": words, "alignments": links})
    table = table.set_column(2, "ner_tags", pa.array([["B-X"], ["O"]], pa.list_(pa.string(), 1)))
    pairs = xp.SentencePairs.from_arrow(table, Columns(tags="ner_tags"))
    assert pairs.source.to_lists() == [["a"], ["b"]]
    assert pairs.alignments is not None
    assert pairs.alignments.source.tolist() == [0, 0]
    assert xp.project(pairs).tags() == [["B-X"], ["O"]]


SURE = [[0.25], [], [0.5, 1.0], [0.125]]


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()], ids=str)
def test_confidences(kind: pa.DataType) -> None:
    """Of lists of structs in any layout, and of a struct of lists, as ``datasets`` makes of them."""
    words = [["a", "b"]] * 4
    fields = {"start": pa.int32(), "end": pa.int32(), "label": pa.string(), "confidence": kind}
    rows = [[(i, i + 1, "X", np.float16(sure)) for i, sure in enumerate(row)] for row in SURE]
    of_lists = [lists([[item[i] for item in row] for row in rows], each) for i, each in enumerate(fields.values())]
    dicts = [[dict(zip(fields, item, strict=True)) for item in row] for row in rows]
    layouts = [make(dicts, pa.struct(fields.items())) for make in (lists, views)]
    for column in (*layouts, pa.StructArray.from_arrays(of_lists, list(fields))):
        table = pa.table({"source_words": words, "target_words": words, "entities": column})
        for pairs, expected in (
            (xp.SentencePairs.from_arrow(table), SURE),
            (xp.SentencePairs.from_arrow(table.slice(1, 2)), SURE[1:3]),
        ):
            assert pairs.source_confidence is not None
            assert pairs.source_confidence.dtype == np.float32
            assert pairs.source_confidence.tolist() == [sure for row in expected for sure in row]
            again = xp.SentencePairs.from_arrow(pairs)
            assert again.source_confidence is not None
            assert again.source_confidence.tolist() == pairs.source_confidence.tolist()


def test_confidences_that_nobody_knows() -> None:
    """What Arrow makes of entities that all have none: a field of no type."""
    entities = [[{"start": 0, "end": 1, "label": "X", "confidence": None}]]
    words = [["a"]]
    table = pa.table({"source_words": words, "target_words": words, "entities": entities})
    assert xp.SentencePairs.from_arrow(table).source_confidence is None
    entities[0][0]["confidence"] = 1
    table = table.set_column(2, "entities", pa.array(entities))
    with pytest.raises(InputError, match=r"^entities.confidence: expected floats, got int64"):
        xp.SentencePairs.from_arrow(table)


def test_lists_of_nothing() -> None:
    """What Arrow makes of lists that are all empty: nobody has said of what they would be."""
    table = pa.table({"source_words": [["a"]], "target_words": [["b"]], "entities": [[]], "alignments": [[]]})
    assert content(xp.SentencePairs.from_arrow(table)) == ([["a"]], [["b"]], [[]], [[]], None)
    table = pa.table({"source_words": [[]], "target_words": [[]], "ner_tags": [[]], "alignments": [""]})
    assert content(xp.SentencePairs.from_arrow(table, Columns(tags="ner_tags"))) == ([[]], [[]], [[]], [[]], None)


def test_nothing_is_copied_of_what_fits() -> None:
    table = xp.SentencePairs.from_lists(BATCH.source, BATCH.target, BATCH.entities, BATCH.links).to_arrow()
    pairs = xp.SentencePairs.from_arrow(table)
    column = table["alignments"].chunk(0).values.field("source")
    assert pairs.alignments is not None
    assert pairs.alignments.source.ctypes.data == column.buffers()[1].address


def test_words_of_views_are_whatever_lies_in_them() -> None:
    words = ["", "x" * 12, "y" * 13, "é" * 6, "z" * 5000, None, "a"]
    flat = pa.array(words, pa.string_view())
    table = pa.table(
        {"source_words": [["a"]], "target_words": pa.ListArray.from_arrays([0, 5], flat), "entities": [[]]}
    )
    assert xp.SentencePairs.from_arrow(table).target.to_lists() == [words[:5]]
    later = table.set_column(1, "target_words", pa.ListArray.from_arrays(pa.array([6, 7], pa.int32()), flat))
    assert xp.SentencePairs.from_arrow(later).target.to_lists() == [["a"]]


@pytest.mark.parametrize(
    ("at", "number"), [(0, -1), (0, 2**31 - 1), (8, 1), (8, -1), (12, 2**31 - 1), (12, -1)], ids=str
)
def test_views_that_point_anywhere(at: int, number: int) -> None:
    flat = pa.array(["a word of more than twelve bytes"], pa.string_view())
    _, fields, text = flat.buffers()
    data = bytearray(fields.to_pybytes())
    data[at : at + 4] = np.int32(number).tobytes()
    broken = pa.Array.from_buffers(pa.string_view(), 1, [None, pa.py_buffer(bytes(data)), text])
    words = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), broken)
    table = pa.table({"source_words": [["a"]], "target_words": words, "entities": [[]]})
    with pytest.raises(InputError, match=r"^target_words: expected a whole Arrow array, got a broken one"):
        xp.SentencePairs.from_arrow(table)


def replaced(name: str, values: Any, form: dict[str, str] | None = None, **columns: Any) -> tuple[pa.Table, Columns]:
    table, where = table_of(**(form or {}))
    where = Columns(**{field: getattr(where, field) for field in Columns.__slots__} | columns)
    index = table.schema.get_field_index(name)
    new = values if isinstance(values, pa.Array) else pa.array(values)
    return table.set_column(index, name, new).replace_schema_metadata(table.schema.metadata), where


TAGS_FORM = {"entities": "tags"}
NUMBERS_FORM = {"entities": "tags as numbers, named"}
REFUSED: dict[str, tuple[tuple[pa.Table, Columns], str]] = {
    "links as odd lists": (
        replaced("alignments", [[[0, 0]], [], [[1, 1], [1]], []]),
        r"^alignments: sentence 2, item 1: expected a pair of word indices, got \[1\]",
    ),
    "links as a null pair": (
        replaced("alignments", [[[0, 0]], [], [None], []]),
        "^alignments: sentence 2, item 0: expected a pair of word indices, got None",
    ),
    "links as a null word": (
        replaced("alignments", [[[0, 0]], [], [[1, None]], []]),
        "^alignments: sentence 2, item 1: expected a number, got null",
    ),
    "no link string": (
        replaced("alignments", ["0-0", "", "0-0 x", ""]),
        "^alignments: sentence 2: expected a link 'source-target' of two word indices, got 'x'",
    ),
    "link strings with a line break": (
        replaced("alignments", ["0-0", "", "0-0\n1-1", ""]),
        "^alignments: sentence 2: expected one line per sentence, got a line break inside",
    ),
    "a null link string": (
        replaced("alignments", ["0-0", "", None, ""]),
        "^alignments: sentence 2, item 0: expected a string, got null",
    ),
    "links as numbers": (
        replaced("alignments", [1, 2, 3, 4]),
        "^alignments: expected lists of structs with source and target, lists of pairs, or strings .*, got int64",
    ),
    "too few tags": (
        replaced("ner_tags", [["O"] * 3, [], ["O"], ["O"] * 2], TAGS_FORM),
        "^ner_tags: sentence 2: expected a tag per word, 3, got 1",
    ),
    "no tag": (
        replaced("ner_tags", [["O"] * 3, [], ["O", "PER", "O"], ["O"] * 2], TAGS_FORM),
        "^ner_tags: sentence 2, word 1: expected O or a prefix of B, .* and a class, got 'PER'",
    ),
    "a null tag": (
        replaced("ner_tags", [["O"] * 3, [], ["O", None, "O"], ["O"] * 2], TAGS_FORM),
        "^ner_tags: sentence 2, item 1: expected a string, got null",
    ),
    "tags of another scheme": (
        replaced("ner_tags", [["O"] * 3, [], ["O", "I-X", "O"], ["O"] * 2], TAGS_FORM),
        r"^ner_tags: sentence 2, word 1: expected a tag that IOB2 allows after O, got I-X .*: scheme='iob1'\)",
    ),
    "numbers without names": (
        replaced("ner_tags", tag_numbers(BATCH), TAGS_FORM),
        r"^ner_tags: expected strings, or whole numbers that .* or names=\(\.\.\.\) names, got int64 without",
    ),
    "numbers beyond the names": (
        replaced("ner_tags", [[0] * 3, [], [0, 7, 0], [0] * 2], NUMBERS_FORM),
        r"^ner_tags: sentence 2, item 1: expected a number from 0 to 6 \(O, B-PER, .*\), got 7",
    ),
    "a label that is missing": (
        replaced("ner_tags", [[0] * 3, [], [0, -1, 0], [0] * 2], NUMBERS_FORM),
        "^ner_tags: sentence 2, item 1: expected a number from 0 to 6 .*, got -1",
    ),
    "floats for tags": (
        replaced("ner_tags", [[0.0] * 3, [], [0.0] * 3, [0.0] * 2], NUMBERS_FORM),
        "^ner_tags: expected strings, a dictionary of strings or whole numbers that have names, got double",
    ),
    "no such scheme": (replaced("id", ["x"] * 4, TAGS_FORM, scheme="iob3"), "^scheme: expected one of iob1, .*'iob3'"),
    "lists of different lengths": (
        replaced(
            "entities",
            pa.StructArray.from_arrays(
                [
                    pa.array([[0], [], [0, 1], []], pa.list_(pa.int32())),
                    pa.array([[1], [], [1], []], pa.list_(pa.int32())),
                    pa.array([["X"], [], ["X"], []], pa.list_(pa.string())),
                ],
                ["start", "end", "label"],
            ),
        ),
        "^entities: sentence 2: expected lists of one length, got start 2, end 1, label 1",
    ),
    "a null struct": (
        replaced(
            "entities",
            pa.array(
                [{"start": [], "end": [], "label": []}] * 2 + [None] + [{"start": [], "end": [], "label": []}],
                pa.struct(
                    [
                        ("start", pa.list_(pa.int32())),
                        ("end", pa.list_(pa.int32())),
                        ("label", pa.list_(pa.string())),
                    ]
                ),
            ),
        ),
        "^entities: sentence 2: expected lists, got null",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    (table, columns), message = REFUSED[case]
    with pytest.raises(InputError, match=message) as caught:
        xp.SentencePairs.from_arrow(table, columns)
    named = re.search(r"sentence (\d)", message)
    assert caught.value.sentence == (None if named is None else int(named[1]))


def test_columns_of_nulls_alone() -> None:
    """What pyarrow and pandas make of a column that has no value: it has no type either."""
    table, _ = table_of()
    for name in ("source_words", "target_words", "entities", "alignments"):
        nulls = table.set_column(table.schema.get_field_index(name), name, pa.nulls(len(table)))
        got = xp.Projector(errors="column")(nulls)
        assert got["error"].to_pylist() == [f"{name}: expected a list, got null"] * len(table)
        assert got["tags"].null_count == len(table)


def test_labels_of_a_dictionary_that_no_entity_has() -> None:
    """An engine's dictionary may hold all strings that it has ever seen."""
    names = pa.array(["two words", "PER", None, "LOC", "PER"])
    label = pa.DictionaryArray.from_arrays(pa.array([1, 4], pa.int32()), names)
    spans = pa.StructArray.from_arrays([pa.array([0, 0]), pa.array([1, 1]), label], ["start", "end", "label"])
    entities = pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), spans)
    table = pa.table({"source_words": [["a"], ["b"]], "target_words": [["a"], ["b"]], "entities": entities})
    pairs = xp.SentencePairs.from_arrow(table)
    assert pairs.labels == ("PER", "LOC")
    assert pairs.entities.label.tolist() == [0, 0]


@pytest.mark.parametrize(
    "feature", [CLASS_TAGS, [CLASS_TAGS], {"feature": CLASS_TAGS}, {"feature": [CLASS_TAGS], "_type": "List"}]
)
def test_names_in_the_metadata(feature: Any) -> None:
    assert names_of_numbers(pa.schema([], declared(x=feature)), "x") == TAG_NAMES


@pytest.mark.parametrize(
    "metadata",
    [None, {}, {b"huggingface": b"{"}, declared(), declared(x=3), declared(x={}), declared(x=[]), declared(x=None)],
)
def test_metadata_without_names(metadata: Any) -> None:
    assert names_of_numbers(pa.schema([], metadata), "x") is None
    struct = {"feature": {"dtype": "string"}, "label": CLASS_LABEL}  # a struct with a field of that name
    assert names_of_numbers(pa.schema([], declared(y=[struct])), "y", "label") == LABEL_NAMES
    assert names_of_numbers(pa.schema([], declared(y={"label": CLASS_LABEL})), "y", "label") == LABEL_NAMES


def test_lists_of_tags() -> None:
    pairs = xp.SentencePairs.from_tags(BATCH.source, tags(BATCH), BATCH.target, BATCH.links, ids=EXPECTED[4])
    assert content(pairs) == EXPECTED
    links = xp.parse_pharaoh(pharaoh(BATCH))
    numbers = tag_numbers(BATCH)
    for given in (links, pharaoh(BATCH), tuple(pharaoh(BATCH))):
        twin = xp.SentencePairs.from_tags(BATCH.source, numbers, BATCH.target, given, tag_names=TAG_NAMES)
        assert content(twin)[:4] == EXPECTED[:4]
    lenient = xp.SentencePairs.from_tags([["a", "b"]], [["I-X", "I-X"]], [["a"]], scheme="any")
    assert content(lenient)[2:] == ([[(0, 2, "X")]], None, None)
    assert len(xp.SentencePairs.from_tags([], [], [], [])) == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([["O"], ["O"]], "^source_tags: sentence 0: expected a tag per word, 2, got 1"),
        ([["O", "O"]], "^expected the same number of sentences everywhere, got source_words 2, .* entities 1"),
        ([["O", "PER"], ["O"]], "^source_tags: sentence 0, word 1: expected O or a prefix"),
        ([["O", None], ["O"]], "^source_tags: sentence 0, item 1: expected a string, got null"),
        ([["O", 1], ["O"]], "^source_tags: expected lists of tags, or of whole numbers"),
        ([[0, 1], [2]], "^source_tags: expected strings, or whole numbers that .* names"),
        ([["B-X", "I-Y"], ["O"]], "^source_tags: sentence 0, word 1: .* IOB2 allows after B-X, got I-Y .*scheme='any'"),
        (["O O", "O"], "^source_tags: sentence 0: expected a list of tags, got 'O O'"),
        ([1, 2], "^source_tags: sentence 0: expected a list of tags, got 1"),
        (None, "^source_tags: expected lists of tags, got None"),
        ("O O", "^source_tags: expected lists of tags, got 'O O'"),
    ],
)
def test_lists_of_tags_refused(given: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        xp.SentencePairs.from_tags([["a", "b"], ["c"]], given, [["a"], ["c"]])


def test_links_where_links_are_taken() -> None:
    lists = xp.SentencePairs.from_lists(BATCH.source, BATCH.target, BATCH.entities, BATCH.links)
    bare = xp.SentencePairs.from_lists(BATCH.source, BATCH.target, BATCH.entities)
    for given in (xp.parse_pharaoh(pharaoh(BATCH)), pharaoh(BATCH), BATCH.links):
        assert content(bare.with_alignments(given)) == content(lists)
        again = xp.SentencePairs.from_lists(BATCH.source, BATCH.target, BATCH.entities, given)
        assert content(again) == content(lists)
    for wrong, message in (
        (["0-0", "", "0-", ""], "^alignments: sentence 2: expected a link 'source-target'"),
        (["0-0", "", [(0, 0)], ""], r"^alignments: sentence 2: expected a string of links, .*, got \[\(0, 0\)\]"),
        (["0-0", "", "0-9", ""], "^alignments: sentence 2, link 0-9: expected a target word index in"),
        (xp.parse_pharaoh(["0-0"]), "^expected the same number of sentences everywhere"),
        ("0-0", "^alignments: the whole argument: expected a list"),
    ):
        with pytest.raises(InputError, match=message):
            xp.SentencePairs.from_lists(BATCH.source, BATCH.target, BATCH.entities, wrong)
        with pytest.raises(InputError, match=message):
            bare.with_alignments(wrong)


def test_links_are_copied_unless_they_are_given_away() -> None:
    source = np.zeros(1, np.int32)
    links = xp.Links(np.array([0, 1]), source, np.zeros(1, np.int32))
    pairs = xp.SentencePairs.from_lists([["a", "b"]], [["c"]], [[]], links)
    shared = pairs.with_alignments(links, copy=False)
    source[0] = 1
    assert pairs.alignments is not None
    assert shared.alignments is not None
    assert (pairs.alignments.source[0], shared.alignments.source[0]) == (0, 1)


def test_every_layout_of_words_is_here() -> None:
    kinds = {str(make(BATCH.source).type).split("<")[0] for make in WORDS.values()}
    assert kinds == {"list", "large_list", "list_view", "large_list_view"}
