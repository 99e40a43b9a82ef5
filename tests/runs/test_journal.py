"""The journal of a run: a line is there once its part is on disk, a torn one is none; a part costs the same always."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from xproj_fast.errors import InputError, InternalError
from xproj_fast.runs.layout import file_layout, one_file
from xproj_fast.runs.parts import open_parts

MADE_FROM: dict[str, Any] = {"input": "abc"}


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(output: Path, until: int, *, stop: bool = False, **how: bool) -> int:
    """Write parts up to a number, one sentence each; returns how many were done before."""
    with open_parts(one_file(str(output), "txt"), MADE_FROM, **how) as (parts, _):
        done = parts.done
        for i in range(done, until):
            parts.append({"txt": f"sentence {i}\n".encode()}, 1, {"words": 2})
        if stop:
            raise KeyboardInterrupt
        assert parts.counts == {"words": 2 * until}
    return done


def stopped(output: Path, until: int) -> Path:
    """Write parts and stop; returns the journal."""
    with pytest.raises(KeyboardInterrupt):
        write(output, until, stop=True)
    return output.with_name(output.name + ".parts") / "journal.jsonl"


def test_wherever_the_last_line_is_cut_its_part_is_written_again(tmp_path: Path) -> None:
    """As by a kill, or a loss of power, in the middle of a write."""
    journal = stopped(tmp_path / "out", 2)
    head, first, second = journal.read_bytes().splitlines(keepends=True)
    for end in range(len(second) + 1):
        out = tmp_path / str(end) / "out"
        out.parent.mkdir()
        journal = stopped(out, 2)
        journal.write_bytes(head + first + second[:end])
        assert write(out, 3, resume=True) == (2 if end == len(second) else 1), end
        assert out.read_bytes() == b"sentence 0\nsentence 1\nsentence 2\n", end
        assert json.loads((out.parent / "out.manifest.json").read_text())["counts"] == {"words": 6}
        assert left(out.parent) == ["out", "out.manifest.json"]


def test_what_is_written_behind_a_torn_line_is_read_again(tmp_path: Path) -> None:
    """The rest of it is cut off, not written on to: else the next line would be none."""
    journal = stopped(tmp_path / "out", 2)
    journal.write_bytes(journal.read_bytes()[:-7])
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "out", 3, stop=True, resume=True)
    assert [json.loads(line).get("part") for line in journal.read_text().splitlines()] == [None, 0, 1, 2]
    assert write(tmp_path / "out", 3, resume=True) == 3


def test_parts_are_on_disk_before_they_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes, then its name, then the line."""
    layout = one_file(str(tmp_path / "out"), "txt")
    synced: list[tuple[str, int, bool]] = []

    def sync(descriptor: int) -> None:
        if layout.journal.exists():
            about = os.fstat(descriptor)
            what = "part"
            for name, path in (("journal", layout.journal), ("folder", layout.folder)):
                what = name if os.path.samestat(about, path.stat()) else what
            lines = len(layout.journal.read_bytes().splitlines()) - 1
            synced.append((what, lines, layout.part(0, "txt").exists()))

    with open_parts(layout, MADE_FROM) as (parts, _):
        monkeypatch.setattr(os, "fsync", sync)
        parts.append({"txt": b"a\n"}, 1)
        monkeypatch.undo()
    assert synced == [("part", 0, False), ("folder", 0, True), ("journal", 1, True)]


def test_a_line_that_could_not_be_synced_was_not_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = one_file(str(tmp_path / "out"), "txt")
    real = os.fsync

    def fail(descriptor: int) -> None:
        if os.path.samestat(os.fstat(descriptor), layout.journal.stat()):
            raise OSError(5, "Input/output error")
        real(descriptor)

    with open_parts(layout, MADE_FROM) as (parts, _):
        parts.append({"txt": b"a\n"}, 1)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fail)
            with pytest.raises(InputError, match=r"journal\.jsonl: could not be written: Input/output error \(1 sent"):
                parts.append({"txt": b"lost\n"}, 1)
        assert parts.done == 1
        parts.append({"txt": b"b\n"}, 1)
    assert (tmp_path / "out").read_text() == "a\nb\n"


def test_a_part_costs_the_same_however_many_there_are(tmp_path: Path) -> None:
    """Files opened, folders listed and bytes written for a part: none depends on how many parts were written."""
    seen: list[str] = []
    watched = [True]  # a hook stays for as long as the process
    sys.addaudithook(lambda event, args: seen.append(event) if watched else None)
    layout = one_file(str(tmp_path / "out"), "txt")
    costs = []
    with open_parts(layout, MADE_FROM) as (parts, _):
        for i in range(100, 400):
            seen.clear()
            before = layout.journal.stat().st_size if i > 100 else 0
            parts.append({"txt": f"{i}\n".encode()}, 1, {"words": 1})
            events = sorted(event for event in seen if event.startswith(("open", "os.")))
            costs.append((events, layout.journal.stat().st_size - before))
    watched.clear()
    assert not any("dir" in event for event in costs[1][0]), "a folder was listed"
    assert costs[1] == costs[9]
    assert costs[10] == costs[99]
    assert costs[100] == costs[299]
    assert [events for events, _ in costs[1:]] == [costs[1][0]] * 299
    assert costs[299][1] - costs[1][1] == 2  # digits of the number


