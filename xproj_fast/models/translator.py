"""Translation with an exported NLLB or M2M100 model: lines in, lines out, and log-probabilities of given ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from xproj_fast.errors import InputError
from xproj_fast.models.devices import Device, ctranslate2_device
from xproj_fast.models.identity import Origin, reduced
from xproj_fast.models.manifest import CTRANSLATE2_MODEL, TOKENIZER, Manifest, read_manifest
from xproj_fast.models.subtokens import TextTokenizer, lone_surrogate
from xproj_fast.models.translation import TokenScores, TranslateOptions, Translation, TranslationCounts
from xproj_fast.models.translation_engine import CLOSED, Output, Running, TranslationEngine, compute_type_for
from xproj_fast.models.translation_plan import Plan, assemble, chunks, make_plan, shows
from xproj_fast.packages import versions
from xproj_fast.ragged import offsets_of_lists
from xproj_fast.text.languages import check_language

__all__ = ["TokenScores", "TranslateOptions", "Translation", "TranslationCounts", "Translator"]

MAX_SOURCE_TOKENS = 512  # NLLB was trained on no longer ones (its model card); the hard limit is 1,024 with specials
SPECIALS = 2  # of a source: language token and </s>
STEP = 16  # source lengths are rounded up to this before the limit of the translation is reckoned


class Translator:
    """A loaded translator; make one with ``Translator.load``. Usable in a with-block, which closes it.

    It can be sent to other processes, where it is open until it is closed there.

    Attributes:
        manifest: what it was exported from.

    >>> import xproj_fast as xp
    >>> with xp.Translator.load("models/nllb") as translator:
    ...     for translation in translator.translate(["Good morning."], "eng_Latn", "deu_Latn"):
    ...         print(translation.text)
    Guten Morgen.
    """

    def __init__(
        self, manifest: Manifest, tokenizer: TextTokenizer, engine: TranslationEngine, origin: Origin | None = None
    ) -> None:
        self.manifest = manifest
        self._origin = origin
        self._tokenizer = tokenizer
        self._engine = engine
        self._open = True

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        device: str = "auto",
        compute_type: str | None = None,
        threads: int | None = None,
        parallel: int | None = None,
        verify: bool = True,
    ) -> Translator:
        """Load what ``xproj-fast export nllb`` wrote.

        Args:
            folder: the model folder.
            device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
            compute_type: CTranslate2's name, such as ``"int8"`` or ``"float16"``; None = as exported, or the nearest
                the device is fast in (a CPU computes float16 weights in float32).
            threads: CPU threads in all; None = all CPUs.
            parallel: batches at a time; None = one per thread on a CPU (faster than several threads per batch), one on
                a GPU.
            verify: compare the hashes of all files.

        Raises:
            InputError: for a folder that holds no whole translator, a device that does not work, a compute type it
                does not support.
            MissingDependencyError: without the packages of the extra ``models``.
        """
        manifest = read_manifest(folder, "translator", verify=verify)
        where = ctranslate2_device(device)
        tokenizer = TextTokenizer(Path(folder) / TOKENIZER)
        missing = [code for code in manifest.settings["languages"] if code not in tokenizer.ids]
        if missing:
            raise InputError(
                f"{Path(folder) / TOKENIZER}: expected a token for every language of the manifest, got none for "
                f"{', '.join(missing[:4])}"
            )
        engine = TranslationEngine(
            Path(folder) / CTRANSLATE2_MODEL,
            where,
            compute_type_for(manifest.precision, where, compute_type),
            threads=threads,
            parallel=parallel,
            vocabulary=len(tokenizer.ids),
        )
        origin = Origin.of(
            folder, device=device, compute_type=compute_type, threads=threads, parallel=parallel, verify=verify
        )
        return cls(manifest, tokenizer, engine, origin)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as folder and options: the other process loads the model itself."""
        self._check_open()
        return reduced(self, self._origin)

    @property
    def identity(self) -> dict[str, Any]:
        """All that its output depends on, but for the rounding of its device."""
        computed = {"compute_type": self.compute_type, "packages": versions("tokenizers", self.manifest.engine)}
        return self.manifest.identity | computed

    def __enter__(self) -> Translator:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is not None and issubclass(kind, (KeyboardInterrupt, SystemExit)):
            self._open = False
            self._engine.abandon()
        else:
            self.close()

    def close(self) -> None:
        """Free the model's memory; the translator cannot be used any more."""
        if self._open:
            self._open = False
            self._engine.close()

    @property
    def device(self) -> Device:
        """Where it runs."""
        return self._engine.device

    @property
    def compute_type(self) -> str:
        """What it computes in."""
        return self._engine.compute_type

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes it knows, such as ``"eng_Latn"``."""
        return tuple(self.manifest.settings["languages"])

    def translate(
        self,
        lines: Iterable[str],
        source_language: str,
        target_language: str,
        options: TranslateOptions | None = None,
        *,
        counts: TranslationCounts | None = None,
    ) -> Iterator[Translation]:
        """Translate lines of raw text, one after the other, in their order.

        Lines are read chunk by chunk: while the engine works on one, the next is tokenized and the one before is
        handed out. Blank lines never reach the model; a line that cannot be translated whole is refused and says why.

        Args:
            lines: any number of lines, also a generator that never ends.
            source_language: code such as ``"eng_Latn"``.
            target_language: likewise.
            options: None = the defaults.
            counts: is added to with every translation handed out; None = not counted.

        Returns:
            An iterator over as many translations as lines.

        Raises:
            InputError: at once, for languages the model does not know and options it cannot meet; later, where a line
                is no string, and where a single sentence does not fit into memory.
        """
        options = options or TranslateOptions()
        self._check(source_language, target_language)
        if isinstance(lines, str):
            raise InputError("lines: expected an iterable of strings, got one string", field="lines")
        most, longest = self._limits(options)
        return self._stream(lines, source_language, target_language, options, most, longest, counts)

    def score(
        self,
        source: Sequence[str],
        target: Sequence[str],
        source_language: str,
        target_language: str,
        *,
        batch_tokens: int | None = None,
    ) -> TokenScores:
        """Return how probable the model finds given translations, subword by subword.

        Args:
            source: N texts.
            target: their N translations.
            source_language: code such as ``"eng_Latn"``.
            target_language: likewise.
            batch_tokens: padded subwords per batch, halved where memory is short; None = 4,096 on a CPU, 16,384 on a
                GPU, and no more than the logits of the whole vocabulary leave room for.

        Returns:
            Natural log-probabilities of the target subwords and ``</s>``, the language token left out.

        Raises:
            InputError: for unequal numbers of texts, unknown languages, and for a text that is blank, holds a lone
                surrogate or is too long for the model (naming its index): none can be scored, none is cut.
        """
        self._check(source_language, target_language)
        if len(source) != len(target):
            raise InputError(f"expected as many targets as sources, got {len(source):,} and {len(target):,}")
        sources = [[source_language, *tokens, "</s>"] for tokens in self._encode(source, "source")]
        targets = [[target_language, *tokens] for tokens in self._encode(target, "target")]
        scores = self._engine.score(sources, targets, batch_tokens).results()
        offsets = offsets_of_lists(targets)
        values = np.empty(offsets[-1], np.float32)
        for i, (first, last) in enumerate(pairwise(offsets.tolist())):
            values[first:last] = scores[i]
        return TokenScores(offsets, values)

    def _check(self, source_language: str, target_language: str) -> None:
        self._check_open()
        check_language(source_language, self.languages, "source_language")
        check_language(target_language, self.languages, "target_language")

    def _check_open(self) -> None:
        if not self._open:
            raise InputError(CLOSED)

    def _limits(self, options: TranslateOptions) -> tuple[int, int]:
        """Return the longest source and target in subwords: without special ones, with ``</s>``."""
        most = int(self.manifest.settings["max_pieces"]) - SPECIALS
        if options.max_source_tokens is not None and options.max_source_tokens > most:
            raise InputError(
                f"max_source_tokens: expected at most {most:,}, as the model has {most + SPECIALS:,} positions, got "
                f"{options.max_source_tokens:,}",
                field="max_source_tokens",
            )
        return options.max_source_tokens or min(MAX_SOURCE_TOKENS, most), min(options.max_target_tokens, most + 1)

    def _stream(
        self,
        lines: Iterable[str],
        source_language: str,
        target_language: str,
        options: TranslateOptions,
        most: int,
        longest: int,
        counts: TranslationCounts | None,
    ) -> Iterator[Translation]:
        unknown = str(self.manifest.settings["unk"])

        def finish(plan: Plan, running: Running[Output]) -> Iterator[Translation]:
            for translation in assemble(plan, running.results(), self._tokenizer, unknown, target_language):
                if counts is not None:
                    counts.add(translation)
                yield translation

        before: tuple[Plan, Running[Output]] | None = None
        running: Running[Output] | None = None
        try:
            for chunk in chunks(lines, options.chunk):
                self._check_open()
                plan = make_plan(chunk, self._tokenizer, options.split, most)
                lengths = np.array([len(tokens) for tokens in plan.parts], np.int64)
                rounded = -(-lengths // STEP) * STEP
                limits = np.minimum(np.ceil(options.max_length_ratio * rounded) + 32, longest).astype(np.int64)
                sources = [[source_language, *tokens, "</s>"] for tokens in plan.parts]
                running = self._engine.translate(sources, target_language, limits, options)
                if before is not None:
                    yield from finish(*before)
                before = plan, running
            if before is not None:
                yield from finish(*before)
        finally:  # closed early, or failed
            if running is not None:
                running.cancel()

    def _encode(self, texts: Sequence[str], side: str) -> list[list[str]]:
        if isinstance(texts, str):
            raise InputError(f"{side}: expected a list of texts, got one string", field=side)
        most = int(self.manifest.settings["max_pieces"]) - SPECIALS
        for i, text in enumerate(texts):
            what = _fault(text)
            if what is not None:
                raise InputError(f"{side}: sentence {i}: expected text to score, got {what}", field=side, sentence=i)
        encoded = self._tokenizer.encode(texts)
        for i, tokens in enumerate(encoded):
            if not shows(tokens) or len(tokens) > most:
                got = f"{len(tokens):,} subwords" if shows(tokens) else f"blank {texts[i]!r}"
                raise InputError(
                    f"{side}: sentence {i}: expected text of at most {most:,} subwords to score, got {got}",
                    field=side,
                    sentence=i,
                )
        return encoded


def _fault(text: Any) -> str | None:
    if not isinstance(text, str):
        return f"{type(text).__name__} {text!r}"
    at = lone_surrogate(text)
    return None if at is None else f"a lone surrogate U+{ord(text[at]):04X} at character {at}"
