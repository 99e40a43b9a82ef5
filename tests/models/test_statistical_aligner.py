"""The statistical aligner: right links, no shifted index, nothing lost, the same links each time."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from command import DEMO
from learnable import Pair, rates, sets_of, toy, words_of

import xproj_fast as xp
from xproj_fast.arrays import Links, Words
from xproj_fast.errors import InputError
from xproj_fast.models import statistical_aligner
from xproj_fast.models.alignment import Alignment, EflomalOptions, NeuralAlignOptions, StatisticalAlignOptions
from xproj_fast.models.statistical_aligner import StatisticalAligner, align_statistically
from xproj_fast.pairs import SentencePairs

TOY, GOLD = toy(200)
FEW = TOY[:8]
QUICK = StatisticalAlignOptions(chains=4, sweeps=4)
METHODS = ("threshold", "intersection", "union", "grow-diag", "gdfa")


def learnt(pairs: list[Pair], options: StatisticalAlignOptions | None = None, **more: Any) -> Alignment:
    found = StatisticalAligner.learn(*words_of(pairs), options, **more).learnt
    assert found is not None
    return found


def pairs_of(pairs: list[Pair]) -> SentencePairs:
    return SentencePairs.from_lists([s for s, _ in pairs], [t for _, t in pairs], [[] for _ in pairs])


def links_of(pairs: list[Pair], options: StatisticalAlignOptions | None = None, **more: Any) -> Links:
    found = align_statistically(pairs_of(pairs), options, **more).alignments
    assert found is not None
    return found


def check_order(links: Links) -> None:
    assert (links.offsets.dtype, links.source.dtype, links.target.dtype) == (np.int64, np.int32, np.int32)
    for a, b in pairwise(links.offsets.tolist()):
        keys = list(zip(links.source[a:b].tolist(), links.target[a:b].tolist(), strict=True))
        assert keys == sorted(set(keys))


def assert_same(one: Links, other: Links) -> None:
    for column in ("offsets", "source", "target"):
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column))


# --- links


@pytest.mark.parametrize("method", METHODS)
def test_links_are_right(method: str) -> None:
    found = learnt(TOY, StatisticalAlignOptions(method))
    precision, recall = rates(sets_of(found.links), GOLD)
    # Half of them would be wrong if one of the directions were target-source.
    assert precision > 0.95
    assert recall > 0.95
    check_order(found.links)
    assert found.confidence.dtype == np.float32
    assert len(found.confidence) == len(found.links.source) == found.counts["links"]
    assert found.confidence.min() >= (0.5 if method == "threshold" else 0.0)
    assert found.confidence.max() <= 1.0
    assert (found.counts["sentences"], found.counts["unknown_words"]) == (200, 0)


def test_confidence_tells_right_links_from_wrong_ones() -> None:
    found = learnt(TOY[:12], StatisticalAlignOptions(link_threshold=0.01))
    gold = {(s, *link) for s, links in enumerate(GOLD) for link in links}
    sentence = np.repeat(np.arange(12), np.diff(found.links.offsets))
    flat = zip(sentence.tolist(), found.links.source.tolist(), found.links.target.tolist(), strict=True)
    right = np.array([link in gold for link in flat])
    assert 0 < right.sum() < len(right)
    assert found.confidence[right].mean() > found.confidence[~right].mean() + 0.2


def test_a_higher_threshold_leaves_the_surest_links() -> None:
    some, fewer = (learnt(TOY[:30], StatisticalAlignOptions(link_threshold=p)) for p in (0.3, 0.8))
    assert len(fewer.links.source) < len(some.links.source)
    assert np.array_equal(fewer.confidence, some.confidence[some.confidence >= 0.8])
    for one, other in zip(sets_of(fewer.links), sets_of(some.links), strict=True):
        assert one <= other


def test_symmetrizations_nest() -> None:
    methods = ("intersection", "grow-diag", "gdfa", "union")
    found = [sets_of(learnt(TOY[:12], StatisticalAlignOptions(method)).links) for method in methods]
    assert found[0] != found[-1]
    for one, grown, final, all_ in zip(*found, strict=True):
        assert one <= grown <= final <= all_


@pytest.mark.parametrize("method", METHODS)
def test_the_same_links_each_time_on_any_number_of_threads(method: str) -> None:
    options = StatisticalAlignOptions(method, chains=8, sweeps=8)
    first, *others = (learnt(TOY, options, threads=threads) for threads in (1, 1, 2, 5))
    for other in others:
        assert_same(first.links, other.links)
        np.testing.assert_array_equal(first.confidence, other.confidence)


def test_another_seed_is_another_draw() -> None:
    one, other = (learnt(TOY, StatisticalAlignOptions(seed=seed, chains=4, sweeps=8)) for seed in (1, 2))
    assert one.confidence.tolist() != other.confidence.tolist()


def test_odd_words_shift_nothing() -> None:
    odd = ["a\u00a0b", "\u3000", "", "|||", "x y", "tab\tin", "\u2028", "\x85", "\x1c", "new\nline", "\r"]
    odd += ["İ", "ẞ", "<NULL>", "\ufeff", "1 2 3", "\u200b"]
    pairs, gold = [], []
    for i, ((source, target), right) in enumerate(zip(TOY, GOLD, strict=True)):
        before, after = odd[i % len(odd)], odd[(i + 5) % len(odd)]
        pairs.append(([before, *source], [after, after, *target]))
        gold.append({(a + 1, b + 2) for a, b in right})
    found = sets_of(learnt(pairs).links)
    precision, recall = rates([{(a, b) for a, b in links if a >= 1 and b >= 2} for links in found], gold)
    assert precision > 0.95
    assert recall > 0.9


def test_words_of_any_arrow_string_array() -> None:
    source, target = words_of(TOY[:50])
    expected = StatisticalAligner.learn(source, target, QUICK).learnt
    for kind in (pa.string(), pa.large_string()):
        padded = pa.array(["before", *source.strings.to_pylist(), "after"], kind)  # type: ignore[union-attr]
        sliced = Words(source.offsets, padded.slice(1, len(padded) - 2))
        found = StatisticalAligner.learn(sliced, target, QUICK).learnt
        assert found is not None
        assert expected is not None
        assert_same(found.links, expected.links)


def test_case_does_not_count() -> None:
    upper = [([w.upper() for w in source], target) for source, target in TOY[:50]]
    assert_same(learnt(upper, QUICK).links, learnt(TOY[:50], QUICK).links)


def test_names_are_found_by_their_looks() -> None:
    """In five sentences: a name of another script, and the same number, each of which is there once."""
    names = [("Madrid", "Мадрид"), ("Obama", "オバマ"), ("Maria", "मारिया"), ("Athena", "Αθήνα"), ("1987", "1987")]
    fill = [["the", "old", "one", "left"], ["der", "alte", "ging"]]
    pairs = [([*fill[0][: i % 4], a, *fill[0][i % 4 :]], [*fill[1], b]) for i, (a, b) in enumerate(names)]
    found = sets_of(learnt(pairs).links)
    assert [(i % 4, 3) in links for i, links in enumerate(found)] == [True] * 5


# --- what is odd


def test_empty_sentences_stay_empty() -> None:
    pairs: list[Pair] = [([], []), (["a"], []), ([], ["b"]), *TOY[:50], ([], [])]
    found = sets_of(learnt(pairs).links)
    assert len(found) == len(pairs)
    assert found[0] == found[1] == found[2] == found[-1] == set()
    assert any(found)
    empty = learnt([([], []), (["a"], [])])
    assert sets_of(empty.links) == [set(), set()]
    assert empty.counts["words"] == 1


def test_little_text() -> None:
    assert len(sets_of(learnt([(["Anna", "sang"], ["Anna", "sang"])]).links)) == 1
    assert sets_of(learnt([(["Anna"], ["Anna"])]).links) == [{(0, 0)}]
    assert sets_of(learnt([([""], [""])]).links) in ([set()], [{(0, 0)}])
    always_the_same = learnt([(["a"] * 20, ["b"] * 20)] * 3)
    assert always_the_same.confidence.max(initial=0) <= 1.0


def test_over_long_sentences_are_counted() -> None:
    longest = [f"w{i % 300}" for i in range(1023)]
    pairs = [*FEW, (longest, longest), ([*longest, "x"], ["y"]), (["y"], longest * 10)]
    with pytest.warns(UserWarning, match=r"2 of 11 sentence pairs are left without links.* 1,023 words.*sentence 9 "):
        found = learnt(pairs, QUICK)
    links = sets_of(found.links)
    assert len(links[8]) > 0
    assert links[9] == links[10] == set()
    assert found.counts["long_sentences"] == 2


def test_input_that_cannot_be_aligned() -> None:
    source, target = words_of(FEW)
    with pytest.raises(InputError, match="expected sentence pairs to learn from, got none"):
        StatisticalAligner.learn(*words_of([]))
    with pytest.raises(InputError, match="8 source and 7 target sentences"):
        StatisticalAligner.learn(source, words_of(FEW[1:])[1])
    with pytest.raises(InputError, match="target_words: expected words to align, got only their number"):
        StatisticalAligner.learn(source, Words(target.offsets))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"symmetrization": "both"}, "symmetrization: expected one of threshold, intersection, .*, got 'both'"),
        ({"link_threshold": 0.0}, "link_threshold: expected a probability above 0, at most 1, got 0.0"),
        ({"link_threshold": float("nan")}, "link_threshold: expected a probability"),
        ({"seed": -1}, "seed: expected a whole number from 0"),
        ({"chains": 3}, "chains: expected None or a multiple of 4, got 3"),
        ({"chains": 0}, "chains: expected None or a multiple of 4, got 0"),
        ({"sweeps": 3}, "sweeps: expected None or at least 4, got 3"),
        ({"extra_text": (Path("a"),)}, "extra_text: expected two files"),
        ({"extra_text": (Path("/no/a"), Path("/no/b"))}, "/no/a: expected a file"),
    ],
)
def test_options_are_checked(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        StatisticalAlignOptions(**wrong)


@pytest.mark.parametrize("other", [NeuralAlignOptions(), EflomalOptions()])
def test_options_of_another_aligner_are_refused(other: Any) -> None:
    message = f"options: expected StatisticalAlignOptions with this aligner, got {type(other).__name__}"
    with pytest.raises(InputError, match=message):
        StatisticalAligner.learn(*words_of(FEW), other)
    with pytest.raises(InputError, match=message):
        align_statistically(pairs_of(FEW), other)


# --- progress


def test_progress_is_told() -> None:
    shares: list[float] = []
    learnt(TOY, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 1


def test_what_progress_raises_ends_the_work() -> None:
    def enough(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learnt(TOY, progress=enough)
    assert len(sets_of(learnt(FEW, QUICK).links)) == len(FEW)  # and nothing is the worse for it


# --- extra text


def test_extra_text_is_learnt_from(tmp_path: Path) -> None:
    own = [(["s1", "s2"], ["t2", "t1"])]  # which by itself says nothing but that words keep their order
    source, target = tmp_path / "s.txt.gz", tmp_path / "t.words"
    source.write_bytes(gzip.compress("".join(" ".join(s) + "\n" for s, _ in TOY).encode()))
    target.write_text("".join(" ".join(t) + "\n" for _, t in TOY), "utf-8")
    found = learnt(own, StatisticalAlignOptions(extra_text=(source, target)))
    assert sets_of(found.links) == [{(0, 1), (1, 0)}]
    assert found.counts["sentences"] == 1
    assert sets_of(learnt(own).links) != sets_of(found.links)


def test_extra_text_that_does_not_fit(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a b\n" * 3, "utf-8")
    two.write_text("c\n" * 2, "utf-8")
    with pytest.raises(InputError, match=r"as many lines in .*one and .*two, got \[3, 2\]"):
        learnt(FEW, StatisticalAlignOptions(extra_text=(one, two)))
    two.write_text("c\n" * 2 + "c " * 1024 + "\n", "utf-8")
    with pytest.warns(UserWarning, match="1 of 3 sentence pairs are of extra_text and not learnt from"):
        learnt(FEW, StatisticalAlignOptions(extra_text=(one, two), chains=4, sweeps=4))
    two.write_bytes(b"c\n\xff\nc\n")
    with pytest.raises(InputError, match="two:2: expected UTF-8"):
        learnt(FEW, StatisticalAlignOptions(extra_text=(one, two)))


# --- pairs, and the cache


def test_align_keeps_the_pairs() -> None:
    pairs = SentencePairs.from_lists(
        [s for s, _ in TOY], [t for _, t in TOY], [[(0, 1, "X")] for _ in TOY], ids=range(len(TOY))
    )
    aligned = align_statistically(pairs, QUICK)
    assert aligned.alignments is not None
    assert aligned.source.to_lists() == pairs.source.to_lists()
    assert aligned.target.to_lists() == pairs.target.to_lists()
    np.testing.assert_array_equal(aligned.entities.start, pairs.entities.start)
    assert aligned.ids.to_pylist() == list(range(200))  # type: ignore[union-attr]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "de.conll.align.pharaoh"


class Sampled:
    """Counts how often links are sampled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        real = statistical_aligner.TextToLearn.sample

        def sample(*given: Any, **more: Any) -> Any:
            self.times += 1
            return real(*given, **more)

        monkeypatch.setattr(statistical_aligner.TextToLearn, "sample", sample)


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> Sampled:
    return Sampled(monkeypatch)


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_cache_is_read(suffix: str, cache: Path, sampled: Sampled) -> None:
    cache = cache.with_name(cache.name + suffix)
    pairs: list[Pair] = [*FEW, ([], []), (["x"], ["y"])]
    first = links_of(pairs, QUICK, cache=cache)
    assert_same(first, links_of(pairs, QUICK, cache=str(cache), threads=1))
    assert sampled.times == 1
    assert sorted(path.name for path in cache.parent.iterdir()) == [cache.name, cache.name + ".json"]


