"""A score of your own, added to the alignments: do entity and candidate have about the same number of letters?

python examples/own_score.py
"""

from pathlib import Path

import numpy as np

import xproj_fast as xp

DEMO = Path(xp.__file__).parent / "data" / "demo"


def letters(words: list[str], spans: xp.Spans, sentence: int) -> np.ndarray:
    own = slice(*spans.offsets[sentence : sentence + 2])
    return np.array([len("".join(words[a:b])) for a, b in zip(spans.start[own], spans.end[own], strict=True)])


def same_length(pairs: xp.SentencePairs, candidates: xp.Spans) -> xp.PairScores:
    """One block of (entities, candidates) scores per sentence; 1 = as many letters."""
    blocks = []
    for s, (source, target) in enumerate(zip(pairs.source.to_lists(), pairs.target.to_lists(), strict=True)):
        left, right = letters(source, pairs.entities, s)[:, None], letters(target, candidates, s)[None, :]
        blocks.append((np.minimum(left, right) / np.maximum(left, right)).ravel())
    return xp.PairScores(np.cumsum([0, *map(len, blocks)]), np.concatenate(blocks).astype(np.float32))


pairs = xp.read_pairs(DEMO / "en.conll", DEMO / "es.words", DEMO / "en-es.pharaoh")
gold = xp.read_labelled(DEMO / "es.gold.conll")
evidence = xp.Evidence(given={"same_length": same_length})
for weight in (0, 0.1, 1):
    result = xp.project(pairs, scores={"alignment": 1, "same_length": weight}, evidence=evidence)
    print(f"weight {weight}: F1 {xp.evaluate(gold, result).micro.f1:.3f}")
