"""Greedy against exact matching: what optimality gives, and how each sentence was proved.

python examples/compare_matchers.py
"""

from collections import Counter
from pathlib import Path

import xproj_fast as xp

DEMO = Path(xp.__file__).parent / "data" / "demo"


def main() -> None:
    pairs = xp.read_pairs(DEMO / "en.conll", DEMO / "ru.words", DEMO / "en-ru.pharaoh")
    # Above one, two linked words score more apart (4/3) than together (1): see forbid_adjacent.
    for limit in ("<=1", "<=2"):
        greedy = xp.project(pairs, limit=limit)
        exact = xp.project(pairs, limit=limit, matcher="exact")
        sums = [float(result.matches.objective.sum()) for result in (greedy, exact)]
        short = int((exact.matches.objective - greedy.matches.objective > 1e-6).sum())
        print(f"{limit}: objective {sums[0]:.2f} greedy, {sums[1]:.2f} exact; greedy falls short in {short} sentences")
        proofs = Counter(xp.Proof(proof).name.lower() for proof in exact.matches.proof)
        print("  proved by", ", ".join(f"{name}: {number}" for name, number in sorted(proofs.items())))


if __name__ == "__main__":
    main()
