"""Nodes from afar: plain boxes in the colour of their value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from gui.canvas.batches import draw_rects
from gui.canvas.detail import View
from gui.canvas.geometry.shapes import HEIGHT, WIDTH, Rows
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.number_colors import Shading
from gui.look import theme as colors
from gui.look.theme import UNKNOWN, Theme


@dataclass(slots=True)
class Marks:
    """What sets nodes apart: rows by state (see `STATES`), and the widths of their values."""

    states: dict[str, Rows] = field(default_factory=dict)
    widths: Mapping[int, int] = field(default_factory=dict)
    dimmed: NDArray[np.bool_] | None = None


def draw_boxes(
    painter: QPainter, view: View, arrays: Arrays, shading: Shading, marks: Marks, rows: Rows
) -> None:
    """Draw nodes as plain boxes in the colour of their value, marked ones with a frame."""
    x, y = view.to_pixels(arrays.position[rows])
    half = np.array([WIDTH, HEIGHT]) / 2 * view.pixels
    rects = np.column_stack([x - half[0], y - half[1], np.full((len(x), 2), 2 * half)])
    palette = list(colors.colors(view.theme.values))
    palette[UNKNOWN] = QColor(view.theme.frame)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    keys = shading.value_keys[rows]
    order = np.argsort(keys, kind="stable")
    sorted_, first = np.ascontiguousarray(rects[order]), 0
    for key, count in enumerate(np.bincount(keys, minlength=UNKNOWN + 1).tolist()):
        painter.setBrush(palette[key])
        draw_rects(painter, sorted_[first : first + count])
        first += count
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for state, marked in marks.states.items():
        inside = np.isin(rows, marked)
        if inside.any():
            painter.setPen(_state_color(view.theme, state))
            draw_rects(painter, np.ascontiguousarray(rects[inside]))


def _state_color(theme: Theme, state: str) -> QColor:
    names = {"hovered": "muted", "selected": "selection", "error": "bad"}
    return QColor(getattr(theme, names.get(state, state)))
