"""Draws the picture of one projected pair: .venv/bin/python docs/picture.py [SENTENCE] > docs/assets/pair.svg ."""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

import xproj_fast as xp

DEMO = Path(xp.__file__).parent / "data" / "demo"
COLOURS = {"PER": "#7b4fb5", "ORG": "#b5541c", "LOC": "#1f7a4d", "MISC": "#2563a8"}
LETTER, GAP, MARGIN = 9.6, 14.0, 16.0  # of a monospaced face at 16 px; words are stretched to fit, whatever the face
SOURCE_Y, TARGET_Y, HEIGHT = 46.0, 176.0, 216.0

Spans = dict[int, tuple[int, str]]  # start -> end, label


def places(words: list[str]) -> tuple[list[tuple[float, float]], float]:
    """Return (left, right) of each word, and the width of all."""
    found, x = [], MARGIN
    for word in words:
        found.append((x, x + LETTER * len(word)))
        x += LETTER * len(word) + GAP
    return found, x - GAP + MARGIN


def row(words: list[str], at: list[tuple[float, float]], y: float, spans: Spans, note_y: float) -> list[str]:
    """Draw words, with a box and a label for each span."""
    lines = []
    for start, (end, label) in spans.items():
        left, right, colour = at[start][0] - 5, at[end - 1][1] + 5, COLOURS[label]
        box = f'x="{left:.1f}" y="{y - 19:.1f}" width="{right - left:.1f}" height="27" rx="5"'
        lines.append(f'<rect {box} fill="{colour}" fill-opacity=".13" stroke="{colour}"/>')
        lines.append(
            f'<text class="label" x="{(left + right) / 2:.1f}" y="{note_y:.1f}" style="fill:{colour}">{label}</text>'
        )
    for word, (left, right) in zip(words, at, strict=True):
        lines.append(f'<text x="{left:.1f}" y="{y:.1f}" textLength="{right - left:.1f}">{escape(word)}</text>')
    return lines


def main(sentence: int = 0) -> None:
    """Project the demo's German sentences and draw one of them."""
    pairs = xp.read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh")
    source, target = pairs.source.to_lists()[sentence], pairs.target.to_lists()[sentence]
    entities = range(*pairs.entities.offsets[sentence : sentence + 2])
    marked: Spans = {
        int(pairs.entities.start[e]): (int(pairs.entities.end[e]), pairs.labels[pairs.entities.label[e]])
        for e in entities
    }
    projected: Spans = {span.start: (span.end, span.label) for span in xp.project(pairs).spans()[sentence]}
    above, wide = places(source)
    below, wider = places(target)
    width = max(wide, wider)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {HEIGHT:.0f}" width="{width:.0f}">',
        f"<title>{escape(' '.join(source))} / {escape(' '.join(target))}</title>",
        "<style>text{font:16px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328;white-space:pre}",
        ".label{font-size:11px;font-weight:bold;text-anchor:middle}line{stroke:#b6bcc4}</style>",
        f'<rect width="{width:.0f}" height="{HEIGHT:.0f}" rx="8" fill="#fff"/>',
    ]
    inside = {word: label for start, (end, label) in marked.items() for word in range(start, end)}
    for link in range(*pairs.alignments.offsets[sentence : sentence + 2]):
        i, j = int(pairs.alignments.source[link]), int(pairs.alignments.target[link])
        x1, x2 = sum(above[i]) / 2, sum(below[j]) / 2
        colour = f' style="stroke:{COLOURS[inside[i]]};stroke-width:2"' if i in inside else ""
        lines.append(f'<line x1="{x1:.1f}" y1="{SOURCE_Y + 9}" x2="{x2:.1f}" y2="{TARGET_Y - 20}"{colour}/>')
    lines += row(source, above, SOURCE_Y, marked, SOURCE_Y - 25)
    lines += row(target, below, TARGET_Y, projected, TARGET_Y + 24)
    sys.stdout.reconfigure(encoding="utf-8")
    print("\n".join([*lines, "</svg>"]))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
