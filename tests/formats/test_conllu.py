"""CoNLL-U: words, ids, texts, and entities in the last column; the package conllu reads the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command import fails, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xproj_fast.errors import InputError
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import open_sentences, read_labelled, read_sentences

NORNE = """# newdoc id = 1
# sent_id = 000001
# text = Ada Lovelace bor i Oslo.
1	Ada	Ada	PROPN	_	_	3	nsubj	_	name=B-PER
2	Lovelace	Lovelace	PROPN	_	_	1	flat	_	name=I-PER
3	bor	bo	VERB	_	_	0	root	_	name=O
4	i	i	ADP	_	_	5	case	_	name=O
5	Oslo	Oslo	PROPN	_	_	3	obl	_	SpaceAfter=No|name=B-LOC
6	.	$.	PUNCT	_	_	3	punct	_	name=O

# sent_id = 000002
# text = Vai ao Rio
1	Vai	ir	VERB	_	_	0	root	_	name=O
2-3	ao	_	_	_	_	_	_	_	_
2	a	a	ADP	_	_	4	case	_	name=O
3	o	o	DET	_	_	4	det	_	name=O
3.1	(e)	_	_	_	_	_	_	_	_
4	Rio	Rio	PROPN	_	_	1	obl	_	name=B-LOC
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_what_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "x.conllu", NORNE)
    found = read_sentences(path)
    assert found.words.to_lists() == [["Ada", "Lovelace", "bor", "i", "Oslo", "."], ["Vai", "a", "o", "Rio"]]
    assert found.labelled().tags() == [["B-PER", "I-PER", "O", "O", "B-LOC", "O"], ["O", "O", "O", "B-LOC"]]
    assert found.ids is not None
    assert found.ids.to_pylist() == ["000001", "000002"]
    assert found.words.texts is not None
    assert found.words.texts.to_pylist() == ["Ada Lovelace bor i Oslo.", "Vai ao Rio"]
    assert found.lines.tolist() == [4, 13]
    reader = open_sentences(path)
    reader.read(10)
    assert reader.left_out() == ["2 ranges and empty nodes of CoNLL-U skipped"]


@pytest.mark.parametrize("size", [1, 2, 5])
def test_chunks_make_no_difference(tmp_path: Path, size: int) -> None:
    path = write(tmp_path / "x.conllu", (NORNE + "\n") * 3)
    reader, words, tags = open_sentences(path), [], []
    while len(chunk := reader.read(size)):
        words += chunk.words.to_lists()
        tags += chunk.labelled().tags()
    whole = read_labelled(path)
    assert (words, tags) == (whole.words.to_lists(), whole.tags())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "1\tAda\tname=B-PER\n",
            r":1: expected the 10 columns of CoNLL-U with tabs between them, got 3: .*--word-column",
        ),
        (NORNE.replace("3\tbor", "4\tbor"), r":6: expected word 3 in the first column, got '4'"),
        (NORNE.replace("1\tAda\t", "1\t\t"), r":4: expected a word in the second column, got ''"),
        (
            NORNE.replace("name=B-LOC", "NE=B-LOC", 1),
            r":8: expected entities under one name .*, got name, NE \(--misc-key",
        ),
        (NORNE.replace("name=", "entity="), r": expected entities in the last column, under name or NER .*, got none"),
        (NORNE.replace("name=I-PER", "name=I-LOC"), r":5: .*I-LOC"),
        (NORNE.replace("# sent_id = 000002\n", ""), r":12: expected a comment '# sent_id = ...' before it"),
        (NORNE.replace("# sent_id = 000001\n", ""), r":12: expected no comment '# sent_id = ...' before it"),
    ],
)
def test_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path / "x.conllu", text)
    with pytest.raises(InputError, match=rf"x\.conllu{message}"):
        read_labelled(path)


def test_a_key_that_no_word_has(tmp_path: Path) -> None:
    path = write(tmp_path / "x.conllu", NORNE)
    with pytest.raises(InputError, match=r"x\.conllu: expected entities in the last column, under 'nmae', got none"):
        read_labelled(path, conll=ConllOptions(misc_key="nmae"))
    assert len(read_sentences(path, entities=False, conll=ConllOptions(misc_key="nmae"))) == 2
    assert not len(read_sentences(write(tmp_path / "y.conllu", "# nothing\n")))


