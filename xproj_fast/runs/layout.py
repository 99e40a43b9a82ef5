"""Where a run puts its outputs, its parts, its journal and its manifest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from xproj_fast.errors import InputError
from xproj_fast.formats.outputs import linked, need_folder_of, unfinished
from xproj_fast.formats.streams import refuse_overwriting
from xproj_fast.runs.labelled_output import joining_writer, labelled_suffix, parts_suffix

MANIFEST = "manifest.json"
JOURNAL = "journal.jsonl"
PROBLEMS = "problems.jsonl"
_OURS = re.compile(r"part-\d{6,}\..+|manifest\.json|journal\.jsonl")


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of a run.

    Attributes:
        name: what the user calls the output.
        folder: where parts are written, and the journal that lists them.
        manifest: where the manifest of the finished run goes.
        lock: held while a process writes.
        targets: suffix of a part -> the file that all such parts become; None = the parts stay.
        only_if_any: suffixes whose output is not written where it would be empty.
    """

    name: str
    folder: Path
    manifest: Path
    lock: Path
    targets: Mapping[str, Path | None]
    only_if_any: tuple[str, ...] = (PROBLEMS,)

    @property
    def journal(self) -> Path:
        """Where what is done so far is recorded."""
        return self.folder / JOURNAL

    @property
    def keeps(self) -> bool:
        """Whether the parts stay as the output."""
        return None in self.targets.values()

    def part(self, number: int, suffix: str) -> Path:
        """Return where a part goes."""
        return self.folder / f"part-{number:06d}.{suffix}"

    def refuse_overwriting(self, source: Path) -> None:
        """Refuse an output that is the input, which a stopped run reads again."""
        for target in self.targets.values():
            if target is not None:
                refuse_overwriting(target, source)

    def half_written(self) -> Iterator[Path]:
        """Yield what was begun of the outputs themselves, while they were put together, by whomever."""
        for target in (self.manifest, *self.targets.values()):
            if target is not None:
                yield from (path for path in target.parent.iterdir() if unfinished(path) == target.name)

    def check(self) -> None:
        """Check that there is room for everything.

        Raises:
            InputError: where a folder is missing, or something else is in the place of a file or folder.
        """
        for target in (*(target for target in self.targets.values() if target is not None), self.folder):
            need_folder_of(target)
            linked(target)
            if target is not self.folder and target.exists() and not target.is_file():
                raise InputError(f"{target}: expected a plain file to write, got something else")
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"{self.folder}: expected room for a folder, got a file")
        if self.folder.is_dir() and not (self.journal.is_file() or (self.folder / MANIFEST).is_file()):
            # A run that was killed before it had a journal leaves that half-written; one that was killed while it
            # cleaned up leaves parts, but never in a folder that keeps them: these would be somebody else's.
            strange = [path.name for path in self.folder.iterdir() if not is_of_a_run(path, half_written=self.keeps)]
            if strange:
                raise InputError(f"{self.folder}: expected a new or empty folder, got one with {strange[0]} in it")


def is_of_a_run(path: Path, *, half_written: bool = False) -> bool:
    """Return whether a file is a run's part, journal or manifest, or what a kill left of one; only that, if asked."""
    name = unfinished(path) or ("" if half_written else path.name)
    return path.is_file() and _OURS.fullmatch(name) is not None


def one_file(output: str, suffix: str, *, problems: bool = False) -> Layout:
    """Lay out one file.

    Args:
        output: its name.
        suffix: of its parts, which says what is in them: one of Arrow's = tables, all others = bytes.
        problems: there may be a file of problems next to it.
    """
    path = Path(output)
    targets: dict[str, Path | None] = {suffix: path}
    if problems:
        targets[PROBLEMS] = path.with_name(path.name + "." + PROBLEMS)
    parts, manifest = (path.with_name(f"{path.name}.{name}") for name in ("parts", MANIFEST))
    return Layout(output, parts, manifest, path.with_name(f".{path.name}.lock"), targets)


def file_layout(output: str, fmt: str | None = None) -> tuple[Layout, str]:
    """Lay out one labelled file, or, with a name that ends in ``/``, a folder of its parts.

    Args:
        output: file or folder.
        fmt: ``"conll"``, ``"jsonl"`` or ``"arrow"``; None = by the suffix, CoNLL for a folder.

    Returns:
        The layout, and the suffix of the labelled parts.

    Raises:
        InputError: for a format that holds no labels, and for standard output, which cannot be resumed.
    """
    if output == "-":
        raise InputError("output: expected a file or a folder (name/), as standard output cannot be resumed, got '-'")
    path = Path(output)
    if output.endswith("/") or path.is_dir():
        suffix = parts_suffix(fmt or "conll")
        if joining_writer(suffix) is not None:
            raise InputError(f"{output}: expected the name of a file, as parts are no files of {fmt}, got a folder")
        targets: dict[str, Path | None] = {suffix: None, PROBLEMS: None}
        whole = path.resolve()  # "./" has no name of its own
        lock = whole.with_name(f".{whole.name}.lock")
        return Layout(output, path, path / MANIFEST, lock, targets), suffix
    suffix = labelled_suffix(path, fmt)
    return one_file(output, suffix, problems=True), suffix


def folder_layout(output: str, names: tuple[str, ...], fmt: str = "conll") -> tuple[Layout, dict[str, str]]:
    """Lay out a folder of one labelled file per name (a language).

    Returns:
        The layout, and the suffix of the parts of each name.

    Raises:
        InputError: for a file in the folder's place, a folder that cannot be made, and standard output.
    """
    if output == "-":
        raise InputError("output: expected a folder, as each language becomes a file, got '-'")
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: expected a folder, got a file")
    if not folder.absolute().parent.is_dir():
        raise InputError(f"{folder}: expected a folder {folder.parent} to make it in, got nothing there")
    folder.mkdir(exist_ok=True)
    suffix = parts_suffix(fmt)
    ends = "parquet" if fmt == "hf" else fmt if joining_writer(suffix) is not None else suffix
    suffixes = {name: f"{name}.{suffix}" for name in names}
    targets = {f"{name}.{suffix}": folder / f"{name}.{ends}" for name in names} | {PROBLEMS: folder / PROBLEMS}
    return Layout(output, folder / "parts", folder / MANIFEST, folder / ".lock", targets), suffixes
