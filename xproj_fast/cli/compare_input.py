"""What ``xproj-fast compare`` reads: sentence pairs, with the links of a file or of aligners, and gold."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import console, reading, usage
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.formats.sentences import Sentences
    from xproj_fast.pairs import SentencePairs
    from xproj_fast.report.contenders import Gold

ALIGNERS = {"statistical": "xproj_fast", "eflomal": "eflomal"}  # each with the package that it needs


def read(args: argparse.Namespace, needs_links: bool) -> tuple[dict[str, SentencePairs], Gold | None]:
    """Return the sentence pairs by where their links are from, and the gold."""
    from xproj_fast.errors import InputError
    from xproj_fast.formats.files import read_sentences
    from xproj_fast.formats.pair_files import read_pairs
    from xproj_fast.report.contenders import GIVEN

    aligns = needs_links and args.alignments is None and args.target is not None
    if not aligns:
        usage.require(args, ["aligners"], "--target without --alignments, as nothing is aligned otherwise")
    pairs = read_pairs(args.source, args.target, args.alignments, reading.read_options(args))
    texts = _aligned(args, pairs) if aligns else {GIVEN: pairs}
    if args.gold is None:
        return texts, None
    conll = replace(reading.conll_options(args), scheme="any")
    gold: Sentences = read_sentences(args.gold, args.gold_format, conll=conll, jsonl=reading.jsonl_options(args))
    if len(gold) != len(pairs):
        raise InputError(
            f"{args.gold}: expected as many sentences as there are pairs, {len(pairs):,}, got {len(gold):,}"
        )
    if gold.entities is None:
        raise InputError(f"{args.gold}: expected sentences with labels, got words alone")
    wrong = [s for s, (a, b) in enumerate(zip(_lengths(gold.words), _lengths(pairs.target), strict=True)) if a != b]
    if wrong:
        s = wrong[0]
        raise InputError(
            f"{args.gold}:{gold.lines[s]}: expected as many words as the target sentence has, "
            f"{_lengths(pairs.target)[s]}, got {_lengths(gold.words)[s]}"
        )
    return texts, (gold.entities, gold.labels)


def _aligned(args: argparse.Namespace, pairs: SentencePairs) -> dict[str, SentencePairs]:
    """Return the pairs with the links of each aligner, by its name."""
    from xproj_fast.models.eflomal import align_with_eflomal
    from xproj_fast.models.statistical_aligner import align_statistically

    aligners: dict[str, Callable[[SentencePairs], SentencePairs]] = {
        "statistical": align_statistically,
        "eflomal": align_with_eflomal,
    }
    found = {}
    for name in args.aligners or [each for each, module in ALIGNERS.items() if find_spec(module) is not None]:
        console.say(f"aligning the words of {count(len(pairs), 'sentence pair')}: {name} ...", quiet=args.quiet)
        found[name] = aligners[name](pairs)
    return found


def _lengths(words: Any) -> list[int]:
    bounds: list[int] = words.offsets.tolist()
    return [b - a for a, b in pairwise(bounds)]
