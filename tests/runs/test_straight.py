"""Output that cannot be gone on with: standard output, pipes and devices."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from xproj_fast.errors import InputError
from xproj_fast.runs.engine import Piece, Run, carry_out
from xproj_fast.runs.straight import Straight, is_straight
from xproj_fast.runs.stream import Stage, Stream


def run(output: Straight) -> Run[int]:
    def stream(skip: int) -> Stream[int]:
        return Stream(range(skip, 4), [Stage("double", lambda i: 2 * i)])

    def encode(i: int) -> Piece:
        data = pa.table({"i": [i]}) if output.suffix == "arrow" else f"{i}\n".encode()
        return Piece({output.suffix: data}, 1, {"sum": i}, i / 6)

    return Run(output, {}, {}, stream, encode)


def test_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    seen: list[tuple[int, float]] = []
    summary = carry_out(run(Straight("-", "txt")), {"resume": True, "progress": lambda *args: seen.append(args)})
    assert capfdbinary.readouterr().out == b"0\n2\n4\n6\n"
    assert (summary["output"], summary["sentences"], summary["sum"], summary["complete"]) == ("-", 4, 12, False)
    assert [done for done, _ in seen] == [1, 2, 3, 4]
    assert seen[-1][1] == 1.0


@pytest.mark.parametrize("suffix", ["txt", "arrow"])
def test_a_pipe(tmp_path: Path, suffix: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    link = tmp_path / "link"
    link.symlink_to(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    carry_out(run(Straight(str(link), suffix)), {})
    reader.join()
    if suffix == "txt":
        assert got == [b"0\n2\n4\n6\n"]
    else:
        assert pa.ipc.open_file(pa.py_buffer(got[0])).read_all().to_pydict() == {"i": [0, 2, 4, 6]}
    assert sorted(os.listdir(tmp_path)) == ["link", "pipe"]
    with pytest.raises(InputError, match="--resume: expected a plain file to continue, got "):
        carry_out(run(Straight(str(pipe), suffix)), {"resume": True})


def test_what_is_straight(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    assert is_straight("-")
    assert is_straight(str(tmp_path / "pipe"))
    assert not any(is_straight(str(tmp_path / name)) for name in ("file", "new", "."))
