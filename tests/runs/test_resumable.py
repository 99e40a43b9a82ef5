"""Output that survives a kill: whatever was said to be written is there, and nothing twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import HERE
from crash import RUNS

from xproj_fast.cli import resumable
from xproj_fast.cli.resumable import open_output
from xproj_fast.errors import InputError, InternalError

MADE_FROM = {"input": "abc", "options": {"beam": 4}}


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, chunks: list[str], fail: bool = False, **how: bool) -> dict[str, int]:
    with open_output(str(path), how.pop("made_from", MADE_FROM), **how) as output:
        for chunk in chunks:
            output.append(chunk.encode(), 1, {"words": len(chunk.split())})
        if fail:
            raise KeyboardInterrupt
        return {"done": output.done, **output.counts}


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    assert write(tmp_path / "out", ["a b\n", "c\n"]) == {"done": 2, "words": 3}
    assert (tmp_path / "out").read_text() == "a b\nc\n"
    assert left(tmp_path) == ["out", "out.manifest.json"]


def test_an_interrupted_run_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        write(path, ["a b\n", "c\n"], fail=True)
    assert left(tmp_path) == ["out.partial", "out.partial.json"]
    with open(tmp_path / "out.partial", "a") as file:
        file.write("half a li")  # what a kill in the middle of a write leaves
    with pytest.raises(InputError, match=r"an interrupted run wrote 2 sentences to out\.partial: --resume goes on"):
        write(path, [])
    with open_output(str(path), MADE_FROM, resume=True) as output:
        assert output.done == 2
        output.append(b"d\n", 1, {"words": 1})
        assert output.counts == {"words": 4}
    assert path.read_text() == "a b\nc\nd\n"
    assert left(tmp_path) == ["out", "out.manifest.json"]


def test_chunks_are_on_disk_before_they_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, partial, counted = tmp_path / "out.partial.json", tmp_path / "out.partial", []

    def sync(descriptor: int) -> None:
        if partial.exists() and os.path.samestat(os.fstat(descriptor), partial.stat()):
            counted.append(json.loads(state.read_text())["sentences"])

    monkeypatch.setattr(resumable.os, "fsync", sync)
    write(tmp_path / "out", ["a\n", "b\n"])
    assert counted == [0, 1]


def test_restart_throws_away(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        write(path, ["a\n"], fail=True)
    assert write(path, ["b\n"], restart=True) == {"done": 1, "words": 1}
    assert path.read_text() == "b\n"


def test_resume_needs_the_same_input_and_options(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        write(path, ["a\n"], fail=True)
    with pytest.raises(
        InputError, match=r"another options\.beam: 4 in the run, 1 now; --restart throws away its 1 sent"
    ):
        write(path, [], resume=True, made_from=MADE_FROM | {"options": {"beam": 1}})
    assert write(path, ["b\n"], resume=True)["done"] == 2  # nothing was lost by the refusal


def test_resume_without_an_interrupted_run_starts(tmp_path: Path) -> None:
    assert write(tmp_path / "out", ["a\n"], resume=True) == {"done": 1, "words": 1}


def test_a_finished_run_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out"
    write(path, ["a b\n", "c\n"])
    before = path.stat().st_mtime_ns
    with open_output(str(path), MADE_FROM, resume=True) as output:
        assert output.complete
        assert (output.done, output.counts) == (2, {"words": 3})
        with pytest.raises(InternalError, match="expected no more output"):
            output.append(b"d\n", 1)
    assert (path.read_text(), path.stat().st_mtime_ns) == ("a b\nc\n", before)
    for how in ({"restart": True}, {}, {"resume": True, "made_from": MADE_FROM | {"input": "other"}}):
        with open_output(str(path), how.pop("made_from", MADE_FROM), **how) as output:
            assert not output.complete
            output.append(b"d\n", 1)
        assert path.read_text() == "d\n"
    path.write_text("edited\n")
    with open_output(str(path), MADE_FROM | {"input": "other"}, resume=True) as output:
        assert not output.complete


def test_a_manifest_of_something_else_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "out.manifest.json").write_text("{}")
    with pytest.raises(InputError, match=r"out\.manifest\.json: expected the manifest of a run"):
        write(tmp_path / "out", ["a\n"])
    assert left(tmp_path) == ["out.manifest.json"]


def test_a_run_that_wrote_nothing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "out", [], fail=True)
    assert left(tmp_path) == []


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with open_output(str(path), MADE_FROM) as output:
        output.append(b"a\n", 1)
        with pytest.raises(InputError, match="another process is writing this output"):
            write(path, ["b\n"])
    assert path.read_text() == "a\n"


def test_a_state_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out.partial.json").write_text("{}")
    with pytest.raises(InputError, match="expected the state of an interrupted run, got something else"):
        write(tmp_path / "out", [])


def test_compressed_output_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "out.gz"
    with pytest.raises(InputError, match="--resume: expected a plain file to go on with"):
        write(path, [], resume=True)
    with pytest.raises(KeyboardInterrupt):
        write(path, ["a\n"], fail=True)
    assert left(tmp_path) == []
    write(path, ["a\n"])
    assert left(tmp_path) == ["out.gz"]


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a folder .*nowhere to write into, got nothing there"):
        write(tmp_path / "nowhere" / "out", [])


WRITER = """
import sys, time
from xproj_fast.cli.resumable import open_output
with open_output(sys.argv[1], {"input": 1}, resume=True) as output:
    print("open", flush=True)
    stop = min(299, output.done + 50)
    for i in range(output.done, 300):
        if i == stop:
            sys.stdin.read()  # however fast it is: not done before it is killed
        output.append(f"sentence {i}\\n".encode() * 50, 1, {"lines": 50})
        time.sleep(0.001)
