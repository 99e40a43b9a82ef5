"""``xproj-fast translate`` as a user runs it."""

from __future__ import annotations

import gzip
import json
import math
import signal
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command import DEMO, run
from crash import held
from toy_language import ENGLISH, SENTENCES, TOY, text

pytest_plugins = ("translator_fixtures",)

PAIRS = SENTENCES[:40]
SOURCE = [text(pair.english) for pair in PAIRS]
TARGET = [text(pair.toy) for pair in PAIRS]


def translate(translator: Path, *args: Any, code: int = 0, **options: Any) -> subprocess.CompletedProcess[str]:
    how = ("--translator", translator, "--device", "cpu", "--threads", 1)
    return run("translate", *how, *args, code=code, **options)


def toy(translator: Path, *args: Any, **options: Any) -> subprocess.CompletedProcess[str]:
    return translate(translator, "--from", ENGLISH, "--to", TOY, *args, **options)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "en.txt"
    path.write_text("\n".join([*SOURCE[:5], "", *SOURCE[5:]]) + "\n", "utf-8")
    return path


EXPECTED = "\n".join([*TARGET[:5], "", *TARGET[5:]]) + "\n"


def test_text(trained_translator: Path, source: Path, tmp_path: Path) -> None:
    done = toy(trained_translator, source, "-o", tmp_path / "toy.txt")
    assert (tmp_path / "toy.txt").read_text("utf-8") == EXPECTED
    assert done.stdout == ""
    assert f"{tmp_path}/toy.txt: 41 lines, 1 empty, " in done.stderr
    names = ["en.txt", "toy.txt", "toy.txt.manifest.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert toy(trained_translator, source, "--beam-size", 3, "--quiet").stdout == EXPECTED


def test_standard_input_and_compressed_files(trained_translator: Path, source: Path, tmp_path: Path) -> None:
    done = toy(trained_translator, "-", "--quiet", input=source.read_text("utf-8").replace("\n", "\r\n")[:-2])
    assert (done.stdout, done.stderr) == (EXPECTED, "")
    packed = tmp_path / "en.txt.gz"
    packed.write_bytes(gzip.compress(source.read_bytes()))
    toy(trained_translator, packed, "-o", tmp_path / "toy.txt.gz")
    assert gzip.decompress((tmp_path / "toy.txt.gz").read_bytes()).decode() == EXPECTED


def test_json_lines_and_summary(trained_translator: Path, source: Path, tmp_path: Path) -> None:
    done = toy(trained_translator, source, "-o", tmp_path / "toy.jsonl", "--json", "--split", "always")
    records = [json.loads(line) for line in (tmp_path / "toy.jsonl").read_text("utf-8").splitlines()]
    assert [record["text"] for record in records] == EXPECTED.split("\n")[:-1]
    assert records[0].keys() == {
        "text", "score", "source_tokens", "target_tokens", "parts", "repeated", "cut", "refused", "unknown"
    }  # fmt: skip
    assert records[5] | {"score": 0} == {
        "text": "",
        "score": 0,
        "source_tokens": 0,
        "target_tokens": 0,
        "parts": 0,
        "repeated": False,
        "cut": False,
        "refused": None,
        "unknown": 0,
    }
    assert records[5]["score"] is None
    assert math.log(0.9) < records[0]["score"] <= 0  # every subword has .9 or more
    summary = json.loads(done.stdout)
    assert (summary["lines"], summary["empty"], summary["refused"], summary["resumed_at"]) == (41, 1, 0, 0)
    assert (summary["devices"], summary["compute_type"]) == ({"translator": "cpu"}, "float32")
    assert summary["source_tokens"] == sum(len(pair.english) for pair in PAIRS) == summary["target_tokens"]


def test_words_and_conll(trained_translator: Path, tiny_translator: Path, tmp_path: Path) -> None:
    words = tmp_path / "en.words"
    words.write_text("\n".join(line.replace(" ", "\t") for line in SOURCE) + "\n", "utf-8")
    assert toy(trained_translator, words).stdout == "\n".join(TARGET) + "\n"
    conll = tmp_path / "en.conll"
    conll.write_text("\n\n".join("\n".join(f"{word}\tO" for word in pair.english) for pair in PAIRS) + "\n", "utf-8")
    assert toy(trained_translator, conll).stdout == "\n".join(TARGET) + "\n"
    by_name = toy(trained_translator, "-", "--input-format", "conll", input=conll.read_text("utf-8"))
    assert by_name.stdout == "\n".join(TARGET) + "\n"
    done = translate(
        tiny_translator, "--from", "jpn_Jpan", "--to", "eng_Latn", DEMO / "ja.gold.conll", "-o", tmp_path / "en.jsonl"
    )
    assert "40 lines" in done.stderr


def test_every_format(trained_translator: Path, tmp_path: Path) -> None:
    """Texts as they are, tokens joined, and the ids of records."""
    texts = tmp_path / "texts.jsonl"
    texts.write_text("".join(json.dumps({"id": f"s{i}", "text": line}) + "\n" for i, line in enumerate(SOURCE)))
    tokens = tmp_path / "tokens.ndjson"
    tokens.write_text("".join(json.dumps({"tokens": list(pair.english)}) + "\n" for pair in PAIRS))
    table = pa.table({"id": list(range(40)), "tokens": [list(pair.english) for pair in PAIRS]})
    pq.write_table(table, tmp_path / "table.parquet")
    (tmp_path / "en.story").write_text("\n".join(SOURCE) + "\n")  # a suffix that names no format: text
    for source in (texts, tokens, tmp_path / "table.parquet", tmp_path / "en.story"):
        assert toy(trained_translator, source).stdout == "\n".join(TARGET) + "\n", source.name
    for source, ids in ((texts, [f"s{i}" for i in range(40)]), (tmp_path / "table.parquet", list(range(40)))):
        toy(trained_translator, source, "-o", tmp_path / "out.jsonl", "--restart")
        records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
        assert [str(record["id"]) for record in records] == list(map(str, ids))
        assert [record["text"] for record in records] == TARGET
    other = tmp_path / "others.jsonl"
    other.write_text(json.dumps({"body": SOURCE[0]}) + "\n")
    assert toy(trained_translator, other, "--text-key", "body").stdout == TARGET[0] + "\n"
    assert "others.jsonl:1: expected " in fails(trained_translator, "--from", ENGLISH, "--to", TOY, other)


def test_refused_lines_are_counted_and_keep_their_place(tiny_translator: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("Berlin\n" + "word " * 10_000 + "\nBerlin\n" + "word " * 20_000 + "\n", "utf-8")
    done = translate(tiny_translator, "--from", ENGLISH, "--to", "deu_Latn", source, "-o", tmp_path / "out.txt")
    lines = (tmp_path / "out.txt").read_text("utf-8").split("\n")
    assert lines[0] == lines[2] != ""
    assert (lines[1], lines[3:]) == ("", ["", ""])
    first, summary = done.stderr.splitlines()
    assert first.startswith(
        f"xproj-fast: {source}:2: refused, as others may be: expected a sentence of at most 512 subwords, got"
    )
    assert "4 lines, 2 refused, " in summary


def fails(translator: Path, *args: Any, code: int = 1, **options: Any) -> str:
    done = translate(translator, *args, code=code, **options)
    assert done.stdout == ""
    *_, last = done.stderr.splitlines()
    return last.partition("error: ")[2]


def test_wrong_usage(trained_translator: Path, source: Path, tmp_path: Path) -> None:
    languages = ("--from", ENGLISH, "--to", TOY)
    message = fails(trained_translator, "--from", "en", "--to", TOY, source, code=2)
    assert message == "--from: expected a language code of the model, got 'en': did you mean eng_Latn?"
    message = fails(trained_translator, "--from", ENGLISH, "--to", "deu_Latn", source, code=2)
    assert message == "--to: expected a language code of the model, got 'deu_Latn': it knows eng_Latn, swh_Latn"
    assert fails(trained_translator, *languages, code=2) == "FILE: expected one, as translating needs it, got none"
    assert (
        fails(trained_translator, "--to", TOY, source, code=2)
        == "--from: expected one, as translating needs it, got none"
    )
    assert "--json: expected an output file" in fails(trained_translator, *languages, source, "--json", code=2)
    assert "--no-repeat-ngram-size: expected at least 0" in fails(
        trained_translator, *languages, source, "--no-repeat-ngram-size", -1, code=2
    )
    assert "expected an output that is none of the inputs" in fails(
        trained_translator, *languages, source, "-o", source
    )


def test_bad_input(trained_translator: Path, source: Path, tmp_path: Path) -> None:
    languages = ("--from", ENGLISH, "--to", TOY)
    assert fails(trained_translator, *languages, tmp_path / "no.txt").endswith(
        "no.txt: expected a file, got nothing there"
    )
    assert "expected the folder of an exported translator" in fails(tmp_path, *languages, source)
    (tmp_path / "latin1.txt").write_bytes(b"caf\xe9\n")
    message = fails(trained_translator, *languages, tmp_path / "latin1.txt", "-o", tmp_path / "out.txt")
    assert "latin1.txt:1: expected UTF-8 text, got byte 0xe9" in message
    assert not list(tmp_path.glob("out.txt*"))
    assert "--compute-type: expected one that cpu supports" in fails(
        trained_translator, *languages, source, "--compute-type", "float8"
    )


def test_list_languages(trained_translator: Path) -> None:
    assert translate(trained_translator, "--list-languages").stdout == f"{ENGLISH}\n{TOY}\n"


def test_an_empty_file(trained_translator: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    toy(trained_translator, tmp_path / "empty.txt", "-o", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_bytes() == b""


def test_a_killed_run_is_gone_on_with(trained_translator: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "en.txt", tmp_path / "toy.txt"
    lines = [text(pair.english) + "\n" for pair in SENTENCES * 30]
    source.write_text("".join(lines), "utf-8")
    languages = ("--from", ENGLISH, "--to", TOY)
    given = ("translate", "--translator", trained_translator, *languages, "--device", "cpu", "--threads", 1)
    with held(*given, source, "-o", target, at="part-000002.txt") as process:
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not target.exists()
    assert "--resume continues it" in fails(trained_translator, *languages, source, "-o", target)
    message = fails(trained_translator, *languages, source, "-o", target, "--resume", "--beam-size", 2)
    assert "expected what the interrupted run was made from, got another options." in message
    done = toy(trained_translator, source, "-o", target, "--resume", "--json", "--batch-tokens", 4096)
    summary = json.loads(done.stdout)
    assert summary["lines"] == 6_000
    assert 0 < summary["resumed_at"] < 6_000
    expected = "".join(text(pair.toy) + "\n" for pair in SENTENCES * 30)
    assert target.read_text("utf-8") == expected
    names = ["en.txt", "toy.txt", "toy.txt.manifest.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    again = toy(trained_translator, source, "-o", target, "--resume")
    assert again.stderr == f"{target}: complete, 6,000 lines: nothing was left to do\n"
    assert target.read_text("utf-8") == expected
