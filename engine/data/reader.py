"""Reading any dataset description into a table."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from engine.data import builtin, csv_file, generators, idx_file, npz_file
from engine.data.cells import inline_table
from engine.data.store import DataStore
from engine.data.table import Table
from engine.errors import DataError
from graph.model.dataset import Builtin, Csv, Dataset, Generator, Idx, Inline, Npz, split_component


def read(dataset: Dataset, folder: Path | None = None, store: DataStore | None = None) -> Table:
    """Read a dataset: encoded, not scaled.

    Parameters
    ----------
    dataset : Dataset
        The description kept in a document.
    folder : Path, optional
        Where relative paths start: the document's folder; by default the current one.
    store : DataStore, optional
        Knows what was read before; by default nothing was.

    Raises
    ------
    DataError
        If it cannot be read; the text names file and place.
    """
    table = _table(dataset, folder or Path(), store or DataStore())
    check_names(dataset, table.schema)
    return table


def schema(
    dataset: Dataset, folder: Path | None = None, store: DataStore | None = None
) -> dict[str, int]:
    """Return the width of every column; cheap where the file's header tells it.

    Raises
    ------
    DataError
        As `read`.
    """
    if isinstance(dataset, Idx):
        widths = idx_file.widths(dataset, folder or Path(), store or DataStore())
        check_names(dataset, widths)
        return widths
    return read(dataset, folder, store).schema


def with_digests(dataset: Dataset, folder: Path, store: DataStore) -> Dataset:
    """Return a description that knows what is in its files now.

    Raises `OSError` if a file cannot be read.
    """
    match dataset:
        case Csv() | Npz():
            return replace(dataset, sha256=store.digest(folder / dataset.path))
        case Idx():
            named = {role: getattr(dataset, role) for role in idx_file.ROLES}
            digests = {role: store.digest(folder / path) for role, path in named.items() if path}
            return replace(dataset, sha256=digests)
        case _:
            return dataset


def check_names(dataset: Dataset, widths: dict[str, int]) -> None:
    """Raise DataError if features, targets or encodings name columns that are not there."""
    for what, names in (
        ("feature", dataset.features),
        ("target", dataset.targets),
        ("encoding", tuple(dataset.encoding)),
    ):
        for name in names:
            column, index = (name, None) if name in widths else split_component(name)
            if column not in widths:
                shown = ", ".join(list(widths)[:12]) + (", …" if len(widths) > 12 else "")
                raise DataError(
                    f"the {what} {name!r} is no column of the data; its columns are {shown}"
                )
            if index is not None and index >= widths[column]:
                raise DataError(
                    f"the {what} {name!r} is out of range; {column!r} has the components 0 to "
                    f"{widths[column] - 1}"
                )


def _table(dataset: Dataset, folder: Path, store: DataStore) -> Table:
    match dataset:
        case Inline():
            return inline_table(dataset)
        case Generator():
            return generators.generate(dataset)
        case Builtin():
            return builtin.load(dataset)
        case Csv():
            return csv_file.load(dataset, folder, store)
        case Idx():
            return idx_file.load(dataset, folder, store)
        case _:
            return npz_file.load(dataset, folder, store)
