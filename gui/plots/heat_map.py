"""A heat map over epochs: every column lies where its sample was taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF

from engine.analysis.curves import cell_edges, spread
from engine.arrays.aliases import Array
from gui.plots.panel import Panel

_LEAST = 64  # columns of the picture, at least


class HeatMap:
    """Series as rows of colours; at any x the colour is that of the sample nearest to it.

    Samples may lie unevenly. The picture is made for the range that is seen, with a column for
    each pixel; of samples that share a pixel the one furthest from 0 is drawn. The first row is at
    the top, or at the bottom if the y axis points ``upward``.
    """

    def __init__(self, panel: Panel, *, upward: bool = False) -> None:
        self._box = panel.item.getViewBox()
        self.image = pg.ImageItem(axisOrder="col-major")
        self._extent = pg.PlotCurveItem(pen=None)  # what the axes make room for
        panel.item.addItem(self.image, ignoreBounds=True)
        panel.item.addItem(self._extent)
        panel.show_grid(False)
        self._box.invertY(not upward)
        self._box.setDefaultPadding(0.0)
        self._box.sigXRangeChanged.connect(self._draw)
        self._box.sigResized.connect(self._draw)
        self.clear()

    def clear(self) -> None:
        """Show nothing."""
        self._positions: Array = np.empty(0)
        self._matrix: Array = np.empty((0, 0))
        self._edges: Array = np.empty(0)
        self._span, self._levels = (0.0, 0.0), (-1.0, 1.0)
        self.image.clear()
        self._extent.setData([], [])

    def show(
        self,
        positions: Array,
        matrix: Array,
        span: tuple[float, float],
        levels: tuple[float, float],
    ) -> None:
        """Show samples (T, N) taken at ``positions`` (T,).

        Parameters
        ----------
        span : (float, float)
            Where on the y axis the first row begins and the last one ends.
        levels : (float, float)
            The numbers at the ends of the colours.
        """
        self._positions, self._matrix = positions, matrix
        self._span, self._levels = span, levels
        self._edges = cell_edges(positions)
        self._extent.setData(self._edges[[0, -1]], np.array(span))
        self._draw()

    def recolor(self, table: Any) -> None:
        """Take on a table of colours, (colours, 3)."""
        self.image.setLookupTable(table)

    def value_at(self, x: float, row: int) -> float:
        """Return what is drawn at x in a row of the picture; NaN outside of it."""
        shown, place = self.image.image, self.image.mapFromParent(pg.Point(x, 0.0)).x()
        inside = shown is not None and 0 <= place < len(shown)
        return float(shown[int(place), row]) if inside else float("nan")

    def _draw(self, *_: object) -> None:
        if not self._matrix.size:
            return
        seen_low, seen_high = self._box.viewRange()[0]
        low, high = max(self._edges[0], seen_low), min(self._edges[-1], seen_high)
        if low >= high:  # nothing of it is in sight, or the axes are not made yet
            low, high = self._edges[0], self._edges[-1]
        columns = max(int(self._box.width()), _LEAST)
        shown = spread(self._positions, self._matrix, (low, high), columns)
        self.image.setImage(shown, autoLevels=False, levels=self._levels)
        bottom, top = self._span
        self.image.setRect(QRectF(low, bottom, high - low, top - bottom))
