"""Tags to entities and back. Tags are (prefix, class) with the prefix one of O, B, I, E (BILOU's L), S (its U)."""

from __future__ import annotations

import re

Tag = tuple[str, str]
Entity = tuple[int, int, str]

# An entity under the scheme, x standing for its class; a sentence is any sequence of these and O.
ENTITY = {"iob2": "Bx(?:Ix)*", "bilou": "Sx|Bx(?:Ix)*Ex"}


def obeys(tags: list[Tag], scheme: str) -> bool:
    """Whether a whole sentence obeys ``iob1``, ``iob2`` or ``bilou``."""
    if scheme == "iob1":
        # B only where an entity of the same class ends just before; E and S do not exist.
        return all(
            prefix in ("O", "I")
            or (prefix == "B" and w > 0 and tags[w - 1][0] in ("B", "I") and tags[w - 1][1] == label)
            for w, (prefix, label) in enumerate(tags)
        )
    classes = sorted({label for prefix, label in tags if prefix != "O"})
    pieces = ["O", *(ENTITY[scheme].replace("x", str(k)) for k in range(len(classes)))]
    text = "".join(p if p == "O" else f"{p}{classes.index(label)}" for p, label in tags)
    return re.fullmatch(f"(?:{'|'.join(pieces)})*", text) is not None


def broken_word(tags: list[Tag], scheme: str) -> int | None:
    """The first word after which the sentence can no longer be completed (or that leaves it incomplete)."""
    if scheme in ("any", "iob2_or_drop"):
        return None
    for w in range(len(tags)):
        so_far = tags[: w + 1]
        completions = [[], [("E", tags[w][1])]] if scheme == "bilou" else [[]]
        if not any(obeys(so_far + rest, scheme) for rest in completions):
            return w
    return None if obeys(tags, scheme) else len(tags) - 1


def decode(tags: list[Tag], scheme: str) -> list[Entity]:
    """The entities of a sentence that obeys the scheme (every sentence obeys ``any`` and ``iob2_or_drop``)."""
    if scheme == "iob2_or_drop":
        return decode_strict(tags)
    entities: list[Entity] = []
    start: int | None = None
    for w, (prefix, label) in enumerate([*tags, ("O", "")]):
        before, label_before = tags[w - 1] if w else ("O", "")
        joined = (
            start is not None
            and prefix in ("I", "E")  # B and S always begin an entity
            and before in ("B", "I")  # E and S always end one
            and label == label_before
        )
        if start is not None and not joined:
            entities.append((start, w, label_before))
            start = None
        if start is None and prefix != "O":
            start = w
    return entities


def decode_strict(tags: list[Tag]) -> list[Entity]:
    """What starts with B, and the I of its class that follow it at once; everything else is no entity."""
    entities = []
    for start, (prefix, label) in enumerate(tags):
        if prefix == "B":
            end = start + 1
            while end < len(tags) and tags[end] == ("I", label):
                end += 1
            entities.append((start, end, label))
    return entities


def encode(words: int, spans: list[Entity]) -> list[str]:
    """IOB2 tags of disjoint spans."""
    tags = ["O"] * words
    for start, end, label in spans:
        for word in range(start, end):
            tags[word] = ("B-" if word == start else "I-") + label
    return tags
