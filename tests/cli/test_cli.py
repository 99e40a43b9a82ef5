"""The other commands as processes: what they write, what they say, and their exit codes."""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from command import COMMAND, DEMO, EN_DE, fails, run

import xproj_fast
from xproj_fast.cli.commands import build_parser
from xproj_fast.demo import LANGUAGES
from xproj_fast.difference import differences
from xproj_fast.evaluation import evaluate
from xproj_fast.formats.files import read_sentences
from xproj_fast.formats.pair_files import iter_pairs, read_pairs
from xproj_fast.formats.writers import open_writer
from xproj_fast.projector import project

COMMANDS = next(a.choices for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
SIDES = EN_DE[:4]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Small files to convert and compare."""
    files = {
        "iob1.conll": "a\tI-X\nb\tI-X\nc\tB-X\nd\tO\n\ne\tI-Y\n",
        "iob2.conll": "a\tB-X\nb\tI-X\nc\tB-X\nd\tO\n\ne\tB-Y\n\n",
        "x.jsonl": '{"id": 7, "text": "a b", "label": [[0, 3, "X"]]}\n{"id": 8, "text": "c", "label": []}\n',
        "cut.jsonl": '{"text": "a", "label": []}\n{"text": "abc d", "label": [[1, 5, "X"]]}\n',
        "two.jsonl": '{"text": "a", "label": []}\n{"text": "a b", "label": [[0, 3, "X"], [2, 3, "Y"]]}\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=" ".join)
def test_help(command: tuple[str, ...]) -> None:
    done = run(*command, "--help")
    assert done.stdout.startswith(f"usage: {' '.join(('xproj-fast', *command))} ")
    assert done.stderr == ""
    if not command:
        assert set(COMMANDS) >= {"project", "align", "evaluate", "convert", "demo", "doctor"}
        assert all(f"    {name} " in done.stdout for name in COMMANDS)
        assert max(map(len, done.stdout.splitlines())) <= 120


def test_version_and_no_command() -> None:
    assert run("--version").stdout == f"xproj-fast {xproj_fast.__version__}\n"
    for command in ((), ("export",)):
        done = run(*command, code=2)
        assert done.stdout == ""
        assert done.stderr.startswith(f"usage: {' '.join(('xproj-fast', *command))}")
        assert "examples:" in done.stderr or "try it:" in done.stderr
    assert "got 'projct' (did you mean project?) (xproj-fast --help explains)" in fails("projct", code=2)
    assert "got 'taggr' (did you mean tagger?)" in fails("export", "taggr", code=2)
    assert fails("project", code=2).startswith("the following arguments are required: --source, -o/--output")
    # Said before what is missing: that may be what the misspelt option was to give.
    assert fails("project", "--sorce", "x", code=2).startswith("--sorce: no such option (did you mean --source?)")
    assert fails("project", *EN_DE, "-o", "x.conll", "--qui", code=2).startswith(
        "--qui: no such option (did you mean --q"
    )
    assert "(did you mean --force?)" in fails("export", "nllb", "a", "b", "--forc", code=2)
    assert fails("--debgu", "doctor", code=2).startswith("--debgu: no such option (did you mean --debug?)")
    assert "got 'gredy' (did you mean greedy?)" in fails("project", *EN_DE, "-o", "x", "--matcher", "gredy", code=2)
    assert fails("doctor", "now", code=2).startswith("expected nothing more, got now")


@pytest.mark.parametrize(
    "command",
    ["label", "augment", "project", "translate", "tag", "align", "evaluate", "compare", "convert", "demo", "doctor"],
)
def test_every_command_suggests_options(command: str) -> None:
    assert fails(command, "--hlep", code=2).startswith("--hlep: no such option (did you mean --help?)")


def test_the_installed_command() -> None:
    script = Path(sys.executable).with_name("xproj-fast")
    if not script.exists():
        pytest.skip("the package is not installed, it is run from its folder")
    assert run("--version", command=[script]).stdout == run("--version").stdout
    assert fails("evaluate", "no.conll", "no.conll", command=[script]).startswith("no.conll: expected a file")


def test_evaluate(folder: Path) -> None:
    gold, predicted = DEMO / "de.gold.conll", folder / "de.conll"
    with open_writer(predicted) as write:
        write(project(read_pairs(*EN_DE[1::2])))
    figures = evaluate(read_sentences(gold), read_sentences(predicted))
    done = run("evaluate", gold, predicted)
    errors = differences(read_sentences(gold), read_sentences(predicted))
    assert done.stdout == f"{figures}\n\n{errors}\n"
    assert re.search(rf"^micro .* {figures.micro.f1:.4f} ", done.stdout, re.MULTILINE)
    assert json.loads(run("evaluate", gold, predicted, "--json").stdout) == figures.to_dict() | errors.to_dict()
    ignored = json.loads(run("evaluate", gold, predicted, "--json", "--ignore-labels", "MISC,ORG").stdout)
    assert set(ignored["classes"]) == {"PER", "LOC"}


def test_evaluate_modes(folder: Path) -> None:
    (folder / "x.conll").write_text("a\tB-X\nb\tI-X\nc\tI-Y\n\ne\tO\n", "utf-8")
    (folder / "y.conll").write_text("a\tB-X\nb\tI-X\nc\tB-Y\n\ne\tO\n", "utf-8")
    for mode, correct, predicted in (("default", 2, 2), ("strict", 1, 1)):
        micro = json.loads(run("evaluate", "y.conll", "x.conll", "--mode", mode, "--json", cwd=folder).stdout)["micro"]
        assert (micro["correct"], micro["predicted"], micro["gold"]) == (correct, predicted, 2)
    (folder / "y.conll").write_text("a\tB-X\nb\tL-X\nc\tU-Y\n\ne\tO\n", "utf-8")
    message = fails("evaluate", "y.conll", "x.conll", "--mode", "strict", cwd=folder)
    assert message.startswith("y.conll:2: expected O or a class behind B- or I-")


def test_evaluate_refuses_two_texts(folder: Path) -> None:
    (folder / "words.conll").write_text("a\tO\nB\tO\nc\tO\nd\tO\n\ne\tO\n", "utf-8")
    (folder / "longer.conll").write_text("a\tO\n\ne\tO\nf\tO\n", "utf-8")
    (folder / "more.conll").write_text("a\tO\nb\tO\nc\tO\nd\tO\n\ne\tO\n\nf\tO\n", "utf-8")
    for name, message in (
        ("words.conll", "words.conll:1: got 'B', expected 'b' as in iob2.conll:1 (--ignore-words"),
        ("longer.conll", "longer.conll:1: got 1 word, expected 4 as in iob2.conll:1"),
        ("more.conll", "expected files of as many sentences each, got iob2.conll 2, more.conll 3"),
        ("no.conll", "no.conll: expected a file, got nothing there"),
        ("x.jsonl", "x.jsonl:1: got 2 words, expected 4 as in iob2.conll:1"),
    ):
        assert fails("evaluate", "iob2.conll", name, cwd=folder).startswith(message)
    micro = json.loads(run("evaluate", "iob2.conll", "words.conll", "--ignore-words", "--json", cwd=folder).stdout)
    assert micro["micro"]["gold"] == 3
    assert fails("evaluate", "iob2.conll", "longer.conll", "--ignore-words", cwd=folder).startswith(
        "predicted: sentence 1"
    )
    assert fails("evaluate", "iob2.conll", code=2) == "expected two files, GOLD and PREDICTED, or --suite DIR"
    message = fails("evaluate", "iob2.conll", "words.conll", "-o", "out", "--from", "x", code=2, cwd=folder)
    assert message == "--from, --output: requires --suite"


def test_convert_sentences(folder: Path) -> None:
    expected = (folder / "iob2.conll").read_text("utf-8")
    done = run("convert", "--source", "iob1.conll", "--scheme", "iob1", "-o", "-", cwd=folder)
    assert (done.stdout, done.stderr) == (expected, "-: 2 sentences\n")
    done = run("convert", "--source", "iob1.conll", "--scheme", "iob1", "-o", "out.conll.gz", "--chunk", 1, cwd=folder)
    assert gzip.decompress((folder / "out.conll.gz").read_bytes()).decode() == expected
    done = run("convert", "--source", "x.jsonl", "-o", "out.conll", "--quiet", cwd=folder)
    assert (done.stdout, done.stderr) == ("", "")
    assert (folder / "out.conll").read_text("utf-8") == "a\tB-X\nb\tI-X\n\nc\tO\n\n"
    run("convert", "--source", "x.jsonl", "-o", "out.jsonl", "--chunk", 1, cwd=folder)
    records = [json.loads(line) for line in (folder / "out.jsonl").read_text("utf-8").splitlines()]
    assert [(record["id"], record["text"]) for record in records] == [("7", "a b"), ("8", "c")]
    assert [(e["start"], e["end"], e["label"]) for e in records[0]["entities"]] == [(0, 3, "X")]
    done = run("convert", "--source", "cut.jsonl", "--snap", "-o", "-", cwd=folder)
    assert done.stdout == "a\tO\n\nabc\tB-X\nd\tI-X\n\n"
    assert "cut.jsonl: 1 entity widened to whole words" in done.stderr
    (folder / "empty.conll").write_bytes(b"")
    run("convert", "--source", "empty.conll", "-o", "empty.parquet", cwd=folder)
    assert pq.read_table(folder / "empty.parquet").num_rows == 0
    done = run("convert", "--source", "iob2.conll", "--drop-labels", "Y", "-o", "-", cwd=folder)
    assert done.stdout == expected.replace("B-Y", "O")
    done = run("convert", "--source", "two.jsonl", "--drop-labels", "Y", "-o", "-", cwd=folder)
    assert done.stdout == "a\tO\n\na\tB-X\nb\tI-X\n\n"


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["iob1.conll", "-o", "x.conll"], 1, "iob1.conll:1: expected a tag that IOB2 allows after the start"),
        (["two.jsonl", "-o", "x.conll"], 1, "two.jsonl:2: entities: span 2: expected spans that share no"),
        (["two.jsonl", "-o", "x.conll", "--chunk", 1], 1, "two.jsonl:2: entities: span 2: expected spans"),
        (["cut.jsonl", "-o", "x.conll"], 1, "cut.jsonl:2: expected entities that start and end with a word"),
        (["iob2.conll", "-o", "iob2.conll"], 1, "iob2.conll: expected an output that is none of the inputs"),
        (
            ["iob2.conll", "-o", "x.words"],
            1,
            "x.words: expected one of arrow, conll, hf, jsonl, spacy for labelled output",
        ),
        (["x.parquet", "-o", "x.conll"], 1, "x.parquet: expected a file, got nothing there"),
        (["iob2.conll", "--target", "x.jsonl", "-o", "x.conll"], 1, "x.conll: expected a .parquet or .arrow file"),
        (["iob2.conll", "--target", "cut.jsonl", "-o", "x.parquet.gz"], 1, "x.parquet.gz: expected a name without .gz"),
        (["iob2.conll", "--alignments", "x", "-o", "x.conll"], 2, "--alignments: requires --target"),
        (["two.jsonl", "--nested", "-o", "x.conll"], 2, "--nested: requires --target"),
        (["iob2.conll", "-o", "x.conll", "--chunk", 0], 2, "--chunk: expected a count of 1 or more, got 0"),
        (["iob2.conll", "-o", "x.conll", "--min-probability", 1], 2, "--min-probability: requires --probabilities"),
        (["iob2.conll", "-o", "x.conll", "--probabilities"], 2, "--probabilities: requires --alignments"),
        (["iob2.conll", "-o", "x.conll", "--possible", "keep"], 2, "--possible: requires --alignments"),
        (["iob2.conll", "-o", "x.conll", "--target-format", "words"], 2, "--target-format: requires --target"),
    ],
)
def test_convert_refuses(folder: Path, args: list[Any], code: int, message: str) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert fails("convert", "--source", *args, code=code, cwd=folder).startswith(message)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("name", ["pairs.parquet", "pairs.arrow"])
def test_convert_pairs(folder: Path, name: str) -> None:
    """Pairs -> one file -> project gives the same as the three files."""
    run("convert", *EN_DE, "-o", folder / name, "--chunk", 7)
    expected = project(read_pairs(*EN_DE[1::2])).spans()
    assert project(read_pairs(folder / name)).spans() == expected
    assert [s for pairs in iter_pairs(folder / name, chunk=3) for s in project(pairs).spans()] == expected
    message = fails("project", "--source", folder / name, "-o", "-", "--aligner", "models/align", code=2)
    assert message.startswith("--aligner: requires --target without --alignments")
    done = run("project", "--source", folder / name, "-o", "-", "--quiet")
    assert done.stdout == run("project", *EN_DE, "-o", "-", "--quiet").stdout


def test_how_files_are_read(folder: Path) -> None:
    texts = {
        "en.tags": "O -DOCSTART-\n\nI-PER a\nI-PER b\nB-PER c\n\n\n",
        "de.text": "x y\n\n",
        "links": "0-0:.9 1-0:.9 2?1:.9 2-0:.1\n\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    files = "--source en.tags --source-format conll --target de.text --target-format words --alignments links"
    columns = "--scheme iob1 --word-column 1 --tag-column 0 --separator space --docstart skip --empty-sentences"
    dialect = "--probabilities --min-probability .5 --possible keep"
    done = run("project", *files.split(), *columns.split(), *dialect.split(), "-o", "-", cwd=folder)
    assert done.stdout == "x\tB-PER\ny\tB-PER\n\n\n"
    assert "en.tags: 1 -DOCSTART- line skipped" in done.stderr
    skipped, error = run("project", *files.split(), *columns.split(), "-o", "-", code=1, cwd=folder).stderr.splitlines()
    assert skipped.endswith("en.tags: 1 -DOCSTART- line skipped")
    assert error.startswith("xproj-fast: error: links:1: expected links")


def test_align_refuses(folder: Path) -> None:
    texts = {name: name[0] + "\n" for name in ("a.txt", "b.txt", "extra.txt")}
    for name, text in (texts | {"c.txt": "c\n\n"}).items():
        (folder / name).write_text(text, "utf-8")
    for args, code, message in (
        (["--target", "b.txt", "-o", "a.txt"], 1, "a.txt: expected an output that is none of the inputs"),
        (["--target", "b.txt", "-o", "b.txt"], 1, "b.txt: expected an output that is none of the inputs"),
        (
            ["--target", "b.txt", "-o", "extra.txt", "--extra-text", "b.txt", "extra.txt"],
            1,
            "extra.txt: expected an out",
        ),
        (["--target", "c.txt", "-o", "x"], 1, "expected files of as many sentences each, got a.txt 1, c.txt 2"),
        (["--target", "no.txt", "-o", "x"], 1, "no.txt: expected a file, got nothing there"),
        (["--target", "b.txt", "-o", "-", "--json"], 2, "--json: expected an output file"),
        (["--target", "b.txt", "-o", "x", "--word-column", -(10**9)], 2, "--word-column: expected a column of at most"),
        (["--target", "b.txt", "-o", "x", "--tag-column", 1], 2, "--tag-column: no such option"),
        (["--target", "b.txt", "-o", "x", "--batch-tokens", 9], 2, "--batch-tokens: requires --aligner DIR"),
        (["--target", "b.txt", "-o", "no/x"], 1, "no/x: expected a folder no to write into"),  # before it aligns
    ):
        assert fails("align", "--source", "a.txt", *args, code=code, cwd=folder).startswith(message)
    assert {name: (folder / name).read_text("utf-8") for name in texts} == texts
    assert not (folder / "x").exists()


def test_demo(folder: Path) -> None:
    done = run("demo", "-o", "demo", "--sample", 1, cwd=folder)
    assert sorted(path.name for path in (folder / "demo").iterdir()) == sorted(
        ["demo.html", *(f"{name}.conll" for name in LANGUAGES)]
    )
    for language in LANGUAGES:
        pairs = read_pairs(DEMO / "en.conll", DEMO / f"{language}.words", DEMO / f"en-{language}.pharaoh")
        assert read_sentences(folder / "demo" / f"{language}.conll").words.to_lists() == pairs.target.to_lists()
        gold = read_sentences(DEMO / f"{language}.gold.conll")
        line = next(line for line in done.stdout.splitlines() if line.startswith(f"│ {LANGUAGES[language]} "))
        given, learnt = (project(each, scores="learned") for each in (pairs, xproj_fast.align_statistically(pairs)))
        assert [cell.strip() for cell in line.split("│")[3:6]] == [
            f"{value:.3f}"
            for value in (
                given.counts()["expected_precision"],
                *(evaluate(gold, result).micro.f1 for result in (given, learnt)),
            )
        ]
    assert re.search(r"\[Berliner\]LOC 0\.\d\d ", done.stdout)  # how sure it is of a span stands beside it
    assert done.stdout.count("English -> ") == len(LANGUAGES)
    done = run("demo", "-o", folder / "one", "--languages", "es")
    assert sorted(path.name for path in (folder / "one").iterdir()) == ["demo.html", "es.conll"]
    assert done.stdout.splitlines()[-1] == (
        f"Open {folder / 'one' / 'demo.html'} in a browser to look at every sentence, the worst first."
    )
    message = fails("demo", "-o", folder / "two.jsonl")
    assert message == f"{folder / 'two.jsonl'}: expected a folder to write into, got a file"
    assert fails("demo", "--languages", "xx", code=2).startswith("--languages: expected ")


def test_doctor() -> None:
    done = run("doctor")
    assert "everything that is needed is here" in done.stdout
    findings = json.loads(run("doctor", "--json").stdout)
    assert findings["usable"] is True
    assert findings["xproj_fast"] == xproj_fast.__version__
    assert findings["backends"]["cpp"] == "ok"
    assert set(findings["packages"]) >= {"numpy", "pyarrow", "rich", "numba", "eflomal"}
    assert done.stderr == ""


def test_doctor_says_what_is_broken() -> None:
    """In a Python that finds no package beside this one."""
    hide = "import sys; sys.modules['pyarrow'] = None; sys.argv[1:] = ['doctor', '--json']\n"
    code = "from xproj_fast.cli import main; sys.exit(main())"
    done = run(command=[COMMAND[0], "-c", hide + code], code=1)
    findings = json.loads(done.stdout)
    assert findings["usable"] is False
    assert findings["backends"]["cpp"] != "ok"
