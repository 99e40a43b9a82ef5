"""One Ray of four logical CPUs for the tests of a module; Ray's own warnings are not ours to mend."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from engine_data import environment


@pytest.fixture(scope="module")
def local_ray() -> Iterator[Any]:
    """Yield Ray, with workers that find what tests share."""
    ray = pytest.importorskip("ray", reason="ray is not installed (extra: engines)")
    before = dict(os.environ)
    os.environ.update(environment())
    os.environ["PYTHONWARNINGS"] = "ignore"
    try:
        ray.init(
            address="local", num_cpus=4, include_dashboard=False, object_store_memory=150 << 20, log_to_driver=False
        )
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        yield ray
    finally:
        ray.shutdown()
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)
