"""Label raw text by way of English: translate, tag, align, project. Models: `make tiny-models`, or export real ones.

python examples/label_text.py MODELS TEXT LANGUAGE OUT      models models/news.txt swh_Latn news.conll
"""

import sys
from pathlib import Path

import xproj_fast as xp


def main(models: str, text: str, language: str, out: str) -> None:
    summary = xp.label(
        text,
        out,
        language=language,
        translator=Path(models, "nllb"),
        tagger=Path(models, "ner"),
        aligner=Path(models, "align"),
    )
    print(summary)


if __name__ == "__main__":
    main(*sys.argv[1:])
