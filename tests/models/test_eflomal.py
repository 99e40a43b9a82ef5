"""eflomal behind ``align_with_eflomal``: right links, no shifted index, nothing lost, repeatable through the cache."""

from __future__ import annotations

import gzip
import importlib.metadata
import json
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from learnable import rates, sets_of, toy, words_of

from xproj_fast.arrays import Links, Words
from xproj_fast.errors import InputError, InternalError, MissingDependencyError
from xproj_fast.models import eflomal
from xproj_fast.models.alignment import EflomalOptions
from xproj_fast.models.eflomal import align_with_eflomal, align_words
from xproj_fast.pairs import SentencePairs

pytest.importorskip("eflomal")

QUICK = EflomalOptions(iterations=0.01, samplers=1)


def never(*_: object, **__: object) -> Any:
    raise AssertionError("eflomal was run")


TOY, GOLD = toy(400)
FEW = TOY[:8]


@pytest.mark.parametrize("method", ["intersection", "union", "grow-diag", "gdfa"])
def test_links_are_right(method: str) -> None:
    links = align_words(*words_of(TOY), EflomalOptions(symmetrization=method))
    precision, recall = rates(sets_of(links), GOLD)
    # The union would be half wrong if one of eflomal's directions were target-source.
    assert precision > 0.9
    assert recall > 0.9
    assert (links.offsets.dtype, links.source.dtype, links.target.dtype) == (np.int64, np.int32, np.int32)
    for a, b in pairwise(links.offsets.tolist()):
        keys = list(zip(links.source[a:b].tolist(), links.target[a:b].tolist(), strict=True))
        assert keys == sorted(set(keys))


def test_odd_words_shift_nothing() -> None:
    odd = ["a\u00a0b", "\u3000", "", "|||", "x y", "tab\tin", "\u2028", "\x85", "\x1c", "new\nline", "\r"]
    odd += ["İ", "ẞ", "<NULL>", "\ufeff", "1 2 3", "\u200b"]
    assert len(odd) == 17
    pairs, gold = [], []
    for i, ((source, target), right) in enumerate(zip(TOY, GOLD, strict=True)):
        before, after = odd[i % len(odd)], odd[(i + 5) % len(odd)]
        pairs.append(([before, *source], [after, after, *target]))
        gold.append({(a + 1, b + 2) for a, b in right})
    found = sets_of(align_words(*words_of(pairs)))
    known = [{(a, b) for a, b in links if a >= 1 and b >= 2} for links in found]
    precision, recall = rates(known, gold)
    assert precision > 0.9
    assert recall > 0.85


def test_every_white_space_is_known() -> None:
    assert [hex(c) for c in range(sys.maxunicode + 1) if chr(c).isspace() and chr(c) not in eflomal.WHITE_SPACE] == []


def test_text_does_not_depend_on_blocks_or_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [([], ["x"]), (["a b", ""], []), *FEW, ([], [])]
    source, _ = words_of(pairs)

    def text(words: Words) -> bytes:
        out = BytesIO()
        eflomal._write_lines(words, out)
        return out.getvalue()

    expected = "".join(" ".join(word.replace(" ", "_") or "_" for word in words) + "\n" for words, _ in pairs).encode()
    assert text(source) == expected
    monkeypatch.setattr(eflomal, "BLOCK_SENTENCES", 3)
    assert text(source) == expected
    import pyarrow as pa

    for kind in (pa.string(), pa.large_string()):
        padded = pa.array(["before", *source.strings.to_pylist(), "after"], kind)  # type: ignore[union-attr]
        assert text(Words(source.offsets, padded.slice(1, len(padded) - 2))) == expected


def test_empty_sentences_stay_empty() -> None:
    pairs = [([], []), (["a"], []), ([], ["b"]), *TOY[:50], ([], [])]
    found = sets_of(align_words(*words_of(pairs), QUICK))
    assert len(found) == len(pairs)
    assert found[0] == found[1] == found[2] == found[-1] == set()
    assert any(found)
    assert sets_of(align_words(*words_of([([], []), ([], [])]), QUICK)) == [set(), set()]


