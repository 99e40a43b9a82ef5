"""What goes into aligners and comes out of them: options, links with confidences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Links, Record
from xproj_fast.errors import InputError, check_options
from xproj_fast.kernels.protocol import Symmetrization
from xproj_fast.models.extractions import EXTRACTIONS, How
from xproj_fast.options import option

SYMMETRIZATIONS = {kind.name.lower().replace("_", "-"): kind for kind in Symmetrization}
SYMMETRIZATIONS["gdfa"] = Symmetrization.GROW_DIAG_FINAL_AND


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
        alpha: itermax: what the similarity of a subword that has a link counts for in later rounds; default .9.
        overlap: subwords that neighbouring windows of a long sentence share; default 64.
        batch_tokens: padded subwords per batch, halved where memory is short; default None = what suits the engine.

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
            + "; 0 = no threshold)"
        ),
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
        """Return the settings of the extraction."""
        default = EXTRACTIONS[self.extraction].threshold
        return How(default if self.link_threshold is None else self.link_threshold, self.rounds, self.alpha)


@dataclass(frozen=True, slots=True, eq=False)
class Alignment(Record):
    """Word links of N sentence pairs.

    Attributes:
        links: offsets int64[N + 1], source and target int32[links], by (source, target).
        confidence: float32[links], 0 to 1. awesome: the harmonic mean of the two softmaxes of scaled similarities;
            the others: the similarity of the linked subwords.
        counts: ``sentences``, ``links``, ``long_sentences`` (read in windows), ``words_without_piece`` (no link can
            reach them).

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words")
    >>> found = xp.Aligner.load("models/align").align(pairs.source, pairs.target)
    >>> sure = found.confidence > 0.9  # bool[links]
    """

    links: Links
    confidence: NDArray[np.float32]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class EflomalOptions:
    """How eflomal aligns words.

    Attributes:
        symmetrization: how the two directions become one: ``"intersection"`` (default), ``"union"``,
            ``"grow-diag"``, ``"grow-diag-final-and"`` (or ``"gdfa"``); there is no off.
        model: 1 = IBM 1, 2 = and HMM, 3 = and fertility (default); lower is faster and worse.
        null_prior: prior probability that a word has no link, from 0 (off) to below 1; default 0.2.
        samplers: independent samplers per direction, whose votes are summed; default 3, 1 = no vote.
        iterations: sampling iterations relative to eflomal's own 5000 / sqrt(sentence pairs); default 1.0.
        extra_text: (source, target) files of more parallel text, learnt from, not returned. They are read as any
            sentences are, by their suffixes: raw text (.txt), words separated by spaces (.words), CoNLL, JSONL; a
            suffix that names no format means words separated by spaces. None (default) = none.
        tokenized: words of extra_text's .txt files are separated by spaces; False (default) = raw text.
        priors: file made by eflomal-makepriors: what earlier text taught. None (default) = none.

    >>> EflomalOptions("grow-diag-final-and", samplers=1).model
    3
    >>> EflomalOptions(null_prior=1)
    Traceback (most recent call last):
        ...
    xproj_fast.errors.InputError: null_prior: expected a probability from 0 to below 1, got 1
    """

    symmetrization: str = option("intersection", "how the two directions become one", choices=tuple(SYMMETRIZATIONS))
    model: int = option(
        3, "1 = IBM 1, 2 = and HMM, 3 = and fertility; lower is faster and worse", choices=(1, 2, 3), more=True
    )
    null_prior: float = option(0.2, "prior probability that a word has no link", off="0 = off", more=True)
    samplers: int = option(
        3, "independent samplers per direction, whose votes are added up", unit="samplers", off="1 = no vote", more=True
    )
    iterations: float = option(
        1.0, "sampling iterations, as a multiple of eflomal's own 5000 / sqrt(sentence pairs)", more=True
    )
    extra_text: tuple[Path, Path] | None = option(None, "source and target files of more parallel text to learn from")
    tokenized: bool = False  # of a command, as for all its files
    priors: Path | None = option(None, "file made by eflomal-makepriors: what earlier text taught")

    def __post_init__(self) -> None:
        two = self.extra_text is None or len(self.extra_text) == 2
        check_options(
            self,
            ("symmetrization", self.symmetrization in SYMMETRIZATIONS, tuple(SYMMETRIZATIONS)),
            ("model", self.model in (1, 2, 3), "1, 2 or 3"),
            ("null_prior", 0 <= self.null_prior < 1, "a probability from 0 to below 1"),
            ("samplers", self.samplers >= 1, "at least 1"),
            ("iterations", 0 < self.iterations < float("inf"), "a finite number above 0"),
            ("extra_text", two, "two files (source, target)"),
        )
        for path in (*(self.extra_text or ()), self.priors):
            if path is not None and not Path(path).is_file():
                raise InputError(f"{path}: expected a file, got nothing there")
