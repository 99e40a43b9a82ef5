"""Signals end a command once, in order, and with all that it started; what SIGKILL leaves, the next run removes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from command import EN_DE, HERE, PACKAGE, fails, run, start

from xproj_fast.cli.signals import Ended, orderly
from xproj_fast.formats.leftovers import scratch_folder
from xproj_fast.formats.outputs import whole_file

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
DEFAULT = (sys.executable, "-c", "import os, signal, sys\nsignal.signal(2, signal.default_int_handler)\n")


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# --- in a process


def code_of(body: Callable[[], object]) -> int:
    """Return the exit code of a body that a signal ends."""

    def run_it() -> None:
        with orderly():
            body()

    with pytest.raises(Ended) as caught:
        run_it()
    return caught.value.code  # type: ignore[return-value]


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    signal.pause()


@pytest.mark.parametrize("number", CODES)
def test_a_signal_is_raised_and_handlers_come_back(number: signal.Signals) -> None:
    before = signal.signal(number, signal.default_int_handler)
    try:
        assert code_of(lambda: send(number)) == CODES[number]
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)


def test_what_is_ignored_stays_ignored() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with orderly():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_cleaning_up_is_not_cut_short() -> None:
    cleaned = []

    def body() -> None:
        try:
            send(signal.SIGTERM)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
                os.kill(os.getpid(), number)
                cleaned.append(number)

    assert code_of(body) == 143
    assert len(cleaned) == 3


def test_what_swallows_a_signal_gets_it_again() -> None:
    """A destructor prints what it raises, and goes on; so do imports that try what is there."""

    def body() -> None:
        with suppress(SystemExit):
            send(signal.SIGTERM)
        while True:
            signal.pause()

    assert code_of(body) == 143


def test_a_signal_that_became_another_error_is_a_signal() -> None:
    def body() -> None:
        try:
            send(signal.SIGTERM)
        except SystemExit:
            raise ImportError("initialization failed") from None  # as onnxruntime does

    assert code_of(body) == 143


def test_importing_takes_no_signals() -> None:
    code = """
before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)]
import xproj_fast as xp, xproj_fast.cli, xproj_fast.models.eflomal
xp.project
print(before == [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)])
"""
    assert run(command=(*DEFAULT[:2], DEFAULT[2] + code)).stdout == "True\n"


# --- a command


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("as_error", [False, True])
def test_while_a_heavy_package_is_imported(tmp_path: Path, number: signal.Signals, as_error: bool) -> None:
    """It must come out as it is, even where the package makes an error of its own of it."""
    (tmp_path / "matplotlib").mkdir()
    kill = f"import os\nos.kill(os.getpid(), {number:d})\n"
    wrapped = f"try:\n    {kill[10:]}except BaseException:\n    raise ImportError('initialization failed')\n"
    (tmp_path / "matplotlib" / "__init__.py").write_text("import os\n" + wrapped if as_error else kill)
    command = (*DEFAULT[:2], DEFAULT[2] + "from xproj_fast.cli import main\nsys.exit(main())")
    env = HERE["env"] | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{PACKAGE.parent}"}
    done = run("compare", *EN_DE, "-o", tmp_path / "out", command=command, env=env, code=CODES[number])
    what = {130: "interrupted", 143: "ended by SIGTERM", 129: "ended by SIGHUP"}[CODES[number]]
    assert done.stderr == f"xproj-fast: {what}; no output was left half-written\n"
    assert not (tmp_path / "out").exists()


# The program eflomal, as far as it matters here: it starts another one, both hold a pipe and say so, and never end.
ENDLESS = """
import os, subprocess, sys
pipe = os.open(os.environ["HELD"], os.O_WRONLY)
say = "import os, signal, sys; os.write(int(sys.argv[1]), b'.'); signal.pause()"
sampler = subprocess.Popen([sys.executable, "-c", say, str(pipe)], pass_fds=[pipe])
open("not-mine", "w").close()
os.write(pipe, b".")
sampler.wait()
"""
FAILS = "import sys; sys.exit('no luck')"


class Aligning:
    """``xproj-fast align`` with a program of ours in eflomal's place."""

    def __init__(self, folder: Path) -> None:
        self.temporary, self.out, self.pipe = folder / "temporary", folder / "out", folder / "pipe"
        self.packages = folder / "packages"
        about = self.packages / "eflomal-2.0.dist-info"
        for new in (self.temporary, self.out, about):
            new.mkdir(parents=True)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: eflomal\nVersion: 2.0\n")
        (about / "RECORD").write_text("eflomal-align,,\n")
        os.mkfifo(self.pipe)
        self.env = HERE["env"] | {
            "PYTHONPATH": f"{self.packages}{os.pathsep}{PACKAGE.parent}",
            "TMPDIR": str(self.temporary),
            "HELD": str(self.pipe),
        }

    @property
    def line(self) -> list[Any]:
        return ["align", *EN_DE[:4], "--aligner", "eflomal", "-o", self.out / "links.pharaoh", "--quiet"]

    def program(self, code: str) -> None:
        (self.packages / "eflomal-align").write_text(code)

    def ends_by(self, number: signal.Signals) -> tuple[int, str]:
        """Run it, send the signal once all is under way, wait until nothing that it started is there any more."""
        self.program(ENDLESS)
        with start(*self.line, env=self.env) as process:
            assert process.stderr is not None
            held = os.open(self.pipe, os.O_RDONLY)
            said = b""
            while len(said) < 2:
                said += os.read(held, 2)
            process.send_signal(number)
            complaints = process.stderr.read().decode()
            assert os.read(held, 1) == b""  # comes when both have ended, and not before
            os.close(held)
        return process.returncode, complaints


