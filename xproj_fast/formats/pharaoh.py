"""Pharaoh alignments: ``i-j`` links, source-target, 0-based, one sentence per line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xproj_fast import _core
from xproj_fast.arrays import Links
from xproj_fast.checks import check_links
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.formats.outputs import whole_file
from xproj_fast.formats.reader import TextReader
from xproj_fast.formats.registry import FORMATS, Format
from xproj_fast.formats.sentences import concat_records
from xproj_fast.kernels import get
from xproj_fast.ragged import cut

POSSIBLE = ("refuse", "keep", "drop")


@dataclass(frozen=True, slots=True)
class PharaohOptions:
    """How the dialects with more than ``i-j`` are read; one that was not asked for is refused.

    >>> import xproj_fast as xp
    >>> links = xp.parse_pharaoh("0-0:0.9 1-2:0.4", xp.PharaohOptions(probabilities=True, min_probability=0.5))
    >>> links.source.tolist(), links.target.tolist()
    ([0], [0])

    Attributes:
        probabilities: links are ``i-j:p``; all of them, p between 0 and 1.
        min_probability: keep links with p at least this; 0 = all.
        possible: links ``i?j`` of a gold standard: ``"refuse"``, ``"keep"`` or ``"drop"``.

    >>> parse_pharaoh("0-0:.9 1-1:.2", PharaohOptions(probabilities=True, min_probability=0.5)).source.tolist()
    [0]
    """

    probabilities: bool = False
    min_probability: float = 0.0
    possible: str = "refuse"

    def __post_init__(self) -> None:
        if self.possible not in POSSIBLE:
            raise unknown_name("possible", self.possible, POSSIBLE)
        if not 0 <= self.min_probability <= 1:
            raise InputError(f"min_probability: expected a number from 0 to 1, got {self.min_probability}")
        if self.min_probability > 0 and not self.probabilities:
            raise InputError("min_probability: requires probabilities=True")


class PharaohReader(TextReader[Links]):
    """Reads alignments line by line.

    Args:
        path: the file.
        options: which dialect it has.
        foreign: it came from elsewhere, so its words may be counted from 1: where no link has a 0, that is reported.
    """

    def __init__(self, path: Path, options: PharaohOptions | None = None, *, foreign: bool = False) -> None:
        super().__init__(path)
        self._options = options or PharaohOptions()
        self._foreign = foreign
        self._links = 0
        self._least = 1

    def left_out(self) -> list[str]:
        """See ``TextReader``."""
        if not self._foreign or self._links < 2 or self._least == 0:
            return []
        return [
            f"none of the {self._links:,} links has a 0: are its words counted from 1? They are read as counted from "
            "0, so every label may be one word off"
        ]

    def _parse(self, count: int) -> Links:
        blocks = self._blocks
        links, size, lines = _parse(blocks.view(), blocks.at_end, count, self._options, str(self.path), blocks.lines)
        blocks.consume(size, lines)
        if len(links.source):
            self._links += len(links.source)
            self._least = min(self._least, int(links.source.min()), int(links.target.min()))
        return links

    def _join(self, parts: Sequence[Links]) -> Links:
        return concat_records(parts)


def parse_pharaoh(text: str | bytes | Sequence[str], options: PharaohOptions | None = None) -> Links:
    r"""Read alignments from text: one sentence per line, or a list of lines.

    >>> parse_pharaoh("0-0 1-2\n\n").target.tolist()
    [0, 2]

    Raises:
        InputError: naming the line, what was expected and what was got.
    """
    if not isinstance(text, (str, bytes)):
        broken = next((i for i, line in enumerate(text) if "\n" in line), None)
        if broken is not None:
            raise InputError(f"alignments:{broken + 1}: expected one line per sentence, got a line break inside")
        text = "".join([line + "\n" for line in text])
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    links, _, _ = _parse(memoryview(data), True, data.count(b"\n") + 1, options or PharaohOptions(), "alignments", 0)
    return links


def _parse(
    text: memoryview, at_end: bool, count: int, options: PharaohOptions, name: str, lines_before: int
) -> tuple[Links, int, int]:
    try:
        found = _core.read_pharaoh(
            text,
            at_end,
            count,
            options.probabilities,
            options.min_probability,
            POSSIBLE.index(options.possible),
        )
    except _core.TextError as error:
        line, message = error.args
        raise InputError(f"{name}:{lines_before + line + 1}: {message}", field="alignments") from None
    return Links(*found[:3]), found[3], found[4]


def write_pharaoh(links: Links, path: str | Path) -> None:
    r"""Write links as ``i-j`` lines (.gz and .zst are compressed); the file appears when it is whole.

    >>> write_pharaoh(parse_pharaoh(["0-0 1-2", "0-1"]), "links.pharaoh")
    >>> Path("links.pharaoh").read_text()
    '0-0 1-2\n0-1\n'

    Raises:
        InputError: for arrays that are no links, or do not fit together.
    """
    with whole_file(Path(path)) as out:
        out.write(pharaoh_bytes(links))


def pharaoh_bytes(links: Links, probabilities: NDArray[np.float32] | None = None) -> bytes:
    """Return links as ``i-j`` lines, one per sentence; with the probability of each link as ``i-j:p``.

    Raises:
        InputError: for arrays that are no links, or do not fit together.
    """
    check_links(get("cpp"), links)
    least = min(int(column.min(initial=0)) for column in (links.source, links.target))
    if least < 0:
        raise InputError(f"alignments: expected word indices of 0 or more, got {least}", field="alignments")
    if probabilities is None:
        return _core.write_pharaoh(links)
    flat = zip(links.source.tolist(), links.target.tolist(), probabilities.tolist(), strict=True)
    words = [f"{i}-{j}:{p:.4f}" for i, j, p in flat]
    return "".join(" ".join(line) + "\n" for line in cut(words, links.offsets)).encode()


FORMATS.add(
    "pharaoh",
    Format(
        suffixes=("pharaoh", "align", "links"),
        about="alignments as i-j word pairs, one sentence per line",
        links=lambda path, how: PharaohReader(path, how, foreign=True),
        encode_links=pharaoh_bytes,
    ),
)
