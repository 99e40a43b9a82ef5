"""What goes into a translator and comes out of it: options, translations, counts, scores."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Offsets, Record
from xproj_fast.errors import check_options
from xproj_fast.options import option

SPLITS = ("long", "always", "never")


@dataclass(frozen=True, slots=True)
class TranslateOptions:
    """How lines are translated.

    Attributes:
        beam_size: hypotheses a search keeps; default 1 = greedy.
        patience: beam search continues until it has beam_size times this many finished hypotheses; default 2.
            CTranslate2 and most others stop at 1, with hypotheses that are all bad where the model is sure of a longer
            one (on the toy language of the tests: 4% worse than greedy with beam 2, .5% with beam 5; none at 2, as with
            Hugging Face's rule). See Kasai et al. 2022, arXiv 2204.05424.
        split: ``"long"`` (default) cuts only lines above ``max_source_tokens``, at sentence ends, and packs as many
            sentences together as fit; ``"always"`` translates every sentence alone, which keeps NLLB from leaving
            sentences out; ``"never"`` refuses long lines.
        max_source_tokens: longest line in subwords, without language token and ``</s>``; a sentence above it is
            refused, never cut. None (default) = 512, or what the model holds where that is less.
        max_length_ratio: a translation ends after this many subwords a source subword (rounded up to 16) and 32
            more; default 3.
        max_target_tokens: and after this many in any case, ``</s>`` included; default 512. What ended so is ``cut``.
        length_penalty: beam search divides by length ** this; default 1, 0 = off.
        repetition_penalty: above 1, tokens already written lose score; default 1 = off. Scores are after it.
        no_repeat_ngram_size: subword n-grams of this size appear once; default 0 = off.
        batch_tokens: padded source subwords per batch, halved where memory is short; None (default) = 4,096 on a CPU,
            16,384 on a GPU.
        chunk: lines that are sorted by length together; two chunks are in memory. Default 4,096.

    >>> TranslateOptions(beam_size=5, split="always").beam_size
    5
    >>> TranslateOptions(split="longest")
    Traceback (most recent call last):
        ...
    xproj_fast.errors.InputError: split: expected one of long, always, never, got 'longest' (did you mean long?)
    """

    beam_size: int = option(1, "hypotheses that the search keeps", off="1 = greedy")
    patience: float = option(
        2.0, "beam search continues until it has beam_size times this many finished hypotheses", more=True
    )
    split: str = option(
        "long",
        "long: cut only lines too long for the model, at sentence ends; always: translate each sentence alone, which "
        "keeps NLLB from leaving sentences out; never: refuse long lines",
        choices=SPLITS,
    )
    max_source_tokens: int | None = option(
        None,
        "longer sentences are refused (default: 512, or what the model holds where that is less)",
        unit="subwords",
        more=True,
    )
    max_length_ratio: float = option(
        3.0, "a translation ends after this many subwords per source subword, and 32 more", more=True
    )
    max_target_tokens: int = option(512, "and after this many in any case", unit="subwords", more=True)
    length_penalty: float = option(
        1.0, "beam search divides by the length to the power of this", off="0 = off", more=True
    )
    repetition_penalty: float = option(
        1.0, "above 1, subwords that have been written lose score", off="1 = off", more=True
    )
    no_repeat_ngram_size: int = option(0, "n-grams of this many subwords appear once in a translation", off="0 = off")
    batch_tokens: int | None = option(
        None,
        "most padded source subwords in a batch, halved where memory is short (default: 4096 on a CPU, 16384 on a GPU)",
        unit="subwords",
    )
    chunk: int = option(4096, "lines sorted by length together; two chunks are in memory", unit="lines", more=True)

    def __post_init__(self) -> None:
        finite = float("inf")
        check_options(
            self,
            ("beam_size", self.beam_size >= 1, "at least 1"),
            ("patience", 0 < self.patience < finite, "a finite number above 0"),
            ("split", self.split in SPLITS, SPLITS),
            ("max_source_tokens", self.max_source_tokens is None or self.max_source_tokens >= 1, "at least 1"),
            ("max_length_ratio", 0 < self.max_length_ratio < finite, "a finite number above 0"),
            ("max_target_tokens", self.max_target_tokens >= 1, "at least 1"),
            ("length_penalty", 0 <= self.length_penalty < finite, "a finite number from 0 on"),
            ("repetition_penalty", 0 < self.repetition_penalty < finite, "a finite number above 0"),
            ("no_repeat_ngram_size", self.no_repeat_ngram_size >= 0, "at least 0"),
            ("batch_tokens", self.batch_tokens is None or self.batch_tokens >= 1, "at least 1"),
            ("chunk", self.chunk >= 1, "at least 1"),
        )


@dataclass(frozen=True, slots=True)
class Translation:
    """One line, translated.

    Attributes:
        text: the translation, without white space around it; empty for a blank line and where it was refused.
        score: mean natural log-probability of its subwords and ``</s>``; nan where nothing was translated.
        source_tokens: subwords of the line, without language token and ``</s>``.
        target_tokens: subwords of the translation, likewise.
        parts: how many pieces the line was translated in; 0 where it was not translated.
        repeated: whether it loops where its source does not.
        cut: whether it (or a part) ended at the length limit instead of at ``</s>``.
        refused: why it was not translated, or None.
        unknown: source subwords the model does not know.

    >>> translation = Translation("Guten Morgen.", score=-0.25, source_tokens=3, target_tokens=4, parts=1)
    >>> translation.text, translation.cut, translation.refused
    ('Guten Morgen.', False, None)
    """

    text: str
    score: float = math.nan
    source_tokens: int = 0
    target_tokens: int = 0
    parts: int = 0
    repeated: bool = False
    cut: bool = False
    refused: str | None = None
    unknown: int = 0


@dataclass(slots=True)
class TranslationCounts:
    """Sums over translations.

    Attributes:
        lines: all of them. empty: blank ones. refused, repeated, cut: see ``Translation``. split: lines in parts.
        source_tokens, target_tokens, unknown: see ``Translation``.
    """

    lines: int = 0
    empty: int = 0
    refused: int = 0
    split: int = 0
    repeated: int = 0
    cut: int = 0
    source_tokens: int = 0
    target_tokens: int = 0
    unknown: int = 0

    def add(self, translation: Translation) -> None:
        """Count one more."""
        self.lines += 1
        self.empty += translation.parts == 0 and translation.refused is None
        self.refused += translation.refused is not None
        self.split += translation.parts > 1
        self.repeated += translation.repeated
        self.cut += translation.cut
        self.source_tokens += translation.source_tokens
        self.target_tokens += translation.target_tokens
        self.unknown += translation.unknown


@dataclass(frozen=True, slots=True, eq=False)
class TokenScores(Record):
    """Log-probabilities of N given translations.

    Attributes:
        offsets: int64[N + 1] into the values.
        values: float32[tokens], natural log-probability of each subword of a target and, last, of ``</s>``.
    """

    offsets: Offsets
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def means(self) -> NDArray[np.float64]:
        """Return float64[N], the mean of each translation's values; 2 ** it is nmtscore's number."""
        sums = np.add.reduceat(self.values.astype(np.float64), self.offsets[:-1]) if len(self) else np.zeros(0)
        means: NDArray[np.float64] = sums / np.diff(self.offsets)  # never 0: there is always </s>
        return means
