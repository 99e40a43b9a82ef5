"""What goes into a tagger and comes out of it: options, entities, probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Record, Score, WordProbabilities, Words
from xproj_fast.errors import check_options
from xproj_fast.labelled import LabelledSentences
from xproj_fast.options import option

if TYPE_CHECKING:
    import pyarrow as pa


TEMPERATURES = (1e-6, 1e6)


@dataclass(frozen=True, slots=True)
class TaggerOptions:
    """How words are tagged.

    Attributes:
        temperature: logits are divided by it before the softmax; default 1 = off. It changes probabilities, never
            which tag is the best.
        rename: class of the model -> name wanted, such as ``{"PERSON": "PER"}``; classes that get one name become
            one class. Default: none.
        drop: classes to leave out, such as ``("MISC",)``, by the name they have after renaming. Default: none.
            Renaming and dropping concern entities; probabilities stay those of the model.
        overlap: subwords that neighbouring windows of a long sentence share; default 64.
        batch_tokens: padded subwords per batch, halved where memory is short; default None = what suits the
            engine (256 or 512 on a CPU, whose caches hold no more; 8192 on a GPU).

    >>> options = TaggerOptions(rename={"PERSON": "PER", "GPE": "LOC"}, drop=("MISC",))
    >>> options.rename["GPE"]
    'LOC'
    """

    temperature: float = option(
        1.0,
        "logits are divided by it before the softmax; it changes probabilities, never which tag is the best",
        off="1 = off",
        more=True,
    )
    rename: Mapping[str, str] = option(
        factory=dict, help="classes of the tagger under new names, PERSON=PER,GPE=LOC; one name for several joins them"
    )
    drop: tuple[str, ...] = option((), "classes of the tagger to leave out, by the names after renaming")
    overlap: int = option(
        64, "what neighbouring windows of a sentence too long for the model share", unit="subwords", more=True
    )
    batch_tokens: int | None = option(
        None,
        "most padded subwords in a batch, halved where memory is short (default: 256 or 512 on a CPU, 8192 on a GPU)",
        unit="subwords",
    )

    def __post_init__(self) -> None:
        low, high = TEMPERATURES
        check_options(
            self,
            ("temperature", low <= self.temperature <= high, f"a number from {low:g} to {high:g}"),
            ("drop", not isinstance(self.drop, str), "a tuple of classes"),
            ("overlap", self.overlap >= 0, "at least 0"),
            ("batch_tokens", self.batch_tokens is None or self.batch_tokens >= 1, "None or at least 1"),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Tagged(Record):
    """N sentences with what a tagger says of them.

    Attributes:
        words: the input.
        entities: decoded from the best tag of each word, renamed and dropped as the options say.
        scores: float32[entities], the mean over an entity's words of the probability of their best tags.
        labels: the names that ``entities.label`` indexes, without prefixes.
        probabilities: of every word and every IOB tag of the model.
        without_piece: int64, flat positions of the words that give no subword (zero-width marks, ...); they are O.
        counts: ``sentences``, ``words``, ``words_without_piece``, ``long_sentences`` (read in more than one window),
            ``windows``.

    >>> import xproj_fast as xp
    >>> tagged = xp.Tagger.load("models/ner").tag([["Maria", "Lopez", "sang"]])
    >>> tagged.labels
    ('PER', 'ORG')
    >>> tagged.entities.start.tolist(), tagged.entities.end.tolist()
    ([0], [2])
    """

    words: Words
    entities: Entities
    scores: Score
    labels: tuple[str, ...]
    probabilities: WordProbabilities
    without_piece: NDArray[np.int64]
    counts: dict[str, int]

    def labelled(self, ids: pa.Array | None = None) -> LabelledSentences:
        """Return the sentences with their entities: what has IOB2 tags and Arrow columns, and the writers take.

        Args:
            ids: Arrow array of one id per sentence, or None.
        """
        sure = self.confidence()
        return LabelledSentences(self.words, self.entities, self.labels, ids, sure, sure)

    def confidence(self) -> Score:
        """Return float32[entities], the probability that each is right, such as ``Evidence.source_confidence`` holds.

        They are ``scores`` to four digits: the last ones depend on which sentences shared a batch.
        """
        return self.scores.round(4)
