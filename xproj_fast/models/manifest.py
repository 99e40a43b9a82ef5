"""The manifest of an exported model: what it is, what it was made from, and proof that it is whole.

A model folder holds ``manifest.json``, ``tokenizer.json`` and either ``model.onnx`` (ONNX Runtime) or the folder
``ctranslate2`` (CTranslate2). The manifest is written last: a folder without one is no model. It lists every other file
with its hash: what it does not list is no part of the model, and a folder with such a file is refused.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from xproj_fast.errors import InputError, a
from xproj_fast.models.hashes import blocks, sha256
from xproj_fast.models.settings import KINDS, read_settings
from xproj_fast.stored_json import Value, read_json
from xproj_fast.wording import brief, count

MANIFEST = "manifest.json"
TOKENIZER = "tokenizer.json"
ONNX_MODEL = "model.onnx"
CTRANSLATE2_MODEL = "ctranslate2"
HEAD = "head.npz"  # a classifier over CTranslate2's states: weight float32[labels, width], bias float32[labels]
FORMAT = 1  # of the manifest; a newer one is refused
IDENTITY = 2  # of what ``Manifest.identity`` looks at
MOST_FILES = 1000  # of a model folder; a model has some five


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of a model folder."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` holds.

    Attributes:
        kind: ``"translator"``, ``"tagger"`` or ``"aligner"``.
        engine: ``"onnxruntime"`` or ``"ctranslate2"``.
        precision: ``"fp32"``, ``"fp16"`` or ``"int8"``; of a translator CTranslate2's compute type.
        architecture: the checkpoint's model type: ``"xlm-roberta"``, ``"m2m_100"``, ...
        source: folder or hub name of the checkpoint.
        revision: commit of the checkpoint on its hub, or None.
        versions: package -> version at export.
        files: path in the folder -> size and hash, of every file but the manifest.
        settings: what the loader needs, by kind (labels, layer, languages, special tokens, ...).
        parity: how far the exported model is from the original, on real sentences.
        created: when, in ISO 8601, UTC.
    """

    kind: str
    engine: str
    precision: str
    architecture: str
    source: str
    revision: str | None
    versions: dict[str, str]
    files: dict[str, FileRecord]
    settings: dict[str, Any]
    parity: dict[str, float] = field(default_factory=dict)
    created: str = ""

    @property
    def identity(self) -> dict[str, Any]:
        """All that an output depends on, as JSON values: the same model has the same, wherever it lies."""
        return {
            "identity": IDENTITY,
            "kind": self.kind,
            "engine": self.engine,
            "precision": self.precision,
            "settings": self.settings,
            "files": {name: record.sha256 for name, record in sorted(self.files.items())},
        }

    def to_json(self) -> str:
        """Return the text of ``manifest.json``."""
        return json.dumps({"xproj_fast_model": FORMAT} | asdict(self), ensure_ascii=False, indent=2) + "\n"


