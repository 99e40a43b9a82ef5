"""The stages of ``label`` apart: what one hands on is enough for the next, faults and failures included."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_stack import Aligner, Tagger
from hypothesis import given, settings
from hypothesis import strategies as st
from test_label_batches import BACK, FEW, OPTIONS, TARGET, Cuts, known, models, spans_of, text_table, words_table
from toy_language import text

from xproj_fast.arrow_pairs import Columns
from xproj_fast.batch_columns import ADDED
from xproj_fast.batches import Projector
from xproj_fast.errors import InputError
from xproj_fast.method import Method
from xproj_fast.runs.label_batches import LabelBatches
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.scores.options import MtOptions

UGU = ["Ugu", "Anna"]  # what the fake translator refuses


def stage(options: LabelOptions, *stages: str, **how: Any) -> LabelBatches:
    """Return a stage with its own models alone."""
    needed = {name: getattr(models(), name) for name in options.needs(stages)}
    if "translate back" in stages:
        needed["translator"] = models().translator
    return LabelBatches(LabelModels(**needed), options, stages=stages, **how)


def apart(table: pa.Table, options: LabelOptions, **how: Any) -> pa.Table:
    """Return what comes of all stages, each by itself."""
    for name in options.stages:
        table = stage(options, name, **how)(table)
    return table


def without(table: pa.Table, rows: dict[int, Any], column: str) -> pa.Table:
    values = table[column].to_pylist()
    for row, value in rows.items():
        values[row] = value
    place = table.schema.get_field_index(column)
    return table.set_column(place, column, pa.array(values, table.schema.field(column).type))


@pytest.mark.parametrize("options", [OPTIONS, BACK, TARGET], ids=["test", "back", "target"])
@pytest.mark.parametrize("form", ["words", "text", "both"])
def test_bad_rows_and_failures_come_through_all_stages(options: LabelOptions, form: str) -> None:
    if form == "words":
        table = without(words_table(), {1: UGU, 3: None, 7: ["Anna", None]}, "tokens")
    elif form == "text":
        table = without(text_table(), {1: " ".join(UGU), 3: None}, "text")
    else:  # words that do not stand in their text
        table = words_table(text=[text(pair.toy) for pair in FEW])
        table = without(without(table, {1: UGU}, "tokens"), {1: " ".join(UGU), 3: "other", 7: None}, "text")
    whole = LabelBatches(models(), options, errors="column")(table)
    told = whole["error"].to_pylist()
    bad = [1, 3] if form == "text" else [1, 3, 7]
    assert [row for row, error in enumerate(told) if error is not None] == bad
    found = apart(table, options, errors="column", chunk=5)
    for name in ADDED:
        assert found[name].to_pylist() == whole[name].to_pylist(), name
    rest = [row for row in range(len(FEW)) if row not in bad]
    assert spans_of(found.take(rest)) == [known()[row] for row in rest]


@pytest.mark.parametrize("options", [OPTIONS, BACK, TARGET], ids=["test", "back", "target"])
def test_what_was_wrong_with_text_that_is_left_behind_is_not_forgotten(options: LabelOptions) -> None:
    """Only its words go on: that these are none must not look like a sentence without entities."""
    table = without(text_table(), {3: None}, "text")
    first, *rest = options.stages
    on_its_way = stage(options, first, errors="column", keep=("id",))(table)
    assert "text" not in on_its_way.schema.names
    for name in rest:
        on_its_way = stage(options, name, errors="column")(on_its_way)
    assert on_its_way["error"].to_pylist()[3] == "text: expected a string, got null"
    assert on_its_way["tags"].to_pylist()[3] is None
    assert on_its_way["error"].null_count == len(FEW) - 1


def test_keep_is_of_the_users_columns_alone() -> None:
    """What stages hand on is not the user's to leave out: the next stage needs it."""
    on_its_way = words_table(more=list(range(len(FEW))))
    for name in OPTIONS.stages:
        on_its_way = stage(OPTIONS, name, keep=("id", "tokens"))(on_its_way)
    assert on_its_way.schema.names == ["id", "tokens", *ADDED]
    assert spans_of(on_its_way) == known()


