"""Word alignments without a neural model: learnt from the sentence pairs themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from xproj_fast import __version__
from xproj_fast.arrays import Words, thread_count
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.kernels.link_plan import KNOWN
from xproj_fast.kernels.link_sampling import MOST_LINKED_WORDS, LinkCounts
from xproj_fast.models.aligner_state import kept_options, read_state, state_arrays, write_state
from xproj_fast.models.alignment import Alignment, StatisticalAlignOptions, options_of
from xproj_fast.models.hashes import sha256
from xproj_fast.models.link_cache import read_cache, write_cache
from xproj_fast.models.link_sampling import LEFT_OUT, Progress, TextToLearn, chosen_links, settings_of
from xproj_fast.models.parallel_text import check_alignable, too_long
from xproj_fast.models.vocabulary import Vocabulary
from xproj_fast.pairs import SentencePairs


def align_statistically(
    pairs: SentencePairs,
    options: StatisticalAlignOptions | None = None,
    *,
    cache: str | Path | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
) -> SentencePairs:
    """Return the same pairs with word alignments that are learnt from their own words.

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words")
    >>> aligned = xp.align_statistically(pairs, cache="en-de.learnt.pharaoh")
    >>> xp.project(aligned).counts()["sentences"]
    40

    Args:
        pairs: N sentence pairs with the words of both sides; alignments they have are replaced.
        options: None = the defaults.
        cache: Pharaoh file (.gz and .zst are compressed) that keeps the links; ``<cache>.json`` next to it says what
            they were made from. Where that is the same the links are read, else learnt anew and overwritten. None = no
            cache.
        progress: called with the share done, 0 to 1; what it raises ends the work.
        threads: None = all CPUs; same links for any number.

    Raises:
        InputError: see ``StatisticalAligner.learn``; and for a cache that was not made here.
    """
    options = options_of(StatisticalAlignOptions, options)
    text = TextToLearn(pairs.source, pairs.target, options)
    made_from = {} if cache is None else text.made_from(options)
    links = None if cache is None else read_cache(Path(cache), made_from, len(pairs))
    if links is None:
        links = text.alignment(options, threads, progress)[0].links
        if cache is not None:
            write_cache(Path(cache), made_from, links)
    return pairs.with_alignments(links, copy=False)


def learn_links(
    source: Words,
    target: Words,
    options: StatisticalAlignOptions,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Alignment:
    """Return the links, with their confidences, that are learnt from sentence pairs; see ``StatisticalAligner.learn``.

    What was learnt is not kept, which takes less time and memory.
    """
    return TextToLearn(source, target, options).alignment(options, threads, progress)[0]


class StatisticalAligner:
    """What was learnt of two languages from sentence pairs: enough to align more of them, each by itself.

    Make one with ``StatisticalAligner.learn`` or ``StatisticalAligner.load``. It can be sent to other processes.

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words")
    >>> aligner = xp.StatisticalAligner.learn(pairs.source, pairs.target)
    >>> aligner.save("en-de.state")
    >>> found = xp.StatisticalAligner.load("en-de.state").align(pairs.source, pairs.target)
    >>> found.counts["sentences"], found.counts["unknown_words"]
    (40, 0)

    Attributes:
        options: how ``align`` reads links where it is not told otherwise.
        learnt: the links of the text that it was learnt from; None for one that was loaded.
    """

    def __init__(
        self,
        source: Vocabulary,
        target: Vocabulary,
        counts: LinkCounts,
        options: StatisticalAlignOptions,
        learnt: Alignment | None = None,
    ) -> None:
        self.options = options
        self.learnt = learnt
        self._source = source
        self._target = target
        self._counts = counts

    @classmethod
    def learn(
        cls,
        source: Words,
        target: Words,
        options: StatisticalAlignOptions | None = None,
        *,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> StatisticalAligner:
        """Learn from sentence pairs; their own links are its ``learnt``.

        The method: in either direction a hidden Markov model with fertilities (Vogel et al. 1996, Brown et al. 1993),
        Bayesian and drawn by Gibbs sampling (Mermer & Saraclar 2011). Words that look alike, in whatever script, and
        words that begin alike share what is known of them. Words are lower-cased.

        Args:
            source: words of N sentences.
            target: words of their N translations. A pair with an empty side has no links. One with more than 1,023
                words on a side has none either: a ``UserWarning`` counts these.
            options: None = the defaults.
            threads: None = all CPUs; same links for any number.
            progress: called with the share done, 0 to 1; what it raises ends the work.

        Raises:
            InputError: for no sentence pairs, unequal numbers of them, words without strings, and extra text that does
                not fit.
        """
        options = options_of(StatisticalAlignOptions, options)
        text = TextToLearn(source, target, options)
        learnt, counts = text.alignment(options, threads, progress, keep_counts=True)
        assert counts is not None
        # What these were for is done; what was learnt is in the counts.
        kept = replace(options, chains=None, sweeps=None, extra_text=None, tokenized=False)
        return cls(text.source, text.target, counts, kept, learnt)

    @classmethod
    def load(cls, path: str | Path) -> StatisticalAligner:
        """Load what ``save`` wrote.

        Raises:
            InputError: for a file that is none, of another version, or not as it was written.
        """
        options, source, target, counts = read_state(Path(path))
        return cls(source, target, counts, options)

    def save(self, path: str | Path) -> None:
        """Write what was learnt to one file, compressed where the suffix (.gz, .zst) says so; see ``load``."""
        write_state(Path(path), self.options, self._source, self._target, self._counts)

    def align(
        self,
        source: Words,
        target: Words,
        options: StatisticalAlignOptions | None = None,
        *,
        source_language: str | None = None,
        target_language: str | None = None,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> Alignment:
        """Align the words of N sentence pairs, each by itself: what is learnt stays as it is.

        Args:
            source: words of N sentences.
            target: words of their N translations; see ``learn`` for pairs without links.
            options: how it aligns; None = those of the aligner, which keeps no chains and sweeps: few do here.
            source_language: None, as this aligner was learnt for one pair of languages.
            target_language: likewise.
            threads: None = all CPUs; same links for any number.
            progress: called with the share done, 0 to 1; what it raises ends the work.

        Returns:
            Links, confidences and counts. Of words that it has not learnt, looks alone count.

        Raises:
            InputError: for words without strings, unequal numbers of sentences, languages, and extra text.
        """
        how = options_of(StatisticalAlignOptions, options, self.options)
        self.check_languages(source_language, [target_language])
        if how.extra_text is not None:
            raise InputError("extra_text: expected None, as this aligner has learnt already", field="extra_text")
        check_alignable(source, target)
        long = too_long(np.diff(source.offsets), np.diff(target.offsets), MOST_LINKED_WORDS, "the aligner", LEFT_OUT)
        (left, unknown), (right, unknown_too) = self._source.text(source), self._target.text(target)
        settings = settings_of(how, KNOWN)
        found = get().known_links(left, right, settings, self._counts, thread_count(threads), progress)
        if progress is not None:
            progress(1.0)
        links, confidence = chosen_links(found, how, thread_count(threads))
        counts = {
            "sentences": len(source),
            "links": len(links.source),
            "long_sentences": long,
            "words": len(left.ids) + len(right.ids),
            "unknown_words": unknown + unknown_too,
        }
        return Alignment(links, confidence, counts)

    def check_languages(self, source: str | None, targets: Sequence[str | None]) -> None:
        """Check that no language is asked for.

        Raises:
            InputError: for one.
        """
        for field, code in (("source_language", source), *(("target_language", code) for code in targets)):
            if code is not None:
                raise InputError(
                    f"{field}: expected None, as this aligner needs no languages, got {code!r}", field=field
                )

    @cached_property
    def identity(self) -> dict[str, Any]:
        """All that its output depends on."""
        arrays = state_arrays(self._source, self._target, self._counts)
        return {
            "kind": "statistical aligner",
            "xproj_fast": __version__,
            "options": kept_options(self.options),
            "sha256": sha256(arrays.values()),
        }
