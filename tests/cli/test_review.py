"""``--review`` of ``project`` and ``label``, ``evaluate --reviewed``, and exports as input of every reader."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from command import DEMO, EN_DE, fails, run

import xproj_fast as xp
from xproj_fast.cli.reviewing import Review
from xproj_fast.formats.registry import that_write

FORMATS = that_write("reviews")


def project(out: Path, *more: object) -> Any:
    return run("project", *EN_DE, "-o", out, *more)


def annotated(tasks: Path, wrong: int = 0) -> None:
    """Make an export of tasks of Label Studio: everything accepted, but no entity is left in the first ``wrong``."""
    found = json.loads(tasks.read_text("utf-8"))
    for i, task in enumerate(found):
        result = [] if i < wrong else task["predictions"][0]["result"]
        task["annotations"] = [{"was_cancelled": False, "result": result}]
    tasks.write_text(json.dumps(found), "utf-8")


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_least_certain_for_any_chunk(tmp_path: Path, fmt: str) -> None:
    written = []
    for chunk in (7, 1000):
        review = tmp_path / f"{chunk}.x"
        project(
            tmp_path / "de.conll", "--review", review, "--review-format", fmt, "--review-count", 6, "--chunk", chunk
        )
        written.append(review.read_bytes())
    assert written[0] == written[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1000.x", "7.x", "de.conll"]
    xp.write_review(xp.project(xp.read_pairs(*map(str, EN_DE[1::2])), scores="learned"), tmp_path / "l", fmt, count=6)
    assert written[0].count(b"Schweiz") == (tmp_path / "l").read_bytes().count(b"Schweiz") > 0


def test_what_is_said(tmp_path: Path) -> None:
    done = project(tmp_path / "de.jsonl", "--review", tmp_path / "tasks.json", "--review-count", 5)
    assert f"{tmp_path / 'tasks.json'}: the 5 sentences that are least certain, for label-studio" in done.stderr
    told = json.loads(project(tmp_path / "de.jsonl", "--review", tmp_path / "tasks.json", "--json").stdout)["review"]
    assert told == {"file": str(tmp_path / "tasks.json"), "format": "label-studio", "sentences": 40, "without_words": 0}
    tasks = json.loads((tmp_path / "tasks.json").read_text("utf-8"))
    scores = [task["predictions"][0]["score"] for task in tasks]
    assert scores == sorted(scores)
    source = (DEMO / "en.conll").read_text("utf-8").split("\n\n")
    for task in tasks:
        words = [line.split()[0] for line in source[int(task["data"]["sentence_id"]) - 1].splitlines()]
        assert task["data"]["source"] == " ".join(words)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ("--review", "t.json", "--scores", "alignment"),
            "--review: requires --scores with one that is a probability (",
        ),
        (("--review-count", 5), "--review-count: requires --review"),
        (("--review-format", "prodigy"), "--review-format: requires --review"),
        (
            ("--review", "t.jsonl"),
            "t.jsonl: expected one of argilla, doccano, label-studio, prodigy as the format of a",
        ),
        (("--review", "no/t.json"), "no/t.json: expected a folder no to write into, got nothing there"),
        (("--review", "x.conll", "--review-format", "prodigy"), "--review: expected another file than the output"),
        (
            ("--review", "w.json", "--save-learned", "./w.json"),
            "--review: expected another file than that of --save-learned, got w.json",
        ),
        (("--review", EN_DE[1], "--review-format", "prodigy"), f"{EN_DE[1]}: expected an output that is none of"),
    ],
)
def test_refused_before_the_run(tmp_path: Path, more: tuple[object, ...], message: str) -> None:
    code = 1 if message.endswith(("got nothing there", "none of")) else 2
    assert fails("project", *EN_DE, "-o", "x.conll", *more, code=code, cwd=tmp_path).startswith(message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("review", "what"),
    [
        ("s.x", "that of --save-aligner-state"),
        ("x.conll.alignments.gz", "the links beside the output"),
        ("x.conll.alignments.gz.json", "the links beside the output"),
    ],
)
def test_none_of_what_aligning_writes(tmp_path: Path, review: str, what: str) -> None:
    more = ("--save-aligner-state", "s.x", "--review", review, "--review-format", "prodigy", "-o", "x.conll")
    error = fails("project", *EN_DE[:4], *more, code=2, cwd=tmp_path)
    assert error == f"--review: expected another file than {what}, got {review}"
    assert list(tmp_path.iterdir()) == []


def test_label_needs_an_output_that_tells(tmp_path: Path) -> None:
    line = ("label", DEMO / "de.words", "--language", "deu_Latn", "--tagger", tmp_path)
    more = ("--translator", tmp_path, "--aligner", tmp_path, "--review", "t.json", "--scores", "learned")
    for out in ("x.conll", "-", "x/"):
        error = fails(*line, *more, "-o", out, code=2, cwd=tmp_path)
        assert error == f"--review: requires output to a file of arrow or jsonl, which tells how sure it is, got {out}"
    error = fails(*line, *more[:-1], "alignment", "-o", "x.jsonl", code=2, cwd=tmp_path)
    assert error.startswith("--review: requires --scores with one that is a probability")


def test_how_right_it_was_on_what_was_reviewed(tmp_path: Path) -> None:
    out, tasks = tmp_path / "de.jsonl", tmp_path / "tasks.json"
    project(out, "--review", tasks, "--review-count", 5)
    annotated(tasks, wrong=2)
    done = run("evaluate", "--reviewed", tasks, out)
    assert "sentences 5, all entities right in 0.6000 of them" in done.stdout
    assert "reviewed: 5 of 40 sentences, 35 left out" in done.stdout
    assert "the least certain were chosen for review: these figures are not those of the whole" in done.stdout
    found = json.loads(run("evaluate", "--reviewed", tasks, out, "--json").stdout)
    assert found["reviewed"] == {"sentences": 5, "of": 40}
    assert found["micro"]["recall"] == 1
    assert found["micro"]["precision"] < 1
    assert found["reliability"]["bins"]
    project(tmp_path / "de.conll", "--review", tasks, "--review-count", 5)  # a file without confidences, by number
    annotated(tasks, wrong=2)
    same = json.loads(run("evaluate", "--reviewed", tasks, tmp_path / "de.conll", "--json").stdout)
    assert same["micro"] == found["micro"]
    assert same["reliability"] is None


def test_nothing_was_reviewed(tmp_path: Path) -> None:
    out, tasks = tmp_path / "de.jsonl", tmp_path / "tasks.json"
    project(out, "--review", tasks, "--review-count", 5)
    *left_out, error = run("evaluate", "--reviewed", tasks, out, code=1).stderr.splitlines()
    assert left_out == [f"xproj-fast: {tasks}: 5 tasks left out: without an annotation"]
    assert error == f"xproj-fast: error: {tasks}: expected sentences that were reviewed, got none"


def test_sentences_are_joined_by_id(tmp_path: Path) -> None:
    def write(name: str, *records: tuple[str, str]) -> Path:
        lines = [json.dumps({"id": id, "text": text, "label": [[0, 1, "X"]]}) + "\n" for id, text in records]
        (tmp_path / name).write_text("".join(lines), "utf-8")
        return tmp_path / name

    whole = write("whole.jsonl", ("a", "a x"), ("b", "b x"), ("c", "c x"))
    good = write("good.jsonl", ("c", "c x"), ("a", "a x"))
    assert "reviewed: 2 of 3 sentences, 1 left out" in run("evaluate", "--reviewed", good, whole).stdout
    unknown = write("unknown.jsonl", ("a", "a x"), ("d", "d x"))
    error = fails("evaluate", "--reviewed", unknown, whole)
    assert error == f"{unknown}:2: expected an id as in {whole}, got d"
    twice = write("twice.jsonl", ("a", "a x"), ("a", "a x"))
    error = fails("evaluate", "--reviewed", twice, whole)
    assert error == f"{twice}:2: expected every sentence once, got a as in line 1"
    doubled = write("doubled.jsonl", ("a", "a x"), ("c", "c x"), ("c", "c x"))
    error = fails("evaluate", "--reviewed", good, doubled)
    assert error == f"{doubled}:3: expected every id once, got c in lines 2 and 3"
    others = write("others.jsonl", ("b", "b y"))
    error = fails("evaluate", "--reviewed", others, whole)
    assert error.startswith(f"{whole}:2: got 'x', expected 'y' as in {others}:1")
    (tmp_path / "plain.conll").write_text("a\tB-X\nx\tO\n\n", "utf-8")
    error = fails("evaluate", "--reviewed", good, tmp_path / "plain.conll")
    assert error.startswith(f"{good}:1: expected a number of one of its 1 sentence as in ")
    assert error.endswith("got c; it has no ids, which JSONL and Parquet keep")
    error = fails("evaluate", "--reviewed", tmp_path / "plain.conll", whole)
    assert error == f"{tmp_path / 'plain.conll'}:1: expected the id of a sentence, got none"


def test_every_reader_takes_an_export(tmp_path: Path) -> None:
    out, tasks = tmp_path / "de.jsonl", tmp_path / "tasks.json"
    project(out, "--review", tasks, "--review-count", 3)
    annotated(tasks)
    done = run("convert", "--source", tasks, "--source-format", "label-studio", "-o", tmp_path / "train.conll")
    assert "3 sentences" in done.stderr
    assert len(xp.read_labelled(tmp_path / "train.conll")) == 3
    run("evaluate", tasks, tmp_path / "train.conll")
    english = tmp_path / "en.words"
    sources = [task["data"]["source"] + "\n" for task in json.loads(tasks.read_text("utf-8"))]
    english.write_text("".join(sources), "utf-8")
    run("project", "--source", tasks, "--target", english, "-o", tmp_path / "en.conll", "--quiet")
    assert len(xp.read_labelled(tmp_path / "en.conll", conll=xp.ConllOptions())) == 3
    found = json.loads(tasks.read_text("utf-8"))
    found[0]["annotations"] = []
    tasks.write_text(json.dumps(found), "utf-8")
    done = run("convert", "--source", tasks, "-o", tmp_path / "train.conll")
    assert f"{tasks}: 1 task left out: without an annotation" in done.stderr
    run("project", "--source", english.with_name("en.conll"), "--target", tasks, "-o", tmp_path / "x.conll", "--quiet")
    assert len(xp.read_labelled(tmp_path / "x.conll")) == 3  # as the text that is projected onto, all are there


@pytest.mark.parametrize("name", ["de.jsonl", "de.parquet"])
def test_a_review_of_an_output_that_was_written(tmp_path: Path, name: str) -> None:
    """What ``label`` does at its end: all that such a file does not tell is the source side."""
    project(tmp_path / name, "--review", tmp_path / "first.x", "--review-format", "doccano")
    written = tmp_path / "again.x"
    args = Namespace(review=written, review_format="doccano", review_count=100, output=str(tmp_path / name))
    review = Review(args, True)
    review.read(tmp_path / name, None)
    review.write()
    assert review.told["review"]["sentences"] == 40
    expected = [json.loads(line) for line in (tmp_path / "first.x").read_text("utf-8").splitlines()]
    found = [json.loads(line) for line in written.read_text("utf-8").splitlines()]
    assert found == [each | {"source": ""} for each in expected]
