"""What an aligner has learnt, kept: the same links from a file, in another process, in any company; wrong files."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from learnable import Pair, rates, sets_of, toy, words_of

import xproj_fast as xp
from xproj_fast.errors import InputError
from xproj_fast.models.aligner_state import DTYPES
from xproj_fast.models.alignment import Alignment, NeuralAlignOptions, StatisticalAlignOptions
from xproj_fast.models.statistical_aligner import StatisticalAligner

TOY, _ = toy(300)
NEW, GOLD = toy(60, seed=1)


@pytest.fixture(scope="module")
def aligner() -> StatisticalAligner:
    return StatisticalAligner.learn(*words_of(TOY))


@pytest.fixture
def state(aligner: StatisticalAligner, tmp_path: Path) -> Path:
    path = tmp_path / "toy.state"
    aligner.save(path)
    return path


def aligned(aligner: StatisticalAligner, pairs: list[Pair] = NEW, **more: Any) -> Alignment:
    return aligner.align(*words_of(pairs), **more)


def assert_same(one: Alignment, other: Alignment) -> None:
    assert sets_of(one.links) == sets_of(other.links)
    np.testing.assert_array_equal(one.confidence, other.confidence)
    assert one.counts == other.counts


# --- aligning more text


@pytest.mark.parametrize("method", ["threshold", "intersection", "union", "grow-diag", "gdfa"])
def test_new_sentences_are_aligned(aligner: StatisticalAligner, method: str) -> None:
    found = aligned(aligner, options=StatisticalAlignOptions(method))
    precision, recall = rates(sets_of(found.links), GOLD)
    assert precision > 0.95
    assert recall > 0.95
    assert found.counts["unknown_words"] == 0
    assert found.confidence.max() <= 1


def test_each_pair_is_aligned_by_itself(aligner: StatisticalAligner) -> None:
    whole = aligned(aligner)
    ones = [aligned(aligner, [pair]) for pair in NEW]
    assert [sets_of(one.links)[0] for one in ones] == sets_of(whole.links)
    np.testing.assert_array_equal(np.concatenate([one.confidence for one in ones]), whole.confidence)
    assert_same(aligned(aligner, threads=1), aligned(aligner, threads=3))


def test_words_that_are_new(aligner: StatisticalAligner) -> None:
    pairs: list[Pair] = [(["s1", "Madrid", "s2"], ["t1", "t2", "Мадрид"]), ([], ["x"]), (["y"], []), ([], [])]
    found = aligned(aligner, pairs)
    assert sets_of(found.links) == [{(0, 0), (1, 2), (2, 1)}, set(), set(), set()]
    assert (found.counts["words"], found.counts["unknown_words"]) == (8, 4)
    assert aligned(aligner, []).counts["sentences"] == 0
    swapped = aligner.align(*reversed(words_of(NEW)))
    assert swapped.counts["unknown_words"] == swapped.counts["words"]


def test_long_sentences_are_counted(aligner: StatisticalAligner) -> None:
    with pytest.warns(UserWarning, match="1 of 2 sentence pairs are left without links"):
        found = aligned(aligner, [NEW[0], (["s1"] * 10_000, ["t1"] * 10_000)])
    assert found.counts["long_sentences"] == 1
    assert sets_of(found.links) == [*sets_of(aligned(aligner, NEW[:1]).links), set()]


def test_how_links_are_read_is_kept(tmp_path: Path) -> None:
    aligner = StatisticalAligner.learn(*words_of(TOY), StatisticalAlignOptions("union", seed=3))
    aligner.save(tmp_path / "x")
    read = StatisticalAligner.load(tmp_path / "x")
    assert read.options == StatisticalAlignOptions("union", seed=3)
    assert_same(aligned(read), aligned(read, options=StatisticalAlignOptions("union", seed=3)))


def test_what_cannot_be(aligner: StatisticalAligner, tmp_path: Path) -> None:
    source, target = words_of(NEW)
    with pytest.raises(InputError, match="source_language: expected None"):
        aligner.align(source, target, source_language="eng_Latn")
    with pytest.raises(InputError, match="options: expected StatisticalAlignOptions with this aligner, got Neural"):
        aligner.align(source, target, NeuralAlignOptions())  # type: ignore[arg-type]
    with pytest.raises(InputError, match="60 source and 59 target sentences"):
        aligner.align(source, words_of(NEW[1:])[1])
    (tmp_path / "a").write_text("x\n")
    with pytest.raises(InputError, match="extra_text: expected None"):
        aligner.align(source, target, StatisticalAlignOptions(extra_text=(tmp_path / "a", tmp_path / "a")))


def test_ctrl_c(aligner: StatisticalAligner) -> None:
    def enough(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        aligned(aligner, NEW * 200, progress=enough)


# --- the file


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_what_was_saved_is_loaded(aligner: StatisticalAligner, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x.state{suffix}"
    aligner.save(path)
    read = StatisticalAligner.load(str(path))
    assert_same(aligned(read), aligned(aligner))
    assert read.identity == aligner.identity
    assert read.learnt is None
    assert aligner.learnt is not None


def test_the_same_text_gives_the_same_file(aligner: StatisticalAligner, state: Path, tmp_path: Path) -> None:
    StatisticalAligner.learn(*words_of(TOY), threads=1).save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == state.read_bytes()
    other = StatisticalAligner.learn(*words_of(TOY[1:]))
    assert other.identity != aligner.identity


def test_odd_words_are_kept(tmp_path: Path) -> None:
    odd = ["", "x y", "new\nline", "\x1f", "東京", "İ"]
    aligner = StatisticalAligner.learn(*words_of([(odd, odd), *TOY[:20]]))
    aligner.save(tmp_path / "x")
    found = aligned(StatisticalAligner.load(tmp_path / "x"), [(odd, odd)])
    assert found.counts["unknown_words"] == 0
    assert_same(found, aligned(aligner, [(odd, odd)]))


def test_nothing_learnt_is_kept_too(tmp_path: Path) -> None:
    StatisticalAligner.learn(*words_of([([], [])])).save(tmp_path / "x")
    assert aligned(StatisticalAligner.load(tmp_path / "x")).counts["unknown_words"] > 0


def links_by(aligner: StatisticalAligner) -> Any:
    return sets_of(aligned(aligner).links)


def test_it_reaches_another_process(aligner: StatisticalAligner) -> None:
    assert_same(aligned(pickle.loads(pickle.dumps(aligner))), aligned(aligner))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(links_by, aligner).result(timeout=120) == links_by(aligner)


def test_files_that_are_none(tmp_path: Path, state: Path) -> None:
    path = tmp_path / "x"
    for data in (b"", b"\n", b"0-0 1-1\n", b"{}\n", b'{"xproj_fast_aligner_state": 1', b"\x00" * 99, b"PK\x03\x04\n"):
        path.write_bytes(data)
        with pytest.raises(InputError, match=r"x: expected the state of an aligner .*, got another file"):
            StatisticalAligner.load(path)
    with pytest.raises(InputError, match="no: expected a file, got nothing there"):
        StatisticalAligner.load(tmp_path / "no")
    with pytest.raises(InputError, match="expected a file, got a folder"):
        StatisticalAligner.load(tmp_path)
    path = tmp_path / "x.gz"
    path.write_bytes(state.read_bytes())
    with pytest.raises(InputError, match=r"x\.gz: could not be read"):
        StatisticalAligner.load(path)


@pytest.mark.parametrize("at", [1, 8, 100, 1000])
def test_a_file_that_was_cut_short(state: Path, at: int) -> None:
    data = state.read_bytes()
    state.write_bytes(data[:-at])
    with pytest.raises(InputError, match=r"toy\.state: expected .* bytes of .*, got .*: it was cut short"):
        StatisticalAligner.load(state)


def test_a_file_that_was_changed(state: Path) -> None:
    data = state.read_bytes()
    start = data.index(b"\n") + 1
    for at in np.linspace(start, len(data) - 1, 9).astype(int):
        state.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(InputError, match=r"expected what was written to it, got other bytes"):
            StatisticalAligner.load(state)
    state.write_bytes(data + b"x")
    with pytest.raises(InputError, match=r"expected .* bytes, got"):
        StatisticalAligner.load(state)


class Forged:
    """A state whose sum is right, whatever is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        line, _, body = path.read_bytes().partition(b"\n")
        self.header: dict[str, Any] = json.loads(line)
        self.arrays, at = {}, 0
        for name, kind in DTYPES.items():
            length = self.header["arrays"][name]
            self.arrays[name] = np.frombuffer(body, kind, length, at).copy()
            at += self.arrays[name].nbytes

    def write(self) -> Path:
        body = b"".join(array.tobytes() for array in self.arrays.values())
        self.header["sha256"] = hashlib.sha256(body).hexdigest()
        self.header["arrays"] |= {name: len(array) for name, array in self.arrays.items()}
        self.path.write_bytes(json.dumps(self.header).encode() + b"\n" + body)
        return self.path


