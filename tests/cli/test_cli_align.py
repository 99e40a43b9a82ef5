"""``align``, and ``project`` without alignments, as processes: what they learn, keep, and refuse."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from command import EN_DE, fails, run, start
from learnable import toy

from xproj_fast.formats.pair_files import read_pairs
from xproj_fast.formats.pharaoh import PharaohOptions, parse_pharaoh

SIDES = EN_DE[:4]
ALIGNERS = ["statistical", pytest.param("eflomal", marks=pytest.mark.filterwarnings("default"))]


@pytest.fixture(params=["statistical", "eflomal"])
def aligner(request: pytest.FixtureRequest) -> str:
    if request.param == "eflomal":
        pytest.importorskip("eflomal")
    return request.param


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was learnt from the demo."""
    folder = tmp_path_factory.mktemp("state")
    run("align", *SIDES, "-o", folder / "learnt.pharaoh", "--save-aligner-state", folder / "en-de.state")
    return folder / "en-de.state"


def test_align(aligner: str, tmp_path: Path) -> None:
    out = tmp_path / "links"
    done = run("align", *SIDES, "--aligner", aligner, "-o", out)
    assert done.stdout == ""
    assert "aligning the words of 40 sentence pairs" in done.stderr
    assert ("there is little to learn from" in done.stderr) == (aligner == "statistical")  # eflomal says it in its way
    pairs = read_pairs(*SIDES[1::2], out)
    assert pairs.alignments is not None
    assert len(pairs.alignments.source) > 40
    line = ("align", *SIDES, "--aligner", aligner, "-o", "-", "--quiet", "--symmetrization")
    union = run(*line, "union")
    assert (union.stdout.count("\n"), union.stderr) == (40, "")
    assert union.stdout.count("-") > run(*line, "intersection").stdout.count("-")
    summary = json.loads(run("align", *SIDES, "--aligner", aligner, "-o", out, "--json", "--quiet").stdout)
    assert (summary["sentences"], summary["output"]) == (40, str(out))
    run("project", *SIDES, "--alignments", out, "-o", tmp_path / "de.conll")


def test_align_needs_no_option_and_says_the_same_each_time(tmp_path: Path) -> None:
    line = ("align", *SIDES, "--quiet", "-o", "-")
    first = run(*line)
    assert first.stdout == run(*line, "--threads", 1).stdout == run(*line, "--seed", 1).stdout
    assert first.stderr == ""
    assert first.stdout != run(*line, "--seed", 2).stdout


def test_confidences(tmp_path: Path) -> None:
    out = tmp_path / "links"
    run("align", *SIDES, "-o", out, "--confidences")
    with_confidence = out.read_text("utf-8")
    run("align", *SIDES, "-o", out)
    first, *_ = with_confidence.splitlines()
    assert all(0.5 <= float(link.partition(":")[2]) <= 1 for link in first.split())
    read = parse_pharaoh(with_confidence, PharaohOptions(probabilities=True))
    plain = parse_pharaoh(out.read_text("utf-8"))
    assert (read.offsets.tolist(), read.source.tolist()) == (plain.offsets.tolist(), plain.source.tolist())
    out.write_text(with_confidence, "utf-8")
    surest = ("--alignments", out, "--probabilities", "--min-probability", 0.9)
    run("project", *SIDES, *surest, "-o", tmp_path / "x.conll")
    run("align", *SIDES, "-o", out, "--link-threshold", 0.9)
    run("project", *SIDES, "--alignments", out, "-o", tmp_path / "y.conll")
    assert (tmp_path / "x.conll").read_bytes() == (tmp_path / "y.conll").read_bytes()