def record_files(folder: Path) -> dict[str, FileRecord]:
    """Return size and hash of every file in the folder and below, by its path inside, without the manifest.

    Raises:
        InputError: for anything but plain files and folders.
    """
    return {name: FileRecord(sha256(blocks(path)), path.stat().st_size) for name, path in sorted(_files(folder))}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``manifest.json``: the last step of an export."""
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")


def read_manifest(folder: str | Path, kind: str, *, verify: bool = True) -> Manifest:
    """Read and check the manifest of a model folder.

    Args:
        folder: where an export was written.
        kind: the kind of model that is wanted.
        verify: compare every file's hash (about a second per gigabyte); False = only names and sizes.

    Raises:
        InputError: where there is no such folder, no manifest, a manifest of another kind or format or with anything
            in it that a manifest cannot have, where a file is missing or not the one that was exported, and where
            there is one that the manifest does not list.
    """
    folder = Path(folder)
    path = folder / MANIFEST
    how = f"(xproj-fast export {'nllb' if kind == 'translator' else kind} SOURCE {folder} makes one)"
    if not folder.is_dir():
        raise InputError(f"{folder}: expected the folder of an exported {kind}, got nothing there {how}")
    if not path.is_file():
        looks = " but a Hugging Face checkpoint" if (folder / "config.json").is_file() else ""
        raise InputError(
            f"{folder}: expected the folder of an exported {kind}, got one without {MANIFEST}{looks} {how}"
        )
    manifest = _parse(read_json(path), kind)
    for name, record in manifest.files.items():
        _check_file(folder, name, record, verify)
    for name, found in _files(folder):
        if name not in manifest.files:
            raise InputError(f"{found}: expected no file that {MANIFEST} does not list, got one: keep it elsewhere")
    return manifest


def _parse(value: Value, kind: str) -> Manifest:
    if not isinstance(value.value, dict) or "xproj_fast_model" not in value.value:
        value.fail("the manifest of an exported model", "something else")
    version = value.table()["xproj_fast_model"].whole(1)
    if version > FORMAT:
        value.fail(f"a manifest of format {FORMAT} or older", f"format {version}: made by a newer xproj_fast")
    found = value.record("xproj_fast_model", *(known.name for known in fields(Manifest)))
    other = found["kind"].one_of(KINDS)
    if other != kind:
        raise InputError(f"{Path(value.file).parent}: expected {a(kind)}, got {a(other)} (its {MANIFEST} says so)")
    engine, precision, settings = read_settings(kind, found)
    return Manifest(
        kind=kind,
        engine=engine,
        precision=precision,
        architecture=found["architecture"].text(),
        source=found["source"].text(),
        revision=None if found["revision"].value is None else found["revision"].text(),
        versions={name: version.text() for name, version in found["versions"].table().items()},
        files=_records(found["files"]),
        settings=settings,
        parity={name: figure.number() for name, figure in found["parity"].table().items()},
        created=found["created"].text(),
    )


def _records(value: Value) -> dict[str, FileRecord]:
    records = {}
    for name, given in value.table().items():
        whole = given.record("sha256", "bytes")
        digest = whole["sha256"].text()
        if not re.fullmatch("[0-9a-f]{64}", digest):
            whole["sha256"].fail("a SHA-256 sum of 64 hexadecimal digits")
        records[name] = FileRecord(digest, whole["bytes"].whole())
        path, there = PurePosixPath(name), PureWindowsPath(name)
        if str(path) != name or there.anchor or there.drive or ".." in there.parts or "\\" in name or name == MANIFEST:
            given.fail("the name of a file inside the folder", brief(repr(name)))
    if not 0 < len(records) <= MOST_FILES:
        value.fail(f"the files of the model, 1 to {MOST_FILES:,}", count(len(records), "file"))
    return records


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield every file but the manifest, by its path inside; nothing that leads out of the folder is one."""
    seen = 0
    for where, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            path = Path(where, name)
            seen += 1
            if seen > 2 * MOST_FILES:
                raise InputError(f"{folder}: expected at most {MOST_FILES:,} files, got more")
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise InputError(f"{path}: expected plain files and folders in a model, got a link or something else")
            if path.is_file() and path != folder / MANIFEST:
                yield path.relative_to(folder).as_posix(), path


def _check_file(folder: Path, name: str, record: FileRecord, verify: bool) -> None:
    path = folder / name
    if not path.is_file():
        raise InputError(
            f"{path}: expected a file of {record.bytes:,} bytes, got nothing there: export the model again"
        )
    size = path.stat().st_size
    if size != record.bytes:
        raise InputError(f"{path}: expected {record.bytes:,} bytes, got {size:,}: the file was cut or changed")
    if verify and (got := sha256(blocks(path))) != record.sha256:
        raise InputError(
            f"{path}: expected SHA-256 {record.sha256[:16]}..., got {got[:16]}...: the file was changed or is corrupted"
        )
