"""``xproj-fast align --aligner DIR``: sentence by sentence, so that a stopped run can be gone on with."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from xproj_fast import __version__
from xproj_fast.cli import console, options
from xproj_fast.cli.resumable import identity_of, open_output
from xproj_fast.errors import InputError
from xproj_fast.formats.registry import format_of
from xproj_fast.runs.models import described
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.arrays import Words
    from xproj_fast.models.neural_aligner import Aligner, Alignment

CHUNK = 2048  # sentence pairs a chunk: what a kill loses


def load(args: argparse.Namespace) -> Aligner:
    """Load the aligner the options name, and check the languages before anything is read."""
    from xproj_fast.models.neural_aligner import Aligner

    aligner = Aligner.load(args.aligner, device=args.device, threads=args.threads)
    with options.usage_errors():
        aligner.check_languages(args.source_language, [args.target_language])
    return aligner


def align_with_model(args: argparse.Namespace) -> dict[str, Any]:
    """Read both sides chunk by chunk, align, append; returns the summary."""
    started = time.perf_counter()
    how = options.align_options(args)
    aligner = load(args)
    made_from = {
        "source": identity_of(args.source),
        "target": identity_of(args.target),
        "aligner": aligner.identity,
        "options": described(how),
        "languages": [args.source_language, args.target_language],
        "confidences": args.confidences,
        "reading": options.reading_identity(args)
        | {"source": format_of(args.source, args.source_format), "target": format_of(args.target, args.target_format)},
        "xproj_fast": __version__,
    }
    with (
        open_output(args.output, made_from, resume=args.resume, restart=args.restart) as output,
        console.progress("aligning", quiet=args.quiet) as report,
    ):
        resumed = output.done
        for source, target, share in () if output.complete else _chunks(args, output.done):
            found = aligner.align(
                source,
                target,
                how,
                source_language=args.source_language,
                target_language=args.target_language,
                threads=args.threads,
            )
            output.append(_text(found, args.confidences), len(source), found.counts)
            report(share)
        complete, counts = output.complete, dict(output.counts)
    seconds = time.perf_counter() - started
    if counts.get("words_without_piece"):
        without = count(counts["words_without_piece"], "word gives no sub-token", "words give no sub-token")
        console.say(f"{without}: no link reaches them", quiet=args.quiet)
    return {
        "output": args.output,
        "device": str(aligner.device),
        **{name: counts.get(name, 0) for name in ("sentences", "links", "long_sentences", "words_without_piece")},
        "resumed_at": resumed,
        "complete": complete,
        "seconds": round(seconds, 3),
    }


def _chunks(args: argparse.Namespace, done: int) -> Iterator[tuple[Words, Words, float]]:
    """Yield both sides of the sentence pairs after the first ``done``, with the share of the source file read."""
    from xproj_fast.formats.files import open_sentences

    how = options.reading(args)
    with (
        closing(open_sentences(args.source, args.source_format, **how, entities=False)) as sources,
        closing(open_sentences(args.target, args.target_format, **how, entities=False)) as targets,
    ):
        skip = done
        while True:
            wanted = min(skip, CHUNK) or CHUNK
            source, target = sources.read(wanted), targets.read(wanted)
            if len(source) != len(target):
                raise InputError(
                    f"expected files of as many sentences each, got one that ends after sentence "
                    f"{done - skip + min(len(source), len(target)):,}: "
                    f"{args.source if len(source) < len(target) else args.target}"
                )
            if not len(source):
                return
            if skip:
                skip -= len(source)
                continue
            done += len(source)
            yield source.words, target.words, sources.share_read


def _text(found: Alignment, confidences: bool) -> bytes:
    from xproj_fast.formats.pharaoh import pharaoh_bytes

    links = found.links
    if not confidences:
        return pharaoh_bytes(links)
    words = [
        f"{i}-{j}:{p:.4f}"
        for i, j, p in zip(links.source.tolist(), links.target.tolist(), found.confidence.tolist(), strict=True)
    ]
    bounds = links.offsets.tolist()
    return "".join(" ".join(words[a:b]) + "\n" for a, b in pairwise(bounds)).encode()
