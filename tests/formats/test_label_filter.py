"""Classes that are wanted, and those that are not, whatever the chunks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import xproj_fast as xp
from xproj_fast.formats.labels import LabelFilter

SOURCE = "Ada\tB-PER\n\nLondon\tB-LOC\n\n1843\tB-DATE\n\nAda\tB-PER\n\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    source, target = tmp_path / "en.conll", tmp_path / "de.words"
    source.write_text(SOURCE, "utf-8")
    target.write_text("Ada\nLondon\n1843\nAda\n", "utf-8")
    return source, target


def labels_read(files: tuple[Path, Path], chunk: int, **options: Any) -> list[str]:
    chunks = xp.iter_pairs(*files, options=xp.ReadOptions(**options), chunk=chunk)
    return [entity.label for pairs in chunks for pair in pairs for entity in pair.entities]


@pytest.mark.parametrize("chunk", [1, 2, 9])
def test_some_classes(files: tuple[Path, Path], chunk: int) -> None:
    assert labels_read(files, chunk, labels=("PER", "DATE")) == ["PER", "DATE", "PER"]
    assert labels_read(files, chunk, drop_labels=("PER",)) == ["LOC", "DATE"]
    assert labels_read(files, chunk, labels=("PER", "DATE"), drop_labels=("LOC",)) == ["PER", "DATE", "PER"]
    assert labels_read(files, chunk) == ["PER", "LOC", "DATE", "PER"]


@pytest.mark.parametrize("chunk", [1, 9])
@pytest.mark.parametrize("field", ["labels", "drop_labels"])
def test_a_class_that_is_nowhere(files: tuple[Path, Path], chunk: int, field: str) -> None:
    message = rf"en\.conll: {field}: expected some of its classes, PER, LOC, DATE, got 'PERS' \(did you mean PER\?\)"
    with pytest.raises(xp.InputError, match=message):
        labels_read(files, chunk, **{field: ("LOC", "PERS")})


def test_labels_of_labelled_files(files: tuple[Path, Path]) -> None:
    assert xp.read_labelled(files[0], labels=["LOC"]).tags() == [["O"], ["B-LOC"], ["O"], ["O"]]
    assert xp.read_labelled(files[0], drop_labels=["LOC", "DATE"]).labels == ("PER",)
    with pytest.raises(xp.InputError, match="labels: expected some of its classes"):
        xp.read_labelled(files[0], labels=["ORG"])


def test_of_arrow_pairs(files: tuple[Path, Path], tmp_path: Path) -> None:
    from xproj_fast.arrow_columns import pairs_to_arrow
    from xproj_fast.formats.arrow import arrow_writer

    path = tmp_path / "x.parquet"
    with arrow_writer(path) as append:
        append(pairs_to_arrow(xp.read_pairs(*files)))
    assert xp.read_pairs(path, options=xp.ReadOptions(labels=("DATE",))).labels == ("DATE",)
    assert [len(chunk) for chunk in xp.iter_pairs(path, chunk=3)] == [3, 1]
    with pytest.raises(xp.InputError, match=r"labels: .* got 'X'"):
        xp.read_pairs(path, options=xp.ReadOptions(labels=("X",)))


def test_lists_that_are_none() -> None:
    with pytest.raises(xp.InputError, match="labels: expected a list of classes, got the string 'PER'"):
        LabelFilter("PER", (), "x")
    with pytest.raises(xp.InputError, match="labels: expected classes that are not dropped, too, got 'PER'"):
        LabelFilter(["LOC", "PER"], ["PER"], "x")
