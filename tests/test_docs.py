"""What the documentation names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "README.md", ROOT / "CHANGELOG.md"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_of_tests_and_files_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    tests = set(re.findall(r"`(test_\w+)`", text))
    there = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert sorted(tests - there) == []
    links = set(re.findall(r"\]\((?!http)([^)#]+)\)", text))
    assert sorted(link for link in links if not (page.parent / link).exists()) == []
    files = set(re.findall(r"`((?:csrc|tests|bench|docs)/[\w./]+)`", text))
    assert sorted(name for name in files if not (ROOT / name).exists()) == []
