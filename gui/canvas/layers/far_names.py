"""Names beside nodes that are too small to hold them, where they hide neither nodes nor names."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from engine.arrays.aliases import Flags
from gui.canvas.geometry.shapes import HEIGHT, WIDTH
from gui.canvas.layers.captions import font
from gui.canvas.layers.level_of_detail import LEAST_TEXT, Viewport
from gui.canvas.model.graph_arrays import Arrays

_MOST = 300  # nodes; of more no names are written
_WIDEST = 90.0  # pixels of a name
_GAP = 1.0  # pixels between a name and its node
_NARROW = 88  # per cent of the usual width


class FarName(NamedTuple):
    """A name and its box, in pixels from the scene's origin."""

    name: str
    left: float
    top: float
    width: float
    height: float


class FarNames:
    """Chooses where names go, keeps that while only the view moves, and draws them."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._places: list[FarName] = []

    def draw(self, painter: QPainter, view: Viewport, arrays: Arrays) -> None:
        """Draw the names of a small graph whose nodes hold none."""
        if view.named or len(arrays.nodes) > _MOST:
            return
        camera, theme = view.camera, view.theme
        size = font(LEAST_TEXT * view.larger, stretch=_NARROW)
        key = (camera.scale, view.larger, arrays.version, arrays.shown.tobytes())
        if key != self._key:
            self._places = free_names(arrays, camera.scale, QFontMetricsF(size))
            self._key = key
        ground = QColor(theme.background)
        ground.setAlphaF(0.75)
        painter.setFont(size)
        painter.setPen(QColor(theme.text))
        for name, left, top, width, height in self._places:
            box = QRectF(round(left + camera.tx), round(top + camera.ty), width, height)
            if box.intersects(QRectF(0, 0, view.width, view.height)):
                painter.fillRect(box, ground)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)


def free_names(arrays: Arrays, scale: float, metrics: QFontMetricsF) -> list[FarName]:
    """Return the names that find a place, and where.

    A name goes over, under or beside its node; those that users gave come first.
    """
    rows = np.flatnonzero(arrays.shown)
    titles = [arrays.titles[row] for row in rows.tolist()]
    across = np.array([metrics.horizontalAdvance(title) + 2 for title in titles])
    half_name = np.column_stack([across, np.full(len(rows), metrics.height())]) / 2
    half_node = np.array([WIDTH, HEIGHT]) * scale / 2
    middle = arrays.position[rows] * scale
    sides = np.array([(0, -1), (0, 1), (1, 0), (-1, 0)])
    spots = middle[:, None] + sides * (half_name + half_node + _GAP)[:, None]
    gap = np.abs(spots[:, :, None] - middle)
    hides = np.all(gap < (half_name[:, None] + half_node)[:, None], axis=3)
    free: Flags = np.asarray(~np.any(hides, axis=2))
    free[across > _WIDEST] = False
    given = [title != arrays.nodes[row] for title, row in zip(titles, rows.tolist(), strict=True)]
    taken, halves = np.empty((len(rows), 2)), np.empty((len(rows), 2))
    found: list[FarName] = []
    for place in np.argsort(~np.array(given, bool), kind="stable").tolist():
        count = len(found)
        for side in np.flatnonzero(free[place]).tolist():
            spot = spots[place, side]
            reach = halves[:count] + half_name[place]
            if not (np.abs(taken[:count] - spot) < reach).all(axis=1).any():
                taken[count], halves[count] = spot, half_name[place]
                corner, extent = spot - half_name[place], 2 * half_name[place]
                found.append(FarName(titles[place], *corner.tolist(), *extent.tolist()))
                break
    return found
