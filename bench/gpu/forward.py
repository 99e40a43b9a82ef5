"""Hugging Face in half precision on the GPU: batches sorted by length, nothing but the forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

Sentence = list[str]


class Forward:
    """An encoder or token classifier over words."""

    def __init__(self, folder: Path, kind: str, dtype: str, device: str, layers: int | None = None) -> None:
        import torch
        import transformers

        self._torch, self._device = torch, device
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder)
        settings: dict[str, Any] = {} if layers is None else {"num_hidden_layers": layers, "add_pooling_layer": False}
        model = getattr(transformers, kind).from_pretrained(folder, dtype=getattr(torch, dtype), **settings)
        self._model: Any = model.to(device).eval()

    def run(self, sentences: Sequence[Sentence], batch: int) -> list[Any]:
        """Return the outputs of all batches, in the CPU's memory, as our side has them."""
        order = sorted(range(len(sentences)), key=lambda i: -len(sentences[i]))
        found = []
        for first in range(0, len(order), batch):
            some = [sentences[i] for i in order[first : first + batch]]
            inputs = self._tokenizer(some, is_split_into_words=True, padding=True, truncation=True, return_tensors="pt")
            with self._torch.inference_mode():
                found.append(self._model(**inputs.to(self._device))[0].float().cpu())
        return found
