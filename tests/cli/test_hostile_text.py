"""Text that was made to harm a terminal, in every place a command reads: one line of bounded length, nothing raw.

Files that a command writes hold such text as it is: that is tested where each format is.
"""

from __future__ import annotations

import ast
import json
import logging
import unicodedata
import warnings
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command import DEMO, PACKAGE

from xproj_fast import InputError, InternalError, MissingDependencyError
from xproj_fast.cli import main
from xproj_fast.wording import MOST_OF_A_LINE, brief, shown

# C0, DEL, C1, directions, isolates, separators, what has no width or fills, tags, private use, half a pair.
HARMFUL = [
    *map(chr, [*range(0x20), *range(0x7F, 0xA0)]),
    *"\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff",
    *"\u034f\u115f\u180e\u3164\ufe00\uffa0\ue000\ufff9\U000e0041\U000e007f\U000e0100\U0010fffd\ud800\udfff",
]
HOSTILE = {
    "escape": "\x1b]0;title\x07\x1b[2J\x1b[31mred",
    "c1": "\x9b2Jx\x90y\x9c",
    "lines": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "directions": "\u202egnp.\u2066exe\u2069\u061c\u200f",
    "unseen": "a\u200b\u2060\ufeff\u3164\U000e0041\U000e0101b",
    "markup": "[bold red]:smile:[/]$\\frac{1}{0}$<b>&amp;</b>%s{x}",
    "long": "w" * 100_000,
    "long words": "w" * 300 + "\u00a0" + "\x1b" * 3000,
}
every_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


def assert_harmless(text: str, most: int = MOST_OF_A_LINE + 50) -> None:
    """Assert that a terminal shows each line as it is, and that none is long."""
    for line in text.split("\n"):
        assert len(line) <= most, f"{len(line)} characters: {line[:100]!r}"
        for c in line:
            assert unicodedata.category(c)[0] != "C", f"{c!r} in {line!r}"
            assert c not in HARMFUL, f"{c!r} in {line!r}"


@pytest.mark.parametrize("c", HARMFUL, ids=lambda c: f"U+{ord(c):04X}")
def test_what_is_escaped(c: str) -> None:
    for show in (shown, brief, lambda text: str(InputError(text)), lambda text: str(InternalError(text))):
        assert_harmless(show(f"a{c}b"))
        assert show(f"a{c}b") not in ("ab", "a b")  # it is not left out: it is seen
        assert show(show(f"a{c}b")) == show(f"a{c}b")


@every_text
def test_errors_are_harmless_wherever_they_are_caught(text: str) -> None:
    for error in (InputError(text), InternalError(text), MissingDependencyError(text)):
        assert_harmless(str(error))
        assert_harmless(repr(error))


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command in a folder of its own; returns what it said, and whether it ended well."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging.root, "handlers", [])  # the command sets up its own

    def command(*args: object) -> tuple[str, int]:
        with warnings.catch_warnings():
            try:
                code = main([str(arg) for arg in args])
            except SystemExit as end:  # of argparse
                code = int(end.code or 0)
        said = capsys.readouterr()
        logging.root.handlers.clear()
        assert_harmless(said.out, 10**9 if "--json" in args else 2 * MOST_OF_A_LINE)  # JSON is data; rows of tables
        assert_harmless(said.err)
        return said.out + said.err, code

    return command


def put(text: str, *places: str) -> bytes:
    """Return lines with a text in the place of ``@``, as bytes; half a pair becomes what UTF-8 would make of it."""
    return "".join(f"{place}\n" for place in places).replace("@", text).encode("utf-8", "surrogatepass")


CONLL = {
    "a tag": ("@ O", "a @"),
    "a class": ("a\tB-@", ""),
    "a class in between": ("a\tB-PER", "b\tI-@"),
    "a word with a wrong tag": ("a\tB-PER", "@\tI-ORG"),
    "a line": ("@",),
    "a line of many columns": ("a\tO", "a\tb\tc@\tO"),
    "a comment": ("# @", "a\tO", "# @", "b\tX"),
}


