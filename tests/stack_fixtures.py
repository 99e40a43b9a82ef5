"""The toy language's translator, tagger and aligner, exported once a session: see ``pytest_plugins`` of a test file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import MadeOnce
from translator_fixtures import need_export


@dataclass(frozen=True)
class Stack:
    """Folders of exported models."""

    translator: Path
    tagger: Path
    aligner: Path


@pytest.fixture(scope="session")
def stack(trained_translator: Path, made_once: MadeOnce) -> Stack:
    """Return models that are exact on the toy language."""
    need_export()
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (extra: models)")
    from tiny_stack import LAYER, trained_aligner, trained_tagger

    from xproj_fast.export.aligner import export_aligner
    from xproj_fast.export.tagger import export_tagger

    def make(folder: Path) -> None:
        export_tagger(trained_tagger(folder / "tagger-checkpoint"), folder / "tagger")
        export_aligner(trained_aligner(folder / "aligner-checkpoint"), folder / "aligner", layer=LAYER)

    folder = made_once("toy-stack", make)
    return Stack(trained_translator, folder / "tagger", folder / "aligner")
