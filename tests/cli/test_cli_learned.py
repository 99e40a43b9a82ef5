"""What ``project`` learns by default: kept, given, recalibrated, told; and how sure the source entities are."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from command import DEMO, EN_DE, fails, run

from xproj_fast.arrow_columns import pairs_to_arrow
from xproj_fast.calibration import calibrate
from xproj_fast.formats.files import read_labelled
from xproj_fast.formats.pair_files import ReadOptions, read_pairs
from xproj_fast.projector import project
from xproj_fast.scores.evidence import Evidence
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.scores.learning import learn

TIMES = 5


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo several times over, as a gold sample takes 150 sentences."""
    folder = tmp_path_factory.mktemp("many")
    for name in ("en.conll", "de.words", "en-de.pharaoh", "de.gold.conll"):
        text = (DEMO / name).read_text("utf-8")
        between = "\n" * (2 - len(text) + len(text.rstrip("\n"))) if name.endswith("conll") else ""
        (folder / name).write_text((text + between) * TIMES, "utf-8")
    return folder


def sides(folder: Path) -> tuple[Any, ...]:
    return "--source", folder / "en.conll", "--target", folder / "de.words", "--alignments", folder / "en-de.pharaoh"


def confidences(path: Path) -> list[float]:
    return [
        round(e["confidence"], 5) for line in path.read_text("utf-8").splitlines() for e in json.loads(line)["entities"]
    ]


def test_what_was_learnt_is_told_kept_and_used_again(tmp_path: Path) -> None:
    first, again, kept = tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "weights.json"
    done = run("project", *EN_DE, "-o", first, "--save-learned", kept)
    score = learn(read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh"))
    assert LearnedScore.load(kept) == score
    lines = done.stderr.splitlines()
    assert lines[2].startswith("9")
    assert lines[2].endswith("% of the spans can be expected to be right")
    silver = score.made_from["silver_sentences"]
    assert lines[3].startswith(
        f"learned from {silver} sentences whose links leave no doubt, without gold, and the shipped"
    )
    done = run("project", *EN_DE, "-o", again, "--learned-weights", kept, "--chunk", 9)
    assert again.read_bytes() == first.read_bytes()
    assert f"scored with the weights of {kept}" in done.stderr
    summary = json.loads(run("project", *EN_DE, "-o", first, "--json").stdout)
    assert summary["learned"] == json.loads(json.dumps(dict(score.made_from)))
    assert 0.9 < summary["expected_precision"] < 1


def test_the_papers_method_is_one_option_away(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    done = run("project", *EN_DE, "-o", out, "--scores", "alignment")
    assert "learned" not in done.stderr
    assert "confidence" not in out.read_text("utf-8")
    assert "default: learned" in " ".join(run("project", "--help").stdout.split())
    assert "default: alignment" in " ".join(run("label", "--help").stdout.split())


def test_a_gold_sample_corrects_the_confidence(many: Path, tmp_path: Path) -> None:
    sample, out = tmp_path / "sample.conll", tmp_path / "x.jsonl"
    gold = (many / "de.gold.conll").read_text("utf-8").split("\n\n")[:160]
    sample.write_text("\n\n".join(gold) + "\n", "utf-8")
    done = run("project", *sides(many), "-o", out, "--gold-sample", sample, "--chunk", 30)
    assert "confidence recalibrated by 160 gold sentences" in done.stderr
    pairs = read_pairs(many / "en.conll", many / "de.words", many / "en-de.pharaoh")
    score = learn(pairs)
    plain = project(pairs, scores="learned", evidence=Evidence(learned=score))
    calibration = calibrate(plain, read_labelled(sample))
    better = project(pairs, scores="learned", evidence=Evidence(learned=score, calibration=calibration)).labelled()
    assert better.confidences is not None
    assert confidences(out) == pytest.approx(better.confidences.tolist(), abs=1e-5)
    assert plain.confidence is not None
    assert confidences(out) != pytest.approx(plain.labelled().confidences, abs=1e-3)


def test_a_gold_sample_that_cannot_be(many: Path, tmp_path: Path) -> None:
    whole, out = many / "de.gold.conll", tmp_path / "x.conll"
    few = ("project", *EN_DE, "-o", out, "--gold-sample")
    assert fails(*few, DEMO / "de.gold.conll") == (
        f"{DEMO / 'de.gold.conll'}: expected a sample of at least 150 sentences, got 40"
    )
    assert fails(*few, whole).startswith(
        f"{whole}: sentence 41: expected one that was projected onto, got 'Maria Lopez"
    )
    small = "from xproj_fast.cli import learning, main; learning.FIRST = 100; sys.exit(main())"
    command = (sys.executable, "-c", f"import sys; {small}")
    message = fails("project", *sides(many), "-o", out, "--gold-sample", whole, command=command)
    assert "sentence 101: expected one that was projected onto" in message
    assert message.endswith("(the sample must be of the first 100 sentence pairs)")
    assert fails(*few, tmp_path / "nothing.conll").endswith("nothing.conll: expected a file, got nothing there")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--scores", "alignment", "--save-learned", "w.json"], "--save-learned: requires --scores with learned"),
        (["--scores", "alignment", "--gold-sample", "g"], "--gold-sample: requires --scores with learned"),
        (["--scores", "alignment", "--learned-weights", "own"], "--learned-weights: requires --scores with learned"),
        (["--matcher", "heuristic", "--save-learned", "w.json"], "--save-learned: requires --scores with learned"),
        (["--scores", "alignment", "--min-confidence", ".5"], "--min-confidence: "),
    ],
)
def test_options_that_mean_nothing_without_the_score(args: list[str], message: str, tmp_path: Path) -> None:
    assert fails("project", *EN_DE, "-o", tmp_path / "x.conll", *args, code=2).startswith(message)
    assert not list(tmp_path.iterdir())


