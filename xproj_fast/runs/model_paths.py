"""Models by the folders that they lie in: what travels to other processes and machines, where each loads its own."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from xproj_fast.errors import unknown_name
from xproj_fast.models.manifest import read_manifest
from xproj_fast.models.verified import verified_manifest
from xproj_fast.runs.models import identity_of_file

RUNNING = ("device", "compute_type", "threads")  # how they run: no model's name


@dataclass(frozen=True, slots=True)
class ModelPaths:
    """Folders of exported models, and where these run; pickles to a few bytes, as no model is loaded.

    Attributes:
        tagger: of the language that is tagged.
        translator: of all languages.
        aligner: a folder, or a file that ``align --save-aligner-state`` wrote.
        target_tagger: see ``LabelModels``.
        back_translator: see ``LabelModels``.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
        compute_type: of the translators, see ``Translator.load``.
        threads: CPU threads of each; None = all CPUs.

    >>> paths = ModelPaths(tagger="models/ner", translator="models/nllb", aligner="models/align", device="cuda")
    >>> paths.given
    ('tagger', 'translator', 'aligner')
    """

    tagger: str | Path | None = None
    translator: str | Path | None = None
    aligner: str | Path | None = None
    target_tagger: str | Path | None = None
    back_translator: str | Path | None = None
    device: str = "auto"
    compute_type: str | None = None
    threads: int | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the models that it has."""
        return tuple(name for name in NAMES if getattr(self, name) is not None)

    def load(self, names: Iterable[str] | None = None, *, verify: bool = True) -> dict[str, Any]:
        """Load models.

        Args:
            names: of those wanted that it has; None = all.
            verify: compare the hashes of all files; False = somebody has, see ``verify``.

        Returns:
            Them by name, as ``LabelModels`` and ``AugmentModels`` take them.

        Raises:
            InputError: for a folder that holds another kind of model, or a broken one.
            MissingDependencyError: without the packages of the extra ``models``.
        """
        wanted = NAMES if names is None else tuple(names)
        for name in wanted:
            if name not in NAMES:
                raise unknown_name("names", name, NAMES)
        return {name: self._loaded(name, verify) for name in wanted if getattr(self, name) is not None}

    def _loaded(self, name: str, verify: bool) -> Any:
        path = Path(getattr(self, name))
        how: dict[str, Any] = {"device": self.device, "threads": self.threads, "verify": verify}
        if name.endswith("translator"):
            from xproj_fast.models.translator import Translator

            return Translator.load(path, compute_type=self.compute_type, **how)
        if name.endswith("tagger"):
            from xproj_fast.models.tagger import Tagger

            return Tagger.load(path, **how)
        from xproj_fast.models.neural_aligner import Aligner
        from xproj_fast.models.statistical_aligner import StatisticalAligner

        return StatisticalAligner.load(path) if path.is_file() else Aligner.load(path, **how)

    def verify(self, names: Iterable[str] | None = None) -> None:
        """Compare the hashes of all files, once a machine and user; see ``verified_manifest``.

        Raises:
            InputError: for a file that was changed since its export, a folder of another kind, or nothing there.
        """
        for name in self.given if names is None else names:
            path = getattr(self, name)
            if path is not None and not Path(path).is_file():
                verified_manifest(path, name.rpartition("_")[2])

    def described(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Return what tells the models from others, as JSON values, without loading them; see ``verify``.

        Args:
            names: of those wanted that it has; None = all.

        Raises:
            InputError: for a folder of another kind, or nothing there.
        """
        wanted = self.given if names is None else [name for name in self.given if name in set(names)]
        return {name: _identity(Path(getattr(self, name)), name.rpartition("_")[2]) for name in wanted}


_loading = threading.Lock()  # threads of one worker load a model once
NAMES = tuple(each.name for each in fields(ModelPaths) if each.name not in RUNNING)


def _identity(path: Path, kind: str) -> Any:
    if path.is_file():
        return identity_of_file(path)
    return read_manifest(path, kind, verify=False).identity


def loaded_once(paths: ModelPaths, names: Iterable[str]) -> dict[str, Any]:
    """Return models that are verified and loaded once a process: engines unpickle their functions again and again.

    Raises:
        InputError: see ``ModelPaths.load``.
    """
    found = {}
    for name in dict.fromkeys(names):
        if getattr(paths, name) is not None:
            others: dict[str, Any] = dict.fromkeys(set(paths.given) - {name})
            alone = replace(paths, **others)  # the same model among others is the same
            with _loading:
                found[name] = _once(alone, name)
    return found


@cache
def _once(paths: ModelPaths, name: str) -> Any:
    paths.verify()
    return paths.load(verify=False)[name]
