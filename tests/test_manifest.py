"""The manifest: what is there is what was exported, or an error says what is wrong."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import shutil
from pathlib import Path
from typing import Any

import pytest

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
        {"labels": ["O", "B-PER"]},
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
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"xproj_fast_model": 1}',
        '{"xproj_fast_model": 1, "files": 3}',
        '{"xproj_fast_model": "1"}',
    ],
)
def test_broken_manifests(model: Path, text: str) -> None:
    (model / "manifest.json").write_text(text)
    fails(model, "manifest.json: expected the manifest of an exported model, got something else")


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
