"""What goes into aligners and comes out of them: options, links with confidences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Links, Record
from xproj_fast.errors import InputError, check_options
from xproj_fast.kernels.link_sampling import CHAINS_AT_ONCE
from xproj_fast.kernels.protocol import Symmetrization
from xproj_fast.models.extractions import EXTRACTIONS, How
from xproj_fast.options import option

SYMMETRIZATIONS = {kind.name.lower().replace("_", "-"): kind for kind in Symmetrization}
SYMMETRIZATIONS["gdfa"] = Symmetrization.GROW_DIAG_FINAL_AND
THRESHOLD = "threshold"  # links by their probability, which is no matter of symmetrizing


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
        confidence: float32[links], 0 to 1. ``StatisticalAligner``: the geometric mean of the link's probabilities in
            both directions. awesome: the harmonic mean of the two softmaxes of scaled similarities; the others: the
            similarity of the linked subwords.
        counts: ``sentences``, ``links``, ``long_sentences`` (neural: read in windows; statistical: left without
            links). Neural: ``words_without_piece`` (no link can reach them). Statistical: ``words`` of both sides,
            ``unknown_words`` (not in the text that was learnt from).

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words")
    >>> found = xp.Aligner.load("models/align").align(pairs.source, pairs.target)
    >>> sure = found.confidence > 0.9  # bool[links]
    """

    links: Links
    confidence: NDArray[np.float32]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class StatisticalAlignOptions:
    """How links are learnt from sentence pairs, and how they are read from what was learnt.

    Attributes:
        symmetrization: how the two directions become one: ``"threshold"`` (default; links whose probability, the
            geometric mean of both directions, is at least ``link_threshold``); or, of the likeliest links of each
            direction, ``"intersection"``, ``"union"``, ``"grow-diag"``, ``"grow-diag-final-and"`` (or ``"gdfa"``).
        link_threshold: least probability of a link, of ``"threshold"``; default .5.
        seed: of the sampler; the same seed gives the same links, on any number of threads. Default 1.
        chains: independent samplers per direction, whose probabilities are averaged, a multiple of 4; None (default)
            = by the size of the text, more for less of it.
        sweeps: times each goes through the text, at least 4; None (default) likewise.
        extra_text: (source, target) files of more parallel text, learnt from, not returned. They are read as any
            sentences are, by their suffixes: raw text (.txt), words separated by spaces (.words), CoNLL, JSONL; a
            suffix that names no format means words separated by spaces. None (default) = none.
        tokenized: words of extra_text's .txt files are separated by spaces; False (default) = raw text.

    >>> StatisticalAlignOptions("grow-diag-final-and", seed=7).seed
    7
    >>> StatisticalAlignOptions(link_threshold=0)
    Traceback (most recent call last):
        ...
    xproj_fast.errors.InputError: link_threshold: expected a probability above 0, at most 1, got 0
    """

    symmetrization: str = option(
        THRESHOLD,
        "how the two directions become one: by the mean probability of a link, or by the likeliest links of each",
        choices=(THRESHOLD, *SYMMETRIZATIONS),
    )
    link_threshold: float = option(0.5, "least probability of a link", only=THRESHOLD)
    seed: int = option(1, "of the sampler; the same seed gives the same links", more=True)
    chains: int | None = option(
        None,
        "independent samplers per direction, a multiple of 4 (default: more for less text)",
        unit="samplers",
        more=True,
    )
    sweeps: int | None = option(
        None, "times each sampler goes through the text (default: more for less text)", unit="sweeps", more=True
    )
    extra_text: tuple[Path, Path] | None = option(None, "source and target files of more parallel text to learn from")
    tokenized: bool = False  # of a command, as for all its files

    def __post_init__(self) -> None:
        known = (THRESHOLD, *SYMMETRIZATIONS)
        check_options(
            self,
            ("symmetrization", self.symmetrization in known, known),
            ("link_threshold", 0 < self.link_threshold <= 1, "a probability above 0, at most 1"),
            ("seed", 0 <= self.seed < 1 << 64, "a whole number from 0 to 2^64 - 1"),
            (
                "chains",
                self.chains is None or (self.chains in range(1, 1 << 16) and self.chains % CHAINS_AT_ONCE == 0),
                f"None or a multiple of {CHAINS_AT_ONCE}",
            ),
            ("sweeps", self.sweeps is None or self.sweeps in range(4, 1 << 16), "None or at least 4"),
        )
        _check_files("extra_text", self.extra_text)


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
        check_options(
            self,
            ("symmetrization", self.symmetrization in SYMMETRIZATIONS, tuple(SYMMETRIZATIONS)),
            ("model", self.model in (1, 2, 3), "1, 2 or 3"),
            ("null_prior", 0 <= self.null_prior < 1, "a probability from 0 to below 1"),
            ("samplers", self.samplers >= 1, "at least 1"),
            ("iterations", 0 < self.iterations < float("inf"), "a finite number above 0"),
        )
        _check_files("extra_text", self.extra_text)
        _check_files("priors", None if self.priors is None else (self.priors,), 1)


AlignOptions: TypeAlias = NeuralAlignOptions | StatisticalAlignOptions  # of the aligners that are there already


Kind = TypeVar("Kind", NeuralAlignOptions, StatisticalAlignOptions)


def options_of(kind: type[Kind], given: Any, otherwise: Kind | None = None) -> Kind:
    """Return the options that an aligner was given, or those it has otherwise.

    Raises:
        InputError: for those of another kind of aligner.
    """
    if given is not None and not isinstance(given, kind):
        raise InputError(
            f"options: expected {kind.__name__} with this aligner, got {type(given).__name__}", field="options"
        )
    return given or otherwise or kind()


def _check_files(field: str, paths: tuple[Path, ...] | None, number: int = 2) -> None:
    if paths is None:
        return
    if len(paths) != number:
        raise InputError(f"{field}: expected two files (source, target), got {len(paths)}", field=field)
    for path in paths:
        if not Path(path).is_file():
            raise InputError(f"{path}: expected a file, got nothing there")
