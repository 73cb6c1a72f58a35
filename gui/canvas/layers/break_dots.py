"""Breakpoints: a red dot at a node's corner or in the middle of a wire, hollow if it is off."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from gui.canvas.geometry.shapes import HEIGHT, WIDTH, along
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.model.graph_arrays import Arrays

_RADIUS, _LEAST, _MOST = 6.5, 4.0, 9.0  # scene units; pixels
_HALF = np.array([[0.5]])


def draw_dots(
    painter: QPainter,
    view: Viewport,
    arrays: Arrays,
    nodes: Mapping[int, bool],
    edges: Mapping[int, bool],
) -> None:
    """Draw the dots; the mappings tell by row whether a breakpoint there is on."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for row, is_on in nodes.items():
        if arrays.shown[row]:
            x, y = arrays.position[row].tolist()
            _draw_dot(painter, view, x - WIDTH / 2 + 2, y - HEIGHT / 2 + 2, is_on=is_on)
    for row, is_on in edges.items():
        if arrays.low[row, 0] <= arrays.high[row, 0]:  # not inside a collapsed group
            x, y = along(arrays.control[row : row + 1], _HALF)[0, 0].tolist()
            _draw_dot(painter, view, x, y, is_on=is_on)


def _draw_dot(painter: QPainter, view: Viewport, x: float, y: float, *, is_on: bool) -> None:
    center = QPointF(*view.camera.to_widget(x, y))
    radius = min(max(_RADIUS * view.camera.scale, _LEAST), _MOST) * view.larger
    red, ground = QColor(view.theme.bad), QColor(view.theme.background)
    painter.setPen(QPen(ground, 1.5))
    painter.setBrush(red if is_on else ground)
    painter.drawEllipse(center, radius + 1, radius + 1)
    if not is_on:
        painter.setPen(QPen(red, 2.0))
        painter.drawEllipse(center, radius - 1, radius - 1)
