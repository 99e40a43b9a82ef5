"""Every command that writes: ended by a signal before any change of a file, and onto every place that takes no file."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command import COMMAND, DEMO, HERE, PACKAGE, run
from conftest import MadeOnce

from xproj_fast.cli.commands import build_parser
from xproj_fast.formats.pair_files import read_pairs
from xproj_fast.models.statistical_aligner import StatisticalAligner

pytest_plugins = ("translator_fixtures",)

FOLDER = Path(__file__).resolve().parents[1]  # of the modules that tests share
CPU = ("--device", "cpu", "--threads", "1")
PAIRS = ("--source", "TEXTS/en.conll", "--target", "TEXTS/de.words")
LINKED = (*PAIRS, "--alignments", "TEXTS/en-de.pharaoh")
STACK = ("--tagger", "MODELS/tagger", "--aligner", "MODELS/aligner")
NLLB = ("--translator", "MODELS/nllb", *CPU)


@dataclass(frozen=True)
class Case:
    """A command on small files.

    Attributes:
        line: its words; TEXTS and MODELS stand for the folders of files and models.
        output: what is written, in the folder OUT; None = nothing.
        flag: of the output; "" = it stands by itself, in the end.
        runs: most runs that are ended: models take longer.
        timed: it writes how long things took, so that no two runs are the same.
        resumes: it can go on with what a run that was ended left.
    """

    line: tuple[str, ...]
    output: str | None
    flag: str = "-o"
    runs: int = 6
    timed: bool = False
    resumes: bool = False

    @property
    def folder(self) -> bool:
        """Whether it writes a folder."""
        return self.output is not None and self.output.endswith("/")

    @property
    def needs_models(self) -> bool:
        """Whether it does."""
        return any(word.startswith("MODELS/") for word in self.line)

    def words(self, out: str) -> list[str]:
        """Return all of its words with the output ``out``."""
        return [*self.line, *filter(None, [self.flag]), out]


CASES = {
    "project": Case(("project", *LINKED), "x.parquet"),
    "project --save-learned": Case(("project", *LINKED, "--save-learned", "OUT/weights.json"), "x.conll"),
    "project --aligner eflomal": Case(("project", *PAIRS, "--aligner", "eflomal"), "x.conll", runs=6),
    "project --aligner statistical": Case(("project", *PAIRS), "x.conll", runs=6),
    "align": Case(("align", *PAIRS, "--confidences"), "x.pharaoh.gz", runs=3),
    "align --aligner eflomal": Case(("align", *PAIRS, "--aligner", "eflomal"), "x.pharaoh.gz", runs=3),
    "align --save-aligner-state": Case(("align", *PAIRS, "-o", "/dev/null"), "x.state", "--save-aligner-state"),
    "align --aligner-state": Case(
        ("align", *PAIRS, "--aligner-state", "MODELS/en-de.state"), "x.pharaoh", resumes=True
    ),
    "align --aligner": Case(("align", *PAIRS, "--aligner", "MODELS/aligner", *CPU), "x.pharaoh", resumes=True),
    "tag": Case(("tag", "--tagger", "MODELS/tagger", "TEXTS/de.words", *CPU, "--chunk", "2"), "x.jsonl", resumes=True),
    "translate": Case(
        ("translate", *NLLB, "TEXTS/de.words", "--from", "deu_Latn", "--to", "swh_Latn"), "x.txt", resumes=True
    ),
    "label": Case(
        ("label", "TEXTS/de.words", "--language", "deu_Latn", *NLLB, *STACK, "--chunk", "2"),
        "x.conll",
        runs=9,
        resumes=True,
    ),
    "augment": Case(
        ("augment", "TEXTS/en.conll", "--languages", "deu_Latn,swh_Latn", *NLLB, *STACK[2:], "--chunk", "2"),
        "x/",
        runs=9,
        resumes=True,
    ),
    "evaluate": Case(("evaluate", "--suite", "TEXTS/suite", "--pipelines", "align"), "x/", timed=True),
    "compare": Case(
        ("compare", *LINKED, "--matchers", "greedy", "--backends", "cpp", "--limits", "<=1", "--rounds", "1"),
        "x/",
        runs=3,
        timed=True,
    ),
    "inspect": Case(("inspect", *LINKED, "--gold", "TEXTS/de.gold.conll"), "x.html", runs=3),
    "inspect LABELLED": Case(("inspect", "TEXTS/de.gold.conll", "--against", "TEXTS/de.gold.conll"), "x.html", runs=3),
    "convert": Case(("convert", "--source", "TEXTS/en.conll"), "x.jsonl.zst"),
    "demo": Case(("demo", "--languages", "de,ja"), "x/", runs=12),
    "doctor": Case(("doctor",), None),
    **{
        f"export {kind}": Case(("export", kind, "checkpoint", "--force"), "x/", flag="", runs=12)
        for kind in ("nllb", "tagger", "aligner")
    },
}


def leaves(parser: argparse.ArgumentParser, name: tuple[str, ...] = ()) -> Iterator[str]:
    kinds = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not kinds:
        yield " ".join(name)
    for action in kinds:
        for word, below in action.choices.items():
            yield from leaves(below, (*name, word))


def test_every_command_has_a_case() -> None:
    """A new command must be ended at every moment, too."""
    assert {name.partition(" --")[0].removesuffix(" LABELLED") for name in CASES} == set(leaves(build_parser()))


# In eflomal's place: it draws from no seed, and this is to be the same each time.
ALIGNER = """
import sys
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
with open(given["-s"]) as source:
    links = "".join("0-0\\n" for _ in source)
