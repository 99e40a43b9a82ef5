"""Hugging Face checkpoints -> model folders that run without torch, each proved against its original.

Needs the extra ``export``; what it writes needs the extra ``models`` alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xproj_fast.export.aligner import export_aligner
    from xproj_fast.export.tagger import export_tagger
    from xproj_fast.export.translator import export_translator

_MODULE_OF = {
    "export_aligner": "xproj_fast.export.aligner",
    "export_tagger": "xproj_fast.export.tagger",
    "export_translator": "xproj_fast.export.translator",
}

__all__ = ["export_aligner", "export_tagger", "export_translator"]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
