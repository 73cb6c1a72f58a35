"""A table of data as Qt shows it: only the cells in sight are ever made into text."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPixmap

from engine.arrays.aliases import Flags, Floats
from engine.data import Column, Table
from engine.data.table import Kind, Values
from gui.widgets.grid_model import GridModel, ModelIndex

_FAULT = QColor(220, 50, 60, 110)
_TEXT_ALIGN = Qt.AlignmentFlag.AlignVCenter


class TableModel(GridModel):
    """A read-only view of a table, one cell for each row and column.

    Cells that keep a column from being used are marked in red. Texts of the table's file are shown
    instead of what was understood.
    """

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table, self._texts = table, table.texts
        self.header = list(table.columns)
        self._columns = list(table.columns.values())

    def rowCount(self, _parent: ModelIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        """Return the number of rows of data."""
        return self._table.rows

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, colour, alignment or picture."""
        row, column = index.row(), self._columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, index.column())
            case Qt.ItemDataRole.BackgroundRole:
                return QBrush(_FAULT) if column.fault and _is_gap(column, row) else None
            case Qt.ItemDataRole.ToolTipRole:
                return column.fault if column.fault and _is_gap(column, row) else None
            case Qt.ItemDataRole.DecorationRole:
                return _picture(column.values[row]) if column.kind == "image" else None
            case Qt.ItemDataRole.TextAlignmentRole:
                right = column.kind == "number"
                side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
                return side | _TEXT_ALIGN
            case _:
                return None

    def first_fault(self) -> QModelIndex:
        """Return the first cell of the first column that cannot be used; invalid if none."""
        for number, column in enumerate(self._columns):
            if column.fault:
                gaps = np.flatnonzero(_gaps(column.values, column.kind))
                return self.index(int(gaps[0]) if gaps.size else 0, number)
        return QModelIndex()

    def _text(self, row: int, number: int) -> str:
        column = self._columns[number]
        if row < len(self._texts):
            return self._texts[row][number]
        return cell_text(column, row)


def cell_text(column: Column, row: int) -> str:
    """Return a cell as text: a number, the name of a category, or the size of a picture."""
    if column.kind == "image":
        return f"{column.width} numbers" if _side(column.width) is None else ""
    if _is_gap(column, row):
        return "?"
    if column.kind == "category" and column.categories:
        one = column.width == 1
        code = column.codes()[row : row + 1][0] if one else column.values[row].argmax()
        return column.categories[int(code)]
    return f"{column.values[row, 0]:.6g}" if column.width == 1 else f"{column.width} numbers"


def _is_gap(column: Column, row: int) -> bool:
    return bool(_gaps(column.values[row : row + 1], column.kind)[0])


def _gaps(values: Values, kind: Kind) -> Flags:
    """Tell which rows (n, width) have no value: not finite, or one-hot without a one; (n,)."""
    if kind == "category" and values.shape[1] > 1:
        return np.asarray(~values.any(axis=1))
    return np.asarray(~np.isfinite(values).all(axis=1))


def _side(width: int) -> int | None:
    side = math.isqrt(width)
    return side if side * side == width and side > 1 else None


def _picture(values: Floats) -> QPixmap | None:
    side = _side(len(values))
    if side is None:
        return None
    low, high = float(values.min()), float(values.max())
    grey = ((values - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
    image = QImage(grey.tobytes(), side, side, side, QImage.Format.Format_Grayscale8)
    return QPixmap.fromImage(image.scaled(28, 28, Qt.AspectRatioMode.KeepAspectRatio))