@pytest.mark.parametrize("name", ["source_words", "entities", "alignments", "problem"])
def test_a_column_of_the_users_is_not_replaced_in_silence(name: str) -> None:
    table = words_table(**{name: ["the user's"] * len(FEW)})
    stages = stage(OPTIONS, "translate", "tag", "align")
    with pytest.raises(InputError, match=rf"^keep: .*, got a column '{name}': rename it, or leave it out"):
        stages(table)
    found = stage(OPTIONS, "translate", "tag", "align", keep=("id", "tokens"))(table)
    assert found[name].to_pylist() != table[name].to_pylist()
    assert LabelBatches(models(), OPTIONS)(table)[name].to_pylist() == table[name].to_pylist()


def test_a_projector_tells_what_was_not_translated() -> None:
    made = stage(OPTIONS, "translate", "tag", "align")(without(words_table(), {1: UGU}, "tokens"))
    assert made["source_words"].to_pylist()[1] is None
    assert made["entities"].to_pylist()[1] is None
    found = Projector(errors="column", columns=Columns(target_words="tokens"))(made)
    assert found["tags"].to_pylist()[1] is None
    assert [row for row, error in enumerate(found["error"].to_pylist()) if error] == [1]
    assert spans_of(found.take([0, 2, 3])) == [known()[row] for row in (0, 2, 3)]


def test_the_source_of_what_was_not_translated_is_null() -> None:
    table = without(words_table(), {1: UGU, 3: None}, "tokens")
    found = LabelBatches(models(), OPTIONS, keep_source=True, errors="column")(table)
    for name in ("source_words", "entities", "alignments"):
        values = found[name].to_pylist()
        assert [row for row, value in enumerate(values) if value is None] == [1, 3], name


@pytest.mark.parametrize("options", [OPTIONS, BACK, TARGET], ids=["test", "back", "target"])
def test_batches_without_rows(options: LabelOptions) -> None:
    found = apart(words_table().slice(0, 0), options)
    assert len(found) == 0
    assert found.schema.names == ["id", "tokens", *ADDED]


def test_columns_that_were_broken_on_the_way() -> None:
    made = stage(OPTIONS, "translate", "tag", "align")(words_table())
    broken = without(made, {2: [{"source": 99, "target": 0}]}, "alignments")
    broken = without(broken, {4: None}, "source_words")
    last = stage(OPTIONS, "project", errors="column")
    found = last(broken)
    told = found["error"].to_pylist()
    assert [row for row, error in enumerate(told) if error] == [2, 4]
    assert "alignments" in told[2]
    assert told[4] == "source_words: expected a list, got null"
    rest = [row for row in range(len(FEW)) if row not in (2, 4)]
    assert spans_of(found.take(rest)) == [known()[row] for row in rest]
    with pytest.raises(InputError, match=r"source_words: sentence 4 \(id 's4'\): expected a list, got null"):
        stage(OPTIONS, "project")(without(made, {4: None}, "source_words"))


def test_a_scorer_of_ones_own_needs_no_translator() -> None:
    def same(first: Any, second: Any) -> Any:
        return np.array([float(a == b) for a, b in zip(first, second, strict=True)], np.float32)

    options = replace(OPTIONS, method=Method(scores={"alignment": 1.0, "mt": 0.1}, mt=MtOptions(bound=1.0)))
    made = stage(OPTIONS, "translate", "tag")(words_table())
    last = LabelBatches(LabelModels(aligner=Aligner(), scorer=same), options, stages=("align", "project"))
    assert spans_of(last(made)) == known()


def test_each_stage_asks_for_its_own_models_alone() -> None:
    own = {"translate": "translator", "tag": "tagger", "tag target": "target_tagger", "align": "aligner"}
    for name in TARGET.stages:
        stage(TARGET, name)
        if name in own:
            with pytest.raises(InputError, match=r"^models: expected an? .* with this method, got none") as caught:
                LabelBatches(LabelModels(), TARGET, stages=(name,))
            assert caught.value.field == own[name]


def test_offsets_of_words_survive() -> None:
    """Raw text is the user's; the words that labels are of are those of the whole pipeline."""
    table = text_table()
    assert (
        apart(table, OPTIONS)["target_words"].to_pylist()
        == LabelBatches(models(), OPTIONS)(table)["target_words"].to_pylist()
    )


