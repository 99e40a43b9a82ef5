"""The kernel that samples links, for words: text becomes numbers, and probabilities become links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xproj_fast import __version__
from xproj_fast.arrays import Links, Words, thread_count
from xproj_fast.kernels import get
from xproj_fast.kernels.link_plan import planned
from xproj_fast.kernels.link_sampling import MOST_LINKED_WORDS, LinkCounts, SampledLinks, SamplerSettings
from xproj_fast.models.alignment import SYMMETRIZATIONS, THRESHOLD, Alignment, StatisticalAlignOptions
from xproj_fast.models.hashes import sha256
from xproj_fast.models.parallel_text import check_learnable, too_long, with_extra
from xproj_fast.models.vocabulary import Vocabulary
from xproj_fast.ragged import offsets_of, row_numbers

FORWARD, REVERSE = 1, 2  # bits of ``SampledLinks.best``
Progress = Callable[[float], None]
LEFT_OUT = "left without links"


class TextToLearn:
    """Sentence pairs, with extra text behind them, as the kernel reads them.

    Attributes:
        source: the words of that side.
        target: likewise.
    """

    def __init__(self, source: Words, target: Words, options: StatisticalAlignOptions) -> None:
        """Read the extra text, and number all words.

        Raises:
            InputError: see ``StatisticalAligner.learn``.
        """
        check_learnable(source, target)
        self._first = len(source)
        both = with_extra(source, target, options.extra_text, options.tokenized)
        own = np.diff(source.offsets), np.diff(target.offsets)
        self._words = sum(int(side.sum()) for side in own)
        self._long = too_long(*own, most=MOST_LINKED_WORDS, who="the aligner", fate=LEFT_OUT)
        extra = [np.diff(words.offsets)[len(source) :] for words in both]
        too_long(extra[0], extra[1], MOST_LINKED_WORDS, "the aligner", "of extra_text and not learnt from")
        self.source, first = Vocabulary.of(both[0])
        self.target, second = Vocabulary.of(both[1])
        self._texts = first, second

    def sample(
        self,
        options: StatisticalAlignOptions,
        threads: int | None,
        progress: Progress | None,
        *,
        keep_counts: bool = False,
    ) -> SampledLinks:
        """Return what is likely to be linked in the pairs themselves, and, where wanted, what all of it taught."""
        source, target = self._texts
        settings = settings_of(options, planned(source, target))
        sample = get().sample_links
        found = sample(source, target, settings, self._first, keep_counts, thread_count(threads), progress)
        if progress is not None:
            progress(1.0)  # what another thread did last was not told
        return found

    def alignment(
        self,
        options: StatisticalAlignOptions,
        threads: int | None,
        progress: Progress | None,
        *,
        keep_counts: bool = False,
    ) -> tuple[Alignment, LinkCounts | None]:
        """Return the links of the pairs themselves, as the options say, and what ``sample`` kept."""
        found = self.sample(options, threads, progress, keep_counts=keep_counts)
        links, confidence = chosen_links(found, options, thread_count(threads))
        counts = {
            "sentences": self._first,
            "links": len(links.source),
            "long_sentences": self._long,
            "words": self._words,
            "unknown_words": 0,
        }
        return Alignment(links, confidence, counts), found.counts

    def made_from(self, options: StatisticalAlignOptions) -> dict[str, str]:
        """Return what links depend on, for ``link_cache``."""
        settings = repr((settings_of(options, planned(*self._texts)), self._first, read_by(options)))
        # Whatever the words, their folding and the extra text are, the kernel sees no more than these numbers.
        arrays = [array for text in self._texts for array in text]
        lengths = repr([len(array) for array in arrays])
        return {
            "aligner": "statistical",
            "version": __version__,
            "input_sha256": sha256([settings.encode(), lengths.encode(), *arrays]),
        }


def read_by(options: StatisticalAlignOptions) -> tuple[str, float]:
    """Return what says how links are read from probabilities: an alias, or a threshold that is idle, is no change."""
    if options.symmetrization == THRESHOLD:
        return THRESHOLD, options.link_threshold
    return SYMMETRIZATIONS[options.symmetrization].name, 0.0


def settings_of(options: StatisticalAlignOptions, plan: SamplerSettings) -> SamplerSettings:
    """Return how links are sampled: as planned, but for what the options say."""
    chosen = replace(plan, seed=options.seed)
    if options.chains is not None:
        chosen = replace(chosen, chains=options.chains)
    if options.sweeps is not None:
        quarter = options.sweeps // 4
        stages = {"diagonal": quarter, "jumps": quarter, "fertility": options.sweeps - 2 * quarter}
        chosen = replace(chosen, **stages, kept=quarter)
    return chosen


def chosen_links(
    found: SampledLinks, options: StatisticalAlignOptions, threads: int
) -> tuple[Links, NDArray[np.float32]]:
    """Return the links of each sentence pair as the options say, and the confidence of each.

    Args:
        found: by (source, target).
        options: how links are read: ``symmetrization``, ``link_threshold``.
        threads: of symmetrizing.
    """
    probability = np.sqrt(found.forward * found.reverse)
    if options.symmetrization == THRESHOLD:
        keep = probability >= options.link_threshold
        return _where(found.links, keep), probability[keep]
    forward, reverse = (_where(found.links, (found.best & bit) > 0) for bit in (FORWARD, REVERSE))
    links = get().symmetrize(forward, reverse, SYMMETRIZATIONS[options.symmetrization], threads)
    return links, probability[np.searchsorted(_keys(found.links), _keys(links))]


def _where(links: Links, keep: NDArray[np.bool_]) -> Links:
    before = offsets_of(keep)  # how many are kept before each
    return Links(before[links.offsets], links.source[keep], links.target[keep])


def _keys(links: Links) -> NDArray[np.int64]:
    """Return one number a link, in the order of (sentence, source, target)."""
    side = MOST_LINKED_WORDS + 1
    keys: NDArray[np.int64] = (row_numbers(links.offsets) * side + links.source) * side + links.target
    return keys
