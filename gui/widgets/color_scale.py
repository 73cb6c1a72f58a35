"""A small legend of a diverging colour map: from −limit over 0 to +limit."""

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


class ColorScale(QWidget):
    """Shows which colour stands for which number."""

    def __init__(self, shown: Literal["value", "gradient"]) -> None:
        super().__init__()
        self._shown, self._limit = shown, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("colour scale")
        self.setToolTip("Colours of the numbers; the largest one per cent are cut off")

    def set_limit(self, limit: float) -> None:
        """Show the numbers −limit to limit."""
        if number_text(limit, 2) != number_text(self._limit, 2):
            self.setAccessibleDescription(f"from minus {limit:.2g} to {limit:.2g}")
            self.update()
        self._limit = limit

    def sizeHint(self) -> QSize:
        """Return the size that holds the bar between two numbers."""
        return QSize(_BAR + 2 * _TEXT, self.fontMetrics().height() + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar and the numbers at its ends."""
        with QPainter(self) as painter:
            height = self.height()
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            left, right = (
                QRectF(0, 0, _TEXT - 4, height),
                QRectF(_TEXT + _BAR + 4, 0, _TEXT, height),
            )
            middle = Qt.AlignmentFlag.AlignVCenter
            text = number_text(self._limit, 2)
            painter.drawText(left, middle | Qt.AlignmentFlag.AlignRight, f"−{text}")
            painter.drawText(right, middle | Qt.AlignmentFlag.AlignLeft, text)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._gradient())
            painter.drawRect(QRectF(_TEXT, 4, _BAR, height - 8))

    def _gradient(self) -> QLinearGradient:
        gradient = QLinearGradient(_TEXT, 0, _TEXT + _BAR, 0)
        for place in np.linspace(0, 1, _STOPS):
            gradient.setColorAt(float(place), self._color(2 * float(place) - 1))
        return gradient

    def _color(self, place: float) -> QColor:
        colors = theme.of(self.palette())
        ends = colors.gradients if self._shown == "gradient" else colors.values
        end = ends.positive if place > 0 else ends.negative
        zero = self.palette().color(QPalette.ColorRole.Base)
        return theme.mixed(zero, end, abs(float(theme.level(place, 1.0))))
