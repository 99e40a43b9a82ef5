"""Taggers and aligners: exported from small real checkpoints in every way there is, run, and held to the original."""

from __future__ import annotations

import errno
import json
import logging
import os
import resource
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import MadeOnce
from cpu import need_exact_int8
from tiny_encoders import IOB1, IOB2, LAYERS, WIDTH, tiny_bert, tiny_distilbert, tiny_xlmr
from tiny_translator import LANGUAGES, tiny_nllb

from xproj_fast.errors import InputError
from xproj_fast.export import aligner, onnx, parity, tagger
from xproj_fast.export.checkpoint import quiet
from xproj_fast.export.parity import LIMITS, demo_sentences
from xproj_fast.lists import word_columns
from xproj_fast.models.manifest import Manifest, read_manifest
from xproj_fast.models.neural_aligner import Aligner
from xproj_fast.models.tagger import Tagger
from xproj_fast.models.tagging import TaggerOptions

for package in ("torch", "transformers", "onnx", "onnxruntime", "ctranslate2", "tokenizers"):
    pytest.importorskip(package, reason=f"exporting needs {package}: pip install 'xproj-fast[export]'")

PRECISIONS = ("fp32", "fp16", "int8")
ENGINES = ("onnxruntime", "ctranslate2")
WAYS = [(engine, precision) for engine in ENGINES for precision in PRECISIONS]
TEXTS = demo_sentences()[::17]
SENTENCES = [text.split() for text in TEXTS]
# Few sentences and one thread: the CPUs may be busy with other tests.
export_tagger = partial(tagger.export_tagger, sentences=TEXTS, threads=1)
export_aligner = partial(aligner.export_aligner, sentences=TEXTS, threads=1)


def shared_model(name: str) -> Path:
    """Return a real checkpoint in ../shared/models; skip where it is absent."""
    path = Path(__file__).resolve().parents[3] / "shared" / "models" / name
    if not path.is_dir():
        pytest.skip(f"real model is not here: {path} (its licence keeps it out of the repository)")
    return path


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Any:  # for the originals
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def checkpoints(made_once: MadeOnce) -> dict[str, Path]:
    makers: dict[str, Any] = {
        "bert": partial(tiny_bert, labels=IOB2),
        "xlmr": partial(tiny_xlmr, labels=IOB1),
        "distilbert": partial(tiny_distilbert, labels=IOB2),
        "nllb": partial(tiny_nllb, max_positions=128),
        "plain": tiny_bert,
    }
    return {name: made_once(f"{name}-to-export-in-all-ways", make) for name, make in makers.items()}


def altered(checkpoint: Path, folder: Path, **config: Any) -> Path:
    """Return a copy of a checkpoint whose configuration says something else."""
    folder.mkdir()
    for file in checkpoint.iterdir():
        os.link(file, folder / file.name)
    settings = json.loads((checkpoint / "config.json").read_text()) | config
    (folder / "config.json").unlink()
    (folder / "config.json").write_text(json.dumps(settings))
    return folder


def original(checkpoint: Path, auto_class: str, words: list[str], layer: int | None = None) -> Any:
    """Return what the checkpoint says of each subword of one sentence, and the word of each: the plain HF way."""
    import torch
    import transformers

    with quiet(), torch.no_grad():
        model = getattr(transformers, auto_class).from_pretrained(checkpoint, dtype=torch.float32).eval()
        tokenizer = transformers.AutoTokenizer.from_pretrained(checkpoint)
        batch = tokenizer(words, is_split_into_words=True, return_tensors="pt")
        if layer is None:
            rows = model(**batch).logits[0].softmax(-1)
        else:
            run = model.get_encoder() if model.config.model_type == "m2m_100" else model
            rows = run(**batch, output_hidden_states=True).hidden_states[layer][0]
    found = batch.word_ids(0)
    inside = [i for i, word in enumerate(found) if word is not None]
    return rows[inside].numpy(), [found[i] for i in inside]


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- every way there is


