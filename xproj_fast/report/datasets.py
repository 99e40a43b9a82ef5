"""A folder of datasets: which languages it holds, and what each has besides the gold labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xproj_fast.errors import InputError

# The first pattern that exactly one file of a folder fits counts.
GOLD = ("gold.*", "*.gold.*", "test.*", "*.test.*", "test")
LABELLED = ("source.conll", "*.predicted.conll")
WORDS = ("source.words", "source.txt", "*.words")
LINKS = ("links.pharaoh", "*.pharaoh")
LAYOUT = (
    "a folder a language, with gold labels (gold.*, *.gold.*, test.*: CoNLL, Parquet, JSONL) and, where there are any, "
    "the translation's words (source.words, *.words), its labels (source.conll, *.predicted.conll) and alignments "
    "(*.pharaoh)"
)


@dataclass(frozen=True, slots=True)
class DatasetFiles:
    """One language of one dataset.

    Attributes:
        name: path of its folder below the suite's, such as ``"de"`` or ``"masakhaner2/bam"``.
        gold: target sentences with gold labels.
        labelled: source sentences with labels, or None: then a tagger makes them.
        words: source sentences, or None: then ``labelled`` has them, or a translator makes them.
        links: alignments, source-target, or None: then an aligner makes them.
    """

    name: str
    gold: Path
    labelled: Path | None
    words: Path | None
    links: Path | None

    @property
    def language(self) -> str:
        """The name of the folder: the language's code."""
        return self.name.rpartition("/")[2]


def find_datasets(folder: str | Path) -> list[DatasetFiles]:
    """Return every folder that holds gold labels, this one or below, by name.

    Raises:
        InputError: where there is none, and where it is not clear which of several files is meant.
    """
    root = Path(folder)
    if not root.is_dir():
        got = "a file" if root.exists() else "nothing there"
        raise InputError(f"{root}: expected a folder of datasets ({LAYOUT}), got {got}")
    found = []
    for place in sorted(path for path in (root, *root.rglob("*")) if path.is_dir()):
        gold = _one(place, GOLD)
        if gold is not None:
            name = place.relative_to(root).as_posix() if place != root else root.resolve().name
            found.append(DatasetFiles(name, gold, _one(place, LABELLED), _one(place, WORDS), _one(place, LINKS)))
    if not found:
        raise InputError(f"{root}: expected datasets ({LAYOUT}), got no file with gold labels")
    return found


def _one(folder: Path, patterns: Sequence[str]) -> Path | None:
    for pattern in patterns:
        files = sorted(path for path in folder.glob(pattern) if path.is_file())
        if len(files) > 1:
            raise InputError(
                f"{folder}: expected one file {pattern}, got {', '.join(file.name for file in files)}: "
                f"name the one that counts {patterns[0].replace('*', 'conll')}"
            )
        if files:
            return files[0]
    return None
