"""Word alignments from encoder states: the extractions of awesome-align and simalign, over any exported encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Links, Offsets, Words, thread_count
from xproj_fast.checks import check_words
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.models.alignment import Alignment, NeuralAlignOptions, options_of
from xproj_fast.models.devices import Device
from xproj_fast.models.encoder import Encoder, encode, encoder_identity, open_encoder
from xproj_fast.models.extractions import EXTRACTIONS, Similarities
from xproj_fast.models.identity import Origin, reduced
from xproj_fast.models.manifest import TOKENIZER, Manifest, read_manifest
from xproj_fast.models.similarity import States, similarities
from xproj_fast.models.tokenizer import WordTokenizer
from xproj_fast.ragged import flat, joined
from xproj_fast.text.languages import check_language

BLOCK_WORDS = 1 << 15  # words of all sides whose states are in memory together: some 150 MB at 768 wide


class Aligner:
    """A loaded aligner; make one with ``Aligner.load``. It can be sent to other processes.

    >>> import xproj_fast as xp
    >>> aligner = xp.Aligner.load("models/align")
    >>> pairs = xp.read_pairs("en.conll", "de.words")
    >>> found = aligner.align(pairs.source, pairs.target)
    >>> pairs = pairs.with_alignments(found.links)
    >>> found.counts["sentences"]
    40
    """

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
        """The languages to choose from, of an aligner that needs them (an NLLB encoder); else none."""
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
            targets: words of their N translations, one record per language.
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
        options = options_of(NeuralAlignOptions, options)
        kernels, extraction = get(), EXTRACTIONS[options.extraction]
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
                offsets, values = similarities(states[0], target, cosine=extraction.cosine)
                both = Similarities(states[0].pieces, target.pieces, offsets, values)
                links, confidence = extraction.find(kernels, both, options.how(), thread_count(threads))
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
        """Return the states of all subwords of N sentences, in memory at once.

        Args:
            words: words of N sentences.
            options: ``overlap`` and ``batch_tokens`` count here.
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
            batch_tokens=options.batch_tokens,
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
