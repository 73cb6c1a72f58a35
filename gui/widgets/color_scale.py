"""A small legend of a colour map: from −limit over 0 to +limit, or of shares, from 0 on."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.look import theme
from gui.widgets.number_text import number_text

_STOPS = 17
_BAR = 90
_TEXT = 58
_ZERO = 16  # px before the bar if it begins at 0


class ColorScale(QWidget):
    """Shows which colour stands for which number."""

    def __init__(self, shown: Literal["value", "gradient", "share"]) -> None:
        super().__init__()
        self._shown, self._ends = shown, ("−1", "1")
        self._start = _ZERO if shown == "share" else _TEXT
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("colour scale")
        cut = "five" if shown == "share" else "one"
        self.setToolTip(f"Colours of the numbers; the largest {cut} per cent are cut off")

    def set_limit(self, limit: float) -> None:
        """Show the numbers −limit to limit."""
        text = number_text(limit, 2)
        self.set_ends(f"−{text}", text)

    def set_ends(self, low: str, high: str) -> None:
        """Write what the ends of the colours stand for."""
        if self._ends != (low, high):
            self._ends = low, high
            self.setAccessibleDescription(f"from {low} to {high}".replace("−", "minus "))
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size that holds the bar between two numbers."""
        return QSize(self._start + _BAR + _TEXT, self.fontMetrics().height() + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar and the numbers at its ends."""
        with QPainter(self) as painter:
            height, start = self.height(), self._start
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            left, right = (
                QRectF(0, 0, start - 4, height),
                QRectF(start + _BAR + 4, 0, _TEXT, height),
            )
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(left, middle | Qt.AlignmentFlag.AlignRight, self._ends[0])
            painter.drawText(right, middle | Qt.AlignmentFlag.AlignLeft, self._ends[1])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._gradient())
            painter.drawRect(QRectF(start, 4, _BAR, height - 8))

    def _gradient(self) -> QLinearGradient:
        gradient = QLinearGradient(self._start, 0, self._start + _BAR, 0)
        for place in np.linspace(0, 1, _STOPS):
            at = float(place) if self._shown == "share" else 2 * float(place) - 1
            gradient.setColorAt(float(place), self._color(at))
        return gradient

    def _color(self, place: float) -> QColor:
        colors = theme.of(self.palette())
        ends = colors.gradients if self._shown == "gradient" else colors.values
        end = ends.positive if place > 0 else ends.negative
        zero = self.palette().color(QPalette.ColorRole.Base)
        return theme.mixed(zero, end, abs(float(theme.level(place, 1.0))))
