"""simalign 0.4 as its documentation has it: pair by pair (it has no batches), subwords, layer 8."""

from __future__ import annotations

import sys

import torch
from loop import serve
from simalign import SentenceAligner

torch.set_num_threads(1)
METHODS = {"argmax": ("a", "inter"), "itermax": ("i", "itermax"), "match": ("m", "mwmf")}
aligners = {
    method: SentenceAligner(sys.argv[1], token_type="bpe", matching_methods=letter, device="cpu", layer=8)
    for method, (letter, _) in list(METHODS.items())[:1]
}
for name, (_, kind) in METHODS.items():  # one model serves them all
    aligners.setdefault(name, object.__new__(SentenceAligner)).__dict__ = dict(aligners["argmax"].__dict__)
    aligners[name].matching_methods = [kind]
pairs: list[tuple[list[str], list[str]]] = []


def load(source: list[list[str]], target: list[list[str]]) -> int:
    """Keep the pairs; returns how many."""
    pairs[:] = zip(source, target, strict=True)
    return len(pairs)


def align(method: str, first: int | None = None) -> list[list[list[int]]]:
    """Return the links of the first pairs, or of all."""
    kind = METHODS[method][1]
    return [aligners[method].get_word_aligns(a, b)[kind] for a, b in pairs[:first]]


serve({"load": load, "align": align})
