"""``xproj-fast compare`` as a process of its own: who takes part, what is measured, and what is advised."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from svg_text import texts

import xproj_fast
from xproj_fast.arrays import Entities, Proof, Status
from xproj_fast.errors import InputError
from xproj_fast.method import Method
from xproj_fast.pairs import SentencePairs
from xproj_fast.report import compare
from xproj_fast.report.contenders import Setting
from xproj_fast.report.noise import add_noise, compare_noise
from xproj_fast.scores.columns import pair_columns
from xproj_fast.scores.evidence import Evidence

HOME = Path(xproj_fast.__file__).resolve().parents[1]  # the installed package or the working tree
DEMO = Path(xproj_fast.__file__).resolve().parent / "data" / "demo"
FILES = ("--source", DEMO / "en.conll", "--target", DEMO / "de.words", "--alignments", DEMO / "en-de.pharaoh")
HERE = ("--source", "en.conll", "--target", "de.words", "--alignments", "en-de.pharaoh")
GOLD = ("--gold", DEMO / "de.gold.conll")
LIMITS = ("<=1", "<=2")
MATCHERS = ("exact", "greedy", "heuristic", "ilp")


def python(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd or tempfile.gettempdir(),
        env={**os.environ, "PYTHONPATH": str(HOME), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = python("-m", "xproj_fast", "compare", *arguments)
    assert done.returncode == code, done.stderr
    return done


def demo_pairs() -> SentencePairs:
    return xproj_fast.read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what one run over everything writes; its table is in stdout.txt."""
    pytest.importorskip("matplotlib")
    pytest.importorskip("highspy")
    path = tmp_path_factory.mktemp("compare")
    done = run(*FILES, *GOLD, "--backends", "cpp", "--rounds", 2, "--noise", "0,.3", "--noise-draws", 2, "-o", path)
    (path / "stdout.txt").write_text(done.stdout, "utf-8")
    return path


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "compare.json").read_text("utf-8"))["rows"]


def row(rows: list[dict[str, Any]], matcher: str, limit: str | None, scores: str = "alignment") -> dict[str, Any]:
    asked = (matcher, limit, None if matcher == "heuristic" else scores)
    found = [row for row in rows if (row["matcher"], row["limit"], row["scores"]) == asked]
    assert len(found) == 1
    return found[0]


def test_every_file_is_written(folder: Path) -> None:
    drawn = ("compare", "confidence", "noise")
    for name in drawn:
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        assert "<svg" in (folder / f"{name}.svg").read_text("utf-8")
    names = {f"{name}.{suffix}" for name in drawn for suffix in ("png", "svg")}
    tables = {"compare.csv", "compare.json", "noise.csv", "stdout.txt"}
    assert {path.name for path in folder.iterdir()} == names | tables


def test_the_table_has_every_contender(folder: Path) -> None:
    table = (folder / "stdout.txt").read_text("utf-8")
    cells = [[cell.strip() for cell in line.split("│")[1:5]] for line in table.splitlines() if line.count("│") > 8]
    of_scores = (("exact", "cpp"), ("greedy", "cpp"), ("ilp", "highs"))
    expected = [[m, "alignment", b, limit] for m, b in of_scores for limit in LIMITS]
    expected.insert(4, ["heuristic", "-", "cpp", "-"])
    expected.append(["greedy", "learned", "cpp", "<=1"])
    assert cells == expected
    headings = ("sentences/s", "objective", "short", "F1", "confidence", "AUC", "ECE", "status", "proved by")
    for word in (*headings, "optimal 40", "certificate"):
        assert word in table


def test_it_says_which_to_take(folder: Path, rows: list[dict[str, Any]]) -> None:
    table = " ".join((folder / "stdout.txt").read_text("utf-8").split())
    made = json.loads((folder / "compare.json").read_text("utf-8"))
    best = max(there["f1"] for there in rows)
    assert made["verdict"][0].startswith("On this data take ")
    assert f"F1 {best:.4f}" in made["verdict"][0]
    for sentence in made["verdict"]:
        assert sentence in table


