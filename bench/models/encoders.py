"""ONNX Runtime against CTranslate2 as the aligner's encoder, by batch size: what the default engine rests on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from statistics import median

import numpy as np

from xproj_fast.models.encoder import encode, open_encoder
from xproj_fast.models.manifest import TOKENIZER, read_manifest
from xproj_fast.models.tokenizer import WordTokenizer

from . import text
from .setup import ENGINES, PRECISIONS, Row, Setup
from timing import paired

BATCHES = (512, 1024, 2048, 4096)  # padded subwords


def rows(setup: Setup) -> Iterator[Row]:
    """Yield the rows of the table."""
    name = setup.name("bert")
    sentences = text.english(text.DATA, setup.some(128, 16))
    words = text.words_of(sentences)
    batches = BATCHES[1:3] if setup.quick else BATCHES
    for precision in PRECISIONS:
        contenders, vectors = {}, {}
        for engine in ENGINES:
            folder = setup.models.exported(name, precision, engine)
            manifest = read_manifest(folder, "aligner", verify=False)
            encoder = open_encoder(folder, manifest, device="cpu", threads=1)
            pieces = WordTokenizer(folder / TOKENIZER).encode(words)

            keep = partial(vectors.__setitem__, engine)

            def run(n: int, keep=keep, encoder=encoder, settings=manifest.settings, pieces=pieces) -> None:
                keep(encode(encoder, settings, pieces, overlap=64, batch_tokens=n)[0])

            for batch in batches:
                contenders[engine, batch] = lambda batch=batch, run=run: run(batch)
        seconds = paired(contenders, setup.rounds)
        a, b = (vectors[engine].astype(np.float64) for engine in ENGINES)
        cosine = np.einsum("ij,ij->i", a, b) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        for engine in ENGINES:
            rates = {batch: len(sentences) / median(seconds[engine, batch]) for batch in batches}
            listed = ", ".join(f"{batch:,}: {value:.1f}" for batch, value in rates.items())
            yield (
                f"{name}, 8 layers, {precision}, {engine}: sentences/s of `encode` by subwords per batch",
                "-",
                listed,
                None,
            )
        slow, quick = (min((seconds[engine, n] for n in batches), key=median) for engine in ENGINES)
        ratio = median(x / y for x, y in zip(slow, quick, strict=True))
        yield (
            f"{name}, 8 layers, {precision}: onnxruntime / ctranslate2, seconds, each at its best batch size",
            "-",
            f"{ratio:.2f} (least cosine between their states {cosine.min():.6f})",
            None,
        )
