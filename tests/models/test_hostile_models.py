"""Model folders whose manifest is right about files that do harm: an error of one line, from the command, too."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import fails
from conftest import MadeOnce

for package in ("torch", "transformers"):
    pytest.importorskip(package, reason="pip install 'xproj-fast[export]'")
onnx = pytest.importorskip("onnx", reason="pip install 'xproj-fast[export]'")
pytest.importorskip("onnxruntime", reason="pip install 'xproj-fast[models]'")
pytest.importorskip("ctranslate2", reason="pip install 'xproj-fast[models]'")

from tiny_encoders import IOB2, tiny_bert  # noqa: E402

from xproj_fast.errors import InputError  # noqa: E402
from xproj_fast.export.tagger import export_tagger  # noqa: E402
from xproj_fast.models.manifest import record_files  # noqa: E402
from xproj_fast.models.tagger import Tagger  # noqa: E402

CPU: dict[str, Any] = {"device": "cpu", "threads": 1}


@pytest.fixture(scope="module")
def exported(made_once: MadeOnce) -> Path:
    def make(folder: Path) -> None:
        checkpoint = tiny_bert(folder / "checkpoint", IOB2)
        export_tagger(checkpoint, folder / "onnxruntime")
        export_tagger(checkpoint, folder / "ctranslate2", engine="ctranslate2")

    return made_once("models-to-break", make)


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    """A copy in ONNX to break."""
    return Path(shutil.copytree(exported / "onnxruntime", tmp_path / "model"))


def relist(folder: Path) -> None:
    """Make the manifest right about the files, as whoever made the folder would."""
    manifest = json.loads((folder / "manifest.json").read_text())
    found = record_files(folder)
    manifest["files"] = {name: {"sha256": one.sha256, "bytes": one.bytes} for name, one in found.items()}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def change_graph(folder: Path, change: Callable[[Any], None]) -> None:
    model = onnx.load(folder / "model.onnx")
    change(model)
    onnx.save(model, folder / "model.onnx")
    relist(folder)


@pytest.mark.parametrize("location", ["../weights.bin", "{tmp}/weights.bin", "a/../../weights.bin"])
def test_weights_outside_of_the_folder(location: str, folder: Path, tmp_path: Path) -> None:
    """ONNX Runtime opens what the graph names: no hash is known of what lies elsewhere."""

    def change(model: Any) -> None:
        large = max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data))
        (tmp_path / "weights.bin").write_bytes(large.raw_data)  # the right ones, at that
        onnx.external_data_helper.set_external_data(large, location.format(tmp=tmp_path))
        large.ClearField("raw_data")
        large.data_location = onnx.TensorProto.EXTERNAL

    change_graph(folder, change)
    with pytest.raises(InputError, match=r"model\.onnx: expected a model that ONNX Runtime loads, got: "):
        Tagger.load(folder, **CPU)


def test_a_graph_that_wants_something_else(folder: Path) -> None:
    change_graph(folder, lambda model: model.graph.input.append(onnx.helper.make_tensor_value_info("more", 1, [1])))
    with pytest.raises(InputError, match=r"model\.onnx: expected a model that runs, got: "):
        Tagger.load(folder, **CPU).tag([["a"]])


def test_a_graph_without_a_width(folder: Path) -> None:
    def change(model: Any) -> None:
        model.graph.node.append(onnx.helper.make_node("Flatten", [model.graph.output[0].name], ["flat"]))
        model.graph.output[0].CopyFrom(onnx.helper.make_tensor_value_info("flat", 1, ["a", "b"]))

    change_graph(folder, change)
    with pytest.raises(InputError, match=r"model\.onnx: expected an output of \[batch, length, a fixed width\], got "):
        Tagger.load(folder, **CPU)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"", "expected the weights of a classifier, got something else: "),
        (b"PK\x03\x04", "expected the weights of a classifier, got something else: "),
        ({"weight": np.zeros((9, 32), np.float32)}, "expected the weights of a classifier, got something else: "),
        ({"weight": np.array([{}] * 9), "bias": np.zeros(9, np.float32)}, "classifier, got something else: .*pickle"),
        ({"weight": np.zeros((9, 32)), "bias": np.zeros(9)}, r"expected float32 weight\[labels, width\] and bias"),
        ({"weight": np.zeros((9, 32), np.float32), "bias": np.zeros(8, np.float32)}, "expected float32 weight"),
    ],
)
def test_heads_that_are_none(head: Any, message: str, exported: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(exported / "ctranslate2", tmp_path / "model"))
    if isinstance(head, bytes):
        (folder / "head.npz").write_bytes(head)
    else:
        np.savez(folder / "head.npz", **head)
    relist(folder)
    with pytest.raises(InputError, match=rf"head\.npz: .*{message}"):
        Tagger.load(folder, **CPU)


def test_a_tagger_without_its_head(exported: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(exported / "ctranslate2", tmp_path / "model"))
    (folder / "head.npz").unlink()
    relist(folder)
    with pytest.raises(InputError, match="expected 0 tags as in the model, got 9"):
        Tagger.load(folder, **CPU)


def test_a_head_of_another_place_is_not_opened(exported: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(exported / "ctranslate2", tmp_path / "model"))
    with zipfile.ZipFile(tmp_path / "head.npz", "w"):
        pass
    (folder / "head.npz").unlink()
    (folder / "head.npz").symlink_to("../head.npz")
    with pytest.raises(InputError, match=r"head\.npz: expected "):
        Tagger.load(folder, **CPU)


BOMB = {"type": "Split", "pattern": {"Regex": "(a+)+$x"}, "behavior": "Isolated", "invert": False}
TENFOLD = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 10}


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"pre_tokenizer": BOMB}, "tokenizer.json: expected a tokenizer that takes any text, got: "),
        ({"normalizer": {"type": "Sequence", "normalizers": [TENFOLD] * 9}}, "got 1,000,000,000 times"),
    ],
)
def test_tokenizers_that_do_harm(part: Any, message: str, folder: Path, tmp_path: Path) -> None:
    data = json.loads((folder / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps(data | part))
    relist(folder)
    (tmp_path / "in.words").write_text("a" * 60 + "b\n")
    args = ["tag", "--tagger", folder, "--device", "cpu", "--threads", 1, tmp_path / "in.words"]
    if "pre_tokenizer" in part:  # the library tells of its panic by itself, on standard error
        with pytest.raises(InputError, match=message):
            Tagger.load(folder, **CPU).tag([["a" * 60 + "b"]])
    else:
        assert message in fails(*args, "-o", tmp_path / "out.conll")
    assert not (tmp_path / "out.conll").exists()
