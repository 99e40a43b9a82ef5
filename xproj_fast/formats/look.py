"""Look before reading: what the first lines of a file give away, so that nothing is taken for what it is not.

Each function gets a sample (the first lines or sentences of a file) and returns what it found, or None.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

TAG = re.compile(r"O|[BIESLU]-\S+")
COLUMNS = "columns (a word and its tag per line, blank lines between sentences)"

_BLANKS = re.compile(r"[ \t]+")
_NUMBERED_LINE = re.compile(r"[0-9]{1,18}\t.*\S")
_LINKS = re.compile(r"\d+[-?]\d+(:[\d.eE+-]+)?([ \t]+\d+[-?]\d+(:[\d.eE+-]+)?)*")
_PREFIX = re.compile(r"[a-z]{2,}(?:-[a-z]+)*:")  # of PAN-X: en:, zh-min-nan:, simple:
_WORD_ID = re.compile(r"\d+")
_RANGE_ID = re.compile(r"\d+[-.]\d+")
_GLUED = re.compile(r".*\w[.,;:!?\u3002\u3001\uff0c\uff0e\uff01\uff1f\u061f\u060c\u0964]+[\"')\u201d\u2019\u00bb]*")
_JOINED = re.compile(rf".+[,;|](?:{TAG.pattern})")
_LONE = re.compile(r"[.,;:!?\u3002\u3001\uff0c\uff0e\uff01\uff1f\u061f\u060c\u0964]+")
_INNER_STOP = re.compile(r"\w\.|.*\w\.\w.*\.")  # A. and U.S. are words, wherever they stand


def other_than_text(lines: Sequence[str], *, raw: bool = True) -> tuple[str, str | None] | None:
    """Return what lines look like that should be text, and the format that reads it; None where they may be text.

    Args:
        lines: the first of a file.
        raw: tabs may not part words.
    """
    rows = [line for line in lines if line.strip()]
    if not rows:
        return None
    if all(_is_object(row) for row in rows[:3]):
        return "JSON Lines (an object a line)", "jsonl"
    if len(rows) > 1 and all(_LINKS.fullmatch(row.strip()) for row in rows):
        return "Pharaoh alignments (i-j pairs)", None
    rows = [row for row in rows if not row.startswith(("#", "-DOCSTART-"))]
    if len(rows) > 1 and (_tagged(rows) or _tabbed(rows, lines)):
        return COLUMNS, "conll"
    if len(rows) > 1 and _numbered_lines(rows):
        return "numbered sentences (number TAB sentence; cut -f2 takes the numbers off)", None
    if raw and len(rows) > 1 and _is_table(rows):
        return "a table (tabs part every line into as many fields; cut -f takes one of them)", None
    return None


def _numbered_lines(rows: Sequence[str]) -> bool:
    numbers = [int(row.partition("\t")[0]) for row in rows if _NUMBERED_LINE.match(row)]
    return len(numbers) == len(rows) and all(a < b for a, b in pairwise(numbers))


def _is_table(rows: Sequence[str]) -> bool:
    fields = [row.split("\t") for row in rows]
    return len(fields[0]) > 1 and len({len(row) for row in fields}) == 1 and all(map(all, fields))


def _is_object(row: str) -> bool:
    if not row.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(row), dict)
    except (ValueError, RecursionError):  # brackets nested as deep as nobody means them
        return False


def _tagged(rows: Sequence[str]) -> bool:
    """Whether one column, the last or the first or any other, has a tag in every row: no text does that."""
    for cut in (lambda row: row.rstrip("\t").split("\t"), lambda row: _BLANKS.split(row.strip())):
        fields = [cut(row) for row in rows]
        fewest = min(map(len, fields))
        if fewest > 1 and any(all(TAG.fullmatch(row[i]) for row in fields) for i in range(-fewest, fewest)):
            return True
    return False


def _tabbed(rows: Sequence[str], lines: Sequence[str]) -> bool:
    """Whether tabs cut every row into as many single words, and blank lines part sentences: CoNLL-U, say."""
    fields = [row.rstrip("\t").split("\t") for row in rows]
    if len(rows) < 4 or len(fields[0]) < 2 or len({len(row) for row in fields}) > 1:
        return False
    parted = any(not line.strip() for line in lines[:-1])
    return (parted or len(fields[0]) > 2) and not any(" " in field for row in fields for field in row[:2])


def glued_punctuation(lines: Sequence[str]) -> tuple[int, int] | None:
    """Return how many words of tokenized text end in punctuation, and how many there are; None where that is few."""
    glued = lone = words = 0
    for line in lines:
        found = line.split()
        words += len(found)
        for word, after in pairwise([*found, ""]):
            lone += _LONE.fullmatch(word) is not None
            if _GLUED.fullmatch(word) and not (after and _INNER_STOP.fullmatch(word)):
                glued += 1
    return (glued, words) if glued > 1 and glued > 3 * lone else None


def prefixed(sentences: Sequence[Sequence[str]]) -> str | None:
    """Return the language in front of every word (``en:``), as PAN-X has it; several are joined with commas."""
    found: Counter[str] = Counter()
    for sentence in sentences:
        own = {match.group() for match in map(_PREFIX.match, sentence) if match and match.end() < len(match.string)}
        if len(own) != 1 or not all(word.startswith(next(iter(own))) for word in sentence):
            return None
        found[own.pop()] += len(sentence)
    return ", ".join(found) if found.total() > 1 else None


PREFIX_PATTERN = "^" + _PREFIX.pattern


def column_without_words(rows: Sequence[Sequence[Sequence[str]]], column: int) -> str | None:
    """Return what a column that should hold words holds, and which columns are probably meant; None where it may be.

    Args:
        rows: the fields of each row of some sentences.
        column: that is read as words.
    """
    fewest = min((len(row) for sentence in rows for row in sentence), default=0)
    if not -fewest <= column < fewest:
        return None
    what = _no_words(_column(rows, column))
    if what is None:
        return None
    others = (i for i in range(fewest) if i != column % fewest)
    words = next((i for i in others if not _no_words(_column(rows, i))), None)
    if words is None:  # the only column there is
        return what if what.startswith("every word") else None
    tags = [str(i) for i in range(fewest) if _are_tags(_column(rows, i))]
    hint = f"--word-column {words}" + (f" and --tag-column {' or '.join(tags)}" if tags else "")
    return f"{what}; is {hint} meant?"


def is_header(rows: Sequence[Sequence[Sequence[str]]], tag_column: int) -> bool:
    """Whether the first row of a file names its columns: it alone has no tag; ``rows`` as above."""
    flat = [row for sentence in rows for row in sentence]
    tagged = [TAG.fullmatch(row[tag_column]) is not None for row in flat if -len(row) <= tag_column < len(row)]
    return len(tagged) == len(flat) > 2 and not tagged[0] and all(tagged[1:])


def _column(rows: Sequence[Sequence[Sequence[str]]], i: int) -> list[list[str]]:
    return [[row[i] for row in sentence] for sentence in rows]


def _no_words(sentences: Sequence[Sequence[str]]) -> str | None:
    flat = [word for sentence in sentences for word in sentence]
    if len(flat) < 2 or max(map(len, sentences)) < 2:
        return None
    tests: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: all(map(_numbered, sentences)), "the words of every sentence are its numbers 1, 2, 3 ..."),
        (lambda: _are_tags(sentences), "all words are tags"),
        (lambda: len(flat) > 3 and len(set(flat)) == 1, f"all words are {flat[0]!r}"),
        (lambda: "" in flat, "words are empty"),
        (lambda: all(map(_JOINED.fullmatch, flat)), "every word ends in a tag, as where commas part columns"),
    )
    return next((what for test, what in tests if test()), None)


def _numbered(sentence: Sequence[str]) -> bool:
    numbers = [word for word in sentence if not _RANGE_ID.fullmatch(word)]
    if not all(map(_WORD_ID.fullmatch, numbers)):
        return False
    found = [int(number) for number in numbers]
    return bool(found) and found[0] in (0, 1) and all(b == a + 1 for a, b in pairwise(found))


def _are_tags(sentences: Sequence[Sequence[str]]) -> bool:
    return all(TAG.fullmatch(word) for sentence in sentences for word in sentence)
