"""What the manifest of a model holds besides its files: checked before anything is loaded by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xproj_fast.stored_json import Value

ENGINES = ("onnxruntime", "ctranslate2")
PRECISIONS = ("fp32", "fp16", "int8")  # of taggers and aligners
# Of translators, as CTranslate2 calls them.
COMPUTE_TYPES = ("float32", "float16", "bfloat16", "int8", "int8_float32", "int8_float16", "int8_bfloat16")
MOST_PIECES = 1 << 20  # positions of a model
MOST_ID = (1 << 31) - 1  # of a subword
MOST_WIDTH = 1 << 20
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def read_settings(kind: str, manifest: Mapping[str, Value]) -> tuple[str, str, dict[str, Any]]:
    """Return engine, precision and settings of the manifest of a model.

    Raises:
        InputError: for anything that no export writes there.
    """
    engine = manifest["engine"].one_of(("ctranslate2",) if kind == "translator" else ENGINES)
    precision = manifest["precision"].one_of(COMPUTE_TYPES if kind == "translator" else PRECISIONS)
    return engine, precision, _SETTINGS[kind](manifest["settings"])


def _tagger(value: Value) -> dict[str, Any]:
    found = value.record("labels", *_COMMON)
    return {"labels": found["labels"].texts()} | _common(found)


def _aligner(value: Value) -> dict[str, Any]:
    found = value.record("layer", "layers", "width", *_COMMON, "languages")
    layers = found["layers"].whole(1, MOST_WIDTH)
    spoken = found["languages"]
    return {
        "layer": found["layer"].whole(0, layers),
        "layers": layers,
        "width": found["width"].whole(1, MOST_WIDTH),
        **_common(found),
        "languages": None if spoken.value is None else {code: _id(of) for code, of in spoken.table().items()},
    }


def _translator(value: Value) -> dict[str, Any]:
    found = value.record("languages", "max_pieces", "eos", "unk")
    return {
        "languages": found["languages"].texts(),
        "max_pieces": found["max_pieces"].whole(3, MOST_PIECES),  # a language, a subword, </s>
        "eos": found["eos"].text(),
        "unk": found["unk"].text(),
    }


_COMMON = ("max_pieces", "prefix", "suffix", "pad_id", "inputs")


def _common(found: Mapping[str, Value]) -> dict[str, Any]:
    around = {name: [_id(of) for of in found[name].items()] for name in ("prefix", "suffix")}
    specials = sum(map(len, around.values()))
    return {
        "max_pieces": found["max_pieces"].whole(specials + 1, MOST_PIECES),
        **around,
        "pad_id": _id(found["pad_id"]),
        "inputs": [name.one_of(INPUTS) for name in found["inputs"].items()],
    }


def _id(value: Value) -> int:
    return value.whole(0, MOST_ID)


_SETTINGS: dict[str, Callable[[Value], dict[str, Any]]] = {
    "translator": _translator,
    "tagger": _tagger,
    "aligner": _aligner,
}
KINDS = tuple(_SETTINGS)  # what a manifest may be of
