"""NER datasets as their users have them: the hub's Parquet and JSONL (tokens, ner_tags), CoNLL text, PAN-X text.

MasakhaNER 2.0 (Adelani et al. 2022) comes as CoNLL text with a space, WikiANN/PAN-X (Pan et al. 2017, Rahimi et al.
2019) as ``lang:word`` TAB tag, both also as Parquet or JSONL with whole numbers for tags.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xproj_fast.arrays import Words
from xproj_fast.errors import InputError
from xproj_fast.formats.arrow import ARROW_SUFFIXES, read_table
from xproj_fast.formats.conll import ConllOptions, tag_table
from xproj_fast.formats.files import EVERYTHING, open_sentences
from xproj_fast.formats.sentences import Sentences
from xproj_fast.formats.streams import decompressed, format_suffix, open_input
from xproj_fast.kernels import get
from xproj_fast.kernels.protocol import TagScheme

TOKENS, TAGS = "tokens", "ner_tags"
# What the numbers mean where a file does not say: the order of the datasets' own loading scripts.
TAG_NAMES = {
    "wikiann": ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"),
    "masakhaner2": ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-DATE", "I-DATE"),
    "conll2003": ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"),
}


def read_dataset(path: str | Path, tag_names: Sequence[str] | str | None = None) -> Sentences:
    """Read the labelled sentences of an NER dataset's file, whatever of the usual forms it has.

    Args:
        path: Parquet, Arrow or JSONL with the columns ``tokens`` and ``ner_tags``; any other suffix is CoNLL text
            (word and tag a line, tabs or spaces; PAN-X's ``lang:`` before every word is taken off).
        tag_names: what whole numbers in ``ner_tags`` mean: the names in order, or one of ``wikiann``,
            ``masakhaner2``, ``conll2003``. None = as the Parquet file says in its metadata.

    Returns:
        The sentences; tags are read as conlleval does, so that a stray I- begins an entity.

    Raises:
        InputError: naming file and sentence, what was expected and what was got.
    """
    file = Path(path)
    suffix = format_suffix(file)
    names = TAG_NAMES.get(tag_names) if isinstance(tag_names, str) else tag_names
    if isinstance(tag_names, str) and names is None:
        raise InputError(f"tag_names: expected names, or one of {', '.join(TAG_NAMES)}, got {tag_names!r}")
    if suffix in ARROW_SUFFIXES:
        return _from_arrow(file, suffix, names)
    if suffix in ("jsonl", "ndjson"):
        return _from_jsonl(file, names)
    return _from_text(file)


def _from_text(path: Path) -> Sentences:
    read = open_sentences(path, "conll", conll=ConllOptions(scheme="any")).read(EVERYTHING)
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


def _from_arrow(path: Path, suffix: str, names: Sequence[str] | None) -> Sentences:
    table = read_table(path, suffix)
    for column in (TOKENS, TAGS):
        if column not in table.column_names:
            raise InputError(f"{path}: expected a column {column!r}, got {', '.join(table.column_names)}")
    names = names or _declared_names(table.schema, path)
    return _sentences(path, table[TOKENS].to_pylist(), table[TAGS].to_pylist(), names, 1)


def _declared_names(schema: Any, path: Path) -> Sequence[str] | None:
    """Return the names that the hub's metadata gives the whole numbers of ``ner_tags``."""
    text = (schema.metadata or {}).get(b"huggingface")
    if text is None:
        return None
    try:
        feature = json.loads(text)["info"]["features"][TAGS]
        return list((feature.get("feature") or feature)["names"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: expected the hub's metadata to name the {TAGS}, got none ({type(error).__name__}: {error}); "
            "give tag_names"
        ) from None


def _from_jsonl(path: Path, names: Sequence[str] | None) -> Sentences:
    with open_input(path) as raw, decompressed(raw, path) as file:
        lines = file.read().splitlines()
    tokens, tags = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            tokens.append(record[TOKENS])
            tags.append(record[TAGS])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}:{number}: expected an object with {TOKENS!r} and {TAGS!r}, got {type(error).__name__}: {error}"
            ) from None
    return _sentences(path, tokens, tags, names, 1)


def _sentences(path: Path, tokens: list[Any], tags: list[Any], names: Sequence[str] | None, first: int) -> Sentences:
    import pyarrow as pa

    words, flat = [], []
    offsets = np.zeros(len(tokens) + 1, np.int64)
    for s, (sentence, labels) in enumerate(zip(tokens, tags, strict=True)):
        where = f"{path}: sentence {s + first}"
        if not isinstance(sentence, list) or not isinstance(labels, list) or len(sentence) != len(labels):
            raise InputError(f"{where}: expected as many {TAGS} as {TOKENS}, got {_size(labels)} and {_size(sentence)}")
        if not all(isinstance(word, str) for word in sentence):
            raise InputError(f"{where}: expected {TOKENS} that are strings, got {sentence!r:.80}")
        words += sentence
        flat += [_tag_name(label, names, where) for label in labels]
        offsets[s + 1] = len(words)
    distinct = list(dict.fromkeys(flat))
    ids = {name: i for i, name in enumerate(distinct)}
    labels_found: list[str] = []
    prefixes, classes = tag_table(distinct, labels_found)
    tag_ids = np.array([ids[name] for name in flat], np.int32)
    entities = get("cpp").decode_tags(offsets, tag_ids, prefixes, classes, TagScheme.ANY).entities
    lines = np.arange(first, first + len(tokens), dtype=np.int64)
    return Sentences(Words(offsets, pa.array(words, pa.large_string())), entities, tuple(labels_found), None, lines)


def _size(value: Any) -> str:
    return str(len(value)) if isinstance(value, list) else type(value).__name__


def _tag_name(tag: Any, names: Sequence[str] | None, where: str) -> str:
    if isinstance(tag, str):
        return tag
    if not isinstance(tag, int) or isinstance(tag, bool):
        raise InputError(f"{where}: expected a tag or its number, got {tag!r}")
    if names is None:
        raise InputError(f"{where}: expected tag_names, as {TAGS} are numbers that the file does not name (got {tag})")
    if not 0 <= tag < len(names):
        raise InputError(f"{where}: expected a tag from 0 to {len(names) - 1} ({', '.join(names)}), got {tag}")
    return names[tag]
