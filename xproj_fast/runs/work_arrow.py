"""What flows between the stages of ``label``, as Arrow columns: of fixed types, none of them dictionaries.

A batch has, beside its own columns, what the stages so far have made (``MADE``). They are those of sentence pairs, so
that ``Projector`` reads the same batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, Links, Offsets, WordProbabilities, Words
from xproj_fast.arrow_arrays import numbers
from xproj_fast.arrow_layouts import column_of, list_column, list_items, strings
from xproj_fast.arrow_pairs import Columns, emptied, pairs_from_arrow, without_rows
from xproj_fast.batch_columns import error_array, list_array, name_array, valid_bits
from xproj_fast.batch_schema import without_row
from xproj_fast.errors import InputError
from xproj_fast.pairs import SentencePairs
from xproj_fast.ragged import Rows, offsets_of
from xproj_fast.row_faults import RowFaults
from xproj_fast.runs.batch_words import in_texts, without_words
from xproj_fast.runs.inputs import Part
from xproj_fast.runs.label_steps import Work
from xproj_fast.runs.translations import Problem

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
    "problem": pa.string(),  # why a sentence has no labels, whose other columns here are null: a reason, colon, detail
}
MADE = {
    "translate": ("target_words", "source_words", "source_text", "problem"),
    "tag": ("entities", "problem"),
    "translate back": ("source_words", "source_text", "entities", "problem"),
    "tag target": ("probabilities", "problem"),
    "align": ("alignments", "problem"),
}
Told = tuple[int, str, str]  # row, reason, detail
INVALID = "invalid"  # the reason where it is not the translation that failed: something is wrong with the row


def carried(batch: Any, faults: RowFaults) -> list[Told]:
    """Return row, reason and detail of sentences that could not be translated; faults of rows go where they belong."""
    found = []
    for row, told in enumerate(column_of(batch, "problem").to_pylist()):
        if told is None:
            continue
        reason, _, detail = told.partition(": ")
        if reason == INVALID:
            faults(InputError(f"sentence {row}: {detail}", sentence=row))
        else:
            found.append((row, reason, detail))
    return found


def read_work(
    batch: Any,
    part: Part,
    before: Sequence[str],
    problems: Sequence[Told],
    column: str | None,
    language: str,
    faults: RowFaults,
) -> Work:
    """Return a part on its way from the columns that the stages before have made.

    Args:
        batch: has them.
        part: the text's own words.
        before: the stages that have run.
        problems: what could not be translated; see ``carried``.
        column: of the text's own words.
        language: of the text, for what is said of problems.
        faults: gathers what is wrong with rows.
    """
    told = [Problem(row, reason, detail, language) for row, reason, detail in problems]
    nulls = {problem.sentence for problem in told}  # on purpose
    found = RowFaults()
    words = part.sentences.words
    pairs = None
    if "tag" in before:
        links = "alignments" if "align" in before else None
        where = Columns(target_words=column or "target_words", alignments=links, id=None)
        pairs = pairs_from_arrow(batch, where, faults=found)
        source = pairs.source
    else:
        offsets, values = list_column(batch, "source_words", report=found)
        source = Words(offsets, strings(values, "source_words", offsets, found))
    for error in found.errors():
        if error.sentence not in nulls:
            faults(error)
    work = Work(part, _in_text(batch, source, faults), told)
    if "tag target" in before:
        work.probabilities = _read_probabilities(column_of(batch, "probabilities"), words, nulls, faults)
    if pairs is not None:
        rows = faults.rows
        work.entities, work.labels = without_rows(pairs.entities, rows), pairs.labels
        if pairs.source_confidence is not None:
            work.confidence = emptied(pairs.entities.offsets, rows, pairs.source_confidence)[1]
        work.links = None if pairs.alignments is None else without_rows(pairs.alignments, rows)
    return work


def _in_text(batch: Any, words: Words, faults: RowFaults) -> Words:
    """Return words in the texts that they stand in, where these are known."""
    texts = column_of(batch, "source_text")
    if len(texts) and texts.null_count == len(texts):
        return without_words(words, faults)
    return in_texts(words, [text or "" for text in texts.to_pylist()], "source_words", faults)


def _read_probabilities(column: Any, words: Words, nulls: set[int], faults: RowFaults) -> WordProbabilities:
    """Return probabilities; those of rows that have none, or a wrong number, are zeros: they have no entities."""
    names = column.field("tags").to_pylist()
    tags: list[str] = next((row for row in names if row), [])
    offsets, values = list_items(column.field("values"), "probabilities", RowFaults())
    counts = np.diff(words.offsets)
    good = (np.diff(offsets) == counts * len(tags)) & np.array([row == tags for row in names], np.bool_)
    for row in np.flatnonzero(~good).tolist():
        if row not in nulls and row not in faults:
            expected = f"expected the {len(tags)} tags {', '.join(tags)} for each of {counts[row]:,} words"
            message = f"probabilities: sentence {row}: {expected}, got {offsets[row + 1] - offsets[row]:,} values"
            faults(InputError(message, field="probabilities", sentence=row))
    found = np.zeros((int(words.offsets[-1]), len(tags)), np.float32)
    if tags:
        given = values.to_numpy(zero_copy_only=False)[np.repeat(good, np.diff(offsets))]
        found[np.repeat(good, counts)] = given.reshape(-1, len(tags))
    return WordProbabilities(words.offsets, found, tuple(tags))


def work_columns(work: Work, names: Sequence[str], faults: RowFaults) -> list[pa.Array]:
    """Return the columns of some names that a part on its way has.

    Args:
        work: the part.
        names: of the columns.
        faults: what is wrong with rows.
    """
    told = {problem.sentence: f"{problem.reason}: {problem.detail}" for problem in work.problems}
    told |= {row: f"{INVALID}: {message}" for row, message in messages_of(faults).items()}
    rows = np.array(sorted(told), np.int64)
    valid = valid_bits(len(work.source), rows)
    return [_column(work, name, told, rows, valid, faults) for name in names]


def messages_of(faults: RowFaults) -> dict[int, str]:
    """Return what is wrong with each row at fault."""
    return dict(zip(faults.rows.tolist(), map(without_row, faults.errors()), strict=True))


def _column(
    work: Work, name: str, told: dict[int, str], rows: Rows, valid: pa.Buffer | None, faults: RowFaults
) -> pa.Array:
    if name == "target_words":
        return target_words(work.part.sentences.words, faults.rows)
    if name == "source_words":
        return words_array(work.source, valid)
    if name == "source_text":
        texts = None if work.source.texts is None else work.source.texts.to_pylist()
        kept = [None] * len(work.source) if texts is None else [None if s in told else t for s, t in enumerate(texts)]
        return pa.array(kept, pa.string())
    if name == "problem":
        return error_array(len(work.source), rows, [told[row] for row in rows.tolist()])
    if name == "entities":
        assert work.entities is not None
        return entities_array(work.entities, work.labels, work.confidence, valid)
    if name == "alignments":
        assert work.links is not None
        return links_array(work.links, valid)
    assert work.probabilities is not None
    return _probabilities_array(work.probabilities, rows)


def target_words(words: Words, rows: Rows) -> pa.Array:
    """Return the text's own words; null of rows at fault."""
    return words_array(words, valid_bits(len(words), rows))