for side in ("-f", "-r"):
    with open(given[side], "w") as out:
        out.write(links)
"""


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    for name, block in (("en.conll", "\n\n"), ("de.words", "\n"), ("en-de.pharaoh", "\n"), ("de.gold.conll", "\n\n")):
        blocks = (DEMO / name).read_text("utf-8").split(block)
        (folder / name).write_text(block.join(blocks[:4]) + block, "utf-8")
    (folder / "suite" / "de").mkdir(parents=True)
    for old, new in (("en.conll", "source.conll"), ("de.gold.conll", "gold.conll"), ("en-de.pharaoh", "l.pharaoh")):
        shutil.copy(folder / old, folder / "suite" / "de" / new)
    about = folder / "packages" / "eflomal-2.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: eflomal\nVersion: 2.0\n")
    (about / "RECORD").write_text("eflomal-align,,\n")
    (folder / "packages" / "eflomal-align").write_text(ALIGNER)
    return folder


@pytest.fixture(scope="module")
def models(tiny_translator: Path, made_once: MadeOnce) -> Path:
    """Return a folder of models of random weights."""
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (extra: models)")
    from tiny_encoders import IOB2, clear_tagger, tiny_bert

    from xproj_fast.export.aligner import export_aligner
    from xproj_fast.export.tagger import export_tagger

    def make(folder: Path) -> None:
        pairs = read_pairs(DEMO / "en.conll", DEMO / "de.words")
        StatisticalAligner.learn(pairs.source, pairs.target).save(folder / "en-de.state")
        export_tagger(clear_tagger(tiny_bert, folder / "checkpoints" / "tagger", IOB2), folder / "tagger")
        export_aligner(tiny_bert(folder / "checkpoints" / "aligner"), folder / "aligner")
        (folder / "nllb").symlink_to(tiny_translator)

    return made_once("models-of-every-command", make)


@pytest.fixture
def filled(texts: Path, request: pytest.FixtureRequest) -> Callable[[list[str]], list[str]]:
    """Return what puts folders in the place of their names; models are made for the first that wants them."""

    def fill(words: list[str]) -> list[str]:
        if any("MODELS/" in word for word in words):
            made = str(request.getfixturevalue("models"))
            words = [word.replace("MODELS", made) for word in words]
        return [word.replace("TEXTS", str(texts)) for word in words]

    return fill


@pytest.fixture
def env(texts: Path, tmp_path: Path) -> dict[str, str]:
    """Return an environment with a temporary folder of its own, and eflomal's stand-in."""
    (tmp_path / "temporary").mkdir()
    return HERE["env"] | {
        "PYTHONPATH": f"{texts / 'packages'}{os.pathsep}{PACKAGE.parent}",
        "TMPDIR": str(tmp_path / "temporary"),
        "OMP_NUM_THREADS": "1",
    }


# What a run that can be gone on with may leave, and what the next run is known to take away.
ALLOWED = (*(f"x.{suffix}.parts/" for suffix in ("conll", "jsonl", "txt", "pharaoh")), "x/parts/")


@pytest.mark.parametrize("name", CASES)
def test_ended_at_any_moment(
    name: str, filled: Callable[[list[str]], list[str]], env: dict[str, str], in_memory: Path
) -> None:
    case = CASES[name]
    words = filled(case.words(f"OUT/{case.output}") if case.output else list(case.line))
    runs = in_memory / "runs"
    runs.mkdir()
    done = run(
        runs, case.runs, *words, *["--resume"][: case.resumes], command=(sys.executable, FOLDER / "kills.py"), env=env
    )
    whole, *ended = map(json.loads, done.stdout.splitlines())
    assert whole["code"] == 0, whole["said"]
    if case.output is None:
        assert whole["changes"] == 0
        return
    assert len(ended) >= min(case.runs, whole["changes"])
    for one in ended:
        check_ended(case, one, whole["tree"])
        again = one["again"]
        assert again["code"] == 0, f"{one['at']}, {one['signal']}: {again['said']}"
        assert again["litter"] == []
        assert again["tree"].keys() == whole["tree"].keys()
        assert case.timed or again["tree"] == whole["tree"], f"{one['at']}, {one['signal']}"


