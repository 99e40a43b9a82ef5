"""The vocabulary of the command line: what is the same thing in several commands has one name, type and help there."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli.lists import names, renamings
from xproj_fast.cli.parser import rare
from xproj_fast.errors import InputError

if TYPE_CHECKING:
    from xproj_fast.formats.kept_columns import KeptColumns
    from xproj_fast.formats.writers import Write


def positive(text: str) -> int:
    """Parse a count of 1 or more."""
    if not text.isdecimal() or not 1 <= int(text) < 1 << 31:
        raise argparse.ArgumentTypeError(f"expected a count of 1 or more, got {text}")
    return int(text)


def input_path(text: str) -> Path:
    """Parse the name of an input; ``-`` is standard input."""
    return Path("/dev/stdin" if text == "-" else text)


_DIR: dict[str, Any] = {"type": Path, "metavar": "DIR"}
_NAMES: dict[str, Any] = {"type": names, "default": (), "metavar": "A,B"}
_COUNT: dict[str, Any] = {"type": positive, "metavar": "N"}
_CODE: dict[str, Any] = {"metavar": "CODE"}
_ON: dict[str, Any] = {"action": "store_true"}
_RENAMING: dict[str, Any] = {"type": renamings, "default": {}, "metavar": "OLD=NEW,..."}


def formats() -> Sequence[str]:
    """Return the formats that hold labelled sentences."""
    from xproj_fast.formats.registry import that_write

    return that_write("labelled")


def _review_formats() -> Sequence[str]:
    from xproj_fast.formats.registry import that_write

    return that_write("reviews")


def _review_count() -> int:
    from xproj_fast.formats.review import COUNT

    return COUNT


def _marker_forms() -> Sequence[str]:
    from xproj_fast.runs.markers import FORMS

    return FORMS


def _chinese_ways() -> Sequence[str]:
    from xproj_fast.text.chinese import CHINESE_WAYS

    return CHINESE_WAYS


def _most_words() -> int:
    from xproj_fast.runs.translations import MOST_WORDS

    return MOST_WORDS


# What the library has a name for is a function here, which is called when a command is put together.
VOCABULARY: dict[str, dict[str, Any]] = {
    "--output-format": {"choices": formats, "help": "format of the output (default: by the suffix)"},
    "--keep-columns": {
        "type": names,
        "default": (),
        "metavar": "A,B|all",
        "help": "Parquet in, Parquet or hf out: further columns of the input that the output has as well",
        "rare": True,
    },
    "--with-source": _ON
    | {"help": "Parquet and hf output: also what was projected from, its labels and links", "rare": True},
    "--confidence-column": _ON
    | {
        "help": "CoNLL: write how sure each entity is in a column before the tags (JSONL and Parquet always tell it)",
        "rare": True,
    },
    "--review": {
        "type": Path,
        "metavar": "FILE",
        "help": "the least certain sentences, for people to correct",
    },
    "--review-count": _COUNT | {"default": _review_count, "help": "how many (default: {default})", "rare": True},
    "--review-format": {
        "choices": _review_formats,
        "help": "the tool that they are for (default: by the suffix; .json is Label Studio's)",
        "rare": True,
    },
    "--labels": _NAMES | {"default": None, "help": "keep only entities of these classes: PER,ORG,LOC"},
    "--drop-labels": _NAMES | {"help": "leave out entities of these classes: MISC,DATE"},
    "--ignore-labels": _NAMES | {"help": "classes that do not count in the figures"},
    "--rename": _RENAMING | {"help": "rename classes of the tagger; all other options use the new names"},
    "--target-rename": _RENAMING | {"help": "rename classes of the target tagger", "rare": True},
    "--tokenized": _ON | {"help": "split text at spaces alone, not as raw text"},
    "--nested": _ON | {"help": "allow source entities that share words", "rare": True},
    # models
    "--tagger": _DIR | {"help": "folder of a tagger (xproj-fast export tagger)"},
    "--target-tagger": _DIR | {"help": "folder of a tagger of the target language, for ner scores and candidates"},
    "--translator": _DIR | {"help": "folder of a translator (xproj-fast export nllb)"},
    "--from": _CODE | {"dest": "source_language", "help": "source language, such as eng_Latn"},
    "--to": _CODE | {"dest": "target_language", "help": "target language, such as deu_Latn"},
    "--device": {
        "default": "auto",
        "metavar": "NAME",
        "help": "auto (a GPU that works, else the CPU), cpu, cuda or cuda:N (default: {default})",
    },
    "--batch-tokens": _COUNT
    | {"help": "padded subwords per batch, halved where memory is short (default: by device)", "rare": True},
    "--compute-type": {
        "metavar": "TYPE",
        "help": "of the translator: float32, float16, int8, ... (default: as exported, or the nearest)",
        "rare": True,
    },
    # translating
    "--max-sentence-words": _COUNT
    | {
        "default": _most_words,
        "help": "longer sentences are reported, not translated (default: {default})",
        "rare": True,
    },
    "--chinese": {
        "default": "jieba",
        "choices": _chinese_ways,
        "help": "how Chinese text is split into words (default: jieba; needs pip install 'xproj-fast[pipelines]')",
        "rare": True,
    },
    "--markers": {
        "choices": _marker_forms,
        "help": "how entities are marked in text to be translated: [Maria Lopez] met ... (EasyProject), or <a>Maria "
        "Lopez</a> met ... (LabelPigeon); best with a translator trained to keep them",
    },
    "--marker-spaces": _ON | {"help": "put a space between a marker and the entity", "rare": True},
    # running
    "--resume": _ON | {"help": "resume an interrupted run, if there is one"},
    "--restart": _ON | {"help": "discard an interrupted run"},
    "--backend": {
        "default": "cpp",
        "help": "kernels of candidates, alignment scores and greedy; same result (default: cpp)",
        "rare": True,
    },
    "--threads": _COUNT | {"help": "CPU threads; same result for any number (default: all)"},
    "--chunk": _COUNT | {"help": "sentences in memory at a time; same result (default: {default})", "rare": True},
    "--quiet": _ON | {"help": "show no progress and no summary"},
    "--json": _ON | {"help": "print the result as JSON to standard output"},
}


def add(group: Any, *options: str, **changed: Any) -> None:
    """Add options of the vocabulary to a parser or a group.

    Args:
        group: where to.
        options: their names.
        changed: for argparse, in place of what the vocabulary says: ``required``, ``default``.
    """
    for name in options:
        given = VOCABULARY[name] | changed
        is_rare = given.pop("rare", False)
        given |= {key: given[key]() for key in ("choices", "default") if callable(given.get(key))}
        given["help"] = given["help"].replace("{default}", str(given.get("default")))
        action = group.add_argument(name, **given)
        if is_rare:
            rare(action)


def open_labelled(args: argparse.Namespace) -> AbstractContextManager[Write]:
    """Open the output of a command with ``--output-format`` and ``--confidence-column`` for labelled sentences."""
    from xproj_fast.formats.writers import open_writer

    return open_writer(
        args.output,
        args.output_format,
        confidence_column=args.confidence_column,
        with_source=getattr(args, "with_source", False),
    )


def kept_columns(args: argparse.Namespace, source: Path, fmt: str | None) -> KeptColumns | None:
    """Return the columns that ``--keep-columns`` names, None where there are none."""
    if not args.keep_columns:
        return None
    from xproj_fast.formats.kept_columns import KeptColumns
    from xproj_fast.formats.registry import format_of

    kind = args.output_format or ("conll" if args.output == "-" else format_of(Path(args.output)))
    return KeptColumns(source, args.keep_columns, fmt, kind)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add what every long-running command takes."""
    add(parser.add_argument_group("running"), "--threads", "--quiet", "--json")


def add_resume(group: Any) -> None:
    """Add what to do with an interrupted run."""
    add(group.add_mutually_exclusive_group(), "--resume", "--restart")


def make_folder(path: Path) -> None:
    """Make a folder for output, where it is not there."""
    if path.exists() and not path.is_dir():
        raise InputError(f"{path}: expected a folder to write into, got a file")
    path.mkdir(parents=True, exist_ok=True)


def refuse_overwriting(output: Path, *inputs: Path | None) -> None:
    """See ``streams.refuse_overwriting``, which is imported only when it is needed."""
    from xproj_fast.formats import streams

    streams.refuse_overwriting(output, *inputs)