"""


def test_killed_at_random_moments(tmp_path: Path) -> None:
    path = tmp_path / "out"
    command, pipe = [sys.executable, "-c", WRITER, path], subprocess.PIPE
    moments = random.Random(1)
    for _ in range(5):
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, **HERE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"open\n"  # from here on: an import takes longer on a busy machine
            time.sleep(moments.uniform(0, 0.1))
            os.kill(process.pid, signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
    done = {"stdin": subprocess.DEVNULL, "timeout": 60, "capture_output": True}
    subprocess.run(command, check=True, **done, **HERE)
    assert path.read_text() == "".join(f"sentence {i}\n" * 50 for i in range(300))
    assert left(tmp_path) == ["out", "out.manifest.json"]


CRASHING = """
from pathlib import Path
from xproj_fast.cli.resumable import open_output

def write(out, how):
    with open_output(out, {"input": 1}, **how) as output:
        for i in range(output.done, 3):
            output.append(b"sentence %d\\n" % i, 1, {"lines": 1})

n, whole = 0, False
while not whole:
    n += 1
    os.mkdir(f"{sys.argv[1]}/{n}")
    out = f"{sys.argv[1]}/{n}/out"
    whole = runs(lambda: write(out, {}), n)
    assert runs(lambda: write(out, {"resume": True})), f"killed before its change {n}, it could not be gone on with"
    names = sorted(p.name for p in Path(out).parent.iterdir())
    print(repr(Path(out).read_text()), *names)
    assert runs(lambda: write(out, {"resume": True}))  # which finds it complete
    assert sorted(p.name for p in Path(out).parent.iterdir()) == names
"""


def test_killed_before_every_change_of_a_file(in_memory: Path) -> None:
    command = [sys.executable, "-c", RUNS + CRASHING, in_memory]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=100, **HERE)
    runs = done.stdout.splitlines()
    assert len(runs) > 10
    assert set(runs) == {"'sentence 0\\nsentence 1\\nsentence 2\\n' out out.manifest.json"}


def test_a_partial_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "out", ["a\n"], fail=True)
    (tmp_path / "out.partial").unlink()
    with pytest.raises(InputError, match=r"expected the 2 bytes that the interrupted run wrote, got 0; --restart"):
        write(tmp_path / "out", ["a\n"], resume=True)
    write(tmp_path / "out", ["b\n"], restart=True)
    assert (tmp_path / "out").read_text() == "b\n"
