"""The plots of a comparison say what they show: the data's name, the frontier, who is left out and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_rows import LEARNED, row
from svg_text import texts

from xproj_fast.reliability import Reliability, reliability
from xproj_fast.report.confidence_plot import confidence_plot
from xproj_fast.report.plot import FRONTIER, pareto_plot

pytest.importorskip("matplotlib")
NO_GOLD: dict[str, Any] = dict.fromkeys(("f1", "precision", "recall", "f1_low", "f1_high", "level"))
HEURISTIC: dict[str, Any] = {"matcher": "heuristic", "scores": None, "limit": None, "objective": None}


Figures = list[Any]  # of matplotlib, as they were written


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Figures:
    """Return a list that gets each figure that is written."""
    from matplotlib.figure import Figure

    found: Figures = []
    save = Figure.savefig

    def savefig(figure: Any, *args: Any, **options: Any) -> None:
        found.append(figure)
        save(figure, *args, **options)

    monkeypatch.setattr(Figure, "savefig", savefig)
    return found


def said(figure: Any) -> list[str]:
    from matplotlib.text import Text

    return [line for text in figure.findobj(Text) for line in text.get_text().split("\n")]


def test_with_gold_every_method_is_shown(drawn: Figures, tmp_path: Path) -> None:
    rows = [row(), row(matcher="exact"), row(**HEURISTIC, f1=0.7), row(**LEARNED | {"f1": 0.95})]
    assert pareto_plot(rows, tmp_path / "x", title="x") == [tmp_path / "x.png", tmp_path / "x.svg"]
    found = said(drawn[0])
    assert {"greedy", "exact", "heuristic", "learned", "micro F1", FRONTIER} <= set(found)
    assert not any("Not shown" in text for text in found)


def test_without_gold_only_what_compares_is_shown(drawn: Figures, tmp_path: Path) -> None:
    rows = [row(**NO_GOLD), row(matcher="exact", **NO_GOLD), row(**HEURISTIC | NO_GOLD), row(**NO_GOLD | LEARNED)]
    pareto_plot(rows, tmp_path / "x", title="x")
    found = said(drawn[0])
    assert {"greedy", "exact", "objective per sentence (mean sum of scores)"} <= set(found)
    assert {"heuristic", "learned", "micro F1"}.isdisjoint(found)
    why = " ".join(found)
    assert "Not shown without gold: heuristic (maximises no objective)" in why
    assert "greedy with learned scores (objectives of other scores" in why


def test_the_heuristic_alone_has_nothing_to_be_compared_by(drawn: Figures, tmp_path: Path) -> None:
    pareto_plot([row(**HEURISTIC | NO_GOLD)], tmp_path / "x", title="x")
    found = said(drawn[0])
    assert "nothing to compare" in found
    assert "Not shown without gold: heuristic (maximises no objective)." in " ".join(found)
    assert FRONTIER not in found


def test_links_of_other_aligners_do_not_compare_without_gold(drawn: Figures, tmp_path: Path) -> None:
    pareto_plot([row(links="statistical", **NO_GOLD), row(links="eflomal", **NO_GOLD)], tmp_path / "x", title="x")
    found = said(drawn[0])
    assert any("greedy with alignment scores on eflomal links" in text for text in found)


def test_the_frontier_goes_through_the_best_trade_offs(drawn: Figures, tmp_path: Path) -> None:
    """What is slower and worse than another lies within; what was measured on other sentences is no part of it."""
    best = [(1000.0, 0.5), (500.0, 0.7), (100.0, 0.9)]
    rows = [row(sentences_per_second=x, f1=y) for x, y in (*best, (400.0, 0.6), (50.0, 0.8), (90.0, 0.9))]
    rows.append(row(sentences_per_second=700.0, f1=0.8, sentences=10, matcher="ilp"))
    pareto_plot(rows, tmp_path / "x", title="x")
    line, *points = drawn[0].axes[0].lines
    assert len(points) == len(rows)
    assert list(zip(line.get_xdata(), line.get_ydata(), strict=True))[1:-1] == best
    assert points[-1].get_markerfacecolor() == "white"
    assert any("hollow: measured on the first sentences only, no part of the grey line" in t for t in said(drawn[0]))


def test_a_title_is_text(tmp_path: Path) -> None:
    for title in ("$x$", r"$\frac{$", "<b>x</b>", "a & b"):
        assert title in texts(pareto_plot([row()], tmp_path / "x", title=title)[1])


def figures(seed: int) -> Reliability:
    rng = np.random.default_rng(seed)
    sure = rng.random(200).astype(np.float32)
    right = rng.random(200) < sure
    found = reliability(sure, right, right, 220)
    assert found is not None
    return found


def test_every_method_has_its_line(tmp_path: Path) -> None:
    names = {f"exact with learned scores (<={k}) on statistical links": figures(k) for k in range(8)}
    png, svg = confidence_plot(names, tmp_path / "confidence", title="the data", left_out="Not shown: ilp.")
    found = texts(svg)
    assert png.read_bytes().startswith(b"\x89PNG")
    assert {name.replace("<=", "≤ ") for name in names} <= set(found)
    assert {"the data", "Not shown: ilp."} <= set(found)


def test_one_method_needs_no_legend(tmp_path: Path) -> None:
    one = figures(0)
    found = texts(confidence_plot({"greedy": one}, tmp_path / "confidence", title="x")[1])
    assert "greedy" not in found
    assert f"Confidence: AUC {one.auc:.3f}, calibration error {one.calibration_error:.3f}" in found


def test_what_is_drawn_are_the_figures(drawn: Figures, tmp_path: Path) -> None:
    both = {"greedy": figures(0), "exact": figures(1)}
    confidence_plot(both, tmp_path / "x", title="x")
    diagram, curve = drawn[0].axes
    for line, kept, each in zip(diagram.lines[1:], curve.lines, both.values(), strict=True):
        assert list(line.get_xdata()) == [b.confidence for b in each.bins]
        assert list(line.get_ydata()) == [b.precision for b in each.bins]
        assert list(kept.get_xdata()) == [c.coverage for c in each.coverage]
        assert list(kept.get_ydata()) == [c.precision for c in each.coverage]
        bottom, top = curve.get_ylim()
        assert all(bottom <= y <= top for y in kept.get_ydata())


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    pictures = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        files = pareto_plot([row(), row(matcher="exact")], folder / "compare", title="x")
        files += confidence_plot({"greedy": figures(0)}, folder / "confidence", title="x")
        pictures.append([file.read_bytes() for file in files])
    assert pictures[0] == pictures[1]