def test_the_learned_score_is_judged_with_its_confidence(rows: list[dict[str, Any]]) -> None:
    pairs, there = demo_pairs(), row(rows, "greedy", "<=1", "learned")
    result = xproj_fast.project(pairs, scores="learned")
    figures = xproj_fast.evaluate(xproj_fast.read_sentences(DEMO / "de.gold.conll"), result)
    assert figures.reliability is not None
    assert (there["f1"], there["auc"], there["ece"]) == (
        figures.micro.f1,
        figures.reliability.auc,
        figures.reliability.calibration_error,
    )
    assert there["confidence"] == pytest.approx(result.counts()["expected_precision"], rel=1e-5)
    assert there["learnt_in"] > 0  # once, and not in the time of each round
    alignment = row(rows, "greedy", "<=1")
    assert [alignment[name] for name in ("confidence", "auc", "ece", "learnt_in")] == [None] * 4


def test_how_sure_an_f1_is(rows: list[dict[str, Any]]) -> None:
    for there in rows:
        assert there["f1_low"] < there["f1"] < there["f1_high"]
    best = max(rows, key=lambda there: there["f1"])
    assert best["level"] == 1
    assert row(rows, "heuristic", None)["level"] < 0.1  # far behind


def test_json_says_how_it_was_made(folder: Path) -> None:
    made = json.loads((folder / "compare.json").read_text("utf-8"))
    assert (made["sentences"], made["rounds"], made["threads"], made["seed"]) == (40, 2, 1, 0)
    assert made["xproj_fast"] == xproj_fast.__version__
    assert made["files"]["gold"] == str(DEMO / "de.gold.conll")
    assert made["machine"]


