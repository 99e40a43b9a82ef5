"""The link sampler against a plain one, and on text that has nothing to learn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from common import flat, offsets_of
from reference.link_sampler import DIAGONAL, FERTILITY, JUMPS, Chain, seed_of

from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.kernels.link_plan import planned
from xproj_fast.kernels.link_sampling import MOST_LINKED_WORDS, LinkCounts, LinkText, SampledLinks, SamplerSettings

SETTINGS = SamplerSettings(chains=4, diagonal=2, jumps=2, fertility=3, kept=2)
SOURCE = ["maria", "sang", "a", "song", "42", "songs", "", "the"]
TARGET = ["marija", "sang", "ein", "lied", "42", "lieder", "das", "a", "lie"]


def text(sentences: list[list[int]], forms: list[str]) -> LinkText:
    points = np.array([ord(c) for form in forms for c in form], np.int32)
    return LinkText(offsets_of(sentences), np.array(flat(sentences), np.int32), offsets_of(forms), points)


def random_pairs(seed: int, pairs: int = 6, words: int = 6) -> tuple[list[list[int]], list[list[int]]]:
    random = np.random.default_rng(seed)
    sides = [
        [random.integers(0, len(forms), random.integers(0, words)).tolist() for _ in range(pairs)]
        for forms in (SOURCE, TARGET)
    ]
    return sides[0], sides[1]


def sample(
    source: list[list[int]], target: list[list[int]], settings: SamplerSettings = SETTINGS, threads: int = 1
) -> SampledLinks:
    kernels = get()
    return kernels.sample_links(text(source, SOURCE), text(target, TARGET), settings, len(source), False, threads, None)


def cells(sampled: SampledLinks) -> dict[tuple[int, int, int], tuple[float, float, int]]:
    links = sampled.links
    sentence = np.repeat(np.arange(len(links)), np.diff(links.offsets))
    columns = (sentence, links.source, links.target, sampled.forward, sampled.reverse, sampled.best)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {(s, i, j): (forward, reverse, best) for s, i, j, forward, reverse, best in rows}


def expected(source: list[list[int]], target: list[list[int]], seed: int) -> tuple[list[np.ndarray], float]:
    """The mean probabilities (reverse, forward) of each pair's cells by the plain chains, and their closest draw."""
    means = [np.zeros((2, len(left), len(right))) for left, right in zip(source, target, strict=True)]
    closest = 1.0
    for forward in (False, True):
        sides = (source, target) if forward else (target, source)
        forms = (SOURCE, TARGET) if forward else (TARGET, SOURCE)
        for number in range(SETTINGS.chains):
            pairs = [(a, b) if a and b else ([], []) for a, b in zip(*sides, strict=True)]
            chain = Chain(pairs, *forms, seed_of(seed, number, forward))
            for stage in [DIAGONAL] * 2 + [JUMPS] * 2 + [FERTILITY]:
                chain.sweep(stage)
                chain.learn()
            for _ in range(SETTINGS.kept):
                for mean, drawn_from in zip(means, chain.sweep(FERTILITY), strict=True):
                    for j, conditional in enumerate(drawn_from):
                        row = mean[1, :, j] if forward else mean[0, j, :]
                        row += np.array(conditional[:-1]) / SETTINGS.kept / SETTINGS.chains
            closest = min(closest, chain.margin)
    return means, closest


def test_the_chains_are_those_of_the_formulas() -> None:
    compared = 0
    for seed in range(4):
        source, target = random_pairs(seed)
        means, closest = expected(source, target, seed)
        if closest < 1e-4:  # rounding may have decided a draw
            continue
        compared += 1
        found = cells(sample(source, target, replace(SETTINGS, seed=seed)))
        assert found
        for s, mean in enumerate(means):
            for (i, j), forward in np.ndenumerate(mean[1]):
                reverse = mean[0, i, j]
                if (s, i, j) in found:
                    # What is below .01 in all chains counts as 0.
                    assert found[s, i, j][:2] == pytest.approx((forward, reverse), abs=0.011)
                    if min(forward, reverse) > 0.02:
                        assert found[s, i, j][:2] == pytest.approx((forward, reverse), abs=1e-4)
                else:
                    assert np.sqrt(forward * reverse) < 0.1001
    assert compared > 0


