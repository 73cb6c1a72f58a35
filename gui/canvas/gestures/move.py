"""Moving nodes and comments, and dropping a node on a wire."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from graph.changes import adding, fragments
from graph.errors import EditError
from graph.model.edits import Batch, Edit, Move, SetComments
from gui.canvas.geometry.shapes import GRID
from gui.canvas.gestures.gesture import Gesture, Keys
from gui.canvas.gestures.host import GestureHost
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.layers.wires import draw_receiving
from gui.canvas.model.hit_test import HitKind, find_edge


class MoveNodes(Gesture):
    """Drags the selected nodes; Ctrl snaps to the grid, Alt moves a copy.

    A single node without wires that is dropped on a wire is put into it.

    Parameters
    ----------
    host, start
        As for every gesture.
    grabbed : str
        The node under the mouse; on a click it becomes the only one selected.
    """

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, host: GestureHost, start: QPointF, grabbed: str) -> None:
        super().__init__(host, start)
        arrays = host.arrays
        self._grabbed, self._structure = grabbed, arrays.structure
        self._rows = arrays.rows(host.session.selection.nodes)
        self._anchor = arrays.position[arrays.node_row[grabbed]].copy() if grabbed else None
        self._from = self.scene_at(start)
        self._step = (0.0, 0.0)
        self._edge: str | None = None

    def drag(self, at: QPointF, keys: Keys) -> None:
        """Show the nodes where they would go."""
        x, y = self.scene_at(at)
        dx, dy = x - self._from[0], y - self._from[1]
        if keys & Qt.KeyboardModifier.ControlModifier and self._anchor is not None:
            ax, ay = self._anchor.tolist()
            dx = round((ax + dx) / GRID) * GRID - ax
            dy = round((ay + dy) / GRID) * GRID - ay
        self._step = (float(round(dx)), float(round(dy)))
        self.host.arrays.preview(self._rows, *self._step)
        self._edge = self._edge_below()

    def drop(self, at: QPointF, keys: Keys) -> None:
        """Move them, or copies of them, in one step."""
        arrays, session = self.host.arrays, self.host.session
        nodes = [arrays.nodes[row] for row in self._rows.tolist()]
        places = arrays.places(self._rows).tolist()
        arrays.preview(self._rows, 0.0, 0.0)
        if self._step == (0.0, 0.0):
            return
        if keys & Qt.KeyboardModifier.AltModifier:
            copied = fragments.copy(session.document, nodes)
            batch, names = fragments.paste(session.document, copied, self._step)
            if session.push(batch, _named("Duplicate", len(names))):
                session.select(names)
            return
        moved = Move({node: (x, y) for node, (x, y) in zip(nodes, places, strict=True)})
        edit, text = self._spliced(moved) or (moved, _named("Move", len(nodes)))
        session.push(edit, text)

    def click(self, at: QPointF, keys: Keys) -> None:
        """Select only the clicked node."""
        if self._grabbed and not keys & (Keys.ShiftModifier | Keys.ControlModifier):
            self.host.session.select([self._grabbed])

    def cancel(self) -> None:
        """Show the nodes where they are, if there are the same nodes still."""
        arrays = self.host.arrays
        if arrays.structure == self._structure:
            arrays.preview(self._rows, 0.0, 0.0)

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Highlight the wire that would take up the node."""
        draw_receiving(painter, view, self.host.arrays, self._edge)

    def _edge_below(self) -> str | None:
        """Return the wire under a single free node."""
        arrays = self.host.arrays
        if len(self._rows) != 1:
            return None
        row = int(self._rows[0])
        ports = arrays.ports[row]
        if not arrays.output[row] or not ports or len(arrays.edges_of(self._rows)):
            return None
        x, y = arrays.position[row].tolist()
        hit = find_edge(arrays, x, y, self.host.camera.scale)
        return hit.id if hit and hit.part is HitKind.EDGE else None

    def _spliced(self, moved: Move) -> tuple[Edit, str] | None:
        if self._edge is None:
            return None
        document = self.host.session.document
        (node,) = moved.positions
        try:
            splice = adding.splice(document, self._edge, node)
        except EditError:
            return None
        return Batch((moved, splice)), f"Put {node} on {self._edge}"


class MoveComment(Gesture):
    """Drags a comment."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, host: GestureHost, start: QPointF, comment: str) -> None:
        super().__init__(host, start)
        self._comment = comment

    def drop(self, at: QPointF, keys: Keys) -> None:
        """Move it."""
        (x, y), (from_x, from_y) = self.scene_at(at), self.scene_at(self.start)
        session = self.host.session
        comments = []
        for comment in session.document.comments:
            left, top, width, height = comment.rect
            rect = (round(left + x - from_x), round(top + y - from_y), width, height)
            comments.append(replace(comment, rect=rect) if comment.id == self._comment else comment)
        session.push(SetComments(tuple(comments)), "Move a comment")


def _named(verb: str, nodes: int) -> str:
    return f"{verb} {nodes} node" if nodes == 1 else f"{verb} {nodes} nodes"
