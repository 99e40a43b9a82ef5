"""``augment``: labelled sentences in, one file of labelled translations per language out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Unpack

from xproj_fast.errors import InputError, unknown_name
from xproj_fast.formats.files import DEFAULT_CHUNK
from xproj_fast.formats.registry import SentenceReader, that_write
from xproj_fast.runs.augment_options import AugmentModels, AugmentOptions, check_augment
from xproj_fast.runs.augment_steps import Augmented, augment_stream
from xproj_fast.runs.engine import Piece, Run, Running, carry_out
from xproj_fast.runs.inputs import (
    InputOptions,
    closed_on_error,
    described_reading,
    identity_of_source,
    open_input,
    parts_of,
)
from xproj_fast.runs.labelled_output import check_source, labelled_data
from xproj_fast.runs.labelling import CHUNKS
from xproj_fast.runs.layout import PROBLEMS, folder_layout
from xproj_fast.runs.learning import Learnt
from xproj_fast.runs.memory import is_path, iter_again
from xproj_fast.runs.models import device_of, models_of
from xproj_fast.runs.stream import Stream
from xproj_fast.runs.translations import problem_lines
from xproj_fast.wording import listed


def augment(
    source: Any,
    output: str | Path,
    models: AugmentModels,
    options: AugmentOptions,
    *,
    reading: InputOptions | None = None,
    output_format: str = "conll",
    chunk: int | None = None,
    identity: str | None = None,
    with_source: bool = False,
    **running: Unpack[Running],
) -> dict[str, Any]:
    """Turn labelled sentences, of a file or in memory, into labelled files of other languages.

    They are ``<output>/<language>.conll``.

    Args:
        source: the name of a file of CoNLL, JSONL, Parquet or Arrow, with entities; or the sentences:
            ``LabelledSentences``, an iterable of dicts (``tokens``, ``ner_tags``), or anything that gives Arrow data.
        output: a folder, with one file per language, ``manifest.json`` and, where sentences could not be translated,
            ``problems.jsonl``.
        models: see ``AugmentModels``.
        options: see ``AugmentOptions``.
        reading: how the source is read; None = the defaults.
        output_format: ``"conll"``, ``"jsonl"``, ``"arrow"`` (Parquet), ``"hf"`` (Parquet) or ``"spacy"``.
        chunk: see ``label``.
        identity: see ``label``.
        with_source: Parquet, Arrow and data sets of the hub have what was projected from as well.
        **running: ``resume``, ``restart``, ``progress``, ``patience``: see ``Running``.

    Returns:
        The summary of ``label``, with the counts of each language under ``languages``.

    Raises:
        InputError: naming what is wrong with options, models, files or an interrupted run.

    Example:
        >>> import xproj_fast as xp
        >>> models = xp.AugmentModels(xp.Translator.load("models/nllb"), xp.Aligner.load("models/align"))
        ... # doctest: +SKIP
        >>> options = xp.AugmentOptions(("swh_Latn", "yor_Latn"))
        >>> xp.augment("train.conll", "out", models, options)  # doctest: +SKIP
    """
    check_augment(models, options)
    reading = reading or InputOptions()
    if output_format not in that_write("labelled"):
        raise InputError(f"output_format: expected one of {listed(that_write('labelled'))}, got {output_format!r}")
    if with_source:
        check_source(output_format, projects=options.markers is None)
    made_from = {
        "pipeline": "translate-train",
        "input": identity_of_source(source, identity, resume=running.get("resume", False)),
        "reading": described_reading(reading, source),
        "options": options.described(),
        "models": models.described(),
        "format": output_format,
        **({"with_source": True} if with_source else {}),
    }
    layout, suffixes = folder_layout(str(output), options.languages, output_format)
    if is_path(source):
        layout.refuse_overwriting(Path(source))
    if iter_again(source):
        _check_classes(open_input(source, options.source_language, reading, entities=True), options.labels or ())
    size = CHUNKS[device_of(models.translator)] if chunk is None else chunk

    learnt = Learnt()

    def stream(skip: int) -> Stream[Augmented]:
        with closed_on_error(open_input(source, options.source_language, reading, entities=True)) as reader:
            return augment_stream(parts_of(reader, size, skip), models, options, learnt=learnt)

    def encode(done: Augmented) -> Piece:
        part = done.part
        data: dict[str, Any] = {
            suffixes[code]: labelled_data(found, output_format, with_source=with_source)
            for code, found in done.projections.items()
        }
        data[PROBLEMS] = problem_lines(done.problems, part.sentences, part.first)
        return Piece(data, len(part.sentences), done.counts, part.share)

    run = Run(layout, made_from, models_of(models), stream, encode, learnt=learnt)
    return _by_language(carry_out(run, running), options.languages)


def _by_language(summary: dict[str, Any], codes: Sequence[str]) -> dict[str, Any]:
    languages: dict[str, dict[str, Any]] = {code: {} for code in codes}
    for name in [name for name in summary if "/" in name]:
        code, _, what = name.partition("/")
        languages[code][what] = summary.pop(name)
    return {name: summary[name] for name in ("output", "sentences")} | {"languages": languages} | summary


def _check_classes(reader: SentenceReader, wanted: Sequence[str]) -> None:
    """Check that the input has all classes wanted, before hours are spent on it; most often its beginning has."""
    seen: dict[str, None] = {}
    with closing(reader):
        while not seen.keys() >= set(wanted):
            sentences = reader.read(DEFAULT_CHUNK)
            seen.update(dict.fromkeys(sentences.labels))
            if len(sentences) < DEFAULT_CHUNK:
                break
    for name in wanted:
        if name not in seen:
            raise unknown_name(f"{reader.path}: labels", name, seen, "some of its classes,")
