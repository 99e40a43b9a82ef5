"""Words to tag probabilities and entities, with any exported token classifier."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Offsets, WordProbabilities, Words, sentence_of
from xproj_fast.checks import check_words
from xproj_fast.errors import InputError
from xproj_fast.kernels import get
from xproj_fast.lists import word_columns
from xproj_fast.models.devices import Device
from xproj_fast.models.encoder import Encoder, encode, encoder_identity, open_encoder
from xproj_fast.models.identity import Origin, reduced
from xproj_fast.models.manifest import MANIFEST, TOKENIZER, Manifest, read_manifest
from xproj_fast.models.probabilities import first_pieces, means_over, softmax
from xproj_fast.models.tag_set import ClassMap, TagSet
from xproj_fast.models.tagging import Tagged, TaggerOptions
from xproj_fast.models.tokenizer import WordTokenizer
from xproj_fast.wording import brief

BLOCK_WORDS = 1 << 18  # words whose subwords are in memory together: some 30 MB

logger = logging.getLogger(__name__)


class Tagger:
    """A loaded tagger; make one with ``Tagger.load``. One may serve several threads, and be sent to other processes.

    Attributes:
        manifest: of its folder.
        classes: its entity classes without prefixes, in the order of its tags.

    >>> import xproj_fast as xp
    >>> tagger = xp.Tagger.load("models/ner")
    >>> tagger.tags
    ('O', 'B-PER', 'I-PER', 'B-ORG', 'I-ORG')
    >>> tagger.tag([["Maria", "Lopez", "sang"]]).entities.label.tolist()
    [0]
    >>> tagger.probabilities([["Maria", "Lopez", "sang"]]).values.shape  # words, tags
    (3, 5)
    """

    def __init__(
        self,
        manifest: Manifest,
        tags: TagSet,
        tokenizer: WordTokenizer,
        encoder: Encoder,
        origin: Origin | None = None,
    ) -> None:
        self.manifest = manifest
        self._origin = origin
        self.classes = tags.classes
        self._tags = tags
        self._tokenizer = tokenizer
        self._encoder = encoder

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        device: str = "auto",
        threads: int | None = None,
        memory_limit: int | None = None,
        verify: bool = True,
    ) -> Tagger:
        """Load what ``xproj-fast export tagger`` wrote.

        Args:
            folder: the model folder.
            device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
            threads: CPU threads; None = all CPUs.
            memory_limit: bytes of GPU memory; None = no limit.
            verify: compare the hashes of all files.

        Raises:
            InputError: for a folder that holds no whole tagger, labels that are no tags, and a device that does not
                work.
            MissingDependencyError: without the packages of the extra ``models``.
        """
        manifest = read_manifest(folder, "tagger", verify=verify)
        where = Path(folder) / MANIFEST
        try:
            tags = TagSet.read(manifest.settings["labels"])
        except InputError as error:
            raise InputError(f"{where}: {error}", field=error.field) from None
        encoder = open_encoder(folder, manifest, device=device, threads=threads, memory_limit=memory_limit)
        if encoder.width != len(tags.names):
            raise InputError(f"{where}: expected {encoder.width} tags as in the model, got {len(tags.names)}")
        tokenizer = WordTokenizer(Path(folder) / TOKENIZER)
        origin = Origin.of(folder, device=device, threads=threads, memory_limit=memory_limit, verify=verify)
        return cls(manifest, tags, tokenizer, encoder, origin)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as folder and options: the other process loads the model itself."""
        return reduced(self, self._origin)

    @property
    def identity(self) -> dict[str, Any]:
        """All that its output depends on, but for the rounding of its device."""
        return encoder_identity(self.manifest, self._encoder)

    @property
    def tags(self) -> tuple[str, ...]:
        """The IOB tags of the model in the order of their ids: ``("O", "B-PER", "I-PER", ...)``."""
        return self._tags.names

    @property
    def device(self) -> Device:
        """Where the model runs."""
        return self._encoder.device

    def probabilities(
        self,
        words: Words | Sequence[Sequence[str]],
        options: TaggerOptions | None = None,
        *,
        progress: Callable[[float], None] | None = None,
    ) -> WordProbabilities:
        """Return how probable each tag is for each word.

        A word's probabilities are those of its first subword, found by the word it belongs to and never by its
        place in a list. Sentences too long for the model are read in overlapping windows, each subword in the one
        that shows most of what stands around it. A word without a subword is O with probability 1; it is counted,
        and warned about once a call.

        Args:
            words: N sentences, as columns or lists of words.
            options: None = the defaults; ``rename`` and ``drop`` do not count here.
            progress: called with the share done, 0 to 1.

        Returns:
            float32[words, tags], the softmax of the logits divided by the temperature.

        Raises:
            InputError: for words without strings, lists that hold anything but text (lone surrogates, say), an
                overlap that leaves a window no room, and a sentence that does not fit into memory.
            InternalError: where the model returns NaN or infinity.
        """
        words = _columns(words)
        found = self._run(words, options or TaggerOptions(), progress)
        _warn(words, found.without_piece)
        return found.probabilities

    def tag(
        self,
        words: Words | Sequence[Sequence[str]],
        options: TaggerOptions | None = None,
        *,
        warn: bool = True,
        progress: Callable[[float], None] | None = None,
    ) -> Tagged:
        """Return probabilities and the entities decoded from the best tag of each word.

        The best tags are read as conlleval does (see ``TagSet.decode``), so that models trained on IOB1 and on
        IOB2 give the entities they mean.

        Args:
            words: N sentences, as columns or lists of words.
            options: None = the defaults.
            warn: log a warning about words without a subword; False = the caller reads ``without_piece``.
            progress: called with the share done, 0 to 1.

        Raises:
            InputError, InternalError: see ``probabilities``; also for classes to rename or drop that the model does
                not have.
        """
        options = options or TaggerOptions()
        classes = ClassMap.make(self.classes, options.rename, options.drop)
        words = _columns(words)
        found = self._run(words, options, progress)
        if warn:
            _warn(words, found.without_piece)
        entities = classes.apply(self._tags.decode(words.offsets, found.best))
        certainty = found.probabilities.values[np.arange(len(found.best)), found.best]
        scores = means_over(certainty, words.offsets, entities)
        return Tagged(words, entities, scores, classes.labels, found.probabilities, found.without_piece, found.counts)

    def _run(self, words: Words, options: TaggerOptions, progress: Callable[[float], None] | None) -> _Found:
        strings: Any = words.strings
        total = int(words.offsets[-1])
        values = np.zeros((total, len(self.tags)), np.float32)
        best = np.full(total, self._tags.outside, np.int32)
        reached = np.zeros(total, np.bool_)
        counts = {"sentences": len(words), "words": total}
        counts |= dict.fromkeys(("words_without_piece", "long_sentences", "windows"), 0)
        for first, last in _blocks(words.offsets):
            bounds = words.offsets[first : last + 1]
            base, size = int(bounds[0]), int(bounds[-1] - bounds[0])
            pieces = self._tokenizer.encode(Words(bounds - base, strings.slice(base, size)))
            word, is_first = first_pieces(pieces, bounds)
            logits, windows = encode(
                self._encoder,
                self.manifest.settings,
                pieces,
                is_first,
                overlap=options.overlap,
                batch_tokens=options.batch_tokens,
                what="tagging",
                progress=_part(progress, base / max(total, 1), size / max(total, 1)),
            )
            values[word] = softmax(logits, options.temperature)
            best[word] = logits.argmax(axis=1)  # not of the probabilities: rounding makes equal what is not
            reached[word] = True
            counts["windows"] += len(windows)
            counts["long_sentences"] += int(np.count_nonzero(np.bincount(windows.sentence) > 1))
        without = np.flatnonzero(~reached)
        values[without, self._tags.outside] = 1
        counts["words_without_piece"] = len(without)
        return _Found(WordProbabilities(words.offsets, values, self.tags), best, without, counts)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Probabilities, int32[words] the best label, int64 the words without a subword, and counts."""

    probabilities: WordProbabilities
    best: NDArray[np.int32]
    without_piece: NDArray[np.int64]
    counts: dict[str, int]


def _columns(words: Words | Sequence[Sequence[str]]) -> Words:
    if not isinstance(words, Words):
        return word_columns(words)
    check_words(get("cpp"), words, "words")
    if words.strings is None:
        raise InputError("words: expected words to tag, got only their number", field="words")
    return words


def _blocks(offsets: Offsets) -> Iterator[tuple[int, int]]:
    """Cut the sentences into runs of about BLOCK_WORDS words, at least one sentence each."""
    first, sentences = 0, len(offsets) - 1
    while first < sentences:
        last = int(np.searchsorted(offsets, offsets[first] + BLOCK_WORDS, side="right")) - 1
        last = min(max(last, first + 1), sentences)
        yield first, last
        first = last


def _part(progress: Callable[[float], None] | None, base: float, size: float) -> Callable[[float], None] | None:
    return None if progress is None else lambda share: progress(base + size * share)


def _warn(words: Words, without: NDArray[np.int64]) -> None:
    if len(without):
        s = sentence_of(words.offsets, int(without[0]))
        strings: Any = words.strings
        logger.warning(
            "tagging: words that give the model no subword are O: %d of them, the first is sentence %d, word %d: %s",
            len(without),
            s,
            without[0] - words.offsets[s],
            brief(repr(strings[int(without[0])].as_py())),
        )
