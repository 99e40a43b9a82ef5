"""The checkpoint in torch, one sentence at a time, nothing padded: what a tagger must equal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from reference.iob import Entity, decode

Row = np.ndarray[Any, Any]


class OriginalTagger:
    """Probabilities of words by transformers and torch alone."""

    def __init__(self, folder: Path) -> None:
        import torch
        import transformers

        self._torch = torch
        self._known: dict[tuple[tuple[str, ...], float], Row] = {}
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        load = transformers.AutoModelForTokenClassification.from_pretrained
        self.model = load(folder, dtype=torch.float32).eval()
        names = self.model.config.id2label
        self.labels = tuple(names[i] for i in range(len(names)))

    def pieces(self, words: list[str]) -> tuple[list[int], list[int | None]]:
        """Return ids and word indices, special tokens included (None)."""
        encoded = self.tokenizer(words, is_split_into_words=True, truncation=False)
        return encoded["input_ids"], encoded.word_ids()

    def logits(self, ids: list[int]) -> Row:
        self._torch.set_num_threads(
            1
        )  # CTranslate2 sets it for the whole process; two that wait cost most on a busy CPU
        with self._torch.inference_mode():
            return self.model(self._torch.tensor([ids])).logits[0].numpy()

    def probabilities(self, words: list[str], temperature: float = 1.0) -> Row:
        """float32[words, labels]; O for a word without a subword. Remembered: torch is slow on single sentences."""
        key = (tuple(words), temperature)
        if key not in self._known:
            self._known[key] = self._probabilities(words, temperature)
        return self._known[key]

    def _probabilities(self, words: list[str], temperature: float) -> Row:
        rows = np.tile(np.eye(len(self.labels), dtype=np.float32)[self.labels.index("O")], (len(words), 1))
        if not words:
            return rows
        ids, places = self.pieces(words)
        if set(places) == {None}:
            return rows
        logits = self._torch.tensor(self.logits(ids)) / temperature
        found = self._torch.softmax(logits, dim=-1).numpy()
        for word in {place for place in places if place is not None}:
            rows[word] = found[places.index(word)]
        return rows

    def surety(self, words: list[str]) -> float:
        """How far the best label of the word that it is least sure of is before the second."""
        best = np.sort(self.probabilities(words), axis=1)
        return float((best[:, -1] - best[:, -2]).min(initial=1.0))

    def entities(self, words: list[str]) -> list[Entity]:
        """The best label of each word, read as conlleval does."""
        best = [self.labels[i].partition("-") for i in self.probabilities(words).argmax(axis=1)]
        return decode([(prefix, label) for prefix, _, label in best], "any")