def test_project_that_aligns(aligner: str, tmp_path: Path) -> None:
    out = tmp_path / "de.conll"
    line = ("project", *SIDES, "--aligner", aligner, "-o")
    first = run(*line, out)
    assert "aligning the words of 40 sentence pairs" in first.stderr
    written = out.read_bytes()
    out.unlink()
    links = tmp_path / "de.conll.alignments.gz"
    assert links.exists()
    run(*line, out, "--quiet")  # eflomal itself would give others
    assert out.read_bytes() == written
    shutil.copy(links, tmp_path / "links.gz")
    run("project", *SIDES, "--alignments", tmp_path / "links.gz", "-o", tmp_path / "other.conll")
    assert (tmp_path / "other.conll").read_bytes() == written
    message = fails(*line, out, "--limit", "none", code=2)  # before, not after minutes of work
    assert message.startswith("--limit: expected one of")
    message = fails(*line, out, "--forbid-adjacent", code=2)
    assert message == "--forbid-adjacent: requires --matcher exact or ilp, got --matcher greedy"


def test_what_was_kept_is_learnt_anew_by_another_aligner(tmp_path: Path) -> None:
    pytest.importorskip("eflomal")
    out = tmp_path / "de.conll"
    run("project", *SIDES, "-o", out)
    built_in = out.read_bytes()
    done = run("project", *SIDES, "--aligner", "eflomal", "-o", out)
    assert "aligning anew and overwriting it: the words, the options or the aligner changed" in done.stderr
    assert "aligning anew" in run("project", *SIDES, "-o", out).stderr
    assert out.read_bytes() == built_in


# --- the state


def test_align_with_a_state(state: Path, tmp_path: Path) -> None:
    """The same text: nearly the links that were learnt from it."""
    out = tmp_path / "links"
    done = run("align", *SIDES, "--aligner-state", state, "-o", out)
    assert "not in the text" not in done.stderr
    learnt, again = (
        [set(line.split()) for line in path.read_text("utf-8").splitlines()]
        for path in (state.with_name("learnt.pharaoh"), out)
    )
    both = sum(len(a & b) for a, b in zip(learnt, again, strict=True))
    assert both > 0.8 * sum(map(len, learnt))
    assert both > 0.8 * sum(map(len, again))
    other = tmp_path / "other"
    run("align", *SIDES, "--aligner", state, "-o", other)
    assert other.read_bytes() == out.read_bytes()
    run("align", *SIDES, "--aligner-state", state, "-o", other, "--confidences", "--symmetrization", "union")
    assert other.read_text("utf-8").count("-") > out.read_text("utf-8").count("-")
    assert ":" in other.read_text("utf-8")


def test_a_state_of_other_languages_is_noticed(state: Path, tmp_path: Path) -> None:
    swapped = ("--source", SIDES[3], "--target", SIDES[1])
    done = run("align", *swapped, "--aligner-state", state, "-o", tmp_path / "links")
    assert "were not in the text learnt from" in done.stderr
    assert "is the state of these languages, in this order?" in done.stderr


def test_project_with_a_state(state: Path, tmp_path: Path) -> None:
    line = ("project", *SIDES, "-o")
    run(*line, tmp_path / "x.conll", "--aligner-state", state)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.conll"]  # no links are kept: they are made as fast
    run(*line, tmp_path / "y.conll", "--aligner-state", state, "--chunk", 3)
    assert (tmp_path / "x.conll").read_bytes() == (tmp_path / "y.conll").read_bytes()


def test_project_that_keeps_what_it_learnt(state: Path, tmp_path: Path) -> None:
    run("project", *SIDES, "-o", tmp_path / "x.conll", "--save-aligner-state", tmp_path / "x.state")
    assert (tmp_path / "x.state").read_bytes() == state.read_bytes()


# --- what is refused


