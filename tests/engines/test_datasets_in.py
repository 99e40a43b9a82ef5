"""A Dataset of Hugging Face is taken where Arrow data are, with the names of its classes and with its selection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from engine_data import pairs_table
from fake_stack import Aligner, Translator
from toy_language import PAIRS, TOY

import xproj_fast as xp

datasets = pytest.importorskip("datasets", reason="datasets is not installed (extra: engines)")

pytestmark = pytest.mark.engines
NAMES = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]


def labelled() -> Any:
    tags = []
    for pair in PAIRS[:20]:
        row = ["O"] * len(pair.english)
        for start, end, name in pair.entities:
            row[start:end] = [f"B-{name}", *[f"I-{name}"] * (end - start - 1)]
        tags.append([NAMES.index(tag) for tag in row])
    features = {"tokens": [datasets.Value("string")], "ner_tags": [datasets.ClassLabel(names=NAMES)]}
    rows = {"tokens": [list(pair.english) for pair in PAIRS[:20]], "ner_tags": tags}
    return datasets.Dataset.from_dict(rows, features=datasets.Features(features))


def test_pairs() -> None:
    table = pairs_table(30)
    ds = datasets.Dataset(table).select([3, 5, 8])
    expected = xp.Projector()(table.take([3, 5, 8]))["tags"].to_pylist()
    assert xp.project(xp.SentencePairs.from_arrow(ds)).tags() == expected
    assert xp.Projector()(ds)["tags"].to_pylist() == expected


def test_labelled_sentences() -> None:
    found = xp.LabelledSentences.from_arrow(labelled().select(range(5, 9)))
    assert [[(e.start, e.end, e.label) for e in row.entities] for row in found] == [
        sorted(pair.entities) for pair in PAIRS[5:9]
    ]


def test_evaluation() -> None:
    shorter = labelled().map(lambda row: {"ner_tags": [0] * len(row["tokens"])})
    assert xp.evaluate(labelled(), labelled()).micro.f1 == 1
    assert xp.evaluate(labelled(), shorter).micro.recall == 0


def test_a_streaming_one_is_no_table() -> None:
    with pytest.raises(xp.InputError, match=r"^batch: expected an Arrow table .* got IterableDataset"):
        xp.Projector()(labelled().to_iterable_dataset())


def test_a_pipeline(tmp_path: Path) -> None:
    models = xp.AugmentModels(Translator(), Aligner())
    xp.augment(labelled(), tmp_path, models, xp.AugmentOptions((TOY,)))
    found = xp.read_labelled(tmp_path / f"{TOY}.conll")
    spans = [sorted((e.start, e.end, e.label) for e in row.entities) for row in found]
    assert spans == [sorted(pair.toy_entities()) for pair in PAIRS[:20]]


def test_what_was_mapped_before_is_found_again(tmp_path: Path) -> None:
    pairs_file = tmp_path / "pairs.parquet"

    pq.write_table(pairs_table(50), pairs_file)
    ds = datasets.Dataset.from_parquet(str(pairs_file), cache_dir=tmp_path / "cache").with_format("arrow")
    projector = xp.Projector()
    first = ds.map(projector, batched=True)
    assert ds.map(projector, batched=True)._fingerprint == first._fingerprint
