"""Whatever stands in files and on the command line, a terminal shows it as it is, in lines of bounded length."""

from __future__ import annotations

import ast
import json
import os
import pty
import subprocess
from pathlib import Path

import pytest
from command import COMMAND, EN_DE, HERE, PACKAGE, fails, run, start

from xproj_fast.cli import console, doctor
from xproj_fast.cli.messages import counted_from_one, in_options
from xproj_fast.demo import LANGUAGES
from xproj_fast.evaluation import evaluate
from xproj_fast.wording import MOST_OF_A_LINE, count, did_you_mean, shown

NASTY = ("[bold]", "[/]", ":smile:", "\x1b[31mred", "\x07", "\x9b2J", "\u202etxet", "\u200b", "\r", "\u2028", "\ud800")


@pytest.mark.parametrize("text", NASTY)
def test_what_is_shown_is_one_printable_line(text: str) -> None:
    assert shown(text).isprintable()
    assert (shown(text) == text) == text.isprintable()
    assert shown(f"a{text}") != shown("a")


def test_plain_text_of_any_script_stays() -> None:
    for text in ("Ürümqi", "東京", "دمشق", "क्षेत्र", "x" * 300, "a\\b [x] 'y'"):
        assert shown(text) == text


def test_a_line_is_bounded_in_its_middle() -> None:
    line = shown(f"x.conll:3: expected a tag, got {'w' * 10_000_000!r} (some hint)")
    assert len(line) < 500
    assert line.startswith("x.conll:3: expected a tag, got 'www")
    assert line.endswith("www' (some hint)")
    assert len(shown("a b " * 1_000_000)) < MOST_OF_A_LINE + 10


def test_numbers_and_their_nouns() -> None:
    assert [count(n, "sentence") for n in (0, 1, 2, 12345)] == [
        "0 sentences",
        "1 sentence",
        "2 sentences",
        "12,345 sentences",
    ]
    assert [count(n, "entity") for n in (1, 2)] == ["1 entity", "2 entities"]
    assert count(1, "word is", "words are") == "1 word is"


def test_what_was_meant() -> None:
    assert did_you_mean("msc", ["PER", "MISC"]) == " (did you mean MISC?)"
    assert did_you_mean("xyz", ["PER", "MISC"]) == ""
    assert did_you_mean("x" * 10_000_000, ["PER"]) == ""
    assert did_you_mean(None, ["PER"]) == ""


def test_options_in_messages() -> None:
    known = {
        "docstart": Option("--docstart"),
        "nested": Option("--nested"),
        "no_repeat_ngram_size": Option("--no-repeat-ngram-size"),
        "drop_labels": Option("--drop-labels"),
    }
    for text, expected in {
        "no_repeat_ngram_size: expected at least 0": "--no-repeat-ngram-size: expected at least 0",
        "x.conll: drop_labels: expected X": "x.conll: --drop-labels: expected X",
        "got 3 (docstart='skip', nested=True, other=True)": "got 3 (--docstart skip, --nested, other=True)",
        "expected a tag, got 'nested=True'": "expected a tag, got 'nested=True'",
        "/tmp/drop_labels: expected a file": "/tmp/drop_labels: expected a file",
        "beam: expected": "beam: expected",
    }.items():
        assert in_options(text, known) == expected


def Option(name: str) -> object:  # noqa: N802
    import argparse

    return argparse.Action([name], name.strip("-").replace("-", "_"))


def test_one_counting_base() -> None:
    for text, expected in {
        "x.conll:7: entities: sentence 4, span 0: expected": "x.conll:7: entities: span 1: expected",
        "target_words: sentence 4, word 2: CoNLL": "target_words: sentence 5, word 3: CoNLL",
        "x.parquet: entities: sentence 4: expected": "x.parquet: entities: sentence 5: expected",
        "x.pharaoh:5: alignments: sentence 4, link 3-9: expected": "x.pharaoh:5: alignments: link 3-9: expected",
        "no place": "no place",
    }.items():
        assert counted_from_one(text, 4) == expected


def test_tables_hold_text_only(capsys: pytest.CaptureFixture[str]) -> None:
    screen = console.Screen()
    screen.table("[bold]", [("[/]", "left"), ("", "right")], [("\x1b[31m[report]", console.styled("[red]x", "bold"))])
    screen.line("[/] :smile: \u202e")
    out = capsys.readouterr().out
    for text in ("[bold]", "[/]", "\\x1b[31m[report]", "[red]x", ":smile: \\u202e"):
        assert text in out
    assert "\x1b" not in out


