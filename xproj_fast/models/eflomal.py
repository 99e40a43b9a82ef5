"""Word alignments without a neural model: eflomal learns them from the sentence pairs themselves.

eflomal is GPL-3 and stays a separate program: its command runs as another process, only text files pass
between the two, and nothing of it is imported.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import logging
import os
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from xproj_fast import __version__
from xproj_fast.arrays import Links, Words, thread_count
from xproj_fast.checks import check_alignments
from xproj_fast.errors import InputError, InternalError, MissingDependencyError, blamed
from xproj_fast.formats.leftovers import scratch_folder
from xproj_fast.formats.pharaoh import PharaohReader
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import Kernels
from xproj_fast.models.alignment import SYMMETRIZATIONS, EflomalOptions
from xproj_fast.models.child import run_child
from xproj_fast.models.hashes import blocks, sha256
from xproj_fast.models.link_cache import read_cache, write_cache
from xproj_fast.models.parallel_text import (
    BLOCK_SENTENCES,
    check_extra,
    check_learnable,
    extra_blocks,
    extra_format,
    too_long,
)
from xproj_fast.pairs import SentencePairs
from xproj_fast.wording import count, shown

FEW_PAIRS = 1000  # sentence pairs below which there is little to learn from
MAX_WORDS = 1023  # eflomal's write_text() hands a longer sentence on as an empty one
# What str.split() splits on, and with it eflomal: more than ASCII, up to U+3000.
WHITE_SPACE = "[" + "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + "]"

logger = logging.getLogger(__name__)


def align_with_eflomal(
    pairs: SentencePairs,
    options: EflomalOptions | None = None,
    *,
    cache: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> SentencePairs:
    """Return the same pairs with word alignments that eflomal learns from their own words.

    >>> import xproj_fast as xp
    >>> pairs = xp.read_pairs("en.conll", "de.words")
    >>> aligned = xp.align_with_eflomal(pairs, cache="en-de.learnt.pharaoh")
    >>> xp.project(aligned).counts()["sentences"]
    40

    Args:
        pairs: N sentence pairs with the words of both sides; alignments they have are replaced.
        options: None = the defaults.
        cache: see ``align_words``, as for progress and the source of the method.
        progress: called with a line of text; None = silent.

    Raises:
        InputError, InternalError, MissingDependencyError: see ``align_words``.
    """
    links = align_words(pairs.source, pairs.target, options, cache=cache, progress=progress)
    return pairs.with_alignments(links, copy=False)


def align_words(
    source: Words,
    target: Words,
    options: EflomalOptions | None = None,
    *,
    cache: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Links:
    """Align the words of sentence pairs with eflomal, in both directions, and symmetrise.

    The method is Östling & Tiedemann 2016, "Efficient word alignment with Markov Chain Monte Carlo", in their
    program eflomal. It lower-cases words. Its sampler is seeded by the system, so **two runs give slightly
    different links**; ``cache`` is what makes a result repeatable.

    Args:
        source: words of N sentences.
        target: words of their N translations.
        options: None = the defaults.
        cache: Pharaoh file (.gz and .zst are compressed) that keeps the links; ``<cache>.json`` next to it
            holds SHA-256 sums of words and options and of the links, and eflomal's version. Where all agree
            the links are read (even without eflomal installed), else learnt anew and overwritten. None = no
            cache.
        progress: called with a line of text before and after the work; None = silent.

    Returns:
        Links of N sentences: offsets int64[N + 1], source and target int32[links], by (source, target). A
        pair with an empty side has none. One with more than 1,023 words on a side has none either, as
        eflomal leaves it out: a ``UserWarning`` counts these.

    Raises:
        InputError: for no sentence pairs, unequal numbers of them, words without strings, a cache that was
            not made here, and where eflomal fails (with its exit status and last words).
        InternalError: where eflomal returns another number of lines, or a link outside its sentence pair.
        MissingDependencyError: without the package eflomal.
    """
    options = options or EflomalOptions()
    kernels = get()
    check_learnable(source, target)
    too_long(np.diff(source.offsets), np.diff(target.offsets), MAX_WORDS, "eflomal", "left without links")
    made_from = {"aligner": "eflomal"}
    if cache is not None:
        with suppress(MissingDependencyError):
            made_from["version"], _ = _program()
        made_from["input_sha256"] = _input_sha256(source, target, options)
        links = read_cache(Path(cache), made_from, len(source))
        if links is not None:
            _tell(progress, f"{cache}: {len(links.source):,} links read, nothing had changed")
            return links
    version, program = _program()
    _tell(progress, f"aligning the words of {len(source):,} sentence pairs with eflomal {version}")
    if len(source) < FEW_PAIRS and options.extra_text is None and options.priors is None:
        logger.warning(
            "eflomal learns from the text alone: %s poor links; more parallel text (extra_text), priors or a neural "
            "aligner help",
            count(len(source), "sentence pair gives", "sentence pairs give"),
        )
    links = _learn(program, source, target, options, kernels)
    _tell(progress, f"{len(links.source):,} links")
    if cache is not None:
        write_cache(Path(cache), made_from, links)
    return links


def _tell(progress: Callable[[str], None] | None, text: str) -> None:
    logger.info("%s", shown(text))
    if progress is not None:
        progress(text)


def _program() -> tuple[str, Path]:
    with suppress(importlib.metadata.PackageNotFoundError):
        package = importlib.metadata.distribution("eflomal")
        # By the package's list of files: an environment that was not activated has its commands not on PATH.
        for file in package.files or ():
            if file.name == "eflomal-align":
                return package.version, Path(str(file.locate())).resolve()
    raise MissingDependencyError("aligning words needs eflomal 2.0: pip install 'xproj-fast[eflomal]'")


def _learn(program: Path, source: Words, target: Words, options: EflomalOptions, kernels: Kernels) -> Links:
    with scratch_folder("xproj-eflomal-") as folder:
        for words, side in ((source, "source"), (target, "target")):
            with blamed(folder / side), open(folder / side, "wb") as out:
                _write_lines(words, out)
        lines = len(source) + _append_extra(options.extra_text, options.tokenized, folder)
        _run(program, options, folder)
        # eflomal writes source-target links in both directions.
        forward = _read_links(folder / "forward", lines, source, target, kernels)
        reverse = _read_links(folder / "reverse", lines, source, target, kernels)
    return kernels.symmetrize(forward, reverse, SYMMETRIZATIONS[options.symmetrization], thread_count(None))


def _write_lines(words: Words, out: Any) -> None:
    """Write one sentence per line, one token per word: white space inside a word would shift every later link."""
    import pyarrow as pa
    import pyarrow.compute as pc

    strings: Any = words.strings
    for first in range(0, len(words), BLOCK_SENTENCES):
        bounds = words.offsets[first : first + BLOCK_SENTENCES + 1]
        block = strings.slice(bounds[0], bounds[-1] - bounds[0]).cast(pa.string())
        block = pc.replace_substring_regex(block, WHITE_SPACE, "_")
        block = pc.if_else(pc.equal(block, ""), "_", block)
        starts = (bounds - bounds[0]).astype(np.int32)
        sentences = pc.binary_join(pa.ListArray.from_arrays(starts, block), " ")
        text = pc.binary_join(pa.ListArray.from_arrays([0, len(sentences)], sentences), "\n")
        out.write(text[0].as_buffer())
        out.write(b"\n")


def _append_extra(paths: tuple[Path, Path] | None, tokenized: bool, folder: Path) -> int:
    if paths is None:
        return 0
    lengths = []
    for path, side in zip(paths, ("source", "target"), strict=True):
        counts = [np.zeros(0, np.int64)]
        with blamed(folder / side), open(folder / side, "ab") as out:
            for words in extra_blocks(Path(path), tokenized):
                _write_lines(words, out)
                counts.append(np.diff(words.offsets))
        lengths.append(np.concatenate(counts))
    check_extra(paths, [len(counted) for counted in lengths])
    too_long(lengths[0], lengths[1], MAX_WORDS, "eflomal", "of extra_text and not learnt from")
    return len(lengths[0])


def _run(program: Path, options: EflomalOptions, folder: Path) -> None:
    flags: dict[str, Any] = {"-s": "source", "-t": "target", "-f": "forward", "-r": "reverse"}
    flags |= {"-m": options.model, "-l": options.iterations}
    flags |= {"--n-samplers": options.samplers, "--null-prior": options.null_prior}
    if options.priors is not None:
        flags["-p"] = Path(options.priors).resolve()
    words = [str(word) for flag in flags.items() for word in flag]
    # eflomal's own temporary files go with the folder.
    status, said = run_child(program, words, cwd=folder, env={**os.environ, "TMPDIR": str(folder)})
    if status != 0:
        # The sampler's own message stands before the traceback of the command, which is Python.
        message, _, trace = said.partition("Traceback (most recent call last):")
        last = "; ".join([*message.splitlines()[-5:], *trace.splitlines()[-1:]])
        raise InputError(f"eflomal failed with exit status {status}: {last or 'it said nothing'}")


def _read_links(path: Path, lines: int, source: Words, target: Words, kernels: Kernels) -> Links:
    try:
        with closing(PharaohReader(path)) as reader:
            links = reader.read(lines + 1)  # one more, to notice what is too much
        if len(links) != lines:
            raise InternalError(f"expected {lines:,} lines of {path.name} links from eflomal, got {len(links):,}")
        offsets = links.offsets[: len(source) + 1]  # the lines after these belong to extra_text
        links = Links(offsets, links.source[: offsets[-1]], links.target[: offsets[-1]])
        check_alignments(kernels, links, source, target)
    except InputError as error:
        raise InternalError(f"eflomal's {path.name} links do not fit its input: {error}") from error
    return links


def _input_sha256(source: Words, target: Words, options: EflomalOptions) -> str:
    extra = [Path(path) for path in options.extra_text or ()]
    settings = asdict(options) | {
        "symmetrization": SYMMETRIZATIONS[options.symmetrization].name,  # an alias is no change
        # By its suffix it is read one way or another.
        "extra_text": [(extra_format(path), sha256(blocks(path))) for path in extra],
        "xproj_fast": __version__,  # cuts it into words, and symmetrises
        "priors": None if options.priors is None else sha256(blocks(options.priors)),
    }
    state = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for words in (source, target):
        _write_lines(words, SimpleNamespace(write=state.update))  # the words as eflomal gets them
    return state.hexdigest()
