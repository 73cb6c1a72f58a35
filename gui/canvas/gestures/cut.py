"""Cutting wires by drawing a line across them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from graph.changes import adding
from gui.canvas.gestures.gesture import Gesture, Keys
from gui.canvas.gestures.host import GestureHost
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.layers.wires import wire_path
from gui.canvas.model.hit_test import edges_across


class Cut(Gesture):
    """Ctrl and left button on the empty canvas: a straight cut through wires."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: GestureHost, start: QPointF) -> None:
        super().__init__(host, start)
        self._corner = self.scene_at(start)
        self._end = start
        self._rows: list[int] = []

    def drag(self, at: QPointF, keys: Keys) -> None:
        """Find the wires that the line crosses."""
        self._end = at
        arrays = self.host.arrays
        self._rows = edges_across(arrays, self._corner, self.scene_at(at)).tolist()

    def drop(self, at: QPointF, keys: Keys) -> None:
        """Remove them."""
        session, arrays = self.host.session, self.host.arrays
        edges = [arrays.edges[row] for row in self._rows]
        if edges:
            wires = "1 wire" if len(edges) == 1 else f"{len(edges)} wires"
            session.push(adding.remove(session.document, (), edges), f"Cut {wires}")

    def click(self, at: QPointF, keys: Keys) -> None:
        """Keep the selection: Ctrl adds to it."""

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Draw the line, and the crossed wires in red."""
        if not self.dragged:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(view.theme.bad), 2.5))
        for row in self._rows:
            painter.drawPath(wire_path(self.host.arrays.control[row], view))
        painter.setPen(QPen(QColor(view.theme.bad), 1.2, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(*view.camera.to_widget(*self._corner)), self._end)
