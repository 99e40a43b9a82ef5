"""Batches feel like Python: len, iteration, one pair, slices with data of their own."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import xproj_fast as xp

SOURCE = ["Ada", "Lovelace", "lived", "in", "London", "."]
TARGET = ["Ada", "Lovelace", "lebte", "in", "London", "."]
ENTITIES = [(0, 2, "PER"), (4, 5, "LOC")]
LINKS = [[(0, 0), (1, 1), (4, 4)], [(0, 0), (1, 1)], []]


def pairs(times: int = 1) -> xp.SentencePairs:
    count = 3 * times
    return xp.SentencePairs.from_lists(
        [SOURCE] * count, [TARGET] * count, [ENTITIES] * count, LINKS * times, ids=[f"s{i}" for i in range(count)]
    )


def labelled(times: int = 1) -> xp.LabelledSentences:
    return xp.project(pairs(times)).labelled()


def projection(times: int = 1) -> xp.Projection:
    return xp.project(pairs(times), matcher="exact")


def test_a_pair_is_a_picture() -> None:
    assert str(projection()[1]) == (
        "[Ada Lovelace]PER lived in [London]LOC .\n"
        "[Ada Lovelace]PER lebte in London .\n"
        "not projected: London LOC (unscored)"
    )
    assert repr(projection()[0]).splitlines()[1] == "[Ada Lovelace]PER lebte in [London]LOC ."
    assert str(pairs()[0]) == "[Ada Lovelace]PER lived in [London]LOC .\nAda Lovelace lebte in London ."
    assert str(labelled()[1]) == "[Ada Lovelace]PER lebte in London ."


def test_a_pair_has_everything() -> None:
    pair = projection()[-2]
    assert (pair.source, pair.target, pair.id) == (tuple(SOURCE), tuple(TARGET), "s1")
    assert pair.status is xp.Status.OPTIMAL
    ada, london = pair.entities
    assert (ada.start, ada.end, ada.label, ada.text, ada.outcome) == (0, 2, "PER", "Ada Lovelace", xp.Outcome.PROJECTED)
    assert london.outcome is xp.Outcome.UNSCORED
    assert london.spans == ()
    (span,) = pair.spans
    assert ada.spans == (span,)
    assert (span.start, span.end, span.label, span.text, span.score) == (0, 2, "PER", "Ada Lovelace", 1.0)
    assert pairs()[0].alignments == ((0, 0), (1, 1), (4, 4))


def test_nested_entities_have_brackets_inside() -> None:
    words = [["University", "of", "Bath", "students"]]
    found = xp.LabelledSentences.from_lists(words, [[(0, 3, "ORG"), (2, 3, "LOC")]], nested=True)
    assert str(found[0]) == "[University of [Bath]LOC]ORG students"


def test_words_that_are_not_known_are_dots() -> None:
    columns = {"start": [0], "end": [2], "label": [0]}
    known = xp.SentencePairs.from_arrays(
        source_offsets=[0, 3],
        target_offsets=[0, 3],
        entity_offsets=[0, 1],
        labels=["PER"],
        **{f"entity_{name}": np.array(values, np.int32) for name, values in columns.items()},
        alignment_offsets=[0, 1],
        alignment_source=[0],
        alignment_target=[1],
    )
    pair = xp.project(known)[0]
    assert str(pair) == "[· ·]PER\n· [·]PER"
    assert pair.source is None
    assert pair.entities[0].text is None


def test_control_characters_do_not_reach_the_terminal() -> None:
    found = xp.LabelledSentences.from_lists([["a\x1b[31m", "b"]], [[(0, 1, "PER")]])
    assert "\x1b" not in str(found[0])


KEYS = [slice(1, 3), slice(None, None, 2), slice(3, 3), [5, 0, -1], np.arange(6) % 2 == 0, np.array([4, 4])]


@pytest.mark.parametrize("make", [pairs, labelled, projection])
@pytest.mark.parametrize("key", KEYS, ids=str)
def test_slices_are_what_lists_say(make: Any, key: Any) -> None:
    batch = make(2)
    rows = np.arange(6)[key].tolist()
    assert list(batch[key]) == [batch[i] for i in rows]
    assert len(batch[key]) == len(rows)
    assert list(batch) == [batch[i] for i in range(len(batch))]


def test_a_slice_of_a_projection_is_one() -> None:
    result = projection(2)
    part = result[[4, 0]]
    assert part.tags() == [result.tags()[4], result.tags()[0]]
    assert part.spans() == [result.spans()[4], result.spans()[0]]
    assert part.counts()["unscored"] == 1
    assert part.to_arrow().to_pylist() == [result.to_arrow().to_pylist()[i] for i in (4, 0)]


@pytest.mark.parametrize("make", [pairs, labelled, projection])
def test_what_is_not_there(make: Any) -> None:
    with pytest.raises(IndexError, match="expected a row below 3, got 3"):
        make()[3]
    with pytest.raises(IndexError, match="got -4"):
        make()[-4]
    with pytest.raises(TypeError, match="got 'a'"):
        make()["a"]


@pytest.mark.parametrize("make", [pairs, labelled, projection])
def test_a_pickled_slice_is_as_large_as_it_is(make: Any) -> None:
    few, many = pickle.dumps(make(1)), pickle.dumps(make(300)[:3])
    assert len(many) < 1.2 * len(few)
    again = pickle.loads(many)
    assert list(again) == list(make(1))


@pytest.mark.parametrize("make", [pairs, labelled, projection])
def test_one_pair_pickles(make: Any) -> None:
    assert pickle.loads(pickle.dumps(make()[0])) == make()[0]


def test_texts_go_along(tmp_path: Any) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "Ada lebte."}\n{"text": "In London."}\n', "utf-8")
    words = xp.read_sentences(path, entities=False).words
    entities = xp.Entities(np.array([0, 0, 1]), *(np.array([n], np.int32) for n in (1, 2, 0)))
    found = xp.LabelledSentences.from_columns(words, entities, ["LOC"], pa.array([1, 2]))[1:]
    assert found.words.texts.to_pylist() == ["In London."]
    assert found[0].id == 2
