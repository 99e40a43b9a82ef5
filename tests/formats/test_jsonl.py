# ruff: noqa: RUF001 - typographic quotes and other scripts are what is tested
from __future__ import annotations

import gc
import gzip
import json
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from xproj_fast.arrays import Entities, Matches, Words
from xproj_fast.errors import InputError
from xproj_fast.formats.jsonl import JsonlOptions, JsonlReader
from xproj_fast.formats.jsonl_writer import jsonl_bytes
from xproj_fast.formats.sentences import Sentences
from xproj_fast.labelled import LabelledSentences
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.projector import project
from xproj_fast.text.words import split_words

in_tmp_path = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
EVERYTHING = 10**9
BERLIN = "Angela Merkel visited Berlin."


# A reader closes its file at the end; where a test stops before, the garbage collector does, and Python says so.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module", autouse=True)
def close_files() -> Iterator[None]:
    """Let no later module meet the warnings of this one."""
    yield
    gc.collect()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.jsonl"


def write(path: Path, *records: Any) -> Path:
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records]
    path.write_bytes("".join(line + "\n" for line in lines).encode())
    return path


def read(path: Path, *, entities: bool = True, **options: Any) -> Sentences:
    return JsonlReader(path, JsonlOptions(**options), entities=entities).read(EVERYTHING)


def spans(sentences: Sentences) -> list[list[tuple[int, int, str]]]:
    e = sentences.entities
    assert e is not None
    assert [c.dtype for c in (e.offsets, e.start, e.end, e.label)] == [np.int64] + [np.int32] * 3
    flat = [
        (a, b, sentences.labels[x]) for a, b, x in zip(e.start.tolist(), e.end.tolist(), e.label.tolist(), strict=True)
    ]
    return [flat[a:b] for a, b in zip(e.offsets[:-1], e.offsets[1:], strict=True)]


def words_of(text: str) -> list[str]:
    return [text[a:b] for a, b in split_words(text)]


ENTITY_SHAPES = {
    "doccano, old": {"label": [[22, 28, "LOC"], [0, 13, "PER"]]},
    "doccano, newer": {"labels": [[0, 13, "PER"], [22, 28, "LOC"]]},
    "spaCy, Prodigy": {
        "spans": [
            {"start": 0, "end": 13, "label": "PER", "token_start": 0, "token_end": 1},
            {"start": 22, "end": 28, "label": "LOC"},
        ]
    },
    "doccano export": {
        "entities": [
            {"id": 4, "start_offset": 22, "end_offset": 28, "label": "LOC"},
            {"id": 5, "start_offset": 0, "end_offset": 13, "label": "PER"},
        ],
        "relations": [],
        "label": "not a list, and not looked at",
    },
}


@pytest.mark.parametrize("shape", ENTITY_SHAPES)
def test_entity_shapes(path: Path, shape: str) -> None:
    got = read(write(path, {"text": BERLIN, **ENTITY_SHAPES[shape]}))
    assert got.words.to_lists() == [["Angela", "Merkel", "visited", "Berlin", "."]]
    assert spans(got) == [[(0, 2, "PER"), (3, 4, "LOC")]]
    assert got.labels == ("PER", "LOC")
    assert got.ids is None
    words = got.words
    assert words.texts.to_pylist() == [BERLIN]
    assert words.text_start is not None
    assert words.text_end is not None
    assert words.text_start.dtype == words.text_end.dtype == np.int32
    assert words.text_start.tolist() == [0, 7, 14, 22, 28]
    assert words.text_end.tolist() == [6, 13, 21, 28, 29]
    assert words.offsets.dtype == np.int64


def test_keys_of_ones_own(path: Path) -> None:
    write(path, {"t": "a b", "n": [[0, 1, "X"]], "w": ["a b"], "i": 3, "id": {}, "entities": 7, "tokens": 7})
    got = read(path, text_key="t", entities_key="n", tokens_key=None, id_key="i")
    assert (got.words.to_lists(), spans(got)) == ([["a", "b"]], [[(0, 1, "X")]])
    assert got.ids.to_pylist() == ["3"]
    got = read(path, entities=False, text_key="t", tokens_key="w", id_key=None)
    assert (got.words.to_lists(), got.entities, got.ids) == ([["a b"]], None, None)


