"""JSONL that contradicts itself, or that says another way of counting: an error, or honoured; never misread."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from command import fails, run
from common import by_sentence
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from xproj_fast.errors import InputError
from xproj_fast.formats.files import read_sentences
from xproj_fast.formats.json_offsets import TextOffsets
from xproj_fast.formats.json_records import parse_record
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.pair_files import read_pairs

EMOJI = "😀東京の春"  # Tokyo is [1, 3) in code points, [2, 4) in UTF-16, [4, 10) in bytes


def write(path: Path, *records: Any) -> Path:
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records]
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
    return path


def read(path: Path, **options: Any) -> list[list[tuple[int, int, str]]]:
    got = read_sentences(path, jsonl=JsonlOptions(**options))
    e = got.entities
    assert e is not None
    return [[(a, b, got.labels[x]) for a, b, x in rows] for rows in by_sentence(e.offsets, e.start, e.end, e.label)]


def refused(path: Path, record: Any, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(write(path, {"text": "a", "label": []}, record), **options)
    where, colon, message = str(caught.value).partition(":2: ")
    assert (where, colon) == (str(path), ":2: ")
    return message


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.jsonl"


# --- an entity's own text, and what offsets count


def test_own_text_against_offsets(tmp_path: Path) -> None:
    """Case 08: a browser's offsets, with the text that they mean beside them."""
    write(tmp_path / "x.jsonl", {"text": EMOJI, "entities": [{"start": 2, "end": 4, "label": "LOC", "text": "東京"}]})
    assert fails("convert", "--source", "x.jsonl", "-o", "-", cwd=tmp_path) == (
        "x.jsonl:1: entities[0] is '京の' by its offsets [2, 4), the record says '東京' "
        "(offsets count Unicode code points; --offsets utf16 fits)"
    )
    done = run("convert", "--source", "x.jsonl", "-o", "-", "--offsets", "utf16", cwd=tmp_path)
    assert done.stdout == "😀\tO\n東\tB-LOC\n京\tI-LOC\nの\tO\n春\tO\n\n"


@pytest.mark.parametrize(("unit", "start", "end"), [("characters", 1, 3), ("utf16", 2, 4), ("bytes", 4, 10)])
def test_offsets_without_own_text(tmp_path: Path, unit: str, start: int, end: int) -> None:
    write(tmp_path / "x.jsonl", {"text": EMOJI, "label": [[start, end, "LOC"]]})
    run("convert", "--source", "x.jsonl", "-o", "y.jsonl", "--offsets", unit, cwd=tmp_path)
    [entity] = json.loads((tmp_path / "y.jsonl").read_text("utf-8"))["entities"]
    assert (entity["start"], entity["end"]) == (1, 3)  # output counts code points


OWN_TEXT = [
    ({"text": "Öl in Rom", "spans": [{"start": 7, "end": 10, "label": "X", "text": "Rom"}]}, "--offsets bytes fits"),
    ({"text": "in Rom", "spans": [{"start": 3, "end": 5, "label": "X", "text": "Rom"}]}, "one past the last"),
    ({"text": "in Rom", "spans": [{"start": 0, "end": 2, "label": "X", "text": "Rom"}]}, "count Unicode code points)"),
    ({"text": "in Rom", "spans": [{"start": 0, "end": 2, "label": "X", "text": 7}]}, "the record says 7"),
]


@pytest.mark.parametrize(("record", "message"), OWN_TEXT)
def test_own_texts(path: Path, record: Any, message: str) -> None:
    assert message in refused(path, record)


def test_own_text_that_fits(path: Path) -> None:
    spans = [{"start": 0, "end": 3, "label": "X", "text": "in"}, {"start": 3, "end": 6, "label": "Y", "text": None}]
    assert read(write(path, {"text": "in Rom", "spans": spans})) == [[(0, 1, "X"), (1, 2, "Y")]]