def test_several_pivots_stay_together() -> None:
    options = replace(OPTIONS, more_pivots=("fra_Latn",), method=Method(matcher="exact"))
    with pytest.raises(InputError, match=r"^stages: expected all of them with several pivots"):
        LabelBatches(models(), options, stages=("translate",))
    own = LabelModels(Tagger(), Cuts(), Aligner())
    assert spans_of(LabelBatches(own, options)(words_table())) == known()


def test_nothing_could_be_translated_with_a_tagger_of_the_text() -> None:
    """No row says which tags its probabilities are of."""
    table = pa.table({"tokens": [UGU, UGU]})
    assert apart(table, TARGET)["error"].to_pylist() == ["not translated: refused: too odd: for us"] * 2


def test_probabilities_that_were_broken_on_the_way() -> None:
    made = stage(TARGET, "translate", "tag", "tag target", "align")(words_table())
    values = made["probabilities"].to_pylist()
    values[2]["values"].pop()
    place = made.schema.get_field_index("probabilities")
    broken = made.set_column(place, "probabilities", pa.array(values, made.schema.field(place).type))
    found = stage(TARGET, "project", errors="column")(broken)
    told = found["error"].to_pylist()
    assert [row for row, error in enumerate(told) if error] == [2]
    assert told[2].startswith("probabilities: expected the 7 tags O, B-PER, ")
    rest = [row for row in range(len(FEW)) if row != 2]
    assert spans_of(found.take(rest)) == [known()[row] for row in rest]


def test_through_a_file_and_without_metadata(tmp_path: Path) -> None:
    """As between machines, and as Spark hands batches on."""
    table = without(words_table(), {1: UGU, 3: None}, "tokens")
    whole = LabelBatches(models(), TARGET, errors="column")(table)
    for name in TARGET.stages:
        pq.write_table(stage(TARGET, name, errors="column")(table), tmp_path / "way.parquet")
        table = pq.read_table(tmp_path / "way.parquet").replace_schema_metadata(None)
    for name in ADDED:
        assert table[name].to_pylist() == whole[name].to_pylist(), name


def test_a_clash_names_the_prefix_that_was_given() -> None:
    labels = LabelBatches(models(), OPTIONS, prefix="x_")
    with pytest.raises(InputError, match=r"^prefix: .* got 'x_' and a column 'x_tags'"):
        labels(words_table(x_tags=[1] * len(FEW)))


KINDS = {"null": None, "null word": ["Anna", None], "untranslatable": UGU}
GOOD = LabelBatches(models(), TARGET)(words_table()).to_pylist()


@settings(max_examples=25)
@given(
    bad=st.dictionaries(st.integers(0, len(FEW) - 1), st.sampled_from(sorted(KINDS)), max_size=8),
    cuts=st.sets(st.sampled_from(range(1, len(TARGET.stages)))),
    chunk=st.integers(1, 50),
    rows=st.integers(1, 50),
)
def test_bad_rows_anywhere_leave_all_others_as_they_were(
    bad: dict[int, str], cuts: set[int], chunk: int, rows: int
) -> None:
    """However the stages are cut, and the batches, and the parts of these."""
    table = without(words_table(), {row: KINDS[kind] for row, kind in bad.items()}, "tokens")
    bounds = [0, *sorted(cuts), len(TARGET.stages)]
    for a, b in pairwise(bounds):
        one = stage(TARGET, *TARGET.stages[a:b], errors="column", chunk=chunk)
        table = pa.Table.from_batches([one(batch) for batch in table.combine_chunks().to_batches(rows)])
    for row, found in enumerate(table.to_pylist()):
        if row in bad:
            assert found["error"] is not None
            assert all(found[name] is None for name in ADDED if name != "error")
        else:
            assert found == GOOD[row]


def test_which_words_are_meant() -> None:
    table = words_table(target_words=[["other"]] * len(FEW), forms=words_table()["tokens"])
    with pytest.raises(InputError, match=r"^words: expected one column of words, got tokens, target_words: words='tok"):
        LabelBatches(models(), OPTIONS)(table)
    for name in ("tokens", "forms"):
        assert spans_of(LabelBatches(models(), OPTIONS, words=name)(table)) == known()
        assert spans_of(apart(table, TARGET, words=name)) == known()
    with pytest.raises(InputError, match=r"^other: expected a column of this name"):
        LabelBatches(models(), OPTIONS, words="other").schema(table.schema)
