"""Names that do not exist, in options of the command: an error that says which was meant, before any output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import DEMO, EN_DE, fails, run

from xproj_fast.cli.lists import Listed
from xproj_fast.errors import InputError
from xproj_fast.text.languages import check_language_code
from xproj_fast.wording import shown

GOLD = DEMO / "de.gold.conll"


def test_a_list_has_commas() -> None:
    parse = Listed(may_be_empty=True)
    for text, expected in {
        "A": ("A",),
        "A, B,C": ("A", "B", "C"),
        "": (),
        '!,",",?': ("!", ",", "?"),
        '!, ","': ("!", ","),
        '""""': ('"',),
    }.items():
        assert parse(text) == expected
    assert Listed(float)("0,.5") == (0.0, 0.5)


@pytest.mark.parametrize("text", ["", ",", "A,,B", "A,", '"A', '!,",?'])
def test_what_is_no_list(tmp_path: Path, text: str) -> None:
    assert "expected names with commas between them" in fails(
        "convert", "--source", GOLD, "-o", tmp_path / "x.conll", "--drop-labels", text, code=2
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ("project", *EN_DE, "-o", "x.conll", "--drop-labels", "MISC", "LOC"),
            "--drop-labels: <commas>, MISC,LOC",
        ),
        (("evaluate", GOLD, GOLD, "--ignore-labels", "MISC", "LOC"), "--ignore-labels: <commas>, MISC,LOC"),
        (("evaluate", "--ignore-labels", "MISC", "LOC", GOLD, GOLD), "--ignore-labels: <commas>, MISC,LOC"),
        (("compare", *EN_DE, "--matchers", "greedy", "exact"), "--matchers: <commas>, greedy,exact"),
        (
            ("compare", *EN_DE, "--matchers", "gredy,exact"),
            "--matchers: <some> exact, greedy, heuristic,",
        ),
        (("compare", *EN_DE, "--noise", "0,x"), "--noise: expected numbers with commas between them"),
        (("compare", *EN_DE, "--backends", "c++"), "--backends: <some> cpp, numba, got 'c++'"),
        (("demo", "--languages", "de,sp"), "--languages: <some> de, es, ru, ja, ar, zh, hi, got 'sp'"),
    ],
)
def test_wrong_lists(tmp_path: Path, args: tuple[object, ...], message: str) -> None:
    words = {"<commas>": "expected one list with commas", "<some>": "expected some of"}
    for short, long in words.items():
        message = message.replace(short, long)
    assert fails(*args, code=2, cwd=tmp_path).startswith(message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_classes_to_drop(tmp_path: Path, chunk: int) -> None:
    known = set(json.loads(run("evaluate", DEMO / "en.conll", DEMO / "en.conll", "--json").stdout)["classes"])
    assert known == {"PER", "ORG", "LOC", "MISC"}
    out = tmp_path / "x.conll"
    for args in (("project", *EN_DE), ("convert", "--source", DEMO / "en.conll")):
        error = fails(*args, "-o", out, "--chunk", chunk, "--drop-labels", "LOC,MSC")
        assert error.startswith(f"{DEMO / 'en.conll'}: --drop-labels: expected some of its classes, ")
        assert error.endswith("got 'MSC' (did you mean MISC?)")
        assert list(tmp_path.iterdir()) == []
        run(*args, "-o", out, "--chunk", chunk, "--drop-labels", "LOC,MISC")
        assert {line.partition("-")[2] for line in out.read_text("utf-8").split() if "-" in line} >= {"PER", "ORG"}
        assert "-MISC" not in out.read_text("utf-8")
        assert "-LOC" not in out.read_text("utf-8")
        out.unlink()
    assert "got 'MSC' (did you mean MISC?)" in fails("compare", *EN_DE, "--drop-labels", "MSC")


def test_classes_to_ignore() -> None:
    there = "some of the classes of either side, LOC, MISC, ORG, PER"
    message = f"--ignore-labels: expected {there}, got 'MSC' (did you mean MISC?)"
    assert fails("evaluate", GOLD, GOLD, "--ignore-labels", "PER,MSC") == message
    assert fails("compare", *EN_DE, "--gold", GOLD, "--ignore-labels", "MSC") == message
    both = (
        "--drop-labels",
        "MISC",
        "--ignore-labels",
        "MISC",
        "--matchers",
        "greedy",
        "--backends",
        "cpp",
        "--rounds",
        1,
    )
    [row, _] = json.loads(run("compare", *EN_DE, "--gold", GOLD, *both, "--limits", "<=1", "--json").stdout)["rows"]
    assert row["f1"] > 0.9


def test_stop_words_may_hold_a_comma(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("x\tB-X\ny\tI-X\nz\tI-X\n", "utf-8")
    (tmp_path / "b.words").write_text("a , b\n", "utf-8")
    (tmp_path / "l.pharaoh").write_text("0-0 1-1 2-2\n", "utf-8")
    files = (
        "--source",
        "a.conll",
        "--target",
        "b.words",
        "--alignments",
        "l.pharaoh",
        "--scores",
        "alignment",
        "-o",
        "-",
    )
    assert run("project", *files, cwd=tmp_path).stdout == "a\tB-X\n,\tI-X\nb\tI-X\n\n"
    done = run("project", *files, "--stop-words", '!,","', cwd=tmp_path)
    assert done.stdout.split() == ["a", "B-X", ",", "O", "b", "O"]
    assert "1 sentence, 1 entity, 1 projected (100.0%) onto 1 span" in done.stderr


def test_the_input_is_named_and_not_the_output(tmp_path: Path) -> None:
    """A word with a tab, which JSONL can hold and CoNLL cannot, in the second sentence of several chunks."""
    words = [{"text": "a\tb", "start": 0, "end": 3, "id": 0}, {"text": "c", "start": 4, "end": 5, "id": 1}]
    plain = {"text": "d", "tokens": [{"text": "d", "start": 0, "end": 1, "id": 0}], "entities": []}
    records = (plain, plain, {"text": "a\tb c", "tokens": words, "entities": []})
    (tmp_path / "b.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    (tmp_path / "a.conll").write_text("x\tB-X\n\n" * 3, "utf-8")
    (tmp_path / "l.pharaoh").write_text("\n" * 3, "utf-8")
    files = ("--source", "a.conll", "--target", "b.jsonl", "--alignments", "l.pharaoh", "--scores", "alignment")
    for chunk in (1, 2, 100):
        message = fails("project", *files, "-o", "out.conll", "--chunk", chunk, cwd=tmp_path)
        assert message.startswith("b.jsonl: words: sentence 3, word 1: CoNLL cannot hold")
        message = fails("convert", "--source", "b.jsonl", "-o", "out.conll", "--chunk", chunk, cwd=tmp_path)
        assert message.startswith("b.jsonl:3: words: word 1: CoNLL cannot hold")


@pytest.mark.parametrize("code", ["eng_Latn", "bam_Latn", "xyz_Abcd", "de", "bam", "sw"])
def test_codes_of_languages(code: str) -> None:
    check_language_code(code, "language")


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("english", " (did you mean eng_Latn?)"),
        ("Bambara", " (did you mean bam_Latn?)"),
        ("Chinese", " (did you mean zho_Hans or zho_Hant?)"),
        ("eng_Latin", " (did you mean eng_Latn?)"),
        ("eng-Latn", " (did you mean eng_Latn?)"),
        ("q", ""),
        ("x" * 1_000_000, ""),
        (None, ""),
    ],
)
def test_what_is_no_code(code: str, meant: str) -> None:
    with pytest.raises(InputError) as caught:
        check_language_code(code, "language")
    assert str(caught.value) == shown(f"language: expected a language code such as eng_Latn, got {code!r}{meant}")
    assert len(str(caught.value)) < 500


def test_codes_and_folders_of_a_suite(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "gold.conll").write_text("a\tB-PER\n", "utf-8")
    (tmp_path / "de" / "source.conll").write_text("a\tB-PER\n", "utf-8")
    line = ("evaluate", "--suite", tmp_path, "--pipelines")
    assert "--codes: expected folders of the suite, de, got 'dee' (did you mean de?)" in fails(
        *line, "string", "--codes", "dee=deu_Latn", code=2
    )
    assert "--codes: expected a language code such as eng_Latn, got 'german' (did you mean deu_Latn?)" in fails(
        *line, "string", "--codes", "de=german", code=2
    )
    assert "--from: expected a language code" in fails(*line, "string", "--from", "x1", code=2)
    assert "got 'strin' (did you mean string?)" in fails(*line, "strin")
    assert "--ignore-labels: expected some of the classes of either side, PER, got 'PERS' (did you mean PER?)" in fails(
        *line, "string", "--ignore-labels", "PERS"
    )


def test_few_pairs_to_learn_an_alignment_from(tmp_path: Path) -> None:
    pytest.importorskip("eflomal", reason="eflomal is not installed")
    line = ("project", *EN_DE[:4], "--aligner", "eflomal", "-o", tmp_path / "x.conll")
    said = run(*line).stderr
    assert said.count("eflomal learns from the text alone: 40 sentence pairs give poor links") == 1
    assert "(--extra-text)" in said
    assert "poor links" not in run(*line).stderr  # they are read from the cache
    assert run(*line[:-1], tmp_path / "y.conll", "--quiet").stderr == ""
