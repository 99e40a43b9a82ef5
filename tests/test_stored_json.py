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

from xproj_fast.cli.resumable import _read_state, open_output
from xproj_fast.errors import InputError
from xproj_fast.models.manifest import FileRecord, Manifest, read_manifest, write_manifest
from xproj_fast.runs.layout import file_layout
from xproj_fast.runs.parts import open_parts
from xproj_fast.runs.run_manifest import RunManifest, read_run_manifest
from xproj_fast.stored_json import read_json

SHA = "0" * 64
RUN: dict[str, Any] = {
    "xproj_fast_run": 1,
    "made_from": {"input": "abc", "options": {"beam": 4}},
    "complete": False,
    "sentences": 3,
    "counts": {"words": 7},
    "parts": [
        {"sentences": 1, "files": {"conll": {"sha256": SHA, "bytes": 2}}},
        {
            "sentences": 2,
            "files": {"conll": {"sha256": SHA, "bytes": 3}, "problems.jsonl": {"sha256": SHA, "bytes": 1}},
        },
    ],
    "outputs": {"conll": {"file": "out.conll", "sha256": SHA, "bytes": 5}},
    "notes": {"seconds": {"write": 1.5}},
    "created": "2026-01-01T00:00:00+00:00",
    "updated": "2026-01-01T00:00:00+00:00",
}
STATE: dict[str, Any] = {"xproj_fast_partial": 1, "made_from": {"input": 1}, "sentences": 1, "bytes": 2, "counts": {}}
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


@given(way=st.sampled_from(places(STATE)), new=JSON)
def test_any_value_at_any_place_of_a_state(way: list[Any], new: Any, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("run") / "out.partial.json"
    read_or_refuse(path, json.dumps(changed(STATE, way, new)).encode(), lambda: _read_state(path))


@given(data=st.binary(max_size=60) | st.text('[{"a\\:,1e9.-]}NIu \n', max_size=60).map(str.encode))
def test_any_bytes(data: bytes, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("bytes") / "manifest.json"
    for read in (read_json, read_run_manifest, _read_state):
        read_or_refuse(path, data, partial(read, path))


def test_what_a_run_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(RUN))
    found = read_run_manifest(path)
    assert found is not None
    assert (found.sentences, len(found.parts), found.counts) == (3, 2, {"words": 7})
    again = RunManifest.fresh({"a": (1, 2)})
    again.write(path)
    read = read_run_manifest(path)
    assert read is not None
    assert read.made_from == again.made_from


@pytest.mark.parametrize(
    ("way", "new", "message"),
    [
        (["xproj_fast_run"], 2, "expected the manifest of a run, got something else"),
        (["made_from"], [], "made_from: expected an object, got a list"),
        (["complete"], 1, "complete: expected true or false, got 1"),
        (["sentences"], 4, "sentences: expected the sum over the parts, 3, got 4"),
        (["sentences"], -1, "sentences: expected a whole number from 0 on, got -1"),
        (["counts"], {"words": 1.5}, r"counts\.words: expected a whole number from 0 on, got 1\.5"),
        (["parts"], {}, "parts: expected a list, got an object"),
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
@pytest.mark.parametrize("where", ["out.conll.parts/manifest.json", "out.conll.manifest.json"])
def test_a_run_s_manifest_that_was_changed(where: str, way: list[Any], new: Any, message: str, tmp_path: Path) -> None:
    (tmp_path / "out.conll.parts").mkdir()
    (tmp_path / "out.conll.parts" / "manifest.json").write_text(json.dumps(RUN))  # a run was there
    (tmp_path / where).write_text(json.dumps(changed(RUN, way, new)))
    layout, _ = file_layout(str(tmp_path / "out.conll"))
    with (
        pytest.raises(InputError, match=rf"manifest\.json: {message}.*; remove it to start anew$"),
        open_parts(layout, {"input": "abc"}, resume=True),
    ):
        pass


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "expected at most 32 levels of brackets, got more"),
        ('{"xproj_fast_partial": 1}', "made_from: expected a value, got none"),
        (json.dumps(STATE | {"bytes": "2"}), 'bytes: expected a whole number from 0 on, got "2"'),
        (json.dumps(STATE | {"counts": []}), "counts: expected an object, got a list"),
        (json.dumps(STATE | {"bytes": 10**30}), "expected JSON, got something else: the integer 1000000"),
    ],
)
def test_a_state_that_was_changed(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "out.partial.json").write_text(text)
    (tmp_path / "out.partial").write_text("ab")
    with (
        pytest.raises(InputError, match=rf"out\.partial\.json: {message}.*; remove it to start anew$"),
        open_output(str(tmp_path / "out"), {"input": 1}, resume=True),
    ):
        pass
