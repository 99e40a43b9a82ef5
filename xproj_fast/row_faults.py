"""Faults of rows: the first raised, or those of all rows gathered, so that one bad row is one error."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Offsets
from xproj_fast.errors import InputError
from xproj_fast.ragged import Rows


class Report:
    """Where checks report errors: here each is raised, as there is nobody to gather them.

    A check asks first whether the row is at fault already: what nobody wants to know need not be put into words.
    """

    def __call__(self, error: InputError) -> None:
        """Take the error of a row.

        Raises:
            InputError: the error itself.
        """
        raise error

    def __contains__(self, row: int) -> bool:
        return False


raise_it = Report()


class RowFaults(Report):
    """The first error of each row at fault; called with an error, it keeps it.

    >>> faults = RowFaults()
    >>> faults(InputError("entities: sentence 3: expected a list, got null", field="entities", sentence=3))
    >>> faults.rows.tolist()
    [3]
    """

    def __init__(self) -> None:
        self._errors: dict[int, InputError] = {}

    def __call__(self, error: InputError) -> None:
        """Keep the error of a row.

        Raises:
            InputError: the error itself, where it is of no row: a missing column, another type, a broken array.
        """
        if error.sentence is None:
            raise error
        self._errors.setdefault(error.sentence, error)

    def __contains__(self, row: int) -> bool:
        return row in self._errors

    def __len__(self) -> int:
        return len(self._errors)

    @property
    def rows(self) -> Rows:
        """The rows at fault, in order."""
        return np.array(sorted(self._errors), np.int64)

    def errors(self) -> Iterable[InputError]:
        """Return the errors in the order of ``rows``."""
        return (self._errors[row] for row in sorted(self._errors))


def firsts_of(offsets: Offsets, items: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first of each sentence's items; ``items`` are flat positions in order."""
    sentences = np.searchsorted(offsets, items, side="right")
    return items[np.diff(sentences, prepend=-1) > 0]


def report_items(report: Report, offsets: Offsets, items: NDArray[np.int64], field: str, message: str) -> None:
    """Report the first item at fault of each sentence.

    Args:
        report: see ``Report``.
        offsets: the sentences of all items.
        items: flat positions of those at fault, in order.
        field: the column at fault.
        message: what was expected and got, behind column, sentence and item.
    """
    for item in firsts_of(offsets, items).tolist():
        sentence = int(np.searchsorted(offsets, item, side="right")) - 1
        if sentence in report:
            continue
        where = f"{field}: sentence {sentence}, item {item - int(offsets[sentence])}"
        report(InputError(f"{where}: {message}", field=field, sentence=sentence))
