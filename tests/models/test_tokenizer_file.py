"""Tokenizers that were made to do harm: an error with the file's name, before memory is short or time has passed."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

tokenizers = pytest.importorskip("tokenizers", reason="pip install 'xproj-fast[models]'")

from xproj_fast.errors import InputError  # noqa: E402
from xproj_fast.lists import word_columns  # noqa: E402
from xproj_fast.models import tokenizer_file  # noqa: E402
from xproj_fast.models.subtokens import TextTokenizer  # noqa: E402
from xproj_fast.models.tokenizer import WordTokenizer  # noqa: E402

BOTH = pytest.mark.parametrize("kind", [WordTokenizer, TextTokenizer])
TENFOLD = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 10}
BOMB = {"type": "Split", "pattern": {"Regex": "(a+)+$x"}, "behavior": "Isolated", "invert": False}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def made(**parts: Any) -> Path:
        model = tokenizers.models.Unigram([("<unk>", 0.0), ("a", -1.0), ("b", -1.5)], unk_id=0)
        data = json.loads(tokenizers.Tokenizer(model).to_str()) | parts
        (tmp_path / "tokenizer.json").write_text(json.dumps(data))
        return tmp_path / "tokenizer.json"

    return made


def charsmap(*values: str) -> dict[str, Any]:
    """Return a table of characters with nothing in its trie."""
    data = (4).to_bytes(4, "little") + bytes(4) + b"\0".join(value.encode() for value in values)
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(data).decode()}


@BOTH
@pytest.mark.parametrize(
    ("normalizers", "times", "more"),
    [
        ([TENFOLD] * 9, "1,000,000,000", "0"),
        ([{"type": "Replace", "pattern": {"Regex": "(?=.)"}, "content": "a" * 200}] * 2, "40,401", "40,400"),
        ([{"type": "Sequence", "normalizers": [TENFOLD] * 3}, {"type": "NFKC"}, TENFOLD], "110,000", "0"),
        ([{"type": "Prepend", "prepend": "a" * 100_001}], "1", "100,001"),
        ([charsmap("a", "b" * 20_000, "c")], "20,000", "0"),
    ],
)
def test_texts_grow_so_far_and_no_further(
    kind: Any, normalizers: list[Any], times: str, more: str, write: Callable[..., Path]
) -> None:
    file = write(normalizer={"type": "Sequence", "normalizers": normalizers})
    message = rf"normalizer: expected a text to become at most 10,000 times .*, got {times} times and {more} bytes"
    with pytest.raises(InputError, match=message):
        kind(file)


@BOTH
def test_a_decoder_that_grows(kind: Any, write: Callable[..., Path]) -> None:
    file = write(decoder={"type": "Sequence", "decoders": [TENFOLD] * 9})
    with pytest.raises(InputError, match=r"tokenizer\.json: decoder: expected a text to become at most 100 times as"):
        kind(file)


@BOTH
def test_what_real_tokenizers_do(kind: Any, write: Callable[..., Path]) -> None:
    """ALBERT does the most."""
    quotes = [{"type": "Replace", "pattern": {"String": old}, "content": '"'} for old in ("``", "''")]
    spaces = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
    kinds = [{"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, charsmap("x" * 33), spaces]
    kind(write(normalizer={"type": "Sequence", "normalizers": [*quotes, *kinds]}))


def test_a_word_that_may_become_too_large(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer_file, "MOST_BYTES", 1000)
    file = write(normalizer=TENFOLD)
    message = (
        r"tokenizer\.json: expected words and lines of at most 100 bytes, as .* 10 times as large, got one of 102 by"
    )
    with pytest.raises(InputError, match=message):
        WordTokenizer(file).encode(word_columns([["a", "b" * 102]]))
    with pytest.raises(InputError, match=message):
        TextTokenizer(file).encode(["é" * 51])


def test_what_one_call_takes_changes_nothing(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(normalizer=TENFOLD)
    texts = ["a", "b", "ab", "", "ba" * 4, "b"]
    words = word_columns([texts, ["aaa"]])
    whole = WordTokenizer(file).encode(words)
    assert whole.ids.tolist() == [1] * 10 + [2] + [1] * 10 + [2] + ([2] + [1] * 10) * 4 + [2] + [1] * 30
    lines = TextTokenizer(file).encode(texts)
    monkeypatch.setattr(tokenizer_file, "MOST_BYTES", 100)  # two of the words, at four bytes a letter
    parts = WordTokenizer(file).encode(words)
    assert (parts.ids.tolist(), parts.word.tolist()) == (whole.ids.tolist(), whole.word.tolist())
    assert TextTokenizer(file).encode(texts) == lines


def test_a_pattern_that_the_library_gives_up_on(write: Callable[..., Path]) -> None:
    """It panics, which is no Exception: no ``except Exception`` of a caller would see it."""
    file = write(pre_tokenizer=BOMB)
    message = r"tokenizer\.json: expected a tokenizer that takes any text, got: .*retry-limit"
    with pytest.raises(InputError, match=message):
        WordTokenizer(file).encode(word_columns([["a" * 50 + "b"]]))
    with pytest.raises(InputError, match=message):
        TextTokenizer(file).encode(["a" * 50 + "b"])
    assert WordTokenizer(file).encode(word_columns([["b"]])).ids.tolist() == [2]


@BOTH
@pytest.mark.parametrize("pattern", ["(", "[z-a]"])
def test_a_pattern_that_is_none(kind: Any, pattern: str, write: Callable[..., Path]) -> None:
    file = write(pre_tokenizer=BOMB | {"pattern": {"Regex": pattern}})
    with pytest.raises(InputError, match=r"tokenizer\.json: expected a tokenizer that can be read, got: "):
        kind(file)


@BOTH
@pytest.mark.parametrize("text", ["", "{}", "[" * 100_000, '{"model": {"type": "BPE"}}', "\x00"])
def test_files_that_are_no_tokenizer(kind: Any, text: str, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(text)
    with pytest.raises(InputError, match=r"tokenizer\.json: expected a tokenizer that can be read, got: "):
        kind(tmp_path / "tokenizer.json")
    with pytest.raises(InputError, match=r"nowhere: expected a tokenizer file, got nothing there"):
        kind(tmp_path / "nowhere")


@pytest.mark.parametrize(("share", "own", "expected"), [("1", None, "1"), ("1", "3", "3"), (None, None, None)])
def test_the_librarys_threads_are_this_processs_share(
    share: str | None,
    own: str | None,
    expected: str | None,
    write: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its pool looks at a name of its own, and an engine that runs many processes sets the other."""
    for name, value in (("OMP_NUM_THREADS", share), ("RAYON_NUM_THREADS", own)):
        monkeypatch.setenv(name, "") if value is None else monkeypatch.setenv(name, value)
        if value is None:
            monkeypatch.delenv(name)
    tokenizer_file.Tokenizer(write())
    assert os.environ.get("RAYON_NUM_THREADS") == expected
