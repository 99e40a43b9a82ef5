"""Translators made once a session: name this module in ``pytest_plugins`` of a test file."""

from __future__ import annotations

from pathlib import Path

import pytest


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
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Hugging Face NLLB checkpoint of random weights, seven languages."""
    need_export()
    from tiny_translator import tiny_nllb

    return tiny_nllb(tmp_path_factory.mktemp("tiny-nllb") / "checkpoint")


@pytest.fixture(scope="session")
def tiny_translator(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return its export in float32."""
    from xproj_fast.export.translator import export_translator

    folder = tmp_path_factory.mktemp("tiny-translator") / "model"
    export_translator(tiny_checkpoint, folder)
    return folder


@pytest.fixture(scope="session")
def trained_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Hugging Face NLLB checkpoint that translates ``toy_language`` exactly, both ways."""
    need_export()
    from tiny_translator import trained_nllb

    return trained_nllb(tmp_path_factory.mktemp("trained-nllb") / "checkpoint")


@pytest.fixture(scope="session")
def trained_translator(trained_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return its export in float32."""
    from xproj_fast.export.translator import export_translator

    folder = tmp_path_factory.mktemp("trained-translator") / "model"
    export_translator(trained_checkpoint, folder)
    return folder
