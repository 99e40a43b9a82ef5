"""Signals are looked for while a kernel works, not only once it is done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from xproj_fast.arrays import UNLIMITED, PairScores, Spans
from xproj_fast.candidates import ngrams
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import score_offsets
from xproj_fast.pairs import SentencePairs
from xproj_fast.scores.learned_features import LEARNED_FEATURES
from xproj_fast.text.word_shapes import word_shapes

BETWEEN = 0.02  # seconds between signals: kernels look every 0.05


@contextmanager
def signals() -> Iterator[list[int]]:
    """Send the main thread one signal after the other; yields the list of those that were handled.

    Signals that come while none is looked for are one signal when at last somebody looks.
    """
    handled: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, frame: handled.append(number))
    main, done = threading.main_thread().ident, threading.Event()
    assert main is not None

    def send() -> None:
        while not done.wait(BETWEEN):
            signal.pthread_kill(main, signal.SIGUSR1)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield handled
    finally:
        done.set()
        thread.join()
        signal.signal(signal.SIGUSR1, before)


def dense(entities: int, words: int) -> tuple[SentencePairs, Any, PairScores]:
    """Return one pair with a random score for each of its many pairs."""
    spans = [(k, k + 1, "PER") for k in range(entities)]
    pairs = SentencePairs.from_lists([["s"] * entities], [["t"] * words], [spans])
    candidates = ngrams(pairs, max_words=10)
    offsets = score_offsets(pairs.entities, candidates)
    return pairs, candidates, PairScores(offsets, np.random.default_rng(0).random(int(offsets[-1]), np.float32))


def a_large_sentence() -> Callable[[], Any]:
    pairs, spans, scores = dense(40, 10_000)
    return lambda: get().greedy(pairs.target.offsets, pairs.entities, spans, scores, 1, UNLIMITED, 1)


def many_sentences() -> Callable[[], Any]:
    pairs, spans, scores = dense(2, 100)
    copies = 10_000
    words, of_entities, of_spans, of_scores = (
        np.arange(copies + 1) * record.offsets[-1] for record in (pairs.target, pairs.entities, spans, scores)
    )
    entities = Spans(of_entities, np.tile(pairs.entities.start, copies), np.tile(pairs.entities.end, copies))
    candidates = Spans(of_spans, np.tile(spans.start, copies), np.tile(spans.end, copies))
    tiled = PairScores(of_scores, np.tile(scores.values, copies))
    return lambda: get().greedy(words, entities, candidates, tiled, 1, UNLIMITED, 1)


def a_search() -> Callable[[], Any]:
    pairs, spans, scores = dense(60, 1_000)
    return lambda: get().exact(pairs.target.offsets, pairs.entities, spans, scores, 0, 1, False, 10**9, 1.0, 1)


def learned_features() -> Callable[[], Any]:
    """Many candidates that all look like the entity, in one sentence."""
    words, size = 20_000, 10
    entities = [(k, k + size, "PER") for k in range(0, 40 * size, size)]
    links = [(k, target) for k, _, _ in entities for target in (0, words - 1)]
    pairs = SentencePairs.from_lists([["a"] * 40 * size], [["a"] * words], [entities], [links])
    spans, source, target = ngrams(pairs, max_words=10), word_shapes(pairs.source), word_shapes(pairs.target)
    weights = np.zeros(len(LEARNED_FEATURES) + 1)
    return lambda: get().learned_scores(source, target, pairs.entities, pairs.alignments, spans, weights, 1)


@pytest.mark.parametrize("prepare", [a_large_sentence, many_sentences, a_search, learned_features])
def test_signals_are_handled_while_a_kernel_works(prepare: Callable[[], Callable[[], Any]]) -> None:
    work = prepare()
    with signals() as handled:
        work()
        during = len(handled)
    assert during >= 4  # one just before and one just after it there may always be