@pytest.mark.parametrize(("engine", "precision"), WAYS)
@pytest.mark.parametrize("name", ["bert", "xlmr", "distilbert"])
def test_tagger(
    name: str, engine: str, precision: str, checkpoints: dict[str, Path], tmp_path: Path, capfd: Any
) -> None:
    need_exact_int8(precision)
    said: list[str] = []
    manifest = export_tagger(
        checkpoints[name], tmp_path / "out", engine=engine, precision=precision, progress=said.append
    )
    assert capfd.readouterr() == ("", "")
    assert left(tmp_path) == ["out"]
    files = ["ctranslate2", "head.npz"] if engine == "ctranslate2" else ["model.onnx"]
    assert left(tmp_path / "out") == sorted([*files, "manifest.json", "tokenizer.json"])
    assert read_manifest(tmp_path / "out", "tagger") == manifest
    assert manifest.settings["labels"] == list(IOB1 if name == "xlmr" else IOB2)
    assert manifest.settings["max_pieces"] == 128
    assert manifest.settings["inputs"] == ["input_ids", "attention_mask"]
    assert (manifest.engine, manifest.precision, manifest.revision) == (engine, precision, None)
    assert {"torch", "transformers", "xproj-fast"} <= set(manifest.versions)
    assert manifest.parity["sentences"] == len(TEXTS) + 1
    for figure, limit in LIMITS["tagger"][precision].items():
        assert manifest.parity[figure] <= limit == manifest.parity[f"{figure}_limit"]
    assert any(line.startswith(f"parity on {len(TEXTS) + 1} sentences: max probability difference") for line in said)
    assert said[0] == f"loading {checkpoints[name]}"
    assert f"tagger, {precision}" in said[-1]
    loaded = Tagger.load(tmp_path / "out", device="cpu", threads=1)
    found = loaded.probabilities(SENTENCES, TaggerOptions(batch_tokens=256))
    bound = {"fp32": 1e-5, "fp16": 2e-2, "int8": 0.25}[precision]
    flat = 0
    for words in SENTENCES[:6]:
        rows, word = original(checkpoints[name], "AutoModelForTokenClassification", words)
        expected = np.stack([rows[word.index(w)] for w in range(len(words))])
        assert np.abs(found.values[flat : flat + len(words)] - expected).max() < bound
        flat += len(words)


@pytest.mark.parametrize(("engine", "precision"), WAYS)
@pytest.mark.parametrize(
    ("name", "layer"), [("bert", None), ("xlmr", 1), ("distilbert", LAYERS), ("nllb", None), ("nllb", 1)]
)
def test_aligner(
    name: str,
    layer: int | None,
    engine: str,
    precision: str,
    checkpoints: dict[str, Path],
    tmp_path: Path,
    capfd: Any,
) -> None:
    need_exact_int8(precision)
    out = tmp_path / "out"
    manifest = export_aligner(checkpoints[name], out, layer=layer, engine=engine, precision=precision)
    assert capfd.readouterr() == ("", "")
    assert left(tmp_path) == ["out"]
    assert read_manifest(out, "aligner") == manifest
    settings = manifest.settings
    layers = 2 if name == "nllb" else LAYERS
    layer = layer or (2 if name == "nllb" else 3)
    assert (settings["layer"], settings["layers"], settings["width"]) == (layer, layers, WIDTH)
    assert settings["max_pieces"] == 128
    assert "max_cosine_distance" in manifest.parity
    if name == "nllb":
        assert set(settings["languages"]) == set(LANGUAGES)
        assert settings["prefix"] == [settings["languages"]["eng_Latn"]]
        assert len(settings["suffix"]) == 1
    else:
        assert settings["languages"] is None
    loaded = Aligner.load(out, device="cpu", threads=1)
    for words in (SENTENCES[0], SENTENCES[-1]):
        rows, word = original(checkpoints[name], "AutoModel", words, layer)
        states = loaded.encode(word_columns([words]))
        assert states.pieces.word.tolist() == word
        difference = np.abs(states.vectors - rows).max() / np.sqrt((rows**2).mean())
        assert difference < {"fp32": 2e-5, "fp16": 2e-2, "int8": 0.5}[precision]


