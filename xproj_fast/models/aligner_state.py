"""The file of what an aligner has learnt: one line of JSON that says what follows, then arrays."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast import __version__
from xproj_fast.errors import InputError, blamed
from xproj_fast.formats.outputs import whole_file
from xproj_fast.formats.streams import decompressed, open_input
from xproj_fast.kernels.link_sampling import MOST_LINKED_WORDS, LinkCounts
from xproj_fast.models.alignment import StatisticalAlignOptions
from xproj_fast.models.hashes import sha256
from xproj_fast.models.vocabulary import Vocabulary
from xproj_fast.stored_json import Value, parse_json
from xproj_fast.wording import brief

VERSION = 1  # of the file, and of what its counts mean
MARK = "xproj_fast_aligner_state"
HEADER = (MARK, "made_with", "options", "arrays", "sha256")
MOST_HEADER = 1 << 16  # bytes
SIDES = ("source", "target")
OPTIONS = ("symmetrization", "link_threshold", "seed")
DTYPES: dict[str, Any] = {
    **{f"{side}_vocabulary_{name}": kind for side in SIDES for name, kind in (("ends", "<i8"), ("bytes", "|u1"))},
    **dict.fromkeys(LinkCounts._fields, "<f4"),
    "offsets": "<i8",
    "target": "<i4",
    "forward_jumps": "<f8",
    "reverse_jumps": "<f8",
}
FERTILITIES = 16  # csrc/xproj/link_fertilities.hpp


def write_state(
    path: Path, options: StatisticalAlignOptions, source: Vocabulary, target: Vocabulary, counts: LinkCounts
) -> None:
    """Write a state; the file appears when it is whole, compressed where its suffix (.gz, .zst) says so."""
    arrays = state_arrays(source, target, counts)
    header = {
        MARK: VERSION,
        "made_with": __version__,
        "options": kept_options(options),
        "arrays": {name: len(array) for name, array in arrays.items()},
        "sha256": sha256(arrays.values()),
    }
    with whole_file(path) as out, blamed(path):
        out.write(json.dumps(header).encode() + b"\n")
        for array in arrays.values():
            out.write(array.view(np.uint8))


def kept_options(options: StatisticalAlignOptions) -> dict[str, Any]:
    """Return the options that a state keeps, as JSON values."""
    return {name: getattr(options, name) for name in OPTIONS}


def state_arrays(source: Vocabulary, target: Vocabulary, counts: LinkCounts) -> dict[str, NDArray[Any]]:
    """Return all of a state as arrays, each of its dtype in the file."""
    named: dict[str, Any] = counts._asdict()
    for side, vocabulary in zip(SIDES, (source, target), strict=True):
        named |= {f"{side}_vocabulary_{name}": array for name, array in vocabulary.arrays().items()}
    return {name: np.ascontiguousarray(named[name], kind) for name, kind in DTYPES.items()}


def read_state(path: Path) -> tuple[StatisticalAlignOptions, Vocabulary, Vocabulary, LinkCounts]:
    """Read what ``write_state`` wrote.

    Raises:
        InputError: for a file that is none, one of another version, and one that is not as it was written.
    """
    data = _bytes(path)
    end = data.find(b"\n", 0, MOST_HEADER)
    if end < 0 or not data.startswith(f'{{"{MARK}": '.encode()):
        raise InputError(
            f"{path}: expected the state of an aligner (xproj-fast align --save-aligner-state), got another file"
        )
    header = _header(path, data[:end])
    arrays = _arrays(path, data, end + 1, header["arrays"])
    if sha256([memoryview(data)[end + 1 :]]) != header["sha256"].text():
        raise InputError(f"{path}: expected what was written to it, got other bytes: copy it again, or learn it anew")
    try:
        options = StatisticalAlignOptions(**{key: v.value for key, v in header["options"].record(*OPTIONS).items()})
        source, target = (
            Vocabulary.from_arrays(arrays.pop(f"{side}_vocabulary_ends"), arrays.pop(f"{side}_vocabulary_bytes"))
            for side in SIDES
        )
        counts = LinkCounts(**arrays)
        _check(counts, len(source), len(target))
    except (InputError, TypeError) as error:
        raise InputError(f"{path}: expected the state of an aligner, got a wrong one: {error}") from None
    return options, source, target, counts


def _bytes(path: Path) -> bytes:
    with open_input(path) as raw, closing(decompressed(raw, path)) as file:
        try:
            return b"".join(iter(lambda: file.read(1 << 24), b""))
        except (OSError, EOFError) as error:
            raise InputError(f"{path}: could not be read: {error}") from error


def _header(path: Path, line: bytes) -> dict[str, Value]:
    header = parse_json(line, path)
    version = header.table()[MARK].value
    if version != VERSION:
        made_with = header.table().get("made_with", Value("unknown", path)).value
        raise InputError(
            f"{path}: expected the state of an aligner of version {VERSION}, got version {brief(str(version))}, made "
            f"with xproj-fast {brief(str(made_with))}: learn it anew"
        )
    return header.record(*HEADER)


def _arrays(path: Path, data: bytes, at: int, lengths: Value) -> dict[str, NDArray[Any]]:
    found = {}
    for name, length in lengths.record(*DTYPES).items():
        kind = np.dtype(DTYPES[name])
        size = length.whole() * kind.itemsize
        if size > len(data) - at:
            raise InputError(f"{path}: expected {size:,} bytes of {name}, got {len(data) - at:,}: it was cut short")
        found[name] = np.frombuffer(data, kind, length.whole(), at).astype(kind.newbyteorder("="), copy=False)
        at += size
    if at != len(data):
        raise InputError(f"{path}: expected {at:,} bytes, got {len(data):,}")
    return found


def _check(counts: LinkCounts, source: int, target: int) -> None:
    """Check that the kernel may take counts as they are.

    Raises:
        InputError: naming the array.
    """
    pairs = len(counts.target)
    jumps = 2 * MOST_LINKED_WORDS + 3
    lengths = {
        "offsets": source + 1,
        **dict.fromkeys(("forward", "reverse"), pairs),
        **dict.fromkeys(("source_words", "source_nulls", "source_similarity"), source),
        **dict.fromkeys(("target_words", "target_nulls", "target_similarity"), target),
        **dict.fromkeys(("forward_jumps", "reverse_jumps"), jumps),
        "forward_fertilities": FERTILITIES * source,
        "reverse_fertilities": FERTILITIES * target,
    }
    for name, length in lengths.items():
        if len(getattr(counts, name)) != length:
            raise InputError(f"{name}: expected {length:,} values, got {len(getattr(counts, name)):,}")
    for name, values in counts._asdict().items():
        if values.dtype.kind == "f" and not (np.isfinite(values).all() and values.min(initial=0) >= 0):
            raise InputError(f"{name}: expected finite numbers of 0 or more")
    offsets, ids = counts.offsets, counts.target
    if offsets[0] != 0 or offsets[-1] != pairs or np.any(np.diff(offsets) < 0):
        raise InputError(f"offsets: expected offsets that rise from 0 to {pairs:,}")
    if pairs and (ids.min() < 0 or ids.max() >= target):
        raise InputError(f"target: expected types below {target:,}")
    first = np.zeros(pairs + 1, bool)
    first[offsets] = True
    if not np.all((np.diff(ids) > 0) | first[1:pairs]):
        raise InputError("target: expected the types of each source type in order, each once")
