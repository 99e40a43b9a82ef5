"""``xproj-fast export``: what it prints, what it refuses, and what is left of one that is killed."""

from __future__ import annotations

import json
import signal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from command import HERE, run
from conftest import MadeOnce
from crash import held
from tiny_encoders import IOB2, tiny_bert

from xproj_fast.cli import main
from xproj_fast.errors import InputError
from xproj_fast.export.aligner import export_aligner
from xproj_fast.export.parity import demo_sentences
from xproj_fast.models.manifest import read_manifest

for package in ("torch", "transformers", "onnx", "onnxruntime", "ctranslate2", "tokenizers"):
    pytest.importorskip(package, reason=f"exporting needs {package}: pip install 'xproj-fast[export]'")

ONE_THREAD = HERE["env"] | {"OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def checkpoint(made_once: MadeOnce) -> Path:
    return made_once("bert-to-export", partial(tiny_bert, labels=IOB2))


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("texts") / "some.txt"
    file.write_text("\n".join(demo_sentences()[::20]) + "\n", "utf-8")
    return file


def test_tagger_as_a_user_runs_it(checkpoint: Path, texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "models" / "ner"
    done = run("export", "tagger", checkpoint, out, "--precision", "int8", "--parity-text", texts, "--threads", 1)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[:5] == [
        f"loading {checkpoint}",
        "running the original",
        "converting to ONNX",
        "optimising the graph",
        "quantising to int8",
    ]
    assert lines[5] == "checking against the original"
    assert lines[6].startswith("parity on 11 sentences: max probability difference")
    assert lines[7].startswith(f"{out}: tagger, int8, 0.")
    assert len(lines) == 8  # nothing of torch, transformers or ONNX Runtime leaks
    assert read_manifest(out, "tagger").precision == "int8"


def test_aligner_and_json(checkpoint: Path, texts: Path, tmp_path: Path, capfd: Any) -> None:
    command = ["export", "aligner", str(checkpoint), str(tmp_path / "out"), "--parity-text", str(texts)]
    command += ["--threads", "1", "--quiet", "--json", "--layer", "2", "--engine", "ctranslate2"]
    assert main(command) == 0
    said, complaints = capfd.readouterr()
    assert complaints == ""
    shown = json.loads(said)
    assert shown == json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert (shown["kind"], shown["engine"], shown["settings"]["layer"]) == ("aligner", "ctranslate2", 2)
    assert main(command) == 1
    assert "expected a new or empty folder, got an exported model (--force replaces it)" in capfd.readouterr().err
    assert main([*command, "--force", "--precision", "int8"]) == 0
    assert json.loads(capfd.readouterr().out)["precision"] == "int8"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["tagger", "IN"], 2, "the following arguments are required: DIR"),
        (["tagger", "IN", "OUT", "--precision", "fp8"], 2, "--precision: expected one of fp32, fp16, int8"),
        (["aligner", "IN", "OUT", "--layer", "0"], 2, "--layer: expected a count of 1 or more, got 0"),
        (
            ["aligner", "IN", "OUT", "--layer", "5"],
            1,
            "layer: expected one from 1 to 4, the layers of this model, got 5",
        ),
        (["nllb", "IN", "OUT", "--compute-type", "fp16"], 2, "--compute-type: expected one of float32,"),
        (["nllb", "IN", "OUT"], 1, "expected an NLLB checkpoint"),
        (["tagger", "IN/nowhere", "OUT"], 1, "expected the folder of a Hugging Face checkpoint or a name on its hub"),
        (["tagger", "IN", "OUT", "--parity-text", "IN/nowhere"], 1, "nowhere: No such file or directory"),
        (["tagger", "IN", "OUT", "--parity-text", "IN/model.safetensors"], 1, "expected UTF-8 text, got"),
        (["tagger", "IN", "OUT", "--device", "tpu"], 1, "device: expected"),
        (["tagger", "IN", "OUT", "--revision", "main"], 1, "expected no revision with a folder, got 'main'"),
    ],
)
def test_what_is_refused(
    words: list[str], code: int, message: str, checkpoint: Path, tmp_path: Path, capfd: Any
) -> None:
    places = {"IN": str(checkpoint), "OUT": str(tmp_path / "out")}
    filled = ["/".join(places.get(part, part) for part in word.split("/")) for word in words]
    if code == 2:
        with pytest.raises(SystemExit) as stop:
            main(["export", *filled])
        assert stop.value.code == 2
    else:
        assert main(["export", *filled, "--quiet"]) == 1
    said, complaints = capfd.readouterr()
    assert said == ""
    assert message in complaints.splitlines()[-1]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", [[], ["nllb"], ["tagger"], ["aligner"]])
def test_help_teaches(kind: list[str], capfd: Any) -> None:
    with pytest.raises(SystemExit):
        main(["export", *kind, "--help"])
    said = capfd.readouterr().out
    assert "xproj-fast export " in said.partition("examples:")[2]
    assert len(max(said.splitlines(), key=len)) <= 120


def test_killed_while_another_wants_the_same_folder(checkpoint: Path, texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with held("export", "tagger", checkpoint, out, at="manifest.json", env=ONE_THREAD) as process:
        with pytest.raises(InputError, match="another process is exporting to this folder"):
            export_aligner(checkpoint, out)
        process.send_signal(signal.SIGKILL)
    assert not out.exists()
    assert (tmp_path / ".out.partial").is_dir()
    with pytest.raises(InputError, match="expected the folder of an exported tagger, got nothing there"):
        read_manifest(out, "tagger")
    export_aligner(checkpoint, out, sentences=texts.read_text("utf-8").splitlines(), threads=1)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_interrupted(checkpoint: Path, tmp_path: Path) -> None:
    with held("export", "tagger", checkpoint, tmp_path / "out", at="manifest.json", env=ONE_THREAD) as process:
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=100)
    assert process.returncode == 130
    assert complaints.decode().splitlines()[-1] == "xproj-fast: interrupted; no output was left half-written"
    assert list(tmp_path.iterdir()) == []
