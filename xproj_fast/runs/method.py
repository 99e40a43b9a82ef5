"""How labels are projected in a pipeline: candidates, scores, matcher; and which evidence that needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from xproj_fast.arrays import PairScores, WordProbabilities
from xproj_fast.candidates import DEFAULT_MAX_WORDS, DEFAULT_STOP_WORDS
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.matching.time_limit import DEFAULT_TIME_LIMIT
from xproj_fast.packages import installed_version
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.projector import project
from xproj_fast.scores.evidence import Evidence, MtScorer, weights_of
from xproj_fast.scores.mt import MtCounts, MtOptions, Scorer, mt_scorer
from xproj_fast.scores.ner import NerOptions
from xproj_fast.scores.string import StringOptions


@dataclass(frozen=True, slots=True)
class Method:
    """Any method of the paper, or of your own; see ``xproj_fast.project``, whose names and defaults these are.

    Attributes:
        matcher: ``"greedy"``, ``"exact"``, ``"ilp"`` or ``"heuristic"``, which looks at links alone.
        candidates: ``"ngrams"``, ``"aligned"``, ``"ner"`` or ``"ner_sub_spans"``.
        scores: one name, a preset, or weights by name.
        thresholds: per score the least that counts, in place of the one that its options have (for "ner" and
            "ner_spans", which share options: the lower of both). min_score: the least sum.
        limit: spans an entity.
        min_words, max_words, stop_words: which target spans are candidates; max_words None = any length.
        heuristic: options of the heuristic; None = its defaults.
        forbid_adjacent, time_limit: see ``project``.
        ner, string, mt: options of these scores; phrases are joined as their languages do, and the MT score weighs what
            ``scores`` say, whatever ``mt`` says.
        backend: ``"cpp"`` or ``"numba"``, which differ only in candidates, alignment scores and greedy matching.
    """

    matcher: str = "greedy"
    candidates: str = "ngrams"
    scores: str | Mapping[str, float] = "alignment"
    thresholds: Mapping[str, float] = field(default_factory=dict)
    min_score: float = 0.0
    limit: str = "<=1"
    min_words: int = 1
    max_words: int | None = DEFAULT_MAX_WORDS
    stop_words: tuple[str, ...] = DEFAULT_STOP_WORDS
    heuristic: HeuristicOptions | None = None
    forbid_adjacent: bool = False
    time_limit: float | None = DEFAULT_TIME_LIMIT
    ner: NerOptions = field(default_factory=NerOptions)
    string: StringOptions = field(default_factory=StringOptions)
    mt: MtOptions = field(default_factory=MtOptions)
    backend: str = "cpp"

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each score; none with the heuristic."""
        return {} if self.matcher == "heuristic" else weights_of(self.scores)

    @property
    def needs_links(self) -> bool:
        """Whether words must be aligned."""
        return self.matcher == "heuristic" or self.candidates == "aligned" or "alignment" in self.weights

    @property
    def needs_tagger(self) -> bool:
        """Whether the target sentences must be tagged, too."""
        return bool({"ner", "ner_spans"} & self.weights.keys()) or (
            self.matcher != "heuristic" and self.candidates.startswith("ner")
        )

    @property
    def needs_translator(self) -> bool:
        """Whether phrases must be scored by a translator."""
        return "mt" in self.weights

    def check(self) -> None:
        """Find what is wrong with the options before any model runs.

        Raises:
            InputError: see ``project``.
            MissingDependencyError: likewise.
        """
        nothing = SentencePairs.from_lists([], [], [], [])
        nobody = WordProbabilities(np.zeros(1, np.int64), np.zeros((0, 2), np.float32), ("O", "B-X"))
        self.project(nothing, probabilities=nobody, mt=self._no_mt, threads=1)

    def project(
        self,
        pairs: SentencePairs,
        *,
        probabilities: WordProbabilities | None = None,
        mt: MtScorer | None = None,
        given: Mapping[str, Any] | None = None,
        threads: int | None = None,
    ) -> Projection:
        """Project the entities of sentence pairs.

        Args:
            pairs: with alignments, where they are needed.
            probabilities: of the target words, where they are needed.
            mt: makes MT scores, where they are needed.
            given: further scores by name, see ``Evidence``.
            threads: None = all CPUs.

        Raises:
            InputError: see ``project``.
        """
        return project(
            pairs,
            matcher=self.matcher,
            candidates=self.candidates,
            scores=self.scores,
            evidence=self.evidence(probabilities, mt, given),
            thresholds=self.thresholds,
            min_score=self.min_score,
            limit=self.limit,
            min_words=self.min_words,
            max_words=self.max_words,
            stop_words=self.stop_words,
            heuristic_options=self.heuristic,
            forbid_adjacent=self.forbid_adjacent,
            time_limit=self.time_limit,
            backend=self.backend,
            threads=threads,
        )

    def evidence(
        self,
        probabilities: WordProbabilities | None = None,
        mt: MtScorer | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> Evidence:
        """Return what scores and candidates need; see ``project`` for the arguments."""
        used = [name for name in ("ner", "ner_spans") if name in self.weights]
        ner = min((self.thresholds.get(name, self.ner.threshold) for name in used), default=self.ner.threshold)
        string = self.thresholds.get("string", self.string.threshold)
        return Evidence(
            probabilities, replace(self.ner, threshold=ner), replace(self.string, threshold=string), mt, given or {}
        )

    def mt_scorer(
        self, scorer: Scorer, source_language: str, target_language: str, counts: MtCounts | None = None
    ) -> MtScorer:
        """Return what makes the scores "mt" of sentence pairs, asking as little as ``mt`` says."""
        weight = self.weights.get("mt", 0.0)
        how = replace(
            self.mt,
            source_language=source_language,
            target_language=target_language,
            threshold=self.thresholds.get("mt", self.mt.threshold),
            weight=weight if weight > 0 else self.mt.weight,
        )
        return mt_scorer(scorer, how, counts)

    def described(self) -> dict[str, Any]:
        """Return the options as JSON values, for a manifest."""
        values = asdict(self)
        if self.matcher in ("exact", "ilp"):  # of equally good projections another HiGHS may find another
            values["highspy"] = installed_version("highspy")
        return values

    def _no_mt(self, pairs: SentencePairs, candidates: Any, other: Any) -> Any:
        return PairScores(np.zeros(len(pairs) + 1, np.int64), np.zeros(0, np.float32))
