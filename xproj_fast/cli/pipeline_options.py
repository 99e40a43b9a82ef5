"""Options that the pipeline commands share, and what they become."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import options
from xproj_fast.cli.lists import names

if TYPE_CHECKING:
    from xproj_fast.kernels.protocol import HeuristicOptions
    from xproj_fast.models.neural_aligner import NeuralAlignOptions
    from xproj_fast.models.tagger import TaggerOptions
    from xproj_fast.models.translation import TranslateOptions
    from xproj_fast.runs.inputs import InputOptions
    from xproj_fast.runs.markers import MarkerOptions
    from xproj_fast.runs.method import Method


# What the groups of options below hold, for options.refuse.
TRANSLATION = ("compute_type", "beam", "split", "no_repeat_ngram", "max_sentence_words")
ALIGNMENT = ("extraction", "link_threshold")
HEURISTIC = ("length_ratio", "merge_distance", "top_k")
METHOD = (
    "matcher",
    "candidates",
    "scores",
    "threshold",
    "min_score",
    "limit",
    "min_words",
    "max_words",
    "stop_words",
    *HEURISTIC,
)


def renaming(text: str) -> tuple[str, str]:
    """Parse ``OLD=NEW``."""
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise argparse.ArgumentTypeError(f"expected OLD=NEW, such as PERSON=PER, got {text!r}")
    return old, new


def weighted(text: str) -> str | dict[str, float]:
    """Parse the name of a score or preset, or ``NAME=WEIGHT,NAME=WEIGHT``."""
    if "=" not in text:
        return text
    weights = [number(part) for part in text.split(",")]
    if len(dict(weights)) < len(weights):
        raise argparse.ArgumentTypeError(f"expected each score once, got {text!r}")
    return dict(weights)


def number(text: str) -> tuple[str, float]:
    """Parse ``NAME=NUMBER``."""
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected NAME=NUMBER, such as alignment=0.5, got {text!r}") from None


def add_labels(group: Any, *, drop: bool = True) -> None:
    """Add which classes are wanted."""
    group.add_argument("--labels", type=names, metavar="A,B", help="only these classes, such as PER,ORG,LOC")
    if drop:
        options.add_drop_labels(group)


def add_input(group: Any, what: str, formats: list[str]) -> None:
    """Add the input file and how it is read."""
    group.add_argument("input", type=options.input_path, metavar="FILE", help=what)
    group.add_argument(
        "--input-format", choices=formats, help=options.FORMAT_HELP if "text" in formats else "default: by the suffix"
    )


def add_running(group: Any) -> None:
    """Add where models run, and in which portions."""
    options.add_device(group)
    group.add_argument(
        "--compute-type", metavar="TYPE", help="of the translator: float32, float16, int8, ... (default: as exported)"
    )
    group.add_argument(
        "--chunk",
        type=options.positive,
        metavar="N",
        help="sentences that are worked on together, and written as one part: what a kill loses of each stage (512 on "
        "a CPU, 4096 on a GPU)",
    )


def add_translation(parser: argparse.ArgumentParser) -> None:
    """Add how sentences are translated and cut into words."""
    group = parser.add_argument_group("translation")
    group.add_argument("--beam", type=options.positive, default=1, metavar="N", help="beam size (1 = greedy)")
    group.add_argument(
        "--split",
        default="long",
        choices=["long", "always", "never"],
        help="translate sentences of a line together as far as they fit (long, the default), each alone, or refuse "
        "long lines (never)",
    )
    group.add_argument(
        "--no-repeat-ngram", type=int, default=0, metavar="N", help="sub-token n-grams of this size appear once (0)"
    )
    group.add_argument(
        "--max-sentence-words",
        type=options.positive,
        default=4000,
        metavar="N",
        help="longer sentences are not translated, but listed as problems (4000)",
    )
    group.add_argument(
        "--chinese",
        default="jieba",
        choices=["jieba", "characters"],
        help="how Chinese is cut into words (default: jieba: pip install 'xproj-fast[pipelines]')",
    )


def add_markers(group: Any, what: str) -> None:
    """Add how entities are marked."""
    group.add_argument(
        "--markers",
        choices=["brackets", "xml"],
        help=f"{what}: [Maria Lopez] met ... (EasyProject), or <a>Maria Lopez</a> met ... (LabelPigeon); best with a "
        "translator that was trained to keep them",
    )
    group.add_argument("--marker-spaces", action="store_true", help="a space between a marker and the entity")


def marker_options(args: argparse.Namespace) -> MarkerOptions:
    """Return how entities are marked."""
    from xproj_fast.runs.markers import MarkerOptions

    return MarkerOptions(args.markers or "brackets", args.marker_spaces)


def add_alignment(parser: argparse.ArgumentParser) -> None:
    """Add how links are read."""
    group = parser.add_argument_group("aligning words")
    group.add_argument(
        "--extraction",
        choices=["awesome", "argmax", "itermax", "match"],
        help="how links are read from sub-token similarities (default: awesome)",
    )
    group.add_argument(
        "--link-threshold", type=float, metavar="P", help="awesome: both softmaxes (0.001); others: similarity (0)"
    )


def add_method(parser: argparse.ArgumentParser) -> None:
    """Add how labels are projected."""
    group = parser.add_argument_group("method of projection")
    group.add_argument("--matcher", default="greedy", choices=["greedy", "exact", "ilp", "heuristic"], help="(greedy)")
    group.add_argument(
        "--candidates",
        default="ngrams",
        choices=["ngrams", "aligned", "ner", "ner_sub_spans"],
        help="which spans of the text may get a label; ner: those that --target-tagger predicts (ngrams)",
    )
    group.add_argument(
        "--scores",
        type=weighted,
        default="alignment",
        metavar="S",
        help="alignment, ner, ner_spans (by --target-tagger), mt (by the translator), string, with weights "
        "(alignment=0.5,ner_spans=0.5), or a preset: align, ner, nmt, align_ner, align_ner_spans, align_nmt, "
        "ner_spans_nmt, all_fusion (alignment)",
    )
    group.add_argument(
        "--threshold", action="append", type=number, default=[], metavar="NAME=P", help="smaller scores are 0 (mt=0.1)"
    )
    group.add_argument("--min-score", type=float, default=0.0, metavar="P", help="the least sum of scores (0)")
    group.add_argument("--limit", default="<=1", metavar="L", help="spans an entity: '<=1', '=1', '>=1', ... (<=1)")
    group.add_argument("--min-words", type=int, default=1, metavar="N", help="fewest words of a span (1)")
    group.add_argument("--max-words", type=int, default=10, metavar="N", help="most words of a span, 0 = any (10)")
    options.add_stop_words(group)
    group.add_argument("--length-ratio", type=float, metavar="R", help="heuristic: keep runs longer than R (0.8)")
    group.add_argument("--merge-distance", type=int, metavar="N", help="heuristic: join runs at most N apart (1)")
    group.add_argument("--top-k", type=int, metavar="K", help="heuristic: keep the K longest runs, 0 = all (0)")


def method_of(args: argparse.Namespace) -> Method:
    """Return how labels are projected.

    Raises:
        UsageError: for options that cannot be.
    """
    from xproj_fast.runs.method import Method

    thresholds = dict(args.threshold)
    if len(thresholds) < len(args.threshold):
        raise options.UsageError("--threshold: expected each score once")
    method = Method(
        matcher=args.matcher,
        candidates=args.candidates,
        scores=args.scores,
        thresholds=thresholds,
        min_score=args.min_score,
        limit=args.limit,
        min_words=args.min_words,
        max_words=args.max_words or None,
        stop_words=args.stop_words,
        heuristic=_heuristic(args),
    )
    with options.usage_errors():
        method.check()
    return method


def _heuristic(args: argparse.Namespace) -> HeuristicOptions | None:
    from xproj_fast.kernels.protocol import HeuristicOptions

    if args.matcher == "heuristic":
        return HeuristicOptions(**{name: getattr(args, name) for name in HEURISTIC if getattr(args, name) is not None})
    options.refuse(args, HEURISTIC, f"--matcher heuristic beside it, got --matcher {args.matcher}")
    return None


def translate_options(args: argparse.Namespace) -> TranslateOptions:
    """Return how sentences are translated."""
    from xproj_fast.models.translation import TranslateOptions

    with options.usage_errors():
        return TranslateOptions(beam_size=args.beam, split=args.split, no_repeat_ngram_size=args.no_repeat_ngram)


def align_options(args: argparse.Namespace) -> NeuralAlignOptions:
    """Return how links are read."""
    from xproj_fast.models.neural_aligner import NeuralAlignOptions

    with options.usage_errors(method="extraction", threshold="link_threshold"):
        return NeuralAlignOptions(method=args.extraction or NeuralAlignOptions().method, threshold=args.link_threshold)


def tagger_options(rename: list[tuple[str, str]], **others: Any) -> TaggerOptions:
    """Return how a tagger runs: classes renamed, and whatever else ``TaggerOptions`` takes."""
    from xproj_fast.models.tagger import TaggerOptions

    if len(dict(rename)) < len(rename):
        raise options.UsageError(f"--rename: expected each class once, got {', '.join(old for old, _ in rename)}")
    with options.usage_errors():
        return TaggerOptions(rename=dict(rename), **others)


def input_options(args: argparse.Namespace) -> InputOptions:
    """Return how the input is read."""
    from xproj_fast.runs.inputs import InputOptions

    return InputOptions(
        format=args.input_format,
        tokenized=getattr(args, "tokenized", False),
        chinese=args.chinese,
        conll=options.conll_options(args),
        jsonl=options.jsonl_options(args),
    )


def loading(args: argparse.Namespace) -> dict[str, Any]:
    """Return what every model is loaded with."""
    return {"device": args.device, "threads": args.threads}
