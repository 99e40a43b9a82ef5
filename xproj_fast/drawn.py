"""How batches and what is in them are seen: in a notebook, on a terminal, by displaCy."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from html import escape
from typing import IO, TYPE_CHECKING, Any, Protocol

from xproj_fast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from xproj_fast.marks import Item
    from xproj_fast.sentence import LabelledSpan
    from xproj_fast.sides import Labelled
    from xproj_fast.text.running import RunningText

FEW = 10  # pairs or sentences of a batch that are seen


class Drawn:
    """One pair or sentence."""

    __slots__ = ()

    def _drawing(self) -> Item:
        """Return what is drawn of it."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        from xproj_fast.markup import lines_html

        return f"<div>{lines_html(self._drawing().lines)}</div>"


class Batch(Protocol):
    """What has rows that are drawn."""

    def __len__(self) -> int: ...

    def __getitem__(self, key: int) -> Drawn: ...

    def _title(self) -> str: ...

    def _more(self, left: int) -> str: ...


class DrawnBatch:
    """Many of them, of which a notebook shows the first."""

    __slots__ = ()

    def _title(self) -> str:
        return repr(self)

    def _more(self, left: int) -> str:
        return f"... {left:,} more: show(i)"

    def _repr_html_(self: Batch) -> str:
        from xproj_fast.markup import items_html

        return items_html(self._title(), *_first(self))

    def show(self: Batch, i: int | None = None, *, file: IO[str] | None = None) -> None:
        """Print one row, or the first ten, with their entities in colour; where there are no colours, in brackets.

        Args:
            i: which; negative ones count from the end; None = the first ten.
            file: where to; None = standard output.

        Raises:
            IndexError: where there is no such row.
        """
        from xproj_fast.terminal import print_items

        if i is None:
            print_items(*_first(self), file=file)
        else:
            row = operator.index(i)
            print_items([(row % len(self) if len(self) else row, self[row]._drawing())], file=file)


class Reported(DrawnBatch):
    """What a page shows all of: a projection, labelled sentences."""

    __slots__ = ()

    def report(
        self: Any,
        path: str | Path,
        *,
        gold: Labelled | None = None,
        against: Labelled | None = None,
        title: str | None = None,
        most: int | None = None,
        seed: int = 1,
    ) -> Path:
        """Write a page that shows them, the worst first: one HTML file that needs nothing else.

        >>> import xproj_fast as xp
        >>> result = xp.project(xp.read_pairs("en.conll", "de.words", "en-de.pharaoh"), scores="learned")
        >>> page = result.report("de.html", gold=xp.read_labelled("de.gold.conll"))

        Args:
            path: where to, ``.html``.
            gold: the right labels of the target sentences, as ``evaluate`` takes them: what differs is marked.
            against: the same sentences labelled in another way, such as another projection.
            title: above the page; None = the name of the file.
            most: pairs at most; of more, the worst and a sample of the others are shown; None = 20,000.
            seed: of that sample.

        Returns:
            The path.

        Raises:
            InputError: for another suffix, and labels of other sentences.
        """
        from xproj_fast.report.page.page import report  # what is drawn stands above what it is drawn of

        return report(self, path, gold=gold, against=against, title=title, most=most, seed=seed)


def _first(batch: Batch) -> tuple[Iterable[tuple[int, Item]], str]:
    """Return the first rows with their numbers, and what is to be said of the others."""
    left = len(batch) - FEW
    rows = range(min(len(batch), FEW))
    return ((row, batch[row]._drawing()) for row in rows), batch._more(left) if left > 0 else ""


def displacy_of(
    words: Sequence[str] | None, spans: Iterable[LabelledSpan], raw: RunningText | None, name: object
) -> dict[str, Any]:
    """Return a sentence as displaCy draws it, by ``style="ent"`` or, entities in one another, ``style="span"``.

    displaCy escapes words, and takes labels and titles for HTML, so that these are escaped here.

    Raises:
        InputError: for words of which only the number is known.
    """
    from xproj_fast.text.running import joined

    if words is None:
        raise InputError("words: expected the words themselves, got only their number")
    text, starts, ends = raw or joined(words)
    found = [(x.start, x.end, escape(x.label)) for x in sorted(spans, key=lambda span: (span.start, -span.end))]
    return {
        "text": text,
        "ents": [{"start": starts[a], "end": ends[b - 1], "label": label} for a, b, label in found],
        "tokens": list(words),
        "spans": [{"start_token": a, "end_token": b, "label": label} for a, b, label in found],
        "title": None if name is None else escape(str(name)),
    }