def words_array(words: Words, valid: pa.Buffer | None = None) -> pa.Array:
    """Return lists of words."""
    assert words.strings is not None
    return list_array(LISTS_OF_WORDS, words.offsets, words.strings.cast(pa.string()), valid)


def entities_array(
    entities: Entities, labels: Sequence[str], confidence: NDArray[np.float32] | None, valid: pa.Buffer | None = None
) -> pa.Array:
    """Return lists of entities; a confidence that nobody knows is null."""
    size = len(entities.start)
    columns = [
        numbers(entities.start),
        numbers(entities.end),
        name_array(entities.label, labels),
        pa.nulls(size, pa.float32()) if confidence is None else numbers(confidence),
    ]
    return _structs(ENTITIES, entities.offsets, columns, valid)


def links_array(links: Links, valid: pa.Buffer | None = None) -> pa.Array:
    """Return lists of links."""
    return _structs(LINKS, links.offsets, [numbers(links.source), numbers(links.target)], valid)


def source_columns(pairs: SentencePairs, confidence: NDArray[np.float32] | None, rows: Rows) -> list[pa.Array]:
    """Return what was projected from, as ``source_words``, ``entities`` and ``alignments``; null of some rows."""
    links = pairs.alignments or Links(np.zeros(len(pairs) + 1, np.int64), *np.zeros((2, 0), np.int32))
    valid = valid_bits(len(pairs), rows)
    return [
        words_array(pairs.source, valid),
        entities_array(pairs.entities, pairs.labels, confidence, valid),
        links_array(links, valid),
    ]


def _structs(kind: pa.DataType, offsets: Offsets, columns: list[pa.Array], valid: pa.Buffer | None) -> pa.Array:
    items = pa.Array.from_buffers(kind.value_type, len(columns[0]), [None], children=columns)
    return list_array(kind, offsets, items, valid)


def _probabilities_array(found: WordProbabilities, rows: Rows) -> pa.Array:
    kind, size = TYPES["probabilities"], len(found.tags)
    names = offsets_of(np.full(len(found), size, np.int64))
    tags = list_array(kind.field("tags").type, names, pa.array(list(found.tags) * len(found), pa.string()))
    values = pa.array(np.ascontiguousarray(found.values, np.float32).reshape(-1))
    none = np.zeros(len(found), np.bool_)
    none[rows] = True
    return pa.StructArray.from_arrays(
        [tags, list_array(kind.field("values").type, found.offsets * size, values)],
        fields=list(kind),
        mask=pa.array(none),
    )
