"""Data sets for Hugging Face and spaCy: what their libraries load is what was written, however it came in chunks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command import fails, run
from fake_stack import Aligner, Tagger, Translator
from toy_language import PAIRS, TOY, text

from xproj_fast.errors import InputError
from xproj_fast.formats.files import read_labelled
from xproj_fast.formats.writers import open_writer, write
from xproj_fast.labelled import LabelledSentences
from xproj_fast.pairs import SentencePairs
from xproj_fast.projector import project
from xproj_fast.runs.augment_options import AugmentModels, AugmentOptions
from xproj_fast.runs.augmenting import augment
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.labelling import label

ADA = LabelledSentences.from_lists([["Ada", "sang"], []], [[(0, 1, "PER")], []], ids=["a", "b"])
ROME = LabelledSentences.from_lists([["in", "New", "York"]], [[(1, 3, "LOC")]], ids=["c"])
NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
FEW = PAIRS[:20]


def in_chunks(path: Path, *chunks: Any, **how: Any) -> None:
    with open_writer(path, **how) as append:
        for chunk in chunks:
            append(chunk)


def test_classes_are_numbered_as_they_come(tmp_path: Path) -> None:
    in_chunks(tmp_path / "x.parquet", ADA, ROME, fmt="hf")
    table = pq.read_table(tmp_path / "x.parquet")
    assert table.schema.names == ["id", "tokens", "ner_tags"]
    assert table["ner_tags"].to_pylist() == [[1, 0], [], [0, 3, 4]]
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["ner_tags"]["feature"] == {"names": NAMES, "_type": "ClassLabel"}


def test_it_is_read_back(tmp_path: Path) -> None:
    for name in ("x.parquet", "x.jsonl"):
        in_chunks(tmp_path / name, ADA, ROME, fmt="hf")
        found = read_labelled(tmp_path / name)
        assert found.words.to_lists() == [["Ada", "sang"], [], ["in", "New", "York"]]
        assert found.tags() == [["B-PER", "O"], [], ["O", "B-LOC", "I-LOC"]]
        assert found.ids is not None
        assert found.ids.to_pylist() == ["a", "b", "c"]


def test_datasets_loads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="datasets is not installed (extra: engines)")
    in_chunks(tmp_path / "x.parquet", ADA, ROME, fmt="hf")
    in_chunks(tmp_path / "x.jsonl", ADA, ROME, fmt="hf")
    found = datasets.load_dataset(
        "parquet", data_files=str(tmp_path / "x.parquet"), split="train", cache_dir=tmp_path / "c"
    )
    assert found.features["ner_tags"].feature.names == NAMES
    assert found.features["id"].dtype == "string"
    assert found["ner_tags"][:] == [[1, 0], [], [0, 3, 4]]
    found = datasets.load_dataset("json", data_files=str(tmp_path / "x.jsonl"), split="train", cache_dir=tmp_path / "c")
    assert found["ner_tags"][:] == [["B-PER", "O"], [], ["O", "B-LOC", "I-LOC"]]


def projection() -> Any:
    pairs = SentencePairs.from_lists([["Ada", "sings"]], [["singt", "Ada"]], [[(0, 1, "PER")]], [[(0, 1), (1, 0)]])
    return project(pairs)


def test_the_source_on_request(tmp_path: Path) -> None:
    write(projection(), tmp_path / "x.parquet", "hf", with_source=True)
    assert pq.read_table(tmp_path / "x.parquet").to_pylist() == [
        {
            "tokens": ["singt", "Ada"],
            "ner_tags": [0, 1],
            "source_tokens": ["Ada", "sings"],
            "source_ner_tags": [1, 0],
            "alignments": "0-1 1-0",
        }
    ]
    write(projection(), tmp_path / "y.parquet", with_source=True)
    (row,) = pq.read_table(tmp_path / "y.parquet").to_pylist()
    assert (row["source_words"], row["source_tags"]) == (["Ada", "sings"], ["B-PER", "O"])
    with pytest.raises(InputError, match=r"^with_source: expected output as arrow or hf, got jsonl"):
        write(projection(), tmp_path / "x.jsonl", with_source=True)
    with pytest.raises(InputError, match=r"^with_source: expected a projection, got sentences that have no source"):
        write(ADA, tmp_path / "z.parquet", with_source=True)
    assert not (tmp_path / "z.parquet").exists()


def test_confidences(tmp_path: Path) -> None:
    sure = LabelledSentences.from_columns(
        ADA.words, ADA.entities, ADA.labels, confidences=pa.array([0.5], pa.float32()).to_numpy()
    )
    write(sure, tmp_path / "x.parquet", "hf")
    assert pq.read_table(tmp_path / "x.parquet")["confidences"].to_pylist() == [[0.5], []]


@pytest.mark.parametrize("name", ["x.csv", "x.arrow"])
def test_other_suffixes(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a name that ends in \.parquet or \.jsonl for hf output, got"):
        write(ADA, tmp_path / name, "hf")
    assert not list(tmp_path.iterdir())


def test_spacy_reads_it(tmp_path: Path) -> None:
    pytest.importorskip("spacy", reason="spacy is not installed (extra: spacy)")
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    in_chunks(tmp_path / "x.spacy", ADA, ROME)
    docs = list(DocBin(store_user_data=True).from_disk(tmp_path / "x.spacy").get_docs(Vocab()))
    assert [[token.text for token in doc] for doc in docs] == [["Ada", "sang"], [], ["in", "New", "York"]]
    assert [[(e.start, e.end, e.label_) for e in doc.ents] for doc in docs] == [[(0, 1, "PER")], [], [(1, 3, "LOC")]]
    assert [doc.user_data["id"] for doc in docs] == ["a", "b", "c"]


class Refuses(Translator):
    def translate(self, lines: Any, source: str, target: str, options: Any = None) -> Any:
        from dataclasses import replace

        for line, found in zip(lines, super().translate(lines, source, target, options), strict=True):
            yield replace(found, text="", refused="odd") if line == text(FEW[3].toy) else found


@pytest.mark.parametrize("fmt", ["hf", "spacy"])
def test_a_run_that_is_stopped_and_gone_on_with(fmt: str, tmp_path: Path) -> None:
    if fmt == "spacy":
        pytest.importorskip("spacy", reason="spacy is not installed (extra: spacy)")
    (tmp_path / "in.txt").write_text("".join(text(pair.toy) + "\n" for pair in FEW))
    models = LabelModels(Tagger(), Refuses(), Aligner())
    out = tmp_path / ("out.parquet" if fmt == "hf" else "out.spacy")

    def gone(sentences: int, share: float) -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        label(tmp_path / "in.txt", out, models, LabelOptions(TOY), chunk=6, output_format=fmt, progress=gone)
    label(tmp_path / "in.txt", out, models, LabelOptions(TOY), chunk=6, output_format=fmt, resume=True)
    expected = [sorted(pair.toy_entities()) for pair in FEW]
    expected[3] = []
    if fmt == "hf":
        table = pq.read_table(out)
        whole = tmp_path / "whole.parquet"
        label(tmp_path / "in.txt", whole, models, LabelOptions(TOY), chunk=6, output_format=fmt)
        assert table.equals(pq.read_table(whole), check_metadata=True)
        assert [i for i, problem in enumerate(table["problem"].to_pylist()) if problem is not None] == [3]
        assert table["ner_tags"][3].as_py() is None  # unknown, not O
        with pytest.raises(InputError, match="expected a list, got null"):
            read_labelled(out)
        pq.write_table(table.filter(pa.compute.is_null(table["problem"])), out)
        found = read_labelled(out)
        del expected[3]
        assert [[(e.start, e.end, e.label) for e in row.entities] for row in found] == expected
    else:
        from spacy.tokens import DocBin
        from spacy.vocab import Vocab

        docs = list(DocBin().from_disk(out).get_docs(Vocab()))
        assert [[(e.start, e.end, e.label_) for e in doc.ents] for doc in docs] == expected
        assert {token.ent_iob_ for token in docs[3]} == {""}  # missing, not O
    assert not (tmp_path / f"{out.name}.parts").exists()


def test_every_language_is_a_data_set(tmp_path: Path) -> None:
    given = LabelledSentences.from_lists([list(p.english) for p in FEW], [sorted(p.entities) for p in FEW])
    models = AugmentModels(Translator(), Aligner())
    augment(given, tmp_path, models, AugmentOptions((TOY,)), output_format="hf", with_source=True)
    table = pq.read_table(tmp_path / f"{TOY}.parquet")
    assert table["source_tokens"].to_pylist() == [list(pair.english) for pair in FEW]
    assert table["tokens"].to_pylist() == [list(pair.toy) for pair in FEW]


@pytest.mark.parametrize(
    ("name", "pipeline", "message"),
    [
        ("o.conll", "translate-test", "^with_source: expected output as arrow or hf, got conll"),
        ("o.spacy", "translate-test", "^with_source: expected output as arrow or hf, got spacy"),
        ("o.parquet", "transfer", "^with_source: expected a projection, got sentences that have no source"),
    ],
)
def test_a_source_that_is_nowhere_is_told_before_the_run(
    name: str, pipeline: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_text("a\n")

    class Unused(Translator):
        def translate(self, *args: Any) -> Any:
            raise AssertionError("nothing may run")

    models = LabelModels(Tagger(), Unused(), Aligner())
    with pytest.raises(InputError, match=message):
        label(tmp_path / "in.txt", tmp_path / name, models, LabelOptions(TOY, pipeline), with_source=True)


def test_a_folder_of_parts_is_no_data_set(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("a\n")
    models = LabelModels(Tagger(), Translator(), Aligner())
    with pytest.raises(InputError, match="expected the name of a file, as parts are no files of hf, got a folder"):
        label(tmp_path / "in.txt", f"{tmp_path}/out/", models, LabelOptions(TOY), output_format="hf")


def test_the_commands(tmp_path: Path) -> None:
    write(ADA, tmp_path / "a.conll")
    run("convert", "--source", tmp_path / "a.conll", "-o", tmp_path / "a.parquet", "--output-format", "hf")
    assert pq.read_table(tmp_path / "a.parquet")["ner_tags"].to_pylist()[0] == [1, 0]
    (tmp_path / "de.words").write_text("singt Ada\n\n")
    (tmp_path / "a.pharaoh").write_text("0-1 1-0\n\n")
    files = (
        "--source",
        tmp_path / "a.conll",
        "--target",
        tmp_path / "de.words",
        "--alignments",
        tmp_path / "a.pharaoh",
    )
    more = ("--empty-sentences", "--output-format", "hf", "--with-source", "-o", tmp_path / "p.parquet")
    run("project", *files, *more, "--scores", "alignment")
    assert "source_tokens" in pq.read_schema(tmp_path / "p.parquet").names
    message = fails("project", *files, "--empty-sentences", "--with-source", "-o", tmp_path / "p.jsonl")
    assert "--with-source: expected output as arrow or hf, got jsonl" in message
