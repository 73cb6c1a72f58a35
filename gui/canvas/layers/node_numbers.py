"""The numbers in nodes, and vectors as strips of colours; small nodes have two larger lines.

Units show s, z and δ = ∂E/∂s; of other nodes the derivative is ∂E/∂z, and named so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from engine.arrays.aliases import Array, Flags, Floats
from gui.canvas.geometry.shapes import WIDTH, RowIndices
from gui.canvas.layers.captions import NUMBER_SIZE, font
from gui.canvas.layers.digit_glyphs import GlyphSheet, codes
from gui.canvas.layers.level_of_detail import LEAST_TEXT, Viewport
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.number_colors import Shading
from gui.look import theme as colors
from gui.look.theme import Theme

SLOPE = "∂E/∂z"
LABEL_SIZE, LABEL_STRETCH = 9.0, 88  # of that name
# Left edges of names and numbers from the centre: of units, and of other nodes.
LABEL_LEFT, NUMBER_LEFT = -13.0, -1.0
SLOPE_LEFT, OTHER_LEFT = -20.0, 7.0
LINES = {3: (-3.5, 12.0, 27.5), 2: (3.0, 21.0)}  # heights of the lines of numbers
_STRIP = QRectF(-1.0, -7.5, WIDTH / 2 - 8, 15.0)
_NAMES, _SLOPE_NAMES = "szδ∂", "∂E/z"
# The same of small nodes, whose symbol is left out; names are short before that.
_SMALL_LEFT, _SMALL_LINES = -39.0, (0.5, 24.0)
_SMALL_STRIP = QRectF(-38.0, -9.0, WIDTH / 2 + 30, 18.0)
_SMALL_SIZE, _MOST_SMALL = 16.0, 11.0  # scene units; pixels
_NARROW, _MOST = 84, 1.18  # per cent of the usual width of a digit; so much higher they fit


class Strip(NamedTuple):
    """A vector of a node: its name, its components, and where it is from the node's centre."""

    name: str
    numbers: Array
    box: QRectF
    slope: bool

    def image(self, shading: Shading, theme: Theme) -> QImage:
        """Return it as a picture one pixel high, a pixel for each component."""
        scales, name = shading.scales, "delta" if self.slope else "value"
        shades = colors.colors(theme.gradients if self.slope else theme.values)
        table = np.array([color.rgb() for color in shades], dtype=np.uint32)
        numbers = np.asarray(self.numbers, dtype=float)
        line = table[colors.keys(numbers, scales[name], log=scales.logarithmic)]
        return QImage(line.tobytes(), len(line), 1, QImage.Format.Format_RGB32).copy()

    def component(self, x: float, y: float) -> int | None:
        """Return which component is at a point from the node's centre; None beside the strip."""
        if not self.box.contains(x, y):
            return None
        count = len(self.numbers)
        return min(int((x - self.box.left()) / self.box.width() * count), count - 1)


def strips(arrays: Arrays, shading: Shading, row: int, *, compact: bool = False) -> list[Strip]:
    """Return the strips of a node; none unless it is a vector."""
    has_net = bool(arrays.has_net[row])
    heights, box = (_SMALL_LINES, _SMALL_STRIP) if compact else (LINES[2], _STRIP)
    if not (compact or has_net):
        box = box.adjusted(OTHER_LEFT - NUMBER_LEFT, 0, 0, 0)
    several = (
        ("z", shading.strips, heights[0], False),
        ("δ" if has_net else SLOPE, shading.delta_strips, heights[1], True),
    )
    return [
        Strip(name, found[row], box.translated(0, height), slope)
        for name, found, height, slope in several
        if row in found
    ]


def written_lines(shading: Shading, row: int, *, has_net: bool) -> list[tuple[str, float, float]]:
    """Return what a node of full size says: names, numbers and heights, for drawings."""
    numbers = [("z", shading.value[row]), ("δ" if has_net else SLOPE, shading.delta[row])]
    if row in shading.vectors:
        numbers = [(name, np.nan) for name, _ in numbers]
    elif has_net:
        numbers.insert(0, ("s", shading.net[row]))
    heights = LINES[len(numbers)]
    return [(name, float(x), at) for (name, x), at in zip(numbers, heights, strict=True)]