def test_tokens(path: Path) -> None:
    text = "Don't  go, 東京!\u200b"
    dicts = [{"text": t, "start": text.index(t), "end": text.index(t) + len(t)} for t in ("Do", "n't", "go")]
    write(
        path,
        {"text": text, "tokens": ["Do", "n't", "go", ",", "東京", "!"], "label": [[11, 13, "LOC"]]},
        {"text": text, "tokens": ["Do", "n't", "  ", "go, 東京!\u200b"], "label": []},
        {"text": text, "tokens": dicts, "label": []},  # explicit offsets may leave words out
        {"text": "a b", "tokens": [{"start": 0, "end": 3}], "label": [[0, 3, "X"]]},
        {"text": "a \t", "tokens": ["a"], "label": []},
        {"text": " ", "tokens": [], "label": []},
    )
    got = read(path)
    assert got.words.to_lists() == [
        ["Do", "n't", "go", ",", "東京", "!"],
        ["Do", "n't", "  ", "go, 東京!\u200b"],
        ["Do", "n't", "go"],
        ["a b"],
        ["a"],
        [],
    ]
    assert spans(got) == [[(4, 5, "LOC")], [], [], [(0, 1, "X")], [], []]


def test_offsets_are_code_points(path: Path) -> None:
    text = "😀 Zoe\u0308 in Öl"
    assert text[2:6] == "Zoe\u0308"
    raw = json.dumps({"text": text, "label": [[2, 6, "PER"], [10, 12, "X"]]})  # ASCII: surrogate pairs are fine
    assert "\\ud83d\\ude00" in raw
    got = read(write(path, raw))
    assert got.words.to_lists() == [["😀", "Zoe\u0308", "in", "Öl"]]
    assert spans(got) == [[(1, 2, "PER"), (3, 4, "X")]]


def test_white_space_at_the_ends_of_an_entity(path: Path) -> None:
    got = read(write(path, {"text": " in Bonn ", "label": [[3, 9, "LOC"]]}))
    assert spans(got) == [[(1, 2, "LOC")]]


def test_entities_are_sorted_and_may_overlap(path: Path) -> None:
    write(path, {"text": "a b c", "label": [[2, 5, "X"], [0, 5, "Y"], [2, 3, "Z"], [0, 5, "A"]]})
    got = read(path)
    assert spans(got) == [[(0, 3, "Y"), (0, 3, "A"), (1, 2, "Z"), (1, 3, "X")]]
    assert got.labels == ("Y", "A", "Z", "X")
    arguments = got.words, got.words, got.entities, got.labels
    assert SentencePairs.from_columns(*arguments, nested=True)
    with pytest.raises(InputError, match="share no word"):
        SentencePairs.from_columns(*arguments)


def test_snap(path: Path) -> None:
    text = "Non-Berliners met the Ex-Berliners"
    write(path, {"text": text, "label": [[4, 10, "LOC"], [14, 17, "O"]]}, {"text": text, "label": [[25, 27, "LOC"]]})
    reader = JsonlReader(path, JsonlOptions(snap=True))
    assert spans(reader.read(1)) == [[(0, 1, "LOC"), (1, 2, "O")]]
    assert reader.snapped == 1
    assert spans(reader.read(1)) == [[(3, 4, "LOC")]]
    assert reader.snapped == 2

    message = (
        r"x\.jsonl:1: expected entities that start and end with a word, got label\[0\] \[4, 10\) 'Berlin', which cuts "
        r"'Non-Berliners' \[0, 13\) \(--snap widens it to whole words\)"
    )
    with pytest.raises(InputError, match=message):
        read(path)
    write(path, {"text": text, "label": [[4, 24, "LOC"]]})
    with pytest.raises(InputError, match=r"cuts 'Non-Berliners' \[0, 13\) and 'Ex-Berliners' \[22, 34\) \("):
        read(path)