def test_csv_equals_json(folder: Path, rows: list[dict[str, Any]]) -> None:
    with (folder / "compare.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == len(rows) == 8
    for line, there in zip(table, rows, strict=True):
        assert line["matcher"] == there["matcher"]
        assert line["limit"] == (there["limit"] or "")
        assert (line["objective"] == "") == (there["objective"] is None) == (there["matcher"] == "heuristic")
        assert line["objective"] == "" or float(line["objective"]) == there["objective"]
        assert float(line["f1"]) == there["f1"]
        assert sum(int(line[f"status_{status.name.lower()}"]) for status in Status) == 40
        if there["proofs"] is not None:
            assert sum(int(line[f"proof_{proof.name.lower()}"]) for proof in Proof) == 40


def test_rates_are_of_what_was_timed(rows: list[dict[str, Any]]) -> None:
    for there in rows:
        assert there["seconds"] > 0
        assert there["sentences_per_second"] == pytest.approx(there["sentences"] / there["seconds"])


@pytest.mark.parametrize("limit", LIMITS)
def test_exact_is_best(rows: list[dict[str, Any]], limit: str) -> None:
    greedy, exact, ilp = (row(rows, matcher, limit) for matcher in ("greedy", "exact", "ilp"))
    assert exact["objective"] >= greedy["objective"]
    assert ilp["objective"] == pytest.approx(exact["objective"], rel=1e-6)
    assert (exact["short_share"], ilp["short_share"]) == (0, 0)
    assert (exact["statuses"], ilp["statuses"]) == ({"optimal": 40}, {"optimal": 40})
    assert (greedy["short_share"] > 0) == (exact["objective"] > greedy["objective"] * (1 + 1e-6))
    assert greedy["proofs"] is None
    assert sum(exact["proofs"].values()) == sum(ilp["proofs"].values()) == 40


def test_how_far_greedy_falls_short_is_right(rows: list[dict[str, Any]]) -> None:
    """Two spans per entity reward cutting it up, which greedy does not see."""
    pairs = demo_pairs()
    best = xproj_fast.project(pairs, matcher="exact", limit="<=2").matches.objective
    greedy = xproj_fast.project(pairs, matcher="greedy", limit="<=2").matches.objective
    short = [(a, b) for a, b in zip(greedy, best, strict=True) if a < b - 1e-6 * max(1, b)]
    there = row(rows, "greedy", "<=2")
    assert short
    assert there["short_share"] == pytest.approx(len(short) / 40)
    assert there["shortfall"] == pytest.approx(sum(1 - a / b for a, b in short) / len(short))


def test_f1_is_that_of_evaluate(rows: list[dict[str, Any]]) -> None:
    gold = xproj_fast.read_sentences(DEMO / "de.gold.conll")
    for matcher, limit in (("heuristic", None), ("greedy", "<=1"), ("exact", "<=1")):
        options = {} if limit is None else {"limit": limit}
        figures = xproj_fast.evaluate(gold, xproj_fast.project(demo_pairs(), matcher=matcher, **options)).micro
        there = row(rows, matcher, limit)
        assert (there["f1"], there["precision"], there["recall"]) == (figures.f1, figures.precision, figures.recall)


def test_noise_rows(folder: Path, rows: list[dict[str, Any]]) -> None:
    noisy = json.loads((folder / "compare.json").read_text("utf-8"))["noise"]
    with (folder / "noise.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [(line["matcher"], float(line["f1"])) for line in table] == [(n["matcher"], n["f1"]) for n in noisy]
    assert [(n["matcher"], n["noise"], n["draws"]) for n in noisy] == [
        (matcher, noise, draws) for noise, draws in ((0, 1), (0.3, 2)) for matcher in sorted(MATCHERS)
    ]
    for n in noisy:
        assert n["f1_low"] < n["f1"] < n["f1_high"] if n["noise"] else n["f1_low"] == n["f1"] == n["f1_high"]
        assert n["limit"] == (None if n["matcher"] == "heuristic" else "<=1")
        clean = row(rows, n["matcher"], n["limit"])["f1"]
        assert n["f1"] == clean if n["noise"] == 0 else n["f1"] < clean


def test_capped_ilp(tmp_path: Path) -> None:
    pytest.importorskip("highspy")
    done = run(
        *FILES, *GOLD, "--matchers", "exact,ilp", "--limits", "<=1", "--backends", "cpp", "--rounds", 1,
        "--ilp-sentences", 7,
    )  # fmt: skip
    assert "ilp*" in done.stdout
    assert "* the ILP ran on the first 7 of 40 sentences only" in done.stdout
    assert list(tmp_path.iterdir()) == []  # without -o nothing is written


def test_capped_ilp_is_compared_on_its_own_sentences() -> None:
    pytest.importorskip("highspy")
    pairs = demo_pairs()
    exact, ilp = compare.compare(
        pairs,
        matchers=["exact", "ilp"],
        limits=["<=1"],
        backends=["cpp"],
        rounds=1,
        setting=Setting(ilp_sentences=7),
    )
    own = xproj_fast.project(pairs, matcher="exact").matches.objective[:7].sum()
    assert (exact.sentences, ilp.sentences, ilp.short_share) == (40, 7, 0)
    assert ilp.objective == pytest.approx(own, rel=1e-6)


def test_without_gold_there_is_no_f1() -> None:
    done = run(*FILES, "--matchers", "greedy,exact", "--backends", "cpp", "--rounds", 1, "--json")
    made = json.loads(done.stdout)
    assert [there["f1"] for there in made["rows"]] == [None] * 5
    assert made["noise"] == []
    assert "Without gold labels" in made["verdict"][0]


def test_backends_agree() -> None:
    pytest.importorskip("numba")
    done = run(*FILES, *GOLD, "--matchers", "greedy", "--rival-scores", "", "--rounds", 1, "--json")
    rows = json.loads(done.stdout)["rows"]
    timed = ("backend", "seconds", "sentences_per_second")
    by_backend = [
        [{k: v for k, v in there.items() if k not in timed} for there in rows if there["backend"] == backend]
        for backend in ("cpp", "numba")
    ]
    assert len(by_backend[0]) == 2
    assert by_backend[0] == by_backend[1]


def test_only_greedy_has_several_backends() -> None:
    """A row says where it really ran, and nothing is timed twice."""
    pytest.importorskip("numba")
    done = run(*FILES, "--matchers", "heuristic,greedy,exact", "--limits", "<=1", "--rounds", 1, "--json")
    rows = json.loads(done.stdout)["rows"]
    assert [(there["matcher"], there["backend"]) for there in rows] == [
        ("heuristic", "cpp"),
        ("greedy", "cpp"),
        ("greedy", "numba"),
        ("exact", "cpp"),
        ("greedy", "cpp"),  # by the learned score
    ]


def test_missing_matplotlib_is_said_first(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None; from xproj_fast.cli import main; "
        "sys.exit(main(['compare', *sys.argv[1:]]))"
    )
    done = python("-c", code, *FILES, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert "error: plots need the package matplotlib" in done.stderr
    assert "pip install 'xproj-fast[report]'" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out").exists()


def test_a_table_needs_no_matplotlib() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None; from xproj_fast.cli import main; "
        "sys.exit(main(['compare', *sys.argv[1:]]))"
    )
    done = python("-c", code, *FILES, "--matchers", "greedy", "--backends", "cpp", "--rounds", 1)
    assert done.returncode == 0, done.stderr
    assert "greedy" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--noise",), "--noise: requires --gold"),
        (("--ignore-labels", "MISC"), "--ignore-labels: requires --gold"),
        ((*GOLD, "--noise", "1.5"), "--noise: expected probabilities from 0 to 1, got 1.5"),
        (("--limits", "<0"), "--limits: expected"),
        (("--ilp-sentences", "-1"), "--ilp-sentences: expected 0 (all) or more, got -1"),
        (("--seed", "-1"), "--seed: expected 0 or more, got -1"),
        (("--max-words", "-1"), "--max-words: expected"),
        (("--aligners", "statistical"), "--aligners: requires --target without --alignments"),
        (("--aligners", "fast_align"), "--aligners: expected some of statistical, eflomal, got 'fast_align'"),
        (("--rival-scores", "learnt"), "--rival-scores: expected "),
        (("--rival-scores", "ner"), "--target-tagger: expected a folder"),
    ],
)
def test_wrong_usage(arguments: tuple[object, ...], message: str) -> None:
    assert message in run(*FILES, *arguments, code=2).stderr


