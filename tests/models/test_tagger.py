"""The tagger against the original: torch, sentence by sentence, nothing padded."""

from __future__ import annotations

import itertools
import json
import logging
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from common import by_sentence, offsets_of
from conftest import MadeOnce
from hypothesis import given
from hypothesis import strategies as st
from original_tagger import OriginalTagger
from reference.iob import decode

torch = pytest.importorskip("torch", reason="pip install 'xproj-fast[export]'")
pytest.importorskip("transformers", reason="pip install 'xproj-fast[export]'")
pytest.importorskip("onnxruntime", reason="pip install 'xproj-fast[models]'")

from tiny_encoders import IOB1, IOB2, clear_tagger, demo_sentences, tiny_bert, tiny_xlmr  # noqa: E402

from xproj_fast.arrays import Entities, WordProbabilities, Words  # noqa: E402
from xproj_fast.errors import InputError, InternalError  # noqa: E402
from xproj_fast.export.aligner import export_aligner  # noqa: E402
from xproj_fast.export.tagger import export_tagger  # noqa: E402
from xproj_fast.models import tagger as module  # noqa: E402
from xproj_fast.models.manifest import MANIFEST  # noqa: E402
from xproj_fast.models.probabilities import softmax  # noqa: E402
from xproj_fast.models.tag_set import ClassMap, TagSet  # noqa: E402
from xproj_fast.models.tagger import Tagger  # noqa: E402
from xproj_fast.models.tagging import Tagged, TaggerOptions  # noqa: E402

SENTENCES = [line.split(" ") for line in demo_sentences()]
ODD = [
    ["Angela", "Merkel"],
    ["In", "\u200b", "Berlin", "", "\u200d", "Angela", "Merkel", "e\u0301", "\ufeff"],
    ["\u200b"],
    [],
    ["", "", "Siemens"],
    ["👩\u200d🚀", "日本語", "\u0301", "नमस्ते", "[MASK]", "a b"],
]
CHECKPOINTS: dict[str, Any] = {
    "bert-iob2": lambda folder: clear_tagger(tiny_bert, folder, IOB2, sentences=ODD),
    "xlmr-iob1": lambda folder: clear_tagger(tiny_xlmr, folder, IOB1, 2, ODD),
}
EXPORTS = {
    "bert-iob2": ("bert-iob2", "onnxruntime"),
    "xlmr-iob1": ("xlmr-iob1", "onnxruntime"),
    "bert-ctranslate2": ("bert-iob2", "ctranslate2"),
}
Loaded = tuple[Tagger, OriginalTagger]


@pytest.fixture(scope="module")
def root(made_once: MadeOnce) -> Path:
    """One folder with all checkpoints and what was exported from them."""

    def make(folder: Path) -> None:
        for name, build in CHECKPOINTS.items():
            build(folder / "checkpoint" / name)
        for name, (checkpoint, engine) in EXPORTS.items():
            export_tagger(folder / "checkpoint" / checkpoint, folder / name, engine=engine)

    return made_once("taggers", make)


@pytest.fixture(scope="module", params=list(EXPORTS))
def loaded(request: pytest.FixtureRequest, root: Path) -> Loaded:
    checkpoint, _ = EXPORTS[request.param]
    return Tagger.load(root / request.param, device="cpu", threads=1), OriginalTagger(root / "checkpoint" / checkpoint)


@pytest.fixture(scope="module")
def tagger(root: Path) -> Tagger:
    return Tagger.load(root / "bert-iob2", device="cpu", threads=1)


def columns(sentences: list[list[str]]) -> Words:
    return Words(offsets_of(sentences), pa.array([word for words in sentences for word in words], pa.string()))


def rows(found: WordProbabilities) -> list[np.ndarray[Any, Any]]:
    return [found.values[a:b] for a, b in itertools.pairwise(found.offsets.tolist())]


def spans(tagged: Tagged) -> list[list[tuple[int, int, str]]]:
    e = tagged.entities
    return [
        [(start, end, tagged.labels[label]) for start, end, label in row]
        for row in by_sentence(e.offsets, e.start, e.end, e.label)
    ]