def test_chunks_and_labels_grow(path: Path) -> None:
    records = [{"id": i, "text": "x y", "label": [[0, 1, f"L{i // 3}"]] * (i % 2)} for i in range(11)]
    path.write_text("\n\n" + "\r\n  \t\r\n".join(map(json.dumps, records)))  # no line break at the end
    reader = JsonlReader(path)
    chunks = [reader.read(4) for _ in range(4)]
    assert [len(chunk) for chunk in chunks] == [4, 4, 3, 0]
    assert [chunk.labels for chunk in chunks] == [
        ("L0", "L1"),
        ("L0", "L1", "L2"),
        ("L0", "L1", "L2", "L3"),
        ("L0", "L1", "L2", "L3"),
    ]
    assert [i for chunk in chunks[:3] for i in chunk.ids.to_pylist()] == [str(i) for i in range(11)]
    assert chunks[3].ids is None
    assert [n for chunk in chunks for n in chunk.lines.tolist()] == list(range(3, 25, 2))
    whole = read(path)
    assert spans(whole) == [s for chunk in chunks for s in spans(chunk)]
    assert whole.lines.tolist() == list(range(3, 25, 2))
    assert reader.share_read == 1


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"  "])
def test_no_records(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    got = read(path)
    assert (len(got), got.labels, got.ids, got.words.to_lists()) == (0, (), None, [])
    assert spans(got) == []


def test_compressed_with_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b'\xef\xbb\xbf{"text": "a"}\n'))
    assert read(path, entities=False).words.to_lists() == [["a"]]


def test_lines_longer_than_a_block_cost_linear_time(path: Path) -> None:
    text = "ab " * 3_000_000  # two blocks
    write(path, {"text": "x"}, {"text": text, "tokens": [{"start": 0, "end": 2}]}, {"text": "y\u2028z\u0085"})
    got = read(path, entities=False)  # a second; hours where each byte starts a search for the line's end
    assert got.words.to_lists() == [["x"], ["ab"], ["y", "z"]]
    assert got.lines.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("O'Neill, of the U.S., met Jean-Luc.", "O'Neill|,|of|the|U.S|.|,|met|Jean-Luc|."),
        ("Obama's and Obama’s 'Sunday' boys'", "Obama|'s|and|Obama|’s|'|Sunday|'|boys|'"),
        (
            "l'Italia, L’Oréal, dell'Arte, d'Emmanuel, aujourd'hui",
            "l'|Italia|,|L’|Oréal|,|dell'|Arte|,|d'|Emmanuel|,|aujourd'hui",
        ),
        ("3.14 1,000 a_b (x) -- x- -y", "3.14|1|,|000|a|_|b|(|x|)|-|-|x|-|-|y"),
        ("भारत की राजधानी नई दिल्ली।", "भारत|की|राजधानी|नई|दिल्ली|।"),
        ("می\u200cخواهم تهران\u200c", "می\u200cخواهم|تهران"),
        ("col·lega צה״ל", "col·lega|צה״ל"),
        ("東京タワーに行く。서울에서", "東|京|タ|ワ|ー|に|行|く|。|서울에서"),
        ("กรุงเทพ", "ก|รุ|ง|เ|ท|พ"),
        ("cafe\u0301 ❤\ufe0f €5", "cafe\u0301|❤\ufe0f|€|5"),
        ("\ufeffa\u200bb\u00a0c\u3000d\te\n", "a|b|c|d|e"),
        ("", ""),
    ],
)
def test_split_words(text: str, words: str) -> None:
    assert words_of(text) == (words.split("|") if words else [])


@given(
    st.text(
        st.sampled_from("aé\u0301ß1'’-. _,l\u200c\u200d\u00ad日กุ😀\n\u200b") | st.characters(exclude_categories=["Cs"])
    )
)
@example("l'l'l's's'-'s")
def test_split_words_cover_all_that_is_visible(text: str) -> None:
    end = 0
    for start, stop in [*split_words(text), (len(text), len(text))]:
        assert all(c.isspace() or unicodedata.category(c) == "Cf" for c in text[end:start])
        end = stop
    for start, stop in split_words(text):
        assert start < stop
        assert not any(c.isspace() for c in text[start:stop])