def test_over_long_sentences_are_counted() -> None:
    longest = [f"w{i % 300}" for i in range(eflomal.MAX_WORDS)]
    pairs = [*FEW, (longest, longest), ([*longest, "x"], ["y"]), (["y"], longest * 70)]
    with pytest.warns(UserWarning, match=r"2 of 11 sentence pairs are left without links.* 1,023 words.*sentence 9 "):
        found = sets_of(align_words(*words_of(pairs), EflomalOptions("union", iterations=0.01)))
    assert len(found[8]) > 0
    assert found[9] == found[10] == set()


def test_align_keeps_the_pairs() -> None:
    pairs = SentencePairs.from_lists(
        [s for s, _ in TOY], [t for _, t in TOY], [[(0, 1, "X")] for _ in TOY], ids=range(len(TOY))
    )
    said: list[str] = []
    aligned = align_with_eflomal(pairs, progress=said.append)
    assert aligned.alignments is not None
    assert aligned.source.to_lists() == pairs.source.to_lists()
    assert aligned.target.to_lists() == pairs.target.to_lists()
    np.testing.assert_array_equal(aligned.entities.start, pairs.entities.start)
    assert aligned.ids.to_pylist() == list(range(400))  # type: ignore[union-attr]
    assert len(said) == 2
    assert "400 sentence pairs" in said[0]


def test_extra_text_is_learnt_from(tmp_path: Path) -> None:
    own, gold = toy(4, seed=1)
    source, target = tmp_path / "s.txt.gz", tmp_path / "t.txt"
    source.write_bytes(gzip.compress("".join(" ".join(s) + "\n" for s, _ in TOY).encode()))
    target.write_text("".join(" ".join(t) + "\n" for _, t in TOY), "utf-8")
    found = sets_of(align_words(*words_of(own), EflomalOptions(extra_text=(source, target))))
    precision, recall = rates(found, gold)
    assert len(found) == len(own)
    assert precision > 0.85
    assert recall > 0.8


