"""Files: read -> sentence pairs, labelled sentences, alignments -> write. Each format registers itself."""

from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import read_labelled, read_sentences
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.pair_files import ReadOptions, iter_pairs, read_pairs
from xproj_fast.formats.pharaoh import PharaohOptions, parse_pharaoh, write_pharaoh
from xproj_fast.formats.writers import open_writer, write

__all__ = [
    "ConllOptions",
    "JsonlOptions",
    "PharaohOptions",
    "ReadOptions",
    "iter_pairs",
    "open_writer",
    "parse_pharaoh",
    "read_labelled",
    "read_pairs",
    "read_sentences",
    "write",
    "write_pharaoh",
]
