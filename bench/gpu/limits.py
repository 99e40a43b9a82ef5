"""What the card can do, measured, and what a stage asks of it, counted from its shape: no padding, no softmax."""

from __future__ import annotations

from statistics import median
from typing import Any


def matmul_rate(device: str, dtype: str) -> float:
    """Return floating-point operations per second of a large matrix product of random numbers."""
    import time

    import torch

    size = 8192 if device == "cuda" else 512
    a, b = (torch.randn(size, size, device=device, dtype=getattr(torch, dtype)) for _ in range(2))
    taken = []
    for _ in range(13):
        _wait(torch, device)
        before = time.perf_counter()
        a @ b
        _wait(torch, device)
        taken.append(time.perf_counter() - before)
    return 2 * size**3 / median(taken[3:])


def _wait(torch: Any, device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def encoder_operations(width: int, inner: int, layers: int, tokens: int) -> float:
    """Return the operations of ``tokens`` tokens in an encoder: projections and feed-forward layers."""
    return 2.0 * layers * (4 * width**2 + 2 * width * inner) * tokens


def decoder_operations(width: int, inner: int, layers: int, vocabulary: int, source: int, target: int) -> float:
    """Return the operations of a decoder that writes ``target`` tokens, looking at ``source`` tokens."""
    each = layers * (6 * width**2 + 2 * width * inner) + width * vocabulary
    return 2.0 * (each * target + layers * 2 * width**2 * source)