ERRORS: list[tuple[str | dict[str, Any], str]] = [
    ("{", r"expected one JSON object a line, got invalid JSON: .* at column 2"),
    ('{"text": "a"} {}', r"invalid JSON: Extra data at column 15"),
    ("[1]", r"expected one JSON object a line, got \[1\]"),
    ('{"text": "a", "x": ' + "9" * 5000 + "}", r"got JSON that cannot be read: "),
    ("[" * 100_000, r"got JSON that cannot be read: "),
    (
        {"label": []},
        r"expected a string under 'text' \(or words under 'tokens'\), got an object with the keys \['label'\]",
    ),
    ({"text": None, "label": []}, r"expected a string under 'text', got None"),
    (
        {"text": "a"},
        r"expected a list of entities under one of entities, spans, label, labels, ents, ner_tags, tags, got an object",
    ),
    ({"text": "a", "label": None}, r"expected a list of entities under 'label', got None"),
    ({"text": "a", "label": {}}, r"expected a list of entities under 'label', got {}"),
    ({"text": "a b", "label": [[0, 4, "X"]]}, r"label\[0\] to have 0 <= start < end <= 3 characters, got \[0, 4\)"),
    ({"text": "a b", "label": [[-1, 1, "X"]]}, r"got \[-1, 1\)"),
    ({"text": "a b", "label": [[1, 1, "X"]]}, r"got \[1, 1\)"),
    ({"text": "a b", "label": [[0, 10**30, "X"]]}, r"got \[0, 1000"),
    ({"text": "a b", "label": [[0, 1, "X"], [0, 1]]}, r"expected label\[1\] to be \[start, end, label\] or an object"),
    ({"text": "a b", "label": [[0, 1, "X", 1]]}, r"start_offset/end_offset/label, got \[0, 1, 'X', 1\]"),
    ({"text": "a b", "label": [[False, True, "X"]]}, r"got \[False, True, 'X'\]"),
    ({"text": "a b", "label": [[0.0, 1.0, "X"]]}, r"got \[0.0, 1.0, 'X'\]"),
    ({"text": "a b", "label": [[0, 1, 7]]}, r"got \[0, 1, 7\]"),
    ({"text": "a b", "label": ["ab"]}, r"expected label\[0\] to be .*, got 'ab'"),
    ({"text": "a b", "label": [{"start": 0, "end_offset": 1, "label": "X"}]}, r"expected label\[0\] to be"),
    ({"text": "a b", "label": [{"start": 0, "end": 1}]}, r"got {'start': 0, 'end': 1}"),
    ({"text": "a b", "label": [[0, 1, ""]]}, r"expected a label without white space, got ''"),
    ({"text": "a b", "label": [[0, 1, "New York"]]}, r"expected a label without white space, got 'New York'"),
    ({"text": "a b", "label": [[1, 2, "X"]]}, r"whole words, got label\[0\] \[1, 2\) ' ', where no words are"),
    ({"text": "abc", "label": [[1, 2, "X"]]}, r"which cuts 'abc' \[0, 3\) \(--snap"),
    (
        {"text": "a b", "label": [[0, 3, "X"]], "tokens": [{"start": 0, "end": 1}]},
        r"whole words, got label\[0\] \[0, 3\) 'a b', where no words are",
    ),
    ('{"text": "a\\ud800b", "label": []}', r"text under 'text', got the lone surrogate U\+D800 at character 1"),
    ('{"text": "a\\u0000b", "label": []}', r"text under 'text', got a NUL at character 1"),
    ('{"text": "a", "label": [[0, 1, "\\udfff"]]}', r"text under 'label', got the lone surrogate U\+DFFF"),
    ('{"text": "a", "label": [], "id": "\\u0000"}', r"text under 'id', got a NUL at character 0"),
    ({"text": "a", "label": [], "id": True}, r"expected a string or whole number under 'id', got True"),
    ({"text": "a", "label": [], "id": 1.5}, r"under 'id', got 1.5"),
    ({"text": "a", "label": [], "tokens": None}, r"expected a list of words under 'tokens', got None"),
    ({"text": "a", "label": [], "tokens": [1]}, r"expected tokens\[0\] to be a string or an object .*, got 1"),
    ({"text": "a", "label": [], "tokens": [{"start": True, "end": 1}]}, r"expected tokens\[0\] to be a string"),
    ({"text": "bar a", "label": [], "tokens": ["a"]}, r"expected tokens\[0\] to be next in the text, 'bar a', got 'a'"),
    ({"text": "a a", "label": [], "tokens": ["a", "a", "a"]}, r"expected tokens\[2\] to be next in the text, '', got"),
    ({"text": "a", "label": [], "tokens": ["", "a"]}, r"expected tokens\[0\] to be next in the text"),
    ({"text": "a b", "label": [], "tokens": ["a"]}, r"expected tokens to reach the end of the text, got none for ' b'"),
    ({"text": "a", "label": [], "tokens": []}, r"expected tokens to reach the end of the text"),
    (
        {"text": "a b", "label": [], "tokens": [{"start": 2, "end": 3}, {"start": 0, "end": 1}]},
        r"expected tokens\[1\] to be a part of characters \[3, 3\), got \[0, 1\)",
    ),
    ({"text": "a", "label": [], "tokens": [{"start": 1, "end": 1}]}, r"got \[1, 1\)"),
    (
        {"text": "a b", "label": [], "tokens": [{"text": "b", "start": 0, "end": 1}]},
        r"expected tokens\[0\] to be characters \[0, 1\) of the text, 'a', got 'b' \(offsets count Unicode",
    ),
]


