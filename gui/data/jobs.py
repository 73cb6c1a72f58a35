"""What the data dialog does in the background: reading a table, and making it ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.data import ColumnSummary, Table, describe, digest, prepare, preview, read
from graph.model.dataset import Csv, Dataset, Idx, Npz

_TEXTS = 300  # rows of a text table that are shown as they stand in the file


@dataclass(frozen=True, slots=True)
class Found:
    """A table, its columns in words, and the beginning of its file if it is a text table."""

    table: Table
    summaries: list[ColumnSummary]
    texts: Sequence[Sequence[str]] = ()


def look(dataset: Dataset, folder: Path) -> Found:
    """Read a dataset to be looked at.

    Raises
    ------
    DataError
        If it cannot be read; the text names file and place.
    """
    table = read(dataset, folder)
    if not isinstance(dataset, Csv):
        return Found(table, describe(table))
    beginning = preview(
        folder / dataset.path, dataset.delimiter, header=dataset.header, rows=_TEXTS
    )
    return Found(table, describe(table), beginning.rows)


def make_ready(dataset: Dataset, folder: Path) -> Dataset:
    """Prepare a dataset once, and return it with the digests of its files.

    Raises
    ------
    DataError
        If it cannot be used as described.
    """
    prepare(dataset, folder)
    match dataset:
        case Csv() | Npz():
            return msgspec.structs.replace(dataset, sha256=digest(folder / dataset.path))
        case Idx():
            roles = ("images", "labels", "test_images", "test_labels")
            named = {role: getattr(dataset, role) for role in roles if getattr(dataset, role)}
            digests = {role: digest(folder / path) for role, path in named.items()}
            return msgspec.structs.replace(dataset, sha256=digests)
        case _:
            return dataset
