"""What the real taggers say of conll-translate-test: asked once, then read from a cache outside the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import xproj_fast as xp
from xproj_fast.arrays import Words
from xproj_fast.ragged import flat

from corpora import DATA

MODELS = DATA.parent / "models"
CACHE = Path("~/.cache/xproj_fast_bench/taggers").expanduser()


def probabilities(model: str, words: Words, name: str) -> xp.WordProbabilities:
    """Return a tagger's word probabilities.

    Args:
        model: a folder of ../shared/models, such as ``"ner-multi-minilm"``.
        words: N sentences.
        name: what the cache calls them; delete the folder after a change of the tagger.
    """
    file = CACHE / f"{name}.{model}.npz"
    if not file.exists():
        folder = CACHE / model
        if not (folder / "manifest.json").exists():
            from xproj_fast.export.tagger import export_tagger

            export_tagger(MODELS / model, folder, sentences=["Angela Merkel lives in Berlin .", "Yes ."])
        found = xp.Tagger.load(folder, device="cpu").probabilities(words)
        np.savez(file, values=found.values, tags=np.array(found.tags))
    with np.load(file) as stored:
        return xp.WordProbabilities(words.offsets, stored["values"], tuple(stored["tags"].tolist()))


def source_confidence(pairs: xp.SentencePairs, said: xp.WordProbabilities, *, first: str = "B") -> np.ndarray:
    """Return float32[entities]: the mean probability of the tags of each entity, B- at the start and I- behind it.

    Args:
        pairs: with the entities that the tagger found.
        said: word probabilities of the source.
        first: ``"BI"`` = of the likelier of both tags everywhere, which is what ``Tagged.scores`` has; an entity that
            the tagger starts with I- is then as sure as one that it starts with B-.
    """
    entities, tags = pairs.entities, list(said.tags)
    start, end = (flat(side, entities.offsets, pairs.source.offsets) for side in (entities.start, entities.end))
    found = []
    for label, a, b in zip(entities.label.tolist(), start, end, strict=True):
        columns = {prefix: tags.index(f"{prefix}-{pairs.labels[label]}") for prefix in "BI"}
        rest = "I" if first == "B" else first
        best = [said.values[a, [columns[p] for p in first]].max()]
        best += said.values[a + 1 : b, [columns[p] for p in rest]].max(axis=1).tolist()
        found.append(np.mean(best))
    return np.array(found, np.float32)
