"""Decoding tags and encoding spans equal the reference, and seqeval."""

from __future__ import annotations

import numpy as np
import pytest
import reference.iob as reference
from common import by_sentence, column, offsets_of
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, Entities
from strategies import LABELS, Batch, batches

from xproj_fast.arrays import Spans
from xproj_fast.kernels.protocol import DecodedTags, Kernels
from xproj_fast.tags import TagPrefix, TagScheme

Tag = tuple[str, str]
SCHEMES = {scheme.name.lower(): scheme for scheme in TagScheme}
CLASSES = LABELS[:2]
ALL_TAGS = [("O", ""), *((prefix, label) for prefix in "BIES" for label in CLASSES)]


def sentences_of(prefixes: str) -> st.SearchStrategy[list[list[Tag]]]:
    tags = [tag for tag in ALL_TAGS if tag[0] in prefixes]
    # O and the first class more often: then whole entities come up, too
    return st.lists(st.lists(st.sampled_from([*tags, *tags[:4]]), max_size=8), max_size=4)


@st.composite
def obedient(draw: st.DrawFn, scheme: str) -> list[list[Tag]]:
    """Draw sentences that obey IOB1, IOB2 or BILOU, built entity by entity."""
    sentences = []
    for _ in range(draw(st.integers(0, 4))):
        tags: list[Tag] = []
        for length in draw(st.lists(st.integers(0, 3), max_size=4)):  # 0 = an O
            label = draw(st.sampled_from(CLASSES))
            if length == 0:
                tags.append(("O", ""))
            elif scheme == "bilou":
                prefixes = "S" if length == 1 else "B" + "I" * (length - 2) + "E"
                tags += [(prefix, label) for prefix in prefixes]
            else:
                after_its_class = bool(tags) and tags[-1][0] in "BI" and tags[-1][1] == label
                first = "B" if scheme == "iob2" or after_its_class else "I"
                tags += [(prefix, label) for prefix in first + "I" * (length - 1)]
        sentences.append(tags)
    return sentences


def decode(kernels: Kernels, sentences: list[list[Tag]], scheme: str) -> DecodedTags:
    names = list(reversed(ALL_TAGS))  # ids mean what `prefixes` and `labels` say; O need not be 0
    prefixes = np.array([TagPrefix[prefix] for prefix, _ in names], np.uint8)
    labels = np.array([CLASSES.index(label) if label else -1 for _, label in names], np.int32)
    ids = np.array([names.index(tag) for tags in sentences for tag in tags], np.int32)
    return kernels.decode_tags(offsets_of(sentences), ids, prefixes, labels, SCHEMES[scheme])


def assert_decoded(got: DecodedTags, sentences: list[list[Tag]], scheme: str) -> None:
    """Assert the entities of sentences that obey the scheme, and the first word at fault of each that does not."""
    starts = offsets_of(sentences)[:-1].tolist()
    broken = [reference.broken_word(tags, scheme) for tags in sentences]
    assert got.broken.tolist() == [start + word for start, word in zip(starts, broken, strict=True) if word is not None]
    entities = got.entities
    assert entities.start.dtype == entities.end.dtype == entities.label.dtype == np.int32
    rows = by_sentence(entities.offsets, entities.start, entities.end, entities.label)
    assert [[(a, b, CLASSES[label]) for a, b, label in sentence] for sentence in rows] == [
        reference.decode(tags, scheme) if word is None else [] for tags, word in zip(sentences, broken, strict=True)
    ]


def read(text: str) -> list[Tag]:
    """Read ``O B-a I-a``; a and b stand for the classes."""
    return [(tag[0], CLASSES["ab".index(tag[2])] if len(tag) > 1 else "") for tag in text.split()]


A, B = CLASSES
# tags, scheme -> entities, or the word at fault
HAND = {
    ("B-a I-a O B-a B-a", "iob2"): [(0, 2, A), (3, 4, A), (4, 5, A)],
    ("B-a I-b", "iob2"): 1,
    ("O I-a", "iob2"): 1,
    ("I-a", "iob2"): 0,
    ("B-a S-a", "iob2"): 1,
    ("B-a E-a", "iob2"): 1,
    ("I-a I-a B-a I-b O I-a", "iob1"): [(0, 2, A), (2, 3, A), (3, 4, B), (5, 6, A)],
    ("B-a I-a", "iob1"): 0,
    ("I-b B-a", "iob1"): 1,
    ("I-a O B-a", "iob1"): 2,
    ("B-a I-a E-a S-b S-b B-a E-a", "bilou"): [(0, 3, A), (3, 4, B), (4, 5, B), (5, 7, A)],
    ("B-a I-a", "bilou"): 1,
    ("B-a O", "bilou"): 1,
    ("B-a E-b", "bilou"): 1,
    ("I-a E-a", "bilou"): 0,
    ("B-a B-a E-a", "bilou"): 1,
    ("S-a I-a", "bilou"): 1,
    ("I-a I-a I-b B-b O I-a", "any"): [(0, 2, A), (2, 3, B), (3, 4, B), (5, 6, A)],
    ("B-a E-a E-a I-a S-a I-a", "any"): [(0, 2, A), (2, 3, A), (3, 4, A), (4, 5, A), (5, 6, A)],
    ("I-a B-a I-b I-a B-b I-b I-b O I-b", "iob2_or_drop"): [(1, 2, A), (4, 7, B)],
    ("", "iob2"): [],
}


@pytest.mark.parametrize(("text", "scheme"), HAND)
def test_reference(text: str, scheme: str) -> None:
    expected, tags = HAND[text, scheme], read(text)
    if isinstance(expected, int):
        assert reference.broken_word(tags, scheme) == expected
    else:
        assert reference.broken_word(tags, scheme) is None
        assert reference.decode(tags, scheme) == expected


