"""``xproj-fast project`` as a process: the same as ``project()``, in every format, and nothing half done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from command import COMMAND, DEMO, EN_DE, HERE, fails, run, start

from xproj_fast.arrow_columns import pairs_to_arrow
from xproj_fast.formats.arrow import read_table
from xproj_fast.formats.pair_files import read_pairs
from xproj_fast.formats.writers import open_writer
from xproj_fast.kernels.protocol import HeuristicOptions
from xproj_fast.projection import Projection
from xproj_fast.projector import project

PAIRS = read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh")
RESULT = project(PAIRS, scores="learned")  # the command's default


def written(result: Projection, path: Path) -> bytes:
    with open_writer(path) as write:
        write(result)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["x.conll", "x.jsonl", "x.parquet", "x.arrow"])
def test_formats(tmp_path: Path, name: str) -> None:
    expected = written(RESULT, tmp_path / f"expected-{name}")
    out = tmp_path / name
    done = run("project", *EN_DE, "-o", out, "--chunk", "7")
    assert done.stdout == ""
    assert done.stderr.startswith(f"{out}: 40 sentences, 107 entities, 107 projected (100.0%) onto 107 spans\n")
    if name in ("x.conll", "x.jsonl"):
        assert out.read_bytes() == expected
    else:
        tables = [read_table(path, path.suffix[1:]) for path in (out, tmp_path / f"expected-{name}")]
        assert tables[0] == tables[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([f"expected-{name}", name])


def test_from_jsonl_and_parquet(tmp_path: Path) -> None:
    expected = written(RESULT, tmp_path / "expected.conll")
    pq.write_table(pairs_to_arrow(PAIRS), tmp_path / "pairs.parquet")
    run("project", "--source", tmp_path / "pairs.parquet", "-o", tmp_path / "a.conll.gz", "--chunk", "9")
    run("convert", "--source", tmp_path / "a.conll.gz", "-o", tmp_path / "b.conll")
    assert (tmp_path / "b.conll").read_bytes() == expected
    run("convert", "--source", DEMO / "en.conll", "-o", tmp_path / "en.jsonl")
    run("convert", "--source", DEMO / "de.gold.conll", "-o", tmp_path / "de.jsonl.zst")
    sides = "--source", tmp_path / "en.jsonl", "--target", tmp_path / "de.jsonl.zst", *EN_DE[4:]
    run("project", *sides, "-o", tmp_path / "c.conll", "--quiet")
    assert (tmp_path / "c.conll").read_bytes() == expected


def test_standard_output_and_json(tmp_path: Path) -> None:
    expected = written(RESULT, tmp_path / "expected.conll")
    done = run("project", *EN_DE, "-o", "-")
    assert done.stdout.encode() == expected
    assert done.stderr.startswith("-: 40 sentences, ")
    done = run("project", *EN_DE, "-o", "-", "--quiet", "--output-format", "jsonl")
    assert [json.loads(line)["text"].split() for line in done.stdout.splitlines()] == PAIRS.target.to_lists()
    assert done.stderr == ""
    done = run("project", *EN_DE, "-o", tmp_path / "x.conll", "--json", "--drop-labels", "MISC")
    summary = json.loads(done.stdout)
    kept = project(PAIRS.drop_labels(["MISC"]), scores="learned").counts()
    assert {name: summary[name] for name in kept} == kept | {"expected_precision": summary["expected_precision"]}
    assert summary["expected_precision"] == pytest.approx(kept["expected_precision"], abs=1e-6)  # of sums
    assert summary["output"] == str(tmp_path / "x.conll")
    assert sum(summary["labels"].values()) == summary["spans"] < 107
    assert "MISC" not in summary["labels"]
    assert set(summary["seconds"]) == {"project", "total"}
    assert done.stderr == ""


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="needs /dev/stdout")
def test_standard_output_by_another_name(tmp_path: Path) -> None:
    expected = written(RESULT, tmp_path / "expected.conll").decode()
    args = "project", *EN_DE, "--output-format", "conll", "-o"
    assert run(*args, "/dev/stdout", "--quiet").stdout == expected
    closed = "sh", "-c", 'exec "$0" "$@" >&-', *COMMAND
    run(*args, tmp_path / "x.conll", command=closed)
    assert (tmp_path / "x.conll").read_text("utf-8") == expected
    assert fails(*args, "-", command=closed) == "standard output: expected it to be open"


def test_a_terminal_without_unicode(tmp_path: Path) -> None:
    for name, text in (("en.conll", "a\tB-ÖRT\n"), ("de.txt", "é\n"), ("links", "0-0\n")):
        (tmp_path / name).write_text(text, "utf-8")
    ascii_only = HERE | {"cwd": tmp_path, "env": HERE["env"] | {"PYTHONIOENCODING": "ascii"}}
    sides = "--source", "en.conll", "--target", "de.txt", "--alignments", "links", "--scores", "alignment"
    done = run("project", *sides, "-o", "de.conll", "--json", **ascii_only)
    assert json.loads(done.stdout)["labels"] == {"ÖRT": 1}
    assert run("project", *sides, "-o", "-", "--quiet", **ascii_only).stdout == "é\tB-ÖRT\n\n"  # data stays UTF-8
    assert "\\xd6RT" in run("evaluate", "de.conll", "de.conll", **ascii_only).stdout


RUNS = "--matcher heuristic --merge-distance 3 --length-ratio 0 --top-k 1 --sentence-order --overwrite"
METHODS: list[tuple[list[Any], dict[str, Any]]] = [
    (["--limit", "=1", "--max-words", 2], {"limit": "=1", "max_words": 2}),
    (["--candidates", "aligned", "--min-words", 2], {"candidates": "aligned", "min_words": 2}),
    (["--limit", ">0", "--max-words", 0, "--stop-words", ""], {"limit": ">0", "max_words": None, "stop_words": ()}),
    (["--stop-words", "Berlin,."], {"stop_words": ["Berlin", "."]}),
    (["--matcher", "heuristic"], {"matcher": "heuristic"}),
    (["--matcher", "exact", "--limit", "<=2"], {"matcher": "exact", "limit": "<=2"}),
    (
        ["--matcher", "ilp", "--limit", "=2", "--forbid-adjacent", "--time-limit", 5],
        {"matcher": "ilp", "limit": "=2", "forbid_adjacent": True, "time_limit": 5.0},
    ),
    (["--scores", "alignment"], {"scores": "alignment"}),
    (
        RUNS.split(),
        {"matcher": "heuristic", "heuristic": HeuristicOptions(3, 0.0, 1, False, True)},
    ),
    (["--backend", "numba", "--threads", 1], {}),
]


@pytest.mark.parametrize(("args", "options"), METHODS, ids=lambda value: " ".join(map(str, value))[:40])
def test_methods(tmp_path: Path, args: list[Any], options: dict[str, Any]) -> None:
    run("project", *EN_DE, "-o", tmp_path / "x.conll", *args)
    scores = {} if options.get("matcher") == "heuristic" else {"scores": "learned"}
    expected = written(project(PAIRS, **scores | options), tmp_path / "expected.conll")
    assert (tmp_path / "x.conll").read_bytes() == expected


def test_order_of_the_heuristic(tmp_path: Path) -> None:
    for name, text in (("en.conll", "a\tB-X\nb\tI-X\nc\tB-Y\n"), ("de.txt", "w\n"), ("links", "0-0 1-0 2-0\n")):
        (tmp_path / name).write_text(text, "utf-8")
    sides = "--source", "en.conll", "--target", "de.txt", "--alignments", "links", "-o", "-"
    for args, label in (([], "Y"), (["--sentence-order"], "X"), (["--sentence-order", "--overwrite"], "Y")):
        done = run("project", *sides, "--matcher", "heuristic", "--length-ratio", 0, *args, cwd=tmp_path)
        assert done.stdout == f"w\tB-{label}\n\n"


def test_the_backend_is_the_one_asked_for(tmp_path: Path) -> None:
    without = "import sys; sys.modules['numba'] = None; from xproj_fast.cli import main; sys.exit(main())"
    command = COMMAND[0], "-c", without
    run("project", *EN_DE, "-o", tmp_path / "x.conll", command=command)
    message = fails("project", *EN_DE, "-o", tmp_path / "y.conll", "--backend", "numba", command=command)
    assert "pip install 'xproj-fast[numba]'" in message


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--json", "-o", "-"], "--json: expected an output file, as standard output holds the labels"),
        (
            ["--top-k", 1, "--overwrite"],
            "--top-k, --overwrite: requires --matcher heuristic, got --matcher greedy",
        ),
        (["--sentence-order"], "--sentence-order: requires --matcher heuristic, got --matcher greedy"),
        (["--time-limit", 1], "--time-limit: requires --matcher exact or ilp, got --matcher greedy"),
        (
            ["--matcher", "exact", "--time-limit", -1],
            "--time-limit: expected seconds above 0 (0 = no limit), got -1",
        ),
        (
            ["--matcher", "heuristic", "--max-words", 5, "--limit", "<=2"],
            "--limit, --max-words: requires --matcher exact, greedy or ilp, got --matcher heuristic",
        ),
        (["--min-probability", 0.5], "--min-probability: requires --probabilities"),
        (["--probabilities", "--min-probability", "nan"], "--min-probability: expected a number from 0 to 1, got nan"),
        (
            ["--symmetrization", "union"],
            "--symmetrization: requires --target without --alignments, as nothing is aligned otherwise",
        ),
        (["--aligner", "x"], "--aligner: requires --target without --alignments"),
        (["--device", "cuda"], "--device: requires a model that uses it"),
        (["--scores", "mt"], "--translator: expected a folder, as --scores or --candidates use it, got none"),
        (["--translator", "x"], "--translator: requires a method that uses it (--scores, --candidates)"),
        (["--limit", "<1"], "--limit: expected a count that lets an entity have a span, got '<1'"),
        (["--limit", "some"], "--limit: expected one of <=, =, >=, <, > and a count, such as '<=1', got 'some'"),
        (["--max-words", -1], "--min-words, --max-words: expected 1 <= --min-words <= --max-words, got 1 and -1"),
        (["--matcher", "heuristic", "--length-ratio", "nan"], "--length-ratio: expected a finite number of 0 or more"),
        (["--chunk", 0], "--chunk: expected a count of 1 or more, got 0"),
        (["--chunk", "many"], "--chunk: expected a count of 1 or more, got many"),
        (["--threads", 10**12], "--threads: expected a count of 1 or more, got 1000000000000"),
        (["--word-column", 10**12], "--word-column: expected a column of at most 1,000,000, got 1000000000000"),
        (["--matcher", "magic"], "--matcher: expected "),
        (["--nonsense"], "--nonsense: no such option (xproj-fast project --help"),
    ],
)
def test_wrong_usage(tmp_path: Path, args: list[Any], message: str) -> None:
    assert fails("project", *EN_DE, "-o", tmp_path / "x.conll", *args, code=2).startswith(message)
    assert not list(tmp_path.iterdir())


def test_bad_input(tmp_path: Path) -> None:
    """Every message says which file and which line; no output is left, and what was there stays."""
    out = tmp_path / "out.conll"
    out.write_text("old", "utf-8")
    files = {"en": "a\tB-X\n\nb\tO\n", "de": "c\nd\n", "links": "0-0\n0-0\n"}
    for bad, text, message in (
        (
            "en",
            "a\tB-X\n\nb\tI-X\n",
            "en.conll:3: expected a tag that IOB2 allows after the start of the sentence, got I-X",
        ),
        ("en", "a\tB-X\n\nb", "en.conll:3: expected a word and its tag in at least 2 columns"),
        ("de", "c\n", "expected files of as many sentences each, got "),
        (
            "links",
            "0-0\n0-1\n",
            "links.conll:2: alignments: link 0-1: expected a target word index in [0, 1)",
        ),
        ("links", "0-0\n0:0\n", "links.conll:2: expected a link 'source-target' of two word indices, got '0:0'"),
    ):
        for name, content in (files | {bad: text}).items():
            (tmp_path / f"{name}.conll").write_text(content, "utf-8")
        sides = (
            "--source",
            "en.conll",
            "--target",
            "de.conll",
            "--alignments",
            "links.conll",
            "--target-format",
            "words",
        )
        assert fails("project", *sides, "-o", "out.conll", "--chunk", "1", cwd=tmp_path).startswith(message)
        assert out.read_text("utf-8") == "old"
        assert len(list(tmp_path.iterdir())) == 4


def test_files_that_cannot_be(tmp_path: Path) -> None:
    source, target = EN_DE[1], EN_DE[3]
    for args, message in (
        (["--source", "no.conll", "--target", target, "-o", "x.conll"], "no.conll: expected a file, got nothing there"),
        (["--source", source, "-o", "x.conll"], f"{source}: expected a target file as well"),
        (
            ["--source", "x.parquet", *EN_DE[2:], "-o", "x.conll"],
            "x.parquet: expected a file, got nothing there",
        ),
        ([*EN_DE, "-o", "no/x.conll"], "no/x.conll: expected a folder no to write into, got nothing there"),
        (
            [*EN_DE, "-o", "x.txt"],
            "x.txt: expected one of arrow, conll, hf, jsonl, spacy for labelled output, got text",
        ),
        ([*EN_DE, "-o", "x"], "x: expected a suffix that names the format"),
        ([*EN_DE, "-o", "-", "--output-format", "arrow"], "standard output: expected one of conll, jsonl"),
    ):
        assert fails("project", *args, cwd=tmp_path).startswith(message)
    assert not list(tmp_path.iterdir())
    (tmp_path / "t.conll").write_text("a\tO\n", "utf-8")
    (tmp_path / "s.conll").symlink_to("t.conll")
    for name in ("source", "target", "alignments"):
        sides = {"source": "x.conll", "target": "x.conll", "alignments": "x.conll"} | {name: "t.conll"}
        args = [word for side, path in sides.items() for word in (f"--{side}", path)]
        message = fails("project", *args, "-o", "s.conll", cwd=tmp_path)
        assert message == "s.conll: expected an output that is none of the inputs"
    assert (tmp_path / "t.conll").read_text("utf-8") == "a\tO\n"
    message = fails("project", *EN_DE, "-o", "/proc/x.conll")
    assert message.startswith("/proc/x.conll: ")


@pytest.mark.parametrize("name", ["x.conll", "x.jsonl.gz", "x.parquet"])
def test_no_room(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    out.write_bytes(b"old")
    limited = "sh", "-c", 'ulimit -f 1 && exec "$0" "$@"', *COMMAND  # half a kilobyte or one, as the shell counts
    assert fails("project", *EN_DE, "-o", out, command=limited) == f"{out}: File too large"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_debug_shows_the_traceback() -> None:
    process = start("--debug", "project", "--source", "no.conll", "--target", "no.txt", "-o", "-")
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (1, b"")
    assert b"Traceback" in stderr
    assert b"InputError: no.conll: expected a file" in stderr


@pytest.fixture
def many(tmp_path: Path) -> list[Any]:
    """Files of 60,000 sentences."""
    texts = {"en.conll": "a\tB-X\nb\tO\nc\tO\n\n", "de.txt": "a b c d\n", "links": "0-0 1-1\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text * 60_000, "utf-8")
    return ["--source", tmp_path / "en.conll", "--target", tmp_path / "de.txt", "--alignments", tmp_path / "links"]


def test_broken_pipe(many: list[Any]) -> None:
    """``... -o - | head -1``: no traceback, no complaint."""
    with start("project", *many, "-o", "-", "--chunk", 1000) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"a\tB-X\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


def interrupt(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Press Ctrl-C until it ends: Python notices a signal just before it waits for a pipe only with the next one."""
    for _ in range(60):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=1)
    raise AssertionError("still running")