@pytest.mark.parametrize(
    ("text", "start", "end", "unit", "message"),
    [
        ("😀 Rom", 3, 6, "characters", "0 <= start < end <= 5 characters, got [3, 6); --offsets utf16 fits"),
        ("Öl Rom", 4, 7, "characters", "0 <= start < end <= 6 characters, got [4, 7); --offsets bytes fits"),
        ("a Rom", 4, 7, "characters", "0 <= start < end <= 5 characters, got [4, 7)"),
        ("😀 Rom ab", 3, 6, "characters", "(--snap widens it to whole words; --offsets utf16 fits)"),
        ("😀 Rom ab", 2, 5, "utf16", "(--snap widens it to whole words; --offsets characters fits)"),
        ("ab Rom", 4, 6, "characters", "(--snap widens it to whole words)"),
        ("Öl Rom", 3, 4, "bytes", "where no words are"),
        ("😀 Rom", 1, 2, "utf16", "to start and end between two characters, not inside one, got [1, 2)"),
        (
            "Öl Rom",
            1,
            3,
            "bytes",
            "to start and end between two characters, not inside one, got [1, 3); --offsets characters or utf16 fits",
        ),
        ("😀 Rom", 3, 7, "utf16", "0 <= start < end <= 6 UTF-16 code units, got [3, 7)"),
    ],
)
def test_hints_at_other_ways_of_counting(path: Path, text: str, start: int, end: int, unit: str, message: str) -> None:
    got = refused(path, {"text": text, "label": [[start, end, "LOC"]]}, offsets=unit)
    assert message in got
    assert got.count("--offsets") == message.count("--offsets")


def test_tokens_count_as_entities_do(tmp_path: Path, path: Path) -> None:
    tokens = [{"text": "😀", "start": 0, "end": 2}, {"text": "Rom", "start": 3, "end": 6}]
    write(path, {"text": "😀 Rom", "tokens": tokens, "label": [[3, 6, "LOC"]]})
    assert read(path, offsets="utf16") == [[(1, 2, "LOC")]]
    assert fails("convert", "--source", "x.jsonl", "-o", "-", cwd=tmp_path).startswith(
        "x.jsonl:1: expected tokens[0] to be characters [0, 2) of the text, '😀 ', got '😀' "
        "(offsets count Unicode code points; --offsets utf16 fits)"
    )
    write(path, {"text": "😀", "tokens": [{"start": 0, "end": 1}], "label": []})
    with pytest.raises(
        InputError, match=r"x\.jsonl:1: expected tokens\[0\] to start and end at a character of the text"
    ):
        read(path, offsets="utf16")


def test_offsets_on_the_target_side(tmp_path: Path) -> None:
    write(tmp_path / "en.jsonl", {"text": "Rome", "label": [[0, 4, "LOC"]]})
    tokens = [{"start": 0, "end": 2}, {"start": 3, "end": 6}]
    write(tmp_path / "de.jsonl", {"text": "😀 Rom", "tokens": tokens})
    (tmp_path / "l.pharaoh").write_text("0-1\n")
    files = ("--source", "en.jsonl", "--target", "de.jsonl", "--alignments", "l.pharaoh", "-o", "-")
    assert run("project", *files, "--offsets", "utf16", cwd=tmp_path).stdout == "😀\tO\nRom\tB-LOC\n\n"


texts = st.text(st.sampled_from("aé東😀\u0301 ") | st.characters(exclude_categories=["Cs"]), max_size=12)


@given(texts, st.sampled_from(["utf16", "bytes"]), st.data())
@example("😀a", "utf16", None)
def test_positions_are_those_of_the_encoded_text(text: str, unit: str, data: Any) -> None:
    def encoded(part: str) -> int:
        return len(part.encode("utf-16-le")) // 2 if unit == "utf16" else len(part.encode())

    places = {encoded(text[:i]): i for i in range(len(text) + 1)}
    offsets = TextOffsets(text, unit)
    assert offsets.length == encoded(text)
    for position in range(encoded(text) + 1):
        assert offsets.character(position) == places.get(position)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.sampled_from("aé東😀"), min_size=1, max_size=4), min_size=1, max_size=5), st.data())