def test_doctor_says_how_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    findings = {"xproj_fast": "1", "python": "3", "system": "x", "cpus": 1, "gpu": None, "usable": False}
    missing = {"packages": dict.fromkeys(doctor.PACKAGES), "backends": {}, "engines": {"x": "pip install 'a[b]'"}}
    doctor._show(findings | missing)
    out = capsys.readouterr().out
    assert "the plots of compare: pip install 'xproj-fast[report]'" in out
    assert "pip install 'a[b]'" in out
    assert "1 CPU for this process" in out


def test_labels_in_the_table_of_evaluate() -> None:
    tags = [["B-\x1b[31mX[/]"]]
    assert "\\x1b[31mX[/]" in str(evaluate(tags, tags))
    assert "\x1b" not in str(evaluate(tags, tags))


def test_json_keeps_values_and_shows_no_controls(tmp_path: Path) -> None:
    label = "X\u202e\x9b\U000e0041"
    (tmp_path / "a.conll").write_text(f"a\tB-{label}\n", "utf-8")
    done = run("evaluate", "a.conll", "a.conll", "--json", cwd=tmp_path)
    assert list(json.loads(done.stdout)["classes"]) == [label]
    assert done.stdout.replace("\n", "").isprintable()


def test_errors_and_file_names_are_one_line(tmp_path: Path) -> None:
    name = "x\x1b[31m\n[bold].conll"
    message = fails("evaluate", name, name, cwd=tmp_path)
    assert message == "x\\x1b[31m\\n[bold].conll: expected a file, got nothing there"
    (tmp_path / "long.conll").write_text(f"a\tB-X\n{'w' * 10_000_000}\tI-Y\n", "utf-8")
    assert (
        len(fails("evaluate", "long.conll", "long.conll", "--mode", "strict", "--tag-column", 5, cwd=tmp_path)) < 5000
    )
    message = fails("convert", "--source", "long.conll", "-o", "-", cwd=tmp_path)
    assert message.startswith("long.conll:2: expected a tag that IOB2 allows after B-X, got I-Y on 'www")
    assert len(message) < 1000
    (tmp_path / name).write_text("a\tB-X\n-DOCSTART-\tO\n", "utf-8")
    done = run("convert", "--source", name, "--docstart", "skip", "-o", "-", cwd=tmp_path)
    assert done.stderr.splitlines()[0] == "xproj-fast: x\\x1b[31m\\n[bold].conll: 1 -DOCSTART- line skipped"
    assert "1 sentence" in done.stderr.splitlines()[1]
    assert not any("\x1b" in line for line in done.stderr.splitlines())


def test_wrong_usage_is_one_printable_line() -> None:
    assert "got '\\x1b[31m'" in fails("project", *EN_DE, "-o", "x", "--matcher", "\x1b[31m", code=2)
    assert "got \\x1b[31m" in fails("doctor", "\x1b[31m", code=2)


def test_a_terminal_gets_no_controls_from_labels(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("a\tB-\x1b[31mX\x07\n", "utf-8")
    ours, theirs = pty.openpty()
    words = [*map(str, COMMAND), "evaluate", "a.conll", "a.conll"]
    subprocess.run(words, stdout=theirs, stderr=theirs, check=True, timeout=60, **HERE | {"cwd": tmp_path})
    os.close(theirs)
    shown = os.read(ours, 65536)
    os.close(ours)
    assert b"\\x1b[31mX\\x07" in shown
    assert b"\x1b" not in shown


def test_data_is_never_escaped(tmp_path: Path) -> None:
    text = "a\u200b\tB-\x1b[31mX\n\n"
    (tmp_path / "a.conll").write_text(text, "utf-8")
    assert run("convert", "--source", "a.conll", "-o", "-", cwd=tmp_path).stdout == text


def test_a_reader_that_leaves_loses_no_files(tmp_path: Path) -> None:
    line = ("--matchers", "greedy", "--backends", "cpp", "--rounds", 1, "--limits", "<=1", "-o", tmp_path / "out")
    for args, names in (
        (("compare", *EN_DE, *line), {"compare.csv", "compare.json", "compare.png", "compare.svg"}),
        (("demo", "-o", tmp_path / "out"), {f"{language}.conll" for language in LANGUAGES}),
    ):
        process = start(*args)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # before a byte was written
        with process.stderr as stderr:
            said = stderr.read().decode()
        assert process.wait(60) == 1
        assert "Traceback" not in said
        assert names <= {path.name for path in (tmp_path / "out").iterdir()}
        if args[0] == "compare":
            assert "written: " in said


PRINTS = {"cli/console.py", "terminal.py", "wording.py"}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_one_place_writes_to_the_terminal(path: Path) -> None:
    if str(path.relative_to(PACKAGE)) in PRINTS:
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("print", "Console", "Table", "Progress", "sys.stderr.write", "sys.stdout.write"), (
                f"{path}:{node.lineno}: {called} stands outside terminal.py and cli/console.py"
            )
