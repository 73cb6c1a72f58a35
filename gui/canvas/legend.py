"""The legend: what the colours mean, which number gets the full colour, and of what it is."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPen, QPixmap

from gui import theme as colors
from gui.canvas.captions import font
from gui.canvas.detail import View
from gui.canvas.shading import Shading
from gui.theme import Diverging, Theme

_MARGIN, _PAD = 12.0, 10.0
_NAME, _BAR, _BAR_HEIGHT = 74.0, 118.0, 8.0
_LINE, _HEAD = 27.0, 17.0
_SIZE = 11.0
_STOPS = 24
_EDGE_NAMES = {"weight": "wire: weight", "value": "wire: value", "gradient": "wire: ∂E/∂w"}
SIZE = (_NAME + _BAR + 2 * _PAD + 8, 3 * _LINE + _HEAD + 2 * _PAD - 8)


class Legend:
    """Draws the legend in the lower left corner; keeps it as a picture while it is the same."""

    def __init__(self) -> None:
        self._picture: tuple[object, QPixmap] | None = None

    def draw(self, painter: QPainter, view: View, shading: Shading, unit: str) -> None:
        """Draw the legend, if there is room.

        Parameters
        ----------
        painter, view, shading
            What the frame shows.
        unit : str
            Of what the numbers are: ``row 3``, ``mean over 150 rows``.
        """
        width, height = SIZE
        if view.width < width + 2 * _MARGIN or view.height < 2 * height:
            return
        scales = (shading.value_scale, shading.delta_scale, shading.edge_scale)
        key = (view.theme.name, view.ratio, scales, shading.shown, unit)
        if self._picture is None or self._picture[0] != key:
            pixmap = QPixmap(round((width + 2) * view.ratio), round((height + 2) * view.ratio))
            pixmap.setDevicePixelRatio(view.ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            with QPainter(pixmap) as inner:
                inner.translate(1, 1)
                _draw_box(inner, view.theme, shading, unit)
            self._picture = (key, pixmap)
        place = QPointF(_MARGIN, round(view.height - _MARGIN - height))
        painter.drawPixmap(place, self._picture[1])


def _draw_box(painter: QPainter, theme: Theme, shading: Shading, unit: str) -> None:
    width, height = SIZE
    box = QRectF(0, 0, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground = QColor(theme.plate)
    ground.setAlphaF(0.97)
    painter.setBrush(ground)
    painter.setPen(QPen(QColor(theme.grid), 1))
    painter.drawRoundedRect(box, 8, 8)
    painter.setFont(font(_SIZE))
    painter.setPen(QColor(theme.muted))
    head = QRectF(_PAD, _PAD - 3, width - 2 * _PAD, _HEAD)
    painter.drawText(head, Qt.AlignmentFlag.AlignLeft, unit)
    edges = theme.gradients if shading.shown == "gradient" else theme.values
    for number, (name, diverging, scale) in enumerate(
        (
            ("value z", theme.values, shading.value_scale),
            ("δ", theme.gradients, shading.delta_scale),
            (_EDGE_NAMES[shading.shown], edges, shading.edge_scale),
        )
    ):
        at = QPointF(_PAD, _PAD + _HEAD + number * _LINE)
        _draw_line(painter, theme, at, name, diverging, scale)


def _draw_line(
    painter: QPainter, theme: Theme, at: QPointF, name: str, diverging: Diverging, scale: float
) -> None:
    """Draw one bar with its name and its numbers −scale, 0, +scale."""
    painter.setFont(font(_SIZE))
    painter.setPen(QColor(theme.text))
    middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(QRectF(at.x(), at.y() - 4, _NAME, _BAR_HEIGHT + 8), middle, name)
    bar = QRectF(at.x() + _NAME, at.y(), _BAR, _BAR_HEIGHT)
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for stop in np.linspace(-1.0, 1.0, _STOPS).tolist():
        place = float(colors.level(stop, 1.0))
        gradient.setColorAt((stop + 1) / 2, colors.color_at(diverging, place))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawRoundedRect(bar, 3, 3)
    size = font(_SIZE - 1)
    painter.setFont(size)
    painter.setPen(QColor(theme.muted))
    metrics = QFontMetricsF(size)
    for place, text in ((0.0, f"−{scale:.4g}"), (0.5, "0"), (1.0, f"+{scale:.4g}")):
        across = metrics.horizontalAdvance(text)
        left = bar.left() + place * (_BAR - across)
        painter.drawText(QPointF(left, bar.bottom() + metrics.ascent() + 1), text)
