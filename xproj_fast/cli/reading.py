"""Options of how files are read: which files, columns, records and alignments."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import options
from xproj_fast.cli.usage import UsageError, require, usage_errors

if TYPE_CHECKING:
    from xproj_fast.formats import ConllOptions, JsonlOptions, ReadOptions
    from xproj_fast.runs.inputs import InputOptions

WORD_FORMATS = ["conll", "text", "words", "jsonl", "arrow"]  # of sentences whose labels are not read


FORMAT_HELP = "text: raw, one sentence a line; words: the same, apart by spaces (default: by the suffix; .txt is text)"


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
    options.add_drop_labels(group)


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


def read_options(args: argparse.Namespace) -> ReadOptions:
    """Return how the files are read."""
    from xproj_fast.formats import PharaohOptions, ReadOptions

    if args.min_probability and not args.probabilities:
        raise UsageError("--min-probability: requires --probabilities")
    if args.alignments is None:
        require(args, ("probabilities", "possible"), "--alignments")
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


def opening(args: argparse.Namespace) -> dict[str, Any]:
    """Return how a file of sentences is read, as ``open_sentences`` takes it."""
    return {"conll": conll_options(args), "jsonl": jsonl_options(args), "tokenized": args.tokenized}


def input_options(args: argparse.Namespace, given: str | None = None) -> InputOptions:
    """Return how a file of sentences is read; ``given``: its format, where it was."""
    from xproj_fast.runs.inputs import InputOptions

    return InputOptions(
        format=given,
        tokenized=getattr(args, "tokenized", False),
        chinese=getattr(args, "chinese", InputOptions().chinese),
        conll=conll_options(args),
        jsonl=jsonl_options(args),
    )


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