def test_texts_that_are_others(tmp_path: Path) -> None:
    text = NORNE.replace("# text = Ada Lovelace bor i Oslo.\n", "").replace("Vai ao Rio", "something else")
    reader = open_sentences(write(tmp_path / "x.conllu", text))
    found = reader.read(10)
    assert found.words.texts is not None
    assert found.words.texts.to_pylist() == ["Ada Lovelace bor i Oslo.", "Vai a o Rio"]  # SpaceAfter=No
    assert reader.left_out()[1] == "1 raw text without its words in it: the words, joined, stand for it"


def test_another_key(tmp_path: Path) -> None:
    path = write(tmp_path / "x.conllu", NORNE.replace("name=", "entity="))
    assert read_labelled(path, conll=ConllOptions(misc_key="entity")).tags()[1] == ["O", "O", "O", "B-LOC"]
    assert read_sentences(path, entities=False).words.to_lists()[1] == ["Vai", "a", "o", "Rio"]


WORD = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=6).filter(
    lambda word: word != "_"
)
SENTENCE = st.tuples(st.lists(WORD, min_size=1, max_size=6), st.booleans(), st.booleans())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(SENTENCE, min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_the_words_that_conllu_reads(tmp_path: Path, sentences: list[Any], end: str) -> None:
    conllu = pytest.importorskip("conllu", reason="conllu is not installed (extra: engines)")
    lines = []
    for words, with_range, with_empty in sentences:
        lines.append("# text = " + " ".join(words))
        for i, word in enumerate(words, 1):
            if with_range and i == 1 and len(words) > 1:
                lines.append("1-2\tx" + "\t_" * 8)
            lines.append(f"{i}\t{word}" + "\t_" * 7 + "\tname=O")
            if with_empty:
                lines.append(f"{i}.1\ty" + "\t_" * 8)
        lines.append("")
    path = tmp_path / "x.conllu"
    path.write_bytes("".join(line + end for line in lines).encode())
    expected = [
        [token["form"] for token in sentence if isinstance(token["id"], int)]
        for sentence in conllu.parse("\n".join(lines) + "\n")
    ]
    assert read_sentences(path).words.to_lists() == expected


LINES = st.lists(
    st.one_of(
        st.just(""),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        st.builds(lambda i, word, misc: f"{i}\t{word}" + "\t_" * 7 + f"\t{misc}", st.integers(0, 3), WORD, WORD),
        st.sampled_from(
            ["1\ta" + "\t_" * 7 + "\tname=B-X", "# sent_id = 1", "# text = a", "1-2\tx" + "\t_" * 8, "\r", "\t"]
        ),
    ),
    max_size=9,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(LINES, st.booleans(), st.integers(1, 3))
def test_anything_is_read_or_refused(tmp_path: Path, lines: list[str], ended: bool, size: int) -> None:
    path = tmp_path / "x.conllu"
    path.write_bytes(("\n".join(lines) + "\n" * ended).encode())
    try:
        whole = read_sentences(path, entities=False)
    except InputError as error:
        assert str(path) in str(error)  # noqa: PT017 - it may also be read
        return
    reader, words = open_sentences(path, entities=False), []
    while len(chunk := reader.read(size)):
        words += chunk.words.to_lists()
    assert words == whole.words.to_lists()


def test_commands(tmp_path: Path) -> None:
    path = write(tmp_path / "x.conllu", NORNE)
    run("convert", "--source", path, "-o", tmp_path / "x.jsonl")
    assert read_labelled(tmp_path / "x.jsonl").tags() == read_labelled(path).tags()
    message = fails(
        "convert", "--source", write(tmp_path / "y.conllu", NORNE.replace("name=", "e=")), "-o", tmp_path / "y"
    )
    assert "y.conllu" in message or "suffix" in message
    run("evaluate", path, tmp_path / "x.jsonl")
    (tmp_path / "t.words").write_text("Ada Lovelace lives in Oslo .\ngo to Rio\n")
    (tmp_path / "a.pharaoh").write_text("0-0 1-1 4-4\n3-2\n")
    files = ("--source", path, "--target", tmp_path / "t.words", "--alignments", tmp_path / "a.pharaoh")
    run("project", *files, "-o", tmp_path / "p.conll", "--scores", "alignment")
    assert read_labelled(tmp_path / "p.conll").tags()[1] == ["O", "O", "B-LOC"]