def test_align_refuses(state: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\n", "utf-8")
    (tmp_path / "b.txt").write_text("b\n", "utf-8")
    (tmp_path / "none.state").write_bytes(b"0-0\n")
    line = ("align", "--source", "a.txt", "--target", "b.txt", "-o", "x")
    cases: list[tuple[list[Any], int, str]] = [
        (["--aligner-state", "none.state"], 1, "none.state: expected the state of an aligner"),
        (["--aligner-state", "no.state"], 1, "no.state: expected a file, got nothing there"),
        (["--aligner", "none.state"], 1, "none.state: expected the state of an aligner"),
        (["--aligner", "no"], 1, "no: expected the folder of an exported aligner, got nothing there"),
        (["--save-aligner-state", "a.txt"], 1, "a.txt: expected an output that is none of the inputs"),
        (["--save-aligner-state", "x"], 2, "--save-aligner-state: expected another file than the output, got x"),
        (["--save-aligner-state", "no/x"], 1, "no/x: expected a folder no to write into, got nothing there"),
        (["--aligner-state", state, "--aligner", "eflomal"], 2, "--aligner-state: not allowed with --aligner eflomal"),
        (["--aligner-state", state, "--seed", 2], 2, "--seed: requires --aligner statistical"),
        (["--aligner-state", state, "--save-aligner-state", "y"], 2, "--save-aligner-state: requires --aligner stat"),
        (["--aligner-state", state, "--extra-text", "a.txt", "b.txt"], 2, "--extra-text: requires --aligner statis"),
        (
            ["--aligner-state", state, "--from", "eng_Latn"],
            2,
            "--from: requires an aligner that uses it (--aligner DIR)",
        ),
        (["--aligner-state", state, "--device", "cpu"], 2, "--device: requires an aligner that uses it"),
        (["--aligner", "eflomal", "--chains", 4], 2, "--chains: requires --aligner statistical"),
        (["--aligner", "eflomal", "--confidences"], 2, "--confidences: requires --aligner statistical or --aligner-st"),
        (["--aligner", "eflomal", "--link-threshold", 0.4], 2, "--link-threshold: requires --aligner statistical"),
        (["--aligner", "eflomal", "--symmetrization", "threshold"], 2, "--symmetrization: expected one of intersect"),
        (["--priors", "a.txt"], 2, "--priors: requires --aligner eflomal"),
        (["--extraction", "match"], 2, "--extraction: requires --aligner DIR"),
        (["--resume"], 2, "--resume: requires --aligner-state FILE or --aligner DIR"),
        (["--chains", 3], 2, "--chains: expected None or a multiple of 4, got 3"),
        (["--link-threshold", 0], 2, "--link-threshold: expected a probability above 0, at most 1, got 0"),
        (
            ["--link-threshold", 0.4, "--symmetrization", "union"],
            2,
            "--link-threshold: requires --symmetrization threshold, got --symmetrization union",
        ),
    ]
    for words, code, message in cases:
        assert fails(*line, *words, code=code, cwd=tmp_path).startswith(message)
    linked = ("project", *EN_DE, "-o", tmp_path / "x.conll")
    for words in (["--aligner-state", state], ["--chains", 4], ["--save-aligner-state", "y"]):
        assert "--target without --alignments, as nothing is aligned otherwise" in fails(*linked, *words, code=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt", "none.state"]


# --- signals


@pytest.mark.parametrize("command", ["align", "project"])
def test_ctrl_c_while_it_learns(command: str, tmp_path: Path) -> None:
    pairs, _ = toy(400)
    for name, side in (("a", 0), ("b", 1)):
        (tmp_path / f"{name}.words").write_text("".join(" ".join(pair[side]) + "\n" for pair in pairs), "utf-8")
    source = tmp_path / "a.conll"
    source.write_text("".join("".join(f"{w}\tO\n" for w in pair[0]) + "\n" for pair in pairs), "utf-8")
    before = sorted(tmp_path.iterdir())
    line = (command, "--source", source, "--target", tmp_path / "b.words", "-o", tmp_path / "out.conll")
    # Work without end, but for the signal.
    endless = ("--sweeps", 65_000, "--save-aligner-state", tmp_path / "x.state")
    number = signal.signal(signal.SIGINT, signal.default_int_handler)  # what is ignored here would be ignored there
    try:
        with start(*line, *endless) as process:
            assert process.stderr is not None
            assert b"aligning the words of 400 sentence pairs" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            said = process.stderr.read().decode()
    finally:
        signal.signal(signal.SIGINT, number)
    assert process.returncode == 130
    assert said == "xproj-fast: interrupted; no output was left half-written\n"
    assert sorted(tmp_path.iterdir()) == before
