"""What the exports of taggers and aligners share: options, graph modules, the manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xproj_fast.arrays import Pieces, thread_count
from xproj_fast.errors import InputError
from xproj_fast.export.checkpoint import Checkpoint, package_versions
from xproj_fast.export.onnx import INPUTS
from xproj_fast.export.parity import Original, check_parity
from xproj_fast.export.tokens import Specials
from xproj_fast.models.devices import ctranslate2_device, onnx_device
from xproj_fast.models.encoder import open_encoder
from xproj_fast.models.manifest import Manifest, record_files, write_manifest
from xproj_fast.models.settings import ENGINES, PRECISIONS
from xproj_fast.packages import need

Tell = Callable[[str], None]


def check_options(precision: str, engine: str, device: str) -> None:
    """Check the names, before anything is loaded.

    Raises:
        InputError: for an unknown one, and a device that does not work.
    """
    for name, got, known in (("precision", precision, PRECISIONS), ("engine", engine, ENGINES)):
        if got not in known:
            raise InputError(f"{name}: expected {', '.join(known[:-1])} or {known[-1]}, got {got!r}")
    (onnx_device if engine == "onnxruntime" else ctranslate2_device)(device)


@contextmanager
def torch_threads(threads: int | None) -> Iterator[None]:
    """Give torch so many CPU threads for a while; None = what it has."""
    torch = need("torch", "export")
    before = torch.get_num_threads()
    if threads is not None:
        torch.set_num_threads(thread_count(threads))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def graph_module(model: Any, output: str) -> Any:
    """Return a torch module (input_ids, attention_mask) -> the one output of a model of transformers."""
    module: Any = need("torch", "export").nn.Module

    class Graph(module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask)[output]

    return Graph().eval()  # a module in training mode would put the model's dropout back after the export


def common_settings(specials: Specials, max_pieces: int) -> dict[str, Any]:
    """Return the settings that taggers and aligners have in common."""
    return {
        "max_pieces": max_pieces,
        "prefix": list(specials.prefix),
        "suffix": list(specials.suffix),
        "pad_id": specials.pad_id,
        "inputs": list(INPUTS),
    }


def finish(
    folder: Path,
    checkpoint: Checkpoint,
    *,
    kind: str,
    engine: str,
    precision: str,
    settings: dict[str, Any],
    pieces: Pieces,
    original: Original,
    device: str,
    threads: int | None,
    tell: Tell,
) -> Manifest:
    """Check the written model against the original and write the manifest, the last file of an export.

    Raises:
        InputError: where they differ by more than the limits.
    """
    tell("checking against the original")

    def manifest(parity: dict[str, float]) -> Manifest:
        return Manifest(
            kind=kind,
            engine=engine,
            precision=precision,
            architecture=checkpoint.architecture,
            source=checkpoint.source,
            revision=checkpoint.revision,
            versions=package_versions(),
            files=record_files(folder) if parity else {},
            settings=settings,
            parity=parity,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    encoder = open_encoder(folder, manifest({}), device=device, threads=threads)
    done = manifest(check_parity(kind, precision, encoder, settings, pieces, original, tell))
    del encoder  # it may hold the files open
    write_manifest(folder, done)
    return done


def summary(folder: str | Path, manifest: Manifest, started: float) -> str:
    """Return the last line of progress: size and time.

    Args:
        folder: where the model is.
        manifest: of that folder.
        started: ``time.perf_counter()`` at the beginning.
    """
    size = sum(record.bytes for record in manifest.files.values())
    unit = f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
    return f"{folder}: {manifest.kind}, {manifest.precision}, {unit}, {time.perf_counter() - started:.1f} s"