@pytest.mark.parametrize("name", ["x.conll", "x.conll.gz", "x.parquet"])
def test_interrupt(many: list[Any], tmp_path: Path, name: str) -> None:
    """Half of the source came through a pipe and half of the output is written when Ctrl-C is pressed."""
    pipe, out = tmp_path / "pipe", tmp_path / name
    os.mkfifo(pipe)
    out.write_bytes(b"old")
    half_way, ended = threading.Event(), threading.Event()

    def feed() -> None:
        with open(pipe, "wb") as sink:
            sink.write((b"%b\tB-X\nb\tO\nc\tO\n\n" % (b"a" * 100)) * 40_000)  # a block, and some of the next
            sink.flush()
            half_way.set()
            ended.wait()

    threading.Thread(target=feed, daemon=True).start()
    args = ["--source", pipe, "--source-format", "conll", *many[2:], "-o", out, "--chunk", 100]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # under nohup it would be ignored, there, too
    process = start("project", *args)
    signal.signal(signal.SIGINT, before)
    try:
        while process.poll() is None and not half_way.wait(0.05):
            pass
        assert len(list(tmp_path.glob(".*.part"))) == 1
        stdout, stderr = interrupt(process)
    finally:
        process.kill()
        ended.set()
    assert (process.returncode, stdout) == (130, b"")
    assert stderr == b"xproj-fast: interrupted; no output was left half-written\n"
    assert out.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["en.conll", "de.txt", "links", "pipe", name])
