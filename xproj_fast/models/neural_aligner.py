"""Word alignments from encoder states: the extractions of awesome-align and simalign, over any exported encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Links, Offsets, Record, Words, thread_count
from xproj_fast.checks import check_words
from xproj_fast.errors import InputError, check_options
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import Extraction, ExtractionOptions
from xproj_fast.models.devices import Device
from xproj_fast.models.encoder import Encoder, encode, encoder_identity, open_encoder
from xproj_fast.models.identity import Origin, reduced
from xproj_fast.models.manifest import TOKENIZER, Manifest, read_manifest
from xproj_fast.models.similarity import States, similarities
from xproj_fast.models.tokenizer import WordTokenizer
from xproj_fast.ragged import flat, joined
from xproj_fast.text.languages import check_language

METHODS = {method.name.lower(): method for method in Extraction}
BLOCK_WORDS = 1 << 15  # words of all sides whose states are in memory together: some 150 MB at 768 wide


@dataclass(frozen=True, slots=True)
class NeuralAlignOptions:
    """How links are read from states.

    Attributes:
        method: ``"awesome"`` (default; awesome-align, Dou & Neubig 2021: softmax over either side), ``"argmax"``,
            ``"itermax"`` (what arXiv 2501.18750 calls iterative) or ``"match"`` (simalign, Jalili Sabet et al. 2020).
        threshold: awesome: both softmaxes must exceed it, None (default) = .001. The others: least similarity
            (cosine + 1) / 2 of a link, None (default) = 0 = off.
        iterations: itermax: rounds; default 2, 1 = argmax.
        alpha: itermax: what the similarity of a sub-token that has a link counts for in later rounds; default .9.
        overlap: sub-tokens that neighbouring windows of a long sentence share; default 64.
        max_tokens: padded sub-tokens a batch, halved where memory is short; default None = what suits the engine.
    """

    method: str = "awesome"
    threshold: float | None = None
    iterations: int = 2
    alpha: float = 0.9
    overlap: int = 64
    max_tokens: int | None = None

    def __post_init__(self) -> None:
        check_options(
            self,
            ("method", self.method in METHODS, tuple(METHODS)),
            ("threshold", self.threshold is None or 0 <= self.threshold < 1, "None or a number from 0 to below 1"),
            ("iterations", self.iterations >= 1, "at least 1"),
            ("alpha", 0 <= self.alpha <= 1, "a number from 0 to 1"),
            ("overlap", self.overlap >= 0, "at least 0"),
            ("max_tokens", self.max_tokens is None or self.max_tokens >= 1, "None or at least 1"),
        )

    def extraction(self) -> ExtractionOptions:
        """Return what the kernel takes."""
        method = METHODS[self.method]
        default = 1e-3 if method is Extraction.AWESOME else 0.0
        return ExtractionOptions(
            method, default if self.threshold is None else self.threshold, self.iterations, self.alpha
        )


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


class Aligner:
    """A loaded aligner; make one with ``Aligner.load``. It can be sent to other processes."""

    def __init__(
        self, manifest: Manifest, tokenizer: WordTokenizer, encoder: Encoder, origin: Origin | None = None
    ) -> None:
        self.manifest = manifest
        self._origin = origin
        self._tokenizer = tokenizer
        self._encoder = encoder

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        device: str = "auto",
        threads: int | None = None,
        memory_limit: int | None = None,
        verify: bool = True,
    ) -> Aligner:
        """Load what ``xproj-fast export aligner`` wrote.

        Args:
            folder: the model folder.
            device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
            threads: CPU threads; None = all CPUs.
            memory_limit: bytes of GPU memory; None = no limit.
            verify: compare the hashes of all files.

        Raises:
            InputError: for a folder that holds no whole aligner, and a device that does not work.
            MissingDependencyError: without the packages of the extra ``models``.
        """
        manifest = read_manifest(folder, "aligner", verify=verify)
        encoder = open_encoder(folder, manifest, device=device, threads=threads, memory_limit=memory_limit)
        origin = Origin.of(folder, device=device, threads=threads, memory_limit=memory_limit, verify=verify)
        return cls(manifest, WordTokenizer(Path(folder) / TOKENIZER), encoder, origin)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as folder and options: the other process loads the model itself."""
        return reduced(self, self._origin)

    @property
    def identity(self) -> dict[str, Any]:
        """All that its output depends on, but for the rounding of its device."""
        return encoder_identity(self.manifest, self._encoder)

    @property
    def device(self) -> Device:
        """Where the encoder runs."""
        return self._encoder.device

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages to choose from, of an aligner that needs to be told (an NLLB encoder); else none."""
        return tuple(self.manifest.settings.get("languages") or ())

    def align(
        self,
        source: Words,
        target: Words,
        options: NeuralAlignOptions | None = None,
        *,
        source_language: str | None = None,
        target_language: str | None = None,
        threads: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Alignment:
        """Align the words of N sentence pairs; see ``align_many``."""
        return self.align_many(
            source,
            [target],
            options,
            source_language=source_language,
            target_languages=[target_language],
            threads=threads,
            progress=progress,
        )[0]

    def align_many(
        self,
        source: Words,
        targets: Sequence[Words],
        options: NeuralAlignOptions | None = None,
        *,
        source_language: str | None = None,
        target_languages: Sequence[str | None] | None = None,
        threads: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> list[Alignment]:
        """Align the same sentences with their translations into several languages; each side is encoded once.

        Args:
            source: words of N sentences.
            targets: words of their N translations, one record a language.
            options: None = the defaults.
            source_language: code such as ``"eng_Latn"``, for an aligner that has ``languages``; else None.
            target_languages: as many codes as targets, likewise.
            threads: of the extraction; None = all CPUs.
            progress: called with the share done, 0 to 1.

        Returns:
            One ``Alignment`` a target, in the order given.

        Raises:
            InputError: for words without strings, unequal numbers of sentences, and languages that are missing, not
                wanted or unknown.
        """
        options = options or NeuralAlignOptions()
        kernels = get()
        codes = target_languages or [None] * len(targets)
        if len(codes) != len(targets):
            raise InputError(f"target_languages: expected {len(targets)}, one a target, got {len(codes)}")
        prefixes = self.check_languages(source_language, codes)
        sides = [source, *targets]
        for words, field in zip(sides, ["source_words", *["target_words"] * len(targets)], strict=True):
            check_words(kernels, words, field)
            if words.strings is None:
                raise InputError(f"{field}: expected words to align, got only their number", field=field)
            if len(words) != len(source):
                raise InputError(
                    f"{field}: expected {len(source):,} sentences as on the source side, got {len(words):,}",
                    field=field,
                )
        found: list[list[tuple[Links, NDArray[np.float32]]]] = [[] for _ in targets]
        counts = [dict.fromkeys(("sentences", "links", "long_sentences", "words_without_piece"), 0) for _ in targets]
        for first, last in _blocks([words.offsets for words in sides]):
            states = [
                self.encode(_part(words, first, last), options, prefix=prefix)
                for words, prefix in zip(sides, prefixes, strict=True)
            ]
            for t, target in enumerate(states[1:]):
                similarity_offsets, similarity = similarities(states[0], target, METHODS[options.method])
                links, confidence = kernels.extract_links(
                    states[0].pieces,
                    target.pieces,
                    similarity_offsets,
                    similarity,
                    options.extraction(),
                    thread_count(threads),
                )
                found[t].append((links, confidence))
                for name in ("long_sentences", "words_without_piece"):
                    counts[t][name] += states[0].counts[name] + target.counts[name]
                counts[t]["sentences"] += last - first
                counts[t]["links"] += len(links.source)
            if progress is not None:
                progress(last / len(source))
        return [_joined(parts, count) for parts, count in zip(found, counts, strict=True)]

    def check_languages(self, source: str | None, targets: Sequence[str | None]) -> list[list[int] | None]:
        """Return the special tokens before a sentence of the source, then of each target (None = the model's own).

        Raises:
            InputError: for a language that is missing, not wanted or unknown.
        """
        sides = [(source, "source_language"), *((code, "target_language") for code in targets)]
        return [self._prefix(code, field) for code, field in sides]

    def encode(
        self, words: Words, options: NeuralAlignOptions | None = None, *, prefix: Sequence[int] | None = None
    ) -> States:
        """Return the states of all sub-tokens of N sentences, in memory at once.

        Args:
            words: words of N sentences.
            options: ``overlap`` and ``max_tokens`` count here.
            prefix: special tokens before each sentence; None = the model's own.
        """
        options = options or NeuralAlignOptions()
        pieces = self._tokenizer.encode(words)
        vectors, windows = encode(
            self._encoder,
            self.manifest.settings,
            pieces,
            prefix=prefix,
            overlap=options.overlap,
            max_tokens=options.max_tokens,
            what="aligning",
        )
        reached = len(np.unique(flat(pieces.word, pieces.offsets, words.offsets)))
        long = int(np.count_nonzero(np.bincount(windows.sentence, minlength=len(words)) > 1))
        counts = {"long_sentences": long, "words_without_piece": int(words.offsets[-1] - words.offsets[0]) - reached}
        return States(pieces, vectors, counts)

    def _prefix(self, language: str | None, field: str) -> list[int] | None:
        known: dict[str, int] = self.manifest.settings.get("languages") or {}
        if not known:
            if language is not None:
                raise InputError(f"{field}: expected None, as this aligner needs no languages, got {language!r}")
            return None
        if language is None:
            raise InputError(f"{field}: expected a code such as eng_Latn, as this aligner needs languages, got None")
        check_language(language, tuple(known), field)
        return [known[language]]


def _blocks(sides: Sequence[Offsets]) -> Iterator[tuple[int, int]]:
    """Cut the sentences into runs of about BLOCK_WORDS words over all sides, at least one sentence each."""
    total = np.sum(sides, axis=0)
    total = total - total[0]
    first, sentences = 0, len(total) - 1
    while first < sentences:
        last = int(np.searchsorted(total, total[first] + BLOCK_WORDS, side="right")) - 1
        last = min(max(last, first + 1), sentences)
        yield first, last
        first = last


def _part(words: Words, first: int, last: int) -> Words:
    strings: Any = words.strings
    bounds = words.offsets[first : last + 1]
    return Words(bounds - bounds[0], strings.slice(bounds[0], bounds[-1] - bounds[0]))


def _joined(parts: Sequence[tuple[Links, NDArray[np.float32]]], counts: dict[str, int]) -> Alignment:
    if not parts:
        return Alignment(
            Links(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32)), np.zeros(0, np.float32), counts
        )
    links = Links(
        joined([links.offsets for links, _ in parts]),
        np.concatenate([links.source for links, _ in parts]),
        np.concatenate([links.target for links, _ in parts]),
    )
    return Alignment(links, np.concatenate([confidence for _, confidence in parts]), counts)