@pytest.mark.parametrize(("record", "message"), ERRORS)
def test_errors(path: Path, record: str | dict[str, Any], message: str) -> None:
    fine = {"text": "a", "label": []}
    write(path, fine, "", fine, record)
    reader = JsonlReader(path)
    assert len(reader.read(2)) == 2
    with pytest.raises(InputError, match=message) as caught:
        reader.read(2)
    assert str(caught.value).startswith(f"{path}:4: expected ")
    assert caught.value.sentence == 2


def test_ids_are_all_or_none(path: Path) -> None:
    write(path, {"text": "a", "id": "x"}, {"text": "a", "id": None})
    with pytest.raises(InputError, match=r"x\.jsonl:2: expected an id under 'id' as in the records before, got none"):
        read(path, entities=False)
    write(path, {"text": "a"}, {"text": "a", "id": 0})
    reader = JsonlReader(path, entities=False)
    reader.read(1)
    with pytest.raises(InputError, match=r"x\.jsonl:2: expected no id under 'id' as in the records before, got 0"):
        reader.read(1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"text": "a"}\n{"text": "\xff"}\n', r"x\.jsonl:2: expected UTF-8"),
        (b'{"text": "a"}\n{"text": "\0"}\n', r"x\.jsonl:2: expected text, got a NUL"),
    ],
)
def test_bytes_that_are_no_text(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read(path, entities=False)


def same(a: Sentences, words: Words, spans_: list[list[tuple[int, int, str]]]) -> None:
    assert a.words.to_lists() == words.to_lists()
    assert spans(a) == spans_


@st.composite
def sentences_of(draw: st.DrawFn) -> tuple[list[list[str]], list[list[tuple[int, int, str]]]]:
    """Draw words of any characters and disjoint entities."""
    character = st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from('a"\\ \u2028\u200b')
    lists = draw(st.lists(st.lists(st.text(character, min_size=1, max_size=4), max_size=5), max_size=5))
    entities = []
    for words in lists:
        cuts = sorted(draw(st.sets(st.integers(0, len(words)))))
        entities.append([(a, b, draw(st.sampled_from(["PER", "LÖC"]))) for a, b in pairwise(cuts)])
    return lists, entities


@in_tmp_path
@given(sentences_of(), st.booleans())
def test_round_trip_of_words(
    path: Path, drawn: tuple[list[list[str]], list[list[tuple[int, int, str]]]], with_ids: bool
) -> None:
    lists, entities = drawn
    pairs = SentencePairs.from_lists(lists, lists, entities, ids=list(range(len(lists))) if with_ids else None)
    path.write_bytes(jsonl_bytes(LabelledSentences(pairs.source, pairs.entities, pairs.labels, pairs.ids)))
    got = read(path)
    same(got, pairs.source, entities)
    assert got.words.texts.to_pylist() == [" ".join(words) for words in lists]
    assert (None if got.ids is None else got.ids.to_pylist()) == (
        [str(i) for i in range(len(lists))] if with_ids and lists else None
    )


@in_tmp_path
@given(st.lists(st.text(st.sampled_from("ab'.- \u0301日\u200b😀"), max_size=12), max_size=5), st.data())
def test_round_trip_of_raw_text(path: Path, texts: list[str], data: st.DataObject) -> None:
    write(path, *({"text": text} for text in texts))
    words = read(path, entities=False).words
    entities = []
    for sentence in words.to_lists():
        cuts = sorted(data.draw(st.sets(st.integers(0, len(sentence)))))
        entities.append([(a, b, "X") for a, b in pairwise(cuts)])
    path.write_bytes(jsonl_bytes(LabelledSentences(words, flat_entities(entities), ("X",))))
    for options in ({}, {"tokens_key": None}):
        got = read(path, **options)
        same(got, words, entities)
        assert got.words.texts.to_pylist() == texts
        assert got.words.text_start is not None
        assert got.words.text_start.tolist() == ([] if words.text_start is None else words.text_start.tolist())


def flat_entities(entities: Sequence[Sequence[tuple[int, int, str]]]) -> Entities:
    flat = [e for sentence in entities for e in sentence]
    return Entities(
        np.cumsum([0, *map(len, entities)], dtype=np.int64),
        np.array([e[0] for e in flat], np.int32),
        np.array([e[1] for e in flat], np.int32),
        np.zeros(len(flat), np.int32),
    )


def projected(ids: list[Any] | None = None) -> Projection:
    pairs = SentencePairs.from_lists(
        [["Anna", "saw", "Rome"], []],
        [["In", "Rom", "Anna", "war"], []],
        [[(0, 1, "PER"), (2, 3, "LOC")], []],
        [[(0, 2), (2, 0), (2, 1)], []],
        ids=ids,
    )
    return project(pairs)


def test_written_records() -> None:
    lines = jsonl_bytes(projected([7, 8]).labelled()).decode().splitlines()
    assert json.loads(lines[0]) == {
        "id": 7,
        "text": "In Rom Anna war",
        "entities": [
            {"start": 0, "end": 6, "label": "LOC", "score": 1.3333334},
            {"start": 7, "end": 11, "label": "PER", "score": 1.0},
        ],
        "tokens": [
            {"text": "In", "start": 0, "end": 2, "id": 0},
            {"text": "Rom", "start": 3, "end": 6, "id": 1},
            {"text": "Anna", "start": 7, "end": 11, "id": 2},
            {"text": "war", "start": 12, "end": 15, "id": 3},
        ],
    }
    assert json.loads(lines[1]) == {"id": 8, "text": "", "entities": [], "tokens": []}
    assert jsonl_bytes(projected().labelled()).startswith(b'{"text": "In Rom')


def test_ids_of_other_types() -> None:
    records = map(json.loads, jsonl_bytes(projected([1.5, None]).labelled()).splitlines())
    assert [record.get("id") for record in records] == ["1.5", None]


def test_what_cannot_be_written() -> None:
    empty = SentencePairs.from_lists([["a"], ["a"]], [["a"], ["a", ""]], [[], []], [[], []])
    with pytest.raises(InputError, match=r"words: sentence 1: JSONL output needs words that are not empty"):
        jsonl_bytes(project(empty).labelled())
    result = projected()
    m = result.matches
    infinite = Matches(m.offsets, m.entity, m.start, m.end, m.score * np.inf, m.objective, m.status, m.outcome)
    with pytest.raises(InputError, match=r"scores: sentence 0: JSONL output needs finite scores"):
        jsonl_bytes(Projection(result.pairs, infinite, result.options).labelled())
    nameless = LabelledSentences(Words(np.array([0, 1])), flat_entities([[]]), ())
    with pytest.raises(InputError, match="expected words, got only their number"):
        jsonl_bytes(nameless)


def test_no_sentences() -> None:
    words = Words(np.zeros(1, np.int64), pa.array([], pa.large_string()))
    assert jsonl_bytes(LabelledSentences(words, flat_entities([]), ())) == b""