class Numerals:
    """Writes numbers; keeps the glyphs of the present zoom."""

    def __init__(self) -> None:
        self._sheets: tuple[GlyphSheet, GlyphSheet, GlyphSheet] | None = None
        self._left = self._number_left = self._slope_left = self._other_left = 0.0

    def prepare(self, view: Viewport) -> None:
        """Make the glyphs for a zoom and theme."""
        unit = view.pixels
        stretch = _NARROW if view.narrow or view.larger > 1.0 else 100
        pixels = max(NUMBER_SIZE * unit * min(view.larger, _MOST), LEAST_TEXT * view.ratio)
        size = font(pixels, stretch=stretch)
        slope = font(LABEL_SIZE * unit, stretch=LABEL_STRETCH)
        self._left, self._number_left = LABEL_LEFT * unit, NUMBER_LEFT * unit
        self._slope_left, self._other_left = SLOPE_LEFT * unit, OTHER_LEFT * unit
        if view.compact:
            small = min(max(_SMALL_SIZE * view.camera.scale, LEAST_TEXT), _MOST_SMALL)
            size = font(small * view.ratio, stretch=_NARROW)
            self._left = _SMALL_LEFT * unit
            self._number_left = self._left + QFontMetricsF(size).horizontalAdvance("δ ")
        muted = QColor(view.theme.muted)
        self._sheets = (
            GlyphSheet(size, QColor(view.theme.text)),
            GlyphSheet(size, muted, _NAMES),
            GlyphSheet(slope, muted, _SLOPE_NAMES),
        )

    def draw(
        self, painter: QPainter, view: Viewport, arrays: Arrays, shading: Shading, rows: RowIndices
    ) -> None:
        """Write the numbers of these nodes; the painter's unit is a physical pixel."""
        if self._sheets is None:
            return
        digits, names, slopes = self._sheets
        x, y = view.to_pixels(arrays.position[rows])
        has_net, short = arrays.has_net[rows], view.narrow
        lines = _lines(shading, rows, has_net, compact=view.compact, short=short)
        lefts, middles = [], []
        for line in lines:
            lefts.append(x[line.places])
            middles.append(y[line.places] + line.height * view.pixels)
            sheet, glyphs, left = names, _NAMES, self._left
            if line.name == SLOPE:
                sheet, glyphs, left = slopes, _SLOPE_NAMES, self._slope_left
            label = np.array([glyphs.index(c) for c in line.name], dtype=np.uint8)
            label = np.repeat(label[None], len(line.places), axis=0)
            sheet.draw(painter, label, lefts[-1] + left, middles[-1])
            lefts[-1] = lefts[-1] + (self._other_left if line.other else self._number_left)
        written = codes(np.concatenate([line.numbers for line in lines]))
        digits.draw(painter, written, np.concatenate(lefts), np.concatenate(middles))
        self._draw_strips(painter, view, arrays, shading, rows)

    def _draw_strips(
        self, painter: QPainter, view: Viewport, arrays: Arrays, shading: Shading, rows: RowIndices
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        for row in rows.tolist():
            if row in shading.strips or row in shading.delta_strips:
                for strip in strips(arrays, shading, row, compact=view.compact):
                    box = _box(view, arrays.position[row], strip.box)
                    painter.drawImage(box, strip.image(shading, view.theme))


class _Line(NamedTuple):
    """The same line of several nodes: name, numbers, places among the rows, height."""

    name: str
    numbers: Array
    places: RowIndices
    height: float
    other: bool  # than units, which leave more room for the name


def _lines(
    shading: Shading, rows: RowIndices, has_net: Flags, *, compact: bool, short: bool
) -> list[_Line]:
    """Return what is written in nodes; vectors have strips instead of numbers.

    Units have three lines, others and small ones two.
    """
    vector = np.isin(rows, list(shading.vectors))
    three = has_net & ~vector & (not compact)
    kinds: list[tuple[Flags, tuple[str, ...]]] = [
        (three, ("s", "z", "δ")),
        (has_net & ~three, ("z", "δ")),
        (~has_net, ("z", "∂" if short else SLOPE)),
    ]
    lines = []
    for chosen, names in kinds:
        place = np.flatnonzero(chosen)
        heights = _SMALL_LINES if compact else LINES[len(names)]
        for name, height in zip(names, heights, strict=True) if len(place) else ():
            numbers = np.where(vector[place], np.nan, _numbers(shading, name)[rows[place]])
            lines.append(_Line(name, numbers, place, height, names[-1] == SLOPE))
    return lines


def _numbers(shading: Shading, name: str) -> Array:
    named: Mapping[str, Array] = {"s": shading.net, "z": shading.value}
    return named.get(name, shading.delta)


def _box(view: Viewport, center: Floats, box: QRectF) -> QRectF:
    """Return a rectangle around a node's centre in physical pixels, on whole ones."""
    (x,), (y,) = view.to_pixels(center[None])
    unit = view.pixels
    left, top = round(x + box.left() * unit), round(y + box.top() * unit)
    return QRectF(left, top, round(box.width() * unit), round(box.height() * unit))
