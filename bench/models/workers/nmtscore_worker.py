"""NMTScore from PyPI (nmtscore 0.3.3, transformers 4.57) on a checkpoint that transformers 5 wrote.

It has no class for NLLB: its M2M100 class runs NLLB with NLLB's own tokenizer, as its authors advise.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from loop import serve
from nmtscore import NMTScorer
from nmtscore.models.m2m100 import M2M100Model
from transformers import M2M100ForConditionalGeneration, NllbTokenizerFast

torch.set_num_threads(1)


class Nllb(M2M100Model):
    """A checkpoint of NLLB."""

    def _load_tokenizer(self) -> Any:
        # From the file itself: the settings that transformers 5 writes beside it do not load here. The languages it
        # adds get ids behind all others; those of the checkpoint keep theirs.
        return NllbTokenizerFast(tokenizer_file=str(Path(self.model_name_or_path) / "tokenizer.json"))

    def _load_model(self) -> Any:
        return M2M100ForConditionalGeneration.from_pretrained(self.model_name_or_path, torch_dtype=torch.float32)


SCORER = NMTScorer(Nllb(sys.argv[1]))


def score(a: list[str], b: list[str], a_lang: str, b_lang: str, batch: int) -> list[float]:
    """Return sim(a, b), both directions, normalised."""
    return [float(x) for x in SCORER.score_direct(a, b, a_lang, b_lang, True, True, score_kwargs={"batch_size": batch})]


serve({"score": score})
