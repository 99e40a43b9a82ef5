"""Each distinct word is tokenised once: the same subwords as the tokenizer gives whole sentences."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from common import by_sentence, offsets_of
from conftest import shared_data
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("tokenizers", reason="pip install 'xproj-fast[models]'")
from tiny_encoders import demo_sentences
from tokenizers import (
    AddedToken,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from xproj_fast.arrays import Pieces, Words
from xproj_fast.errors import InputError, MissingDependencyError
from xproj_fast.formats.files import read_sentences
from xproj_fast.lists import word_columns
from xproj_fast.models import tokenizer as module
from xproj_fast.models.tokenizer import WordTokenizer

Rows = list[list[tuple[int, int]]]
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f"
CHARACTERS = "aAbß éñÅı'\u2019-.▁Ġ#0½\u0301\u0308\u00a0\u3000\t\n\r\x01日本語ไทยनमस्तेالعربيةЖё가👩🚀🏳🌈" + ZERO_WIDTH
WHOLE = [
    "",
    " ",
    "  a",
    "a ",
    "[MASK]",
    "[CLS]x",
    "<s>",
    "</s>",
    "<mask>",
    "Berlin",
    "x Berlin",
    "▁",
    "▁▁a",
    "##a",
    "ﬁ",
]

words = st.one_of(
    st.sampled_from(WHOLE),
    st.text(CHARACTERS, max_size=8),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(sorted({word for line in demo_sentences() for word in line.split()})),
)
sentence_lists = st.lists(st.lists(words, max_size=12), max_size=6)


def word_piece(lowercase: bool) -> Tokenizer:
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made.train_from_iterator(
        demo_sentences(), trainers.WordPieceTrainer(vocab_size=800, special_tokens=special, show_progress=False)
    )
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return made


def unigram(scheme: str, split_first: bool) -> Tokenizer:
    made = Tokenizer(models.Unigram())
    space = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme=scheme)
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), space]) if split_first else space
    if split_first:
        made.normalizer = normalizers.NFKC()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    made.train_from_iterator(
        demo_sentences(),
        trainers.UnigramTrainer(vocab_size=800, unk_token="<unk>", special_tokens=special, show_progress=False),
    )
    return made


def byte_level(prefix_space: bool) -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        demo_sentences(),
        trainers.BpeTrainer(
            vocab_size=800, initial_alphabet=alphabet, special_tokens=["<s>", "</s>", "<pad>"], show_progress=False
        ),
    )
    made.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0))
    return made


def prepend_bpe() -> Tokenizer:
    """Llama's and NLLB's way: the normalizer puts the mark in front, and spaces become marks."""
    made = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    made.train_from_iterator(
        demo_sentences(), trainers.BpeTrainer(vocab_size=800, special_tokens=["<unk>"], show_progress=False)
    )
    return made


MAKERS: dict[str, Any] = {
    "word-piece-cased": lambda: word_piece(False),
    "word-piece-uncased": lambda: word_piece(True),
    "unigram-xlmr": lambda: unigram("always", True),
    "metaspace-first": lambda: unigram("first", False),
    "metaspace-never": lambda: unigram("never", False),
    "byte-level-prefix": lambda: byte_level(True),
    "byte-level-plain": lambda: byte_level(False),
    "prepend-bpe": prepend_bpe,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Tokenizer files that ask for truncation and padding, and know words of their own."""
    folder = tmp_path_factory.mktemp("tokenizers")
    found = {}
    for name, make in MAKERS.items():
        made = make()
        made.add_tokens([AddedToken("Berlin", single_word=True, lstrip=True), AddedToken("日本", normalized=False)])
        made.add_special_tokens([AddedToken("[X]", rstrip=True)])
        made.enable_truncation(8)
        made.enable_padding(length=16)
        found[name] = folder / f"{name}.json"
        made.save(str(found[name]))
    return found


