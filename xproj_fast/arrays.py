"""Array roles and the columnar records every floor passes on.

Ragged data is ``offsets`` (int64[N + 1], first 0, never decreasing) over flat values: sentence ``s`` owns values
``offsets[s]`` to ``offsets[s + 1]``. Spans are half-open word indices ``[start, end)`` inside their sentence.
"""

from __future__ import annotations

import os
import sys
from dataclasses import Field, dataclass
from enum import IntEnum, IntFlag
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from xproj_fast.errors import InputError
from xproj_fast.tags import class_columns

if TYPE_CHECKING:
    import pyarrow as pa

Offsets: TypeAlias = NDArray[np.int64]  # [N + 1]
WordIndex: TypeAlias = NDArray[np.int32]  # word positions inside a sentence
EntityIndex: TypeAlias = NDArray[np.int32]  # entity positions inside a sentence
LabelId: TypeAlias = NDArray[np.int32]  # positions in a tuple of label names
TagId: TypeAlias = NDArray[np.int32]  # 0 = O, 1 + 2 * label = B-label, 2 + 2 * label = I-label
Score: TypeAlias = NDArray[np.float32]  # higher is better; 0 = not a pair
Mask: TypeAlias = NDArray[np.uint8]  # 0 or 1

MOST_THREADS = 4096
UNLIMITED = int(np.iinfo(np.int32).max)  # "no upper bound" for word counts and limits


class Status(IntEnum):
    """How the matching of a sentence ended.

    >>> import xproj_fast as xp
    >>> result = xp.project(xp.read_pairs("en.conll", "de.words", "en-de.pharaoh"), matcher="exact")
    >>> {Status(int(status)).name for status in result.matches.status}
    {'OPTIMAL'}
    """

    OPTIMAL = 0  # proved best
    FEASIBLE = 1  # all limits met
    INFEASIBLE = 2  # a lower limit could not be met; what could be projected is there
    LIMIT = 3  # a time or size limit stopped the matcher; the best found is there


class Outcome(IntEnum):
    """Why an entity has its spans, or none.

    >>> import xproj_fast as xp
    >>> result = xp.project(xp.read_pairs("en.conll", "de.words", "en-de.pharaoh"))
    >>> Outcome(int(result.matches.outcome[0])).name
    'PROJECTED'
    """

    PROJECTED = 0
    UNSCORED = 1  # no candidate scores above 0 (alignment: no link to an allowed word)
    OVERLAP = 2  # every candidate it had was taken by other entities
    TOO_SHORT = 3  # heuristic: every run failed the length ratio
    UNSURE = 4  # the confidence of every span it had was below Method.min_confidence


class Proof(IntEnum):
    """How the matching of a sentence was proved optimal.

    >>> import xproj_fast as xp
    >>> result = xp.project(xp.read_pairs("en.conll", "de.words", "en-de.pharaoh"), matcher="exact")
    >>> {Proof(int(proof)).name for proof in result.matches.proof}
    {'CERTIFICATE'}
    """

    NONE = 0  # it was not
    CERTIFICATE = 1  # the entities' own best spans do not stand in each other's way
    BOUND = 2  # an upper bound (Lagrangian prices) says that nothing beats greedy's solution
    DP = 3  # dynamic programming over all that could
    ILP = 4  # an integer linear program, solved to a gap of zero by HiGHS


class ShapeFlag(IntFlag):
    """What a word form looks like."""

    CAPITAL = 1  # its first character is an upper-case letter or a digit
    LOWER = 2  # it has letters, and none in upper case
    PUNCTUATION = 4  # it has nothing but punctuation
    CASED = 8  # it has letters that come in two cases


class Record:
    """Arrays that belong together, read-only for as long as they do: what was checked once must stay as it was.

    A record copies nothing, it holds read-only views. What wrote the arrays before can still do so; the constructors
    that check a record once and for all (``SentencePairs.from_arrays``) copy for that reason, unless ``copy=False``.
    """

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, np.ndarray) and value.flags.writeable:
                object.__setattr__(self, name, read_only(value))

    def __reduce__(self) -> tuple[Any, ...]:
        # NumPy gives back writable arrays from pickles and deep copies: through the constructor they become read-only.
        return type(self), tuple(compact(getattr(self, name)) for name in self.__dataclass_fields__)


def compact(value: Any) -> Any:
    """Return what a pickle holds of a value: of an Arrow array that shares another's memory what is its own alone."""
    if not hasattr(value, "get_total_buffer_size") or value.get_total_buffer_size() <= value.nbytes + 64:
        return value
    import pyarrow as pa

    return pa.concat_arrays([value])


