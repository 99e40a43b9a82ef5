"""What ``SentencePairs.from_lists`` refuses: an InputError that names field, sentence, expected and got."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from common import Case, Make, assert_input_error
from test_pairs import ALIGNMENTS, ENTITIES, SOURCE, TARGET

from xproj_fast.pairs import SentencePairs

DEFAULTS = {"source_words": SOURCE, "target_words": TARGET, "entities": ENTITIES, "alignments": ALIGNMENTS}


def lists(**changes: Any) -> Make:
    return lambda: SentencePairs.from_lists(**{**DEFAULTS, **changes})


def links(*second: Any) -> Make:
    """Return pairs whose second sentence (2 source words, 1 target word) has these links."""
    return lists(alignments=[[], list(second)])


def entities(*first: Any, **options: Any) -> Make:
    """Return pairs whose first sentence (3 source words) has these entities."""
    return lists(entities=[list(first), []], **options)


PAIR = r"a \(source, target\) pair of word indices"
LINKS = r"a list of \(source, target\) word index pairs"
ENTITY = r"an entity \(start, end, label\) or \{'start': \.\.\., 'end': \.\.\., 'label': \.\.\.\}"
LABEL = r"an entity \(start, end, label\) with a non-empty string label"

ALIGNMENT_CASES: dict[str, Case] = {
    "source past the end": (
        links((2, 0)),
        "alignments",
        1,
        r"link 2-0: expected a source word index in \[0, 2\), got 2",
    ),
    "target past the end": (
        links((1, 1)),
        "alignments",
        1,
        r"link 1-1: expected a target word index in \[0, 1\), got 1",
    ),
    "source negative": (
        links((-1, 0)),
        "alignments",
        1,
        r"link -1-0: expected a source word index in \[0, 2\), got -1",
    ),
    "target negative": (
        links((0, -7)),
        "alignments",
        1,
        r"link 0--7: expected a target word index in \[0, 1\), got -7",
    ),
    "second link": (links((0, 0), (5, 5)), "alignments", 1, r"link 5-5: expected a source word .*, got 5"),
    "float": (links((0, 0), (0.0, 0)), "alignments", 1, rf"item 1: expected {PAIR}, got \(0\.0, 0\)"),
    "bool": (links((0, False)), "alignments", 1, rf"item 0: expected {PAIR}, got \(0, False\)"),
    "numpy bool": (links((0, np.False_)), "alignments", 1, rf"item 0: expected {PAIR}, got"),
    "numpy float": (links((np.float64(0), 0)), "alignments", 1, rf"item 0: expected {PAIR}, got"),
    "digits": (links(("0", "0")), "alignments", 1, rf"item 0: expected {PAIR}, got \('0', '0'\)"),
    "None": (links(None), "alignments", 1, rf"item 0: expected {PAIR}, got None"),
    "None inside": (links((0, None)), "alignments", 1, rf"item 0: expected {PAIR}, got \(0, None\)"),
    "three": (links((0, 0, 1)), "alignments", 1, rf"item 0: expected {PAIR}, got \(0, 0, 1\)"),
    "one": (links((0,)), "alignments", 1, rf"item 0: expected {PAIR}, got \(0,\)"),
    "pharaoh": (links("0-0"), "alignments", 1, rf"item 0: expected {PAIR}, got '0-0'"),
    "two characters": (links("00"), "alignments", 1, rf"item 0: expected {PAIR}, got '00'"),
    "bytes": (links(b"\0\0"), "alignments", 1, rf"item 0: expected {PAIR}, got b'"),
    "beyond int32": (links((0, 2**31)), "alignments", 1, rf"item 0: expected {PAIR}, got \(0, 2147483648\)"),
    "beyond int64": (links((-(2**70), 0)), "alignments", 1, rf"item 0: expected {PAIR}, got \(-1180"),
    "a string that is no link": (lists(alignments=["0-1", "0_1"]), "alignments", 1, "expected a link .*, got '0_1'"),
    "a string among lists": (lists(alignments=[[], "0-1"]), "alignments", 1, f"expected {LINKS}, got '0-1'"),
    "a list among strings": (
        lists(alignments=["0-1", []]),
        "alignments",
        1,
        r"expected a string of links, .*, got \[\]",
    ),
    "None a sentence": (lists(alignments=[[], None]), "alignments", 1, f"expected {LINKS}, got None"),
    "one string": (lists(alignments="0-1\n1-0"), "alignments", None, f"the whole argument: expected {LINKS}, got '0-1"),
    "a number": (lists(alignments=3), "alignments", None, f"the whole argument: expected {LINKS}, got 3"),
}

ENTITY_CASES: dict[str, Case] = {
    "past the end": (
        entities((1, 4, "P")),
        "entities",
        0,
        r"span 0: expected a span inside the 3 source words, got \[1, 4\)",
    ),
    "starts past the end": (
        entities((3, 4, "P")),
        "entities",
        0,
        r"expected a span inside the 3 source words, got \[3, 4\)",
    ),
    "negative": (entities((-1, 2, "P")), "entities", 0, r"expected a span inside the 3 source words, got \[-1, 2\)"),
    "empty": (entities((1, 1, "P")), "entities", 0, r"span 0: expected a span with start < end, got \[1, 1\)"),
    "backwards": (entities((2, 1, "P")), "entities", 0, r"expected a span with start < end, got \[2, 1\)"),
    "overlapping": (
        entities((0, 2, "P"), (1, 3, "P")),
        "entities",
        0,
        r"span 1: expected spans that share no word, got \[1, 3\) after \[0, 2\)",
    ),
    "twice": (
        entities((0, 2, "P"), (0, 2, "P")),
        "entities",
        0,
        r"expected spans that share no word, got \[0, 2\) after",
    ),
    "unordered": (
        entities((2, 3, "P"), (0, 1, "P")),
        "entities",
        0,
        r"span 1: expected spans ordered by start, got \[0, 1\) after \[2, 3\)",
    ),
    "unordered, nested": (
        entities((2, 3, "P"), (0, 1, "P"), nested=True),
        "entities",
        0,
        r"span 1: expected spans ordered by start, got \[0, 1\) after \[2, 3\)",
    ),
    "past the end, nested": (
        entities((0, 4, "P"), nested=True),
        "entities",
        0,
        r"expected a span inside .* got \[0, 4\)",
    ),
    "in no word": (
        lists(source_words=[[], []], alignments=None),
        "entities",
        0,
        r"expected a span inside the 0 source words, got \[0, 2\)",
    ),
    "pair": (entities((0, 1)), "entities", 0, rf"item 0: expected {ENTITY}, got \(0, 1\)"),
    "four": (entities((0, 1, "P", 0.5)), "entities", 0, rf"item 0: expected {ENTITY}, got \(0, 1, 'P', 0\.5\)"),
    "float": (entities((0.0, 1, "P")), "entities", 0, rf"item 0: expected {ENTITY}, got \(0\.0, 1, 'P'\)"),
    "bool": (entities((0, True, "P")), "entities", 0, rf"item 0: expected {ENTITY}, got \(0, True, 'P'\)"),
    "digits": (entities(("0", "1", "P")), "entities", 0, rf"item 0: expected {ENTITY}, got \('0', '1', 'P'\)"),
    "three characters": (entities("01P"), "entities", 0, rf"item 0: expected {ENTITY}, got '01P'"),
    "None": (entities(None), "entities", 0, rf"item 0: expected {ENTITY}, got None"),
    "dict without end": (entities({"start": 0, "label": "P"}), "entities", 0, rf"item 0: expected {ENTITY}, got \{{"),
    "dict with a float": (
        entities({"start": 0, "end": 1.0, "label": "P"}),
        "entities",
        0,
        rf"item 0: expected {ENTITY}, got \{{",
    ),
    "beyond int32": (entities((0, 2**40, "P")), "entities", 0, rf"item 0: expected {ENTITY}, got \(0, 1099511627776"),
    "no label": (entities((0, 1, None)), "entities", 0, rf"item 0: expected {LABEL}, got \(0, 1, None\)"),
    "label id": (entities((0, 1, 0)), "entities", 0, rf"item 0: expected {LABEL}, got \(0, 1, 0\)"),
    "empty label": (entities((0, 1, "")), "entities", 0, rf"item 0: expected {LABEL}, got \(0, 1, ''\)"),
    "surrogate label": (entities((0, 1, "\ud800")), "entities", 0, r"item 0: expected .*, got \(0, 1, '\\ud800'\)"),
    "unknown label": (
        entities((0, 1, "PER"), (1, 2, "ORG"), labels=["PER", "LOC"]),
        "entities",
        0,
        r"item 1: expected an entity whose label is one of `labels`, got \(1, 2, 'ORG'\)",
    ),
    "a string a sentence": (
        lists(entities=["B-PER", []]),
        "entities",
        0,
        r"expected a list of \(start, end, label\) entities, got 'B-PER'",
    ),
    "one string": (lists(entities="PER"), "entities", None, r"the whole argument: expected a list .* got 'PER'"),
    "None everywhere": (lists(entities=None), "entities", None, r"the whole argument: expected a list .* got None"),
}


def words(column: str) -> dict[str, Case]:
    def with_(value: Any) -> Make:
        return lists(**{column: value})

    word, many = "a word: a string of valid Unicode", "a list of words"
    return {
        f"{column} surrogate": (
            with_([["a", "b", "c\ud800"], []]),
            column,
            0,
            rf"item 2: expected {word}, got 'c\\ud800'",
        ),
        f"{column} NUL": (with_([["a"], ["b\0"]]), column, 1, r"item 0: expected a word without NUL .*, got 'b\\x00'"),
        f"{column} number": (with_([["a", 1], []]), column, 0, f"item 1: expected {word}, got 1"),
        f"{column} None": (with_([["a", None], []]), column, 0, f"item 1: expected {word}, got None"),
        f"{column} bytes": (with_([["a"], [b"b"]]), column, 1, f"item 0: expected {word}, got b'b'"),
        f"{column} nested list": (with_([["a"], [["b"]]]), column, 1, rf"item 0: expected {word}, got \['b'\]"),
        f"{column} sentence string": (with_([["a"], "b c"]), column, 1, f"expected {many}, got 'b c'"),
        f"{column} sentence bytes": (with_([["a"], b"b c"]), column, 1, f"expected {many}, got b'b c'"),
        f"{column} sentence None": (with_([None, ["a"]]), column, 0, f"expected {many}, got None"),
        f"{column} one string": (with_("a b"), column, None, f"the whole argument: expected {many}, got 'a b'"),
        f"{column} long": (
            with_("x" * 500),
            column,
            None,
            rf"the whole argument: expected {many}, got 'x{{30,40}}\.\.\.x{{30,40}}'$",
        ),
    }


SAME = "expected the same number of sentences everywhere, got "
NAME = "expected non-empty names without white space, got"
COUNT_AND_LABEL_CASES: dict[str, Case] = {
    "more source": (lists(source_words=[*SOURCE, []]), None, None, SAME + "source_words 3, target_words 2, entities 2"),
    "fewer target": (lists(target_words=TARGET[:1]), None, None, SAME + "source_words 2, target_words 1, entities 2"),
    "more entities": (lists(entities=[*ENTITIES, []]), None, None, SAME + "source_words 2, target_words 2, entities 3"),
    "fewer alignments": (lists(alignments=ALIGNMENTS[:1]), None, None, SAME + ".*entities 2, alignments 1"),
    "more ids": (lists(ids=[1, 2, 3]), None, None, SAME + ".*alignments 2, ids 3"),
    "repeated names": (lists(labels=["PER", "LOC", "PER"]), "labels", None, r"expected distinct names, got \['PER', "),
    "name with a space": (entities((0, 1, "A B")), "labels", None, f"{NAME} 'A B'"),
    "name with a line break": (lists(labels=["PER", "LOC", "A\n"]), "labels", None, rf"{NAME} 'A\\n'"),
    "empty name": (lists(labels=["PER", "LOC", ""]), "labels", None, f"{NAME} ''"),
    "name that is a number": (lists(labels=["PER", "LOC", 1]), "labels", None, "expected .*, got 1"),
    "names in one string": (lists(labels="PL", entities=[[(0, 1, "P")], []]), "labels", None, "expected .*, got 'PL'"),
}


CASES = {
    **{f"links: {name}": case for name, case in ALIGNMENT_CASES.items()},
    **{f"entities: {name}": case for name, case in ENTITY_CASES.items()},
    **words("source_words"),
    **words("target_words"),
    **COUNT_AND_LABEL_CASES,
}


@pytest.mark.parametrize("name", CASES)
def test_error(name: str) -> None:
    assert_input_error(CASES[name])


def test_the_unchanged_input_is_good() -> None:
    for make in (lists(), links(), entities(), lists(alignments=None)):
        assert isinstance(make(), SentencePairs)
