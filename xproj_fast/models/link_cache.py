"""Keeps learnt alignments with what they were learnt from, so that a result can be repeated."""

from __future__ import annotations

import json
import logging
from contextlib import closing
from pathlib import Path

from xproj_fast.arrays import Links
from xproj_fast.errors import InputError
from xproj_fast.formats.outputs import need_folder_of, write_whole
from xproj_fast.formats.pharaoh import PharaohReader, write_pharaoh
from xproj_fast.models.hashes import sha256
from xproj_fast.stored_json import read_json
from xproj_fast.wording import shown

MADE_BY = "xproj_fast.models.link_cache"  # marks a cache as ours to overwrite

logger = logging.getLogger(__name__)


def read_cache(path: Path, made_from: dict[str, str], sentences: int) -> Links | None:
    """Return the links of a cache that was made from the same, None where there is none or it was made from other.

    Raises:
        InputError: for a file that is no cache of ours, which is not overwritten.
    """
    beside = path.with_name(path.name + ".json")
    need_folder_of(path)  # reported now, not after minutes of work
    if not path.exists() and not beside.exists():
        return None
    try:
        about = read_json(beside).value
    except (OSError, InputError):
        about = None
    if not isinstance(about, dict) or about.get("made_by") != MADE_BY:
        raise InputError(
            f"{path}: expected a cache made here with {beside.name} next to it, or neither; got another file, "
            "which is not overwritten (alignments of your own are read with read_pairs)"
        )
    reason = "the words, the options or the aligner changed"
    if about.items() >= made_from.items():
        try:
            with closing(PharaohReader(path)) as reader:
                links = reader.read(sentences + 1)  # one more: a longer file must not pass
            if about.get("links_sha256") == sha256((links.offsets, links.source, links.target)):
                return links
            reason = "its links are not those that were written"
        except InputError as error:
            reason = str(error)
    logger.warning("%s", shown(f"{path}: aligning anew and overwriting it: {reason}"))
    return None


def write_cache(path: Path, made_from: dict[str, str], links: Links) -> None:
    """Write the links and, next to them, what they were made from."""
    # First what it is made of, then the links: after a crash between the two the sums disagree.
    about = {"made_by": MADE_BY} | made_from | {"links_sha256": sha256((links.offsets, links.source, links.target))}
    write_whole(path.with_name(path.name + ".json"), json.dumps(about, indent=2).encode() + b"\n")
    write_pharaoh(links, path)