@every_text
@pytest.mark.parametrize("lines", CONLL.values(), ids=CONLL.keys())
def test_conll(lines: tuple[str, ...], text: str, run: Any, tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_bytes(put(text, *lines))
    run("convert", "--source", "a.conll", "-o", "out.jsonl")
    run("evaluate", "a.conll", "a.conll", "--mode", "strict")
    run("evaluate", "a.conll", "a.conll")
    run("evaluate", "a.conll", "a.conll", "--json")
    run("convert", "--source", "a.conll", "-o", "out.conll", "--drop-labels", "PER")
    (tmp_path / "b.conll").write_text("x\tO\n")
    run("evaluate", "a.conll", "b.conll")
    run("project", "--source", "a.conll", "--target", "b.conll", "--alignments", "a.conll", "-o", "out.conll")


RECORDS: list[Any] = [
    "@",
    ["@"],
    {"@": 1},
    {"text": "@", "entities": [[0, 99, "PER"]]},
    {"text": "a b", "entities": [[0, 1, "@"]]},
    {"text": "a b", "entities": [{"start": 0, "end": "@", "label": "PER"}]},
    {"text": "a b", "entities": [[0, 2, "PER", "@"]]},
    {"tokens": ["a", "@"], "tags": ["B-@", "X"]},
    {"tokens": ["@"], "tags": ["@"]},
    {"tokens": ["a"], "tags": ["B-@"], "id": "@"},
    {"tokens": "@", "tags": ["O"]},
    {"id": {"@": 1}, "tokens": ["a"], "tags": ["O"]},
]


@every_text
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: json.dumps(record))
def test_jsonl(record: Any, text: str, run: Any, tmp_path: Path) -> None:
    lines = json.dumps(record).replace("@", json.dumps(text)[1:-1])
    (tmp_path / "a.jsonl").write_text(f"{lines}\n{lines}\n")
    run("convert", "--source", "a.jsonl", "-o", "out.conll")
    run("evaluate", "a.jsonl", "a.jsonl")
    (tmp_path / "raw.jsonl").write_bytes(put(text, '{"text": "@"', "@", '{"@": 1, "@": 2}'))
    run("convert", "--source", "raw.jsonl", "-o", "out.conll")


@every_text
def test_alignments_and_words(text: str, run: Any, tmp_path: Path) -> None:
    sides = ("--source", DEMO / "en.conll", "--target", DEMO / "de.words")
    for lines in (("@",), ("0-0 @",), ("0-@",), ("0-0:@",), ("0-0", "999999-@")):
        (tmp_path / "links").write_bytes(put(text, *lines))
        _, code = run("project", *sides, "--alignments", "links", "-o", "out.conll")
        assert code == 1
        run("project", *sides, "--alignments", "links", "--probabilities", "-o", "out.conll")
    for lines in (("@",), ("@\t@", "@\t@"), ("{@",), ("@ O", "@ B-@")):
        for name in ("a.words", "a.txt"):
            (tmp_path / name).write_bytes(put(text, *lines))
            run("project", "--source", DEMO / "en.conll", "--target", name, "--alignments", "links", "-o", "out.conll")
            run("evaluate", name, name)


def test_brackets_as_deep_as_nobody_means_them(run: Any, tmp_path: Path) -> None:
    deep = '{"a": ' + "[" * 100_000
    for name in ("a.jsonl", "a.words", "a.conll"):
        (tmp_path / name).write_text(deep)
        _, code = run("evaluate", name, name)
        assert code == 1
    (tmp_path / "a.txt").write_text(deep)
    run("project", "--source", DEMO / "en.conll", "--target", "a.txt", "--alignments", "a.txt", "-o", "out.conll")
    table = pa.table({"tokens": [["a"]], "ner_tags": [[1]]}).replace_schema_metadata({"huggingface": deep})
    pq.write_table(table, tmp_path / "a.parquet")
    said, code = run("evaluate", "a.parquet", "a.parquet")
    assert (code, "Traceback" in said) == (1, False)


@every_text
def test_tables(text: str, run: Any, tmp_path: Path) -> None:
    text = text.encode("utf-8", "replace").decode()
    for columns in (
        {text: [1]},
        {"tokens": [[text]], "tags": [[text]]},
        {"tokens": [["a"]], "ner_tags": [[f"B-{text}"]]},
        {"tokens": [["a", text]], "tags": [["B-PER", f"I-{text}"]]},
        {"text": [text], "entities": [[{"start": 0, "end": 10**6, "label": text}]]},
        {"tokens": [["a"]], "ner_tags": [[99]], text: [text]},
    ):
        table = pa.table(columns)
        table = table.replace_schema_metadata({"huggingface": text})
        pq.write_table(table, tmp_path / "a.parquet")
        run("convert", "--source", "a.parquet", "-o", "out.conll")
        run("evaluate", "a.parquet", "a.parquet")
    (tmp_path / "b.parquet").write_bytes(put(text, "PAR1@PAR1"))
    run("convert", "--source", "b.parquet", "-o", "out.conll")
    (tmp_path / "b.arrow").write_bytes(put(text, "ARROW1@ARROW1"))
    run("convert", "--source", "b.arrow", "-o", "out.conll")


