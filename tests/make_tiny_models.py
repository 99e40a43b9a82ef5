"""Trains and exports the toy language's models, so that README's pipelines run without a model hub.

    make tiny-models        (or: .venv/bin/python tests/make_tiny_models.py models)

Writes nllb, ner and align, exported from Hugging Face checkpoints in the folder checkpoints, a text to label
(news.txt), its right labels (news.gold.conll), and labelled English to make training data from (train.conll). The
language is made up (see toy_language.py); its code is swh_Latn, because a tokenizer needs one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tiny_stack import LAYER, trained_aligner, trained_tagger
from tiny_translator import trained_nllb
from toy_language import PAIRS, text

from xproj_fast.export.aligner import export_aligner
from xproj_fast.export.tagger import export_tagger
from xproj_fast.export.translator import export_translator

SENTENCES = 200


def conll(words: tuple[str, ...], entities: tuple[tuple[int, int, str], ...]) -> str:
    tags = ["O"] * len(words)
    for start, end, label in entities:
        tags[start:end] = ["B-" + label, *["I-" + label] * (end - start - 1)]
    return "".join(f"{word}\t{tag}\n" for word, tag in zip(words, tags, strict=True)) + "\n"


def main(folder: Path) -> None:
    checkpoints = folder / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    print("training a translator, a tagger and an aligner of a made-up language: about a minute", file=sys.stderr)
    export_translator(trained_nllb(checkpoints / "nllb"), folder / "nllb", force=True)
    export_tagger(trained_tagger(checkpoints / "ner"), folder / "ner", force=True)
    export_aligner(trained_aligner(checkpoints / "align", steps=1500), folder / "align", layer=LAYER, force=True)
    write_texts(folder)
    print(f"{folder}: nllb, ner, align, news.txt, news.gold.conll, train.conll", file=sys.stderr)


def write_texts(folder: Path) -> None:
    news, train = PAIRS[:SENTENCES], PAIRS[SENTENCES:]  # of which the models are sure
    (folder / "news.txt").write_text("".join(text(pair.toy) + "\n" for pair in news))
    (folder / "news.gold.conll").write_text("".join(conll(pair.toy, pair.toy_entities()) for pair in news))
    (folder / "train.conll").write_text("".join(conll(pair.english, pair.entities) for pair in train))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "models"))
