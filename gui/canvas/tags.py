"""Weights written on the wires and biases under the nodes, when there is room."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from gui.canvas.arrays import Arrays
from gui.canvas.captions import SMALL_SIZE, draw_plate, font
from gui.canvas.detail import WRITTEN_WEIGHTS, View
from gui.canvas.geometry import HEIGHT, WIDTH, Floats, Rows, along
from gui.canvas.glyphs import text
from gui.canvas.shading import Shading

_MOST = 160  # more wires than this carry no numbers
_PLACES = (0.3, 0.42, 0.54, 0.66, 0.36, 0.48, 0.6)  # along the wire, by rank at its source


class Tags:
    """Chooses where the tags go, keeps that while nothing moves, and draws them."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._places: list[tuple[int, QPointF]] = []

    def draw(
        self,
        painter: QPainter,
        view: View,
        arrays: Arrays,
        shading: Shading,
        rows: Rows,
        biases: Mapping[int, float],
        widths: Mapping[int, int],
    ) -> None:
        """Draw the weights of these edges (of a matrix its shape), and the biases by node row."""
        if view.camera.scale < WRITTEN_WEIGHTS or len(rows) > _MOST:
            return
        size = font(SMALL_SIZE * min(view.camera.scale, 1.3))
        numbers = _edge_numbers(shading)
        theme = view.theme
        ground = QColor(theme.background)
        ground.setAlphaF(0.86)
        self._place(view, arrays, rows, numbers, QFontMetricsF(size))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, center in self._places:
            written = weight_text(arrays, row, numbers[row], widths)
            draw_plate(painter, written, center, size, QColor(theme.text), ground)
        for row, bias in biases.items():
            x, y = view.camera.to_widget(*arrays.position[row])
            if -WIDTH < x < view.width + WIDTH and -HEIGHT < y < view.height + HEIGHT:
                below = QPointF(x, y + (HEIGHT / 2 + 10) * view.camera.scale)
                ink = QColor(theme.muted)
                draw_plate(painter, f"b {text(bias)}", below, size, ink, ground)

    def _place(
        self, view: View, arrays: Arrays, rows: Rows, numbers: Floats, metrics: QFontMetricsF
    ) -> None:
        key = (view, arrays.version, rows.tobytes(), np.isnan(numbers[rows]).tobytes())
        if key == self._key:
            return
        self._key = key
        self._places = []
        rows = rows[~np.isnan(numbers[rows])]
        if not len(rows):
            return
        places = np.array(_PLACES)[ranks(arrays.source[rows]) % len(_PLACES)]
        points = along(arrays.control[rows], places[:, None])[:, 0]
        plate = QRectF(0, 0, metrics.horizontalAdvance("−0.0000") + 8, metrics.height())
        taken: list[QRectF] = []
        for row, point in zip(rows.tolist(), points.tolist(), strict=True):
            center = QPointF(*view.camera.to_widget(*point))
            plate.moveCenter(center)
            if not any(plate.intersects(other) for other in taken):
                taken.append(QRectF(plate))
                self._places.append((row, center))


def weight_text(arrays: Arrays, row: int, number: float, widths: Mapping[int, int]) -> str:
    """Return what is written on a wire: its weight, of a matrix the shape."""
    rows, columns = (widths.get(int(end[row]), 1) for end in (arrays.target, arrays.source))
    return text(number) if rows == columns == 1 else f"{rows}×{columns}"


def draw_port_name(painter: QPainter, view: View, arrays: Arrays, node: str, port: str) -> None:
    """Write a port's name to the left of it."""
    x, y = view.camera.to_widget(*arrays.input_port(arrays.node_row[node], port))
    size = font(SMALL_SIZE + 1)
    across = QFontMetricsF(size).horizontalAdvance(port)
    center = QPointF(x - across / 2 - 16, y)
    draw_plate(painter, port, center, size, QColor(view.theme.text), QColor(view.theme.plate))


def ranks(numbers: Rows) -> Rows:
    """Return for each number how many equal ones come before it."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    first = np.searchsorted(ordered, ordered, side="left")
    result = np.empty(len(numbers), dtype=np.intp)
    result[order] = np.arange(len(numbers)) - first
    return result


def _edge_numbers(shading: Shading) -> Floats:
    """Return what is written on the wires: weights, or gradients if those are shown."""
    return shading.gradient if shading.shown == "gradient" else shading.weight
