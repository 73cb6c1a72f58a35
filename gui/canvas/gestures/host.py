"""What a gesture may use of the canvas it happens on."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF

from gui.canvas.geometry.camera import Camera
from gui.canvas.interaction.wire_target import PendingWire
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.hit_test import Hit
from gui.session.session import Session


class GestureHost(Protocol):
    """The session, what is drawn of it, the view, and what can be opened over it."""

    session: Session
    camera: Camera

    @property
    def arrays(self) -> Arrays:
        """The document as it is drawn."""

    def hit(self, at: QPointF) -> Hit:
        """Return what is under a point of the widget."""

    def width(self) -> int:
        """Return the widget's width in pixels."""

    def update(self) -> None:
        """Draw the widget again."""

    def set_camera(self, camera: Camera) -> None:
        """Move or zoom the view."""

    def reveal(self, node: str) -> None:
        """Move the view, if need be, so that a node is seen whole."""

    def mark_target(self, node: str, *, good: bool | None) -> None:
        """Mark the node that a wire would reach as good or bad; None marks none."""

    def offer(self, at: QPointF, pending: PendingWire | None = None) -> None:
        """Open the search; what is chosen is added there, wired to the pending wire if given."""

    def search_here(self) -> None:
        """Open the search at the mouse, or in the middle."""

    def edit_number(self, hit: Hit) -> bool:
        """Open an editor on a wire's weight, a node's bias or an input; False if it has none."""
