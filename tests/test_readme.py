"""README's first part, up to "What it does": its blocks run as they stand, in their order, in one shell in one folder.

``make`` is not run, only its targets looked up: a virtual environment and the toy models are there without it. Lines
that fetch models from a hub are parsed, not run.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command import DEMO, PACKAGE
from make_tiny_models import write_texts

from xproj_fast.cli.commands import build_parser

if TYPE_CHECKING:
    from stack_fixtures import Stack

pytest_plugins = ("translator_fixtures", "stack_fixtures")

ROOT = Path(__file__).resolve().parents[1]
PYTHON = "python"  # the language of a block; the others are for a shell


def blocks(text: str) -> list[tuple[str, str]]:
    """Return language and text of each fenced block before the first heading of the second level."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text.partition("\n## ")[0], re.DOTALL | re.MULTILINE)


BLOCKS = blocks((ROOT / "README.md").read_text(encoding="utf-8"))
SHELL = "".join(text for language, text in BLOCKS if language != PYTHON).replace("\\\n", " ").splitlines()


def is_make(line: str) -> bool:
    return line.split()[:1] == ["make"]


def is_export(line: str) -> bool:
    return line.split()[:2] == ["xproj-fast", "export"]


def script(parts: list[tuple[str, str]]) -> str:
    """Return the blocks as one bash script that ends at the first line that fails."""
    whole = ["set -ex"]  # x: what is shown last, before the error, is the line at fault
    for language, text in parts:
        if language == PYTHON:
            whole.append(f"python -W error - <<'PYTHON'\n{text}PYTHON")
        else:
            lines = text.replace("\\\n", " ").splitlines()
            whole += [line for line in lines if not is_make(line) and not is_export(line)]
    return "\n".join(whole) + "\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder with what the lines find in the clone's root after its make lines, except for the models."""
    for name in ("activate", "xproj-fast"):
        if not Path(sys.prefix, "bin", name).exists():
            pytest.skip(f"{sys.prefix}/bin has no {name}: expected a virtual environment with the package")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "xproj_fast" / "data").mkdir(parents=True)
    (tmp_path / "xproj_fast" / "data" / "demo").symlink_to(DEMO)
    return tmp_path


def run(text: str, root: Path) -> None:
    """Run a script in a shell that knows no environment but the one that the script activates."""
    bash = shutil.which("bash")
    assert bash is not None
    env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        [bash, "--noprofile", "--norc", "-c", text],
        stdin=subprocess.DEVNULL,
        cwd=root,
        env=env | {"PYTHONPATH": str(PACKAGE.parent), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_blocks_are_found() -> None:
    assert {language for language, _ in BLOCKS} == {"", PYTHON}
    commands = {line.split()[1] for line in SHELL if line.startswith("xproj-fast ")}
    assert commands >= {"project", "evaluate", "compare", "label", "augment", "export"}


def test_make_lines_name_targets() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = [word for line in SHELL if is_make(line) for word in shlex.split(line, comments=True)[1:]]
    assert named
    assert set(named) <= targets


@pytest.mark.parametrize("line", [line for line in SHELL if is_export(line)])
def test_export_lines_parse(line: str) -> None:
    build_parser().parse_args(shlex.split(line, comments=True)[1:])


def test_lines_run(root: Path, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("eflomal", reason="eflomal is not installed (extra: eflomal)")
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra: report)")
    try:
        stack: Stack = request.getfixturevalue("stack")
    except pytest.skip.Exception as missing:
        run(script([(language, text) for language, text in BLOCKS if "models/" not in text]), root)
        pytest.skip(f"the other lines passed, those with models did not run: {missing}")
    models = root / "models"
    models.mkdir()
    for name, folder in (("nllb", stack.translator), ("ner", stack.tagger), ("align", stack.aligner)):
        (models / name).symlink_to(folder)
    write_texts(models)
    run(script(BLOCKS), root)


ACTIVATE = "```\nmake demo\n. .venv/bin/activate\n```\n\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```\nxproj-fast doctor\n```", "xproj-fast: command not found"),
        ("```\nmake demo\n. venv/bin/activate\n```", "venv/bin/activate: No such file"),
        (ACTIVATE + "```\nxproj-fast projct\ntrue\n```", "projct"),
        (ACTIVATE + "```\nxproj-fast evaluate xproj_fast/data/demo/en.conll \\\n  gone.conll\ntrue\n```", "gone.conll"),
        (ACTIVATE + "```python\nimport xproj_fast as xp\nxp.nonsense\n```\n\n```\ntrue\n```", "nonsense"),
    ],
    ids=["no-activation", "no-file", "no-command", "no-input", "no-name"],
)
def test_a_broken_line_fails(text: str, complaint: str, root: Path) -> None:
    with pytest.raises(AssertionError, match=complaint):
        run(script(blocks(f"# Title\n\n{text}\n\n## More\n\n```\nignored\n```\n")), root)


def test_what_stands_behind_the_first_part_is_left_alone(root: Path) -> None:
    run(script(blocks(f"# Title\n\n{ACTIVATE}## More\n\n```\nfalse\n```\n")), root)
