"""``evaluate --report``: the picture shows the counts of ``differences``, whatever the classes are called."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command import DEMO, run
from svg_text import texts

import xproj_fast as xp
from xproj_fast.arrays import Entities
from xproj_fast.difference import Differences
from xproj_fast.formats.writers import write
from xproj_fast.report.drawing import arrow, short_name
from xproj_fast.report.error_plot import error_plot

pytest.importorskip("matplotlib")
LRM = "\N{LEFT-TO-RIGHT MARK}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the demo lies projected, with confidences and with mistakes: every seventh label is another."""
    path = tmp_path_factory.mktemp("errors")
    pairs = xp.read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh")
    found = xp.project(pairs, scores="learned", min_confidence=0.7).labelled()
    label = found.entities.label.copy()
    label[::7] = (label[::7] + 1) % len(found.labels)
    entities = Entities(found.entities.offsets, found.entities.start, found.entities.end, label)
    wrong = xp.LabelledSentences(found.words, entities, found.labels, None, None, found.confidences)
    write(wrong, path / "de.jsonl")
    write(wrong, path / "de.conll")
    return path


def errors_of(gold: list[str], predicted: list[str]) -> Differences:
    """Return the differences of sentences of one word, which is an entity on both sides."""
    words = [["a"]] * len(gold)
    sides = [xp.LabelledSentences.from_lists(words, [[(0, 1, name)] for name in names]) for names in (gold, predicted)]
    return xp.differences(*sides)


def said(found: Differences, folder: Path) -> list[str]:
    error_plot(found, None, folder / "x.svg", title="x")
    return texts(folder / "x.svg")


def test_the_command_draws_what_it_counts(folder: Path) -> None:
    gold, predicted = DEMO / "de.gold.conll", folder / "de.jsonl"
    found = xp.differences(xp.read_labelled(gold), xp.read_labelled(predicted))
    done = run("evaluate", gold, predicted, "--report", folder / "x.svg")
    picture = texts(folder / "x.svg")
    counts = found.counts()
    assert counts["label"] > 0 < counts["missing"]
    total = sum(counts.values()) - counts["right"]
    for name in ("missing", "spurious", "boundary", "label", "both"):
        assert name in picture
        assert (f"{counts[name]} ({counts[name] / total:.0%})" if counts[name] else "0") in picture
    for each in found.confusions():
        assert f"{each.gold or '(none)'} → {each.predicted or '(none)'}" in picture
        assert f"{each.count}  {each.difference.name.lower()}" in picture
    assert f"{total} errors; {counts['right']} of {len(found.gold.start)} gold entities right" in picture
    assert "de.jsonl against de.gold.conll" in picture
    assert str(folder) not in " ".join(picture)
    assert done.stdout.endswith(f"\n\n{found}\n")


def test_the_command_tells_errors_as_json(folder: Path) -> None:
    gold, predicted = DEMO / "de.gold.conll", folder / "de.jsonl"
    found = xp.differences(xp.read_labelled(gold), xp.read_labelled(predicted))
    told = json.loads(run("evaluate", gold, predicted, "--json").stdout)
    assert told["errors"] == {name: number for name, number in found.counts().items() if name != "right"}
    assert told["confusions"] == [
        {"gold": c.gold, "predicted": c.predicted, "difference": c.difference.name.lower(), "count": c.count}
        for c in found.confusions(10)
    ]
    ignored = json.loads(run("evaluate", gold, predicted, "--json", "--ignore-labels", "PER").stdout)
    assert not any("PER" in (each["gold"], each["predicted"]) for each in ignored["confusions"])
    assert (
        ignored["errors"]
        == xp.differences(xp.read_labelled(gold), xp.read_labelled(predicted), ignore_labels=["PER"]).errors()
    )


def test_without_confidences_there_are_two_panels(folder: Path) -> None:
    pictures = []
    for name in ("de.jsonl", "de.conll"):
        run("evaluate", DEMO / "de.gold.conll", folder / name, "--report", folder / "x.svg")
        pictures.append({text for text in texts(folder / "x.svg") if "against" not in text})
    assert pictures[1] < pictures[0]
    assert {"precision", "recall", "share that is right"} <= pictures[0] - pictures[1]