def test_the_best_link_of_a_word_beats_none_and_all_others() -> None:
    source, target = random_pairs(7, pairs=40)
    best = {1: {}, 2: {}}
    for (s, i, j), (forward, reverse, mark) in cells(sample(source, target)).items():
        if mark & 1:
            assert best[1].setdefault((s, j), forward) == forward  # one a word
        if mark & 2:
            assert best[2].setdefault((s, i), reverse) == reverse
    found = cells(sample(source, target))
    for (s, i, j), (forward, reverse, _) in found.items():
        if forward > 0.5:
            assert best[1][s, j] == forward
        if reverse > 0.5:
            assert best[2][s, i] == reverse
    assert best[1]
    assert best[2]
    for side, column in ((2, 0), (1, 1)):
        sums: dict[tuple[int, int], float] = {}
        for (s, i, j), row in found.items():
            word = (s, j) if side == 2 else (s, i)
            sums[word] = sums.get(word, 0.0) + row[column]
        if side == 2:
            assert max(sums.values()) <= 1.0001
    assert set(best[1]) <= {(s, j) for s, words in enumerate(target) for j in range(len(words))}


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_change_no_byte(threads: int) -> None:
    source, target = random_pairs(3, pairs=1500)
    settings = replace(SETTINGS, chains=12)
    for one, other in zip(sample(source, target, settings), sample(source, target, settings, threads), strict=True):
        if isinstance(one, np.ndarray):
            assert one.tobytes() == other.tobytes()
        elif one is not None:
            assert one.offsets.tobytes() == other.offsets.tobytes()
            assert one.source.tobytes() == other.source.tobytes()
            assert one.target.tobytes() == other.target.tobytes()


def test_another_seed_is_another_sample() -> None:
    source, target = random_pairs(3, pairs=50)
    first, second = (sample(source, target, replace(SETTINGS, seed=seed)).forward.tolist() for seed in (1, 2))
    assert first != second
    assert first == sample(source, target, replace(SETTINGS, seed=1)).forward.tolist()


def test_what_is_only_learnt_from_is_not_returned() -> None:
    source, target = random_pairs(5, pairs=60)
    kernels = get()
    found = kernels.sample_links(text(source, SOURCE), text(target, TARGET), SETTINGS, 20, False, 1, None)
    alone = sample(source[:20], target[:20])
    assert len(found.links) == 20
    assert found.forward.tolist() != alone.forward.tolist()
    nothing = kernels.sample_links(text(source, SOURCE), text(target, TARGET), SETTINGS, 0, False, 1, None)
    assert len(nothing.links) == 0


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ([], []),
        ([[]], [[]]),
        ([[0]], [[]]),
        ([[]], [[0]]),
        ([[0] * (MOST_LINKED_WORDS + 1)], [[0]]),
        ([[0]], [[0] * (MOST_LINKED_WORDS + 1)]),
        ([[0] * 10_000], [[0] * 10_000]),
    ],
)
def test_pairs_without_links(source: list[list[int]], target: list[list[int]]) -> None:
    found = sample(source, target)
    assert len(found.links) == len(source)
    assert cells(found) == {}
    others = random_pairs(2, pairs=5)
    both = sample(others[0] + source, others[1] + target)
    assert cells(both) == cells(sample(*others)) != {}  # nothing is learnt from them


def test_a_single_pair_of_words_alike() -> None:
    assert cells(sample([[0]], [[0]]))[0, 0, 0][2] == 3


def test_words_that_are_all_the_same() -> None:
    found = cells(sample([[2] * 30] * 20, [[2] * 30] * 20))
    assert all(0 <= p <= 1 for forward, reverse, _ in found.values() for p in (forward, reverse))


def test_the_longest_sentences() -> None:
    found = sample(
        [[1] * MOST_LINKED_WORDS],
        [[1] * MOST_LINKED_WORDS],
        replace(SETTINGS, diagonal=1, jumps=1, fertility=1, kept=1),
    )
    assert np.isfinite(found.forward).all()
    assert np.isfinite(found.reverse).all()


class StopError(Exception):
    pass


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_is_told_and_may_end_the_work(threads: int) -> None:
    source, target = (side * 4 for side in random_pairs(3, pairs=5000))
    sides = text(source, SOURCE), text(target, TARGET)
    told: list[float] = []
    get().sample_links(*sides, SETTINGS, len(source), False, threads, told.append)
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] <= 1

    def stop(done: float) -> None:
        raise StopError(str(done))

    with pytest.raises(StopError):
        get().sample_links(*sides, SETTINGS, len(source), False, threads, stop)


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("chains", 3, "chains: expected a multiple of 4, got 3"),
        ("chains", 0, "chains: expected a multiple of 4, got 0"),
        ("kept", 0, "kept: expected 1 to 7, the number of sweeps, got 0"),
        ("kept", 8, "kept: expected 1 to 7, the number of sweeps, got 8"),
        ("sparse", 0.0, "sparse: expected above 0, and at most 1, got 0.0"),
        ("sparse", float("nan"), "sparse: expected above 0, and at most 1, got nan"),
        ("null_prior", 1.0, "null_prior: expected between 0 and 1, got 1.0"),
        ("seed", -1, "seed: expected 0 to 2^64 - 1, got -1"),
    ],
)
def test_settings_that_make_no_sense(option: str, value: float, expected: str) -> None:
    with pytest.raises(InputError) as error:
        replace(SETTINGS, **{option: value})
    assert str(error.value) == expected


