"""``Projector``: the same rows with columns whose types are known before any row, for whoever calls it."""

from __future__ import annotations

import copy
import json
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from arrow_forms import BATCH, FORM_IDS, FORMS, lists, table_of
from command import DEMO

import xproj_fast as xp
from xproj_fast import batch_schema
from xproj_fast.errors import InputError

SPAN = pa.struct(
    [
        ("entity", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("label", pa.string()),
        ("score", pa.float32()),
        ("confidence", pa.float32()),
    ]
)
ADDED = {
    "tags": pa.list_(pa.string()),
    "spans": pa.list_(SPAN),
    "outcomes": pa.list_(pa.string()),
    "objective": pa.float64(),
    "status": pa.string(),
    "proof": pa.string(),
    "error": pa.string(),
}
METHODS = {
    "default": xp.Method(),
    "exact": xp.Method(matcher="exact", limit="<=2"),
    "heuristic": xp.Method(matcher="heuristic"),
    "texts": xp.Method(scores={"alignment": 1.0, "string": 0.5}),
    "no stop words": xp.Method(stop_words=()),
}


def expected(table: pa.Table, columns: xp.Columns, method: xp.Method) -> list[dict[str, Any]]:
    """Return what ``project`` says of each row."""
    result = xp.project(xp.SentencePairs.from_arrow(table, columns), method)
    rows = []
    for row, names in zip(result.to_arrow().to_pylist(), result.spans(), strict=True):
        spans = [
            {"entity": said["entity"], **span._asdict(), "confidence": None}
            for said, span in zip(row["spans"], names, strict=True)
        ]
        proof = row.get("proof", "none")
        rows.append({name: row[name] for name in list(ADDED)[:5]} | {"spans": spans, "proof": proof, "error": None})
    return rows


@pytest.mark.parametrize("form", FORMS, ids=FORM_IDS)
def test_schema_is_what_comes_out(form: dict[str, str]) -> None:
    """Whatever the input's types, and also where there is no row, or a bad one."""
    table, columns = table_of(**form)
    projector = xp.Projector(columns=columns, errors="column")
    schema = projector.schema(table.schema)
    assert schema.names == [*table.schema.names, *ADDED]
    assert [schema.field(name).type for name in ADDED] == list(ADDED.values())
    assert schema.metadata.items() >= (table.schema.metadata or {}).items()
    for given in (table, table.slice(0, 0), pa.concat_tables([table, table]), table.slice(1, 2)):
        got = projector(given)
        got.validate(full=True)
        assert got.schema.equals(schema, check_metadata=True)
        assert got.select(table.schema.names).equals(given)
        assert got.select(list(ADDED)).to_pylist() == expected(given, columns, xp.Method())
    bad = table.set_column(2, "target_words", pa.array([None] * len(table), table.schema.field(2).type))
    bad = bad.replace_schema_metadata(table.schema.metadata)
    got = projector(bad)
    got.validate(full=True)
    assert got.schema.equals(schema, check_metadata=True)
    assert got["error"].to_pylist() == ["target_words: expected a list, got null"] * len(table)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize("words", ["list<string>", "large_list<string_view>"])
def test_what_project_says(method: xp.Method, words: str) -> None:
    table, columns = table_of(words=words)
    projector = xp.Projector(method)
    got = projector(table)
    assert got.select(list(ADDED)).to_pylist() == expected(table, columns, method)
    assert got.schema.equals(xp.Projector().schema(table.schema))  # the columns do not hang on the method


def test_words_that_count_are_read() -> None:
    """Stop words and text scores look at the words; for all else their number is enough."""
    table, _ = table_of()
    assert xp.Projector(xp.Method(stop_words=("Rome",)))(table)["outcomes"].to_pylist()[2] == ["unscored"]
    assert xp.Projector(xp.Method(stop_words=()))(table)["outcomes"].to_pylist()[2] == ["projected"]
    own = xp.Evidence(given={"same": same_text})
    method = xp.Method(scores="same")
    assert xp.Projector(xp.Method(scores={"string": 1.0}))(table)["outcomes"].to_pylist()[2] == ["projected"]
    with pytest.raises(InputError, match="scores"):
        xp.Projector(method)
    assert xp.Projector(method, evidence=own)(table)["tags"].to_pylist()[2] == ["O", "B-LOC"]


def same_text(pairs: xp.SentencePairs, candidates: xp.Spans) -> list[float]:
    columns = xp.pair_columns(pairs, candidates)
    source, target = pairs.source.to_lists(), pairs.target.to_lists()
    return [
        float(source[s][a:b] == target[s][c:d])
        for s, a, b, c, d in zip(
            columns.sentence,
            columns.source_start,
            columns.source_end,
            columns.target_start,
            columns.target_end,
            strict=True,
        )
    ]


def test_the_same_kind() -> None:
    table, _ = table_of()
    projector = xp.Projector()
    rows = projector(table).to_pylist()
    batch = table.to_batches()[0]
    assert isinstance(projector(table), pa.Table)
    assert isinstance(projector(batch), pa.RecordBatch)
    assert projector(batch).to_pylist() == rows
    read: list[int] = []

    def some() -> Any:
        for start in range(len(table)):
            read.append(start)
            yield batch.slice(start, 1)

    reader = projector(pa.RecordBatchReader.from_batches(table.schema, some()))
    assert isinstance(reader, pa.RecordBatchReader)
    assert reader.schema.equals(projector.schema(table.schema), check_metadata=True)
    assert (reader.read_next_batch().to_pylist(), read) == (rows[:1], [0])  # no more is read than is asked for
    assert reader.read_all().to_pylist() == rows[1:]


class OneBatch:
    """What gives one batch and no stream, as some libraries' batches do."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self.batch.__arrow_c_array__(requested_schema)


def test_what_is_no_pyarrow() -> None:
    table, _ = table_of()
    got = xp.Projector()(OneBatch(table.to_batches()[0]))
    assert got.to_pylist() == xp.Projector()(table).to_pylist()
    with pytest.raises(InputError, match=r"^batch: expected an Arrow table .*, got dict"):
        xp.Projector()({"source_words": []})
    with pytest.raises(InputError, match=r"^batch: expected an Arrow table .*, got StringArray: "):
        xp.Projector()(pa.array(["x"]))


def test_a_table_of_many_rows_is_projected_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    table, _ = table_of()
    whole = xp.Projector()(pa.concat_tables([table] * 3))
    monkeypatch.setattr(batch_schema, "MOST_ROWS", 3)
    parts = xp.Projector()(pa.concat_tables([table] * 3).combine_chunks())
    assert parts["tags"].num_chunks == 4
    assert parts.equals(whole)


def test_columns_of_the_users_own() -> None:
    table, _ = table_of()
    kept = xp.Projector(keep=("more", "id"), prefix="de_")(table)
    assert kept.schema.names == ["more", "id", *(f"de_{name}" for name in ADDED)]
    assert xp.Projector(keep=())(table).schema.names == list(ADDED)
    clash = table.append_column("status", pa.array(["x"] * len(table)))
    with pytest.raises(InputError, match=r"^prefix: expected one that .*, got '' and a column 'status' \(or leave"):
        xp.Projector()(clash)
    assert xp.Projector(prefix="p_")(clash)["status"].to_pylist() == ["x"] * len(table)
    assert xp.Projector(keep=("id",))(clash)["status"].to_pylist() != ["x"] * len(table)
    with pytest.raises(InputError, match=r"^keep: expected one of the columns id, .*, got 'mor' .did you mean more"):
        xp.Projector(keep=("mor",))(table)
    twice = table.append_column("more", pa.array(["y"] * len(table)))
    got = xp.Projector()(twice)
    assert [got.column(i).to_pylist()[0] for i in (5, 6)] == [0.0, "y"]


def test_other_names() -> None:
    table, _ = table_of()
    names = {"id": "key", "source_words": "en", "target_words": "de", "entities": "ner", "alignments": "links"}
    columns = xp.Columns(**{("id" if name == "id" else name): new for name, new in names.items()})
    renamed = table.rename_columns([names.get(name, name) for name in table.schema.names])
    got = xp.Projector(columns=columns)(renamed)
    assert got.select(list(ADDED)).equals(xp.Projector()(table).select(list(ADDED)))
    renamed = renamed.set_column(2, "de", pa.array([["a"], None, [], ["b"]]))
    with pytest.raises(InputError, match=r"^de: sentence 1 \(id 's1'\): expected a list, got null"):
        xp.Projector(columns=columns)(renamed)


def test_metadata_says_how_it_was_made() -> None:
    table, _ = table_of()
    method = xp.Method(matcher="exact", limit="<=2")
    table = table.replace_schema_metadata({b"mine": b"kept"})
    schema = xp.Projector(method).schema(table.schema)
    assert schema.metadata[b"mine"] == b"kept"
    about = json.loads(schema.metadata[b"xproj_fast"])
    assert about == {"version": xp.__version__, "method": method.described()}


def test_schemas_that_differ_in_metadata_alone() -> None:
    table, columns = table_of(entities="tags as numbers, named")
    projector = xp.Projector(columns=columns)
    assert len(projector(table)) == len(table)
    with pytest.raises(InputError, match=r"^ner_tags: expected strings, or whole numbers"):
        projector(table.replace_schema_metadata(None))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"errors": "drop"}, "^errors: expected one of raise, column, got 'drop'"),
        ({"keep": "id"}, "^keep: expected a list of columns, got the string 'id'"),
        ({"threads": 0}, "^threads: expected at least 1"),
        ({"method": xp.Method(max_words=0)}, "^min_words, max_words: expected"),
        ({"method": xp.Method(scores="ner")}, "^method: expected one that needs links alone, got .* a tagger"),
        ({"method": xp.Method(candidates="ner")}, "^method: expected one that needs links alone, got .* a tagger"),
        ({"method": xp.Method(scores="mt")}, "^method: expected one that needs links alone, got .* a translator"),
        (
            {"method": xp.Method(scores={"alignment": 1.0, "learned": 0.0})},
            r"^evidence: expected what the score 'learned' has learned, got nothing, .*\(learned=xp.learn\(pairs",
        ),
        (
            {"evidence": xp.Evidence(source_confidence=np.ones(3, np.float32))},
            "^evidence: expected functions, got source_confidence of some sentences alone",
        ),
        (
            {"evidence": xp.Evidence(given={"own": xp.PairScores(np.array([0]), np.zeros(0, np.float32))})},
            "^evidence: expected functions, got own of some sentences alone",
        ),
        (
            {"evidence": xp.Evidence(xp.WordProbabilities(np.array([0]), np.zeros((0, 1), np.float32), ("O",)))},
            "^evidence: expected functions, got probabilities",
        ),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        xp.Projector(**options)


PROJECTOR = xp.Projector(
    xp.Method(scores={"alignment": 1.0, "same": 0.5}, thresholds={"same": 0.2}),
    errors="column",
    keep=("id",),
    evidence=xp.Evidence(given={"same": same_text}),
)


def tags_of(projector: xp.Projector, table: pa.Table) -> list[Any]:
    return projector(table)["tags"].to_pylist()


def test_it_reaches_another_process() -> None:
    table, _ = table_of()
    used = copy.deepcopy(PROJECTOR)
    here = tags_of(used, table)
    assert here == tags_of(pickle.loads(pickle.dumps(PROJECTOR)), table)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(tags_of, used, table).result(timeout=120) == here


def test_its_pickle_is_the_same_before_and_after_its_use() -> None:
    """``Dataset.map`` finds what it has done before by the hash of this pickle."""
    new = pickle.dumps(PROJECTOR)
    used = pickle.loads(new)
    tags_of(used, table_of()[0])
    assert pickle.dumps(used) == new


def test_one_thread_unless_told() -> None:
    """Engines run many at once."""
    assert xp.Projector().threads == 1


def test_no_dictionaries_reach_files_of_many_batches(tmp_path: Any) -> None:
    """What Spark and Arrow files fail on: each batch with label names of its own."""
    first, _ = table_of()
    second = first.set_column(3, "entities", lists([[], [], [], []], first.schema.field(3).type.value_type))
    projector = xp.Projector()
    schema = projector.schema(first.schema)
    with pa.ipc.new_file(str(tmp_path / "x.arrow"), schema) as out:
        for given in (first, second):
            out.write_table(projector(given))
    assert pa.ipc.open_file(str(tmp_path / "x.arrow")).read_all().num_rows == 2 * len(BATCH)


def demo() -> xp.SentencePairs:
    """Return pairs to learn from, and how sure their entities are."""
    pairs = xp.read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh")
    sure = np.linspace(0.5, 1, len(pairs.entities.start)).astype(np.float32)
    return xp.SentencePairs.from_columns(
        pairs.source, pairs.target, pairs.entities, pairs.labels, pairs.alignments, None, sure
    )


def test_what_was_learned_is_the_same_for_any_batch() -> None:
    pairs = demo()
    method, learned = xp.Method(scores="learned", min_confidence=0.2), xp.learn(pairs)
    projector = pickle.loads(pickle.dumps(xp.Projector(method, evidence=xp.Evidence(learned=learned))))
    evidence = xp.Evidence(learned=learned, source_confidence=pairs.source_confidence)
    result = xp.project(pairs, method, evidence=evidence)
    assert result.confidence is not None
    assert len(result.confidence) > 30
    table = pairs.to_arrow()
    for rows in (len(pairs), 7, 1):
        got = pa.Table.from_batches(map(projector, table.to_batches(rows)))
        spans = [span for row in got["spans"].to_pylist() for span in row]
        assert [span["confidence"] for span in spans] == result.confidence.tolist()
        assert got["tags"].to_pylist() == result.tags()
        found = xp.LabelledSentences.from_arrow(got)
        assert found.confidences is not None
        assert found.confidences.tolist() == result.labelled().confidences.tolist()  # type: ignore[union-attr]
    plain = xp.SentencePairs(pairs.source, pairs.target, pairs.entities, pairs.labels, pairs.alignments)
    without = projector(plain.to_arrow())
    expected = xp.project(plain, method, evidence=xp.Evidence(learned=learned))
    assert without["tags"].to_pylist() == expected.tags()
    assert without["spans"].to_pylist() != projector(table)["spans"].to_pylist()


def test_its_output_is_read_as_any_file(tmp_path: Any) -> None:
    """Also where the method tells no confidence, so that it is null in all rows."""
    pairs = demo()
    for method, evidence in (
        (xp.Method(), xp.Evidence()),
        (xp.Method(scores="learned"), xp.Evidence(learned=xp.learn(pairs))),
    ):
        table = xp.Projector(method, evidence=evidence)(pairs.to_arrow())
        pq.write_table(table.drop_columns(["source_words", "entities", "alignments"]), tmp_path / "x.parquet")
        found, expected = xp.read_labelled(tmp_path / "x.parquet"), xp.LabelledSentences.from_arrow(table)
        assert found.tags() == expected.tags() == table["tags"].to_pylist()
        assert (found.confidences is None) == (expected.confidences is None) == (not method.tells_confidence)
        if found.confidences is not None and expected.confidences is not None:
            assert found.confidences.tolist() == expected.confidences.tolist()
