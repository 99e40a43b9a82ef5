"""Turns what the check kernels find into errors that say what, got, expected and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec

import numpy as np
from numpy.typing import NDArray

from xproj_fast import arrow_checks
from xproj_fast.arrays import Entities, Links, Offsets, Record, Spans, WordProbabilities, Words, sentence_of
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.kernels.protocol import MOST_IN_SENTENCE, Fault, Finding, Kernels, SpanRule
from xproj_fast.ragged import per_item
from xproj_fast.row_faults import Report, raise_it, report_items
from xproj_fast.wording import listed

if TYPE_CHECKING:
    import pyarrow as pa

P = ParamSpec("P")
NAME_EXPECTED = "non-empty names without white space"
MOST_PROBABILITY = 1.001  # a softmax in half precision may round to a little more than 1


def check_same_length(
    source: Words, target: Words, entities: Entities, alignments: Links | None, ids: pa.Array | None
) -> None:
    """Check that all columns have the same number of sentences."""
    counts = {
        "source_words": max(len(source.offsets) - 1, 0),
        "target_words": max(len(target.offsets) - 1, 0),
        "entities": max(len(entities.offsets) - 1, 0),
    }
    if alignments is not None:
        counts["alignments"] = max(len(alignments.offsets) - 1, 0)
    if ids is not None:
        counts["ids"] = len(ids)
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        raise InputError(f"expected the same number of sentences everywhere, got {listed}")


def check_dtypes(field: str, record: object, kind: type[Record]) -> None:
    """Check that a record is one, and its arrays what the kernels take as they are: int64 offsets, int32 values."""
    if not isinstance(record, kind):
        raise InputError(f"{field}: expected {kind.__name__}, got {type(record).__name__}", field=field)
    for name in record.__dataclass_fields__:
        values = getattr(record, name)
        if name in ("strings", "texts") or (values is None and name.startswith("text_")):
            continue
        wanted = np.int64 if name == "offsets" else np.int32
        if not isinstance(values, np.ndarray) or values.dtype != wanted or values.ndim != 1:
            got = f"{values.dtype}{list(values.shape)}" if isinstance(values, np.ndarray) else type(values).__name__
            raise InputError(f"{field}: expected {name} as {np.dtype(wanted)}[n], got {got}", field=field)
        check_layout(field, name, values)


def check_layout(field: str, name: str, values: NDArray[Any]) -> None:
    """Check that values lie one behind the other where their type may lie, as the kernels read them."""
    if not values.flags.c_contiguous:
        raise InputError(f"{field}: expected {name} as a contiguous array, got one with steps", field=field)
    if not values.flags.aligned:
        raise InputError(f"{field}: expected {name} as an aligned array, got one between addresses", field=field)


def check_words(kernels: Kernels, words: Words, field: str) -> None:
    """Check the offsets of words, against the strings where there are any."""
    check_dtypes(field, words, Words)
    last = int(words.offsets[-1]) if len(words.offsets) else 0
    total = last if words.strings is None else len(words.strings)
    check_offsets(kernels, words.offsets, total, field, "words")
    if words.strings is not None:
        _check_no_nulls(words, field)
        arrow_checks.check_strings(words.strings, field)
    if words.texts is not None:
        arrow_checks.check_strings(words.texts, field)
        if len(words.texts) != len(words) or words.text_start is None or words.text_end is None:
            raise InputError(
                f"{field}: expected one text per sentence, {len(words):,}, and where each word stands in it, got "
                f"{len(words.texts):,} texts",
                field=field,
            )
    for name, places in (("text_start", words.text_start), ("text_end", words.text_end)):
        if places is not None and len(places) != total:
            raise InputError(f"{field}: expected {total:,} values in {name}, got {len(places):,}", field=field)


def _check_no_nulls(words: Words, field: str) -> None:
    import pyarrow as pa

    if isinstance(words.strings, pa.Array) and words.strings.null_count:
        nulls = np.flatnonzero(words.strings.is_null().to_numpy(zero_copy_only=False))
        report_items(raise_it, words.offsets, nulls, field, "expected a word, got null")


def check_entities(
    kernels: Kernels,
    entities: Entities,
    words: Words,
    labels: int,
    *,
    nested: bool,
    side: str = "",
    report: Report = raise_it,
) -> None:
    """Check entities against their sentences (``side``, ``report`` as in ``check_spans``) and the number of labels."""
    _check_equal_sizes("entities", start=entities.start, end=entities.end, label=entities.label)
    rule = SpanRule.OVERLAPPING if nested else SpanRule.DISJOINT
    check_spans(kernels, entities, words.offsets, rule, "entities", side, report)
    for found in _findings(kernels.check_labels, kernels.each_label_fault, report)(
        entities.offsets, entities.label, labels
    ):
        if found.sentence in report:
            continue
        error = InputError(
            f"entities: sentence {found.sentence}, entity {found.item - int(entities.offsets[found.sentence])}: "
            f"expected a label id in [0, {labels}), got {int(entities.label[found.item])}",
            field="entities",
            sentence=found.sentence,
        )
        report(error)


def check_spans(
    kernels: Kernels,
    spans: Spans,
    word_offsets: Offsets,
    rule: SpanRule,
    field: str,
    side: str,
    report: Report = raise_it,
) -> None:
    """Check spans against their sentences.

    Args:
        kernels: that look.
        spans: to be checked.
        word_offsets: of the sentences.
        rule: what the spans of a sentence must satisfy.
        field: names the spans in messages.
        side: names the sentences in messages, with a space behind: ``"source "``.
        report: called with the first error of each sentence; what is wrong with the arrays as a whole is raised.

    Raises:
        InputError: for the first fault, where ``report`` raises it.
    """
    _check_equal_sizes(field, start=spans.start, end=spans.end)
    check_offsets(kernels, spans.offsets, len(spans.start), field, "spans")
    for found in _findings(kernels.check_spans, kernels.each_span_fault, report)(spans, word_offsets, rule):
        if found.sentence not in report:
            report(_span_error(found, spans, word_offsets, rule, field, side))


def _findings(
    first: Callable[P, Finding], each: Callable[P, list[Finding]], report: Report
) -> Callable[P, list[Finding]]:
    """Return a check that finds what ``report`` wants to know: the first fault, or that of each sentence."""
    if report is not raise_it:
        return each

    def found(*args: P.args, **kwargs: P.kwargs) -> list[Finding]:
        finding = first(*args, **kwargs)
        return [] if finding.fault is Fault.NONE else [finding]

    return found


def _span_error(
    found: Finding, spans: Spans, word_offsets: Offsets, rule: SpanRule, field: str, side: str
) -> InputError:
    s, i = found.sentence, found.item
    span = f"[{int(spans.start[i])}, {int(spans.end[i])})"
    if found.fault is Fault.BOUNDS:
        expected = f"a span inside the {int(word_offsets[s + 1] - word_offsets[s])} {side}words, got {span}"
    elif found.fault is Fault.EMPTY:
        expected = f"a span with start < end, got {span}"
    else:
        after = f"got {span} after [{int(spans.start[i - 1])}, {int(spans.end[i - 1])})"
        if found.fault is Fault.OVERLAP:
            expected = f"spans that share no word, {after} (nested=True allows it)"
        else:
            expected = f"spans ordered by start{' and end' if rule is SpanRule.DISTINCT else ''}, {after}"
    return InputError(
        f"{field}: sentence {s}, span {i - int(spans.offsets[s])}: expected {expected}",
        field=field,
        sentence=s,
    )


def check_links(kernels: Kernels, links: Links) -> None:
    """Check that the arrays of links fit together, whatever sentences they belong to."""
    check_dtypes("alignments", links, Links)
    _check_equal_sizes("alignments", source=links.source, target=links.target)
    check_offsets(kernels, links.offsets, len(links.source), "alignments", "links")


def check_alignments(kernels: Kernels, links: Links, source: Words, target: Words, report: Report = raise_it) -> None:
    """Check that links of the right dtypes fit together, and that each stays inside its pair; see ``check_spans``."""
    _check_equal_sizes("alignments", source=links.source, target=links.target)
    check_offsets(kernels, links.offsets, len(links.source), "alignments", "links")
    all_found = _findings(kernels.check_links, kernels.each_link_fault, report)(links, source.offsets, target.offsets)
    new = [found for found in all_found if found.sentence not in report]
    hint = _numbering_hint(links, source, target, new[0]) if new else ""
    for found in new:
        s, i = found.sentence, found.item
        side, words = ("source", source) if found.fault is Fault.BOUNDS else ("target", target)
        index = links.source[i] if found.fault is Fault.BOUNDS else links.target[i]
        count = int(words.offsets[s + 1] - words.offsets[s])
        error = InputError(
            f"alignments: sentence {s}, link {int(links.source[i])}-{int(links.target[i])}: expected a {side} word "
            f"index in [0, {count}), got {int(index)}{hint}",
            field="alignments",
            sentence=s,
        )
        report(error)


def _numbering_hint(links: Links, source: Words, target: Words, first: Finding) -> str:
    """Return what links out of range would fit, all of them: the sides swapped, or words counted from 1."""
    # The one at fault first: it says no nearly always, and all links are many.
    a, b, s = int(links.source[first.item]), int(links.target[first.item]), first.sentence
    of_source, of_target = (int(words.offsets[s + 1] - words.offsets[s]) for words in (source, target))
    words = source.offsets, target.offsets
    if 0 <= b < of_source and 0 <= a < of_target and _fit(links.target, links.source, links.offsets, *words):
        return " (the links fit the other way round: expected source-target, are they target-source?)"
    if 0 < a <= of_source and 0 < b <= of_target and _fit(links.source - 1, links.target - 1, links.offsets, *words):
        return " (the links fit when words are counted from 1: expected them to count from 0)"
    return ""


def _fit(a: NDArray[np.int32], b: NDArray[np.int32], offsets: Offsets, source: Offsets, target: Offsets) -> bool:
    """Return whether links from ``a`` to ``b`` stay inside their sentences."""
    source_words, target_words = (per_item(np.diff(words), offsets) for words in (source, target))
    return bool(((a >= 0) & (a < source_words) & (b >= 0) & (b < target_words)).all())


def check_per_entity(field: str, values: NDArray[Any], entities: Entities) -> None:
    """Check that there is one float32 per entity."""
    if not isinstance(values, np.ndarray) or values.dtype != np.float32 or values.shape != entities.start.shape:
        got = f"{values.dtype}{list(values.shape)}" if isinstance(values, np.ndarray) else type(values).__name__
        raise InputError(f"{field}: expected float32[{len(entities.start)}], one per entity, got {got}", field=field)


def check_confidences(confidences: NDArray[np.float32], entities: Entities, field: str = "confidences") -> None:
    """Check that there is one probability per entity."""
    check_per_entity(field, confidences, entities)
    fine = (confidences >= 0) & (confidences <= 1)  # NaN is neither
    if not fine.all():
        item = int(np.argmin(fine))
        s = sentence_of(entities.offsets, item)
        raise InputError(
            f"{field}: sentence {s}, entity {item - int(entities.offsets[s])}: expected a probability from 0 to 1, "
            f"got {confidences[item]}",
            field=field,
            sentence=s,
        )


def check_probabilities(probabilities: WordProbabilities, target: Words) -> None:
    """Check that a tagger's word probabilities are those of the target words."""
    field = "probabilities"
    if not isinstance(probabilities, WordProbabilities):
        got = type(probabilities).__name__
        raise InputError(f"{field}: expected the WordProbabilities of the target words, got {got}", field=field)
    offsets, values, tags = probabilities.offsets, probabilities.values, probabilities.tags
    if not isinstance(offsets, np.ndarray) or offsets.dtype != np.int64 or offsets.ndim != 1:
        got = f"{offsets.dtype}{list(offsets.shape)}" if isinstance(offsets, np.ndarray) else type(offsets).__name__
        raise InputError(f"{field}: expected offsets as int64[n], got {got}", field=field)
    check_layout(field, "offsets", offsets)
    if len(offsets) != len(target.offsets):
        raise InputError(f"{field}: expected {len(target)} sentences, got {len(offsets) - 1}", field=field)
    differ = np.diff(offsets) != np.diff(target.offsets)
    if offsets[0] != 0 or differ.any():
        s = int(np.argmax(differ)) if len(differ) else 0
        expected, got = (np.diff(o)[s : s + 1].tolist() for o in (target.offsets, offsets))
        raise InputError(
            f"{field}: sentence {s}: expected offsets (from 0) of its {expected} target words, got {got} words",
            field=field,
            sentence=s,
        )
    wanted = (int(target.offsets[-1]), len(tags))
    if not isinstance(values, np.ndarray) or values.dtype != np.float32 or not values.flags.c_contiguous:
        got = f"{values.dtype}{list(values.shape)}" if isinstance(values, np.ndarray) else type(values).__name__
        raise InputError(f"{field}: expected values as a contiguous float32[words, tags], got {got}", field=field)
    check_layout(field, "values", values)
    if values.shape != wanted:
        raise InputError(f"{field}: expected values of shape {wanted}, got {values.shape}", field=field)
    if len(set(tags)) != len(tags) or not probabilities.class_columns():
        raise InputError(f"{field}: expected distinct tags such as O, B-PER, I-PER, got {list(tags)}", field=field)
    if values.size and not (values.min() >= 0 and values.max() <= MOST_PROBABILITY):  # also false for NaN
        word, column = divmod(int(np.argmin((values >= 0) & (values <= MOST_PROBABILITY))), len(tags))
        s = sentence_of(offsets, word)
        raise InputError(
            f"{field}: sentence {s}, word {word - int(offsets[s])}, tag {tags[column]}: expected a probability "
            f"from 0 to 1, got {values[word, column]}",
            field=field,
            sentence=s,
        )