def assert_close(got: list[np.ndarray[Any, Any]], expected: list[np.ndarray[Any, Any]], within: float = 1e-4) -> None:
    assert len(got) == len(expected)
    for s, (a, b) in enumerate(zip(got, expected, strict=True)):
        assert a.shape == b.shape, s
        np.testing.assert_allclose(a, b, rtol=0, atol=within, err_msg=f"sentence {s}")


def test_probabilities_are_the_original_s(loaded: Loaded) -> None:
    tagger, original = loaded
    assert tagger.tags == original.labels
    found = tagger.probabilities(columns(SENTENCES))
    assert found.values.dtype == np.float32
    assert found.tags == original.labels
    assert found.offsets.tolist() == offsets_of(SENTENCES).tolist()
    assert_close(rows(found), [original.probabilities(words) for words in SENTENCES])
    np.testing.assert_allclose(found.values.sum(axis=1), 1, atol=1e-6)


def test_entities_are_the_original_s(loaded: Loaded) -> None:
    tagger, original = loaded
    tagged = tagger.tag(SENTENCES)
    expected = [original.entities(words) for words in SENTENCES]
    assert spans(tagged) == expected
    assert sum(map(len, expected)) > 500  # random weights find plenty
    assert tagged.labels == tagger.classes
    assert len({name for row in expected for *_, name in row}) > 2
    assert tagged.words.to_lists() == SENTENCES
    assert tagged.counts == {
        "sentences": len(SENTENCES),
        "words": sum(map(len, SENTENCES)),
        "words_without_piece": 0,
        "long_sentences": 0,
        "windows": len(SENTENCES),
    }


def test_classes_in_the_order_of_ids(root: Path, tagger: Tagger) -> None:
    assert tagger.classes == ("PER", "ORG", "LOC", "MISC")
    assert Tagger.load(root / "xlmr-iob1", device="cpu").classes == ("LOC", "MISC", "ORG", "PER")


def test_company_changes_nothing(tagger: Tagger) -> None:
    """Order, batches, blocks and padding: a sentence gets what it gets alone."""
    expected = rows(tagger.probabilities(SENTENCES))
    shuffled = np.random.default_rng(0).permutation(len(SENTENCES))
    found = rows(tagger.probabilities([SENTENCES[s] for s in shuffled]))
    assert_close(found, [expected[s] for s in shuffled], 1e-5)
    for batch_tokens in (1, 70, 100_000):
        assert_close(rows(tagger.probabilities(SENTENCES, TaggerOptions(batch_tokens=batch_tokens))), expected, 1e-5)
    for s in (0, 50, 199):
        assert_close(rows(tagger.probabilities([SENTENCES[s]])), [expected[s]], 1e-5)


def test_blocks_change_nothing(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = [[], *SENTENCES, [], ["\u200b"], []]
    whole = tagger.tag(sentences, warn=False)
    for words in (1, 100):
        monkeypatch.setattr(module, "BLOCK_WORDS", words)
        shares: list[float] = []
        parts = tagger.tag(sentences, warn=False, progress=shares.append)
        np.testing.assert_allclose(parts.probabilities.values, whole.probabilities.values, rtol=0, atol=1e-5)
        assert (spans(parts), parts.counts) == (spans(whole), whole.counts)
        assert parts.without_piece.tolist() == whole.without_piece.tolist() == [sum(map(len, SENTENCES))]
        assert shares == sorted(shares)
        assert 0 < shares[0] < 0.5
        assert shares[-1] == pytest.approx(1, abs=2e-3)


def test_words_without_a_sub_token(loaded: Loaded, caplog: pytest.LogCaptureFixture) -> None:
    """No word gets its neighbour's label: the research code's append order would shift all that follow."""
    tagger, original = loaded
    sentences = ODD
    tagged = tagger.tag(sentences)
    assert_close(rows(tagged.probabilities), [original.probabilities(words) for words in sentences])
    assert spans(tagged) == [original.entities(words) for words in sentences]
    reached = []
    for words in sentences:
        places = set(original.pieces(words)[1]) if words else set()
        reached += [i in places for i in range(len(words))]
    assert tagged.without_piece.tolist() == [i for i, yes in enumerate(reached) if not yes]
    assert tagged.counts["words_without_piece"] == len(tagged.without_piece) > 2
    outside = tagger.tags.index("O")
    assert (tagged.probabilities.values[tagged.without_piece, outside] == 1).all()
    first = next(i for i, yes in enumerate(reached[2:]) if not yes)
    (record,) = (record for record in caplog.records if record.name.startswith("xproj_fast"))
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        f"tagging: words that give the model no subword are O: {len(tagged.without_piece)} of them, the first is "
        f"sentence 1, word {first}: {sentences[1][first]!r}"
    )


