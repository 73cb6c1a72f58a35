"""The legend: what the colours mean, which number gets the full colour, and of what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPixmap, QPolygonF

from gui.canvas.layers.captions import font
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.model.number_colors import Shading
from gui.look import theme as colors
from gui.look.edge_quantity import EDGE_MODES
from gui.look.theme import Diverging, Theme

HEIGHT = 38.0
_LEAST_WIDTH, _LEAST_HEIGHT = 300.0, 140.0  # of a canvas that has a legend
_PAD, _GAP = 12.0, 24.0
_CELL = (64.0, 220.0)  # least and greatest width of a scale
_LINE, _BAR, _BAR_HEIGHT = 4.0, 22.0, 8.0  # tops of the texts and of the bars
_SMALLEST = 8  # pixels of letters
_UNIT = 132.0  # room for "mean over 1000 rows"
_NAMED = 3 * 128.0 + _UNIT + 3 * _GAP + 2 * _PAD  # from this width names are written out
_BUTTONS = 100.0
_SIZE, _MOST = 11.0, 1.3  # pixels of the text, and how many times as large it fits
_STOPS = 24


def height(width: float, below: float) -> float:
    """Return how many pixels the legend takes of the lower edge of a canvas of this size."""
    return HEIGHT if width >= _LEAST_WIDTH and below >= _LEAST_HEIGHT else 0.0


def buttons(width: float) -> float:
    """Return how wide the room for the buttons of the scales is, at the right end."""
    return _BUTTONS if width >= _LEAST_WIDTH + 2 * _BUTTONS else 0.0


class Legend:
    """Draws the legend along the lower edge; keeps it as a picture while it is the same."""

    def __init__(self) -> None:
        self._picture: tuple[object, QPixmap] | None = None

    def draw(
        self,
        painter: QPainter,
        view: Viewport,
        shading: Shading,
        unit: str,
        *,
        wide: bool,
        wide_wires: bool,
        units: bool,
    ) -> None:
        """Draw the legend, if there is room.

        Parameters
        ----------
        painter, view, shading
            What the frame shows.
        unit : str
            Of what the numbers are: ``row 3``, ``mean over 150 rows``.
        wide : bool
            Whether some nodes are vectors.
        wide_wires : bool
            Whether some wires show vectors or matrices.
        units : bool
            Whether some nodes have a δ: units.
        """
        if not height(view.width, view.height):
            return
        scales = shading.scales["value"], shading.scales["delta"], shading.edge_scale
        log = shading.scales.logarithmic
        key = (
            view.theme.name,
            view.ratio,
            view.larger,
            view.width,
            scales,
            log,
            shading.shown,
            unit,
            wide,
            wide_wires,
            units,
        )
        if self._picture is None or self._picture[0] != key:
            pixmap = QPixmap(round(view.width * view.ratio), round(HEIGHT * view.ratio))
            pixmap.setDevicePixelRatio(view.ratio)
            pixmap.fill(QColor(view.theme.plate))
            with QPainter(pixmap) as inner:
                bars = _scales(view.theme, shading, wide=wide, wide_wires=wide_wires, units=units)
                _draw_bar(inner, view, log=log, unit=unit, scales=bars)
            self._picture = (key, pixmap)
        painter.drawPixmap(QPointF(0, round(view.height - HEIGHT)), self._picture[1])


def _draw_bar(
    painter: QPainter, view: Viewport, *, log: bool, unit: str, scales: Sequence[_Scale]
) -> None:
    theme, named = view.theme, view.width >= _NAMED
    painter.fillRect(QRectF(0, 0, view.width, 1), QColor(theme.grid))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    size = font(_SIZE * min(view.larger, _MOST))
    painter.setFont(size)
    metrics = QFontMetricsF(size)
    room = _UNIT if named else 84.0
    painter.setPen(QColor(theme.muted))
    _draw_wrapped(painter, QRectF(_PAD, 1, room, HEIGHT - 1), unit)
    painter.setFont(size)
    gap = _GAP if named else _GAP / 2
    left = _PAD + min(room, metrics.horizontalAdvance(unit)) + gap
    width = (view.width - buttons(view.width) - _PAD - left - 2 * gap) / 3
    width = float(np.clip(width, *_CELL))
    for number, scale in enumerate(scales):
        box = QRectF(left + number * (width + gap), 0, width, HEIGHT)
        _draw_scale(painter, theme, box, scale, log=log)


def _draw_wrapped(painter: QPainter, box: QRectF, text: str) -> None:
    """Write a text into a box, in smaller letters if it needs more lines than there is room for."""
    flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
    size = painter.font()
    while painter.boundingRect(box, flags, text).height() > box.height():
        if size.pixelSize() <= _SMALLEST:
            break
        size.setPixelSize(size.pixelSize() - 1)
        painter.setFont(size)
    painter.drawText(box, flags, text)


@dataclass(frozen=True, slots=True)
class _Scale:
    """One bar: its names, the longest that fits is written; its colours, and their end."""

    names: tuple[str, ...]
    colors: Diverging
    end: float
    is_wire: bool = False


def _scales(
    theme: Theme, shading: Shading, *, wide: bool, wide_wires: bool, units: bool
) -> tuple[_Scale, _Scale, _Scale]:
    mode, scales = EDGE_MODES[shading.shown], shading.scales
    symbol = f"{mode.symbol} or {mode.wide}" if wide_wires else mode.symbol
    edges = theme.gradients if mode.slope else theme.values
    short = mode.wide if wide_wires else mode.symbol
    slopes = ("δ, or ∂E/∂z of operations", "δ, ∂E/∂z", "δ") if units else ("∂E/∂z",)
    wires = (f"wire: {symbol}", f"wire: {short}", short)
    if wide:
        slopes = ("δ, ∂E/∂z; of a vector its largest", *slopes)
    values = ("z; of a vector its largest",) if wide else ()
    return (
        _Scale((*values, "value z", "z"), theme.values, scales["value"]),
        _Scale(slopes, theme.gradients, scales["delta"]),
        _Scale(wires, edges, shading.edge_scale, is_wire=True),
    )


def _draw_scale(painter: QPainter, theme: Theme, box: QRectF, scale: _Scale, *, log: bool) -> None:
    """Draw −scale, the name and +scale over a bar with a mark at 0; that of wires is a wedge."""
    line = QRectF(box.left(), box.top() + _LINE, box.width(), _BAR - _LINE - 1)
    side, metrics = Qt.AlignmentFlag, QFontMetricsF(painter.font())
    ends = f"−{scale.end:.4g}", f"+{scale.end:.4g}"
    room = box.width() - 2 * metrics.horizontalAdvance(ends[1]) - 6
    fitting = [name for name in scale.names if metrics.horizontalAdvance(name) <= room]
    for text, where, ink in (
        (ends[0], side.AlignLeft, theme.muted),
        (fitting[0] if fitting else scale.names[-1], side.AlignHCenter, theme.text),
        (ends[1], side.AlignRight, theme.muted),
    ):
        painter.setPen(QColor(ink))
        painter.drawText(line, where | side.AlignVCenter, text)
    bar = QRectF(box.left(), box.top() + _BAR, box.width(), _BAR_HEIGHT)
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for stop in np.linspace(-1.0, 1.0, _STOPS).tolist():
        place = stop if log else float(colors.level(stop, 1.0))
        gradient.setColorAt((stop + 1) / 2, colors.color_at(scale.colors, place))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    middle = bar.center()
    if scale.is_wire:  # the wider, the stronger
        right, left = bar.right(), bar.left()
        corners = (
            (left, bar.top()),
            (middle.x(), middle.y() - 1),
            (right, bar.top()),
            (right, bar.bottom()),
            (middle.x(), middle.y() + 1),
            (left, bar.bottom()),
        )
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
    else:
        painter.drawRoundedRect(bar, 3, 3)
    painter.fillRect(
        QRectF(round(middle.x()), bar.top() - 1, 1, _BAR_HEIGHT + 2), QColor(theme.text)
    )
    if log:
        _draw_decades(painter, theme, bar)


def _draw_decades(painter: QPainter, theme: Theme, bar: QRectF) -> None:
    """Mark the orders of magnitude."""
    for number in range(1, colors.DECADES):
        for side in (-1, 1):
            x = round(bar.center().x() + side * bar.width() / 2 * number / colors.DECADES)
            painter.fillRect(QRectF(x, bar.bottom() - 2, 1, 3), QColor(theme.muted))
