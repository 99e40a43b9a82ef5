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

# Label, source, start, end; of each candidate the score, and the probability where one is known, else nothing.
Rows = list[tuple[str, int, int, int, NDArray[np.float64], NDArray[np.float32]]]
NO_PROBABILITY = np.zeros(0, np.float32)


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
    gain first, each entity at most once. Their scores are added up; how sure the surest of them is, is the confidence.
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
    totals: list[Total] = []
    for k, pairs in enumerate(sources):
        own = replace(method if languages is None else method.between(*languages[k]), min_score=0.0)  # of the sum alone
        stages = Stages(own, known[k], "cpp", workers)
        stages.require_evidence(listed=True)
        totals.append(stages.scores(pairs, candidates))
    merged, summed = merge(sources, candidates, totals, each)
    kept = {"matcher", "min_score", *MATCHERS[method.matcher].takes}
    matching = Method(**{name: value for name, value in method.options.items() if name in kept})
    result = project(merged, matching, candidates=candidates, scores=summed.scores, threads=threads)
    if summed.probabilities is None:
        return result
    stages = Stages(method, known[0], "cpp", workers)
    matches, confidence = stages.trusted(merged, candidates, result.matches, summed.probabilities)
    return Projection(merged, matches, result.options, confidence)


def merge(
    sources: Sequence[SentencePairs], candidates: Spans, scores: Sequence[Total], weights: Sequence[float]
) -> tuple[SentencePairs, Total]:
    """Return pairs with the merged entities of all sources, and what these say together; see ``project_sources``."""
    labels = tuple(dict.fromkeys(name for pairs in sources for name in pairs.labels))
    label_of = {name: i for i, name in enumerate(labels)}
    ends = np.cumsum([np.diff(pairs.source.offsets) for pairs in sources], axis=0)
    before = np.vstack([np.zeros_like(ends[:1]), ends[:-1]])  # [sources, N]: words of the sources before
    counts, rows, blocks, sure = [], [], [], []
    for s in range(len(sources[0])):
        merged = _merged(sources, scores, weights, s)
        counts.append(len(merged))
        for label, k, start, end, row, probability in merged:
            shift = int(before[k, s])
            rows.append((start + shift, end + shift, label_of[label]))
            blocks.append(row)
            sure.append(probability)
    flat = np.array(rows, np.int32).reshape(-1, 3).T.copy()
    entities = Entities(offsets_of(counts), *flat)
    per_sentence = np.array(counts, np.int64) * np.diff(candidates.offsets)
    values = np.concatenate(blocks) if blocks else np.zeros(0)
    pairs = SentencePairs.from_columns(
        _concatenated([pairs.source for pairs in sources]),
        sources[0].target,
        entities,
        labels,
        None,
        sources[0].ids,
        copy=False,
    )
    offsets = offsets_of(per_sentence)
    probabilities = None
    if all(total.probabilities is not None for total in scores):
        probabilities = PairScores(offsets, np.concatenate([*sure, NO_PROBABILITY]))
    return pairs, Total(PairScores(offsets, values.astype(np.float32)), probabilities)


def _merged(sources: Sequence[SentencePairs], scores: Sequence[Total], weights: Sequence[float], s: int) -> Rows:
    merged: Rows = []
    for k, (pairs, given, weight) in enumerate(zip(sources, scores, weights, strict=True)):
        first, last = int(pairs.entities.offsets[s]), int(pairs.entities.offsets[s + 1])
        if first == last:
            continue
        block = _block(given.scores, s, last - first).astype(np.float64) * weight
        sure = given.probabilities
        probability = [NO_PROBABILITY] * (last - first) if sure is None else _block(sure, s, last - first)
        own: Rows = [
            (pairs.labels[label], k, start, end, row, likely)
            for start, end, label, row, likely in zip(
                pairs.entities.start[first:last].tolist(),
                pairs.entities.end[first:last].tolist(),
                pairs.entities.label[first:last].tolist(),
                block,
                probability,
                strict=True,
            )
        ]
        partners = _partners(merged, own)
        for i, j in partners.items():
            label, source, start, end, row, likely = merged[i]
            merged[i] = (label, source, start, end, row + own[j][4], np.maximum(likely, own[j][5]))
        taken = set(partners.values())
        merged += [entity for j, entity in enumerate(own) if j not in taken]
    return merged


def _block(given: PairScores, s: int, entities: int) -> NDArray[np.float32]:
    """Return what one sentence has: a row an entity, a column a candidate."""
    return given.values[given.offsets[s] : given.offsets[s + 1]].reshape(entities, -1)


def _partners(merged: Rows, own: Rows) -> dict[int, int]:
    """Return which merged entity each entity of one more source is: the pairs that gain most, each once."""
    gains = []
    for i, (label, _, _, _, a, _) in enumerate(merged):
        for j, (other, _, _, _, b, _) in enumerate(own):
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
