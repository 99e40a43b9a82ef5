"""Reviews through the tools' own libraries: imported, annotated and exported by them, and read back the same."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from review_data import by_id, by_number, sentences, with_words

import xproj_fast as xp
from xproj_fast.formats.files import open_sentences

pytestmark = pytest.mark.engines
LABELS = sentences().labels


def need(module: str) -> Any:
    """Import a tool, whose own warnings are no fault of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(module, reason=f"{module} is not installed (extra: engines)")


def test_label_studio(tmp_path: Path) -> None:
    """The interface that docs/how-to/review.md shows takes every task; its converter makes JSON-MIN of it."""
    interface = need("label_studio_sdk.label_interface").LabelInterface
    converter = need("label_studio_sdk.converter")
    labels = "".join(f'<Label value="{name}"/>' for name in LABELS)
    config = (
        f'<View><Labels name="label" toName="text">{labels}</Labels><Text name="text" value="$text"/>'
        '<Text name="source" value="$source"/></View>'
    )
    path = tmp_path / "tasks.json"
    xp.write_review(sentences(), path, count=None)
    tasks = json.loads(path.read_text("utf-8"))
    checks = interface(config)
    for i, task in enumerate(tasks):
        [prediction] = task["predictions"]
        assert checks.validate_prediction(prediction, return_errors=True) == []
        annotation = {"id": i, "completed_by": {"id": 1}, "was_cancelled": False, "ground_truth": False}
        annotation |= {"created_at": "2026-01-01", "updated_at": "2026-01-01", "lead_time": 1.0, "result_count": 1}
        task |= {"id": 1000 + i, "annotations": [annotation | {"result": prediction["result"]}]}
    path.write_text(json.dumps(tasks), "utf-8")
    assert by_id(xp.read_labelled(path)) == with_words(sentences())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = converter.Converter(config, str(tmp_path))
        made.convert_to_json_min(str(path), str(tmp_path / "min"), is_dir=False)
    assert by_id(xp.read_labelled(tmp_path / "min" / "result.json")) == with_words(sentences())


def test_argilla(tmp_path: Path) -> None:
    """Records as its own readers make them, answered, and exported in each of its ways, without a server."""
    rg = need("argilla")
    io = need("argilla.records._io._generic").GenericIO
    as_json = need("argilla.records._io._json").JsonIO
    path = tmp_path / "records.json"
    xp.write_review(sentences(), path, "argilla", count=None)
    records = as_json._records_from_json(path)
    user = "0d1b1c1e-0000-4000-8000-000000000000"
    for record in records:
        value = next((each.value for each in record.suggestions), [])
        record.responses.add(rg.Response("span", value, user_id=user, status="submitted"))
    flat = tmp_path / "flat.json"
    flat.write_text(json.dumps(io.to_list(records, flatten=True)), "utf-8")
    assert by_id(xp.read_labelled(flat, "argilla")) == with_words(sentences())
    lines = tmp_path / "flat.jsonl"
    lines.write_text("".join(json.dumps(each) + "\n" for each in io.to_list(records, flatten=True)), "utf-8")
    assert by_id(xp.read_labelled(lines, "argilla")) == with_words(sentences())
    for record in records:
        record._model.status = "completed"  # as the server says of what has enough responses
    nested = as_json.to_json(records, tmp_path / "nested.json")
    assert by_id(xp.read_labelled(nested, "argilla")) == with_words(sentences())


def test_prodigy_by_spacy(tmp_path: Path) -> None:
    """Prodigy is not to be had; it makes spaCy's ``Doc`` of tokens and ``char_span`` of spans, and so do we."""
    tokens = need("spacy.tokens")
    vocab = need("spacy.vocab").Vocab()
    path = tmp_path / "tasks.jsonl"
    xp.write_review(sentences(), path, "prodigy", count=None)
    exported = []
    for line in path.read_text("utf-8").splitlines():
        task = json.loads(line)
        words, spaces = [t["text"] for t in task["tokens"]], [t["ws"] for t in task["tokens"]]
        doc = tokens.Doc(vocab, words=words, spaces=spaces)
        assert doc.text == task["text"]
        assert [(t.idx, t.idx + len(t), t.i) for t in doc] == [(t["start"], t["end"], t["id"]) for t in task["tokens"]]
        found = [doc.char_span(span["start"], span["end"], label=span["label"]) for span in task["spans"]]
        assert [(s.start, s.end - 1) for s in found] == [(s["token_start"], s["token_end"]) for s in task["spans"]]
        doc.ents = found
        ents = [{"start": e.start_char, "end": e.end_char, "label": e.label_} for e in doc.ents]
        exported.append(task | {"spans": ents, "answer": "accept", "_input_hash": 1, "_view_id": "ner_manual"})
    path.write_text("".join(json.dumps(task) + "\n" for task in exported), "utf-8")
    assert by_id(xp.read_labelled(path, "prodigy")) == with_words(sentences())


def test_docbin_by_spacy(tmp_path: Path) -> None:
    """What ``spacy train`` reads comes back, also after a round through spaCy, and with raw text and blank tokens."""
    tokens = need("spacy.tokens")
    vocab = need("spacy.vocab").Vocab()
    xp.write(sentences(), tmp_path / "x.spacy")
    assert by_number(xp.read_labelled(tmp_path / "x.spacy")) == by_number(sentences())
    docs = list(tokens.DocBin().from_disk(tmp_path / "x.spacy").get_docs(vocab))
    tokens.DocBin(docs=docs).to_disk(tmp_path / "y.spacy")
    assert by_number(xp.read_labelled(tmp_path / "y.spacy")) == by_number(sentences())
    doc = tokens.Doc(vocab, words=["Ada", "'s", "  ", "Rom"], spaces=[False, True, False, False])
    doc.ents = [doc.char_span(0, 3, label="PER"), doc.char_span(8, 11, label="LOC")]
    unknown = tokens.Doc(vocab, words=["x"])
    doc.user_data["id"] = unknown.user_data["id"] = "d1"
    tokens.DocBin(docs=[doc, unknown], store_user_data=True).to_disk(tmp_path / "z.spacy")
    reader = open_sentences(tmp_path / "z.spacy")
    found = reader.read(10).labelled()
    assert by_id(found) == {"d1": (["Ada", "'s", "Rom"], [(0, 1, "PER"), (2, 3, "LOC")])}
    assert found.words.texts is not None
    assert found.words.texts.to_pylist() == ["Ada's   Rom"]
    assert reader.left_out() == ["1 Doc left out: entities are missing"]
    assert len(xp.read_sentences(tmp_path / "z.spacy", entities=False)) == 2
    (tmp_path / "bad.spacy").write_bytes(b"no DocBin")
    with pytest.raises(xp.InputError, match=r"bad\.spacy: expected a DocBin of spaCy, got a file that cannot be read"):
        xp.read_labelled(tmp_path / "bad.spacy")
