"""Multilingual encoders of Hugging Face -> aligner folders."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from xproj_fast.export.architecture import Stack, choose_layer, max_pieces, stack_of
from xproj_fast.export.build import check_options, common_settings, finish, graph_module, summary, torch_threads
from xproj_fast.export.checkpoint import load_model, open_checkpoint, quiet
from xproj_fast.export.ctranslate2 import export_ctranslate2
from xproj_fast.export.folder import new_folder
from xproj_fast.export.onnx import export_onnx
from xproj_fast.export.parity import parity_sentences, run_original
from xproj_fast.export.tokens import check_tokenizer, find_specials, save_tokenizer
from xproj_fast.models.manifest import Manifest

UNUSED = ("pooler.",)  # states come from below it


def export_aligner(
    source: str | Path,
    folder: str | Path,
    *,
    layer: int | None = None,
    precision: str = "fp32",
    engine: str = "ctranslate2",
    revision: str | None = None,
    sentences: Sequence[str] | None = None,
    force: bool = False,
    device: str = "cpu",
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Manifest:
    """Turn an encoder, cut above one layer, into a folder that ``Aligner.load`` takes.

    >>> import xproj_fast as xp
    >>> xp.export_aligner("bert-base-multilingual-cased", "models/align", layer=8).engine
    'ctranslate2'

    Args:
        source: folder of a checkpoint or its name on the Hugging Face hub: mBERT, LaBSE, XLM-R and their kin,
            DistilBERT, or NLLB, of which the encoder is taken.
        folder: where to; new or empty.
        layer: whose states align, from 1; None = 8 of 12 (Dou & Neubig 2021), of other depths two thirds up, and of
            NLLB's encoder the last, after its final norm.
        precision: ``"fp32"``, ``"fp16"`` (for GPUs) or ``"int8"`` (for CPUs).
        engine: ``"ctranslate2"``, on a CPU the faster one (docs/benchmarks/models.md), or ``"onnxruntime"``.
        revision: see ``export_tagger``, as for sentences, force and progress.
        sentences: text for the parity check.
        force: replace an exported model that is there.
        device: where the check runs the exported model, such as ``"cuda"``; the original runs on the CPU, in float32.
        threads: CPU threads; None = all CPUs.
        progress: called with a line of text at every step.

    Returns:
        The manifest, as written.

    Raises:
        InputError: for a source that is no whole encoder of a known type, a layer it does not have, a folder that is
            taken, and where the exported model does not equal the original within the limits in ``parity.py``.
        MissingDependencyError: without the packages of the extra ``export``.
    """
    check_options(precision, engine, device)
    tell = progress or (lambda line: None)
    started = time.perf_counter()
    with new_folder(folder, force=force) as target, torch_threads(threads):
        tell(f"loading {source}")
        checkpoint = open_checkpoint(source, revision)
        stack_of(checkpoint, None)  # refuses an architecture before the weights are read
        model = load_model(checkpoint, "AutoModel", unused=UNUSED)
        # Not M2M100Encoder.from_pretrained, which finds no weight under its names and makes all of them up.
        stack = stack_of(checkpoint, model.get_encoder() if checkpoint.architecture == "m2m_100" else model)
        layers = stack.layers
        layer = choose_layer(stack.family, layers, layer)
        specials = find_specials(checkpoint)
        most = max_pieces(checkpoint, model)
        settings: dict[str, Any] = {"layer": layer, "layers": layers, "width": stack.width}
        settings |= common_settings(specials, most) | {"languages": specials.languages}
        tokenizer = save_tokenizer(checkpoint, target)
        texts = parity_sentences(checkpoint, sentences, most - len(specials.prefix) - len(specials.suffix))
        pieces = check_tokenizer(checkpoint, tokenizer, texts, specials)
        with quiet():
            tell(f"running the original, layer {layer} of {layers}")
            original = run_original(checkpoint, texts, stack.encoder, _states(stack, layer))
            stack.cut(layer)
            if engine == "ctranslate2":
                tell("converting to CTranslate2")
                export_ctranslate2(checkpoint, stack, target, precision=precision)
            else:
                export_onnx(
                    graph_module(stack.encoder, "last_hidden_state"),
                    target,
                    output="states",
                    precision=precision,
                    heads=stack.heads,
                    width=stack.width,
                    pad_id=specials.pad_id,
                    tell=tell,
                )
        manifest = finish(
            target,
            checkpoint,
            kind="aligner",
            engine=engine,
            precision=precision,
            settings=settings,
            pieces=pieces,
            original=original,
            device=device,
            threads=threads,
            tell=tell,
        )
    tell(summary(folder, manifest, started))
    return manifest


def _states(stack: Stack, layer: int) -> Callable[[dict[str, Any]], Any]:
    """Return the original's way to the states of a layer: of the whole model, before it is cut."""
    last = layer == stack.layers

    def run(batch: dict[str, Any]) -> Any:
        found = stack.encoder(**batch, output_hidden_states=not last)
        return found.last_hidden_state if last else found.hidden_states[layer]

    return run
