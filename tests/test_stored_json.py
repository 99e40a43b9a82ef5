"""Manifests and states that somebody else wrote: whatever stands in them, an error of one line names file and key."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xproj_fast.errors import InputError
from xproj_fast.models.manifest import FileRecord, Manifest, read_manifest, write_manifest
from xproj_fast.runs.journal import read_journal
from xproj_fast.runs.layout import file_layout
from xproj_fast.runs.parts import open_parts
from xproj_fast.runs.run_manifest import RunManifest, as_stored, read_run_manifest
from xproj_fast.stored_json import read_json, read_json_lines

SHA = "0" * 64
PARTS: list[dict[str, Any]] = [
    {"part": 0, "sentences": 1, "counts": {"words": 3}, "files": {"conll": {"sha256": SHA, "bytes": 2}}},
    {
        "part": 1,
        "sentences": 2,
        "counts": {"words": 4},
        "files": {"conll": {"sha256": SHA, "bytes": 3}, "problems.jsonl": {"sha256": SHA, "bytes": 1}},
    },
]
RUN: dict[str, Any] = {
    "xproj_fast_run": 1,
    "made_from": {"input": "abc", "options": {"beam": 4}},
    "sentences": 3,
    "counts": {"words": 7},
    "parts": PARTS,
    "outputs": {"conll": {"file": "out.conll", "sha256": SHA, "bytes": 5}},
    "learnt": {"learned": {"eng_Latn": {"bias": -1.5}}},
    "notes": {"seconds": {"write": 1.5}},
    "created": "2026-01-01T00:00:00+00:00",
    "updated": "2026-01-01T00:00:00+00:00",
}
HEAD = {"xproj_fast_journal": 1, "made_from": {"input": "abc"}, "created": "2026-01-01T00:00:00+00:00"}
LEARNT = {"learnt": {"learned": {"eng_Latn": {"bias": -1.5}}}}
JOURNAL: list[Any] = [HEAD, LEARNT, *PARTS]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def model(folder: Path) -> dict[str, Any]:
    """Write a model of one file; returns its manifest."""
    (folder / "tokenizer.json").write_text("{}")
    settings = {"labels": ["O"], "max_pieces": 9, "prefix": [2], "suffix": [3], "pad_id": 0, "inputs": ["input_ids"]}
    files = {"tokenizer.json": FileRecord(SHA, 2)}
    write_manifest(folder, Manifest("tagger", "onnxruntime", "fp32", "bert", "x", None, {"a": "1"}, files, settings))
    data: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return data


def places(value: Any) -> list[list[Any]]:
    """Return the way to every value inside, itself included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [[], *([key, *way] for key, below in inner for way in places(below))]


def changed(value: Any, way: list[Any], new: Any) -> Any:
    """Return a copy with another value at a place."""
    if not way:
        return new
    copy = value.copy()
    copy[way[0]] = changed(value[way[0]], way[1:], new)
    return copy


def changed_list(values: list[Any], way: list[Any], new: Any) -> list[Any]:
    """Return the lines of a journal with another value at a place."""
    copy = list(values)
    copy[way[0]] = changed(values[way[0]], way[1:], new)
    return copy


def journal(values: list[Any]) -> bytes:
    return "".join(json.dumps(value) + "\n" for value in values).encode()


def read_or_refuse(path: Path, data: bytes, read: Callable[[], Any]) -> None:
    path.write_bytes(data)
    message = f"{path}: expected "
    with suppress(InputError):
        try:
            read()
        except InputError as error:
            message = str(error)
            raise
    assert message.startswith(f"{path.parent}")
    assert len(message) < 1000
    assert message.isprintable()


