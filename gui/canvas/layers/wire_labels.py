"""Weights written on the wires and biases under the nodes, when there is room."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from engine.arrays.aliases import Floats
from gui.canvas.geometry.shapes import HEIGHT, WIDTH, RowIndices, along
from gui.canvas.layers.captions import SMALL_SIZE, draw_plate, font
from gui.canvas.layers.digit_glyphs import text
from gui.canvas.layers.level_of_detail import LEAST_TEXT, WRITTEN_WEIGHTS, Viewport
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.number_colors import Shading

_MOST = 160  # more wires than this carry no numbers
_PLACES = (0.3, 0.42, 0.54, 0.66, 0.36, 0.48, 0.6)  # along the wire, by rank at its source
_OTHER_PLACES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78, 0.15, 0.85)  # where else it may go
_CLEAR = 2.0  # pixels between a number and a node
_NARROW = 90  # per cent of the usual width, from afar


class Tags:
    """Chooses where the tags go, keeps that while nothing moves, and draws them."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._places: list[tuple[int, QPointF]] = []

    def draw(
        self,
        painter: QPainter,
        view: Viewport,
        arrays: Arrays,
        shading: Shading,
        rows: RowIndices,
        biases: Mapping[int, float],
        widths: Mapping[int, int],
    ) -> None:
        """Draw the weights of these edges (of a matrix its shape), and the biases by node row."""
        if view.camera.scale < WRITTEN_WEIGHTS or len(rows) > _MOST:
            return
        pixels = max(SMALL_SIZE * min(view.camera.scale, 1.3), LEAST_TEXT)
        size = font(pixels, stretch=_NARROW if view.compact else 100)
        numbers = edge_numbers(shading)
        theme = view.theme
        ground = QColor(theme.background)
        ground.setAlphaF(0.86)
        self._place(view, arrays, rows, numbers, QFontMetricsF(size), biases)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, center in self._places:
            written = weight_text(arrays, row, numbers[row], widths)
            draw_plate(painter, written, center, size, QColor(theme.text), ground)
        for row, bias in biases.items():
            if not arrays.shown[row]:
                continue
            x, y = _bias_place(view, arrays, row)
            if -WIDTH < x < view.width + WIDTH and 0 < y < view.height + HEIGHT:
                ink = QColor(theme.muted)
                draw_plate(painter, f"b {text(bias)}", QPointF(x, y), size, ink, ground)

    def _place(
        self,
        view: Viewport,
        arrays: Arrays,
        rows: RowIndices,
        numbers: Floats,
        metrics: QFontMetricsF,
        biases: Mapping[int, float],
    ) -> None:
        written = rows[~np.isnan(numbers[rows]) & ~arrays.bundled(rows)]
        key = (view, arrays.version, written.tobytes(), tuple(biases))
        if key != self._key:
            self._places = free_places(view, arrays, written, metrics, biases)
            self._key = key


def free_places(
    view: Viewport,
    arrays: Arrays,
    rows: RowIndices,
    metrics: QFontMetricsF,
    biases: Iterable[int] = (),
) -> list[tuple[int, QPointF]]:
    """Return where on these wires numbers can be read: beside nodes and each other.

    Wires without such a place are left out.
    """
    if not len(rows):
        return []
    first = np.array(_PLACES)[ranks(arrays.source[rows]) % len(_PLACES)]
    t = np.column_stack([first, np.tile(_OTHER_PLACES, (len(rows), 1))])
    camera = view.camera
    points = along(arrays.control[rows], t) * camera.scale + (camera.tx, camera.ty)
    width, height = metrics.horizontalAdvance("−0.0000") + 8, metrics.height()
    reach = np.array([WIDTH, HEIGHT]) / 2 * camera.scale + (width / 2, height / 2) + _CLEAR
    nodes = arrays.position * camera.scale + (camera.tx, camera.ty)
    low, high = points.min(axis=(0, 1)) - reach, points.max(axis=(0, 1)) + reach
    nodes = nodes[((nodes > low) & (nodes < high)).all(axis=1)]
    gap = np.abs(points[:, :, None] - nodes)
    free = ~((gap[..., 0] < reach[0]) & (gap[..., 1] < reach[1])).any(axis=2)
    taken = [_bias_place(view, arrays, row) for row in biases if arrays.shown[row]]
    found = []
    for row, spots, good in zip(rows.tolist(), points.tolist(), free.tolist(), strict=True):
        for x, y in itertools.compress(spots, good):
            if all(abs(x - a) >= width or abs(y - b) >= height for a, b in taken):
                taken.append((x, y))
                found.append((row, QPointF(x, y)))
                break
    return found


def _bias_place(view: Viewport, arrays: Arrays, row: int) -> tuple[float, float]:
    """Return the middle of what is written under a node, widget coordinates."""
    x, y = view.camera.to_widget(*arrays.position[row])
    below = max(10.0 * view.camera.scale, LEAST_TEXT * 0.75)
    return x, y + HEIGHT / 2 * view.camera.scale + below


def weight_text(arrays: Arrays, row: int, number: float, widths: Mapping[int, int]) -> str:
    """Return what is written on a wire: its weight, of a matrix the shape."""
    rows, columns = (widths.get(int(end[row]), 1) for end in (arrays.target, arrays.source))
    return text(number) if rows == columns == 1 else f"{rows}×{columns}"


def draw_port_name(painter: QPainter, view: Viewport, arrays: Arrays, node: str, port: str) -> None:
    """Write a port's name to the left of it."""
    x, y = view.camera.to_widget(*arrays.input_port(arrays.node_row[node], port))
    size = font(SMALL_SIZE + 1)
    across = QFontMetricsF(size).horizontalAdvance(port)
    center = QPointF(x - across / 2 - 16, y)
    draw_plate(painter, port, center, size, QColor(view.theme.text), QColor(view.theme.plate))


def ranks(numbers: RowIndices) -> RowIndices:
    """Return for each number how many equal ones come before it."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    first = np.searchsorted(ordered, ordered, side="left")
    result = np.empty(len(numbers), dtype=np.intp)
    result[order] = np.arange(len(numbers)) - first
    return result


def edge_numbers(shading: Shading) -> Floats:
    """Return what is written on the wires: weights, or gradients if those are shown."""
    return shading.gradient if shading.shown == "gradient" else shading.weight
