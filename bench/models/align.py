"""Alignment: our ``Aligner`` against awesome-align and simalign on the same weights, on one thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from xproj_fast.arrays import Links, Words
from xproj_fast.models.alignment import NeuralAlignOptions
from xproj_fast.models.neural_aligner import Aligner

from . import text
from .peer import Link, Peer
from .setup import ENGINES, PRECISIONS, Row, Setup, rate, ratios
from .sweep import best
from timing import paired

TARGETS = {"awesome": {"fp32": 1.5, "int8": 4.0}, "itermax": {"fp32": 3.0, "int8": 8.0}}
NAMES = {"awesome": "awesome-align 0.1.7", "itermax": "simalign 0.4"}


def as_sets(links: Links) -> list[set[Link]]:
    """Return the links of each pair."""
    flat = list(zip(links.source.tolist(), links.target.tolist(), strict=True))
    bounds = links.offsets.tolist()
    return [set(flat[a:b]) for a, b in pairwise(bounds)]


def share(found: Sequence[set[Link]], expected: Sequence[set[Link]]) -> tuple[float, float]:
    """Return the shares of pairs whose links are all the same, and of links found by both."""
    pairs = sum(a == b for a, b in zip(found, expected, strict=True)) / len(expected)
    both = sum(len(a & b) for a, b in zip(found, expected, strict=True))
    either = sum(len(a | b) for a, b in zip(found, expected, strict=True))
    return pairs, both / max(either, 1)


def rows(setup: Setup) -> Iterator[Row]:
    """Yield the rows of the table."""
    name = setup.name("bert")
    source, target = text.english_german(text.DATA, setup.some(128, 8))
    exports = {
        (engine, precision): setup.models.exported(name, precision, engine)
        for engine in ENGINES
        for precision in PRECISIONS
    }
    loaded = {key: Aligner.load(folder, device="cpu", threads=1) for key, folder in exports.items()}
    with (
        Peer(setup.peers / "awesome", "awesome_align_worker", setup.models.awesome(name)) as awesome,
        Peer(setup.peers / "simalign", "simalign_worker", setup.models.checkpoint(name)) as simalign,
    ):
        for peer in (awesome, simalign):
            peer.ask(do="load", source=source, target=target)
        sizes = [8, 32] if setup.quick else [1, 8, 32, 128]
        batch = best("awesome-align, pairs per batch", sizes, lambda n: awesome.links(batch=n, some=True))
        yield from _against(setup, loaded, awesome, simalign, batch, source, target)


def _against(
    setup: Setup,
    loaded: dict[tuple[str, str], Aligner],
    awesome: Peer,
    simalign: Peer,
    batch: int,
    source: list[text.Sentence],
    target: list[text.Sentence],
) -> Iterator[Row]:
    words = text.words_of(source), text.words_of(target)
    made: dict[str, list[set[Link]]] = {}

    def keep(key: str, links: list[set[Link]]) -> None:
        made[key] = links

    contenders = {
        "awesome": lambda: keep("awesome", awesome.links(batch=batch)),
        "itermax": lambda: keep("itermax", simalign.links(method="itermax")),
    }
    if batch != 32:
        contenders["awesome at 32"] = lambda: keep("awesome at 32", awesome.links(batch=32))
    for (engine, precision), aligner in loaded.items():
        for method in TARGETS:
            key = f"{method} {engine} {precision}"
            contenders[key] = lambda key=key, a=aligner, m=method: keep(key, links_of(a, *words, m))
    seconds = paired(contenders, setup.rounds)
    for method, targets in TARGETS.items():
        for precision, goal in targets.items():
            names = {engine: f"{method} {engine} {precision}" for engine in ENGINES}
            found = ratios(seconds, method, list(names.values()))
            same = {engine: share(made[key], made[method]) for engine, key in names.items()}
            identical = precision != "fp32" or min(pairs for pairs, _ in same.values()) == 1.0
            links = sum(map(len, made[method]))
            at = f", batch {batch}" if method == "awesome" else ", one pair at a time"
            if method == "awesome" and batch != 32:
                at += f"; at 32: {rate(len(source), seconds['awesome at 32'])}"
            yield (
                f"{setup.name('bert')}, layer 8, {len(source)} pairs, {links:,} links: {NAMES[method]} fp32 "
                f"({rate(len(source), seconds[method])}{at}) / `Aligner` {method} {precision}",
                f">= {goal:g}" + (", links identical" if precision == "fp32" else ""),
                "; ".join(
                    f"{engine} {found[key]:.2f} ({rate(len(source), seconds[key])}; {_agreement(*same[engine])})"
                    for engine, key in names.items()
                ),
                identical and max(found.values()) >= goal,
            )
    few = setup.some(24, 4)
    for method, count in (("argmax", len(source)), ("match", few)):
        expected = simalign.links(method=method, first=count)
        shares = {
            engine: share(
                links_of(loaded[engine, "fp32"], text.words_of(source[:count]), text.words_of(target[:count]), method),
                expected,
            )
            for engine in ENGINES
        }
        yield (
            f"the same model, {count} pairs: simalign {'mwmf' if method == 'match' else 'inter'} and "
            f"`Aligner` {method}, fp32",
            "links identical",
            "; ".join(f"{engine} {_agreement(*found)}" for engine, found in shares.items()),
            min(pairs for pairs, _ in shares.values()) == 1.0,
        )


def links_of(aligner: Aligner, source: Words, target: Words, method: str) -> list[set[Link]]:
    """Return our links of each pair."""
    return as_sets(aligner.align(source, target, NeuralAlignOptions(method), threads=1).links)


def _agreement(pairs: float, links: float) -> str:
    return "links identical" if pairs == 1.0 else f"{pairs:.1%} of the pairs and {links:.2%} of the links the same"
