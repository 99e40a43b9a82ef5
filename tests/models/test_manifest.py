"""The manifest: what is there is what was exported, or an error says what is wrong."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from xproj_fast import stored_json
from xproj_fast.errors import InputError
from xproj_fast.export import folder as folder_module
from xproj_fast.export.folder import new_folder
from xproj_fast.models.manifest import Manifest, read_manifest, record_files, write_manifest


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "ctranslate2").mkdir(parents=True)
    (folder / "tokenizer.json").write_text("{}")
    (folder / "ctranslate2" / "model.bin").write_bytes(bytes(range(256)))
    write_manifest(folder, make(folder))
    return folder


def make(folder: Path) -> Manifest:
    return Manifest(
        "tagger",
        "ctranslate2",
        "int8",
        "bert",
        "somewhere/model",
        None,
        {"torch": "2.13.0"},
        record_files(folder),
        {
            "labels": ["O", "B-PER"],
            "max_pieces": 128,
            "prefix": [2],
            "suffix": [3],
            "pad_id": 0,
            "inputs": ["input_ids", "attention_mask"],
        },
        {"probability": 1e-5},
        "2026-01-01T00:00:00+00:00",
    )


def test_what_is_written_is_read(model: Path) -> None:
    manifest = read_manifest(model, "tagger")
    assert manifest == make(model)
    assert sorted(manifest.files) == ["ctranslate2/model.bin", "tokenizer.json"]


def test_the_same_files_have_the_same_identity_anywhere(model: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    shutil.copytree(model, other)
    assert read_manifest(other, "tagger").identity == read_manifest(model, "tagger").identity
    (other / "tokenizer.json").write_text("[]")
    write_manifest(other, make(other))
    assert read_manifest(other, "tagger").identity != read_manifest(model, "tagger").identity


def test_hashes_are_of_whole_files(tmp_path: Path) -> None:
    content = bytes(range(256)) * (5 << 12)  # over one block
    (tmp_path / "large").write_bytes(content)
    assert record_files(tmp_path)["large"].sha256 == hashlib.sha256(content).hexdigest()


def fails(folder: Path, message: str, kind: str = "tagger", verify: bool = True) -> None:
    with pytest.raises(InputError, match=message):
        read_manifest(folder, kind, verify=verify)


def test_wrong_folders(model: Path, tmp_path: Path) -> None:
    fails(tmp_path / "nowhere", "nowhere: expected the folder of an exported tagger, got nothing there")
    fails(tmp_path, r"got one without manifest.json \(xproj-fast export tagger SOURCE")
    (tmp_path / "config.json").write_text("{}")
    fails(tmp_path, "got one without manifest.json but a Hugging Face checkpoint")
    fails(model, "expected a translator, got a tagger", kind="translator")


def test_changed_files(model: Path) -> None:
    weights = model / "ctranslate2" / "model.bin"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + b"\0")  # a flipped byte: the size is right
    fails(model, r"model.bin: expected SHA-256 [0-9a-f]{16}\.\.\., got [0-9a-f]{16}\.\.\.: .* corrupted")
    read_manifest(model, "tagger", verify=False)
    weights.write_bytes(whole[:-1])
    fails(model, "model.bin: expected 256 bytes, got 255: the file was cut or changed", verify=False)
    weights.unlink()
    fails(model, "model.bin: expected a file of 256 bytes, got nothing there", verify=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected JSON, got something else: "),
        ("{", "expected JSON, got something else: "),
        ("\x00", "expected JSON, got something else: "),
        ("[" * 100_000, "expected at most 32 levels of brackets, got more$"),
        ("[" * 40 + "]" * 40, "expected at most 32 levels of brackets, got more$"),
        ('{"a": NaN}', "expected JSON, .*: NaN is no finite number$"),
        ('{"a": 1e999}', "expected JSON, .*: 1e999 is no finite number$"),
        ('{"a": ' + "9" * 10_000 + "}", r"expected JSON, .*: the integer 9+\.\.\.9+ has more than 18 digits$"),
        ('{"a": 1, "\x1b": 2, "a": 3}', "expected JSON, got something else: "),
        ('{"a": 1, "a": 3}', "expected JSON, .*: the key a stands there twice$"),
        ("[]", "expected the manifest of an exported model, got something else$"),
        ("{}", "expected the manifest of an exported model, got something else$"),
        ('{"xproj_fast_model": 1}', "kind: expected a value, got none$"),
        ('{"xproj_fast_model": "1"}', 'xproj_fast_model: expected a whole number from 1 on, got "1"$'),
        ('{"xproj_fast_model": true}', "xproj_fast_model: expected a whole number from 1 on, got true$"),
    ],
)
def test_broken_manifests(model: Path, text: str, message: str) -> None:
    (model / "manifest.json").write_text(text)
    fails(model, r"manifest\.json: " + message)


def test_a_manifest_is_of_bounded_size(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_json, "MOST_BYTES", 1000)
    (model / "manifest.json").write_text(" " * 1001)
    fails(model, r"manifest\.json: expected at most 1,000 bytes, got more")


SHA = "0" * 64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "parser"}, 'kind: expected one of translator, tagger, aligner, got "parser"'),
        ({"kind": ["tagger"]}, "kind: expected one of .*, got a list"),
        ({"engine": "torch"}, 'engine: expected one of onnxruntime, ctranslate2, got "torch"'),
        ({"precision": "fp8"}, 'precision: expected one of fp32, fp16, int8, got "fp8"'),
        ({"source": 3}, "source: expected text, got 3"),
        ({"revision": []}, "revision: expected text, got a list"),
        ({"versions": {"torch": 2}}, r"versions\.torch: expected text, got 2"),
        ({"parity": {"x": "small"}}, r'parity\.x: expected a number, got "small"'),
        ({"extra": 1}, "extra: expected no such key, got one"),
        ({"settings": []}, "settings: expected an object, got a list"),
        ({"settings": {}}, r"settings\.labels: expected a value, got none"),
        ({"files": {}}, "files: expected the files of the model, 1 to 1,000, got 0 files"),
        ({"files": []}, "files: expected an object, got a list"),
        ({"files": {"a": 1}}, r"files\.a: expected an object, got 1"),
        ({"files": {"a": {"bytes": 1}}}, r"files\.a\.sha256: expected a value, got none"),
        ({"files": {"a": {"sha256": SHA, "bytes": -1}}}, r"files\.a\.bytes: expected a whole number from 0 on, got -1"),
        ({"files": {"a": {"sha256": "0x", "bytes": 1}}}, r"files\.a\.sha256: expected a SHA-256 sum of 64 hexadecimal"),
    ],
)
def test_what_no_export_writes(model: Path, change: dict[str, Any], message: str) -> None:
    data = json.loads((model / "manifest.json").read_text())
    (model / "manifest.json").write_text(json.dumps(data | change))
    fails(model, rf"manifest\.json: {message}")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": "O"}, "labels: expected a list"),
        ({"labels": ["O", 1]}, r"labels\[1\]: expected text, got 1"),
        ({"max_pieces": 2}, "max_pieces: expected a whole number from 3 to 1,048,576, got 2"),
        ({"max_pieces": 1e9}, "max_pieces: expected a whole number from 3 to 1,048,576, got 1000000000.0"),
        ({"pad_id": -1}, "pad_id: expected a whole number from 0 to"),
        ({"pad_id": True}, "pad_id: expected a whole number from 0 to"),
        ({"prefix": [2**31]}, r"prefix\[0\]: expected a whole number from 0 to"),
        ({"suffix": None}, "suffix: expected a list, got null"),
        ({"inputs": ["pixels"]}, r'inputs\[0\]: expected one of input_ids, attention_mask, .*, got "pixels"'),
        ({"lables": []}, "lables: expected no such key, got one"),
    ],
)
def test_settings_that_no_export_writes(model: Path, change: dict[str, Any], message: str) -> None:
    data = json.loads((model / "manifest.json").read_text())
    data["settings"] |= change
    (model / "manifest.json").write_text(json.dumps(data))
    fails(model, rf"manifest\.json: settings\.{message}")


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../secret", "a/../../secret", "a//b", "./a", "a/", "a\\b", "C:x", "C:/x", "", "manifest.json"],
)
def test_names_that_leave_the_folder(model: Path, name: str) -> None:
    """Not even looked at: the error is of the name, whatever lies there."""
    (model.parent / "secret").write_text("x")
    data = json.loads((model / "manifest.json").read_text())
    data["files"][name] = {"sha256": SHA, "bytes": 1}
    (model / "manifest.json").write_text(json.dumps(data))
    fails(model, r"manifest\.json: files\..*: expected the name of a file inside the folder, got '")


@pytest.mark.parametrize("verify", [True, False])
def test_files_that_the_manifest_does_not_list(model: Path, verify: bool) -> None:
    for name in ("head.npz", "ctranslate2/vocabulary.json", ".hidden", "more/below/x"):
        path = model / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        fails(model, rf"{name}: expected no file that manifest.json does not list, got one", verify=verify)
        path.unlink()
    read_manifest(model, "tagger", verify=verify)  # empty folders are nothing


def test_links_are_no_files_of_a_model(model: Path) -> None:
    weights = model / "ctranslate2" / "model.bin"
    weights.rename(model.parent / "model.bin")
    weights.symlink_to("../../model.bin")  # the very bytes that were exported, but outside
    fails(model, r"model\.bin: expected plain files and folders in a model, got a link")
    weights.unlink()
    (model.parent / "model.bin").rename(weights)
    (model / "loop").symlink_to(".")
    fails(model, r"loop: expected plain files and folders in a model, got a link")
    (model / "loop").unlink()
    os.mkfifo(model / "pipe")
    fails(model, r"pipe: expected plain files and folders in a model, got a link or something else")


def test_the_folder_itself_may_be_a_link(model: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(model)
    assert read_manifest(tmp_path / "link", "tagger") == make(model)


def test_a_newer_format_is_refused(model: Path) -> None:
    data = json.loads((model / "manifest.json").read_text())
    (model / "manifest.json").write_text(json.dumps(data | {"xproj_fast_model": 2}))
    fails(model, "expected a manifest of format 1 or older, got format 2: made by a newer xproj_fast")


def export(target: Path, text: str = "{}", force: bool = False) -> None:
    with new_folder(target, force=force) as folder:
        (folder / "tokenizer.json").write_text(text)
        write_manifest(folder, make(folder))


def interrupted(target: Path, force: bool = False) -> None:
    with new_folder(target, force=force) as folder:
        (folder / "tokenizer.json").write_text("new")
        raise KeyboardInterrupt


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "model"
    with new_folder(target) as folder:
        (folder / "tokenizer.json").write_text("{}")
        assert not target.exists()
        write_manifest(folder, make(folder))
    read_manifest(target, "tagger")
    assert left(target.parent) == ["model"]


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path / "model")
    assert left(tmp_path) == []


def test_what_a_killed_export_left_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".model.partial").mkdir()
    (tmp_path / ".model.partial" / "tokenizer.json").write_text("{}")
    (tmp_path / ".model.lock").touch()
    export(tmp_path / "model")
    assert left(tmp_path) == ["model"]


def test_a_model_is_replaced_only_by_force(tmp_path: Path) -> None:
    target = tmp_path / "model"
    export(target)
    with pytest.raises(InputError, match=r"got an exported model \(--force replaces it\)"):
        export(target, "[]")
    with pytest.raises(KeyboardInterrupt):
        interrupted(target, force=True)
    assert (target / "tokenizer.json").read_text() == "{}"
    export(target, "[]", force=True)
    assert (target / "tokenizer.json").read_text() == "[]"
    assert left(tmp_path) == ["model"]


def test_other_things_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "thesis.tex").touch()
    with pytest.raises(InputError, match="got one with other things in it"):
        export(tmp_path / "model", force=True)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="expected a new or empty folder"):
        export(tmp_path / "file", force=True)


def test_what_appears_during_an_export_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "model"

    def meanwhile() -> None:
        with new_folder(target, force=True):
            target.mkdir()
            (target / "thesis.tex").touch()

    with pytest.raises(InputError, match="got one with other things in it"):
        meanwhile()
    assert left(target) == ["thesis.tex"]
    assert left(tmp_path) == ["model"]


def test_a_model_another_process_has_just_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = folder_module.locked

    def late(*given: Any) -> Any:
        monkeypatch.undo()
        export(tmp_path / "model", "first")
        return real(*given)

    monkeypatch.setattr(folder_module, "locked", late)
    with pytest.raises(InputError, match=r"got an exported model \(--force replaces it\)"):
        export(tmp_path / "model", "second")
    assert (tmp_path / "model" / "tokenizer.json").read_text() == "first"
    assert left(tmp_path) == ["model"]


def test_names_that_begin_alike(tmp_path: Path) -> None:
    with new_folder(tmp_path / "model.int8") as folder:
        (folder / "tokenizer.json").write_text("{}")
        export(tmp_path / "model")
        write_manifest(folder, make(folder))
    assert left(tmp_path) == ["model", "model.int8"]
    read_manifest(tmp_path / "model.int8", "tagger")


@pytest.mark.parametrize("there", ["nothing", "empty", "model"])
def test_a_link_stays_one(there: str, tmp_path: Path) -> None:
    if there != "nothing":
        (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    if there == "model":
        export(tmp_path / "real", "old")
    export(tmp_path / "link", "new", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "tokenizer.json").read_text() == "new"
    assert left(tmp_path) == ["link", "real"]


def test_the_old_model_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "model"
    export(target, "old")

    def fail(*_: object) -> None:
        raise OSError("no")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="no"):
        export(target, "new", force=True)
    monkeypatch.undo()
    assert (target / "tokenizer.json").read_text() == "old"
    target.rename(tmp_path / ".model.old")  # as kill -9 between the two renames leaves it
    with pytest.raises(InputError, match="got an exported model"):
        export(target)
    assert (target / "tokenizer.json").read_text() == "old"
    assert left(tmp_path) == ["model"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    export(tmp_path / "model")
    read_manifest(tmp_path / "model", "tagger")


def _export_in_another_process(target: Path, answer: multiprocessing.SimpleQueue) -> None:
    try:
        export(target)
        answer.put("exported")
    except InputError as error:
        answer.put(str(error))


def test_two_processes_cannot_export_to_one_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    answer = context.SimpleQueue()
    with new_folder(tmp_path / "model") as folder:
        (folder / "tokenizer.json").write_text("first")
        other = context.Process(target=_export_in_another_process, args=(tmp_path / "model", answer))
        other.start()
        other.join(60)
        assert answer.get().endswith("another process is exporting to this folder")
        write_manifest(folder, make(folder))
    assert (tmp_path / "model" / "tokenizer.json").read_text() == "first"
