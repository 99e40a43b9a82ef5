"""``SentencePairs``: what its constructors make.

What they refuse is in test_bad_lists.py and test_bad_arrays.py.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from common import batch_of, by_sentence
from hypothesis import given
from strategies import LABELS, Batch, batches

from xproj_fast.arrays import Entities, Links, Words
from xproj_fast.errors import InputError
from xproj_fast.pairs import SentencePairs

SOURCE = [["John", "Smith", "slept"], ["In", "Rome"]]
TARGET = [["schlief", "John", "Smith"], ["Rom"]]
ENTITIES = [[(0, 2, "PER")], [(1, 2, "LOC")]]
ALIGNMENTS = [[(0, 1), (1, 2), (2, 0)], [(1, 0)]]


def example(**kwargs: object) -> SentencePairs:
    return SentencePairs.from_lists(SOURCE, TARGET, ENTITIES, ALIGNMENTS, **kwargs)


def columns(pairs: SentencePairs) -> dict[str, np.ndarray]:
    """Return every array of the pairs by name."""
    records = {"source": pairs.source, "target": pairs.target, "entities": pairs.entities, "links": pairs.alignments}
    return {
        f"{name}.{field.name}": getattr(record, field.name)
        for name, record in records.items()
        if record is not None
        for field in dataclasses.fields(record)
        if isinstance(getattr(record, field.name), np.ndarray)
    }


def arrays() -> dict[str, object]:
    """Return the arguments of from_arrays that make the example."""
    return {
        "source_offsets": np.array([0, 3, 5]),
        "target_offsets": np.array([0, 3, 4]),
        "entity_offsets": np.array([0, 1, 2]),
        "entity_start": np.array([0, 1], np.int32),
        "entity_end": np.array([2, 2], np.int32),
        "entity_label": np.array([0, 1], np.int32),
        "labels": ["PER", "LOC"],
        "alignment_offsets": np.array([0, 3, 4]),
        "alignment_source": np.array([0, 1, 2, 1], np.int32),
        "alignment_target": np.array([1, 2, 0, 0], np.int32),
    }


def test_from_lists() -> None:
    pairs = example()
    assert len(pairs) == 2
    assert pairs.source.to_lists() == SOURCE
    assert pairs.target.to_lists() == TARGET
    assert pairs.labels == ("PER", "LOC")
    e, a = pairs.entities, pairs.alignments
    assert by_sentence(e.offsets, e.start, e.end, e.label) == [[(0, 2, 0)], [(1, 2, 1)]]
    assert by_sentence(a.offsets, a.source, a.target) == ALIGNMENTS
    assert {name: array.dtype for name, array in columns(pairs).items()} == {
        name: np.int64 if name.endswith("offsets") else np.int32 for name in columns(pairs)
    }
    assert pairs.ids is None
    assert repr(pairs) == "SentencePairs(2 sentences, 2 entities of PER, LOC, 4 links)"


@given(batch=batches())
def test_from_lists_keeps_everything(batch: Batch) -> None:
    pairs = batch.pairs()
    kept = batch_of(pairs, range(len(batch)))
    assert dataclasses.replace(kept, nested=batch.nested) == batch
    assert pairs.labels == LABELS


def test_entities_as_dicts_and_other_sequences() -> None:
    plain = example()
    other = SentencePairs.from_lists(
        tuple(tuple(words) for words in SOURCE),
        (iter(words) for words in TARGET),
        [[{"start": a, "end": b, "label": label, "score": 0.5} for a, b, label in s] for s in ENTITIES],
        [np.array(links) for links in ALIGNMENTS],
    )
    assert other.target.to_lists() == plain.target.to_lists()
    for name, array in columns(plain).items():
        assert columns(other)[name].tolist() == array.tolist()


def test_numpy_integers_are_indices() -> None:
    entities = [[(np.int64(0), np.uint8(2), "PER")], []]
    pairs = SentencePairs.from_lists(SOURCE, TARGET, entities, [[(np.int32(0), np.int16(1))], []])
    assert pairs.entities.end.tolist() == [2]
    assert pairs.alignments.target.tolist() == [1]


def test_labels_keep_the_given_order() -> None:
    pairs = example(labels=["ORG", "LOC", "PER"])
    assert pairs.labels == ("ORG", "LOC", "PER")
    assert pairs.entities.label.tolist() == [2, 1]


def test_equal_labels_of_different_objects_are_one() -> None:
    entities = [[(0, 1, "".join(["P", "ER"])), (1, 2, "".join(["PE", "R"]))], []]
    pairs = SentencePairs.from_lists(SOURCE, TARGET, entities)
    assert pairs.labels == ("PER",)
    assert pairs.entities.label.tolist() == [0, 0]


def test_words_of_every_script() -> None:
    words = [["ß", "日本", "😀", "", "a\u00a0b", "e\u0301", "\t"], []]
    pairs = SentencePairs.from_lists(words, words, [[], []])
    assert pairs.source.to_lists() == words


def test_nothing() -> None:
    pairs = SentencePairs.from_lists([], [], [])
    assert len(pairs) == 0
    assert pairs.labels == ()
    assert pairs.alignments is None
    assert repr(pairs) == "SentencePairs(0 sentences, 0 entities of no label, no alignments)"


def test_ids() -> None:
    assert example(ids=["x", "y"]).ids.to_pylist() == ["x", "y"]


def test_nested() -> None:
    entities = [[(0, 3, "ORG"), (0, 1, "PER"), (0, 1, "LOC"), (1, 3, "PER")], []]
    pairs = SentencePairs.from_lists(SOURCE, TARGET, entities, nested=True)
    assert pairs.entities.end.tolist() == [3, 1, 1, 3]


def test_touching_entities_are_disjoint() -> None:
    pairs = SentencePairs.from_lists(SOURCE, TARGET, [[(0, 1, "PER"), (1, 3, "PER")], []])
    assert len(pairs.entities.start) == 2


def test_from_arrays_does_not_copy_where_it_need_not() -> None:
    given_arrays = arrays()
    pairs = SentencePairs.from_arrays(**given_arrays, copy=False)
    names = {"source.offsets": "source_offsets", "entities.end": "entity_end", "links.target": "alignment_target"}
    for column, argument in names.items():
        assert np.shares_memory(columns(pairs)[column], given_arrays[argument])
    assert pairs.source.strings is None
    with pytest.raises(InputError, match="expected words, got only their number"):
        pairs.target.to_lists()


def test_from_arrays_converts() -> None:
    plain = SentencePairs.from_arrays(**arrays())
    lists = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in arrays().items()}
    strided = {
        name: np.repeat(value, 2)[::2] if isinstance(value, np.ndarray) else value for name, value in arrays().items()
    }
    small = {
        name: value.astype(np.uint8) if isinstance(value, np.ndarray) else value for name, value in arrays().items()
    }
    for other in (lists, strided, small):
        pairs = SentencePairs.from_arrays(**other)
        for name, array in columns(plain).items():
            assert columns(pairs)[name].dtype == array.dtype
            assert columns(pairs)[name].tolist() == array.tolist()


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string()])
def test_from_arrays_with_strings(type_: pa.DataType) -> None:
    flat = pa.array([word for words in TARGET for word in words], type_)
    pairs = SentencePairs.from_arrays(**arrays(), target_words=flat)
    assert pairs.target.to_lists() == TARGET


def test_from_arrow() -> None:
    entity = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())])
    link = pa.struct([("source", pa.int32()), ("target", pa.int32())])
    keys = ("start", "end", "label")
    table = pa.table(
        {
            "source_words": SOURCE,
            "target_words": TARGET,
            "entities": pa.array([[dict(zip(keys, e, strict=True)) for e in s] for s in ENTITIES], pa.list_(entity)),
            "alignments": pa.array([[{"source": i, "target": j} for i, j in s] for s in ALIGNMENTS], pa.list_(link)),
        }
    )
    pairs, plain = SentencePairs.from_arrow(table), example()
    assert pairs.labels == plain.labels
    assert pairs.source.to_lists() == SOURCE
    assert {k: v.tolist() for k, v in columns(pairs).items()} == {k: v.tolist() for k, v in columns(plain).items()}


def test_arrays_are_read_only() -> None:
    made = {
        "from_lists": example(),
        "from_arrays": SentencePairs.from_arrays(**arrays()),
        "with_alignments": example().with_alignments(example().alignments),
        "drop_labels": example().drop_labels(["LOC"]),
    }
    writeable = [
        f"{how}: {name}"
        for how, pairs in made.items()
        for name, array in columns(pairs).items()
        if array.flags.writeable
    ]
    assert writeable == []


def test_pairs_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        example().labels = ()


def test_with_alignments() -> None:
    pairs = SentencePairs.from_lists(SOURCE, TARGET, [[(0, 3, "ORG"), (0, 1, "PER")], []], nested=True, ids=[7, 8])
    links = Links(np.array([0, 0, 1]), np.array([0], np.int32), np.array([0], np.int32))
    other = pairs.with_alignments(links)
    assert other.alignments.offsets.tolist() == [0, 0, 1]
    assert other.entities.end.tolist() == [3, 1]
    assert other.ids.to_pylist() == [7, 8]
    assert pairs.alignments is None
    outside = Links(np.array([0, 0, 1]), np.array([0], np.int32), np.array([1], np.int32))
    with pytest.raises(InputError, match=r"alignments: sentence 1, link 0-1: expected a target word index in \[0, 1\)"):
        pairs.with_alignments(outside)


def test_drop_labels() -> None:
    entities = [[(0, 1, "PER"), (1, 2, "MISC"), (2, 3, "LOC")], [(0, 1, "MISC")]]
    pairs = SentencePairs.from_lists(SOURCE, TARGET, entities, ALIGNMENTS, ids=[7, 8])
    kept = pairs.drop_labels(["MISC"])
    assert kept.labels == ("PER", "LOC")
    e = kept.entities
    assert by_sentence(e.offsets, e.start, e.end, e.label) == [[(0, 1, 0), (2, 3, 1)], []]
    assert e.offsets.dtype == np.int64
    assert e.start.dtype == e.label.dtype == np.int32
    assert kept.ids.to_pylist() == [7, 8]
    assert pairs.drop_labels([]).labels == pairs.labels
    with pytest.raises(InputError, match=r"drop_labels: .* PER, MISC, LOC, got 'MSC' \(did you mean MISC\?\)"):
        pairs.drop_labels(["PER", "MSC"])
    with pytest.raises(InputError, match="expected a list of classes, got the string 'PER'"):
        pairs.drop_labels("PER")
    assert pairs.drop_labels(["PER", "LOC", "MISC"]).entities.offsets.tolist() == [0, 0, 0]


def test_from_columns_keeps_the_records() -> None:
    plain = example()
    pairs = SentencePairs.from_columns(
        plain.source, plain.target, plain.entities, list(plain.labels), plain.alignments, copy=False
    )
    assert np.shares_memory(pairs.source.offsets, plain.source.offsets)
    assert np.shares_memory(pairs.entities.start, plain.entities.start)
    assert pairs.target.strings is plain.target.strings
    assert isinstance(pairs.entities, Entities)
    assert isinstance(pairs.target, Words)
    assert pairs.labels == ("PER", "LOC")
