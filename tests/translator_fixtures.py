"""Translators made once a session: name this module in ``pytest_plugins`` of a test file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from conftest import MadeOnce


def need_models() -> None:
    """Skip where what runs exported models is not installed."""
    for package in ("ctranslate2", "tokenizers"):
        pytest.importorskip(package, reason=f"{package} is not installed (extra: models)")


def need_export() -> None:
    """Skip where what exports models is not installed: tests make their checkpoints with it."""
    need_models()
    for package in ("torch", "transformers", "sentencepiece"):
        pytest.importorskip(package, reason=f"{package} is not installed (extra: export)")


@pytest.fixture(scope="session")
def tiny_checkpoint(made_once: MadeOnce) -> Path:
    """Return a Hugging Face NLLB checkpoint of random weights, seven languages."""
    need_export()
    from tiny_translator import tiny_nllb

    return made_once("tiny-nllb", tiny_nllb)


@pytest.fixture(scope="session")
def tiny_translator(tiny_checkpoint: Path, made_once: MadeOnce) -> Path:
    """Return its export in float32."""
    return made_once("tiny-translator", partial(export, tiny_checkpoint))


@pytest.fixture(scope="session")
def endless_translator(made_once: MadeOnce) -> Path:
    """Return a translator of random weights that never ends a sentence."""
    need_export()
    from tiny_translator import tiny_nllb

    checkpoint = made_once("endless-nllb", partial(tiny_nllb, endless=True))
    return made_once("endless-translator", partial(export, checkpoint))


@pytest.fixture(scope="session")
def trained_checkpoint(made_once: MadeOnce) -> Path:
    """Return a Hugging Face NLLB checkpoint that translates ``toy_language`` exactly, both ways."""
    need_export()
    from tiny_translator import trained_nllb

    return made_once("trained-nllb", trained_nllb)


@pytest.fixture(scope="session")
def trained_translator(trained_checkpoint: Path, made_once: MadeOnce) -> Path:
    """Return its export in float32."""
    return made_once("trained-translator", partial(export, trained_checkpoint))


def export(checkpoint: Path, folder: Path) -> None:
    from xproj_fast.export.translator import export_translator

    export_translator(checkpoint, folder)
