"""Translate-test from end to end, on one thread per model: how much of its time no model runs.

The models have their full size and cost what they cost, but random weights say nothing: the translation is replaced by
the corpus' own English, so that tagging, aligning and projecting see real sentences. What counts as a model's time is
every call of its methods, subwords included. Stages run side by side; a moment in which any model is called is not
overhead.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xproj_fast.models.neural_aligner import Aligner
from xproj_fast.models.tagger import Tagger
from xproj_fast.models.translation import Translation
from xproj_fast.models.translator import TranslateOptions, Translator
from xproj_fast.runs.inputs import InputOptions
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.labelling import label

from . import text
from .setup import Row, Setup

TOKENS = 32  # of every translation: the checkpoint never ends one before the limit
CHUNK = 32
PRECISION = "int8"
MOST = 0.05


class Timed:
    """A model that notes when its methods run."""

    def __init__(self, model: Any, *names: str) -> None:
        self.calls: list[tuple[float, float]] = []
        self._model = model
        for name in names:
            setattr(self, name, self._timed(getattr(model, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def _timed(self, method: Any) -> Any:
        def run(*args: Any, **how: Any) -> Any:
            started = time.perf_counter()
            found = method(*args, **how)
            self.calls.append((started, time.perf_counter()))
            return found

        return run


class Corpus:
    """A translator that works as hard as the model, and knows the corpus' translation."""

    def __init__(self, model: Translator, known: dict[str, str]) -> None:
        self._model, self._known = model, known

    def translate(
        self, lines: Sequence[str], source: str, target: str, options: TranslateOptions | None = None
    ) -> list[Translation]:
        """See ``TranslatorLike``."""
        found = self._model.translate(lines, source, target, options)
        return [
            replace(translation, text=self._known[line], repeated=False, cut=False)
            for line, translation in zip(lines, found, strict=True)
        ]


def busy(calls: list[tuple[float, float]]) -> float:
    """Return the length of a union of intervals."""
    total, until = 0.0, 0.0
    for start, end in sorted(calls):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


def rows(setup: Setup) -> Iterator[Row]:
    """Yield the row of the table."""
    english, german = text.english_german(text.DATA, setup.some(192, 16))
    known = {" ".join(b): " ".join(a) for a, b in zip(english, german, strict=True)}
    lines = list(known)
    names = {family: setup.name(family) for family in ("nllb", "xlmr", "bert")}
    where: dict[str, Any] = {"device": "cpu", "threads": 1}
    with Translator.load(setup.models.exported(names["nllb"], PRECISION), **where) as translator:
        models = [
            Timed(Tagger.load(setup.models.exported(names["xlmr"], PRECISION, "onnxruntime"), **where), "tag"),
            Timed(Corpus(translator, known), "translate"),
            Timed(Aligner.load(setup.models.exported(names["bert"], PRECISION, "ctranslate2"), **where), "align"),
        ]
        options = LabelOptions("deu_Latn", translate=TranslateOptions(max_target_tokens=TOKENS), threads=1)
        with tempfile.TemporaryDirectory() as folder:
            source, out = Path(folder, "de.txt"), Path(folder, "de.conll")
            source.write_text("".join(line + "\n" for line in lines), "utf-8")
            for restart in (False, True):  # the first run warms up what a long one has warm
                for model in models:
                    model.calls.clear()
                found = label(
                    source,
                    out,
                    LabelModels(*models),
                    options,
                    reading=InputOptions(tokenized=True),
                    chunk=CHUNK,
                    restart=restart,
                )
    assert found["sentences"] == len(lines)
    assert not found["problems"]
    calls = [busy(model.calls) for model in models]
    rest = 1 - busy([call for model in models for call in model.calls]) / found["seconds"]
    own = sum(found["stages"].values()) - sum(end - start for model in models for start, end in model.calls)
    stages = ", ".join(
        f"{name} {seconds:.1f} s" for name, seconds in zip(("tag", "translate", "align"), calls, strict=True)
    )
    yield (
        f"translate-test, {', '.join(names.values())} in {PRECISION}, {len(lines)} sentences in "
        f"{found['seconds']:.1f} s ({stages}): time in which no model runs",
        f"< {MOST:.0%}",
        f"{rest:.2%}; work outside the models, hidden or not, {own / found['seconds']:.2%}",
        rest < MOST,
    )
