"""README: its lines run as they stand, in their order, in a folder that looks like the clone's root after ``make``."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import Block, all_commands, blocks, commands, make_root, make_targets, run_page

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"


def test_it_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 120


def test_demo_and_tests_come_first() -> None:
    assert [command.words() for command in all_commands(README)[:2]] == [["make", "demo"], ["make", "test"]]


def test_blocks_are_found() -> None:
    assert {block.language for block in blocks(README)} == {"console", "pycon"}
    names = {command.words()[1] for command in all_commands(README) if command.words()[0] == "xproj-fast"}
    assert names >= {"project", "evaluate", "inspect", "compare"}


def test_make_lines_name_targets() -> None:
    named = {word for command in all_commands(README) if command.is_make for word in command.words()[1:]}
    assert named
    assert named <= make_targets()


def test_lines_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra: report)")
    monkeypatch.chdir(make_root(tmp_path))
    run_page(README, tmp_path)


ACTIVATE = "```console\n$ make demo\n$ . .venv/bin/activate\n```\n\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```console\n$ xproj-fast doctor\n```", "xproj-fast: command not found"),
        ("```console\n$ . venv/bin/activate\n```", "venv/bin/activate: No such file"),
        (ACTIVATE + "```console\n$ xproj-fast projct\n$ true\n```", "projct"),
        (
            ACTIVATE + "```console\n$ xproj-fast evaluate xproj_fast/data/demo/en.conll \\\n  gone.conll\n```",
            "gone.conll",
        ),
        (ACTIVATE + "```console\n$ echo one\ntwo\n```", "Expected:\n    two\nGot:\n    one"),
        ("```pycon\n>>> import xproj_fast as xp\n>>> xp.nonsense\n```", "nonsense"),
        ("```pycon\n>>> 1 + 1\n3\n```", "Expected:\n    3\nGot:\n    2"),
        ("```pycon\nprint(1)\n```", "no line begins with >>>"),
        ("```console\ntrue\n```", "expected a command"),
    ],
    ids=[
        "no-activation",
        "no-file",
        "no-command",
        "no-input",
        "other-output",
        "no-name",
        "other-value",
        "no-python",
        "no-$",
    ],
)
def test_a_broken_line_fails(text: str, complaint: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n\n{text}\n")
    with pytest.raises(AssertionError) as caught:
        run_page(page, make_root(tmp_path))
    assert complaint in str(caught.value)


def test_what_a_line_prints_may_be_left_out_or_shortened() -> None:
    (first, second) = commands(Block(1, "console", "$ echo a\n$ echo one; echo two\none\n...\n"))
    assert (first.printed, second.printed) == ("", "one\n...\n")