@given(data=st.data())
def test_any_value_at_any_place_of_a_model_s_manifest(data: st.DataObject, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("model")
    whole = model(folder)
    new = changed(whole, data.draw(st.sampled_from(places(whole))), data.draw(JSON))
    read_or_refuse(
        folder / "manifest.json", json.dumps(new).encode(), lambda: read_manifest(folder, "tagger", verify=False)
    )


@given(way=st.sampled_from(places(RUN)), new=JSON)
def test_any_value_at_any_place_of_a_run_s_manifest(way: list[Any], new: Any, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("run") / "manifest.json"
    read_or_refuse(path, json.dumps(changed(RUN, way, new)).encode(), lambda: read_run_manifest(path))


@given(way=st.sampled_from(places(JOURNAL)[1:]), new=JSON)
def test_any_value_at_any_place_of_a_journal(way: list[Any], new: Any, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("run") / "journal.jsonl"
    read_or_refuse(path, journal(changed_list(JOURNAL, way, new)), lambda: read_journal(path))


@given(data=st.binary(max_size=60) | st.text('[{"a\\:,1e9.-]}NIu \n', max_size=60).map(str.encode))
def test_any_bytes(data: bytes, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("bytes") / "manifest.json"
    for read in (read_json, read_run_manifest, read_journal, lambda path: list(read_json_lines(path))):
        read_or_refuse(path, data, partial(read, path))


def test_what_a_run_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(RUN))
    found = read_run_manifest(path)
    assert found is not None
    assert (found.sentences, len(found.parts), found.counts) == (3, 2, {"words": 7})
    again = RunManifest(as_stored({"a": (1, 2)}))
    again.write(path)
    read = read_run_manifest(path)
    assert read is not None
    assert read.made_from == again.made_from
    lines = tmp_path / "journal.jsonl"
    lines.write_bytes(journal(JOURNAL))
    done = read_journal(lines)
    assert done is not None
    assert (done.sentences, done.parts, done.counts, done.length) == (3, PARTS, {"words": 7}, lines.stat().st_size)
    assert done.learnt == found.learnt == LEARNT["learnt"]
    assert done.made_from == HEAD["made_from"]


@pytest.mark.parametrize(
    ("way", "new", "message"),
    [
        (["xproj_fast_run"], 2, "expected the manifest of a run, got something else"),
        (["made_from"], [], "made_from: expected an object, got a list"),
        ([], RUN | {"complete": True}, "complete: expected no such key, got one"),
        (["sentences"], 4, "sentences: expected the sum over the parts, 3, got 4"),
        (["sentences"], -1, "sentences: expected a whole number from 0 on, got -1"),
        (["counts"], {"words": 1.5}, r"counts\.words: expected a whole number from 0 on, got 1\.5"),
        (["parts"], {}, "parts: expected a list, got an object"),
        (["parts", 1, "part"], 0, r"parts\[1\]\.part: expected 1, got 0"),
        (["parts", 0], 1, r"parts\[0\]: expected an object, got 1"),
        (
            ["parts", 0, "files"],
            {"../../x": {}},
            r"parts\[0\]\.files\.\.\./\.\./x: expected a suffix, got one that no run",
        ),
        (["parts", 1, "files", "conll"], None, r"parts\[1\]\.files\.conll: expected an object, got null"),
        (["outputs", "conll", "file"], 3, r"outputs\.conll\.file: expected text, got 3"),
        (["created"], None, "created: expected text, got null"),
    ],
)
def test_a_run_s_manifest_that_was_changed(way: list[Any], new: Any, message: str, tmp_path: Path) -> None:
    (tmp_path / "out.conll.manifest.json").write_text(json.dumps(changed(RUN, way, new)))
    layout, _ = file_layout(str(tmp_path / "out.conll"))
    with (
        pytest.raises(InputError, match=rf"manifest\.json: {message}.*; remove it to start over$"),
        open_parts(layout, {"input": "abc"}, resume=True),
    ):
        pass


@pytest.mark.parametrize(
    ("way", "new", "message"),
    [
        ([0, "xproj_fast_journal"], 2, "1: expected the journal of a run, got something else"),
        ([0, "made_from"], [], "1: made_from: expected an object, got a list"),
        ([0, "created"], None, "1: created: expected text, got null"),
        ([0], HEAD | {"x": 1}, "1: x: expected no such key, got one"),
        ([1, "learnt"], None, "2: learnt: expected a value, got null"),
        ([1], LEARNT | {"x": 1}, "2: x: expected no such key, got one"),
        ([2], LEARNT, "3: expected what a run has learnt once, got it a second time"),
        ([2, "part"], 1, "3: part: expected 0, got 1"),
        ([3], PARTS[0], "4: part: expected 1, got 0"),
        ([3, "sentences"], -1, "4: sentences: expected a whole number from 0 on, got -1"),
        ([2, "counts"], {"words": 1.5}, r"3: counts\.words: expected a whole number from 0 on, got 1\.5"),
        ([2, "files"], {"../../x": {}}, r"3: files\.\.\./\.\./x: expected a suffix, got one that no run"),
        ([3, "files", "conll"], None, r"4: files\.conll: expected an object, got null"),
        ([3], [], "4: expected an object, got a list"),
    ],
)
def test_a_journal_that_was_changed(way: list[Any], new: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "out.conll.parts" / "journal.jsonl"
    path.parent.mkdir()
    data = journal(changed_list(JOURNAL, way, new))
    path.write_bytes(data)
    layout, _ = file_layout(str(tmp_path / "out.conll"))
    with (
        pytest.raises(InputError, match=rf"journal\.jsonl:{message}.*; remove it to start over$"),
        open_parts(layout, {"input": "abc"}, resume=True),
    ):
        pass
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "journal.jsonl: expected the journal of a run, got no whole line"),
        (journal([HEAD])[:-1], "journal.jsonl: expected the journal of a run, got no whole line"),
        (journal([HEAD]) + b"[" * 100_000 + b"\n", "journal.jsonl:2: expected at most 32 levels of brackets, got more"),
        (journal([HEAD]) + b"{}\n" + journal(PARTS), "journal.jsonl:2: part: expected a value, got none"),
        (journal([HEAD]) + b"\0" * 99 + b"\n", "journal.jsonl:2: expected JSON, got something else: "),
        (journal([HEAD, PARTS[0]]) + b'{"part": 1, "part": 1}\n', "journal.jsonl:3: expected JSON, got something else"),
    ],
)
def test_lines_of_a_journal_that_are_none(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_journal(path)
    assert str(caught.value).startswith(f"{path.parent}/{message}")
    assert str(caught.value).endswith("; remove it to start over")
