"""A page, as tests read it: what was written into it, and in a browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

CHROMIUM, DRIVER = "chromium", "chromedriver"


class _Parts(HTMLParser):
    """Gathers the text of each element that holds code or data, and the text of all others."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.data, self.text, self.urls = "", "", []
        self._inside: list[str] = []
        self._is_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._is_data = tag == "script" and found.get("id") == "data"
        self.urls += [value for name, value in attrs if name in ("src", "href", "srcset", "action") and value]
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        inside = self._inside[-1] if self._inside else ""
        if inside == "script" and self._is_data:
            self.data += data
        elif inside not in ("script", "style"):
            self.text += f" {data}"


def parts_of(html: str) -> _Parts:
    """Return what an HTML parser sees of a page."""
    parts = _Parts()
    parts.feed(html)
    parts.close()
    return parts


def columns_of(path: Path) -> dict[str, Any]:
    """Return the columns that a page was given."""
    found: dict[str, Any] = json.loads(parts_of(path.read_text("utf-8")).data)
    return found


@contextmanager
def browser(width: int = 1300, height: int = 900) -> Iterator[Any]:
    """Yield a headless Chromium, or skip the test where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed (extra: test)")
    chromium, driver = shutil.which(CHROMIUM), shutil.which(DRIVER)
    if chromium is None or driver is None:
        pytest.skip("no browser is here: Debian's packages chromium and chromium-driver bring one")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument(f"--window-size={width},{height}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield found
    finally:
        found.quit()
