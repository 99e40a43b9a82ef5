"""The registry of extractions: one of a user's own works as those of the core do, and is written in a few lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from test_extract_links import Sentences, pieces, random_sentences, rows_of

from xproj_fast.errors import InputError
from xproj_fast.kernels.protocol import ExtractedLinks, Kernels
from xproj_fast.models.alignment import NeuralAlignOptions
from xproj_fast.models.extractions import EXTRACTIONS, Extraction, How, Similarities
from xproj_fast.models.extractions.dense import each_pair
from xproj_fast.options import told


def mutual_best(similarity: NDArray[np.float32], how: How) -> NDArray[np.bool_]:
    """Link as argmax does, in NumPy."""
    linked = np.zeros(similarity.shape, bool)
    best_row, best_column = similarity.argmax(0), similarity.argmax(1)
    for i, j in enumerate(best_column.tolist()):
        linked[i, j] = best_row[j] == i
    return linked


@pytest.fixture
def added() -> Iterator[str]:
    EXTRACTIONS.add("mutual-best", Extraction("each other's best", each_pair(mutual_best), threshold=0.25))
    yield "mutual-best"
    del EXTRACTIONS._entries["mutual-best"]


def found(kernels: Kernels, batch: Sentences, name: str, threshold: float) -> ExtractedLinks:
    flat = [np.array(rows, np.float32).reshape(-1) for rows in batch.similarity]
    offsets = np.cumsum([0, *map(len, flat)])
    values = np.concatenate([np.zeros(0, np.float32), *flat])
    both = Similarities(pieces(batch.source), pieces(batch.target), offsets, values)
    return EXTRACTIONS[name].find(kernels, both, How(threshold, 2, 0.9), 1)


@pytest.mark.parametrize("threshold", [0.0, 0.7])
def test_numpy_gives_what_the_core_gives(kernels: Kernels, added: str, threshold: float) -> None:
    batch = random_sentences(5, 60, 12)
    assert min(map(len, batch.source)) == 0
    ours, core = found(kernels, batch, added, threshold), found(kernels, batch, "argmax", threshold)
    assert rows_of(ours) == rows_of(core)
    assert len(ours.confidence) > 30
    assert rows_of(found(kernels, Sentences(), added, threshold)) == []


def test_it_is_an_option_like_any_other(added: str) -> None:
    assert NeuralAlignOptions(added).how().threshold == 0.25
    assert NeuralAlignOptions(added, link_threshold=0.0).how().threshold == 0
    option = next(each for each in told(NeuralAlignOptions) if each.name == "extraction")
    assert option.choices == ("argmax", "awesome", "itermax", "match", "mutual-best")
    assert "mutual-best: each other's best" in option.help


@pytest.mark.parametrize("name", ["argmax", "awesome", "itermax", "match"])
def test_thresholds_of_the_core(name: str) -> None:
    assert NeuralAlignOptions(name).how() == How(1e-3 if name == "awesome" else 0.0, 2, 0.9)
    assert EXTRACTIONS[name].cosine == (name != "awesome")


def test_names_are_unique() -> None:
    with pytest.raises(InputError, match="extraction: expected a name that is not taken, got 'match'"):
        EXTRACTIONS.add("match", EXTRACTIONS["argmax"])


def test_the_example_of_the_how_to_works(kernels: Kernels) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "contributing" / "extraction.md"
    code = page.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    exec(compile(code, page.name, "exec"), {})
    try:
        similarity = [[0.9, 0.5, 0.1], [0.4, 0.8, 0.7], [0.2, 0.6, 0.95]]
        words = [0, 1, 2]
        (links,) = rows_of(found(kernels, Sentences([words], [words], [similarity]), "mutual-top2", 0.0))
        assert [link[:2] for link in links] == [(0, 0), (1, 1), (1, 2), (2, 1), (2, 2)]
        assert NeuralAlignOptions("mutual-top2").how().threshold == 0
    finally:
        del EXTRACTIONS._entries["mutual-top2"]
