"""``tag_file``, ``translate_file`` and ``align_file`` with models of a user's own: stopped, gone on with, the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from common import links_array

import xproj_fast as xp
from xproj_fast.arrays import Entities, WordProbabilities, Words
from xproj_fast.models.tagging import Tagged

LINES = [f"Anna saw {i} birds in Rome" for i in range(20)] + ["", "Anna"]
CONLL = "".join("".join(f"{w}\t{'B-PER' if w == 'Anna' else 'O'}\n" for w in x.split()) + "\n" for x in LINES)


class BrokenError(Exception):
    """What a model raises at one of its calls."""


class Fails:
    """Counts the calls of a model, and fails from the n-th on."""

    def __init__(self, at: int | None = None) -> None:
        self.at, self.calls = at, 0

    def check(self) -> None:
        self.calls += 1
        if self.at is not None and self.calls >= self.at:
            raise BrokenError


class FindsAnna(Fails):
    classes = ("PER", "LOC")

    def tag(self, words: Words, options: Any = None, *, warn: bool = True, progress: Any = None) -> Tagged:
        self.check()
        found = [[(i, i + 1, 0) for i, w in enumerate(row) if w == "Anna"] for row in words.to_lists()]
        flat = np.array([entity for row in found for entity in row], np.int32).reshape(-1, 3)
        offsets = np.zeros(len(found) + 1, np.int64)
        np.cumsum([len(row) for row in found], out=offsets[1:])
        total = int(words.offsets[-1])
        return Tagged(
            words,
            Entities(offsets, *(np.ascontiguousarray(flat[:, i]) for i in range(3))),
            np.ones(len(flat), np.float32),
            self.classes,
            WordProbabilities(words.offsets, np.ones((total, 1), np.float32), ("O",)),
            np.empty(0, np.int64),
            {"sentences": len(words), "words": total},
        )


class Shouts(Fails):
    def translate(
        self, lines: Sequence[str], source: str, target: str, options: Any = None
    ) -> Iterator[xp.Translation]:
        self.check()
        yield from (xp.Translation(line.upper(), parts=1) for line in lines)


class InOrder(Fails):
    def align(self, source: Words, target: Words) -> Any:
        self.check()
        pairs = zip(source.to_lists(), target.to_lists(), strict=True)
        links = links_array([[(i, i) for i in range(min(len(a), len(b)))] for a, b in pairs])
        return type("Aligned", (), {"links": links})


def tag(folder: Path, at: int | None = None, **how: Any) -> dict[str, Any]:
    return xp.tag_file(folder / "in.txt", folder / "out.conll", FindsAnna(at), chunk=3, **how)


def translate(folder: Path, at: int | None = None, **how: Any) -> dict[str, Any]:
    return xp.translate_file(folder / "in.txt", folder / "out.txt", Shouts(at), "eng_Latn", "deu_Latn", chunk=3, **how)


def align(folder: Path, at: int | None = None, **how: Any) -> dict[str, Any]:
    return xp.align_file(folder / "in.txt", folder / "in.txt", folder / "out.pharaoh", InOrder(at), chunk=3, **how)


LINKS = "".join(" ".join(f"{i}-{i}" for i in range(len(line.split()))) + "\n" for line in LINES)
EXPECTED = {tag: CONLL, translate: "".join(line.upper() + "\n" for line in LINES), align: LINKS}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in.txt").write_text("".join(line + "\n" for line in LINES))
    return tmp_path


def out_of(folder: Path) -> Path:
    (path,) = (path for path in folder.glob("out.*") if path.suffix != ".json")
    return path


@pytest.mark.parametrize("run", EXPECTED)
def test_the_output_and_what_is_said_of_it(run: Callable[..., dict[str, Any]], folder: Path) -> None:
    seen: list[tuple[int, float]] = []
    summary = run(folder, progress=lambda done, share: seen.append((done, share)))
    assert out_of(folder).read_text() == EXPECTED[run]
    assert summary["sentences"] == len(LINES)
    assert (summary["resumed_at"], summary["complete"]) == (0, False)
    assert [done for done, _ in seen] == [3, 6, 9, 12, 15, 18, 21, 22]
    assert seen[-1][1] == 1.0
    assert summary["stages"].keys() == {"read", run.__name__, "write"}
    manifest = json.loads(out_of(folder).with_name(out_of(folder).name + ".manifest.json").read_text())
    assert manifest["made_from"]["pipeline"] == run.__name__
    if run is tag:
        assert (summary["entities"], summary["labels"], summary["words"]) == (21, {"PER": 21, "LOC": 0}, 121)
    if run is align:
        assert summary["links"] == 121


@pytest.mark.parametrize("run", EXPECTED)
def test_stopped_and_gone_on_with(run: Callable[..., dict[str, Any]], folder: Path) -> None:
    with pytest.raises(BrokenError):
        run(folder, 5)
    assert not list(folder.glob("out.???????.manifest.json"))
    parts = next(folder.glob("out.*.parts"))
    done = len((parts / "journal.jsonl").read_text().splitlines()) - 1
    if done:  # what was on its way when the model failed is lost; nothing of what was recorded is
        with pytest.raises(xp.InputError, match=rf"an interrupted run wrote {3 * done} sentences in .*: --resume cont"):
            run(folder)
    summary = run(folder, resume=True)
    assert summary["resumed_at"] == 3 * done
    assert summary["sentences"] == len(LINES)
    assert out_of(folder).read_text() == EXPECTED[run]
    again = run(folder, 1, resume=True)  # the model is not asked
    assert (again["complete"], again["sentences"]) == (True, len(LINES))


@pytest.mark.parametrize("run", EXPECTED)
def test_another_input_is_not_gone_on_with(run: Callable[..., dict[str, Any]], folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(folder, progress=stop_at(6))
    (folder / "in.txt").write_text("another\n")
    with pytest.raises(xp.InputError, match=r"got another (input|source): .*; --restart discards its 6 sentences"):
        run(folder, resume=True)
    assert run(folder, restart=True)["sentences"] == 1


def stop_at(sentences: int) -> Callable[[int, float], None]:
    def progress(done: int, share: float) -> None:
        if done == sentences:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("run", EXPECTED)
def test_an_empty_file(run: Callable[..., dict[str, Any]], folder: Path) -> None:
    (folder / "in.txt").write_text("")
    assert run(folder)["sentences"] == 0
    assert out_of(folder).read_text() == ""


def test_the_output_is_none_of_the_inputs(folder: Path) -> None:
    for call in (
        lambda path: xp.tag_file(path, path, FindsAnna(), output_format="conll"),
        lambda path: xp.translate_file(path, path, Shouts(), "eng_Latn", "deu_Latn"),
        lambda path: xp.align_file(folder / "other.txt", path, path, InOrder()),
    ):
        with pytest.raises(xp.InputError, match="expected an output that is none of the inputs"):
            call(folder / "in.txt")
    assert len((folder / "in.txt").read_text().splitlines()) == len(LINES)


def test_files_of_unequal_numbers_of_sentences(folder: Path) -> None:
    other = folder / "other.txt"
    for number, message in ((4, "sentence 4: "), (6, "sentence 6: "), (0, "sentence 0: ")):
        other.write_text("a\n" * number)
        for sides in ((folder / "in.txt", other), (other, folder / "in.txt")):
            with pytest.raises(xp.InputError, match=f"one that ends after {message}{other}"):
                xp.align_file(*sides, folder / "out.pharaoh", InOrder(), chunk=3, restart=True)


def test_confidences_that_an_aligner_does_not_give(folder: Path) -> None:
    with pytest.raises(xp.InputError, match="confidences: expected an aligner that gives them"):
        align(folder, confidences=True)


def test_classes_of_the_tagger(folder: Path) -> None:
    with pytest.raises(xp.InputError, match=r"labels: expected classes of the tagger, PER, LOC, got 'LCO' \(did you"):
        tag(folder, labels=("LCO",))
    assert sorted(path.name for path in folder.iterdir()) == ["in.txt"]


def test_refused_lines_are_said_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Refuses:
        def translate(self, lines: Sequence[str], *languages: Any) -> Iterator[xp.Translation]:
            return (xp.Translation("", refused="expected less") for _ in lines)

    (folder / "in.jsonl").write_text("\n".join(["", *(json.dumps({"id": i, "text": "a"}) for i in range(5))]) + "\n")
    out = folder / "out.jsonl"
    summary = xp.translate_file(folder / "in.jsonl", out, Refuses(), "eng_Latn", "deu_Latn", chunk=2)
    assert summary["refused"] == 5
    assert [record.getMessage() for record in caplog.records] == [
        f"{folder}/in.jsonl:2: refused, as others may be: expected less"
    ]
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(str(record["id"]), record["refused"], record["score"]) for record in records] == [
        (str(i), "expected less", None) for i in range(5)
    ]


def test_words_of_chinese_text_are_joined_as_they_are_written(folder: Path) -> None:
    (folder / "zh.words").write_text("我 有 iPhone Pro Max 。\n", "utf-8")
    for code, expected in (("zho_Hans", "我有IPHONE PRO MAX。\n"), ("eng_Latn", "我 有 IPHONE PRO MAX 。\n")):
        xp.translate_file(folder / "zh.words", folder / "out.txt", Shouts(), code, "deu_Latn")
        assert (folder / "out.txt").read_text("utf-8") == expected