@pytest.mark.parametrize("change", ["word", "boundary", "seed", "method", "version", "links", "broken", "gone"])
def test_cache_is_redone(change: str, cache: Path, sampled: Sampled, caplog: pytest.LogCaptureFixture) -> None:
    pairs, options = list(FEW), QUICK
    first = links_of(pairs, options, cache=cache)
    beside = cache.with_name(cache.name + ".json")
    if change == "word":
        pairs[3] = (["other", *pairs[3][0][1:]], pairs[3][1])
    elif change == "boundary":
        moved = pairs[1][0]
        pairs[0], pairs[1] = (pairs[0][0] + moved[:1], pairs[0][1]), (moved[1:], pairs[1][1])
    elif change == "seed":
        options = StatisticalAlignOptions(chains=4, sweeps=4, seed=2)
    elif change == "method":
        options = StatisticalAlignOptions("union", chains=4, sweeps=4)
    elif change == "version":
        beside.write_text(json.dumps(json.loads(beside.read_text("utf-8")) | {"version": "0.0"}), "utf-8")
    elif change == "links":
        cache.write_bytes(b"0-1\n" * 8)
    elif change == "broken":
        cache.write_bytes(b"0-0\nx\n")
    else:
        cache.unlink()
    again = links_of(pairs, options, cache=cache)
    assert sampled.times == 2
    assert "aligning anew" in caplog.text
    if change in ("version", "links", "broken", "gone"):
        assert_same(first, again)
    links_of(pairs, options, cache=cache)
    assert sampled.times == 2


