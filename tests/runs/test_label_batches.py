"""Batches in, the same rows with labels out; stages together and apart; sentences in memory."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_stack import Aligner, Tagger, Translator
from toy_language import PAIRS, TOY, ToySentence, text

from xproj_fast.arrays import WordProbabilities, Words
from xproj_fast.arrow_pairs import Columns
from xproj_fast.batch_columns import ADDED
from xproj_fast.batches import Projector
from xproj_fast.errors import InputError
from xproj_fast.formats.files import read_labelled
from xproj_fast.labelled import LabelledSentences
from xproj_fast.method import Method
from xproj_fast.models.tagging import TaggerOptions
from xproj_fast.models.translation import TranslateOptions, Translation
from xproj_fast.pairs import SentencePairs
from xproj_fast.runs.augment_options import AugmentModels, AugmentOptions
from xproj_fast.runs.augmenting import augment
from xproj_fast.runs.label_batches import LabelBatches
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.labelling import label
from xproj_fast.runs.model_paths import ModelPaths
from xproj_fast.scores.learning import learn

FEW = PAIRS[:40]
OPTIONS = LabelOptions(TOY)
BACK = LabelOptions(TOY, "back-translation")
TRANSFER = LabelOptions(TOY, "transfer")
TARGET = LabelOptions(TOY, method=Method(scores={"alignment": 1.0, "ner": 1.0}))
UGU_TEXT = "Ugu Anna"  # what ``Cuts`` refuses


class Cuts(Translator):
    """Cannot translate what begins with one word."""

    def translate(
        self, lines: Sequence[str], source: str, target: str, options: TranslateOptions | None = None
    ) -> Iterator[Translation]:
        for line, found in zip(lines, super().translate(lines, source, target, options), strict=True):
            yield replace(found, text="", refused="too odd: for us") if line.startswith("Ugu") else found


class Sure(Tagger):
    """Says how probable the tags are that it finds: certain."""

    def probabilities(
        self, words: Words, options: TaggerOptions | None = None, *, progress: Any = None
    ) -> WordProbabilities:
        tags = ("O", *(f"{prefix}-{name}" for name in self.classes for prefix in "BI"))
        values = np.zeros((int(words.offsets[-1]), len(tags)), np.float32)
        values[:, 0] = 1
        found = self.tag(words).entities
        for s in range(len(words)):
            for e in range(found.offsets[s], found.offsets[s + 1]):
                for word in range(found.start[e], found.end[e]):
                    row = values[words.offsets[s] + word]
                    row[0], row[1 + 2 * found.label[e] + (word > found.start[e])] = 0, 1
        return WordProbabilities(words.offsets, values, tags)


def models(pairs: Sequence[ToySentence] = PAIRS) -> LabelModels:
    return LabelModels(Tagger(pairs), Cuts(pairs), Aligner(), Sure(pairs))


def words_table(pairs: Sequence[ToySentence] = FEW, **more: Any) -> pa.Table:
    return pa.table({"id": [f"s{i}" for i in range(len(pairs))], "tokens": [list(p.toy) for p in pairs], **more})


def text_table(pairs: Sequence[ToySentence] = FEW) -> pa.Table:
    return pa.table({"id": list(range(len(pairs))), "text": [text(pair.toy) for pair in pairs]})


def spans_of(table: Any) -> list[Any]:
    rows = table["spans"].to_pylist()
    return [row and tuple(sorted((s["start"], s["end"], s["label"]) for s in row)) for row in rows]


def known(pairs: Sequence[ToySentence] = FEW) -> list[Any]:
    return [tuple(sorted(pair.toy_entities())) for pair in pairs]


@pytest.mark.parametrize("options", [OPTIONS, BACK, TRANSFER, TARGET], ids=["test", "back", "transfer", "target"])
@pytest.mark.parametrize("table", [words_table(), text_table()], ids=["words", "text"])
def test_the_same_labels_as_the_command(table: pa.Table, options: LabelOptions, tmp_path: Path) -> None:
    pq.write_table(table, tmp_path / "in.parquet")
    label(tmp_path / "in.parquet", tmp_path / "out.parquet", models(), options)
    expected = pq.read_table(tmp_path / "out.parquet")
    labels = LabelBatches(models(), options, chunk=7)
    found = labels(table)
    assert found["tags"].to_pylist() == expected["tags"].to_pylist()
    assert spans_of(found) == known()
    assert found["error"].null_count == len(table)
    assert found.schema.equals(labels.schema(table.schema), check_metadata=True)
    assert found.schema.names[: len(table.schema)] == table.schema.names
    assert ("target_words" in found.schema.names) == ("tokens" not in table.schema.names)
    assert labels.counts["spans"] == sum(map(len, known()))


@pytest.mark.parametrize("options", [OPTIONS, BACK, TARGET], ids=["test", "back", "target"])
@pytest.mark.parametrize("table", [words_table(), text_table()], ids=["words", "text"])
@pytest.mark.parametrize("whole", [False, True])
def test_stages_apart_are_the_whole(table: pa.Table, options: LabelOptions, whole: bool) -> None:
    every = options.stages
    cuts = [every] if whole else [(name,) for name in every]
    cuts = [every[:2], every[2:]] if whole else cuts
    expected = LabelBatches(models(), options)(table)
    on_its_way = table
    for stages in cuts:
        needed = {name: getattr(models(), name) for name in options.needs(stages)}
        if "translate back" in stages:
            needed["translator"] = models().translator
        one = LabelBatches(LabelModels(**needed), options, stages=stages)
        schema = one.schema(on_its_way.schema)
        on_its_way = one(on_its_way)
        assert on_its_way.schema.equals(schema, check_metadata=True)
        assert not any(pa.types.is_dictionary(field.type) for field in on_its_way.schema)
    for name in ADDED:
        assert on_its_way[name].to_pylist() == expected[name].to_pylist(), name
    assert set(on_its_way.schema.names) == set(expected.schema.names)


def test_a_projector_reads_what_the_stages_hand_on() -> None:
    made = LabelBatches(models(), OPTIONS, stages=("translate", "tag", "align"))(words_table())
    found = Projector(columns=Columns(target_words="tokens"))(made)
    assert spans_of(found) == known()


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("errors", ["raise", "column"])
def test_what_could_not_be_translated_is_null_and_says_so(errors: Any, apart: bool) -> None:
    table = pa.table({"tokens": [["Ugu", "Anna"], list(FEW[0].toy)]})
    if apart:
        table = LabelBatches(models(), OPTIONS, stages=("translate", "tag"), errors=errors)(table)
        assert table["problem"].to_pylist() == ["refused: too odd: for us", None]
        found = LabelBatches(models(), OPTIONS, stages=("align", "project"), errors=errors)(table)
    else:
        found = LabelBatches(models(), OPTIONS, errors=errors)(table)
    assert found["error"].to_pylist() == ["not translated: refused: too odd: for us", None]
    assert found["tags"].null_count == 1
    assert spans_of(found) == [None, known()[0]]


def test_bad_rows_leave_the_others_as_they_were() -> None:
    good = LabelBatches(models(), OPTIONS)(words_table())
    tokens = words_table()["tokens"].to_pylist()
    tokens[3], tokens[11] = None, ["Anna", None]
    bad = words_table().set_column(1, "tokens", pa.array(tokens, pa.list_(pa.string())))
    found = LabelBatches(models(), OPTIONS, errors="column", chunk=5)(bad)
    told = found["error"].to_pylist()
    assert told[3] == "tokens: expected a list, got null"
    assert told[11] == "tokens: item 1: expected a string, got null"
    rest = [i for i in range(len(FEW)) if i not in (3, 11)]
    for name in ADDED:
        assert found[name].take(rest).to_pylist() == good[name].take(rest).to_pylist()
    with pytest.raises(InputError, match=r"^tokens: sentence 3 \(id 's3'\): expected a list, got null") as caught:
        LabelBatches(models(), OPTIONS, chunk=5)(bad)
    assert caught.value.sentence == 3


def test_the_source_on_request() -> None:
    found = LabelBatches(models(), OPTIONS, keep_source=True, keep=("id",), prefix="x_")(words_table())
    assert found.schema.names == ["id", *(f"x_{name}" for name in ADDED), "source_words", "entities", "alignments"]
    assert found["source_words"].to_pylist() == [list(pair.english) for pair in FEW]
    first = found["entities"].to_pylist()[0]
    assert sorted((e["start"], e["end"], e["label"]) for e in first) == sorted(FEW[0].entities)
    assert all(0.75 < e["confidence"] < 1 for e in first)


@pytest.mark.parametrize("kind", ["batch", "reader", "none"])
def test_other_kinds_of_batches(kind: str) -> None:
    table = words_table()
    labels = LabelBatches(models(), OPTIONS, chunk=16)
    expected = labels(table)
    if kind == "batch":
        found = labels(table.to_batches()[0])
        assert isinstance(found, pa.RecordBatch)
        assert pa.table(found).equals(expected)
    elif kind == "reader":
        reader = labels(pa.RecordBatchReader.from_batches(table.schema, table.to_batches(9)))
        assert isinstance(reader, pa.RecordBatchReader)
        assert reader.read_all().combine_chunks().equals(expected.combine_chunks())
    else:
        assert labels(table.slice(0, 0)).schema.equals(expected.schema, check_metadata=True)


def test_a_learned_score_comes_along() -> None:
    method = Method(scores="learned")
    made = LabelBatches(models(), OPTIONS, stages=("translate", "tag", "align"))(words_table())
    options = replace(OPTIONS, method=method)
    with pytest.raises(InputError, match=r"^learned: expected what the score 'learned' has learned, got nothing"):
        LabelBatches(models(), options)
    score = learn(SentencePairs.from_arrow(made, Columns(target_words="tokens")))
    found = LabelBatches(models(), options, learned=score)(words_table())
    assert [s["confidence"] > 0 for row in found["spans"].to_pylist() for s in row]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (
            {"stages": ("tag", "project")},
            "^stages: expected some of translate, tag, align, project that follow each other",
        ),
        ({"stages": ()}, "got none$"),
        ({"stages": ("fly",)}, "got fly$"),
        ({"errors": "drop"}, "^errors: expected one of raise, column, got 'drop'"),
        ({"chunk": 0}, "^chunk: expected at least 1 sentence, got 0"),
        ({"models": LabelModels(Tagger())}, "^models: expected a translator with this method, got none"),
        ({"models": ModelPaths(tagger="x", translator="y")}, "^models: expected an aligner with this method, got none"),
    ],
)
def test_what_cannot_be(how: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        LabelBatches(**({"models": models(), "options": OPTIONS} | how))


def test_columns_that_are_missing() -> None:
    labels = LabelBatches(models(), OPTIONS, stages=("align",))
    with pytest.raises(InputError, match=r"^source_words: expected a column .* which the stages translate, tag make"):
        labels.schema(words_table().schema)
    with pytest.raises(InputError, match=r"expected a column of words, 'tokens' or .* got id"):
        LabelBatches(models(), OPTIONS).schema(pa.schema([("id", pa.int64())]))


def test_it_pickles_as_folders() -> None:
    paths = ModelPaths("models/ner", "models/nllb", "models/align", device="cpu")
    labels = LabelBatches(paths, OPTIONS, errors="column")
    data = pickle.dumps(labels)
    assert len(data) < 4096
    assert pickle.loads(data) == labels
    with pytest.raises(InputError, match=r"models/\w+: expected the folder of an exported \w+, got nothing there"):
        labels(words_table())


SOURCES = {
    "texts": lambda: [text(pair.toy) for pair in FEW],
    "an iterator": lambda: iter([text(pair.toy) for pair in FEW]),
    "words": lambda: [list(pair.toy) for pair in FEW],
    "tuples": lambda: (pair.toy for pair in FEW),
    "dicts": lambda: [{"id": i, "tokens": list(pair.toy)} for i, pair in enumerate(FEW)],
    "dicts of text": lambda: ({"text": text(pair.toy)} for pair in FEW),
    "a table": words_table,
    "a reader": lambda: pa.RecordBatchReader.from_batches(words_table().schema, words_table().to_batches(9)),
    "batches": lambda: iter(words_table().to_batches(9)),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_sentences_in_memory(kind: str, tmp_path: Path) -> None:
    summary = label(SOURCES[kind](), tmp_path / "out.jsonl", models(), OPTIONS, chunk=16)
    found = read_labelled(tmp_path / "out.jsonl")
    assert summary["sentences"] == len(FEW)
    assert [tuple(sorted(row)) for row in triples(found)] == known()


def triples(found: LabelledSentences) -> list[list[tuple[int, int, str]]]:
    return [[(e.start, e.end, e.label) for e in sentence.entities] for sentence in found]


def test_labelled_sentences_in_memory(tmp_path: Path) -> None:
    given = LabelledSentences.from_lists([list(p.english) for p in FEW], [sorted(p.entities) for p in FEW])
    options = AugmentOptions((TOY,))
    for kind, source in {
        "held": given,
        "arrow": given.to_arrow(),
        "batches": iter(given.to_arrow().to_batches()),
    }.items():
        augment(source, tmp_path / kind, AugmentModels(Translator(), Aligner()), options)
        found = read_labelled(tmp_path / kind / f"{TOY}.conll")
        assert [tuple(sorted(row)) for row in triples(found)] == known()
    with pytest.raises(InputError, match=r"^source: expected sentences with entities .* got 'Anna sings'"):
        augment(["Anna sings"], tmp_path / "x", AugmentModels(Translator(), Aligner()), options)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (["a b", None], "^source: sentence 1: expected a text, as the first one is, got None"),
        ([["a"], "b"], "^source: sentence 1: expected texts, lists of words, .* all as the first one is, got 'b'"),
        ([["a"], ["b", 3]], "^source: sentence 1, item 1: expected"),
        ([{"tokens": ["a"]}, "b"], "^source: sentence 1: expected a dict, as the first one is, got 'b'"),
        ([{"tokens": ["a"]}, {"tokens": None}], "^source: tokens: sentence 1: expected a list, got null"),
        ([{"text": "a"}, {"text": None}], "^source: sentence 1: expected a string under 'text', got null"),
        ([{"words_of": ["a"]}], "^source: expected a column of words, .*, got words_of"),
        (["a \ud800"], "^source: sentence 0: expected characters of Unicode, got"),
        (b"bytes", "^source: expected a file, or texts, .* got b'bytes'"),
        ({"text": "a"}, "^source: expected a file, or texts, .* got {'text': 'a'}"),
        (7, "^source: expected a file, or texts, .* got 7"),
        ([7], "^source: sentence 0: expected texts, lists of words, .* got 7"),
    ],
)
def test_what_no_sentences_are(source: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        label(source, tmp_path / "out.jsonl", models(), OPTIONS)
    assert not list(tmp_path.iterdir())


def test_a_run_of_sentences_in_memory_is_gone_on_with(tmp_path: Path) -> None:
    lines, out = SOURCES["texts"](), tmp_path / "out.jsonl"

    def gone(sentences: int, share: float) -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        label(iter(lines), out, models(), OPTIONS, chunk=10, identity="news 1", progress=gone)
    with pytest.raises(InputError, match=r"^resume: expected identity="):
        label(lines, out, models(), OPTIONS, chunk=10, resume=True)
    with pytest.raises(InputError, match="expected what the interrupted run was made from, got another input"):
        label(lines, out, models(), OPTIONS, chunk=10, resume=True, identity="news 2")
    summary = label(lines, out, models(), OPTIONS, chunk=10, resume=True, identity="news 1")
    assert summary["resumed_at"] == 10
    assert [tuple(sorted(row)) for row in triples(read_labelled(out))] == known()
    with pytest.raises(InputError, match=r"^identity: expected none for a file"):
        label(out, tmp_path / "x.jsonl", models(), OPTIONS, identity="news 1")
