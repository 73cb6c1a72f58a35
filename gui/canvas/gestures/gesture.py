"""What every gesture is."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from gui.canvas.gestures.host import GestureHost
from gui.canvas.layers.level_of_detail import Viewport

_SLACK = 4.0  # pixels the mouse may move during a click

Keys = Qt.KeyboardModifier


class Gesture:
    """From a press of a button to its release.

    Parameters
    ----------
    host : GestureHost
        Where it happens.
    start : QPointF
        Where the button was pressed, widget coordinates.
    """

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, host: GestureHost, start: QPointF) -> None:
        self.host = host
        self.start = start
        self.dragged = False

    def move(self, at: QPointF, keys: Keys) -> None:
        """Follow the mouse; small movements before the first large one are none."""
        if not self.dragged:
            step = at - self.start
            self.dragged = abs(step.x()) + abs(step.y()) > _SLACK
        if self.dragged:
            self.drag(at, keys)
            self.host.update()

    def release(self, at: QPointF, keys: Keys) -> None:
        """End the gesture: a drop if the mouse was dragged, else a click."""
        if self.dragged:
            self.drop(at, keys)
        else:
            self.click(at, keys)
        self.host.update()

    def drag(self, at: QPointF, keys: Keys) -> None:
        """Show what a drop here would do."""

    def drop(self, at: QPointF, keys: Keys) -> None:
        """Do it."""

    def click(self, at: QPointF, keys: Keys) -> None:
        """Do what a press and release in one place does."""

    def cancel(self) -> None:
        """Undo what was shown; the document is as it was."""

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Draw over the scene."""

    def scene_at(self, at: QPointF) -> tuple[float, float]:
        """Return the scene point under a widget point."""
        return self.host.camera.to_scene(at.x(), at.y())
