"""NER datasets as their users have them: the hub's Parquet and JSONL (tokens, ner_tags), CoNLL text, PAN-X text.

MasakhaNER 2.0 (Adelani et al. 2022) comes as CoNLL text with a space, WikiANN/PAN-X (Pan et al. 2017, Rahimi et al.
2019) as ``lang:word`` TAB tag, both also as Parquet or JSONL with whole numbers for tags.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import EVERYTHING, open_sentences
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.registry import by_suffix
from xproj_fast.formats.sentences import Sentences


def read_dataset(path: str | Path, tag_names: Sequence[str] | str | None = None) -> Sentences:
    """Read the labelled sentences of an NER dataset's file, whatever of the usual forms it has.

    Args:
        path: Parquet, Arrow or JSONL; any other suffix is CoNLL text (word and tag per line, tabs or spaces; PAN-X's
            ``lang:`` before every word is removed).
        tag_names: what whole numbers for tags mean, see ``JsonlOptions``.

    Returns:
        The sentences; tags are read as conlleval does, so that a stray I- begins an entity.

    Raises:
        InputError: naming file and sentence, what was expected and what was got.
    """
    file = Path(path)
    names = tag_names if tag_names is None or isinstance(tag_names, str) else tuple(tag_names)
    named = by_suffix(file)
    kind = named if named in ("arrow", "jsonl") else "conll"
    conll, jsonl = ConllOptions(scheme="any"), JsonlOptions(tag_names=names)
    return open_sentences(file, kind, conll=conll, jsonl=jsonl).read(EVERYTHING)