def test_output_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("old", "utf-8")
    message = run(*FILES, "-o", tmp_path / "out", code=1).stderr
    assert message == f"xproj-fast: error: {tmp_path / 'out'}: expected a folder to write into, got a file\n"


def test_without_alignments_aligners_compete() -> None:
    line = ("--matchers", "greedy,heuristic", "--limits", "<=1", "--backends", "cpp", "--rounds", 1, "--json")
    done = run(*FILES[:4], *GOLD, "--aligners", "statistical", *line)
    rows = json.loads(done.stdout)["rows"]
    assert [(there["links"], there["matcher"], there["scores"]) for there in rows] == [
        ("statistical", "greedy", "alignment"),
        ("statistical", "heuristic", None),
        ("statistical", "greedy", "learned"),
    ]
    pairs = xproj_fast.align_statistically(demo_pairs())
    gold = xproj_fast.read_sentences(DEMO / "de.gold.conll")
    assert rows[0]["f1"] == xproj_fast.evaluate(gold, xproj_fast.project(pairs)).micro.f1
    assert "aligning the words of 40 sentence pairs: statistical" in done.stderr
    assert "on statistical links" in " ".join(json.loads(done.stdout)["verdict"])


def test_aligners_side_by_side() -> None:
    """Each has the links, and what is learnt from them, of its own; F1 is of the same gold."""
    pairs, other = demo_pairs(), add_noise(demo_pairs(), 0.5)
    found = compare.compare(
        {"good": pairs, "bad": other},
        gold=gold_of_demo(),
        matchers=["greedy"],
        limits=["<=1"],
        backends=["cpp"],
        rounds=1,
        setting=Setting(rivals=["learned"]),
    )
    assert [(there.links, there.scores) for there in found] == [
        (links, scores) for links in ("good", "bad") for scores in ("alignment", "learned")
    ]
    for there, text in zip(found, (pairs, pairs, other, other), strict=True):
        expected = xproj_fast.project(text, scores=there.scores or "")
        assert there.objective == pytest.approx(float(expected.matches.objective.sum()))


