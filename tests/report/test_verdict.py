"""What a comparison says in words."""

from __future__ import annotations

from report_rows import LEARNED, row

from xproj_fast.report.rows import Row
from xproj_fast.report.verdict import verdict


def said(*rows: Row) -> str:
    return " ".join(verdict(rows))


def test_the_best_is_taken_and_what_it_costs_is_said() -> None:
    text = said(row(f1=0.87, level=0.0), row(**LEARNED))
    assert "On this data take greedy with learned scores: F1 0.9000" in text
    assert "100,000 sentences/s on one thread after learning for 0.21 s once." in text
    assert "from 0.880 to 0.920" in text
    assert "No other method is as good" in text
    assert "Its confidence tells right spans from wrong ones (AUC 0.88) and is 0.02 off" in text


def test_what_cannot_be_told_from_the_best_is_named() -> None:
    text = said(row(f1=0.895, level=0.3), row(matcher="exact", f1=0.6, level=0.0), row(**LEARNED))
    assert "cannot be told on these sentences from greedy with alignment scores (F1 0.8950, 810,000 sentences/s" in text
    assert "exact" not in text
    text = said(row(f1=0.895, level=0.3), row(matcher="exact", f1=0.89, level=0.2), row(**LEARNED))
    assert "from 2 other methods; the fastest of them is " in text


def test_of_equals_the_faster_is_taken() -> None:
    """A backend is no other method: numba is not among those that cannot be told from the best."""
    text = said(row(backend="numba", sentences_per_second=1.0), row())
    assert "take greedy: F1 0.9000, 810,000 sentences/s" in text
    assert "cannot be told" not in text


def test_a_confidence_that_says_little_is_said_to() -> None:
    text = said(row(**LEARNED | {"auc": 0.55, "ece": 0.3}))
    assert "hardly tells right spans from wrong ones (AUC 0.55)" in text
    assert "recalibrate it with --gold-sample" in text


def test_the_best_may_have_no_confidence() -> None:
    text = said(row(level=1.0), row(**LEARNED | {"f1": 0.8, "level": 0.0}))
    assert "It has no confidence; that of greedy with learned scores tells" in text
    assert "AUC" not in said(row())


def test_few_sentences_are_said_to_be_few() -> None:
    assert "say little" in said(row(sentences=40))
    assert "say little" not in said(row())


def test_a_capped_ilp_is_not_the_best() -> None:
    text = said(row(matcher="ilp", f1=0.99, sentences=7, f1_low=None, f1_high=None, level=None), row())
    assert "take greedy" in text


def test_without_gold_no_f1_is_invented() -> None:
    none = dict.fromkeys(("f1", "precision", "recall", "f1_low", "f1_high", "level", "auc", "ece"))
    text = said(row(**none), row(**LEARNED | none))
    assert "nothing here says which method is right more often" in text
    assert "take greedy with learned scores, 100,000 sentences/s" in text
    assert "It expects 91% of its spans to be right, if the entities of the source are." in text
    assert "pass them, with their pairs, as --gold" in text
    assert "F1" not in text
    alone = said(row(**none))
    assert "take" not in alone
    assert "expects" not in alone


def test_links_are_named_where_they_are_not_given() -> None:
    text = said(row(links="statistical"), row(links="eflomal", f1=0.5, level=0.0))
    assert "take greedy on statistical links" in text
