"""Files of any format as a dataset of Ray: read by our readers, on the machines that have room, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xproj_fast.errors import InputError
from xproj_fast.formats.registry import by_suffix
from xproj_fast.packages import need
from xproj_fast.runs.inputs import InputOptions, open_input, parts_of
from xproj_fast.runs.models import identity_of_file

if TYPE_CHECKING:
    import pyarrow as pa
    from ray.data import Dataset

ROW = "row"  # the column that tells rows from each other: the file's name and the number of the sentence in it
BLOCK = 4096  # sentences


@dataclass(frozen=True, slots=True)
class SentenceTables:
    """Reads a file of sentences as Arrow tables: ``row``, ``id`` (where there are ids), words, raw text, tags.

    Attributes:
        language: decides how raw text is cut, see ``open_input``.
        reading: how files are read.
        entities: read their tags, too.
    """

    language: str | None
    reading: InputOptions
    entities: bool

    def __call__(self, path: Path, name: str) -> Iterator[pa.Table]:
        """Yield the tables of a file, which ``row`` calls by a name."""
        import pyarrow as pa

        with closing(open_input(path, self.language, self.reading, entities=self.entities)) as reader:
            for part in parts_of(reader, BLOCK):
                sentences = part.sentences
                first = part.first
                rows = [f"{name}:{first + i:09d}" for i in range(len(sentences))]
                columns: dict[str, Any] = {ROW: pa.array(rows, pa.string())}
                if sentences.ids is not None:
                    columns["id"] = sentences.ids
                if self.entities:
                    found = sentences.labelled().to_arrow()
                    strings = pa.list_(pa.string())
                    columns |= {"tokens": found["tokens"].cast(strings), "ner_tags": found["tags"].cast(strings)}
                else:
                    columns["tokens"] = pa.array(sentences.words.to_lists(), pa.list_(pa.string()))
                if sentences.words.texts is not None:
                    columns["text"] = sentences.words.texts.cast(pa.string())
                yield pa.table(columns)


def files_of(path: Path) -> list[Path]:
    """Return a file, or the files of a folder that have a known suffix, by name.

    Raises:
        InputError: where nothing is there, or nothing that can be read.
    """
    if path.is_dir():
        found = sorted(each for each in path.iterdir() if each.is_file() and by_suffix(each) is not None)
        if not found:
            raise InputError(f"{path}: expected a folder of files to read, got one with none")
        return found
    if not path.is_file():
        raise InputError(f"{path}: expected a file or a folder, got nothing there")
    return [path]


def identity_of_files(files: Sequence[Path]) -> dict[str, str]:
    """Return the hash of each file's bytes, by name."""
    return {path.name: identity_of_file(path) for path in files}


def read(files: Sequence[Path], tables: Callable[[Path, str], Iterator[pa.Table]]) -> Dataset:
    """Return the rows of files as a dataset, each file read by a task of its own, where there is room.

    Args:
        files: on a file system that all machines share.
        tables: yields the tables of one, given its path and its name.
    """
    need("ray.data", "ray")
    import ray
    from ray.data.block import BlockMetadata
    from ray.data.datasource import Datasource, ReadTask

    class Files(Datasource):  # type: ignore[misc]
        def estimate_inmemory_data_size(self) -> int:
            return sum(path.stat().st_size for path in files)

        def get_read_tasks(self, parallelism: int, *ignored: Any, **also: Any) -> list[ReadTask]:
            return [
                ReadTask(
                    partial(tables, path.absolute(), path.name),
                    BlockMetadata(None, path.stat().st_size, None, input_files=(str(path),)),
                )
                for path in files
            ]

    return ray.data.read_datasource(Files())
