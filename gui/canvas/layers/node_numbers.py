"""The numbers in nodes, and vectors as strips of colours; small nodes have two larger lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from engine.arrays.aliases import Array, Floats
from gui.canvas.geometry.shapes import WIDTH, RowIndices
from gui.canvas.layers.captions import NUMBER_SIZE, font
from gui.canvas.layers.digit_glyphs import GlyphSheet, codes
from gui.canvas.layers.level_of_detail import LEAST_TEXT, Viewport
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.number_colors import Bytes, Shading
from gui.look import theme as colors

LABEL_LEFT, NUMBER_LEFT = -13.0, -1.0  # left edges of "δ" and its number, from the centre
LINES = {3: (-3.5, 12.0, 27.5), 2: (3.0, 21.0)}  # heights of the lines of numbers
STRIP = QRectF(-1.0, -7.5, WIDTH / 2 - 8, 15.0)
_NAMES = "szδ"
# The same of small nodes, whose symbol is left out.
_SMALL_LEFT, _SMALL_LINES = -39.0, (0.5, 24.0)
_SMALL_STRIP = QRectF(-38.0, -9.0, WIDTH / 2 + 30, 18.0)
_SMALL_SIZE, _MOST_SMALL = 16.0, 11.0  # scene units; pixels
_NARROW = 84  # per cent of the usual width of a digit


class Numerals:
    """Writes numbers; keeps the glyphs of the present zoom."""

    def __init__(self) -> None:
        self._digits: GlyphSheet | None = None
        self._names: GlyphSheet | None = None
        self._left = self._number_left = 0.0

    def prepare(self, view: Viewport) -> None:
        """Make the glyphs for a zoom and theme."""
        unit = view.pixels
        size = font(NUMBER_SIZE * unit)
        self._left, self._number_left = LABEL_LEFT * unit, NUMBER_LEFT * unit
        if view.compact:
            small = min(max(_SMALL_SIZE * view.camera.scale, LEAST_TEXT), _MOST_SMALL)
            size = font(small * view.ratio, stretch=_NARROW)
            self._left = _SMALL_LEFT * unit
            self._number_left = self._left + QFontMetricsF(size).horizontalAdvance("δ ")
        self._digits = GlyphSheet(size, QColor(view.theme.text))
        self._names = GlyphSheet(size, QColor(view.theme.muted), _NAMES)

    def draw(
        self, painter: QPainter, view: Viewport, arrays: Arrays, shading: Shading, rows: RowIndices
    ) -> None:
        """Write the numbers of these nodes; the painter's unit is a physical pixel."""
        if self._digits is None or self._names is None:
            return
        x, y = view.to_pixels(arrays.position[rows])
        names, numbers, places, heights = _lines(shading, rows, compact=view.compact)
        middle = y[places] + heights * view.pixels
        self._names.draw(painter, names[:, None], x[places] + self._left, middle)
        self._digits.draw(painter, codes(numbers), x[places] + self._number_left, middle)
        self._draw_strips(painter, view, arrays, shading, rows)

    def _draw_strips(
        self, painter: QPainter, view: Viewport, arrays: Arrays, shading: Shading, rows: RowIndices
    ) -> None:
        theme = view.theme
        heights, place = (_SMALL_LINES, _SMALL_STRIP) if view.compact else (LINES[2], STRIP)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        for row in rows.tolist():
            for strips, diverging, scale, height in (
                (shading.strips, theme.values, shading.value_scale, heights[0]),
                (shading.delta_strips, theme.gradients, shading.delta_scale, heights[1]),
            ):
                if row in strips:
                    box = _box(view, arrays.position[row], place.translated(0, height))
                    painter.drawImage(box, strip_image(strips[row], diverging, scale))


def _lines(
    shading: Shading, rows: RowIndices, *, compact: bool
) -> tuple[Bytes, Array, RowIndices, Floats]:
    """Return what is written in nodes: name codes, numbers, places in ``rows``, and heights.

    Units have three lines, others and small ones two; vectors have strips instead of numbers.
    """
    vector = np.isin(rows, list(shading.strips))
    three = ~np.isnan(shading.net[rows]) & ~vector & (not compact)
    kinds: list[tuple[NDArray[np.bool_], str]] = [(three, "szδ"), (~three, "zδ")]
    parts = []
    for chosen, names in kinds:
        place = np.flatnonzero(chosen)
        heights = _SMALL_LINES if compact else LINES[len(names)]
        for name, height in zip(names, heights, strict=False):
            numbers = {"s": shading.net, "z": shading.value, "δ": shading.delta}[name]
            written = np.where(vector[place], np.nan, numbers[rows[place]])
            code = np.full(len(place), _NAMES.index(name), dtype=np.uint8)
            parts.append((code, written, place, np.full(len(place), height)))
    names_, numbers_, places, heights_ = (np.concatenate(part) for part in zip(*parts, strict=True))
    return names_, numbers_, places, heights_


def strip_image(numbers: Array, diverging: colors.Diverging, scale: float) -> QImage:
    """Return a vector as a picture one pixel high, a pixel for each component."""
    table = np.array([c.rgb() for c in colors.colors(diverging)], dtype=np.uint32)
    line = table[colors.keys(np.asarray(numbers, dtype=float), scale)]
    return QImage(line.tobytes(), len(line), 1, QImage.Format.Format_RGB32).copy()


def _box(view: Viewport, center: Floats, box: QRectF) -> QRectF:
    """Return a rectangle around a node's centre in physical pixels, on whole ones."""
    (x,), (y,) = view.to_pixels(center[None])
    unit = view.pixels
    left, top = round(x + box.left() * unit), round(y + box.top() * unit)
    return QRectF(left, top, round(box.width() * unit), round(box.height() * unit))