def test_every_way_of_counting_gives_the_same_entities(path: Path, words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    word = data.draw(st.integers(0, len(words) - 1))
    start = sum(len(w) + 1 for w in words[:word])
    end = start + len(words[word])
    sizes = {"characters": len, "utf16": lambda s: len(s.encode("utf-16-le")) // 2, "bytes": lambda s: len(s.encode())}
    for unit, size in sizes.items():
        entity = {"start": size(text[:start]), "end": size(text[:end]), "label": "X", "text": words[word]}
        write(path, {"text": text, "tokens": words, "entities": [entity]})
        assert read(path, offsets=unit) == [[(word, word + 1, "X")]]


# --- Prodigy: answers, token numbers


PRODIGY = (
    {"text": "Anna lives", "spans": [{"start": 0, "end": 4, "label": "ORG", "token_start": 0}], "answer": "reject"},
    {"text": "Bob lives", "spans": [{"start": 0, "end": 3, "label": "PER"}], "answer": "accept"},
    {"text": "Eve lives", "spans": [], "answer": "ignore"},
)


def test_answers(tmp_path: Path) -> None:
    """Case 07."""
    write(tmp_path / "pr.jsonl", *PRODIGY)
    done = run("convert", "--source", "pr.jsonl", "-o", "-", cwd=tmp_path)
    assert done.stdout == "Bob\tB-PER\nlives\tO\n\n"
    assert "xproj-fast: pr.jsonl: 2 records left out: answer reject 1, ignore 1\n" in done.stderr


def test_answers_in_pairs(tmp_path: Path) -> None:
    write(tmp_path / "pr.jsonl", *PRODIGY)
    (tmp_path / "de.words").write_text("A b\nC d\nE f\n")
    files = ("--source", "pr.jsonl", "--target", "de.words", "-o", "x.conll")
    said, error = run("project", *files, code=1, cwd=tmp_path).stderr.splitlines()
    assert said == "xproj-fast: pr.jsonl: 2 records left out: answer reject 1, ignore 1"
    assert error.endswith(
        "expected files of as many sentences each, got pr.jsonl 1, de.words 3 "
        "(pr.jsonl: 2 records left out: answer reject 1, ignore 1)"
    )
    pairs = read_pairs(tmp_path / "pr.jsonl", tmp_path / "pr.jsonl")  # left out of both sides alike
    assert pairs.target.to_lists() == [["Bob", "lives"]]


def test_lines_and_ids_beside_records_left_out(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    out = {"text": 7, "answer": "reject"}  # what is left out need not be right
    write(path, out, {"text": "a", "label": [], "id": 5}, out, {"text": "b", "label": []})
    with pytest.raises(InputError, match=r"x\.jsonl:4: expected an id under 'id'") as caught:
        read(path)
    assert caught.value.sentence == 1
    write(path, out, {"text": "a", "label": [], "id": 5}, out)
    got = read_sentences(path)
    assert (got.lines.tolist(), got.ids.to_pylist()) == ([2], ["5"])
    with caplog.at_level(logging.WARNING):
        write(path, out)
        assert len(read_sentences(path)) == 0
    assert caplog.records[-1].getMessage().endswith("x.jsonl: 1 record left out: answer reject 1")


@pytest.mark.parametrize("answer", ["maybe", None, 1, [], "ACCEPT"])
def test_unknown_answers(path: Path, answer: Any) -> None:
    message = refused(path, {"text": "a", "label": [], "answer": answer})
    assert message.startswith("expected an 'answer' of accept, reject, ignore, got ")


def test_token_numbers(path: Path) -> None:
    record = {"text": "in New York", "tokens": ["in", "New", "York"]}
    span = {"start": 3, "end": 11, "label": "LOC", "token_start": 1, "token_end": 2}
    assert read(write(path, record | {"spans": [span]})) == [[(1, 3, "LOC")]]
    for numbers in ({"token_end": 3}, {"token_start": 0}):
        message = refused(path, record | {"spans": [span | numbers]})
        [(key, value)] = numbers.items()
        assert f"spans[0] to be tokens 1 to 2, as its offsets say, got {key} {value}" in message
    del record["tokens"]  # then the numbers are of words that are not here
    assert read(write(path, record | {"spans": [span | {"token_end": 7}]})) == [[(1, 3, "LOC")]]


# --- two keys that hold entities, one key twice


def test_two_lists_of_entities(tmp_path: Path, path: Path) -> None:
    write(path, {"text": "Bob", "entities": [[0, 3, "PER"]], "spans": []})
    assert fails("convert", "--source", "x.jsonl", "-o", "-", cwd=tmp_path) == (
        "x.jsonl:1: expected the same entities under 'entities' and 'spans', got [[0, 3, 'PER']] and [] "
        "(--entities-key entities or --entities-key spans reads one of them alone)"
    )
    for key, tags in (("entities", "Bob\tB-PER\n\n"), ("spans", "Bob\tO\n\n")):
        assert run("convert", "--source", "x.jsonl", "-o", "-", "--entities-key", key, cwd=tmp_path).stdout == tags


PER = [[0, 3, "PER"]]


@pytest.mark.parametrize(
    "record",
    [
        {"entities": PER, "spans": [{"start": 0, "end": 3, "label": "PER"}]},
        {"entities": PER, "label": "a class of the text", "labels": ["politics"], "spans": {"sc": []}},
        {"label": PER, "entities": None},
        {"ents": [{"start": 0, "end": 3, "label": "PER"}], "tokens": [{"id": 0, "start": 0, "end": 3}]},
        {"tokens": ["Bob"], "ner_tags": ["B-PER"], "spans": ["PER: Bob"], "tags": ["news"]},
        {"tokens": ["Bob"], "ner_tags": ["B-PER"], "entities": PER},
        {"tokens": ["Bob"], "labels": ["B-PER"]},
        {"spans": [{"start": 0, "end": 3, "labels": ["PER"], "text": "Bob"}]},  # Label Studio
        {"entities": [{"entity_group": "PER", "score": 0.9, "word": "bob", "start": 0, "end": 3}]},  # transformers
        {"spans": [{"start": 0, "end": 3, "start_offset": 0, "end_offset": 3, "label": "PER", "labels": ["PER"]}]},
    ],
)
def test_lists_that_say_the_same(path: Path, record: dict[str, Any]) -> None:
    assert read(write(path, {"text": "Bob"} | record)) == [[(0, 1, "PER")]]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"entities": [], "label": PER}, "'entities' and 'label', got [] and [[0, 3, 'PER']]"),
        ({"label": PER, "labels": [[0, 3, "LOC"]]}, "'label' and 'labels', got [[0, 3, 'PER']] and [[0, 3, 'LOC']]"),
        ({"spans": [], "tokens": ["Bob"], "ner_tags": ["B-PER"]}, "'spans' and 'ner_tags', got [] and ['B-PER']"),
        ({"entities": [], "tokens": ["Bob"], "tags": ["B-PER"]}, "'entities' and 'tags', got [] and ['B-PER']"),
        ({"entities": PER, "spans": [{}]}, "got {} (--entities-key entities or --entities-key spans reads one"),
        ({"spans": [{"start": 0, "end": 3, "start_offset": 0, "end_offset": 2, "label": "X"}]}, "under start/end and"),
        ({"spans": [{"start": 0, "end": 3, "label": "X", "labels": ["Y"]}]}, "the same under label and labels, got"),
        ({"spans": [{"start": 0, "end": 3, "labels": ["X", "Y"]}]}, "expected spans[0] to be [start, end, label]"),
    ],
)
def test_lists_that_do_not(path: Path, record: dict[str, Any], message: str) -> None:
    assert message in refused(path, {"text": "Bob"} | record)


