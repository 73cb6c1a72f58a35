"""The legend: what the colours mean, which number gets the full colour, and of what it is."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPen

from gui import theme as colors
from gui.canvas.captions import font
from gui.canvas.detail import View
from gui.canvas.shading import Shading
from gui.theme import Diverging

_MARGIN, _PAD = 12.0, 10.0
_NAME, _BAR, _BAR_HEIGHT = 74.0, 118.0, 8.0
_LINE, _HEAD = 27.0, 17.0
_SIZE = 11.0
_STOPS = 24
_EDGE_NAMES = {"weight": "wire: weight", "value": "wire: value", "gradient": "wire: ∂E/∂w"}
SIZE = (_NAME + _BAR + 2 * _PAD + 8, 3 * _LINE + _HEAD + 2 * _PAD - 2)


def draw_legend(painter: QPainter, view: View, shading: Shading, unit: str) -> None:
    """Draw the legend in the lower left corner.

    Parameters
    ----------
    painter, view, shading
        What the frame shows.
    unit : str
        Of what the numbers are: ``row 3``, ``mean over 150 rows``.
    """
    theme = view.theme
    width, height = SIZE
    if view.width < width + 2 * _MARGIN or view.height < 2 * height:
        return
    box = QRectF(_MARGIN, view.height - _MARGIN - height, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground = QColor(theme.plate)
    ground.setAlphaF(0.92)
    painter.setBrush(ground)
    painter.setPen(QPen(QColor(theme.grid), 1))
    painter.drawRoundedRect(box, 8, 8)
    painter.setFont(font(_SIZE))
    painter.setPen(QColor(theme.muted))
    head = QRectF(box.left() + _PAD, box.top() + _PAD - 3, width - 2 * _PAD, _HEAD)
    painter.drawText(head, Qt.AlignmentFlag.AlignLeft, unit)
    slope = shading.shown == "gradient"
    for number, (name, diverging, scale) in enumerate(
        (
            ("value z", theme.values, shading.value_scale),
            ("δ", theme.gradients, shading.delta_scale),
            (
                _EDGE_NAMES[shading.shown],
                theme.gradients if slope else theme.values,
                shading.edge_scale,
            ),
        )
    ):
        top = box.top() + _PAD + _HEAD + number * _LINE
        _draw_line(painter, view, QPointF(box.left() + _PAD, top), name, diverging, scale)


def _draw_line(
    painter: QPainter, view: View, at: QPointF, name: str, diverging: Diverging, scale: float
) -> None:
    """Draw one bar with its name and its numbers −scale, 0, +scale."""
    painter.setFont(font(_SIZE))
    painter.setPen(QColor(view.theme.text))
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
    painter.setPen(QColor(view.theme.muted))
    metrics = QFontMetricsF(size)
    for place, text in ((0.0, f"−{scale:.4g}"), (0.5, "0"), (1.0, f"+{scale:.4g}")):
        across = metrics.horizontalAdvance(text)
        left = bar.left() + place * (_BAR - across)
        painter.drawText(QPointF(left, bar.bottom() + metrics.ascent() + 1), text)
