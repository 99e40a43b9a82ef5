"""Runs an exported encoder over flat subwords: padded batches in, one row of states (or logits) a subword out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Pieces, thread_count
from xproj_fast.errors import InputError, InternalError
from xproj_fast.models.batches import run_in_batches
from xproj_fast.models.devices import Device, ctranslate2_device, is_out_of_memory, onnx_device
from xproj_fast.models.manifest import CTRANSLATE2_MODEL, HEAD, ONNX_MODEL, Manifest
from xproj_fast.models.windows import Windows, cut
from xproj_fast.packages import need, versions
from xproj_fast.ragged import ranges
from xproj_fast.wording import brief

COMPUTE_TYPES = {"fp32": "float32", "fp16": "float16", "int8": "int8_float32"}  # ours -> CTranslate2's
# Padded subwords per batch: a CPU's caches hold no more (with 4096 ONNX Runtime takes 2.3 times as long, see
# bench/models), a GPU wants to be filled (8192 is a guess: no GPU was at hand).
ONNX_TOKENS, CTRANSLATE2_TOKENS, GPU_TOKENS = 256, 512, 8192
UNKNOWN = sys.maxsize
GPU_MULTIPLE = 8  # lengths are rounded up to it on a GPU: fewer shapes, so a smaller memory arena


class Encoder(Protocol):
    """A loaded model.

    Attributes:
        width: numbers per subword.
        device: where it runs.
        compute_type: what it computes in.
        batch_tokens: padded subwords of a batch that suit it.
        most_tokens: and how many it has memory for, as far as is known.
    """

    width: int
    device: Device
    compute_type: str
    batch_tokens: int
    most_tokens: int

    def run(self, ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        """Run one padded batch: int64[B, L] and int64[B] -> float32[B, L, width]; rows past a length mean nothing."""


class OnnxEncoder:
    """A graph in ONNX Runtime."""

    def __init__(self, file: Path, manifest: Manifest, device: Device, threads: int, memory: int | None) -> None:
        ort = need("onnxruntime")
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        providers: list[Any] = ["CPUExecutionProvider"]
        if device.kind == "cuda":
            cuda: dict[str, Any] = {"device_id": device.index, "arena_extend_strategy": "kSameAsRequested"}
            if memory is not None:
                cuda["gpu_mem_limit"] = memory
            providers.insert(0, ("CUDAExecutionProvider", cuda))
        try:
            self._session = ort.InferenceSession(str(file), options, providers=providers)
        except Exception as error:  # ONNX Runtime's own exceptions share no base class
            raise InputError(f"{file}: expected a model that ONNX Runtime loads, got: {error}") from error
        if device.kind == "cuda" and self._session.get_providers()[0] != "CUDAExecutionProvider":
            raise InputError(f"device: expected {device}, got {self._session.get_providers()[0]} for {file}")
        self._ort = ort
        self._file = file
        self._inputs = tuple(manifest.settings["inputs"])
        self.compute_type = manifest.precision
        self.batch_tokens = GPU_TOKENS if device.kind == "cuda" else ONNX_TOKENS
        self.most_tokens = UNKNOWN
        self.device = device
        output = self._session.get_outputs()[0]
        self._output = output.name
        self.width = output.shape[-1] if output.shape else 0
        if not isinstance(self.width, int) or self.width < 1 or len(output.shape) != 3:
            got = brief(str(output.shape))
            raise InputError(f"{file}: expected an output of [batch, length, a fixed width], got {got}")

    def run(self, ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        """See ``Encoder.run``."""
        mask = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)
        feeds = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in self._inputs:
            feeds["token_type_ids"] = np.zeros_like(ids)
        if self.device.kind == "cuda":
            return self._run_bound(feeds)
        try:
            found: NDArray[np.float32] = self._session.run([self._output], feeds)[0]
        except Exception as error:  # see above
            if is_out_of_memory(error):
                raise
            raise InputError(f"{self._file}: expected a model that runs, got: {error}") from error
        return found

    def _run_bound(self, feeds: dict[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        """Run with inputs and output in the device's own memory: one copy each way, none in between."""
        kind, index = self.device.kind, self.device.index
        binding = self._session.io_binding()
        for name, array in feeds.items():
            binding.bind_ortvalue_input(name, self._ort.OrtValue.ortvalue_from_numpy(array, kind, index))
        binding.bind_output(self._output, kind, index)
        self._session.run_with_iobinding(binding)
        found: NDArray[np.float32] = binding.copy_outputs_to_cpu()[0]
        return found


