"""The neural aligner against the original: Hugging Face states, sentence by sentence, and the plain extraction."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from command import DEMO, fails, run
from common import by_sentence, offsets_of
from conftest import MadeOnce
from reference.extract_links import extract_links

torch = pytest.importorskip("torch", reason="pip install 'xproj-fast[export]'")
transformers = pytest.importorskip("transformers", reason="pip install 'xproj-fast[export]'")
pytest.importorskip("onnxruntime", reason="pip install 'xproj-fast[models]'")

from tiny_encoders import tiny_bert, tiny_xlmr  # noqa: E402
from tiny_translator import tiny_nllb  # noqa: E402

from xproj_fast.arrays import Pieces, Words  # noqa: E402
from xproj_fast.errors import InputError  # noqa: E402
from xproj_fast.export.aligner import export_aligner  # noqa: E402
from xproj_fast.formats.files import read_sentences  # noqa: E402
from xproj_fast.models import neural_aligner as module  # noqa: E402
from xproj_fast.models.alignment import Alignment, NeuralAlignOptions  # noqa: E402
from xproj_fast.models.extractions import EXTRACTIONS  # noqa: E402
from xproj_fast.models.neural_aligner import Aligner  # noqa: E402
from xproj_fast.models.similarity import States, similarities  # noqa: E402

LAYER = 3
ENGLISH, GERMAN = DEMO / "en.conll", DEMO / "de.words"


@pytest.fixture(scope="session")
def folders(made_once: MadeOnce) -> dict[str, tuple[Path, Path]]:
    """Checkpoint and export of each kind of encoder."""
    kinds = {"bert": tiny_bert, "xlmr": tiny_xlmr, "nllb": tiny_nllb}

    def make(folder: Path) -> None:
        for name, build in kinds.items():
            build(folder / name / "checkpoint")
            layer = None if name == "nllb" else LAYER
            engine = "onnxruntime" if name == "bert" else "ctranslate2"
            export_aligner(folder / name / "checkpoint", folder / name / "exported", layer=layer, engine=engine)

    folder = made_once("aligners", make)
    return {name: (folder / name / "checkpoint", folder / name / "exported") for name in kinds}


def sentences(path: Path) -> Words:
    return read_sentences(path, entities=False).words


def words_of(lists: list[list[str]]) -> Words:
    return Words(offsets_of(lists), pa.array([word for words in lists for word in words], pa.string()))


class Original:
    """The checkpoint in torch, one sentence at a time, nothing padded."""

    def __init__(self, folder: Path, layer: int | None, language: str | None = None) -> None:
        torch.set_num_threads(1)  # two that wait for each other cost most on a busy CPU
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        if language is not None:
            self.tokenizer.src_lang = language
        model = transformers.AutoModel.from_pretrained(folder)
        self.model = (model.get_encoder() if language else model).eval()
        self.layer = layer

    def states(self, words: list[str]) -> tuple[np.ndarray, list[int]]:
        found = self.tokenizer(words, is_split_into_words=True, return_tensors="pt")
        with torch.inference_mode():
            output = self.model(**{k: v for k, v in found.items() if k != "token_type_ids"}, output_hidden_states=True)
        states = output.last_hidden_state if self.layer is None else output.hidden_states[self.layer]
        word_ids = found.word_ids()
        keep = [i for i, word in enumerate(word_ids) if word is not None]
        return states[0, keep].numpy(), [word_ids[i] for i in keep]

    def similarity(self, source: list[str], target: list[str], method: str, other: Original) -> tuple[Any, ...]:
        """Return the similarity of all subwords, and the words of those of both sides."""
        (a, source_word), (b, target_word) = self.states(source), other.states(target)
        if method != "awesome":
            a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
        return a @ b.T if method == "awesome" else (a @ b.T + 1) / 2, source_word, target_word


def pairs(found: Alignment) -> list[list[tuple[int, int]]]:
    return by_sentence(found.links.offsets, found.links.source, found.links.target)


def assert_aligned(
    aligner: Aligner, method: str, sides: tuple[Original, Original], monkeypatch: pytest.MonkeyPatch, **options: Any
) -> None:
    """Assert that similarities are the originals', and links those of the similarities, by the plain reference.

    In two steps, as random weights give subwords that are as similar as one another up to the last bits: which of
    them is linked hangs on how a CPU rounds, but not which one is for given similarities.
    """
    used: list[Any] = []
    monkeypatch.setattr(module, "similarities", lambda *a, **k: used.append(similarities(*a, **k)) or used[-1])
    source, target = sentences(ENGLISH), sentences(GERMAN)
    found = aligner.align(source, target, NeuralAlignOptions(method, batch_tokens=300), **options)
    ((offsets, flat),) = used
    got = by_sentence(found.links.offsets, found.links.source, found.links.target, found.confidence)
    threshold = 1e-3 if method == "awesome" else 0.0
    for s, (a, b) in enumerate(zip(source.to_lists(), target.to_lists(), strict=True)):
        expected, source_word, target_word = sides[0].similarity(a, b, method, sides[1])
        similarity = flat[offsets[s] : offsets[s + 1]].reshape(expected.shape)
        np.testing.assert_allclose(similarity, expected, rtol=0, atol=1e-5 * max(1, np.abs(expected).max()))
        if method != "awesome" or s % 8 == 0:  # its plain reference is slow
            right = extract_links(method, similarity.tolist(), source_word, target_word, threshold, 2, 0.9)[0]
            assert [link[:2] for link in got[s]] == [link[:2] for link in right]
            np.testing.assert_allclose([link[2] for link in got[s]], [link[2] for link in right], atol=1e-6)
    assert found.counts["links"] == sum(map(len, got)) > 100


@pytest.mark.parametrize("kind", ["bert", "xlmr"])
@pytest.mark.parametrize("method", [name for name in EXTRACTIONS if name != "match"])  # match: reference is n!
def test_links_equal_the_originals(folders: Any, kind: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint, exported = folders[kind]
    original = Original(checkpoint, LAYER)
    assert_aligned(Aligner.load(exported, device="cpu"), method, (original, original), monkeypatch)


def test_nllb_encoder(folders: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint, exported = folders["nllb"]
    languages = {"source_language": "eng_Latn", "target_language": "deu_Latn"}
    english, german = (Original(checkpoint, None, code) for code in languages.values())
    assert_aligned(Aligner.load(exported, device="cpu"), "itermax", (english, german), monkeypatch, **languages)


def test_nllb_needs_known_languages(folders: Any) -> None:
    aligner, words = Aligner.load(folders["nllb"][1], device="cpu"), words_of([["Hello"]])
    assert {"eng_Latn", "deu_Latn"} <= set(aligner.languages)
    with pytest.raises(InputError, match=r"source_language: expected a code such as eng_Latn.*got None"):
        aligner.align(words, words, target_language="deu_Latn")
    with pytest.raises(InputError, match="deu_Latn"):  # did you mean
        aligner.align(words, words, source_language="eng_Latn", target_language="deu_Lat")
    other = Aligner.load(folders["bert"][1], device="cpu")
    assert other.languages == ()
    with pytest.raises(InputError, match="source_language: expected None, as this aligner needs no languages"):
        other.align(words, words, source_language="eng_Latn")


def test_match_is_one_to_one_and_no_worse(folders: Any) -> None:
    aligner = Aligner.load(folders["bert"][1], device="cpu")
    short = words_of([["Hello"], ["a", "b"], []])
    found = aligner.align(short, words_of([["Hallo", "du"], ["x"], ["y"]]), NeuralAlignOptions("match"))
    assert len(pairs(found)) == 3
    assert len(pairs(found)[0]) >= 1
    assert pairs(found)[2] == []


def test_batches_and_blocks_change_nothing(folders: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = Aligner.load(folders["bert"][1], device="cpu")
    source, target = sentences(ENGLISH), sentences(GERMAN)
    whole = loaded.align(source, target)
    monkeypatch.setattr(module, "BLOCK_WORDS", 40)
    used: list[Any] = []
    monkeypatch.setattr(module, "similarities", lambda *a, **k: used.append(similarities(*a, **k)) or used[-1])
    small = loaded.align(source, target, NeuralAlignOptions(batch_tokens=1))
    assert len(used) > 10
    blocks = [flat[a:b] for offsets, flat in used for a, b in pairwise(offsets.tolist())]
    rows = np.diff(loaded.encode(source).pieces.offsets).tolist()
    clear = [no_link_is_doubtful(block.reshape(n, -1)) for block, n in zip(blocks, rows, strict=True)]
    assert sum(clear) > len(clear) / 2
    same = [a == b for a, b in zip(pairs(small), pairs(whole), strict=True)]
    assert all(equal for equal, sure in zip(same, clear, strict=True) if sure)
    assert small.counts | {"links": 0} == whole.counts | {"links": 0}


def no_link_is_doubtful(similarity: np.ndarray) -> bool:
    """Whether rounding cannot turn a link of awesome: no softmax is within a thousandth part of its threshold."""
    weights = [np.exp(similarity.astype(np.float64) - similarity.max(axis, keepdims=True)) for axis in (0, 1)]
    least = np.minimum(*(weight / weight.sum(axis, keepdims=True) for axis, weight in enumerate(weights)))
    return not ((least > 0.999e-3) & (least < 1.001e-3)).any()


def test_a_source_is_encoded_once_for_many_languages(folders: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    aligner = Aligner.load(folders["bert"][1], device="cpu")
    source = sentences(ENGLISH)
    targets = [sentences(DEMO / f"{code}.words") for code in ("de", "es", "ru")]
    one_by_one = [aligner.align(source, target) for target in targets]
    encoded = []
    encode = Aligner.encode
    monkeypatch.setattr(
        Aligner, "encode", lambda self, words, *a, **k: encoded.append(len(words)) or encode(self, words, *a, **k)
    )
    together = aligner.align_many(source, targets)
    assert len(encoded) == 4
    assert [pairs(found) for found in together] == [pairs(found) for found in one_by_one]


def test_long_sentences_lose_no_word(folders: Any) -> None:
    aligner = Aligner.load(folders["bert"][1], device="cpu")
    words = [word for sentence in sentences(ENGLISH).to_lists() for word in sentence]
    long = (words * 12)[:2000]
    found = aligner.align(words_of([long, ["Hello"]]), words_of([long, ["Hello"]]), NeuralAlignOptions("argmax"))
    assert found.counts["long_sentences"] == 2  # one a side
    assert int(found.links.source.max()) == len(long) - 1
    assert pairs(found)[1] == [(0, 0)]


def test_odd_input(folders: Any) -> None:
    aligner = Aligner.load(folders["bert"][1], device="cpu")
    odd = words_of([[], ["\u200b"], ["👩‍👩‍👧", "e\u0301"], ["x"] * 5])
    found = aligner.align(odd, odd, NeuralAlignOptions("argmax"))
    assert pairs(found)[0] == []
    assert len(pairs(found)) == 4
    empty = words_of([[]] * 100_000)
    assert aligner.align(empty, empty).counts["links"] == 0
    none = aligner.align(words_of([]), words_of([]))
    assert len(none.links) == 0
    with pytest.raises(InputError, match="target_words: expected 1 sentences as on the source side, got 0"):
        aligner.align(words_of([["a"]]), words_of([]))
    with pytest.raises(InputError, match="expected words to align, got only their number"):
        aligner.align(Words(np.array([0, 1])), Words(np.array([0, 1])))


def test_states_that_are_zero_and_sides_that_are_empty() -> None:
    def states(offsets: list[int], vectors: list[list[float]]) -> States:
        places = np.zeros(len(vectors), np.int32)
        return States(Pieces(np.array(offsets), places, places), np.array(vectors, np.float32).reshape(-1, 2), {})

    source, target = states([0, 0, 1, 3], [[1, 0], [0, 0], [3, 4]]), states([0, 1, 1, 2], [[1, 0], [6, 8]])
    offsets, found = similarities(source, target, cosine=True)
    assert offsets.tolist() == [0, 0, 0, 2]
    np.testing.assert_allclose(found, [0.5, 1])  # a cosine of 0, and of 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"extraction": "softmax"}, "extraction: expected one of argmax, awesome, itermax, match, got 'softmax'"),
        ({"link_threshold": 1.0}, "link_threshold: expected None or a number from 0 to below 1, got 1.0"),
        ({"rounds": 0}, "rounds: expected at least 1, got 0"),
        ({"alpha": 1.5}, "alpha: expected a number from 0 to 1, got 1.5"),
        ({"batch_tokens": 0}, "batch_tokens: expected None or at least 1, got 0"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        NeuralAlignOptions(**options)


# The command


def test_command(folders: Any, tmp_path: Path) -> None:
    out, model = tmp_path / "en-de.pharaoh", folders["bert"][1]
    files = ("--source", ENGLISH, "--target", GERMAN, "-o", out, "--aligner", model, "--device", "cpu")
    summary = json.loads(run("align", *files, "--extraction", "itermax", "--json").stdout)
    found = Aligner.load(model, device="cpu").align(
        sentences(ENGLISH), sentences(GERMAN), NeuralAlignOptions("itermax")
    )
    expected = [" ".join(f"{i}-{j}" for i, j in links) for links in pairs(found)]
    assert out.read_text().splitlines() == expected
    assert summary["sentences"] == 40
    assert summary["links"] == len(found.links.source)
    assert summary["devices"] == {"aligner": "cpu"}
    run("align", *files, "--extraction", "itermax", "--confidences", "--quiet")
    lines = [line.split() for line in out.read_text().splitlines()]
    assert [[link.partition(":")[0] for link in line] for line in lines] == [line.split() for line in expected]
    assert all(0 <= float(link.partition(":")[2]) <= 1 for line in lines for link in line)


def test_project_aligns_with_a_model(folders: Any, tmp_path: Path) -> None:
    both = ("--source", ENGLISH, "--target", GERMAN)
    run("align", *both, "-o", tmp_path / "links", "--aligner", folders["bert"][1])
    run("project", *both, "-o", tmp_path / "a.conll", "--alignments", tmp_path / "links")
    run("project", *both, "-o", tmp_path / "b.conll", "--aligner", folders["bert"][1])
    assert (tmp_path / "a.conll").read_bytes() == (tmp_path / "b.conll").read_bytes()


def test_command_goes_on(folders: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xproj_fast import cli
    from xproj_fast.runs.aligning import align_file

    out, model = tmp_path / "out.pharaoh", str(folders["bert"][1])
    argv = [
        "align",
        "--source",
        str(ENGLISH),
        "--target",
        str(GERMAN),
        "--aligner",
        model,
        "--quiet",
        "--device",
        "cpu",
    ]
    monkeypatch.setitem(align_file.__kwdefaults__, "chunk", 7)
    assert cli.main([*argv, "-o", str(tmp_path / "whole.pharaoh")]) == 0
    real, calls = Aligner.align, []

    def interrupted(self: Aligner, *args: Any, **more: Any) -> Alignment:
        calls.append(args)
        if len(calls) == 4:
            while len(journal.read_bytes().splitlines()) < 4:  # what it is made from, and the parts of the 3 chunks
                time.sleep(0.01)
            raise KeyboardInterrupt
        return real(self, *args, **more)

    journal = tmp_path / "out.pharaoh.parts" / "journal.jsonl"
    monkeypatch.setattr(Aligner, "align", interrupted)
    assert cli.main([*argv, "-o", str(out)]) == 130
    assert not out.exists()
    assert cli.main([*argv, "-o", str(out)]) == 1  # says how to go on
    assert cli.main([*argv, "-o", str(out), "--extraction", "match", "--resume"]) == 1  # other options
    kept = (tmp_path / "out.pharaoh.parts" / "journal.jsonl").read_text("utf-8").count("\n") - 1
    assert kept <= 3  # whole chunks: what was in flight is lost
    calls.append(None)
    assert cli.main([*argv, "-o", str(out), "--resume"]) == 0
    assert out.read_bytes() == (tmp_path / "whole.pharaoh").read_bytes()
    assert len(calls) == 4 + 1 + 6 - kept  # the interrupted one is the fourth; my mark; and the chunks that were left


def test_command_errors(folders: Any, tmp_path: Path) -> None:
    files = ("align", "--source", ENGLISH, "--target", GERMAN, "-o", tmp_path / "out")
    bert, nllb = folders["bert"][1], folders["nllb"][1]
    assert "nowhere: expected the folder of an exported aligner, got nothing there" in fails(
        *files, "--aligner", "nowhere"
    )
    assert fails(*files, "--extraction", "match", code=2) == "--extraction: requires --aligner DIR"
    assert "--priors: requires --aligner eflomal" in fails(*files, "--aligner", bert, "--priors", "x", code=2)
    assert "expected a code such as eng_Latn" in fails(*files, "--aligner", nllb, code=2)
    assert "requires --aligner-state FILE or --aligner DIR" in fails(*files, "--resume", code=2)
    assert "threshold: expected None or" in fails(*files, "--aligner", bert, "--link-threshold", "2", code=2)
    three = tmp_path / "three.txt"
    three.write_text("a\nb\nc\n")
    message = fails(*files[:3], "--target", three, "-o", tmp_path / "out", "--aligner", bert)
    assert "expected files of as many sentences each, got one that ends after sentence 3" in message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["three.txt"]
