"""Greedy against exact matching: what optimality gives, and how each sentence was proved.

python examples/compare_matchers.py
"""

from collections import Counter
from pathlib import Path

import xproj_fast as xp

DEMO = Path(xp.__file__).parent / "data" / "demo"


def main() -> None:
    pairs = xp.read_pairs(DEMO / "en.conll", DEMO / "ru.words", DEMO / "en-ru.pharaoh")
    # The more spans an entity may have, the more there is to choose.
    for limit in ("<=1", "<=2"):
        greedy = xp.project(pairs, limit=limit)
        exact = xp.project(pairs, limit=limit, matcher="exact")
        gain = exact.matches.objective - greedy.matches.objective
        short = int((gain > 1e-6).sum())
        print(
            f"{limit}: objective {greedy.matches.objective.sum():.2f} greedy, {exact.matches.objective.sum():.2f} exact; "
            f"greedy falls short in {short} of {len(pairs)} sentences"
        )
        proofs = Counter(xp.Proof(proof).name.lower() for proof in exact.matches.proof)
        print("  proved by", ", ".join(f"{name}: {number}" for name, number in sorted(proofs.items())))


if __name__ == "__main__":
    main()