def test_weights_that_are_none(tmp_path: Path) -> None:
    weights, line = tmp_path / "w.json", ("project", *EN_DE, "-o", tmp_path / "x.conll", "--learned-weights")
    assert "w.json" in fails(*line, weights)
    for wrong in ("", "{}", '{"bias": NaN}', json.dumps(LearnedScore.shipped().to_dict() | {"feature_version": 99})):
        weights.write_text(wrong)
        assert fails(*line, weights).startswith(f"{weights}: ")
    LearnedScore.shipped().save(weights)
    message = fails(*line, weights, "--save-learned", tmp_path / "v.json", code=2)
    assert message == "--save-learned: requires weights that are learned here"
    assert fails("project", *EN_DE, "-o", tmp_path / "x", "--save-learned", DEMO / "en.conll").startswith(
        f"{DEMO / 'en.conll'}: expected an output that is none of the inputs"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["w.json"]


def test_too_little_to_learn_from_is_told(tmp_path: Path) -> None:
    for name, content in (("en.conll", "Rom\tB-LOC\n"), ("de.words", "Roma\n"), ("links", "\n")):
        (tmp_path / name).write_text(content)
    files = ("--source", "en.conll", "--target", "de.words", "--alignments", "links", "-o", "x.conll")
    said = run("project", *files, cwd=tmp_path).stderr.splitlines()
    assert said[0] == "xproj-fast: learned score: no entity with a link to learn from: the shipped weights are used"
    assert "scored with the shipped weights" in said
    assert fails("project", *files, "--learned-weights", "own", cwd=tmp_path) == (
        "--learned-weights own: expected enough to learn weights of its own from, got no entity with a link to "
        "learn from"
    )


def test_less_sure_spans_are_left_out_and_counted(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    run("project", *EN_DE, "-o", out)
    sure = [c for c in confidences(out) if c >= 0.95]
    done = run("project", *EN_DE, "-o", out, "--min-confidence", 0.95, "--chunk", 7)
    assert confidences(out) == sure
    unsure = 107 - len(sure)
    assert unsure > 0
    assert f"not projected: {unsure} less sure than --min-confidence" in done.stderr


@pytest.mark.parametrize("name", ["tagged.jsonl", "tagged.parquet", "pairs.parquet"])
def test_how_sure_the_source_is_counts(name: str, tmp_path: Path) -> None:
    """What a tagger has written, or Arrow's column ``confidence``: each entity's own, also where some are left out."""
    gold = read_labelled(DEMO / "en.conll")
    sure = np.linspace(0.8, 1.0, len(gold.entities.start)).astype(np.float32)
    tagged = type(gold)(gold.words, gold.entities, gold.labels, None, None, sure)
    pairs = read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh")
    source, out = tmp_path / name, tmp_path / "x.jsonl"
    files: tuple[Any, ...] = ("--source", source)
    if name == "pairs.parquet":
        columns = (pairs.source, pairs.target, pairs.entities, pairs.labels, pairs.alignments, None, sure)
        pq.write_table(pairs_to_arrow(type(pairs).from_columns(*columns)), source)
    else:
        from xproj_fast.formats.writers import open_writer

        with open_writer(source) as write:
            write(tagged)
        files += EN_DE[2:]
        read = read_pairs(source, DEMO / "de.words", DEMO / "en-de.pharaoh")
        assert read.source_confidence is not None
        assert read.source_confidence.tolist() == pytest.approx(sure.tolist(), abs=1e-6)
    run("project", *files, "-o", out, "--drop-labels", "MISC", "--chunk", 7)
    kept = pairs.drop_labels(["MISC"])
    mask = np.array([name != "MISC" for name in pairs.labels])[pairs.entities.label]
    result = project(kept, scores="learned", evidence=Evidence(source_confidence=sure[mask])).labelled()
    assert result.confidences is not None
    assert confidences(out) == pytest.approx(result.confidences.tolist(), abs=1e-4)
    plain = project(kept, scores="learned").labelled().confidences
    assert plain is not None
    assert confidences(out) != pytest.approx(plain.tolist(), abs=1e-2)


def test_a_confidence_that_is_none(tmp_path: Path) -> None:
    record = {"text": "a b", "entities": [{"start": 0, "end": 1, "label": "X", "confidence": 1.5}]}
    (tmp_path / "en.jsonl").write_text(json.dumps(record) + "\n")
    (tmp_path / "de.words").write_text("a b\n")
    (tmp_path / "links").write_text("0-0\n")
    files = ("--source", "en.jsonl", "--target", "de.words", "--alignments", "links", "-o", "x.conll")
    message = fails("project", *files, cwd=tmp_path)
    assert message.startswith("en.jsonl:1: ")
    assert "1.5" in message


def test_rows_keep_their_confidence() -> None:
    pairs = read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh", ReadOptions())
    sure = np.linspace(0.1, 1.0, len(pairs.entities.start)).astype(np.float32)
    whole = type(pairs).from_columns(
        pairs.source, pairs.target, pairs.entities, pairs.labels, pairs.alignments, None, sure
    )
    some = whole[[3, 1]].source_confidence
    bounds = list(pairwise(pairs.entities.offsets.tolist()))
    assert some is not None
    assert some.tolist() == [x for row in (3, 1) for x in sure[slice(*bounds[row])].tolist()]
    assert whole.with_alignments(pairs.alignments).source_confidence is not None
