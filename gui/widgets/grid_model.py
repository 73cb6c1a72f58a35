"""Tables for Qt: sizes and headings, whatever is in the cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

ModelIndex: TypeAlias = QModelIndex | QPersistentModelIndex
"""What Qt hands to a model to name a cell."""


class GridModel(QAbstractTableModel):
    """A table; subclasses say how many rows there are and what is in a cell (`data`).

    Columns have the headings of ``header``, rows their numbers from 1.
    """

    header: Sequence[str] = ()

    def rowCount(self, _parent: ModelIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        """Return the number of rows."""
        raise NotImplementedError

    def columnCount(self, _parent: ModelIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        """Return the number of columns."""
        return len(self.header)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a heading."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self.header[section] if orientation is Qt.Orientation.Horizontal else section + 1

    def refresh(self) -> None:
        """Show all cells anew."""
        if rows := self.rowCount():
            last = self.index(rows - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