@pytest.mark.parametrize(("text", "scheme"), HAND)
def test_by_hand(kernels: Kernels, text: str, scheme: str) -> None:
    expected, tags = HAND[text, scheme], read(text)
    got = decode(kernels, [tags], scheme)
    if isinstance(expected, int):
        assert got.broken.tolist() == [expected]
    else:
        e = got.entities
        assert got.broken.tolist() == []
        assert by_sentence(e.offsets, e.start, e.end, e.label) == [
            [(a, b, CLASSES.index(label)) for a, b, label in expected]
        ]


def test_a_later_sentence_at_fault(kernels: Kernels) -> None:
    sentences = [read("B-a I-a"), [], read("O"), read("B-b I-a")]
    assert decode(kernels, sentences, "iob2").broken.tolist() == [4]
    assert decode(kernels, [read("B-a"), read("I-a")], "iob2").broken.tolist() == [1]  # not across sentences
    assert decode(kernels, [read("B-a"), read("E-a")], "bilou").broken.tolist() == [0, 1]


def as_text(tags: list[Tag]) -> list[str]:
    return [prefix if prefix == "O" else f"{prefix}-{label}" for prefix, label in tags]


@given(tags=st.lists(st.sampled_from(ALL_TAGS), max_size=10))
def test_any_is_seqeval(tags: list[Tag]) -> None:
    expected = [(start, end + 1, label) for label, start, end in get_entities(as_text(tags))]
    assert reference.decode(tags, "any") == expected


@given(tags=st.lists(st.sampled_from(ALL_TAGS[:5]), max_size=10))
def test_iob2_or_drop_is_seqeval_strict(tags: list[Tag]) -> None:
    found = Entities([as_text(tags)], IOB2).entities[0]
    assert reference.decode(tags, "iob2_or_drop") == [(e.start, e.end, e.tag) for e in found]


@given(sentences=sentences_of("OBIES"))
def test_decode_any(kernels: Kernels, sentences: list[list[Tag]]) -> None:
    assert_decoded(decode(kernels, sentences, "any"), sentences, "any")


@given(sentences=sentences_of("OBI"))
def test_decode_iob2_or_drop(kernels: Kernels, sentences: list[list[Tag]]) -> None:
    assert_decoded(decode(kernels, sentences, "iob2_or_drop"), sentences, "iob2_or_drop")


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "bilou"])
@given(data=st.data())
def test_decode_obedient(kernels: Kernels, scheme: str, data: st.DataObject) -> None:
    sentences = data.draw(obedient(scheme))
    assert all(reference.obeys(tags, scheme) for tags in sentences)
    assert_decoded(decode(kernels, sentences, scheme), sentences, scheme)


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "bilou"])
@given(data=st.data())
def test_decode_one_change(kernels: Kernels, scheme: str, data: st.DataObject) -> None:
    """One tag of obedient sentences is another: often, but not always, a fault."""
    sentences = data.draw(obedient(scheme))
    places = [(s, w) for s, tags in enumerate(sentences) for w in range(len(tags))]
    if places:
        s, w = data.draw(st.sampled_from(places))
        sentences[s][w] = data.draw(st.sampled_from(ALL_TAGS))
    assert_decoded(decode(kernels, sentences, scheme), sentences, scheme)


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "bilou"])
@given(sentences=sentences_of("OBIES"))
def test_decode_random(kernels: Kernels, scheme: str, sentences: list[list[Tag]]) -> None:
    assert_decoded(decode(kernels, sentences, scheme), sentences, scheme)


@given(batch=batches(nested=False))
def test_encode(kernels: Kernels, batch: Batch) -> None:
    offsets = offsets_of(batch.source)
    spans = Spans(offsets_of(batch.entities), column(batch.entities, 0), column(batch.entities, 1))
    labels = np.array([LABELS.index(e[2]) for sentence in batch.entities for e in sentence], np.int32)
    ids = kernels.encode_iob2(offsets, spans, labels, len(LABELS))
    assert ids.dtype == np.int32
    names = ["O", *(prefix + label for label in LABELS for prefix in ("B-", "I-"))]
    expected = [
        reference.encode(len(words), entities) for words, entities in zip(batch.source, batch.entities, strict=True)
    ]
    assert [names[tag] for tag in ids.tolist()] == [tag for tags in expected for tag in tags]
    assert kernels.tags_to_lists(offsets, ids, names) == expected


@given(batch=batches(nested=False))
def test_decode_undoes_encode(kernels: Kernels, batch: Batch) -> None:
    offsets = offsets_of(batch.source)
    spans = Spans(offsets_of(batch.entities), column(batch.entities, 0), column(batch.entities, 1))
    labels = np.array([LABELS.index(e[2]) for sentence in batch.entities for e in sentence], np.int32)
    ids = kernels.encode_iob2(offsets, spans, labels, len(LABELS))
    prefixes = np.array([TagPrefix.O, *[TagPrefix.B, TagPrefix.I] * len(LABELS)], np.uint8)
    classes = np.array([-1, *(k // 2 for k in range(2 * len(LABELS)))], np.int32)
    for scheme in (TagScheme.IOB2, TagScheme.IOB2_OR_DROP, TagScheme.ANY):
        got, broken = kernels.decode_tags(offsets, ids, prefixes, classes, scheme)
        assert broken.tolist() == []
        assert got.offsets.tolist() == spans.offsets.tolist()
        assert got.start.tolist() == spans.start.tolist()
        assert got.end.tolist() == spans.end.tolist()
        assert got.label.tolist() == labels.tolist()