def test_a_complete_run_takes_no_more(tmp_path: Path) -> None:
    write(tmp_path / "out", 2)
    with open_parts(one_file(str(tmp_path / "out"), "txt"), MADE_FROM, resume=True) as (parts, _):
        assert parts.complete
        assert (parts.done, parts.counts) == (2, {"words": 4})
        with pytest.raises(InternalError, match="expected no more output"):
            parts.append({"txt": b"x\n"}, 1)
    (tmp_path / "out").write_text("edited\n")
    assert write(tmp_path / "out", 2, resume=True) == 0  # then it is made anew


def test_a_manifest_of_something_else_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "out.manifest.json").write_text("{}")
    with pytest.raises(InputError, match=r"out\.manifest\.json: expected the manifest of a run"):
        write(tmp_path / "out", 1)
    assert (tmp_path / "out.manifest.json").read_text() == "{}"


def test_a_kept_folder_that_was_killed_behind_its_last_word(tmp_path: Path) -> None:
    """Manifest and journal are both there: the run goes on behind its last part, and is finished again."""
    layout, _ = file_layout(f"{tmp_path}/out/")
    with open_parts(layout, MADE_FROM) as (parts, _):
        parts.append({"conll": b"a\n"}, 1)
        journal = layout.journal.read_bytes()
    whole = left(tmp_path / "out")
    layout.journal.write_bytes(journal)
    with open_parts(layout, MADE_FROM, resume=True) as (parts, _):
        assert (parts.done, parts.complete) == (1, False)
    assert left(tmp_path / "out") == whole == ["manifest.json", "part-000000.conll"]
    with open_parts(layout, MADE_FROM, resume=True) as (parts, _):
        assert parts.complete


def test_a_new_run_in_a_kept_folder_that_was_killed_before_it_removed_the_manifest(tmp_path: Path) -> None:
    """The manifest lists parts that are no more: it must not pass for that of a finished run."""
    layout, _ = file_layout(f"{tmp_path}/out/")
    with open_parts(layout, MADE_FROM) as (parts, _):
        head = layout.journal.read_bytes()
        parts.append({"conll": b"a\n"}, 1)
    layout.journal.write_bytes(head)  # as --restart does first
    with open_parts(layout, MADE_FROM, resume=True) as (parts, _):
        assert (parts.done, parts.complete) == (0, False)
        assert left(tmp_path / "out") == ["journal.jsonl"]
        parts.append({"conll": b"b\n"}, 1)
    assert (tmp_path / "out" / "part-000000.conll").read_text() == "b\n"


# What a run has learnt


def learning(output: Path, parts_of: int, *, stop: bool = False, learns: Any = None, **how: bool) -> Any:
    """Learn, where nothing was learnt yet, and write parts; returns what was learnt before."""
    with open_parts(one_file(str(output), "txt"), MADE_FROM, **how) as (parts, _):
        before = parts.learnt
        for _ in range(parts.done, 0 if parts.complete else parts_of):
            if parts.learnt is None:
                parts.learn(learns)
            parts.append({"txt": f"{parts.learnt}\n".encode()}, 1)
        if stop:
            raise KeyboardInterrupt
    return before


def test_what_was_learnt_is_gone_on_with(tmp_path: Path) -> None:
    """Another process would have learnt something else: it does not."""
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        learning(out, 1, stop=True, learns={"weight": 0.1})
    journal = (tmp_path / "out.parts" / "journal.jsonl").read_text().splitlines()
    assert [next(iter(json.loads(line))) for line in journal] == ["xproj_fast_journal", "learnt", "part"]
    assert learning(out, 3, resume=True, learns={"weight": 9}) == {"weight": 0.1}
    assert out.read_text() == "{'weight': 0.1}\n" * 3
    assert json.loads((tmp_path / "out.manifest.json").read_text())["learnt"] == {"weight": 0.1}
    assert learning(out, 3, resume=True) == {"weight": 0.1}  # of a finished run


def test_what_was_learnt_for_no_part_is_learnt_again(tmp_path: Path) -> None:
    """As the input is read again from its first sentence on."""
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        learning(out, 1, stop=True, learns=1)
    journal = tmp_path / "out.parts" / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:2]))
    assert learning(out, 1, resume=True, learns=2) is None
    assert out.read_text() == "2\n"


def test_what_was_learnt_is_on_disk_before_its_first_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = one_file(str(tmp_path / "out"), "txt")
    synced: list[bytes] = []
    with open_parts(layout, MADE_FROM) as (parts, _):
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", lambda descriptor: synced.append(layout.journal.read_bytes()))
            parts.learn([1])
        assert [line.splitlines()[-1] for line in synced] == [b'{"learnt": [1]}']
        with pytest.raises(InternalError, match="expected to learn once"):
            parts.learn([2])
        parts.append({"txt": b"a\n"}, 1)
