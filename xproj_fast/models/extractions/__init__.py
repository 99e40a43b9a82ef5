"""How links are read from the similarities of subwords: extractions by name, each registered where it is defined.

An extraction of your own is one function and one line, here or in your own program (docs/contributing/extraction.md):

>>> import numpy as np
>>> from xproj_fast.models.extractions import EXTRACTIONS, Extraction
>>> from xproj_fast.models.extractions.dense import each_pair
>>> def sure(similarity, how):
...     return similarity == similarity.max()
>>> EXTRACTIONS.add("sure", Extraction("only the most similar subwords", each_pair(sure)))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from xproj_fast.arrays import Offsets, Pieces, Score
from xproj_fast.kernels.protocol import ExtractedLinks, Kernels
from xproj_fast.registry import Registry


class Similarities(NamedTuple):
    """Of the subwords of N sentence pairs.

    Attributes:
        source: subwords of the source sentences.
        target: of the target sentences.
        offsets: int64[N + 1] into the values.
        values: float32, a row-major block (source, target) for each sentence pair.
    """

    source: Pieces
    target: Pieces
    offsets: Offsets
    values: Score


class How(NamedTuple):
    """The settings of an extraction: see ``NeuralAlignOptions``, but that the threshold is always a number."""

    threshold: float
    rounds: int
    alpha: float


Find = Callable[[Kernels, Similarities, How, int], ExtractedLinks]


@dataclass(frozen=True, slots=True)
class Extraction:
    """One way to read links.

    Attributes:
        help: what it links, in a few words.
        find: takes the kernels, similarities, ``How`` and a number of threads; returns links with confidences from 0
            to 1.
        threshold: the default; 0 = off.
        cosine: whether it reads (cosine + 1) / 2 of two states; False = their dot product.
    """

    help: str
    find: Find
    threshold: float = 0.0
    cosine: bool = True


EXTRACTIONS: Registry[Extraction] = Registry("extraction", folder=__name__)
