"""Batches of labelled sentences in, a row per sentence and language out."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_stack import Aligner, Translator
from toy_language import PAIRS, TOY, text

from xproj_fast.batch_columns import ADDED
from xproj_fast.errors import InputError
from xproj_fast.labelled import LabelledSentences
from xproj_fast.method import Method
from xproj_fast.models.translation import TranslateOptions, Translation
from xproj_fast.runs.augment_batches import AugmentBatches
from xproj_fast.runs.augment_options import AugmentModels, AugmentOptions
from xproj_fast.runs.augmenting import augment
from xproj_fast.runs.label_batches import LabelBatches
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.markers import MarkerOptions
from xproj_fast.runs.model_paths import ModelPaths

FEW = PAIRS[:30]
FRENCH = "fra_Latn"
OPTIONS = AugmentOptions((TOY, FRENCH))
REFUSED = text(FEW[4].english)
BRACKETS = str.maketrans("[]", "  ")


class Refuses(Translator):
    """Cannot translate one sentence into the toy language."""

    def translate(
        self, lines: Sequence[str], source: str, target: str, options: TranslateOptions | None = None
    ) -> Iterator[Translation]:
        for line, found in zip(lines, super().translate(lines, source, target, options), strict=True):
            no = target == TOY and line.translate(BRACKETS).split() == REFUSED.split()
            yield replace(found, text="", refused="too odd") if no else found


MODELS = AugmentModels(Refuses(), Aligner())


def given() -> pa.Table:
    sentences = LabelledSentences.from_lists([list(p.english) for p in FEW], [sorted(p.entities) for p in FEW])
    table = sentences.to_arrow()
    tags = table["tags"].combine_chunks()
    return pa.table(
        {"id": list(range(len(FEW))), "tokens": table["tokens"], "ner_tags": tags, "topic": ["a"] * len(FEW)}
    )


@pytest.mark.parametrize("complete", [False, True])
@pytest.mark.parametrize("markers", [None, MarkerOptions()], ids=["projected", "marked"])
def test_the_same_labels_as_the_command(complete: bool, markers: MarkerOptions | None, tmp_path: Path) -> None:
    options = replace(OPTIONS, complete_only=complete, markers=markers)
    summary = augment(given(), tmp_path, MODELS, options, output_format="arrow")
    rows = AugmentBatches(MODELS, options, chunk=7)
    found = rows(given())
    assert found.schema.equals(rows.schema(given().schema), check_metadata=True)
    assert found.schema.names == [*given().schema.names, "language", "target_words", *ADDED]
    for code in options.languages:
        expected = pq.read_table(tmp_path / f"{code}.parquet")
        mine = found.filter(pa.compute.equal(found["language"], code))
        fine = mine.filter(pa.compute.is_null(mine["error"]))
        order = pa.compute.sort_indices(fine["id"])
        assert fine["tags"].take(order).to_pylist() == expected["tags"].to_pylist()
        assert fine["id"].take(order).to_pylist() == expected["id"].to_pylist()
        assert rows.counts[f"{code}/spans"] == summary["languages"][code]["spans"]
    failed = found.filter(pa.compute.is_valid(found["error"]))
    assert failed.select(["id", "language", "target_words", "tags", "error"]).to_pylist() == [
        {"id": 4, "language": TOY, "target_words": None, "tags": None, "error": "not translated: refused: too odd"}
    ]


def test_bad_rows_leave_the_others_as_they_were() -> None:
    good = AugmentBatches(MODELS, OPTIONS)(given())
    tags = given()["ner_tags"].to_pylist()
    tags[2], tags[9] = tags[2][:-1], None
    bad = given().set_column(2, "ner_tags", pa.array(tags, pa.list_(pa.string())))
    found = AugmentBatches(MODELS, OPTIONS, errors="column")(bad)
    assert len(found) == len(good) == 2 * len(FEW)
    told = dict(zip(found["id"].to_pylist(), found["error"].to_pylist(), strict=True))
    assert "expected as many tags as words" in told[2] or "tags" in told[2]
    assert told[9] == "ner_tags: expected a list, got null"
    rest = [i for i, name in enumerate(found["id"].to_pylist()) if name not in (2, 9)]
    for name in ("target_words", *ADDED):
        assert found[name].take(rest).to_pylist() == good[name].take(rest).to_pylist()
    with pytest.raises(InputError, match=r"^ner_tags: sentence 2 \(id 2\)"):
        AugmentBatches(MODELS, OPTIONS, chunk=2)(bad)


def test_class_numbers_and_no_rows() -> None:
    names = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
    tags = [[names.index(tag) for tag in row] for row in given()["ner_tags"].to_pylist()]
    feature = {"feature": {"names": names, "_type": "ClassLabel"}, "_type": "List"}
    about = {"huggingface": json.dumps({"info": {"features": {"ner_tags": feature}}})}
    table = given().set_column(2, "ner_tags", pa.array(tags)).replace_schema_metadata(about)
    rows = AugmentBatches(MODELS, OPTIONS)
    assert rows(table)["tags"].to_pylist() == rows(given())["tags"].to_pylist()
    assert rows(table.slice(0, 0)).schema.equals(rows.schema(table.schema), check_metadata=True)


def test_translation_apart() -> None:
    whole = AugmentBatches(MODELS, OPTIONS)(given())
    translate = AugmentBatches(AugmentModels(Refuses()), OPTIONS, stages=("translate",), chunk=7)
    rows = translate(given())
    assert rows.schema.equals(translate.schema(given().schema), check_metadata=True)
    for code in OPTIONS.languages:
        one = rows.filter(pa.compute.equal(rows["language"], code))
        how = LabelOptions(code, pivot=OPTIONS.source_language)
        rest = LabelBatches(
            LabelModels(aligner=Aligner()), how, stages=("align", "project"), words="target_words", errors="column"
        )
        found, expected = rest(one), whole.filter(pa.compute.equal(whole["language"], code))
        for name in ("id", *ADDED):
            assert found[name].to_pylist() == expected[name].to_pylist(), name


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"options": replace(OPTIONS, method=Method(scores="learned"))}, "^learned: .* got nothing of swh_Latn"),
        ({"models": AugmentModels(Translator())}, "^models: expected an aligner with this method, got none"),
        ({"models": ModelPaths(aligner="x")}, "^models: expected a translator with this method, got none"),
        ({"errors": "drop"}, "^errors: expected one of raise, column, got 'drop'"),
        ({"stages": ("align",)}, r"^stages: expected \('translate',\) or None, got \('align',\)"),
        (
            {"stages": ("translate",), "options": replace(OPTIONS, complete_only=True)},
            "^stages: expected all of them with",
        ),
        ({"chunk": 0}, "^chunk: expected at least 1 sentence, got 0"),
    ],
)
def test_what_cannot_be(how: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        AugmentBatches(**({"models": MODELS, "options": OPTIONS} | how))


def test_columns_that_are_missing() -> None:
    with pytest.raises(InputError, match=r"^expected columns of words \(tokens, .* got id, tokens, topic"):
        AugmentBatches(MODELS, OPTIONS).schema(given().drop_columns("ner_tags").schema)


def test_it_pickles_as_folders() -> None:
    rows = AugmentBatches(ModelPaths(translator="a", aligner="b"), OPTIONS)
    assert pickle.loads(pickle.dumps(rows)) == rows