@pytest.fixture(scope="module", params=list(MAKERS))
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def pair(kind: str, files: dict[str, Path]) -> tuple[WordTokenizer, Tokenizer]:
    """Ours, and the library's."""
    original = Tokenizer.from_file(str(files[kind]))
    original.no_truncation()
    original.no_padding()
    return WordTokenizer(files[kind]), original


def columns(sentences: list[list[str]], large: bool = False) -> Words:
    kind = pa.large_string() if large else pa.string()
    return Words(offsets_of(sentences), pa.array([word for words in sentences for word in words], kind))


def rows_of(pieces: Pieces) -> Rows:
    assert pieces.ids.dtype == pieces.word.dtype == np.int32
    return by_sentence(pieces.offsets, pieces.ids, pieces.word)


def by_library(original: Tokenizer, sentences: list[list[str]]) -> Rows:
    """Whole sentences, each by itself."""
    found = [original.encode(words, is_pretokenized=True, add_special_tokens=False) for words in sentences]
    return [list(zip(encoding.ids, encoding.word_ids, strict=True)) for encoding in found]


@settings(max_examples=150)
@given(sentences=sentence_lists, large=st.booleans())
def test_equals_whole_sentences(pair: tuple[WordTokenizer, Tokenizer], sentences: list[list[str]], large: bool) -> None:
    assert rows_of(pair[0].encode(columns(sentences, large))) == by_library(pair[1], sentences)


def test_demo_texts(pair: tuple[WordTokenizer, Tokenizer]) -> None:
    sentences = [line.split(" ") for line in demo_sentences()]
    expected = by_library(pair[1], sentences)
    assert rows_of(pair[0].encode(columns(sentences))) == expected
    assert rows_of(pair[0].encode(word_columns(sentences[::-1]))) == expected[::-1]


def test_a_word_does_not_depend_on_its_place(pair: tuple[WordTokenizer, Tokenizer]) -> None:
    """What all of this rests on, in the library itself: first, later, and alone."""
    for word in {*WHOLE, "Haus", "日本語", "👩\u200d🚀", "don't"}:
        alone = pair[1].encode([word], is_pretokenized=True, add_special_tokens=False).ids
        whole = pair[1].encode([word, "a", word, word], is_pretokenized=True, add_special_tokens=False)
        for place in (0, 2, 3):
            assert [i for i, w in zip(whole.ids, whole.word_ids, strict=True) if w == place] == alone


def test_equals_transformers(files: dict[str, Path], kind: str) -> None:
    transformers = pytest.importorskip("transformers", reason="pip install 'xproj-fast[export]'")
    original = transformers.PreTrainedTokenizerFast(tokenizer_file=str(files[kind]), add_prefix_space=True)
    sentences = [[*line.split(" "), "\u200b", "", "[X]", "x Berlin"] for line in demo_sentences()[::7]]
    found = original(sentences, is_split_into_words=True, add_special_tokens=False, truncation=False, padding=False)
    expected = [list(zip(found["input_ids"][s], found.word_ids(s), strict=True)) for s in range(len(sentences))]
    file = files[kind].with_suffix(".hf.json")
    original.backend_tokenizer.save(str(file))
    assert rows_of(WordTokenizer(file).encode(word_columns(sentences))) == expected


def test_words_without_a_sub_token_shift_nothing(files: dict[str, Path]) -> None:
    tokenizer = WordTokenizer(files["word-piece-cased"])
    sentences = [["", "a", "\u200b", "b"], [], ["\u200b"], [""], ["a"]]
    found = rows_of(tokenizer.encode(columns(sentences)))
    assert [[word for _, word in row] for row in found] == [[1, 3], [], [], [], [0]]
    assert found[0][0][0] == found[4][0][0]


