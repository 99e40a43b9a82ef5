"""Models as folders: verified once a machine, loaded once a process, and travelling as what they are called."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from toy_language import PAIRS, TOY, text

from xproj_fast.errors import InputError
from xproj_fast.formats.files import read_labelled
from xproj_fast.models import verified
from xproj_fast.models.alignment import NeuralAlignOptions
from xproj_fast.models.manifest import Manifest, record_files, write_manifest
from xproj_fast.models.verified import verified_manifest
from xproj_fast.runs.label_batches import LabelBatches
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.labelling import label
from xproj_fast.runs.model_paths import ModelPaths, loaded_once
from xproj_fast.runs.work_arrow import MADE, TYPES

if TYPE_CHECKING:
    from stack_fixtures import Stack

pytest_plugins = ("translator_fixtures", "stack_fixtures")
HANDED_ON = {name: TYPES[name] for name in MADE["translate"] if name != "target_words"}
SETTINGS = {
    "labels": ["O", "B-PER", "I-PER"],
    "max_pieces": 128,
    "prefix": [2],
    "suffix": [3],
    "pad_id": 0,
    "inputs": ["input_ids", "attention_mask"],
}


@pytest.fixture(autouse=True)
def own_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stamps of one test are not those of another."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return, for each time that a folder was looked at, whether hashes were compared."""
    seen: list[bool] = []
    real = verified.read_manifest

    def spied(folder: Any, kind: str, *, verify: bool = True) -> Manifest:
        seen.append(verify)
        return real(folder, kind, verify=verify)

    monkeypatch.setattr(verified, "read_manifest", spied)
    return seen


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return the folder of a tagger: whole, as far as hashes go."""
    folder = tmp_path / "ner"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"weights")
    (folder / "tokenizer.json").write_text("{}")
    write_manifest(folder, tagger_manifest(folder))
    return folder


def tagger_manifest(folder: Path) -> Manifest:
    (folder / "manifest.json").unlink(missing_ok=True)
    return Manifest("tagger", "onnxruntime", "fp32", "bert", "x", None, {}, record_files(folder), SETTINGS)


def test_hashes_are_compared_once(model: Path, compared: list[bool]) -> None:
    for _ in range(3):
        ModelPaths(tagger=str(model)).verify()
    assert compared.count(True) == 1


def test_a_file_that_was_changed_is_compared_again(model: Path, compared: list[bool]) -> None:
    """Also one of the same size, whose time was set back."""
    verified_manifest(model, "tagger")
    weights = model / "model.onnx"
    before = weights.stat()
    weights.write_bytes(b"Weights")
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    for _ in range(2):  # what failed is not taken for verified
        with pytest.raises(InputError, match=r"model\.onnx: expected SHA-256"):
            verified_manifest(model, "tagger")
    assert compared.count(True) == 3


def test_stamps_of_others_do_not_count(model: Path, own_temp: Path, compared: list[bool]) -> None:
    """A folder that others may write to says nothing; nor is it used where none can be made."""
    verified_manifest(model, "tagger")
    (stamps,) = own_temp.iterdir()
    assert stamps.stat().st_mode & 0o777 == 0o700
    stamps.chmod(0o777)
    verified_manifest(model, "tagger")
    for stamp in stamps.iterdir():
        stamp.unlink()
    stamps.rmdir()
    stamps.write_text("a file in its place")
    verified_manifest(model, "tagger")
    assert compared.count(True) == 3


def test_without_locks_it_goes_on(model: Path, compared: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*ignored: object) -> None:
        raise OSError("no locks available")

    monkeypatch.setattr(verified.fcntl, "flock", no_locks)
    verified_manifest(model, "tagger")
    verified_manifest(model, "tagger")
    monkeypatch.setattr(verified, "fcntl", None)  # Windows
    verified_manifest(model, "tagger")
    assert compared.count(True) == 2


def test_models_are_loaded_once_a_process(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []

    def load(self: ModelPaths, names: Any = None, *, verify: bool = True) -> dict[str, Any]:
        loads.append(self.given[0])
        return {self.given[0]: object()}

    monkeypatch.setattr(ModelPaths, "load", load)
    paths = ModelPaths(tagger=str(model), target_tagger=str(model), device="cpu")
    first = loaded_once(paths, ("tagger", "aligner"))
    assert first.keys() == {"tagger"}
    assert loaded_once(pickle.loads(pickle.dumps(paths)), ("tagger",))["tagger"] is first["tagger"]
    assert loaded_once(ModelPaths(tagger=str(model), device="cuda:1"), ("tagger",))["tagger"] is not first["tagger"]
    assert loads == ["tagger", "tagger"]


def test_identities_need_no_weights(model: Path) -> None:
    paths = ModelPaths(tagger=model)
    assert paths.described()["tagger"]["files"].keys() == {"model.onnx", "tokenizer.json"}
    with pytest.raises(InputError, match="nothing: expected the folder of an exported translator, got nothing there"):
        ModelPaths(translator="nothing").described()
    with pytest.raises(InputError, match=r"expected a translator, got a tagger"):
        ModelPaths(translator=model).verify()


def test_the_schema_tells_models_from_others_by_their_folders(model: Path, tmp_path: Path) -> None:
    """Of those alone that a stage runs: the folders of others need not be there."""
    given = pa.schema([("tokens", pa.list_(pa.string())), *((name, kind) for name, kind in HANDED_ON.items())])

    def told(folder: Path) -> Any:
        paths = ModelPaths(tagger=folder, translator="on another machine")
        return LabelBatches(paths, LabelOptions(TOY), stages=("tag",)).schema(given).metadata[b"xproj_fast"]

    twin = tmp_path / "twin"
    shutil.copytree(model, twin)
    assert told(twin) == told(model)
    (twin / "model.onnx").write_bytes(b"Weights")
    write_manifest(twin, tagger_manifest(twin))
    assert told(twin) != told(model)


FEW = PAIRS[:30]
OPTIONS = LabelOptions(TOY, align=NeuralAlignOptions("argmax"), threads=1)


def tags_by(labels: LabelBatches, table: pa.Table) -> Any:
    return labels(table)["tags"].to_pylist()


@pytest.fixture
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as made:
        yield made


def test_real_models_in_another_process(stack: Stack, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
    paths = ModelPaths(stack.tagger, stack.translator, stack.aligner, device="cpu", threads=1)
    (tmp_path / "in.txt").write_text("".join(text(pair.toy) + "\n" for pair in FEW))
    label(tmp_path / "in.txt", tmp_path / "out.conll", LabelModels(**paths.load()), OPTIONS)
    expected = read_labelled(tmp_path / "out.conll").tags()
    table = pa.table({"text": [text(pair.toy) for pair in FEW]})
    labels = LabelBatches(paths, OPTIONS, chunk=8)
    assert pool.submit(tags_by, labels, table).result(timeout=300) == expected
    told = labels.schema(table.schema).metadata
    assert LabelBatches(LabelModels(**paths.load()), OPTIONS).schema(table.schema).metadata == told
    assert json.loads(told[b"xproj_fast"])["models"].keys() == {"translator", "tagger", "aligner"}
    apart = table
    for name in OPTIONS.stages:
        apart = LabelBatches(paths, OPTIONS, stages=(name,), chunk=8)(apart)
    assert apart["tags"].to_pylist() == expected
