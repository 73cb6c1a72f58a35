"""Dragging the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from gui.canvas.gestures.gesture import Gesture, Keys

if TYPE_CHECKING:
    from gui.canvas.graph_canvas import GraphCanvas


class Pan(Gesture):
    """Middle button, or left button with the space bar held: the scene follows the mouse."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, canvas: GraphCanvas, start: QPointF) -> None:
        super().__init__(canvas, start)
        self._camera = canvas.camera

    def drag(self, at: QPointF, keys: Keys) -> None:
        """Move the view."""
        step = at - self.start
        self.canvas.set_camera(self._camera.panned(step.x(), step.y()))

    def cancel(self) -> None:
        """Go back to where the view was."""
        self.canvas.set_camera(self._camera)
