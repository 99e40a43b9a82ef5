"""A model is the same where all is the same that its output depends on: in a run that goes on, in another process."""

from __future__ import annotations

import copy
import json
import multiprocessing
import pickle
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import MadeOnce

for package in ("torch", "transformers", "onnx"):
    pytest.importorskip(package, reason="pip install 'xproj-fast[export]'")
pytest.importorskip("onnxruntime", reason="pip install 'xproj-fast[models]'")
pytest.importorskip("ctranslate2", reason="pip install 'xproj-fast[models]'")

from tiny_encoders import IOB2, tiny_bert  # noqa: E402

from xproj_fast.cli import main  # noqa: E402
from xproj_fast.errors import InputError  # noqa: E402
from xproj_fast.export.aligner import export_aligner  # noqa: E402
from xproj_fast.export.tagger import export_tagger  # noqa: E402
from xproj_fast.lists import word_columns  # noqa: E402
from xproj_fast.method import Method  # noqa: E402
from xproj_fast.models.identity import difference  # noqa: E402
from xproj_fast.models.neural_aligner import Aligner  # noqa: E402
from xproj_fast.models.phrase_scorer import PhraseOptions, PhraseScorer  # noqa: E402
from xproj_fast.models.tagger import Tagger  # noqa: E402
from xproj_fast.models.tagging import TaggerOptions  # noqa: E402
from xproj_fast.models.translator import Translator  # noqa: E402
from xproj_fast.runs.augment_options import AugmentOptions  # noqa: E402
from xproj_fast.runs.label_options import LabelModels, LabelOptions  # noqa: E402
from xproj_fast.runs.labelling import label  # noqa: E402
from xproj_fast.runs.models import identity_of  # noqa: E402
from xproj_fast.runs.parts import Parts  # noqa: E402

pytest_plugins = ("translator_fixtures",)
CPU: dict[str, Any] = {"device": "cpu", "threads": 1}
SENTENCES = [["Angela", "Merkel", "war", "in", "Paris", "."], ["Berlin", "ist", "alt", "."]]


@pytest.fixture(scope="module")
def exported(made_once: MadeOnce) -> Path:
    def make(folder: Path) -> None:
        checkpoint = tiny_bert(folder / "checkpoint", IOB2)
        export_tagger(checkpoint, folder / "tagger")
        export_tagger(checkpoint, folder / "ctranslate2", engine="ctranslate2")
        export_aligner(tiny_bert(folder / "bert"), folder / "aligner", layer=2)

    return made_once("models-with-an-identity", make)


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    """A copy of the tagger to change."""
    return Path(shutil.copytree(exported / "tagger", tmp_path / "tagger"))


def change(folder: Path, **changes: Any) -> None:
    """Change what the manifest says besides its files."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, value in changes.items():
        (manifest if name in manifest else manifest["settings"])[name] = value
    (folder / "manifest.json").write_text(json.dumps(manifest))


def in_another_process(model: Any, call: Callable[[Any], Any]) -> Any:
    """Send a model to a process that has nothing of this one, and return what it says there."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(call, model).result(timeout=120)


# --- what is the same, and what is not ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"a": [1, (2, 3)]}, {"a": (1, [2, 3])}, None),
        ({"a": {"b": ["x", "y"]}}, {"a": {"b": ["x", "z"]}}, 'a.b[1]: "y" in the run, "z" now'),
        ({"a": ["x"]}, {"a": ["x", "y"]}, 'a[1]: none in the run, "y" now'),
        ({"a": []}, {"a": ["y"]}, 'a: [] in the run, ["y"] now'),
        ({"a": 1, "b": 2}, {"b": 2}, "a: 1 in the run, none now"),
        ({"a": None}, {}, "a: null in the run, none now"),
        ({"a": 1}, {"a": True}, "a: 1 in the run, true now"),
        ({"a": 1}, {"a": {"b": 1}}, 'a: 1 in the run, {"b": 1} now'),
        ({"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 2, "c": 2}, "b: 1 in the run, 2 now (and 1 more)"),
        ({"a": "\x1b[31m"}, {"a": "\u202e"}, 'a: "\\u001b[31m" in the run, "\\u202e" now'),
    ],
)
def test_differences_have_a_place_and_both_values(old: Any, new: Any, said: str | None) -> None:
    assert difference(old, new) == said


def test_what_an_identity_is_of(exported: Path, folder: Path) -> None:
    first = Tagger.load(exported / "tagger", **CPU)
    assert Tagger.load(folder, device="cpu", threads=2, verify=False).identity == first.identity  # wherever it lies
    assert first.identity.keys() >= {"kind", "engine", "precision", "settings", "files", "compute_type", "packages"}
    assert first.identity["packages"].keys() == {"tokenizers", "onnxruntime"}
    other = Tagger.load(exported / "ctranslate2", **CPU)
    assert difference(first.identity, other.identity).startswith(  # type: ignore[union-attr]
        'engine: "onnxruntime" in the run, "ctranslate2" now (and '
    )
    assert Aligner.load(exported / "aligner", **CPU).identity["kind"] == "aligner"


