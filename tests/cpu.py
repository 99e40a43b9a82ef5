"""What the CPU does to 8-bit numbers: without VNNI, sums of two products saturate, and int8 models lose far more."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

WITHOUT_VNNI = ("SSE41", "AVX", "AVX2", "AVX512_CORE")  # as oneDNN calls what it may use at most


def multiplies_int8_exactly() -> bool:
    """Whether 8-bit products are added up in 32 bits: by VNNI, or on Arm; what no one says is taken for exact."""
    most = os.environ.get("ONEDNN_MAX_CPU_ISA", os.environ.get("DNNL_MAX_CPU_ISA", "")).upper()
    if platform.machine() not in ("x86_64", "AMD64"):
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return most not in WITHOUT_VNNI
    if most == "AVX2_VNNI":
        return "avx_vnni" in flags
    return most not in WITHOUT_VNNI and not {"avx512_vnni", "avx_vnni"}.isdisjoint(flags)


def need_exact_int8(precision: str) -> None:
    """Skip where the small random models of tests, all of whose values are large, saturate."""
    if precision.startswith("int8") and not multiplies_int8_exactly():
        pytest.skip("this CPU has no VNNI: int8 saturates in the small random models that are made here")
