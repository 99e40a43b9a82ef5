"""Pipelines from file to file on models that are exact on the toy language: the right answer is known."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import toy_language
from command import HERE
from toy_language import ENGLISH, SIMPLE, TOY, ToySentence, text

pytest.importorskip("torch", reason="torch is not installed (extra: export)")
pytest.importorskip("ctranslate2", reason="ctranslate2 is not installed (extra: models)")

from tiny_stack import DictionaryAligner

from xproj_fast.errors import InputError
from xproj_fast.formats.files import read_sentences
from xproj_fast.method import Method
from xproj_fast.models.alignment import NeuralAlignOptions
from xproj_fast.models.neural_aligner import Aligner
from xproj_fast.models.tagger import Tagger
from xproj_fast.models.tagging import TaggerOptions
from xproj_fast.models.translation import TranslateOptions, Translation
from xproj_fast.models.translator import Translator
from xproj_fast.runs.augment_options import AugmentModels, AugmentOptions
from xproj_fast.runs.augmenting import augment
from xproj_fast.runs.inputs import InputOptions
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.labelling import label
from xproj_fast.runs.markers import MarkerOptions
from xproj_fast.scores.options import MtOptions, NerOptions

if TYPE_CHECKING:
    from stack_fixtures import Stack

pytest_plugins = ("translator_fixtures", "stack_fixtures")
ARGMAX = NeuralAlignOptions("argmax")


@dataclass(frozen=True)
class Models:
    translator: Translator
    tagger: Tagger
    aligner: Aligner


@pytest.fixture(scope="session")
def models(stack: Stack) -> Iterator[Models]:
    where: dict[str, Any] = {"device": "cpu", "threads": 1}
    with Translator.load(stack.translator, **where) as translator:
        yield Models(translator, Tagger.load(stack.tagger, **where), Aligner.load(stack.aligner, **where))


def spans_of(path: Path) -> list[list[tuple[int, int, str]]]:
    """Return the entities of a labelled file, by sentence."""
    found = read_sentences(path)
    entities = found.entities
    assert entities is not None
    rows = list(zip(entities.start.tolist(), entities.end.tolist(), entities.label.tolist(), strict=True))
    bounds = entities.offsets.tolist()
    return [[(a, b, found.labels[c]) for a, b, c in rows[x:y]] for x, y in pairwise(bounds)]


def toy_spans(pairs: Sequence[ToySentence]) -> list[list[tuple[int, int, str]]]:
    return [sorted(pair.toy_entities()) for pair in pairs]


def write_text(path: Path, pairs: Sequence[ToySentence]) -> Path:
    path.write_text("".join(text(pair.toy) + "\n" for pair in pairs))
    return path


def label_models(models: Models, **other: Any) -> LabelModels:
    return LabelModels(models.tagger, models.translator, other.pop("aligner", models.aligner), **other)


PAIRS = toy_language.PAIRS[:60]


@pytest.mark.parametrize(
    "method",
    [
        Method(),
        Method(matcher="exact"),
        Method(matcher="ilp"),
        Method(matcher="heuristic"),
        Method(candidates="aligned", matcher="exact"),
        Method(candidates="ner", scores="ner"),
        Method(candidates="ner_sub_spans", scores="ner", matcher="exact"),
        Method(scores="align_ner"),
        Method(scores="align_ner_spans", matcher="exact"),
        Method(scores={"alignment": 0.5, "ner": 1.0}, thresholds={"ner": 0.2}, min_score=0.1),
        Method(scores="ner", ner=NerOptions(missing="zero"), matcher="exact"),
        Method(scores={"alignment": 1.0, "mt": 0.1}, mt=MtOptions(bound=1.0, capped=True)),
        Method(scores={"alignment": 1.0, "ner_spans": 0.5, "mt": 0.1}, mt=MtOptions(bound=1.0, capped=True)),
    ],
    ids=lambda m: f"{m.matcher}-{m.candidates}-{m.scores if isinstance(m.scores, str) else 'weights'}",
)
def test_translate_test_gives_the_known_answer(models: Models, method: Method, tmp_path: Path) -> None:
    given = label_models(models, target_tagger=models.tagger if method.needs_tagger else None)
    sure = TaggerOptions(temperature=0.25)
    options = LabelOptions(TOY, method=method, align=ARGMAX, target_tag=sure)
    out = tmp_path / "out.conll"
    summary = label(write_text(tmp_path / "in.txt", PAIRS), out, given, options, chunk=25)
    assert spans_of(out) == toy_spans(PAIRS)
    assert read_sentences(out).words.to_lists() == [list(pair.toy) for pair in PAIRS]
    entities = sum(len(pair.entities) for pair in PAIRS)
    assert (summary["sentences"], summary["entities"], summary["projected"]) == (60, entities, entities)
    assert sum(summary["labels"].values()) == entities
    assert summary["problems"] == {}
    stages = {"read", "translate", "tag", "project", "write"}
    stages |= {"align"} if method.needs_links else set()
    stages |= {"tag target"} if method.needs_tagger else set()
    assert summary["stages"].keys() == stages
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt", "out.conll", "out.conll.manifest.json"]


def test_string_score(models: Models, tmp_path: Path) -> None:
    pytest.importorskip("rapidfuzz", reason="rapidfuzz is not installed (extra: pipelines)")
    method = Method(scores={"alignment": 1.0, "string": 0.5}, matcher="exact")
    out = tmp_path / "out.conll"
    label(
        write_text(tmp_path / "in.txt", PAIRS),
        out,
        label_models(models),
        LabelOptions(TOY, method=method, align=ARGMAX),
    )
    assert spans_of(out) == toy_spans(PAIRS)


def test_transfer_gives_the_known_answer(models: Models, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    options = LabelOptions(TOY, pipeline="transfer", labels=("PER",))
    summary = label(write_text(tmp_path / "in.txt", PAIRS), out, LabelModels(models.tagger), options, chunk=25)
    assert spans_of(out) == [[span for span in spans if span[2] == "PER"] for spans in toy_spans(PAIRS)]
    assert summary["stages"].keys() == {"read", "tag", "write"}
    assert summary["labels"].keys() == {"PER"}


def test_only_sentences_with_entities_are_aligned(models: Models, tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_text(f"{text(SIMPLE[0].toy)}\n" * 5 + text(PAIRS[0].toy) + "\n")
    aligner = DictionaryAligner()
    label(path, tmp_path / "out.conll", label_models(models, aligner=aligner), LabelOptions(TOY))
    assert aligner.sentences == 1
    assert spans_of(tmp_path / "out.conll") == [[]] * 5 + toy_spans(PAIRS[:1])


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_formats(models: Models, tmp_path: Path, suffix: str) -> None:
    source = tmp_path / "in.jsonl"
    records = [{"id": f"s{i}", "text": text(pair.toy), "tokens": list(pair.toy)} for i, pair in enumerate(PAIRS)]
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    out = tmp_path / f"out.{suffix}"
    label(source, out, label_models(models, aligner=DictionaryAligner()), LabelOptions(TOY), chunk=7)
    if suffix == "jsonl":
        assert spans_of(out) == toy_spans(PAIRS)
        assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [r["id"] for r in records]
    else:
        rows = pq.read_table(out).to_pylist()
        assert [[(s["start"], s["end"], s["label"]) for s in row["spans"]] for row in rows] == [
            list(pair.toy_entities()) for pair in PAIRS
        ]
        assert [row["id"] for row in rows] == [record["id"] for record in records]
        assert {row["problem"] for row in rows} == {None}


def test_labels_land_on_the_users_own_words(models: Models, tmp_path: Path) -> None:
    lines = [text(pair.toy) for pair in SIMPLE[1:3]]  # Maria Lopez, Siemens
    lines = [line.replace("Lopez", "Lopez-X").replace("Siemens", "Siemens.") for line in lines]
    path = tmp_path / "in.txt"
    path.write_text("".join(line + "\n" for line in lines))

    class Copies:  # translates as if the line were English already
        def translate(self, lines: Sequence[str], *languages: object) -> Iterator[Translation]:
            return (Translation(line.replace("-X", "").replace("Siemens.", "Siemens"), parts=1) for line in lines)

    class InOrder(DictionaryAligner):
        def align(self, source: Any, target: Any) -> Any:
            from common import links_array

            pairs = zip(source.to_lists(), target.to_lists(), strict=True)
            return type("Aligned", (), {"links": links_array([[(i, i) for i in range(len(a))] for a, _ in pairs])})

    given = LabelModels(models.tagger, Copies(), InOrder())
    out = tmp_path / "out.conll"
    label(path, out, given, LabelOptions(TOY), reading=InputOptions(tokenized=True))
    assert read_sentences(out).words.to_lists() == [line.split() for line in lines]
    assert spans_of(out) == [[(0, 2, "PER")], [(0, 1, "ORG")]]


class Difficult:
    """A translator that knows the toy language, and fails in every way there is."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def translate(self, lines: Sequence[str], source: str, target: str, options: Any = None) -> Iterator[Translation]:
        for line, good in zip(lines, self.real.translate(lines, source, target, options), strict=True):
            word = line.split()[0] if line.split() else ""
            yield {
                "REFUSE": Translation("", refused="expected a line of at most 3 subwords, got one of 4"),
                "EMPTY": Translation("  ", parts=1),
                "LOOP": Translation("la la la la la", parts=1, repeated=True, cut=True),
                "CUT": Translation("Maria Lopez visited", parts=1, cut=True),
            }.get(word, good)


