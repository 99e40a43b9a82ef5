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


def source_confidence(pairs: xp.SentencePairs, said: xp.WordProbabilities) -> np.ndarray:
    """Return float32[entities]: the mean probability of the tags of each entity, as ``Tagged.scores`` has it."""
    entities, tags = pairs.entities, list(said.tags)
    start, end = (flat(side, entities.offsets, pairs.source.offsets) for side in (entities.start, entities.end))
    of_class = {
        name: np.append(
            0, np.cumsum(said.values[:, [tags.index(f"{p}-{name}") for p in "BI"]].max(axis=1), dtype=np.float64)
        )
        for name in pairs.labels
    }
    names = [pairs.labels[label] for label in entities.label.tolist()]
    sums = [of_class[name][b] - of_class[name][a] for name, a, b in zip(names, start, end, strict=True)]
    return (np.array(sums) / (end - start)).astype(np.float32)
