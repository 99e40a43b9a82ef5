"""The colours of classes on the page: those of notebooks on light ground, the same tones on dark."""

from __future__ import annotations

from xproj_fast.colours import INK, OTHERS, USUAL, colour_of

PALETTE = (*USUAL.values(), *OTHERS)
LIGHT, DARK = "#ffffff", "#1e2227"  # of the cards of the page


def place_of(label: str) -> int:
    """Return the place of a class's colour in the palette."""
    return PALETTE.index(colour_of(label))


def mixed(colour: str, other: str, share: float) -> str:
    """Return ``#rrggbb`` of a share of one colour, the rest of another."""
    parts = zip(*(bytes.fromhex(each[1:]) for each in (colour, other)), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in parts)


def palette_css() -> str:
    """Return the style of marks, buttons and lines of each class: ``.c0`` and so on."""
    light, dark, rules = [], [], []
    for i, (background, _) in enumerate(PALETTE):
        light.append(f"--c{i}:{background};--d{i}:{mixed(background, INK, 0.55)}")
        dark.append(f"--c{i}:{mixed(background, DARK, 0.3)};--d{i}:{mixed(background, DARK, 0.85)}")
        rules.append(f".c{i}.entity{{background:var(--c{i})}}")
        rules.append(f".chip.c{i}{{border-inline-start:5px solid var(--d{i})}}")
        rules.append(f".lines .c{i}{{stroke:var(--d{i})}}")
    of_dark = f"@media (prefers-color-scheme: dark){{:root{{{';'.join(dark)}}}}}"
    return "\n".join([f":root{{{';'.join(light)}}}", of_dark, *rules, ""])
