"""A made-up language, so that the right translation of a sentence is known word by word.

Its words stand in ``WORDS`` (English -> toy); names of people and organisations are copied, places have names of their
own (``PLACES``). The verb stands last and an adjective behind its noun; nothing else moves:

    the old minister met Maria Lopez in Germany yesterday .
    zo minkoro olda Maria Lopez ni Jermania yestu mekata .

A sentence is made from slots, so its word alignment is a permutation and its entities are known on both sides. What
tests want models to know stands here (``SENTENCES``, ``PAIRS``, ``SIMPLE``): the models are trained until they do. Its
code is ``swh_Latn``, because a tokenizer needs one that looks real; it has nothing to do with Swahili.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

ENGLISH, TOY = "eng_Latn", "swh_Latn"
ADJECTIVES = {"old": "olda", "new": "nuvo", "young": "yongi", "former": "formu"}
NOUNS = {"minister": "minkoro", "team": "timoso", "company": "kampuna", "president": "presu", "bank": "banuki"}
VERBS = {"met": "mekata", "visited": "visoma", "left": "lefuta", "praised": "prasika", "joined": "jonaka"}
TIMES = {"yesterday": "yestu", "today": "todisa", "again": "agina"}
OTHER = {"the": "zo", "in": "ni", ".": "."}
PLACES = {"Germany": "Jermania", "Berlin": "Berolino", "Spain": "Espanu", "Nairobi": "Nairobu", "Japan": "Japu"}
FIRST_NAMES = ["Maria", "Anna", "Peter", "Ivan", "Yuki", "Carlos"]
LAST_NAMES = ["Lopez", "Schmidt", "Tanaka", "Petrov", "Okoro", "Weber"]
ORGANISATIONS = ["Siemens", "Toyota", "UNESCO", "Gazprom", "Reuters"]
WORDS = ADJECTIVES | NOUNS | VERBS | TIMES | OTHER | PLACES
Slot = list[tuple[str, str | None]]  # words, and the class of the entity that each is in


@dataclass(frozen=True)
class ToySentence:
    """A sentence pair.

    Attributes:
        english, toy: the words of both sides; ``text()`` joins them with spaces.
        links: (English, toy) word indices, every word in exactly one.
        entities: English spans (start, end, label); the words of each stand together and in order in toy, too.
    """

    english: tuple[str, ...]
    toy: tuple[str, ...]
    links: tuple[tuple[int, int], ...]
    entities: tuple[tuple[int, int, str], ...]

    def toy_entities(self) -> tuple[tuple[int, int, str], ...]:
        """Return the entities as spans of toy words, in the order of the English ones."""
        target = dict(self.links)
        return tuple((target[start], target[start] + end - start, label) for start, end, label in self.entities)

    def marked(self) -> ToySentence:
        """Return the pair with every entity in square brackets on both sides, words of their own."""
        return ToySentence(_bracketed(self.english, self.entities), _bracketed(self.toy, self.toy_entities()), (), ())


def text(words: tuple[str, ...]) -> str:
    return " ".join(words)


def sentence(seed: int | random.Random) -> ToySentence:
    """Return a random sentence pair: 5 to 14 words, 1 to 3 entities; the same for the same seed."""
    draw = seed if isinstance(seed, random.Random) else random.Random(seed)
    subject, object_ = _phrase(draw), _phrase(draw)
    verb = [(draw.choice(list(VERBS)), None)]
    place = [("in", None), (draw.choice(list(PLACES)), "LOC")] if draw.random() < 0.7 else []
    time = [(draw.choice(list(TIMES)), None)] if draw.random() < 0.4 else []
    parts = [subject, verb, object_, place, time, [(".", None)]]
    if not any(label for part in parts for _, label in part):
        return sentence(draw)
    return _from_slots(parts)


def simple(subject: str, verb: str, object_: str) -> ToySentence:
    """Return a pair without place and time: ``simple("Maria Lopez", "visited", "the old bank")``."""
    return _from_slots(
        [[(word, _class(word)) for word in slot.split()] for slot in (subject, verb, object_, "", "", ".")]
    )


def toy_sentences(count: int, seed: int = 1000) -> list[ToySentence]:
    """Return sentences in which no name stands twice: which one is meant would be a guess."""
    found: list[ToySentence] = []
    while len(found) < count:
        pair = sentence(seed)
        seed += 1
        names = [word for start, end, _ in pair.entities for word in pair.english[start:end]]
        if len(set(names)) == len(names):
            found.append(pair)
    return found


def translate_word(word: str) -> str:
    return WORDS.get(word, word)


def _from_slots(parts: list[Slot]) -> ToySentence:
    english = [item for part in parts for item in part]
    starts = [sum(len(part) for part in parts[:k]) for k in range(len(parts))]
    order = []
    for k in (0, 2, 3, 4, 1, 5):  # the verb goes behind place and time
        places = list(range(starts[k], starts[k] + len(parts[k])))
        if len(places) == 3 and english[places[1]][0] in ADJECTIVES:
            places = [places[0], places[2], places[1]]
        order += places
    toy = tuple(translate_word(english[i][0]) for i in order)
    links = sorted((i, j) for j, i in enumerate(order))
    entities = []
    for start, part in zip(starts, parts, strict=True):
        named = [i for i, (_, label) in enumerate(part) if label]
        if named:
            entities.append((start + named[0], start + named[-1] + 1, str(part[named[0]][1])))
    return ToySentence(tuple(word for word, _ in english), toy, tuple(links), tuple(entities))


def _class(word: str) -> str | None:
    classes = {"PER": [*FIRST_NAMES, *LAST_NAMES], "ORG": ORGANISATIONS, "LOC": PLACES}
    return next((name for name, words in classes.items() if word in words), None)


def _phrase(draw: random.Random) -> Slot:
    kind = draw.random()
    if kind < 0.4:
        return [(draw.choice(FIRST_NAMES), "PER"), (draw.choice(LAST_NAMES), "PER")]
    if kind < 0.6:
        return [(draw.choice(ORGANISATIONS), "ORG")]
    adjective = [(draw.choice(list(ADJECTIVES)), None)] if draw.random() < 0.6 else []
    return [("the", None), *adjective, (draw.choice(list(NOUNS)), None)]


def _bracketed(words: tuple[str, ...], entities: tuple[tuple[int, int, str], ...]) -> tuple[str, ...]:
    starts, ends = {e[0] for e in entities}, {e[1] for e in entities}
    marked: list[str] = []
    for i, word in enumerate(words):
        marked += ["["] * (i in starts) + [word] + ["]"] * (i + 1 in ends)
    return tuple(marked)


SENTENCES = [sentence(seed) for seed in range(200)]
PAIRS = toy_sentences(400)
SIMPLE = [simple(name, "visited", "the bank") for name in ("the minister", "Maria Lopez", "Siemens", "Anna Weber")]
