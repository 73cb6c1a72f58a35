"""Pictures side by side, pixel by pixel, as large as there is room for."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from engine.arrays.aliases import Array
from gui.look import theme

_GAP = 1  # pixels of a picture between two of them
_GREYS = 64
_GROUND = QPalette.ColorRole.Base


class PixelGrid(QWidget):
    """Draws pictures of equal size; says which pixel the mouse is on.

    ``hovered`` carries (picture, row, column), or None.
    """

    hovered = Signal(object)
    clicked = Signal(int)  # the number of a picture

    def __init__(self) -> None:
        super().__init__()
        self.pictures: Array = np.zeros((0, 1, 1))
        self._limit: float | None = None
        self._of_gradients = False
        self.setMouseTracking(True)

    def show_pictures(
        self, pictures: Array, limit: float | None = None, *, of_gradients: bool = False
    ) -> None:
        """Show pictures (n, height, width).

        Parameters
        ----------
        limit : float, optional
            The number at the ends of the diverging colours; without it each picture is grey,
            from its smallest to its largest number.
        of_gradients : bool, optional
            Whether the colours are those of δ and gradients instead of those of values.
        """
        self.pictures, self._limit, self._of_gradients = pictures, limit, of_gradients
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size in which small pictures can be recognised."""
        return QSize(120, 120)

    def heightForWidth(self, width: int) -> int:
        """Return the height that one row of pictures takes."""
        count, height, across = self.pictures.shape
        columns = max(count * (across + _GAP) - _GAP, 1)
        found: int = -(-height * width // columns)
        return found

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw all of them as one image."""
        if not len(self.pictures):
            return
        columns, size = self._arrangement()
        image = self._image(columns)
        with QPainter(self) as painter:
            box = QRectF(0, 0, image.width() * size, image.height() * size)
            painter.drawImage(box, image)

    def _arrangement(self) -> tuple[int, float]:
        """Return how many stand beside each other so that pixels are largest, and their size."""
        count, height, width = self.pictures.shape

        def size(columns: int) -> float:
            rows = math.ceil(count / columns)
            across, down = columns * (width + _GAP) - _GAP, rows * (height + _GAP) - _GAP
            return float(min(self.width() / across, self.height() / down))

        best = max(range(1, count + 1), key=size)
        found = size(best)
        return best, math.floor(found) if found >= 1 else found

    def _image(self, columns: int) -> QImage:
        count, height, width = self.pictures.shape
        rows = math.ceil(count / columns)
        down, across = height + _GAP, width + _GAP
        ground = self.palette().color(QPalette.ColorRole.Window)
        whole = np.empty((rows * down - _GAP, columns * across - _GAP, 3), np.uint8)
        whole[:] = ground.red(), ground.green(), ground.blue()
        for number, pixels in enumerate(self._colors()):
            top, left = number // columns * down, number % columns * across
            whole[top : top + height, left : left + width] = pixels
        data = whole.tobytes()
        shape = whole.shape[1], whole.shape[0], 3 * whole.shape[1]
        return QImage(data, *shape, QImage.Format.Format_RGB888).copy()

    def _colors(self) -> NDArray[np.uint8]:
        """Return the pixels of all pictures, (n, height, width, 3)."""
        if self._limit is not None:
            colors, zero = theme.of(self.palette()), self.palette().color(_GROUND)
            hues = colors.gradients if self._of_gradients else colors.values
            steps = np.linspace(-1, 1, 2 * _GREYS - 1)
            ends = hues.negative, hues.positive
            mixed = [theme.mixed(zero, ends[int(step > 0)], abs(float(step))) for step in steps]
            places = theme.level(np.nan_to_num(self.pictures), self._limit)
            return np.asarray(_table(mixed)[np.rint((places + 1) * (_GREYS - 1)).astype(int)])
        low = self.pictures.min(axis=(1, 2), keepdims=True)
        span = self.pictures.max(axis=(1, 2), keepdims=True) - low
        shares = (self.pictures - low) / np.where(span > 0, span, 1)
        palette = self.palette()
        paper, ink = palette.color(_GROUND), palette.color(QPalette.ColorRole.Text)
        greys = [theme.mixed(paper, ink, place / (_GREYS - 1)) for place in range(_GREYS)]
        levels = np.nan_to_num(shares * (_GREYS - 1)).astype(np.uint8)
        return np.asarray(_table(greys)[levels])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the mouse."""
        self.hovered.emit(self._pixel_at(event.position().x(), event.position().y()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Say which picture was clicked."""
        found = self._pixel_at(event.position().x(), event.position().y())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(found[0])

    def leaveEvent(self, event: object) -> None:
        """Say that the mouse has gone."""
        super().leaveEvent(event)  # type: ignore[arg-type]  # Qt passes its own event
        self.hovered.emit(None)

    def _pixel_at(self, x: float, y: float) -> tuple[int, int, int] | None:
        if not len(self.pictures):
            return None
        columns, size = self._arrangement()
        count, height, width = self.pictures.shape
        across, column = divmod(int(x / size), width + _GAP)
        down, row = divmod(int(y / size), height + _GAP)
        number = down * columns + across
        inside = across < columns and number < count and row < height and column < width
        return (number, row, column) if inside else None


def _table(colors: list[QColor]) -> NDArray[np.uint8]:
    return np.array([[c.red(), c.green(), c.blue()] for c in colors], np.uint8)