def test_the_picture_is_there_before_the_figures_are_read(folder: Path) -> None:
    """The same files give the same picture, and nothing else is said."""
    line = ("evaluate", DEMO / "de.gold.conll", folder / "de.jsonl")
    plain = run(*line)
    for name in ("a.svg", "b.svg", "a.png", "b.png"):
        drawn = run(*line, "--report", folder / name)
        assert (drawn.stdout, drawn.stderr) == (plain.stdout, plain.stderr)
    for kind in ("svg", "png"):
        assert (folder / f"a.{kind}").read_bytes() == (folder / f"b.{kind}").read_bytes()


def test_no_errors(tmp_path: Path) -> None:
    found = errors_of(["PER", "LOC"], ["PER", "LOC"])
    picture = said(found, tmp_path)
    assert {"no errors", "0 errors; 2 of 2 gold entities right"} <= set(picture)
    assert str(found) == "no errors"
    empty = xp.differences([["O"]], [["O"]])
    assert {"no errors", "0 errors; 0 of 0 gold entities right"} <= set(said(empty, tmp_path))


@pytest.mark.parametrize("name", ["$x$", r"$\frac{$", r"\$x", "<b>bold</b>", "&amp;", "a_b^c", "%s{0}", "100%"])
def test_a_class_is_text_whatever_it_looks_like(name: str, tmp_path: Path) -> None:
    assert f"{name} → PER" in said(errors_of([name], ["PER"]), tmp_path)


def test_a_formula_is_drawn_letter_by_letter(tmp_path: Path) -> None:
    """Were ``$x$`` a formula, its dollars would not be drawn."""
    for name in ("$x$", "dxd"):
        error_plot(errors_of([name], ["PER"]), None, tmp_path / "x.svg", title="x")
        text = (tmp_path / "x.svg").read_text("utf-8").partition(f"<!-- {name} → PER -->")[2].partition("<!--")[0]
        assert text.count("<use ") == len("$x$→PER") + 2  # the spaces, too


def test_scripts_that_are_written_leftwards_do_not_turn_the_arrow(tmp_path: Path) -> None:
    assert f"{LRM}שלום{LRM} → {LRM}منظمة" in said(errors_of(["שלום"], ["منظمة"]), tmp_path)
    assert arrow("a", "b") == "a → b"


def test_what_hides_or_turns_text_is_seen() -> None:
    assert short_name("\u202eevil\u200b") == r"\u202eevil\u200b"


def test_what_no_font_has_stands_as_its_escape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A box would stand for any character; and a font that has it is taken where there is one."""
    from matplotlib import font_manager

    ours = [font for font in font_manager.fontManager.ttflist if "mpl-data" in font.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", ours)
    assert rf"{LRM}\u7ec4\u7ec7{LRM} → {LRM}PER" in said(errors_of(["组织"], ["PER"]), tmp_path)
    assert f"{LRM}\u23df{LRM} → {LRM}PER" in said(errors_of(["\u23df"], ["PER"]), tmp_path)  # of STIX


def test_long_names_keep_their_ends(tmp_path: Path) -> None:
    names = ["organisation-of-the-first-kind-" + "x" * 300 + str(i) for i in range(2)]
    [label] = [text for text in said(errors_of(names[:1], names[1:]), tmp_path) if "→" in text and "gold" not in text]
    ends = [part.strip(f"{LRM} ") for part in label.split("→")]
    assert ends[0] != ends[1]
    assert all(len(end) == 18 and end.startswith("organisat") and "…" in end for end in ends)


def test_of_many_classes_the_ten_most_frequent_are_shown(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    gold, predicted = ([f"C{k}" for k in np.minimum(rng.geometric(0.1, 3000), 30)] for _ in range(2))
    found = errors_of(gold, predicted)
    picture = said(found, tmp_path)
    shown = [text for text in picture if "→" in text and "gold" not in text]
    assert shown == [f"{each.gold} → {each.predicted}" for each in found.confusions(10)]
    assert "The 10 most frequent errors (gold → predicted)" in picture


def test_bars_end_where_they_should(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    drawn: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda self, *_, **__: drawn.append(self))
    found = errors_of(["A"] * 7 + ["B"] * 3, ["B"] * 7 + ["A"] * 2 + ["B"])
    error_plot(found, None, tmp_path / "x.png", title="x")
    kinds, confusions = drawn[0].axes
    assert [bar.get_width() for bar in kinds.patches] == [0, 0, 0, found.counts()["label"], 0]
    assert [bar.get_width() for bar in confusions.patches] == [7, 2]
    assert kinds.get_xlim()[1] > 9
