"""Real German and Spanish with a real tagger: every NER-based method equals plain loops, and F1 is what is known.

The first 400 sentences of each language, whose figures a plain script gave; with XPROJ_ALL_SENTENCES=1 all of them
(some minutes), whose figures stand in shared/data/README.md.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import reference.alignment
import reference.greedy
import reference.ner_scores
import reference.ngrams
from common import assert_matches, batch_of
from conftest import RealData, shared_data
from seqeval.metrics import f1_score

from xproj_fast.arrays import WordProbabilities
from xproj_fast.candidates import ner_candidates
from xproj_fast.models.tag_set import TagSet
from xproj_fast.projector import project
from xproj_fast.scores.evidence import Evidence
from xproj_fast.scores.options import LENGTH_BONUSES, NerOptions

ALL = bool(os.environ.get("XPROJ_ALL_SENTENCES"))
CLASSES = ("PER", "ORG", "LOC")  # MISC is dropped everywhere but from NER candidates, as in the known figures
STOP_WORDS = ("!", "?")

ALWAYS = NerOptions(classes=CLASSES)
PREDICTED = NerOptions(length_bonus="when_predicted", classes=CLASSES)
METHODS: dict[str, tuple[dict[str, Any], NerOptions]] = {
    "NER candidates": ({"candidates": "ner"}, NerOptions()),
    "NER score, bonus always": ({"scores": "ner"}, ALWAYS),
    "NER score, bonus when predicted": ({"scores": "ner"}, PREDICTED),
    "alignment": ({}, NerOptions()),
    "align_ner": ({"scores": "align_ner"}, PREDICTED),
    "align_ner_spans": ({"scores": "align_ner_spans"}, PREDICTED),
}
# F1 of model transfer, then of the methods above.
FIGURES = {
    ("de", True): (0.4868, 0.5278, 0.5119, 0.5163, 0.6267, 0.6068, 0.5985),
    ("es", True): (0.5283, 0.5417, 0.5375, 0.5484, 0.6267, 0.6165, 0.6112),
    ("de", False): (0.4864, 0.5609, 0.5347, 0.5333, 0.6335, 0.6170, 0.6137),
    ("es", False): (0.4973, 0.5268, 0.5315, 0.5356, 0.6219, 0.6030, 0.5978),
}


@dataclass(frozen=True)
class Tagged:
    """Real sentence pairs and what a real tagger says of their target side."""

    language: str
    data: RealData
    probabilities: WordProbabilities


@pytest.fixture(scope="session")
def of_language(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], Tagged]:
    """Tag each language once, in whatever order the tests come."""
    for package, extra in (("torch", "export"), ("transformers", "export"), ("ctranslate2", "models")):
        pytest.importorskip(package, reason=f"pip install 'xproj-fast[{extra}]'")
    from xproj_fast.export.tagger import export_tagger
    from xproj_fast.models.tagger import Tagger

    source = shared_data().parent / "models" / "ner-multi-minilm"
    if not source.exists():
        pytest.skip(f"the real tagger is not here: {source}")
    folder = tmp_path_factory.mktemp("real") / "tagger"
    export_tagger(source, folder, engine="ctranslate2", sentences=["Angela Merkel lives in Berlin .", "Yes ."])
    tagger = Tagger.load(folder, device="cpu")

    @cache
    def tag(language: str) -> Tagged:
        data: RealData = request.getfixturevalue(f"translate_test_{language}")
        if not ALL:
            data = RealData(data.pairs[np.arange(400)], data.gold[:400])
        return Tagged(language, data, tagger.probabilities(data.pairs.target))

    return tag


@pytest.fixture(scope="session", params=["de", "es"])
def tagged(request: pytest.FixtureRequest, of_language: Callable[[str], Tagged]) -> Tagged:
    return of_language(request.param)


def f1(gold: list[list[str]], predicted: list[list[str]]) -> float:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="seqeval")
        return float(f1_score(gold, predicted))


def test_known_figures(tagged: Tagged) -> None:
    known, *figures = FIGURES[tagged.language, ALL]
    pairs, probabilities, gold = tagged.data.pairs, tagged.probabilities, tagged.data.gold
    tags = [probabilities.tags[i] for i in probabilities.values.argmax(axis=1)]
    tags = ["O" if tag.endswith("MISC") else tag for tag in tags]
    bounds = pairs.target.offsets.tolist()
    transfer = f1(gold, [tags[a:b] for a, b in pairwise(bounds)])
    found = [transfer]
    for options, ner in METHODS.values():
        evidence = Evidence(probabilities)
        found.append(f1(gold, project(pairs, evidence=evidence, ner=ner, **options).tags()))
    assert found == pytest.approx([known, *figures], abs=0.002)


@pytest.mark.parametrize("method", METHODS)
def test_projections_equal_plain_loops(backend: str, tagged: Tagged, method: str) -> None:
    offsets = tagged.data.pairs.target.offsets
    short = [s for s in range(400) if 5 <= offsets[s + 1] - offsets[s] <= 25][:30]
    pairs = tagged.data.pairs[np.array(short)]
    batch = batch_of(pairs, range(len(short)))
    values = [tagged.probabilities.values[offsets[s] : offsets[s + 1]] for s in short]
    rows = [block.astype(float).tolist() for block in values]
    probabilities = WordProbabilities(pairs.target.offsets, np.concatenate(values), tagged.probabilities.tags)
    options, ner = METHODS[method]
    got = project(pairs, evidence=Evidence(probabilities), ner=ner, backend=backend, **options)
    columns = probabilities.class_columns()
    expected = []
    for s in range(len(batch)):
        stop = batch.stop(s, STOP_WORDS)
        if options.get("candidates") == "ner":
            spans = reference.ner_scores.candidates(
                rows[s], list(probabilities.tags), list(columns), False, stop, 1, 10
            )
        else:
            spans = reference.ngrams.ngrams(stop, 1, 10)
        scores = options.get("scores", "alignment")
        alignment = reference.alignment.scores(batch.spans(s), spans, batch.links[s])
        by_ner = reference.ner_scores.scores(
            rows[s],
            [columns[label] for _, _, label in batch.entities[s]],
            spans,
            [columns[name] for name in CLASSES] if scores == "align_ner_spans" else [],
            ner.alpha,
            ner.length_bonus,
            ner.threshold,
        )
        blocks = {"alignment": alignment, "ner": by_ner}
        fused = [
            [np.float32(0.5 * float(a) + 0.5 * float(b)) for a, b in zip(x, y, strict=True)]
            for x, y in zip(alignment, by_ner, strict=True)
        ]
        expected.append(reference.greedy.greedy(spans, blocks.get(scores, fused), 0, 1))
    assert_matches(got.matches, expected)


def test_backends_agree_on_every_sentence(tagged: Tagged) -> None:
    for length_bonus in LENGTH_BONUSES:
        evidence, ner = Evidence(tagged.probabilities), NerOptions(length_bonus=length_bonus)
        for scores in ("ner", "align_ner_spans"):
            cpp, numba = (
                project(tagged.data.pairs, scores=scores, evidence=evidence, ner=ner, backend=name).matches
                for name in ("cpp", "numba")
            )
            assert cpp.score.tobytes() == numba.score.tobytes()
            assert cpp.start.tobytes() == numba.start.tobytes()


def test_labels_are_read_as_the_tagger_reads_them(tagged: Tagged) -> None:
    labels = TagSet.read(tagged.probabilities.tags)
    best = tagged.probabilities.values.argmax(axis=1).astype(np.int32)
    entities = labels.decode(tagged.probabilities.offsets, best)
    spans = ner_candidates(tagged.data.pairs, tagged.probabilities, max_words=None, stop_words=())
    assert spans.offsets.tolist() == entities.offsets.tolist()
    assert spans.start.tolist() == entities.start.tolist()
    assert spans.end.tolist() == entities.end.tolist()
