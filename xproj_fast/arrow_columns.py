"""Arrow tables out, one row per sentence or sentence pair: our columns, sharing their memory, names as dictionaries.

How they come in: ``arrow_pairs``, ``arrow_labelled``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xproj_fast.arrays import Links, Outcome, Proof, Status, Words
from xproj_fast.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from xproj_fast.labelled import LabelledSentences
    from xproj_fast.pairs import SentencePairs
    from xproj_fast.projection import Projection

OUTCOMES = tuple(outcome.name.lower() for outcome in Outcome)
STATUSES = tuple(status.name.lower() for status in Status)
PROOFS = tuple(proof.name.lower() for proof in Proof)


def pairs_to_arrow(pairs: SentencePairs) -> pa.Table:
    """Return the pairs as a table that ``arrow_pairs`` reads as it is (labels as a dictionary)."""
    from xproj_fast.arrow_arrays import named, numbers, struct_lists, table

    columns: dict[str, Any] = {} if pairs.ids is None else {"id": pairs.ids}
    columns["source_words"] = _words(pairs.source, "source_words")
    columns["target_words"] = _words(pairs.target, "target_words")
    entities = pairs.entities
    known = {
        "start": numbers(entities.start),
        "end": numbers(entities.end),
        "label": named(entities.label, pairs.labels),
    }
    if pairs.source_confidence is not None:
        known["confidence"] = numbers(pairs.source_confidence)
    columns["entities"] = struct_lists(entities.offsets, **known)
    if pairs.alignments is not None:
        columns["alignments"] = _links(pairs.alignments)
    return table(columns)


def projection_to_arrow(result: Projection, *, with_source: bool = False) -> pa.Table:
    """Return a projection as a table, one row per sentence in the order of the input.

    Columns: ``id`` (where there are ids), ``target_words`` list<string> (where there are words), ``tags``
    list<dictionary<string>>, ``spans`` list<struct<entity: int32, start: int32, end: int32,
    label: dictionary<string>, score: float, confidence: float>> (the last where it is known), ``outcomes``
    list<dictionary<string>> (one a source entity), ``objective`` double, ``status`` dictionary<string>, ``proof``
    dictionary<string> (where the matcher proves). ``with_source``: also ``source_words`` list<string>, ``source_tags``
    list<dictionary<string>>, ``alignments`` list<struct<source: int32, target: int32>> (where there are links).
    """
    from xproj_fast.arrow_arrays import lists, named, numbers, struct_lists, table

    pairs, matches = result.pairs, result.matches
    columns: dict[str, Any] = {} if pairs.ids is None else {"id": pairs.ids}
    if pairs.target.strings is not None:
        columns["target_words"] = _words(pairs.target, "target_words")
    columns["tags"] = lists(pairs.target.offsets, named(result.tag_ids(), tuple(result.tag_names)))
    spans = {
        "entity": numbers(matches.entity),
        "start": numbers(matches.start),
        "end": numbers(matches.end),
        "label": named(result.label, pairs.labels),
        "score": numbers(matches.score),
    }
    if result.confidence is not None:
        spans["confidence"] = numbers(result.confidence)
    columns["spans"] = struct_lists(matches.offsets, **spans)
    columns["outcomes"] = lists(pairs.entities.offsets, named(matches.outcome, OUTCOMES))
    columns["objective"] = numbers(matches.objective)
    columns["status"] = named(matches.status, STATUSES)
    if matches.proof is not None:
        columns["proof"] = named(matches.proof, PROOFS)
    return table(columns | (_source(pairs) if with_source else {}))


def _source(pairs: SentencePairs) -> dict[str, Any]:
    from xproj_fast.arrow_arrays import lists, named
    from xproj_fast.labelled import LabelledSentences

    tags = LabelledSentences(pairs.source, pairs.entities, pairs.labels)
    columns: dict[str, Any] = {
        "source_words": _words(pairs.source, "source_words"),
        "source_tags": lists(pairs.source.offsets, named(tags.tag_ids(), tuple(tags.tag_names))),
    }
    if pairs.alignments is not None:
        columns["alignments"] = _links(pairs.alignments)
    return columns


def _links(links: Links) -> Any:
    from xproj_fast.arrow_arrays import numbers, struct_lists

    return struct_lists(links.offsets, source=numbers(links.source), target=numbers(links.target))


def labelled_to_arrow(sentences: LabelledSentences) -> pa.Table:
    """Return labelled sentences as a table, one row per sentence.

    Columns: ``id`` (where there are ids), ``tokens`` list<string> (where there are words), ``tags``
    list<dictionary<string>>, ``spans`` list<struct<start: int32, end: int32, label: dictionary<string>,
    score: float, confidence: float>> (the last two where they are known).
    """
    from xproj_fast.arrow_arrays import lists, named, numbers, struct_lists, table

    columns: dict[str, Any] = {} if sentences.ids is None else {"id": sentences.ids}
    if sentences.words.strings is not None:
        columns["tokens"] = _words(sentences.words, "words")
    columns["tags"] = lists(sentences.words.offsets, named(sentences.tag_ids(), tuple(sentences.tag_names)))
    entities = sentences.entities
    spans = {
        "start": numbers(entities.start),
        "end": numbers(entities.end),
        "label": named(entities.label, sentences.labels),
    }
    if sentences.scores is not None:
        spans["score"] = numbers(sentences.scores)
    if sentences.confidences is not None:
        spans["confidence"] = numbers(sentences.confidences)
    columns["spans"] = struct_lists(entities.offsets, **spans)
    return table(columns)


def _words(words: Words, name: str) -> Any:
    if words.strings is None:
        raise InputError(f"{name}: expected words, got only their number: the pairs were made without strings")
    from xproj_fast.arrow_arrays import lists

    return lists(words.offsets, words.strings)
