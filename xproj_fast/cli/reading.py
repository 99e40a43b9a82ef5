"""Options of how files are read: which files, columns, records and alignments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import options
from xproj_fast.cli.lists import names
from xproj_fast.cli.parser import rare
from xproj_fast.cli.usage import UsageError, require, usage_errors

if TYPE_CHECKING:
    from xproj_fast.formats.conll import ConllOptions
    from xproj_fast.formats.jsonl import JsonlOptions
    from xproj_fast.formats.pair_files import ReadOptions
    from xproj_fast.runs.inputs import InputOptions

FORMAT_HELP = "text is raw, words is split at spaces (default: by the suffix; .txt is text)"


def word_formats() -> Sequence[str]:
    """Return the formats of sentences whose labels are not read."""
    from xproj_fast.formats.registry import that_read

    return that_read("sentences")


def labelled_formats() -> Sequence[str]:
    """Return the formats that sentences with labels are read from."""
    from xproj_fast.formats.registry import that_read

    return that_read("labelled")


def add_conll(
    parser: argparse.ArgumentParser, *, tags: bool = True, scheme: bool = True, confidences: bool = False
) -> None:
    """Add how column files are read.

    Args:
        parser: of a command.
        tags: False = only their words are read.
        scheme: False = tags of any scheme are.
        confidences: how sure each entity is can be read, too.
    """
    group = parser.add_argument_group("column files (CoNLL)")
    group.add_argument(
        "--word-column",
        type=int,
        metavar="N",
        help="column of the words, from 0, or negative from the end (default: 0, if it holds words)",
    )
    parser.set_defaults(tag_column=-1, scheme="iob2" if scheme else "any", confidences_from=None, misc_key=None)
    if tags:
        rare(
            group.add_argument(
                "--misc-key",
                metavar="NAME",
                help="CoNLL-U: the name of tags in the last column (default: name, NER or NE, whichever it has)",
            )
        )
    if confidences:
        group.add_argument(
            "--confidences-from",
            type=int,
            metavar="N",
            help="column of how sure each entity is, from 0, or negative from the end (default: it is not read)",
        )
    if tags:
        group.add_argument(
            "--tag-column",
            type=int,
            default=-1,
            metavar="N",
            help="column of the tags, from 0, or negative from the end (default: -1)",
        )
    if tags and scheme:
        group.add_argument(
            "--scheme",
            default="iob2",
            choices=["iob1", "iob2", "bilou", "any"],
            help="of the tags; one that breaks it is an error, except with any, which reads tags as conlleval does "
            "(default: iob2)",
        )
    group.add_argument(
        "--separator",
        default="auto",
        choices=["auto", "tab", "space"],
        help="between columns: one tab, or any run of spaces and tabs (default: auto, as in the first row)",
    )
    group.add_argument(
        "--docstart",
        default="keep",
        choices=["keep", "skip"],
        help="read -DOCSTART- lines as sentences of one word, or skip and count them (default: keep)",
    )
    group.add_argument(
        "--empty-sentences",
        action="store_true",
        help="each blank line after the first is a sentence without words (default: blank lines only separate)",
    )
    group.add_argument(
        "--keep-prefix",
        action="store_true",
        help="keep PAN-X's language in front of every word, as in en:London (default: it is removed, with a message)",
    )
    for action in group._group_actions:
        rare(action)


def add_pair_files(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add the files of sentence pairs and how they are read; ``required``: there must be some."""
    group = parser.add_argument_group("input")
    group.add_argument(
        "--source",
        required=required,
        type=options.input_path,
        metavar="FILE",
        help="labelled sentences: CoNLL, JSONL, Parquet or Arrow; or one Parquet file of both sides; also .gz, .zst",
    )
    group.add_argument(
        "--target",
        type=options.input_path,
        metavar="FILE",
        help="the same sentences in the target language: text, one sentence per line, CoNLL, JSONL, Parquet or Arrow",
    )
    add_format(group, "--source-format", "the source")
    rare(group.add_argument("--target-format", choices=word_formats(), help=FORMAT_HELP))
    options.add(group, "--tokenized", "--nested", "--labels", "--drop-labels")


def add_gold(group: Any) -> None:
    """Add the file of gold labels."""
    group.add_argument(
        "--gold",
        type=options.input_path,
        metavar="FILE",
        help="right labels of the target side: CoNLL, JSONL, Parquet or Arrow",
    )
    add_gold_format(group)


def add_gold_format(group: Any) -> None:
    """Add the format of gold labels."""
    add_format(group, "--gold-format", "the gold labels")


def add_format(group: Any, option: str, what: str) -> None:
    """Add the format of a labelled file; ``what``: it is."""
    rare(group.add_argument(option, choices=labelled_formats(), help=f"format of {what} (default: by the suffix)"))


def add_alignment_files(parser: argparse.ArgumentParser) -> None:
    """Add the alignment file and its dialects."""
    group = parser.add_argument_group("alignments")
    group.add_argument(
        "--alignments",
        type=options.input_path,
        metavar="FILE",
        help="Pharaoh file: source-target pairs such as 0-0 2-1, words counted from 0",
    )
    group.add_argument("--probabilities", action="store_true", help="links have probabilities: 0-0:0.98")
    group.add_argument(
        "--min-probability", type=float, default=0.0, metavar="P", help="keep links of at least P (default: 0 = all)"
    )
    group.add_argument(
        "--possible",
        default="refuse",
        choices=["refuse", "keep", "drop"],
        help="what to do with the possible links 2?1 of a gold standard (default: refuse)",
    )
    for action in group._group_actions[1:]:
        rare(action)


def read_options(args: argparse.Namespace) -> ReadOptions:
    """Return how the files are read."""
    from xproj_fast.formats.pair_files import ReadOptions
    from xproj_fast.formats.pharaoh import PharaohOptions

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
        labels=args.labels or (),
        drop_labels=args.drop_labels,
    )


def conll_options(args: argparse.Namespace) -> ConllOptions:
    """Return how columns are read."""
    from xproj_fast.formats.conll import ConllOptions

    with usage_errors():
        return ConllOptions(
            args.scheme,
            args.word_column,
            args.tag_column,
            args.separator,
            args.docstart,
            args.empty_sentences,
            args.keep_prefix,
            args.confidences_from,
            args.misc_key,
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
        help="what start and end count in JSONL: Unicode code points, UTF-16 code units as in JavaScript, or bytes of "
        "UTF-8 (default: characters)",
    )
    group.add_argument("--text-key", default="text", metavar="KEY", help="key of the raw text (default: text)")
    if entities:
        group.add_argument(
            "--entities-key",
            default="auto",
            metavar="KEY",
            help="key of the entities or tags (default: auto, wherever they are; several keys must agree)",
        )
        group.add_argument(
            "--tag-names",
            type=_names_of_tags,
            metavar="SET|A,B",
            help="what tags given as numbers mean: wikiann, masakhaner2, conll2003, or all names in order: "
            "O,B-PER,I-PER",
        )
        group.add_argument(
            "--snap", action="store_true", help="widen JSONL entities that end inside a word to the whole word"
        )
    for action in group._group_actions:
        rare(action)


def _names_of_tags(text: str) -> str | tuple[str, ...]:
    return names(text) if "," in text else text


def jsonl_options(args: argparse.Namespace) -> JsonlOptions:
    """Return how records are read."""
    from xproj_fast.formats.jsonl import JsonlOptions

    names = (*OF_RECORDS, *OF_LABELLED_RECORDS, "tag_names")
    with usage_errors():
        return JsonlOptions(**{name: getattr(args, name) for name in names if hasattr(args, name)})
