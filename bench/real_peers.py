"""The peers' own code, unchanged, beside project(): how many sentences get the same tags, and how much longer it takes.

    .venv/bin/python bench/real_peers.py --thesis DIR --paper DIR --easy-label-projection DIR --span-aligner DIR

Each DIR is a checkout of your own (ShkalikovOleh/master-thesis,
Cross-Lingual-NER/Projection-Data-Transfer-Cross-Lingual-NER, ikergarcia1996/Easy-Label-Projection) or the folder that
holds the package span_aligner; a peer without one is left out. The peers get rows in memory with their alignments, so
that none of them loads a model, which favours them; modules that only models and solvers need are replaced by empty
ones where they are not installed. Ours is ``from_lists`` -> ``project`` -> IOB2 lists, from the same lists, one thread.
Contenders take turns; a ratio is the median over rounds of CPU times, with the smallest and largest in brackets.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from seqeval.metrics import f1_score

import xproj_fast as xp

from corpora import BAMBARA, DATA, europarl, require_data, translate_train
from run import as_lists
from timing import paired

# Imported by the peers' modules, never called by the functions that run here.
MODELS_ONLY = ("datasets", "nmtscore", "nltk", "cvxpy", "torch", "transformers", "requests", "regex")
NONE = np.zeros((0, 0))
Tags = list[list[str]]


def _any_name(name: str) -> type:
    if name.startswith("__"):
        raise AttributeError(name)
    return object


class StandIn:
    """Finds an empty module for each of MODELS_ONLY that is not installed: any name in it is ``object``."""

    def __init__(self) -> None:
        self.absent = tuple(name for name in MODELS_ONLY if find_spec(name) is None)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Answer for the absent ones."""
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in self.absent else None

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """Return the empty module."""
        return types.ModuleType(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Let it have any name."""
        module.__getattr__ = _any_name  # type: ignore[method-assign]


def load(folder: Path, *names: str) -> list[Any]:
    """Import modules of a checkout; two checkouts may both call their package ``src``."""
    sys.path.insert(0, str(folder))
    try:
        return [importlib.import_module(name) for name in names]
    finally:
        sys.path.remove(str(folder))
        top = {name.partition(".")[0] for name in names}
        for name in [name for name in sys.modules if name.partition(".")[0] in top]:
            del sys.modules[name]


@dataclass
class Corpus:
    """A corpus as Python lists, and what each peer wants of it."""

    name: str
    source: list[list[str]]
    target: list[list[str]]
    entities: list[list[tuple[int, int, str]]]
    links: list[list[tuple[int, int]]]
    gold: Tags | None

    def rows(self, entities_key: str, swapped: bool) -> list[dict[str, Any]]:
        """Return the rows of the thesis, or those of the paper, whose links begin with the target word."""
        entities = [[{"start_idx": a, "end_idx": b, "label": name} for a, b, name in each] for each in self.entities]
        links = [[(j, i) for i, j in each] for each in self.links] if swapped else self.links
        names = ("src_words", "tokens", entities_key, "word_alignments")
        columns = zip(self.source, self.target, entities, links, strict=True)
        return [dict(zip(names, row, strict=True)) for row in columns]

    def project(self, **method: Any) -> Tags:
        """Run ours."""
        pairs = xp.SentencePairs.from_lists(self.source, self.target, self.entities, self.links)
        return xp.project(pairs, threads=1, **method).tags()


@dataclass(frozen=True)
class Peer:
    """One method of a peer on one corpus, and ours of the same kind."""

    name: str
    run: Callable[[], Tags]
    ours: dict[str, Any]
    same_method: bool = True


def thesis(folder: Path, corpus: Corpus) -> Iterator[Peer]:
    """Greedy matching of all n-grams, and the heuristic."""
    projection, extraction = load(folder, "src.pipeline.projection", "src.pipeline.cand_extractor")
    rows = corpus.rows("src_entities", swapped=False)
    extractor = extraction.ContiniousSubrangeExtractor(max_words=10)
    matcher = projection.RangeILPProjection(solver="GREEDY", proj_constraint="LESS_OR_EQUAL")

    def greedy() -> Tags:
        return [matcher.project(row | {"tgt_candidates": extractor.extract(row["tokens"])})[0] for row in rows]

    yield Peer("thesis, greedy", greedy, {})
    heuristic = projection.HeuriticsProjection(project_top_k=None, length_ratio_threshold=0.8)
    keys = ("tokens", "src_words", "src_entities", "word_alignments")
    yield Peer(
        "thesis, heuristic", lambda: [heuristic.project(*(row[key] for key in keys)) for row in rows], HEURISTIC_THESIS
    )


def paper(folder: Path, corpus: Corpus) -> Iterator[Peer]:
    """Its argmax over all n-grams, and its heuristic."""
    names = ("candidates.projection", "candidates.extractors", "align.projection")
    argmax, extraction, align = load(folder, *(f"src.pipelines.{name}" for name in names))
    rows = corpus.rows("entities", swapped=True)
    extract = extraction.CandidateExtractionTransform(extraction.DummySubrangeExtractor(max_words=10), "tokens")
    match = argmax.ArgmaxCandidatesMatchingProjectionTransform("tokens")
    yield Peer("paper, n-gram argmax", lambda: [row["labels"] for row in match(extract(rows))], {})
    heuristic = align.AlignedEntityProjectionTransform("tokens", "src_words", length_ratio_threshold=0.8)
    yield Peer("paper, heuristic", lambda: [row["labels"] for row in heuristic(rows)], HEURISTIC_PAPER)


def easy_label_projection(folder: Path, corpus: Corpus) -> Iterator[Peer]:
    """Its only method: the aligned words, gaps filled, the longest run."""
    (module,) = load(folder, "projection.annotation_proyection")
    rows = []
    for source, target, entities, links in zip(
        corpus.source, corpus.target, corpus.entities, corpus.links, strict=True
    ):
        aligned: dict[int, list[int]] = {}
        for i, j in links:
            aligned.setdefault(i, []).append(j)
        spans = [list(range(start, end)) for start, end, _ in entities]
        rows.append((source, [name for *_, name in entities], spans, target, aligned))

    def run() -> Tags:
        return [module.sentence_projection(*row) if row[0] and row[3] else ["O"] * len(row[3]) for row in rows]

    yield Peer("Easy-Label-Projection", run, {}, same_method=False)


def span_aligner(folder: Path, corpus: Corpus) -> Iterator[Peer]:
    """Its ``project_spans_single_path`` with an aligner that hands out the links that are given."""
    package, sentence_aligner = load(folder, "span_aligner", "span_aligner.sentence_aligner")

    class Given:
        links: list[tuple[int, int]]

        def get_text_embeddings(self, text: str) -> tuple[list[Any], None]:
            return tokens[text], None

        def align_texts_partial_with_embeddings(
            self, src: list[Any], tgt: list[Any], *_: None, src_char_start: int, src_char_end: int
        ) -> Any:
            inside = {i for i, word in enumerate(src) if word.start < src_char_end and src_char_start < word.end}
            links = [(i, j) for i, j in self.links if i in inside]
            return sentence_aligner.AlignmentResult(
                {"inter": links}, src, tgt, similarity_matrix=NONE, src_vectors=NONE, tgt_vectors=NONE
            )

    tokens: dict[str, list[Any]] = {}

    def text(words: list[str]) -> str:
        whole, made, at = " ".join(words), [], 0
        for i, word in enumerate(words):
            made.append(sentence_aligner.TokenInfo(text=word, start=at, end=at + len(word), idx=i))
            at += len(word) + 1
        tokens[whole] = made
        return whole

    projector = package.SpanProjector(embedding_provider=object(), matching_method="inter", device="cpu")
    projector.aligner = given = Given()
    rows = []
    for source, target, entities, links in zip(
        corpus.source, corpus.target, corpus.entities, corpus.links, strict=True
    ):
        src, tgt = text(source), text(target)
        spans = [
            {"start": tokens[src][a].start, "end": tokens[src][b - 1].end, "labels": [name]} for a, b, name in entities
        ]
        rows.append((src, tgt, spans, links))

    def run() -> Tags:
        made = []
        for src, tgt, spans, links in rows:
            given.links = links
            words = tokens.get(tgt, [])
            tags = ["O"] * len(words)
            at = {word.start: i for i, word in enumerate(words)} | {word.end: i for i, word in enumerate(words)}
            for span in projector.project_spans_single_path(src, tgt, spans):
                start, end = at[span["start"]], at[span["end"]]
                tags[start : end + 1] = [f"B-{span['labels'][0]}"] + [f"I-{span['labels'][0]}"] * (end - start)
            made.append(tags)
        return made

    yield Peer("span-aligner, matching alone", run, {}, same_method=False)


HEURISTIC_THESIS = {"matcher": "heuristic", "heuristic": xp.HeuristicOptions(merge_only_i_labels=True)}
HEURISTIC_PAPER = {
    "matcher": "heuristic",
    "heuristic": xp.HeuristicOptions(shortest_first=False, overwrite=True),
}
PEERS = {
    "thesis": thesis,
    "paper": paper,
    "easy_label_projection": easy_label_projection,
    "span_aligner": span_aligner,
}


def corpora(names: list[str]) -> Iterator[Corpus]:
    """Read the corpora as lists."""
    for name, corpus in (
        ("europarl", europarl("de", "gdfa")),
        ("bambara", BAMBARA),
        ("conll", translate_train("de")),
    ):
        if name in names:
            pairs = corpus.pairs()
            gold = None
            if corpus.gold is not None:
                gold = xp.read_labelled(DATA / corpus.gold).tags()
            yield Corpus(corpus.name, *as_lists(pairs), gold)


def line(peer: Peer, corpus: Corpus, rounds: int) -> str:
    """Run a peer beside ours; returns a row of the table."""
    made: dict[str, Tags] = {}
    contenders = {
        "peer": lambda: made.__setitem__("peer", peer.run()),
        "ours": lambda: made.__setitem__("ours", corpus.project(**peer.ours)),
    }
    seconds = paired(contenders, rounds, clock=time.process_time)
    ratios = [slow / fast for slow, fast in zip(seconds["peer"], seconds["ours"], strict=True)]
    same = sum(a == b for a, b in zip(made["peer"], made["ours"], strict=True))
    alike = f"{same:,} of {len(corpus.target):,}" if peer.same_method else "another method"
    f1 = " / ".join(f"{f1_score(corpus.gold, made[who]):.4f}" for who in ("peer", "ours")) if corpus.gold else "-"
    figure = f"{median(ratios):,.1f} [{min(ratios):,.1f}..{max(ratios):,.1f}]"
    return f"| {corpus.name} | {peer.name} | {alike} | {f1} | {figure} |"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in PEERS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, metavar="DIR")
    parser.add_argument("--corpora", nargs="+", default=["europarl", "bambara", "conll"], metavar="NAME")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    require_data()
    sys.meta_path.append(StandIn())
    print("| corpus | peer | same tags | F1, peer / ours | peer / ours, CPU time |\n|---|---|--:|--:|--:|")
    for corpus in corpora(args.corpora):
        for name, peers in PEERS.items():
            if (folder := getattr(args, name)) is not None:
                for peer in peers(folder.resolve(), corpus):
                    print(line(peer, corpus, args.rounds), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
