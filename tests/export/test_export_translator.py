"""Exporting a translator: whole and proved, or nothing at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cpu import need_exact_int8

from xproj_fast.errors import InputError
from xproj_fast.export import translator as export
from xproj_fast.export.translator import COMPUTE_TYPES, export_translator
from xproj_fast.export.translator_parity import TOLERANCES, demo_pairs
from xproj_fast.models.manifest import read_manifest
from xproj_fast.models.translator import Translator

pytest_plugins = ("translator_fixtures",)


@pytest.mark.parametrize("compute_type", COMPUTE_TYPES)
def test_every_compute_type(tiny_checkpoint: Path, tmp_path: Path, compute_type: str) -> None:
    need_exact_int8(compute_type)
    folder = tmp_path / "model"
    steps: list[str] = []
    manifest = export_translator(tiny_checkpoint, folder, compute_type=compute_type, progress=steps.append)
    assert manifest == read_manifest(folder, "translator")
    assert (manifest.engine, manifest.precision, manifest.architecture) == ("ctranslate2", compute_type, "m2m_100")
    assert manifest.source == str(tiny_checkpoint)
    assert manifest.settings == {
        "languages": ["eng_Latn", "deu_Latn", "spa_Latn", "rus_Cyrl", "jpn_Jpan", "swh_Latn", "zho_Hans"],
        "max_pieces": 1024,
        "eos": "</s>",
        "unk": "<unk>",
    }
    assert {"torch", "transformers", "ctranslate2", "tokenizers"} <= manifest.versions.keys()
    assert {"tokenizer.json", "ctranslate2/model.bin"} < manifest.files.keys()
    assert len(steps) == 3
    parity = manifest.parity
    assert (parity["sentences"], parity["scored_tokens"] > 1000) == (64, True)
    tolerance = TOLERANCES.get(compute_type, TOLERANCES["int8"])
    # Small models are well inside: a tolerance that they only just kept would be too narrow for deep ones.
    assert parity["log_probability_max"] < tolerance.largest / 5
    assert parity["log_probability_mean"] < tolerance.mean / 5
    # In float32 the export itself refuses any difference that is no near tie.
    assert parity["greedy_equal"] > (0.9 if compute_type == "float32" else 0.4)
    with Translator.load(folder, device="cpu", threads=1) as translator:
        assert translator.compute_type in ("float32", "int8", "int8_float32")
        assert len(list(translator.translate(["Berlin", ""], "deu_Latn", "jpn_Jpan"))) == 2


def test_a_loaded_export_says_nothing(tiny_checkpoint: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    export_translator(tiny_checkpoint, tmp_path / "model", compute_type="float16")
    with Translator.load(tmp_path / "model", device="cpu") as translator:
        list(translator.translate(["Berlin"], "deu_Latn", "jpn_Jpan"))
    assert capfd.readouterr() == ("", "")  # CTranslate2 would warn of float16 on a CPU


def test_own_sentences(trained_checkpoint: Path, tmp_path: Path) -> None:
    sentences = ["the old minister met Anna Weber in Japan .", "", *["Siemens left Berlin ."] * 9]
    manifest = export_translator(trained_checkpoint, tmp_path / "model", sentences=sentences)
    assert manifest.parity["sentences"] == 20  # all of them, in both directions


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        ([" "], "sentences: expected text for the parity check, got no word"),
        (["a", "\ud800"], r"sentences: sentence 1: expected text, got '\\ud800'"),
        (["Berlin " * 1022], "sentences: expected at most 1024 subwords, .* got 1025 in 'Berlin Berlin"),
    ],
)
def test_bad_sentences(sentences: list[str], message: str, tiny_checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    fails(tiny_checkpoint, tmp_path / "out" / "model", message, sentences=sentences)


def test_what_is_compared() -> None:
    pairs = demo_pairs(["eng_Latn", "deu_Latn", "swh_Latn", "jpn_Jpan"])
    assert len(pairs) == 32
    assert {(p.source_language, p.target_language) for p in pairs} == {
        ("eng_Latn", "deu_Latn"),
        ("deu_Latn", "eng_Latn"),
        ("eng_Latn", "jpn_Jpan"),
        ("jpn_Jpan", "eng_Latn"),
    }
    assert pairs[0].source == "Maria Lopez joined the Berlin office of Siemens last spring ."
    assert pairs[0].target.startswith("Maria Lopez wechselte")
    assert {(p.source_language, p.target_language) for p in demo_pairs(["lug_Latn", "swh_Latn"])} == {
        ("lug_Latn", "swh_Latn"),
        ("swh_Latn", "lug_Latn"),
    }
    assert {(p.source_language, p.target_language) for p in demo_pairs(["lug_Latn"])} == {("lug_Latn", "lug_Latn")}


def fails(source: Path, folder: Path, message: str, **options: Any) -> None:
    before = sorted(path.name for path in folder.parent.iterdir())
    with pytest.raises(InputError, match=message):
        export_translator(source, folder, **options)
    assert sorted(path.name for path in folder.parent.iterdir()) == before


def test_checkpoints_that_are_none(tiny_checkpoint: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "model"
    target.parent.mkdir()
    fails(tmp_path / "nowhere", target, "nowhere: expected the folder of a Hugging Face checkpoint")
    fails(tmp_path, target, "expected the folder of a Hugging Face checkpoint, got one without config.json")
    fails(tiny_checkpoint, target, "compute_type: expected one of float32, float16.*, got 'fp16'", compute_type="fp16")
    bert = tmp_path / "bert"
    shutil.copytree(tiny_checkpoint, bert)
    (bert / "config.json").write_text(json.dumps({"model_type": "bert", "architectures": ["BertModel"]}))
    fails(bert, target, r"bert: expected an NLLB checkpoint \(model type m2m_100\), got one of type bert")


def test_weights_that_are_missing(tiny_checkpoint: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    broken = tmp_path / "broken"
    shutil.copytree(tiny_checkpoint, broken)
    weights = load_file(broken / "model.safetensors")
    del weights["model.decoder.layers.1.fc1.weight"]
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    (tmp_path / "out").mkdir()
    fails(broken, tmp_path / "out" / "model", "expected all weights .* without model.decoder.layers.1.fc1.weight")


def test_a_tokenizer_without_languages(tmp_path: Path) -> None:
    from tiny_translator import tiny_nllb
    from translator_fixtures import need_export

    need_export()
    checkpoint = tiny_nllb(tmp_path / "checkpoint", languages=["<one>", "<two>"])
    (tmp_path / "out").mkdir()
    fails(
        checkpoint, tmp_path / "out" / "model", "expected a tokenizer with language tokens such as eng_Latn, got none"
    )


def test_an_export_that_differs_is_refused(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part of the check finds what it is there for."""
    import torch

    real = export.load_model
    loaded: list[Any] = []

    def noisy(*args: Any, **options: Any) -> Any:
        """Return the model to convert as it is, and another one to compare with."""
        model = real(*args, **options)
        loaded.append(model)
        if len(loaded) == 2:
            with torch.no_grad():
                model.model.decoder.layers[0].fc1.weight *= 1.01
        return model

    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "model"
    monkeypatch.setattr(export, "load_model", noisy)
    fails(
        tiny_checkpoint, target, r"parity check failed: .* within 0.002 of the original's \(largest difference, float32"
    )
    monkeypatch.undo()
    write = export._convert

    def other_layers(checkpoint: Any, folder: Path, compute_type: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(export, "load_model", upside_down)
            write(checkpoint, folder, compute_type)

    def upside_down(*args: Any, **options: Any) -> Any:
        model = real(*args, **options)
        model.model.decoder.layers = model.model.decoder.layers[::-1]
        return model

    monkeypatch.setattr(export, "_convert", other_layers)
    fails(tiny_checkpoint, target, r"parity check failed: .*original's \(\w+ difference, int8\)", compute_type="int8")
    monkeypatch.undo()
    monkeypatch.setitem(TOLERANCES, "float32", TOLERANCES["float32"]._replace(mean=0.0))
    fails(tiny_checkpoint, target, r"parity check failed: .* within 0 of the original's \(mean difference, float32\)")
    monkeypatch.undo()
    from xproj_fast.models.translation_engine import TranslationEngine

    translate = TranslationEngine.translate
    monkeypatch.setattr(TranslationEngine, "translate", lambda self, s, *rest: translate(self, s[::-1], *rest))
    fails(tiny_checkpoint, target, r"parity check failed: .*: expected the greedy translation \[")
    monkeypatch.undo()
    from xproj_fast.models.subtokens import TextTokenizer

    encode = TextTokenizer.encode
    monkeypatch.setattr(TextTokenizer, "encode", lambda self, texts: encode(self, [t.lower() for t in texts]))
    fails(tiny_checkpoint, target, r"parity check failed: .*: expected the subwords \[")
    monkeypatch.undo()
    monkeypatch.setattr(TextTokenizer, "decode", lambda self, rows: ["".join(row) for row in rows])
    fails(tiny_checkpoint, target, r"parity check failed: .*: expected the text '")


def test_weights_that_are_no_numbers(tiny_checkpoint: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    broken = tmp_path / "broken"
    shutil.copytree(tiny_checkpoint, broken)
    weights = load_file(broken / "model.safetensors")
    weights["model.decoder.layers.1.fc1.weight"].fill_(float("nan"))
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    (tmp_path / "out").mkdir()
    fails(broken, tmp_path / "out" / "model", "expected finite numbers from the original, got NaN .*: damaged weights")


def test_an_interrupted_export_leaves_nothing(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(export, "check_translator", interrupt)
    with pytest.raises(KeyboardInterrupt):
        export_translator(tiny_checkpoint, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_taken_folder(tiny_checkpoint: Path, tmp_path: Path) -> None:
    export_translator(tiny_checkpoint, tmp_path / "model")
    fails(tiny_checkpoint, tmp_path / "model", r"got an exported model \(--force replaces it\)")
    manifest = export_translator(tiny_checkpoint, tmp_path / "model", compute_type="int8", force=True)
    assert read_manifest(tmp_path / "model", "translator") == manifest
