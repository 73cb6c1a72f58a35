"""Tables as they were read: columns of numbers, encoded but not scaled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

Values: TypeAlias = NDArray[np.float64]
Kind: TypeAlias = Literal["number", "category", "image"]

MAX_VALUES = 2**27
"""Most numbers one table may hold (1 GiB of float64); MNIST has 55 million."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    values : array
        (rows, width), float64. Categories are one-hot, or their index if width is 1.
    kind : str
        ``number``, ``category`` or ``image``.
    categories : tuple of str, optional
        Names of the categories, in the order of their index.
    missing : int
        Number of cells without a value; they are NaN (a row of zeros if one-hot).
    fault : str
        Why the column cannot be used, one sentence; empty if it can. A table may be shown, and
        its other columns used, in spite of it.
    """

    values: Values
    kind: Kind = "number"
    categories: tuple[str, ...] | None = None
    missing: int = 0
    fault: str = ""

    @property
    def width(self) -> int:
        """Number of components."""
        return int(self.values.shape[1])

    def codes(self) -> NDArray[np.int64]:
        """Return each row's category index, (rows,); only for category columns."""
        if self.width == len(self.categories or ()):
            return np.asarray(self.values.argmax(axis=1), np.int64)
        return np.nan_to_num(self.values[:, 0]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns with the same number of rows; immutable, their arrays are read-only.

    Parameters
    ----------
    columns : mapping
        Column name to column.
    test_rows : int
        That many rows at the end came from test files: they are the test split.
    texts : sequence of rows
        The cells of the first rows as they stand in a text table's file; else none.
    notes : sequence of str
        What was guessed, left out or changed while reading, a sentence each.

    Raises
    ------
    DataError
        If the columns differ in length, or there are none, or too many numbers.
    """

    columns: Mapping[str, Column]
    test_rows: int = 0
    texts: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        lengths = {name: len(column.values) for name, column in self.columns.items()}
        if not lengths or not max(lengths.values()):
            raise DataError("the dataset has no rows; give it at least one column with one row")
        longest = max(lengths, key=lambda name: lengths[name])
        shortest = min(lengths, key=lambda name: lengths[name])
        if lengths[longest] != lengths[shortest]:
            raise DataError(
                f"column {longest!r} has {lengths[longest]} rows and column {shortest!r} has "
                f"{lengths[shortest]}; all columns need equally many"
            )
        if (size := sum(column.values.size for column in self.columns.values())) > MAX_VALUES:
            raise DataError(
                f"the dataset holds {size:,} numbers, at most {MAX_VALUES:,} fit; "
                "use fewer rows or columns"
            )
        for column in self.columns.values():
            column.values.flags.writeable = False

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values())).values)

    @property
    def nbytes(self) -> int:
        """Size of the numbers in memory."""
        return sum(column.values.nbytes for column in self.columns.values())

    @property
    def schema(self) -> dict[str, int]:
        """Column name to width, all columns."""
        return {name: column.width for name, column in self.columns.items()}


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """What the data dialog says of a column; minimum, maximum and mean are None for categories."""

    name: str
    kind: Kind
    width: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    missing: int
    categories: tuple[str, ...] | None
    fault: str = ""


def describe(table: Table) -> list[ColumnSummary]:
    """Summarise every column of a table, in order; missing values are left out."""
    return [_summary(name, column) for name, column in table.columns.items()]


def _summary(name: str, column: Column) -> ColumnSummary:
    known = column.values[np.isfinite(column.values)]
    numeric = column.kind != "category" and known.size > 0
    return ColumnSummary(
        name=name,
        kind=column.kind,
        width=column.width,
        minimum=float(known.min()) if numeric else None,
        maximum=float(known.max()) if numeric else None,
        mean=float(known.mean()) if numeric else None,
        missing=column.missing,
        categories=column.categories,
        fault=column.fault,
    )
