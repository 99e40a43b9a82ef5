"""What the link sampler reads and writes: csrc/xproj/link_sampler.hpp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Links, Offsets
from xproj_fast.errors import check_options

CHAINS_AT_ONCE = 4  # csrc/xproj/lanes.hpp
MOST_LINKED_WORDS = 1023  # csrc/xproj/link_text.hpp


class LinkText(NamedTuple):
    """One side of sentence pairs.

    Attributes:
        offsets: int64[N + 1] into the words.
        ids: int32[words], the type of each word, below T.
        form_offsets: int64[T + 1] into the forms.
        forms: int32[characters], the code points of each type's folded form: what looks alike is compared in it.
    """

    offsets: Offsets
    ids: NDArray[np.int32]
    form_offsets: Offsets
    forms: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class SamplerSettings:
    """How links are sampled.

    Attributes:
        chains: independent chains in each direction, whose probabilities are averaged; a multiple of 4.
        diagonal: sweeps in which words stand where their translations do.
        jumps: further sweeps, in which words follow each other as their translations do.
        fertility: further sweeps, in which words also have as many translations as usual.
        kept: of all sweeps the last ones, whose probabilities count.
        sparse: observations that any two words start with.
        families: observations that the families (words that begin alike) of two words are worth.
        null_prior: the share of words that have no link.
        same: observations that words written alike are worth.
        alike: the same for words written almost alike.
        least_alike: 1 - edits / length of the longer word, below which words are not alike.
        seed: 0 to 2^64 - 1; another one gives slightly different links.
    """

    chains: int = 16
    diagonal: int = 5
    jumps: int = 5
    fertility: int = 10
    kept: int = 5
    sparse: float = 1e-4
    families: float = 0.5
    null_prior: float = 0.2
    same: float = 3.0
    alike: float = 3.0
    least_alike: float = 0.6
    seed: int = 1

    def __post_init__(self) -> None:
        sweeps = self.diagonal + self.jumps + self.fertility
        check_options(
            self,
            ("chains", self.chains >= 1 and self.chains % CHAINS_AT_ONCE == 0, f"a multiple of {CHAINS_AT_ONCE}"),
            ("diagonal", self.diagonal >= 0, "a count of 0 or more"),
            ("jumps", self.jumps >= 0, "a count of 0 or more"),
            ("fertility", self.fertility >= 0, "a count of 0 or more"),
            ("kept", 1 <= self.kept <= sweeps, f"1 to {sweeps}, the number of sweeps"),
            ("sparse", 0 < self.sparse <= 1, "above 0, and at most 1"),
            ("families", 0 < self.families <= 100, "above 0, and at most 100"),
            ("null_prior", 0 < self.null_prior < 1, "between 0 and 1"),
            ("same", 0 <= self.same <= 100, "0 to 100"),
            ("alike", 0 <= self.alike <= 100, "0 to 100"),
            ("least_alike", 0 < self.least_alike <= 1, "above 0, and at most 1"),
            ("seed", 0 <= self.seed < 2**64, "0 to 2^64 - 1"),
        )


class LinkCounts(NamedTuple):
    """What S source types and T target types of words have taught of each other.

    Forward the source words are the conditions of the target words, in reverse it is the other way round. Counts are
    expected ones.

    Attributes:
        offsets: int64[S + 1] into the pairs of types that have links, by source type.
        target: int32[pairs], their target types in order.
        forward: float32[pairs], forward links.
        reverse: float32[pairs], reverse links.
        source_words: float32[S], words of each type.
        target_words: float32[T].
        source_nulls: float32[S], those without a reverse link.
        target_nulls: float32[T], those without a forward link.
        source_similarity: float32[S], observations that the words written like it were worth.
        target_similarity: float32[T].
        forward_jumps: float64[2 * MOST_LINKED_WORDS + 3], links by how far from the one before they are, least first.
        reverse_jumps: the same.
        forward_fertilities: float32[S * 16], source words by type and number of forward links.
        reverse_fertilities: float32[T * 16], target words by type and number of reverse links.
    """

    offsets: Offsets
    target: NDArray[np.int32]
    forward: NDArray[np.float32]
    reverse: NDArray[np.float32]
    source_words: NDArray[np.float32]
    target_words: NDArray[np.float32]
    source_nulls: NDArray[np.float32]
    target_nulls: NDArray[np.float32]
    source_similarity: NDArray[np.float32]
    target_similarity: NDArray[np.float32]
    forward_jumps: NDArray[np.float64]
    reverse_jumps: NDArray[np.float64]
    forward_fertilities: NDArray[np.float32]
    reverse_fertilities: NDArray[np.float32]


class SampledLinks(NamedTuple):
    """Links by (source, target), unique: all that are likely, and the best of each word.

    Attributes:
        links: of the first sentence pairs.
        forward: float32[links], how likely the target word was written for the source word, 0 to 1.
        reverse: float32[links], how likely the source word was written for the target word, 0 to 1.
        best: uint8[links], 1 = the target word's best link in the forward direction and likelier than none,
            2 = the source word's in reverse, 3 = both, 0 = neither.
        counts: what was learnt, where that was asked for.
    """

    links: Links
    forward: NDArray[np.float32]
    reverse: NDArray[np.float32]
    best: NDArray[np.uint8]
    counts: LinkCounts | None = None
