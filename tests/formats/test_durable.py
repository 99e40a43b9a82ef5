"""Power that fails: what has its name is on disk, and the name is, too."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xproj_fast.export.folder import new_folder
from xproj_fast.formats.outputs import write_whole
from xproj_fast.runs.layout import file_layout, folder_layout, one_file
from xproj_fast.runs.parts import open_parts

Step = tuple[str, Path]
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc to name an open file")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Step]:
    """Return what is synced, and what is renamed, in order; folders and files count as synced under their names."""
    done: list[Step] = []

    def sync(descriptor: int) -> None:
        done.append(("sync", Path(os.readlink(f"/proc/self/fd/{descriptor}"))))

    def rename(name: str) -> Callable[[Path | str, Path | str], None]:
        real = getattr(os, name)

        def renames(old: Path | str, new: Path | str) -> None:
            real(old, new)
            done.extend([("from", Path(old)), ("to", Path(new))])

        return renames

    monkeypatch.setattr(os, "fsync", sync)
    for name in ("rename", "replace"):
        monkeypatch.setattr(os, name, rename(name))
    return done


def plain(folder: Path) -> None:
    write_whole(folder / "x.conll", b"a\n")


def one(folder: Path) -> None:
    with open_parts(one_file(str(folder / "x.txt"), "txt"), {}) as (parts, _):
        parts.append({"txt": b"a\n"}, 1)
        parts.append({"txt": b"b\n"}, 1)


def in_parts(folder: Path) -> None:
    layout, suffix = file_layout(str(folder / "x.conll"))
    with open_parts(layout, {}) as (parts, _):
        parts.append({suffix: b"a\n", "problems.jsonl": b"{}\n"}, 1)


def of_languages(folder: Path) -> None:
    layout, suffixes = folder_layout(str(folder / "out"), ("yor_Latn",))
    with open_parts(layout, {}) as (parts, _):
        parts.append({suffixes["yor_Latn"]: b"a\n"}, 1)


def a_model(folder: Path) -> None:
    for _ in range(2):  # the second takes the place of the first
        with new_folder(folder / "model", force=True) as target:
            (target / "deep").mkdir()
            (target / "deep" / "weights").write_bytes(b"w")
            (target / "manifest.json").write_bytes(b"{}")


def files_of(path: Path) -> Iterator[Path]:
    yield from (p for p in [path, *path.rglob("*")] if p.is_file())


@needs_proc
@pytest.mark.parametrize("write", [plain, one, in_parts, of_languages, a_model])
def test_what_gets_a_name_is_on_disk_and_so_is_the_name(
    tmp_path: Path, steps: list[Step], write: Callable[[Path], None]
) -> None:
    write(tmp_path)
    renamed = [number for number, (what, _) in enumerate(steps) if what == "to"]
    assert renamed
    for number in renamed:
        old, new = steps[number - 1][1], steps[number][1]
        if old.name == "model":  # moved out of the way, and removed
            continue
        synced = [path for what, path in steps[: number - 1] if what == "sync"]
        wanted = [old / path.relative_to(new) for path in files_of(new)] if new.is_dir() else [old]
        assert set(wanted) <= set(synced), f"{new} got its name before its bytes were on disk"
        assert ("sync", new.parent) in steps[number:], f"the name {new} was never on disk"


@needs_proc
def test_a_journal_is_gone_from_disk_before_the_parts_that_it_lists(tmp_path: Path, steps: list[Step]) -> None:
    """Otherwise a run that was finished could not be resumed: its parts would be missed."""
    seen = []
    folder = tmp_path / "x.conll.parts"
    real = os.fsync

    def sync(descriptor: int) -> None:
        real(descriptor)
        if steps[-1] == ("sync", folder):
            seen.append(sorted(path.name for path in folder.iterdir()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", sync)
        in_parts(tmp_path)
    assert seen[-1] == ["part-000000.conll", "part-000000.problems.jsonl"]


def test_a_folder_that_cannot_be_synced_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        if os.path.samestat(os.fstat(descriptor), tmp_path.stat()):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output error") as caught:
        plain(tmp_path)
    assert caught.value.filename == str(tmp_path)


def test_a_file_system_that_syncs_no_folders_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        if os.path.samestat(os.fstat(descriptor), tmp_path.stat()):
            raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fail)
    plain(tmp_path)
    assert (tmp_path / "x.conll").read_bytes() == b"a\n"