def known(
    counts: LinkCounts | None, source: list[list[int]], target: list[list[int]], threads: int = 1
) -> SampledLinks:
    assert counts is not None
    return get().known_links(
        text(source, [*SOURCE, "new"]), text(target, [*TARGET, "neu"]), SETTINGS, counts, threads, None
    )


@pytest.fixture(scope="module")
def learnt() -> LinkCounts:
    """What 300 pairs teach in which word 1 always is translated as 3, 2 as 6, and 3 as 5, in this order."""
    random = np.random.default_rng(0)
    source = [random.integers(1, 4, random.integers(1, 5)).tolist() for _ in range(300)]
    target = [[{1: 3, 2: 6, 3: 5}[word] for word in words] for words in source]
    sides = text(source, SOURCE), text(target, TARGET)
    counts = get().sample_links(*sides, SETTINGS, 0, True, 1, None).counts
    assert counts is not None
    return counts


def test_counts_are_those_of_the_words_that_were_linked(learnt: LinkCounts) -> None:
    assert len(learnt.offsets) == len(SOURCE) + 1
    sources = np.repeat(np.arange(len(SOURCE)), np.diff(learnt.offsets))
    for counts, words, nulls, axis in (
        (learnt.forward, learnt.target_words, learnt.target_nulls, learnt.target),
        (learnt.reverse, learnt.source_words, learnt.source_nulls, sources),
    ):
        linked = np.bincount(axis, counts, len(words))
        assert linked + nulls == pytest.approx(words, abs=0.01)
        assert linked.sum() > 0.8 * words.sum()
        assert set(np.flatnonzero(words).tolist()) in ({1, 2, 3}, {3, 5, 6})
    best = {int(s): int(t) for s, t, n in zip(sources, learnt.target, learnt.forward, strict=True) if n > 50}
    assert best == {1: 3, 2: 6, 3: 5}
    for fertilities, words in (
        (learnt.forward_fertilities, learnt.source_words),
        (learnt.reverse_fertilities, learnt.target_words),
    ):
        assert fertilities.reshape(len(words), -1).sum(1) == pytest.approx(words)
    assert int(learnt.forward_jumps.argmax()) == MOST_LINKED_WORDS + 2  # one ahead


def test_new_pairs_are_aligned_by_what_is_known(learnt: LinkCounts) -> None:
    found = cells(known(learnt, [[2, 3, 1], [0]], [[6, 5, 3], [0]]))
    assert {cell for cell, row in found.items() if row[0] * row[1] > 0.25} == {
        (0, 0, 0),
        (0, 1, 1),
        (0, 2, 2),
        (1, 0, 0),
    }


def test_known_pairs_are_aligned_by_themselves(learnt: LinkCounts) -> None:
    source, target = random_pairs(4, pairs=80)
    source[5], target[5] = [len(SOURCE), 1], [len(TARGET), 3]  # new words
    together = cells(known(learnt, source, target))
    assert together == cells(known(learnt, source, target, threads=3))
    turned = cells(known(learnt, source[::-1], target[::-1]))
    assert together == {(79 - s, i, j): row for (s, i, j), row in turned.items()}
    for s in (5, 17):
        alone = cells(known(learnt, source[s : s + 1], target[s : s + 1]))
        assert alone == {(0, i, j): row for (k, i, j), row in together.items() if k == s}


@pytest.mark.parametrize(("source", "target"), [([], []), ([[]], [[1]]), ([[1]], [[]]), ([[1] * 1024], [[3]])])
def test_known_pairs_without_links(learnt: LinkCounts, source: list[list[int]], target: list[list[int]]) -> None:
    found = known(learnt, source, target)
    assert len(found.links) == len(source)
    assert cells(found) == {}


def test_nothing_is_known() -> None:
    sides = text([], SOURCE), text([], TARGET)
    counts = get().sample_links(*sides, SETTINGS, 0, True, 1, None).counts
    assert cells(known(counts, [[0, 4]], [[0, 4]]))[0, 0, 0][2] == 3  # words alike


def test_larger_texts_are_sampled_less() -> None:
    work = []
    for pairs in (1, 10, 100, 1000, 10_000, 100_000, 1_000_000):
        side = LinkText(np.arange(pairs + 1, dtype=np.int64) * 20, *text([], SOURCE)[1:])
        plan = planned(side, side)
        work.append(plan.chains * (plan.diagonal + plan.jumps + plan.fertility))
    assert work == sorted(work, reverse=True)
    assert len(set(work)) > 3
    long = LinkText(np.array([0, 10**6]), *text([], SOURCE)[1:])
    assert planned(long, long) == planned(*[text([], SOURCE)] * 2)  # there are no links in it
