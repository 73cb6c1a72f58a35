"""Kinds dragged from the palette onto the canvas, or onto a wire."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QPainter
from PySide6.QtWidgets import QWidget

from gui.canvas.interaction import node_placement
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.layers.wires import draw_receiving
from gui.canvas.model.hit_test import find_edge
from gui.canvas.scene_view import SceneView
from gui.session.session import Session
from gui.widgets.node_palette import MIME
from gui.widgets.override_guard import guarded


class DropView(SceneView):
    """A view that takes kinds: on the void it adds a node, on a wire it puts one in."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.setAcceptDrops(True)
        self._drop_edge: str | None = None

    @guarded()
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take kinds."""
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    @guarded()
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Highlight the wire that would take up the node."""
        self._drop_edge = self._wire_below(event)
        event.acceptProposedAction()
        self.update()

    @guarded()
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Highlight nothing any more."""
        self._drop_edge = None
        self.update()

    @guarded()
    def dropEvent(self, event: QDropEvent) -> None:
        """Add the node, or put it on the wire below."""
        kind, place = _kind(event), self.scene_position(event.position())
        edge, self._drop_edge = self._wire_below(event), None
        if kind not in self.session.library:
            return
        node_placement.add(self.session, kind, place, edge=edge)
        event.acceptProposedAction()
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def _wire_below(self, event: QDropEvent) -> str | None:
        spec = self.session.library.get(_kind(event))
        if spec is None or not node_placement.passes_through(spec):
            return None
        x, y = self.scene_position(event.position())
        hit = find_edge(self.scene.arrays, x, y, self.camera.scale)
        return hit.id if hit else None

    def paint_over(self, painter: QPainter, view: Viewport) -> None:
        """Draw the wire that a drop would hit."""
        draw_receiving(painter, view, self.scene.arrays, self._drop_edge)


def _kind(event: QDropEvent) -> str:
    return bytes(event.mimeData().data(MIME).data()).decode(errors="replace")