def check_ended(case: Case, one: dict[str, Any], whole: dict[str, str]) -> None:
    """Check that no output was half-written, and that only SIGKILL leaves litter."""
    number, ended = one["signal"], one["ended"]
    for path, data in ended["tree"].items():
        if path in whole and not case.timed:
            assert data == whole[path], f"{one['at']}, {number}: {path} is not what a whole run writes"
    if number == signal.SIGKILL:
        assert ended["code"] == -signal.SIGKILL
        return
    assert ended["code"] == 128 + number, ended["said"]
    assert "half-written" in ended["said"].splitlines()[-1] or "--resume" in ended["said"].splitlines()[-1]
    assert "Traceback" not in ended["said"]
    assert ended["litter"] == []
    strange = [path for path in ended["tree"] if path not in whole]
    assert all(case.resumes and any(part in path for part in ALLOWED) for path in strange), strange


# --- places that take no file

ATTEMPTS = "import json, sys; from kills import attempt, warm; lines = map(json.loads, sys.argv[1:]); warm(next(lines))"
ATTEMPTS += "; print(json.dumps([attempt(line) for line in lines]))"


def bad_places(folder: Path, name: str) -> list[Path]:
    """Make places that take no file, or no folder, of this name."""
    bare, places = name.rstrip("/"), []
    for kind in ("loop", "device", "taken", "below a file", "gone"):
        (folder / kind).mkdir()
        places.append(folder / kind / bare)
    loop, device, taken, below, gone = places
    loop.symlink_to(loop)
    device.symlink_to("/dev/full")
    taken.write_text("a user's own") if name.endswith("/") else taken.mkdir()
    (below.parent / "file").write_text("a user's own")
    places[3] = below.parent / "file" / bare
    gone.parent.rmdir()
    return [*places, Path("/proc") / bare]


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.output])
def test_onto_what_takes_no_output(
    name: str, filled: Callable[[list[str]], list[str]], env: dict[str, str], tmp_path: Path
) -> None:
    """One line that names it, whatever it is; nothing is left, and what is there stays."""
    case = CASES[name]
    assert case.output is not None
    makes_folders = name in ("compare", "demo", "evaluate") or name.startswith("export")
    places = [p for p in bad_places(tmp_path, case.output) if p.parent.exists() or not makes_folders]
    if name == "label":  # which leaves the parts in a folder that is there
        places = [p for p in places if not p.is_dir()]
    before = sorted(tmp_path.rglob("*"))
    lines = [json.dumps(filled(case.words(str(place)))) for place in (tmp_path / "temporary" / case.output, *places)]
    done = run(
        *lines, command=(sys.executable, "-c", ATTEMPTS), env=env | {"PYTHONPATH": f"{FOLDER}:{env['PYTHONPATH']}"}
    )
    for place, found in zip(places, json.loads(done.stdout), strict=True):
        assert found["code"] == 1, (place, found["said"])
        *_, line = found["said"].splitlines()
        assert line.startswith("xproj-fast: error: "), line
        named = place.parent if case.folder and place.parent.name == "file" else place
        assert str(named) in line or (case.folder and os.path.realpath(place) in line), line
        assert "Traceback" not in found["said"]
    assert [p for p in sorted(tmp_path.rglob("*")) if "temporary" not in str(p)] == [
        p for p in before if "temporary" not in str(p)
    ]


TO_STDOUT = {
    "project": (*LINKED, "-o", "-"),
    "convert": ("--source", "TEXTS/en.conll", "-o", "-"),
    "align": (*PAIRS, "-o", "-"),
    "tag": ("--tagger", "MODELS/tagger", "TEXTS/de.words", *CPU, "-o", "-"),
    "translate": (*NLLB, "TEXTS/de.words", "--from", "deu_Latn", "--to", "swh_Latn", "-o", "-"),
    "evaluate": ("TEXTS/de.gold.conll", "TEXTS/de.gold.conll"),
    "doctor": ("--json",),
}


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
@pytest.mark.parametrize("name", TO_STDOUT)
def test_standard_output_that_is_full(
    name: str, filled: Callable[[list[str]], list[str]], env: dict[str, str], tmp_path: Path
) -> None:
    with open("/dev/full", "w") as full:
        words = [*map(str, COMMAND), name, *filled(list(TO_STDOUT[name]))]
        done = subprocess.run(
            words,
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=120,
            check=False,
            cwd=tmp_path,
            env=env,
        )
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-1] == "xproj-fast: error: standard output: No space left on device"
    assert "Traceback" not in done.stderr
