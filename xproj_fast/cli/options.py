"""Options that several commands share, and what they become."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli.lists import names, words
from xproj_fast.errors import InputError

if TYPE_CHECKING:
    from xproj_fast.formats import ConllOptions, JsonlOptions, ReadOptions
    from xproj_fast.models.neural_aligner import NeuralAlignOptions
    from xproj_fast.models.statistical_aligner import StatisticalAlignOptions


class UsageError(InputError):
    """Options that cannot be, alone or together: exit code 2."""


@contextmanager
def usage_errors(**own: str) -> Iterator[None]:
    """Turn what the library says about its options into wrong usage.

    Args:
        own: argument of the library -> what sets it in this command, where ``messages`` cannot know that.
    """
    try:
        yield
    except InputError as error:
        argument, colon, rest = str(error).partition(":")
        raise UsageError(f"{own.get(argument, argument)}{colon}{rest}", field=error.field) from None


@contextmanager
def faults_of(path: Path) -> Iterator[None]:
    """Name the input in what a writer finds wrong with its words."""
    try:
        yield
    except InputError as error:
        if error.sentence is None:
            raise
        raise InputError(f"{path}: {error}", field=error.field, sentence=error.sentence) from None


WORD_FORMATS = ["conll", "text", "words", "jsonl", "arrow"]  # of sentences whose labels are not read
FORMAT_HELP = "text: raw, one sentence a line; words: the same, apart by spaces (default: by the suffix; .txt is text)"


def positive(text: str) -> int:
    """Parse a count of 1 or more."""
    if not text.isdecimal() or not 1 <= int(text) < 1 << 31:
        raise argparse.ArgumentTypeError(f"expected a count of 1 or more, got {text}")
    return int(text)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add what every long-running command takes."""
    group = parser.add_argument_group("running")
    group.add_argument(
        "--threads", type=positive, metavar="N", help="CPU threads (default: all; same result for any N)"
    )
    group.add_argument("--quiet", action="store_true", help="no progress and no summary")
    group.add_argument("--json", action="store_true", help="print the summary to standard output as JSON")


def add_chunk(parser: argparse.ArgumentParser) -> None:
    """Add how much is in memory."""
    parser.add_argument(
        "--chunk", type=positive, default=65_536, metavar="N", help="sentences in memory at a time (65536)"
    )


def add_conll(parser: argparse.ArgumentParser, *, tags: bool = True, scheme: bool = True) -> None:
    """Add how column files are read; without ``tags`` only their words are, without ``scheme`` any tags."""
    group = parser.add_argument_group("column files (CoNLL)")
    group.add_argument(
        "--word-column",
        type=int,
        metavar="N",
        help="0-based, negative from the end (0, if it holds words: not their numbers, not tags)",
    )
    parser.set_defaults(tag_column=-1, scheme="iob2" if scheme else "any")
    if tags:
        group.add_argument(
            "--tag-column", type=int, default=-1, metavar="N", help="0-based, negative from the end (-1)"
        )
    if tags and scheme:
        group.add_argument(
            "--scheme",
            default="iob2",
            choices=["iob1", "iob2", "bilou", "any"],
            help="of the tags; one that breaks it is an error, 'any' takes all as conlleval does (default: iob2)",
        )
    group.add_argument(
        "--separator",
        default="auto",
        choices=["auto", "tab", "space"],
        help="between columns: one tab, or any run of spaces and tabs (default: as the first row has it)",
    )
    group.add_argument(
        "--docstart",
        default="keep",
        choices=["keep", "skip"],
        help="-DOCSTART- lines: sentences of one word, or skipped and counted (default: keep)",
    )
    group.add_argument(
        "--empty-sentences",
        action="store_true",
        help="each blank line beyond the first is a sentence without words (default: blank lines only part sentences)",
    )
    group.add_argument(
        "--keep-prefix",
        action="store_true",
        help="leave PAN-X's language in front of every word: en:London (default: it is taken off, and said)",
    )


def add_pair_files(parser: argparse.ArgumentParser, *, target_required: bool) -> None:
    """Add the files of sentence pairs and how they are read."""
    group = parser.add_argument_group("input")
    group.add_argument(
        "--source",
        required=True,
        type=input_path,
        metavar="FILE",
        help="labelled sentences: CoNLL, JSONL, Parquet or Arrow; or Parquet with both sides; .gz and .zst are fine",
    )
    group.add_argument(
        "--target",
        type=input_path,
        metavar="FILE",
        required=target_required,
        help="the same sentences in the other language: text, one sentence a line, CoNLL, JSONL, Parquet or Arrow",
    )
    group.add_argument("--source-format", choices=["conll", "jsonl", "arrow"], help="default: by the suffix")
    group.add_argument("--target-format", choices=WORD_FORMATS, help=FORMAT_HELP)
    add_tokenized(group)
    group.add_argument("--nested", action="store_true", help="allow source entities that share words")
    add_drop_labels(group)


def add_drop_labels(group: Any) -> None:
    """Add classes that are left out."""
    group.add_argument(
        "--drop-labels", type=names, default=(), metavar="A,B", help="leave out entities of these classes: MISC,DATE"
    )


