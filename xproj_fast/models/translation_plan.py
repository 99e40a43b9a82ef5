"""What is translated for some lines of text: blank ones not, long ones in parts, equal ones once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from xproj_fast.errors import InputError
from xproj_fast.models.repetition import repeats
from xproj_fast.models.subtokens import TextTokenizer, lone_surrogate
from xproj_fast.models.translation import Translation
from xproj_fast.models.translation_engine import Output
from xproj_fast.text.joining import join_sentences
from xproj_fast.text.sentences import split_sentences

CHUNK_CHARACTERS = 1 << 21  # a chunk of lines ends here, however few they are
SPACE = "▁"  # sentencepiece's subword of a space alone


@dataclass(slots=True)
class Plan:
    """The lines of a chunk and the parts they are translated in.

    Attributes:
        lines: the raw lines.
        parts: the different texts to translate, as subwords without special ones.
        of_line: line -> its parts, or why it is refused; a line that is in neither is empty.
    """

    lines: list[str]
    parts: list[list[str]] = field(default_factory=list)
    of_line: dict[str, list[int] | str] = field(default_factory=dict)


def chunks(lines: Iterable[str], most: int) -> Iterator[list[str]]:
    """Yield the lines in lists of at most ``most``.

    Raises:
        InputError: for a line that is no string.
    """
    chunk: list[str] = []
    characters = 0
    for i, line in enumerate(lines):
        if not isinstance(line, str):
            raise InputError(f"lines: sentence {i}: expected a string, got {type(line).__name__}", sentence=i)
        chunk.append(line)
        characters += len(line)
        if len(chunk) == most or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def make_plan(lines: list[str], tokenizer: TextTokenizer, split: str, most: int) -> Plan:
    """Tokenize the lines and cut what is longer than ``most`` subwords, or everything, at sentence ends."""
    plan = Plan(lines)
    known: dict[tuple[str, ...], int] = {}

    def part(tokens: list[str]) -> int:
        found = known.setdefault(tuple(tokens), len(plan.parts))
        if found == len(plan.parts):
            plan.parts.append(tokens)
        return found

    whole: list[str] = []
    cut: dict[str, list[str]] = {}
    for line in dict.fromkeys(lines):
        if not line or line.isspace():
            continue
        at = lone_surrogate(line)
        if at is not None:
            plan.of_line[line] = f"expected text, got a lone surrogate U+{ord(line[at]):04X} at character {at}"
        elif split == "always":
            cut[line] = [line[start:end] for start, end in split_sentences(line)]
        else:
            whole.append(line)
    for line, tokens in zip(whole, tokenizer.encode(whole), strict=True):
        if len(tokens) <= most:
            if shows(tokens):
                plan.of_line[line] = [part(tokens)]
        elif split == "never":
            plan.of_line[line] = _too_long("line", len(tokens), most)
        else:
            cut[line] = _packed(line, tokenizer, most)
    flat = [text for texts in cut.values() for text in texts]
    encoded = iter(tokenizer.encode(flat))
    for line, texts in cut.items():
        rows = [tokens for tokens in (next(encoded) for _ in texts) if shows(tokens)]
        longest = max(map(len, rows), default=0)
        if longest > most:
            plan.of_line[line] = _too_long("sentence", longest, most)
        elif rows:
            plan.of_line[line] = [part(tokens) for tokens in rows]
    return plan


def assemble(
    plan: Plan, outputs: Mapping[int, Output], tokenizer: TextTokenizer, unknown: str, language: str
) -> list[Translation]:
    """Put the translated parts of each line together, as the target ``language`` writes sentences."""
    texts = [text.strip() for text in tokenizer.decode([outputs[i].tokens for i in range(len(plan.parts))])]
    looping = [repeats(source, outputs[i].tokens) for i, source in enumerate(plan.parts)]
    made: dict[str, Translation] = {}
    for line, parts in plan.of_line.items():
        if isinstance(parts, str):
            made[line] = Translation("", refused=parts)
            continue
        found = [outputs[i] for i in parts]
        scored = sum(len(output.tokens) + output.ended for output in found)
        made[line] = Translation(
            join_sentences([texts[i] for i in parts if texts[i]], language),
            sum(output.log_probability for output in found) / max(scored, 1),
            sum(len(plan.parts[i]) for i in parts),
            sum(len(output.tokens) for output in found),
            len(parts),
            any(looping[i] for i in parts),
            not all(output.ended for output in found),
            None,
            sum(plan.parts[i].count(unknown) for i in parts),
        )
    empty = Translation("")
    return [made.get(line, empty) for line in plan.lines]


def _packed(line: str, tokenizer: TextTokenizer, most: int) -> list[str]:
    """Return the fewest runs of sentences, in order, that are each short enough; a longer sentence stands alone."""
    spans = split_sentences(line)
    lengths = [len(tokens) for tokens in tokenizer.encode([line[start:end] for start, end in spans])]
    runs: list[tuple[int, int, int]] = []  # start, end, subwords
    for (start, end), length in zip(spans, lengths, strict=True):
        if runs and runs[-1][2] + length <= most:
            first, _, before = runs.pop()
            runs.append((first, end, before + length))
        else:
            runs.append((start, end, length))
    texts = [line[start:end] for start, end, _ in runs]
    if any(
        len(tokens) > most >= length for tokens, (_, _, length) in zip(tokenizer.encode(texts), runs, strict=True)
    ):  # the sentences have more subwords together than apart: no real tokenizer does that, but one may
        return [line[start:end] for start, end in spans]
    return texts


def shows(tokens: list[str]) -> bool:
    """Whether there is more than spaces: zero-width marks alone become one."""
    return any(token != SPACE for token in tokens)


def _too_long(what: str, length: int, most: int) -> str:
    return f"expected a {what} of at most {most:,} subwords, got one of {length:,}"