@every_text
def test_names_of_files_and_values_of_options(text: str, run: Any, tmp_path: Path) -> None:
    name = text.replace("/", "_")[:60]
    for suffix in (".conll", ".jsonl", ".parquet", ".pharaoh", ""):
        run("convert", "--source", name + suffix, "-o", "out.conll")
        run("convert", "--source", DEMO / "en.conll", "-o", name + suffix)
        run("convert", "--source", DEMO / "en.conll", "-o", f"{name}/{name}{suffix}")
    (tmp_path / f"{name}.there.conll").write_text("-DOCSTART- O\n\na B-PER\n\n")
    run("evaluate", f"{name}.there.conll", f"{name}.there.conll")
    run("convert", "--source", f"{name}.there.conll", "--docstart", "skip", "-o", f"{name}.out.conll")
    run("convert", "--source", f"{name}.there.conll", "-o", f"{name}.there.conll")
    demo = ("--source", DEMO / "en.conll", "--target", DEMO / "de.words", "--alignments", DEMO / "en-de.pharaoh")
    for option in ("--matcher", "--limit", "--candidates", "--stop-words", "--drop-labels", "--threads", "--separator"):
        run("project", *demo, option, text, "-o", "out.conll")
    run("project", *demo, f"--{text}", "-o", "out.conll")
    run(text)
    run("doctor", text)
    for command in ("tag", "label", "translate", "align", "augment"):
        run(command, "--tagger", name, "--translator", name, "--from", text, "--to", text, name, "-o", name)
    run("tag", "--tagger", name, name, "-o", "out.conll")
    run("translate", "--translator", name, "--list-languages")
    run("compare", *demo, "--matchers", text)
    run("demo", "-o", f"{name}/{name}/{name}")


@every_text
def test_manifests(text: str, run: Any, tmp_path: Path) -> None:
    quoted = json.dumps(text)
    (tmp_path / "model").mkdir()
    for data in (text, quoted, f'{{"xproj_fast_model": {quoted}}}', f'{{"xproj_fast_model": 1, {quoted}: {quoted}}}'):
        (tmp_path / "model" / "manifest.json").write_text(data, "utf-8", "surrogatepass")
        said, code = run("translate", "--translator", "model", "--list-languages")
        assert code == 1
        assert "manifest.json: " in said


# --- what the library tells of data -----------------------------------------------------------------------------------

HELPERS = {"shown", "brief", "visible", "count", "listed"}


def may_be_told(node: ast.expr) -> bool:
    """Whether an argument of a warning is a constant, a number by its format, or went through one of the helpers."""
    if isinstance(node, ast.Starred):
        return may_be_told(node.value)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in HELPERS or (
            ast.unparse(node.func) == "map" and ast.unparse(node.args[0]) in HELPERS
        )
    if isinstance(node, ast.JoinedStr):
        parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        return all(part.format_spec is not None or may_be_told(part.value) for part in parts)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_is_told_goes_through_the_helper(path: Path) -> None:
    """Errors do it by themselves. Warnings and logs: whatever fills ``%s``, and every text that is put together."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in (
            "warnings.warn",
            "logger.warning",
            "logger.error",
            "logger.info",
        ):
            continue
        first, *others = node.args
        template = first.value if isinstance(first, ast.Constant) else ""
        numbers = [spec[0] == "d" for spec in str(template).split("%")[1:]]
        assert may_be_told(first), f"{path}:{node.lineno}: {ast.unparse(first)}"
        for i, value in enumerate(others if ast.unparse(node.func) != "warnings.warn" else ()):
            told = may_be_told(value) or (i < len(numbers) and numbers[i])
            assert told, f"{path}:{node.lineno}: {ast.unparse(value)} fills a message as it is"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_error_of_python_s_own_quotes_data(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            kind = ast.unparse(node.exc.func)
            parts = [part for part in ast.walk(node.exc) if isinstance(part, ast.FormattedValue)]
            if kind in ("ValueError", "KeyError", "RuntimeError", "OSError", "SystemExit", "ArgumentTypeError"):
                told = all(part.format_spec is not None or may_be_told(part.value) for part in parts)
                assert told, f"{path}:{node.lineno}: {ast.unparse(node.exc)}"
