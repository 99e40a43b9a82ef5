"""NMTScore "direct" in plain torch: one pair at a time, no batches, no caches. The specification of PhraseScorer.

Written from the formula in shared/methods.md; the numbers are those of the package nmtscore 0.3.3 (base 2 and natural
logarithms mixed).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


class Reference:
    """A Hugging Face checkpoint of NLLB."""

    def __init__(self, checkpoint: Path) -> None:
        import torch
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        self._torch = torch
        self._model: Any = AutoModelForSeq2SeqLM.from_pretrained(checkpoint, dtype=torch.float32).eval()
        self._tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint)

    def probability(self, target: str, target_language: str, source: str, source_language: str) -> float:
        """Return P(target | source): 2 to the mean natural log-probability of target's subwords and </s>."""
        torch = self._torch
        source_ids = self._ids(source, source_language)
        labels = self._ids(target, target_language)
        end = labels[-1]
        with torch.no_grad():
            logits = self._model(
                input_ids=torch.tensor([source_ids]), decoder_input_ids=torch.tensor([[end, *labels[:-1]]])
            ).logits[0]
        logs = torch.log_softmax(logits.double(), -1)
        scored = range(1, len(labels))  # the language token is given
        mean = sum(float(logs[k, labels[k]]) for k in scored) / len(scored)
        return float(2.0**mean)

    def score(self, a: str, a_language: str, b: str, b_language: str) -> float:
        """Return sim(a, b), both directions, normalised."""
        there = self.probability(a, a_language, b, b_language) / self.probability(a, a_language, a, a_language)
        back = self.probability(b, b_language, a, a_language) / self.probability(b, b_language, b, b_language)
        return (there + back) / 2

    def _ids(self, text: str, language: str) -> list[int]:
        pieces = self._tokenizer(text, add_special_tokens=False).input_ids
        return [self._tokenizer.convert_tokens_to_ids(language), *pieces, self._tokenizer.eos_token_id]