def test_problems_are_listed_and_never_silently_o(models: Models, tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    good = text(PAIRS[0].toy)
    lines = [good, "REFUSE x", "", "EMPTY x", good, "LOOP x", "CUT Maria Lopez", "w " * 60, good]
    path.write_text("".join(line + "\n" for line in lines))
    given = LabelModels(models.tagger, Difficult(models.translator), DictionaryAligner())
    options = LabelOptions(TOY, max_sentence_words=50)
    out = tmp_path / "out.conll"
    summary = label(path, out, given, options, chunk=4)
    spans = toy_spans(PAIRS[:1])[0]
    found = read_sentences(out, conll=None)
    assert len(found) == 8  # a blank line is a sentence without words, which CoNLL shows as one more blank line
    assert spans_of(out) == [spans, [], [], spans, [], [], [], spans]
    assert summary["problems"] == dict.fromkeys(["refused", "empty", "repeated", "cut", "too_long"], 1)
    assert json.loads((tmp_path / "out.conll.manifest.json").read_text())["counts"]["problem:cut"] == 1
    problems = [json.loads(line) for line in (tmp_path / "out.conll.problems.jsonl").read_text().splitlines()]
    assert [(p["sentence"], p["line"], p["reason"]) for p in problems] == [
        (1, 2, "refused"),
        (3, 4, "empty"),
        (5, 6, "repeated"),
        (6, 7, "cut"),
        (7, 8, "too_long"),
    ]
    assert problems[0]["detail"] == "expected a line of at most 3 subwords, got one of 4"
    assert problems[2]["translation"] == "la la la la la"
    assert problems[4]["detail"] == "60 words"
    assert {p["language"] for p in problems} == {ENGLISH}
    label(path, tmp_path / "out.parquet", given, options, chunk=4)
    table = pq.read_table(tmp_path / "out.parquet")
    assert table["problem"].to_pylist() == [None, "refused", None, "empty", None, "repeated", "cut", "too_long", None]


def test_empty_and_blank_input(models: Models, tmp_path: Path) -> None:
    for content, suffix, rows in (("", "conll", 0), ("", "parquet", 0), ("\n\n", "parquet", 2)):
        path, out = tmp_path / "in.txt", tmp_path / f"out.{suffix}"
        path.write_text(content)
        summary = label(path, out, label_models(models), LabelOptions(TOY, align=ARGMAX), chunk=3)
        assert summary["sentences"] == rows
        assert out.stat().st_size == 0 if suffix == "conll" else pq.read_table(out).num_rows == rows


def test_progress_and_devices(models: Models, tmp_path: Path) -> None:
    seen: list[tuple[int, float]] = []
    summary = label(
        write_text(tmp_path / "in.txt", PAIRS[:10]),
        tmp_path / "out.conll",
        label_models(models),
        LabelOptions(TOY, align=ARGMAX),
        chunk=4,
        progress=lambda done, share: seen.append((done, share)),
    )
    assert [done for done, _ in seen] == [4, 8, 10]
    assert seen[-1][1] == 1.0
    assert summary["devices"] == dict.fromkeys(["tagger", "translator", "aligner"], "cpu")


class Same:  # both sides are of one language
    def align(self, source: Any, target: Any) -> Any:
        from common import links_array

        links = [
            [(i, j) for i, a in enumerate(x) for j, b in enumerate(y) if a == b]
            for x, y in zip(source.to_lists(), target.to_lists(), strict=True)
        ]
        return type("Aligned", (), {"links": links_array(links)})


def test_back_translation_gives_the_known_answer(models: Models, tmp_path: Path) -> None:
    given = LabelModels(models.tagger, models.translator, Same())
    options = LabelOptions(TOY, pipeline="back-translation", markers=MarkerOptions(spaced=True))
    out = tmp_path / "out.conll"
    summary = label(write_text(tmp_path / "in.txt", PAIRS), out, given, options, chunk=25)
    assert spans_of(out) == toy_spans(PAIRS)
    assert "translate back" in summary["stages"]
    assert summary["tagged"] == summary["projected"] == sum(len(pair.entities) for pair in PAIRS)
    assert summary["markers"]["kept"] == summary["tagged"]


def test_back_translation_by_way_of_several_languages(models: Models, tmp_path: Path) -> None:
    class Polyglot(Difficult):
        def translate(self, lines: Sequence[str], source: str, target: str, options: Any = None) -> Any:
            as_english = [ENGLISH if code == "fra_Latn" else code for code in (source, target)]
            return self.real.translate(lines, *as_english, options)

    given = LabelModels(models.tagger, Polyglot(models.translator), Same())
    options = LabelOptions(
        TOY, pipeline="back-translation", more_pivots=("fra_Latn",), markers=MarkerOptions(spaced=True)
    )
    out = tmp_path / "out.conll"
    summary = label(write_text(tmp_path / "in.txt", PAIRS[:12]), out, given, options)
    assert spans_of(out) == toy_spans(PAIRS[:12])
    assert summary["tagged"] == 2 * summary["projected"] == 2 * sum(len(pair.entities) for pair in PAIRS[:12])


def test_back_translation_that_fails_is_listed(models: Models, tmp_path: Path) -> None:
    class Back(Difficult):
        def translate(self, lines: Sequence[str], source: str, target: str, options: Any = None) -> Any:
            assert (source, target) == (ENGLISH, TOY)
            for line, good in zip(lines, self.real.translate(lines, source, target, options), strict=True):
                lost = Translation(good.text.replace("[", "").replace("]", ""), parts=1)
                loops = Translation("la la", parts=1, repeated=True)
                yield {"[ Maria": loops, "[ Siemens": lost}.get(" ".join(line.split()[:2]), good)

    path = tmp_path / "in.txt"
    write_text(path, SIMPLE)
    given = LabelModels(models.tagger, models.translator, DictionaryAligner(), back_translator=Back(models.translator))
    options = LabelOptions(TOY, pipeline="back-translation", markers=MarkerOptions(spaced=True))
    out = tmp_path / "out.conll"
    summary = label(path, out, given, options)
    problem = json.loads((tmp_path / "out.conll.problems.jsonl").read_text())
    assert (problem["sentence"], problem["reason"], problem["language"]) == (1, "repeated", TOY)
    assert summary["markers"]["missing"] == 1
    assert summary["tagged"] == 3


def test_several_pivots_make_up_for_each_other(models: Models, tmp_path: Path) -> None:
    class Forgetful(Difficult):
        """Speaks English whatever it is asked for; what it fails at depends on what it is asked for."""

        def translate(self, lines: Sequence[str], source: str, target: str, options: Any = None) -> Any:
            for i, found in enumerate(self.real.translate(lines, source, ENGLISH, options)):
                bad = i % 3 == ("eng_Latn", "fra_Latn").index(target) or i == 5
                yield Translation("x", parts=1, repeated=True) if bad else found

    given = LabelModels(models.tagger, Forgetful(models.translator), DictionaryAligner(), models.tagger)
    source, out = write_text(tmp_path / "in.txt", PAIRS[:12]), tmp_path / "out.conll"
    wanted = toy_spans(PAIRS[:12])
    wanted[5] = []
    for method in (Method(), Method(scores="align_ner_spans", matcher="exact"), Method(candidates="aligned")):
        models_given = given if method.needs_tagger else replace(given, target_tagger=None)
        summary = label(source, out, models_given, LabelOptions(TOY, more_pivots=("fra_Latn",), method=method))
        assert spans_of(out) == wanted
        assert summary["problems"] == {"repeated": 1}
        assert summary["some_sources_missing"] == 8
    with pytest.raises(InputError, match=r"more_pivots: expected languages that differ, .*got eng_Latn, eng_Latn"):
        LabelOptions(TOY, more_pivots=(ENGLISH,))


# Translate-train


def write_conll(path: Path, pairs: Sequence[ToySentence]) -> Path:
    from reference.iob import encode

    blocks = []
    for pair in pairs:
        tags = encode(len(pair.english), sorted(pair.entities))
        blocks.append("".join(f"{word}\t{tag}\n" for word, tag in zip(pair.english, tags, strict=True)))
    path.write_text("\n".join(blocks) + "\n")
    return path


class Everywhere(Difficult):
    """Speaks the toy language whatever it is asked for; in Yoruba it fails now and then."""

    def translate(self, lines: Sequence[str], source: str, target: str, options: Any = None) -> Iterator[Translation]:
        assert source == ENGLISH
        if target == "yor_Latn":
            lines = ["EMPTY" if i == 3 else line for i, line in enumerate(lines)]
            return super().translate(lines, source, TOY, options)
        return self.real.translate(lines, source, TOY, options)


@pytest.mark.parametrize("method", [Method(), Method(matcher="heuristic"), Method(scores="align_ner", matcher="exact")])
def test_augment_gives_the_known_answer(models: Models, method: Method, tmp_path: Path) -> None:
    given = AugmentModels(models.translator, models.aligner, models.tagger if method.needs_tagger else None)
    options = AugmentOptions((TOY,), method=method, align=ARGMAX, target_tag=TaggerOptions(temperature=0.25))
    summary = augment(write_conll(tmp_path / "in.conll", PAIRS), tmp_path / "out", given, options, chunk=25)
    out = tmp_path / "out" / f"{TOY}.conll"
    assert spans_of(out) == toy_spans(PAIRS)
    assert read_sentences(out).words.to_lists() == [list(pair.toy) for pair in PAIRS]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["manifest.json", f"{TOY}.conll"]
    assert summary["languages"][TOY]["sentences"] == 60
    assert summary["languages"][TOY]["projected"] == sum(len(pair.entities) for pair in PAIRS)


def test_augment_into_several_languages(models: Models, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    records = []
    for i, pair in enumerate(PAIRS[:20]):
        ends = [len(text(pair.english[: j + 1])) for j in range(len(pair.english))]
        entities = [[ends[a] - len(pair.english[a]), ends[b - 1], label] for a, b, label in pair.entities]
        records.append({"id": f"s{i}", "text": text(pair.english), "tokens": pair.english, "entities": entities})
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    given = AugmentModels(Everywhere(models.translator), DictionaryAligner())
    options = AugmentOptions((TOY, "yor_Latn"), labels=("PER", "LOC"))
    summary = augment(source, tmp_path / "out", given, options, output_format="jsonl", chunk=8)
    wanted = [[span for span in spans if span[2] != "ORG"] for spans in toy_spans(PAIRS[:20])]
    assert spans_of(tmp_path / "out" / f"{TOY}.jsonl") == wanted
    kept = [i for i in range(20) if i not in (3, 11, 19)]
    assert spans_of(tmp_path / "out" / "yor_Latn.jsonl") == [wanted[i] for i in kept]
    lines = (tmp_path / "out" / "yor_Latn.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"s{i}" for i in kept]
    problems = [json.loads(line) for line in (tmp_path / "out" / "problems.jsonl").read_text().splitlines()]
    assert [(p["sentence"], p["id"], p["language"], p["reason"]) for p in problems] == [
        (i, f"s{i}", "yor_Latn", "empty") for i in (3, 11, 19)
    ]
    assert summary["languages"]["yor_Latn"]["sentences"] == 17
    assert summary["languages"]["yor_Latn"]["problem:empty"] == 3
    assert "problem:empty" not in summary["languages"][TOY]


@pytest.mark.parametrize("form", ["brackets", "xml"])
def test_augment_with_markers(models: Models, tmp_path: Path, form: str) -> None:
    class Tags:  # the toy translator knows brackets: letters are written into them and read off again in order
        def translate(self, lines: Sequence[str], source: str, target: str, options: Any = None) -> Any:
            plain = [re.sub("<[a-z]>", "[", re.sub("</[a-z]>", "]", line)) for line in lines]
            for line, found in zip(lines, models.translator.translate(plain, source, target, options), strict=True):
                text = found.text  # the toy language keeps the order of entities
                for name in re.findall("<([a-z])>", line):
                    text = text.replace("[ ", f"<{name}> ", 1).replace(" ]", f" </{name}>", 1)
                yield replace(found, text=text)

    given = AugmentModels(models.translator if form == "brackets" else Tags())
    options = AugmentOptions((TOY,), markers=MarkerOptions(form, spaced=True))
    pairs = [pair for pair in PAIRS if [e[0] for e in pair.toy_entities()] == sorted(e[0] for e in pair.toy_entities())]
    assert len(pairs) > 30
    summary = augment(write_conll(tmp_path / "in.conll", pairs), tmp_path / "out", given, options, chunk=25)
    out = tmp_path / "out" / f"{TOY}.conll"
    assert spans_of(out) == toy_spans(pairs)
    assert read_sentences(out).words.to_lists() == [list(pair.toy) for pair in pairs]
    assert summary["stages"].keys() == {"read", "translate", "project", "write"}
    assert summary["languages"][TOY]["not_projected"] == 0


def test_lost_markers_and_complete_only(models: Models, tmp_path: Path) -> None:
    class Loses:
        def translate(self, lines: Sequence[str], *languages: Any) -> Any:
            return (Translation(line.replace("[Berlin]", "Berlin"), parts=1) for line in lines)

    source = write_conll(tmp_path / "in.conll", PAIRS)
    for complete in (False, True):
        options = AugmentOptions((TOY,), markers=MarkerOptions(), complete_only=complete)
        summary = augment(source, tmp_path / "out", AugmentModels(Loses()), options)["languages"][TOY]
        lost = sum("Berlin" in pair.english for pair in PAIRS)
        assert summary["not_projected"] == summary["marker:missing"] == lost
        assert summary["sentences"] == 60 - (lost if complete else 0)
    options = AugmentOptions((TOY,), markers=MarkerOptions(), labels=("PER",))
    summary = augment(source, tmp_path / "out", AugmentModels(Loses()), options)["languages"][TOY]
    assert summary["spans"] == summary["label:PER"] == sum(e[2] == "PER" for pair in PAIRS for e in pair.entities)


def test_a_class_that_the_input_does_not_have(models: Models, tmp_path: Path) -> None:
    source = write_conll(tmp_path / "in.conll", PAIRS[:4])
    options = AugmentOptions((TOY,), labels=("PER", "PRE"))
    with pytest.raises(InputError, match=r"in\.conll: labels: expected .*, got 'PRE' \(did you mean PER\?\)"):
        augment(source, tmp_path / "out", AugmentModels(models.translator, DictionaryAligner()), options)
    assert list((tmp_path / "out").iterdir()) == []


def test_every_sentence_is_counted_once(tmp_path: Path) -> None:
    class Says:
        def translate(self, lines: Sequence[str], *languages: Any) -> Iterator[Translation]:
            loops = Translation("la la la", parts=1, repeated=True)
            for line in lines:
                yield {"\u00ad": loops, "nothing": Translation("\u200b", parts=1)}.get(line, Translation(line, parts=1))

    source = tmp_path / "in.jsonl"
    lines = ["", "\u200b", "\u00ad", "nothing", "good"]
    source.write_text("".join(json.dumps({"text": line, "entities": []}) + "\n" for line in lines))
    given = AugmentModels(Says(), DictionaryAligner())
    counts = augment(source, tmp_path / "out", given, AugmentOptions((TOY,)))["languages"][TOY]
    wanted = {"sentences": 1, "blank": 2, "problem:empty": 1, "problem:repeated": 1}
    assert {name: counts[name] for name in wanted} == wanted


def test_complete_only(models: Models, tmp_path: Path) -> None:
    class Forgets(DictionaryAligner):
        def align(self, source: Any, target: Any) -> Any:
            found = super().align(source, target)
            links = found.links
            words = source.strings.to_pylist()
            keep = [words[int(source.offsets[s]) + i] != "Germany" for s, i in rows_of(links.offsets, links.source)]
            return type("Aligned", (), {"links": take_some(links, keep)})

    def rows_of(offsets: Any, values: Any) -> list[tuple[int, int]]:
        return [(s, int(v)) for s, (a, b) in enumerate(pairwise(offsets.tolist())) for v in values[a:b]]

    def take_some(links: Any, keep: list[bool]) -> Any:
        from common import links_array

        rows = [[] for _ in range(len(links))]  # type: ignore[var-annotated]
        for (s, i), j, k in zip(rows_of(links.offsets, links.source), links.target.tolist(), keep, strict=True):
            rows[s] += [(i, j)] if k else []
        return links_array(rows)

    source = write_conll(tmp_path / "in.conll", PAIRS)
    given = AugmentModels(models.translator, Forgets())
    without = [pair for pair in PAIRS if "Germany" not in pair.english]
    assert 40 < len(without) < 60
    for complete in (False, True):
        options = AugmentOptions((TOY,), complete_only=complete)
        summary = augment(source, tmp_path / "out", given, options, output_format="arrow", chunk=16)["languages"][TOY]
        assert summary["not_projected"] == 60 - len(without)
        assert summary.get("incomplete", 0) == (60 - len(without) if complete else 0)
        table = pq.read_table(tmp_path / "out" / f"{TOY}.parquet")
        kept = without if complete else PAIRS
        assert table["target_words"].to_pylist() == [list(pair.toy) for pair in kept]
        assert table["id"].to_pylist() == [PAIRS.index(pair) for pair in kept]


def test_augment_reads_the_hubs_parquet(models: Models, tmp_path: Path) -> None:
    from reference.iob import encode

    tokens = [list(pair.english) for pair in PAIRS[:9]]
    tags = [encode(len(pair.english), sorted(pair.entities)) for pair in PAIRS[:9]]
    pq.write_table(pa.table({"tokens": tokens, "ner_tags": tags}), tmp_path / "in.parquet")
    given = AugmentModels(models.translator, DictionaryAligner())
    augment(tmp_path / "in.parquet", tmp_path / "out", given, AugmentOptions((TOY,)), chunk=4)
    assert spans_of(tmp_path / "out" / f"{TOY}.conll") == toy_spans(PAIRS[:9])


def test_augment_is_gone_on_with(models: Models, tmp_path: Path) -> None:
    source = write_conll(tmp_path / "in.conll", PAIRS)
    given = AugmentModels(Everywhere(models.translator), DictionaryAligner())
    options = AugmentOptions((TOY, "yor_Latn"))
    augment(source, tmp_path / "whole", given, options, chunk=10)

    def stop(done: int, share: float) -> None:
        if done == 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        augment(source, tmp_path / "out", given, options, chunk=10, progress=stop)
    with pytest.raises(InputError, match="an interrupted run wrote 30 sentences"):
        augment(source, tmp_path / "out", given, options)
    assert augment(source, tmp_path / "out", given, options, chunk=10, resume=True)["resumed_at"] == 30
    for name in (f"{TOY}.conll", "yor_Latn.conll", "problems.jsonl"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_an_aligner_of_your_own_that_aligns_with_many(models: Models, tmp_path: Path) -> None:
    """It is told nothing that only ours understand."""

    class Many(DictionaryAligner):
        def align_many(self, source: Any, targets: Any) -> list[Any]:
            return [self.align(source, target) for target in targets]

    source = write_conll(tmp_path / "in.conll", PAIRS[:10])
    augment(source, tmp_path / "out", AugmentModels(models.translator, Many()), AugmentOptions((TOY,)))
    assert spans_of(tmp_path / "out" / f"{TOY}.conll") == toy_spans(PAIRS[:10])


def test_augment_errors(models: Models, tmp_path: Path) -> None:
    source = write_conll(tmp_path / "in.conll", PAIRS[:2])
    given = AugmentModels(models.translator, models.aligner)
    with pytest.raises(InputError, match="languages: expected a language code of the model, got 'sw'"):
        augment(source, tmp_path / "out", given, AugmentOptions((TOY, "sw")))
    with pytest.raises(InputError, match="languages: expected others than the source's, got eng_Latn"):
        AugmentOptions((TOY, "eng_Latn"))
    with pytest.raises(InputError, match="languages: expected at least one, each once, got none"):
        AugmentOptions(())
    with pytest.raises(InputError, match="models: expected an aligner"):
        augment(source, tmp_path / "out", AugmentModels(models.translator), AugmentOptions((TOY,)))
    write_text(tmp_path / "in.txt", PAIRS[:1])
    with pytest.raises(InputError, match="labelled sentences"):
        augment(tmp_path / "in.txt", tmp_path / "out", given, AugmentOptions((TOY,)))
    with pytest.raises(InputError, match="labels: expected at least one class or None, got none"):
        AugmentOptions((TOY,), labels=())
    tagging = AugmentModels(models.translator, models.aligner, models.tagger)
    options = AugmentOptions((TOY,), method=Method(scores="align_ner"), target_tag=TaggerOptions(rename={"GPE": "LOC"}))
    with pytest.raises(InputError, match="rename: expected classes of the model"):
        augment(source, tmp_path / "out", tagging, options)


def test_the_input_is_never_the_output(models: Models, tmp_path: Path) -> None:
    source = write_conll(tmp_path / f"{TOY}.conll", PAIRS[:2])
    before = source.read_bytes()
    with pytest.raises(InputError, match=r"swh_Latn\.conll: expected an output that is none of the inputs"):
        augment(source, tmp_path, AugmentModels(models.translator, models.aligner), AugmentOptions((TOY,)))
    with pytest.raises(InputError, match=r"swh_Latn\.conll: expected an output that is none of the inputs"):
        label(source, source, label_models(models), LabelOptions(TOY))
    assert source.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


# Stopped and gone on with


def test_interrupted_and_resumed(models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_text(tmp_path / "in.txt", PAIRS)
    whole, out = tmp_path / "whole.conll", tmp_path / "out.conll"
    options = LabelOptions(TOY, align=ARGMAX)
    given = label_models(models)
    label(source, whole, given, options, chunk=10)

    def stop(done: int, share: float) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        label(source, out, given, options, chunk=10, progress=stop)
    assert not out.exists()
    with pytest.raises(InputError, match="an interrupted run wrote 20 sentences"):
        label(source, out, given, options)
    exact = LabelOptions(TOY, align=ARGMAX, method=Method(matcher="exact"))
    with pytest.raises(
        InputError, match=r'another options\.method\.matcher: "greedy" in the run, "exact" now \(and \d more\)'
    ):
        label(source, out, given, exact, resume=True)
    source.write_text(source.read_text() + "\n")
    with pytest.raises(InputError, match=r'got another input: "[0-9a-f]{64}" in the run, "[0-9a-f]{64}" now'):
        label(source, out, given, options, resume=True)
    write_text(source, PAIRS)
    summary = label(source, out, given, options, chunk=10, resume=True)
    assert summary["resumed_at"] == 20
    assert summary["sentences"] == 60
    assert out.read_bytes() == whole.read_bytes()
    again = label(source, out, given, options, resume=True)
    assert (again["resumed_at"], again["sentences"]) == (60, 60)


def test_an_error_in_a_stage_leaves_what_was_written(models: Models, tmp_path: Path) -> None:
    source = write_text(tmp_path / "in.txt", PAIRS)

    class Breaks(DictionaryAligner):
        def align(self, source: Any, target: Any) -> Any:
            if self.sentences > 25:
                raise RuntimeError("the device is lost")
            return super().align(source, target)

    given = label_models(models, aligner=Breaks())
    out = tmp_path / "out.conll"
    with pytest.raises(RuntimeError, match="the device is lost"):
        label(source, out, given, LabelOptions(TOY), chunk=10)
    given = label_models(models, aligner=type("Breaks", (DictionaryAligner,), {"__module__": Breaks.__module__})())
    label(source, out, given, LabelOptions(TOY), restart=True)
    assert spans_of(out) == toy_spans(PAIRS)


KILLED = """
import sys
from xproj_fast.models.neural_aligner import Aligner
from xproj_fast.models.alignment import NeuralAlignOptions
from xproj_fast.models.tagger import Tagger
from xproj_fast.models.translator import Translator
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.augmenting import augment
from xproj_fast.runs.labelling import label
source, out, translator, tagger, aligner = sys.argv[1:]
where = {"device": "cpu", "threads": 1, "verify": False}
models = LabelModels(Tagger.load(tagger, **where), Translator.load(translator, **where), Aligner.load(aligner, **where))
options = LabelOptions("swh_Latn", align=NeuralAlignOptions("argmax"))

def leave(done, share):  # to go on, asked for after every part: the parent knows how far it can have got
    print(done, flush=True)
    sys.stdin.readline()

label(source, out, models, options, chunk=20, resume=True, progress=leave)
"""


def test_killed_with_real_models(stack: Stack, models: Models, tmp_path: Path) -> None:
    pairs = toy_language.PAIRS
    source = write_text(tmp_path / "in.txt", pairs)
    whole, out = tmp_path / "whole.conll", tmp_path / "out.conll"
    label(source, whole, label_models(models), LabelOptions(TOY, align=ARGMAX), chunk=20)
    assert spans_of(whole) == toy_spans(pairs)
    command = [sys.executable, "-c", KILLED, source, out, stack.translator, stack.tagger, stack.aligner]
    draw = random.Random(3)
    for _ in range(4):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **HERE)
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdin as leave, process.stdout as lines:
            for _ in range(draw.randint(1, 3)):  # of 20 parts; then it dies somewhere in or behind the next one
                assert lines.readline()
                leave.write(b"\n")
                leave.flush()
            time.sleep(draw.uniform(0, 0.05))
            os.kill(process.pid, signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    assert not out.exists()
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=True, timeout=60, **HERE
    )
    assert int(done.stdout.split()[0]) > 4 * 20
    assert out.read_bytes() == whole.read_bytes()


# Bad input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (LabelOptions("swa_Latn"), "language: expected a language code of the model, got 'swa_Latn': .*did you mean"),
        (LabelOptions(TOY, pivot="de"), "pivot: expected a language code of the model, got 'de'"),
        (LabelOptions(TOY, labels=("PER", "DATE")), r"labels: expected classes of the tagger, .*, got 'DATE'"),
        (LabelOptions(TOY, method=Method(scores="ner")), "models: expected a target tagger with this method, got none"),
        (LabelOptions(TOY, method=Method(scores="best")), "scores: expected one of alignment, .*got 'best'"),
        (LabelOptions(TOY, method=Method(limit="2")), "limit"),
        (LabelOptions(TOY, tag=TaggerOptions(rename={"GPE": "LOC"})), "rename: expected classes of the model"),
        (LabelOptions(TOY, labels=()), r"labels: expected classes of the tagger, .*, got none"),
        (
            LabelOptions(TOY, labels=("PER",), tag=TaggerOptions(drop=("PER",))),
            r"labels: expected classes of the tagger, ORG, LOC, got 'PER'",
        ),
    ],
)
def test_errors_come_before_any_work(models: Models, tmp_path: Path, options: LabelOptions, message: str) -> None:
    source = write_text(tmp_path / "in.txt", PAIRS[:1])
    with pytest.raises(InputError, match=message):
        label(source, tmp_path / "out.conll", label_models(models), options)
    assert [path.name for path in tmp_path.iterdir()] == ["in.txt"]


def test_a_target_tagger_without_a_class(models: Models, tmp_path: Path) -> None:
    class Other:
        classes = ("PER", "ORG")

    given = label_models(models, target_tagger=Other())
    source = write_text(tmp_path / "in.txt", PAIRS[:1])
    options = LabelOptions(TOY, method=Method(scores="align_ner"))
    with pytest.raises(InputError, match=r"expected the classes of the tagger for the score 'ner', got none for LOC"):
        label(source, tmp_path / "out.conll", given, options)
    renamed = TaggerOptions(rename={"GPE": "LOC"})
    options = LabelOptions(TOY, method=Method(scores="align_ner_spans"), target_tag=renamed)
    with pytest.raises(InputError, match=r"rename: expected classes of the model, PER, ORG, got 'GPE'"):
        label(source, tmp_path / "out.conll", given, options)


def test_how_much_is_done_at_once_may_change_when_resuming() -> None:
    options = LabelOptions(TOY, tag=TaggerOptions(), align=ARGMAX, translate=TranslateOptions())
    small = replace(options, tag=TaggerOptions(batch_tokens=9), align=replace(ARGMAX, batch_tokens=9))
    small = replace(small, translate=TranslateOptions(batch_tokens=9, chunk=9))
    assert small.described() == options.described()
    assert replace(options, translate=TranslateOptions(beam_size=2)).described() != options.described()


def test_bad_option_values() -> None:
    with pytest.raises(
        InputError, match="pipeline: expected one of translate-test, back-translation, transfer, got 'x'"
    ):
        LabelOptions(TOY, pipeline="x")
    with pytest.raises(InputError, match="max_sentence_words: expected at least 1, got 0"):
        LabelOptions(TOY, max_sentence_words=0)
