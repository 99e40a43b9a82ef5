"""Targets that are prefixes of one another, of one source, scored in one pass of the decoder.

The n-grams that start at one word are prefixes of the longest of them. The decoder reads left to right, so what it
says after a prefix is the same whatever follows: one pass over the longest gives the subwords' log-probabilities of
all. Each n-gram also needs that of ``</s>`` after its own last subword, which is no subword of the longer ones.
CTranslate2's ``score_batch`` returns the log-probabilities of the target's own subwords only; but forced decoding
(``translate_batch`` with the target as prefix, greedy, ``return_logits_vocab``) returns the logits over the whole
vocabulary at every position, and these hold it: ln p(x | prefix) = logit of x - ln sum exp(logits). Exact (in float32
within 1e-6 of ``score_batch``).

Whether a target's subwords are a prefix of another's is seen from the subwords themselves, which each phrase got
alone: where a tokenizer splits a phrase otherwise than as the beginning of a longer one, it is scored alone.

What it costs: decoding is stepwise, and the logits (vocabulary x 4 bytes a position, 1 MB for NLLB) are handed out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from xproj_fast.models.translator import Translator
from xproj_fast.packages import need

Tokens = tuple[str, ...]
Request = tuple[Tokens, Tokens]  # source with language token and </s>, target with language token, without </s>
MOST_ROWS = 64


class PrefixScorer:
    """Scores groups of targets that are prefixes of one another."""

    def __init__(self, translator: Translator) -> None:
        self._ids = translator._tokenizer.ids
        self._end = self._ids[str(translator.manifest.settings["eos"])]
        self._engine = translator._engine
        self._ctranslate2 = need("ctranslate2")

    def groups(self, requests: Sequence[Request]) -> list[list[int]]:
        """Return the groups of two or more requests that one pass can serve, each by growing length."""
        order = sorted(range(len(requests)), key=requests.__getitem__)
        groups: list[list[int]] = []
        for i in reversed(order):
            source, target = requests[i]
            if groups:
                # In lexicographic order, what is a prefix of anything behind it is one of its next neighbour.
                other_source, other_target = requests[groups[-1][-1]]
                if source == other_source and target == other_target[: len(target)]:
                    groups[-1].append(i)
                    continue
            groups.append([i])
        return [group[::-1] for group in groups if len(group) > 1]

    def mean_log_probabilities(
        self, requests: Sequence[Request], groups: Sequence[Sequence[int]]
    ) -> Iterator[tuple[int, float]]:
        """Yield the request and the mean log-probability of its subwords and ``</s>``, group by group."""
        order = sorted(range(len(groups)), key=lambda g: len(requests[groups[g][-1]][1]))
        first = 0
        while first < len(order):
            length = len(requests[groups[order[first]][-1]][1])
            rows = max(1, min(MOST_ROWS, self._engine._most_logits // (length + 1)))
            # Equal lengths only: a shorter one would go on inventing subwords until the longest has ended.
            batch = [g for g in order[first : first + rows] if len(requests[groups[g][-1]][1]) == length]
            first += len(batch)
            heads = [requests[groups[g][-1]] for g in batch]
            for g, means in zip(batch, self._decode(heads, length), strict=True):
                for i in groups[g]:
                    yield i, float(means[len(requests[i][1]) - 1])

    def _decode(self, heads: Sequence[Request], length: int) -> Iterator[NDArray[np.float64]]:
        """Yield for each head the means of all its prefixes: float64[length], by number of subwords from 0 on."""
        results = self._engine._translator.translate_batch(
            [list(source) for source, _ in heads],
            [list(target) for _, target in heads],
            beam_size=1,
            max_input_length=0,
            max_decoding_length=length + 1,  # one step past the prefix
            min_decoding_length=0,
            return_end_token=True,
            return_logits_vocab=True,
        )
        for (_, target), result in zip(heads, results, strict=True):
            tokens = [self._ids[token] for token in target[1:]]
            own = np.zeros(length)  # sums of the subwords' log-probabilities before each position
            ends = np.empty(length)
            for position, view in enumerate(result.logits[0][1 : length + 1]):  # the first predicts the language token
                logits = self._on_host(view)
                top = logits.max()
                total = float(top) + float(np.log(np.exp(logits - top).sum(dtype=np.float64)))
                ends[position] = logits[self._end] - total
                if position < len(tokens):
                    own[position + 1] = own[position] + logits[tokens[position]] - total
            yield (own + ends) / np.arange(1, length + 1)

    def _on_host(self, view: object) -> NDArray[np.float32]:
        ct2 = self._ctranslate2
        if self._engine.device.kind == "cuda":
            view = view.to_device(ct2.Device.cpu)  # type: ignore[attr-defined]
        if view.dtype != ct2.DataType.float32:  # type: ignore[attr-defined]
            view = view.to(ct2.DataType.float32)  # type: ignore[attr-defined]
        return np.asarray(view).ravel()
