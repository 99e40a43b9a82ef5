"""The manifest of an exported model: what it is, what it was made from, and proof that it is whole.

A model folder holds ``manifest.json``, ``tokenizer.json`` and either ``model.onnx`` (ONNX Runtime) or the folder
``ctranslate2`` (CTranslate2). The manifest is written last: a folder without one is no model.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError, a
from xproj_fast.models.hashes import blocks, sha256

MANIFEST = "manifest.json"
TOKENIZER = "tokenizer.json"
ONNX_MODEL = "model.onnx"
CTRANSLATE2_MODEL = "ctranslate2"
HEAD = "head.npz"  # a classifier over CTranslate2's states: weight float32[labels, width], bias float32[labels]
KINDS = ("translator", "tagger", "aligner")
FORMAT = 1  # of the manifest; a newer one is refused


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
    def identity(self) -> str:
        """A SHA-256 sum over the hashes of all files: the same model has the same, wherever it lies."""
        listed = sorted((name, record.sha256) for name, record in self.files.items())
        return sha256([json.dumps(listed).encode()])

    def to_json(self) -> str:
        """Return the text of ``manifest.json``."""
        return json.dumps({"xproj_fast_model": FORMAT} | asdict(self), ensure_ascii=False, indent=2) + "\n"


def record_files(folder: Path) -> dict[str, FileRecord]:
    """Return size and hash of every file in the folder and below, by its path inside, without the manifest."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): FileRecord(sha256(blocks(path)), path.stat().st_size)
        for path in found
        if path != folder / MANIFEST
    }


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
        InputError: where there is no such folder, no manifest, a manifest of another kind or format, and where a
            file is missing or not the one that was exported.
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
    manifest = _parse(path)
    if manifest.kind != kind:
        raise InputError(f"{folder}: expected {a(kind)}, got {a(manifest.kind)} (its {MANIFEST} says so)")
    for name, record in manifest.files.items():
        _check_file(folder, name, record, verify)
    return manifest


def _parse(path: Path) -> Manifest:
    try:
        data = json.loads(path.read_bytes())
        version = data.pop("xproj_fast_model")
        newer = version > FORMAT
        if not newer:
            data["files"] = {name: FileRecord(**record) for name, record in data["files"].items()}
            manifest = Manifest(**{known.name: data[known.name] for known in fields(Manifest)})
    except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        raise InputError(
            f"{path}: expected the manifest of an exported model, got something else ({type(error).__name__}: {error})"
        ) from None
    if newer:
        raise InputError(
            f"{path}: expected a manifest of format {FORMAT} or older, got format {version}: made by a newer xproj_fast"
        )
    return manifest


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
