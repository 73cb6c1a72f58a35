"""From cells (numbers, texts, gaps) to a column: type inference and encoding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Flags
from engine.data.row_numbers import row_name
from engine.data.table import MAX_VALUES, Column, Values

Encoding: TypeAlias = Literal["number", "one_hot"] | None

MAX_CATEGORIES = 1000
"""A column with more different texts is an identifier, not a category."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one column before their type is known.

    Parameters
    ----------
    numbers : array
        (rows,), NaN where a cell is no number.
    texts : array of object
        (rows,), each cell's text as found.
    missing : array of bool
        (rows,), where there is no value.
    place : callable
        Row index to the words that say where that cell is (``a.csv: row 3, column 'x'``).
    """

    numbers: Values
    texts: NDArray[Any]
    missing: Flags
    place: Callable[[int], str]

    @property
    def numeric(self) -> bool:
        """Whether at least half of the values are numbers: then a text is a mistake."""
        values = int((~self.missing).sum())
        return int((~np.isnan(self.numbers)).sum()) * 2 >= max(values, 1) or values == 0

    def within(self, file: str) -> Cells:
        """Return the same cells; their places say which file they are in."""
        return replace(self, place=lambda row: f"{file}: {self.place(row)}")


def to_column(cells: Cells, encoding: Encoding = None) -> Column:
    """Infer a column's type and encode it.

    Parameters
    ----------
    cells : Cells
        What was found.
    encoding : str, optional
        ``one_hot`` makes a category of numbers; ``number`` gives categories their index; by
        default numbers stay numbers and texts become one-hot categories.
    """
    if cells.numeric and encoding != "one_hot":
        return _number_column(cells)
    labels, codes = _categories(cells)
    return coded_column(
        codes,
        labels,
        encoding or "one_hot",
        missing=int(cells.missing.sum()),
        fault=_gap(cells),
        place=cells.place,
    )


def coded_column(
    codes: NDArray[np.int64],
    labels: tuple[str, ...],
    encoding: Encoding,
    *,
    missing: int = 0,
    fault: str = "",
    place: Callable[[int], str] | None = None,
) -> Column:
    """Return a category column from each row's index into ``labels``; −1 is a missing value."""
    too_many = len(labels) > MAX_CATEGORIES or len(labels) * len(codes) > MAX_VALUES
    if too_many and encoding == "one_hot":
        where = f"{place(0)}: " if place else ""
        fault = fault or (
            f"{where}the column has {len(labels):,} different values, more than the "
            f"{MAX_CATEGORIES:,} categories that are possible; leave the column out"
        )
    if encoding == "one_hot" and not too_many:
        values = np.zeros((len(codes), max(len(labels), 1)))
        known = codes >= 0
        values[known, codes[known]] = 1.0
    else:
        values = np.where(codes < 0, np.nan, codes.astype(np.float64))[:, None]
    return Column(values, "category", labels, missing, fault)


def not_finite(values: Values, place: str) -> str:
    """Say where the first number is that is not finite, in ``place``; "" if there is none."""
    wrong = ~np.isfinite(values)
    if not wrong.any():
        return ""
    row, component = divmod(int(wrong.argmax()), values.shape[1])
    return f"{place}: {row_name(row)}, component {component} is not a finite number; correct it"


def _number_column(cells: Cells) -> Column:
    fault = _gap(cells)
    wrong = np.flatnonzero(~np.isfinite(cells.numbers) & ~cells.missing)
    if wrong.size:
        row = int(wrong[0])
        wanted = "a finite number" if np.isinf(cells.numbers[row]) else "a number"
        fault = (
            f"{cells.place(row)}: found {str(cells.texts[row])!r} where {wanted} is expected"
            f"{_more(wrong.size)}; correct it or leave the column out"
        )
    return Column(cells.numbers[:, None], "number", None, int(cells.missing.sum()), fault)


def _gap(cells: Cells) -> str:
    gaps = np.flatnonzero(cells.missing)
    if not gaps.size:
        return ""
    row = int(gaps[0])
    text = str(cells.texts[row])
    found = f" (found {text!r})" if text else ""
    return (
        f"{cells.place(row)}: the value is missing{found}{_more(gaps.size)}; "
        "fill it in, or leave out the row or the column"
    )


def _more(count: int) -> str:
    return f", and {count - 1} more like it" if count > 1 else ""


def _categories(cells: Cells) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    codes = np.full(len(cells.texts), -1, np.int64)
    known = ~cells.missing
    if not np.isnan(cells.numbers[known]).any():
        numbers, codes[known] = np.unique(cells.numbers[known], return_inverse=True)
        return tuple(_number_text(float(x)) for x in numbers), codes
    texts = [str(text).strip() for text in cells.texts[known]]
    labels = tuple(sorted(set(texts)))  # sorting all of them would take long, in one go
    place = {label: number for number, label in enumerate(labels)}
    codes[known] = [place[text] for text in texts]
    return labels, codes


def _number_text(number: float) -> str:
    return str(int(number)) if number.is_integer() else repr(number)
