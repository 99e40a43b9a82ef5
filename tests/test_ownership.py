"""What was checked once stays as it was: nobody can write to a record, and what writes by index looks itself."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from test_pairs import arrays, example

from xproj_fast import candidates, project
from xproj_fast.arrays import (
    Entities,
    LearnedRows,
    Links,
    Matches,
    PairScores,
    Pieces,
    Record,
    Spans,
    WordProbabilities,
    Words,
)
from xproj_fast.errors import InputError
from xproj_fast.formats.files import read_sentences
from xproj_fast.formats.pharaoh import write_pharaoh
from xproj_fast.kernels.protocol import Kernels
from xproj_fast.models.alignment import Alignment
from xproj_fast.models.tagging import Tagged
from xproj_fast.models.translation import TokenScores
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.text.folding import folded_words
from xproj_fast.text.word_shapes import word_shapes
from xproj_fast.text.word_types import word_types

I64, I32, F32 = (lambda *v, t=t: np.array(v, t) for t in (np.int64, np.int32, np.float32))
ROUND_TRIPS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda record: pickle.loads(pickle.dumps(record)),
    "old pickle": lambda record: pickle.loads(pickle.dumps(record, protocol=2)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "replace": lambda record: replace(record) if is_dataclass(record) else record,
}
WORDS = Words(I64(0, 1, 2), pa.array(["a", "b"]), pa.array(["a", "b"]), I32(0, 0), I32(1, 1))
ENTITIES = Entities(I64(0, 1, 2), I32(0, 0), I32(1, 1), I32(0, 0))
LINKS = Links(I64(0, 1, 2), I32(0, 0), I32(0, 0))
PROBABILITIES = WordProbabilities(I64(0, 1, 2), np.full((2, 2), 0.5, np.float32), ("O", "B-PER"))
RECORDS: dict[str, Callable[[], Any]] = {
    "Words": lambda: WORDS,
    "Spans": lambda: Spans(I64(0, 1), I32(0), I32(1)),
    "Entities": lambda: ENTITIES,
    "Links": lambda: LINKS,
    "WordProbabilities": lambda: PROBABILITIES,
    "Pieces": lambda: Pieces(I64(0, 1), I32(5), I32(0)),
    "PairScores": lambda: PairScores(I64(0, 1), F32(0.5)),
    "Matches": lambda: project(example()).matches,
    "TokenScores": lambda: TokenScores(I64(0, 1), F32(-0.5)),
    "Alignment": lambda: Alignment(LINKS, F32(1, 1), {}),
    "Tagged": lambda: Tagged(WORDS, ENTITIES, F32(1, 1), ("PER",), PROBABILITIES, I64(), {}),
    "SentencePairs": lambda: example(ids=["x", "y"]),
    "sure pairs": lambda: sure(example()),
    "some sure pairs": lambda: sure(example())[1:],
    "from_arrays": lambda: SentencePairs.from_arrays(**arrays()),
    "from_arrays(copy=False)": lambda: SentencePairs.from_arrays(**arrays(), copy=False),
    "Projection": lambda: project(example()),
    "LabelledSentences": lambda: project(example()).labelled(),
    "ngrams": lambda: candidates.ngrams(example()),
    "WordTypes": lambda: word_types(WORDS),
    "FoldedWords": lambda: folded_words(["a", "ß"]),
    "WordShapes": lambda: word_shapes(WORDS),
    "LearnedRows": lambda: LearnedRows(I64(0), np.zeros((1, 2), np.float32)),
}


def sure(pairs: SentencePairs) -> SentencePairs:
    """Return pairs whose entities have confidences."""
    return replace(pairs, source_confidence=np.linspace(0, 1, len(pairs.entities.start), dtype=np.float32))


def arrays_in(value: Any, name: str) -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(value, np.ndarray):
        yield name, value
    elif is_dataclass(value):
        for field in fields(value):
            yield from arrays_in(getattr(value, field.name), f"{name}.{field.name}")


def plain(value: Any, name: str = "") -> list[Any]:
    return [(path, array.dtype, array.tolist()) for path, array in arrays_in(value, name)]


@pytest.mark.parametrize("how", ROUND_TRIPS)
@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_read_only_and_stays_so(name: str, how: str) -> None:
    made = RECORDS[name]()
    record = ROUND_TRIPS[how](made)
    assert type(record) is type(made)
    assert plain(record) == plain(made)
    assert plain(record)
    for path, array in arrays_in(record, name):
        for view in (array, array[:], array[1:], array.reshape(-1), array[()], array.T):
            with pytest.raises(ValueError, match=r"read-only|WRITEABLE"):
                view[...] = 0
            assert not view.flags.writeable, path


def test_every_record_is_listed_here() -> None:
    def below(kind: type) -> Iterator[type]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    made = {type(make()).__name__ for make in RECORDS.values()}
    assert {kind.__name__ for kind in below(Record)} - {"Sentences"} <= made


def test_sentences_that_were_read(tmp_path: Any) -> None:
    path = tmp_path / "x.conll"
    path.write_text("John B-PER\n\n")
    sentences = read_sentences(path)
    assert not [name for name, array in arrays_in(sentences, "") if array.flags.writeable]
    assert not [name for name, array in arrays_in(pickle.loads(pickle.dumps(sentences)), "") if array.flags.writeable]


def test_a_projection_keeps_its_labels_read_only() -> None:
    result = project(example())
    result.tags()
    for projection in (result, pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        with pytest.raises(ValueError, match="read-only"):
            projection.label[0] = 10**9


def spoilt(given: dict[str, Any]) -> None:
    for value in given.values():
        if isinstance(value, np.ndarray):
            value[:] = 10**9


def test_what_the_caller_writes_later_changes_nothing(backend: str) -> None:
    given = arrays()
    pairs = SentencePairs.from_arrays(**given)
    before = project(pairs, backend=backend).tags()
    spoilt(given)
    assert plain(pairs) == plain(SentencePairs.from_arrays(**arrays()))
    assert project(pairs, backend=backend).tags() == before


def test_records_and_links_are_copied_too() -> None:
    a = arrays()
    pairs = SentencePairs.from_columns(
        Words(a["source_offsets"]),
        Words(a["target_offsets"]),
        Entities(a["entity_offsets"], a["entity_start"], a["entity_end"], a["entity_label"]),
        a["labels"],
    ).with_alignments(Links(a["alignment_offsets"], a["alignment_source"], a["alignment_target"]))
    spoilt(a)
    assert plain(pairs) == plain(SentencePairs.from_arrays(**arrays()))


def test_given_candidates_are_copied_unless_told() -> None:
    offsets, start, end = I64(0, 1, 2), I32(0, 0), I32(2, 1)
    pairs = example()
    own = candidates.given(pairs, offsets, start, end)
    shared = candidates.given(pairs, offsets, start, end, copy=False)
    start[:] = 5
    assert own.start.tolist() == [0, 0]
    assert shared.start.tolist() == [5, 5]


def test_shared_arrays_stay_the_callers() -> None:
    given = arrays()
    SentencePairs.from_arrays(**given, copy=False)
    assert all(value.flags.writeable for value in given.values() if isinstance(value, np.ndarray))


# What writes by index looks itself: arrays that were shared may have changed, and a Projection can be made by hand.


def test_labels_of_pairs_whose_shared_arrays_were_changed(backend: str) -> None:
    for name, value in (("entity_label", 10**9), ("entity_label", -1), ("target_offsets", -1)):
        given = arrays()
        pairs = SentencePairs.from_arrays(**given, copy=False)
        result = project(pairs, backend=backend)
        given[name][1:] = value
        with pytest.raises(InputError, match=r"^matches: .*expected"):
            result.tags()


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "start below 0": (
        {"start": I32(-1, 0)},
        r"span 0: expected one inside its sentence with a label in \[0, 2\), got \[-1, 3\)",
    ),
    "end beyond": ({"end": I32(3, 10**9)}, r"span 1: expected one inside .*, got \[0, 1000000000\)"),
    "end in the next sentence": ({"end": I32(4, 1)}, r"span 0: expected one inside .*, got \[1, 4\)"),
    "empty": ({"end": I32(1, 1)}, r"span 0: expected .*, got \[1, 1\)"),
    "offsets backwards": ({"offsets": I64(0, 5, 2)}, "expected offsets that start at 0, never decrease and end at 2"),
    "offsets too far": ({"offsets": I64(0, 1, 10**12)}, "expected offsets .* end at 2"),
    "fewer sentences": ({"offsets": I64(0, 2)}, "expected spans of as many sentences as words"),
    "fewer ends": ({"end": I32(3)}, "expected .* one label per span"),
}


def broken_spans(**changes: Any) -> Spans:
    return replace(Spans(I64(0, 1, 2), I32(1, 0), I32(3, 1)), **changes)


@pytest.mark.parametrize("name", BROKEN)
def test_tags_are_written_inside_their_sentence_only(kernels: Kernels, name: str) -> None:
    changes, message = BROKEN[name]
    with pytest.raises(IndexError, match=f"^{message}"):
        kernels.encode_iob2(I64(0, 3, 4), broken_spans(**changes), I32(0, 1), 2)


@pytest.mark.parametrize("label", [-1, 2, 2**31 - 1])
def test_labels_without_a_tag(kernels: Kernels, label: int) -> None:
    with pytest.raises(IndexError, match=f"^span 1: expected .* with label {label}$"):
        kernels.encode_iob2(I64(0, 3, 4), broken_spans(), I32(0, label), 2)


@pytest.mark.parametrize("offsets", [[], [1, 3, 4], [0, 5, 4], [0, -3, 4]])
def test_tags_of_no_words(kernels: Kernels, offsets: list[int]) -> None:
    with pytest.raises(IndexError, match=r"^expected offsets that start at 0"):
        kernels.encode_iob2(I64(*offsets), broken_spans(), I32(0, 1), 2)


@pytest.mark.parametrize("tag", [-1, 3, 10**9])
def test_tags_without_a_name(kernels: Kernels, tag: int) -> None:
    with pytest.raises(IndexError, match=rf"^word 1: expected a tag id in \[0, 3\), got {tag}$"):
        kernels.tags_to_lists(I64(0, 1, 2), I32(0, tag), ["O", "B-PER", "I-PER"])


@pytest.mark.parametrize("offsets", [[], [0, 1, 3], [0, 5, 2], [1, 2, 2]])
def test_tag_lists_of_other_words(kernels: Kernels, offsets: list[int]) -> None:
    with pytest.raises(IndexError, match=r"^expected offsets that start at 0, never decrease and end at 2"):
        kernels.tags_to_lists(I64(*offsets), I32(0, 0), ["O"])


def test_a_projection_made_by_hand(backend: str) -> None:
    result = project(example(), backend=backend)
    far = replace(result.matches, end=np.full(2, 10**9, np.int32))
    with pytest.raises(InputError, match=r"^matches: span 0: expected one inside its sentence"):
        Projection(result.pairs, far, result.options).tags()


def test_links_that_do_not_fit_are_not_written(tmp_path: Any) -> None:
    for links, message in (
        (Links(I64(0, 10**9), I32(0), I32(0)), "a last offset equal to the 1 links"),
        (Links(I64(0, 1), I32(0), I32()), "arrays of one length"),
        (Links(I64(0, 1), I64(0), I32(0)), r"source as int32\[n\]"),
        (Links(I64(0, 1), I32(-1), I32(0)), "word indices of 0 or more, got -1"),
        ([(0, 0)], "Links, got list"),
    ):
        with pytest.raises(InputError, match=f"^alignments: .*expected {message}"):
            write_pharaoh(links, tmp_path / "x.pharaoh")
    assert not list(tmp_path.iterdir())


# Matches has columns that neither pairs nor candidates have: nothing reads them by index but the above.
def test_matches_columns() -> None:
    assert {field.name for field in fields(Matches)} == {
        *("offsets", "entity", "start", "end", "score", "objective", "status", "outcome", "proof")
    }
