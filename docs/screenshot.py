"""Takes the picture of the page of the demo: .venv/bin/python docs/screenshot.py > /dev/null .

Writes docs/assets/inspect.png. Needs what the tests of the page need: selenium, and Debian's chromium and
chromium-driver.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from xproj_fast.cli import main as command

ROOT = Path(__file__).resolve().parents[1]
PLACE = "#data=German&data=Spanish"
HOVER = """
const article = document.querySelectorAll('article')[1];
article.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
"""


def main() -> None:
    """Make the page as `xproj-fast demo` does, and take its picture."""
    sys.path.insert(0, str(ROOT / "tests"))
    from pages import browser

    with tempfile.TemporaryDirectory() as folder, browser(1280, 900) as driver:
        command(["demo", "-o", folder, "--sample", "0"])
        driver.get((Path(folder) / "demo.html").as_uri() + PLACE)
        driver.execute_script(HOVER)
        picture = Image.open(io.BytesIO(driver.get_screenshot_as_png())).convert("RGB")
    picture.quantize(192).save(ROOT / "docs" / "assets" / "inspect.png", optimize=True)


if __name__ == "__main__":
    main()
