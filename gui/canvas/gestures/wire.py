"""Drawing wires, and moving the ends of wires that are there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.arrays.aliases import Floats
from graph.changes import adding
from graph.model.edits import Edge, Edit
from gui.canvas.geometry.shapes import wires
from gui.canvas.gestures.gesture import Gesture, Keys
from gui.canvas.gestures.host import GestureHost
from gui.canvas.interaction.wire_target import (
    Aim,
    PendingWire,
    aim,
    connect,
    known_widths,
    target_at,
)
from gui.canvas.layers.captions import font
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.layers.wire_labels import draw_port_name
from gui.canvas.layers.wires import wire_path
from gui.canvas.model.hit_test import Hit, HitKind
from gui.look.theme import Theme

_WIDTH = 2.4
_PLATE = 300.0  # pixels a reason may be wide
_SIZE = 12.5


class DrawWire(Gesture):
    """Draws wires from their fixed ends to what is under the mouse.

    The target is marked green, or red with the reason beside the mouse. A new wire dropped into
    the void offers the kinds that fit; a moved end dropped there removes the wire.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: GestureHost, start: QPointF, pending: PendingWire) -> None:
        super().__init__(host, start)
        self._pending = pending
        self._end = start
        self._target: Hit | None = None
        self._aim: Aim | None = None

    def drag(self, at: QPointF, keys: Keys) -> None:
        """Find what is aimed at, and ask the rules when that changes."""
        self._end = at
        x, y = self.scene_at(at)
        target = target_at(self.host.arrays, self._pending, x, y, self.host.camera.scale)
        if target and target.part is not HitKind.INPUT and target.id in self._pending.nodes:
            target = None
        if target != self._target:
            self._target = target
            self._aim = aim(self.host.session, self._pending, target) if target else None
            good = self._aim.good if self._aim else None
            self.host.mark_target(target.id if target else "", good=good)

    def drop(self, at: QPointF, keys: Keys) -> None:
        """Connect, or offer what could be connected, or remove the wire."""
        self.host.mark_target("", good=None)
        moved, session = self._pending.replacing, self.host.session
        if self._aim is None:
            if moved is None:
                self.host.offer(at, self._pending)
            else:
                session.push(adding.remove(session.document, (), [moved.id]), "Disconnect")
        elif not self._aim.good:
            session.notice.emit(self._aim.reason)
        elif moved is None:
            connect(session, self._pending, self._aim)
        elif (edit := self._rewired(moved, self._aim)) is not None:
            session.push(edit, f"Rewire {moved.id}")

    def click(self, at: QPointF, keys: Keys) -> None:
        """Select what was pressed."""
        moved = self._pending.replacing
        if moved is not None:
            self.host.session.select(edges=[moved.id])
        else:
            self.host.session.select(self._pending.nodes)

    def cancel(self) -> None:
        """Mark nothing any more."""
        self.host.mark_target("", good=None)

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Draw the wires and the reason."""
        if not self.dragged:
            return
        theme = view.theme
        color = QColor(theme.accent)
        if self._aim is not None:
            color = QColor(theme.good if self._aim.good else theme.bad)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(color, _WIDTH)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        fixed, free = self._fixed_ends(), self._free_end(view)
        frees = np.repeat([free], len(fixed), axis=0)
        starts, ends = (frees, fixed) if self._pending.backwards else (fixed, frees)
        for control in wires(starts, ends, np.zeros(len(fixed))):
            painter.drawPath(wire_path(control, view))
        if self._aim is None:
            return
        if self._aim.good and not self._pending.backwards:
            arrays = self.host.arrays
            draw_port_name(painter, view, arrays, self._aim.node, self._aim.ports[0])
        elif not self._aim.good:
            draw_reason(painter, theme, self._end, self._aim.reason, self.host.width())

    def _fixed_ends(self) -> Floats:
        arrays, pending = self.host.arrays, self._pending
        rows = arrays.rows(pending.nodes).tolist()
        if pending.port is not None:
            return np.array([arrays.input_port(row, pending.port) for row in rows])
        return np.array([arrays.output_port(row) for row in rows])

    def _free_end(self, view: Viewport) -> tuple[float, float]:
        """Return where the free end is drawn: at the port it would take, else at the mouse."""
        arrays = self.host.arrays
        if self._aim is not None and self._aim.good:
            row = arrays.node_row[self._aim.node]
            if self._pending.backwards:
                return arrays.output_port(row)
            return arrays.input_port(row, self._aim.ports[0])
        return view.camera.to_scene(self._end.x(), self._end.y())

    def _rewired(self, moved: Edge, aim: Aim) -> Edit | None:
        """Return the edit that moves the wire's end; None if it is where it was."""
        document, widths = self.host.session.document, known_widths(self.host.session)
        if self._pending.backwards:
            if aim.node == moved.source:
                return None
            return adding.rewire(document, moved.id, source=aim.node, widths=widths)
        port = aim.ports[0]
        if (aim.node, port) == (moved.target, moved.port):
            return None
        return adding.rewire(document, moved.id, target=aim.node, port=port, widths=widths)


def draw_reason(painter: QPainter, theme: Theme, at: QPointF, reason: str, within: float) -> None:
    """Write why a connection is not allowed, beside the mouse."""
    size = font(_SIZE)
    painter.setFont(size)
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
    bounds = painter.boundingRect(QRectF(0, 0, _PLATE, 400), flags, reason)
    left = min(at.x() + 18, within - bounds.width() - 24)
    box = QRectF(left, at.y() + 16, bounds.width() + 16, bounds.height() + 10)
    painter.setPen(QPen(QColor(theme.bad), 1.2))
    painter.setBrush(QColor(theme.plate))
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(QColor(theme.text))
    painter.drawText(box.adjusted(8, 5, -8, -5), flags, reason)
