"""NER datasets as their users have them: the hub's Parquet and JSONL (tokens, ner_tags), CoNLL text, PAN-X text.

MasakhaNER 2.0 (Adelani et al. 2022) comes as CoNLL text with a space, WikiANN/PAN-X (Pan et al. 2017, Rahimi et al.
2019) as ``lang:word`` TAB tag, both also as Parquet or JSONL with whole numbers for tags.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xproj_fast.arrays import Words
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import EVERYTHING, SUFFIXES, open_sentences, tell_what_was_left_out
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.sentences import Sentences
from xproj_fast.formats.streams import format_suffix


def read_dataset(path: str | Path, tag_names: Sequence[str] | str | None = None) -> Sentences:
    """Read the labelled sentences of an NER dataset's file, whatever of the usual forms it has.

    Args:
        path: Parquet, Arrow or JSONL; any other suffix is CoNLL text (word and tag a line, tabs or spaces; PAN-X's
            ``lang:`` before every word is taken off).
        tag_names: what whole numbers for tags mean, see ``JsonlOptions``.

    Returns:
        The sentences; tags are read as conlleval does, so that a stray I- begins an entity.

    Raises:
        InputError: naming file and sentence, what was expected and what was got.
    """
    file = Path(path)
    names = tag_names if tag_names is None or isinstance(tag_names, str) else tuple(tag_names)
    suffix = format_suffix(file)
    kind = next((kind for kind in ("arrow", "jsonl") if suffix in SUFFIXES[kind]), "conll")
    reader = open_sentences(file, kind, conll=ConllOptions(scheme="any"), jsonl=JsonlOptions(tag_names=names))
    read = reader.read(EVERYTHING)
    tell_what_was_left_out(reader)
    if kind != "conll":
        return read
    return Sentences(_without_language(read.words), read.entities, read.labels, read.ids, read.lines)


def _without_language(words: Words) -> Words:
    """Take PAN-X's language off (``en:The``), where every word has the same."""
    import pyarrow as pa
    import pyarrow.compute as pc

    strings: Any = words.strings
    first = strings[0].as_py() if len(strings) else ""
    language, colon, _ = first.partition(":")
    if not (colon and language.isascii() and language.replace("-", "").isalpha()):
        return words
    if not pc.all(pc.starts_with(strings, language + colon)).as_py():
        return words
    bare = pc.utf8_slice_codeunits(strings, len(language) + 1)
    return Words(words.offsets, bare.cast(pa.string()) if pa.types.is_string(strings.type) else bare)
