"""Several sources of one text: their evidence is added up, candidate by candidate, before anything is matched.

A sentence translated into English and into French, both tagged and aligned, has two chances that its entities are
found; where both find one, what they say of each candidate span adds up, and where they disagree on a class, the
classes compete for the words with the sums of their supporters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, PairScores, Spans, Words, thread_count
from xproj_fast.errors import InputError
from xproj_fast.matching.registry import MATCHERS
from xproj_fast.method import Method
from xproj_fast.pairs import SentencePairs
from xproj_fast.projection import Projection
from xproj_fast.projector import Stages, project
from xproj_fast.ragged import offsets_of, row_numbers
from xproj_fast.scores.evidence import NO_EVIDENCE, Evidence
from xproj_fast.scores.total import Total
from xproj_fast.wording import count

# Label, source, start, end; and of each candidate its score and its probability, float64[2, candidates].
Rows = list[tuple[str, int, int, int, NDArray[np.float64]]]


def project_sources(
    sources: Sequence[SentencePairs],
    method: Method,
    *,
    weights: Sequence[float] | None = None,
    evidence: Sequence[Evidence] | None = None,
    languages: Sequence[tuple[str, str]] | None = None,
    threads: int | None = None,
) -> Projection:
    """Project from several sources onto one target.

    Each source's entities are scored with all candidates. Entities of different sources and one class are taken for
    the same where that helps: where some candidate has more by both together than the better of them has alone; most
    gain first, each entity at most once. Their scores are added up; their confidence is that of the surest of them.
    What no other source has stays by itself.

    Args:
        sources: pairs of the same target sentences, in the same order.
        method: candidates ``"aligned"``, which differ by source, become ``"ngrams"``, which hold them; no heuristic.
        weights: what each source's scores are multiplied by; None = 1 each.
        evidence: of each source; None = none.
        languages: of each source and the target, see ``Method.between``.
        threads: None = all CPUs.

    Returns:
        The projection of pairs whose source is the words of all sources, one after the other, and whose entities are
        the merged ones, at their places in the first source that has them.

    Raises:
        InputError: for no source, other targets, the heuristic, bad weights, evidence of another number of them,
            and as ``project``.
    """
    if not MATCHERS[method.matcher].scored:
        raise InputError(f"matcher: expected one that adds up scores with several sources, got {method.matcher!r}")
    if not sources:
        raise InputError("sources: expected at least one, got none")
    target = sources[0].target
    for k, pairs in enumerate(sources):
        if not np.array_equal(pairs.target.offsets, target.offsets):
            raise InputError(f"sources: expected the same target sentences in all, got others in source {k}")
    each = [1.0] * len(sources) if weights is None else list(weights)
    if len(each) != len(sources) or not all(np.isfinite(weight) and weight >= 0 for weight in each):
        raise InputError(f"weights: expected {len(sources)} numbers of 0 or more, got {each}", field="weights")
    known = [NO_EVIDENCE] * len(sources) if evidence is None else list(evidence)
    if len(known) != len(sources):
        raise InputError(f"evidence: expected that of {count(len(sources), 'source')}, got {len(known)}")
    workers = thread_count(threads)
    method.check()
    listing = replace(method, candidates="ngrams") if method.candidates == "aligned" else method
    candidates = Stages(listing, known[0], "cpp", workers).candidates(sources[0])
    totals = []
    for k, pairs in enumerate(sources):
        own = replace(method if languages is None else method.between(*languages[k]), min_score=0.0)  # of the sum alone
        stages = Stages(own, known[k], "cpp", workers)
        stages.require_evidence(listed=True)
        totals.append(stages.scores(pairs, candidates))
    merged, summed, surest = merge(sources, candidates, totals, each)
    kept = {"matcher", "min_score", *MATCHERS[method.matcher].takes}
    matching = Method(**{name: value for name, value in method.options.items() if name in kept})
    result = project(merged, matching, candidates=candidates, scores=summed, threads=threads)
    if surest is None:
        return result
    matches, confidence = Stages(method, known[0], "cpp", workers).trusted(merged, candidates, result.matches, surest)
    return replace(result, matches=matches, confidence=confidence)


def merge(
    sources: Sequence[SentencePairs], candidates: Spans, totals: Sequence[Total], weights: Sequence[float]
) -> tuple[SentencePairs, PairScores, PairScores | None]:
    """Merge the entities of all sources; see ``project_sources``.

    Returns:
        Pairs with the merged entities, the sums of their scores, and the greatest of their probabilities, where scores
        are any.
    """
    labels = tuple(dict.fromkeys(name for pairs in sources for name in pairs.labels))
    label_of = {name: i for i, name in enumerate(labels)}
    ends = np.cumsum([np.diff(pairs.source.offsets) for pairs in sources], axis=0)
    before = np.vstack([np.zeros_like(ends[:1]), ends[:-1]])  # [sources, N]: words of the sources before
    counts, rows, blocks = [], [], []
    for s in range(len(sources[0])):
        merged = _merged(sources, totals, weights, s)
        counts.append(len(merged))
        for label, k, start, end, row in merged:
            shift = int(before[k, s])
            rows.append((start + shift, end + shift, label_of[label]))
            blocks.append(row)
    flat = np.array(rows, np.int32).reshape(-1, 3).T.copy()
    entities = Entities(offsets_of(counts), *flat)
    per_sentence = np.array(counts, np.int64) * np.diff(candidates.offsets)
    values = np.concatenate(blocks, axis=1, dtype=np.float32) if blocks else np.zeros((2, 0), np.float32)
    offsets, sure = offsets_of(per_sentence), all(total.probabilities is not None for total in totals)
    pairs = SentencePairs.from_columns(
        _concatenated([pairs.source for pairs in sources]),
        sources[0].target,
        entities,
        labels,
        None,
        sources[0].ids,
        copy=False,
    )
    return pairs, PairScores(offsets, values[0]), PairScores(offsets, values[1]) if sure else None


def _merged(sources: Sequence[SentencePairs], totals: Sequence[Total], weights: Sequence[float], s: int) -> Rows:
    merged: Rows = []
    for k, (pairs, total, weight) in enumerate(zip(sources, totals, weights, strict=True)):
        first, last = int(pairs.entities.offsets[s]), int(pairs.entities.offsets[s + 1])
        if first == last:
            continue
        block = _block(total, s, last - first, weight)
        own: Rows = [
            (pairs.labels[label], k, start, end, row)
            for start, end, label, row in zip(
                pairs.entities.start[first:last].tolist(),
                pairs.entities.end[first:last].tolist(),
                pairs.entities.label[first:last].tolist(),
                block,
                strict=True,
            )
        ]
        partners = _partners(merged, own)
        for i, j in partners.items():
            label, source, start, end, row = merged[i]
            other = own[j][4]
            merged[i] = (label, source, start, end, np.stack([row[0] + other[0], np.maximum(row[1], other[1])]))
        taken = set(partners.values())
        merged += [entity for j, entity in enumerate(own) if j not in taken]
    return merged


def _block(total: Total, s: int, entities: int, weight: float) -> NDArray[np.float64]:
    """Return float64[entities, 2, candidates] of a sentence: scores, and probabilities (0 where nothing is one)."""
    part = slice(*total.scores.offsets[s : s + 2])
    values = total.scores.values[part].astype(np.float64) * weight
    sure = np.zeros_like(values) if total.probabilities is None else total.probabilities.values[part]
    return np.stack([side.reshape(entities, -1) for side in (values, sure)], axis=1)


def _partners(merged: Rows, own: Rows) -> dict[int, int]:
    """Return which merged entity each entity of one more source is: the pairs that gain most, each once."""
    gains = []
    for i, (label, _, _, _, (a, _)) in enumerate(merged):
        for j, (other, _, _, _, (b, _)) in enumerate(own):
            if label == other and len(a):
                gain = float((a + b).max() - max(a.max(), b.max()))
                if gain > 0:
                    gains.append((-gain, i, j))
    partners: dict[int, int] = {}
    for _, i, j in sorted(gains):
        if i not in partners and j not in partners.values():
            partners[i] = j
    return partners


def _concatenated(sides: Sequence[Words]) -> Words:
    """Return the words of all sources, sentence by sentence, one source after the other."""
    offsets: Any = np.sum([words.offsets for words in sides], axis=0)
    if any(words.strings is None for words in sides):
        return Words(offsets)
    import pyarrow as pa

    sentence = np.concatenate([row_numbers(words.offsets) for words in sides])
    strings = pa.concat_arrays([words.strings.cast(pa.large_string()) for words in sides if words.strings is not None])
    return Words(offsets, strings.take(pa.array(np.argsort(sentence, kind="stable"))))
