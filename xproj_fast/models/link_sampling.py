"""The kernel that samples links, for words: text becomes numbers, and probabilities become links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xproj_fast import __version__
from xproj_fast.arrays import Links, Words, thread_count
from xproj_fast.kernels import get
from xproj_fast.kernels.link_sampling import MOST_LINKED_WORDS, LinkText, SampledLinks, SamplerSettings
from xproj_fast.models.alignment import SYMMETRIZATIONS, THRESHOLD, StatisticalAlignOptions
from xproj_fast.models.hashes import sha256
from xproj_fast.models.parallel_text import check_learnable, too_long, with_extra
from xproj_fast.models.vocabulary import Vocabulary
from xproj_fast.ragged import offsets_of, row_numbers

FORWARD, REVERSE = 1, 2  # bits of ``SampledLinks.best``
Progress = Callable[[float], None]


class TextToLearn:
    """Sentence pairs, with extra text behind them, as the kernel reads them.

    Attributes:
        vocabularies: of the source and of the target.
        long: how many pairs, but for extra text, have too many words.
    """

    def __init__(self, source: Words, target: Words, options: StatisticalAlignOptions) -> None:
        """Read the extra text, and number all words.

        Raises:
            InputError: see ``StatisticalAligner.learn``.
        """
        check_learnable(source, target)
        self._first = len(source)
        both = with_extra(source, target, options.extra_text, options.tokenized)
        lengths = [np.diff(words.offsets) for words in both]
        own, extra = ([side[part] for side in lengths] for part in (slice(len(source)), slice(len(source), None)))
        self.long = too_long(*own, MOST_LINKED_WORDS, "the aligner", "left without links")
        too_long(*extra, MOST_LINKED_WORDS, "the aligner", "of extra_text and not learnt from")
        numbered = [Vocabulary.of(words) for words in both]
        self.vocabularies = [vocabulary for vocabulary, _ in numbered]
        self._texts = [text for _, text in numbered]

    def sample(self, options: StatisticalAlignOptions, threads: int | None, progress: Progress | None) -> SampledLinks:
        """Return what is likely to be linked in the pairs themselves."""
        settings = settings_of(options, *self._texts)
        return get().sample_links(*self._texts, settings, self._first, thread_count(threads), progress)

    def made_from(self, options: StatisticalAlignOptions) -> dict[str, str]:
        """Return what links depend on, for ``link_cache``."""
        settings = repr((settings_of(options, *self._texts), self._first, read_by(options)))
        # Whatever the words, their folding and the extra text are, the kernel sees no more than these numbers.
        arrays = [array for text in self._texts for array in text]
        return {
            "aligner": "statistical",
            "version": __version__,
            "input_sha256": sha256([settings.encode(), *(part for array in arrays for part in (f"{len(array)}".encode(), array))]),
        }


def read_by(options: StatisticalAlignOptions) -> tuple[str, float]:
    """Return what says how links are read from probabilities: an alias, or a threshold that is idle, is no change."""
    if options.symmetrization == THRESHOLD:
        return THRESHOLD, options.link_threshold
    return SYMMETRIZATIONS[options.symmetrization].name, 0.0


def settings_of(options: StatisticalAlignOptions, source: LinkText, target: LinkText) -> SamplerSettings:
    """Return how links of a text are sampled: as planned for its size, but for what the options say."""
    planned = SamplerSettings(seed=options.seed)
    if options.chains is not None:
        planned = replace(planned, chains=options.chains)
    if options.sweeps is not None:
        quarter = options.sweeps // 4
        stages = {"diagonal": quarter, "jumps": quarter, "fertility": options.sweeps - 2 * quarter}
        planned = replace(planned, **stages, kept=quarter)
    return planned


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