def test_forging_works(aligner: StatisticalAligner, state: Path) -> None:
    assert_same(aligned(StatisticalAligner.load(Forged(state).write())), aligned(aligner))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"xproj_fast_aligner_state": 2}, "of version 1, got version 2, made with xproj-fast .*: learn it anew"),
        ({"xproj_fast_aligner_state": "one"}, "got version one"),
        ({"options": {}}, "options.symmetrization: expected a value, got none"),
        ({"options": []}, "options: expected an object, got a list"),
        ({"arrays": {}}, "arrays.source_vocabulary_ends: expected a value, got none"),
        ({"more": 1}, "more: expected no such key"),
    ],
)
def test_headers_that_cannot_be(state: Path, change: dict[str, Any], message: str) -> None:
    line, _, body = state.read_bytes().partition(b"\n")
    state.write_bytes(json.dumps(json.loads(line) | change).encode() + b"\n" + body)
    with pytest.raises(InputError, match=message):
        StatisticalAligner.load(state)


@pytest.mark.parametrize("length", [-1, 10**17, 1.5, "9", None])
def test_lengths_that_cannot_be(state: Path, length: Any) -> None:
    forged = Forged(state)
    forged.header["arrays"]["forward"] = length
    state.write_bytes(json.dumps(forged.header).encode() + b"\n" + state.read_bytes().partition(b"\n")[2])
    with pytest.raises(InputError, match="forward"):
        StatisticalAligner.load(state)


