"""Output in parts: killed, interrupted or out of room at any moment, what is recorded is there, and nothing twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command import HERE
from crash import RUNS

from xproj_fast.errors import InputError
from xproj_fast.runs.layout import file_layout, folder_layout
from xproj_fast.runs.parts import open_parts

MADE_FROM: dict[str, Any] = {"input": "abc", "options": {"matcher": "greedy", "beam": 4}}


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def write(output: Path | str, chunks: list[str], *, fail: bool = False, made_from: Any = MADE_FROM, **how: bool) -> int:
    """Write chunks as parts, the first letters as problems; returns the sentences that were done before."""
    layout, suffix = file_layout(str(output))
    with open_parts(layout, made_from, **how) as (parts, notes):
        done = parts.done
        if parts.complete:
            return done
        for chunk in chunks[done:]:
            parts.append(
                {suffix: chunk.encode(), "problems.jsonl": b"!\n" * chunk.count("!")}, 1, {"words": len(chunk)}
            )
        if fail:
            raise KeyboardInterrupt
        notes["seconds"] = {"write": 1.5}
    return done


def test_parts_become_the_output(tmp_path: Path) -> None:
    out = tmp_path / "out.conll"
    assert write(out, ["a\n", "b!\n", "c\n"]) == 0
    assert left(tmp_path) == ["out.conll", "out.conll.manifest.json", "out.conll.problems.jsonl"]
    assert out.read_text() == "a\nb!\nc\n"
    assert (tmp_path / "out.conll.problems.jsonl").read_text() == "!\n"
    manifest = json.loads((tmp_path / "out.conll.manifest.json").read_text())
    assert manifest["sentences"] == 3
    assert manifest["counts"] == {"words": 7}
    assert manifest["made_from"] == {"xproj_fast": manifest["made_from"]["xproj_fast"], **MADE_FROM}
    assert manifest["outputs"].keys() == {"conll", "problems.jsonl"}
    assert manifest["outputs"]["conll"]["bytes"] == 7
    assert manifest["notes"] == {"seconds": {"write": 1.5}}


def test_no_problems_no_file(tmp_path: Path) -> None:
    write(tmp_path / "out.conll", ["a!\n"])
    assert "out.conll.problems.jsonl" in left(tmp_path)
    write(tmp_path / "out.conll", ["a\n"])  # which replaces what an earlier run left
    assert left(tmp_path) == ["out.conll", "out.conll.manifest.json"]


def test_an_interrupted_run_is_gone_on_with(tmp_path: Path) -> None:
    out, chunks = tmp_path / "out.jsonl", ["a!\n", "b\n", "c\n"]
    with pytest.raises(KeyboardInterrupt):
        write(out, chunks[:2], fail=True)
    assert not out.exists()
    parts = tmp_path / "out.jsonl.parts"
    assert left(parts) == ["journal.jsonl", "part-000000.jsonl", "part-000000.problems.jsonl", "part-000001.jsonl"]
    head, *lines = map(json.loads, (parts / "journal.jsonl").read_text().splitlines())
    assert head["made_from"] == {"xproj_fast": head["made_from"]["xproj_fast"], **MADE_FROM}
    assert [(line["part"], line["sentences"], line["counts"]) for line in lines] == [
        (0, 1, {"words": 3}),
        (1, 1, {"words": 2}),
    ]
    assert [list(line["files"]) for line in lines] == [["jsonl", "problems.jsonl"], ["jsonl"]]
    (parts / "part-000002.jsonl").write_text("what a kill between two renames leaves\n")
    (parts / ".part-000002.jsonl.1.2.part").write_text("what a kill in the middle of a write leaves")
    with pytest.raises(InputError, match=r"an interrupted run wrote 2 sentences in .*: --resume continues it, --rest"):
        write(out, chunks)
    assert write(out, chunks, resume=True) == 2
    assert out.read_text() == "a!\nb\nc\n"
    assert json.loads((tmp_path / "out.jsonl.manifest.json").read_text())["counts"] == {"words": 7}
    assert not parts.exists()


def test_a_finished_run_is_left_alone_by_resume(tmp_path: Path) -> None:
    out = tmp_path / "out.conll"
    write(out, ["a\n", "b\n"])
    before = out.stat().st_mtime_ns
    assert write(out, ["x\n"], resume=True) == 2
    assert out.stat().st_mtime_ns == before
    assert left(tmp_path) == ["out.conll", "out.conll.manifest.json"]
    out.write_text("changed")
    assert write(out, ["x\n"], resume=True) == 0  # then it is made anew
    assert out.read_text() == "x\n"
    assert write(out, ["y\n"]) == 0  # as without --resume


def test_restart_throws_away(tmp_path: Path) -> None:
    out = tmp_path / "out.conll"
    with pytest.raises(KeyboardInterrupt):
        write(out, ["a!\n", "b\n"], fail=True)
    assert write(out, ["c\n"], restart=True) == 0
    assert out.read_text() == "c\n"
    assert left(tmp_path) == ["out.conll", "out.conll.manifest.json"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"input": "abd"},
            'got another input: "abc" in the run, "abd" now; --restart discards its 1 sentence$',
        ),
        ({"options": {"matcher": "exact", "beam": 4}}, 'another options.matcher: "greedy" in the run, "exact" now; '),
        ({"options": {"matcher": "greedy"}}, "another options.beam: 4 in the run, none now; "),
        ({"tagger": "f00"}, 'another tagger: none in the run, "f00" now; '),
    ],
)
def test_resume_needs_the_same_input_and_options(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    out = tmp_path / "out.conll"
    with pytest.raises(KeyboardInterrupt):
        write(out, ["a\n"], fail=True)
    with pytest.raises(InputError, match=message):
        write(out, ["a\n"], resume=True, made_from=MADE_FROM | change)
    assert write(out, ["a\n", "b\n"], resume=True) == 1  # nothing was lost by the refusal
    assert out.read_text() == "a\nb\n"


def test_a_part_that_is_gone_or_changed(tmp_path: Path) -> None:
    out = tmp_path / "out.conll"
    with pytest.raises(KeyboardInterrupt):
        write(out, ["a\n", "b\n"], fail=True)
    part = tmp_path / "out.conll.parts" / "part-000001.conll"
    part.write_text("x\n")  # the same size: seen when the parts are joined
    with pytest.raises(InputError, match=r"part-000001\.conll: expected the part the journal lists"):
        write(out, ["a\n", "b\n"], resume=True)
    part.unlink()
    with pytest.raises(InputError, match="expected 2 bytes, got nothing there; --restart starts over"):
        write(out, ["a\n", "b\n"], resume=True)
    write(out, ["a\n", "b\n"], restart=True)
    assert out.read_text() == "a\nb\n"


def test_resume_without_an_interrupted_run_starts(tmp_path: Path) -> None:
    assert write(tmp_path / "out.conll", ["a\n"], resume=True) == 0


def test_a_run_that_wrote_nothing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "out.conll", [], fail=True)
    assert left(tmp_path) == []


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    layout, suffix = file_layout(str(tmp_path / "out.conll"))
    with open_parts(layout, MADE_FROM) as (parts, _):
        parts.append({suffix: b"a\n"}, 1)
        with pytest.raises(InputError, match="another process is writing this output"):
            write(tmp_path / "out.conll", ["b\n"])
    assert (tmp_path / "out.conll").read_text() == "a\n"


def test_a_folder_keeps_the_parts(tmp_path: Path) -> None:
    out = str(tmp_path / "out") + "/"
    write(out, ["a\n", "b!\n"])
    assert left(tmp_path) == [
        "out",
        "out/manifest.json",
        "out/part-000000.conll",
        "out/part-000001.conll",
        "out/part-000001.problems.jsonl",
    ]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [list(part["files"]) for part in manifest["parts"]] == [["conll"], ["conll", "problems.jsonl"]]
    with pytest.raises(InputError, match=r"holds a finished output of 2 sentences in .*: --restart replaces it"):
        write(out, ["c\n"])
    assert write(out, ["c\n"], resume=True) == 2
    write(out, ["c\n"], restart=True)
    assert left(tmp_path) == ["out", "out/manifest.json", "out/part-000000.conll"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("do not touch")
    with pytest.raises(InputError, match=r"expected a new or empty folder, got one with thesis\.tex in it"):
        write(str(tmp_path / "other") + "/", ["a\n"])
    assert (tmp_path / "other" / "thesis.tex").exists()
    (tmp_path / "other" / "thesis.tex").rename(tmp_path / "other" / "part-000000.conll")
    for how in ({}, {"resume": True}, {"restart": True}):
        with pytest.raises(InputError, match=r"expected a new or empty folder, got one with part-000000\.conll in it"):
            write(str(tmp_path / "other") + "/", ["a\n"], **how)
    assert (tmp_path / "other" / "part-000000.conll").read_text() == "do not touch"


def test_the_current_folder_keeps_the_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    write("./", ["a\n"])
    assert write(".", ["a\n"], resume=True) == 1
    assert left(tmp_path) == ["here", "here/manifest.json", "here/part-000000.conll"]


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_tables_become_one_table(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out.{suffix}"
    layout, part = file_layout(str(out))
    with open_parts(layout, MADE_FROM) as (parts, _):
        for i in range(3):
            tags = pa.array(["O", f"B-{i}"]).dictionary_encode()  # each chunk numbers its labels anew
            parts.append({part: pa.table({"id": [2 * i, 2 * i + 1], "tag": tags})}, 2)
    table = pq.read_table(out) if suffix == "parquet" else pa.ipc.open_file(out).read_all()
    assert table.to_pydict() == {"id": list(range(6)), "tag": ["O", "B-0", "O", "B-1", "O", "B-2"]}
    if suffix == "parquet":
        assert pq.ParquetFile(out).num_row_groups == 3


def test_compressed_output(tmp_path: Path) -> None:
    import gzip

    write(tmp_path / "out.conll.gz", ["a\n", "b\n"])
    with gzip.open(tmp_path / "out.conll.gz") as file:
        assert file.read() == b"a\nb\n"


def test_several_files_in_a_folder(tmp_path: Path) -> None:
    layout, suffixes = folder_layout(str(tmp_path / "out"), ("swh_Latn", "yor_Latn"))
    assert suffixes == {"swh_Latn": "swh_Latn.conll", "yor_Latn": "yor_Latn.conll"}
    with open_parts(layout, MADE_FROM) as (parts, _):
        for i in range(2):
            parts.append({s: f"{name} {i}\n".encode() for name, s in suffixes.items()}, 1)
    assert left(tmp_path / "out") == ["manifest.json", "swh_Latn.conll", "yor_Latn.conll"]
    assert (tmp_path / "out" / "yor_Latn.conll").read_text() == "yor_Latn 0\nyor_Latn 1\n"


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("-", "expected a file or a folder"),
        ("nowhere/out.conll", r"expected a folder .*nowhere to write into, got nothing there"),
        ("out.txt", "expected one of arrow, conll, hf, jsonl, spacy for labelled output, got text"),
        ("out.xyz", "expected a suffix that names the format"),
        ("out.parquet.gz", r"expected a name that ends in \.parquet, \.arrow, \.feather"),
        ("fifo", "expected a plain file to write, got something else"),
        ("taken", "expected room for a folder, got a file"),
    ],
)
def test_bad_outputs(tmp_path: Path, output: str, message: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "taken.parts").write_text("")
    name = output if output == "-" else str(tmp_path / output)
    with pytest.raises(InputError, match=message):
        file_layout(name, "conll" if output in ("fifo", "taken") else None)[0].check()


def test_the_folder_of_a_model_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"kind": "translator"}')
    layout, _ = folder_layout(str(tmp_path), ("swh_Latn",))
    for how in ({}, {"resume": True}, {"restart": True}):
        with (
            pytest.raises(InputError, match=r"manifest\.json: expected the manifest of a run, got something else"),
            open_parts(layout, MADE_FROM, **how),
        ):
            pass
    assert (tmp_path / "manifest.json").read_text() == '{"kind": "translator"}'
    with pytest.raises(InputError, match="output: expected a folder, as each language becomes a file, got '-'"):
        folder_layout("-", ("swh_Latn",))


@pytest.mark.parametrize(
    ("place", "what"), [("out.conll.parts/journal.jsonl", "journal"), ("out.conll.manifest.json", "manifest")]
)
def test_a_record_of_something_else_is_refused(place: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "out.conll.parts").mkdir()
    (tmp_path / place).write_text("{}\n")
    message = f"expected the {what} of a run, got something else; remove it to start over"
    for how in ({}, {"resume": True}, {"restart": True}):
        with pytest.raises(InputError, match=message):
            write(tmp_path / "out.conll", [], **how)
    assert (tmp_path / place).read_text() == "{}\n"


WRITER = """
import sys, time
import pyarrow as pa
from xproj_fast.runs.layout import file_layout
from xproj_fast.runs.parts import open_parts
from xproj_fast.runs.stream import Stage, Stream

