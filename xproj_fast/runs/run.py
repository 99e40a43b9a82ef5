"""Files in, labelled files out: a pipeline's stream between a reader and an output in parts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError, unknown_name
from xproj_fast.formats.files import DEFAULT_CHUNK
from xproj_fast.formats.registry import SentenceReader, format_of
from xproj_fast.formats.sentences import error_at
from xproj_fast.formats.writers import text_encoder
from xproj_fast.labelled import LabelledSentences
from xproj_fast.projection import Projection
from xproj_fast.runs.augment import Augmented, AugmentModels, AugmentOptions, augment_stream, check_augment
from xproj_fast.runs.inputs import InputOptions, Part, open_input, parts_of
from xproj_fast.runs.label import Labelled, LabelModels, LabelOptions, check_label, label_stream
from xproj_fast.runs.layout import PROBLEMS, Layout, file_layout, folder_layout
from xproj_fast.runs.models import identity_of_file
from xproj_fast.runs.parts import Parts, open_parts
from xproj_fast.runs.stream import Stream
from xproj_fast.runs.translations import Problem, problem_lines

Progress = Callable[[int, float], None]  # sentences done, share of the input done
CHUNKS = {"cpu": 512, "cuda": 4096}  # sentences: what a kill loses of each stage


def label(
    source: str | Path,
    output: str | Path,
    models: LabelModels,
    options: LabelOptions,
    *,
    reading: InputOptions | None = None,
    output_format: str | None = None,
    chunk: int | None = None,
    resume: bool = False,
    restart: bool = False,
    progress: Progress | None = None,
    patience: float | None = None,
) -> dict[str, Any]:
    """Label a file.

    The labelled sentences appear under ``output`` when all are done, beside ``<output>.manifest.json`` (what they
    were made from, what was counted) and, where sentences could not be translated, ``<output>.problems.jsonl``.

    Args:
        source: text, CoNLL or JSONL.
        output: CoNLL, JSONL, Parquet or Arrow; a name that ends in ``/`` is a folder where the parts stay.
        models: see ``LabelModels``.
        options: see ``LabelOptions``.
        reading: how the source is read; None = the defaults.
        output_format: ``"conll"``, ``"jsonl"`` or ``"arrow"``; None = by the suffix.
        chunk: sentences that are worked on together; None = by the device of the translator or tagger.
        resume: go on with an interrupted run, where there is one.
        restart: throw an interrupted run away.
        progress: called with the sentences and the share of the source done.
        patience: see ``Stream``.

    Returns:
        A summary: counts, seconds by stage, labels and problems by name.

    Raises:
        InputError: naming what is wrong with options, models, files or an interrupted run.
    """
    check_label(models, options)
    reading = reading or InputOptions()
    layout, suffix = file_layout(str(output), output_format)
    layout.refuse_overwriting(Path(source))
    kind = "arrow" if text_encoder(suffix) is None else suffix
    made_from = {
        "pipeline": options.pipeline,
        "input": identity_of_file(Path(source)),
        "reading": described_reading(reading, source),
        "options": options.described(),
        "models": models.described(),
        "format": suffix,
    }
    size = CHUNKS[device_of(models.translator if options.translates else models.tagger)] if chunk is None else chunk

    def write(parts: Parts, labelled: Labelled) -> None:
        part = labelled.part
        with _lines_of(source, part):
            data = {suffix: labelled_data(labelled.projection, kind, labelled.problems)}
        data[PROBLEMS] = problem_lines(labelled.problems, part.sentences, part.first)
        parts.append(data, len(part.sentences), labelled.counts)

    def start(skip: int) -> Stream[Labelled]:
        reader = open_input(source, options.language, reading, entities=False)
        return label_stream(parts_of(reader, size, skip), models, options, patience=patience)

    return _run(layout, made_from, models, start, write, progress, resume, restart)


def augment(
    source: str | Path,
    output: str | Path,
    models: AugmentModels,
    options: AugmentOptions,
    *,
    reading: InputOptions | None = None,
    output_format: str = "conll",
    chunk: int | None = None,
    resume: bool = False,
    restart: bool = False,
    progress: Progress | None = None,
    patience: float | None = None,
) -> dict[str, Any]:
    """Turn a labelled file into labelled files of other languages, ``<output>/<language>.conll``.

    Arguments, files beside the outputs, summary and errors as for ``label``; ``output`` is a folder. The summary has
    the counts of each language under ``languages``.
    """
    check_augment(models, options)
    reading = reading or InputOptions()
    if output_format not in ("conll", "jsonl", "arrow"):
        raise InputError(f"output_format: expected conll, jsonl or arrow, got {output_format!r}")
    made_from = {
        "pipeline": "translate-train",
        "input": identity_of_file(Path(source)),
        "reading": described_reading(reading, source),
        "options": options.described(),
        "models": models.described(),
        "format": output_format,
    }
    layout, suffixes = folder_layout(str(output), options.languages, output_format)
    layout.refuse_overwriting(Path(source))
    _check_classes(open_input(source, options.source_language, reading, entities=True), options.labels or ())
    size = CHUNKS[device_of(models.translator)] if chunk is None else chunk

    def write(parts: Parts, done: Augmented) -> None:
        data = {
            suffixes[code]: labelled_data(projection, output_format, [])
            for code, projection in done.projections.items()
        }
        data[PROBLEMS] = problem_lines(done.problems, done.part.sentences, done.part.first)
        parts.append(data, len(done.part.sentences), done.counts)

    def start(skip: int) -> Stream[Augmented]:
        reader = open_input(source, options.source_language, reading, entities=True)
        return augment_stream(parts_of(reader, size, skip), models, options, patience=patience)

    summary = _run(layout, made_from, models, start, write, progress, resume, restart)
    languages: dict[str, dict[str, Any]] = {code: {} for code in options.languages}
    for name in [name for name in summary if "/" in name]:
        code, _, what = name.partition("/")
        languages[code][what] = summary.pop(name)
    for name in ("labels", "problems", "markers"):  # each language has its own
        del summary[name]
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


def _run(
    layout: Layout,
    made_from: Mapping[str, Any],
    models: Any,
    start: Callable[[int], Stream[Any]],
    write: Callable[[Parts, Any], None],
    progress: Progress | None,
    resume: bool,
    restart: bool,
) -> dict[str, Any]:
    """Write what a stream gives, part by part; ``start`` begins it behind so many sentences. Returns the summary."""
    started = time.perf_counter()
    with open_parts(layout, made_from, resume=resume, restart=restart) as (parts, notes):
        resumed_at = parts.done
        if not parts.complete:
            with start(parts.done) as stream:
                for done in stream:
                    with stream.timed("write"):
                        write(parts, done)
                    if progress is not None:
                        progress(parts.done, done.part.share)
            notes["seconds"] = {name: round(value, 3) for name, value in stream.seconds.items()}
            notes["devices"] = devices_of(vars_of(models))
    return summary_of(layout.name, parts, resumed_at, notes, time.perf_counter() - started)


@contextmanager
def _lines_of(source: str | Path, part: Part) -> Iterator[None]:
    """Name the line of the input in what a writer finds wrong with a part of it."""
    try:
        yield
    except InputError as error:
        line = "" if error.sentence is None else f":{part.sentences.lines[error.sentence]}"
        raise error_at(f"{source}{line}", error, part.first) from None


def labelled_data(result: Projection | LabelledSentences, kind: str, problems: list[Problem]) -> Any:
    """Return labelled sentences as bytes, or as a table that says which of them have a problem.

    Raises:
        InputError: for a word that the format cannot hold.
    """
    encode = text_encoder(kind)
    if encode is None:
        import pyarrow as pa

        reasons: list[str | None] = [None] * len(result)
        for problem in problems:
            reasons[problem.sentence] = problem.reason
        return result.to_arrow().append_column("problem", pa.array(reasons, pa.string()))
    return encode(result)


def described_reading(reading: InputOptions, source: str | Path) -> dict[str, Any]:
    """Return how an input is read, as JSON values; its name says it, too, where the options name no format."""
    values = asdict(reading) | {"format": format_of(Path(source), reading.format)}
    del values["jsonl"]["split"]  # follows from the language
    return values


def device_of(model: Any) -> str:
    """Return ``"cuda"`` or ``"cpu"``; models that do not say where they run are on the CPU."""
    return getattr(getattr(model, "device", None), "kind", "cpu")


def vars_of(models: Any) -> dict[str, Any]:
    """Return the models by name."""
    return {name: getattr(models, name) for name in models.__dataclass_fields__}


def devices_of(models: Mapping[str, Any]) -> dict[str, str]:
    """Return where models run, of those that say so."""
    return {name: str(model.device) for name, model in models.items() if hasattr(model, "device")}


def summary_of(output: str, parts: Parts, resumed_at: int, notes: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Return what a run did: plain counts, then those with a name in front (labels, problems), then times."""
    summary: dict[str, Any] = {"output": output, "sentences": parts.done}
    groups: dict[str, dict[str, int]] = {"label": {}, "problem": {}, "marker": {}}
    for name, count in parts.counts.items():
        group, colon, rest = name.partition(":")
        if colon and group in groups:
            groups[group][rest] = count
        else:
            summary[name] = count
    summary |= {group + "s": dict(sorted(found.items(), key=lambda x: -x[1])) for group, found in groups.items()}
    fresh = parts.done - resumed_at
    return summary | {
        "resumed_at": resumed_at,
        "stages": dict(notes.get("seconds", {})),
        "devices": dict(notes.get("devices", {})),
        "seconds": round(seconds, 3),
        "sentences_per_second": round(fresh / max(seconds, 1e-9), 1),
    }
