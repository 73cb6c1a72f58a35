"""Matrices of weight nodes as pictures in the place of the kind's sign: W above, ∂E/∂W below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from engine.arrays.aliases import Array
from gui.canvas.layers.level_of_detail import Detail, Viewport
from gui.canvas.layers.node_sprites import DISC
from gui.canvas.layers.painter_batches import saved
from gui.canvas.model.color_scales import ColorScales
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.node_parameters import NodeParameter
from gui.look import theme as colors

_HALF, _GAP = 20.0, 1.5  # of the square that the pictures share, scene units
_MOST = 64  # rows or columns that are drawn at most; of more every few

Parameters = Mapping[int, Sequence[NodeParameter]]


def choose_scales(scales: ColorScales, parameters: Parameters, *, held: bool) -> None:
    """Choose the scales of all matrices' entries, and of their derivatives."""
    matrices = [one for several in parameters.values() for one in several if one.is_matrix]
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


def _draw(painter: QPainter, view: Viewport, scales: ColorScales, one: NodeParameter) -> None:
    theme, height = view.theme, _HALF - _GAP / 2
    parts: Iterable[tuple[Array | None, str, colors.Diverging, float]] = (
        (one.value, "W", theme.values, -_HALF),
        (one.gradient, "∂E/∂W", theme.gradients, _GAP / 2),
    )
    ground = QRectF(DISC.x() - _HALF - 2, DISC.y() - _HALF - 2, 2 * _HALF + 4, 2 * _HALF + 4)
    painter.fillRect(ground, QColor(theme.surface))
    for numbers, name, diverging, top in parts:
        box = QRectF(DISC.x() - _HALF, DISC.y() + top, 2 * _HALF, height)
        if numbers is not None:
            painter.drawImage(box, matrix_image(numbers, diverging, scales, name))
        painter.setPen(QPen(QColor(theme.border), 0.5))
        painter.setBrush(QColor(0, 0, 0, 0))
        painter.drawRect(box)


def matrix_image(
    numbers: Array, diverging: colors.Diverging, scales: ColorScales, name: str
) -> QImage:
    """Return a matrix as a picture, a pixel for each entry; of a large one every few."""
    rows, columns = (-(-extent // _MOST) for extent in numbers.shape)
    shown = np.asarray(numbers[::rows, ::columns], dtype=float)
    table = np.array([color.rgb() for color in colors.colors(diverging)], dtype=np.uint32)
    pixels = table[colors.keys(shown, scales[name], log=scales.logarithmic)]
    height, width = pixels.shape
    data = np.ascontiguousarray(pixels).tobytes()
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
