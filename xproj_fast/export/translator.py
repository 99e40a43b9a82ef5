"""An NLLB checkpoint of Hugging Face -> a CTranslate2 translator that proves itself against it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from xproj_fast.errors import InputError, unknown_name
from xproj_fast.export.checkpoint import Checkpoint, load_model, open_checkpoint, package_versions, quiet
from xproj_fast.export.folder import new_folder
from xproj_fast.export.parity import check_sentences
from xproj_fast.export.tokens import LANGUAGE, save_tokenizer
from xproj_fast.export.translator_parity import check_translator, demo_pairs
from xproj_fast.models.manifest import (
    CTRANSLATE2_MODEL,
    Manifest,
    record_files,
    write_manifest,
)
from xproj_fast.models.settings import COMPUTE_TYPES
from xproj_fast.packages import need

ARCHITECTURE = "m2m_100"
MODEL_CLASS = "AutoModelForSeq2SeqLM"


def export_translator(
    source: str | Path,
    folder: str | Path,
    *,
    compute_type: str = "float32",
    revision: str | None = None,
    sentences: Sequence[str] | None = None,
    device: str = "cpu",
    force: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Manifest:
    """Convert a checkpoint, check the result against the original on real sentences, and write a model folder.

    The check (``translator_parity.py``, which states the tolerances) compares subwords, decoded text, the
    log-probability of every subword of given translations, and greedy translations. Above a tolerance nothing is
    written.

    >>> import xproj_fast as xp
    >>> xp.export_translator("facebook/nllb-200-distilled-600M", "models/nllb", compute_type="int8").precision
    'int8'

    Args:
        source: folder that ``save_pretrained`` wrote, or name on the Hugging Face hub.
        folder: where to; new or empty.
        compute_type: how weights are stored and, where the device is fast in it, computed: ``"float32"``,
            ``"float16"``, ``"bfloat16"``, ``"int8"``, ``"int8_float32"``, ``"int8_float16"`` or ``"int8_bfloat16"``.
        revision: branch, tag or commit on the hub; None = its main branch.
        sentences: real text for the check; None = the demo corpus of this package, in five languages.
        device: where the check runs the converted model; the original runs on the CPU in float32.
        force: replace a model that is there.
        progress: called with a line of text at each step; None = silent.

    Returns:
        The manifest that was written. Its settings: ``languages``, ``max_pieces`` (positions, special tokens
        included), ``eos``, ``unk``.

    Raises:
        InputError: for a checkpoint that is none or of another kind, a tokenizer without language tokens, an unknown
            compute type, a folder that is taken, and where the check fails.
        MissingDependencyError: without the packages of the extra ``export``.
    """
    if compute_type not in COMPUTE_TYPES:
        raise unknown_name("compute_type", compute_type, COMPUTE_TYPES)
    if sentences is not None:
        check_sentences(sentences)
    tell = progress or (lambda text: None)
    need("ctranslate2", "export")
    checkpoint = open_checkpoint(source, revision)
    if checkpoint.architecture != ARCHITECTURE:
        raise InputError(
            f"{source}: expected an NLLB checkpoint (model type {ARCHITECTURE}), got one of type "
            f"{checkpoint.architecture}"
        )
    languages = _languages(checkpoint)
    with new_folder(folder, force=force) as partial:
        tell(f"converting {source} to CTranslate2, {compute_type}")
        _convert(checkpoint, partial / CTRANSLATE2_MODEL, compute_type)
        save_tokenizer(checkpoint, partial)
        manifest = Manifest(
            kind="translator",
            engine="ctranslate2",
            precision=compute_type,
            architecture=checkpoint.architecture,
            source=str(source),
            revision=checkpoint.revision,
            versions=package_versions(),
            files=record_files(partial),
            settings={
                "languages": languages,
                "max_pieces": int(checkpoint.config.max_position_embeddings),
                "eos": str(checkpoint.tokenizer.eos_token),
                "unk": str(checkpoint.tokenizer.unk_token),
            },
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        tell("comparing with the original")
        model = load_model(checkpoint, MODEL_CLASS)
        pairs = demo_pairs(languages, sentences)
        figures = check_translator(checkpoint, model, partial, manifest, pairs, device)
        manifest.parity.update(figures)
        write_manifest(partial, manifest)
    tell(f"{folder}: " + ", ".join(f"{name} {value:.3g}" for name, value in figures.items()))
    return manifest


def _languages(checkpoint: Checkpoint) -> list[str]:
    """Return the language tokens in the order of their ids."""
    added = sorted(checkpoint.tokenizer.get_added_vocab().items(), key=lambda item: item[1])
    found = [token for token, _ in added if LANGUAGE.fullmatch(token)]
    if not found:
        raise InputError(
            f"{checkpoint.source}: expected a tokenizer with language tokens such as eng_Latn, got none among its "
            f"{len(added)} special tokens"
        )
    return found


def _convert(checkpoint: Checkpoint, target: Path, compute_type: str) -> None:
    """Write CTranslate2's model, from weights of its own: quantising scales them in place, inside the torch model."""
    torch = need("torch", "export")
    model = load_model(checkpoint, MODEL_CLASS)
    with quiet(), torch.no_grad():
        loader = need("ctranslate2.converters.transformers", "export").M2M100Loader()
        spec = loader(model, checkpoint.tokenizer)
        spec.validate()
        spec.optimize(quantization=compute_type)
    target.mkdir()
    spec.save(str(target))
    written = json.loads((target / "shared_vocabulary.json").read_text("utf-8"))
    for token, i in checkpoint.tokenizer.get_vocab().items():
        there = written[i] if i < len(written) else "nothing"
        if there != token:
            raise InputError(
                f"{checkpoint.source}: expected subword {token!r} under its id {i} in CTranslate2, got {there!r}"
            )
