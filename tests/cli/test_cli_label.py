"""``xproj-fast label`` and ``augment`` as a user runs them, on models that are exact on the toy language."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import toy_language
from command import fails, run
from crash import held
from reference.iob import encode
from toy_language import TOY, text

pytest.importorskip("torch", reason="torch is not installed (extra: export)")
pytest.importorskip("ctranslate2", reason="ctranslate2 is not installed (extra: models)")

import xproj_fast as xp
from xproj_fast.cli import stages
from xproj_fast.cli.lists import names, numbered, renamings, weighted

if TYPE_CHECKING:
    from stack_fixtures import Stack

pytest_plugins = ("translator_fixtures", "stack_fixtures")

PAIRS = toy_language.PAIRS[:50]
ARGMAX = ("--extraction", "argmax", "--device", "cpu", "--threads", "1")


def conll(pairs: Any, side: str) -> str:
    blocks = []
    for pair in pairs:
        words = getattr(pair, side)
        tags = encode(len(words), sorted(pair.entities if side == "english" else pair.toy_entities()))
        blocks.append("".join(f"{word}\t{tag}\n" for word, tag in zip(words, tags, strict=True)) + "\n")
    return "".join(blocks)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "news.txt"
    path.write_text("".join(text(pair.toy) + "\n" for pair in PAIRS))
    return path


def label_command(stack: Stack, *more: Any) -> tuple[Any, ...]:
    models = ("--translator", stack.translator, "--tagger", stack.tagger, "--aligner", stack.aligner)
    return ("label", "--language", TOY, *models, *ARGMAX, *more)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_label(stack: Stack, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "news.conll"
    done = run(*label_command(stack, source, "-o", out))
    assert out.read_text() == conll(PAIRS, "toy")
    entities = sum(len(pair.entities) for pair in PAIRS)
    assert done.stdout == ""
    assert f"{out}: 50 sentences, {entities} entities (" in done.stderr
    assert "busy at the same time: read " in done.stderr
    summary = json.loads(run(*label_command(stack, source, "-o", out, "--json", "--matcher", "exact")).stdout)
    assert (summary["sentences"], summary["projected"], summary["problems"]) == (50, entities, {})
    assert summary["stages"].keys() == {"read", "translate", "tag", "align", "project", "write"}
    assert out.read_text() == conll(PAIRS, "toy")
    again = run(*label_command(stack, source, "-o", out, "--matcher", "exact", "--resume"))
    assert "complete: nothing was left to do" in again.stderr
    assert left(tmp_path) == ["news.conll", "news.conll.manifest.json", "news.txt"]


def test_label_writes_a_review(stack: Stack, source: Path, tmp_path: Path) -> None:
    out, tasks = tmp_path / "news.jsonl", tmp_path / "tasks.json"
    command_line = label_command(stack, source, "-o", out, "--scores", "learned", "--chunk", "20")
    done = run(*command_line, "--review", tasks, "--review-count", 7)
    assert f"{tasks}: the 7 sentences that are least certain, for label-studio" in done.stderr
    sentences = xp.read_labelled(out)
    sure = [min(row.confidences, default=1.0) for row in sentences]
    found = json.loads(tasks.read_text("utf-8"))
    assert [task["predictions"][0]["score"] for task in found] == pytest.approx(sorted(sure)[:7])
    texts = [text(pair.toy) for pair in PAIRS]
    assert all(task["data"]["text"] == texts[int(task["data"]["sentence_id"]) - 1] for task in found)
    for task in found:
        task["annotations"] = [{"result": task["predictions"][0]["result"]}]
    tasks.write_text(json.dumps(found), "utf-8")
    figures = json.loads(run("evaluate", "--reviewed", tasks, out, "--json").stdout)
    assert figures["reviewed"] == {"sentences": 7, "of": 50}
    assert figures["micro"]["f1"] == 1


def test_label_with_a_target_tagger_into_a_folder(stack: Stack, source: Path, tmp_path: Path) -> None:
    command_line = label_command(stack, source, "-o", f"{tmp_path}/out/", "--chunk", "20", "--target-tagger")
    run(*command_line, stack.tagger, "--scores", "alignment=1,ner_spans=0.5", "--matcher", "exact", "--quiet")
    parts = [f"part-00000{i}.conll" for i in range(3)]
    assert left(tmp_path / "out") == ["manifest.json", *parts]
    assert "".join((tmp_path / "out" / part).read_text() for part in parts) == conll(PAIRS, "toy")


def test_transfer(stack: Stack, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "news.conll"
    line = ("label", "--language", TOY, "--pipeline", "transfer", "--tagger", stack.tagger, source, "-o", out)
    said = run(*line, *ARGMAX[2:]).stderr
    assert out.read_text() == conll(PAIRS, "toy")
    assert f"50 sentences, {sum(len(pair.entities) for pair in PAIRS)} entities (" in said
    assert "not projected" not in said


def test_the_users_own_words_and_problems(stack: Stack, tmp_path: Path) -> None:
    source, out = tmp_path / "in.conll", tmp_path / "out.jsonl"
    long = "".join("zo\tO\n" for _ in range(30)) + "\n"
    source.write_text(conll(PAIRS[:2], "toy") + long)
    done = run(*label_command(stack, source, "-o", out, "--max-sentence-words", "25", "--labels", "PER"))
    assert "1 sentence could not be translated (1 too long): listed in " in done.stderr
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [[token["text"] for token in record["tokens"]] for record in records[:2]] == [list(p.toy) for p in PAIRS[:2]]
    assert {entity["label"] for record in records for entity in record["entities"]} <= {"PER"}
    assert json.loads((tmp_path / "out.jsonl.problems.jsonl").read_text())["sentence"] == 2


def test_interrupted_and_gone_on_with(stack: Stack, source: Path, tmp_path: Path) -> None:
    out, whole = tmp_path / "out.conll", tmp_path / "whole.conll"
    line = label_command(stack, source, "--chunk", "10")
    with held(*line, "-o", out, at="part-000002.conll") as process:  # before it is written, the second is recorded
        process.send_signal(signal.SIGINT)
        stderr = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130, stderr
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    assert not out.exists()
    message = fails(*line, "-o", out)
    assert "an interrupted run wrote " in message
    assert "--resume continues it, --restart discards it" in message
    assert "got another options.method.matcher: " in fails(*line, "-o", out, "--resume", "--matcher", "exact")
    assert "resumed after" in run(*line, "-o", out, "--resume").stderr
    run(*line, "-o", whole, "--quiet")
    assert out.read_bytes() == whole.read_bytes()
    assert out.read_text() == conll(PAIRS, "toy")


def test_augment(stack: Stack, tmp_path: Path) -> None:
    source, out = tmp_path / "train.conll", tmp_path / "out"
    source.write_text(conll(PAIRS, "english"))
    line = ("augment", source, "--languages", TOY, "--translator", stack.translator, "--aligner", stack.aligner)
    done = run(*line, "-o", out, *ARGMAX)
    assert (out / f"{TOY}.conll").read_text() == conll(PAIRS, "toy")
    assert f"{TOY}: 50 sentences" in done.stderr
    assert "entities, 0 not projected" in done.stderr
    summary = json.loads(run(*line, "-o", out, *ARGMAX, "--complete-only", "--json").stdout)
    assert summary["languages"][TOY]["sentences"] == 50
    assert left(out) == ["manifest.json", f"{TOY}.conll"]
    again = run(*line, "-o", out, *ARGMAX, "--complete-only", "--resume")
    assert "complete: nothing was left to do" in again.stderr
    assert fails(*line, "-o", tmp_path / "other", *ARGMAX, "--labels", "PER,LCO") == (
        f"{source}: --labels: expected some of its classes, PER, LOC, ORG, got 'LCO' (did you mean LOC?)"
    )
    assert left(tmp_path / "other") == []
    message = fails(*(word if word != TOY else "swahili" for word in line), "-o", out, *ARGMAX)
    assert message.startswith(
        "--languages: expected a language code of the model, got 'swahili': did you mean swh_Latn?"
    )


def test_markers(stack: Stack, source: Path, tmp_path: Path) -> None:
    train, out = tmp_path / "train.conll", tmp_path / "out"
    train.write_text(conll(PAIRS, "english"))
    line = ("augment", train, "--languages", TOY, "--translator", stack.translator, "-o", out, *ARGMAX[2:])
    run(*line, "--markers", "brackets", "--marker-spaces")
    assert (out / f"{TOY}.conll").read_text() == conll(PAIRS, "toy")
    lost = run(*line, "--markers", "xml", "--restart").stderr  # this translator keeps none of these
    kept, gone = map(int, re.search(r" (\d+) entities, (\d+) not projected", lost).groups())
    assert (gone > 0, kept + gone <= sum(len(pair.entities) for pair in PAIRS)) == (True, True)
    back = label_command(stack, source, "-o", tmp_path / "back.conll", "--pipeline", "back-translation")
    summary = json.loads(run(*back, "--marker-spaces", "--json").stdout)
    assert summary["tagged"] == sum(len(pair.entities) for pair in PAIRS)
    assert summary["markers"]["kept"] == summary["tagged"]
    assert "--marker-spaces: requires --markers" in fails(*line, "--marker-spaces", code=2)
    assert "--limit: not allowed with --markers" in fails(*line, "--markers", "xml", "--limit", "<=2", code=2)
    assert "--target-rename: requires --target-tagger" in fails(*line, "--target-rename", "A=B", code=2)
    assert "requires --pipeline back-translation" in fails(
        *label_command(stack, source, "-o", tmp_path / "x.conll", "--markers", "xml"), code=2
    )


def test_errors(stack: Stack, source: Path, tmp_path: Path) -> None:
    out = ("-o", tmp_path / "out.conll")
    base = label_command(stack, source, *out)
    assert "--language: expected a language code of the model, got 'swa_Latn': did you mean swh_Latn?" in fails(
        *base, "--language", "swa_Latn"
    )
    assert re.match("--labels: expected classes of the tagger, .*, got 'LCO'", fails(*base, "--labels", "PER,LCO"))
    assert re.match("--drop-labels: expected classes of the model, .* mean LOC", fails(*base, "--drop-labels", "LCO"))
    assert re.match("--rename: expected classes of the model, .*, got 'PERS'", fails(*base, "--rename", "PERS=PER"))
    assert "expected --target-tagger DIR with this method, got none" in fails(*base, "--scores", "align_ner", code=2)
    assert "--aligner: expected a method that uses it" in fails(
        *base, "--scores", "ner", "--target-tagger", stack.tagger, code=2
    )
    assert "not allowed with --pipeline transfer" in fails(*base, "--pipeline", "transfer", code=2)
    transfer = ("label", source, "--language", TOY, "--tagger", stack.tagger, "--pipeline", "transfer", *out)
    message = fails(*transfer, "--language", "english")
    assert message == "--language: expected a language code such as eng_Latn, got 'english' (did you mean eng_Latn?)"
    for given in (("--beam-size", "2"), ("--matcher", "exact"), ("--pivot", "fra_Latn"), ("--extraction", "match")):
        assert fails(*transfer, *given, code=2).startswith(f"{given[0]}: not allowed with --pipeline transfer")
    assert fails(*base, "--rounds", "3", code=2) == ("--rounds: requires --extraction itermax, got --extraction argmax")
    assert "--length-ratio: requires --matcher heuristic" in fails(*base, "--length-ratio", "1", code=2)
    assert "expected each name once" in fails(*base, "--scores", "alignment=1,alignment=2", code=2)
    assert "--scores: expected one of " in fails(*base, "--scores", "best", code=2)
    assert "expected NAME=NUMBER" in fails(*base, "--scores", "alignment=much", code=2)
    assert "expected the folder of an exported tagger, got nothing there" in fails(*base, "--tagger", "nowhere")
    assert "expected a tagger, got an aligner" in fails(*base, "--tagger", stack.aligner)
    assert "nothing.txt: expected a file" in fails(*label_command(stack, tmp_path / "nothing.txt", *out))
    assert "expected an output that is none of the inputs" in fails(*label_command(stack, source, "-o", source))
    assert "for labelled output, got text" in fails(*label_command(stack, source, "-o", tmp_path / "x.txt"))
    assert left(tmp_path) == ["news.txt"]


@pytest.mark.parametrize("name", ["label", "augment"])
def test_help_teaches(name: str) -> None:
    shown = run(name, "--help").stdout
    assert "example" in shown
    for word in ("--resume", "--scores", "--translator", "arXiv 2501.18750", "kill -9"):
        assert word in shown


# What is shown


def test_option_values() -> None:
    import argparse

    assert names("PER, LOC") == ("PER", "LOC")
    assert renamings("A=B,C=D") == {"A": "B", "C": "D"}
    assert weighted("align_ner") == "align_ner"
    assert weighted("alignment=1,mt=.5") == {"alignment": 1.0, "mt": 0.5}
    for parse, wrong in ((names, "a,,b"), (renamings, "A"), (numbered, "x"), (numbered, "x=y")):
        with pytest.raises(argparse.ArgumentTypeError, match="expected"):
            parse(wrong)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(3.4, "3 s"), (89, "89 s"), (120, "2 min"), (3600, "60 min"), (7500, "2 h 05 min")]
)
def test_duration(seconds: float, shown: str) -> None:
    assert stages.duration(seconds) == shown


def test_progress_without_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = [1000.0]
    monkeypatch.setattr(stages.time, "monotonic", lambda: clock[0])
    with stages.progress("labelling", quiet=False) as report:
        report(1000, 0.1)  # 900 of them by an earlier run would not count: the first report is where this one began
        clock[0] += 10
        report(1100, 0.11)
        clock[0] += 30
        report(2000, 0.2)
        clock[0] += 1
        report(10000, 1.0)
    assert capsys.readouterr().err == "labelling: 2,000 sentences (20%), 50 sentences/s, about 3 min left\n"
    with stages.progress("labelling", quiet=True) as report:
        report(1, 0.5)
    assert capsys.readouterr().err == ""


def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(stages.sys.stderr, "isatty", lambda: True)
    with stages.progress("labelling", quiet=False) as report:
        report(10, 0.5)
        report(20, 1.0)
    capsys.readouterr()


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the statistical aligner learns of the toy language and its English."""
    folder = tmp_path_factory.mktemp("state")
    for name, side in (("english.words", "english"), ("toy.words", "toy")):
        (folder / name).write_text("".join(" ".join(getattr(p, side)) + "\n" for p in toy_language.PAIRS), "utf-8")
    files = ("--source", folder / "english.words", "--target", folder / "toy.words")
    run("align", *files, "-o", folder / "links.pharaoh", "--save-aligner-state", folder / "toy.state")
    return folder / "toy.state"


