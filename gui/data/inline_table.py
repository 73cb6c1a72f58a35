"""A small table typed in by hand: like a spreadsheet, with the names in the first row."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from itertools import count
from typing import Any, TypeAlias

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QPushButton, QTableView, QWidget

from graph.model.dataset import Cell
from gui.widgets.grid_model import GridModel, ModelIndex
from gui.widgets.layouts import column, named, row

TableColumns: TypeAlias = Mapping[str, list[Cell]]
_MOST = 100_000  # cells; more belongs into a file
_START: dict[str, list[Cell]] = {"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "y": [0, 1, 1, 0]}


def read_cell(text: str) -> Cell:
    """Return what a typed text means: nothing, a number (with point or comma), or the text."""
    text = text.strip()
    if not text:
        return None
    for written in (text, text.replace(",", ".") if text.count(",") == 1 else text):
        try:
            return int(written)
        except ValueError:
            pass
        try:
            number = float(written)
        except ValueError:
            continue
        return number if number - number == 0 else text
    return text


class InlineModel(GridModel):
    """The cells of a small table; row 0 holds the names of the columns."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.header: list[str] = []
        self._cells: list[list[Cell]] = []
        self.set_columns(_START)

    def columns(self) -> dict[str, list[Cell]]:
        """Return the table as a document keeps it."""
        return {name: list(cells) for name, cells in zip(self.header, self._cells, strict=True)}

    def set_columns(self, columns: TableColumns) -> None:
        """Show another table."""
        self.beginResetModel()
        rows = max((len(cells) for cells in columns.values()), default=0)
        self.header = list(columns)
        self._cells = [[*cells, *[None] * (rows - len(cells))] for cells in columns.values()]
        self.endResetModel()
        self.changed.emit()

    def rowCount(self, _parent: ModelIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        """Return the number of rows, the one with the names included."""
        return 1 + (len(self._cells[0]) if self._cells else 0)

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
        """Every cell can be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Call the first row ``name`` and the others by their number."""
        if orientation is Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return super().headerData(section, orientation, role)
        return section or "name"

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text; the names are bold."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            if index.row() == 0:
                return self.header[index.column()]
            cell = self._cells[index.column()][index.row() - 1]
            return "" if cell is None else str(cell)
        if role == Qt.ItemDataRole.FontRole and index.row() == 0:
            font = QFont()
            font.setBold(True)
            return font
        return None

    def setData(self, index: ModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed; a name that is empty or taken is refused."""
        if role != Qt.ItemDataRole.EditRole or not self._write(
            index.row(), index.column(), str(value)
        ):
            return False
        self.dataChanged.emit(index, index)
        self.changed.emit()
        return True

    def clear(self, indexes: list[QModelIndex]) -> None:
        """Empty cells; names stay."""
        for index in indexes:
            if index.row():
                self._cells[index.column()][index.row() - 1] = None
        self.layoutChanged.emit()
        self.changed.emit()

    def add_row(self) -> None:
        """Append an empty row."""
        self._grow(self.rowCount() + 1, self.columnCount())

    def add_column(self) -> None:
        """Append an empty column with a name of its own."""
        self._grow(self.rowCount(), self.columnCount() + 1)

    def remove_rows(self, rows: set[int]) -> None:
        """Remove rows (1 is the first below the names), but not the last one."""
        kept = [row for row in range(1, self.rowCount()) if row not in rows] or [1]
        columns = self.columns().items()
        self.set_columns({name: [cells[row - 1] for row in kept] for name, cells in columns})

    def remove_columns(self, numbers: set[int]) -> None:
        """Remove columns, but not the last one."""
        columns = self.columns()
        kept = [name for i, name in enumerate(self.header) if i not in numbers]
        self.set_columns({name: columns[name] for name in kept or self.header[:1]})

    def paste(self, text: str, row: int, column: int) -> None:
        """Write a block copied from a spreadsheet, growing as needed; its top left is here."""
        block = read_block(text)
        if not block:
            return
        width = max(len(line) for line in block)
        if (row + len(block)) * (column + width) > _MOST:
            return
        self._grow(row + len(block), column + width)
        if row == 0:
            for offset, name in enumerate(block[0]):
                self.header[column + offset] = f"\0{offset}" if name.strip() else ""
        for down, line in enumerate(block):
            for right, cell in enumerate(line):
                self._write(row + down, column + right, cell)
        self.header = [
            name if name and "\0" not in name else self._free_name() for name in self.header
        ]
        self.layoutChanged.emit()
        self.changed.emit()

    def _write(self, row: int, column: int, text: str) -> bool:
        if row:
            self._cells[column][row - 1] = read_cell(text)
            return True
        name = text.strip()
        taken = [other for i, other in enumerate(self.header) if i != column]
        if not name or name in taken:
            return False
        self.header[column] = name
        return True

    def _grow(self, rows: int, columns: int) -> None:
        self.beginResetModel()
        while len(self.header) < columns:
            self.header.append(self._free_name())
            self._cells.append([None] * (self.rowCount() - 1))
        for cells in self._cells:
            cells.extend([None] * (rows - 1 - len(cells)))
        self.endResetModel()
        self.changed.emit()

    def _free_name(self) -> str:
        return next(
            name
            for number in count(len(self.header) + 1)
            if (name := f"column{number}") not in self.header
        )


def read_block(text: str) -> list[list[str]]:
    """Take text from a spreadsheet apart: tabs first, else semicolons or commas."""
    lines = text.strip("\r\n")
    if not lines:
        return []
    delimiter = next((sign for sign in "\t;" if sign in lines), ",")
    return [line for line in csv.reader(io.StringIO(lines), delimiter=delimiter) if line]


class _Grid(QTableView):
    """A table view that pastes, deletes, and goes down on Enter, on a new row if there is none."""

    def __init__(self, model: InlineModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste at the current cell, or empty the selected cells."""
        here, key = self.currentIndex(), Qt.Key(event.key())
        if event.matches(QKeySequence.StandardKey.Paste):
            text = QGuiApplication.clipboard().text()
            self._model.paste(text, max(here.row(), 0), max(here.column(), 0))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._model.clear(self.selectedIndexes())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # not on to the dialog's OK
            if here.row() == self._model.rowCount() - 1:
                self._model.add_row()
            self.setCurrentIndex(self._model.index(here.row() + 1, max(here.column(), 0)))
        else:
            super().keyPressEvent(event)


class InlineTable(QWidget):
    """The small table with its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.model = InlineModel()
        tip = "Type, or paste a block copied from a spreadsheet"
        self.grid = named(_Grid(self.model), "Table", tip)
        self.grid.setTabKeyNavigation(False)
        self.grid.horizontalHeader().hide()
        self.grid.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.grid.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        buttons = row()
        for text, slot in (
            ("Add &row", self.model.add_row),
            ("Add co&lumn", self.model.add_column),
            ("Remove rows", self._remove_rows),
            ("Remove columns", self._remove_columns),
        ):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(slot)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column((self.grid, 1), buttons, of=self)

    def _remove_rows(self) -> None:
        self.model.remove_rows({index.row() for index in self.grid.selectedIndexes()} - {0})

    def _remove_columns(self) -> None:
        self.model.remove_columns({index.column() for index in self.grid.selectedIndexes()})
