"""Models that know the toy language by heart: no training, no package, and as sure as they are told to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from common import links_array
from toy_language import PAIRS, TOY, ToySentence, text, translate_word

from xproj_fast.arrays import Entities, WordProbabilities, Words
from xproj_fast.models.tagging import Tagged, TaggerOptions
from xproj_fast.models.translation import TranslateOptions, Translation
from xproj_fast.ragged import offsets_of

CLASSES = ("PER", "ORG", "LOC")
TAGS = ("O", *(f"{prefix}-{name}" for name in CLASSES for prefix in "BI"))


class Translator:
    """Translates what it knows of some pairs, and single words; English is what every other language is."""

    device = "none"
    languages = (TOY, "eng_Latn", "fra_Latn")

    def __init__(self, pairs: Sequence[ToySentence] = PAIRS) -> None:
        self._toy: dict[str, str] = {}
        self._english: dict[str, str] = {}
        for pair in pairs:
            for known in (pair, pair.marked()):
                self._toy[text(known.english)] = text(known.toy)
                self._english[text(known.toy)] = text(known.english)

    def translate(
        self, lines: Sequence[str], source: str, target: str, options: TranslateOptions | None = None
    ) -> Iterator[Translation]:
        known = self._toy if target == TOY else self._english
        for line in lines:
            single = " ".join(map(translate_word, line.split())) if target == TOY else line
            yield Translation(known.get(" ".join(line.split()), single), parts=1)


def sureness(first_word: str) -> float:
    """Return how sure the tagger is of an entity: what its first letter says."""
    return 0.75 + ord(first_word[0]) / 1000


class Tagger:
    """Finds the entities of both sides of some pairs."""

    classes = CLASSES

    def __init__(self, pairs: Sequence[ToySentence] = PAIRS, *, sure: bool = False) -> None:
        self._sure = sure
        self._known = {pair.english: pair.entities for pair in pairs} | {p.toy: p.toy_entities() for p in pairs}

    def tag(
        self, words: Words, options: TaggerOptions | None = None, *, warn: bool = True, progress: Any = None
    ) -> Tagged:
        drop = () if options is None else options.drop
        labels = tuple(name for name in CLASSES if name not in drop)
        sentences = words.to_lists()
        rows = [sorted(e for e in self._known.get(tuple(s), ()) if e[2] in labels) for s in sentences]
        flat = [(a, b, labels.index(name)) for row in rows for a, b, name in row]
        start, end, label = np.array(flat, np.int32).reshape(-1, 3).T.copy()
        first = [words[row[0]] for words, each in zip(sentences, rows, strict=True) for row in each]
        sure = [1.0 if self._sure else sureness(word) for word in first]
        entities = Entities(offsets_of([len(row) for row in rows]), start, end, label)
        nothing = WordProbabilities(words.offsets, np.zeros((int(words.offsets[-1]), len(TAGS)), np.float32), TAGS)
        counts = {"sentences": len(words), "words_without_piece": 0}
        return Tagged(words, entities, np.array(sure, np.float32), labels, nothing, np.zeros(0, np.int64), counts)


class Aligner:
    """Links words that translate each other, the first with the first."""

    def align(self, source: Words, target: Words) -> Any:
        links = []
        for first, second in zip(source.to_lists(), target.to_lists(), strict=True):
            free, found = list(range(len(second))), []
            for i, word in enumerate(first):
                j = next((j for j in free if second[j] in (word, translate_word(word))), None)
                if j is not None:
                    free.remove(j)
                    found.append((i, j))
            links.append(found)
        return type("Aligned", (), {"links": links_array(links)})
