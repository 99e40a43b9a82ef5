"""Tagging: our ``Tagger`` against Hugging Face's token-classification pipeline, on one thread.

Sentences come in no order of length. The pipeline is timed as it is used (in that order) and once more on sentences
that were sorted for it, which spares it padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from xproj_fast.models.tagger import Tagger
from xproj_fast.models.tagging import TaggerOptions

from . import text
from .setup import ENGINES, PRECISIONS, Row, Setup, rate, ratios
from .sweep import best
from timing import paired

TARGETS = {"fp32": 1.5, "int8": 4.0}
CLOSE = 1e-4


class Pipeline:
    """transformers' own, with its words: the label of a word is that of its first subword."""

    def __init__(self, folder: Path, dtype: str = "float32", device: str = "cpu") -> None:
        import torch
        from transformers import AutoModelForTokenClassification, AutoTokenizer, pipeline

        self._torch = torch
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self._model: Any = AutoModelForTokenClassification.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
        self._pipeline: Any = pipeline(
            "token-classification",
            model=self._model,
            tokenizer=self._tokenizer,
            aggregation_strategy="first",
            device=device,
        )

    def run(self, lines: list[str], batch: int) -> list[Any]:
        """Return its entities."""
        return list(self._pipeline(lines, batch_size=batch))

    def probabilities(self, sentences: list[text.Sentence]) -> np.ndarray:
        """Return float32[words, labels], one sentence at a time: what is right."""
        rows = []
        for sentence in sentences:
            encoded = self._tokenizer(sentence, is_split_into_words=True, return_tensors="pt")
            with self._torch.inference_mode():
                logits = self._model(**encoded.to(self._model.device)).logits[0].float()
            words = encoded.word_ids()
            first = [words.index(i) for i in range(len(sentence))]
            rows.append(self._torch.softmax(logits, -1)[first].cpu().numpy())
        return np.concatenate(rows)


def rows(setup: Setup) -> Iterator[Row]:
    """Yield the rows of the table."""
    name = setup.name("xlmr")
    sentences = text.english(text.DATA, setup.some(256, 16))
    words, lines = text.words_of(sentences), [" ".join(sentence) for sentence in sentences]
    ordered = sorted(lines, key=len)
    some, some_words = lines[: max(8, len(lines) // 4)], text.words_of(sentences[: max(8, len(lines) // 4)])
    peer = Pipeline(setup.models.checkpoint(name))
    loaded = {
        (engine, precision): Tagger.load(setup.models.exported(name, precision, engine), device="cpu", threads=1)
        for engine in ENGINES
        for precision in PRECISIONS
    }
    batches = [1, 8] if setup.quick else [1, 2, 4, 8, 16, 32]
    batch = best("pipeline, sentences per batch", batches, lambda n: peer.run(some, n))
    sizes = {
        key: best(
            f"{' '.join(key)}, tokens a batch",
            [512, 4096] if setup.quick else [256, 512, 1024, 2048, 4096],
            lambda n, tagger=tagger: tagger.probabilities(some_words, TaggerOptions(batch_tokens=n)),
        )
        for key, tagger in loaded.items()
    }
    contenders = {"peer": lambda: peer.run(lines, batch), "peer, sorted": lambda: peer.run(ordered, batch)}
    for key, tagger in loaded.items():
        options = TaggerOptions(batch_tokens=sizes[key])
        contenders[" ".join(key)] = lambda tagger=tagger, options=options: tagger.tag(words, options)
    seconds = paired(contenders, setup.rounds)
    expected = peer.probabilities(sentences)
    for precision in PRECISIONS:
        names = [f"{engine} {precision}" for engine in ENGINES]
        found, against_sorted = ratios(seconds, "peer", names), ratios(seconds, "peer, sorted", names)
        far = {
            engine: np.abs(loaded[engine, precision].probabilities(words).values - expected).max() for engine in ENGINES
        }
        close = precision != "fp32" or max(far.values()) <= CLOSE
        yield (
            f"{name}, {len(lines)} sentences: token-classification pipeline fp32 (batch {batch}, "
            f"{rate(len(lines), seconds['peer'])}) / `Tagger` {precision}",
            f">= {TARGETS[precision]:g}" + (f", within {CLOSE:g}" if precision == "fp32" else ""),
            "; ".join(
                f"{engine} {found[key]:.2f} ({rate(len(lines), seconds[key])}; {against_sorted[key]:.2f} against "
                f"sorted input; probabilities within {far[engine]:.1e})"
                for engine, key in zip(ENGINES, names, strict=True)
            ),
            close and max(found.values()) >= TARGETS[precision],
        )
