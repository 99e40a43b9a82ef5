"""What one call costs for one sentence pair: 8 words per side, 2 entities, 8 links.

    .venv/bin/python bench/one_pair.py [--rounds 15]

Prints the median over the rounds, in microseconds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import xproj_fast as xp

from timing import median_of, paired

WORDS = [[f"word{i}" for i in range(8)]]
ENTITIES = [[(0, 2, "PER"), (4, 6, "LOC")]]
LINKS = [[(i, i) for i in range(8)]]
CALLS = 500  # a round


def many(call: Callable[[], object]) -> Callable[[], None]:
    def calls() -> None:
        for _ in range(CALLS):
            call()

    return calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    pairs = xp.SentencePairs.from_lists(WORDS, WORDS, ENTITIES, LINKS)
    result = xp.project(pairs)
    cases: dict[str, Callable[[], object]] = {
        "SentencePairs.from_lists": lambda: xp.SentencePairs.from_lists(WORDS, WORDS, ENTITIES, LINKS),
        "project": lambda: xp.project(pairs),
        "project, exact": lambda: xp.project(pairs, matcher="exact"),
        "Projection.to_arrow": result.to_arrow,
        "Projection.tags": result.tags,
    }
    seconds = median_of(paired({name: many(call) for name, call in cases.items()}, rounds))
    for name, each in seconds.items():
        print(f"{name:<26}{each / CALLS * 1e6:7.1f} us")


if __name__ == "__main__":
    main()
