"""The extractions of the C++ core."""

from __future__ import annotations

from enum import IntEnum

from xproj_fast.kernels.protocol import ExtractedLinks, ExtractionOptions, Kernels
from xproj_fast.models.extractions import EXTRACTIONS, Extraction, Find, How, Similarities


class Core(IntEnum):
    """Numbers of ``enum class Extraction`` in csrc/xproj/extract_links.hpp."""

    AWESOME = 0
    ARGMAX = 1
    ITERMAX = 2
    MATCH = 3


def of_core(number: Core) -> Find:
    """Return what finds links with an extraction of the core."""

    def find(kernels: Kernels, similarities: Similarities, how: How, threads: int) -> ExtractedLinks:
        return kernels.extract_links(*similarities, ExtractionOptions(number, *how), threads)

    return find


EXTRACTIONS.add(
    "awesome",
    Extraction(
        "softmax over either side (awesome-align)",  # Dou & Neubig 2021
        of_core(Core.AWESOME),
        threshold=1e-3,
        cosine=False,
    ),
)
# Jalili Sabet et al. 2020; itermax is what arXiv 2501.18750 calls iterative.
EXTRACTIONS.add("argmax", Extraction("each other's best (simalign)", of_core(Core.ARGMAX)))
EXTRACTIONS.add("itermax", Extraction("argmax, again on what is left (simalign)", of_core(Core.ITERMAX)))
EXTRACTIONS.add("match", Extraction("the best one-to-one assignment (simalign)", of_core(Core.MATCH)))
