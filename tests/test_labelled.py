"""``LabelledSentences``: made, refused, tagged, written and read again."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import xproj_fast as xp
from xproj_fast.arrays import Entities, Words

WORDS = [["Ada", "Lovelace", "lived"], [], ["In", "London"]]
ENTITIES = [[(0, 2, "PER")], [], [(1, 2, "LOC")]]


def made(**options: Any) -> xp.LabelledSentences:
    return xp.LabelledSentences.from_lists(WORDS, ENTITIES, **options)


def test_from_lists() -> None:
    sentences = made(ids=[7, 8, 9])
    assert len(sentences) == 3
    assert sentences.labels == ("PER", "LOC")
    assert sentences.tags() == [["B-PER", "I-PER", "O"], [], ["O", "B-LOC"]]
    assert sentences.tag_ids().tolist() == [1, 2, 0, 0, 3]
    assert repr(sentences) == "LabelledSentences(3 sentences, 2 entities of PER, LOC)"
    assert sentences.counts() == {"sentences": 3, "entities": 2, "spans": 2}
    assert made(labels=["LOC", "PER"]).labels == ("LOC", "PER")


@pytest.mark.parametrize(
    ("words", "entities", "options", "message"),
    [
        (
            [["a"]],
            [[(0, 2, "X")]],
            {},
            r"^entities: sentence 0, span 0: .* inside the 1 words, got \[0, 2\)",
        ),
        ([["a"]], [], {}, "expected the same number of sentences everywhere, got words 1, entities 0"),
        ([["a"]], [[]], {"ids": [1, 2]}, "got words 1, entities 1, ids 2"),
        ([["a"]], [[]], {"ids": [1, "x"]}, "ids: expected ids of one type"),
        (["a"], [[]], {}, "words: sentence 0: expected"),
        ([["a", "b"]], [[(0, 2, "X"), (1, 2, "X")]], {}, r"got \[1, 2\) after \[0, 2\)"),
        ([["a"]], [[(0, 1, "A B")]], {}, "labels: expected non-empty names without white space"),
    ],
)
def test_refused(words: Any, entities: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(xp.InputError, match=message):
        xp.LabelledSentences.from_lists(words, entities, **options)


def test_scores_are_checked() -> None:
    base = made()
    for scores, got in ((np.zeros(2), r"float64\[2\]"), (np.zeros(1, np.float32), r"float32\[1\]")):
        with pytest.raises(xp.InputError, match=rf"scores: expected float32\[2\], one per entity, got {got}"):
            xp.LabelledSentences.from_columns(base.words, base.entities, base.labels, scores=scores)


def test_nothing_that_is_written_later_gets_in() -> None:
    offsets, start, end, label = np.array([0, 1]), *(np.array([n], np.int32) for n in (0, 1, 0))
    words = Words(np.array([0, 1]), pa.array(["a"]))
    sentences = xp.LabelledSentences.from_columns(words, Entities(offsets, start, end, label), ["X"])
    end[0] = 9
    assert sentences.tags() == [["B-X"]]
    with pytest.raises(ValueError, match="read-only"):
        sentences.entities.end[0] = 9


def test_entities_that_share_words_have_no_tags() -> None:
    nested = xp.LabelledSentences.from_lists([["a"], ["a", "b"]], [[], [(0, 2, "X"), (1, 2, "Y")]], nested=True)
    with pytest.raises(xp.InputError, match=r"entities: sentence 1, span 1: expected spans that share no word"):
        nested.tags()


def test_drop_labels() -> None:
    left = made(labels=["DATE", "PER", "LOC"]).drop_labels(["PER", "DATE"])
    assert left.labels == ("LOC",)
    assert left.tags() == [["O", "O", "O"], [], ["O", "B-LOC"]]
    with pytest.raises(xp.InputError, match=r"drop_labels: .* got 'Loc' \(did you mean LOC\?\)"):
        made().drop_labels(["Loc"])
    with pytest.raises(xp.InputError, match="expected a list of classes, got the string 'LOC'"):
        made().drop_labels("LOC")
    scored = xp.LabelledSentences(left.words, made().entities, ("PER", "LOC"), None, np.array([0.5, 0.25], np.float32))
    assert scored.drop_labels(["PER"]).scores.tolist() == [0.25]


@pytest.mark.parametrize("name", ["x.conll.gz", "x.jsonl", "x.parquet", "x.arrow"])
@pytest.mark.parametrize("ids", [None, ["a", "b", "c"]])
def test_written_and_read_again(tmp_path: Path, name: str, ids: list[str] | None) -> None:
    sentences = made(ids=ids)
    xp.write(sentences, tmp_path / name)
    again = xp.read_labelled(tmp_path / name, conll=xp.ConllOptions(empty_sentences=True))
    assert again.words.to_lists() == WORDS
    assert again.tags() == sentences.tags()
    if name != "x.conll.gz":
        assert (again.ids is None) == (ids is None)
        assert [each.id for each in again] == (ids or [None] * 3)


def test_scores_are_written_where_there_are_any(tmp_path: Path) -> None:
    plain = made()
    scored = xp.LabelledSentences(plain.words, plain.entities, plain.labels, None, np.float32([1, 0.1]))
    for sentences, fields in ((made(), ["start", "end", "label"]), (scored, ["start", "end", "label", "score"])):
        table = sentences.to_arrow()
        assert table.schema.names == ["tokens", "tags", "spans"]
        assert [field.name for field in table.schema.field("spans").type.value_type] == fields
        xp.write(sentences, tmp_path / "x.jsonl")
        assert ('"score": 0.1}' in (tmp_path / "x.jsonl").read_text("utf-8")) == ("score" in fields)


def test_tags_and_spans_that_contradict_each_other(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    table = made().to_arrow()
    column = table.schema.get_field_index("tags")
    pq.write_table(table.set_column(column, "tags", pa.array([["O"] * 3, [], ["O"] * 2])), tmp_path / "x.parquet")
    with pytest.raises(xp.InputError, match=r"sentence 1: expected the same entities under 'tags' and 'spans'"):
        xp.read_labelled(tmp_path / "x.parquet")


def test_evaluated() -> None:
    gold, predicted = made(), made().drop_labels(["LOC"])
    assert xp.evaluate(gold, predicted).micro.recall == 0.5
    assert xp.evaluate(gold, predicted) == xp.evaluate(gold.tags(), predicted.tags())


def test_pickles() -> None:
    again = pickle.loads(pickle.dumps(made(ids=[1, 2, 3])))
    assert list(again) == list(made(ids=[1, 2, 3]))
    assert not again.entities.start.flags.writeable
