"""NMTScore of phrase pairs: how well a translation model takes two phrases for translations of each other.

NMTScore "direct" (Vamvas and Sennrich 2022, arXiv 2204.13692), normalised, the mean of both directions: the number of
the package nmtscore 0.3.3, at a fraction of its work. What CTranslate2's interface does not give: the encoder's states
of a source, so that a source is encoded anew with each of its targets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from xproj_fast.errors import InputError, InternalError, check_options
from xproj_fast.models.phrase_prefixes import PrefixScorer
from xproj_fast.models.subtokens import lone_surrogate
from xproj_fast.models.translator import SPECIALS, Translator

K = TypeVar("K")
Tokens = tuple[str, ...]  # subwords of a phrase, no special ones
Request = tuple[Tokens, Tokens]  # source as the encoder has it, target as the decoder has it, without </s>
DECODER_EXTRA = 1  # the decoder reads </s> before the language token; the last subword's own </s> it only predicts
EVEN = 8  # targets up to here share a batch only with equally long ones,
STEP = 4  # longer ones with those of the same multiple
SPACE = "▁"  # as sentencepiece writes it
CHUNK = 1 << 16  # pairs at a time: bounds the memory
MAX_TOKENS = {"cpu": 256, "cuda": 8192}
FLOAT32_MOST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True)
class PhraseOptions:
    """How phrases are scored; none of it changes a score beyond rounding.

    Attributes:
        batch_tokens: padded subwords per batch; None (default) = 256 on a CPU, 8,192 on a GPU: phrases are short, and a
            batch's log-probabilities over the whole vocabulary soon outgrow the caches.
        cache: phrase pairs remembered between calls, and as many P(A|A); the oldest are forgotten. 0 = none; the
            default of 131,072 takes some 60 MB.
        share_prefixes: decode targets that are prefixes of one another, of one source, in one pass (see
            ``phrase_prefixes``). Where all n-grams of a sentence are scored, 40% fewer subwords, but hardly
            less time (the steps are small, the logits large); default off.
    """

    batch_tokens: int | None = None
    cache: int = 1 << 17
    share_prefixes: bool = False

    def __post_init__(self) -> None:
        check_options(
            self,
            ("batch_tokens", self.batch_tokens is None or self.batch_tokens >= 1, "at least 1"),
            ("cache", self.cache >= 0, "at least 0"),
        )


@dataclass(slots=True)
class PhraseCounts:
    """What a scorer has done so far.

    Attributes:
        pairs: pairs asked for.
        distinct: of them, the distinct ones of each call.
        cached: of the distinct, those remembered from earlier calls.
        scored: of the distinct, those that the model was asked about.
        empty: of the distinct, those that score 0 because a phrase is blank or gives no subword.
        too_long: those that score 0 because a phrase has more subwords than the model has positions for.
        passes: sequences that went through encoder and decoder.
        decoder_tokens: positions that went through the decoder, padding left out.
        encoder_tokens: and through the encoder.
    """

    pairs: int = 0
    distinct: int = 0
    cached: int = 0
    scored: int = 0
    empty: int = 0
    too_long: int = 0
    passes: int = 0
    decoder_tokens: int = 0
    encoder_tokens: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


class PhraseScorer:
    """Scores phrase pairs with a loaded translator; for one thread at a time.

    sim(A, B) = (P(A|B) / P(A|A) + P(B|A) / P(B|B)) / 2, where P(A|B) = 2 ** (mean over A's subwords and ``</s>`` of
    ln p(subword | B, those before)). **A quirk, kept:** nmtscore takes natural logarithms to a power of 2. A score
    is 1 for equal phrases of one language, near 0 for unrelated ones, and may exceed 1, by far in a model that never
    learnt to repeat a phrase in its own language: it finds A likelier after B than after A itself.

    Attributes:
        counts: what was done so far; never reset here.
    """

    def __init__(
        self,
        translator: Translator,
        source_language: str,
        target_language: str,
        options: PhraseOptions | None = None,
    ) -> None:
        """Make a scorer.

        Args:
            translator: stays the caller's to close.
            source_language: of the phrases ``a``: code such as ``"eng_Latn"``.
            target_language: of the phrases ``b``.
            options: None = the defaults.

        Raises:
            InputError: for languages that the translator does not know, and a closed translator.
        """
        translator._check(source_language, target_language)
        self._translator = translator
        self._languages = (source_language, target_language)
        self._options = options or PhraseOptions()
        self._most = int(translator.manifest.settings["max_pieces"]) - SPECIALS
        self._sims: dict[tuple[str, str], float] = {}
        self._selves: tuple[dict[str, float], dict[str, float]] = ({}, {})  # phrase -> mean log P(A|A), by side
        self.counts = PhraseCounts()

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as translator, languages and options; what is remembered and counted stays behind."""
        return type(self), (self._translator, *self._languages, self._options)

    @property
    def identity(self) -> dict[str, Any]:
        """All that its scores depend on: no option changes them beyond rounding."""
        return {"scores": "NMTScore", "translator": self._translator.identity, "languages": list(self._languages)}

    def __call__(self, a: Sequence[str], b: Sequence[str]) -> NDArray[np.float32]:
        """See ``scores``."""
        return self.scores(a, b)

    def scores(self, a: Sequence[str], b: Sequence[str]) -> NDArray[np.float32]:
        """Return the score of each pair of phrases.

        A phrase that is blank, gives no subword, or has more than the model has positions for scores 0 with
        everything, and is counted. Each distinct pair is scored once, P(A|A) once a phrase.

        Args:
            a: N phrases of the source language, words joined as in running text.
            b: N phrases of the target language.

        Returns:
            float32[N], from 0 on.

        Raises:
            InputError: for unequal numbers of phrases, what is no string, lone surrogates, a closed translator.
            InternalError: where the model returns something that is no number.
        """
        if len(a) != len(b):
            raise InputError(f"expected as many phrases b as a, got {len(b):,} and {len(a):,}")
        self._translator._check(*self._languages)
        keys = list(zip(a, b, strict=True))
        try:
            found = {key: self._sims.get(key, -1.0) for key in keys}
        except TypeError:
            raise InputError("expected phrases as strings, got something else (lists of words?)") from None
        wanted = [key for key, score in found.items() if score < 0]
        self.counts.pairs += len(keys)
        self.counts.distinct += len(found)
        self.counts.cached += len(found) - len(wanted)
        for first in range(0, len(wanted), CHUNK):
            some = wanted[first : first + CHUNK]
            new = dict(zip(some, self._score(some).tolist(), strict=True))
            found |= new
            _remember(self._sims, new, self._options.cache)
        return np.array([found[key] for key in keys], np.float32)

    def _score(self, pairs: list[tuple[str, str]]) -> NDArray[np.float64]:
        """Return the scores of distinct pairs."""
        sides = [list(dict.fromkeys(side)) for side in zip(*pairs, strict=True)]
        tokens = [self._encode(phrases, name) for phrases, name in zip(sides, "ab", strict=True)]
        sims = np.zeros(len(pairs))
        good = np.array([self._scorable(tokens[0][a], tokens[1][b]) for a, b in pairs], bool)
        some = [pair for pair, fine in zip(pairs, good.tolist(), strict=True) if fine]
        self.counts.scored += len(some)
        if not some:
            return sims
        forward = [self._request(1, tokens[1][b], 0, tokens[0][a]) for a, b in some]  # P(A|B)
        backward = [self._request(0, tokens[0][a], 1, tokens[1][b]) for a, b in some]  # P(B|A)
        alone = []
        for side in (0, 1):
            phrases = dict.fromkeys(pair[side] for pair in some)
            alone.append([phrase for phrase in phrases if phrase not in self._selves[side]])
        selves = [self._request(k, tokens[k][text], k, tokens[k][text]) for k in (0, 1) for text in alone[k]]
        means = self._mean_log_probabilities(forward + selves, backward)
        if not np.isfinite(means).all():
            raise InternalError(
                "scoring phrases: expected finite log-probabilities from the model, got NaN or infinity"
            )
        n, m = len(some), len(some) + len(alone[0])
        own = [dict(zip(alone[0], means[n:m].tolist(), strict=True)), {}]
        own[1] = dict(zip(alone[1], means[m : n + len(selves)].tolist(), strict=True))
        exponents = [
            means[:n] - self._of_selves(0, own[0], [a for a, _ in some]),
            means[n + len(selves) :] - self._of_selves(1, own[1], [b for _, b in some]),
        ]
        with np.errstate(over="ignore"):  # of the order of 2 ** 128: not a number a float32 can hold
            sims[good] = np.minimum((np.exp2(exponents[0]) + np.exp2(exponents[1])) / 2, FLOAT32_MOST)
        for k in (0, 1):
            _remember(self._selves[k], own[k], self._options.cache)
        return sims

    def _of_selves(self, side: int, new: dict[str, float], phrases: list[str]) -> NDArray[np.float64]:
        old = self._selves[side]
        return np.array([new[phrase] if phrase in new else old[phrase] for phrase in phrases])

    def _encode(self, phrases: list[str], name: str) -> dict[str, Tokens]:
        for phrase in phrases:
            if not isinstance(phrase, str):
                raise InputError(f"{name}: expected phrases, got {type(phrase).__name__} {phrase!r}", field=name)
            if not phrase.isascii() and lone_surrogate(phrase) is not None:
                raise InputError(f"{name}: expected text, got a lone surrogate in {phrase!r}", field=name)
        rows = self._translator._tokenizer.encode(phrases)
        return {text: () if _is_blank(row) else tuple(row) for text, row in zip(phrases, rows, strict=True)}

    def _scorable(self, a: Tokens, b: Tokens) -> bool:
        empty, long = not a or not b, max(len(a), len(b)) > self._most
        self.counts.empty += empty
        self.counts.too_long += long and not empty
        return not (empty or long)

    def _request(self, source_side: int, source: Tokens, target_side: int, target: Tokens) -> Request:
        return (self._languages[source_side], *source, "</s>"), (self._languages[target_side], *target)

    def _mean_log_probabilities(self, plain: list[Request], shared: list[Request]) -> NDArray[np.float64]:
        """Return the mean natural log-probability of each target's subwords and ``</s>``.

        Args:
            plain: scored one by one.
            shared: likewise, but by shared prefixes where that is asked for.
        """
        means = np.empty(len(plain) + len(shared))
        requests = plain + shared
        alone = list(range(len(requests)))
        if self._options.share_prefixes:
            prefixes = PrefixScorer(self._translator)
            groups = prefixes.groups(shared)
            taken = {len(plain) + i for group in groups for i in group}
            alone = [i for i in alone if i not in taken]
            for i, mean in prefixes.mean_log_probabilities(shared, groups):
                means[len(plain) + i] = mean
            self.counts.passes += len(groups)
            heads = [shared[group[-1]] for group in groups]  # the longest of a group
            self.counts.decoder_tokens += sum(len(target) + DECODER_EXTRA for _, target in heads)
            self.counts.encoder_tokens += sum(len(source) for source, _ in heads)
        engine = self._translator._engine
        cap = self._options.batch_tokens or MAX_TOKENS[self._translator.device.kind]
        # Alike target lengths together: what costs is the vocabulary's logits at every target position.
        started = [
            (bucket, engine.score([list(requests[i][0]) for i in bucket], [list(requests[i][1]) for i in bucket], cap))
            for bucket in _by_target_length(alone, requests)
        ]
        for bucket, running in started:
            for k, values in running.results().items():
                means[bucket[k]] = sum(values) / len(values)
        self.counts.passes += len(alone)
        self.counts.decoder_tokens += sum(len(requests[i][1]) + DECODER_EXTRA for i in alone)
        self.counts.encoder_tokens += sum(len(requests[i][0]) for i in alone)
        return means


def _is_blank(tokens: list[str]) -> bool:
    return not "".join(tokens).strip(SPACE)


def _by_target_length(items: list[int], requests: list[Request]) -> Iterator[list[int]]:
    buckets: dict[int, list[int]] = {}
    for i in items:
        length = len(requests[i][1])
        buckets.setdefault(length if length <= EVEN else -(-length // STEP) * STEP, []).append(i)
    for length in sorted(buckets, reverse=True):
        yield buckets[length]


def _remember(cache: dict[K, float], new: dict[K, float], most: int) -> None:
    """Add to a cache and forget the oldest entries above ``most``."""
    cache |= new
    for key in list(islice(cache, max(0, len(cache) - most))):
        del cache[key]
