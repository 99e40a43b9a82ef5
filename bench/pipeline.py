"""What a pipeline costs beside its models: seconds and memory of translate-test with models that cost nothing.

    .venv/bin/python bench/pipeline.py [--sizes 10000 100000 1000000]

Real German sentences (conll-translate-train, repeated, each with its number, so that no two are alike). The translator
hands back its input, the tagger finds an entity at every third word, the aligner links equal places: what remains is
reading, splitting, selecting, projecting, writing, and the queues between. Each size is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xproj_fast.arrays import Entities, Links, WordProbabilities, Words
from xproj_fast.models.tagging import Tagged
from xproj_fast.models.translation import Translation
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.labelling import label

from corpora import require_data, translate_train

STEP = 3  # words from one entity to the next


class FreeTranslator:
    """Hands back what it is given."""

    def translate(self, lines: Sequence[str], source: str, target: str, options: Any = None) -> Iterator[Translation]:
        """See ``TranslatorLike``."""
        return (Translation(line, parts=1) for line in lines)


class FreeTagger:
    """Finds a person at every third word."""

    classes = ("PER",)

    def tag(self, words: Words, options: Any = None, **how: Any) -> Tagged:
        """See ``TaggerLike``."""
        lengths = np.diff(words.offsets)
        counts = -(-lengths // STEP)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        start = ((np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)) * STEP).astype(np.int32)
        entities = Entities(offsets, start, start + np.int32(1), np.zeros(len(start), np.int32))
        nothing = WordProbabilities(words.offsets, np.zeros((int(words.offsets[-1]), 0), np.float32), ())
        score = np.ones(len(start), np.float32)
        return Tagged(words, entities, score, self.classes, nothing, np.zeros(0, np.int64), {"words_without_piece": 0})


class FreeAligner:
    """Links words at equal places."""

    def align(self, source: Words, target: Words, **how: Any) -> Any:
        """See ``AlignerLike``."""
        lengths = np.minimum(np.diff(source.offsets), np.diff(target.offsets))
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        place = (np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)).astype(np.int32)
        return Aligned(Links(offsets, place, place))


class Aligned(NamedTuple):
    """What an aligner returns."""

    links: Links


def write_sentences(path: Path, count: int) -> None:
    """Write ``count`` sentences of running text, each another one."""
    words = translate_train("de").pairs().target.to_lists()
    with path.open("w", encoding="utf-8") as out:
        for i in range(count):
            out.write(" ".join(words[i % len(words)]) + f" {i}\n")


def child(source: str, output: str) -> None:
    """Label a file and print what it took."""
    models = LabelModels(FreeTagger(), FreeTranslator(), FreeAligner())
    summary = label(source, output, models, LabelOptions("deu_Latn"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(summary | {"peak": peak}))


def measured(count: int) -> dict[str, Any]:
    """Run one size in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "de.txt", Path(folder) / "de.conll"
        write_sentences(source, count)
        command = [sys.executable, __file__, "--child", str(source), str(output)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["sentences"] == count
    assert found["projected"] > 0.999 * found["entities"], "all but bare punctuation marks are projected"
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="sentences")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(*args.child)
        return
    require_data()
    print("| sentences | peak memory | wall time per sentence | of it, by stage (in parallel) |\n|--:|--:|--:|---|")
    for count in args.sizes:
        found = measured(count)
        stages = ", ".join(f"{name} {seconds / count * 1e6:.1f}" for name, seconds in found["stages"].items())
        wall = found["seconds"] / count * 1e6
        print(f"| {count:,} | {found['peak']:.0f} MB | {wall:.1f} us | {stages} |", flush=True)


if __name__ == "__main__":
    main()
