"""Markers around entities: put into a text before it is translated, and looked for in what comes out."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from xproj_fast.errors import InputError, unknown_name
from xproj_fast.text.scripts import Span

FORMS = ("brackets", "xml")
TAGS = string.ascii_lowercase  # one per entity: more entities than letters cannot be marked

_BRACKET = re.compile(r"\[|\]")
_TAG = re.compile(r"<\s*(/?)\s*([a-z])\s*>")


@dataclass(frozen=True, slots=True)
class MarkerOptions:
    """How entities are marked.

    Attributes:
        form: ``"brackets"``: [Maria Lopez] met ..., as EasyProject (Chen et al. 2023, arXiv 2211.15613) trains its
            checkpoints; ``"xml"``: <a>Maria Lopez</a> met <b>..., a letter an entity in the order they stand, as
            LabelPigeon (arXiv 2603.12021) does.
        spaced: a space between a marker and the entity; default off, as both write it.
        least_similarity: brackets say where an entity is, not which: each takes the label of the entity whose
            translation alone is most similar to what stands inside, by difflib's ratio, which must be above this;
            default .5 (arXiv 2501.18750).

    >>> import xproj_fast as xp
    >>> options = xp.AugmentOptions(("deu_Latn",), markers=MarkerOptions("xml"))
    """

    form: str = "brackets"
    spaced: bool = False
    least_similarity: float = 0.5

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise unknown_name("form", self.form, FORMS)
        if not 0 <= self.least_similarity < 1:
            raise InputError(f"least_similarity: expected a number from 0 to below 1, got {self.least_similarity}")


class MarkedSpan(NamedTuple):
    """What stands between two markers: code points ``[start, end)`` of the text without markers, and the tag's number.

    ``entity`` is None for brackets, which do not say.
    """

    start: int
    end: int
    entity: int | None


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A translation without its markers.

    Attributes:
        text: the text.
        spans: what was marked, in order, none inside another.
        lost: of markers: ``unclosed`` and ``unopened`` ones, ``nested`` (pairs inside or across another, which are
            left out), ``blank`` (pairs around nothing), ``unknown`` (tags that no entity has), ``missing`` (tags that
            do not come back).
    """

    text: str
    spans: list[MarkedSpan]
    lost: Counter[str] = field(default_factory=Counter)


def mark(text: str, spans: Sequence[Span], options: MarkerOptions) -> str | None:
    """Put markers around spans of a text.

    Args:
        text: a sentence.
        spans: code points of its entities, in order, none sharing any.
        options: see ``MarkerOptions``.

    Returns:
        The marked text, or None where that cannot be told apart: the text has such markers of its own, or there are
        more entities than letters.
    """
    pattern = _BRACKET if options.form == "brackets" else _TAG
    if spans and (pattern.search(text) or (options.form == "xml" and len(spans) > len(TAGS))):
        return None
    space = " " if options.spaced else ""
    parts: list[str] = []
    at = 0
    for i, (start, end) in enumerate(spans):
        opening, closing = ("[", "]") if options.form == "brackets" else (f"<{TAGS[i]}>", f"</{TAGS[i]}>")
        parts += [text[at:start], opening, space, text[start:end], space, closing]
        at = end
    return "".join([*parts, text[at:]])


def unmark(text: str, entities: int, options: MarkerOptions) -> Unmarked:
    """Find the markers in a translation and take them out.

    Args:
        text: as the translator wrote it.
        entities: how many were marked.
        options: as ``mark`` had them.
    """
    if options.form == "brackets":
        marks = [(m.start(), m.end(), m.group() == "]", 0) for m in _BRACKET.finditer(text)]
    else:
        marks = [(m.start(), m.end(), m.group(1) == "/", TAGS.index(m.group(2))) for m in _TAG.finditer(text)]
    lost: Counter[str] = Counter()
    clean: list[str] = []
    length = at = 0
    open_marks: list[tuple[int, int]] = []  # tag, where it starts in the clean text
    found: list[tuple[int, int, int]] = []  # start, end, tag

    def take(piece: str) -> None:
        """Append text; of the white space on both sides of a marker one side is enough."""
        nonlocal length
        if (clean and clean[-1][-1:].isspace()) or not length:
            piece = piece.lstrip()
        if piece:
            clean.append(piece)
            length += len(piece)

    for start, end, closes, tag in marks:
        take(text[at:start])
        at = end
        if not closes:
            open_marks.append((tag, length))
            continue
        place = next((k for k in range(len(open_marks) - 1, -1, -1) if open_marks[k][0] == tag), None)
        if place is None:
            lost["unopened"] += 1
        else:
            found.append((open_marks.pop(place)[1], length, tag))
    take(text[at:])
    lost["unclosed"] += len(open_marks)
    whole = "".join(clean)
    spans: list[MarkedSpan] = []
    for start, end, tag in sorted(found, key=lambda span: (span[0], -span[1])):
        while start < end and whole[start].isspace():
            start += 1
        while end > start and whole[end - 1].isspace():
            end -= 1
        if start == end:
            lost["blank"] += 1
        elif options.form == "xml" and tag >= entities:
            lost["unknown"] += 1
        elif spans and start < spans[-1].end:
            lost["nested"] += 1
        else:
            spans.append(MarkedSpan(start, end, None if options.form == "brackets" else tag))
    if options.form == "xml":
        lost["missing"] += len(set(range(entities)) - {span.entity for span in spans})
    else:
        lost["missing"] += max(entities - len(spans), 0)
    return Unmarked(whole.rstrip(), spans, +lost)