def add_stop_words(group: Any) -> None:
    """Add words that no candidate may hold."""
    group.add_argument(
        "--stop-words",
        type=words,
        default=("!", "?"),
        metavar="A,B",
        help="words that no span may hold, '' = none; a comma itself stands in double quotes: '!,\",\"' (!,?)",
    )


def add_tokenized(group: Any) -> None:
    """Add how text is cut into words."""
    group.add_argument(
        "--tokenized",
        action="store_true",
        help="words of text (.txt, records without tokens) are apart by spaces (default: raw text is cut into words)",
    )


def input_path(text: str) -> Path:
    """Parse the name of an input; ``-`` is standard input."""
    return Path("/dev/stdin" if text == "-" else text)


def add_alignment_files(parser: argparse.ArgumentParser) -> None:
    """Add the alignment file and its dialects."""
    group = parser.add_argument_group("alignments")
    group.add_argument(
        "--alignments", type=input_path, metavar="FILE", help="Pharaoh file: 'i-j' pairs, source-target, 0-based"
    )
    group.add_argument("--probabilities", action="store_true", help="the links are 'i-j:p'")
    group.add_argument("--min-probability", type=float, default=0.0, metavar="P", help="keep links with p >= P")
    group.add_argument(
        "--possible",
        default="refuse",
        choices=["refuse", "keep", "drop"],
        help="what to do with the possible links 'i?j' of a gold standard (default: refuse)",
    )


def add_aligner(parser: argparse.ArgumentParser) -> None:
    """Add how words are aligned where no alignments are given."""
    group = parser.add_argument_group("aligning words (where no alignments are given)")
    group.add_argument(
        "--aligner",
        default="eflomal",
        metavar="eflomal|DIR",
        help="eflomal learns the alignment from the sentence pairs themselves (pip install 'xproj-fast[eflomal]'); "
        "a folder holds a neural aligner (xproj-fast export aligner) (default: eflomal)",
    )
    group.add_argument(
        "--symmetrization",
        choices=["intersection", "union", "grow-diag", "grow-diag-final-and"],
        help="eflomal: how the two directions become one (default: intersection)",
    )
    group.add_argument(
        "--extra-text",
        nargs=2,
        type=Path,
        metavar=("SOURCE", "TARGET"),
        help="eflomal: more parallel text to learn from, one sentence a line",
    )
    group.add_argument("--priors", type=Path, metavar="FILE", help="eflomal: priors (eflomal-makepriors)")
    group.add_argument(
        "--extraction",
        choices=["awesome", "argmax", "itermax", "match"],
        help="DIR: how links are read from sub-token similarities: awesome-align's softmax, or simalign's "
        "(default: awesome)",
    )
    group.add_argument(
        "--link-threshold",
        type=float,
        metavar="P",
        help="DIR: awesome: both softmaxes must exceed it (0.001); others: least similarity of a link (0 = off)",
    )
    group.add_argument("--from", dest="source_language", metavar="CODE", help="DIR of an NLLB encoder: eng_Latn")
    group.add_argument("--to", dest="target_language", metavar="CODE", help="DIR of an NLLB encoder: deu_Latn")
    add_model(group)


def add_model(group: Any) -> None:
    """Add where and in what portions a model runs."""
    add_device(group)
    group.add_argument(
        "--batch-tokens",
        type=positive,
        metavar="N",
        help="padded sub-tokens a batch, halved where memory is short (256 or 512 on a CPU, 8192 on a GPU)",
    )


def add_device(group: Any) -> None:
    """Add where models run."""
    group.add_argument(
        "--device", default="auto", metavar="D", help="auto, cpu, cuda or cuda:N; auto = a GPU that works (auto)"
    )


def add_resume(group: Any) -> None:
    """Add what to do with an interrupted run."""
    either = group.add_mutually_exclusive_group()
    either.add_argument("--resume", action="store_true", help="go on with an interrupted run, where there is one")
    either.add_argument("--restart", action="store_true", help="throw an interrupted run away")


def read_options(args: argparse.Namespace) -> ReadOptions:
    """Return how the files are read."""
    from xproj_fast.formats import PharaohOptions, ReadOptions

    if args.min_probability and not args.probabilities:
        raise UsageError("--min-probability: expected --probabilities beside it")
    if args.alignments is None:
        refuse(args, ("probabilities", "possible"), "--alignments beside it")
    with usage_errors():
        pharaoh = PharaohOptions(args.probabilities, args.min_probability, args.possible)
    conll = conll_options(args)
    jsonl = jsonl_options(args)
    return ReadOptions(
        source_format=args.source_format,
        target_format=args.target_format,
        source=conll,
        target=conll,
        pharaoh=pharaoh,
        source_jsonl=jsonl,
        target_jsonl=jsonl,
        tokenized=args.tokenized,
        nested=args.nested,
        drop_labels=args.drop_labels,
    )


