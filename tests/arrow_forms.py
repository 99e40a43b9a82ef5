"""One batch of sentence pairs in every form that Arrow data of others may have."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
from strategies import Batch

from xproj_fast.arrow_pairs import Columns

LINK = pa.struct([("source", pa.int32()), ("target", pa.int64())])
TAG_NAMES = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
LABEL_NAMES = ("PER", "LOC", "ORG")

BATCH = Batch(
    [["Ada", "Ng", "sings"], [], ["in", "Rome", "!"], ["a word of more than twelve bytes", "OSCE"]],
    [["singt", "Ada", "Ng"], ["nein"], ["à", "Rome"], ["OSZE", "ein Wort von mehr als zwölf Bytes"]],
    [[(0, 2, "PER")], [], [(1, 2, "LOC")], [(0, 1, "ORG"), (1, 2, "ORG")]],
    [[(0, 1), (1, 2), (2, 0)], [], [(1, 1)], [(0, 1), (1, 0)]],
)


def lists(values: Any, kind: pa.DataType) -> pa.Array:
    return pa.array(values, pa.list_(kind))


def views(values: Any, kind: pa.DataType, large: bool = False) -> pa.Array:
    """Return lists that lie in another order than their rows, with items between them that are nobody's."""
    flat, starts = list(values[0][:1]) if values and values[0] else [], {}
    for row in reversed(range(len(values))):
        starts[row] = len(flat)
        flat += [*values[row], *values[row][:1]]
    wide = pa.int64() if large else pa.int32()
    make = pa.LargeListViewArray if large else pa.ListViewArray
    sizes = pa.array([len(row) for row in values], wide)
    return make.from_arrays(pa.array([starts[row] for row in range(len(values))], wide), sizes, pa.array(flat, kind))


def dictionary(values: Any) -> pa.Array:
    flat = pa.array([word for row in values for word in row], pa.string()).dictionary_encode()
    offsets = pa.array([0, *(sum(map(len, values[: s + 1])) for s in range(len(values)))], pa.int32())
    return pa.ListArray.from_arrays(offsets, flat)


WORDS: dict[str, Callable[[Any], pa.Array]] = {
    "list<string>": lambda rows: lists(rows, pa.string()),
    "list<large_string>": lambda rows: lists(rows, pa.large_string()),
    "list<string_view>": lambda rows: lists(rows, pa.string_view()),
    "large_list<string_view>": lambda rows: pa.array(rows, pa.large_list(pa.string_view())),
    "list<dictionary>": dictionary,
    "list_view<string>": lambda rows: views(rows, pa.string()),
    "list_view<string_view>": lambda rows: views(rows, pa.string_view()),
    "large_list_view<string>": lambda rows: views(rows, pa.large_string(), large=True),
    "sliced": lambda rows: lists([["before", "it"], *rows, ["after"]], pa.string_view())[1:-1],
}


def structs(rows: list[list[tuple[int, int, str]]]) -> list[list[dict[str, Any]]]:
    return [[{"start": a, "end": b, "label": name} for a, b, name in row] for row in rows]


def entity(number: pa.DataType, label: pa.DataType) -> pa.DataType:
    return pa.struct([("start", number), ("end", number), ("label", label)])


def struct_of_lists(rows: list[list[tuple[Any, ...]]], label: pa.DataType) -> pa.Array:
    kinds = (pa.int64(), pa.int64(), label)
    columns = [lists([[item[i] for item in row] for row in rows], kind) for i, kind in enumerate(kinds)]
    return pa.StructArray.from_arrays(columns, ["start", "end", "label"])


def numbered(rows: list[list[tuple[int, int, str]]]) -> list[list[tuple[int, int, int]]]:
    return [[(a, b, LABEL_NAMES.index(name)) for a, b, name in row] for row in rows]


def tags(batch: Batch) -> list[list[str]]:
    found = []
    for words, row in zip(batch.source, batch.entities, strict=True):
        sentence = ["O"] * len(words)
        for start, end, name in row:
            sentence[start:end] = [f"B-{name}", *[f"I-{name}"] * (end - start - 1)]
        found.append(sentence)
    return found


def tag_numbers(batch: Batch) -> list[list[int]]:
    return [[TAG_NAMES.index(tag) for tag in row] for row in tags(batch)]


def declared(**features: Any) -> dict[bytes, bytes]:
    """Return the metadata in which ``datasets`` names numbers."""
    return {b"huggingface": json.dumps({"info": {"features": features}}).encode()}


