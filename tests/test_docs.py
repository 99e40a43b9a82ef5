"""What the documentation names exists, and what it shows is what happens."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command import HERE
from documents import all_commands, blocks, make_root, make_targets, run_page
from make_tiny_models import write_texts

import xproj_fast as xp
from xproj_fast.cli.commands import build_parser

if TYPE_CHECKING:
    from documents import Command
    from stack_fixtures import Stack

pytest_plugins = ("translator_fixtures", "stack_fixtures")

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES_MADE = ("changelog.md", "examples.md", "reference/commands.md", "reference/options.md")  # by docs/generate.py
MADE = {DOCS / name for name in PAGES_MADE}
PAGES = sorted([*DOCS.rglob("*.md"), *(ROOT / "bench").glob("*.md"), *ROOT.glob("*.md")])
COMMANDS = [command for page in PAGES for command in all_commands(page)]
RUN = [page for page in PAGES if DOCS in page.parents and {b.language for b in blocks(page)} & {"pycon", "console"}]
NEEDS = {
    "compare.md": "matplotlib",
    "errors.md": "matplotlib",
    "project.md": "rapidfuzz",
}  # what a page's lines need beyond the base install


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def needs_models(page: Path) -> bool:
    shown = [block.text for block in blocks(page) if block.language == "pycon"]
    shown += [command.text for command in all_commands(page) if not command.is_hub]
    return any("models/" in text for text in shown)


# A path from the clone's root: `docs/limits.md`; not the tail of a longer one.
NAMED = re.compile(r"(?<![\w./-])((?:docs|bench|tests|csrc|examples)/[\w./-]+\.(?:md|py|sh|hpp|cpp))\b")


def files_of(top: str) -> list[Path]:
    """Return the files below a folder of the root that people write."""
    return sorted(p for p in (ROOT / top).rglob("*") if p.suffix in {".py", ".pyi", ".hpp", ".cpp", ".sh", ".md"})


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_names_of_tests_and_files_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    tests = set(re.findall(r"`(test_\w+)`", text))
    there = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert sorted(tests - there) == []
    links = {(page.parent / link).resolve() for link in re.findall(r"\]\((?!http)([^)#\s]+)(?:#[^)]*)?\)", text)}
    assert sorted(link for link in links - MADE if not link.exists()) == []
    files = set(re.findall(r"`((?:csrc|tests|bench|docs|examples)/[\w./]+)`", text))
    assert sorted(name for name in files if "NAME" not in name and not (ROOT / name).exists()) == []


CODE = [ROOT / "Makefile", *(p for top in ("xproj_fast", "csrc", "bench", "tests", "examples") for p in files_of(top))]


@pytest.mark.parametrize("file", [p for p in CODE if NAMED.search(p.read_text("utf-8"))], ids=name_of)
def test_files_that_code_names_exist(file: Path) -> None:
    """A comment, a message or a target that names a page or a script names one that is there."""
    named = {match[1] for match in NAMED.finditer(file.read_text(encoding="utf-8"))}
    roots = (ROOT, ROOT / "csrc")  # C++ includes by the latter
    assert sorted(name for name in named if not any((root / name).exists() for root in roots)) == []


def test_every_page_is_in_the_navigation() -> None:
    named = set(re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))
    assert named == {str(page.relative_to(DOCS)) for page in {*DOCS.rglob("*.md"), *MADE}}


def test_every_public_name_is_in_the_reference_once() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in sorted((DOCS / "reference").glob("*.md")))
    assert sorted(re.findall(r"^::: xproj_fast\.(\w+)$", text, re.MULTILINE)) == sorted({*xp.__all__} - {"__version__"})


def test_picture_is_what_is_projected() -> None:
    drawn = subprocess.run([sys.executable, DOCS / "picture.py"], capture_output=True, check=True, **HERE).stdout
    assert drawn.decode("utf-8") == (DOCS / "assets" / "pair.svg").read_text(encoding="utf-8")


def test_citation_is_of_this_version() -> None:
    assert f"\nversion: {xp.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_make_lines_name_targets() -> None:
    named = {word for command in COMMANDS if command.is_make for word in command.words()[1:] if "=" not in word}
    assert named
    assert named <= make_targets()


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.is_hub], ids=lambda each: each.text)
def test_lines_that_fetch_models_parse(command: Command) -> None:
    build_parser().parse_args(command.words()[1:])


def commands_of(script: Path) -> list[str]:
    """Return the lines of a shell script that call the command, continuations joined."""
    text = script.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if re.search(r"(xproj-fast\"?|-m xproj_fast) [a-z-]", line)]


def options_of(parser: argparse.ArgumentParser) -> dict[str, set[str]]:
    """Return the options of each command."""
    (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {
        name: set().union(*(action.option_strings for action in command._actions))
        | set().union(*([] if name != "export" else options_of(command).values()))
        for name, command in commands.choices.items()
    }


@pytest.mark.parametrize("script", [p for p in sorted((ROOT / "bench").rglob("*.sh")) if commands_of(p)], ids=name_of)
def test_scripts_use_options_that_there_are(script: Path) -> None:
    known = options_of(build_parser())
    for line in commands_of(script):
        found = re.search(r"(?:xproj-fast\"?|-m xproj_fast) ([a-z]+)([^|]*)", line)
        for option in re.findall(r"(?<=\s)--[a-z][a-z-]*", found[2]) if found else []:
            assert option in known[found[1]], f"{script.name}: {line}"


@pytest.mark.parametrize("page", [page for page in RUN if not needs_models(page)], ids=name_of)
def test_pages_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if page.name in NEEDS:
        pytest.importorskip(NEEDS[page.name])
    monkeypatch.chdir(make_root(tmp_path))
    run_page(page, tmp_path)


@pytest.mark.parametrize("page", [page for page in RUN if needs_models(page)], ids=name_of)
def test_pages_with_models_run(page: Path, tmp_path: Path, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    models = make_root(tmp_path) / "models"
    models.mkdir()
    for name, folder in (("nllb", stack.translator), ("ner", stack.tagger), ("align", stack.aligner)):
        (models / name).symlink_to(folder)
    write_texts(models)
    monkeypatch.chdir(tmp_path)
    run_page(page, tmp_path)
