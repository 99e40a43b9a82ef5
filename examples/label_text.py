"""Label raw text by way of English: translate, tag, align, project. Models: `make tiny-models`, or export real ones.

python examples/label_text.py MODELS TEXT LANGUAGE OUT
python examples/label_text.py models models/news.txt swh_Latn news.conll
"""

import sys
from pathlib import Path

import xproj_fast as xp


def main(folder: str, text: str, language: str, out: str) -> None:
    models = xp.LabelModels(
        tagger=xp.Tagger.load(Path(folder, "ner")),
        translator=xp.Translator.load(Path(folder, "nllb")),
        aligner=xp.Aligner.load(Path(folder, "align")),
    )
    options = xp.LabelOptions(language, method=xp.Method(matcher="exact"))
    summary = xp.label(text, out, models, options, resume=True)  # continues where a killed run stopped
    device = summary["devices"]["translator"]
    print(f"{out}: {summary['sentences']} sentences in {summary['seconds']:.1f} s on {device}")


if __name__ == "__main__":
    main(*sys.argv[1:])
