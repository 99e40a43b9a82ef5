"""``xproj-fast tag`` as a process: the same as ``Tagger.tag``, in every format, interrupted or not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from command import DEMO, fails, run
from conftest import MadeOnce

for package in ("torch", "transformers", "onnx"):
    pytest.importorskip(package, reason="pip install 'xproj-fast[export]'")
pytest.importorskip("onnxruntime", reason="pip install 'xproj-fast[models]'")

from tiny_encoders import IOB2, clear_tagger, tiny_bert  # noqa: E402

from xproj_fast.cli import main  # noqa: E402
from xproj_fast.export.aligner import export_aligner  # noqa: E402
from xproj_fast.export.tagger import export_tagger  # noqa: E402
from xproj_fast.formats.arrow import read_table  # noqa: E402
from xproj_fast.formats.files import read_sentences  # noqa: E402
from xproj_fast.formats.writers import open_writer  # noqa: E402
from xproj_fast.models.tagger import Tagger  # noqa: E402
from xproj_fast.models.tagging import Tagged, TaggerOptions  # noqa: E402
from xproj_fast.runs.parts import Parts  # noqa: E402

GERMAN = DEMO / "de.words"
CPU = ("--device", "cpu", "--threads", 1)


@pytest.fixture(scope="module")
def model(made_once: MadeOnce) -> Path:
    def make(folder: Path) -> None:
        export_tagger(clear_tagger(tiny_bert, folder / "checkpoint", IOB2), folder / "tagger")

    return made_once("tagger-of-the-command", make) / "tagger"


@pytest.fixture(scope="module")
def tagger(model: Path) -> Tagger:
    return Tagger.load(model, device="cpu", threads=1)


@pytest.fixture(scope="module")
def german(tagger: Tagger) -> Tagged:
    return tagger.tag(read_sentences(GERMAN, entities=False).words)


def written(tagged: Tagged, path: Path) -> bytes:
    with open_writer(path) as write:
        write(tagged.labelled())
    return path.read_bytes()


def assert_same_file(got: Path, expected: Path) -> None:
    """Assert equal files; scores may differ in their last digit, as which sentences share a batch shows there."""
    rows = []
    for path in (got, expected):
        if path.suffix == ".jsonl":
            rows.append([json.loads(line) for line in path.read_text("utf-8").splitlines()])
        elif path.suffix == ".conll":
            rows.append([{"text": path.read_text("utf-8")}])
        else:
            table = read_table(path, path.suffix[1:])
            rows.append(table.to_pylist())
            assert table.schema.names == ["tokens", "tags", "spans"]
    scores = [[e.pop("score") for row in file for e in row.get("entities", row.get("spans", ()))] for file in rows]
    assert scores[0] == pytest.approx(scores[1], abs=2e-4)
    assert rows[0] == rows[1]


def tag(model: Path, *args: Any, **options: Any) -> Any:
    return run("tag", "--tagger", model, *CPU, *args, **options)


def count_by_label(tagged: Tagged) -> dict[str, int]:
    return {name: int((tagged.entities.label == i).sum()) for i, name in enumerate(tagged.labels)}


@pytest.mark.parametrize("name", ["x.conll", "x.jsonl", "x.parquet", "x.arrow", "x.conll.gz"])
def test_formats(tmp_path: Path, model: Path, german: Tagged, name: str) -> None:
    written(german, tmp_path / f"expected-{name.removesuffix('.gz')}")
    out = tmp_path / name
    done = tag(model, GERMAN, "-o", out, "--chunk", 7)
    assert done.stdout == ""
    first, last = done.stderr.splitlines()
    assert first.startswith(
        f"{out}: 40 sentences, {len(german.words.strings):,} words, {len(german.scores):,} entities ("
    )
    for label, count in count_by_label(german).items():
        assert f"{label} {count}" in first
    assert " s from file to file on cpu (" in last
    if name == "x.conll.gz":
        assert gzip.decompress(out.read_bytes()) == (tmp_path / "expected-x.conll").read_bytes()
    else:
        assert_same_file(out, tmp_path / f"expected-{name}")
    there = sorted([f"expected-{name.removesuffix('.gz')}", name, f"{name}.manifest.json"])
    assert sorted(path.name for path in tmp_path.iterdir()) == there


def test_inputs(tmp_path: Path, model: Path, german: Tagged) -> None:
    expected = written(german, tmp_path / "expected.conll")
    lists = german.words.to_lists()
    (tmp_path / "de.conll").write_text(
        "".join("".join(f"{word}\tI-whatever\n" for word in words) + "\n" for words in lists), "utf-8"
    )
    (tmp_path / "column.tsv").write_text("".join("\n".join(words) + "\n\n" for words in lists), "utf-8")
    (tmp_path / "de.zip").write_bytes(GERMAN.read_bytes())
    for name, args in (("de.conll", ()), ("column.tsv", ()), ("de.zip", ("--input-format", "words"))):
        tag(model, tmp_path / name, "-o", tmp_path / "out.conll", "--quiet", *args)
        assert (tmp_path / "out.conll").read_bytes() == expected


def test_jsonl_keeps_texts_and_ids(tmp_path: Path, model: Path, tagger: Tagger) -> None:
    text = "Angela  Merkel reiste\u00a0nach Berlin,\tsagte sie."
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a7", "text": text}) + "\n", "utf-8")
    tag(model, tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl")
    record = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))
    assert (record["id"], record["text"]) == ("a7", text)
    tagged = tagger.tag(read_sentences(tmp_path / "in.jsonl", entities=False).words)
    assert len(record["entities"]) == len(tagged.scores)
    for entity, score in zip(record["entities"], tagged.scores.tolist(), strict=True):
        assert entity["label"] in tagger.classes
        assert entity["score"] == pytest.approx(score, abs=1e-4)
    starts = {token["start"] for token in record["tokens"]}
    assert {entity["start"] for entity in record["entities"]} <= starts


def test_standard_output_and_json(tmp_path: Path, model: Path, german: Tagged) -> None:
    expected = written(german, tmp_path / "expected.conll")
    done = tag(model, GERMAN, "-o", "-", "--quiet")
    assert done.stdout.encode() == expected
    assert done.stderr == ""
    summary = json.loads(tag(model, GERMAN, "-o", tmp_path / "x.conll", "--json").stdout)
    assert summary["labels"] == count_by_label(german)
    assert {name: summary[name] for name in ("sentences", "words", "entities", "resumed_at")} == {
        "sentences": 40,
        "words": len(german.words.strings),
        "entities": len(german.scores),
        "resumed_at": 0,
    }
    assert (summary["devices"], summary["output"]) == ({"tagger": "cpu"}, str(tmp_path / "x.conll"))
    assert summary["sentences_per_second"] > 0


def test_classes_and_temperature(tmp_path: Path, model: Path, tagger: Tagger) -> None:
    words = read_sentences(GERMAN, entities=False).words
    options = TaggerOptions(temperature=2.0, rename={"PER": "PERSON", "LOC": "ORG"}, drop=("MISC",))
    written(tagger.tag(words, options), tmp_path / "expected.jsonl")
    args = "--rename", "PER=PERSON,LOC=ORG", "--drop-labels", "MISC", "--temperature", 2
    tag(model, *args, GERMAN, "-o", tmp_path / "x.jsonl", "--batch-tokens", 300)
    assert_same_file(tmp_path / "x.jsonl", tmp_path / "expected.jsonl")


def test_only_some_classes(tmp_path: Path, model: Path) -> None:
    for args in (("--labels", "PER,ORG"), ("--drop-labels", "MISC,LOC")):
        tag(model, *args, GERMAN, "-o", tmp_path / f"{args[0]}.conll")
    assert (tmp_path / "--labels.conll").read_bytes() == (tmp_path / "--drop-labels.conll").read_bytes()
    assert "\tB-" in (tmp_path / "--labels.conll").read_text("utf-8")
    assert "-LOC" not in (tmp_path / "--labels.conll").read_text("utf-8")


def test_what_is_unusual_is_said(tmp_path: Path, model: Path) -> None:
    (tmp_path / "in.words").write_text("Anna lebt\n\nin \u200b Berlin \u200b\n" + "sehr " * 300 + "\n\u200b\n", "utf-8")
    done = tag(model, "in.words", "-o", "out.conll", "--chunk", 1, cwd=tmp_path)
    warning, *lines = done.stderr.splitlines()
    assert warning == (
        "xproj-fast: in.words:3: word 2, '\\u200b', gives the model no subword: it is O, and so are others like it"
    )
    assert lines[1:3] == [
        "1 sentence was too long for the model, and read in overlapping windows",
        "3 words without a subword are O",
    ]
    out = [line.split("\t") for line in (tmp_path / "out.conll").read_text("utf-8").split("\n")]
    marks = ["\u200b", ""]
    expected = ["Anna", "lebt", "", "", "in", "\u200b", "Berlin", *marks, *(["sehr"] * 300), "", *marks, ""]
    assert [row[0] for row in out] == expected
    assert {row[1] for row in out if row[0] == "\u200b"} == {"O"}


@pytest.mark.parametrize("text", ["", "\n", "\n" * 100_000])
def test_nothing_to_tag(tmp_path: Path, model: Path, text: str) -> None:
    (tmp_path / "in.words").write_text(text)
    for name in ("x.conll", "x.parquet"):
        tag(model, tmp_path / "in.words", "-o", tmp_path / name, "--quiet", "--chunk", 1 << 20)
    assert (tmp_path / "x.conll").read_text() == text
    assert read_table(tmp_path / "x.parquet", "parquet").num_rows == len(text)


# --- interrupted runs -------------------------------------------------------------------------------------------------


@pytest.fixture(params=["jsonl", "conll.gz", "parquet"])
def interrupted(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    """Arguments of a run that was stopped after two of its chunks."""
    out = tmp_path / f"x.{request.param}"
    args = ["tag", "--tagger", model, *CPU, GERMAN, "-o", out, "--chunk", 7]
    calls = iter(range(2))
    original = Parts.append

    def stopping(self: Parts, *args: Any) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        original(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(Parts, "append", stopping)
        assert main([str(arg) for arg in args]) == 130
    assert [path.name for path in tmp_path.iterdir()] == [f"{out.name}.parts"]
    return args


def assert_same_as_whole(out: Path, german: Tagged) -> None:
    """Assert that it holds what is written at once."""
    expected = out.with_name("expected-" + out.name.removesuffix(".gz"))
    written(german, expected)
    if out.suffix == ".gz":
        assert gzip.decompress(out.read_bytes()) == expected.read_bytes()
    else:
        assert_same_file(out, expected)


def test_resume(interrupted: list[Any], german: Tagged) -> None:
    out = interrupted[interrupted.index("-o") + 1]
    message = fails(*interrupted)
    assert message.startswith(f"{out}: an interrupted run wrote 14 sentences")
    message = fails(*interrupted, "--resume", "--drop-labels", "MISC")
    assert 'from, got another options.drop: [] in the run, ["MISC"] now; --restart discards its 14 sent' in message
    summary = json.loads(run(*interrupted, "--resume", "--json", "--chunk", 5).stdout)
    assert_same_as_whole(out, german)
    assert (summary["sentences"], summary["resumed_at"], summary["entities"]) == (40, 14, len(german.scores))
    assert summary["labels"] == count_by_label(german)
    before = out.stat().st_mtime_ns
    again = run(*interrupted, "--resume")
    assert again.stderr == f"{out}: complete, 40 sentences: nothing was left to do\n"
    assert json.loads(run(*interrupted, "--resume", "--json").stdout)["entities"] == len(german.scores)
    assert out.stat().st_mtime_ns == before
    assert not list(out.parent.glob("*.parts"))


def test_restart(interrupted: list[Any], german: Tagged) -> None:
    run(*interrupted, "--restart", "--quiet")
    assert_same_as_whole(interrupted[interrupted.index("-o") + 1], german)


# --- mistakes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--json", "-o", "-"], "--json: expected an output file, as standard output holds the labels"),
        (
            ["--drop-labels", "MSC"],
            "--drop-labels: expected classes of the model, PER, ORG, LOC, MISC, got 'MSC' (did you mean MISC?)",
        ),
        (["--rename", "PERSON=PER"], "--rename: expected classes of the model, PER, ORG, LOC, MISC, got 'PERSON'"),
        (["--rename", "PER"], "--rename: expected OLD=NEW with commas between them"),
        (["--rename", "PER=A,PER=B"], "--rename: expected each class once, got PER, PER"),
        (["--temperature", "0"], "--temperature: expected a number from 1e-06 to 1e+06, got 0.0"),
        (["--batch-tokens", "0"], "--batch-tokens: expected a count of 1 or more, got 0"),
        (["--resume", "--restart"], "--restart: not allowed with argument --resume"),
    ],
)
def test_wrong_usage(tmp_path: Path, model: Path, args: list[Any], message: str) -> None:
    base = "tag", "--tagger", model, "--device", "cpu", GERMAN, "-o", "x.conll"
    assert fails(*base, *args, code=2, cwd=tmp_path).startswith(message)
    assert not list(tmp_path.iterdir())


def test_models_that_are_none(tmp_path: Path, model: Path) -> None:
    out = "-o", tmp_path / "x.conll"
    message = fails("tag", "--tagger", tmp_path / "nowhere", GERMAN, *out)
    assert message == (
        f"{tmp_path}/nowhere: expected the folder of an exported tagger, got nothing there "
        f"(xproj-fast export tagger SOURCE {tmp_path}/nowhere makes one)"
    )
    export_aligner(tiny_bert(tmp_path / "bert"), tmp_path / "aligner", layer=2)
    assert "expected a tagger, got a" in fails("tag", "--tagger", tmp_path / "aligner", GERMAN, *out)
    assert fails("tag", "--tagger", model, "--device", "tpu", GERMAN, *out).startswith("--device: expected ")


def test_files_that_cannot_be(tmp_path: Path, model: Path) -> None:
    base = "tag", "--tagger", model, *CPU
    (tmp_path / "bad.txt").write_bytes(b"a b\nc \xed\xa0\x80\n")
    (tmp_path / "bad.jsonl").write_text('{"text": "a"}\n{"text": "\\ud83d b"}\n')
    for args, message in (
        (["no.txt", "-o", "x.conll"], "no.txt: expected a file, got nothing there"),
        (["bad.txt", "-o", "x.conll"], "bad.txt:2: expected UTF-8 text, got byte 0xed"),
        (["bad.jsonl", "-o", "x.conll"], "bad.jsonl:2: expected text under 'text', got the lone surrogate U+D83D"),
        (["bad.txt", "-o", "bad.txt", "--output-format", "conll"], "bad.txt: expected an output that is none of the"),
        ([GERMAN, "-o", "nowhere/x.conll"], "nowhere/x.conll: expected a folder nowhere to write into"),
        (
            [GERMAN, "-o", "x.words"],
            "x.words: expected one of arrow, conll, hf, jsonl, spacy for labelled output, got words",
        ),
        ([GERMAN, "-o", "x"], "x: expected a suffix that names the format"),
        ([GERMAN, "-o", "-", "--output-format", "arrow"], "standard output: expected one of conll, jsonl"),
    ):
        assert fails(*base, *args, cwd=tmp_path).startswith(message), args
        assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.jsonl", "bad.txt"]


def test_help_teaches() -> None:
    text = run("tag", "--help").stdout
    for part in (
        "xproj-fast export tagger",
        "--drop-labels MISC",
        "--rename PERSON=PER",
        "IOB2",
        "overlapping",
        "--resume",
    ):
        assert part in text
