"""What is fuzzed: bytes become a file, the file is read, and everything that was read is looked at.

An ``InputError`` that names the file is a right answer to any bytes, and what is read must be good: every other
exception is a failure. Options are drawn from a checksum of the bytes, so that the corpus is plain files.
"""

from __future__ import annotations

import random
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xproj_fast import iter_pairs, project
from xproj_fast.arrow_columns import pairs_to_arrow
from xproj_fast.errors import InputError
from xproj_fast.formats.conll import ConllOptions
from xproj_fast.formats.files import open_sentences
from xproj_fast.formats.json_entities import ENTITIES_KEYS
from xproj_fast.formats.json_offsets import UNITS
from xproj_fast.formats.jsonl import JsonlOptions
from xproj_fast.formats.pair_files import ReadOptions
from xproj_fast.formats.sentences import Sentences
from xproj_fast.models.manifest import KINDS, MANIFEST, read_manifest
from xproj_fast.pairs import SentencePairs
from xproj_fast.runs.journal import read_journal
from xproj_fast.runs.layout import JOURNAL, file_layout
from xproj_fast.runs.parts import open_parts
from xproj_fast.runs.run_manifest import read_run_manifest
from xproj_fast.tag_columns import TAG_NAMES, TAGS_KEYS
from xproj_fast.tags import SCHEMES

CHUNKS = (1, 3, 1000)
MODEL_FILES = {"model.onnx": b"onnx", "tokenizer.json": b"{}"}  # what the corpus' model manifests list
MADE_FROM = {"inputs": ["x"], "options": {"limit": "<=1"}}  # what the corpus' run manifests are made from
PART = b"John\tB-PER\n\n"


@dataclass(frozen=True, slots=True)
class Target:
    """How one kind of file is fuzzed.

    Attributes:
        file: the name of the file that the bytes become.
        use: reads it; the choices are its own.
        binary: structure lies at fixed places: see ``mutation``.
    """

    file: str
    use: Callable[[Path, random.Random], None]
    binary: bool = False

    def run(self, data: bytes, folder: Path) -> bool:
        """Write the bytes into a folder, which is emptied before, and read them; return whether they were good."""
        for left in folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        path = folder / self.file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        try:
            self.use(path, random.Random(zlib.crc32(data)))
        except InputError as error:
            if str(folder if path.name in (MANIFEST, JOURNAL) else path) not in str(error):
                raise AssertionError(f"expected an error that names the file, got {error}") from error
            return False
        return True


def check_sentences(sentences: Sentences) -> None:
    """Look at everything; what a reader hands out is good, so no InputError of this says that a file is broken."""
    try:
        pairs = SentencePairs.from_columns(
            sentences.words,
            sentences.words,
            sentences.entities or SentencePairs.from_lists([[]] * len(sentences), [[]] * len(sentences), []).entities,
            sentences.labels,
            None,
            sentences.ids,
            nested=True,
        )
        pairs_to_arrow(pairs).to_pylist()
    except InputError as error:
        raise AssertionError(f"expected good sentences of a reader, got {error}") from error
    assert len(sentences.lines) == len(sentences)


def read_sentences(path: Path, options: random.Random, conll: ConllOptions, jsonl: JsonlOptions) -> None:
    """Read a file in chunks, with entities, as all but target files are, or without."""
    entities = options.random() < 0.9
    reader = open_sentences(path, conll=conll, jsonl=jsonl, entities=entities)
    count = options.choice(CHUNKS)
    while len(sentences := reader.read(count)):
        if entities:
            check_sentences(sentences)
        assert 0 <= reader.share_read <= 1
    reader.left_out()


def jsonl_options(options: random.Random) -> JsonlOptions:
    """Draw how records are read."""
    return JsonlOptions(
        entities_key=options.choice(("auto", "auto", *ENTITIES_KEYS, *TAGS_KEYS)),
        tokens_key=options.choice(("tokens", "tokens", None)),
        id_key=options.choice(("id", None)),
        snap=options.random() < 0.5,
        offsets=options.choice(tuple(UNITS)),
        tag_names=options.choice((None, *TAG_NAMES)),
    )


def use_jsonl(path: Path, options: random.Random) -> None:
    """Read JSON Lines."""
    scheme = ConllOptions(scheme=options.choice(tuple(SCHEMES)))
    read_sentences(path, options, scheme, jsonl_options(options))


def use_conll(path: Path, options: random.Random) -> None:
    """Read columns."""
    conll = ConllOptions(
        scheme=options.choice(tuple(SCHEMES)),
        word_column=options.choice((None, None, 0, 1, -2)),
        tag_column=options.choice((-1, -1, 0, 1)),
        separator=options.choice(("auto", "auto", "tab", "space")),
        docstart=options.choice(("keep", "skip")),
        empty_sentences=options.random() < 0.3,
        keep_prefix=options.random() < 0.3,
    )
    read_sentences(path, options, conll, JsonlOptions())


def use_arrow(path: Path, options: random.Random) -> None:
    """Read Parquet or Arrow, as sentence pairs or as sentences of one language."""
    if options.random() < 0.5:
        read_sentences(path, options, ConllOptions(scheme=options.choice(tuple(SCHEMES))), jsonl_options(options))
        return
    for pairs in iter_pairs(path, options=ReadOptions(nested=options.random() < 0.5), chunk=options.choice(CHUNKS)):
        try:
            pairs_to_arrow(pairs).to_pylist()
            if pairs.alignments is not None:
                result = project(pairs)
                result.tags()
                result.to_arrow().to_pylist()
        except InputError as error:
            raise AssertionError(f"expected good pairs of a reader, got {error}") from error


def use_model_manifest(path: Path, options: random.Random) -> None:
    """Read the manifest of a model folder, and check its files."""
    for name, content in MODEL_FILES.items():
        (path.parent / name).write_bytes(content)
    said = [kind for kind in KINDS if f'"{kind}"'.encode() in path.read_bytes()]
    manifest = read_manifest(path.parent, options.choice((*said * 9, *KINDS)), verify=options.random() < 0.7)
    assert manifest.identity
    assert manifest.to_json()


def go_on(output: Path, options: random.Random) -> None:
    """Go on with a run."""
    with open_parts(file_layout(str(output))[0], MADE_FROM, resume=options.random() < 0.9) as (parts, _):
        assert parts.done >= 0
        assert parts.counts.total() is not None


def use_journal(path: Path, options: random.Random) -> None:
    """Read the journal of an interrupted run, and go on with that run."""
    (path.parent / "part-000000.conll").write_bytes(PART)
    read_journal(path)
    go_on(path.parent.with_suffix(""), options)


def use_run_manifest(path: Path, options: random.Random) -> None:
    """Read the manifest of a finished run, and find out whether it must be done anew."""
    output = path.with_name(path.name.removesuffix("." + MANIFEST))
    output.write_bytes(PART)
    read_run_manifest(path)
    go_on(output, options)


TARGETS = {
    "jsonl": Target("x.jsonl", use_jsonl),
    "conll": Target("x.conll", use_conll),
    "parquet": Target("x.parquet", use_arrow, binary=True),
    "ipc": Target("x.arrow", use_arrow, binary=True),
    "model_manifest": Target("model/" + MANIFEST, use_model_manifest),
    "run_journal": Target("x.conll.parts/" + JOURNAL, use_journal),
    "run_manifest": Target("x.conll." + MANIFEST, use_run_manifest),
}
