"""Files: read -> ``SentencePairs``, ``Projection`` -> write."""

from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import read_sentences
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.pair_files import ReadOptions, iter_pairs, read_pairs
from xproj_fast.formats.pharaoh import PharaohOptions, parse_pharaoh, write_pharaoh
from xproj_fast.formats.writers import projection_writer

__all__ = [
    "ConllOptions",
    "JsonlOptions",
    "PharaohOptions",
    "ReadOptions",
    "iter_pairs",
    "parse_pharaoh",
    "projection_writer",
    "read_pairs",
    "read_sentences",
    "write_pharaoh",
]