def test_what_changes_no_link_changes_no_cache(cache: Path, sampled: Sampled) -> None:
    links_of(FEW, StatisticalAlignOptions("gdfa", chains=4, sweeps=4), cache=cache)
    links_of(FEW, StatisticalAlignOptions("grow-diag-final-and", chains=4, sweeps=4), cache=cache)
    links_of(FEW, StatisticalAlignOptions("gdfa", 0.7, chains=4, sweeps=4), cache=cache)
    upper = [([word.upper() for word in source], target) for source, target in FEW]
    links_of(upper, StatisticalAlignOptions("gdfa", chains=4, sweeps=4), cache=cache)
    assert sampled.times == 1


def test_cache_notices_extra_text(cache: Path, sampled: Sampled, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a b\n", "utf-8")
    two.write_text("c\n", "utf-8")
    options = StatisticalAlignOptions(chains=4, sweeps=4, extra_text=(one, two))
    for times, text in enumerate(["c\n", "d d\n"], 1):
        two.write_text(text, "utf-8")
        for _ in range(2):
            links_of(FEW, options, cache=cache)
            assert sampled.times == times


def test_cache_does_not_overwrite_other_files(cache: Path) -> None:
    cache.write_text("0-0\n", "utf-8")
    with pytest.raises(InputError, match="not overwritten"):
        links_of(FEW, QUICK, cache=cache)
    assert cache.read_text("utf-8") == "0-0\n"


# --- real text


# The least of what was seen with five seeds, and some room below it.
@pytest.mark.parametrize(("language", "least"), [("de", 0.83), ("es", 0.78), ("ru", 0.75), ("ja", 0.42)])
def test_forty_sentences_are_enough(language: str, least: float) -> None:
    pairs = xp.read_pairs(DEMO / "en.conll", DEMO / f"{language}.words")
    gold = xp.read_labelled(DEMO / f"{language}.gold.conll")
    assert xp.evaluate(gold, xp.project(align_statistically(pairs))).micro.f1 > least


@pytest.mark.parametrize(("language", "least"), [("de", 0.905), ("es", 0.88)])
def test_europarl(language: str, least: float, request: pytest.FixtureRequest) -> None:
    from seqeval.metrics import f1_score

    real = request.getfixturevalue(f"europarl_{language}_intersect")
    assert f1_score(real.gold, xp.project(align_statistically(real.pairs)).tags()) > least