class CTranslate2Encoder:
    """An encoder in CTranslate2, under a linear classifier where ``head`` holds one."""

    def __init__(self, folder: Path, head: Path, device: Device, threads: int, precision: str) -> None:
        self._ct2 = need("ctranslate2")
        wide = device.kind == "cpu" and precision == "fp16"  # which CTranslate2 refuses to compute in there
        self.compute_type = "float32" if wide else COMPUTE_TYPES[precision]
        try:
            self._model = self._ct2.Encoder(
                str(folder),
                device=device.kind,
                device_index=device.index,
                compute_type=self.compute_type,
                inter_threads=1,
                intra_threads=threads,
            )
        except (RuntimeError, ValueError) as error:
            raise InputError(f"{folder}: expected a model that CTranslate2 loads, got: {error}") from error
        self.batch_tokens = GPU_TOKENS if device.kind == "cuda" else CTRANSLATE2_TOKENS
        self.most_tokens = UNKNOWN
        self._head = _read_head(head) if head.is_file() else None
        self.device = device
        self.width = len(self._head["bias"]) if self._head else 0  # 0 = the manifest knows

    def run(self, ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        """See ``Encoder.run``."""
        view = self._ct2.StorageView.from_array
        output = self._model.forward_batch(view(ids.astype(np.int32)), view(lengths.astype(np.int32))).last_hidden_state
        if self.device.kind == "cuda":
            output = output.to_device(self._ct2.Device.cpu)
        states: NDArray[np.float32] = np.asarray(output.to(self._ct2.DataType.float32))
        if self._head is None:
            return states
        logits: NDArray[np.float32] = states @ self._head["weight"].T + self._head["bias"]
        return logits


def open_encoder(
    folder: str | Path,
    manifest: Manifest,
    *,
    device: str = "auto",
    threads: int | None = None,
    memory_limit: int | None = None,
) -> Encoder:
    """Load the model of a folder whose manifest was read.

    Args:
        folder: the model folder.
        manifest: of that folder.
        device: see ``devices.onnx_device``.
        threads: CPU threads; None = all CPUs.
        memory_limit: bytes of GPU memory ONNX Runtime may take; None = no limit. CTranslate2 has no such limit.

    Raises:
        InputError: for a device that does not work and a model that the engine refuses.
        MissingDependencyError: without the engine.
    """
    folder = Path(folder)
    count = thread_count(threads)
    if manifest.engine == "onnxruntime":
        return OnnxEncoder(folder / ONNX_MODEL, manifest, onnx_device(device), count, memory_limit)
    if memory_limit is not None:
        raise InputError("memory_limit: expected None with CTranslate2, which has no such limit; use smaller batches")
    encoder = CTranslate2Encoder(
        folder / CTRANSLATE2_MODEL, folder / HEAD, ctranslate2_device(device), count, manifest.precision
    )
    encoder.width = encoder.width or manifest.settings.get("width", 0)
    return encoder


def encoder_identity(manifest: Manifest, encoder: Encoder) -> dict[str, Any]:
    """Return all that the output of a loaded model depends on: what it is, what computes it, and in what precision."""
    computed = {"compute_type": encoder.compute_type, "packages": versions("tokenizers", manifest.engine)}
    return manifest.identity | computed


def _read_head(file: Path) -> dict[str, NDArray[np.float32]]:
    """Read a linear classifier."""
    try:
        with open(file, "rb") as raw, np.load(raw, allow_pickle=False) as arrays:
            head = {name: arrays[name] for name in ("weight", "bias")}
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise InputError(f"{file}: expected the weights of a classifier, got something else: {error}") from error
    shapes = {name: array.shape for name, array in head.items()}
    if any(array.dtype != np.float32 for array in head.values()) or shapes["weight"][:1] != shapes["bias"]:
        raise InputError(f"{file}: expected float32 weight[labels, width] and bias[labels], got {shapes}")
    return head


def encode(
    encoder: Encoder,
    settings: dict[str, Any],
    pieces: Pieces,
    wanted: NDArray[np.bool_] | None = None,
    *,
    prefix: Sequence[int] | None = None,
    overlap: int = 64,
    batch_tokens: int | None = None,
    what: str = "encoding",
    progress: Callable[[float], None] | None = None,
) -> tuple[NDArray[np.float32], Windows]:
    """Return what the model says of each subword, read in overlapping windows where a sentence is too long.

    Args:
        encoder: a loaded model.
        settings: of its manifest: ``max_pieces``, ``prefix``, ``suffix``, ``pad_id``.
        pieces: subwords of N sentences, without special tokens.
        wanted: bool[pieces], those to return; None = all.
        prefix: special tokens before a window; None = the manifest's.
        overlap: subwords that neighbouring windows share.
        batch_tokens: padded subwords per batch; None = what suits the engine.
        what: names the work in messages.
        progress: called with the share done.

    Returns:
        float32[wanted pieces, width] in the order of the pieces, and the windows.

    Raises:
        InputError: for an overlap or batch size that cannot be, and a sentence that does not fit into memory.
        InternalError: where the model returns something that is no number.
    """
    before = list(settings["prefix"] if prefix is None else prefix)
    after = list(settings["suffix"])
    windows = cut(pieces.offsets, int(settings["max_pieces"]) - len(before) - len(after), overlap)
    if wanted is None:
        wanted = np.ones(len(pieces.ids), np.bool_)
    row_of = np.cumsum(wanted) - 1
    out = np.empty((int(row_of[-1]) + 1 if len(row_of) else 0, encoder.width), np.float32)
    multiple = GPU_MULTIPLE if encoder.device.kind == "cuda" else 1

    def run(batch: NDArray[np.int64]) -> None:
        length = windows.length[batch]
        longest = min(-(-(int(length.max()) + len(before) + len(after)) // multiple) * multiple, settings["max_pieces"])
        row = np.repeat(np.arange(len(batch)), length)
        column = ranges(np.zeros_like(length), length)
        piece = windows.first[batch][row] + column
        ids = np.full((len(batch), longest), settings["pad_id"], np.int64)
        ids[:, : len(before)] = before
        ids[row, len(before) + column] = pieces.ids[piece]
        for i, special in enumerate(after):
            ids[np.arange(len(batch)), len(before) + length + i] = special
        states = encoder.run(ids, length + len(before) + len(after))
        keep = (column >= windows.keep_from[batch][row]) & (column < windows.keep_to[batch][row]) & wanted[piece]
        out[row_of[piece[keep]]] = states[row[keep], len(before) + column[keep]]

    cap = min(encoder.batch_tokens if batch_tokens is None else batch_tokens, encoder.most_tokens)
    left = run_in_batches(windows.length + len(before) + len(after), cap, run, what=what, progress=progress)
    if left < cap:
        encoder.most_tokens = left
    if not np.isfinite(out).all():
        raise InternalError(f"{what}: expected finite numbers from the model, got NaN or infinity: export it in fp32")
    return out, windows