def test_what_a_translator_computes_in_is_part_of_it(tiny_translator: Path) -> None:
    """``label`` and ``augment`` look at no more than the identity."""
    with (
        Translator.load(tiny_translator, **CPU) as first,
        Translator.load(tiny_translator, compute_type="int8", **CPU) as other,
    ):
        assert (
            difference(first.identity, other.identity)
            == f'compute_type: "float32" in the run, "{other.compute_type}" now'
        )


# --- a run that goes on ----------------------------------------------------------------------------

PERMUTED = [IOB2[0], *IOB2[3:], *IOB2[1:3]]
CHANGES = [
    ({"labels": PERMUTED}, 'settings.labels[1]: "B-PER" in the run, "B-ORG" now (and 7 more)'),
    ({"max_pieces": 16}, "settings.max_pieces: 128 in the run, 16 now"),
    ({"pad_id": 1}, "settings.pad_id: 0 in the run, 1 now"),
    ({"precision": "fp16"}, 'precision: "fp32" in the run, "fp16" now (and 1 more)'),
]


def stopped(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the arguments of a run of ``tag`` that was interrupted behind its first chunk."""
    source = path / "in.txt"
    source.write_text("".join(" ".join(words) + "\n" for words in SENTENCES * 3))
    args = ["tag", "--tagger", folder, "--device", "cpu", "--threads", 1, source, "-o", path / "out.conll"]
    args += ["--chunk", 2]
    with monkeypatch.context() as patch:
        patch.setattr(Parts, "append", once(KeyboardInterrupt()))
        assert main([str(arg) for arg in args]) == 130
    return [str(arg) for arg in args]


def once(error: BaseException) -> Any:
    """Return what takes the place of ``Parts.append``: it writes one part, then it fails."""
    real, calls = Parts.append, iter(range(1))

    def append(*args: Any) -> None:
        if next(calls, None) is None:
            raise error
        real(*args)

    return append


@pytest.mark.parametrize(("changes", "said"), CHANGES)
def test_tag_refuses_to_go_on_with_another_model(
    changes: dict[str, Any],
    said: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    args = stopped(tmp_path, folder, monkeypatch)
    before = (folder / "manifest.json").read_bytes()
    change(folder, **changes)
    capsys.readouterr()
    assert main([*args, "--resume"]) == 1
    assert f"out.conll: expected what the interrupted run was made from, got another tagger.{said}" in (
        capsys.readouterr().err
    )
    (folder / "manifest.json").write_bytes(before)
    assert main([*args, "--resume"]) == 0  # the refusal cost nothing
    assert (tmp_path / "out.conll").read_text().count("\n\n") == 6


def test_tag_refuses_to_go_on_with_another_engine(
    exported: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    args = stopped(tmp_path, folder, monkeypatch)
    args[args.index(str(folder))] = str(exported / "ctranslate2")
    assert main([*args, "--resume"]) == 1
    assert 'got another tagger.engine: "onnxruntime" in the run, "ctranslate2" now' in capsys.readouterr().err


def test_tag_refuses_to_go_on_with_an_input_that_is_read_in_another_way(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same bytes under another suffix are other words."""
    args = stopped(tmp_path, folder, monkeypatch)
    (tmp_path / "in.txt").rename(tmp_path / "in.words")
    args[args.index(str(tmp_path / "in.txt"))] = str(tmp_path / "in.words")
    assert main([*args, "--resume"]) == 1
    assert 'got another reading.format: "text" in the run, "words" now' in capsys.readouterr().err


@pytest.mark.parametrize(("changes", "said"), CHANGES)
def test_label_refuses_to_go_on_with_another_model(
    changes: dict[str, Any], said: str, folder: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.conll"
    source.write_text("".join(" ".join(words) + "\n" for words in SENTENCES * 3))
    options = LabelOptions("deu_Latn", pipeline="transfer")

    def stop(done: int, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        label(source, out, LabelModels(Tagger.load(folder, **CPU)), options, chunk=2, progress=stop)
    change(folder, **changes)
    with pytest.raises(InputError) as error:
        label(source, out, LabelModels(Tagger.load(folder, **CPU)), options, resume=True)
    assert f"got another models.tagger.{said}; --restart discards its 2 sentences" in str(error.value)


def test_translate_refuses_to_go_on_with_other_columns(
    tiny_translator: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from xproj_fast.runs import translating

    (tmp_path / "in.conll").write_text("a b O\n\nc d O\n\n" * 3)
    args = ["translate", "--translator", tiny_translator, "--from", "eng_Latn", "--to", "deu_Latn", "--device", "cpu"]
    args += ["--threads", 1, tmp_path / "in.conll", "-o", tmp_path / "out.txt"]
    monkeypatch.setitem(translating.CHUNKS, "cpu", 2)
    with monkeypatch.context() as patch:
        patch.setattr(Parts, "append", once(OSError(28, "No space left on device")))
        assert main([*map(str, args), "--word-column", "0"]) == 1
    assert main([*map(str, args), "--word-column", "1", "--resume"]) == 1
    assert "got another reading.conll.word_column: 0 in the run, 1 now" in capsys.readouterr().err


# --- other processes ----------------------------------------------------------------------------


def tags_of(tagger: Tagger) -> Any:
    tagged = tagger.tag(SENTENCES)
    return tagged.labelled().tags(), tagged.probabilities.values


def links_of(aligner: Aligner) -> Any:
    words = word_columns(SENTENCES)
    return aligner.align(words, words).links.source


def translations_of(translator: Translator) -> Any:
    return [found.text for found in translator.translate(["Angela Merkel"], "eng_Latn", "deu_Latn")]


def scores_of(scorer: PhraseScorer) -> Any:
    return scorer.scores(["Angela Merkel"], ["Paris"])


def test_a_tagger_goes_to_another_process(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(exported)
    tagger = Tagger.load("tagger", **CPU)  # a relative folder means the same there
    monkeypatch.undo()
    labels, values = in_another_process(tagger, tags_of)
    here = tags_of(tagger)
    assert labels == here[0]
    assert (values == here[1]).all()
    twin = copy.deepcopy({"model": tagger})["model"]
    assert twin is not tagger
    assert tags_of(twin)[0] == labels


def test_an_aligner_goes_to_another_process(exported: Path) -> None:
    aligner = Aligner.load(exported / "aligner", **CPU)
    assert (in_another_process(aligner, links_of) == links_of(aligner)).all()
    assert (links_of(copy.deepcopy(aligner)) == links_of(aligner)).all()


def test_a_translator_and_what_scores_by_it_go_to_another_process(tiny_translator: Path) -> None:
    with Translator.load(tiny_translator, **CPU) as translator:
        assert in_another_process(translator, translations_of) == translations_of(translator)
        scorer = PhraseScorer(translator, "eng_Latn", "deu_Latn", PhraseOptions(cache=0))
        assert (in_another_process(scorer, scores_of) == scores_of(scorer)).all()
        twin = pickle.loads(pickle.dumps(scorer))
        assert (twin.identity, twin._options) == (scorer.identity, scorer._options)
        twin._translator.close()
        assert translations_of(translator)  # each is closed by itself
    with pytest.raises(InputError, match="expected an open translator, got one that was closed"):
        pickle.dumps(translator)


@pytest.mark.parametrize(("changes", "said"), CHANGES[:2])
def test_a_folder_that_changed_on_the_way(changes: dict[str, Any], said: str, folder: Path) -> None:
    sent = pickle.dumps(Tagger.load(folder, **CPU))
    change(folder, **changes)
    with pytest.raises(InputError) as error:
        pickle.loads(sent)
    expected = said.replace("in the run", "where it was pickled").replace(" now", " here")
    assert str(error.value) == f"{folder}: expected the model that was pickled, got another {expected}"
    (folder / "tokenizer.json").unlink()
    with pytest.raises(InputError, match=r"tokenizer\.json: expected a file of .* got nothing there"):
        pickle.loads(sent)


def test_what_was_put_together_by_hand_stays(exported: Path) -> None:
    loaded = Tagger.load(exported / "tagger", **CPU)
    made = Tagger(loaded.manifest, loaded._tags, loaded._tokenizer, loaded._encoder)
    assert made.tag(SENTENCES, TaggerOptions()).labels == loaded.classes
    with pytest.raises(TypeError, match=r"Tagger: expected one that Tagger\.load made, .* got one made by hand"):
        pickle.dumps(made)


# --- what else an output depends on ---------------------------------------------------------------------------


class OwnTagger:
    """A tagger that says what it is."""

    def __init__(self, identity: Any) -> None:
        self.identity = identity


def test_models_of_your_own() -> None:
    assert identity_of(OwnTagger({"weights": 1})) == {"weights": 1}
    assert identity_of(object()) == "builtins.object"
    assert identity_of(scores_of).endswith("test_model_identity.scores_of")  # a scorer may be a function
    assert identity_of(tags_of) != identity_of(scores_of)


def test_another_jieba_cuts_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    def described(*languages: str, **more: Any) -> str:
        return str(AugmentOptions(languages, **more).described()["chinese"])

    monkeypatch.setattr("xproj_fast.text.chinese.installed_version", lambda package: f"{package[0]}1")
    assert described("zho_Hans") == "jieba j1"
    assert described("deu_Latn", "yue_Hant") == "jieba j1"
    assert described("deu_Latn") == "jieba"  # of no consequence
    assert described("zho_Hans", chinese="characters") == "characters"
    assert LabelOptions("zho_Hans").described()["chinese"] == "jieba j1"
    assert LabelOptions("deu_Latn", more_pivots=("zho_Hant",)).described()["chinese"] == "jieba j1"


def test_another_solver_may_find_another_of_equally_good_ones() -> None:
    assert Method("exact").described()["highspy"]
    assert "highspy" not in Method("greedy").described()
