"""Ray Data on one machine: the same labels as without it, errors in rows, folders that are whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from toy_language import PAIRS, TOY, text

pytest.importorskip("ray", reason="ray is not installed (extra: engines)")
pytest.importorskip("ctranslate2", reason="ctranslate2 is not installed (extra: models)")

from engine_data import pairs_table

from xproj_fast.batches import Projector
from xproj_fast.distributed import ray as xr
from xproj_fast.distributed.writing import check_ids
from xproj_fast.errors import InputError
from xproj_fast.method import Method
from xproj_fast.runs.augment_options import AugmentOptions
from xproj_fast.runs.label_batches import LabelBatches
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.labelling import label
from xproj_fast.runs.model_paths import ModelPaths

if TYPE_CHECKING:
    from stack_fixtures import Stack

pytestmark = [pytest.mark.engines, pytest.mark.filterwarnings("ignore")]
pytest_plugins = ("translator_fixtures", "stack_fixtures", "engine_fixtures")
OPTIONS = LabelOptions(TOY)
TEXTS = [text(pair.toy) for pair in PAIRS[:60]]


def sorted_rows(ds: Any, *names: str) -> list[dict[str, Any]]:
    """Return rows in the order of their ids: Ray keeps none."""
    rows = [
        row for batch in ds.iter_batches(batch_format="pyarrow") for row in batch.select(["id", *names]).to_pylist()
    ]
    return sorted(rows, key=lambda row: row["id"])


def test_projected_rows(local_ray: Any) -> None:
    table = pairs_table(3000, bad=(5, 1700))
    expected = Projector(errors="column")(table)
    found = xr.project(local_ray.data.from_arrow(table).repartition(6), batch_size=256)
    names = [name for name in expected.schema.names if name != "id"]
    assert sorted_rows(found, *names) == expected.to_pylist()
    assert found.schema().base_schema.names == expected.schema.names


def test_a_row_at_fault_is_raised_where_that_is_asked_for(local_ray: Any) -> None:
    ds = local_ray.data.from_arrow(pairs_table(50, bad=(7,)))
    with pytest.raises(Exception, match=r"source_words: sentence 7 \(id 7\): expected a list, got null"):
        xr.project(ds, Projector()).materialize()


@pytest.fixture(scope="module")
def paths(stack: Stack) -> ModelPaths:
    return ModelPaths(str(stack.tagger), str(stack.translator), str(stack.aligner), device="cpu", threads=1)


def test_labelled_rows_are_those_of_the_command(local_ray: Any, paths: ModelPaths, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("".join(line + "\n" for line in TEXTS), "utf-8")
    label(tmp_path / "in.txt", tmp_path / "out.parquet", LabelModels(**paths.load()), OPTIONS)
    expected = pq.read_table(tmp_path / "out.parquet")["tags"].to_pylist()
    ds = local_ray.data.from_arrow(pa.table({"id": range(len(TEXTS)), "text": TEXTS})).repartition(5)
    found = xr.label(ds, paths, OPTIONS, actors=1, rows_per_block=16, batch_size=16)
    summary = xr.write(found, tmp_path / "out", made_from={"input": "toy"})
    assert (summary["rows"], summary["errors"]) == (len(TEXTS), 0)
    rows = pq.read_table(tmp_path / "out").sort_by("id")
    assert rows["tags"].to_pylist() == expected
    assert summary["spans"] == sum(len(row) for row in rows["spans"].to_pylist())
    assert summary["files"] > 2  # or a killed worker would do all again


def test_a_row_per_language(local_ray: Any, paths: ModelPaths) -> None:
    tokens = [list(pair.english) for pair in PAIRS[:24]]
    tags = []
    for pair in PAIRS[:24]:
        row = ["O"] * len(pair.english)
        for start, end, name in pair.entities:
            row[start:end] = [f"B-{name}", *[f"I-{name}"] * (end - start - 1)]
        tags.append(row)
    ds = local_ray.data.from_arrow(pa.table({"id": range(24), "tokens": tokens, "ner_tags": tags}))
    found = xr.augment(ds, paths, AugmentOptions((TOY,)), actors=1, rows_per_block=8)
    rows = sorted_rows(found, "language", "target_words", "spans", "error")
    assert [row["error"] for row in rows] == [None] * 24
    assert [row["target_words"] for row in rows] == [list(pair.toy) for pair in PAIRS[:24]]
    spans = [sorted((s["start"], s["end"], s["label"]) for s in row["spans"]) for row in rows]
    assert spans == [sorted(pair.toy_entities()) for pair in PAIRS[:24]]


def test_folders(local_ray: Any, tmp_path: Path) -> None:
    ds = local_ray.data.from_arrow(pairs_table(100, bad=(3,)))
    out = tmp_path / "out"
    first = xr.write(xr.project(ds), out, made_from={"input": "1"})
    assert {name: first[name] for name in ("rows", "errors", "error:source_words", "complete")} == {
        "rows": 100,
        "errors": 1,
        "error:source_words": 1,
        "complete": False,
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.manifest.json"]
    manifest = json.loads((tmp_path / "out.manifest.json").read_text("utf-8"))
    assert manifest["sentences"] == 100
    assert {path.name for path in out.glob("*.parquet")} == set(manifest["outputs"])
    again = xr.write(xr.project(ds), out, made_from={"input": "1"}, resume=True)
    assert (again["complete"], again["rows"]) == (True, 100)
    with pytest.raises(InputError, match="holds a finished output of 100 rows"):
        xr.write(xr.project(ds), out, made_from={"input": "1"})
    with pytest.raises(InputError, match=r"made from, got another made_from\.input"):
        xr.write(xr.project(ds), out, made_from={"input": "2"}, resume=True)
    exact = xr.project(ds, Projector(Method(matcher="exact"), errors="column"))
    with pytest.raises(InputError, match=r"made from, got another method\.matcher"):
        xr.write(exact, out, made_from={"input": "1"}, resume=True)
    assert xr.write(xr.project(ds), out, made_from={"input": "2"}, restart=True)["rows"] == 100
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"expected a new or empty folder, got one with thesis\.txt in it"):
        xr.write(xr.project(ds), tmp_path / "other", restart=True)
    with pytest.raises(InputError, match=r"^id: expected a column 'key' that tells rows from each other"):
        xr.write(ds, tmp_path / "x", id="key")


def test_ids_of_stopped_runs(tmp_path: Path) -> None:
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    pq.write_table(pa.table({"id": [1, 1, 2]}), files[0])  # one sentence in two languages
    pq.write_table(pa.table({"id": [3, 4]}), files[1])
    check_ids(files, "id")
    check_ids([], "id")
    files.append(tmp_path / "c.parquet")
    files[2].write_bytes(files[1].read_bytes()[:50])  # half of a file
    check_ids(files, "id")
    pq.write_table(pa.table({"id": [3, 2]}), files[1])
    pq.write_table(pa.table({"id": [None, 7]}), files[2])
    with pytest.raises(InputError, match=r"^id: expected an id in every row, got null in c\.parquet"):
        check_ids(files, "id")
    files.pop()
    with pytest.raises(InputError, match=r"^id: expected ids of their own, got 2 in a\.parquet and b\.parquet"):
        check_ids(files, "id")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (
            {"device": "cuda:1"},
            "^models: expected device auto, cpu or cuda, as Ray chooses the GPU of an actor, got cuda:1",
        ),
        ({"device": "cuda", "num_gpus": 0}, "^num_gpus: expected more than 0 with models on cuda, got 0"),
        ({"rows_per_block": 0}, "^batch_size, rows_per_block: expected at least 1, got 4096, 0"),
        ({"actors": 0}, "^actors: expected at least 1, got 0"),
        ({"aligner": None}, "^models: expected an aligner with this method, got none"),
    ],
)
def test_what_cannot_be(local_ray: Any, how: dict[str, Any], message: str) -> None:
    folders = {"tagger": "a", "translator": "b", "aligner": "c", "device": "cpu"}
    folders |= {name: how.pop(name) for name in list(how) if name in folders}
    with pytest.raises(InputError, match=message):
        xr.label(local_ray.data.range(3), ModelPaths(**folders), OPTIONS, **how)


def test_a_graphics_card_for_each_actor_is_asked_for(local_ray: Any) -> None:
    ds = xr.label(local_ray.data.range(3), ModelPaths("a", "b", "c", device="cuda"), OPTIONS)
    assert ds._logical_plan.dag.ray_remote_args["num_gpus"] == 1
    here = xr.label(local_ray.data.range(3), ModelPaths("a", "b", "c"), OPTIONS)  # wherever there is one
    assert "num_gpus" not in here._logical_plan.dag.ray_remote_args


def test_without_ray() -> None:
    code = "import sys; sys.modules['ray'] = None\nfrom xproj_fast.distributed.ray import project\nproject(None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False)
    assert "this needs the package ray: pip install 'xproj-fast[ray]'" in done.stderr


def test_options_for_batches_go_through(local_ray: Any) -> None:
    ds = xr.label(
        local_ray.data.range(1), ModelPaths("a", "b", "c", device="cpu"), OPTIONS, batches={"keep_source": True}
    )
    (batches,) = ds._logical_plan.dag.fn_constructor_args
    assert isinstance(batches, LabelBatches)
    assert batches.keep_source
