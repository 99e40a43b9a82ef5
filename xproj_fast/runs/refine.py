"""Back-translation refinement: entities of a translation as labelled words of the original's own language.

The paper's "tgt2tgt" (arXiv 2501.18750): the tagged English is translated back with its entities marked, and what
comes out is aligned with the original: two sentences of one language, which align better than two of different ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Words
from xproj_fast.models.translation import TranslateOptions
from xproj_fast.ragged import take
from xproj_fast.runs.marked import translate_marked
from xproj_fast.runs.markers import MarkerOptions
from xproj_fast.runs.select import rows_with, spread_entities, spread_words
from xproj_fast.runs.stream import Stop
from xproj_fast.runs.translations import Problem


class Refined(NamedTuple):
    """N sentences of the original's language with the entities that came back, problems, and counts of markers.

    ``origin`` says of each entity which of the tagged ones it is; see ``MarkedTranslations``.
    """

    words: Words
    entities: Entities
    origin: NDArray[np.int64]
    problems: list[Problem]
    counts: dict[str, int]


def refine(
    translator: Any,
    source: Words,
    entities: Entities,
    source_language: str,
    target_language: str,
    markers: MarkerOptions,
    translate: TranslateOptions | None,
    *,
    chinese: str,
    stop: Stop,
) -> Refined:
    """Translate tagged sentences back; only those with entities, the others come out empty.

    Arguments as for ``translate_marked``.
    """
    rows = rows_with(entities.offsets)
    found = translate_marked(
        translator,
        take(source, rows),
        take(entities, rows),
        source_language,
        target_language,
        markers,
        translate,
        chinese=chinese,
        stop=stop,
    )
    return Refined(
        spread_words(found.words, rows, len(source)),
        spread_entities(found.entities, rows, len(source)),
        found.origin,  # sentences without entities, which were left out, do not count
        [problem._replace(sentence=int(rows[problem.sentence])) for problem in found.problems],
        dict(found.counts),
    )