R = TypeVar("R", bound=Record)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view; the array itself stays as it is."""
    view = array.view()
    view.flags.writeable = False
    return view


def copied(record: R) -> R:
    """Return the record with arrays of its own. Arrow arrays stay: nothing can change one."""
    values = (getattr(record, name) for name in record.__dataclass_fields__)
    return type(record)(*(value.copy() if isinstance(value, np.ndarray) else value for value in values))


@dataclass(frozen=True, slots=True, eq=False)
class Words(Record):
    """The words of N sentences.

    Attributes:
        offsets: int64[N + 1] into the words.
        strings: Arrow string or large_string array of the words, or None where only their number is known.
        texts: Arrow string array[N], the raw sentences the words were cut from, or None.
        text_start: int32[words], first character (code point) of each word in its raw sentence, or None.
        text_end: int32[words], one past the last character, or None.

    >>> import pyarrow as pa
    >>> words = Words(np.array([0, 2, 2, 3]), pa.array(["Maria", "sang", "Yes"]))
    >>> words.to_lists()
    [['Maria', 'sang'], [], ['Yes']]
    """

    offsets: Offsets
    strings: pa.Array | None = None
    texts: pa.Array | None = None
    text_start: NDArray[np.int32] | None = None
    text_end: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def to_lists(self) -> list[list[str]]:
        """Return the words as Python lists, one per sentence."""
        if self.strings is None:
            raise InputError("expected words, got only their number: the pairs were made without strings")
        flat = self.strings.to_pylist()
        bounds = self.offsets.tolist()
        return [flat[a:b] for a, b in pairwise(bounds)]


@dataclass(frozen=True, slots=True, eq=False)
class Spans(Record):
    """Half-open word spans of N sentences: ``offsets`` int64[N + 1], ``start`` and ``end`` int32[spans].

    >>> spans = Spans(np.array([0, 2, 2]), np.array([0, 3], np.int32), np.array([2, 4], np.int32))
    >>> len(spans)  # two sentences, the second without spans
    2
    """

    offsets: Offsets
    start: WordIndex
    end: WordIndex

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Entities(Spans):
    """Labelled spans: ``label`` int32[spans], ids into the label names that travel with them.

    >>> import xproj_fast as xp
    >>> pairs = xp.SentencePairs.from_lists([["Maria", "sang"]], [["Maria", "sang"]], [[(0, 1, "PER")]])
    >>> pairs.entities.label.tolist(), pairs.labels
    ([0], ('PER',))
    """

    label: LabelId


@dataclass(frozen=True, slots=True, eq=False)
class Links(Record):
    """Word alignments of N sentences: ``source`` and ``target`` int32[links], word indices inside the sentence.

    >>> import xproj_fast as xp
    >>> links = xp.parse_pharaoh(["0-0 1-2", ""])
    >>> links.offsets.tolist(), links.source.tolist(), links.target.tolist()
    ([0, 2, 2], [0, 1], [0, 2])
    """

    offsets: Offsets
    source: WordIndex
    target: WordIndex

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True, eq=False)
class WordProbabilities(Record):
    """How probable each tag is for each word of N sentences, as a tagger says.

    Attributes:
        offsets: int64[N + 1] into the words.
        values: float32[words, tags]; each row sums to 1.
        tags: the tagger's own: ``("O", "B-PER", "I-PER", ...)``.

    >>> values = np.array([[0.25, 0.75, 0.0], [1.0, 0.0, 0.0]], np.float32)  # of two words
    >>> probabilities = WordProbabilities(np.array([0, 2]), values, ("O", "B-PER", "I-PER"))
    >>> probabilities.class_columns()
    {'PER': (1, 2)}
    """

    offsets: Offsets
    values: NDArray[np.float32]
    tags: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def class_columns(self) -> dict[str, tuple[int, int]]:
        """Return the columns of each class, see ``class_columns``."""
        return class_columns(self.tags)


@dataclass(frozen=True, slots=True, eq=False)
class Pieces(Record):
    """The subwords of N sentences, without the special tokens a model adds.

    Attributes:
        offsets: int64[N + 1] into the pieces.
        ids: int32[pieces], positions in the tokenizer's vocabulary.
        word: int32[pieces], the word of its sentence a piece belongs to; never decreases. A word that gives no
            piece is in none.
    """

    offsets: Offsets
    ids: NDArray[np.int32]
    word: WordIndex

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True, eq=False)
class WordShapes(Record):
    """What the words of N sentences look like, said once a word type: a distinct form.

    Attributes:
        offsets: int64[N + 1] into the words.
        ids: int32[words], the type of each word.
        code_offsets: int64[types + 1] into the codes.
        codes: int32, the code points of each type in lower case.
        flags: uint8[types], a sum of ``ShapeFlag``.
    """

    offsets: Offsets
    ids: NDArray[np.int32]
    code_offsets: Offsets
    codes: NDArray[np.int32]
    flags: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True, eq=False)
class PairScores(Record):
    """Scores of all (entity, candidate) pairs.

    Sentence ``s`` with E entities and C candidates owns the row-major (E, C) block that starts at
    ``values[offsets[s]]``; ``offsets`` is int64[N + 1], ``values`` float32.

    >>> scores = PairScores(np.array([0, 4]), np.array([0.9, 0.1, 0.0, 0.7], np.float32))  # 2 entities, 2 candidates
    >>> scores.values.reshape(2, 2)[1].argmax().item()  # the best candidate of the second entity
    1
    """

    offsets: Offsets
    values: Score


@dataclass(frozen=True, slots=True, eq=False)
class LearnedRows(Record):
    """The learned score's features of those (entity, candidate) pairs that may be right.

    Attributes:
        position: int64[rows], ascending: where the pair's score stands in ``PairScores.values``.
        features: float32[rows, features], in the order of ``xproj_fast.scores.learned_features.LEARNED_FEATURES``.
    """

    position: NDArray[np.int64]
    features: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Matches(Record):
    """What a matcher chose, ordered by sentence, entity, start.

    Attributes:
        offsets: int64[N + 1] into the chosen spans.
        entity: int32[spans], index of the entity inside its sentence.
        start: int32[spans]. end: int32[spans]. score: float32[spans].
        objective: float64[N], the sum of a sentence's scores.
        status: uint8[N], see ``Status``.
        outcome: uint8[entities], see ``Outcome``.
        proof: uint8[N], see ``Proof``; None where the matcher proves nothing.

    >>> import xproj_fast as xp
    >>> result = xp.project(xp.read_pairs("en.conll", "de.words", "en-de.pharaoh"))
    >>> result.matches.start[:3].tolist(), result.matches.end[:3].tolist()
    ([0, 8, 11], [2, 9, 12])
    """

    offsets: Offsets
    entity: EntityIndex
    start: WordIndex
    end: WordIndex
    score: Score
    objective: NDArray[np.float64]
    status: NDArray[np.uint8]
    outcome: NDArray[np.uint8]
    proof: NDArray[np.uint8] | None = None


def as_array(values: Any, dtype: type[np.generic], name: str, *, copy: bool = False) -> NDArray[Any]:
    """Return ``values`` as a contiguous, aligned 1-d array of ``dtype``.

    Args:
        values: an array, or what NumPy makes one of.
        dtype: the wanted one.
        name: names the values in messages.
        copy: never return the caller's own memory; False = only where ``values`` is no such array already.

    Raises:
        InputError: for another number of dimensions, for non-integers where integers are expected, and for
            values that ``dtype`` cannot hold.
    """
    masked = sys.modules.get("numpy.ma")  # where it was never imported there are none
    if masked is not None and isinstance(values, masked.MaskedArray):
        raise InputError(f"{name}: expected an array of which every value counts, got a masked one", field=name)
    array = np.asarray(values)
    if array.ndim != 1:
        raise InputError(f"{name}: expected a 1-d array, got shape {array.shape}", field=name)
    if array.dtype == dtype:
        return array.copy() if copy else np.require(array, requirements=("C", "A"))
    wanted = np.dtype(dtype)
    if wanted.kind in "iu":
        if array.size and array.dtype.kind not in "iu":
            raise InputError(f"{name}: expected integers, got dtype {array.dtype}", field=name)
        info = np.iinfo(wanted)
        if array.size and (array.min() < info.min or array.max() > info.max):
            worst = array.min() if array.min() < info.min else array.max()
            raise InputError(f"{name}: expected values that fit {wanted}, got {worst}", field=name)
    elif array.dtype.kind not in "iuf":
        raise InputError(f"{name}: expected numbers, got dtype {array.dtype}", field=name)
    with np.errstate(over="ignore"):  # a float too large for float32 becomes infinite, which its check refuses
        return np.ascontiguousarray(array, dtype=wanted)


def sentence_of(offsets: Offsets, item: int) -> int:
    """Return the sentence that owns flat position ``item``."""
    return int(np.searchsorted(offsets, item, side="right")) - 1


def thread_count(threads: int | None) -> int:
    """Return ``threads``, or the number of CPUs this process may use for None.

    Of those, no more than ``OMP_NUM_THREADS`` says, where it is set: so do Ray and Spark tell each of the many
    processes that share a machine how much of it is its own, and whoever starts several by hand.

    Raises:
        InputError: for anything but a whole number from 1 on.
    """
    if threads is None:
        there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        share = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()  # the first of one for each level
        return min(there, int(share)) if share.isascii() and share.isdigit() and int(share) else there
    whole = isinstance(threads, (int, np.integer)) and not isinstance(threads, bool)
    if not whole or not 1 <= threads <= MOST_THREADS:
        raise InputError(f"threads: expected at least 1 and at most {MOST_THREADS} (None = all CPUs), got {threads}")
    return int(threads)
