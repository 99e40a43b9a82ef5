"""The file of what an aligner has learnt: one line of JSON that says what follows, then the arrays it names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xproj_fast import __version__
from xproj_fast.errors import InputError, blamed
from xproj_fast.formats.outputs import whole_file
from xproj_fast.formats.streams import decompressed, open_input
from xproj_fast.models.hashes import sha256
from xproj_fast.stored_json import Value, parse_json
from xproj_fast.wording import brief

VERSION = 1  # of the file, and of what its counts mean
MARK = "xproj_fast_aligner_state"
MOST_HEADER = 1 << 16  # bytes
HINT = "(xproj-fast align --save-aligner-state writes one)"

Arrays = Mapping[str, NDArray[Any]]


def write_state(path: Path, about: Mapping[str, Any], arrays: Arrays) -> None:
    """Write a state, compressed where the suffix (.gz, .zst) says so.

    Args:
        path: the file; it appears when it is whole.
        about: JSON values.
        arrays: of one dimension, by name.
    """
    stored = {name: np.ascontiguousarray(array, array.dtype.newbyteorder("<")) for name, array in arrays.items()}
    header = {
        MARK: VERSION,
        "made_with": __version__,
        "about": dict(about),
        "arrays": {name: len(array) for name, array in stored.items()},
        "sha256": sha256(stored.values()),
    }
    with whole_file(path) as out, blamed(path):
        out.write(json.dumps(header).encode() + b"\n")
        for array in stored.values():
            out.write(memoryview(array).cast("B"))


def read_state(path: Path, dtypes: Mapping[str, Any]) -> tuple[Value, dict[str, NDArray[Any]]]:
    """Read what ``write_state`` wrote.

    Args:
        path: the file.
        dtypes: the arrays that a state of this version has, and the dtype of each.

    Returns:
        What was given as ``about``, and the arrays, read-only.

    Raises:
        InputError: for a file that is none, one of another version, and one that is not as it was written.
    """
    with open_input(path) as raw, closing(decompressed(raw, path)) as file:
        try:
            with blamed(path):
                data = b"".join(iter(lambda: file.read(1 << 24), b""))
        except (OSError, EOFError) as error:
            raise InputError(f"{path}: could not be read: {error}") from error
    end = data.find(b"\n", 0, MOST_HEADER)
    if not data.startswith(b'{"' + MARK.encode() + b'": ') or end < 0:
        raise InputError(f"{path}: expected the state of an aligner {HINT}, got another file")
    header = parse_json(data[:end], path).table()
    version, made_with = header[MARK].value, header.get("made_with")
    if version != VERSION:
        other = brief(str(made_with.value if made_with is not None else "unknown"))
        raise InputError(
            f"{path}: expected the state of an aligner of version {VERSION}, got version {brief(str(version))}, of "
            f"xproj-fast {other}: learn it anew with this one"
        )
    header = Value({key: value.value for key, value in header.items()}, path).record(
        MARK, "made_with", "about", "arrays", "sha256"
    )
    lengths = header["arrays"].record(*dtypes)
    arrays, at = {}, end + 1
    for name, dtype in dtypes.items():
        kind = np.dtype(dtype).newbyteorder("<")
        size = lengths[name].whole() * kind.itemsize
        if len(data) < at + size:
            raise InputError(f"{path}: expected {size:,} bytes of {name}, got {len(data) - at:,}: the file was cut short")
        arrays[name] = np.frombuffer(data, kind, lengths[name].whole(), at).astype(dtype, copy=False)
        at += size
    if len(data) != at:
        raise InputError(f"{path}: expected the state of an aligner to end after {at:,} bytes, got {len(data):,}")
    if sha256([memoryview(data)[end + 1 :]]) != header["sha256"].text():
        raise InputError(f"{path}: expected what was written into it, got other bytes: copy it again, or learn it anew")
    return header["about"], arrays
