"""``translate_file``: sentences in, one translation a line out."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from xproj_fast.errors import unknown_name
from xproj_fast.formats.registry import SentenceReader, by_suffix, format_of
from xproj_fast.formats.words import TextLinesReader
from xproj_fast.models.translation import TranslateOptions, Translation, TranslationCounts
from xproj_fast.runs.engine import Piece, Run, Running, carry_out
from xproj_fast.runs.inputs import InputOptions, Part, described_reading, open_input, parts_of
from xproj_fast.runs.layout import Layout, one_file
from xproj_fast.runs.models import (
    check_translator_languages,
    described,
    device_of,
    identity_of,
    identity_of_input,
)
from xproj_fast.runs.straight import Straight, is_straight
from xproj_fast.runs.stream import Stage, Stop, Stream
from xproj_fast.runs.translations import translate_lines
from xproj_fast.text.joining import texts_of
from xproj_fast.wording import shown

if TYPE_CHECKING:
    from xproj_fast.runs.models import TranslatorLike

CHUNKS = {"cpu": 1024, "cuda": 4096}  # sentences: what a kill loses of each worker
WORKERS = 2  # while one chunk is on the device, the next is cut into subwords
TEXT, JSONL = "txt", "jsonl"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Done:
    part: Part
    translations: list[Translation]


def translate_file(
    source: str | Path,
    output: str | Path,
    translator: TranslatorLike,
    source_language: str,
    target_language: str,
    options: TranslateOptions | None = None,
    *,
    reading: InputOptions | None = None,
    output_format: str | None = None,
    chunk: int | None = None,
    **running: Unpack[Running],
) -> dict[str, Any]:
    """Translate the sentences of a file.

    Args:
        source: text (any suffix that names no other format), CoNLL, words, JSONL, Parquet or Arrow. Raw text is
            translated as it is; words without it are joined, with spaces where the language has them.
        output: one translation a line, or JSONL: text, score, lengths and flags of each, and the id where the source
            has one. ``"-"`` = standard output, which cannot be resumed.
        translator: a ``Translator``, or anything that has its methods.
        source_language: NLLB's code, such as ``"eng_Latn"``.
        target_language: likewise.
        options: how it translates; None = the defaults.
        reading: how the source is read; None = the defaults.
        output_format: ``"text"`` or ``"jsonl"``; None = by the suffix.
        chunk: sentences that are translated together, and written as one part; None = 1,024 on a CPU, 4,096 on a GPU.
        **running: ``resume``, ``restart``, ``progress``, ``patience``: see ``Running``.

    Returns:
        The summary of ``label``, with the counts of ``TranslationCounts``.

    Raises:
        InputError: for languages that the translator does not know; naming what is wrong with files or an interrupted
            run.

    Example:
        >>> import xproj_fast as xp
        >>> with xp.Translator.load("models/nllb") as translator:  # doctest: +SKIP
        ...     xp.translate_file("sw.txt", "en.txt", translator, "swh_Latn", "eng_Latn", resume=True)
    """
    check_translator_languages(translator, source_language=source_language, target_language=target_language)
    reading = reading or InputOptions()
    suffix = _suffix(str(output), output_format)
    written: Layout | Straight = Straight(str(output), suffix)
    if not is_straight(str(output)):
        written = one_file(str(output), suffix)
        written.refuse_overwriting(Path(source))
    size = CHUNKS[device_of(translator)] if chunk is None else chunk
    said = False

    def stream(skip: int) -> Stream[_Done]:
        stop = Stop()

        def translate(part: Part) -> _Done:
            lines = texts_of(part.sentences.words, source_language)
            found = translate_lines(translator, lines, source_language, target_language, options, stop=stop)
            return _Done(part, found)

        stages = [Stage("translate", translate, WORKERS)]
        return Stream(parts_of(_reader(source, reading), size, skip), stages, stop=stop)

    def encode(done: _Done) -> Piece:
        nonlocal said
        counts = TranslationCounts()
        for i, translation in enumerate(done.translations):
            counts.add(translation)
            if translation.refused and not said:
                said = True
                line = done.part.sentences.lines[i]
                logger.warning("%s", shown(f"{source}:{line}: refused, as others may be: {translation.refused}"))
        data = _as_json(done) if suffix == JSONL else "".join(map(_as_line, done.translations))
        return Piece({suffix: data.encode()}, len(done.translations), asdict(counts), done.part.share)

    made_from = {
        "pipeline": "translate",
        "input": identity_of_input(Path(source)),
        "reading": described_reading(_with_format(source, reading), source),
        "languages": [source_language, target_language],
        "options": described(options or TranslateOptions()),
        "translator": identity_of(translator),
        "format": suffix,
    }
    run = Run(written, made_from, {"translator": translator}, stream, encode)
    return carry_out(run, running)


def _with_format(source: str | Path, reading: InputOptions) -> InputOptions:
    """Name the format of a file whose suffix names none: it is text."""
    named = by_suffix(Path(source)) is not None
    return replace(reading, format="text") if reading.format is None and not named else reading


def _reader(source: str | Path, reading: InputOptions) -> SentenceReader:
    file = Path(source)
    if format_of(file, _with_format(source, reading).format) == "text":  # nobody asks for its words
        return TextLinesReader(file, lambda text: [], sure=reading.format is not None)
    return open_input(file, None, reading, entities=False)


def _suffix(output: str, fmt: str | None) -> str:
    if fmt not in (None, "text", JSONL):
        raise unknown_name("output_format", fmt, ("text", JSONL))
    by_name = output != "-" and by_suffix(Path(output)) == JSONL
    return JSONL if fmt == JSONL or (fmt is None and by_name) else TEXT


def _as_line(translation: Translation) -> str:
    return " ".join(translation.text.split("\n")) + "\n"


def _as_json(done: _Done) -> str:
    ids = done.part.sentences.ids
    lines = []
    for i, translation in enumerate(done.translations):
        record: dict[str, Any] = {} if ids is None else {"id": ids[i].as_py()}
        record |= asdict(translation)
        if math.isnan(translation.score):
            record["score"] = None
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    return "".join(lines)
