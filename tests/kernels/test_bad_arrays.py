"""What ``SentencePairs.from_arrays`` and ``from_columns`` refuse: an InputError that names what is wrong and where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from common import Case, Make, assert_input_error
from test_pairs import arrays

from xproj_fast.arrays import Entities, Links, Words
from xproj_fast.errors import InputError
from xproj_fast.pairs import SentencePairs

SAME = "expected the same number of sentences everywhere, got "
NAME = "expected non-empty names without white space, got"


def flat(**changes: Any) -> Make:
    return lambda: SentencePairs.from_arrays(**{**arrays(), **changes})


def from_columns(**changes: Any) -> Make:
    a = arrays()
    record = {
        "source": Words(a["source_offsets"]),
        "target": Words(a["target_offsets"]),
        "entities": Entities(a["entity_offsets"], a["entity_start"], a["entity_end"], a["entity_label"]),
        "labels": a["labels"],
        "alignments": Links(a["alignment_offsets"], a["alignment_source"], a["alignment_target"]),
    }
    return lambda: SentencePairs.from_columns(**{**record, **changes})


def offsets(argument: str, field: str, last: int, what: str) -> dict[str, Case]:
    """Return what can be wrong with offsets; ``last`` is what they should end at (None = nothing to compare with)."""

    def with_(*values: Any) -> Make:
        return flat(**{argument: list(values)})

    return {
        f"{argument} start": (with_(1, 2, last), field, 0, r"expected offsets that start at 0, got \[1\]"),
        f"{argument} negative": (with_(-1, 1, last), field, 0, r"expected offsets that start at 0, got \[-1\]"),
        f"{argument} backwards": (
            with_(0, 9, last),
            field,
            1,
            f"expected offsets that never decrease, got 9 then {last}",
        ),
        f"{argument} too far": (
            with_(0, 1, 99),
            field,
            1,
            f"expected a last offset equal to the {last} {what}, got 99",
        ),
        f"{argument} too short": (
            with_(0, 0, 1),
            field,
            1,
            f"expected a last offset equal to the {last} {what}, got 1",
        ),
        f"{argument} floats": (with_(0.0, 1.0, float(last)), argument, None, "expected integers, got dtype float64"),
        f"{argument} bools": (with_(False, True, True), argument, None, "expected integers, got dtype bool"),
        f"{argument} strings": (with_("0", "1", "2"), argument, None, "expected integers, got dtype <U1"),
        f"{argument} beyond int64": (
            flat(**{argument: np.array([0, 1, 2**63], np.uint64)}),
            argument,
            None,
            f"expected values that fit int64, got {2**63}",
        ),
        f"{argument} scalar": (flat(**{argument: 3}), argument, None, r"expected a 1-d array, got shape \(\)"),
        f"{argument} 2-d": (with_([0, 1, last]), argument, None, r"expected a 1-d array, got shape \(1, 3\)"),
        f"{argument} other count": (with_(0, last), None, None, SAME),
        f"{argument} empty": (with_(), None, None, SAME),
    }


def indices(argument: str, field: str) -> dict[str, Case]:
    good = np.asarray(arrays()[argument])

    def with_(values: Any) -> Make:
        return flat(**{argument: values})

    return {
        f"{argument} floats": (with_(good.astype(np.float32)), argument, None, "expected integers, got dtype float32"),
        f"{argument} NaN": (with_(np.full(len(good), np.nan)), argument, None, "expected integers, got dtype float64"),
        f"{argument} bools": (with_(good.astype(bool)), argument, None, "expected integers, got dtype bool"),
        f"{argument} strings": (with_(good.astype(str)), argument, None, "expected integers, got dtype <U"),
        f"{argument} objects": (with_(good.astype(object)), argument, None, "expected integers, got dtype object"),
        f"{argument} beyond int32": (
            with_(good.astype(np.int64) + 2**31),
            argument,
            None,
            "expected values that fit int32",
        ),
        f"{argument} below int32": (
            with_(good.astype(np.int64) - 2**40),
            argument,
            None,
            "expected values that fit int32",
        ),
        f"{argument} 2-d": (with_([good]), argument, None, r"expected a 1-d array, got shape \(1, \d\)"),
        f"{argument} too many": (with_([*good, 0]), field, None, "expected arrays of one length, got .*"),
    }


# In from_arrays without strings the last word offset is itself the number of words: no such thing as too far.
WORD_OFFSETS = {
    name: case for name, case in offsets("target_offsets", "target_words", 4, "words").items() if "too " not in name
}
ARRAY_CASES: dict[str, Case] = {
    **WORD_OFFSETS,
    **offsets("entity_offsets", "entities", 2, "spans"),
    **offsets("alignment_offsets", "alignments", 4, "links"),
    **indices("entity_start", "entities"),
    **indices("entity_label", "entities"),
    **indices("alignment_target", "alignments"),
    "label id too large": (
        flat(entity_label=[0, 2]),
        "entities",
        1,
        r"entity 0: expected a label id in \[0, 2\), got 2",
    ),
    "label id negative": (
        flat(entity_label=[-1, 0]),
        "entities",
        0,
        r"entity 0: expected a label id in \[0, 2\), got -1",
    ),
    "label id without labels": (flat(labels=[]), "entities", 0, r"entity 0: expected a label id in \[0, 0\), got 0"),
    "entity outside": (flat(entity_end=[2, 3]), "entities", 1, r"span 0: expected a span inside the 2 source words"),
    "link outside": (
        flat(alignment_source=[0, 1, 2, 2]),
        "alignments",
        1,
        r"link 2-0: expected a source word .* got 2",
    ),
    "links without targets": (
        flat(alignment_target=None),
        None,
        None,
        "alignments: expected .* together, got only some",
    ),
    "fewer strings": (
        flat(source_words=pa.array(["a"] * 4)),
        "source_words",
        1,
        "expected a last offset equal to the 4 words, got 5",
    ),
    "more strings": (
        flat(target_words=pa.array(["a"] * 5)),
        "target_words",
        1,
        "expected a last offset equal to the 5 words, got 4",
    ),
    "null strings": (
        flat(target_words=pa.array(["a", None, "b", "c"])),
        "target_words",
        0,
        "item 1: expected a word, got null",
    ),
    "numbers as strings": (
        flat(target_words=pa.array([1, 2, 3, 4])),
        "target_words",
        None,
        "expected an Arrow string or large_string array, got int64",
    ),
}


def between_addresses(values: list[int]) -> np.ndarray:
    """Return int64 values one byte off where they should lie, as those of a file may."""
    return np.frombuffer(b"." + np.array(values, np.int64).tobytes(), np.int64, len(values), 1)


I64 = np.array([0, 1])
COLUMN_CASES: dict[str, Case] = {
    "int32 offsets": (
        from_columns(source=Words(np.array([0, 3, 5], np.int32))),
        "source_words",
        None,
        "expected .*int64.* got .*int32",
    ),
    "float offsets": (
        from_columns(target=Words(np.array([0.0, 3.0, 4.0]))),
        "target_words",
        None,
        "expected .* got .*float64",
    ),
    "int64 starts": (
        from_columns(
            entities=Entities(np.array([0, 1, 2]), I64, np.array([2, 2], np.int32), np.array([0, 1], np.int32))
        ),
        "entities",
        None,
        "expected .*int32.* got .*int64",
    ),
    "steps": (
        from_columns(target=Words(np.array([0, 9, 3, 9, 4, 9])[::2])),
        "target_words",
        None,
        "expected offsets as a contiguous array, got",
    ),
    "between addresses": (
        from_columns(target=Words(between_addresses([0, 3, 4]))),
        "target_words",
        None,
        "expected offsets as an aligned array, got",
    ),
    "int64 links": (
        from_columns(alignments=Links(np.array([0, 1, 2]), np.array([0, 1]), np.array([0, 0]))),
        "alignments",
        None,
        "expected .*int32.* got .*int64",
    ),
}

NAME_CASES: dict[str, Case] = {
    "names in one string": (flat(labels="PL"), "labels", None, "expected .*, got 'PL'"),
    "empty name": (flat(labels=["PER", ""]), "labels", None, f"{NAME} ''"),
    "number as a name": (flat(labels=["PER", 5]), "labels", None, f"{NAME} 5"),
}

CASES = {
    **ARRAY_CASES,
    **NAME_CASES,
    **{f"columns: {name}": case for name, case in COLUMN_CASES.items()},
}


@pytest.mark.parametrize("name", CASES)
def test_error(name: str) -> None:
    assert_input_error(CASES[name])


def test_the_unchanged_input_is_good() -> None:
    for make in (flat(), from_columns()):
        assert isinstance(make(), SentencePairs)


def test_masked_arrays_are_refused() -> None:
    masked = np.ma.masked_array(np.array([0, 3, 4]), mask=[False, True, False])
    with pytest.raises(InputError, match="target_offsets: expected an array of which every value counts, got a masked"):
        flat(target_offsets=masked)()


def test_arrays_between_addresses_are_moved() -> None:
    for copy in (True, False):
        pairs = flat(target_offsets=between_addresses([0, 3, 4]), copy=copy)()
        assert pairs.target.offsets.tolist() == [0, 3, 4]
        assert pairs.target.offsets.flags.aligned


def test_no_links_need_all_three_arrays() -> None:
    nothing = dict.fromkeys(("alignment_offsets", "alignment_source", "alignment_target"))
    assert flat(**nothing)().alignments is None
