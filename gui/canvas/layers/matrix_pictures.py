"""Matrices as pictures, a pixel for each entry.

Weight nodes have two in the place of the kind's sign, W above and ∂E/∂W below; inputs that are
pictures have one there; wires that carry a matrix have one beside their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from engine.arrays.aliases import Array
from gui.canvas.layers.level_of_detail import Detail, Viewport
from gui.canvas.layers.node_sprites import DISC
from gui.canvas.layers.painter_batches import saved
from gui.canvas.model.color_scales import ColorScales
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.node_parameters import NodeParameter
from gui.canvas.model.number_colors import Shading
from gui.look import theme as colors
from gui.widgets.number_text import index_text

_HALF, _GAP = 20.0, 1.5  # of the square that the pictures share, scene units
_SQUARE = QRectF(DISC.x() - _HALF, DISC.y() - _HALF, 2 * _HALF, 2 * _HALF)
_GROUND = _SQUARE.adjusted(-2, -2, 2, 2)
_MOST = 64  # rows or columns that are drawn at most; of more every few

Parameters = Mapping[int, Sequence[NodeParameter]]
Matrices = Mapping[int, NodeParameter]
Pictures = Mapping[int, tuple[int, int]]
"""Height and width of the values of nodes that are pictures, by node row."""


def choose_scales(
    scales: ColorScales, parameters: Parameters, carried: Matrices, *, held: bool
) -> None:
    """Choose the scales of all matrices' entries, and of their derivatives."""
    matrices = [one for several in parameters.values() for one in several if one.is_matrix]
    matrices += carried.values()
    slopes = [one.gradient for one in matrices if one.gradient is not None]
    for name, arrays in (("W", [one.value for one in matrices]), ("∂E/∂W", slopes)):
        pooled = np.concatenate([np.zeros(0), *(array.reshape(-1) for array in arrays)])
        scales.take(name, pooled, held=held)


def draw_matrices(
    painter: QPainter, view: Viewport, arrays: Arrays, scales: ColorScales, parameters: Parameters
) -> None:
    """Draw the matrices of nodes that are large enough."""
    if view.detail is not Detail.NEAR or view.compact:
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    for row, several in parameters.items():
        for one in several:
            if one.is_matrix and arrays.shown[row]:
                with saved(painter):
                    painter.translate(*view.camera.to_widget(*arrays.position[row]))
                    painter.scale(view.camera.scale, view.camera.scale)
                    _draw(painter, view, scales, one)


def draw_values(
    painter: QPainter, view: Viewport, arrays: Arrays, shading: Shading, pictures: Pictures
) -> None:
    """Draw the values of nodes that are pictures and large enough."""
    if view.detail is not Detail.NEAR or view.compact:
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    for row, shape in pictures.items():
        numbers = value_picture(shading, row, shape)
        if numbers is not None and arrays.shown[row]:
            with saved(painter):
                painter.translate(*view.camera.to_widget(*arrays.position[row]))
                painter.scale(view.camera.scale, view.camera.scale)
                painter.fillRect(_GROUND, QColor(view.theme.surface))
                image = matrix_image(numbers, view.theme.values, shading.scales, "value")
                _draw_framed(painter, view, image, _SQUARE)


def value_picture(shading: Shading, row: int, shape: tuple[int, int]) -> Array | None:
    """Return a node's value as a picture of that shape; None while it is not known."""
    numbers = shading.strips.get(row)
    known = numbers is not None and numbers.size == shape[0] * shape[1]
    return numbers.reshape(shape) if numbers is not None and known else None


def pixel_at(numbers: Array, x: float, y: float) -> tuple[str, float] | None:
    """Return name and number of the pixel at a point from the centre of a node with a picture."""
    place = pixel_number((numbers.shape[0], numbers.shape[1]), x, y)
    if place is None:
        return None
    row, column = divmod(place, numbers.shape[1])
    name = f"z{index_text([place])}, pixel {index_text([row, column])}"
    return name, float(numbers[row, column])