TWICE = [
    ('{"text": "a", "text": "b", "label": []}', "text"),
    ('{"text": "a: b", "label": [], "text": "b"}', "text"),
    ('{"text" : "a", "label": [], "text" : "b"}', "text"),
    ('{"text": "a", "tex\\u0074": "b", "label": []}', "text"),
    ('{"text":"ab","label":[{"start":0,"end":1,"end":2,"label":"X"}]}', "end"),
    ('{"text":"ab","label":[{"start":0,"end":2,"label":"X","label":"Y"}]}', "label"),
    ('{"text":"ab","tokens":[{"text":"ab","start":0,"start":0,"end":2}],"label":[]}', "start"),
    ('{"text":"ab","label":[],"meta":{"a":[{"deep":{"b":1,"b":2}}]}}', "b"),
    ('{"text":"ab","tokens":[],"label":[],"tokens":["ab"]}', "tokens"),
]


@pytest.mark.parametrize(("line", "key"), TWICE)
def test_keys_given_twice(path: Path, line: str, key: str) -> None:
    assert refused(path, line) == f"expected every key of an object once, got {key!r} twice"


values = st.recursive(
    st.none() | st.integers(0, 9) | st.text(st.sampled_from('a":\\ {}'), max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", '"', ":", " :"]), inner),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(["text", "a", '":']), values),
    st.sampled_from([(", ", ": "), (",", ":"), (" , ", " : "), (",", "\t:")]),
)
def test_no_object_without_a_key_twice_is_refused(record: dict[str, Any], separators: tuple[str, str]) -> None:
    assert parse_record(json.dumps(record, separators=separators)) == record


@given(
    st.dictionaries(st.sampled_from(["a", "b"]), values, min_size=1),
    st.dictionaries(st.sampled_from(["x", "y"]), values),
    st.sampled_from(["{}", '{{"z": {}}}', '{{"z": [{}]}}', '{{"z": [[{{"q": {}}}]]}}']),
    st.sampled_from([": ", ":", " :", "\t: "]),
)
def test_every_key_given_twice_is_found(first: Any, rest: Any, around: str, colon: str) -> None:
    pairs = [*first.items(), *rest.items(), next(iter(first.items()))]
    body = ",".join(f"{json.dumps(key)}{colon}{json.dumps(value)}" for key, value in pairs)
    with pytest.raises(InputError, match="expected every key of an object once"):
        parse_record(around.format("{" + body + "}"))


# --- what is no JSONL


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '[{"text": "a"}, {"text": "b"}]\n',
            "x.jsonl:1: expected one JSON object a line, got a JSON array: is this JSON",
        ),
        ('[\n{"text": "a"}\n]\n', "x.jsonl:1: expected one JSON object a line, got invalid JSON: Expecting value at "),
        ('{\n  "text": "a"\n}\n', "x.jsonl:1: expected one JSON object a line, got invalid JSON: Expecting property"),
        ('{"text": "a"}\n{"text": "b", "la', "x.jsonl:2: expected one JSON object a line, got invalid JSON: Unterm"),
    ],
)
def test_json_instead_of_lines(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "x.jsonl").write_text(content)
    (tmp_path / "y.words").write_text("a\n")
    got = fails("align", "--source", "x.jsonl", "--target", "y.words", "-o", "-", cwd=tmp_path)
    assert got.startswith(message)
    if "Unterm" not in message:
        assert "not JSONL? (jq -c" in got


