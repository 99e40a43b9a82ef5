"""The sentences that come with the package: 40 in English, with labels, and in seven other languages.

>>> from xproj_fast.demo import demo_pairs
>>> from xproj_fast.projector import project
>>> print(project(demo_pairs("de"))[0])
[Maria Lopez]PER joined the [Berlin]LOC office of [Siemens]ORG last spring .
[Maria Lopez]PER wechselte im letzten Frühjahr in das [Berliner]LOC Büro von [Siemens]ORG .
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.errors import unknown_name

if TYPE_CHECKING:
    from xproj_fast.pairs import SentencePairs

LANGUAGES = {
    "de": "German",
    "es": "Spanish",
    "ru": "Russian",
    "ja": "Japanese",
    "ar": "Arabic",
    "zh": "Chinese",
    "hi": "Hindi",
}


@contextmanager
def demo_folder() -> Iterator[Path]:
    """Yield the folder of the files: en.conll, and of each language L.words, en-L.pharaoh and L.gold.conll."""
    with as_file(files("xproj_fast") / "data" / "demo") as folder:
        yield folder


def demo_pairs(language: str) -> SentencePairs:
    """Return the English sentences with their labels, their translations and the alignments.

    Args:
        language: of ``LANGUAGES``.

    Raises:
        InputError: for another language.
    """
    from xproj_fast.formats.pair_files import read_pairs

    _check(language)
    with demo_folder() as folder:
        return read_pairs(folder / "en.conll", folder / f"{language}.words", folder / f"en-{language}.pharaoh")


def demo_gold(language: str) -> Any:
    """Return the translations with their right labels, as ``read_sentences`` does.

    Args:
        language: of ``LANGUAGES``.

    Raises:
        InputError: for another language.
    """
    from xproj_fast.formats.files import read_sentences

    _check(language)
    with demo_folder() as folder:
        return read_sentences(folder / f"{language}.gold.conll")


def _check(language: str) -> None:
    if language not in LANGUAGES:
        raise unknown_name("language", language, LANGUAGES)
