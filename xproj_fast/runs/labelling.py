"""``label``: sentences of a file or in memory in, the same sentences with entities out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Unpack

from xproj_fast.formats.writers import text_encoder
from xproj_fast.runs.engine import Piece, Run, Running, carry_out
from xproj_fast.runs.inputs import (
    InputOptions,
    closed_on_error,
    described_reading,
    identity_of_source,
    lines_of,
    open_input,
    parts_of,
)
from xproj_fast.runs.label_options import LabelModels, LabelOptions, check_label
from xproj_fast.runs.label_steps import Labelled, label_stream
from xproj_fast.runs.labelled_output import check_source, kept_columns, labelled_data
from xproj_fast.runs.layout import PROBLEMS, file_layout
from xproj_fast.runs.learning import Learnt
from xproj_fast.runs.memory import is_path
from xproj_fast.runs.models import device_of, models_of
from xproj_fast.runs.stream import Stream
from xproj_fast.runs.translations import problem_lines

CHUNKS = {"cpu": 512, "cuda": 4096}  # sentences: what a kill loses of each stage


def label(
    source: Any,
    output: str | Path,
    models: LabelModels,
    options: LabelOptions,
    *,
    reading: InputOptions | None = None,
    output_format: str | None = None,
    chunk: int | None = None,
    ids: Iterable[Any] | None = None,
    identity: str | None = None,
    with_source: bool = False,
    keep_columns: Sequence[str] = (),
    **running: Unpack[Running],
) -> dict[str, Any]:
    """Label a file, or sentences in memory.

    The labelled sentences appear under ``output`` when all are done, next to ``<output>.manifest.json`` (what they
    were made from, what was counted) and, where sentences could not be translated, ``<output>.problems.jsonl``.

    Args:
        source: the name of a file of text, CoNLL, JSONL, Parquet or Arrow; or the sentences: an iterable of texts, of
            lists of words or of dicts (``id``; ``text`` or ``tokens``), or anything that gives Arrow data.
        output: CoNLL, JSONL, Parquet or Arrow; a name that ends in ``/`` is a folder where the parts stay.
        models: see ``LabelModels``.
        options: see ``LabelOptions``.
        reading: how the source is read; None = the defaults.
        output_format: ``"conll"``, ``"jsonl"``, ``"arrow"``, ``"hf"`` or ``"spacy"``; None = by the suffix.
        chunk: sentences that are worked on together, and written as one part; None = by the device of the translator
            or tagger: 512 on a CPU, 4,096 on a GPU.
        ids: of texts or lists of words in memory, one a sentence.
        identity: what sentences in memory are called, with their version: a run is resumed with the same alone.
        with_source: Parquet, Arrow and data sets of the hub have what was projected from as well.
        keep_columns: further columns of a Parquet or Arrow file that such output has as well; ``("all",)`` = all.
        **running: ``resume``, ``restart``, ``progress``, ``patience``: see ``Running``.

    Returns:
        A summary: ``output``, ``sentences``, counts, ``labels``, ``problems`` and ``markers`` by name, ``resumed_at``,
        ``complete``, ``stages`` (seconds of each), ``devices``, ``seconds``, ``sentences_per_second``.

    Raises:
        InputError: naming what is wrong with options, models, files or an interrupted run.

    Example:
        >>> import xproj_fast as xp
        >>> models = xp.LabelModels(
        ...     xp.Tagger.load("models/ner"), xp.Translator.load("models/nllb"), xp.Aligner.load("models/align")
        ... )  # doctest: +SKIP
        >>> xp.label("news.txt", "news.conll", models, xp.LabelOptions("bam_Latn"), resume=True)  # doctest: +SKIP
    """
    check_label(models, options)
    reading = reading or InputOptions()
    layout, suffix = file_layout(str(output), output_format)
    if is_path(source):
        layout.refuse_overwriting(Path(source))
    size = CHUNKS[device_of(models.translator if options.translates else models.tagger)] if chunk is None else chunk

    if with_source:
        check_source(suffix, projects=options.translates)
    kept = kept_columns(source, keep_columns, reading, suffix)
    learnt = Learnt()

    def stream(skip: int) -> Stream[Labelled]:
        with closed_on_error(open_input(source, options.language, reading, entities=False, ids=ids)) as reader:
            return label_stream(parts_of(reader, size, skip), models, options, learnt=learnt)

    def encode(labelled: Labelled) -> Piece:
        part = labelled.part
        result = labelled.projection if kept is None else kept.beside(labelled.projection, part.first)
        with lines_of(source, part):
            data = labelled_data(result, suffix, with_source=with_source)
        if text_encoder(suffix) is None:
            data = _with_problems(data, labelled)
        problems = problem_lines(labelled.problems, part.sentences, part.first)
        return Piece({suffix: data, PROBLEMS: problems}, len(part.sentences), labelled.counts, part.share)

    run = Run(
        output=layout,
        made_from={
            "pipeline": options.pipeline,
            "input": identity_of_source(source, identity, resume=running.get("resume", False)),
            "reading": described_reading(reading, source),
            "options": options.described(),
            "models": models.described(),
            "format": suffix,
            **({"with_source": True} if with_source else {}),
            **({"keep_columns": list(keep_columns)} if keep_columns else {}),
        },
        models=models_of(models),
        stream=stream,
        encode=encode,
        groups=("label", "problem", "marker"),
        learnt=learnt,
    )
    return carry_out(run, running)


def _with_problems(table: Any, labelled: Labelled) -> Any:
    """Add a column that says which sentences have a problem."""
    import pyarrow as pa

    reasons: list[str | None] = [None] * len(labelled.projection)
    for problem in labelled.problems:
        reasons[problem.sentence] = problem.reason
    return table.append_column("problem", pa.array(reasons, pa.string()))