def slow(i):
    time.sleep(0.001)
    return i

print("begun", flush=True)
layout, suffix = file_layout(sys.argv[1])
with open_parts(layout, {"input": 1}, resume=True) as (parts, notes):
    with Stream(range(parts.done, int(sys.argv[2]), 2), [Stage("slow", slow, 2)]) as stream:
        stop = parts.done + 50
        for i in [] if parts.complete else stream:
            if i == stop:
                sys.stdin.read()  # however fast it is: not done before it is killed
            if suffix == "parquet":
                data = pa.table({"id": [i, i + 1]})
            else:
                data = f"sentence {i}\\nsentence {i + 1}\\n".encode() * 20
            problems = f"{i}\\n".encode() if i % 6 == 0 else b""
            parts.append({suffix: data, "problems.jsonl": problems}, 2, {"lines": 2})
"""


@pytest.mark.parametrize(("name", "sentences", "kills"), [("out.conll", 600, 8), ("out.parquet", 300, 5)])
def test_killed_at_random_moments(tmp_path: Path, name: str, sentences: int, kills: int) -> None:
    def run(output: Path, pipe: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", WRITER, output, str(sentences)]
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, **HERE)

    whole = tmp_path / "whole" / name
    out = tmp_path / "killed" / name
    whole.parent.mkdir()
    out.parent.mkdir()
    assert run(whole).wait(60) == 0
    moments = random.Random(1)
    for _ in range(kills):
        with run(out, subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"begun\n"  # from here on: an import takes longer on a busy machine
            time.sleep(moments.uniform(0.0, 0.1))
            os.kill(process.pid, signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
    assert run(out).wait(60) == 0
    assert left(out.parent) == left(whole.parent) == [name, f"{name}.manifest.json", f"{name}.problems.jsonl"]
    for path in whole.parent.iterdir():
        if not path.name.endswith("manifest.json"):
            assert path.read_bytes() == (out.parent / path.name).read_bytes()
    counts = [json.loads((f.parent / f"{name}.manifest.json").read_text())["counts"] for f in (out, whole)]
    assert counts == [{"lines": sentences}] * 2


CRASHING = """
from pathlib import Path
from xproj_fast.runs.layout import file_layout
from xproj_fast.runs.parts import open_parts