@pytest.mark.parametrize("sentences", [[], [[]], [[], [], []], [[""]]])
def test_nothing(files: dict[str, Path], sentences: list[list[str]]) -> None:
    pieces = WordTokenizer(files["word-piece-cased"]).encode(columns(sentences))
    assert pieces.offsets.tolist() == [0] * (len(sentences) + 1)
    assert len(pieces.ids) == len(pieces.word) == 0


def test_the_cache_is_bounded_and_never_shows(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = [line.split(" ") for line in demo_sentences()]
    expected = rows_of(WordTokenizer(files["unigram-xlmr"]).encode(columns(sentences)))
    for name, most in (("MOST_WORDS", 40), ("MOST_PIECES", 40), ("GROUP", 3)):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, most)
            tokenizer = WordTokenizer(files["unigram-xlmr"])
            for s, words in enumerate(sentences):
                assert rows_of(tokenizer.encode(columns([words]))) == [expected[s]]
                assert len(tokenizer._known) <= max(module.MOST_WORDS, len(set(words)))


def test_threads_share_a_tokenizer(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WORDS", 100)  # it forgets while others read
    sentences = [line.split(" ") for line in demo_sentences()]
    tokenizer = WordTokenizer(files["byte-level-prefix"])
    expected = rows_of(tokenizer.encode(columns(sentences)))
    order = [i % len(sentences) for i in range(0, 7 * 300, 7)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda s: rows_of(tokenizer.encode(columns([sentences[s]]))), order))
    assert found == [[expected[s]] for s in order]


def test_real_text(files: dict[str, Path]) -> None:
    text = read_sentences(shared_data("conll-translate-test", "es", "en.words"), entities=False).words
    for name in ("word-piece-uncased", "unigram-xlmr", "byte-level-prefix"):
        original = Tokenizer.from_file(str(files[name]))
        original.no_truncation()
        original.no_padding()
        assert rows_of(WordTokenizer(files[name]).encode(text)) == by_library(original, text.to_lists())


def test_lists_that_hold_no_text() -> None:
    with pytest.raises(InputError, match=r"words: sentence 1, item 2: expected .*, got '\\ud83d'") as caught:
        word_columns([["a"], ["b", "c", "\ud83d"]])
    assert caught.value.sentence == 1
    with pytest.raises(InputError, match=r"words: sentence 0, item 1: expected .*, got 3"):
        word_columns([["a", 3]])  # type: ignore[list-item]
    assert word_columns([["a"], [], ["日本", ""]]).to_lists() == [["a"], [], ["日本", ""]]


def test_bytes_that_are_no_text(files: dict[str, Path]) -> None:
    """Arrow does not look into its buffers; here the first half of a surrogate pair, as UTF-8 must not have it."""
    text = b"ab\xed\xa0\xbdc"
    bad = pa.StringArray.from_buffers(3, pa.py_buffer(np.array([0, 2, 5, 6], np.int32)), pa.py_buffer(text))
    with pytest.raises(
        InputError, match=r"words: sentence 1, word 0: expected UTF-8 text, got b'\\xed\\xa0\\xbd'"
    ) as e:
        WordTokenizer(files["word-piece-cased"]).encode(Words(np.array([0, 1, 3]), bad))
    assert e.value.sentence == 1


def test_words_without_strings(files: dict[str, Path]) -> None:
    with pytest.raises(InputError, match="expected words, got only their number"):
        WordTokenizer(files["word-piece-cased"]).encode(Words(np.array([0, 3])))


def test_files_that_are_no_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"tokenizer\.json: expected a tokenizer file, got nothing there"):
        WordTokenizer(tmp_path / "tokenizer.json")
    (tmp_path / "tokenizer.json").write_text('{"version": "1.0"')
    with pytest.raises(InputError, match=r"tokenizer\.json: expected a tokenizer that can be read, got: "):
        WordTokenizer(tmp_path / "tokenizer.json")


def test_without_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'xproj-fast\[models\]'"):
        WordTokenizer(tmp_path / "tokenizer.json")
