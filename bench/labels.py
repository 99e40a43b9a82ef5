"""Prints the table of docs/benchmarks/labels.md: labels and confidences made without a gold label, and their targets.

make labels-table    (or: .venv/bin/python bench/labels.py [--rows GROUP,GROUP] [--again] [-o FILE])

A group of rows that is in FILE (default: out/labels.json) is not measured again unless it is named, or with --again: so
a run that was stopped goes on. Gold is looked at for evaluation alone.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import label_aligner
import label_scores
from corpora import require_data
from goals import Goal

GROUPS: dict[str, Callable[[], list[Goal]]] = {**label_scores.GROUPS, **label_aligner.GROUPS}


def main() -> int:
    """Measure what is missing, print all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", metavar="A,B", help=f"groups of rows to measure: {','.join(GROUPS)}")
    parser.add_argument("--again", action="store_true", help="measure everything anew")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/labels.json"), metavar="FILE")
    args = parser.parse_args()
    require_data()
    logging.getLogger("xproj_fast").setLevel(logging.ERROR)  # that 40 pairs are few is known
    named = args.rows.split(",") if args.rows else list(GROUPS)
    for name in named:
        if name not in GROUPS:
            parser.error(f"--rows: expected some of {', '.join(GROUPS)}, got {name!r}")
    known = json.loads(args.output.read_text("utf-8")) if args.output.exists() else {}
    for name in named:
        if name in known and not (args.rows or args.again):
            continue
        started = time.perf_counter()
        goals = GROUPS[name]()
        known[name] = {
            "date": str(date.today()),
            "seconds": round(time.perf_counter() - started, 1),
            "rows": [goal.to_dict() for goal in goals],
        }
        args.output.parent.mkdir(parents=True, exist_ok=True)
        args.output.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(f"({name}: {known[name]['seconds']} s)", file=sys.stderr, flush=True)
    known = {name: known[name] for name in GROUPS if name in known}
    rows = [Goal(**row) for group in known.values() for row in group["rows"]]
    worst = label_scores.worst(rows)
    print("| what | target | measured | met |\n|---|--:|--:|---|")
    for goal in [*rows, *worst]:
        print(goal.line())
    aimed = [goal for goal in [*rows, *worst] if goal.met is not None]
    print(f"\n{sum(bool(goal.met) for goal in aimed)} of {len(aimed)} targets met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
