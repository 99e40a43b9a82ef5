"""The learned score in runs: learnt from the first sentences, whatever the chunks and kills; the tagger's sureness."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from command import HERE
from crash import RUNS
from fake_stack import Aligner, Tagger, Translator, sureness
from toy_language import PAIRS, TOY, ToySentence, text, toy_sentences

from xproj_fast.errors import InputError
from xproj_fast.method import Method
from xproj_fast.runs.augment_options import AugmentModels, AugmentOptions
from xproj_fast.runs.augmenting import augment
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.labelling import label
from xproj_fast.runs.markers import MarkerOptions
from xproj_fast.scores.learned_score import LearnedScore
from xproj_fast.scores.options import LearnedOptions

LEARNED = Method(scores="learned")
FEW = PAIRS[:40]


def write_text(path: Path, pairs: list[ToySentence]) -> Path:
    path.write_text("".join(text(pair.toy) + "\n" for pair in pairs))
    return path


def confidences_of(path: Path) -> list[list[float]]:
    return [[span["confidence"] for span in row] for row in pq.read_table(path)["spans"].to_pylist()]


def models(pairs: list[ToySentence] = PAIRS, *, sure: bool = False) -> LabelModels:
    return LabelModels(Tagger(pairs, sure=sure), Translator(pairs), Aligner())


def tags_of(words: Sequence[str], entities: Sequence[tuple[int, int, str]]) -> list[str]:
    tags = ["O"] * len(words)
    for start, end, name in entities:
        tags[start:end] = [f"B-{name}", *[f"I-{name}"] * (end - start - 1)]
    return tags


def scores_of(path: Path) -> list[list[tuple[int, int, str, float]]]:
    names = ("start", "end", "label", "score")
    return [
        sorted(tuple(span[name] for name in names) for span in row) for row in pq.read_table(path)["spans"].to_pylist()
    ]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"labels": ("PER", "LOC")},
        {"pipeline": "back-translation", "markers": MarkerOptions(spaced=True)},
        {"more_pivots": ("fra_Latn",)},
        {"pipeline": "back-translation", "markers": MarkerOptions(spaced=True), "more_pivots": ("fra_Latn",)},
    ],
    ids=["translate-test", "labels", "back-translation", "pivots", "back-translation-pivots"],
)
def test_how_sure_the_tagger_was_of_each_entity_counts(more: dict[str, Any], tmp_path: Path) -> None:
    """What the score says of a span is multiplied by it: by that of its own entity, however it got there."""
    source, options = write_text(tmp_path / "in.txt", FEW), LabelOptions(TOY, method=LEARNED, **more)
    found = []
    for name, sure in (("sure", True), ("unsure", False)):
        label(source, tmp_path / f"{name}.parquet", models(sure=sure), options, chunk=15)
        found.append(scores_of(tmp_path / f"{name}.parquet"))
    wanted = more.get("labels", ("PER", "ORG", "LOC"))
    for pair, sure, unsure in zip(FEW, *found, strict=True):
        starts = [start for start, _, _ in pair.entities]
        first_words = {span: pair.english[start] for span, start in zip(pair.toy_entities(), starts, strict=True)}
        assert {span[:3] for span in unsure} == {span for span in first_words if span[2] in wanted}
        for (*span, score), (*same, less) in zip(sure, unsure, strict=True):
            assert span == same
            assert less == pytest.approx(score * sureness(first_words[tuple(span)]), rel=1e-4)
    ways = 1 + len(more.get("more_pivots", ()))  # that say the same: scores add up, and nothing is surer
    for row, told in zip(found[1], confidences_of(tmp_path / "unsure.parquet"), strict=True):
        assert sorted(told) == pytest.approx(sorted(score / ways for *_, score in row), rel=1e-5)


@pytest.mark.parametrize("pivots", [(), ("fra_Latn",)])
def test_spans_that_are_less_sure_are_left_out(pivots: tuple[str, ...], tmp_path: Path) -> None:
    source, out = write_text(tmp_path / "in.txt", FEW), tmp_path / "out.parquet"
    every = LabelOptions(TOY, method=LEARNED, more_pivots=pivots)
    assert label(source, out, models(), every)["unsure"] == 0
    expected = [[c for c in row if c >= 0.825] for row in confidences_of(out)]
    some = replace(every, method=replace(LEARNED, min_confidence=0.825))
    summary = label(source, out, models(), some)
    assert confidences_of(out) == expected
    assert summary["unsure"] == summary["entities"] - sum(map(len, expected)) > 0
    assert summary["expected_precision"] == pytest.approx(sum(map(sum, expected)) / summary["spans"], abs=1e-5)


@pytest.mark.parametrize("pivots", [(), ("fra_Latn",)])
def test_what_is_learnt_does_not_depend_on_chunks(pivots: tuple[str, ...], tmp_path: Path) -> None:
    pairs = toy_sentences(1200)
    source = write_text(tmp_path / "in.txt", pairs)
    options = LabelOptions(TOY, method=LEARNED, more_pivots=pivots)
    outputs = []
    for chunk in (64, 512, 5000):
        out = tmp_path / f"{chunk}.conll"
        summary = label(source, out, models(pairs), options, chunk=chunk)
        learnt = summary["learnt"]["learned"]
        assert learnt.keys() == {"eng_Latn", *pivots}
        outputs.append((out.read_bytes(), learnt))
        assert json.loads(Path(f"{out}.manifest.json").read_text())["learnt"] == summary["learnt"]
    assert outputs[0] == outputs[1] == outputs[2]
    silver = outputs[0][1]["eng_Latn"]["made_from"]["silver_sentences"]
    assert 250 <= silver <= 512, "from the first 512 sentences, which are enough"


def test_augment_learns_one_score_a_language(tmp_path: Path) -> None:
    class Twins(Translator):
        languages = (TOY, "eng_Latn", "fra_Latn", "yor_Latn")

    source = tmp_path / "in.jsonl"
    source.write_text(
        "".join(json.dumps({"tokens": p.english, "tags": tags_of(p.english, p.entities)}) + "\n" for p in FEW)
    )
    given = AugmentModels(Twins(), Aligner())
    options = AugmentOptions((TOY, "yor_Latn"), method=LEARNED)
    outputs = []
    for chunk in (7, 100):
        summary = augment(source, tmp_path / str(chunk), given, options, chunk=chunk)
        assert summary["learnt"]["learned"].keys() == {TOY, "yor_Latn"}
        assert summary["languages"][TOY]["projected"] == sum(len(pair.entities) for pair in FEW)
        outputs.append([(tmp_path / str(chunk) / f"{code}.conll").read_bytes() for code in (TOY, "yor_Latn")])
    assert outputs[0] == outputs[1]


def test_augment_takes_into_account_how_sure_its_input_is(tmp_path: Path) -> None:
    """Sentences that a tagger has labelled are as sure as it was, in a file and out of it again."""
    source = tmp_path / "in.txt"
    source.write_text("".join(text(pair.english) + "\n" for pair in FEW))
    options = AugmentOptions((TOY,), labels=("PER", "LOC"), method=LEARNED)
    found = []
    for sure in (True, False):
        tagged, out = tmp_path / f"{sure}.parquet", tmp_path / str(sure)
        label(source, tagged, models(sure=sure), LabelOptions("eng_Latn", pipeline="transfer"))
        augment(tagged, out, AugmentModels(Translator(), Aligner()), options, output_format="arrow", chunk=9)
        found.append(scores_of(out / f"{TOY}.parquet"))
    assert sum(map(len, found[0])) > 40
    for pair, sure_ones, unsure in zip(FEW, *found, strict=True):
        for (start, end, name, score), (*_, less) in zip(sure_ones, unsure, strict=True):
            place = pair.toy_entities().index((start, end, name))
            assert less == pytest.approx(score * sureness(pair.english[pair.entities[place][0]]), abs=1e-3)


def test_weights_of_a_file_are_part_of_what_an_output_is_made_from(tmp_path: Path) -> None:
    source, weights = write_text(tmp_path / "in.txt", FEW), tmp_path / "weights.json"
    LearnedScore.shipped().save(weights)
    method = Method(scores="learned", learned=LearnedOptions(weights=str(weights)))
    out = tmp_path / "out.conll"

    def stop(done: int, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        label(source, out, models(), LabelOptions(TOY, method=method), chunk=10, progress=stop)
    LearnedScore.shipped(caseless=True).save(weights)
    with pytest.raises(InputError, match=r"got another options\.method\.learned_weights"):
        label(source, out, models(), LabelOptions(TOY, method=method), resume=True)
    LearnedScore.shipped().save(weights)
    summary = label(source, out, models(), LabelOptions(TOY, method=method), resume=True)
    assert (summary["resumed_at"], "learnt" in summary) == (10, False)
    weights.write_text("{}")
    with pytest.raises(InputError, match=r"weights\.json: .*expected"):
        label(source, tmp_path / "other.conll", models(), LabelOptions(TOY, method=method))


def test_a_journal_in_which_something_else_was_learnt(tmp_path: Path) -> None:
    source, out = write_text(tmp_path / "in.txt", FEW), tmp_path / "out.conll"

    def stop(done: int, share: float) -> None:
        raise KeyboardInterrupt

    options = LabelOptions(TOY, method=LEARNED)
    with pytest.raises(KeyboardInterrupt):
        label(source, out, models(), options, chunk=10, progress=stop)
    journal = tmp_path / "out.conll.parts" / "journal.jsonl"
    head, _, part = journal.read_text().splitlines()
    for wrong in ({}, {"learned": {}}, {"learned": {"eng_Latn": 3}}, {"learned": {"eng_Latn": {"bias": 1}}}):
        journal.write_text(f"{head}\n{json.dumps({'learnt': wrong})}\n{part}\n")
        with pytest.raises(InputError, match=r"expected .*; --restart starts over"):
            label(source, out, models(), options, resume=True)
    journal.write_text(f"{head}\n{part}\n")  # its line is gone: the next sentences would teach something else
    with pytest.raises(
        InputError, match="what the interrupted run has learnt: expected an object, got null; --restart starts over"
    ):
        label(source, out, models(), options, resume=True)


KILLED = """
from pathlib import Path
from fake_stack import Aligner, Tagger, Translator
from toy_language import TOY
from xproj_fast.method import Method
from xproj_fast.runs.augment_options import AugmentModels, AugmentOptions
from xproj_fast.runs.augmenting import augment
from xproj_fast.runs.label_options import LabelModels, LabelOptions
from xproj_fast.runs.labelling import label

