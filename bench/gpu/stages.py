"""Sentences per second of each model stage on a GPU against Hugging Face in fp16, and the share of the card's limit.

    bench/gpu/run.sh stages [--only NAME ...]      on the GPU machine; its head says how to get there
    PYTHONPATH=bench .venv/bin/python bench/gpu/stages.py --cpu --quick      toy models on the CPU: proves the code

Full-size architectures with random weights, real sentences, every translation of the same forced length. Both sides
run in turn at the batch size that suits them best, and the median of the paired ratios is quoted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from forward import Forward
from limits import decoder_operations, encoder_operations, matmul_rate
from models import text
from models.checkpoints import SHAPES, Models
from models.setup import ratios
from models.sweep import best
from models.translate import SOURCE, TARGET, TOKENS, HuggingFace, ours

from xproj_fast.models.alignment import NeuralAlignOptions
from xproj_fast.models.neural_aligner import Aligner
from xproj_fast.models.tagger import Tagger
from xproj_fast.models.tagging import TaggerOptions
from xproj_fast.models.translator import Translator

from timing import paired

STAGES = ("translate", "translate-large", "tag", "align")
FULL = {"translate": "nllb-600M", "translate-large": "nllb-3.3B", "tag": "xlmr-large", "align": "mbert"}
TINY = {"translate": "nllb-tiny", "translate-large": "nllb-tiny", "tag": "xlmr-tiny", "align": "mbert-tiny"}
LAYER = 8  # of mBERT
PARITY = [  # an export is checked on these alone: the original runs on the CPU, and device time is short
    "The European Commission said on Thursday it disagreed with German advice .",
    "He said further scientific study was required .",
]


@dataclass(frozen=True)
class Bench:
    """Where and how much."""

    models: Models
    text: Path
    cpu: bool
    quick: bool

    @property
    def device(self) -> str:
        """Our side's and torch's name of it."""
        return "cpu" if self.cpu else "cuda"

    @property
    def dtype(self) -> str:
        """What both sides compute in."""
        return "float32" if self.cpu else "float16"

    @property
    def precision(self) -> str:
        """Our name of it, for encoders."""
        return "fp32" if self.cpu else "fp16"

    def name(self, stage: str) -> str:
        """Return the architecture of a stage."""
        return (TINY if self.cpu else FULL)[stage]

    def some(self, count: int) -> int:
        """Return how many sentences."""
        return 16 if self.quick else count


@dataclass(frozen=True)
class Case:
    """Two sides of one stage: each takes a share of the sentences and a batch size."""

    what: str
    count: int
    operations: float  # of all sentences
    ours: Callable[[bool, int], Any]
    peer: Callable[[bool, int], Any]
    our_batches: Sequence[int]  # padded subwords
    peer_batches: Sequence[int]  # sentences


def translate(bench: Bench, stage: str) -> Case:
    """NLLB, greedy."""
    name = bench.name(stage)
    lines = [
        " ".join(sentence) for sentence in text.english(bench.text, bench.some(1024 if "large" in stage else 2048))
    ]
    few = lines[: max(8, len(lines) // 4)]
    peer = HuggingFace(bench.models.checkpoint(name), bench.dtype, bench.device)
    translator = Translator.load(bench.models.exported(name, bench.dtype), device=bench.device)
    assert translator.device.kind == bench.device
    source = sum(t.source_tokens for t in translator.translate(lines, SOURCE, TARGET)) + 2 * len(lines)
    shape = SHAPES[name]
    operations = encoder_operations(shape.width, shape.inner, shape.layers, source) + decoder_operations(
        shape.width, shape.inner, shape.layers, shape.vocabulary, source, TOKENS * len(lines)
    )
    return Case(
        f"translate, {name}, {TOKENS} tokens each",
        len(lines),
        operations,
        lambda all_, n: ours(translator, lines if all_ else few, n),
        lambda all_, n: peer.translate(lines if all_ else few, n),
        (4096, 16384, 65536),
        (64, 256, 512),
    )


def tag(bench: Bench, stage: str) -> Case:
    """XLM-R, word probabilities and entities."""
    name = bench.name(stage)
    sentences = text.english(bench.text, bench.some(3000))
    few = sentences[: max(8, len(sentences) // 4)]
    words, few_words = text.words_of(sentences), text.words_of(few)
    peer = Forward(bench.models.checkpoint(name), "AutoModelForTokenClassification", bench.dtype, bench.device)
    folder = bench.models.exported(name, bench.precision)
    tagger = Tagger.load(folder, device=bench.device)
    assert tagger.device.kind == bench.device
    shape = SHAPES[name]
    return Case(
        f"tag, {name}",
        len(sentences),
        encoder_operations(shape.width, shape.inner, shape.layers, pieces(folder, words)),
        lambda all_, n: tagger.tag(words if all_ else few_words, TaggerOptions(batch_tokens=n)),
        lambda all_, n: peer.run(sentences if all_ else few, n),
        (4096, 16384, 65536),
        (32, 128, 512),
    )


def align(bench: Bench, stage: str) -> Case:
    """MBERT to layer 8 on both sides and links; the peer gives the states only."""
    name = bench.name(stage)
    source, target = text.english_german(bench.text, bench.some(2500))
    part = max(8, len(source) // 4)
    sides, few = tuple(map(text.words_of, (source, target))), tuple(map(text.words_of, (source[:part], target[:part])))
    peer = Forward(bench.models.checkpoint(name), "AutoModel", bench.dtype, bench.device, LAYER)
    folder = bench.models.exported(name, bench.precision, layer=LAYER)
    aligner = Aligner.load(folder, device=bench.device)
    assert aligner.device.kind == bench.device
    shape = SHAPES[name]
    return Case(
        f"align, {name} to layer {LAYER}, links included on our side only",
        len(source),
        encoder_operations(shape.width, shape.inner, LAYER, sum(pieces(folder, words) for words in sides)),
        lambda all_, n: aligner.align(*(sides if all_ else few), NeuralAlignOptions(batch_tokens=n)),
        lambda all_, n: [peer.run(side if all_ else side[:part], n) for side in (source, target)],
        (4096, 16384, 65536),
        (32, 128, 512),
    )


CASES = {"translate": translate, "translate-large": translate, "tag": tag, "align": align}


def pieces(folder: Path, words: Any) -> int:
    """Return the subwords of all sentences, special ones included."""
    from xproj_fast.models.manifest import TOKENIZER
    from xproj_fast.models.tokenizer import WordTokenizer

    return len(WordTokenizer(folder / TOKENIZER).encode(words).ids) + 2 * len(words)


def measure(bench: Bench, names: Sequence[str]) -> Iterator[str]:
    """Yield the table's rows."""
    limit = matmul_rate(bench.device, bench.dtype)
    yield f"matrix product, {bench.dtype}: {limit / 1e12:.3g} TFLOP/s is 100% below\n"
    yield "| stage | sentences | transformers, sentences/s (batch) | ours (subwords per batch) | ratio | of the limit |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name in names:
        case = CASES[name](bench, name)
        tried = [sizes[:2] if bench.quick else sizes for sizes in (case.peer_batches, case.our_batches)]
        batch = best(f"{name}: transformers", tried[0], lambda n, c=case: c.peer(False, n))
        size = best(f"{name}: ours", tried[1], lambda n, c=case: c.ours(False, n))
        seconds = paired(
            {"peer": lambda c=case, n=batch: c.peer(True, n), "ours": lambda c=case, n=size: c.ours(True, n)},
            1 if bench.quick else 5,
        )
        rates = {side: case.count / median(values) for side, values in seconds.items()}
        share = case.operations / median(seconds["ours"]) / limit
        yield (
            f"| {case.what} | {case.count:,} | {rates['peer']:,.0f} ({batch}) | {rates['ours']:,.0f} ({size:,}) "
            f"| {ratios(seconds, 'peer', ['ours'])['ours']:.2f} | {share:.1%} |"
        )


