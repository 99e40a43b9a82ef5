"""What the library says, as a user of the command reads it: options by their names, and one counting base.

The library speaks of Python's arguments (``no_repeat_ngram_size: expected ...``, ``docstart='skip'``) and counts
sentences and words from 0, as its arrays do. The command has options (``--no-repeat-ngram-size``, ``--docstart
skip``), and its users count lines, sentences and words from 1.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping

from xproj_fast.errors import InputError

# Arguments of the library -> the option that sets them, where the names differ in every command.
ARGUMENTS = {
    "drop": "drop_labels",
    "thresholds": "threshold",
    "more_pivots": "pivot",
    "form": "markers",
    "minimum": "min_score",
}
_QUOTED = r"got (?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"  # a user's own text: as it is
_GIVEN = r"\b(?P<name>[a-z][a-z_]*)=(?:True|(?P<value>'[a-z0-9_<>=-]+'))"
_ARGUMENT = r"(?<![\w/.-])(?P<argument>[a-z]+(?:_[a-z]+)+)(?![\w/.-])"
_FIELDS = re.compile(r"(?:^|(?<=: ))(?:[a-z][a-z_]*, )*[a-z][a-z_]*(?=: expected )")
_LINE = re.compile(r":\d+: ")
_SENTENCE = re.compile(r"\bsentence (\d+)([,:] )(?:(word|span|entity|item) (\d+))?")


def told(error: Exception, known: Mapping[str, argparse.Action]) -> str:
    """Return the message of an error, for a command with these options."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror or error}"
    text = str(error)
    if isinstance(error, InputError):
        if error.sentence is not None:
            text = counted_from_one(text, error.sentence)
        text = in_options(text, known)
    return text


def in_options(text: str, known: Mapping[str, argparse.Action]) -> str:
    """Return a message that names options in place of the arguments that they set."""

    def option(name: str) -> str | None:
        action = known.get(ARGUMENTS.get(name, name), known.get(name))
        return action.option_strings[-1] if action is not None and action.option_strings else None

    def given(found: re.Match[str]) -> str:
        argument = found["name"] or found["argument"]
        name = option(argument) if argument else None
        if name is None:
            return found[0]
        return f"{name} {found['value'].strip(chr(39))}" if found["value"] else name

    fields = _FIELDS.search(text)
    if fields is not None:
        names = [option(name) or name for name in fields[0].split(", ")]
        text = text[: fields.start()] + ", ".join(names) + text[fields.end() :]
        off = getattr(known.get(fields[0]), "off", "")  # what the library spells None
        text = text.replace("(None = ", f"({off} = ") if off else text
    return re.sub(f"{_QUOTED}|{_GIVEN}|{_ARGUMENT}", given, text)


def counted_from_one(text: str, sentence: int) -> str:
    """Return a message that counts from 1, and names no sentence where it has the line of the file."""
    found = _SENTENCE.search(text)
    if found is None or int(found[1]) != sentence:
        return text
    item = "" if found[3] is None else f"{found[3]} {int(found[4]) + 1}"
    where = "" if _LINE.search(text[: found.start()]) else f"sentence {sentence + 1}{found[2]}"
    return f"{text[: found.start()]}{where}{item}{text[found.end() :]}"
