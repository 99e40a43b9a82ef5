"""docs/how-to/engines.md: its examples run as written, each in a process of its own, and give the tags of project()."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from engine_data import environment, pairs_table

import xproj_fast as xp

pytestmark = pytest.mark.engines
PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "engines.md"
BLOCKS = re.findall(r"^```python *([^\n]*)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
BEGINNING = BLOCKS[0][1]
EXAMPLES = {name: code for name, code in BLOCKS if name}
PACKAGES = {"spark": "pyspark", "datasets, streaming": "datasets"}
BAD = (7, 300)


def test_there_is_one_for_each_engine() -> None:
    assert set(EXAMPLES) == {"polars", "duckdb", "pandas", "datasets", "datasets, streaming", "spark", "daft", "ray"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, tmp_path: Path) -> None:
    package = PACKAGES.get(name, name)
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed (extra: engines)")
    if name == "spark" and shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    table = pairs_table(400, BAD)
    pq.write_table(table, tmp_path / "pairs.parquet", row_group_size=150)
    code = f"{BEGINNING}\n{EXAMPLES[name]}\nimport json\nopen('tags.json', 'w').write(json.dumps(list(tags)))\n"
    script = tmp_path / "example.py"
    script.write_text(code, "utf-8")
    done = subprocess.run(
        [sys.executable, script.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads((tmp_path / "tags.json").read_text("utf-8"))
    assert found == xp.Projector(errors="column")(table)["tags"].to_pylist()
    assert [i for i, row in enumerate(found) if row is None] == list(BAD)
