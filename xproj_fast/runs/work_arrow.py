"""What flows between the stages of ``label``, as Arrow columns: of fixed types, none of them dictionaries.

A batch has, beside its own columns, what the stages so far have made (``MADE``). They are those of sentence pairs, so
that ``Projector`` reads the same batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xproj_fast import checks
from xproj_fast.arrays import Entities, Links, Offsets, WordProbabilities, Words
from xproj_fast.arrow_arrays import numbers
from xproj_fast.arrow_labelled import WORDS_COLUMNS
from xproj_fast.arrow_layouts import column_of, is_string, list_column, list_items, strings
from xproj_fast.arrow_pairs import Columns, emptied, pairs_from_arrow
from xproj_fast.batch_columns import error_array, list_array, name_array
from xproj_fast.errors import InputError
from xproj_fast.formats.json_words import token_spans
from xproj_fast.kernels import get
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import offsets_of
from xproj_fast.row_faults import RowFaults
from xproj_fast.runs.inputs import Part
from xproj_fast.runs.label_steps import Work
from xproj_fast.runs.translations import Problem
from xproj_fast.text.scripts import Span
from xproj_fast.text.words import words_at

LISTS_OF_WORDS = pa.list_(pa.string())
ENTITIES = pa.list_(
    pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string()), ("confidence", pa.float32())])
)
LINKS = pa.list_(pa.struct([("source", pa.int32()), ("target", pa.int32())]))
TYPES = {
    "target_words": LISTS_OF_WORDS,  # the text's own; where the batch has no words, but raw text
    "source_words": LISTS_OF_WORDS,  # of its translation
    "source_text": pa.string(),
    "entities": ENTITIES,  # of these
    "alignments": LINKS,
    "probabilities": pa.struct([("tags", pa.list_(pa.string())), ("values", pa.list_(pa.float32()))]),
    "problem": pa.string(),  # why a sentence has no usable translation: the reason, a colon, what came out
}
MADE = {
    "translate": ("target_words", "source_words", "source_text", "problem"),
    "tag": ("entities",),
    "translate back": ("source_words", "source_text", "entities", "problem"),
    "tag target": ("probabilities",),
    "align": ("alignments",),
}


def words_column(schema: Any) -> str | None:
    """Return the column of words that a schema has, None where it has none."""
    return next((name for name in WORDS_COLUMNS if name in schema.names), None)


def read_words(batch: Any, text_key: str, split: Callable[[str], list[Span]], faults: RowFaults) -> Words:
    """Return the words of a batch; those of rows at fault have none.

    Args:
        batch: with a column of words, or of raw text, which is cut.
        text_key: the column of raw text; beside words it says where they stand.
        split: cuts it.
        faults: gathers what is wrong with rows.

    Raises:
        InputError: for no such column, another type, a broken one.
    """
    column, texts = words_column(batch.schema), None
    if text_key in batch.schema.names and is_string(batch.schema.field(text_key).type):
        found = column_of(batch, text_key)
        texts = strings(found, text_key, np.arange(len(found) + 1), faults).to_pylist()
        texts = ["" if text is None else text for text in texts]
    if column is None and texts is None:
        expected = f"{' or '.join(map(repr, WORDS_COLUMNS))}, or raw texts under {text_key!r}"
        raise InputError(f"expected a column of words, {expected}, got {', '.join(batch.schema.names)}", field="words")
    if column is None:
        assert texts is not None
        return words_at(texts, [split(text) for text in texts])
    offsets, values = list_column(batch, column, report=faults)
    words = Words(offsets, strings(values, column, offsets, faults))
    checks.check_words(get(), words, column)
    if texts is not None:
        return _placed(words, texts, column, faults)
    return without_words(words, faults)


def without_words(words: Words, faults: RowFaults) -> Words:
    """Return words, none of rows at fault."""
    if not len(faults):
        return words
    offsets, kept = emptied(words.offsets, faults.rows, np.arange(words.offsets[-1]))
    return Words(offsets, words.strings.take(pa.array(kept)))  # type: ignore[union-attr]


def _placed(words: Words, texts: list[str], column: str, faults: RowFaults | None) -> Words:
    """Return words in the raw texts that they stand in; of a row at fault there are none."""
    places: list[list[Span]] = []
    for s, (text, tokens) in enumerate(zip(texts, words.to_lists(), strict=True)):
        places.append([])
        if faults is not None and s in faults:
            continue
        try:
            places[s] = token_spans(text, tokens, column)
        except InputError as error:
            if faults is None:
                raise
            faults(InputError(f"{column}: sentence {s}: {error}", field=column, sentence=s))
    return words_at(texts, places)


def read_work(batch: Any, part: Part, before: Sequence[str], language: str, faults: RowFaults) -> Work:
    """Return a part on its way from the columns that the stages before have made.

    Args:
        batch: has them.
        part: the text's own words.
        before: the stages that have run.
        language: of the text, for what is said of problems.
        faults: gathers what is wrong with rows.
    """
    problems = [
        Problem(row, *_reason(told), language)
        for row, told in enumerate(column_of(batch, "problem").to_pylist())
        if told is not None
    ]
    words = part.sentences.words
    if "tag" not in before:
        offsets, values = list_column(batch, "source_words", report=faults)
        source = without_words(Words(offsets, strings(values, "source_words", offsets, faults)), faults)
        return Work(part, _in_text(batch, source), problems)
    column = words_column(batch.schema)
    pairs = pairs_from_arrow(batch, Columns(target_words=column or "target_words", id=None), faults=faults)
    work = Work(part, _in_text(batch, pairs.source), problems, pairs.entities, pairs.labels)
    work.confidence = pairs.source_confidence
    if "align" in before:
        work.links = pairs.alignments
    if "tag target" in before:
        work.probabilities = _read_probabilities(column_of(batch, "probabilities"), words)
    return work


def _reason(told: str) -> tuple[str, str]:
    reason, _, detail = told.partition(": ")
    return reason, detail


def _in_text(batch: Any, words: Words) -> Words:
    texts = column_of(batch, "source_text")
    if texts.null_count:
        return words
    return _placed(words, texts.to_pylist(), "source_words", None)


def _read_probabilities(column: Any, words: Words) -> WordProbabilities:
    tags: list[str] = next((row for row in column.field("tags").to_pylist() if row), [])
    _, values = list_items(column.field("values"), "probabilities")
    return WordProbabilities(words.offsets, values.to_numpy().reshape(-1, max(len(tags), 1)), tuple(tags))


def work_columns(work: Work, names: Sequence[str]) -> list[pa.Array]:
    """Return the columns of some names that a part on its way has."""
    return [_column(work, name) for name in names]


def _column(work: Work, name: str) -> pa.Array:
    if name == "target_words":
        return words_array(work.part.sentences.words)
    if name == "source_words":
        return words_array(work.source)
    if name == "source_text":
        texts = work.source.texts
        return pa.nulls(len(work.source), pa.string()) if texts is None else texts.cast(pa.string())
    if name == "problem":
        rows = np.array([problem.sentence for problem in work.problems], np.int64)
        return error_array(len(work.source), rows, [f"{each.reason}: {each.detail}" for each in work.problems])
    if name == "entities":
        assert work.entities is not None
        return entities_array(work.entities, work.labels, work.confidence)
    if name == "alignments":
        assert work.links is not None
        return links_array(work.links)
    assert work.probabilities is not None
    return _probabilities_array(work.probabilities)


def words_array(words: Words) -> pa.Array:
    """Return lists of words."""
    assert words.strings is not None
    return list_array(LISTS_OF_WORDS, words.offsets, words.strings.cast(pa.string()))


def entities_array(entities: Entities, labels: Sequence[str], confidence: NDArray[np.float32] | None) -> pa.Array:
    """Return lists of entities; a confidence that nobody knows is null."""
    size = len(entities.start)
    columns = [
        numbers(entities.start),
        numbers(entities.end),
        name_array(entities.label, labels),
        pa.nulls(size, pa.float32()) if confidence is None else numbers(confidence),
    ]
    return _structs(ENTITIES, entities.offsets, columns)


def links_array(links: Links) -> pa.Array:
    """Return lists of links."""
    return _structs(LINKS, links.offsets, [numbers(links.source), numbers(links.target)])


def source_columns(pairs: SentencePairs, confidence: NDArray[np.float32] | None) -> list[pa.Array]:
    """Return what was projected from, as ``source_words``, ``entities`` and ``alignments``."""
    links = pairs.alignments or Links(np.zeros(len(pairs) + 1, np.int64), *np.zeros((2, 0), np.int32))
    return [
        words_array(pairs.source),
        entities_array(pairs.entities, pairs.labels, confidence),
        links_array(links),
    ]


def _structs(kind: pa.DataType, offsets: Offsets, columns: list[pa.Array]) -> pa.Array:
    return list_array(kind, offsets, pa.Array.from_buffers(kind.value_type, len(columns[0]), [None], children=columns))


def _probabilities_array(found: WordProbabilities) -> pa.Array:
    kind, size = TYPES["probabilities"], len(found.tags)
    names = offsets_of(np.full(len(found), size, np.int64))
    tags = list_array(kind.field("tags").type, names, pa.array(list(found.tags) * len(found), pa.string()))
    values = pa.array(np.ascontiguousarray(found.values, np.float32).reshape(-1))
    return pa.StructArray.from_arrays(
        [tags, list_array(kind.field("values").type, found.offsets * size, values)], fields=list(kind)
    )
