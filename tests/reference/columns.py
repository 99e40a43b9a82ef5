"""Column files, read the plain way: the rules of ``csrc/xproj/conll.hpp``, line by line, with no eye on speed.

A sentence is what stands between blank lines, or before or behind -DOCSTART-. Its rows have as many columns, but for an
empty one at their end. A line that starts with # and has another number of columns is a comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TAG = re.compile(r"O|[BIESLU]-.+", re.DOTALL)
METADATA = re.compile(r"#[ \t]+[^ \t=]+([ \t]+[^ \t=]+)?[ \t]+=([ \t]|$)")
RANGE = re.compile(r"[0-9]+[-.][0-9]+")
NUMBER = re.compile(r"[0-9]+")


class BrokenRuleError(Exception):
    """``line`` (1-based) breaks a rule."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass
class Columns:
    """What was read: (word, tag) rows a sentence, the line each begins on, and what was left out."""

    sentences: list[list[tuple[str, str]]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    comments: int = 0
    docstarts: int = 0
    ranges: int = 0


@dataclass(frozen=True)
class Rules:
    """As the options of ``ConllOptions``."""

    tabs: bool
    word_column: int = 0
    tag_column: int = -1
    tags: bool = True
    skip_docstart: bool = False
    empty_sentences: bool = False


def cut(line: str, rules: Rules) -> list[str]:
    return line.split("\t") if rules.tabs else [part for part in re.split("[ \t]", line) if part]


def read(text: str, rules: Rules) -> Columns:
    out = Columns()
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[-1] == "":
        lines.pop()
    lines = [line.removesuffix("\r") for line in lines]
    telling = [line for line in lines if line.strip(" \t") and line[0] != "#" and not is_docstart(line, rules)]
    width = len(trimmed(cut(telling[0], rules))) if telling else 0
    sentence: list[tuple[int, str]] = []
    for number, line in enumerate([*lines, None], 1):  # type: ignore[list-item]
        if line is None or not line.strip(" \t"):
            if sentence:
                width = add(sentence, rules, out, width)
            elif line is not None and rules.empty_sentences:
                out.sentences.append([])
                out.lines.append(0)
            sentence = []
            continue
        alone = is_docstart(line, rules)
        if sentence and (alone or is_docstart(sentence[0][1], rules)):
            width = add(sentence, rules, out, width)
            sentence = []
        sentence.append((number, line))
    return out


def is_docstart(line: str, rules: Rules) -> bool:
    parts = re.split("[ \t]", line)
    return parts[0] == "-DOCSTART-" or (rules.word_column != 0 and "-DOCSTART-" in parts)


def trimmed(fields: list[str]) -> list[str]:
    return fields[:-1] if len(fields) > 1 and fields[-1] == "" else fields


def add(sentence: list[tuple[int, str]], rules: Rules, out: Columns, width: int) -> int:
    """Add a sentence; returns how many columns its rows have (those of the rows before where it has none)."""
    first, line = sentence[0]
    if is_docstart(line, rules):
        if rules.skip_docstart:
            out.docstarts += 1
        else:
            tag = re.split("[ \t]", line)[-1]
            out.sentences.append([("-DOCSTART-", tag if TAG.fullmatch(tag) else "O")])
            out.lines.append(first)
        return width
    plain = [(number, cut(line, rules)) for number, line in sentence if line[0] != "#"]
    spare = any(fields[-1] == "" and len(fields) > 1 for _, fields in plain)  # columns that are there, but empty
    if plain:
        if len({len(fields) for _, fields in plain}) == 1 and all(trimmed(fields) != fields for _, fields in plain):
            width = len(plain[0][1]) - 1
        else:
            width = min(len(fields) for _, fields in plain)
        for number, fields in plain:
            if len(fields) < needed(rules):
                raise BrokenRuleError(number)
        allowed = [len(f) == width or (len(f) == width + 1 and f[-1] == "") for _, f in plain]
        if not all(allowed):
            wrong = allowed.index(False) if allowed[0] else [len(f) for _, f in plain].index(width)
            raise BrokenRuleError(plain[wrong][0])
    numbered = bool(plain) and all(NUMBER.fullmatch(f[0]) or RANGE.fullmatch(f[0]) for _, f in plain)
    tagged = [is_tagged(f, rules, width) for _, f in plain]
    rows = []
    for number, line in sentence:
        fields = cut(line, rules)
        if line[0] == "#" and is_comment(line, fields, rules, width, spare, numbered, tagged):
            out.comments += 1
            continue
        at = width or len(fields)
        word = rules.word_column if rules.word_column >= 0 else at + rules.word_column
        if numbered and word != 0 and RANGE.fullmatch(fields[0]):
            out.ranges += 1
            continue
        if not 0 <= word < len(fields) or fields[word] == "":
            raise BrokenRuleError(number)
        tag = ""
        if rules.tags:
            place = rules.tag_column if rules.tag_column >= 0 else at + rules.tag_column
            if not 0 <= place < len(fields) or at < 2 or not TAG.fullmatch(fields[place]):
                raise BrokenRuleError(number)
            tag = fields[place]
        rows.append((number, fields[word], tag))
    if rows:
        out.sentences.append([(word, tag) for _, word, tag in rows])
        out.lines.append(rows[0][0])
    return width


def needed(rules: Rules) -> int:
    word, tag = (-c if c < 0 else c + 1 for c in (rules.word_column, rules.tag_column))
    return max(word, tag, 2) if rules.tags else word


def is_tagged(fields: list[str], rules: Rules, width: int) -> bool:
    place = rules.tag_column if rules.tag_column >= 0 else (width or len(fields)) + rules.tag_column
    return 0 <= place < len(fields) and TAG.fullmatch(fields[place]) is not None


def is_comment(
    line: str, fields: list[str], rules: Rules, width: int, spare: bool, numbered: bool, tagged: list[bool]
) -> bool:
    if not rules.tabs and METADATA.match(line):
        return True
    if width == 0:
        return len(fields) < 2 or not TAG.fullmatch(fields[-1])
    counts = {len(fields), len(trimmed(fields))} if spare else {len(trimmed(fields))}
    if width not in counts:
        return True
    word = rules.word_column if rules.word_column >= 0 else width + rules.word_column
    if numbered and word != 0:
        return True
    lone = fields[0] == "#" and width > 1
    return lone and (all(tagged) if tagged else not rules.tabs) and not is_tagged(fields, rules, width)
