"""One bad row is one error: it is named, and no other row is any different for it."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from arrow_forms import LINK, entity, lists, structs
from hypothesis import given
from hypothesis import strategies as st
from strategies import large_batch

import xproj_fast as xp
from xproj_fast.arrow_pairs import Columns, pairs_from_arrow
from xproj_fast.errors import InputError
from xproj_fast.row_faults import RowFaults, firsts_of

# Every row has two words on either side and an entity, so that anything can be wrong with it.
WORDS = ["Ada", "Ng"]


def rows(count: int) -> dict[str, list[Any]]:
    return {
        "id": [f"doc-{s}" for s in range(count)],
        "source_words": [list(WORDS) for _ in range(count)],
        "target_words": [["x"] * (s % 3) + WORDS for s in range(count)],
        "entities": [[span(label=("PER", "LOC")[s % 2])] for s in range(count)],
        "tags": [["B-PER", "I-PER"] for _ in range(count)],
        "alignments": [[{"source": i, "target": i + s % 3} for i in (0, 1)] for s in range(count)],
        "strings": [f"0-{s % 3} 1-{1 + s % 3}" for s in range(count)],
        "pairs": [[[i, i + s % 3] for i in (0, 1)] for s in range(count)],
    }


TYPES = {
    "id": pa.string(),
    "source_words": pa.list_(pa.string()),
    "target_words": pa.list_(pa.string()),
    "entities": pa.list_(pa.struct([*entity(pa.int64(), pa.string()), ("confidence", pa.float64())])),
    "tags": pa.list_(pa.string()),
    "alignments": pa.list_(pa.struct([("source", pa.int64()), ("target", pa.int64())])),
    "strings": pa.string(),
    "pairs": pa.list_(pa.list_(pa.int64())),
}


def table(columns: dict[str, list[Any]]) -> pa.Table:
    return pa.table({name: pa.array(values, TYPES[name]) for name, values in columns.items()})


def span(**changes: Any) -> dict[str, Any]:
    return {"start": 0, "end": 2, "label": "PER", "confidence": 0.5} | changes


ENTITIES, TAGS = Columns(), Columns(tags="tags")
STRINGS, PAIRS = Columns(alignments="strings"), Columns(alignments="pairs")
# What a row may have: how its table is read, the column, the value, and what is said of it.
FAULTS: dict[str, tuple[Columns, str, Any, str]] = {
    "null words": (ENTITIES, "target_words", None, "target_words: expected a list, got null"),
    "null word": (ENTITIES, "source_words", ["a", None], "source_words: item 1: expected a string, got null"),
    "null entities": (ENTITIES, "entities", None, "entities: expected a list, got null"),
    "null entity": (
        ENTITIES,
        "entities",
        [None],
        "entities: item 0: expected start, end, label, confidence, got null",
    ),
    "null confidence": (
        ENTITIES,
        "entities",
        [span(confidence=None)],
        "entities.confidence: item 0: expected a probability from 0 to 1, got null",
    ),
    "no confidence": (
        ENTITIES,
        "entities",
        [span(end=1), span(start=1, confidence=float("nan"))],
        "entities.confidence: item 1: expected a probability from 0 to 1, got nan",
    ),
    "a confidence beyond float32": (
        ENTITIES,
        "entities",
        [span(confidence=1e300)],
        "entities.confidence: item 0: expected a probability from 0 to 1, got 1e+300",
    ),
    "null label": (ENTITIES, "entities", [span(label=None)], "entities.label: item 0: expected a string, got null"),
    "a label with a space": (
        ENTITIES,
        "entities",
        [span(label="A B")],
        "entities.label: item 0: expected non-empty names without white space, got 'A B'",
    ),
    "beyond int32": (
        ENTITIES,
        "entities",
        [span(end=1 << 40)],
        "entities.end: item 0: expected values that fit int32, got 1099511627776",
    ),
    "outside": (
        ENTITIES,
        "entities",
        [span(end=3)],
        "entities: span 0: expected a span inside the 2 source words, got [0, 3)",
    ),
    "empty": (ENTITIES, "entities", [span(end=0)], "entities: span 0: expected a span with start < end, got [0, 0)"),
    "overlap": (
        ENTITIES,
        "entities",
        [span(), span(start=1)],
        "entities: span 1: expected spans that share no word, got [1, 2) after [0, 2) (nested=True allows it)",
    ),
    "order": (
        ENTITIES,
        "entities",
        [span(start=1), span(end=1)],
        "entities: span 1: expected spans ordered by start, got [0, 1) after [1, 2)",
    ),
    "null link": (
        ENTITIES,
        "alignments",
        [{"source": 0, "target": None}],
        "alignments.target: item 0: expected a number, got null",
    ),
    "link outside": (
        ENTITIES,
        "alignments",
        [{"source": 0, "target": 0}, {"source": 9, "target": 0}],
        "alignments: link 9-0: expected a source word index in [0, 2), got 9",
    ),
    "link string": (
        STRINGS,
        "strings",
        "0-0 1_1",
        "strings: expected a link 'source-target' of two word indices, got '1_1'",
    ),
    "link string outside": (
        STRINGS,
        "strings",
        "0-99",
        "alignments: link 0-99: expected a target word index in [0, {target}), got 99",
    ),
    "odd pair": (PAIRS, "pairs", [[0, 0, 0]], "pairs: item 0: expected a pair of word indices, got [0, 0, 0]"),
    "no tag": (
        TAGS,
        "tags",
        ["PER", "O"],
        "tags: word 0: expected O or a prefix of B, I, E, L, S, U and a class, got 'PER'",
    ),
    "too many tags": (TAGS, "tags", ["O", "O", "O"], "tags: expected a tag per word, 2, got 3"),
}


def with_fault(columns: dict[str, list[Any]], row: int, fault: str) -> str:
    """Put a fault into a row; return what is said of it."""
    _, column, value, message = FAULTS[fault]
    columns[column][row] = value
    return message.replace("{target}", str(len(columns["target_words"][row] or ())))


def project(given: pa.Table, columns: Columns, **options: Any) -> pa.Table:
    return xp.Projector(errors="column", columns=columns, keep=("id",), **options)(given)


@pytest.mark.parametrize("fault", FAULTS)
def test_one_bad_row_is_one_error(fault: str) -> None:
    columns = rows(7)
    where = FAULTS[fault][0]
    clean = project(table(columns), where).to_pylist()
    message = with_fault(columns, 4, fault)
    got = project(table(columns), where).to_pylist()
    assert got[4] == dict.fromkeys(clean[4]) | {"id": "doc-4", "error": message}
    assert all(row["error"] is None and row["tags"] is not None for row in clean)
    assert [*got[:4], *got[5:]] == [*clean[:4], *clean[5:]]


@pytest.mark.parametrize("fault", FAULTS)
def test_raised_with_row_and_id(fault: str) -> None:
    """In a later batch of a table, too: the number is the one of all that was given."""
    columns = rows(7)
    where = FAULTS[fault][0]
    message = with_fault(columns, 4, fault)
    field, _, rest = message.partition(": ")
    place = "sentence 4 (id 'doc-4')"
    given = table(columns)
    for batch in (given, pa.concat_tables([given.slice(0, 3), given.slice(3)]), given.to_batches()[0]):
        with pytest.raises(InputError) as caught:
            xp.Projector(columns=where, prefix="p_")(batch)
        assert str(caught.value) in (f"{field}: {place}: {rest}", f"{field}: {place}, {rest}")
        assert caught.value.sentence == 4
    with pytest.raises(InputError) as caught:
        xp.SentencePairs.from_arrow(given, where)
    assert caught.value.sentence == 4


@given(data=st.data())
def test_all_others_stay_as_they_were(data: st.DataObject) -> None:
    """Any number of bad rows, anywhere: each has its error, and the rest is what it is without them."""
    where = data.draw(st.sampled_from([ENTITIES, TAGS, STRINGS, PAIRS]))
    kinds = [
        name for name, fault in FAULTS.items() if fault[0] is where or fault[1] in ("target_words", "source_words")
    ]
    columns = rows(data.draw(st.integers(1, 12)))
    clean = project(table(columns), where).to_pylist()
    bad = data.draw(st.dictionaries(st.integers(0, len(clean) - 1), st.sampled_from(kinds)))
    messages = {row: with_fault(columns, row, fault) for row, fault in bad.items()}
    got = project(table(columns), where)
    got.validate(full=True)
    for row, values in enumerate(got.to_pylist()):
        if row in messages:
            assert values == dict.fromkeys(values) | {"id": f"doc-{row}", "error": messages[row]}
        else:
            assert values == clean[row]


@pytest.mark.parametrize("options", [{}, {"matcher": "exact"}, {"matcher": "heuristic"}, {"scores": "string"}])
def test_many_rows(options: dict[str, Any]) -> None:
    """What is left of a large batch is what is projected of its good rows alone, with several threads as well."""
    batch = large_batch(3000, seed=3)
    draw = random.Random(0)
    bad = sorted(draw.sample([s for s, words in enumerate(batch.target) if words], 300))
    good = pa.table(
        {
            "source_words": lists(batch.source, pa.string()),
            "target_words": lists(batch.target, pa.string()),
            "entities": lists(structs(batch.entities), entity(pa.int32(), pa.string())),
            "alignments": lists([[{"source": i, "target": j} for i, j in row] for row in batch.links], LINK),
        }
    )
    links = good["alignments"].to_pylist()
    for row in bad:
        links[row] = [*links[row], {"source": 0, "target": 99}]
    mixed = good.set_column(3, "alignments", lists(links, LINK))
    method = xp.Method(**options)
    rest = np.setdiff1d(np.arange(len(batch)), bad)
    for threads in (1, 3):
        got = xp.Projector(method, errors="column", threads=threads)(mixed)
        alone = xp.Projector(method)(good.take(rest))
        assert got.take(rest).drop_columns("error").equals(alone.drop_columns("error"))
        assert got["error"].is_valid().to_pylist() == np.isin(np.arange(len(batch)), bad).tolist()
        assert got["tags"].null_count == len(bad)


def test_confidences_of_other_rows_stay() -> None:
    columns = rows(3)
    for row, sure in zip(columns["entities"], (0.25, 0.5, 0.75), strict=True):
        row[0]["confidence"] = sure
    with_fault(columns, 1, "link outside")
    pairs = pairs_from_arrow(table(columns), faults=RowFaults())
    assert pairs.source_confidence is not None
    assert pairs.source_confidence.tolist() == [0.25, 0.75]


def test_the_first_error_of_a_row_is_its_own() -> None:
    columns = rows(3)
    with_fault(columns, 1, "null words")
    with_fault(columns, 1, "link outside")
    faults = RowFaults()
    pairs = pairs_from_arrow(table(columns), faults=faults)
    assert (len(pairs), len(faults), faults.rows.tolist(), 1 in faults, 0 in faults) == (3, 1, [1], True, False)
    assert [str(error) for error in faults.errors()] == ["target_words: sentence 1: expected a list, got null"]
    assert np.diff(pairs.entities.offsets).tolist() == [1, 0, 1]


def test_what_is_wrong_with_no_row_is_raised() -> None:
    projector = xp.Projector(errors="column", prefix="p_")
    for wrong, message in (
        (table(rows(2)).drop_columns("target_words"), "^target_words: expected a column of this name"),
        (table(rows(2)).drop_columns("alignments"), "^alignments: expected a column of this name"),
        (table(rows(2)).set_column(3, "entities", pa.array([1, 2])), "^entities: expected a list column, got int64"),
        (table(rows(2)).set_column(3, "entities", pa.array([[1], [2]])), "^entities: expected structs with a field"),
    ):
        with pytest.raises(InputError, match=message):
            projector(wrong)
    broken = pa.Array.from_buffers(
        pa.list_(pa.string()), 2, [None, pa.py_buffer(np.array([0, 9, 2], np.int32))], children=[pa.array(["a", "b"])]
    )
    with pytest.raises(InputError, match=r"^target_words: .*expected offsets that never decrease, got 9 then 2"):
        projector(table(rows(2)).set_column(2, "target_words", broken))


def test_the_hint_of_links_stays() -> None:
    columns = rows(3)
    for row in columns["alignments"]:
        for link in row:
            link["source"] += 1
            link["target"] += 1
    errors = project(table(columns), ENTITIES)["error"].to_pylist()
    assert all("the links fit when words are counted from 1" in error for error in errors)
    columns["alignments"][2] = [{"source": 7, "target": 7}]
    errors = project(table(columns), ENTITIES)["error"].to_pylist()
    assert not any("the links fit" in error for error in errors)


def test_firsts() -> None:
    offsets = np.array([0, 2, 2, 5, 6])
    assert firsts_of(offsets, np.array([1, 2, 4, 5])).tolist() == [1, 2, 5]
    assert firsts_of(offsets, np.array([], np.int64)).tolist() == []


def test_a_slice_travels_alone() -> None:
    """What a pickle of some rows holds is theirs, not all of the table that they came from."""
    one = {name: values for name, values in rows(1000).items() if name in ("id", *TYPES)}
    given = table(one)
    alone = len(pickle.dumps(xp.SentencePairs.from_arrow(given.take(list(range(10))))))
    some = xp.SentencePairs.from_arrow(given.slice(500, 10))
    sent = pickle.dumps(some)
    assert len(sent) < 1.2 * alone
    back: Callable[[bytes], xp.SentencePairs] = pickle.loads
    assert back(sent).target.to_lists() == some.target.to_lists()
    assert back(sent).ids.to_pylist() == [f"doc-{s}" for s in range(500, 510)]
    result = xp.project(some)
    assert len(pickle.dumps(result.labelled())) < 2 * alone
    assert pickle.loads(pickle.dumps(result)).tags() == result.tags()


def coded(indices: list[int | None], names: list[str | None], kind: pa.DataType) -> pa.Array:
    """Return a list of one item a row, in a dictionary that may hold a null of its own."""
    items = pa.DictionaryArray.from_arrays(pa.array(indices, kind), pa.array(names))
    return pa.ListArray.from_arrays(pa.array(range(len(indices) + 1), pa.int32()), items)


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint32(), pa.int64()], ids=str)
@pytest.mark.parametrize("column", ["source_words", "tags", "entities"])
def test_nulls_in_and_of_a_dictionary(column: str, kind: pa.DataType) -> None:
    """Neither is a word of no letters, nor O."""
    values = coded([0, 2, None, 1], [{"tags": "B-PER", "entities": "PER"}.get(column, "a"), "O", None], kind)
    if column == "entities":
        zero, one = pa.array([0] * 4), pa.array([1] * 4)
        spans = pa.StructArray.from_arrays([zero, one, values.values], ["start", "end", "label"])
        values = pa.ListArray.from_arrays(values.offsets, spans)
    given = pa.table(
        {
            "source_words": [["a"]] * 4,
            "target_words": [["a"]] * 4,
            "tags": [["O"]] * 4,
            "entities": pa.array([[]] * 4, pa.list_(entity(pa.int32(), pa.string()))),
            "alignments": ["0-0"] * 4,
        }
    )
    given = given.set_column(given.schema.get_field_index(column), column, values)
    where = TAGS if column == "tags" else ENTITIES
    got = xp.Projector(errors="column", columns=where, keep=())(given)
    field = "entities.label" if column == "entities" else column
    wrong = f"{field}: item 0: expected a string, got null"
    assert got["error"].to_pylist() == [None, wrong, wrong, None]
    expected = [["B-PER" if column != "source_words" else "O"], None, None, ["B-O" if column == "entities" else "O"]]
    assert got["tags"].to_pylist() == expected


def test_null_rows_may_have_something_behind_them() -> None:
    columns = rows(4)
    given = table(columns)
    clean = project(given, ENTITIES).to_pylist()
    for name in ("source_words", "target_words", "entities", "alignments"):
        column = given[name].combine_chunks()
        mask = pa.array([False, True, False, False])
        hidden = pa.ListArray.from_arrays(column.offsets, column.values, mask=mask)
        assert hidden.values.equals(column.values)  # what the null row had is still there
        got = project(given.set_column(given.schema.get_field_index(name), name, hidden), ENTITIES).to_pylist()
        assert got[1] == dict.fromkeys(got[1]) | {"id": "doc-1", "error": f"{name}: expected a list, got null"}
        assert [got[0], *got[2:]] == [clean[0], *clean[2:]]
