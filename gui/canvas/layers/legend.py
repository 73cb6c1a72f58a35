"""The legend: what the colours mean, which number gets the full colour, and of what it is."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPixmap

from gui.canvas.layers.captions import font
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.model.number_colors import Shading
from gui.look import theme as colors
from gui.look.theme import Diverging, Theme

HEIGHT = 38.0
_LEAST_WIDTH, _LEAST_HEIGHT = 300.0, 140.0  # of a canvas that has a legend
_PAD, _GAP = 12.0, 24.0
_CELL = (64.0, 220.0)  # least and greatest width of a scale
_LINE, _BAR, _BAR_HEIGHT = 4.0, 22.0, 8.0  # tops of the texts and of the bars
_UNIT = 132.0  # room for "mean over 1000 rows"
_NAMED = 3 * 128.0 + _UNIT + 3 * _GAP + 2 * _PAD  # from this width names are written out
_SIZE = 11.0
_STOPS = 24
_EDGE_NAMES = {
    "weight": ("wire: weight", "w"),
    "value": ("wire: value", "wire z"),
    "gradient": ("wire: ∂E/∂w", "∂E/∂w"),
}


def height(width: float, below: float) -> float:
    """Return how many pixels the legend takes of the lower edge of a canvas of this size."""
    return HEIGHT if width >= _LEAST_WIDTH and below >= _LEAST_HEIGHT else 0.0


class Legend:
    """Draws the legend along the lower edge; keeps it as a picture while it is the same."""

    def __init__(self) -> None:
        self._picture: tuple[object, QPixmap] | None = None

    def draw(self, painter: QPainter, view: Viewport, shading: Shading, unit: str) -> None:
        """Draw the legend, if there is room.

        Parameters
        ----------
        painter, view, shading
            What the frame shows.
        unit : str
            Of what the numbers are: ``row 3``, ``mean over 150 rows``.
        """
        if not height(view.width, view.height):
            return
        scales = (shading.value_scale, shading.delta_scale, shading.edge_scale)
        key = (view.theme.name, view.ratio, view.width, scales, shading.shown, unit)
        if self._picture is None or self._picture[0] != key:
            pixmap = QPixmap(round(view.width * view.ratio), round(HEIGHT * view.ratio))
            pixmap.setDevicePixelRatio(view.ratio)
            pixmap.fill(QColor(view.theme.plate))
            with QPainter(pixmap) as inner:
                _draw_bar(inner, view, shading, unit)
            self._picture = (key, pixmap)
        painter.drawPixmap(QPointF(0, round(view.height - HEIGHT)), self._picture[1])


def _draw_bar(painter: QPainter, view: Viewport, shading: Shading, unit: str) -> None:
    theme, named = view.theme, view.width >= _NAMED
    painter.fillRect(QRectF(0, 0, view.width, 1), QColor(theme.grid))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    size = font(_SIZE)
    painter.setFont(size)
    metrics = QFontMetricsF(size)
    room = _UNIT if named else 84.0
    painter.setPen(QColor(theme.muted))
    wrapped = QRectF(_PAD, 1, room, HEIGHT - 1)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(wrapped, int(flags), unit)
    gap = _GAP if named else _GAP / 2
    left = _PAD + min(room, metrics.horizontalAdvance(unit)) + gap
    width = (view.width - _PAD - left - 2 * gap) / 3
    width = float(np.clip(width, _CELL[0], _CELL[1]))
    edges = theme.gradients if shading.shown == "gradient" else theme.values
    for number, (names, diverging, scale) in enumerate(
        (
            (("value z", "z"), theme.values, shading.value_scale),
            (("δ", "δ"), theme.gradients, shading.delta_scale),
            (_EDGE_NAMES[shading.shown], edges, shading.edge_scale),
        )
    ):
        box = QRectF(left + number * (width + gap), 0, width, HEIGHT)
        _draw_scale(painter, theme, box, names[0] if named else names[1], diverging, scale)


def _draw_scale(
    painter: QPainter, theme: Theme, box: QRectF, name: str, diverging: Diverging, scale: float
) -> None:
    """Draw −scale, the name and +scale over a bar with a mark at 0."""
    line = QRectF(box.left(), box.top() + _LINE, box.width(), _BAR - _LINE - 1)
    side = Qt.AlignmentFlag
    for text, where, ink in (
        (f"−{scale:.4g}", side.AlignLeft, theme.muted),
        (name, side.AlignHCenter, theme.text),
        (f"+{scale:.4g}", side.AlignRight, theme.muted),
    ):
        painter.setPen(QColor(ink))
        painter.drawText(line, where | side.AlignVCenter, text)
    bar = QRectF(box.left(), box.top() + _BAR, box.width(), _BAR_HEIGHT)
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for stop in np.linspace(-1.0, 1.0, _STOPS).tolist():
        place = float(colors.level(stop, 1.0))
        gradient.setColorAt((stop + 1) / 2, colors.color_at(diverging, place))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawRoundedRect(bar, 3, 3)
    middle = round(bar.center().x())
    painter.fillRect(QRectF(middle, bar.top() - 1, 1, _BAR_HEIGHT + 2), QColor(theme.text))
