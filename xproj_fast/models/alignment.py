"""What goes into a neural aligner and comes out of it: options, links with confidences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Links, Record
from xproj_fast.errors import check_options
from xproj_fast.models.extractions import EXTRACTIONS, How
from xproj_fast.options import option


@dataclass(frozen=True, slots=True)
class NeuralAlignOptions:
    """How links are read from states.

    Attributes:
        extraction: ``"awesome"`` (default; awesome-align, Dou & Neubig 2021: softmax over either side), ``"argmax"``,
            ``"itermax"`` (what arXiv 2501.18750 calls iterative), ``"match"`` (simalign, Jalili Sabet et al. 2020),
            or one of your own (``xproj_fast.models.extractions``).
        link_threshold: awesome: both softmaxes must exceed it, None (default) = .001. The others: least similarity
            (cosine + 1) / 2 of a link, None (default) = 0 = off.
        rounds: itermax: how often it looks; default 2, 1 = argmax.
        alpha: itermax: what the similarity of a sub-token that has a link counts for in later rounds; default .9.
        overlap: sub-tokens that neighbouring windows of a long sentence share; default 64.
        batch_tokens: padded sub-tokens a batch, halved where memory is short; default None = what suits the engine.

    >>> NeuralAlignOptions("itermax", rounds=3).extraction
    'itermax'
    >>> NeuralAlignOptions("itermacs")
    Traceback (most recent call last):
        ...
    xproj_fast.errors.InputError: extraction: expected one of ..., got 'itermacs' (did you mean itermax?)
    """

    extraction: str = option(
        "awesome",
        lambda: (
            "how links are read from the similarities of subwords: "
            + "; ".join(f"{name}: {EXTRACTIONS[name].help}" for name in EXTRACTIONS)
        ),
        choices=EXTRACTIONS.names,
    )
    link_threshold: float | None = option(
        None,
        lambda: (
            "both softmaxes of a link must exceed it (awesome), or its similarity must reach it (default: "
            + ", ".join(f"{name} {EXTRACTIONS[name].threshold:g}" for name in EXTRACTIONS)
            + ")"
        ),
        off="0 = no threshold",
    )
    rounds: int = option(2, "how often argmax is repeated on what is left", unit="rounds", only="itermax", more=True)
    alpha: float = option(
        0.9, "what the similarity of a linked subword counts for in later rounds, 0 to 1", only="itermax", more=True
    )
    overlap: int = option(
        64, "what neighbouring windows of a sentence too long for the model share", unit="subwords", more=True
    )
    batch_tokens: int | None = option(
        None,
        "most padded subwords in a batch, halved where memory is short (default: what suits the engine)",
        unit="subwords",
    )

    def __post_init__(self) -> None:
        check_options(
            self,
            ("extraction", self.extraction in EXTRACTIONS, EXTRACTIONS.names()),
            (
                "link_threshold",
                self.link_threshold is None or 0 <= self.link_threshold < 1,
                "None or a number from 0 to below 1",
            ),
            ("rounds", self.rounds >= 1, "at least 1"),
            ("alpha", 0 <= self.alpha <= 1, "a number from 0 to 1"),
            ("overlap", self.overlap >= 0, "at least 0"),
            ("batch_tokens", self.batch_tokens is None or self.batch_tokens >= 1, "None or at least 1"),
        )

    def how(self) -> How:
        """Return what the extraction is told."""
        default = EXTRACTIONS[self.extraction].threshold
        return How(default if self.link_threshold is None else self.link_threshold, self.rounds, self.alpha)


@dataclass(frozen=True, slots=True, eq=False)
class Alignment(Record):
    """Word links of N sentence pairs.

    Attributes:
        links: offsets int64[N + 1], source and target int32[links], by (source, target).
        confidence: float32[links], 0 to 1. awesome: the harmonic mean of the two softmaxes of scaled similarities;
            the others: the similarity of the linked sub-tokens.
        counts: ``sentences``, ``links``, ``long_sentences`` (read in windows), ``words_without_piece`` (no link can
            reach them).
    """

    links: Links
    confidence: NDArray[np.float32]
    counts: dict[str, int]
