"""The MT score: ``PhraseScorer`` and ``mt_scores`` against nmtscore from PyPI, on the same weights, on one thread.

    .venv/bin/python bench/models/run.py --only mt

The pairs are those of Europarl-NER: each English entity with the n-grams (1 to 10 words) of the German sentence. The
peer gets every pair, at its best batch size, as the research code hands them over; it makes four passes per pair. The
subwords that went through the decoder count without padding, on both sides alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

import xproj_fast as xp
from xproj_fast.arrays import Matches, PairScores, Spans
from xproj_fast.candidates import ngrams
from xproj_fast.matching.greedy import greedy
from xproj_fast.matching.limit import Limit
from xproj_fast.models.phrase_scorer import PhraseCounts, PhraseOptions, PhraseScorer
from xproj_fast.models.translator import Translator
from xproj_fast.scores.alignment import alignment_scores
from xproj_fast.scores.fuse import fuse
from xproj_fast.scores.mt import mt_scores
from xproj_fast.scores.options import MtOptions

from . import checkpoints, phrase_model
from .checkpoints import Shape
from .peer import Peer
from .setup import Row, Setup, ratios
from .sweep import best
from corpora import europarl
from timing import paired

SOURCE, TARGET = "eng_Latn", "deu_Latn"
MIDDLE = "nllb-mid"
checkpoints.SHAPES.setdefault(MIDDLE, Shape("nllb", 512, 6, 8, 2048, 32_000))
EVERYTHING = MtOptions(top_k=None, min_other=None)
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Work:
    """Sentence pairs with all their n-grams, and the alignment score at its weight in ``align_nmt``."""

    pairs: xp.SentencePairs
    spans: Spans
    other: PairScores

    @classmethod
    def of(cls, pairs: xp.SentencePairs) -> Work:
        """List and score the candidates."""
        spans = ngrams(pairs)
        scores = alignment_scores(pairs, spans)
        return cls(pairs, spans, PairScores(scores.offsets, scores.values * np.float32(0.5)))

    def first(self, count: int) -> Work:
        """Return sentences at even steps of the corpus that have an entity."""
        able = np.flatnonzero(np.diff(self.other.offsets))
        return Work.of(self.pairs[able[np.linspace(0, len(able) - 1, count).astype(int)]])

    def phrases(self) -> tuple[list[str], list[str]]:
        """Return both phrases of every pair, repeats included, as research code lists them."""
        source, target = self.pairs.source.to_lists(), self.pairs.target.to_lists()
        entities = self.pairs.entities
        a, b = [], []
        for s in range(len(self.pairs)):
            for e in range(entities.offsets[s], entities.offsets[s + 1]):
                for c in range(self.spans.offsets[s], self.spans.offsets[s + 1]):
                    a.append(" ".join(source[s][entities.start[e] : entities.end[e]]))
                    b.append(" ".join(target[s][self.spans.start[c] : self.spans.end[c]]))
        return a, b

    def score(
        self, translator: Translator, options: MtOptions, phrases: PhraseOptions | None = None
    ) -> tuple[PairScores, PhraseCounts]:
        """Score with a new scorer, whose caches are empty."""
        scorer = PhraseScorer(translator, SOURCE, TARGET, phrases)
        return mt_scores(self.pairs, self.spans, scorer, options, self.other), scorer.counts

    def naive_tokens(self, translator: Translator) -> int:
        """Return the subwords that four passes for every pair push through the decoder."""
        a, b = self.phrases()
        lengths: dict[str, int] = {}
        distinct = list({*a, *b})
        for phrase, row in zip(distinct, translator._tokenizer.encode(distinct), strict=True):
            lengths[phrase] = len(row) + 2  # </s> and the language token before it
        return 2 * sum(lengths[x] for x in a) + 2 * sum(lengths[x] for x in b)


def rows(setup: Setup) -> Iterator[Row]:
    """Yield the rows of the table."""
    name = setup.name("nllb") if setup.tiny else MIDDLE
    checkpoint = setup.models.checkpoint(name)
    corpus = Work.of(europarl("de", "gdfa").pairs())
    with (
        Translator.load(setup.models.exported(name, "float32"), device="cpu", threads=1) as translator,
        Translator.load(setup.models.exported(name, "int8"), device="cpu", threads=1) as small,
    ):
        yield from against_peer(setup, name, checkpoint, translator, small, corpus.first(setup.some(4, 2)))
    # Whether projections differ can only be asked of a model whose scores mean something.
    learnt = phrase_model.exported(setup.models, 20) if setup.tiny else phrase_model.exported(setup.models)
    with Translator.load(learnt, device="cpu", threads=1) as translator:
        yield from same_scores(setup, learnt, translator, corpus.first(setup.some(20, 2)))
        yield from tokens(phrase_model.NAME, translator, corpus.first(setup.some(200, 4)))
        yield from whole_corpus(phrase_model.NAME, translator, corpus.first(8) if setup.quick else corpus)


def against_peer(
    setup: Setup, name: str, checkpoint: Path, translator: Translator, small: Translator, work: Work
) -> Iterator[Row]:
    """The same scores of the same pairs, and how long they take; ``small`` is the model in int8."""
    a, b = work.phrases()
    some = slice(0, len(a), max(1, len(a) // 64))
    size = best(
        "PhraseScorer, tokens a batch",
        [128, 256, 512, 1024],
        lambda n: PhraseScorer(translator, SOURCE, TARGET, PhraseOptions(n))(a[some], b[some]),
    )
    languages = {"a_lang": SOURCE, "b_lang": TARGET}
    exact = MtOptions(threshold=0.0, top_k=None, min_other=None)
    with Peer(setup.peers / "nmtscore", "nmtscore_worker", checkpoint) as peer:
        batch = best(
            "nmtscore, pairs per batch",
            [8, 32] if setup.quick else [8, 16, 32, 64],
            lambda n: peer.ask(do="score", a=a[some], b=b[some], batch=n, **languages),
        )
        made: dict[str, np.ndarray] = {}

        def run_peer() -> None:
            made["peer"] = np.array(peer.ask(do="score", a=a, b=b, batch=batch, **languages))

        def run(way: str, options: MtOptions, share: bool = False, by: Translator = translator) -> None:
            made[way] = work.score(by, options, PhraseOptions(size, share_prefixes=share))[0].values

        seconds = paired(
            {
                "peer": run_peer,
                "plain": lambda: run("plain", exact),
                "shared": lambda: run("shared", exact, share=True),
                "int8": lambda: run("int8", exact, by=small),
                "chosen": lambda: run("chosen", MtOptions(threshold=0.0)),
            },
            setup.rounds,
        )
    against = ratios(seconds, "peer", ["plain", "shared", "int8", "chosen"])
    peer_rate = f"{len(a) / median(seconds['peer']):,.1f} pairs/s at batch {batch}"
    for way, what in (
        ("plain", "every pair"),
        ("shared", "every pair, prefixes shared"),
        ("int8", "every pair, int8 weights"),
    ):
        worst = float(np.abs(made[way] - made["peer"]).max())
        yield (
            f"{name}: nmtscore ({peer_rate}) / ours, {what}: {len(a):,} pairs of {len(work.pairs)} sentences",
            "-" if way == "int8" else f"<= {TOLERANCE} apart",
            f"{against[way]:.2f} ({len(a) / median(seconds[way]):,.1f} pairs/s); {worst:.1e} apart",
            None if way == "int8" else worst <= TOLERANCE,
        )
    asked = made["chosen"] != 0
    worst = float(np.abs(made["chosen"] - made["peer"])[asked].max())
    yield (
        f"the same, ours with candidates chosen by alignment ({int(asked.sum()):,} pairs asked about)",
        ">= 8",
        f"{against['chosen']:.1f}; {worst:.1e} apart",
        against["chosen"] >= 8 and worst <= TOLERANCE,
    )


def same_scores(setup: Setup, folder: Path, translator: Translator, work: Work) -> Iterator[Row]:
    """Scores from near 0 to 1: random weights take every phrase for every other's translation."""
    a, b = work.phrases()
    a, b = a[::7], b[::7]
    checkpoint = folder.with_name(folder.name.replace("float32", "checkpoint"))
    with Peer(setup.peers / "nmtscore", "nmtscore_worker", checkpoint) as peer:
        expected = np.array(peer.ask(do="score", a=a, b=b, batch=16, a_lang=SOURCE, b_lang=TARGET))
    for share in (False, True):
        got = PhraseScorer(translator, SOURCE, TARGET, PhraseOptions(share_prefixes=share))(a, b)
        worst = float(np.abs(got - expected).max())
        yield (
            f"{phrase_model.NAME}: scores of {len(a):,} pairs, {expected.min():.3f} to {expected.max():.3f}, ours"
            f"{', prefixes shared,' if share else ''} and nmtscore's",
            f"<= {TOLERANCE} apart",
            f"{worst:.1e}",
            worst <= TOLERANCE,
        )


