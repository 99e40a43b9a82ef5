"""CTranslate2: batches of subwords in, subwords or log-probabilities out, side by side with the caller's work."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import thread_count
from xproj_fast.errors import InputError, InternalError
from xproj_fast.models.devices import Device, is_out_of_memory
from xproj_fast.models.translation import TranslateOptions
from xproj_fast.packages import need
from xproj_fast.wording import shown

R = TypeVar("R")
# What a model falls back to where the device has no fast kernels for its weights.
FALLBACKS = {
    "float16": "float32",
    "bfloat16": "float32",
    "int8_float16": "int8_float32",
    "int8_bfloat16": "int8_float32",
}
DEFAULT_TOKENS = {"cpu": 4096, "cuda": 16384}
# Bytes of float32 logits a batch may hold: a vocabulary of 256,000 subwords is 1 MB per position.
LOGITS_BYTES = {"cpu": 1 << 29, "cuda": 1 << 32}

CLOSED = "expected an open translator, got one that was closed"

logger = logging.getLogger(__name__)


class Output(NamedTuple):
    """One translation: subwords without language token and ``</s>``, whether it ended, its log-probability."""

    tokens: list[str]
    ended: bool
    log_probability: float  # natural, the sum over tokens and, where it ended, </s>


class Running(Generic[R]):
    """Batches handed to the engine; ``results`` waits for them."""

    def __init__(
        self,
        batches: Sequence[NDArray[np.int64]],
        start: Callable[[NDArray[np.int64]], Future[list[Any]]],
        read: Callable[[Any, int], R],
        split: Callable[[NDArray[np.int64], BaseException], list[NDArray[np.int64]]],
    ) -> None:
        self._start, self._read, self._split = start, read, split
        self._batches = [(batch, start(batch)) for batch in batches]

    def results(self) -> dict[int, R]:
        """Return the result of every item; what did not fit into memory is run again in smaller batches."""
        found: dict[int, R] = {}
        try:
            for batch, started in self._batches:
                found.update(self._finish(batch, started))
        finally:
            self.cancel()
        return found

    def cancel(self) -> None:
        """Drop the batches that the engine has not begun: nobody will ask for their results."""
        for _, started in self._batches:
            started.cancel()
        self._batches = []

    def _finish(self, batch: NDArray[np.int64], started: Future[list[Any]]) -> Iterator[tuple[int, R]]:
        try:
            done = started.result()
        except CancelledError:
            raise InputError(CLOSED) from None
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            for half in self._split(batch, error):
                yield from self._finish(half, self._start(half))
            return
        for item, result in zip(batch.tolist(), done, strict=True):
            yield item, self._read(result, item)


class TranslationEngine:
    """A loaded CTranslate2 translator.

    Attributes:
        device: where it runs.
        compute_type: what it computes in.
    """

    def __init__(
        self,
        folder: Path,
        device: Device,
        compute_type: str,
        *,
        threads: int | None,
        parallel: int | None,
        vocabulary: int,
    ) -> None:
        ctranslate2 = need("ctranslate2")
        self.device, self.compute_type = device, compute_type
        if parallel is not None:
            thread_count(parallel)  # checks it
        # On a CPU, batches side by side on one thread each are far faster than one batch on many.
        beside = parallel or (thread_count(threads) if device.kind == "cpu" else 1)
        try:
            self._translator: Any = ctranslate2.Translator(
                str(folder),
                device=device.kind,
                device_index=device.index,
                compute_type=compute_type,
                inter_threads=beside,
                intra_threads=max(1, thread_count(threads) // beside),
            )
        except Exception as error:
            raise InputError(f"{folder}: the model could not be loaded on {device}: {error}") from error
        # Of its own, as CTranslate2 cancels nothing: what it was handed keeps a closed program from ending. One more
        # than it works on, so that it never waits for Python.
        self._pool = ThreadPoolExecutor(beside + 1, "translating")
        self._most_logits = max(1, LOGITS_BYTES[device.kind] // (4 * max(vocabulary, 1) * beside))
        self._caps: dict[str, int] = {}

    def close(self) -> None:
        """Free the model's memory, after the batches that are being worked on."""
        self._pool.shutdown(cancel_futures=True)
        while self._translator.num_active_batches:  # CTranslate2 unloads nothing while it counts any: after its result
            time.sleep(0.001)
        self._translator.unload_model()

    def abandon(self) -> None:
        """Start nothing more, and leave the batches that are being worked on behind, for a process that ends."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def translate(
        self,
        sources: Sequence[list[str]],
        language: str,
        limits: NDArray[np.int64],
        options: TranslateOptions,
    ) -> Running[Output]:
        """Start to translate.

        Args:
            sources: subwords with language token and ``</s>``.
            language: target language token.
            limits: int64[sources], most subwords of each translation with ``</s>``. Only sources of equal limit
                share a batch, so that a result does not depend on its neighbours.
            options: how they are searched, and how large a batch is.
        """

        def start(batch: NDArray[np.int64]) -> Future[list[Any]]:
            return self._pool.submit(
                self._translator.translate_batch,
                [sources[i] for i in batch],
                [[language]] * len(batch),
                beam_size=options.beam_size,
                patience=options.patience,
                length_penalty=options.length_penalty,
                repetition_penalty=options.repetition_penalty,
                no_repeat_ngram_size=options.no_repeat_ngram_size,
                max_input_length=0,  # nothing is cut: the caller has refused what is too long
                max_decoding_length=int(limits[batch[0]]) + 1,  # the language token counts
                min_decoding_length=0,  # as Hugging Face has it
                return_scores=True,
                return_end_token=True,
            )

        def read(result: Any, item: int) -> Output:
            tokens = result.hypotheses[0]
            _check_number(result.scores[0], "translating")
            # The engine divides by (length with language token and </s>) ** length_penalty.
            total = result.scores[0] * len(tokens) ** options.length_penalty
            ended = len(tokens) > 1 and tokens[-1] == "</s>"
            return Output(tokens[1 : len(tokens) - ended], ended, total)

        lengths = np.array([len(source) for source in sources], np.int64)
        rows = max(1, self._most_logits // options.beam_size)
        batches, split = self._batches("translating", lengths, limits, rows, options.batch_tokens)
        return Running(batches, start, read, split)

    def score(
        self, sources: Sequence[list[str]], targets: Sequence[list[str]], batch_tokens: int | None = None
    ) -> Running[list[float]]:
        """Start to score given translations: natural log-probabilities of the target's subwords and ``</s>``.

        Args:
            sources: subwords with language token and ``</s>``.
            targets: subwords with language token, without ``</s>``, which the engine appends.
            batch_tokens: padded subwords of the longer side a batch; None = by device.
        """

        def start(batch: NDArray[np.int64]) -> Future[list[Any]]:
            return self._pool.submit(
                self._translator.score_batch,
                [sources[i] for i in batch],
                [targets[i] for i in batch],
                max_input_length=0,
                offset=1,  # the language token was given
            )

        def read(result: Any, item: int) -> list[float]:
            values: list[float] = result.log_probs
            _check_number(sum(values), "scoring")
            return values

        lengths = np.array([max(map(len, pair)) for pair in zip(sources, targets, strict=True)], np.int64)
        cap = min(batch_tokens or DEFAULT_TOKENS[self.device.kind], self._most_logits)  # logits of every position
        batches, split = self._batches("scoring", lengths, np.zeros_like(lengths), 1 << 30, cap)
        return Running(batches, start, read, split)

    def _batches(
        self, what: str, lengths: NDArray[np.int64], groups: NDArray[np.int64], most_rows: int, batch_tokens: int | None
    ) -> tuple[list[NDArray[np.int64]], Callable[[NDArray[np.int64], BaseException], list[NDArray[np.int64]]]]:
        """Sort by group and length, the longest first, and cut; also return what cuts a batch that was too large."""
        asked = DEFAULT_TOKENS[self.device.kind] if batch_tokens is None else batch_tokens
        order = np.lexsort((-lengths, -groups))

        def split(batch: NDArray[np.int64], error: BaseException) -> list[NDArray[np.int64]]:
            padded = len(batch) * int(lengths[batch].max())
            if len(batch) == 1:
                raise InputError(
                    f"{what}: one sentence of {padded:,} subwords does not fit into memory: {error}"
                ) from error
            if what not in self._caps:
                logger.warning(
                    "%s: out of memory with %d subwords per batch; continuing with smaller batches", shown(what), padded
                )
            self._caps[what] = min(self._caps.get(what, asked), max(1, padded // 2))
            return _cut(batch, lengths, groups, most_rows, self._caps[what])

        cap = min(asked, self._caps.get(what, asked))
        return _cut(order, lengths, groups, most_rows, cap), split


def _check_number(log_probability: float, what: str) -> None:
    if math.isnan(log_probability):
        raise InternalError(f"{what}: expected log-probabilities from the model, got NaN: compute in float32")


def _cut(
    order: NDArray[np.int64], lengths: NDArray[np.int64], groups: NDArray[np.int64], most_rows: int, cap: int
) -> list[NDArray[np.int64]]:
    """Cut sorted items into batches of one group and at most ``cap`` padded subwords, one row always goes."""
    batches = []
    first = 0
    while first < len(order):
        rows = max(1, min(most_rows, cap // max(int(lengths[order[first]]), 1)))
        batch = order[first : first + rows]
        batch = batch[groups[batch] == groups[batch[0]]]
        batches.append(batch)
        first += len(batch)
    return batches


def compute_type_for(precision: str, device: Device, asked: str | None) -> str:
    """Return what to compute in: as asked, else as exported, else the nearest this device is fast in.

    Raises:
        InputError: where the device cannot do what was asked for.
    """
    supported = sorted(need("ctranslate2").get_supported_compute_types(device.kind, device.index))
    if asked is not None:
        if asked not in supported:
            raise InputError(
                f"compute_type: expected one that {device} supports ({', '.join(supported)}), got {asked!r}"
            )
        return asked
    if precision in supported:
        return precision
    instead = FALLBACKS.get(precision, "float32")
    instead = instead if instead in supported else "float32"
    logger.info("%s", shown(f"{device} has no fast {precision}; computing in {instead}"))
    return instead