@pytest.mark.parametrize("name", DTYPES)
def test_arrays_of_another_length(state: Path, name: str) -> None:
    forged = Forged(state)
    forged.arrays[name] = np.append(forged.arrays[name], forged.arrays[name][-1:])
    with pytest.raises(InputError, match="expected the state of an aligner, got a wrong one"):
        StatisticalAligner.load(forged.write())


@pytest.mark.parametrize(
    ("name", "place", "value", "message"),
    [
        ("offsets", 0, 1, "offsets: expected offsets that rise"),
        ("offsets", 1, -1, "offsets: expected offsets that rise"),
        ("offsets", -1, 0, "offsets: expected offsets that rise"),
        ("target", 0, -1, "target: expected types below"),
        ("target", 0, 10**6, "target: expected types below"),
        ("forward", 0, np.nan, "forward: expected finite numbers of 0 or more"),
        ("reverse", 0, -1, "reverse: expected finite numbers"),
        ("target_words", 0, np.inf, "target_words: expected finite numbers"),
        ("forward_jumps", 5, np.nan, "forward_jumps: expected finite numbers"),
        ("source_vocabulary_ends", 0, -1, "vocabulary: expected ends of words that rise"),
        ("source_vocabulary_ends", -1, 1 << 60, "vocabulary: expected ends of words that rise"),
        ("target_vocabulary_bytes", 0, 0xFF, "vocabulary: expected UTF-8"),
        ("target_vocabulary_bytes", slice(None), 0x61, "vocabulary: expected each word once"),
    ],
)
def test_values_that_cannot_be(state: Path, name: str, place: Any, value: Any, message: str) -> None:
    forged = Forged(state)
    forged.arrays[name][place] = value
    with pytest.raises(InputError, match=message):
        StatisticalAligner.load(forged.write())


def test_types_out_of_order(tmp_path: Path) -> None:
    StatisticalAligner.learn(*words_of(TOY[:12])).save(tmp_path / "x")
    for order in ([1, 0], [0, 0]):
        forged = Forged(tmp_path / "x")
        first = forged.arrays["offsets"][np.flatnonzero(np.diff(forged.arrays["offsets"]) > 1)[0]]
        forged.arrays["target"][first : first + 2] = forged.arrays["target"][first : first + 2][order]
        with pytest.raises(InputError, match="target: expected the types of each source type in order, each once"):
            StatisticalAligner.load(forged.write())
        StatisticalAligner.learn(*words_of(TOY[:12])).save(tmp_path / "x")


def test_options_that_cannot_be(state: Path) -> None:
    forged = Forged(state)
    forged.header["options"]["link_threshold"] = "high"
    with pytest.raises(InputError, match="expected the state of an aligner, got a wrong one"):
        StatisticalAligner.load(forged.write())


# --- runs


def test_a_run_that_was_stopped_is_resumed(
    aligner: StatisticalAligner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, side in (("a.words", 0), ("b.words", 1)):
        (tmp_path / name).write_text("".join(" ".join(pair[side]) + "\n" for pair in NEW), "utf-8")
    files = [tmp_path / "a.words", tmp_path / "b.words"]
    whole = xp.align_file(*files, tmp_path / "whole.pharaoh", aligner, confidences=True)
    assert (whole["sentences"], whole["unknown_words"]) == (60, 0)
    out = tmp_path / "out.pharaoh"
    real, calls = StatisticalAligner.align, []

    def stopped(self: StatisticalAligner, *given: Any, **more: Any) -> Alignment:
        calls.append(1)
        if len(calls) == 4:
            raise RuntimeError("stopped")
        return real(self, *given, **more)

    monkeypatch.setattr(StatisticalAligner, "align", stopped)
    how: dict[str, Any] = {"confidences": True, "chunk": 7}
    with pytest.raises(RuntimeError):
        xp.align_file(*files, out, aligner, **how)
    other = StatisticalAligner.learn(*words_of(TOY[1:]))
    with pytest.raises(InputError, match="aligner"):
        xp.align_file(*files, out, other, resume=True, **how)
    with pytest.raises(InputError, match="options"):
        xp.align_file(*files, out, aligner, StatisticalAlignOptions("union"), resume=True, **how)
    xp.align_file(*files, out, aligner, resume=True, **how)
    assert out.read_bytes() == (tmp_path / "whole.pharaoh").read_bytes()