def tokens(name: str, translator: Translator, work: Work) -> Iterator[Row]:
    """What goes through the decoder, and whether the projection is another than that of scoring every pair."""
    naive = work.naive_tokens(translator)
    top, capped = MtOptions(), MtOptions(top_k=5, min_other=None, bound=1.0, capped=True)
    plain, share = PhraseOptions(), PhraseOptions(share_prefixes=True)
    everything, counts = work.score(translator, EVERYTHING, plain)
    at_most_one = PairScores(everything.offsets, np.minimum(everything.values, np.float32(1)))
    spent = {"every distinct pair": (counts, everything, everything)}
    for way, options, phrases, whole in (
        ("the same, prefixes shared", EVERYTHING, share, everything),
        ("20 best by alignment", MtOptions(top_k=20), plain, everything),
        ("10 best by alignment (default)", top, plain, everything),
        ("10 best, prefixes shared", top, share, everything),
        ("10 best, or all where no candidate has a link", MtOptions(rescue=True), plain, everything),
        ("5 best", MtOptions(top_k=5), plain, everything),
        ("rounds of 5 until none can win, MT capped at 1", capped, plain, at_most_one),
    ):
        scores, counts = work.score(translator, options, phrases)
        spent[way] = counts, scores, whole
    for way, (counts, scores, whole) in spent.items():
        cut = naive / max(counts.decoder_tokens, 1)
        changed = _changed(project(work, whole), project(work, scores))
        goal = "default" in way
        yield (
            f"{name}, {len(work.pairs)} Europarl sentences, decoder subwords: four passes for every pair ({naive:,}) "
            f"/ {way} ({counts.decoder_tokens:,} in {counts.passes:,} passes)",
            ">= 5" if goal else "-",
            f"{cut:.1f}; projection (greedy, .5 alignment + MT) differs from scoring everything in {changed:.1%}",
            cut >= 5 if goal else None,
        )