def test_without_a_warning(tagger: Tagger, caplog: pytest.LogCaptureFixture) -> None:
    assert tagger.tag([["\u200b"]], warn=False).without_piece.tolist() == [0]
    assert not caplog.records
    tagger.probabilities([["\u200b"]])
    assert len(caplog.records) == 1


def test_ten_thousand_words(loaded: Loaded) -> None:
    tagger, _ = loaded
    words = [word for sentence in SENTENCES for word in sentence]
    words = (words * 4)[:10_000]
    tagged = tagger.tag([["Anna"], words, ["Berlin"]])
    found = rows(tagged.probabilities)
    assert [len(row) for row in found] == [1, 10_000, 1]
    np.testing.assert_allclose(tagged.probabilities.values.sum(axis=1), 1, atol=1e-6)
    assert not (tagged.probabilities.values == 1).any()  # nothing was filled in
    assert tagged.counts["long_sentences"] == 1
    assert tagged.counts["windows"] > 100
    assert tagged.counts["words_without_piece"] == 0


def test_windows_give_what_the_original_says_of_them(loaded: Loaded) -> None:
    """The beginning and the end of a long sentence are those of its first and last window."""
    tagger, original = loaded
    room = tagger.manifest.settings["max_pieces"] - 2
    words = [word for sentence in SENTENCES[:20] for word in sentence]
    ids, places = original.pieces(words)
    assert len(ids) > 2 * room
    found = tagger.probabilities([words], TaggerOptions(overlap=20)).values
    for inside in (range(1, room + 1), range(len(ids) - 1 - room, len(ids) - 1)):
        window = original.logits([ids[0], *(ids[i] for i in inside), ids[-1]])[1:-1]
        # Half of the overlap is the neighbour's; the last window shares up to all with the one before it.
        kept = inside[:-11] if inside[0] == 1 else inside[room // 2 + 1 :]
        checked = 0
        for i in kept:
            if places[i] != places[i - 1]:
                np.testing.assert_allclose(found[places[i]], softmax(window[i - inside[0]]), rtol=0, atol=1e-4)
                checked += 1
        assert checked > 10


def test_a_sentence_that_fits_needs_no_windows(loaded: Loaded) -> None:
    tagger, original = loaded
    room = tagger.manifest.settings["max_pieces"] - 2
    words = [word for sentence in SENTENCES for word in sentence]
    counts = np.bincount([place for place in original.pieces(words)[1] if place is not None])
    words = words[: int(np.searchsorted(np.cumsum(counts), room, side="right"))]
    for overlap in (0, 64, room - 1):
        tagged = tagger.tag([words], TaggerOptions(overlap=overlap))
        assert tagged.counts["windows"] == 1
        assert_close([tagged.probabilities.values], [original.probabilities(words)])


def test_a_word_longer_than_a_window(loaded: Loaded) -> None:
    tagger, original = loaded
    words = ["Anna", "Rhein-Main-Donau-Kanal-" * 20, "Berlin"]
    assert len(original.pieces(words)[0]) > tagger.manifest.settings["max_pieces"]
    found = tagger.probabilities([words])
    assert found.values.shape == (3, len(tagger.tags))
    np.testing.assert_allclose(found.values.sum(axis=1), 1, atol=1e-6)


def test_short_memory_is_found_out_once(
    root: Path, tagger: Tagger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    small = Tagger.load(root / "bert-iob2", device="cpu", threads=1)
    run, failures = small._encoder.run, 0

    def short(ids: Any, lengths: Any) -> Any:
        nonlocal failures
        if ids.size > 130:
            failures += 1
            raise RuntimeError("Failed to allocate memory for requested buffer of size 1")
        return run(ids, lengths)

    monkeypatch.setattr(small._encoder, "run", short)
    monkeypatch.setattr(module, "BLOCK_WORDS", 300)
    found = rows(small.probabilities(SENTENCES))
    assert_close(found, rows(tagger.probabilities(SENTENCES)), 1e-5)
    assert failures == 1
    failures = 0
    small.probabilities(SENTENCES, TaggerOptions(batch_tokens=1000))
    assert failures == 0
    assert [record.getMessage() for record in caplog.records] == [
        "tagging: out of memory with 256 subwords per batch; continuing with smaller batches"
    ]


def test_a_model_that_gives_no_numbers(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Tagger.load(root / "bert-iob2", device="cpu", threads=1)
    run = broken._encoder.run
    for bad in (np.nan, np.inf):
        monkeypatch.setattr(broken._encoder, "run", lambda ids, lengths, bad=bad: run(ids, lengths) + np.float32(bad))
        with pytest.raises(InternalError, match="tagging: expected finite numbers from the model, got NaN or infinity"):
            broken.tag([["a"]])


@pytest.mark.parametrize("sentences", [[], [[]], [[]] * 100_000])
def test_nothing_to_tag(tagger: Tagger, sentences: list[list[str]]) -> None:
    tagged = tagger.tag(sentences)
    assert tagged.probabilities.values.shape == (0, 9)
    assert tagged.probabilities.values.dtype == tagged.scores.dtype == np.float32
    assert len(tagged.words) == len(tagged.probabilities) == len(tagged.entities) == len(sentences)
    assert tagged.counts["windows"] == 0
    assert len(tagged.labelled()) == len(sentences)


def test_lists_and_columns(tagger: Tagger) -> None:
    sentences = SENTENCES[:5]
    for words in (columns(sentences), Words(offsets_of(sentences), columns(sentences).strings.cast(pa.large_string()))):
        assert spans(tagger.tag(words)) == spans(tagger.tag(sentences))


def test_temperature(loaded: Loaded) -> None:
    tagger, original = loaded
    sentences = SENTENCES[::9]
    plain = tagger.tag(sentences)
    for t in (0.3, 2.5):
        found = tagger.tag(sentences, TaggerOptions(temperature=t))
        assert_close(rows(found.probabilities), [original.probabilities(words, t) for words in sentences])
        assert spans(found) == spans(plain)
    for t in (1e-6, 1e6):  # sharp, and all alike: still probabilities, still the same labels
        found = tagger.tag(sentences, TaggerOptions(temperature=t))
        np.testing.assert_allclose(found.probabilities.values.sum(axis=1), 1, atol=1e-6)
        assert spans(found) == spans(plain)


HUGE = float(np.float32(3e38))
LOGITS = st.floats(-HUGE, HUGE, width=32)


@given(
    logits=st.lists(st.lists(LOGITS | st.floats(-20, 20, width=32), min_size=5, max_size=5), min_size=1, max_size=4),
    temperature=st.sampled_from([1e-6, 0.01, 0.5, 1.0, 3.0, 1e6]),
)
def test_softmax_is_torch_s(logits: list[list[float]], temperature: float) -> None:
    array = np.array(logits, np.float32)
    shifted = torch.tensor(array.astype(np.float64) - array.max(axis=1, keepdims=True).astype(np.float64))
    expected = torch.softmax(shifted / temperature, dim=-1).numpy()
    found = softmax(array, temperature)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * max(1, abs(shifted.numpy()).max() / 1e4))


def test_softmax_of_logits_is_torch_s_in_float32() -> None:
    array = np.random.default_rng(3).normal(scale=6, size=(5000, 9)).astype(np.float32)
    for t in (1.0, 0.7, 4.0):
        np.testing.assert_allclose(
            softmax(array, t), torch.softmax(torch.tensor(array) / t, dim=-1).numpy(), rtol=0, atol=1e-6
        )


@given(data=st.data(), names=st.sampled_from([IOB1, IOB2, ("O", "I-PER", "I-LOC"), ("B-A", "O", "E-A", "S-A", "I-A")]))
def test_decoding_is_lenient(data: st.DataObject, names: tuple[str, ...]) -> None:
    """conlleval's reading of any sequence, by the plain reference."""
    sentences = data.draw(st.lists(st.lists(st.sampled_from(names), max_size=8), max_size=4))
    labels = TagSet.read(names)
    best = np.array([names.index(tag) for tags in sentences for tag in tags], np.int32)
    e = labels.decode(offsets_of(sentences), best)
    found = [
        [(start, end, labels.classes[label]) for start, end, label in row]
        for row in by_sentence(e.offsets, e.start, e.end, e.label)
    ]
    parts = [[tag.partition("-") for tag in tags] for tags in sentences]
    assert found == [decode([(prefix, label) for prefix, _, label in tags], "any") for tags in parts]


def test_rename_and_drop(tagger: Tagger) -> None:
    plain = spans(tagger.tag(SENTENCES))
    options = TaggerOptions(rename={"PER": "PERSON", "ORG": "X", "LOC": "X"}, drop=("MISC",))
    found = tagger.tag(SENTENCES, options)
    new = {"PER": "PERSON", "ORG": "X", "LOC": "X"}
    expected = [[(a, b, new[name]) for a, b, name in row if name != "MISC"] for row in plain]
    assert spans(found) == expected
    assert found.labels == ("PERSON", "X")  # one class under one name
    assert found.probabilities.tags == IOB2  # of the model, whatever its classes are called
    assert spans(tagger.tag(SENTENCES, TaggerOptions(rename={"ORG": "MISC"}, drop=("MISC",)))) == [
        [(a, b, name) for a, b, name in row if name in ("PER", "LOC")] for row in plain
    ]
    nothing = tagger.tag(SENTENCES, TaggerOptions(drop=("PER", "ORG", "LOC", "MISC")))
    assert nothing.labels == ()
    assert not any(spans(nothing))
    assert len(nothing.labelled().tags()) == len(SENTENCES)


def test_swapped_names(tagger: Tagger) -> None:
    found = tagger.tag(SENTENCES, TaggerOptions(rename={"PER": "LOC", "LOC": "PER"}))
    assert found.labels == ("LOC", "ORG", "PER", "MISC")
    swap = {"PER": "LOC", "LOC": "PER"}
    expected = [[(a, b, swap.get(name, name)) for a, b, name in row] for row in spans(tagger.tag(SENTENCES))]
    assert spans(found) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rename": {"PERSON": "PER"}}, r"rename: .* classes of the model, PER, ORG, LOC, MISC, got 'PERSON'"),
        ({"drop": ("DATE",)}, r"drop: expected classes of the model, PER, ORG, LOC, MISC, got 'DATE'"),
        ({"rename": {"MISC": "X"}, "drop": ("MISC",)}, r"drop: .* PER, ORG, LOC, X, got 'MISC'"),
        ({"rename": {"MISC": "a b"}}, "expected non-empty names without white space, got 'a b'"),
        ({"drop": "MISC"}, "drop: expected a tuple of classes, got 'MISC'"),
        ({"temperature": 0.0}, r"temperature: expected a number from 1e-06 to 1e\+06, got 0.0"),
        ({"temperature": float("nan")}, "temperature: .* got nan"),
        ({"batch_tokens": 0}, "batch_tokens: expected None or at least 1, got 0"),
        ({"overlap": -1}, "overlap: expected at least 0, got -1"),
        ({"overlap": 126}, "overlap: expected 0 to below the 126 subwords a window holds, got 126"),
    ],
)
def test_options_that_cannot_be(tagger: Tagger, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tagger.tag(SENTENCES[:1], TaggerOptions(**options))


def test_words_that_cannot_be(tagger: Tagger) -> None:
    with pytest.raises(InputError, match=r"words: sentence 1, item 0: expected .* got '\\udc00'") as caught:
        tagger.tag([["a"], ["\udc00"]])
    assert caught.value.sentence == 1
    with pytest.raises(InputError, match="words: expected words to tag, got only their number"):
        tagger.probabilities(Words(np.array([0, 2])))
    with pytest.raises(InputError, match="words: sentence 0: expected a last offset equal to the 1 words, got 2"):
        tagger.tag(Words(np.array([0, 2]), pa.array(["a"])))
    with pytest.raises(InputError, match="words: sentence 0, item 1: expected a word, got null"):
        tagger.tag(Words(np.array([0, 2]), pa.array(["a", None])))


def test_scores_and_labelled_sentences(tagger: Tagger) -> None:
    tagged = tagger.tag(SENTENCES)
    e = tagged.entities
    assert tagged.scores.dtype == np.float32
    sentence = np.repeat(np.arange(len(SENTENCES)), np.diff(e.offsets))
    best = [row.max(axis=1) for row in rows(tagged.probabilities)]
    for i, s in enumerate(sentence.tolist()):
        assert tagged.scores[i] == pytest.approx(best[s][e.start[i] : e.end[i]].mean(), abs=1e-6)
    result = tagged.labelled(pa.array(range(len(SENTENCES))))
    assert [[(e.start, e.end, e.label) for e in sentence.entities] for sentence in result] == spans(tagged)
    assert result.scores.tolist() == tagged.scores.round(4).tolist()  # the last digits depend on the batch
    assert [sentence.id for sentence in result] == list(range(len(SENTENCES)))


def test_class_columns(root: Path, tagger: Tagger) -> None:
    """What the NER score reads: B- and I- of a class, or the one the model has for both."""
    assert tagger.probabilities([["a"]]).class_columns() == {
        "PER": (1, 2),
        "ORG": (3, 4),
        "LOC": (5, 6),
        "MISC": (7, 8),
    }
    iob1 = Tagger.load(root / "xlmr-iob1", device="cpu").probabilities([["a"]])
    assert iob1.class_columns() == {"LOC": (0, 3), "MISC": (1, 4), "ORG": (2, 5), "PER": (6, 6)}


# --- folders ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(root / "bert-iob2", tmp_path / "model"))


def change_settings(folder: Path, **changes: Any) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["settings"] = {k: v for k, v in (manifest["settings"] | changes).items() if v is not None}
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_folders_that_hold_no_tagger(root: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected the folder of an exported tagger, got nothing there"):
        Tagger.load(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"got one without manifest\.json but a Hugging Face checkpoint"):
        Tagger.load(root / "checkpoint" / "bert-iob2")
    export_aligner(tiny_bert(tmp_path / "bert"), tmp_path / "aligner", layer=2)
    with pytest.raises(InputError, match="expected a tagger, got an aligner"):
        Tagger.load(tmp_path / "aligner")


def test_files_that_were_changed(folder: Path) -> None:
    file = folder / "model.onnx"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(InputError, match=r"model\.onnx: expected SHA-256 .*changed or is corrupted"):
        Tagger.load(folder)
    file.write_bytes(data[:-5])
    with pytest.raises(InputError, match=r"model\.onnx: expected [\d,]+ bytes, got"):
        Tagger.load(folder, verify=False)
    (folder / "tokenizer.json").unlink()
    file.write_bytes(data)
    with pytest.raises(InputError, match=r"tokenizer\.json: expected a file of [\d,]+ bytes, got nothing there"):
        Tagger.load(folder, verify=False)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, r"settings\.labels: expected a value, got none"),
        (["O", "B-PER"], "expected 9 tags as in the model, got 2"),
        ([f"LABEL_{i}" for i in range(9)], "labels: expected O among them, got LABEL_0"),
        (["O", *(f"LABEL_{i}" for i in range(8))], "tags: expected O or a prefix of B, I, .* got 'LABEL_0'"),
        (["O", "O"], "labels: expected distinct names"),
    ],
)
def test_labels_that_are_none(folder: Path, labels: list[str] | None, message: str) -> None:
    change_settings(folder, labels=labels)
    with pytest.raises(InputError, match=rf"model/manifest\.json: .*{message}"):
        Tagger.load(folder)


def test_devices(root: Path) -> None:
    assert str(Tagger.load(root / "bert-iob2", device="cpu").device) == "cpu"
    with pytest.raises(InputError, match='device: expected "auto", "cpu", "cuda" or "cuda:N", got \'gpu\''):
        Tagger.load(root / "bert-iob2", device="gpu")


def test_class_map_of_no_entities() -> None:
    none = np.zeros(0, np.int32)
    empty = Entities(np.zeros(3, np.int64), none, none, none)
    assert ClassMap.make((), {}, ()).apply(empty) is empty
