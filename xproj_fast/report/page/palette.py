"""The colours of classes on the page: those of notebooks on light ground, the same hues on dark."""

from __future__ import annotations

from colorsys import hls_to_rgb, rgb_to_hls

from xproj_fast.colours import OTHERS, USUAL, colour_of

PALETTE = (*USUAL.values(), *OTHERS)
# Lightness and saturation of what has the hue of a class: of lines and edges on light ground, of marks and of lines on
# dark. Axe checks in the tests that text on them can be read.
LINE, DARK_MARK, DARK_LINE = (0.42, 0.5), (0.25, 0.4), (0.72, 0.6)


def place_of(label: str) -> int:
    """Return the place of a class's colour in the palette."""
    return PALETTE.index(colour_of(label))


def toned(colour: str, tone: tuple[float, float]) -> str:
    """Return ``#rrggbb`` with the hue of a colour, and another lightness and saturation; grey stays grey."""
    red, green, blue = (value / 255 for value in bytes.fromhex(colour[1:]))
    hue, _, saturation = rgb_to_hls(red, green, blue)
    lightness, most = tone
    return "#" + "".join(f"{round(255 * part):02x}" for part in hls_to_rgb(hue, lightness, min(most, saturation * 1.5)))


def palette_css() -> str:
    """Return the style of marks, buttons and lines of each class: ``.c0`` and so on."""
    light, dark, rules = [], [], []
    for i, (background, _) in enumerate(PALETTE):
        light.append(f"--c{i}:{background};--d{i}:{toned(background, LINE)}")
        dark.append(f"--c{i}:{toned(background, DARK_MARK)};--d{i}:{toned(background, DARK_LINE)}")
        rules.append(f".c{i}.entity{{background:var(--c{i})}}")
        rules.append(f".chip.c{i}{{border-inline-start:5px solid var(--d{i})}}")
        rules.append(f".lines .c{i}{{stroke:var(--d{i})}}")
    of_dark = f"@media (prefers-color-scheme: dark){{:root{{{';'.join(dark)}}}}}"
    return "\n".join([f":root{{{';'.join(light)}}}", of_dark, *rules, ""])
