"""NMTScore against plain torch on the same weights, and what must not change it: batches, caches, prefixes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="pip install 'xproj-fast[export]'")
pytest.importorskip("transformers", reason="pip install 'xproj-fast[export]'")
pytest.importorskip("ctranslate2", reason="pip install 'xproj-fast[models]'")

from reference.nmtscore import Reference  # noqa: E402
from tiny_translator import demo_texts, quiet  # noqa: E402
from toy_language import ENGLISH, SENTENCES, TOY, text  # noqa: E402

from xproj_fast.errors import InputError  # noqa: E402
from xproj_fast.models import phrase_scorer as module  # noqa: E402
from xproj_fast.models.phrase_prefixes import PrefixScorer  # noqa: E402
from xproj_fast.models.phrase_scorer import PhraseOptions, PhraseScorer  # noqa: E402
from xproj_fast.models.translator import Translator  # noqa: E402

pytest_plugins = ("translator_fixtures",)

EN, DE = "eng_Latn", "deu_Latn"


def ngrams(line: str, most: int) -> list[str]:
    words = line.split(" ")
    return [" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(len(words), i + most) + 1)]


PAIRS = random.Random(0).sample(
    [
        pair
        for a, b in zip(demo_texts("en"), demo_texts("de"), strict=True)
        for pair in product(ngrams(a, 2), ngrams(b, 6))
    ],
    60,
)
SENTENCE = [("the European Union", phrase) for phrase in ngrams(demo_texts("de")[0], 8)]


@pytest.fixture(scope="module")
def translator(tiny_translator: Path) -> Iterator[Translator]:
    with Translator.load(tiny_translator, device="cpu", threads=1) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def reference(tiny_checkpoint: Path) -> Reference:
    with quiet():
        return Reference(tiny_checkpoint)


def scored(translator: Translator, pairs: list[tuple[str, str]], **options: Any) -> tuple[np.ndarray, PhraseScorer]:
    scorer = PhraseScorer(translator, EN, DE, PhraseOptions(**options))
    return scorer.scores([a for a, _ in pairs], [b for _, b in pairs]), scorer


@pytest.mark.parametrize("share", [False, True])
def test_scores_are_those_of_one_pair_at_a_time_in_torch(
    translator: Translator, reference: Reference, share: bool
) -> None:
    pairs = PAIRS + SENTENCE[:40]
    got, scorer = scored(translator, pairs, share_prefixes=share)
    expected = [reference.score(a, EN, b, DE) for a, b in pairs]
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, atol=1e-4)
    assert np.ptp(got) > 0.1  # scores that are all alike would prove nothing
    assert scorer.counts.scored == scorer.counts.distinct == len(set(pairs))


@pytest.mark.parametrize("batch_tokens", [1, 64, 100_000])
def test_batches_change_nothing(translator: Translator, batch_tokens: int) -> None:
    expected, _ = scored(translator, PAIRS)
    np.testing.assert_allclose(scored(translator, PAIRS, batch_tokens=batch_tokens)[0], expected, atol=1e-4)


def test_shared_prefixes_are_exact_and_save_half_of_the_targets(translator: Translator) -> None:
    one_by_one, plain = scored(translator, SENTENCE)
    shared, sharing = scored(translator, SENTENCE, share_prefixes=True)
    np.testing.assert_allclose(shared, one_by_one, atol=1e-4)
    # Only P(b | a) has targets that share a source: of P(a | b), P(a | a) and P(b | b) every source is another.
    assert sharing.counts.decoder_tokens < 0.8 * plain.counts.decoder_tokens
    assert sharing.counts.encoder_tokens < plain.counts.encoder_tokens


def test_every_prefix_has_the_probabilities_that_it_has_alone(translator: Translator) -> None:
    tokens = translator._tokenizer.encode(["Angela Merkel besucht Berlin und Paris .", "Haus"])
    targets = [(DE, *row[:k]) for row in tokens for k in range(1, len(row) + 1)]
    source = (EN, *translator._tokenizer.encode(["Angela Merkel visits Berlin"])[0], "</s>")
    requests = [(source, target) for target in targets]
    random.Random(1).shuffle(requests)
    scorer = PrefixScorer(translator)
    groups = scorer.groups(requests)
    assert sorted(i for group in groups for i in group) == list(range(len(requests)))
    assert len(groups) == 2
    alone = translator._engine.score([list(s) for s, _ in requests], [list(t) for _, t in requests]).results()
    for i, mean in scorer.mean_log_probabilities(requests, groups):
        assert mean == pytest.approx(np.mean(alone[i]), abs=1e-4)


def test_groups_hold_prefixes_of_one_source_only(translator: Translator) -> None:
    a, b = ("s", "1"), ("s", "2")
    requests = [(a, ("x",)), (a, ("x", "y")), (a, ("x", "z")), (b, ("x",)), (a, ("w",)), (a, ("x", "y", "q", "r"))]
    assert sorted(PrefixScorer(translator).groups(requests)) == [[0, 1, 5]]


def test_a_pair_is_scored_once(translator: Translator) -> None:
    scorer = PhraseScorer(translator, EN, DE)
    first = scorer([a for a, _ in PAIRS * 3], [b for _, b in PAIRS * 3])
    passes = scorer.counts.passes
    distinct = len(set(PAIRS))
    assert passes == 2 * distinct + len({a for a, _ in PAIRS}) + len({b for _, b in PAIRS})
    again = scorer([a for a, _ in PAIRS], [b for _, b in PAIRS])
    np.testing.assert_array_equal(first.reshape(3, -1), np.stack([again] * 3))
    assert scorer.counts.passes == passes
    assert scorer.counts.to_dict() | {"decoder_tokens": 0, "encoder_tokens": 0, "passes": 0} == {
        "pairs": 4 * len(PAIRS),
        "distinct": 2 * distinct,
        "cached": distinct,
        "scored": distinct,
        "empty": 0,
        "too_long": 0,
        "passes": 0,
        "decoder_tokens": 0,
        "encoder_tokens": 0,
    }


@pytest.mark.parametrize("cache", [0, 1, 7])
def test_what_was_forgotten_is_scored_again(translator: Translator, cache: int) -> None:
    scorer = PhraseScorer(translator, EN, DE, PhraseOptions(cache=cache))
    expected, _ = scored(translator, PAIRS)
    for _ in range(2):
        got = scorer([a for a, _ in PAIRS], [b for _, b in PAIRS])
        np.testing.assert_allclose(got, expected, atol=1e-4)
        assert len(scorer._sims) == min(cache, len(set(PAIRS)))
        assert all(len(side) <= cache for side in scorer._selves)
    assert scorer.counts.cached == cache if cache < len(set(PAIRS)) else len(set(PAIRS))


def test_long_lists_are_scored_piece_by_piece(translator: Translator, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, whole = scored(translator, PAIRS)
    monkeypatch.setattr(module, "CHUNK", 7)
    got, scorer = scored(translator, PAIRS)
    np.testing.assert_allclose(got, expected, atol=1e-4)
    assert scorer.counts == whole.counts


def test_equal_phrases_of_one_language_score_one(translator: Translator) -> None:
    phrases = ["Angela Merkel", "Berlin", "1997", "日本"]
    np.testing.assert_allclose(PhraseScorer(translator, EN, EN)(phrases, phrases), 1, atol=1e-4)


def test_what_has_no_sub_token_or_too_many_scores_nothing(translator: Translator) -> None:
    long = "Berlin " * 1100
    a = ["Berlin", "", " ", "Berlin", "Berlin", long, "\u200b", long]
    b = ["Berlin", "Berlin", "Berlin", "", long, "Berlin", "Berlin", ""]
    scorer = PhraseScorer(translator, EN, DE)
    got = scorer(a, b)
    assert got[0] > 0
    assert got[1:].tolist() == [0.0] * 7
    assert (scorer.counts.scored, scorer.counts.too_long, scorer.counts.empty) == (1, 2, 5)
    assert scorer([], []).tolist() == []


def test_the_longest_phrase_fills_the_models_positions(translator: Translator) -> None:
    most = int(translator.manifest.settings["max_pieces"])
    phrases = [" ".join("a" * (most - k)) for k in (2, 1)]  # beside the language token and </s>
    assert [len(row) for row in translator._tokenizer.encode(phrases)] == [most - 2, most - 1]
    for share in (False, True):
        scorer = PhraseScorer(translator, EN, DE, PhraseOptions(share_prefixes=share))
        assert [score > 0 for score in scorer(["a"] * 3, [*phrases, "a a"])] == [True, False, True]
        assert scorer.counts.too_long == 1


def test_special_tokens_in_a_phrase_are_text(translator: Translator) -> None:
    got = PhraseScorer(translator, EN, DE)(["Berlin </s>", "deu_Latn"], ["Berlin", "Berlin"])
    assert np.isfinite(got).all()


def test_a_model_that_knows_the_language_prefers_translations(trained_translator: Path) -> None:
    # Among the best three of some 30: it never learnt to copy a toy phrase, so P(b | b) is small and unlike for each.
    # How many are found depends on its training (24 to 26 of 26 so far); chance would find a tenth.
    found = total = 0
    with Translator.load(trained_translator, device="cpu", threads=1) as translator:
        scorer = PhraseScorer(translator, ENGLISH, TOY)
        for pair in SENTENCES[:12]:
            phrases = ngrams(text(pair.toy), 4)
            for (start, end, _), (c, d, _) in zip(pair.entities, pair.toy_entities(), strict=True):
                scores = scorer([text(pair.english[start:end])] * len(phrases), phrases)
                found += text(pair.toy[c:d]) in [phrases[i] for i in np.argsort(-scores)[:3]]
                total += 1
    assert found > total / 2


def test_bad_input(translator: Translator) -> None:
    scorer = PhraseScorer(translator, EN, DE)
    with pytest.raises(InputError, match="as many phrases b as a, got 1 and 2"):
        scorer(["a", "b"], ["a"])
    with pytest.raises(InputError, match="b: expected phrases, got int 3"):
        scorer(["a"], [3])  # type: ignore[list-item]
    with pytest.raises(InputError, match="expected phrases as strings, got something else"):
        scorer.scores([["New", "York"]], ["New York"])  # type: ignore[list-item]
    with pytest.raises(InputError, match="a: expected text, got a lone surrogate"):
        scorer(["a\ud800"], ["b"])
    with pytest.raises(InputError, match="target_language: expected"):
        PhraseScorer(translator, EN, "de")
    for bad in ({"batch_tokens": 0}, {"cache": -1}):
        with pytest.raises(InputError, match="expected at least"):
            PhraseOptions(**bad)  # type: ignore[arg-type]


def test_a_closed_translator_is_refused(tiny_translator: Path) -> None:
    with Translator.load(tiny_translator, device="cpu", threads=1) as translator:
        scorer = PhraseScorer(translator, EN, DE)
    with pytest.raises(InputError, match="closed"):
        scorer(["a"], ["b"])
