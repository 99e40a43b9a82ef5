"""spaCy's DocBin in: what ``docbin_writer``, ``spacy convert`` and people's own scripts make."""

from __future__ import annotations

import logging
from itertools import count as numbers
from pathlib import Path
from typing import Any

import numpy as np

from xproj_fast.arrays import Entities, Words
from xproj_fast.errors import InputError
from xproj_fast.formats.registry import Reading
from xproj_fast.formats.sentences import Sentences
from xproj_fast.formats.streams import decompressed, open_input
from xproj_fast.packages import need
from xproj_fast.ragged import offsets_of
from xproj_fast.wording import count, shown

logger = logging.getLogger(__name__)


class DocBinReader:
    """Reads a DocBin, which is one packed value: all of it is in memory.

    A Doc is a sentence, with its text; tokens of white space are no words. One whose entities are missing, which is
    not the same as none, is left out where entities are read. Ids are those under ``id`` in ``user_data``.

    Attributes:
        path: the file.
    """

    share_read = 1.0

    def __init__(self, path: Path, how: Reading) -> None:
        """Read it.

        Raises:
            MissingDependencyError: without spaCy.
            InputError: for another file, and for Docs of which only some have ids.
        """
        self.path = path
        self._entities = how.entities
        self._missing = 0
        self._all = self._sentences(self._docs())
        self._at = 0

    def close(self) -> None:
        """Nothing is open."""

    def left_out(self) -> list[str]:
        """See ``SentenceReader``."""
        return [f"{count(self._missing, 'Doc')} left out: entities are missing"] if self._missing else []

    def read(self, count: int) -> Sentences:
        """See ``SentenceReader``; at the end a warning says what was left out."""
        rows = np.arange(self._at, min(self._at + count, len(self._all)), dtype=np.int64)
        self._at += len(rows)
        if len(rows) < count:
            for what in self.left_out():
                logger.warning("%s", shown(f"{self.path}: {what}"))
        return self._all.take(rows)

    def _docs(self) -> list[Any]:
        need("spacy", "spacy")
        from spacy.tokens import DocBin
        from spacy.vocab import Vocab

        with open_input(self.path) as raw:
            data = decompressed(raw, self.path).read()
        try:
            return list(DocBin().from_bytes(data).get_docs(Vocab()))
        except Exception as error:  # zlib's, msgpack's, and those of whatever else it turns out to hold
            raise InputError(
                f"{self.path}: expected a DocBin of spaCy, got a file that cannot be read: {error}"
            ) from None

    def _sentences(self, docs: list[Any]) -> Sentences:
        import pyarrow as pa

        words: list[list[Any]] = []
        spans: list[list[tuple[int, int, str]]] = []
        lines: list[int] = []
        kept = []
        for number, doc in enumerate(docs, 1):
            if self._entities and len(doc) and not doc.has_annotation("ENT_IOB"):
                self._missing += 1
                continue
            own = [token for token in doc if not token.text.isspace()]  # a bare Vocab knows no is_space
            place = dict(zip([token.i for token in own], numbers(), strict=False))
            inside = [[place[token.i] for token in ent if token.i in place] for ent in doc.ents]
            found = [(at[0], at[-1] + 1, ent.label_) for at, ent in zip(inside, doc.ents, strict=True) if at]
            if len(found) < len(inside):
                raise InputError(f"{self.path}: Doc {number}: expected entities of words, got one of white space")
            words.append(own)
            spans.append(found)
            lines.append(number)
            kept.append(doc)
        flat = [token for own in words for token in own]
        starts = np.array([token.idx for token in flat], np.int32)
        ends = np.array([token.idx + len(token) for token in flat], np.int32)
        wide = pa.large_string()
        texts = pa.array([doc.text for doc in kept], wide)
        strings = pa.array([token.text for token in flat], wide)
        known = Words(offsets_of([len(own) for own in words]), strings, texts, starts, ends)
        labels = {label: i for i, label in enumerate(dict.fromkeys(span[2] for row in spans for span in row))}
        columns = np.array([(a, b, labels[label]) for row in spans for a, b, label in row], np.int32).reshape(-1, 3)
        entities = Entities(offsets_of([len(row) for row in spans]), *columns.T.copy()) if self._entities else None
        return Sentences(known, entities, tuple(labels), self._ids(kept), np.array(lines, np.int64))

    def _ids(self, docs: list[Any]) -> Any:
        import pyarrow as pa

        ids = [doc.user_data.get("id") for doc in docs]
        if not any(name is not None for name in ids):
            return None
        if None in ids:
            raise InputError(
                f"{self.path}: expected an id in the user_data of every Doc or of none, got some", field="ids"
            )
        return pa.array([str(name) for name in ids], pa.large_string())