def check(bench: Bench, names: Sequence[str]) -> None:
    """Run toy models on the device and compare them with the CPU: proof that it is really used and right.

    Raises:
        AssertionError: where they differ by more than half precision explains.
    """
    source, target = text.english_german(bench.text, 16)
    words, lines = text.words_of(source), [" ".join(sentence) for sentence in source]
    for name in names:
        model = TINY[name]
        if name == "translate":
            folder = bench.models.exported(model, bench.dtype)
            sides = [Translator.load(folder, device=device) for device in ("cpu", bench.device)]
            found = [side.score(lines, lines, SOURCE, TARGET).values for side in sides]
        elif name == "tag":
            folder = bench.models.exported(model, bench.precision)
            sides = [Tagger.load(folder, device=device) for device in ("cpu", bench.device)]
            found = [side.probabilities(words).values for side in sides]
        else:
            folder = bench.models.exported(model, bench.precision)
            sides = [Aligner.load(folder, device=device) for device in ("cpu", bench.device)]
            found = [side.align(words, text.words_of(target)).links for side in sides]
            found = [np.diff(links.offsets).astype(np.float32) for links in found]  # pairs may differ in a near tie
        assert sides[1].device.kind == bench.device, sides[1].device
        far = float(np.abs(found[0] - found[1]).mean())
        print(f"{name}: {model} on {sides[1].device}, mean difference from the CPU {far:.2g}")
        assert far < 0.05, far


def quiet() -> None:
    """Keep transformers' progress bars and its report of the layers that were left out off the terminal."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def main() -> int:
    """Print the table, or check the device."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=STAGES, default=STAGES)
    parser.add_argument("--check", nargs="+", choices=("translate", "tag", "align"), help="toy models, then stop")
    parser.add_argument("--cpu", action="store_true", help="toy models in float32 on the CPU")
    parser.add_argument("--quick", action="store_true", help="few sentences, one round")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/xproj_fast_bench/gpu"))
    parser.add_argument("--text", type=Path, default=text.DATA, help="folder of real text; default: ../shared/data")
    args = parser.parse_args()
    folder = args.text / "conll-translate-test/de"
    bench = Bench(
        Models(
            args.cache,
            lambda: [" ".join(s) for file in ("en.words", "de.gold.conll") for s in text.read(folder / file)],
            "float32" if args.cpu else "float16",
            "cpu" if args.cpu else "cuda",
            PARITY,
        ),
        args.text,
        args.cpu,
        args.quick,
    )
    quiet()
    if args.check:
        check(bench, args.check)
        return 0
    for line in measure(bench, args.only):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
