"""A run says how many tests it skipped and why, and fails where it skips tests on real data that is there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import skips

TESTS = """
import pytest

def test_that_passes():
    pass

@pytest.mark.parametrize("n", range(2))
def test_on_a_gpu(n):
    pytest.skip("this machine has no GPU")

def test_on_real_data():
    pytest.skip("real data is not here: /some/path (licences)")
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize(("data", "chosen", "status"), [(False, "", 0), (True, "", 1), (True, "gpu or passes", 0)])
def test_what_was_skipped_is_said(
    tmp_path: Path, data: bool, chosen: str, status: int, workers: tuple[str, ...]
) -> None:
    folder = tmp_path / "clone" / "tests"
    folder.mkdir(parents=True)
    shutil.copy(skips.__file__, folder)
    (folder / "test_some.py").write_text(TESTS)
    (folder / "conftest.py").write_text("")
    (tmp_path / "clone" / "pytest.ini").write_text("[pytest]\npythonpath = tests\n")
    if data:
        (tmp_path / "shared" / "data").mkdir(parents=True)
    command = (sys.executable, "-m", "pytest", "-q", "-p", "skips", "-p", "no:cacheprovider", *workers, "-k", chosen)
    done = subprocess.run(command, cwd=folder.parent, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == status, done.stdout + done.stderr
    expected = "2 skipped: 2 this machine has no GPU"
    if not chosen:
        expected = "3 skipped: 2 this machine has no GPU; 1 real data is not here"
    assert expected in done.stdout.splitlines()
    assert ("FAILED: " in done.stdout) == (status == 1)
