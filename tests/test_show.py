"""What ``show`` prints: colours on a terminal alone, brackets elsewhere, and nothing of the data moves the cursor."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import xproj_fast as xp
from xproj_fast.demo import LANGUAGES, demo_pairs
from xproj_fast.drawn import FEW

NASTY = "\x1b[31mred\x07\u202e\u200b[bold]:smile:"


def printed(batch: Any, i: int | None = None) -> str:
    file = io.StringIO()
    batch.show(i, file=file)
    return file.getvalue()


def project(language: str = "de") -> xp.Projection:
    return xp.project(demo_pairs(language), scores="learned")


def test_one_pair() -> None:
    result = project()
    sure = [f"{span.confidence:.2f}" for span in result[0].spans]
    assert printed(result, 0).splitlines() == [
        "[0]",
        "  [Maria Lopez]PER joined the [Berlin]LOC office of [Siemens]ORG last spring .",
        f"  [Maria Lopez]PER {sure[0]} wechselte im letzten Frühjahr in das [Berliner]LOC {sure[1]} Büro "
        f"von [Siemens]ORG {sure[2]} .",
        "",
    ]
    assert printed(result, -1).startswith("[39]\n")
    assert "Maria Lopez wechselte" in printed(result.pairs, 0)
    assert printed(xp.project(demo_pairs("zh")).labelled(), 0).splitlines()[1] == (
        "  [玛丽亚·洛佩斯]PER去年春天加入了[西门子]ORG的[柏林]LOC办事处。"
    )


def test_what_was_not_projected() -> None:
    result = xp.project(demo_pairs("de"), scores="learned", min_confidence=1)
    reason = "less sure than the minimum"
    assert f"not projected: Berlin LOC ({reason})" in printed(result, 0)


def test_the_first_few(capsys: pytest.CaptureFixture[str]) -> None:
    result = project()
    result.show()
    out = capsys.readouterr().out
    assert out == printed(result)
    assert re.findall(r"^\[(\d+)\]$", out, re.MULTILINE) == [str(row) for row in range(FEW)]
    assert out.endswith("... 30 more: result.show(i), result.report('out.html')\n")
    assert "..." not in printed(result[:FEW])
    assert printed(result[:0]) == ""


@pytest.mark.parametrize("i", [40, -41])
def test_a_row_that_is_not_there(i: int) -> None:
    with pytest.raises(IndexError, match=f"expected a row below 40, got {i}"):
        project().show(i)
    with pytest.raises(IndexError):
        project()[:0].show(0)


def test_a_slice_is_no_row() -> None:
    with pytest.raises(TypeError):
        project().show(slice(3))  # type: ignore[arg-type]


def test_ids_and_hostile_text() -> None:
    words = [NASTY, "b"]
    pairs = xp.SentencePairs.from_lists([words], [words], [[(0, 1, NASTY)]], [[(0, 0)]], ids=[NASTY])
    result = xp.project(pairs)
    batches: list[Any] = [pairs, result, result.labelled()]
    for batch in batches:
        text = printed(batch)
        assert text.replace("\n", "").isprintable()
        assert "[0] · \\x1b[31mred\\x07\\u202e\\u200b[bold]:smile:" in text


def on_terminal(code: str, **env: str) -> str:
    """Run code on a terminal of its own; returns what it printed there."""
    ours, theirs = pty.openpty()
    names = {"TERM": "xterm-256color", "COLUMNS": "400", "PYTHONPATH": ":".join(sys.path), "PYTHONUTF8": "1"}
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=theirs, stderr=theirs, env=kept | names | env)
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # its end, on Linux
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    assert process.wait(60) == 0, b"".join(parts).decode()
    return b"".join(parts).decode()


SHOWN = """
import xproj_fast as xp
words = ["\\x1b[2Jx", "b"]
entities = [(0, 1, "PER"), (1, 2, "\\x1b[31mX\\x07")]
xp.project(xp.SentencePairs.from_lists([words], [words], [entities], [[(0, 0)]])).show(0)
"""
STYLE = re.compile(r"\x1b\[[0-9;]*m")


def test_a_terminal_has_colours_and_nothing_else_that_moves() -> None:
    found = on_terminal(SHOWN)
    assert re.search(r"\x1b\[1;30;106m *\\x1b\[2Jx", found)  # black on bright cyan
    assert STYLE.sub("", found).replace("\r\n", "").isprintable()
    assert "\\x1b[31mX\\x07" in STYLE.sub("", found)


def test_no_color_is_respected() -> None:
    found = on_terminal(SHOWN, NO_COLOR="1")
    assert "[\\x1b[2Jx]PER" in STYLE.sub("", found)
    assert not re.search(r"\x1b\[[0-9;]*(?:3\d|4\d|9\d|10\d)m", found)


def test_demo_draws_as_show_does(tmp_path: Path) -> None:
    words = ["demo", "--languages", "de", "--sample", "1", "-o", str(tmp_path)]
    found = on_terminal(f"from xproj_fast.cli import main\nmain({words!r})")
    assert "\x1b[1;30;106mMaria" in found
    lines = [line.split() for line in STYLE.sub("", found).splitlines()]
    expected = "Maria Lopez PER joined the Berlin LOC office of Siemens ORG last spring ."
    assert expected.split() in lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_the_text_is_lost(language: str) -> None:
    result = project(language)
    for i, words in enumerate(result.pairs.target.to_lists()[:FEW]):
        target = printed(result, i).splitlines()[2]
        drawn = re.sub(r"\[(.*?)\][A-Z]+ [01]\.\d\d", r"\1", target)
        assert "".join(drawn.split()) == "".join(words)
