"""The tag set of a tagger: what its IOB tags mean, and what becomes of its classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xproj_fast.arrays import Entities, LabelId, Offsets
from xproj_fast.checks import check_names
from xproj_fast.errors import InputError, unknown_name
from xproj_fast.kernels import get
from xproj_fast.ragged import keep
from xproj_fast.tags import TagScheme, tag_table


@dataclass(frozen=True, slots=True, eq=False)
class TagSet:
    """What the outputs of a tagger mean.

    Attributes:
        names: the tags in the order of their ids: ``("O", "B-PER", "I-PER", ...)``.
        classes: their classes without prefixes, in the order of the ids.
        prefixes: uint8[tags], the ``TagPrefix`` of each.
        class_of: int32[tags], the class of each; -1 for O.
        outside: the id of O.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    prefixes: NDArray[np.uint8]
    class_of: LabelId
    outside: int

    @classmethod
    def read(cls, names: Sequence[str]) -> TagSet:
        """Read the names of tags.

        Raises:
            InputError: for names that are not distinct, without O, or other than O and B-, I-, E-, L-, S-, U- with a
                class.
        """
        check_names(names)
        if "O" not in names:
            raise InputError(f"labels: expected O among them, got {', '.join(names)}", field="labels")
        classes: list[str] = []
        prefixes, class_of = tag_table(list(names), classes)
        return cls(tuple(names), tuple(classes), prefixes, class_of, list(names).index("O"))

    def decode(self, offsets: Offsets, best: NDArray[np.int32]) -> Entities:
        """Return the entities of N sentences from the best tag of each word, int32[words].

        Tags are read as conlleval reads them (``TagScheme.ANY``), so one reading serves models that write IOB2 and
        IOB1: B- begins an entity, and so does I- wherever no entity of its class ends just before. Nothing a model
        says is an error, and no word it tags is lost.
        """
        return get("cpp").decode_tags(offsets, best, self.prefixes, self.class_of, TagScheme.ANY).entities


@dataclass(frozen=True, slots=True, eq=False)
class ClassMap:
    """What becomes of the classes: ``new`` int32[classes], ids into ``labels``, -1 = dropped."""

    labels: tuple[str, ...]
    new: LabelId

    @classmethod
    def make(cls, classes: Sequence[str], rename: Mapping[str, str], drop: Sequence[str]) -> ClassMap:
        """Rename classes, then drop some; classes that get the same name become one.

        Args:
            classes: those of the model.
            rename: class -> new name.
            drop: classes to leave out, by the name they have after renaming.

        Raises:
            InputError: for a class that the model does not have, and a new name that cannot be one.
        """
        for name in rename:
            if name not in classes:
                raise unknown_name("rename", name, classes, "classes of the model,")
        renamed = [rename.get(name, name) for name in classes]
        for name in drop:
            if name not in renamed:
                raise unknown_name("drop", name, renamed, "classes of the model,")
        labels = tuple(name for name in dict.fromkeys(renamed) if name not in drop)
        check_names(labels)
        ids = {name: i for i, name in enumerate(labels)}
        return cls(labels, np.array([ids.get(name, -1) for name in renamed], np.int32))

    def apply(self, entities: Entities) -> Entities:
        """Return the entities that stay, under their new class ids."""
        if not len(entities.label):
            return entities
        label = self.new[entities.label]
        renamed = Entities(entities.offsets, entities.start, entities.end, label)
        return keep(renamed, label >= 0)
