"""Reviews: what is written for people to correct, what comes back, and what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_data import by_id, sentences, with_words, words_and_spans

import xproj_fast as xp
from xproj_fast.arrays import Entities, Words
from xproj_fast.formats.files import open_sentences
from xproj_fast.formats.registry import that_write
from xproj_fast.formats.review import LeastCertain

FORMATS = that_write("reviews")


def accepted(fmt: str, data: str) -> str:
    """Return what the tool exports once people have accepted everything, its shape as documented by the tool."""
    if fmt == "label-studio":
        tasks = json.loads(data)
        for i, task in enumerate(tasks):
            result = task["predictions"][0]["result"]
            task |= {"id": 100 + i, "annotations": [{"id": i, "was_cancelled": False, "result": result}]}
        return json.dumps(tasks, indent=1)
    if fmt == "argilla":
        records = json.loads(data)
        for record in records:
            value = record["suggestions"].get("span", {"value": []})["value"]
            record["responses"] = {"span": [{"value": value, "user_id": "1"}]}
            record["status"] = "completed"
        return json.dumps(records)
    if fmt == "prodigy":
        return "".join(json.dumps(json.loads(line) | {"answer": "accept"}) + "\n" for line in data.splitlines())
    return data  # doccano gives metadata and labels back under the same keys


@pytest.mark.parametrize("fmt", FORMATS)
def test_there_and_back(tmp_path: Path, fmt: str) -> None:
    path = tmp_path / "review"
    xp.write_review(sentences(), path, fmt, count=None)
    path.write_text(accepted(fmt, path.read_text("utf-8")), "utf-8")
    found = by_id(xp.read_labelled(path, fmt))
    assert found == with_words(sentences())


@pytest.mark.parametrize("fmt", FORMATS)
def test_raw_text_stays_as_it_was(tmp_path: Path, fmt: str) -> None:
    """Words that no splitter would cut so, in a text that has more than one space between them."""
    import pyarrow as pa

    text = "it's  New-York\u3000東京都"
    starts, ends = np.array([0, 2, 6, 10, 15], np.int32), np.array([2, 4, 9, 14, 17], np.int32)
    strings = [text[a:b] for a, b in zip(starts, ends, strict=True)]
    words = Words(np.array([0, 5]), pa.array(strings), pa.array([text]), starts, ends)
    spans = Entities(np.array([0, 1]), np.array([2], np.int32), np.array([4], np.int32), np.array([0], np.int32))
    given = xp.LabelledSentences.from_columns(words, spans, ["LOC"], confidences=np.array([0.5], np.float32))
    path = tmp_path / "review"
    xp.write_review(given, path, fmt)
    path.write_text(accepted(fmt, path.read_text("utf-8")), "utf-8")
    back = xp.read_labelled(path, fmt)
    assert back.words.to_lists() == [strings]
    assert back.words.texts is not None
    assert back.words.texts.to_pylist() == [text]
    assert words_and_spans(back)[0][1] == [(2, 4, "LOC")]


WORD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=4).filter(
    lambda word: not any(c.isspace() for c in word) and "\r" not in word
)


@pytest.mark.parametrize("fmt", FORMATS)
@given(data=st.data())
def test_any_words_come_back(fmt: str, data: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    words = data.draw(st.lists(st.lists(WORD, max_size=5), min_size=1, max_size=4))
    spans = [
        [(i, i + 1, data.draw(st.sampled_from(["PER", "É-🙂"]))) for i in range(len(row)) if data.draw(st.booleans())]
        for row in words
    ]
    made = sentences(words, spans)
    path = tmp_path_factory.mktemp("review") / "x"
    xp.write_review(made, path, fmt, count=None)
    path.write_text(accepted(fmt, path.read_text("utf-8")), "utf-8")
    found = by_id(xp.read_labelled(path, fmt)) if any(words) else {}
    assert found == with_words(made)


def test_a_sentence_without_words_is_left_out() -> None:
    """There is nothing in it to correct, and doccano and Prodigy take no empty text."""
    chosen = LeastCertain(None)
    for words in (["a"], []), ([], ["b"]):
        chosen.add(sentences([*words], [[], []]))
    assert [each.id for each in chosen.sentences()] == ["1", "4"]
    assert chosen.without_words == 2


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_empty_word_is_refused(tmp_path: Path, fmt: str) -> None:
    made = sentences([["a"], ["b", "", "c"]], [[], [(0, 1, "PER")]])
    with pytest.raises(xp.InputError, match="words: sentence 2: a review needs words that are not empty"):
        xp.write_review(made, tmp_path / "x", fmt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fmt", ["doccano", "label-studio"])
def test_every_sentence_has_the_same_keys(tmp_path: Path, fmt: str) -> None:
    """doccano makes a table of them, with NaN for what is missing, and Label Studio wants all its interface shows."""
    pairs = xp.SentencePairs.from_lists([["Ada"]] * 2, [["Ada"]] * 2, [[(0, 1, "PER")]] * 2, [[(0, 0)], []])
    result = xp.project(pairs, scores="learned")
    for made in (result, result.labelled()):  # the second knows no source
        xp.write_review(made, tmp_path / "x", fmt)
        data = (tmp_path / "x").read_text("utf-8")
        found = json.loads(data) if data.startswith("[") else [json.loads(line) for line in data.splitlines()]
        found = [each.get("data", each) for each in found]
        assert all(each.keys() == found[0].keys() >= {"source", "not_projected"} for each in found)
        assert {each["source"] for each in found} == {"Ada" if made is result else ""}


def test_an_accepted_task_of_prodigy_without_spans(tmp_path: Path) -> None:
    lines = '{"text": "Ada", "answer": "accept"}\n{"text": "Bo", "spans": [{"start": 0, "end": 2, "label": "X"}]}\n'
    assert read(tmp_path / "x", "prodigy", lines)[0] == ["Ada", "[Bo]X"]
    with pytest.raises(xp.InputError, match="x:1: expected a list of entities under one of entities, spans"):
        read(tmp_path / "x", "jsonl", lines)
    with pytest.raises(xp.InputError, match="x:1: expected a list of entities under 'label', got 'PER'"):
        read(tmp_path / "x", "prodigy", '{"text": "Ada", "label": "PER", "answer": "accept"}')


def test_the_least_certain_first_for_any_chunk() -> None:
    words = [["a", "b"]] * 12
    spans = [[(0, 1, "PER"), (1, 2, "LOC")] for _ in words]
    made = sentences(words, spans)
    sure = np.array([[0.9, 0.5 if i % 3 else 0.25] for i in range(12)], np.float32).reshape(-1)
    made = xp.LabelledSentences.from_columns(made.words, made.entities, made.labels, confidences=sure)
    for count, expected in ((5, ["1", "4", "7", "10", "2"]), (2, ["1", "4"])):
        for chunk in (1, 5, 12):
            chosen = LeastCertain(count)
            for first in range(0, 12, chunk):
                chosen.add(made[first : first + chunk])
            assert [each.id for each in chosen.sentences()] == expected
            assert [each.certainty for each in chosen.sentences()][:2] == [0.25, 0.25]


def test_an_entity_that_was_not_projected_is_no_certainty(tmp_path: Path) -> None:
    pairs = xp.SentencePairs.from_lists(
        [["Ada", "in", "London"], ["Ada"]],
        [["Ada", "in", "London"], ["Ada"]],
        [[(0, 1, "PER"), (2, 3, "LOC")], [(0, 1, "PER")]],
        [[(0, 0)], [(0, 0)]],
    )
    result = xp.project(pairs, scores="learned", min_confidence=1.0)
    assert result.spans() == [[], []]
    xp.write_review(result, tmp_path / "x.json", count=1)
    [task] = json.loads((tmp_path / "x.json").read_text("utf-8"))
    assert task["predictions"][0]["score"] == 0
    assert task["data"] | {"tokens": ""} == {
        "sentence_id": "1",
        "text": "Ada in London",
        "tokens": "",
        "source": "Ada in London",
        "not_projected": "Ada (PER), London (LOC)",
    }


def test_what_has_no_confidence_or_no_such_format(tmp_path: Path) -> None:
    plain = xp.LabelledSentences.from_lists([["Ada"]], [[(0, 1, "PER")]])
    with pytest.raises(xp.InputError, match="confidences: expected entities that say how sure they are, got none"):
        xp.write_review(plain, tmp_path / "x.json")
    with pytest.raises(xp.InputError, match=r"x\.jsonl: expected one of argilla, .* format of a review, got jsonl"):
        xp.write_review(sentences(), tmp_path / "x.jsonl")
    with pytest.raises(xp.InputError, match="count: expected 1 or more, got 0"):
        xp.write_review(sentences(), tmp_path / "x.json", count=0)
    assert list(tmp_path.iterdir()) == []


def span(start: int, end: int, label: str, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [label]}
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value} | more


def task(*annotations: Any, **data: Any) -> dict[str, Any]:
    return {"id": 7, "data": {"text": "Ada in Rome"} | data, "annotations": list(annotations)}


PER, LOC = span(0, 3, "PER"), span(7, 11, "LOC")
RELATION = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"}


def read(path: Path, fmt: str, content: Any) -> tuple[list[str], list[str]]:
    """Return the sentences as pictures, and what was left out."""
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    reader = open_sentences(path, fmt)
    found = reader.read(1 << 30)
    return [str(each) for each in found.labelled()], reader.left_out()


def test_label_studio_leaves_out_with_a_count(tmp_path: Path) -> None:
    pictures, told = read(
        tmp_path / "x.json",
        "label-studio",
        [
            task({"result": [LOC, RELATION, PER, {"type": "choices", "value": {"choices": ["x"]}}]}),
            task({"was_cancelled": True, "result": []}),
            task(),
            task({"result": [PER]}, {"was_cancelled": True, "result": []}, {"result": [dict(PER, id="other")]}),
            task({"result": [PER]}, {"ground_truth": True, "result": []}),
        ],
    )
    assert pictures == ["[Ada]PER in [Rome]LOC", "[Ada]PER in Rome", "Ada in Rome"]
    assert told == [
        "1 annotation left out: another is the ground truth",
        "2 annotations left out: skipped by the annotator",
        "1 result left out: only labelled spans are read, got 'choices'",
        "1 result left out: only labelled spans are read, got 'relation'",
        "2 tasks left out: without an annotation",
    ]


def test_label_studio_minimal(tmp_path: Path) -> None:
    labels = [{"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]}]
    ours = {"text": "Ada in Rome", "sentence_id": "s9", "tokens": "0-3 4-11", "annotation_id": 1}
    path = tmp_path / "x.json"
    pictures, told = read(path, "label-studio", [ours | {"id": 1, "label": labels}, ours | {"id": 1, "label": labels}])
    assert pictures == ["[Ada]PER in Rome"]
    assert told == ["1 further annotation left out: they say the same as the one before"]
    assert xp.read_labelled(path).words.to_lists() == [["Ada", "in Rome"]]
    assert xp.read_labelled(path)[0].id == "s9"
    assert read(path, "label-studio", [ours | {"id": 2}]) == (["Ada in Rome"], [])  # looked at: it has none
    with pytest.raises(xp.InputError, match=r"x\.json:1: task 2: expected annotations of task 1 that say the same"):
        read(path, "label-studio", [ours | {"id": 1, "label": labels}, ours | {"id": 1, "label": []}])


def test_label_studio_minimal_counts_what_is_no_labelled_span(tmp_path: Path) -> None:
    ours = {"text": "Ada in Rome", "annotation_id": 1, "annotator": 1}
    hyper = {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0, "endOffset": 3}
    records = [
        ours | {"label": [hyper | {"hypertextlabels": ["PER"]}] * 2},
        ours | {"label": [{"start": 0, "end": 3, "labels": ["PER"]}], "sure": [{"start": 0, "end": 3, "rating": 2}]},
    ]
    assert read(tmp_path / "x.json", "label-studio", records) == (
        ["Ada in Rome", "[Ada]PER in Rome"],
        [
            "2 results left out: only labelled spans are read, got 'hypertextlabels'",
            "1 result left out: only labelled spans are read, got 'region'",
        ],
    )
    unlabelled = [{"start": 0, "end": 3, "labels": ["PER"]}, {"start": 7, "end": 11, "text": "Rome"}]
    with pytest.raises(xp.InputError, match=r"task 1: expected entities\[1\] to be .*, got .*'Rome'"):
        read(tmp_path / "x.json", "label-studio", [ours | {"label": unlabelled}])


def minimal(name: str) -> dict[str, Any]:
    return {"text": "Ada in Rome", "annotation_id": 1, name: [{"start": 0, "end": 3, "labels": ["PER"]}]}


OTHER_CONTROLS: list[tuple[str, Any, Any, str]] = [
    (
        "label-studio",
        task({"result": [dict(PER, from_name="a")]}),
        task({"result": [dict(LOC, from_name="b")]}),
        "a, b",
    ),
    ("label-studio", minimal("a"), minimal("b"), "a, b"),
    ("argilla", {"text": "a", "q.responses": [[]]}, {"text": "a", "r.responses": [[]]}, "q, r"),
    ("argilla", {"text": "a", "q.responses": [[]]}, {"text": "a", "span.responses": [[]]}, "q, span"),
]


@pytest.mark.parametrize(("fmt", "first", "then", "names"), OTHER_CONTROLS)
def test_one_control_in_all_of_a_file(tmp_path: Path, fmt: str, first: Any, then: Any, names: str) -> None:
    with pytest.raises(xp.InputError, match=rf"x:1: \w+ 2: expected .* one .*, got {names} \(--entities-key names one"):
        read(tmp_path / "x", fmt, [first, then])


def test_argilla_statuses(tmp_path: Path) -> None:
    value = [{"start": 0, "end": 3, "label": "PER"}]

    def record(*responses: Any, **more: Any) -> dict[str, Any]:
        return {"id": "a", "fields": {"text": "Ada in Rome"}, "responses": {"span": list(responses)}} | more

    nested = [
        record({"value": value, "status": "submitted"}, {"value": None, "status": "discarded"}),
        record({"value": [], "status": "draft"}),
        record({"value": value}, status="completed"),
        record({"value": value}, status="pending"),
        record(),
    ]
    told = [
        "3 records left out: no response was submitted",
        "1 response left out: discarded",
        "1 response left out: draft",
        "1 response left out: pending",
    ]
    assert read(tmp_path / "x.json", "argilla", nested) == (["[Ada]PER in Rome"] * 2, told)
    lines = "".join(json.dumps(each) + "\n" for each in nested)
    assert read(tmp_path / "x.jsonl", "argilla", lines) == (["[Ada]PER in Rome"] * 2, told)
    flat = {"id": "a", "text": "Ada in Rome", "tokens": "0-6 7-11", "span.responses": [[], [], value]}
    states = {"span.responses.status": ["draft", "discarded", "submitted"]}
    with pytest.raises(xp.InputError, match=r"expected entities that start and end with a word, got .*'Ada'"):
        read(tmp_path / "x.json", "argilla", [flat | states])
    assert read(tmp_path / "x.json", "argilla", [flat | states | {"tokens": None}])[0] == ["[Ada]PER in Rome"]


def test_relations_of_doccano_and_prodigy(tmp_path: Path) -> None:
    entity = {"id": 1, "label": "PER", "start_offset": 0, "end_offset": 3}
    line = {"id": 5, "text": "Ada in Rome", "entities": [entity], "relations": [{"from_id": 1, "to_id": 2}] * 2}
    for fmt in ("doccano", "jsonl"):
        told = ["2 relations left out: only entities are read"]
        assert read(tmp_path / "x", fmt, json.dumps(line)) == (["[Ada]PER in Rome"], told)
    spans = [{"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "PER"}]
    of_prodigy = {"text": "Ada in Rome", "spans": spans, "relations": [{"head": 0, "child": 2}], "answer": "accept"}
    rejected = of_prodigy | {"answer": "ignore"}
    assert read(tmp_path / "x", "prodigy", json.dumps(of_prodigy) + "\n" + json.dumps(rejected)) == (
        ["[Ada]PER in Rome"],
        ["1 record left out: answer ignore 1", "1 relation left out: only entities are read"],
    )


def shortened(value: Any) -> Any:
    """Return an export in which somebody has made every entity end at character 3."""
    if isinstance(value, list):
        return [0, 3, value[2]] if value[:2] == [0, 5] else [shortened(each) for each in value]
    if not isinstance(value, dict):
        return value
    if {"start", "end"} <= value.keys() and ("label" in value or "labels" in value):
        return {"start": 0, "end": 3} | {key: value[key] for key in ("label", "labels") if key in value}
    return {key: shortened(each) for key, each in value.items()}


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_edited_span_inside_a_word(tmp_path: Path, fmt: str) -> None:
    path = tmp_path / "x"
    xp.write_review(sentences([["Ada's", "x"]], [[(0, 1, "PER")]]), path, fmt)
    path.write_text(json.dumps(shortened(json.loads(accepted(fmt, path.read_text("utf-8"))))), "utf-8")
    with pytest.raises(xp.InputError, match=r"expected entities that start and end with a word, .*--snap widens"):
        xp.read_labelled(path, fmt)
    back = xp.read_labelled(path, fmt, jsonl=xp.JsonlOptions(snap=True))
    assert str(back[0]) == "[Ada's]PER x"


BAD: list[tuple[str, Any, str]] = [
    ("label-studio", "[", "x:1: task 1: expected an object, got the end of the file"),
    ("label-studio", "[1]", r"x:1: task 1: expected an object, got '1\]'"),
    ("label-studio", '[\n {"data": {"text": 1}}]', r"x:2: task 1: expected a string under 'text' of the data, got 1"),
    ("label-studio", '[{"data": 1}]', r"x:1: task 1: expected data to be an object, got 1"),
    ("label-studio", '[{"data": {"text": "a"}, "annotations": 3}]', "expected annotations to be a list, got 3"),
    ("label-studio", [task({"result": None})], r"expected annotations\[0\]\.result to be a list, got None"),
    ("label-studio", [task({"result": [span(0, 3, "PER") | {"value": 1}]})], r"expected entities\[0\] to be .*, got 1"),
    (
        "label-studio",
        [task({"result": [PER]}), task({"result": [PER]}, {"result": []})],
        "x:1: task 2: expected ann",
    ),
    (
        "label-studio",
        [task({"result": [PER, dict(LOC, from_name="b")]})],
        "expected the labels of one control, got b",
    ),
    ("label-studio", [task({"result": [span(0, 99, "PER")]})], r"task 1: expected entities\[0\] to have 0 <= start"),
    ("label-studio", [task({"result": []}, tokens="0-3 2-9")], r"expected tokens\[1\] to be a part of characters"),
    ("label-studio", [task({"result": []}, tokens="0-3,4")], "expected tokens to be a list, or the first character"),
    (
        "label-studio",
        '[{"data": {"text": "a", "text": "b"}}]',
        "expected every key of an object once, got 'text'",
    ),
    ("label-studio", '[\n{"data": {"text": "a"}\n', r"x:3: task 1: expected JSON, got invalid JSON: .*: cut short\?"),
    ("label-studio", "[]\n]", r"x:1: expected nothing after the closing bracket of the array, got '\]'"),
    ("label-studio", '[{"data": {"text": "a"}} {}]', "expected a comma or the closing bracket, got '{}]'"),
    (
        "label-studio",
        [{"text": "Ada", "entities": [[0, 3, "PER"]]}],
        "x:1: task 1: expected a task of Label Studio, with data and annotations, or as JSON-MIN has it, .*, got an "
        r"object with the keys \['text', 'entities'\] \(--source-format, --format or format names another",
    ),
    ("argilla", '[{"fields": {"text": "a"}, "responses": {"q": 1}}]', r"expected responses\.q to be a list, got 1"),
    ("argilla", '{"fields": {"text": "a"}, "responses": {"span": [{"status": "x"}]}}', "x:1: expected a response that"),
    ("argilla", '[{"fields": {"txt": "a"}}]', "record 1: expected a string under 'text' of the fields, got an object"),
    ("argilla", '[{"text": "a", "q.responses": [[]], "r.responses": [[]]}]', "expected responses to one question, or"),
    (
        "argilla",
        '[{"text": "a", "q.responses": [[]], "q.responses.status": []}]',
        r"expected q\.responses\.status to",
    ),
    ("prodigy", '{"text": "a", "spans": [], "answer": "maybe"}', "x:1: expected an 'answer' of accept, reject, ignore"),
    ("doccano", '{"text": "a", "label": [[0, 1]]}', r"x:1: expected label\[0\] to be"),
]


@pytest.mark.parametrize(("fmt", "content", "message"), BAD)
def test_what_is_wrong_says_where(tmp_path: Path, fmt: str, content: Any, message: str) -> None:
    with pytest.raises(xp.InputError, match=message):
        read(tmp_path / "x", fmt, content)


@pytest.mark.parametrize("count", [1, 2, 100])
def test_an_array_is_read_in_chunks(tmp_path: Path, count: int) -> None:
    """What was left out is told when all of it is known, and lines are those of the file."""
    tasks = [task({"result": [PER]} if i % 2 else {"was_cancelled": True}) for i in range(6)]
    (tmp_path / "x.json").write_text("[" + ",\n".join(map(json.dumps, tasks)) + "]\n", "utf-8")
    reader = open_sentences(tmp_path / "x.json")
    lines: list[int] = []
    while len(part := reader.read(count)):
        lines += part.lines.tolist()
    assert lines == [2, 4, 6]
    assert reader.left_out()[-1] == "3 tasks left out: without an annotation"
    assert reader.share_read == 1
