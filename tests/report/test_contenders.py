"""Who takes part in a comparison, and what each is given."""

from __future__ import annotations

import numpy as np
import pytest

from xproj_fast.arrays import PairScores, Spans, WordProbabilities
from xproj_fast.demo import demo_pairs
from xproj_fast.method import Method
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project
from xproj_fast.report.compare import compare
from xproj_fast.report.contenders import Setting, contenders, rivals_of
from xproj_fast.scores.columns import pair_columns
from xproj_fast.scores.evidence import Evidence
from xproj_fast.scores.fuse import PRESETS

CAP = 7


def test_rivals_are_what_the_models_allow() -> None:
    words = {"links", "texts"}
    assert rivals_of("alignment", words) == ["learned"]
    assert rivals_of("learned", words) == ["align"]
    tagged = rivals_of("alignment", {*words, "tagger"})
    assert tagged == ["learned", "ner", "align_ner", "align_ner_spans"]
    everything = rivals_of({"alignment": 1.0}, {*words, "tagger", "translator"})
    assert everything == ["learned", *(name for name in PRESETS if name != "align")]


def test_a_rival_has_the_thresholds_of_its_own_scores_alone() -> None:
    pairs = demo_pairs("de")
    setting = Setting(Method(thresholds={"alignment": 0.5}), rivals=["learned"])
    found = contenders(pairs, ["exact", "greedy"], ["<=2", "<=1"], ["cpp"], setting)
    assert [(c.matcher, c.limit, c.scores) for c in found][-1] == ("greedy", "<=2", "learned")
    assert found[-1].method.thresholds == {}
    assert found[0].method.thresholds == {"alignment": 0.5}
    assert [c.scores for c in contenders(pairs, ["heuristic"], ["<=1"], ["cpp"], Setting(rivals=["learned"]))] == [None]


def surest(pairs: SentencePairs) -> WordProbabilities:
    """Return what a tagger might say: of each word something else."""
    tags = ("O", *(f"{prefix}-{name}" for name in pairs.labels for prefix in "BI"))
    values = np.random.default_rng(5).dirichlet(np.ones(len(tags)), int(pairs.target.offsets[-1]))
    return WordProbabilities(pairs.target.offsets, values.astype(np.float32), tags)


def earlier_first(pairs: SentencePairs, candidates: Spans) -> np.ndarray:
    return 1 / pair_columns(pairs, candidates).target_end.astype(np.float32)


@pytest.mark.parametrize(
    "method",
    [
        Method(scores={"alignment": 0.5, "ner": 0.5}),
        Method(scores={"ner_spans": 1.0}, candidates="ner_sub_spans"),
        Method(scores={"alignment": 0.5, "earlier": 0.1}),
    ],
    ids=["ner", "ner candidates", "a score of one's own"],
)
def test_a_capped_ilp_has_the_evidence_of_its_own_sentences(method: Method) -> None:
    pytest.importorskip("highspy")
    pairs = demo_pairs("de")
    evidence = Evidence(probabilities=surest(pairs), given={"earlier": earlier_first})
    exact, ilp = compare(
        pairs,
        matchers=["exact", "ilp"],
        limits=["<=1"],
        backends=["cpp"],
        rounds=1,
        setting=Setting(method=method, evidence=evidence, ilp_sentences=CAP),
    )
    best = project(pairs, method, matcher="exact", evidence=evidence).matches.objective[:CAP].sum()
    assert (exact.sentences, ilp.sentences, ilp.short_share) == (len(pairs), CAP, 0)
    assert ilp.objective == pytest.approx(best, rel=1e-6)


def test_the_evidence_of_the_first_sentences() -> None:
    pairs = demo_pairs("de")
    scores = PairScores(np.array([0, 2, 2, 3]), np.array([0.5, 0.25, 1.0], np.float32))
    evidence = Evidence(probabilities=surest(pairs), given={"own": scores, "earlier": earlier_first})
    first = evidence.first(2)
    assert first.probabilities is not None
    assert first.probabilities.offsets.tolist() == pairs.target.offsets[:3].tolist()
    assert first.probabilities.values.tolist() == surest(pairs).values[: pairs.target.offsets[2]].tolist()
    own = first.given["own"]
    assert isinstance(own, PairScores)
    assert (own.offsets.tolist(), own.values.tolist()) == ([0, 2, 2], [0.5, 0.25])
    assert first.given["earlier"] is earlier_first
