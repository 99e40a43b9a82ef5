"""Projected labels against gold labels, in seven languages; and the first sentences that went wrong.

python examples/evaluate_on_gold.py
"""

from pathlib import Path

import xproj_fast as xp

DEMO = Path(xp.__file__).parent / "data" / "demo"


def main() -> None:
    for language in ("de", "es", "ru", "ja", "ar", "zh", "hi"):
        pairs = xp.read_pairs(DEMO / "en.conll", DEMO / f"{language}.words", DEMO / f"en-{language}.pharaoh")
        gold = xp.read_labelled(DEMO / f"{language}.gold.conll")
        result = xp.project(pairs)
        found = xp.evaluate(gold, result).micro
        print(f"{language}: F1 {found.f1:.3f}, precision {found.precision:.3f}, recall {found.recall:.3f}")
        wrong = [i for i, (a, b) in enumerate(zip(gold.tags(), result.tags(), strict=True)) if a != b]
        for i in wrong[:1]:
            print("  " + " ".join(pairs.target.to_lists()[i]))
            print("  gold     ", " ".join(gold.tags()[i]))
            print("  projected", " ".join(result.tags()[i]))


if __name__ == "__main__":
    main()
