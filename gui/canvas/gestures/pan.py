"""Dragging the view."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from gui.canvas.gestures.gesture import Gesture, Keys
from gui.canvas.gestures.host import GestureHost


class Pan(Gesture):
    """Middle button, or left button with the space bar held: the scene follows the mouse."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, host: GestureHost, start: QPointF) -> None:
        super().__init__(host, start)
        self._camera = host.camera

    def drag(self, at: QPointF, keys: Keys) -> None:
        """Move the view."""
        step = at - self.start
        self.host.set_camera(self._camera.panned(step.x(), step.y()))

    def cancel(self) -> None:
        """Go back to where the view was."""
        self.host.set_camera(self._camera)
