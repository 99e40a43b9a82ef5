"""``Method``: how labels are projected, the one record of it that the library, commands and manifests share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xproj_fast.candidates import DEFAULT_MAX_WORDS, DEFAULT_STOP_WORDS
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.matching.heuristic import DEFAULT_HEURISTIC_OPTIONS
from xproj_fast.matching.limit import Limit
from xproj_fast.matching.time_limit import DEFAULT_TIME_LIMIT
from xproj_fast.options import option
from xproj_fast.scores.evidence import CANDIDATES, SCORES
from xproj_fast.scores.fuse import PRESETS
from xproj_fast.scores.mt import DEFAULT_MT_OPTIONS, MtOptions
from xproj_fast.scores.ner import DEFAULT_NER_OPTIONS, NerOptions
from xproj_fast.scores.string import DEFAULT_STRING_OPTIONS, StringOptions

_SCORED = "exact, greedy, ilp"


@dataclass(frozen=True, slots=True)
class Method:
    """How labels are projected: any method of the paper, or of your own.

    Attributes:
        matcher: how spans are chosen.
        candidates: which target spans an entity may be projected onto.
        scores: one score by name, several with weights, or a preset.
        thresholds: by score, the least that counts.
        min_score: the least (sum of) scores.
        limit: spans an entity.
        min_words: fewest words of a candidate.
        max_words: most words of a candidate; None = no limit.
        stop_words: words that no candidate may hold.
        forbid_adjacent: two spans of one entity may not touch.
        time_limit: seconds a sentence; None = no limit.
        heuristic: options of the matcher "heuristic".
        ner: options of the scores "ner" and "ner_spans".
        string: options of the score "string".
        mt: options of the score "mt".
    """

    matcher: str = option(
        "greedy",
        "how spans are chosen: greedy takes the best score first; exact is provably optimal at about the same price; "
        "ilp is the same by HiGHS, to check it; heuristic labels runs of aligned words",
        choices=lambda: ("exact", "greedy", "heuristic", "ilp"),
    )
    candidates: str = option(
        "ngrams",
        "target spans that may get a label: all n-grams, those inside the aligned range, the spans that the target "
        "tagger predicts, or also all spans inside these",
        choices=lambda: CANDIDATES,
        only=_SCORED,
    )
    scores: str | Mapping[str, float] = option(
        "alignment",
        lambda: (
            f"one score ({', '.join(SCORES)}), several with weights (alignment=0.5,ner_spans=0.5), or a preset "
            f"({', '.join(PRESETS)})"
        ),
        only=_SCORED,
    )
    thresholds: Mapping[str, float] = option(
        factory=dict, help="smaller scores count as 0: mt=0.1 (default: each score's own)", only=_SCORED
    )
    min_score: float = option(
        0.0, "project onto no candidate whose scores add up to less", off="0 = no limit", only=_SCORED
    )
    limit: str | Limit = option("<=1", "spans per entity: '<=1', '=1', '>=1', '<3', '>0', ...", only=_SCORED)
    min_words: int = option(1, "fewest words of a candidate", unit="words", only=_SCORED)
    max_words: int | None = option(
        DEFAULT_MAX_WORDS, "most words of a candidate", unit="words", off="0 = no limit", only=_SCORED
    )
    stop_words: Sequence[str] = option(
        DEFAULT_STOP_WORDS, "words that no candidate may contain", off="'' = none", only=_SCORED
    )
    forbid_adjacent: bool = option(False, "two spans of one entity may not touch", only="exact, ilp")
    time_limit: float | None = option(
        DEFAULT_TIME_LIMIT, "most time per sentence", unit="seconds", off="0 = no limit", only="exact, ilp"
    )
    heuristic: HeuristicOptions = DEFAULT_HEURISTIC_OPTIONS
    ner: NerOptions = DEFAULT_NER_OPTIONS
    string: StringOptions = DEFAULT_STRING_OPTIONS
    mt: MtOptions = DEFAULT_MT_OPTIONS