def _changed(a: Matches, b: Matches) -> float:
    """Return the share of sentences in which two matchings chose other spans, whatever their scores."""
    chosen = [np.split(np.stack([m.entity, m.start, m.end], axis=1), m.offsets[1:-1]) for m in (a, b)]
    return float(np.mean([not np.array_equal(x, y) for x, y in zip(*chosen, strict=True)]))


def whole_corpus(name: str, translator: Translator, work: Work) -> Iterator[Row]:
    """What goes through the decoder for a corpus, with the default options."""
    naive = work.naive_tokens(translator)
    _, counts = work.score(translator, MtOptions())
    cut = naive / max(counts.decoder_tokens, 1)
    yield (
        f"{name}, {len(work.pairs)} Europarl sentences, decoder subwords: four passes for every pair ({naive:,}) / "
        f"default options ({counts.decoder_tokens:,} in {counts.passes:,} passes)",
        ">= 5",
        f"{cut:.1f}",
        cut >= 5,
    )


def project(work: Work, scores: PairScores) -> xp.arrays.Matches:
    """Match greedily by the preset ``align_nmt``; the alignment's weight is in its scores."""
    total = fuse({"alignment": work.other, "mt": scores}, {"alignment": 1.0, "mt": 1.0})
    return greedy(work.pairs, work.spans, total, limit=Limit.parse("<=1"))
