"""``--review``: the least certain sentences of an output, written for people to correct."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.cli import aligning, options, projecting, usage
from xproj_fast.wording import count

if TYPE_CHECKING:
    from xproj_fast.labelled import LabelledSentences
    from xproj_fast.projection import Projection

SAVED = {"--save-learned": "save_learned", "--save-aligner-state": "save_aligner_state"}  # label has neither
OWN = ("review_count", "review_format")


def add_review(group: Any) -> None:
    """Add the options to a group."""
    options.add(group, "--review", "--review-count", "--review-format")


class Review:
    """The file of ``--review``, where it is asked for.

    Attributes:
        told: what the summary tells of it.
    """

    def __init__(self, args: argparse.Namespace, tells_confidence: bool, *inputs: Path | None) -> None:
        """Check the options, before anything is read.

        Args:
            args: what was parsed.
            tells_confidence: whether the method says how sure each span is.
            inputs: files that it may not be.

        Raises:
            UsageError: for options that cannot be, alone or together.
            InputError: for a file that is an input, or whose folder is not there.
        """
        from xproj_fast.formats.outputs import need_folder_of
        from xproj_fast.formats.review import LeastCertain, review_format

        self.told: dict[str, Any] = {}
        self._path: Path | None = args.review
        if self._path is None:
            usage.require(args, OWN, "--review")
            return
        projecting.require_confidence(tells_confidence, "--review")
        with usage.usage_errors():
            self._format = review_format(self._path, args.review_format)
        options.refuse_overwriting(self._path, *inputs)
        need_folder_of(self._path)
        for what, path in _other_outputs(args):
            if os.path.realpath(path) == os.path.realpath(self._path):
                raise usage.UsageError(f"--review: expected another file than {what}, got {self._path}")
        self._chosen = LeastCertain(args.review_count)

    def __bool__(self) -> bool:
        return self._path is not None

    def add(self, result: Projection | LabelledSentences) -> None:
        """Take the next chunk of the output."""
        if self:
            self._chosen.add(result)

    def read(self, output: Path, fmt: str | None) -> None:
        """Take the whole of an output that was written."""
        from contextlib import closing

        from xproj_fast.formats.files import DEFAULT_CHUNK, open_sentences

        if not self:
            return
        with closing(open_sentences(output, fmt)) as reader:
            while len(part := reader.read(DEFAULT_CHUNK)):
                self.add(part.labelled())

    def write(self) -> None:
        """Write the file."""
        from xproj_fast.formats.review import write_sentences

        if self._path is None:
            return
        sentences = self._chosen.sentences()
        write_sentences(sentences, self._path, self._format)
        told = {"file": str(self._path), "format": self._format, "sentences": len(sentences)}
        self.told = {"review": told | {"without_words": self._chosen.without_words}}


def _other_outputs(args: argparse.Namespace) -> list[tuple[str, Path]]:
    """Return what else a command writes, and where."""
    own = {option: getattr(args, name, None) for option, name in SAVED.items()}
    found = [(f"that of {option}", path) for option, path in own.items() if path is not None]
    if args.output != "-":
        links = aligning.links_beside(args.output)
        beside = [("the links beside the output", path) for path in (links, Path(f"{links}.json"))]
        found += [("the output", Path(args.output)), *beside]
    return found


def said(summary: dict[str, Any]) -> list[str]:
    """Return a line about what was written for people to correct."""
    if "review" not in summary:
        return []
    told = summary["review"]
    line = f"{told['file']}: the {count(told['sentences'], 'sentence')} that are least certain, for {told['format']}"
    left_out = told["without_words"]
    return [f"{line}; {count(left_out, 'sentence')} without words left out" if left_out else line]