def write(out, how):
    layout, suffix = file_layout(out)
    with open_parts(layout, {"input": 1}, **how) as (parts, notes):
        for i in range(parts.done, 0 if parts.complete else 3):
            parts.append({suffix: b"sentence %d\\n" % i, "problems.jsonl": b"problem\\n" * (i == 1)}, 1)

folder, name = sys.argv[1:]
for first in ({"resume": True}, {"restart": True}):
    n, whole = 0, False
    while not whole:
        n += 1
        os.mkdir(f"{folder}/{n}")
        out = f"{folder}/{n}/{name}"
        if "restart" in first:
            runs(lambda: write(out, {"resume": True}))  # there is something to throw away
        whole = runs(lambda: write(out, first), n)
        assert runs(lambda: write(out, {"resume": True})), f"killed before its change {n}, it could not be gone on with"
        print(n, *sorted(f"{p.name}={p.read_text()!r}" for p in Path(folder, str(n)).rglob("*")
                         if p.is_file() and "manifest" not in p.name))
    folder += "/restart"
    os.mkdir(folder)
"""


@pytest.mark.parametrize("name", ["out.conll", "out/"])
def test_killed_before_every_change_of_a_file(in_memory: Path, name: str) -> None:
    """Before each file that is made, renamed or removed, in a fresh run and in one that replaces another."""
    command = [sys.executable, "-c", RUNS + CRASHING, in_memory, name]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=100, **HERE)
    runs = [line.split(" ", 1) for line in done.stdout.splitlines()]
    assert len(runs) > 40
    assert len({files for _, files in runs}) == 1
    expected = "out.conll.problems.jsonl='problem\\n' out.conll='sentence 0\\nsentence 1\\nsentence 2\\n'"
    assert name != "out.conll" or runs[0][1] == expected


def test_full_disk(tmp_path: Path) -> None:
    limited = f"""
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
sys.argv = ["writer", {str(tmp_path / "out.conll")!r}, "100"]
try:
    exec({WRITER!r})
except Exception as error:
    print(f"{{type(error).__name__}}: {{error}}")
"""
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, encoding="utf-8", check=True, **HERE)
    _, *parts = (tmp_path / "out.conll.parts" / "journal.jsonl").read_text().splitlines()
    safe = sum(json.loads(part)["sentences"] for part in parts)
    assert 0 < safe < 100
    assert done.stdout.startswith("begun\nInputError: ")
    assert f"could not be written: File too large ({safe} sentences are safe in " in done.stdout
    assert "--resume continues after them" in done.stdout
    assert subprocess.run([sys.executable, "-c", WRITER, tmp_path / "out.conll", "100"], check=True, **HERE)
    lines = (tmp_path / "out.conll").read_text().splitlines()
    assert lines == [f"sentence {i + j}" for i in range(0, 100, 2) for _ in range(20) for j in (0, 1)]
