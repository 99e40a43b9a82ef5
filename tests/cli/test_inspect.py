"""``xproj-fast inspect``: from files to project, from a labelled file, from two, beside gold labels."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command import DEMO, EN_DE, HERE, fails, run
from pages import columns_of, parts_of

import xproj_fast as xp

GOLD = DEMO / "de.gold.conll"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with projections in every format; the Parquet file has both sides."""
    folder = tmp_path_factory.mktemp("stored")
    for name, more in (("x.parquet", ["--with-source"]), ("x.jsonl", []), ("x.conll", []), ("y.jsonl", [])):
        method = ["--scores", "alignment"] if name[0] == "y" else ["--min-confidence", "0.5"]
        run("project", *EN_DE, *method, *more, "-o", folder / name)
    return folder


def test_projected_on_the_spot(tmp_path: Path) -> None:
    done = run("inspect", *EN_DE, "--gold", GOLD, "-o", tmp_path / "x.html")
    assert done.stderr == f"{tmp_path / 'x.html'}: 40 sentences, to be opened in a browser\n"
    assert done.stdout == ""
    found = columns_of(tmp_path / "x.html")
    result = xp.project(xp.read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh"), scores="learned")
    micro = xp.evaluate(xp.read_labelled(GOLD), result).micro
    parts = parts_of((tmp_path / "x.html").read_text("utf-8"))
    assert f"F1 {micro.f1:.4f}" in " ".join(parts.text.split())
    assert "en.conll \N{RIGHTWARDS ARROW} de.words" in parts.text
    assert [layer["name"] for layer in found["layers"]] == ["projected", "gold"]
    assert sum(found["layers"][0]["count"]) == len(result.matches.start)


def test_options_of_the_method_hold(tmp_path: Path) -> None:
    run("inspect", *EN_DE, "--scores", "alignment", "--matcher", "exact", "--limit", "<=2", "-o", tmp_path / "x.html")
    found = columns_of(tmp_path / "x.html")
    assert "sure" not in found["layers"][0]
    assert "exact, alignment" in parts_of((tmp_path / "x.html").read_text("utf-8")).text


def test_links_are_learnt_where_there_are_none(tmp_path: Path) -> None:
    run("inspect", *EN_DE[:4], "-o", tmp_path / "x.html", "--title", "<b>")
    assert columns_of(tmp_path / "x.html")["links"]["count"]
    assert (tmp_path / "x.html.alignments.gz").exists()
    assert "<title>&lt;b&gt;</title>" in (tmp_path / "x.html").read_text("utf-8")


def test_a_stored_projection_has_both_sides(stored: Path, tmp_path: Path) -> None:
    run("inspect", stored / "x.parquet", "--gold", GOLD, "-o", tmp_path / "x.html")
    run("inspect", *EN_DE, "--min-confidence", "0.5", "--gold", GOLD, "-o", tmp_path / "y.html")
    one, other = (columns_of(tmp_path / name) for name in ("x.html", "y.html"))
    for found in (one, other):
        found["layers"][0]["name"] = ""
    assert one == other
    assert any(one["entities"]["outcome"])


@pytest.mark.parametrize("name", ["x.jsonl", "x.conll", "x.parquet"])
def test_labelled_files(name: str, stored: Path, tmp_path: Path) -> None:
    run("inspect", stored / name, "-o", tmp_path / "x.html")
    found = columns_of(tmp_path / "x.html")
    assert found["layers"][0]["name"] == name
    assert ("source" in found) == (name == "x.parquet")
    assert ("sure" in found["layers"][0]) == (name != "x.conll")


def test_two_outputs(stored: Path, tmp_path: Path) -> None:
    run("inspect", stored / "x.jsonl", "--against", stored / "y.jsonl", "--gold", GOLD, "-o", tmp_path / "x.html")
    found = columns_of(tmp_path / "x.html")
    assert [layer["name"] for layer in found["layers"]] == ["x.jsonl", "y.jsonl", "gold"]
    run("inspect", stored / "x.jsonl", "--against", stored / "x.conll", "-o", tmp_path / "y.html")
    found = columns_of(tmp_path / "y.html")
    assert set(found["layers"][0]["difference"]) == {found["differences"].index("right")}


def test_two_files_of_one_name_are_told_apart(stored: Path, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes((stored / "y.jsonl").read_bytes())
    run("inspect", stored / "x.jsonl", "--against", tmp_path / "x.jsonl", "-o", tmp_path / "x.html")
    names = [layer["name"] for layer in columns_of(tmp_path / "x.html")["layers"]]
    assert names == [str(stored / "x.jsonl"), str(tmp_path / "x.jsonl")]


def test_a_sample_says_so(stored: Path, tmp_path: Path) -> None:
    run("inspect", stored / "x.jsonl", "--most", 10, "--sample-seed", 7, "-o", tmp_path / "x.html")
    assert len(columns_of(tmp_path / "x.html")["row"]) == 10
    assert "10 of 40 are shown" in " ".join((tmp_path / "x.html").read_text("utf-8").split())


def test_it_opens_in_a_browser(stored: Path, tmp_path: Path) -> None:
    (tmp_path / "look").write_text('#!/bin/sh\necho "$1" > "$(dirname "$0")/seen"\n')
    (tmp_path / "look").chmod(0o755)
    run(
        "inspect",
        stored / "x.conll",
        "-o",
        tmp_path / "x.html",
        "--open",
        env=HERE["env"] | {"BROWSER": f"{tmp_path}/look %s"},
    )
    assert (tmp_path / "seen").read_text() == f"{(tmp_path / 'x.html').as_uri()}\n"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "expected a labelled file, or --source and --target to project"),
        (["x.jsonl", "--source", "en.conll"], 2, "expected a labelled file, or --source and --target to project"),
        (["x.jsonl", "--matcher", "exact"], 2, "--matcher: not allowed with a labelled file"),
        (["x.jsonl", "--target", "de.words", "--threads", "2"], 2, "--target, --threads: not allowed with a labelled"),
        (["x.jsonl", "--aligner", "eflomal"], 2, "--aligner: not allowed with a labelled file"),
        (["--source", "x.conll", "--target", "x.conll", "--labelled-format", "conll"], 2, "--labelled-format: not"),
        (["x.jsonl", "--gold", "short.conll"], 1, "short.conll: expected 40 sentences, as are inspected, got 1"),
        (["x.jsonl", "--gold", "other.conll"], 1, "other.conll:1: expected 13 words, as are inspected"),
        (["x.jsonl", "--against", "word.conll"], 1, "word.conll:1: expected 'Maria', as is inspected, got"),
        (["x.jsonl", "-o", "x.txt"], 1, "x.txt: expected a name that ends in .html or .htm"),
        (["x.jsonl", "-o", "no/x.html"], 1, "no/x.html: expected a folder no to write into"),
        (["x.jsonl", "--most", "0"], 2, "--most: expected a count of 1 or more, got 0"),
        (["x.jsonl", "--sample-seed", "-1"], 2, "--sample-seed: expected 0 or more, got -1"),
        (["no.jsonl"], 1, "no.jsonl: expected a file, got nothing there"),
        (["x.parquet", "--gold", "x.html"], 1, "x.html: expected"),
    ],
)
def test_what_cannot_be(words: list[str], code: int, message: str, stored: Path, tmp_path: Path) -> None:
    gold = GOLD.read_text("utf-8")
    texts = {"short": gold.split("\n\n")[0], "other": (DEMO / "es.gold.conll").read_text("utf-8"), "word": gold}
    texts["word"] = texts["word"].replace("Maria", "Marie")
    for name, text in texts.items():
        (tmp_path / f"{name}.conll").write_text(text, "utf-8")
    for path in (*stored.iterdir(), DEMO / "en.conll", DEMO / "de.words"):
        (tmp_path / path.name).symlink_to(path)
    output = [] if "-o" in words else ["-o", "x.html"]
    before = sorted(path.name for path in tmp_path.iterdir())
    assert fails("inspect", *words, *output, code=code, cwd=tmp_path).startswith(message)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_source_that_does_not_belong(stored: Path, tmp_path: Path) -> None:
    table = pq.read_table(stored / "x.parquet")
    outcomes = table["outcomes"].to_pylist()
    for changed, message in (
        ([outcomes[0][:-1], *outcomes[1:]], "outcomes: sentence 1: expected one for each of 3 source entities, got 2"),
        ([["eaten", *outcomes[0][1:]], *outcomes[1:]], "outcomes: expected some of projected, unscored"),
    ):
        other = table.set_column(table.schema.get_field_index("outcomes"), "outcomes", pa.array(changed))
        pq.write_table(other, tmp_path / "x.parquet")
        assert fails("inspect", tmp_path / "x.parquet", "-o", tmp_path / "x.html").startswith(
            f"{tmp_path / 'x.parquet'}: {message}"
        )


def test_inputs_are_not_overwritten(stored: Path, tmp_path: Path) -> None:
    (tmp_path / "x.html").write_bytes(GOLD.read_bytes())
    words = (stored / "x.jsonl", "--gold", tmp_path / "x.html", "--gold-format", "conll", "-o", tmp_path / "x.html")
    assert re.match(".*expected an output", fails("inspect", *words))
    assert (tmp_path / "x.html").read_bytes() == GOLD.read_bytes()
