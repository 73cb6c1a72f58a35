"""Selecting with a rubber band."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.canvas.geometry.camera import Rect
from gui.canvas.gestures.gesture import Gesture, Keys
from gui.canvas.gestures.host import GestureHost
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.model.hit_test import edges_in, nodes_in


class Band(Gesture):
    """Selects the nodes a rectangle touches and the edges inside it; Shift adds to the selection.

    A click on the empty canvas selects nothing.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: GestureHost, start: QPointF, *, add: bool) -> None:
        super().__init__(host, start)
        self._before = host.session.selection
        self._add = add
        self._corner = self.scene_at(start)
        self._end = start

    def drag(self, at: QPointF, keys: Keys) -> None:
        """Select what is inside."""
        self._end = at
        rect, arrays = self._rect(at), self.host.arrays
        nodes = {arrays.nodes[row] for row in nodes_in(arrays, rect).tolist()}
        edges = {arrays.edges[row] for row in edges_in(arrays, rect).tolist()}
        if self._add:
            nodes |= self._before.nodes
            edges |= self._before.edges
        self.host.session.select(nodes, edges)

    def click(self, at: QPointF, keys: Keys) -> None:
        """Select nothing."""
        if not self._add:
            self.host.session.select()

    def cancel(self) -> None:
        """Select again what was selected."""
        self.host.session.select(self._before.nodes, self._before.edges)

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Draw the rectangle."""
        if self.dragged:
            color = QColor(view.theme.accent)
            painter.setPen(QPen(color, 1.0))
            color.setAlphaF(0.12)
            painter.setBrush(color)
            corner = QPointF(*view.camera.to_widget(*self._corner))
            painter.drawRect(QRectF(corner, self._end).normalized())

    def _rect(self, at: QPointF) -> Rect:
        x, y = self.scene_at(at)
        left, top = self._corner
        return min(x, left), min(y, top), max(x, left), max(y, top)
