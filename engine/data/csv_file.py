"""Tables in text files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Cells, Encoding, to_column
from engine.data.store import DataFile, DataStore
from engine.data.table import MAX_VALUES, Table
from engine.errors import DataError
from graph.model.dataset import Csv

MISSING = frozenset({"", "?", "NA", "N/A", "na", "n/a", "NaN", "nan", "NAN", "null", "NULL"})
"""Texts that stand for a missing value."""

_SHOWN = 300  # rows that are shown as they stand in the file
_CELL = 80  # bytes of a cell: its number, and its text as an object
_DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+(?:[eE][+-]?\d+)?)")


@dataclass(frozen=True, slots=True)
class _TextTable:
    """The cells of each column by its name; their places do not name the file."""

    columns: dict[str, Cells]

    @property
    def nbytes(self) -> int:
        """Estimated size in memory."""
        return sum(_CELL * len(cells.texts) for cells in self.columns.values())


def load(dataset: Csv, folder: Path, store: DataStore) -> Table:
    """Read a text table.

    Where semicolons divide the columns, ``1,5`` is a number: so spreadsheets write it wherever
    the comma is the decimal sign.

    Raises
    ------
    DataError
        If the file cannot be read as a table. A cell that cannot be used is a fault of its
        column, with row (as in the file, the header being row 1) and exact text.
    """
    file = store.find(dataset.path, folder, dataset.sha256)
    options, encoding = (dataset.delimiter, dataset.header), dataset.encoding
    found = store.parse((file,), ("cells", *options), lambda: _parse(file, *options))
    told = "table", *options, file.name, tuple(sorted(encoding.items()))
    return store.parse((file,), told, lambda: _table(found, file.name, encoding))


def _table(found: _TextTable, name: str, encoding: Mapping[str, Encoding]) -> Table:
    columns = {
        column: to_column(cells.within(name), encoding.get(column))
        for column, cells in found.columns.items()
    }
    beginning = [cells.texts[:_SHOWN] for cells in found.columns.values()]
    return Table(columns, texts=tuple(zip(*beginning, strict=True)))


def guess_delimiter(path: Path) -> str:
    """Return the delimiter that the first line of a file suggests; empty if it cannot be told."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            line = file.readline(100_000)
    except OSError:
        return ""
    counts = {sign: line.count(sign) for sign in ("\t", ";", ",", "|")}
    best = max(counts, key=lambda sign: counts[sign])
    return best if counts[best] else ""


def _parse(file: DataFile, delimiter: str, header: bool) -> _TextTable:
    grid = _grid(file.path, file.name, delimiter)
    return _TextTable(_columns(grid, file.name, delimiter, header=header))


def _grid(path: Path, name: str, delimiter: str) -> NDArray[Any]:
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
        name: _cells(grid[first:, i], rows, name, commas=commas) for i, name in enumerate(names)
    }


def _names(row: NDArray[Any], file: str) -> list[str]:
    names = [str(cell or "").strip() or f"column{i + 1}" for i, cell in enumerate(row)]
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise DataError(f"{file}: row 1: two columns are called {twice!r}; rename one")
    return names


def _cells(column: NDArray[Any], rows: NDArray[np.int64], name: str, *, commas: bool) -> Cells:
    import pandas as pd

    texts = np.array([cell if isinstance(cell, str) else "" for cell in column], dtype=object)
    stripped = [text.strip() for text in texts]
    plain = [_DECIMAL_COMMA.sub(r"\1.\2", text) for text in stripped] if commas else stripped
    numbers = pd.to_numeric(pd.Series(plain, dtype=object), errors="coerce")
    return Cells(
        numbers=numbers.to_numpy(np.float64, copy=True),
        texts=texts,
        missing=np.array([text in MISSING for text in stripped], np.bool_),
        place=lambda row: f"row {rows[row]}, column {name!r}",
    )