def gold_of_demo() -> Any:
    gold = xproj_fast.read_sentences(DEMO / "de.gold.conll")
    return gold.entities, gold.labels


def test_gold_of_other_text(tmp_path: Path) -> None:
    gold = tmp_path / "gold.conll"
    gold.write_text("a O\n\n" * 40, "utf-8")
    done = run(*FILES, "--gold", gold, code=1)
    assert f"{gold}:1: expected as many words as the target sentence has" in done.stderr
    gold.write_text("a O\n\n", "utf-8")
    assert (
        f"{gold}: expected as many sentences as there are pairs, 40, got 1"
        in run(*FILES, "--gold", gold, code=1).stderr
    )


def test_bad_arguments_of_the_functions() -> None:
    pairs = demo_pairs()
    with pytest.raises(InputError, match=r"^matchers: expected some of .*, got 'best'"):
        compare.compare(pairs, matchers=["best"])
    with pytest.raises(InputError, match=r"^backends: expected some of cpp, numba, got 'rust'"):
        compare.compare(pairs, matchers=["exact"], backends=["rust"])
    with pytest.raises(InputError, match=r"^rounds: expected at least 1, got 0"):
        compare.compare(pairs, rounds=0)
    with pytest.raises(InputError, match=r"expected at least one matcher"):
        compare.compare(pairs, limits=[])
    with pytest.raises(InputError, match=r"^pairs: expected at least one sentence"):
        compare.compare(pairs[:0])
    nothing = Entities(np.zeros(41, np.int64), *(np.zeros(0, np.int32) for _ in range(3)))
    with pytest.raises(InputError, match=r"^noise: expected probabilities from 0 to 1, got 2"):
        compare_noise(pairs, (nothing, ()), levels=[2])


def test_what_all_share_is_left_out_where_it_means_nothing() -> None:
    """Any options and scores of a method are compared, by every matcher that takes them."""

    def short(pairs: SentencePairs, spans: Any) -> Any:
        pair = pair_columns(pairs, spans)
        return 1 / (pair.target_end - pair.target_start)

    evidence = Evidence(given={"short": short})
    setting = Setting(Method(scores={"alignment": 1, "short": 0.1}, min_words=2, forbid_adjacent=True), evidence)
    rows = compare.compare(demo_pairs(), limits=["<=1"], backends=["cpp"], rounds=1, setting=setting)
    assert [there.matcher for there in rows] == ["exact", "greedy", "heuristic", "ilp"]
    expected = xproj_fast.project(
        demo_pairs(), matcher="greedy", scores={"alignment": 1, "short": 0.1}, min_words=2, evidence=evidence
    )
    assert rows[1].objective == expected.matches.objective.sum()
    assert rows[0].objective == pytest.approx(rows[3].objective, rel=1e-6)
    assert (rows[1].short_share, rows[2].short_share) != (None, 0)
    with pytest.raises(InputError, match=r"scores: expected weights of .*, got 'shrt'"):
        compare.compare(demo_pairs(), setting=Setting(Method(scores={"shrt": 1.0}), evidence))


def links_of(pairs: SentencePairs) -> list[tuple[int, int, int]]:
    links = pairs.alignments
    assert links is not None
    sentence = np.repeat(np.arange(len(links)), np.diff(links.offsets))
    return list(zip(sentence.tolist(), links.source.tolist(), links.target.tolist(), strict=True))


def test_no_noise_changes_nothing() -> None:
    pairs = demo_pairs()
    assert links_of(add_noise(pairs, 0, 3)) == links_of(pairs)


def test_noise_is_of_its_seed() -> None:
    pairs = demo_pairs()
    assert links_of(add_noise(pairs, 0.3, 1)) == links_of(add_noise(pairs, 0.3, 1))
    assert links_of(add_noise(pairs, 0.3, 1)) != links_of(add_noise(pairs, 0.3, 2))