what, source, folder = sys.argv[1:]
method = Method(scores="learned")

def write(out):
    if what == "label":
        models = LabelModels(Tagger(), Translator(), Aligner())
        label(source, out + "/out.jsonl", models, LabelOptions(TOY, method=method, threads=1), chunk=10, resume=True)
    else:
        models = AugmentModels(Translator(), Aligner())
        options = AugmentOptions((TOY,), method=method, threads=1)
        augment(source, out + "/out", models, options, output_format="jsonl", chunk=10, resume=True)

n, whole = 0, False
while not whole:
    n += 1
    out = f"{folder}/{n}"
    os.mkdir(out)
    whole = runs(lambda: write(out), n)
    assert runs(lambda: write(out)), f"killed before its change {n}, it could not be gone on with"
    print(n, *sorted(f"{p.name}={p.read_text()!r}" for p in Path(out).rglob("*")
                     if p.is_file() and "manifest" not in p.name))
"""


@pytest.mark.parametrize("what", ["label", "augment"])
def test_killed_before_every_change_of_a_file(what: str, tmp_path: Path, in_memory: Path) -> None:
    """Whatever was learnt, and recorded or not, the output is that of a run that nobody killed, to the last digit."""
    source = write_text(tmp_path / "in.txt", FEW[:20])
    if what == "augment":
        source = tmp_path / "in.conll"
        label(tmp_path / "in.txt", source, models(), LabelOptions(TOY, pipeline="transfer"))
    command = [sys.executable, "-c", RUNS + KILLED, what, source, in_memory]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=300, **HERE)
    runs = [line.split(" ", 1) for line in done.stdout.splitlines()]
    assert len(runs) > 15
    assert len({files for _, files in runs}) == 1
    assert '"score"' in runs[0][1]
