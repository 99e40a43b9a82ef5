"""Makes xproj_fast/scores/learned_weights.json, the learned score's shipped weights, from silver of several languages.

.venv/bin/python bench/fit_weights.py

No gold label is looked at: silver is made of words, the source's entities and word links alone. Every language has the
same number of rows, but for those of which there is little text.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import NamedTuple

import xproj_fast as xp
from xproj_fast.demo import LANGUAGES, demo_pairs
from xproj_fast.scores.learned_score import SHIPPED, LearnedScore
from xproj_fast.scores.options import DEFAULT_LEARNED_OPTIONS
from xproj_fast.scores.training import TrainingRows, fit, is_caseless, joined, silver_rows
from xproj_fast.text.word_shapes import word_shapes

from corpora import BAMBARA, europarl, require_data, translate_train

ROWS = 12_000  # of each language
Pairs = Callable[[], xp.SentencePairs]
TEXTS: Mapping[str, tuple[Pairs, ...]] = {
    **{language: (partial(demo_pairs, language),) for language in LANGUAGES},
    **{
        language: (
            europarl(language, "intersect").pairs,
            europarl(language, "gdfa").pairs,
            translate_train(language).pairs,
        )
        for language in ("de", "es")
    },
    "bam": (BAMBARA.pairs,),
}


class Silver(NamedTuple):
    """What there is to learn from of one language."""

    rows: TrainingRows
    caseless: bool


def silver_of(language: str) -> Silver:
    """Return rows of all texts of a language, in equal shares."""
    parts, caseless = [], False
    for pairs_of in TEXTS[language]:
        pairs = pairs_of()
        source, target = word_shapes(pairs.source), word_shapes(pairs.target)
        found = silver_rows(pairs, source, target, DEFAULT_LEARNED_OPTIONS, threads=1)
        most = ROWS // len(TEXTS[language])
        parts.append(found._replace(features=found.features[:most], right=found.right[:most]))
        caseless |= is_caseless(source, target)
    return Silver(joined(*parts), caseless)


def fitted(silver: Mapping[str, Silver], *, caseless: bool, without: Collection[str] = ()) -> LearnedScore:
    """Return weights of one set: texts without case teach nothing of capitals.

    Args:
        silver: by language.
        caseless: which set.
        without: languages that are left out, to see what the others are worth for them.
    """
    used = [name for name in silver if name not in without and (caseless or not silver[name].caseless)]
    weights = fit(joined(*(silver[name].rows for name in used)), caseless=caseless, threads=1)
    return LearnedScore.of(weights.round(6), {"weights": "shipped", "caseless": caseless, "languages": used})


def main() -> int:
    """Write the file."""
    require_data()
    silver = {language: silver_of(language) for language in TEXTS}
    for name, (rows, _) in silver.items():
        print(f"{name}: {len(rows.right):,} rows, {int(rows.right.sum()):,} of them right", file=sys.stderr)
    sets = {name: fitted(silver, caseless=name == "caseless").to_dict() for name in ("cased", "caseless")}
    SHIPPED.write_text(json.dumps(sets, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
