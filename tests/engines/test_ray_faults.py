"""What may die does: drivers, actors, machines. Afterwards every row is there once, as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from toy_language import PAIRS, TOY, text

pytest.importorskip("ray", reason="ray is not installed (extra: engines)")

import ray_driver
from engine_data import environment
from fake_stack import Aligner, Tagger
from faulty_translator import Faulty

from xproj_fast.batches import Projector
from xproj_fast.distributed import ray as xr
from xproj_fast.runs.label_batches import LabelBatches
from xproj_fast.runs.label_options import LabelModels, LabelOptions

pytestmark = [pytest.mark.engines, pytest.mark.filterwarnings("ignore")]
pytest_plugins = ("engine_fixtures",)
FEW = PAIRS[:48]


def drive(folder: Path, moment: str, how: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ray_driver.__file__, str(folder), moment, "5", how]
    return subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=120, check=False)


@pytest.mark.parametrize("moment", ray_driver.MOMENTS)
def test_the_driver_is_killed_and_gone_on_with(moment: str, tmp_path: Path) -> None:
    killed = drive(tmp_path, moment, "new")
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    assert not (tmp_path / "out.manifest.json").exists()
    if moment == ray_driver.MOMENTS[0]:
        refused = drive(tmp_path, "never", "new")
        assert "a stopped run wrote to it: resume continues it" in refused.stderr
    done = drive(tmp_path, "never", "resume")
    assert done.returncode == 0, done.stderr[-2000:]
    summary = json.loads(done.stdout.splitlines()[-1])
    assert 0 < summary["resumed"] < ray_driver.ROWS // ray_driver.BLOCK
    assert (summary["rows"], summary["errors"]) == (ray_driver.ROWS, 0)
    rows = pq.read_table(tmp_path / "out").sort_by("id")
    assert rows["id"].to_pylist() == list(range(ray_driver.ROWS))
    pairs = pa.Table.from_pylist([ray_driver.pair({"id": i}) for i in range(ray_driver.ROWS)])
    assert rows["tags"].to_pylist() == Projector()(pairs)["tags"].to_pylist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.manifest.json", "passed"]


@pytest.mark.parametrize(
    "fault",
    ["SIGKILL", "CUDA error 700: an illegal memory access was encountered", "CUBLAS_STATUS_EXECUTION_FAILED"],
)
def test_an_actor_that_dies_or_whose_context_breaks(local_ray: Any, fault: str, tmp_path: Path) -> None:
    models = LabelModels(Tagger(PAIRS), Faulty(tmp_path / "flag", fault), Aligner())
    batches = LabelBatches(models, LabelOptions(TOY), errors="column")
    ds = local_ray.data.from_arrow(pa.table({"id": range(len(FEW)), "text": [text(pair.toy) for pair in FEW]}))
    found = xr._over(ds.repartition(6), batches, 1, 0, 8, 8, {})
    rows = found.take_all()
    assert (tmp_path / "flag").exists()
    assert Counter(row["id"] for row in rows) == Counter(range(len(FEW)))
    spans = {row["id"]: sorted((s["start"], s["end"], s["label"]) for s in row["spans"]) for row in rows}
    assert spans == {i: sorted(pair.toy_entities()) for i, pair in enumerate(FEW)}
    processes = set((tmp_path / "processes").read_text().split())
    assert len(processes - {str(os.getpid())}) == 2  # another one went on


def test_an_error_that_leaves_the_context_whole_is_raised(local_ray: Any, tmp_path: Path) -> None:
    models = LabelModels(Tagger(PAIRS), Faulty(tmp_path / "flag", "CUDA out of memory"), Aligner())
    batches = LabelBatches(models, LabelOptions(TOY), errors="column")
    ds = local_ray.data.from_arrow(pa.table({"id": range(len(FEW)), "text": [text(pair.toy) for pair in FEW]}))
    with pytest.raises(Exception, match="CUDA out of memory"):
        xr._over(ds, batches, 1, 0, 48, 48, {}).take_all()


def test_a_machine_is_lost_in_the_middle() -> None:
    code = """
import ray, time
from ray.cluster_utils import Cluster
from engine_data import pairs_table
from xproj_fast.batches import Projector
from xproj_fast.distributed import ray as xr

class Slow:
    def __init__(self, projector):
        self.projector, self.method = projector, projector.method
    def __call__(self, table):
        time.sleep(0.2)
        return self.projector(table)

cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "object_store_memory": 100 << 20})
second = cluster.add_node(num_cpus=2, object_store_memory=100 << 20)
cluster.wait_for_nodes()
ray.init(address=cluster.address, log_to_driver=False)
ray.data.DataContext.get_current().enable_progress_bars = False
assert len([n for n in ray.nodes() if n["Alive"]]) == 2
ds = ray.data.from_arrow(pairs_table(1200)).repartition(60)
found = xr.project(ds, Slow(Projector(errors="column")), batch_size=20, rows_per_block=20)
ids, gone = [], False
for batch in found.iter_batches(batch_format="pyarrow", batch_size=20):
    ids += batch["id"].to_pylist()
    if len(ids) >= 100 and not gone:
        cluster.remove_node(second, allow_graceful=False)
        gone = True
assert gone and sorted(ids) == list(range(1200)), (gone, len(ids), len(set(ids)))
assert len([n for n in ray.nodes() if n["Alive"]]) == 1
print("all", len(ids))
ray.shutdown()
cluster.shutdown()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), timeout=200, check=False
    )
    assert "all 1200" in done.stdout, done.stderr[-3000:]
