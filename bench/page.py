"""What a page of many pairs costs: written, opened in Chromium, filtered, scrolled; and when it is sampled.

    .venv/bin/python bench/page.py

The pairs of conll-translate-train de and es with the learned score; those of es again and again to 20,000, and a sample
of 200,000. Medians of five browsers, each new. Frames: of 120 while the list is scrolled by 700 pixels a frame. Needs
selenium and Debian's chromium and chromium-driver.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from selenium import webdriver

import xproj_fast as xp
from xproj_fast.report.page.page import LIMIT

from corpora import require_data, translate_train

ROUNDS = 5
FRAMES = """
const done = arguments[0];
const times = [];
let last = performance.now();
function step(now) {
  times.push(now - last);
  last = now;
  if (times.length > 120) { done(times.slice(1)); return; }
  window.scrollBy(0, 700);
  requestAnimationFrame(step);
}
requestAnimationFrame(step);
"""
FILTER = """
const [words, done] = arguments;
const box = document.getElementById('text');
const before = performance.now();
box.value = words;
box.dispatchEvent(new Event('input'));
requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - before)));
"""
OPENED = "return performance.getEntriesByType('navigation')[0].loadEventEnd"


def main() -> None:
    require_data()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        for language in ("de", "es"):
            corpus = translate_train(language)
            result = xp.project(corpus.pairs(), scores="learned")
            show(corpus.name, result, page)
        for count in (LIMIT, 10 * LIMIT):
            show("the same, again and again", result[[i % len(result) for i in range(count)]], page)


def show(name: str, result: xp.Projection, page: Path) -> None:
    """Write a page and print its figures."""
    before = time.perf_counter()
    result.report(page)
    seconds = time.perf_counter() - before
    found = [in_browser(page) for _ in range(ROUNDS)]
    median = {key: statistics.median(each[key] for each in found) for key in found[0]}
    print(
        f"{name}, {len(result):,} pairs: written in {seconds:.2f} s, {page.stat().st_size / 1e6:.1f} MB; opened in "
        f"{median['opened']:.0f} ms; a filter {median['filter']:.0f} ms; a frame {median['frame']:.1f} ms, the 95th "
        f"percentile {median['slow frame']:.1f} ms; {median['elements']:.0f} elements in the page"
    )


def in_browser(page: Path) -> dict[str, float]:
    """Open a page in a browser of its own and return milliseconds."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    driver: Any = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        driver.get(page.as_uri())
        opened = driver.execute_script(OPENED)
        frames = sorted(driver.execute_async_script(FRAMES))
        filtered = [driver.execute_async_script(FILTER, words) for words in ("a", "ab", "zzz", "")]
        elements = driver.execute_script("return document.querySelectorAll('*').length")
    finally:
        driver.quit()
    return {
        "opened": opened,
        "frame": statistics.median(frames),
        "slow frame": frames[int(0.95 * len(frames))],
        "filter": statistics.median(filtered),
        "elements": elements,
    }


if __name__ == "__main__":
    main()
