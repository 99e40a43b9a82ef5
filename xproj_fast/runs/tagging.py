"""``tag_file``: sentences in, the same sentences with the entities that a tagger finds out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from xproj_fast.arrays import sentence_of
from xproj_fast.errors import STDOUT, InputError
from xproj_fast.formats.registry import that_write
from xproj_fast.formats.writers import text_encoder
from xproj_fast.models.tagging import Tagged, TaggerOptions
from xproj_fast.runs.classes import LABEL, tagger_options
from xproj_fast.runs.engine import Piece, Run, Running, carry_out
from xproj_fast.runs.inputs import InputOptions, Part, described_reading, lines_of, open_input, parts_of
from xproj_fast.runs.labelled_output import kept_columns, labelled_data, labelled_suffix
from xproj_fast.runs.layout import Layout, one_file
from xproj_fast.runs.models import described, identity_of, identity_of_input
from xproj_fast.runs.straight import Straight, is_straight
from xproj_fast.runs.stream import Stage, Stop, Stream
from xproj_fast.wording import brief, listed, shown

if TYPE_CHECKING:
    from xproj_fast.runs.models import TaggerLike

CHUNK = 4096  # sentences in memory at a time, and what a kill loses

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Done:
    part: Part
    tagged: Tagged


def tag_file(
    source: str | Path,
    output: str | Path,
    tagger: TaggerLike,
    options: TaggerOptions | None = None,
    *,
    labels: tuple[str, ...] | None = None,
    reading: InputOptions | None = None,
    output_format: str | None = None,
    chunk: int = CHUNK,
    keep_columns: Sequence[str] = (),
    **running: Unpack[Running],
) -> dict[str, Any]:
    """Tag the sentences of a file.

    Args:
        source: text, CoNLL (its tags are not read), JSONL, Parquet or Arrow.
        output: CoNLL, JSONL, Parquet or Arrow; ``"-"`` = standard output, which cannot be resumed.
        tagger: a ``Tagger``, or anything that has its methods.
        options: how it runs; None = the defaults.
        labels: the only classes wanted; None = all that the tagger has.
        reading: how the source is read; None = the defaults.
        output_format: ``"conll"``, ``"jsonl"`` or ``"arrow"``; None = by the suffix, CoNLL for standard output.
        chunk: sentences in memory at a time, and written as one part.
        keep_columns: see ``label``.
        **running: ``resume``, ``restart``, ``progress``, ``patience``: see ``Running``.

    Returns:
        The summary of ``label``: here ``sentences``, ``words``, ``entities``, ``labels``, ``long_sentences``,
        ``words_without_piece`` and ``windows`` are counted.

    Raises:
        InputError: for classes that the tagger does not have; naming what is wrong with files or an interrupted run.

    Example:
        >>> import xproj_fast as xp
        >>> tagger = xp.Tagger.load("models/ner")  # doctest: +SKIP
        >>> xp.tag_file("en.txt", "en.conll", tagger, labels=("PER", "LOC"))["entities"]  # doctest: +SKIP
        1734
    """
    how = tagger_options(tagger, options, labels)
    reading = reading or InputOptions()
    written, suffix = _output(str(output), output_format)
    if isinstance(written, Layout):
        written.refuse_overwriting(Path(source))
    kept = kept_columns(source, keep_columns, reading, suffix)
    said = False

    def stream(skip: int) -> Stream[_Done]:
        stop = Stop()

        def tag(part: Part) -> _Done:
            return _Done(part, tagger.tag(part.sentences.words, how, warn=False, progress=stop.check))

        reader = open_input(source, None, reading, entities=False)
        return Stream(parts_of(reader, chunk, skip), [Stage("tag", tag)], stop=stop)

    def encode(done: _Done) -> Piece:
        nonlocal said
        part, tagged = done.part, done.tagged
        if len(tagged.without_piece) and not said:
            said = True
            _warn(source, part, int(tagged.without_piece[0]))
        with lines_of(source, part):
            found = tagged.labelled(part.sentences.ids)
            data = labelled_data(found if kept is None else kept.beside(found, part.first), suffix)
        counts = {name: number for name, number in tagged.counts.items() if name != "sentences"}
        return Piece({suffix: data}, len(part.sentences), counts | _by_class(tagged), part.share)

    made_from = {
        "pipeline": "tag",
        "input": identity_of_input(Path(source)),
        "reading": described_reading(reading, source),
        "options": described(how),
        "tagger": identity_of(tagger),
        "format": suffix,
        **({"keep_columns": list(keep_columns)} if keep_columns else {}),
    }
    run = Run(written, made_from, {"tagger": tagger}, stream, encode, groups=("label",))
    return carry_out(run, running)


def _output(output: str, fmt: str | None) -> tuple[Layout | Straight, str]:
    if output == "-":
        if text_encoder(fmt or "conll") is None:
            able = listed(name for name in that_write("labelled") if text_encoder(name) is not None)
            raise InputError(f"{STDOUT}: expected one of {able} for labelled output, got {fmt}")
        return Straight(output, fmt or "conll"), fmt or "conll"
    suffix = labelled_suffix(Path(output), fmt)
    return Straight(output, suffix) if is_straight(output) else one_file(output, suffix), suffix


def _by_class(tagged: Tagged) -> dict[str, int]:
    by_class = np.bincount(tagged.entities.label, minlength=len(tagged.labels)).tolist()
    found = {LABEL + name: number for name, number in zip(tagged.labels, by_class, strict=True)}
    return {"entities": len(tagged.entities.label)} | found


def _warn(source: str | Path, part: Part, word: int) -> None:
    words = part.sentences.words
    s = sentence_of(words.offsets, word)
    strings: Any = words.strings
    logger.warning(
        "%s:%d: word %d, %s, gives the model no subword: it is O, and so are others like it",
        shown(str(source)),
        part.sentences.lines[s],
        word - words.offsets[s] + 1,
        brief(repr(strings[word].as_py())),
    )
