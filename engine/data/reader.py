"""Reading any dataset description into a table."""

from __future__ import annotations

from pathlib import Path

from engine.data import builtin, csv_file, generators, idx_file, inline, npz_file
from engine.data.table import Table
from engine.errors import DataError
from graph.model.dataset import Builtin, Csv, Dataset, Generator, Idx, Inline, split_component


def read(dataset: Dataset, folder: Path | None = None) -> Table:
    """Read a dataset: encoded, not scaled.

    Parameters
    ----------
    dataset : Dataset
        The description kept in a document.
    folder : Path, optional
        Where relative paths start: the document's folder; by default the current one.

    Raises
    ------
    DataError
        If it cannot be read; the text names file and place.
    """
    folder = folder or Path()
    table = _table(dataset, folder)
    check_names(dataset, table.schema)
    return table


def schema(dataset: Dataset, folder: Path | None = None) -> dict[str, int]:
    """Return the width of every column; cheap where the file's header tells it.

    Raises
    ------
    DataError
        As `read`.
    """
    if isinstance(dataset, Idx):
        widths = idx_file.widths(dataset, folder or Path())
        check_names(dataset, widths)
        return widths
    return read(dataset, folder).schema


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


def _table(dataset: Dataset, folder: Path) -> Table:
    match dataset:
        case Inline():
            return inline.table(dataset)
        case Generator():
            return generators.generate(dataset)
        case Builtin():
            return builtin.load(dataset)
        case Csv():
            return csv_file.load(dataset, folder)
        case Idx():
            return idx_file.load(dataset, folder)
        case _:
            return npz_file.load(dataset, folder)
