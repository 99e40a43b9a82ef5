"""Suites: pipelines by languages, over folders of what users have."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from command import DEMO, fails, run
from conftest import shared_data

from xproj_fast.arrays import Entities, WordProbabilities, Words
from xproj_fast.errors import InputError
from xproj_fast.evaluation import evaluate
from xproj_fast.formats.files import read_sentences
from xproj_fast.formats.pair_files import read_pairs
from xproj_fast.method import Method
from xproj_fast.projector import project
from xproj_fast.report.datasets import find_datasets
from xproj_fast.report.suite import default_pipelines, mean, method_of, run_suite
from xproj_fast.report.suite_language import Models, SuiteOptions

LANGUAGES = ("de", "es", "ja")


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """The demo's sentences as a suite."""
    root = tmp_path / "suite"
    for code in LANGUAGES:
        (root / code).mkdir(parents=True)
        shutil.copy(DEMO / f"{code}.gold.conll", root / code / "gold.conll")
        shutil.copy(DEMO / "en.conll", root / code / "source.conll")
        shutil.copy(DEMO / f"en-{code}.pharaoh", root / code / "links.pharaoh")
    return root


class GoldTagger:
    """A tagger that knows the answer: what every pipeline gives with it is known."""

    classes = ("PER", "ORG", "LOC", "MISC")
    labels = ("O", *(f"{prefix}-{name}" for name in classes for prefix in "BI"))

    def __init__(self, folder: Path) -> None:
        self.known = {}
        for file in (*folder.glob("*/gold.conll"), *folder.glob("*/source.conll")):
            read = read_sentences(file)
            assert read.entities is not None
            for s, words in enumerate(read.words.to_lists()):
                a, b = read.entities.offsets[s : s + 2]
                spans = zip(read.entities.start[a:b], read.entities.end[a:b], read.entities.label[a:b], strict=True)
                self.known[tuple(words)] = [(i, j, read.labels[label]) for i, j, label in spans]

    def tag(self, words: Words, options: Any = None) -> Any:
        drop = options.drop if options is not None else ()
        kept = [[span for span in self.known[tuple(s)] if span[2] not in drop] for s in words.to_lists()]
        flat = [span for spans in kept for span in spans]
        columns = [np.array([span[i] for span in flat], np.int32) for i in (0, 1)]
        labels = np.array([self.classes.index(span[2]) for span in flat], np.int32)
        offsets = np.cumsum([0, *map(len, kept)], dtype=np.int64)
        return SimpleNamespace(entities=Entities(offsets, *columns, labels), labels=self.classes)

    def probabilities(self, words: Words) -> WordProbabilities:
        values = np.full((words.offsets[-1], len(self.labels)), 0.01, np.float32)
        values[:, 0] = 0.94
        for s, sentence in enumerate(words.to_lists()):
            for start, end, name in self.known[tuple(sentence)]:
                for i in range(start, end):
                    row = values[words.offsets[s] + i]
                    row[:] = 0.01
                    row[self.labels.index(("B-" if i == start else "I-") + name)] = 0.94
        return WordProbabilities(words.offsets, values, self.labels)


def test_every_pipeline_and_language_has_a_cell(suite: Path) -> None:
    names = default_pipelines(Models())
    assert names == ("heuristic", "align", "align:exact", "string")
    cells = run_suite(find_datasets(suite), names, Models())
    assert [(cell.dataset, cell.pipeline) for cell in cells] == [(code, name) for code in LANGUAGES for name in names]
    for cell in cells:
        if cell.pipeline.startswith("align"):
            pairs = read_pairs(DEMO / "en.conll", DEMO / f"{cell.dataset}.words", DEMO / f"en-{cell.dataset}.pharaoh")
            result = project(pairs, matcher="exact" if "exact" in cell.pipeline else "greedy")
            expected = evaluate(read_sentences(DEMO / f"{cell.dataset}.gold.conll"), result)
            assert cell.f1 == expected.micro.f1
        assert cell.seconds >= cell.projection_seconds > 0
    average, seconds = mean(cells, "align")
    assert average == np.mean([cell.f1 for cell in cells if cell.pipeline == "align"])
    assert seconds == sum(cell.seconds for cell in cells if cell.pipeline == "align")


def test_a_tagger_that_knows_the_answer_gives_it(suite: Path) -> None:
    tagger = GoldTagger(suite)
    for code in LANGUAGES:  # nothing but gold and words: the tagger labels the source
        (suite / code / "source.words").write_text(
            "".join(" ".join(words) + "\n" for words in read_sentences(DEMO / "en.conll").words.to_lists())
        )
        (suite / code / "source.conll").unlink()
    cells = run_suite(find_datasets(suite), ("transfer", "align", "alignment+ner", "align_ner"), Models(tagger, tagger))
    f1 = {(cell.pipeline, cell.dataset): cell.f1 for cell in cells}
    for code in LANGUAGES:
        assert f1["transfer", code] == 1
        assert f1["align_ner", code] >= f1["align", code]
        assert f1["alignment+ner", code] >= f1["align", code]
    ignored = run_suite(
        find_datasets(suite), ("transfer", "align_ner"), Models(tagger, tagger), SuiteOptions(ignore_labels=("LOC",))
    )
    assert all(cell.f1 > 0.9 for cell in ignored)


