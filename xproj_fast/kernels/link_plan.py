"""How long links are sampled: many short chains for a small text, where the time is there and chance weighs most."""

from __future__ import annotations

import numpy as np

from xproj_fast.kernels.link_sampling import MOST_LINKED_WORDS, LinkText, SamplerSettings

# By cells, source words times target words of each sentence pair, added up; the first that has room counts.
# Chosen on German and Spanish: docs/benchmarks/labels.md.
PLANS = (
    (1 << 20, SamplerSettings(chains=32)),  # some 1,000 sentence pairs
    (1 << 22, SamplerSettings(chains=16)),
    (1 << 24, SamplerSettings(chains=8)),
    (1 << 27, SamplerSettings(chains=4)),  # some 300,000 sentence pairs
)
LARGEST = SamplerSettings(chains=4, diagonal=3, jumps=4, fertility=5, kept=4)

# With what is known already few sweeps do.
KNOWN = SamplerSettings(chains=8, diagonal=1, jumps=2, fertility=4, kept=3)


def planned(source: LinkText, target: LinkText) -> SamplerSettings:
    """Return how the links of a text are sampled, all but the seed."""
    rows, columns = np.diff(source.offsets), np.diff(target.offsets)
    cells = int((rows * columns)[(rows <= MOST_LINKED_WORDS) & (columns <= MOST_LINKED_WORDS)].sum())
    return next((settings for most, settings in PLANS if cells <= most), LARGEST)