# --- words and tags without a text


def test_words_and_tags_alone(tmp_path: Path) -> None:
    write(tmp_path / "x.jsonl", {"id": "7", "tokens": ["New", "York", "!"], "ner_tags": ["B-LOC", "I-LOC", "O"]})
    done = run("convert", "--source", "x.jsonl", "-o", "y.jsonl", cwd=tmp_path)
    assert "1 sentences" in done.stderr or "1 sentence" in done.stderr
    assert read(tmp_path / "y.jsonl") == [[(0, 2, "LOC")]]
    assert run("evaluate", "x.jsonl", "y.jsonl", "--json", cwd=tmp_path).stdout.count('"f1": 1.0') >= 1
    assert read_sentences(tmp_path / "x.jsonl").words.texts is None  # a text would be made up


def test_numbers_for_tags(tmp_path: Path) -> None:
    write(tmp_path / "x.jsonl", {"tokens": ["New", "York"], "ner_tags": [5, 6]})
    source = ("convert", "--source", "x.jsonl", "-o", "-")
    assert fails(*source, cwd=tmp_path).startswith(
        "x.jsonl:1: expected tags under 'ner_tags', got numbers that the file does not name (5): --tag-names wikiann|"
    )
    for names in ("wikiann", "O,B-A,I-A,B-B,I-B,B-LOC,I-LOC"):
        assert run(*source, "--tag-names", names, cwd=tmp_path).stdout == "New\tB-LOC\nYork\tI-LOC\n\n"
    message = fails(*source, "--tag-names", "O,B-X", cwd=tmp_path)
    assert message == "x.jsonl:1: expected a tag from 0 to 1 (O, B-X), got 5"
    assert "one of wikiann, masakhaner2" in fails(*source, "--tag-names", "wiki", cwd=tmp_path, code=2)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {"tokens": ["a"], "ner_tags": ["I-X"]},
            "expected a tag that IOB2 allows after the start of the sentence, got",
        ),
        ({"tokens": ["a"], "ner_tags": ["PER"]}, "expected O or a prefix of B, I, E, L, S, U and a class, got 'PER'"),
        ({"tokens": ["a"], "ner_tags": ["B-New York"]}, "expected a tag without white space, got 'B-New York'"),
        (
            {"tokens": ["a"], "label": [[0, 1, "X"]]},
            "expected a text that the offsets under 'label' count in, got none",
        ),
        (
            {"tokens": [{"text": "a"}], "ner_tags": ["O"]},
            "expected tokens[0] to be a string, as the record has no text",
        ),
        ({"text": "a", "tags": ["B-X"]}, "expected words along with the tags under 'tags', got none"),
    ],
)
def test_bad_words_and_tags(path: Path, record: Any, message: str) -> None:
    first = {"tokens": ["a"], "tags": ["O"]} if "text" not in record else {"text": "a", "label": []}
    write(path, first, record)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}:2: {message}")


def test_texts_are_all_or_none(path: Path) -> None:
    write(path, {"tokens": ["a"], "tags": ["O"]}, {"text": "a", "tokens": ["a"], "tags": ["O"]})
    with pytest.raises(InputError, match=r"x\.jsonl:2: expected no text under 'text', as in the records before"):
        read(path)
