"""What is shared by all tests: the backends, the real data, read once, and every small model, made once."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from skips import NO_REAL_DATA, pytest_sessionfinish, pytest_terminal_summary  # noqa: F401

from xproj_fast.kernels import BACKENDS, get
from xproj_fast.kernels.protocol import Kernels
from xproj_fast.pairs import SentencePairs

# No deadline: the Numba kernels compile on their first call.
settings.register_profile(
    "xproj", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("xproj")


MadeOnce = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """Return ``made(name, make)``: the folder that ``make(folder)`` fills, once for all processes of pytest-xdist.

    What makes or trains a model asks for it, so that the tests on such models are those of the marker ``trains``.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, partial = shared / name, shared / f"{name}.partial"
        with open(shared / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the others wait for the first one
            if not folder.exists():
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir()
                make(partial)
                partial.rename(folder)
        return folder

    return made


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """Return a folder in memory, where the system has one: for files that are made sure of again and again."""
    memory = "/dev/shm"
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="xproj-tests-", dir=memory) as name:
        yield Path(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "made_once" in getattr(item, "fixturenames", ()):
            item.add_marker("trains")


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Name each backend in turn: for candidates, alignment scores and greedy matching, in which alone they differ."""
    return request.param


@pytest.fixture(scope="session")
def kernels() -> Kernels:
    """Return the compiled core, which has every kernel."""
    return get()


def shared(*parts: str) -> Path:
    """Return something of ../shared beside the repository; skip where it is absent."""
    path = Path(__file__).resolve().parents[2].joinpath("shared", *parts)
    if not path.exists():
        pytest.skip(f"{NO_REAL_DATA}: {path} (its licences keep it out of the repository)")
    return path


def shared_data(*parts: str) -> Path:
    """Return ../shared/data beside the repository, or a file in it; skip where it is absent."""
    return shared("data", *parts)


@dataclass(frozen=True)
class RealData:
    """Sentence pairs and the gold IOB2 tags of their target side (silver for translate-train)."""

    pairs: SentencePairs
    gold: list[list[str]]


def real_data(source: Path, target: Path, alignments: Path, drop: tuple[str, ...] = ()) -> RealData:
    from reference.iob import encode

    from xproj_fast.formats.conll import ConllReader
    from xproj_fast.formats.pharaoh import PharaohReader

    everything = 10**9
    labelled = ConllReader(source).read(everything)
    gold = ConllReader(target).read(everything)
    links = PharaohReader(alignments).read(everything)
    pairs = SentencePairs.from_columns(labelled.words, gold.words, labelled.entities, labelled.labels, links)
    pairs = pairs.drop_labels([name for name in drop if name in pairs.labels])
    entities = gold.entities
    assert entities is not None
    tags = []
    for s in range(len(gold.words)):
        spans = [
            (int(entities.start[i]), int(entities.end[i]), gold.labels[entities.label[i]])
            for i in range(entities.offsets[s], entities.offsets[s + 1])
            if gold.labels[entities.label[i]] not in drop
        ]
        tags.append(encode(int(gold.words.offsets[s + 1] - gold.words.offsets[s]), spans))
    return RealData(pairs, tags)


def _europarl(language: str, links: str) -> RealData:
    folder = shared_data("europarl-ner")
    return real_data(folder / "en.conll", folder / f"{language}.conll", folder / f"en-{language}.{links}.pharaoh")


@pytest.fixture(scope="session")
def europarl_de_intersect() -> RealData:
    return _europarl("de", "intersect")


@pytest.fixture(scope="session")
def europarl_de_gdfa() -> RealData:
    return _europarl("de", "gdfa")


@pytest.fixture(scope="session")
def europarl_es_intersect() -> RealData:
    return _europarl("es", "intersect")


@pytest.fixture(scope="session")
def europarl_es_gdfa() -> RealData:
    return _europarl("es", "gdfa")


@pytest.fixture(scope="session")
def bambara() -> RealData:
    folder = shared_data("masakhaner2-bam")
    return real_data(folder / "en.predicted.conll", folder / "bam.gold.conll", folder / "en-bam.pharaoh")


def _translate_test(language: str) -> RealData:
    folder = shared_data("conll-translate-test", language)
    return real_data(
        folder / "en.predicted.conll",
        folder / f"{language}.gold.conll",
        folder / f"en-{language}.pharaoh",
        ("MISC",),
    )


@pytest.fixture(scope="session")
def translate_test_de() -> RealData:
    return _translate_test("de")


@pytest.fixture(scope="session")
def translate_test_es() -> RealData:
    return _translate_test("es")


def _translate_train(language: str) -> RealData:
    folder = shared_data("conll-translate-train")
    return real_data(
        folder / "en.train.conll",
        folder / f"{language}.DeepL.train.easy-label-projection.conll",
        folder / f"en-{language}.DeepL.train.pharaoh",
    )


@pytest.fixture(scope="session")
def translate_train_de() -> RealData:
    return _translate_train("de")


@pytest.fixture(scope="session")
def translate_train_es() -> RealData:
    return _translate_train("es")
