"""Colours of classes: readable, and the same everywhere."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from xproj_fast.colours import OTHERS, USUAL, Colour, colour_of


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, as WCAG 2.2 defines it."""
    shares = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_knows_black_and_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)  # the grey that just passes


@pytest.mark.parametrize("colour", [*USUAL.values(), *OTHERS], ids=str)
def test_every_colour_can_be_read(colour: Colour) -> None:
    assert re.fullmatch("#[0-9a-f]{6}", colour.background)
    assert re.fullmatch("#[0-9a-f]{6}", colour.ink)
    assert contrast(colour.background, colour.ink) >= 4.5  # WCAG AA


def test_colours_differ() -> None:
    backgrounds = [colour.background for colour in (*USUAL.values(), *OTHERS)]
    assert len(set(backgrounds)) == len(backgrounds)
    assert len({colour_of(f"CLASS{i}") for i in range(200)}) == len(OTHERS)


def test_a_class_has_one_colour_in_every_process() -> None:
    names = ["PER", "DATE", "", "Ürümqi", "\ud800"]
    code = f"from xproj_fast.colours import colour_of\nprint([colour_of(name).background for name in {names!r}])"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        )
        assert done.stdout.strip() == repr([colour_of(name).background for name in names])
