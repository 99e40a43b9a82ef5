"""docs/contributing/pipeline.md: the pipeline that it adds is right, and survives being stopped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_file_functions import BrokenError, FindsAnna, InOrder

import xproj_fast as xp

PAGE = Path(__file__).resolve().parents[2] / "docs" / "contributing" / "pipeline.md"


@pytest.fixture(scope="module")
def label_translations() -> Any:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names["label_translations"]


def test_the_pipeline_of_the_guide(label_translations: Any, tmp_path: Path) -> None:
    source, target, out = tmp_path / "en.txt", tmp_path / "xx.txt", tmp_path / "xx.conll"
    source.write_text("Anna sleeps\n" * 9 + "nobody\n")
    target.write_text("Anya spi\n" * 9 + "nikto\n")
    with pytest.raises(BrokenError):
        label_translations(source, target, out, FindsAnna(4), InOrder(), chunk=2)
    assert not out.exists()
    summary = label_translations(source, target, out, FindsAnna(), InOrder(), chunk=2, resume=True)
    assert out.read_text() == "Anya\tB-PER\nspi\tO\n\n" * 9 + "nikto\tO\n\n"
    assert (summary["sentences"], summary["labels"], summary["projected"]) == (10, {"PER": 9, "LOC": 0}, 9)
    assert label_translations(source, target, out, FindsAnna(1), InOrder(), chunk=2, resume=True)["complete"]


def test_another_option_is_not_gone_on_with(label_translations: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "en.txt", tmp_path / "xx.conll"
    source.write_text("Anna sleeps\n" * 9)

    def stop(done: int, share: float) -> None:
        raise BrokenError

    with pytest.raises(BrokenError):
        label_translations(source, source, out, FindsAnna(), InOrder(), progress=stop)
    with pytest.raises(xp.InputError, match=r'another options\.matcher: "greedy" in the run, "exact" now'):
        label_translations(source, source, out, FindsAnna(), InOrder(), matcher="exact", resume=True)