def pixel_number(shape: tuple[int, int], x: float, y: float) -> int | None:
    """Return which component is the pixel at a point from the centre of a node with a picture."""
    if not _SQUARE.contains(x, y):
        return None
    row, column = _place(np.empty(shape), _SQUARE, x, y)
    return row * shape[1] + column


class WirePicture(NamedTuple):
    """The matrix of a wire: its edge's row, its name and numbers, and where it is on the widget."""

    row: int
    name: str
    numbers: Array
    box: QRectF

    def entry(self, x: float, y: float) -> tuple[str, float] | None:
        """Return name and number of the entry at a point of the widget; None beside it."""
        return _entry(_Picture(self.name, self.numbers, self.box), x, y)

    def draw(self, painter: QPainter, view: Viewport, scales: ColorScales) -> None:
        """Draw it in the colours of weights or of derivatives."""
        shades = view.theme.values if self.name == "W" else view.theme.gradients
        image = matrix_image(self.numbers, shades, scales, self.name)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        _draw_framed(painter, view, image, self.box)


class _Picture(NamedTuple):
    """One of the two pictures of a node: its name, its numbers, and where from the centre."""

    name: str
    numbers: Array | None
    box: QRectF


def _pictures(one: NodeParameter) -> tuple[_Picture, _Picture]:
    left, height = DISC.x() - _HALF, _HALF - _GAP / 2
    return (
        _Picture("W", one.value, QRectF(left, DISC.y() - _HALF, 2 * _HALF, height)),
        _Picture("∂E/∂W", one.gradient, QRectF(left, DISC.y() + _GAP / 2, 2 * _HALF, height)),
    )


def entry_at(several: Sequence[NodeParameter], x: float, y: float) -> tuple[str, float] | None:
    """Return the name and number of the entry at a point from its node's centre."""
    for one in several:
        for picture in _pictures(one) if one.is_matrix else ():
            if (found := _entry(picture, x, y)) is not None:
                return found
    return None


def _entry(picture: _Picture, x: float, y: float) -> tuple[str, float] | None:
    """Return the name and number of a picture's entry at a point; None beside it."""
    numbers, box = picture.numbers, picture.box
    if numbers is None or not box.contains(x, y):
        return None
    row, column = _place(numbers, box, x, y)
    return f"{picture.name}{index_text([row, column])}", float(numbers[row, column])


def _place(numbers: Array, box: QRectF, x: float, y: float) -> tuple[int, int]:
    """Return row and column of the entry that is drawn at a point of a picture."""
    rows, columns = _steps(numbers)
    down, across = numbers[::rows, ::columns].shape
    row = min(int((y - box.top()) / box.height() * down), down - 1)
    column = min(int((x - box.left()) / box.width() * across), across - 1)
    return row * rows, column * columns


def _draw(painter: QPainter, view: Viewport, scales: ColorScales, one: NodeParameter) -> None:
    theme = view.theme
    painter.fillRect(_GROUND, QColor(theme.surface))
    shades = theme.values, theme.gradients
    for picture, diverging in zip(_pictures(one), shades, strict=True):
        if picture.numbers is not None:
            image = matrix_image(picture.numbers, diverging, scales, picture.name)
            _draw_framed(painter, view, image, picture.box)


def _draw_framed(painter: QPainter, view: Viewport, image: QImage, box: QRectF) -> None:
    painter.drawImage(box, image)
    painter.setPen(QPen(QColor(view.theme.border), 0.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)


def matrix_image(
    numbers: Array, diverging: colors.Diverging, scales: ColorScales, name: str
) -> QImage:
    """Return a matrix as a picture, a pixel for each entry; of a large one every few."""
    rows, columns = _steps(numbers)
    shown = np.asarray(numbers[::rows, ::columns], dtype=float)
    table = np.array([color.rgb() for color in colors.colors(diverging)], dtype=np.uint32)
    pixels = table[colors.keys(shown, scales[name], log=scales.logarithmic)]
    height, width = pixels.shape
    data = np.ascontiguousarray(pixels).tobytes()
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def _steps(numbers: Array) -> tuple[int, int]:
    """Return every how many rows and columns are drawn."""
    rows, columns = (-(-extent // _MOST) for extent in numbers.shape)
    return rows, columns