def check_classes(probabilities: WordProbabilities, classes: Sequence[str] | None) -> tuple[str, ...]:
    """Return the classes that count, of those a tagger knows; None = all."""
    known = tuple(probabilities.class_columns())
    if classes is None:
        return known
    if isinstance(classes, str):
        raise InputError(f"classes: expected a list of names, got the string {classes!r}", field="classes")
    unknown = [name for name in classes if name not in known]
    if not classes:
        raise InputError(f"classes: expected some of the tagger's, {listed(known)}, got none", field="classes")
    if unknown:
        raise unknown_name("classes", unknown[0], known, "some of the tagger's,")
    return tuple(dict.fromkeys(classes))


def is_unicode(text: str) -> bool:
    """Return whether a string is text that UTF-8 can hold: no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_name(name: object) -> bool:
    """Return whether something can be a label."""
    return isinstance(name, str) and name.split() == [name] and is_unicode(name)


def check_names(labels: Sequence[str]) -> None:
    """Check that label names are distinct, non-empty strings that fit into a tag."""
    if isinstance(labels, str):
        raise InputError(f"labels: expected a list of names, got {labels!r}", field="labels")
    if len(labels) > MOST_IN_SENTENCE:
        raise InputError(f"labels: expected at most {MOST_IN_SENTENCE:,} names, got {len(labels):,}", field="labels")
    for name in labels:
        if not is_name(name):
            raise InputError(f"labels: expected {NAME_EXPECTED}, got {name!r}", field="labels")
    if len(set(labels)) != len(labels):
        raise InputError(f"labels: expected distinct names, got {list(labels)}", field="labels")


def check_offsets(kernels: Kernels, offsets: Offsets, values: int, field: str, what: str) -> None:
    """Check that offsets start at 0, never decrease, end at ``values``, and give no sentence too many."""
    found: Finding = kernels.check_offsets(offsets, values)
    if found.fault is Fault.NONE:
        return
    s = min(found.sentence, max(len(offsets) - 2, 0))  # an error at the end is blamed on the last sentence
    got = {
        Fault.FIRST_OFFSET: lambda: f"offsets that start at 0, got {offsets[:1].tolist()}",
        Fault.DECREASING: lambda: f"offsets that never decrease, got {int(offsets[s])} then {int(offsets[s + 1])}",
        Fault.LAST_OFFSET: lambda: f"a last offset equal to the {values} {what}, got {int(offsets[-1])}",
        Fault.TOO_MANY: lambda: f"at most {MOST_IN_SENTENCE:,} {what}, got {int(offsets[s + 1] - offsets[s]):,}",
    }[found.fault]()
    raise InputError(f"{field}: sentence {s}: expected {got}", field=field, sentence=s)


def _check_equal_sizes(field: str, **arrays: NDArray[Any]) -> None:
    sizes = [len(values) for values in arrays.values()]
    if len(set(sizes)) > 1:
        got = dict(zip(arrays, sizes, strict=True))
        raise InputError(f"{field}: expected arrays of one length, got {got}", field=field)