def test_models_run_once_and_count_where_they_are_needed(suite: Path) -> None:
    asked = []

    class Aligner:
        languages = ("eng_Latn", "deu_Latn", "es")

        def align(self, source: Words, target: Words, **languages: str) -> Any:
            asked.append(tuple(languages.values()))
            time.sleep(0.05)
            return SimpleNamespace(links=links)

    shutil.rmtree(suite / "ja")
    for code in ("de", "es"):
        (suite / code / "links.pharaoh").unlink()
    links = read_pairs(DEMO / "en.conll", DEMO / "de.words", DEMO / "en-de.pharaoh").alignments
    shutil.copytree(suite / "de", suite / "es", dirs_exist_ok=True)
    options = SuiteOptions(codes={"de": "deu_Latn"})
    cells = run_suite(find_datasets(suite), ("align", "string", "heuristic"), Models(aligner=Aligner()), options)
    assert asked == [("eng_Latn", "deu_Latn"), ("eng_Latn", "es")]
    for cell in cells:
        models = cell.seconds - cell.projection_seconds
        assert models == 0 if cell.pipeline == "string" else models > 0.049


def test_ignored_classes_are_not_projected(suite: Path) -> None:
    """Where LOC does not count, the word that a LOC would take is free for an ORG."""
    shutil.rmtree(suite / "es")
    shutil.rmtree(suite / "ja")
    (suite / "de" / "gold.conll").write_text("a\tB-ORG\n\nb\tB-LOC\n", "utf-8")
    (suite / "de" / "source.conll").write_text("A\tB-LOC\nA\tB-ORG\n\nB\tB-LOC\n", "utf-8")
    (suite / "de" / "links.pharaoh").write_text("0-0 1-0\n0-0\n", "utf-8")
    for ignored, f1 in (((), 0.5), (("LOC",), 1.0)):
        [cell] = run_suite(find_datasets(suite), ("align",), Models(), SuiteOptions(ignore_labels=ignored))
        assert cell.f1 == f1


def test_names_of_pipelines() -> None:
    assert method_of("transfer", Method()) is None
    made = method_of("alignment+ner:exact", Method())
    assert made is not None
    assert (made.scores, made.candidates, made.matcher) == ("alignment", "ner", "exact")
    for name in ("", "aline", "align+all", "align:fast"):
        with pytest.raises(InputError, match=r"pipeline '.*': expected SCORES\[\+CANDIDATES\]\[:MATCHER\]"):
            method_of(name, Method())


def test_what_is_missing_is_said_before_anything_runs(suite: Path) -> None:
    (suite / "es" / "links.pharaoh").unlink()
    (suite / "ja" / "source.conll").unlink()
    datasets = find_datasets(suite)
    for names, message in (
        (["transfer"], "de: expected for the pipeline 'transfer': a target tagger; got none"),
        (["align"], "es: expected for the pipeline 'align': an aligner, or alignments; got none"),
        (["string"], "ja: .* a tagger, or labelled source sentences; a translator, or source words; got none"),
        (["nmt"], "de: expected for the pipeline 'nmt': a translator; got none"),
    ):
        with pytest.raises(InputError, match=message):
            run_suite(datasets, names, Models())


def test_bad_folders(suite: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere: expected a folder of datasets .* got nothing there"):
        find_datasets(suite / "nowhere")
    with pytest.raises(InputError, match=r"gold.conll: expected a folder of datasets .* got a file"):
        find_datasets(suite / "de" / "gold.conll")
    (suite / "empty").mkdir()
    with pytest.raises(InputError, match="got no file with gold labels"):
        find_datasets(suite / "empty")
    shutil.copy(suite / "de" / "gold.conll", suite / "de" / "gold.jsonl")
    with pytest.raises(InputError, match=r"de: expected one file gold.\*, got gold.conll, gold.jsonl"):
        find_datasets(suite)


def test_sentences_must_be_as_many(suite: Path) -> None:
    (suite / "de" / "source.conll").write_text("Ada\tB-PER\n\n")
    with pytest.raises(InputError, match="de: expected as many source as gold sentences, got 1 and 40"):
        run_suite(find_datasets(suite), ["align"], Models())


def test_command(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shown = run("evaluate", "--suite", suite, "--pipelines", "heuristic,align:exact", "-o", out).stdout
    assert "align:exact" in shown
    assert "mean" in shown
    cells = json.loads(run("evaluate", "--suite", suite, "--pipelines", "heuristic,align:exact", "--json").stdout)
    written = json.loads((out / "suite.json").read_text())
    assert [(c["pipeline"], c["dataset"], c["f1"]) for c in cells["cells"]] == [
        (c["pipeline"], c["dataset"], c["f1"]) for c in written
    ]
    assert len((out / "suite.csv").read_text().splitlines()) == 7
    assert "expected two files" in fails("evaluate", code=2)
    assert "--suite: not allowed with files" in fails("evaluate", "--suite", suite, DEMO / "en.conll", code=2)
    message = fails("evaluate", "--suite", suite, "--mode", "strict", "--ignore-words", code=2)
    assert message == "--mode, --ignore-words: not allowed with --suite"
    taken = out / "suite.csv"  # before any model is loaded, let alone run
    assert fails("evaluate", "--suite", suite, "--tagger", "nowhere", "-o", taken).startswith(
        f"{taken}: expected a folder to write into, got a file"
    )
    assert "--codes: expected NAME=CODE" in fails("evaluate", "--suite", suite, "--codes", "de", code=2)


def test_known_figures() -> None:
    """What needs no model on conll-translate-test (see ../shared/data/README.md)."""
    folder = shared_data("conll-translate-test")
    options = SuiteOptions(ignore_labels=("MISC",))
    cells = run_suite(find_datasets(folder), ("heuristic", "align"), Models(), options)
    got = {(cell.pipeline, cell.dataset): round(cell.f1, 4) for cell in cells}
    assert got == {
        ("heuristic", "de"): 0.6190,
        ("align", "de"): 0.6267,
        ("heuristic", "es"): 0.6254,
        ("align", "es"): 0.6267,
    }