def conll_options(args: argparse.Namespace) -> ConllOptions:
    """Return how columns are read."""
    from xproj_fast.formats import ConllOptions

    with usage_errors():
        return ConllOptions(
            args.scheme,
            args.word_column,
            args.tag_column,
            args.separator,
            args.docstart,
            args.empty_sentences,
            args.keep_prefix,
        )


def reading(args: argparse.Namespace) -> dict[str, Any]:
    """Return how a file of sentences is read, as ``open_sentences`` takes it."""
    return {"conll": conll_options(args), "jsonl": jsonl_options(args), "tokenized": args.tokenized}


def reading_identity(args: argparse.Namespace) -> dict[str, Any]:
    """Return the same as values that a run which goes on must have, too."""
    records = {name: getattr(args, name) for name in (*OF_RECORDS, *OF_LABELLED_RECORDS, "tag_names") if name in args}
    return {"tokenized": args.tokenized, "conll": asdict(conll_options(args)), "jsonl": records}


ONLY_EFLOMAL = ("symmetrization", "extra_text", "priors")
ONLY_NEURAL = ("extraction", "link_threshold", "source_language", "target_language", "device", "batch_tokens")


def is_neural(args: argparse.Namespace) -> bool:
    """Whether a neural aligner was asked for.

    Raises:
        UsageError: for options of the other kind of aligner.
    """
    neural: bool = args.aligner != "eflomal"
    wrong, right = (ONLY_EFLOMAL, "eflomal") if neural else (ONLY_NEURAL, "DIR")
    refuse(args, wrong, f"--aligner {right} beside it")
    return neural


def refuse(args: argparse.Namespace, names: Iterable[str], expected: str) -> None:
    """Raise a UsageError for options that were given and mean nothing here."""
    known = [args.known[name] for name in names]
    given = [option.option_strings[-1] for option in known if getattr(args, option.dest) != option.default]
    if given:
        raise UsageError(f"{', '.join(given)}: expected {expected}")


def aligner_options(args: argparse.Namespace) -> StatisticalAlignOptions:
    """Return how eflomal aligns words."""
    from xproj_fast.models.statistical_aligner import StatisticalAlignOptions

    return StatisticalAlignOptions(
        symmetrization=args.symmetrization or StatisticalAlignOptions().symmetrization,
        extra_text=None if args.extra_text is None else (args.extra_text[0], args.extra_text[1]),
        tokenized=args.tokenized,
        priors=args.priors,
    )


def align_options(args: argparse.Namespace) -> NeuralAlignOptions:
    """Return how a neural aligner aligns words."""
    from xproj_fast.models.neural_aligner import NeuralAlignOptions

    with usage_errors(method="extraction", threshold="link_threshold"):
        return NeuralAlignOptions(
            method=args.extraction or NeuralAlignOptions().method,
            threshold=args.link_threshold,
            max_tokens=args.batch_tokens,
        )


def make_folder(path: Path) -> None:
    """Make a folder for output, where it is not there."""
    if path.exists() and not path.is_dir():
        raise InputError(f"{path}: expected a folder to write into, got a file")
    path.mkdir(parents=True, exist_ok=True)


def refuse_overwriting(output: Path, *inputs: Path | None) -> None:
    """See ``streams.refuse_overwriting``, which is imported only when it is needed."""
    from xproj_fast.formats import streams

    streams.refuse_overwriting(output, *inputs)


OF_RECORDS = ("offsets", "text_key")
OF_LABELLED_RECORDS = ("entities_key", "snap")  # and tag_names, which a suite has, too


def add_jsonl(parser: argparse.ArgumentParser, *, entities: bool = True) -> None:
    """Add how records are read; without ``entities`` only their texts and words are."""
    group = parser.add_argument_group("records (JSONL, Parquet, Arrow)")
    group.add_argument(
        "--offsets",
        default="characters",
        choices=["characters", "utf16", "bytes"],
        help="JSONL: what start and end count: Unicode code points, UTF-16 code units as browsers do, or bytes of "
        "UTF-8 (default: characters)",
    )
    group.add_argument("--text-key", default="text", metavar="KEY", help="where the raw text is (text)")
    if not entities:
        return
    group.add_argument(
        "--entities-key",
        default="auto",
        metavar="KEY",
        help="where entities or tags are (default: wherever they are; several keys must say the same)",
    )
    group.add_argument(
        "--tag-names",
        type=_names_of_tags,
        metavar="SET|A,B",
        help="what numbers for tags mean: wikiann, masakhaner2, conll2003, or all names in order: O,B-PER,I-PER",
    )
    group.add_argument("--snap", action="store_true", help="JSONL: widen entities that end inside a word to the word")


def _names_of_tags(text: str) -> str | tuple[str, ...]:
    return tuple(text.split(",")) if "," in text else text


def jsonl_options(args: argparse.Namespace) -> JsonlOptions:
    """Return how records are read."""
    from xproj_fast.formats import JsonlOptions

    names = (*OF_RECORDS, *OF_LABELLED_RECORDS, "tag_names")
    with usage_errors():
        return JsonlOptions(**{name: getattr(args, name) for name in names if hasattr(args, name)})