def test_extra_text_that_does_not_fit(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a b\n" * 3, "utf-8")
    two.write_text("c\n" * 2, "utf-8")
    with pytest.raises(InputError, match=r"as many lines in .*one and .*two, got \[3, 2\]"):
        align_words(*words_of(FEW), EflomalOptions(extra_text=(one, two)))
    two.write_text("c\n" * 2 + "c " * 1024 + "\n", "utf-8")
    with pytest.warns(UserWarning, match="1 of 3 sentence pairs are of extra_text and not learnt from"):
        align_words(*words_of(FEW), EflomalOptions(extra_text=(one, two), iterations=0.01))
    two.write_bytes(b"c\n\xff\nc\n")
    with pytest.raises(InputError, match="two:2: expected UTF-8"):
        align_words(*words_of(FEW), EflomalOptions(extra_text=(one, two)))


def test_priors_are_used(tmp_path: Path) -> None:
    own, gold = toy(20, seed=2)
    priors = tmp_path / "priors"
    priors.write_text("".join(f"LEX\tS{i}\tt{i}\t500\n" for i in range(40)), "utf-8")
    precision, recall = rates(sets_of(align_words(*words_of(own), EflomalOptions(priors=priors))), gold)
    assert precision > 0.9
    assert recall > 0.9


# --- the cache


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "de.conll.align.pharaoh"


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_cache_is_read(
    suffix: str, cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache = cache.with_name(cache.name + suffix)
    pairs = [*FEW, ([], []), (["x"], ["y"]), ([], [])]
    first = align_words(*words_of(pairs), QUICK, cache=cache)
    assert f"eflomal learns from the text alone: {len(pairs)} sentence pairs give poor links" in caplog.text
    caplog.clear()
    monkeypatch.setattr(eflomal, "_learn", never)
    said: list[str] = []
    again = align_words(*words_of(pairs), QUICK, cache=str(cache), progress=said.append)
    for column in ("offsets", "source", "target"):
        np.testing.assert_array_equal(getattr(first, column), getattr(again, column))
        assert getattr(first, column).dtype == getattr(again, column).dtype
    assert "links read" in said[0]
    assert caplog.records == []
    assert sorted(path.name for path in cache.parent.iterdir()) == [cache.name, cache.name + ".json"]


def test_cache_is_read_without_eflomal(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = align_words(*words_of(FEW), QUICK, cache=cache)
    without_eflomal(monkeypatch)
    assert sets_of(align_words(*words_of(FEW), QUICK, cache=cache)) == sets_of(first)
    with pytest.raises(MissingDependencyError):
        align_words(*words_of(FEW[1:]), QUICK, cache=cache)


def test_gdfa_is_the_same_option(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    align_words(*words_of(FEW), EflomalOptions("gdfa", iterations=0.01), cache=cache)
    monkeypatch.setattr(eflomal, "_learn", never)
    align_words(*words_of(FEW), EflomalOptions("grow-diag-final-and", iterations=0.01), cache=cache)


@pytest.mark.parametrize("change", ["word", "boundary", "option", "version", "links", "broken", "longer", "gone"])
def test_cache_is_redone(
    change: str, cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pairs, options = list(FEW), QUICK
    made = Links(np.arange(9), np.arange(8, dtype=np.int32) * 0, np.arange(8, dtype=np.int32) * 0)
    monkeypatch.setattr(eflomal, "_learn", lambda *_: made)
    align_words(*words_of(pairs), options, cache=cache)
    beside = cache.with_name(cache.name + ".json")
    if change == "word":
        pairs[3] = (["other", *pairs[3][0][1:]], pairs[3][1])
    elif change == "boundary":
        moved = pairs[1][0]
        pairs[0], pairs[1] = (pairs[0][0] + moved[:1], pairs[0][1]), (moved[1:], pairs[1][1])
    elif change == "option":
        options = EflomalOptions("union", iterations=0.01, samplers=1)
    elif change == "version":
        beside.write_text(json.dumps(json.loads(beside.read_text("utf-8")) | {"version": "1.0"}), "utf-8")
    elif change == "links":
        cache.write_bytes(b"0-1\n" * 8)
    elif change == "broken":
        cache.write_bytes(b"0-0\nx\n")
    elif change == "longer":
        cache.write_bytes(b"0-0\n" * 9)
    else:
        cache.unlink()
    calls: list[int] = []

    def learn(*_: object) -> Links:
        calls.append(1)
        return made

    monkeypatch.setattr(eflomal, "_learn", learn)
    assert align_words(*words_of(pairs), options, cache=cache) is made
    assert "aligning anew" in caplog.text
    assert align_words(*words_of(pairs), options, cache=cache) is not made  # read
    assert calls == [1]
    assert cache.read_bytes() == b"0-0\n" * 8


def test_cache_notices_changed_files(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    priors = tmp_path / "priors"
    priors.write_text("LEX\ts1\tt1\t1\n", "utf-8")
    options = EflomalOptions(priors=priors, iterations=0.01)
    align_words(*words_of(FEW), options, cache=cache)
    priors.write_text("LEX\ts1\tt1\t2\n", "utf-8")
    align_words(*words_of(FEW), options, cache=cache)
    assert "the words, the options or the aligner changed" in caplog.text
    monkeypatch.setattr(eflomal, "_learn", never)
    align_words(*words_of(FEW), options, cache=cache)


def test_cache_notices_text_that_is_read_in_another_way(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The same bytes under another suffix are other words."""
    made = Links(np.arange(9), np.arange(8, dtype=np.int32) * 0, np.arange(8, dtype=np.int32) * 0)
    monkeypatch.setattr(eflomal, "_learn", lambda *_: made)
    for name in ("extra.txt", "extra.words"):
        (tmp_path / name).write_text("Isn't it?\n", "utf-8")
    for name, told in (("extra.txt", False), ("extra.words", True), ("extra.words", False)):
        caplog.clear()
        extra = (tmp_path / name, tmp_path / name)
        align_words(*words_of(FEW), EflomalOptions(extra_text=extra, iterations=0.01), cache=cache)
        assert ("aligning anew" in caplog.text) == told


@pytest.mark.parametrize("beside", [None, "[]", "{}", "not json", "[" * 100_000])
def test_cache_does_not_overwrite_other_files(beside: str | None, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eflomal, "_learn", never)
    cache.write_text("0-0\n", "utf-8")
    if beside is not None:
        cache.with_name(cache.name + ".json").write_text(beside, "utf-8")
    with pytest.raises(InputError, match="not overwritten"):
        align_words(*words_of(FEW), QUICK, cache=cache)
    assert cache.read_text("utf-8") == "0-0\n"


def test_cache_needs_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eflomal, "_learn", never)
    with pytest.raises(InputError, match="expected a folder"):
        align_words(*words_of(FEW), QUICK, cache=tmp_path / "none" / "x.pharaoh")


# --- what goes wrong


def without_eflomal(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", absent)


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    without_eflomal(monkeypatch)
    with pytest.raises(MissingDependencyError, match=r"pip install 'xproj-fast\[eflomal\]'"):
        align_words(*words_of(FEW))


def test_failure_says_what_eflomal_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    priors = tmp_path / "priors"
    priors.write_text("LEX\ts1\tt1\tmany\n", "utf-8")
    with pytest.raises(InputError, match=r"exit status 1: .*priors line 1 .*not numeric; ValueError"):
        align_words(*words_of(FEW), EflomalOptions(priors=priors))
    assert list((tmp_path / "temporary").iterdir()) == []
    align_words(*words_of(FEW), QUICK)
    assert list((tmp_path / "temporary").iterdir()) == []


def no_file(folder: Path) -> None:
    pass


def short_file(folder: Path) -> None:
    for side in ("forward", "reverse"):
        (folder / side).write_text("0-0\n" * 7, "utf-8")


def outside(folder: Path) -> None:
    for side in ("forward", "reverse"):
        (folder / side).write_text("0-0\n" * 7 + "0-99\n", "utf-8")


def no_links(folder: Path) -> None:
    for side in ("forward", "reverse"):
        (folder / side).write_text("what\n" * 8, "utf-8")


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (no_file, "forward links do not fit its input: .*expected a file"),
        (short_file, "expected 8 lines of forward links from eflomal, got 7"),
        (outside, "sentence 7, link 0-99"),
        (no_links, "forward links do not fit"),
    ],
)
def test_output_is_checked(
    write: Callable[[Path], None], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: object, cwd: Path, **__: object) -> tuple[int, str]:
        write(cwd)
        return 0, ""

    monkeypatch.setattr(eflomal, "run_child", run)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(InternalError, match=message):
        align_words(*words_of(FEW), QUICK)
    assert list(tmp_path.iterdir()) == []


def test_input_that_cannot_be_aligned() -> None:
    source, target = words_of(FEW)
    with pytest.raises(InputError, match="expected sentence pairs"):
        align_words(*words_of([]))
    with pytest.raises(InputError, match="8 source and 7 target sentences"):
        align_words(source, words_of(FEW[1:])[1])
    with pytest.raises(InputError, match="target_words: expected words to align"):
        align_words(source, Words(target.offsets))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"symmetrization": "both"}, "symmetrization: expected one of intersection, union, .*, got 'both'"),
        ({"model": 4}, "model: expected 1, 2 or 3, got 4"),
        ({"null_prior": 1.0}, "null_prior: expected a probability"),
        ({"null_prior": float("nan")}, "null_prior: expected a probability"),
        ({"samplers": 0}, "samplers: expected at least 1, got 0"),
        ({"iterations": 0.0}, "iterations: expected a finite number above 0"),
        ({"iterations": float("inf")}, "iterations: expected a finite number above 0"),
        ({"extra_text": (Path("a"),)}, "extra_text: expected two files"),
        ({"extra_text": (Path("/no/a"), Path("/no/b"))}, "/no/a: expected a file"),
        ({"priors": Path("/no/priors")}, "/no/priors: expected a file"),
    ],
)
def test_options_are_checked(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        EflomalOptions(**wrong)


@pytest.mark.parametrize("options", [EflomalOptions(model=m, null_prior=0.0, iterations=0.01) for m in (1, 2, 3)])
def test_every_model_runs(options: EflomalOptions) -> None:
    assert any(sets_of(align_words(*words_of(FEW), options)))


# --- real text


# eflomal has no seed. German by intersection gives .83 to .85; Spanish by intersection swings from .76 to .82 between
# runs, so it is held to the steadier gdfa, .81 to .83, and as that too once gave .797, to the median of three runs.
@pytest.mark.parametrize(
    ("language", "method", "runs", "least"), [("de", "intersection", 1, 0.80), ("es", "gdfa", 3, 0.79)]
)
def test_europarl(language: str, method: str, runs: int, least: float, request: pytest.FixtureRequest) -> None:
    from seqeval.metrics import f1_score

    from xproj_fast.projector import project

    real = request.getfixturevalue(f"europarl_{language}_intersect")
    aligned = [align_with_eflomal(real.pairs, EflomalOptions(symmetrization=method)) for _ in range(runs)]
    assert median(f1_score(real.gold, project(pairs).tags()) for pairs in aligned) > least
