"""One set of axes of a chart, and its curves by name (pyqtgraph: see `gui.plots.chart`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics, QPen
from PySide6.QtWidgets import QGraphicsItem

from engine.analysis.curves import thin
from engine.arrays.aliases import Array
from gui.look.theme import mixed

AXIS_WIDTH = 84
"""Pixels of a left axis, equal for all panels: their x axes stay aligned as numbers grow."""
_LABEL_WIDTH = 26  # px of it for the axis' own label
_GRID = 0.12
_MARGIN = 0.03
_STEPS = 16  # whole numbers written at an x axis, at most


class Panel:
    """One set of axes of a chart, and its curves by name."""

    def __init__(self, item: Any, x_label: str, y_label: str) -> None:
        self.item = item
        self.log = False
        self._curves: dict[str, Any] = {}
        self._data: dict[str, tuple[Array, Array]] = {}
        self._row_names: list[str] | None = None
        self._axis_width = AXIS_WIDTH
        self._labels = {"bottom": x_label, "left": y_label}
        item.hideButtons()
        item.showGrid(x=True, y=True, alpha=_GRID)
        item.getAxis("left").setWidth(self._axis_width)
        for side in ("left", "bottom", "right", "top"):  # hidden ones too lay out their labels anew
            item.getAxis(side).enableAutoSIPrefix(False)
        for side in ("left", "bottom"):
            item.getAxis(side).setStyle(maxTickLevel=0)  # each grid line costs time
            item.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        item.getViewBox().setDefaultPadding(_MARGIN)
        item.getViewBox().sigResized.connect(self._fit_names)
        self.moment = self.add_cursor()
        self.moment.setZValue(10)

    def draw(self, name: str, x: Array, y: Array, color: QColor) -> None:
        """Show a curve under a name, thinned to the pixels there are."""
        curve = self._curves.get(name)
        if curve is None:
            curve = self._curves[name] = pg.PlotCurveItem(connect="finite", antialias=True)
            self.item.addItem(curve)
        self._data[name] = x, y
        curve.setPen(thin_pen(color))
        x, y = thin(x, self._scaled(y), max(int(self.item.getViewBox().width()), 64))
        curve.setData(x, y)

    def keep(self, names: set[str]) -> None:
        """Take away every curve that is not named."""
        for name in self._curves.keys() - names:
            self.item.removeItem(self._curves.pop(name))
            del self._data[name]

    def show_grid(self, shown: bool) -> None:
        """Draw grid lines or leave them out."""
        self.item.showGrid(x=shown, y=shown, alpha=_GRID)

    def name_rows(self, names: list[str]) -> None:
        """Write names instead of numbers at the y axis: row i lies between i and i + 1.

        Where there is no room for all of them, only every second (third, …) is written.
        """
        self._row_names = names
        self.set_axis_width(self._axis_width)

    def wanted_axis_width(self) -> int:
        """Return how wide the left axis is with every name of a row written out."""
        metrics = QFontMetrics(self.item.getAxis("left").font())
        names = self._row_names or []
        longest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        return max(AXIS_WIDTH, longest + _LABEL_WIDTH)

    def set_axis_width(self, width: int) -> None:
        """Give the left axis so many pixels; names of rows are shortened to them."""
        self._axis_width = width
        self.item.getAxis("left").setWidth(width)
        self._fit_names()

    def _fit_names(self) -> None:
        names = self._row_names
        if names is None:
            return
        axis = self.item.getAxis("left")
        metrics = QFontMetrics(axis.font())
        lines = max(self.item.getViewBox().height() / metrics.height(), 1.0)
        step = math.ceil(len(names) / lines)
        room = self._axis_width - _LABEL_WIDTH
        shown = range(0, len(names), step)
        ticks = [(row + 0.5, shortened(names[row], metrics, room)) for row in shown]
        axis.setTicks([ticks])

    def count_steps(self, last: int) -> None:
        """Write whole numbers from 0 to ``last`` at the x axis, as many as there is room for."""
        step = max(1, -(-last // _STEPS))
        ticks = [(place, str(place)) for place in range(0, last + 1, step)]
        self.item.getAxis("bottom").setTicks([ticks])

    def set_log(self, log: bool) -> None:
        """Choose a logarithmic or a linear y axis; the caller draws the curves again."""
        self.log = log
        self.item.getAxis("left").setLogMode(x=False, y=log)
        self.item.enableAutoRange()

    def add_cursor(self) -> Any:
        """Add a hidden upright line, to be moved with ``setPos`` and shown."""
        cursor = pg.InfiniteLine(angle=90, movable=False, pen=thin_pen(QColor(128, 128, 128)))
        cursor.hide()
        self.item.addItem(cursor, ignoreBounds=True)
        return cursor

    def rename(self, x_label: str, y_label: str) -> None:
        """Give the axes other names."""
        self._labels = {"bottom": x_label, "left": y_label}
        for side, label in self._labels.items():
            axis = self.item.getAxis(side)
            if axis.labelText != label:
                shown = axis.label.isVisible() or not axis.labelText
                axis.setLabel(label, **axis.labelStyle)
                axis.showLabel(shown)  # there may be no room for it

    def mark(self, x: float | None) -> None:
        """Draw the line of the moment that is shown; None takes it away."""
        self.moment.setVisible(x is not None)
        if x is not None:
            self.moment.setPos(x)

    def curves(self) -> dict[str, tuple[Array, Array]]:
        """Return what is shown, not thinned and not logarithmic: name to (x, y)."""
        return dict(self._data)

    def recolor(self, text: QColor, background: QColor, accent: QColor) -> None:
        """Take on the colours of text, background and of the line of the moment."""
        self.moment.setPen(pg.mkPen(accent, width=2))
        for side in ("left", "bottom"):
            axis = self.item.getAxis(side)
            axis.setPen(thin_pen(mixed(text, background, 0.55)))
            axis.setTextPen(thin_pen(text))
            axis.setLabel(self._labels[side], **{"color": text.name(), "font-size": "9pt"})

    def _scaled(self, y: Array) -> Array:
        if not self.log:
            return y
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(y > 0, np.log10(y), np.nan)


def shortened(name: str, metrics: QFontMetrics, room: int) -> str:
    """Return a name in so many pixels; of ``a → b`` both ends keep their beginnings."""
    if metrics.horizontalAdvance(name) <= room:
        return name
    right = Qt.TextElideMode.ElideRight
    source, arrow, target = name.partition(" → ")
    half = (room - metrics.horizontalAdvance(arrow)) // 2
    spare = half - metrics.horizontalAdvance(target)
    if not arrow:
        return metrics.elidedText(name, right, room)
    source = metrics.elidedText(source, right, half + max(spare, 0))
    left = room - metrics.horizontalAdvance(source + arrow)
    return source + arrow + metrics.elidedText(target, right, left)


def thin_pen(color: QColor) -> QPen:
    """Return a pen one pixel wide; wider ones are drawn several times more slowly."""
    pen = QPen(color, 1)
    pen.setCosmetic(True)
    return pen
