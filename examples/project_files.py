"""Project the labels of English sentences onto their German translations: files in, a file out.

python examples/project_files.py [OUT.conll]
"""

import sys
from pathlib import Path

import xproj_fast as xp

DEMO = Path(xp.__file__).parent / "data" / "demo"


def main(out: str) -> None:
    pairs = xp.read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh")
    result = xp.project(pairs)
    xp.write(result, out)

    words, tags = pairs.target.to_lists()[0], result.tags()[0]
    print(" ".join(f"{word}/{tag}" if tag != "O" else word for word, tag in zip(words, tags, strict=True)))
    counts = result.counts()
    print(f"{out}: {counts['projected']} of {counts['entities']} entities in {counts['sentences']} sentences")


if __name__ == "__main__":
    main(*sys.argv[1:] or ["de.projected.conll"])
