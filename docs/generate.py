"""Pages made while mkdocs builds: examples, commands' help, options, changelog."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import MISSING, is_dataclass
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 100  # columns of the help


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    pages = {
        "examples.md": examples(),
        "reference/commands.md": commands(),
        "reference/options.md": options(),
        "changelog.md": changelog(),
    }
    for path, lines in pages.items():
        files.append(File.generated(config, path, content="\n".join(lines) + "\n"))
    return files


def examples() -> Iterator[str]:
    """Show the scripts of examples/, which the tests run."""
    yield "# Examples\n\nScripts in `examples/`, on the demo data that comes with the package."
    for script in sorted((ROOT / "examples").glob("*.py")):
        text = script.read_text(encoding="utf-8").rstrip()
        title = script.stem.replace("_", " ").capitalize()
        yield f"\n## {title}\n\n`examples/{script.name}`\n\n```python\n{text}\n```"


def changelog() -> Iterator[str]:
    """Take over CHANGELOG.md, whose links begin at the clone's root."""
    yield (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").replace("](docs/", "](")


def commands() -> Iterator[str]:
    """Write down what ``--help-all`` prints, for the command and each of its commands."""
    os.environ["COLUMNS"] = str(WIDTH)
    from xproj_fast.cli.commands import build_parser

    yield "# Commands\n"
    yield "`xproj-fast COMMAND --help` shows the options that are used most, `--help-all` all of them, as here."
    yield from _described(build_parser(), 2)


def _described(parser: Any, level: int) -> Iterator[str]:
    yield f"\n{'#' * level} {parser.prog}\n"
    yield f"```text\n{parser.format_help(everything=True).rstrip()}\n```"
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _described(command, level + 1)


def options() -> Iterator[str]:
    """Write down what the dataclasses of options say of their fields."""
    import xproj_fast as xp
    from xproj_fast.options import told

    yield "# Options\n"
    yield "Every record of options, as Python takes it; commands name the same options with dashes (`--min-score`)."
    for name in sorted(xp.__all__):
        record = getattr(xp, name)
        if not (isinstance(record, type) and is_dataclass(record) and told(record)):
            continue
        yield f"\n## {name}\n\n{_first_paragraph(record)} [Reference][xproj_fast.{name}].\n"
        yield "| option | default | what it does |\n|---|---|---|"
        for each in told(record):
            yield f"| `{each.name}` | {_default(each.default)} | {_cell(_said(each))} |"


def _first_paragraph(record: type) -> str:
    return " ".join((record.__doc__ or "").partition("\n\n")[0].split())


def _default(value: Any) -> str:
    return "required" if value is MISSING else f"`{_cell(repr(value))}`"


def _said(option: Any) -> str:
    notes = [
        option.unit and f"in {option.unit}",
        option.off,
        option.choices and "one of " + ", ".join(f"`{choice}`" for choice in option.choices),
        option.only and f"only with {option.only}",
    ]
    return "; ".join(filter(None, [option.help, *notes]))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