@pytest.fixture
def aligning(tmp_path: Path) -> Aligning:
    return Aligning(tmp_path)


@pytest.mark.parametrize("number", CODES)
def test_programs_that_it_started_end_with_it(
    aligning: Aligning, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(number, signal.default_int_handler)  # what is ignored here would be ignored there
    try:
        code, complaints = aligning.ends_by(number)
    finally:
        signal.signal(number, before)
    assert code == CODES[number]
    assert len(complaints.splitlines()) == 1
    assert complaints.endswith("; no output was left half-written\n")
    assert left(aligning.temporary) == left(aligning.out) == []


def test_what_sigkill_leaves_is_removed_by_the_next_run(aligning: Aligning) -> None:
    assert aligning.ends_by(signal.SIGKILL) == (-signal.SIGKILL, "")
    [folder, *_] = left(aligning.temporary)
    [part] = left(aligning.out)
    assert folder.startswith("xproj-eflomal-")
    assert part.startswith(".links.pharaoh.")
    (aligning.temporary / "xproj-eflomal-notes.txt").write_text("of a user")
    aligning.program(FAILS)
    assert "no luck" in fails(*aligning.line, env=aligning.env)
    assert left(aligning.temporary) == ["xproj-eflomal-notes.txt"]
    assert left(aligning.out) == []


def test_what_another_process_is_at_work_on_stays(aligning: Aligning, tmp_path: Path) -> None:
    aligning.program(FAILS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(aligning.temporary))
        with scratch_folder("xproj-eflomal-") as folder, whole_file(aligning.out / "links.pharaoh") as out:
            out.write(b"0-0\n")
            assert "no luck" in fails(*aligning.line, env=aligning.env)
            assert folder.is_dir()
            assert len(left(aligning.out)) == 1
    assert left(aligning.temporary) == []
    assert left(aligning.out) == ["links.pharaoh"]


def test_leftovers_of_other_outputs_stay(tmp_path: Path) -> None:
    for name in (".a.conll.1.ab.part", ".b.conll.1.ab.part", "a.conll.1.ab.part", ".a.conll.part"):
        (tmp_path / name).write_text("of a killed run, or a user's own")
    (tmp_path / ".a.conll.2.ab.part").symlink_to("b.txt")
    (tmp_path / "b.txt").write_text("a user's own")
    with whole_file(tmp_path / "a.conll") as out:
        out.write(b"a\n")
    assert ".a.conll.1.ab.part" not in left(tmp_path)
    assert len(left(tmp_path)) == 6


def test_a_hangup_under_nohup_ends_nothing(tmp_path: Path) -> None:
    code = """
signal.signal(signal.SIGHUP, signal.SIG_IGN)
sys.addaudithook(lambda event, args: event == "os.rename" and os.kill(os.getpid(), signal.SIGHUP))
from xproj_fast.cli import main
sys.exit(main())
"""
    run("project", *EN_DE, "-o", tmp_path / "x.conll", command=(*DEFAULT[:2], DEFAULT[2] + code))
    assert left(tmp_path) == ["x.conll"]


def test_a_lost_terminal_is_no_reason_for_a_traceback(tmp_path: Path) -> None:
    code = """
sys.addaudithook(lambda event, args: event == "os.rename" and os.kill(os.getpid(), signal.SIGHUP))
from xproj_fast.cli import main
sys.exit(main())
"""
    with open("/dev/full", "w") as full:
        words = [*DEFAULT[:2], DEFAULT[2] + code, "project", *map(str, EN_DE), "-o", str(tmp_path / "x"), "--quiet"]
        words += ["--output-format", "conll"]
        assert subprocess.run(words, stderr=full, timeout=60, check=False, **HERE).returncode == 129
    assert left(tmp_path) == []