def test_label_with_what_was_learnt_from_text(stack: Stack, state: Path, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "news.conll"
    line = ("label", "--language", TOY, "--translator", stack.translator, "--tagger", stack.tagger, "--device", "cpu")
    run(*line, "--aligner", state, source, "-o", out)
    assert out.read_text() == conll(PAIRS, "toy")
    made_with = (tmp_path / "news.conll.manifest.json").read_text()
    assert "statistical aligner" in made_with
    said = fails(*line, "--aligner", state, "--extraction", "match", source, "-o", out, code=2)
    assert said == "--extraction: requires a neural aligner (--aligner DIR)"
    broken = tmp_path / "broken.state"
    broken.write_bytes(state.read_bytes()[:-9])
    said = fails(*line, "--aligner", broken, source, "-o", tmp_path / "x.conll")
    assert said.startswith(f"{broken}: expected ")
    assert said.endswith(": it was cut short")


def test_augment_with_what_was_learnt_from_text(stack: Stack, state: Path, tmp_path: Path) -> None:
    (tmp_path / "en.conll").write_text(conll(PAIRS, "english"))
    line = ("augment", tmp_path / "en.conll", "--languages", TOY, "--translator", stack.translator, "--device", "cpu")
    run(*line, "--aligner", state, "-o", f"{tmp_path}/out/")
    assert (tmp_path / "out" / f"{TOY}.conll").read_text() == conll(PAIRS, "toy")
