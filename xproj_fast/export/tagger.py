"""Token classifiers of Hugging Face -> tagger folders."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.export.architecture import max_pieces, stack_of
from xproj_fast.export.build import check_options, common_settings, finish, graph_module, summary, torch_threads
from xproj_fast.export.checkpoint import load_model, open_checkpoint, quiet
from xproj_fast.export.ctranslate2 import export_ctranslate2, save_head
from xproj_fast.export.folder import new_folder
from xproj_fast.export.onnx import export_onnx
from xproj_fast.export.parity import parity_sentences, run_original
from xproj_fast.export.tokens import check_tokenizer, find_specials, save_tokenizer
from xproj_fast.models.manifest import Manifest
from xproj_fast.models.tag_set import TagSet

TAG = re.compile(r"O|[BIELSU]-.+")


def export_tagger(
    source: str | Path,
    folder: str | Path,
    *,
    precision: str = "fp32",
    engine: str = "onnxruntime",
    revision: str | None = None,
    sentences: Sequence[str] | None = None,
    force: bool = False,
    device: str = "cpu",
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Manifest:
    """Turn a token classifier into a folder that ``Tagger.load`` takes, without torch or transformers.

    >>> import xproj_fast as xp
    >>> manifest = xp.export_tagger("Davlan/xlm-roberta-base-ner-hrl", "models/ner", precision="int8")
    >>> manifest.kind, manifest.engine
    ('tagger', 'onnxruntime')

    Args:
        source: folder of a checkpoint or its name on the Hugging Face hub; any model that
            ``AutoModelForTokenClassification`` loads. A float16 checkpoint is widened first.
        folder: where to; new or empty.
        precision: ``"fp32"``, ``"fp16"`` (for GPUs) or ``"int8"`` (for CPUs).
        engine: ``"onnxruntime"``, or ``"ctranslate2"`` for the BERT family.
        revision: branch, tag or commit on the hub; None = its main branch.
        sentences: text for the parity check, words separated by spaces; None = the demo corpus of the package.
        force: replace an exported model that is there.
        device: where the check runs the exported model, such as ``"cuda"``; the original runs on the CPU, in float32.
        threads: CPU threads; None = all CPUs.
        progress: called with a line of text at every step; None = silent.

    Returns:
        The manifest, as written.

    Raises:
        InputError: for a source that is no whole token classifier, labels that are no tag set, a folder that is
            taken, and where the exported model does not equal the original within the limits in ``parity.py``.
        MissingDependencyError: without the packages of the extra ``export``.
    """
    check_options(precision, engine, device)
    tell = progress or (lambda line: None)
    started = time.perf_counter()
    with new_folder(folder, force=force) as target, torch_threads(threads):
        tell(f"loading {source}")
        checkpoint = open_checkpoint(source, revision)
        labels = tag_labels(checkpoint.config, checkpoint.source)
        if engine == "ctranslate2":
            stack_of(checkpoint, None)  # refuses an architecture before the weights are read
        model = load_model(checkpoint, "AutoModelForTokenClassification")
        specials = find_specials(checkpoint)
        most = max_pieces(checkpoint, model)
        settings: dict[str, Any] = {"labels": labels} | common_settings(specials, most)
        tokenizer = save_tokenizer(checkpoint, target)
        texts = parity_sentences(checkpoint, sentences, most - len(specials.prefix) - len(specials.suffix))
        pieces = check_tokenizer(checkpoint, tokenizer, texts, specials)
        with quiet():
            tell("running the original")
            original = run_original(checkpoint, texts, model, lambda batch: model(**batch).logits)
            if engine == "ctranslate2":
                tell("converting to CTranslate2")
                export_ctranslate2(checkpoint, stack_of(checkpoint, model.base_model), target, precision=precision)
                save_head(checkpoint, model, target)
            else:
                export_onnx(
                    graph_module(model, "logits"),
                    target,
                    output="logits",
                    precision=precision,
                    heads=getattr(checkpoint.config, "num_attention_heads", 0),
                    width=getattr(checkpoint.config, "hidden_size", 0),
                    pad_id=specials.pad_id,
                    tell=tell,
                )
        manifest = finish(
            target,
            checkpoint,
            kind="tagger",
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


def tag_labels(config: Any, source: str) -> list[str]:
    """Return the labels in the order of their ids.

    Raises:
        InputError: for ids with gaps, labels twice, no ``O``, and labels that are no tag (``B-PER``, ``I-PER``).
    """
    names = {int(i): str(name) for i, name in (config.id2label or {}).items()}
    labels = [names[i] for i in sorted(names)]
    if sorted(names) != list(range(len(names))) or len(set(labels)) != len(labels):
        raise InputError(f"{source}: expected one label for each id from 0 on, got {names}")
    strange = [label for label in labels if not TAG.fullmatch(label)]
    if strange or "O" not in labels or len(labels) < 2:
        got = ", ".join(strange[:8]) if strange else f"{', '.join(labels)} without O"
        if all(re.fullmatch(r"LABEL_\d+", label) for label in labels):
            got += ", as checkpoints have that are no token classifier"
        raise InputError(
            f"{source}: expected a token classifier whose labels are O and B- or I- with a class, got {got}"
        )
    try:
        TagSet.read(labels)  # as the tagger will
    except InputError as error:
        raise InputError(f"{source}: {error}", field=error.field) from None
    return labels
