"""What a comparison says in words: which method to take, how sure that is, how fast it is."""

from __future__ import annotations

from collections.abc import Sequence

from xproj_fast.calibration import FEWEST_SENTENCES
from xproj_fast.report.contenders import GIVEN
from xproj_fast.report.rows import Row
from xproj_fast.wording import count

DOUBT = 0.05  # a row that is at least as good in so large a share of the draws cannot be told from the best


def verdict(rows: Sequence[Row]) -> list[str]:
    """Return sentences that answer: which method would I take on this data, how sure, how fast?

    Args:
        rows: of ``compare``.
    """
    whole = max(row.sentences for row in rows)
    full = [row for row in rows if row.sentences == whole]
    return _with_gold(full) if all(row.f1 is not None for row in full) else _without_gold(full)


def _with_gold(rows: Sequence[Row]) -> list[str]:
    best = max(rows, key=lambda row: (_f1(row), row.sentences_per_second))
    said = [f"On this data take {name_of(best, rows)}: F1 {_f1(best):.4f}, {_speed(best)}."]
    if best.f1_low is not None and best.f1_high is not None:
        said.append(
            f"Other {count(best.sentences, 'sentence')} of the same kind would give it an F1 from {best.f1_low:.3f} to "
            f"{best.f1_high:.3f} (95% of 1,000 draws of these)."
        )
    others = [row for row in rows if row.level is not None and finds(row) != finds(best)]
    close = [row for row in others if row.level is not None and row.level >= DOUBT]
    if close:
        fastest = max(close, key=lambda row: row.sentences_per_second)
        methods = len({finds(row) for row in close})
        several = f"{count(methods, 'other method')}; the fastest of them is " if methods > 1 else ""
        said.append(
            f"It cannot be told on these sentences from {several}{name_of(fastest, rows)} (F1 {_f1(fastest):.4f}, "
            f"{_speed(fastest)})."
        )
    elif others:
        said.append("No other method is as good in 5% of these draws.")
    said += _confidence(best, rows)
    if best.sentences < FEWEST_SENTENCES:
        said.append(
            f"{count(best.sentences, 'sentence')} of gold say little: {FEWEST_SENTENCES} or more would say more."
        )
    return said


def _confidence(best: Row, rows: Sequence[Row]) -> list[str]:
    sure = best if best.auc is not None else max((r for r in rows if r.auc is not None), key=_f1, default=None)
    if sure is None or sure.auc is None or sure.ece is None:
        return []
    own = sure is best
    which = "Its confidence" if own else f"It has no confidence; that of {name_of(sure, rows)}"
    judged = "tells right spans from wrong ones" if sure.auc >= 0.7 else "hardly tells right spans from wrong ones"
    trust = "" if sure.ece <= 0.1 else "; recalibrate it with --gold-sample before you trust its level"
    return [f"{which} {judged} (AUC {sure.auc:.2f}) and is {sure.ece:.2f} off in the mean (ECE){trust}."]


def _without_gold(rows: Sequence[Row]) -> list[str]:
    said = [
        "Without gold labels nothing here says which method is right more often: objectives of different scores cannot "
        "be compared."
    ]
    learned = next((row for row in rows if row.confidence is not None), None)
    if learned is not None and learned.confidence is not None:
        said.append(
            "On the labelled corpora tried (docs: benchmarks, labels) the learned score was never worse than the "
            f"alignment score: take {name_of(learned, rows)}, {_speed(learned)}. It expects {learned.confidence:.0%} "
            "of its spans to be right, if the entities of the source are."
        )
    said.append(
        f"To know: label {FEWEST_SENTENCES} sentences or more of the target side and pass them, with their pairs, as "
        "--gold."
    )
    return said


def name_of(row: Row, rows: Sequence[Row]) -> str:
    """Return what tells a row from the others: its matcher, and its scores, links and limit where these differ."""
    several = {name: len({getattr(each, name) for each in rows} - {None}) > 1 for name in ("scores", "links", "limit")}
    parts = [row.matcher]
    if row.scores is not None and several["scores"]:
        parts.append(f"with {row.scores} scores")
    if several["limit"] and row.limit is not None:
        parts.append(f"({row.limit})")
    if several["links"] or row.links != GIVEN:
        parts.append(f"on {row.links} links")
    return " ".join(parts)


def _speed(row: Row) -> str:
    learnt = "" if row.learnt_in is None else f" after learning for {row.learnt_in:.2f} s once"
    return f"{_round(row.sentences_per_second)} sentences/s on one thread{learnt}"


def _round(rate: float) -> str:
    """Return a rate in two significant digits: more would be noise."""
    return f"{float(f'{rate:.1e}'):,.0f}"


def finds(row: Row) -> tuple[object, ...]:
    """Return what is the same for rows that find the same spans: backends do not differ in that."""
    return row.links, row.scores, row.matcher, row.limit


def _f1(row: Row) -> float:
    return row.f1 or 0.0
