"""Tables in text files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Cells, to_column
from engine.data.files import locate
from engine.data.table import MAX_VALUES, Kind, Table
from engine.errors import DataError
from graph.model.dataset import Csv

MISSING = frozenset({"", "?", "NA", "N/A", "na", "n/a", "NaN", "nan", "NAN", "null", "NULL"})
"""Texts that stand for a missing value."""

_DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+(?:[eE][+-]?\d+)?)")


@dataclass(frozen=True, slots=True)
class Preview:
    """The beginning of a text table.

    Parameters
    ----------
    names, kinds : tuple
        Each column's name and inferred type.
    rows : tuple of tuple of str
        The cells as found, row by row.
    faults : tuple of str
        What would keep a column from being used, as far as these rows show it.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: tuple[tuple[str, ...], ...]
    faults: tuple[str, ...]


def load(dataset: Csv, folder: Path) -> Table:
    """Read a text table.

    Where semicolons divide the columns, ``1,5`` is a number: so spreadsheets write it wherever
    the comma is the decimal sign.

    Raises
    ------
    DataError
        If the file cannot be read as a table. A cell that cannot be used is a fault of its
        column, with row (as in the file, the header being row 1) and exact text.
    """
    path = locate(dataset.path, folder, dataset.sha256)
    grid = _grid(path, dataset.path, dataset.delimiter, None)
    return Table(
        {
            name: to_column(cells, dataset.encoding.get(name))
            for name, cells in _columns(
                grid, dataset.path, dataset.delimiter, header=dataset.header
            ).items()
        }
    )


def preview(path: Path, delimiter: str = ",", *, header: bool = True, rows: int = 50) -> Preview:
    """Read the first rows of a text table, with the types that they suggest.

    Raises
    ------
    DataError
        If the file cannot be read as a table.
    """
    file = locate(str(path), Path())
    grid = _grid(file, path.name, delimiter, rows + header)
    cells = _columns(grid, path.name, delimiter, header=header)
    columns = [to_column(column) for column in cells.values()]
    texts = [column.texts for column in cells.values()]
    return Preview(
        names=tuple(cells),
        kinds=tuple(column.kind for column in columns),
        rows=tuple(tuple(str(text) for text in row) for row in zip(*texts, strict=True)),
        faults=tuple(column.fault for column in columns if column.fault),
    )


def _grid(path: Path, name: str, delimiter: str, rows: int | None) -> NDArray[Any]:
    """Return all cells as texts, (rows, columns); cells that a short row lacks are None."""
    import pandas as pd

    if len(delimiter) != 1:
        raise DataError(f"{name}: the delimiter {delimiter!r} must be a single character")
    try:
        frame = pd.read_csv(
            path,
            sep=delimiter,
            header=None,
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            encoding="utf-8-sig",
            nrows=rows,
        )
    except pd.errors.EmptyDataError as error:
        raise DataError(f"{name}: the file is empty; choose another") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}: byte {error.start + 1} is not UTF-8 text; save the file as UTF-8"
        ) from error
    except (pd.errors.ParserError, ValueError) as error:
        raise DataError(f"{name}: {_parser_words(str(error))}") from error
    except OSError as error:
        raise DataError(f"{name}: the file cannot be read ({error.strerror})") from error
    if frame.size > MAX_VALUES:
        raise DataError(f"{name}: {frame.size:,} cells, at most {MAX_VALUES:,} fit; use a part")
    return np.asarray(frame.to_numpy(dtype=object))


def _parser_words(text: str) -> str:
    if match := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", text):
        expected, row, found = match.groups()
        return (
            f"row {row} has {found} cells where the first row has {expected}; "
            "correct it or choose another delimiter"
        )
    return f"the file is no table of this delimiter ({text.splitlines()[0].rstrip('.')})"


def _columns(grid: NDArray[Any], file: str, delimiter: str, *, header: bool) -> dict[str, Cells]:
    filled = np.array([any(cell not in ("", None) for cell in row) for row in grid], np.bool_)
    numbers_in_file = np.flatnonzero(filled)
    grid = grid[filled]
    first = int(header)
    if len(grid) <= first:
        raise DataError(f"{file}: the file has no rows of data; choose another")
    names = _names(grid[0], file) if header else [f"column{i + 1}" for i in range(grid.shape[1])]
    rows, commas = numbers_in_file[first:] + 1, delimiter == ";"
    return {
        name: _cells(grid[first:, i], rows, file, name, commas=commas)
        for i, name in enumerate(names)
    }


def _names(row: NDArray[Any], file: str) -> list[str]:
    names = [str(cell or "").strip() or f"column{i + 1}" for i, cell in enumerate(row)]
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise DataError(f"{file}: row 1: two columns are called {twice!r}; rename one")
    return names


def _cells(
    column: NDArray[Any], rows: NDArray[np.int64], file: str, name: str, *, commas: bool
) -> Cells:
    import pandas as pd

    texts = np.array([cell if isinstance(cell, str) else "" for cell in column], dtype=object)
    stripped = [text.strip() for text in texts]
    plain = [_DECIMAL_COMMA.sub(r"\1.\2", text) for text in stripped] if commas else stripped
    numbers = pd.to_numeric(pd.Series(plain, dtype=object), errors="coerce")
    return Cells(
        numbers=numbers.to_numpy(np.float64, copy=True),
        texts=texts,
        missing=np.array([text in MISSING for text in stripped], np.bool_),
        place=lambda row: f"{file}: row {rows[row]}, column {name!r}",
    )
