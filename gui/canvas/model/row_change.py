"""How the rows of a table follow a document in which some records came, went or changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gui.canvas.geometry.shapes import RowIndices

Value = TypeVar("Value")
Column = TypeVar("Column", bound=np.generic)


@dataclass(frozen=True, slots=True)
class RowChange:
    """Rows before and after an edit; those of records that it did not touch keep their order.

    Parameters
    ----------
    names, row : list of str, mapping
        Ids by row now, and the way back.
    gone, fresh : list of int
        Rows before and now of what was touched, ascending.
    kept_from, kept_to : (k,) int
        Rows before and now of all the others.
    new_row : (n before,) int
        The row now of each row before, −1 for none.
    """

    names: list[str]
    row: dict[str, int]
    gone: list[int]
    fresh: list[int]
    kept_from: RowIndices
    kept_to: RowIndices
    new_row: RowIndices

    @classmethod
    def of(
        cls, before: Mapping[str, int], records: Iterable[str], touched: Collection[str]
    ) -> RowChange:
        """Find it from the rows before, the ids now and those an edit touched."""
        names = list(records)
        row = dict(zip(names, range(len(names)), strict=True))
        gone = sorted(before[name] for name in touched if name in before)
        fresh = sorted(row[name] for name in touched if name in row)
        kept_from, kept_to = _without(len(before), gone), _without(len(names), fresh)
        new_row = np.full(len(before), -1, dtype=np.intp)
        new_row[kept_from] = kept_to
        for name in touched:
            if name in before and name in row:
                new_row[before[name]] = row[name]
        return cls(names, row, gone, fresh, kept_from, kept_to, new_row)

    def array(self, column: NDArray[Column]) -> NDArray[Column]:
        """Return an array by the rows now; what is fresh is to be written yet."""
        kept = column[self.kept_from] if self.gone else column.copy()
        if not self.fresh:
            return kept
        result: NDArray[Any] = np.zeros((len(self.names), *column.shape[1:]), column.dtype)
        result[self.kept_to] = kept
        return result

    def update(self, column: list[Value], values: Iterable[Value]) -> None:
        """Bring a list to the rows now, with values for the fresh ones."""
        for row in reversed(self.gone):
            del column[row]
        for row, value in zip(self.fresh, values, strict=True):
            column.insert(row, value)


def _without(count: int, rows: list[int]) -> RowIndices:
    kept = np.ones(count, dtype=bool)
    kept[rows] = False
    return np.flatnonzero(kept)