def many_links(sentences: int, words: int) -> SentencePairs:
    """Return sentences where source word i is aligned with target word i."""
    ids = [[str(i) for i in range(words)]] * sentences
    links = [[(i, i) for i in range(words)]] * sentences
    return SentencePairs.from_lists(ids, ids, [[]] * sentences, links)


def test_shares_of_dropped_and_moved_links() -> None:
    pairs = many_links(2_000, 10)
    noisy = links_of(add_noise(pairs, 0.4, 0))
    moved = [(i, j) for _, i, j in noisy if i != j]
    assert len(noisy) / 20_000 == pytest.approx(0.8, abs=0.01)
    assert len(moved) / 20_000 == pytest.approx(0.2, abs=0.01)
    # Every other word with the same chance, its own never.
    steps = np.bincount([(j - i) % 10 for i, j in moved], minlength=10)
    assert steps[0] == 0
    assert steps[1:].min() > 0.8 * len(moved) / 9


def test_noise_grows() -> None:
    """What is changed at a lower level is changed in the same way at a higher one."""
    pairs = many_links(200, 10)
    clean, low, high = (set(links_of(add_noise(pairs, p, 5))) for p in (0, 0.2, 0.5))
    assert low - clean <= high
    assert not (clean - low) & high


def test_all_noise() -> None:
    assert all(i != j for _, i, j in links_of(add_noise(many_links(50, 10), 1, 0)))
    lonely = links_of(add_noise(many_links(1_000, 1), 1, 0))  # nowhere to move to: kept, or dropped
    assert len(lonely) == pytest.approx(500, abs=80)


def test_links_that_meet_become_one() -> None:
    ids = [["a", "b"]] * 500
    pairs = SentencePairs.from_lists([["x"]] * 500, ids, [[]] * 500, [[(0, 0), (0, 1)]] * 500)
    noisy = links_of(add_noise(pairs, 0.5, 0))
    assert len(noisy) == len(set(noisy))
    assert len(noisy) < 750


def test_pictures_name_the_data(folder: Path, tmp_path: Path) -> None:
    """By its files and the folder that the command line names, not by where that lies on this machine."""
    for name in ("compare", "confidence", "noise"):
        found = texts(folder / f"{name}.svg")
        assert sum(text.startswith("demo: en.conll → de.words, 40 sentences: ") for text in found) == 1
        assert str(DEMO) not in " ".join(found)
    few = ("--matchers", "greedy,heuristic", "--limits", "<=1", "--backends", "cpp", "--rounds", 1)
    shutil.copytree(DEMO, tmp_path / "x")
    done = python("-m", "xproj_fast", "compare", *HERE, *few, "-o", "out", cwd=tmp_path / "x")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "x" / "out" / "confidence.png").exists()  # there is no gold
    found = texts(tmp_path / "x" / "out" / "compare.svg")
    assert "en.conll → de.words, 40 sentences: speed and objective of each method" in " ".join(found)


def test_the_heuristic_has_no_objective(folder: Path, rows: list[dict[str, Any]]) -> None:
    assert row(rows, "heuristic", None)["objective"] is None
    line, *_ = [line for line in (folder / "stdout.txt").read_text("utf-8").splitlines() if "│ heuristic" in line]
    assert line.split("│")[7].strip() == "-"
    assert "the heuristic has none" in (folder / "stdout.txt").read_text("utf-8")


def test_json_holds_what_the_picture_of_confidence_shows(rows: list[dict[str, Any]]) -> None:
    found = xproj_fast.evaluate(
        xproj_fast.read_sentences(DEMO / "de.gold.conll"), xproj_fast.project(demo_pairs(), scores="learned")
    ).reliability
    assert found is not None
    told = row(rows, "greedy", "<=1", "learned")["reliability"]
    assert [each["precision"] for each in told["coverage"]] == [each.precision for each in found.coverage]
    assert row(rows, "exact", "<=1")["reliability"] is None
