"""Changes of binary files: Arrow and Parquet are numbers at fixed places, and bytes at random never pass for one."""

from __future__ import annotations

import random
import struct

INTERESTING = (0, 1, 2, 7, 8, 64, 255, 1 << 20, 1 << 30, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
FORMATS = {4: "<I", 8: "<Q"}


def mutated(data: bytes, most: int, seed: int) -> bytes:
    """Return bytes with one to three changes: of a byte, of a whole number at its place, of length.

    Args:
        data: a file.
        most: bytes that there may be.
        seed: of the changes.
    """
    draw = random.Random(seed)
    out = bytearray(data or b"\0")
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        _CHANGES[draw.choices(range(len(_CHANGES)), _WEIGHTS)[0]](out, draw)
        if not out:
            out.append(0)
    return bytes(out[:most])


def _byte(data: bytearray, draw: random.Random) -> None:
    i = draw.randrange(len(data))
    data[i] = draw.choice((0, 1, 127, 128, 255, data[i] ^ (1 << draw.randrange(8)), draw.randrange(256)))


def _number(data: bytearray, draw: random.Random) -> None:
    size = draw.choice((4, 4, 8))
    if len(data) < size:
        return
    at = draw.randrange(len(data) // size) * size
    value = struct.unpack_from(FORMATS[size], data, at)[0]
    near = value + draw.choice((-8, -1, 1, 8, 100))
    struct.pack_into(FORMATS[size], data, at, draw.choice((near, near, *INTERESTING)) % (1 << 8 * size))


def _cut(data: bytearray, draw: random.Random) -> None:
    begin = draw.randrange(len(data))
    del data[begin : begin + draw.choice((1, 8, 64, len(data)))]


def _repeat(data: bytearray, draw: random.Random) -> None:
    begin = draw.randrange(len(data)) & ~7
    to = draw.randrange(len(data)) & ~7
    part = data[begin : begin + draw.choice((8, 16, 64))]
    data[to : to + draw.choice((0, len(part)))] = part


_CHANGES = (_byte, _number, _cut, _repeat)
_WEIGHTS = (4, 5, 0.5, 1)
