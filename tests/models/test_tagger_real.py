"""The real English tagger on real text: exported, it finds the entities that the original finds."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from common import by_sentence
from conftest import shared_data

for package in ("torch", "transformers", "onnx"):
    pytest.importorskip(package, reason="pip install 'xproj-fast[export]'")
pytest.importorskip("onnxruntime", reason="pip install 'xproj-fast[models]'")

from original_tagger import OriginalTagger  # noqa: E402

from xproj_fast.arrays import Entities  # noqa: E402
from xproj_fast.export.tagger import export_tagger  # noqa: E402
from xproj_fast.formats.conll import ConllOptions, ConllReader  # noqa: E402
from xproj_fast.formats.words import WordLinesReader  # noqa: E402
from xproj_fast.models.tagger import Tagger  # noqa: E402

SENTENCES = {"es": 760, "de": 800}  # half of one text, a quarter of the other: it is the same over all 4,677
SAMPLE = 75  # of each text, read again by torch
NEAR = 1e-3  # a lead of one label over the next that rounding may turn


@pytest.fixture(scope="module")
def checkpoint() -> Path:
    path = Path(__file__).resolve().parents[3] / "shared" / "models" / "ner-en-minilm"
    if not path.exists():
        pytest.skip(f"the real tagger is not here: {path} (too large for the repository)")
    return path


@pytest.fixture(scope="module")
def tagger(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    folder = tmp_path_factory.mktemp("ner") / "en"
    manifest = export_tagger(checkpoint, folder, precision="fp32")
    assert manifest.parity["max_probability_difference"] < 1e-4
    return Tagger.load(folder, device="cpu", threads=1)


def spans(entities: Entities, labels: tuple[str, ...]) -> list[list[tuple[int, int, str]]]:
    rows = by_sentence(entities.offsets, entities.start, entities.end, entities.label)
    return [[(start, end, labels[label]) for start, end, label in row] for row in rows]


@pytest.mark.parametrize("language", ["es", "de"])
def test_entities_are_the_original_s(language: str, tagger: Tagger, checkpoint: Path) -> None:
    """All that the original said when the data was made, and a sample that torch says again, word by word."""
    folder = shared_data("conll-translate-test", language)
    count = SENTENCES[language]
    with (
        closing(WordLinesReader(folder / "en.words")) as text,
        closing(ConllReader(folder / "en.predicted.conll", ConllOptions(scheme="any"))) as labels,
    ):
        words, said = text.read(count).words, labels.read(count)
    assert said.words.to_lists() == words.to_lists()
    assert said.entities is not None
    tagged = tagger.tag(words)
    found, expected = spans(tagged.entities, tagged.labels), spans(said.entities, said.labels)
    assert sum(map(len, expected)) > 1000
    probabilities = tagged.probabilities.values
    second, best = np.sort(probabilities, axis=1)[:, -2:].T
    near = np.flatnonzero(best - second < NEAR)
    doubtful = {int(s) for s in np.searchsorted(words.offsets, near, side="right") - 1}
    assert len(doubtful) < count / 50
    differ = [s for s, (ours, theirs) in enumerate(zip(found, expected, strict=True)) if ours != theirs]
    assert set(differ) <= doubtful

    original = OriginalTagger(checkpoint)
    lists = words.to_lists()
    for s in range(0, count, count // SAMPLE):
        rows = probabilities[words.offsets[s] : words.offsets[s + 1]]
        again = original.probabilities(lists[s])
        np.testing.assert_allclose(rows, again, rtol=0, atol=1e-4)
        if s not in doubtful:
            assert rows.argmax(axis=1).tolist() == again.argmax(axis=1).tolist()
