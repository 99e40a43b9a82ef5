"""The entity classes of taggers: those wanted, those missing, and how often each was given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from xproj_fast.errors import InputError, unknown_name
from xproj_fast.labelled import LabelledSentences
from xproj_fast.models.tag_set import ClassMap
from xproj_fast.models.tagging import TaggerOptions
from xproj_fast.projection import Projection
from xproj_fast.runs.models import TaggerLike
from xproj_fast.wording import listed

LABEL = "label:"  # in front of a class in the counts of a run


def tagger_options(tagger: TaggerLike, options: TaggerOptions | None, labels: tuple[str, ...] | None) -> TaggerOptions:
    """Return the options of a tagger that leave only the classes wanted.

    Raises:
        InputError: for no class, and for classes that it does not have or that are dropped.
    """
    options = options or TaggerOptions()
    have = ClassMap.make(tagger.classes, options.rename, options.drop).labels
    if labels == ():
        raise InputError(f"labels: expected classes of the tagger, {listed(have)}, got none", field="labels")
    for name in labels or ():
        if name not in have:
            raise unknown_name("labels", name, have, "classes of the tagger,")
    return replace(options, drop=(*options.drop, *(name for name in have if labels and name not in labels)))


def label_counts(result: Projection | LabelledSentences) -> dict[str, int]:
    """Count spans by label, as a run's manifest has them."""
    found = result.labelled()
    counts = np.bincount(found.entities.label, minlength=len(found.labels)).tolist()
    return {LABEL + name: count for name, count in zip(found.labels, counts, strict=True)}


def check_renaming(target_tagger: Any, options: TaggerOptions | None) -> None:
    """Check that a tagger of the text has the classes that are renamed: its probabilities alone do not tell."""
    ClassMap.make(target_tagger.classes, (options or TaggerOptions()).rename, ())


def check_target_classes(
    target_tagger: Any, options: TaggerOptions | None, tagging: TaggerOptions, classes: tuple[str, ...]
) -> None:
    """Check that a tagger of the text has all classes that entities can have, as the score "ner" needs them."""
    wanted = ClassMap.make(classes, tagging.rename, tagging.drop).labels
    have = ClassMap.make(target_tagger.classes, (options or TaggerOptions()).rename, ()).labels
    missing = [name for name in wanted if name not in have]
    if missing:
        raise InputError(
            f"target_tagger: expected the classes of the tagger for the score 'ner', got none for "
            f"{', '.join(missing)} (it has {', '.join(have)}): leave them out (labels), rename, or score them 0 "
            "(missing='zero')",
            field="target_tagger",
        )
