"""What pipelines expect of models: the methods they call. Anything that has them will do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from xproj_fast.arrays import Links, WordProbabilities, Words
from xproj_fast.errors import InputError, a
from xproj_fast.models.hashes import blocks, sha256
from xproj_fast.models.statistical_aligner import StatisticalAligner
from xproj_fast.models.tagging import Tagged, TaggerOptions
from xproj_fast.models.translation import TranslateOptions, Translation
from xproj_fast.scores.mt import Scorer
from xproj_fast.text.languages import check_language

# Options that say how much is done at once: no output depends on them.
PORTIONS = ("batch_tokens", "chunk")


class TranslatorLike(Protocol):
    """See ``xproj_fast.models.translator.Translator``."""

    def translate(
        self, lines: Sequence[str], source_language: str, target_language: str, options: TranslateOptions | None = None
    ) -> Iterator[Translation]:
        """Translate lines, in order."""


class TaggerLike(Protocol):
    """See ``xproj_fast.models.tagger.Tagger``."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Entity classes without prefixes."""

    def tag(
        self,
        words: Words,
        options: TaggerOptions | None = None,
        *,
        warn: bool = True,
        progress: Callable[[float], None] | None = None,
    ) -> Tagged:
        """Return the entities of sentences."""

    def probabilities(
        self,
        words: Words,
        options: TaggerOptions | None = None,
        *,
        progress: Callable[[float], None] | None = None,
    ) -> WordProbabilities:
        """Return the probabilities of all labels."""


class Aligned(Protocol):
    """What an aligner returns; see ``xproj_fast.models.neural_aligner.Alignment``."""

    @property
    def links(self) -> Links:
        """The links."""


class AlignerLike(Protocol):
    """See ``xproj_fast.models.neural_aligner.Aligner``; ``align_many`` and ``languages`` are used where it has them."""

    def align(
        self,
        source: Words,
        target: Words,
        *,
        source_language: str | None = None,
        target_language: str | None = None,
    ) -> Aligned:
        """Link the words of sentence pairs."""


def align_words(
    aligner: Any,
    source: Words,
    target: Words,
    source_language: str | None,
    target_language: str | None,
    options: dict[str, Any],
) -> Any:
    """Align with whatever aligner: languages only for one that needs them, other options only for ours."""
    languages = {"source_language": source_language, "target_language": target_language}
    given = languages if needs_languages(aligner) else {}
    return aligner.align(source, target, **given, **(options if is_ours(aligner) else {}))


def align_pairs(
    aligner: Any, source: Words, target: Words, source_language: str, target_language: str, options: dict[str, Any]
) -> Links:
    """Return the links that ``align_words`` finds."""
    links: Links = align_words(aligner, source, target, source_language, target_language, options).links
    return links


def align_targets(
    aligner: Any,
    source: Words,
    targets: Sequence[Words],
    source_language: str,
    target_languages: Sequence[str],
    options: dict[str, Any],
) -> list[Links]:
    """Align one text with its translations; each side is encoded once where the aligner can do that."""
    if not hasattr(aligner, "align_many"):
        return [
            align_pairs(aligner, source, target, source_language, code, options)
            for target, code in zip(targets, target_languages, strict=True)
        ]
    given: dict[str, Any] = {}
    if needs_languages(aligner):
        given = {"source_language": source_language, "target_languages": list(target_languages)}
    given |= options if is_ours(aligner) else {}
    return [found.links for found in aligner.align_many(source, list(targets), **given)]


def aligning(options: Any, progress: Callable[..., None]) -> dict[str, Any]:
    """Return how our aligners run, by the options of a pipeline."""
    return {
        "options": options.align,
        "threads": options.threads,
        "progress": progress,
    }


def needs_languages(aligner: Any) -> bool:
    """Whether an aligner (an NLLB encoder) needs the languages."""
    return bool(getattr(aligner, "languages", ()))


def is_ours(model: Any) -> bool:
    """Whether a model was made by this package, and so takes all the options of its class."""
    return hasattr(model, "manifest") or isinstance(model, StatisticalAligner)


def check_models(models: Any, names: Iterable[str]) -> None:
    """Check that a record of models, loaded or as folders, has those of some names.

    Raises:
        InputError: for one that is missing.
    """
    for name in names:
        if getattr(models, name) is None:
            raise InputError(f"models: expected {a(name.replace('_', ' '))} with this method, got none", field=name)


def check_translator_languages(translator: Any, **codes: str) -> None:
    """Check languages against those of a translator, where it says which.

    Raises:
        InputError: for a code that it does not know, with the one that was probably meant.
    """
    known = tuple(getattr(translator, "languages", ()))
    for field, code in codes.items():
        if known:
            check_language(code, known, field)


def check_aligner_languages(aligner: Any, source_language: str, target_languages: Sequence[str]) -> None:
    """The same for an aligner that needs languages."""
    known = tuple(getattr(aligner, "languages", ()))
    for code in (source_language, *target_languages) if known else ():
        check_language(code, known, "language of the aligner")


def phrase_scorer(translator: Any, source_language: str, target_language: str) -> Scorer:
    """Return what scores pairs of phrases with the translator that is loaded already."""
    from xproj_fast.models.phrase_scorer import PhraseScorer

    return PhraseScorer(translator, source_language, target_language)


def identity_of(model: Any) -> Any:
    """Return what tells a model from another, as JSON values.

    That is its ``identity``, where it has one: one of your own may say there what its output depends on. Else it is the
    name of its class, or of the function that it is.
    """
    named = model if hasattr(model, "__qualname__") else type(model)
    return getattr(model, "identity", f"{named.__module__}.{named.__qualname__}")


def identity_of_file(path: Path) -> str:
    """Return the hash of a file's bytes.

    Raises:
        InputError: where there is no plain file: a pipe can be read only once, and a stopped run must read again.
    """
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: expected a file (a run that is stopped reads it again), got something else")
    return identity_of_input(path)


def identity_of_input(path: Path) -> str:
    """Return what tells an input from another: the hash of its bytes.

    A pipe can be read only once: a new run reads something else from it, so it never continues an old one.

    Raises:
        InputError: where nothing is there.
    """
    if not path.exists():
        raise InputError(f"{path}: expected a file, got nothing there")
    return sha256(blocks(path)) if path.is_file() else f"read from a pipe by process {os.getpid()}"


def models_of(models: Any) -> dict[str, Any]:
    """Return the models of a record by name."""
    return {name: getattr(models, name) for name in models.__dataclass_fields__}


def device_of(model: Any) -> str:
    """Return ``"cuda"`` or ``"cpu"``; models that do not say where they run are on the CPU."""
    return getattr(getattr(model, "device", None), "kind", "cpu")


def described(options: Any) -> Any:
    """Return a dataclass of options as JSON values, without those that no output depends on."""
    if options is None:
        return None
    return {name: value for name, value in asdict(options).items() if name not in PORTIONS}
