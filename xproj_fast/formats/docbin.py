"""spaCy's DocBin, which ``spacy train`` reads: a Doc a sentence, with its entities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xproj_fast.arrow_labelled import WORDS_COLUMNS, the_only
from xproj_fast.arrow_layouts import column_of
from xproj_fast.formats.docbin_reader import DocBinReader
from xproj_fast.formats.outputs import whole_file
from xproj_fast.formats.registry import FORMATS, Format
from xproj_fast.packages import need


@contextmanager
def docbin_writer(path: Path) -> Iterator[Callable[[Any], None]]:
    """Open a DocBin; yields the function that appends a table of ``LabelledSentences`` or ``Projection``.

    A DocBin is one packed value: all of it is in memory until it is written. Words are parted by spaces, as these
    tables do not keep the raw text. Of a sentence that a run could not translate the entities are missing, which
    ``spacy train`` does not take for none. The id is in ``user_data``.

    Raises:
        MissingDependencyError: without spaCy.
    """
    need("spacy", "spacy")
    from spacy.tokens import Doc, DocBin
    from spacy.vocab import Vocab

    vocab, docs = Vocab(), DocBin(store_user_data=True)

    def append(table: Any) -> None:
        names = table.schema.names
        words = the_only(table, WORDS_COLUMNS, "words")
        problems = table["problem"].to_pylist() if "problem" in names else [None] * len(table)
        ids = column_of(table, "id").to_pylist() if "id" in names else [None] * len(table)
        tags = column_of(table, "tags").to_pylist()
        for tokens, row, problem, name in zip(column_of(table, words).to_pylist(), tags, problems, ids, strict=True):
            doc = Doc(vocab, words=tokens, ents=row if problem is None else None)
            if problem is not None:
                doc.set_ents([], default="missing")
            if name is not None:
                doc.user_data["id"] = name
            docs.add(doc)

    yield append
    with whole_file(path) as out:
        out.write(docs.to_bytes())


FORMATS.add(
    "spacy",
    Format(
        suffixes=("spacy",),
        about="spaCy's DocBin, for spacy train",
        sentences=DocBinReader,
        labelled=True,
        labelled_tables=docbin_writer,
    ),
)
