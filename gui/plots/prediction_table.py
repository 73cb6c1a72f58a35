"""The rows of the predictions view, as Qt shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QGuiApplication

from engine.data.row_numbers import row_number
from gui.look import theme
from gui.widgets.grid_model import GridModel, ModelIndex
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from engine.analysis.predictions import Predictions

_COMPONENTS = 4  # numbers of a vector that are written out


class PredictionTable(GridModel):
    """Row, target, prediction, and whether they agree."""

    header = ("row", "target", "prediction", "")

    def __init__(self) -> None:
        super().__init__()
        self._found: Predictions | None = None
        self._places: NDArray[np.int64] = np.zeros(0, np.int64)
        self._classes: tuple[NDArray[np.int64], ...] = ()

    def show(self, found: Predictions | None, chosen: NDArray[np.bool_] | None = None) -> None:
        """Show predictions, or those that are chosen, (B,)."""
        count = 0 if found is None else len(found.rows)
        places = np.arange(count) if chosen is None else np.flatnonzero(chosen)
        reset = len(places) != len(self._places)
        if reset:
            self.beginResetModel()
        self._found, self._places = found, places
        self._classes = found.classes if found is not None else ()
        if reset:
            self.endResetModel()
        else:
            self.refresh()

    def dataset_row(self, row: int) -> int | None:
        """Return the row of the dataset that a row of the table shows."""
        if self._found is None or not 0 <= row < len(self._places):
            return None
        return int(self._found.rows[self._places[row]])

    def rowCount(self, _parent: ModelIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        """Return the number of rows shown."""
        return len(self._places)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text; wrong answers are red."""
        if self._found is None:
            return None
        place = int(self._places[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(place, index.column())
        if role == Qt.ItemDataRole.ForegroundRole and not self._agrees(place):
            return QBrush(QColor(theme.of(QGuiApplication.palette()).bad))
        return None

    def _agrees(self, place: int) -> bool:
        if not self._classes:
            return True
        actual, predicted = self._classes
        return bool(actual[place] == predicted[place])

    def _text(self, place: int, column: int) -> str:
        assert self._found is not None
        if column == 0:
            return str(row_number(self._found.rows[place]))
        if column == 3:
            return "" if not self._classes else ("✓" if self._agrees(place) else "✗")
        numbers = (self._found.target, self._found.prediction)[column - 1][place]
        text = ", ".join(number_text(float(number), 3) for number in numbers[:_COMPONENTS])
        text += ", …" if len(numbers) > _COMPONENTS else ""
        if not self._classes:
            return text
        name = self._found.label(int(self._classes[column - 1][place]))
        return name if column == 1 else f"{name}  ({text})"
