"""Tables in text files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Cells, Encoding, mixed_notes, to_column
from engine.data.row_numbers import row_name
from engine.data.store import DataFile, DataStore
from engine.data.table import MAX_VALUES, Table
from engine.data.text.characters import encoding_note, guess_encoding
from engine.data.text.first_lines import (
    FirstLines,
    all_numbers,
    cells_of,
    has_quotes,
    read_first_lines,
)
from engine.data.text.names import column_names
from engine.data.text.numbers import formatted_numbers
from engine.errors import DataError
from graph.model.dataset import Csv

MISSING = frozenset({"", "?", "NA", "N/A", "na", "n/a", "NaN", "nan", "NAN", "null", "NULL"})
"""Texts that stand for a missing value."""

_BLOCK = 30_000  # cells that are read at a time, some milliseconds of work
_SHOWN = 300  # rows that are shown as they stand in the file
_CELL = 80  # bytes of a cell: its number, and its text as an object


@dataclass(frozen=True, slots=True)
class _TextTable:
    """The cells of each column by its name; their places do not name the file.

    ``notes`` says what was guessed, a sentence each.
    """

    columns: dict[str, Cells]
    notes: tuple[str, ...]

    @property
    def nbytes(self) -> int:
        """Estimated size in memory."""
        return sum(_CELL * len(cells.texts) for cells in self.columns.values())


def load(dataset: Csv, folder: Path, store: DataStore) -> Table:
    """Read a text table in UTF-8, UTF-16 or Windows-1252.

    A column whose values are all numbers in another format (``1,200``, ``1.200,5``, ``$3``,
    ``45 %``) is one of numbers. What was guessed is told in the table's notes.

    Raises `DataError` if the file cannot be read as a table. A cell that cannot be used is a fault
    of its column, with row (as in the file, the header being row 1) and exact text.
    """
    file = store.find(dataset.path, folder, dataset.sha256)
    options, encoding = (dataset.delimiter, dataset.header), dataset.encoding
    found = store.parse((file,), ("cells", *options), lambda: _parse(file, *options, store))
    told = "table", *options, file.name, tuple(sorted(encoding.items()))
    return store.parse((file,), told, lambda: _table(found, file.name, encoding))


def _table(found: _TextTable, name: str, encoding: Mapping[str, Encoding]) -> Table:
    columns = {
        column: to_column(cells.within(name), encoding.get(column))
        for column, cells in found.columns.items()
    }
    beginning = [cells.texts[:_SHOWN] for cells in found.columns.values()]
    notes = [f"{name}: {note}" for note in (*found.notes, *mixed_notes(found.columns, encoding))]
    return Table(columns, texts=tuple(zip(*beginning, strict=True)), notes=notes)


def guess_delimiter(path: Path) -> str:
    """Return the delimiter that the first line of a file suggests; empty if it cannot be told."""
    try:
        line = read_first_lines(path, guess_encoding(path), ",").first
    except OSError:
        return ""
    counts = {sign: line.count(sign) for sign in ("\t", ";", ",", "|")}
    best = max(counts, key=lambda sign: counts[sign])
    if not counts[best] and len(cells := line.split()) > 1 and all_numbers(cells):
        return " "
    return best if counts[best] else ""


def guess_header(path: Path, delimiter: str) -> bool:
    """Tell whether the first row may name the columns: not if all of its cells are numbers."""
    try:
        first = read_first_lines(path, guess_encoding(path), delimiter).first
    except OSError:
        return True
    return not all_numbers(cells_of(first, delimiter))


def _parse(file: DataFile, delimiter: str, header: bool, store: DataStore) -> _TextTable:
    separator = r"\s+" if delimiter == " " else delimiter
    if len(delimiter) != 1:
        raise DataError(f"{file.name}: the delimiter {delimiter!r} must be a single character")
    blocks, filled, breaks = [], [], []
    try:
        codec = guess_encoding(file.path, store.yield_gil)
        beginning = read_first_lines(file.path, codec, delimiter)
        quoted = has_quotes(file.path)
    except OSError as error:
        raise DataError(f"{file.name}: the file cannot be read ({error.strerror})") from error
    for block in _blocks(file, separator, codec, beginning):
        blocks.append(block)
        filled.append([any(cell not in ("", None) for cell in row) for row in block])
        breaks.append([_breaks(row) for row in block] if quoted else [0] * len(block))
        store.yield_gil()
    rows = np.concatenate(filled)
    grid = np.concatenate(blocks)[rows]
    inside = np.concatenate(breaks).astype(np.int64)  # line breaks in the cells of a row
    starts = np.arange(len(rows)) + np.cumsum(inside) - inside + 1 + beginning.skipped
    lines = starts[rows]
    found, notes = _columns(grid, lines, file.name, delimiter, header, store)
    told = (encoding_note(codec), *beginning.notes, *notes)
    return _TextTable(found, tuple(note for note in told if note))


def _blocks(
    file: DataFile, delimiter: str, codec: str, beginning: FirstLines
) -> Iterator[NDArray[Any]]:
    """Yield some rows of texts after the other; cells that a short row lacks are None."""
    import pandas as pd

    name, cells = file.name, 0
    try:
        with pd.read_csv(
            file.path,
            sep=delimiter,
            header=None,
            names=range(beginning.width) if beginning.width else None,
            skiprows=beginning.skipped,
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            encoding=codec,
            chunksize=max(1, _BLOCK // (len(beginning.first.split(delimiter)))),
        ) as frames:
            for frame in frames:
                cells += frame.size
                if cells > MAX_VALUES:
                    raise DataError(
                        f"{name}: more than the {MAX_VALUES:,} cells that fit; use a part"
                    )
                yield np.asarray(frame.to_numpy(dtype=object))
    except pd.errors.EmptyDataError as error:
        raise DataError(f"{name}: the file is empty; choose another") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}: the file is damaged text ({error.reason}); save it as UTF-8"
        ) from error
    except (pd.errors.ParserError, ValueError) as error:
        raise DataError(f"{name}: {_parser_words(str(error))}") from error
    except OSError as error:
        raise DataError(f"{name}: the file cannot be read ({error.strerror})") from error


def _breaks(row: NDArray[Any]) -> int:
    return sum(str(cell).count("\n") for cell in row if cell)


def _parser_words(text: str) -> str:
    if match := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", text):
        expected, line, found = match.groups()
        return (
            f"line {line} has {found} cells where the first line has {expected}; "
            "correct it or choose another delimiter"
        )
    return f"the file is no table of this delimiter ({text.splitlines()[0].rstrip('.')})"


def _columns(
    grid: NDArray[Any],
    lines: NDArray[np.int64],
    file: str,
    delimiter: str,
    header: bool,
    store: DataStore,
) -> tuple[dict[str, Cells], tuple[str, ...]]:
    if len(grid) <= header:
        raise DataError(f"{file}: the file has no rows of data; choose another")
    first = [str(cell or "") for cell in grid[0]] if header else [""] * grid.shape[1]
    if grid.shape[1] > 1 and not first[-1].strip() and not any(grid[:, -1]):
        grid, first = grid[:, :-1], first[:-1]  # a separator ends each row
    names, notes = column_names(first)
    if header and all_numbers(first):
        notes.append(
            f"the first row names the columns, though it holds numbers only ({first[0]}, …); "
            "if it is a row of data, say that there is no row of names"
        )
    grid, lines = grid[header:], lines[header:]
    columns = {}
    for i, name in enumerate(names):
        columns[name], how = _cells(grid[:, i], lines, name, delimiter == ";", store)
        if how:
            notes.append(f"column {name!r} is read as numbers: {how}")
    return columns, tuple(notes)


def _cells(
    column: NDArray[Any],
    lines: NDArray[np.int64],
    name: str,
    commas: bool,
    store: DataStore,
) -> tuple[Cells, str]:
    """Return a column's cells, and how its numbers were read if not as they stand.

    With ``commas``, ``1,200`` is 1.2 unless the column tells otherwise.
    """
    import pandas as pd

    parts = []
    for start in range(0, len(column), _BLOCK):
        texts = [cell if isinstance(cell, str) else "" for cell in column[start : start + _BLOCK]]
        stripped = [text.strip() for text in texts]
        numbers = pd.to_numeric(pd.Series(stripped, dtype=object), errors="coerce")
        missing = [text in MISSING for text in stripped]
        parts.append((numbers.to_numpy(np.float64), np.array(texts, object), np.array(missing)))
        store.yield_gil()
    numbers_of, texts_of, missing_of = zip(*parts, strict=True)
    numbers_all, texts_all = np.concatenate(numbers_of), np.concatenate(texts_of)
    gaps, how = np.concatenate(missing_of).astype(np.bool_), ""
    if np.isnan(numbers_all[~gaps]).any():
        known = [text.strip() for text in texts_all[~gaps].tolist()]
        formatted = formatted_numbers(known, prefers_comma=commas, yield_gil=store.yield_gil)
        if formatted is not None:
            numbers_all[~gaps], how = formatted
    found = Cells(
        numbers=numbers_all,
        texts=texts_all,
        missing=gaps,
        place=lambda row: f"{row_name(row)} (line {lines[row]} of the file), column {name!r}",
    )
    return found, how
