"""Named pipelines over a folder of datasets and languages: the paper's tables, with the time each takes.

Every model runs once a language, whatever number of pipelines needs it; a pipeline's time is that of the models it
needs plus its own projection, as if it had run alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from xproj_fast.errors import InputError
from xproj_fast.evaluation import check_ignored
from xproj_fast.formats.hub import read_dataset
from xproj_fast.matching.registry import MATCHERS
from xproj_fast.method import DEFAULT_METHOD, Method
from xproj_fast.report.datasets import DatasetFiles
from xproj_fast.report.suite_language import Cell, Known, Models, SuiteOptions

TRANSFER = "transfer"
PIPELINES = (
    *("heuristic", "align", "align:exact", "string"),
    *(TRANSFER, "alignment+ner", "ner", "ner:exact", "align_ner", "align_ner_spans", "align_ner_spans:exact"),
    *("nmt", "align_nmt", "ner_spans_nmt", "all_fusion", "all_fusion:exact"),
)


def default_pipelines(models: Models) -> tuple[str, ...]:
    """Return those of ``PIPELINES`` that the models allow."""

    def is_possible(name: str) -> bool:
        method = method_of(name, DEFAULT_METHOD)
        tagged = method is None or method.needs_tagger
        translated = method is not None and method.needs_translator
        return (not tagged or models.target_tagger is not None) and (not translated or models.translator is not None)

    return tuple(filter(is_possible, PIPELINES))


def method_of(name: str, base: Method) -> Method | None:
    """Return what the name of a pipeline means: ``SCORES[+CANDIDATES][:MATCHER]``, or None for model transfer.

    ``"align:exact"``, ``"alignment+ner"`` (NER candidates), ``"all_fusion"``, ``"heuristic"``, ``"transfer"``.

    Raises:
        InputError: for unknown scores, candidates or matchers.
    """
    if name == TRANSFER:
        return None
    if name in MATCHERS and not MATCHERS[name].scored:
        return replace(base, matcher=name).narrowed()
    method, _, matcher = name.partition(":")
    scores, _, candidates = method.partition("+")
    made = replace(base, scores=scores, candidates=candidates or base.candidates, matcher=matcher or base.matcher)
    try:
        made = made.narrowed()
        made.check()
    except InputError as error:
        raise InputError(
            f"pipeline {name!r}: expected SCORES[+CANDIDATES][:MATCHER], heuristic or transfer: {error}"
        ) from None
    return made


def run_suite(
    datasets: Sequence[DatasetFiles],
    names: Sequence[str],
    models: Models,
    options: SuiteOptions | None = None,
    *,
    progress: Callable[[str, float], None] | None = None,
) -> list[Cell]:
    """Run every pipeline on every language.

    Args:
        datasets: see ``find_datasets``.
        names: of pipelines, see ``method_of``.
        models: what there is.
        options: None = the defaults.
        progress: called with what is being done and the share done.

    Returns:
        One cell a pipeline and language, language by language.

    Raises:
        InputError: before anything runs, for a pipeline that needs a model that is not there, and unknown names.
    """
    options = options or SuiteOptions()
    methods = {name: method_of(name, options.base) for name in names}
    for dataset in datasets:
        for name, method in methods.items():
            _check_models(dataset, name, method, models)
    _check_labels(datasets, models, options)
    cells: list[Cell] = []
    for number, dataset in enumerate(datasets):
        known = Known(dataset, models, options)
        for step, (name, method) in enumerate(methods.items()):
            if progress is not None:
                progress(f"{dataset.name}: {name}", (number + step / len(methods)) / len(datasets))
            cells.append(known.run(name, method))
    if progress is not None:
        progress("done", 1.0)
    return cells


def _check_models(dataset: DatasetFiles, name: str, method: Method | None, models: Models) -> None:
    missing = []
    if models.target_tagger is None and (method is None or method.needs_tagger):
        missing.append("a target tagger")
    if method is not None:
        if dataset.labelled is None and models.tagger is None:
            missing.append("a tagger, or labelled source sentences")
        if dataset.labelled is None and dataset.words is None and models.translator is None:
            missing.append("a translator, or source words")
        if method.needs_links and dataset.links is None and models.aligner is None:
            missing.append("an aligner, or alignments")
        if method.needs_translator and models.translator is None:
            missing.append("a translator")
    if missing:
        raise InputError(f"{dataset.name}: expected for the pipeline {name!r}: {'; '.join(missing)}; got none")


def _check_labels(datasets: Sequence[DatasetFiles], models: Models, options: SuiteOptions) -> None:
    """Check that some dataset or model has each class that does not count."""
    if not options.ignore_labels:
        return
    known = [name for tagger in (models.tagger, models.target_tagger) if tagger is not None for name in tagger.classes]
    for dataset in datasets:
        known += read_dataset(dataset.gold, options.tag_names).labels
        known += () if dataset.labelled is None else read_dataset(dataset.labelled).labels
    check_ignored(options.ignore_labels, known)


def mean(cells: Sequence[Cell], pipeline: str) -> tuple[float, float]:
    """Return a pipeline's F1 averaged over the languages, and its seconds over all of them."""
    own = [cell for cell in cells if cell.pipeline == pipeline]
    return float(np.mean([cell.f1 for cell in own])), sum(cell.seconds for cell in own)
