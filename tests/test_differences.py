"""``differences``: gold and predicted entities in pairs, against a plain search over all ways to pair them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xproj_fast as xp
from xproj_fast.difference import Confusion, Difference
from xproj_fast.errors import InputError

WORDS = 6
CLASSES = ("LOC", "ORG", "PER")


@st.composite
def sentences(draw: st.DrawFn) -> list[list[tuple[int, int, str]]]:
    """Draw entities of some sentences: spans that share no word."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        cuts = sorted(draw(st.sets(st.integers(0, WORDS), max_size=6)))
        pieces = list(zip(cuts[::2], cuts[1::2], strict=False))
        found.append([(a, b, draw(st.sampled_from(CLASSES))) for a, b in pieces])
    return found


def labelled(entities: list[list[tuple[int, int, str]]]) -> xp.LabelledSentences:
    words = [[f"w{i}" for i in range(WORDS)] for _ in entities]
    return xp.LabelledSentences.from_lists(words, entities)


def kind_of(gold: tuple[int, int, str], predicted: tuple[int, int, str]) -> Difference | None:
    shared = min(gold[1], predicted[1]) - max(gold[0], predicted[0])
    if shared <= 0:
        return None
    same_words, same_class = gold[:2] == predicted[:2], gold[2] == predicted[2]
    if same_words:
        return Difference.RIGHT if same_class else Difference.LABEL
    return Difference.BOUNDARY if same_class else Difference.BOTH


def plain(gold: list[tuple[int, int, str]], predicted: list[tuple[int, int, str]]) -> dict[int, tuple[int, Difference]]:
    """Return the partner of each gold entity: the best pair that is left, again and again."""
    ways = []
    for (i, g), (j, p) in product(enumerate(gold), enumerate(predicted)):
        kind = kind_of(g, p)
        if kind is not None:
            ways.append((kind, -(min(g[1], p[1]) - max(g[0], p[0])), i, j))
    found: dict[int, tuple[int, Difference]] = {}
    for kind, _, i, j in sorted(ways):
        if i not in found and j not in {partner for partner, _ in found.values()}:
            found[i] = (j, kind)
    return found


@given(st.data())
def test_pairs_are_those_of_a_plain_search(data: st.DataObject) -> None:
    gold = data.draw(sentences())
    predicted = [data.draw(sentences())[0] for _ in gold]
    found = xp.differences(labelled(gold), labelled(predicted))
    g0 = p0 = 0
    for ours, theirs in zip(gold, predicted, strict=True):
        wanted = plain(ours, theirs)
        for i in range(len(ours)):
            partner, kind = wanted.get(i, (None, Difference.MISSING))
            assert found.partner[g0 + i] == (-1 if partner is None else p0 + partner)
            assert found.of_gold[g0 + i] == kind
        taken = dict(wanted.values())
        for j in range(len(theirs)):
            assert found.of_predicted[p0 + j] == taken.get(j, Difference.SPURIOUS)
        g0, p0 = g0 + len(ours), p0 + len(theirs)
    counts, micro = found.counts(), xp.evaluate(labelled(gold), labelled(predicted)).micro
    assert counts["right"] == micro.correct
    wrong = counts["label"] + counts["boundary"] + counts["both"]
    assert counts["right"] + wrong + counts["missing"] == micro.gold
    assert counts["right"] + wrong + counts["spurious"] == micro.predicted
    assert sum(each.count for each in found.confusions(1000)) == wrong + counts["missing"] + counts["spurious"]


def test_confusions_are_the_most_frequent_first() -> None:
    gold = [["B-PER", "O", "B-LOC"]] * 3 + [["B-ORG", "I-ORG", "O"]]
    predicted = [["B-ORG", "O", "O"]] * 3 + [["O", "B-LOC", "B-PER"]]
    assert xp.differences(gold, predicted).confusions() == [
        Confusion("LOC", None, Difference.MISSING, 3),
        Confusion("PER", "ORG", Difference.LABEL, 3),
        Confusion(None, "PER", Difference.SPURIOUS, 1),
        Confusion("ORG", "LOC", Difference.BOTH, 1),
    ]
    assert len(xp.differences(gold, predicted).confusions(2)) == 2


def test_entities_that_share_words_are_each_paired_once() -> None:
    gold = xp.LabelledSentences.from_lists([["a", "b", "c"]], [[(0, 3, "ORG"), (0, 1, "LOC")]], nested=True)
    found = xp.differences(gold, [["B-ORG", "O", "O"]])
    assert found.counts() == {"right": 0, "label": 1, "boundary": 0, "both": 0, "missing": 1, "spurious": 0}


def test_entities_may_come_in_any_order() -> None:
    """Pairs are looked for among those that can touch: nested ones, too, and of columns that nobody has ordered."""
    gold = xp.LabelledSentences.from_lists(
        [["a"] * 9, ["b"] * 9], [[(0, 9, "ORG"), (0, 1, "LOC"), (4, 5, "PER")], [(8, 9, "PER")]], nested=True
    )
    offsets = np.array([0, 3, 4], np.int64)
    columns = [np.array(each, np.int32) for each in ([4, 0, 6, 8], [5, 1, 9, 9], [0, 1, 2, 0])]
    found = xp.differences(gold, (xp.Entities(offsets, *columns), ["PER", "LOC", "ORG"]))
    assert found.counts() == {"right": 3, "label": 0, "boundary": 1, "both": 0, "missing": 0, "spurious": 0}
    assert found.partner.tolist() == [2, 1, 0, 3]


def test_many_entities_of_a_sentence_need_no_table_of_all_pairs() -> None:
    """A file of columns without blank lines is one sentence."""
    count = 30_000
    tags = ["B-PER", "O"] * count
    found = xp.differences([tags], [tags])
    assert found.counts()["right"] == count


def test_classes_that_do_not_count_are_gone() -> None:
    gold, predicted = [["B-PER", "B-MISC"]], [["B-PER", "B-LOC"]]
    assert xp.differences(gold, predicted, ignore_labels=["MISC"]).counts()["label"] == 0
    with pytest.raises(InputError, match=r"^ignore_labels: "):
        xp.differences(gold, predicted, ignore_labels=["X"])


def test_sides_of_different_sizes_are_refused() -> None:
    with pytest.raises(InputError, match="expected as many words as gold, 2, got 1"):
        xp.differences([["O", "O"]], [["O"]])