CLASS_LABEL = {"names": list(LABEL_NAMES), "_type": "ClassLabel"}
CLASS_TAGS = {"names": list(TAG_NAMES), "_type": "ClassLabel"}
# What makes the column, how the table names it, and the table's metadata.
Form = tuple[Callable[[Batch], pa.Array], Columns, dict[bytes, bytes] | None]
PLAIN, TAGGED = Columns(), Columns(tags="ner_tags")
ENTITIES: dict[str, Form] = {
    "structs": (lambda b: lists(structs(b.entities), entity(pa.int32(), pa.string())), PLAIN, None),
    "of views": (lambda b: lists(structs(b.entities), entity(pa.int64(), pa.string_view())), PLAIN, None),
    "of small numbers": (lambda b: lists(structs(b.entities), entity(pa.uint8(), pa.large_string())), PLAIN, None),
    "in views": (lambda b: views(structs(b.entities), entity(pa.int16(), pa.string())), PLAIN, None),
    "of dictionaries": (
        lambda b: lists(structs(b.entities), entity(pa.int32(), pa.dictionary(pa.int8(), pa.string()))),
        PLAIN,
        None,
    ),
    "struct of lists": (lambda b: struct_of_lists(b.entities, pa.string()), PLAIN, None),
    "numbers, named": (
        lambda b: lists(structs(numbered(b.entities)), entity(pa.int64(), pa.int64())),  # type: ignore[arg-type]
        PLAIN,
        declared(entities=[{"start": {"dtype": "int64"}, "label": CLASS_LABEL}]),
    ),
    "numbers in a struct of lists, named": (
        lambda b: struct_of_lists(numbered(b.entities), pa.int64()),
        PLAIN,
        declared(entities={"_type": "List", "feature": {"start": {}, "label": CLASS_LABEL}}),
    ),
    "tags": (lambda b: lists(tags(b), pa.string()), TAGGED, None),
    "tags as views": (lambda b: views(tags(b), pa.string_view()), TAGGED, None),
    "tags as a dictionary": (lambda b: dictionary(tags(b)), TAGGED, None),
    "tags as numbers, named": (
        lambda b: lists(tag_numbers(b), pa.int64()),
        TAGGED,
        declared(ner_tags={"feature": CLASS_TAGS, "_type": "Sequence"}),
    ),
    "tags as numbers, names given": (
        lambda b: lists(tag_numbers(b), pa.uint8()),
        Columns(tags="ner_tags", names=TAG_NAMES),
        None,
    ),
}


def pharaoh(batch: Batch) -> list[str]:
    return [" ".join(f"{i}-{j}" for i, j in row) for row in batch.links]


def link_structs(batch: Batch) -> list[list[dict[str, int]]]:
    return [[{"source": i, "target": j} for i, j in row] for row in batch.links]


def link_columns(batch: Batch) -> pa.Array:
    columns = [lists([[link[i] for link in row] for row in batch.links], pa.int32()) for i in range(2)]
    return pa.StructArray.from_arrays(columns, ["source", "target"])


LINKS: dict[str, Callable[[Batch], pa.Array]] = {
    "structs": lambda b: lists(link_structs(b), LINK),
    "in large lists": lambda b: pa.array(link_structs(b), pa.large_list(LINK)),
    "in views": lambda b: views(link_structs(b), LINK),
    "struct of lists": link_columns,
    "pairs": lambda b: lists(b.links, pa.list_(pa.int64())),
    "pairs of fixed size": lambda b: lists(b.links, pa.list_(pa.int32(), 2)),
    "pairs in views": lambda b: views(b.links, pa.list_(pa.int16()), large=True),
    "strings": lambda b: pa.array(pharaoh(b), pa.string()),
    "large strings": lambda b: pa.array(pharaoh(b), pa.large_string()),
    "string views": lambda b: pa.array(pharaoh(b), pa.string_view()),
    "a dictionary": lambda b: pa.array(pharaoh(b)).dictionary_encode(),
}


def table_of(
    batch: Batch = BATCH, words: str = "list<string>", entities: str = "structs", links: str = "structs"
) -> tuple[pa.Table, Columns]:
    """Return a batch in some form, with ids and a column that nobody asked for, and where the table has what."""
    make, columns, metadata = ENTITIES[entities]
    table = pa.table(
        {
            "id": [f"s{s}" for s in range(len(batch))],
            "source_words": WORDS[words](batch.source),
            "target_words": WORDS[words](batch.target),
            columns.tags or columns.entities: make(batch),
            "alignments": LINKS[links](batch),
            "more": [s / 2 for s in range(len(batch))],
        }
    )
    return table.replace_schema_metadata(metadata), columns


# Each form once, with the usual form of all else.
FORMS = [
    *({"words": name} for name in WORDS),
    *({"entities": name} for name in ENTITIES),
    *({"links": name} for name in LINKS),
    {"words": "large_list<string_view>", "entities": "of views", "links": "string views"},
]
FORM_IDS = [", ".join(form.values()) for form in FORMS]
