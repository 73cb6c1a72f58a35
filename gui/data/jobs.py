"""What the data dialog does in the background: reading a table, and making it ready."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from engine.data import (
    ColumnSummary,
    DataStore,
    Table,
    describe,
    guess_delimiter,
    guess_header,
    prepare,
    read,
    with_digests,
)
from engine.data.idx_file import MNIST_FILES, ROLES
from graph.model.dataset import Csv, Dataset, Idx


@dataclass(frozen=True, slots=True)
class Found:
    """A table, its columns in words, and the description it was read by."""

    dataset: Dataset
    table: Table
    summaries: list[ColumnSummary]


def look(dataset: Dataset, folder: Path, store: DataStore, *, guess: bool) -> Found:
    """Read a dataset to be looked at; raises `DataError`, which names file and place.

    If its file is newly named, its delimiter and header, or the files that belong to it, are to
    be a ``guess`` from what is there.
    """
    if guess:
        dataset = _completed(dataset, folder)
    table = read(dataset, folder, store)
    return Found(dataset, table, describe(table))


def validated(dataset: Dataset, folder: Path, store: DataStore) -> Dataset:
    """Prepare a dataset once, and return it with the digests of its files; raises `DataError`."""
    prepare(dataset, folder, store)
    return with_digests(dataset, folder, store)


def _completed(dataset: Dataset, folder: Path) -> Dataset:
    if isinstance(dataset, Csv):
        path = folder / dataset.path
        sign = guess_delimiter(path) or dataset.delimiter
        return replace(dataset, delimiter=sign, header=guess_header(path, sign))
    if isinstance(dataset, Idx):
        return _with_mnist(dataset, folder)
    return dataset


def _with_mnist(dataset: Idx, folder: Path) -> Dataset:
    """Name MNIST's other files beside the first, those that are there."""
    first = Path(dataset.images)
    if first.name.removesuffix(".gz") != MNIST_FILES[0].removesuffix(".gz"):
        return dataset
    ending = ".gz" if first.suffix == ".gz" else ""
    beside = {
        role: first.parent / (name.removesuffix(".gz") + ending)
        for role, name in zip(ROLES, MNIST_FILES, strict=True)
        if not getattr(dataset, role)
    }
    found = {role: str(path) for role, path in beside.items() if (folder / path).is_file()}
    return replace(dataset, **found)
