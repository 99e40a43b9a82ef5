"""Where a model runs: CPU or an NVIDIA GPU, and proof that it is really there.

What a build of ONNX Runtime could use and what it uses are two things: a session that asks for CUDA quietly runs on
the CPU where a library is missing. So a one-node model is loaded first, and asked.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import logging
import re
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from xproj_fast.errors import InputError
from xproj_fast.packages import need
from xproj_fast.wording import shown

# ONNX, opset 13: y = Identity(x), float32[1]. Spelt out, so that no run needs the package onnx.
PROBE = (
    b'\x08\x08:;\n\x10\n\x01x\x12\x01y"\x08Identity\x12\x05probeZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01'
    b"b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\r"
)
OUT_OF_MEMORY = re.compile(
    r"out of memory|failed to allocate|alloc_failed|bad_alloc|smaller than requested bytes", re.IGNORECASE
)
GPU_HINT = "ONNX Runtime 1.31 needs CUDA 13 and cuDNN 9, CTranslate2 4.8 needs CUDA 12; see xproj-fast doctor"

CTRANSLATE2_LIBRARY = "libcublas.so.12"  # opened by name at the first product of matrices, not when it is imported

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Device:
    """``kind`` is ``"cpu"`` or ``"cuda"``, ``index`` the number of the GPU."""

    kind: str
    index: int = 0

    def __str__(self) -> str:
        return self.kind if self.kind == "cpu" else f"cuda:{self.index}"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of an engine says that memory was short."""
    return isinstance(error, MemoryError) or bool(OUT_OF_MEMORY.search(str(error)))


def onnx_device(device: str) -> Device:
    """Return the device for ONNX Runtime.

    Args:
        device: ``"auto"`` (a GPU that really works, else the CPU), ``"cpu"``, ``"cuda"`` or ``"cuda:1"``.

    Raises:
        InputError: for another name, and where CUDA was asked for and its provider did not load.
        MissingDependencyError: without onnxruntime.
    """
    wanted = _parse(device)
    if wanted is not None and wanted.kind == "cpu":
        need("onnxruntime")
        return wanted
    found = wanted or Device("cuda")
    problem = onnx_cuda_problem(found.index)
    return _decide(device, found, problem, "ONNX Runtime")


def ctranslate2_device(device: str) -> Device:
    """Return the device for CTranslate2; see ``onnx_device``."""
    wanted = _parse(device)
    if wanted is not None and wanted.kind == "cpu":
        need("ctranslate2")
        return wanted
    found = wanted or Device("cuda")
    count = need("ctranslate2").get_cuda_device_count()
    problem = f"it sees {count} GPUs" if found.index >= count else _missing_library(CTRANSLATE2_LIBRARY)
    return _decide(device, found, problem, "CTranslate2")


def _missing_library(name: str) -> str | None:
    try:
        ctypes.CDLL(name)
    except OSError as error:
        return f"{name} does not load: {error}"
    return None


def _parse(device: str) -> Device | None:
    match = re.fullmatch(r"auto|cpu|cuda(?::(\d+))?", device) if isinstance(device, str) else None
    if match is None:
        raise InputError(f'device: expected "auto", "cpu", "cuda" or "cuda:N", got {device!r}')
    if device == "auto":
        return None
    return Device("cpu") if device == "cpu" else Device("cuda", int(match[1] or 0))


def _decide(asked: str, found: Device, problem: str | None, engine: str) -> Device:
    if problem is None:
        return found
    if asked != "auto":
        raise InputError(f"device: expected {found} in {engine}, got none that works: {problem} ({GPU_HINT})")
    if gpu_present():
        warning = f"a GPU is here but {engine} cannot use it, so it runs on the CPU: {problem} ({GPU_HINT})"
        warnings.warn(shown(warning), stacklevel=4)
    else:
        logger.info("%s", shown(f"{engine} runs on the CPU: {problem}"))
    return Device("cpu")


def gpu_present() -> bool:
    """Whether the system shows an NVIDIA GPU, whatever the libraries make of it."""
    return Path("/proc/driver/nvidia/version").exists() or Path("/dev/nvidiactl").exists()


@cache
def onnx_cuda_problem(index: int) -> str | None:
    """Return None where ONNX Runtime's CUDA provider really runs on GPU ``index``, else what is wrong."""
    ort = need("onnxruntime")
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        return "this build has no CUDA provider (onnxruntime instead of onnxruntime-gpu)"
    missing = io.StringIO()
    if hasattr(ort, "preload_dlls"):
        with contextlib.redirect_stdout(missing):  # finds pip's nvidia-* packages; prints what it does not find
            ort.preload_dlls()
    options = ort.SessionOptions()
    options.log_severity_level = 4
    try:
        with _silent(ort):
            session = ort.InferenceSession(
                PROBE, options, providers=[("CUDAExecutionProvider", {"device_id": index}), "CPUExecutionProvider"]
            )
    except Exception as error:  # whatever the provider throws, it does not work
        return f"{type(error).__name__}: {error}"
    if session.get_providers()[0] == "CUDAExecutionProvider":
        return None
    libraries = re.findall(r"Failed to load (\S+?):", missing.getvalue())
    return "its CUDA provider did not load" + (f"; not found: {', '.join(libraries)}" if libraries else "")


@contextlib.contextmanager
def _silent(ort: Any) -> Any:
    ort.set_default_logger_severity(4)
    try:
        yield
    finally:
        ort.set_default_logger_severity(2)
