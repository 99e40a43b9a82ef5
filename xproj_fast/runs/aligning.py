"""``align_file``: parallel text in, the links between its words out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from xproj_fast.errors import InputError
from xproj_fast.formats.pharaoh import pharaoh_bytes
from xproj_fast.models.alignment import AlignOptions, NeuralAlignOptions
from xproj_fast.runs.engine import Piece, Run, Running, carry_out
from xproj_fast.runs.inputs import InputOptions, Part, described_reading, pair_parts
from xproj_fast.runs.layout import Layout, one_file
from xproj_fast.runs.models import align_words, described, identity_of, identity_of_input, is_ours
from xproj_fast.runs.straight import Straight, is_straight
from xproj_fast.runs.stream import Stage, Stop, Stream

if TYPE_CHECKING:
    from xproj_fast.models.alignment import Alignment

CHUNK = 2048  # sentence pairs in memory at a time, and what a kill loses
SUFFIX = "pharaoh"


@dataclass(frozen=True, slots=True, eq=False)
class _Done:
    source: Part
    found: Alignment


def align_file(
    source: str | Path,
    target: str | Path,
    output: str | Path,
    aligner: Any,
    options: AlignOptions | None = None,
    *,
    source_language: str | None = None,
    target_language: str | None = None,
    confidences: bool = False,
    reading: InputOptions | None = None,
    target_format: str | None = None,
    threads: int | None = None,
    chunk: int = CHUNK,
    **running: Unpack[Running],
) -> dict[str, Any]:
    """Align the words of parallel text with an aligner that is there already, sentence by sentence.

    What learns from the whole text at once, and so cannot be resumed, is ``xp.align_statistically``.

    Args:
        source: text, CoNLL, JSONL, Parquet or Arrow.
        target: the same sentences in the other language.
        output: a Pharaoh file, ``i-j`` pairs; ``"-"`` = standard output, which cannot be resumed.
        aligner: an ``Aligner``, a ``StatisticalAligner``, or anything that has their method ``align``.
        options: how it aligns; None = the defaults, or what a ``StatisticalAligner`` was saved with.
        source_language: NLLB's code, which only an NLLB encoder needs.
        target_language: likewise.
        confidences: write ``i-j:p``, p the confidence of a link.
        reading: how both sides are read; None = the defaults. Its ``format`` is of the source.
        target_format: see ``InputOptions.format``.
        threads: CPU threads; None = all CPUs.
        chunk: sentence pairs in memory at a time, and written as one part.
        **running: ``resume``, ``restart``, ``progress``, ``patience``: see ``Running``.

    Returns:
        The summary of ``label``: here ``sentences``, and what ``Alignment.counts`` has are counted.

    Raises:
        InputError: for files of unequal numbers of sentences; naming what is wrong with files or an interrupted run.

    Example:
        >>> import xproj_fast as xp
        >>> aligner = xp.Aligner.load("models/align")  # doctest: +SKIP
        >>> xp.align_file("en.txt", "de.txt", "en-de.pharaoh", aligner, resume=True)["links"]  # doctest: +SKIP
        21094
    """
    if is_ours(aligner):
        aligner.check_languages(source_language, [target_language])
    how = options or getattr(aligner, "options", None) or NeuralAlignOptions()
    reading = reading or InputOptions()
    readings = reading, replace(reading, format=target_format)
    written: Layout | Straight = Straight(str(output), SUFFIX)
    if not is_straight(str(output)):
        written = one_file(str(output), SUFFIX)
        for path in (source, target):
            written.refuse_overwriting(Path(path))

    def stream(skip: int) -> Stream[_Done]:
        stop = Stop()

        def align(pair: tuple[Part, Part]) -> _Done:
            left, right = (part.sentences.words for part in pair)
            given = {"options": how, "threads": threads, "progress": stop.check}
            return _Done(pair[0], align_words(aligner, left, right, source_language, target_language, given))

        pairs = pair_parts((source, target), readings, chunk, skip)
        return Stream(pairs, [Stage("align", align)], stop=stop)

    def encode(done: _Done) -> Piece:
        links = done.found.links
        counts = {"links": len(links.source)} | getattr(done.found, "counts", {})
        counts.pop("sentences", None)
        data = _with_confidences(done.found) if confidences else pharaoh_bytes(links)
        return Piece({SUFFIX: data}, len(done.source.sentences), counts, done.source.share)

    made_from = {
        "pipeline": "align",
        "source": identity_of_input(Path(source)),
        "target": identity_of_input(Path(target)),
        "reading": [described_reading(*side) for side in zip(readings, (source, target), strict=True)],
        "languages": [source_language, target_language],
        "options": described(how),
        "confidences": confidences,
        "aligner": identity_of(aligner),
    }
    run = Run(written, made_from, {"aligner": aligner}, stream, encode)
    return carry_out(run, running)


def _with_confidences(found: Alignment) -> bytes:
    if not hasattr(found, "confidence"):
        raise InputError("confidences: expected an aligner that gives them, got one that gives links alone")
    return pharaoh_bytes(found.links, found.confidence)