def test_the_real_tagger(tmp_path: Path) -> None:
    source = shared_model("ner-en-minilm")
    manifest = export_tagger(source, tmp_path / "out")
    assert manifest.parity["max_probability_difference"] < 1e-4
    assert manifest.parity["other_label_share"] == 0
    tagged = Tagger.load(tmp_path / "out", device="cpu", threads=1).tag([["Angela", "Merkel", "visited", "Paris", "."]])
    spans = zip(tagged.entities.start, tagged.entities.end, tagged.entities.label, strict=True)
    assert [(int(a), int(b), tagged.labels[label]) for a, b, label in spans] == [(0, 2, "PER"), (3, 4, "LOC")]


# --- how it is done


def test_a_float16_checkpoint_is_widened(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForTokenClassification

    with quiet():
        half = AutoModelForTokenClassification.from_pretrained(checkpoints["bert"], dtype=torch.float16)
        half.save_pretrained(tmp_path / "half")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        os.link(checkpoints["bert"] / name, tmp_path / "half" / name)
    assert json.loads((tmp_path / "half" / "config.json").read_text())["dtype"] == "float16"
    parity = export_tagger(tmp_path / "half", tmp_path / "out").parity
    assert parity["max_probability_difference"] < 1e-5


@pytest.mark.parametrize("precision", PRECISIONS)
def test_large_weights_go_beside_the_graph(
    precision: str, checkpoints: dict[str, Path], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(onnx, "EXTERNAL_ABOVE", 1000)
    manifest = export_tagger(checkpoints["xlmr"], tmp_path / "out", precision=precision)
    assert set(manifest.files) == {"model.onnx", "model.onnx.data", "tokenizer.json"}
    assert manifest.files["model.onnx.data"].bytes > 2 * manifest.files["model.onnx"].bytes / 3
    assert len({path.stat().st_mode for path in (tmp_path / "out").glob("model*")}) == 1
    (tmp_path / "out").rename(tmp_path / "moved")
    Tagger.load(tmp_path / "moved", device="cpu").tag(SENTENCES[:2])


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_fusion_that_changes_something_is_not_used(
    precision: str, checkpoints: dict[str, Path], tmp_path: Path, monkeypatch: Any
) -> None:
    import onnx as onnx_package

    monkeypatch.setattr(onnx, "FUSED_WITHIN", -1.0)
    said: list[str] = []
    export_tagger(checkpoints["bert"], tmp_path / "out", precision=precision, progress=said.append)
    assert "the optimised graph does not equal the plain one, which is taken" in said
    graph = onnx_package.load(str(tmp_path / "out" / "model.onnx")).graph
    assert "Attention" not in {node.op_type for node in graph.node}


def test_attention_is_fused_and_norms_stay_in_float32(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    import onnx as onnx_package

    export_aligner(checkpoints["nllb"], tmp_path / "out", precision="fp16", engine="onnxruntime")
    graph = onnx_package.load(str(tmp_path / "out" / "model.onnx")).graph
    kinds = [node.op_type for node in graph.node]
    assert kinds.count("Attention") == 2
    weights = {tensor.name: tensor.data_type for tensor in graph.initializer}
    norms = [node for node in graph.node if node.op_type.endswith("LayerNormalization")]
    assert norms
    for node in norms:
        assert {weights[name] for name in node.input if name in weights} == {onnx_package.TensorProto.FLOAT}
    assert onnx_package.TensorProto.FLOAT16 in weights.values()
    assert graph.output[0].type.tensor_type.elem_type == onnx_package.TensorProto.FLOAT


def test_the_demo_corpus(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    assert tagger.export_tagger(checkpoints["bert"], tmp_path / "out").parity["sentences"] == 40 * 5 + 1


def test_own_sentences_and_one_that_is_too_long(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    manifest = export_tagger(
        checkpoints["bert"], tmp_path / "out", sentences=["Berlin 😀 \u200b x", "", "word " * 500], force=True
    )
    assert manifest.parity["sentences"] == 3  # the empty one has nothing to compare, one long one is added


@pytest.mark.parametrize(
    ("layers", "layer", "family", "chosen"),
    [
        (12, None, "bert", 8),
        (6, None, "bert", 4),
        (24, None, "bert", 16),
        (1, None, "bert", 1),
        (12, 12, "bert", 12),
        (12, None, "m2m_100", 12),
        (12, 3, "m2m_100", 3),
    ],
)
def test_layers(layers: int, layer: int | None, family: str, chosen: int) -> None:
    from xproj_fast.export.architecture import choose_layer

    assert choose_layer(family, layers, layer) == chosen


# --- nothing that looks finished


def test_parity_refuses(checkpoints: dict[str, Path], tmp_path: Path, monkeypatch: Any) -> None:
    limits = {"tagger": {"fp32": {"max_probability_difference": 0.0}}}
    monkeypatch.setattr(parity, "LIMITS", limits)
    with pytest.raises(InputError, match=r"parity check failed: max probability difference: expected at most 0 .* got"):
        export_tagger(checkpoints["bert"], tmp_path / "out")
    assert left(tmp_path) == []


def test_float16_would_overflow(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    huge = altered(checkpoints["bert"], tmp_path / "huge")
    weights = load_file(huge / "model.safetensors")
    weights["bert.encoder.layer.1.output.dense.bias"][3] = 5e4
    (huge / "model.safetensors").unlink()
    save_file(weights, huge / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(
        InputError, match=r"largest activation: expected at most 30000 in fp16, got 5e\+04; nothing was"
    ):
        export_tagger(huge, tmp_path / "out", precision="fp16")
    assert export_tagger(huge, tmp_path / "out").parity["largest_activation"] > 4e4


@pytest.mark.parametrize(("precision", "factor"), [("fp32", 1.1), ("fp16", 1.2), ("int8", -1.0)])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["tagger", "aligner"])
def test_parity_sees_a_broken_model(
    kind: str,
    engine: str,
    precision: str,
    factor: float,
    checkpoints: dict[str, Path],
    tmp_path: Path,
    monkeypatch: Any,
) -> None:
    import torch

    module = {"tagger": tagger, "aligner": aligner}[kind]
    name = {"onnxruntime": "export_onnx", "ctranslate2": "export_ctranslate2"}[engine]
    write = getattr(module, name)

    def broken(first: Any, *args: Any, **options: Any) -> None:
        bert = first.model.base_model if engine == "onnxruntime" else args[0].encoder
        with torch.no_grad():
            bert.encoder.layer[1].output.dense.weight.mul_(factor)
        write(first, *args, **options)

    monkeypatch.setattr(module, name, broken)
    run = {"tagger": export_tagger, "aligner": export_aligner}[kind]
    with pytest.raises(InputError, match=f"parity check failed: .*: expected at most .* in {precision}, got"):
        run(checkpoints["bert"], tmp_path / "out", engine=engine, precision=precision)
    assert left(tmp_path) == []


def test_another_tokenizer_is_refused(checkpoints: dict[str, Path], tmp_path: Path, monkeypatch: Any) -> None:
    from xproj_fast.models.tokenizer import WordTokenizer

    other = WordTokenizer(checkpoints["xlmr"] / "tokenizer.json")
    monkeypatch.setattr(tagger, "save_tokenizer", lambda checkpoint, folder: other)
    with pytest.raises(InputError, match=r"parity check failed: expected the subwords of BertTokenizer, .* sentence 0"):
        export_tagger(checkpoints["bert"], tmp_path / "out")
    assert left(tmp_path) == []


@pytest.mark.parametrize("step", range(6))
def test_interrupted(step: int, checkpoints: dict[str, Path], tmp_path: Path) -> None:
    said: list[str] = []

    def interrupt(line: str) -> None:
        said.append(line)
        if len(said) > step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_tagger(checkpoints["bert"], tmp_path / "out", progress=interrupt)
    assert left(tmp_path) == []


def test_a_folder_that_is_taken(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"

    def meanwhile(line: str) -> None:
        if out.exists():  # the last line
            return
        with pytest.raises(InputError, match="another process is exporting to this folder"):
            export_aligner(checkpoints["plain"], out)

    first = export_tagger(checkpoints["bert"], out, progress=meanwhile)
    with pytest.raises(InputError, match="expected a new or empty folder, got an exported model"):
        export_tagger(checkpoints["bert"], out)
    assert read_manifest(out, "tagger") == first
    again = export_tagger(checkpoints["bert"], out, precision="int8", force=True)
    assert read_manifest(out, "tagger") == again
    with pytest.raises(InputError, match="expected a new or empty folder, got one with other things"):
        export_tagger(checkpoints["bert"], tmp_path, force=True)
    assert left(tmp_path) == ["out"]


# --- bad input


def test_bad_sources(checkpoints: dict[str, Path], tmp_path: Path, monkeypatch: Any) -> None:
    out = tmp_path / "out"
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("{}")
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk" / "config.json").write_text("{ no json")
    (tmp_path / "typeless").mkdir()
    (tmp_path / "typeless" / "config.json").write_text("{}")
    weightless = altered(checkpoints["bert"], tmp_path / "weightless")
    (weightless / "model.safetensors").unlink()
    cut = altered(checkpoints["bert"], tmp_path / "cut")
    (cut / "model.safetensors").unlink()
    (cut / "model.safetensors").write_bytes((checkpoints["bert"] / "model.safetensors").read_bytes()[:5000])
    mute = altered(checkpoints["bert"], tmp_path / "mute")
    (mute / "tokenizer.json").unlink()
    (mute / "tokenizer_config.json").unlink()
    before = left(tmp_path)
    cases: list[tuple[Any, str]] = [
        (tmp_path / "nowhere", "expected the folder of a Hugging Face checkpoint or a name on its hub, got nothing"),
        (tmp_path / "file", "or a name on its hub, got a file"),
        ("", "or a name on its hub, got nothing there"),
        (tmp_path / "empty", "got one without config.json"),
        (tmp_path / "junk", "expected a checkpoint whose config.json AutoConfig loads, got"),
        (tmp_path / "typeless", "expected a checkpoint whose config.json AutoConfig loads, got"),
        (weightless, "expected a checkpoint whose model AutoModelForTokenClassification loads, got OSError"),
        (cut, "expected a checkpoint whose model"),
        (mute, r"expected the files of a tokenizer \(tokenizer.json\), got none with a vocabulary"),
        (checkpoints["nllb"], "LABEL_0"),
    ]
    for source, message in cases:
        with pytest.raises(InputError, match=message):
            export_tagger(source, out)
    with pytest.raises(InputError, match=r"expected no revision with a folder, got 'main'"):
        export_tagger(checkpoints["bert"], out, revision="main")
    assert left(tmp_path) == before


def test_the_hub_out_of_reach(tmp_path: Path, monkeypatch: Any) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    with pytest.raises(InputError, match=r"got neither; without network fetch it elsewhere \(hf download some/ner"):
        export_tagger("some/ner-that-is-not-there", tmp_path / "out", revision="v1")
    assert not (tmp_path / "out").exists()


def test_a_revision_on_the_hub(checkpoints: dict[str, Path], tmp_path: Path, monkeypatch: Any) -> None:
    """Configuration, tokenizer and weights are all of the revision that was asked for; main has no weights at all."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "cache" / "models--some--ner"
    (place / "refs").mkdir(parents=True)
    (place / "snapshots").mkdir()
    for name, commit in (("v1", "a" * 40), ("main", "b" * 40)):
        (place / "refs" / name).write_text(commit)
        altered(checkpoints["bert"], place / "snapshots" / commit)
    for file in ("model.safetensors", "tokenizer.json"):
        (place / "snapshots" / ("b" * 40) / file).unlink()
    manifest = export_tagger("some/ner", tmp_path / "out", revision="v1")
    assert (manifest.source, manifest.revision) == ("some/ner", "a" * 40)
    with pytest.raises(InputError, match="some/ner: expected"):
        export_tagger("some/ner", tmp_path / "other")


def test_waiting_for_the_hub_is_silent() -> None:
    retries = logging.getLogger("huggingface_hub.utils._http")
    with quiet():
        assert not retries.isEnabledFor(logging.ERROR)
    assert retries.isEnabledFor(logging.WARNING)


@pytest.mark.parametrize("config", [None, "{}", '{"model_max_length": 512}'])
def test_a_cased_vocabulary_is_not_lower_cased(
    config: str | None, checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    """Where tokenizer_config.json does not say it, transformers 5 lower-cases, whatever tokenizer.json says."""
    cased = altered(checkpoints["bert"], tmp_path / "cased")
    (cased / "tokenizer_config.json").unlink()
    if config is not None:
        (cased / "tokenizer_config.json").write_text(config)
    with pytest.raises(InputError, match=r'got one that lower-cases: add "do_lower_case": false to its tokenizer_conf'):
        export_aligner(cased, tmp_path / "out")


@pytest.mark.parametrize("name", ["plain"])
def test_no_head_means_random_weights(name: str, checkpoints: dict[str, Path], tmp_path: Path) -> None:
    labels = {"id2label": dict(enumerate(IOB2)), "label2id": {label: i for i, label in enumerate(IOB2)}}
    headless = altered(checkpoints[name], tmp_path / "headless", **labels)
    with pytest.raises(InputError, match=r"a checkpoint of BertModel without classifier.bias, classifier.weight: they"):
        export_tagger(headless, tmp_path / "out")


def test_missing_weights(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    holed = altered(checkpoints["bert"], tmp_path / "holed")
    weights = load_file(holed / "model.safetensors")
    for name in [name for name in weights if "layer.2." in name]:
        del weights[name]
    (holed / "model.safetensors").unlink()
    save_file(weights, holed / "model.safetensors", metadata={"format": "pt"})
    for run in (export_tagger, export_aligner):
        with pytest.raises(InputError, match=r"without .*encoder.layer.2.* and 12 more: they would be random"):
            run(holed, tmp_path / "out")


def test_weights_that_are_no_numbers(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    damaged = altered(checkpoints["bert"], tmp_path / "damaged")
    weights = load_file(damaged / "model.safetensors")
    weights["bert.encoder.layer.1.output.dense.bias"][3] = float("nan")
    (damaged / "model.safetensors").unlink()
    save_file(weights, damaged / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(
        InputError, match="expected finite numbers from the original, got NaN or infinity: damaged weights"
    ):
        export_tagger(damaged, tmp_path / "out")


def test_more_layers_than_the_configuration_has(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    fewer = altered(checkpoints["bert"], tmp_path / "fewer", num_hidden_layers=3)
    for run in (export_tagger, export_aligner):
        with pytest.raises(
            InputError, match=r"expected the layers that config.json tells of, .*: bert.encoder.layer.3."
        ):
            run(fewer, tmp_path / "out")


def test_weights_of_another_shape(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    two = altered(checkpoints["bert"], tmp_path / "two", id2label={0: "O", 1: "B-PER"}, label2id={"O": 0, "B-PER": 1})
    with pytest.raises(InputError, match=r"expected the weight classifier.bias of shape \(2,\), .* got \(9,\)"):
        export_tagger(two, tmp_path / "out")


@pytest.mark.parametrize("room", [4_000, 100_000])
def test_a_file_that_cannot_grow(room: int, checkpoints: dict[str, Path], tmp_path: Path) -> None:
    """As on a full disk, tokenizer and model end in the system's own error: it is no fault of theirs."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            export_tagger(checkpoints["bert"], tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert left(tmp_path) == []


def test_a_full_disk_is_no_reason_to_leave_the_fusion_out(
    checkpoints: dict[str, Path], tmp_path: Path, monkeypatch: Any
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(onnx, "_run", full)
    with pytest.raises(OSError, match="No space left on device"):
        export_tagger(checkpoints["bert"], tmp_path / "out")


def test_a_pooler_nobody_needs_may_be_missing(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    manifest: Manifest = export_aligner(checkpoints["bert"], tmp_path / "out")  # of a classifier: has none
    assert manifest.parity["max_cosine_distance"] < 1e-9


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["LABEL_0", "LABEL_1"], "got LABEL_0, LABEL_1, as checkpoints have that are no token classifier"),
        (["O", "PER", "B-LOC"], "got PER"),
        (["B-PER", "I-PER"], "got B-PER, I-PER without O"),
        (["O", "B-PER", "B-PER"], "expected one label for each id"),
    ],
)
def test_labels(labels: list[str], message: str, checkpoints: dict[str, Path], tmp_path: Path) -> None:
    source = altered(checkpoints["bert"], tmp_path / "in", id2label=dict(enumerate(labels)))
    with pytest.raises(InputError, match=message):
        export_tagger(source, tmp_path / "out")


def test_bad_options(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    source, out = checkpoints["bert"], tmp_path / "out"
    for layer in (0, -1, 5):
        with pytest.raises(InputError, match=f"layer: expected one from 1 to 4, the layers of this model, got {layer}"):
            export_aligner(source, out, layer=layer)
    for run in (export_tagger, export_aligner):
        with pytest.raises(InputError, match="precision: expected fp32, fp16 or int8, got 'fp8'"):
            run(source, out, precision="fp8")
        with pytest.raises(InputError, match="engine: expected onnxruntime or ctranslate2, got 'torch'"):
            run(source, out, engine="torch")
        with pytest.raises(InputError, match=r"device: expected .* got 'tpu'"):
            run(source, out, device="tpu")
        for sentences, message in (
            (["", " "], "sentences: expected text for the parity check, got no word"),
            ("Berlin", "sentences: expected a list of texts, got one text"),
            (["Berlin", b"Bonn"], "sentences: sentence 1: expected text, got b'Bonn'"),
            (["\ud800 a"], r"sentences: sentence 0: expected text, got '\\ud800 a'"),
            (["\u200b"], "sentences: expected words of 1 to 126 subwords for the parity check, got none"),
        ):
            with pytest.raises(InputError, match=message):
                run(source, out, sentences=sentences)
    with pytest.raises(InputError, match="sentences: expected words of 1 to 126 subwords"):
        export_tagger(checkpoints["xlmr"], out, sentences=["x" * 5000])
    with pytest.raises(InputError, match=r"expected an activation of .* got 'mish': use the engine onnxruntime"):
        export_tagger(altered(source, tmp_path / "mish", hidden_act="mish"), out, engine="ctranslate2")
    assert not out.exists()


def test_an_encoder_of_another_kind(tmp_path: Path, checkpoints: dict[str, Path]) -> None:
    import torch
    from transformers import AlbertConfig, AlbertForTokenClassification

    labels = {"id2label": dict(enumerate(IOB2)), "label2id": {label: i for i, label in enumerate(IOB2)}}
    config = AlbertConfig(
        vocab_size=json.loads((checkpoints["bert"] / "config.json").read_text())["vocab_size"],
        embedding_size=16,
        hidden_size=32,
        num_attention_heads=4,
        intermediate_size=64,
        num_hidden_layers=2,
        initializer_range=0.2,
        max_position_embeddings=128,
        **labels,
    )
    albert = tmp_path / "albert"
    torch.manual_seed(0)
    with quiet():
        AlbertForTokenClassification(config).save_pretrained(albert)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        os.link(checkpoints["bert"] / name, albert / name)
    assert export_tagger(albert, tmp_path / "tagger").parity["max_probability_difference"] < 1e-4
    with pytest.raises(InputError, match=r"expected an encoder of type bert, .* got a checkpoint of type albert"):
        export_aligner(albert, tmp_path / "out")
    with pytest.raises(InputError, match=r"expected an encoder of type bert, .* got a checkpoint of type albert"):
        export_tagger(albert, tmp_path / "out", engine="ctranslate2")
