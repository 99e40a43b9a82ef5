"""One text in every shape that its readers promise to read, written by hand: bytes, file name and options of each."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

WORDS = [["Anna", "Smith", "lives", "in", "New", "York", "."], ["Bonn", "!"], ["It", "rains", "#", "again", "."]]
TAGS = [
    ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "O"],
    ["B-LOC", "O"],
    ["O", "O", "O", "O", "O"],
]
ENTITIES = [[(0, 2, "PER"), (4, 6, "LOC")], [(0, 1, "LOC")], []]
TEXTS = ["Anna Smith lives in New York.", "Bonn!", "It rains # again."]


@dataclass(frozen=True)
class Shape:
    """A file.

    Attributes:
        name: of the file; its suffix names the format.
        data: what it holds.
        options: of the commands that read columns or records.
        labelled: whether it has the labels, too.
    """

    name: str
    data: bytes
    options: tuple[str, ...] = ()
    labelled: bool = True


def columns(rows: Any, *, first: str = "", before: str = "", between: str = "\n", end: str = "\n") -> bytes:
    """Write a line for each (sentence, word, word number, tag)."""
    blocks = [
        before.format(s=s) + "".join(rows(s, w, i, t) + "\n" for i, (w, t) in enumerate(zip(words, tags, strict=True)))
        for s, (words, tags) in enumerate(zip(WORDS, TAGS, strict=True))
    ]
    return (first + between.join(blocks)).replace("\n", end).encode()


def simple(cell: str = "\t") -> Any:
    return lambda s, word, i, tag: f"{word}{cell}{tag}"


def iob1(s: int, word: str, i: int, tag: str) -> str:
    return f"{word} {tag.replace('B-', 'I-')}"


def bilou(s: int, word: str, i: int, tag: str) -> str:
    last = i + 1 == len(TAGS[s]) or not TAGS[s][i + 1].startswith("I-")
    swap = {"B": "U" if last else "B", "I": "L" if last else "I", "O": "O"}
    return f"{word}\t{swap[tag[0]]}{tag[1:]}"


def conllu(s: int, word: str, i: int, tag: str) -> str:
    line = f"{i + 1}\t{word}\t{word.lower()}\tX\tX\t_\t{i}\tdep\t_\t{tag}"
    joined = f"{i + 1}-{i + 2}\t{word}York\t_\t_\t_\t_\t_\t_\t_\t_\n" if word == "New" else ""
    empty = f"\n{i + 1}.1\tis\t_\t_\t_\t_\t_\t_\t_\t_" if word == "rains" else ""
    return joined + line + empty


def offsets(s: int) -> list[tuple[int, int]]:
    found, at = [], 0
    for word in WORDS[s]:
        start = TEXTS[s].index(word, at)
        at = start + len(word)
        found.append((start, at))
    return found


def records(make: Any) -> bytes:
    lines = []
    for s, text in enumerate(TEXTS):
        spans = [(offsets(s)[a][0], offsets(s)[b - 1][1], label, a, b) for a, b, label in ENTITIES[s]]
        lines.append(json.dumps(make(s, text, spans)) + "\n")
    return "".join(lines).encode()


def spacy(s: int, text: str, spans: Any) -> dict[str, Any]:
    return {"text": text, "entities": [[a, b, label] for a, b, label, *_ in spans]}


def prodigy(s: int, text: str, spans: Any) -> dict[str, Any]:
    tokens = [{"text": text[a:b], "start": a, "end": b, "id": i} for i, (a, b) in enumerate(offsets(s))]
    found = [
        {"start": a, "end": b, "label": label, "text": text[a:b], "token_start": first, "token_end": last - 1}
        for a, b, label, first, last in spans
    ]
    return {"text": text, "tokens": tokens, "spans": found, "answer": "accept"}


def doccano(s: int, text: str, spans: Any) -> dict[str, Any]:
    return {"id": s, "text": text, "label": [[a, b, label] for a, b, label, *_ in spans], "Comments": []}


def doccano_objects(s: int, text: str, spans: Any) -> dict[str, Any]:
    found = [{"id": i, "label": n, "start_offset": a, "end_offset": b} for i, (a, b, n, *_) in enumerate(spans)]
    return {"id": s, "text": text, "entities": found, "relations": []}


def hub_table() -> Any:
    return pa.table({"id": ["0", "1", "2"], "tokens": WORDS, "ner_tags": TAGS})


def parquet(table: Any) -> bytes:
    out = BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def ipc(table: Any) -> bytes:
    out = BytesIO()
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


PLAIN = columns(simple())
CONLL_2003 = columns(lambda s, word, i, tag: f"{word} NN B-NP {tag}", first="-DOCSTART- -X- -X- O\n\n", between="\n")
GERMEVAL = columns(
    lambda s, word, i, tag: f"{i + 1}\t{word}\t{tag}\tO", before="#\thttp://de.example.org/{s}\t[2010-07-04]\n"
)
LABELLED = [
    Shape("tab.conll", PLAIN),
    Shape("space.conll", columns(simple(" "))),
    Shape("crlf.conll", b"\xef\xbb\xbf" + columns(simple(), end="\r\n")),
    Shape("unended.conll", PLAIN.rstrip(b"\n")),
    Shape("blanks.conll", b"\n \n" + columns(simple(), between="\n\t\n\n")),
    Shape("packed.conll.gz", gzip.compress(PLAIN)),
    Shape("packed.conll.zst", pa.compress(PLAIN, codec="zstd", asbytes=True)),
    Shape("iob1.iob", columns(iob1), ("--scheme", "iob1")),
    Shape("bilou.conll", columns(bilou), ("--scheme", "bilou")),
    Shape("2003.conll", CONLL_2003, ("--docstart", "skip")),
    Shape("2003-joined.conll", CONLL_2003.replace(b"O\n\n", b"O\n", 1), ("--docstart", "skip")),
    Shape("tagfirst.bio", columns(lambda s, w, i, t: f"{t}\t{w}"), ("--word-column", "1", "--tag-column", "0")),
    Shape("germeval.tsv", GERMEVAL, ("--word-column", "1", "--tag-column", "2")),
    Shape("panx.tsv", columns(lambda s, w, i, t: f"en:{w}\t{t}")),
    Shape("comments.conll", columns(simple(" "), before="# id = {s}\n# text = a B-52\n")),
    Shape("ids.conll", columns(lambda s, w, i, t: f"{w} _ _ {t}", before="# id 1{s} domain=en\n")),
    Shape("trailing.conll", columns(lambda s, w, i, t: f"{w}\t{t}" + "\t" * (i % 2))),
    Shape("ud.conllu", columns(conllu, before="# sent_id = {s}\n# text = x\n"), ("--word-column", "1")),
    Shape("spacy.jsonl", records(spacy)),
    Shape("prodigy.jsonl", records(prodigy)),
    Shape("doccano.jsonl", records(doccano)),
    Shape("relations.jsonl", records(doccano_objects)),
    Shape("hub.parquet", parquet(hub_table())),
    Shape("hub.arrow", ipc(hub_table())),
]
TEXT = [
    Shape("raw.txt", "".join(text + "\n" for text in TEXTS).encode(), labelled=False),
    Shape("raw-crlf.txt", "\r\n".join(TEXTS).encode(), labelled=False),
    Shape("tokenized.words", "".join(" ".join(words) + "\n" for words in WORDS).encode(), labelled=False),
    Shape("tokenized.txt", "".join("\t".join(w) + "\n" for w in WORDS).encode(), ("--tokenized",), labelled=False),
    Shape("tokenized.tok", "\r\n".join(" ".join(words) for words in WORDS).encode(), labelled=False),
]
