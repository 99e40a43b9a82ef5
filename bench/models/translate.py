"""Translation: our ``Translator`` (CTranslate2) against Hugging Face ``generate``, greedy, on one thread.

Both translate the same sentences, sorted by length, into the same number of tokens (the checkpoint never ends a
translation before the limit, see ``checkpoints.py``), each at the batch size that suits it best.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xproj_fast.models.translator import TranslateOptions, Translator

from . import text
from .setup import Row, Setup, rate, ratios
from .sweep import best
from timing import paired

TOKENS = 24  # of every translation
SOURCE, TARGET = "eng_Latn", "deu_Latn"
TARGETS = {"float32": 2.0, "int8": 4.0}


class HuggingFace:
    """``generate`` as the transformers documentation has it, sentences sorted by length."""

    def __init__(self, folder: Path, dtype: str = "float32", device: str = "cpu") -> None:
        import torch
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, GenerationConfig

        self._torch = torch
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, src_lang=SOURCE)
        self._model: Any = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=getattr(torch, dtype)).to(device).eval()
        self._device = device
        self._config = GenerationConfig(
            num_beams=1,
            do_sample=False,
            max_new_tokens=TOKENS + 1,  # the language token is one
            forced_bos_token_id=self._tokenizer.convert_tokens_to_ids(TARGET),
            decoder_start_token_id=self._tokenizer.eos_token_id,
            pad_token_id=self._tokenizer.pad_token_id,
            eos_token_id=self._tokenizer.eos_token_id,
        )

    def translate(self, lines: list[str], batch: int) -> tuple[list[str], list[int]]:
        """Return translations and their numbers of tokens, in the order of the lines."""
        order = sorted(range(len(lines)), key=lambda i: -len(lines[i]))
        texts, counts = [""] * len(lines), [0] * len(lines)
        for first in range(0, len(order), batch):
            some = order[first : first + batch]
            inputs = self._tokenizer([lines[i] for i in some], return_tensors="pt", padding=True).to(self._device)
            with self._torch.inference_mode():
                found = self._model.generate(**inputs, generation_config=self._config)[:, 2:].cpu()
            decoded = self._tokenizer.batch_decode(found, skip_special_tokens=True)
            for i, row, translation in zip(some, found, decoded, strict=True):
                texts[i] = translation.strip()
                counts[i] = int((row != self._tokenizer.pad_token_id).sum())
        return texts, counts


def ours(translator: Translator, lines: list[str], batch_tokens: int) -> tuple[list[str], list[int]]:
    """Return the same from our side."""
    options = TranslateOptions(max_target_tokens=TOKENS, batch_tokens=batch_tokens)
    found = list(translator.translate(lines, SOURCE, TARGET, options))
    return [t.text for t in found], [t.target_tokens for t in found]


def rows(setup: Setup) -> Iterator[Row]:
    """Yield the rows of the table."""
    name = setup.name("nllb")
    lines = [" ".join(sentence) for sentence in text.english(text.DATA, setup.some(64, 8))]
    some = lines[: max(4, len(lines) // 2)]
    peer = HuggingFace(setup.models.checkpoint(name))
    loaded = {
        precision: Translator.load(setup.models.exported(name, precision), device="cpu", threads=1)
        for precision in TARGETS
    }
    batches = [8, 32] if setup.quick else [4, 8, 16, 32]
    batch = best("transformers, sentences per batch", batches, lambda n: peer.translate(some, n))
    sizes = {
        precision: best(
            f"CTranslate2 {precision}, tokens a batch",
            [512, 2048] if setup.quick else [512, 1024, 2048, 4096, 8192],
            lambda n, translator=translator: ours(translator, some, n),
        )
        for precision, translator in loaded.items()
    }
    made: dict[str, tuple[list[str], list[int]]] = {}

    def run_peer() -> None:
        made["peer"] = peer.translate(lines, batch)

    def run_ours(precision: str) -> None:
        made[precision] = ours(loaded[precision], lines, sizes[precision])

    seconds = paired(
        {"peer": run_peer} | {precision: lambda p=precision: run_ours(p) for precision in loaded}, setup.rounds
    )
    expected, lengths = made["peer"]
    for precision, ratio in ratios(seconds, "peer", list(loaded)).items():
        same = sum(a == b for a, b in zip(made[precision][0], expected, strict=True)) / len(lines)
        forced = made[precision][1] == lengths == [TOKENS] * len(lines)
        # In float32 a near tie may fall the other way, and then all that follows differs; more than that is a fault.
        good = forced and ratio >= TARGETS[precision] and (precision != "float32" or same >= 0.95)
        lengths_text = f"{TOKENS} tokens each" if forced else f"**LENGTHS DIFFER**: {made[precision][1]} and {lengths}"
        yield (
            f"{name}, {len(lines)} sentences: transformers `generate` float32 (batch {batch}) / `Translator` "
            f"{precision} ({sizes[precision]:,} tokens a batch); {lengths_text}",
            f">= {TARGETS[precision]:.0f}",
            f"{ratio:.2f} ({rate(len(lines), seconds['peer'])} and {rate(len(lines), seconds[precision])}; "
            f"{same:.0%} of the outputs the same)",
            good,
        )
