"""From cells (numbers, texts, gaps) to a column: type inference and encoding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Flags
from engine.data.row_numbers import row_name
from engine.data.table import MAX_VALUES, Column, Table, Values
from graph.model.dataset import Cell, Inline

Encoding: TypeAlias = Literal["number", "one_hot"] | None

MAX_CATEGORIES = 1000
"""A column with more different texts is an identifier, not a category."""

_MIXED = 20  # different values of which a column of numbers and texts has at most, as classes
_WORDS = 0.05  # the share of texts in it at least; fewer are mistakes


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
        """Whether at least half of the values are numbers: then a text is a mistake.

        Few values that come again and again, texts as well as numbers, are classes.
        """
        return self._mostly_numbers and not self.mixes_classes

    @property
    def _mostly_numbers(self) -> bool:
        values = int((~self.missing).sum())
        return int((~np.isnan(self.numbers)).sum()) * 2 >= max(values, 1) or values == 0

    @property
    def mixes_classes(self) -> bool:
        """Whether numbers and texts together are the classes of a column: 2, 3, 4, 5more."""
        known = ~self.missing
        words = self.texts[known & np.isnan(self.numbers)]
        count = int(known.sum())
        if not len(words) or len(words) == count or len(words) < _WORDS * count:
            return False
        different = {str(text).strip() for text in self.texts[known].tolist()}
        comes_again = len(words) >= 2 * len({str(text).strip() for text in words.tolist()})
        return comes_again and len(different) <= min(_MIXED, count // 2)

    def within(self, file: str) -> Cells:
        """Return the same cells; their places say which file they are in."""
        return replace(self, place=lambda row: f"{file}: {self.place(row)}")


def inline_table(dataset: Inline) -> Table:
    """Return a document's own table."""
    return Table(
        {
            name: to_column(_inline_cells(name, column), dataset.encoding.get(name))
            for name, column in dataset.columns.items()
        }
    )


def _inline_cells(name: str, column: list[Cell]) -> Cells:
    numbers = [float(cell) if isinstance(cell, int | float) else np.nan for cell in column]
    return Cells(
        numbers=np.array(numbers, np.float64),
        texts=np.array(["" if cell is None else str(cell) for cell in column], dtype=object),
        missing=np.array([cell is None for cell in column], np.bool_),
        place=lambda row: f"the document's table: {row_name(row)}, column {name!r}",
    )


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


def mixed_notes(columns: Mapping[str, Cells], encoding: Mapping[str, Encoding]) -> list[str]:
    """Say which columns of numbers and texts are taken as classes, a sentence each."""
    return [
        f"column {name!r} has numbers and texts; its different values are taken as classes"
        for name, cells in columns.items()
        if encoding.get(name) is None and cells.mixes_classes and not cells.numeric
    ]


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
            f"{_more(wrong.size)}; correct it, leave the column out, or take its values as "
            "classes (one-hot)"
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
