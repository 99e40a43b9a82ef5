"""Make what fuzzing begins with: a few small files of each kind, good ones and nearly good ones.

    python tests/fuzz/make_corpus.py

They are committed, so this only has to run when a kind of file is added.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from targets import MADE_FROM, MODEL_FILES, PART

from xproj_fast import __version__

CORPUS = Path(__file__).parent / "corpus"

JSONL = {
    "doccano": '{"id": 1, "text": "John lives in Rome.", "label": [[0, 4, "PER"], [14, 18, "LOC"]]}\n',
    "prodigy": (
        '{"text": "John é", "tokens": [{"text": "John", "start": 0, "end": 4}, {"text": "é", "start": 5, "end": 6}], '
        '"spans": [{"start": 0, "end": 4, "label": "PER"}], "answer": "accept"}\n{"text": "x", "answer": "reject"}\n'
    ),
    "spacy": '{"text": "a \\ud83d\\ude00 b", "ents": [{"start": 2, "end": 4, "label": "X"}]}\n',
    "hub": '{"tokens": ["John", "lives"], "ner_tags": [1, 0]}\n\n{"tokens": [], "ner_tags": []}\n',
    "tags": '{"id": "x", "tokens": ["a", "b"], "tags": ["B-PER", "I-PER"], "entities": [[0, 2, "PER"]]}\n',
    "label_studio": '{"text": "Rome", "label": [{"start": 0, "end": 4, "labels": ["LOC"]}]}\n',
    "pipeline": '{"text": "Rome", "entities": [{"start_offset": 0, "end_offset": 4, "entity_group": "LOC"}]}\n',
}
CONLL = {
    "plain": "John\tB-PER\nSmith\tI-PER\nslept\tO\n\nRome\tB-LOC\n",
    "conll2003": "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n",
    "conllu": "# text = a b\n1-2\tab\t_\t_\n1\ta\tX\tB-X\n2\tb\tX\tO\n2.1\tc\tX\tO\n\n",
    "panx": "en:John\tB-PER\nen:slept\tO\n\nen:Rome\tB-LOC\nen:!\tO\n\n",
    "bilou": "a U-X\nb B-X\nc L-X\n\n\n\nd O\n",
    "crlf": "\ufeffa\tB-X\r\nb\tE-X\r\n\r\n",
}
SPANS = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())]))
LINKS = pa.list_(pa.struct([("source", pa.int32()), ("target", pa.int32())]))


def tables() -> dict[str, pa.Table]:
    """Return one table of each shape that is read."""
    tags = pa.array(["O", "B-PER", "O"]).dictionary_encode()
    return {
        "pairs": pa.table(
            {
                "id": ["a", "b"],
                "source_words": [["x", "yy"], ["zzz"]],
                "target_words": [["x", "yé"], ["z"]],
                "entities": pa.array([[(0, 1, "PER")], []], SPANS),
                "alignments": pa.array([[(0, 0), (1, 1)], []], LINKS),
            }
        ),
        "sentences": pa.table({"tokens": [["x", "yy"], ["z"]], "ner_tags": [[1, 0], [0]], "text": ["x yy", "z"]}),
        "wide": pa.table({"tokens": pa.array([["x"], ["y"]], pa.large_list(pa.large_string())), "tags": [["O"]] * 2}),
        "ours": pa.table(
            {
                "target_words": [["x", "yy"], ["z"]],
                "tags": pa.ListArray.from_arrays([0, 2, 3], tags),
                "spans": pa.array([[(1, 2, "PER")], []], SPANS),
            }
        ),
    }


def arrow_files() -> dict[str, bytes]:
    """Return Arrow files and streams, some of them packed."""
    made = {}
    for name, table in tables().items():
        for kind, new in (("file", pa.ipc.new_file), ("stream", pa.ipc.new_stream)):
            for codec in (None, "lz4") if name == "pairs" else (None,):
                out = io.BytesIO()
                with new(out, table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as writer:
                    writer.write_table(table, max_chunksize=1)
                made[f"{name}_{kind}{'_' + codec if codec else ''}"] = out.getvalue()
    return made


def parquet_files() -> dict[str, bytes]:
    """Return Parquet files."""
    made = {}
    for name, table in tables().items():
        for codec in ("none", "snappy") if name == "pairs" else ("none",):
            out = io.BytesIO()
            pq.write_table(table, out, compression=codec, store_schema=name == "ours")
            made[f"{name}_{codec}"] = out.getvalue()
    return made


def _record(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def model_manifests() -> dict[str, str]:
    """Return a manifest of each kind of model."""
    encoder = {"max_pieces": 512, "prefix": [0], "suffix": [2], "pad_id": 1, "inputs": ["input_ids", "attention_mask"]}
    settings: dict[str, dict[str, Any]] = {
        "tagger": encoder | {"labels": ["O", "B-PER", "I-PER"]},
        "aligner": encoder | {"layer": 8, "layers": 12, "width": 768, "languages": {"eng_Latn": 4}},
        "translator": {"languages": ["eng_Latn", "deu_Latn"], "max_pieces": 1024, "eos": "</s>", "unk": "<unk>"},
    }
    common = {
        "xproj_fast_model": 1,
        "architecture": "xlm-roberta",
        "source": "x",
        "revision": None,
        "versions": {"torch": "2.6"},
        "files": {name: _record(content) for name, content in MODEL_FILES.items()},
        "parity": {"cosine": 1.0},
        "created": "2026-11-30T00:00:00+00:00",
    }
    engines = {
        "tagger": ("onnxruntime", "fp32"),
        "aligner": ("onnxruntime", "int8"),
        "translator": ("ctranslate2", "int8"),
    }
    made = {}
    for kind, said in settings.items():
        engine, precision = engines[kind]
        made[kind] = json.dumps(common | {"kind": kind, "engine": engine, "precision": precision, "settings": said})
    return made


MADE = {"xproj_fast": __version__} | MADE_FROM
PARTS = [{"part": 0, "sentences": 1, "counts": {"entities": 1}, "files": {"conll": _record(PART)}}]


LEARNT = {"learnt": {"learned": {"eng_Latn": {"weights": {"alignment": 1.5}, "bias": -2.0}}}}


def run_manifests() -> dict[str, str]:
    """Return manifests of a run that was finished, of one whose parts stay, of one that has learnt, and of another."""
    one = {
        "xproj_fast_run": 1,
        "made_from": MADE,
        "sentences": 1,
        "counts": {"entities": 1},
        "parts": [],
        "outputs": {"conll": {"file": "x.conll"} | _record(PART)},
        "learnt": None,
        "notes": {"seconds": {"read": 0.1}},
        "created": "",
        "updated": "",
    }
    return {
        "finished": json.dumps(one),
        "in_parts": json.dumps(one | {"parts": PARTS, "outputs": {}}),
        "has_learnt": json.dumps(one | LEARNT),
        "other_run": json.dumps(one | {"made_from": {"inputs": ["y"]}}),
    }


def run_journals() -> dict[str, str]:
    """Return journals of a run after one part, of one that has none, of one cut short, and of others."""
    head = {"xproj_fast_journal": 1, "made_from": MADE, "created": ""}
    fresh, part = (json.dumps(line) + "\n" for line in (head, PARTS[0]))
    return {
        "one_part": fresh + part,
        "fresh": fresh,
        "has_learnt": fresh + json.dumps(LEARNT) + "\n" + part,
        "cut_short": fresh + part[:40],
        "other_run": json.dumps(head | {"made_from": {"inputs": ["y"]}}) + "\n" + part,
    }


def main() -> None:
    """Write all files."""
    everything: dict[str, dict[str, str] | dict[str, bytes]] = {
        "jsonl": JSONL,
        "conll": CONLL,
        "parquet": parquet_files(),
        "ipc": arrow_files(),
        "model_manifest": model_manifests(),
        "run_journal": run_journals(),
        "run_manifest": run_manifests(),
    }
    for target, files in everything.items():
        (CORPUS / target).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (CORPUS / target / name).write_bytes(content if isinstance(content, bytes) else content.encode())


if __name__ == "__main__":
    main()
