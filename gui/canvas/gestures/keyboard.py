"""The canvas by keyboard.

With at most one node selected, arrow keys walk: right to what the node feeds, left to what feeds
it, up and down to the neighbour in its column. With several selected, or with Ctrl, they nudge
the selection by a grid step (Shift: one unit). C starts a wire from the selected node: arrows
choose among the possible targets, Enter connects, Esc gives up; with two nodes selected C connects
them at once. Enter edits a weight or bias, Tab searches, Esc cancels, Delete removes.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from graph.changes import adding
from graph.model.edits import Move
from gui.canvas.geometry.shapes import GRID
from gui.canvas.gestures.host import GestureHost
from gui.canvas.interaction.wire_target import Aim, PendingWire, aim, connect
from gui.canvas.model.hit_test import Hit, HitKind

Key = Qt.Key
_STEPS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, -1), Key.Key_Down: (0, 1)}
_CONTROL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_ALT = Qt.KeyboardModifier.AltModifier
_COLUMN = 3.0  # how much farther a neighbour beside counts than one above or below


class Keyboard:
    """What keys do on a canvas; remembers the wire that is being made with C."""

    def __init__(self, host: GestureHost) -> None:
        self._host = host
        self._aims: list[Aim] = []
        self._chosen = 0
        self._source = ""

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key means; return whether it means anything."""
        key, modifiers = Key(event.key()), event.modifiers()
        if self._aims:
            return self._choose_target(key)
        if key in _STEPS:
            return self._arrow(key, modifiers)
        if modifiers & (_CONTROL | _ALT):
            return False
        match key:
            case Key.Key_C:
                return self._start_wire()
            case Key.Key_Return | Key.Key_Enter | Key.Key_F2:
                return self._edit()
            case Key.Key_Tab:
                self._host.search_here()
            case Key.Key_Delete | Key.Key_Backspace:
                return self._remove()
            case _:
                return False
        return True

    # -- moving -------------------------------------------------------------------------------

    def _arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        nodes = self._host.session.selection.nodes
        if modifiers & _CONTROL or (len(nodes) > 1 and not modifiers & _ALT):
            return self._nudge(key, 1.0 if modifiers & _SHIFT else GRID)
        target = self._neighbour(key)
        if target is not None:
            self._host.session.select([target])
            self._host.reveal(target)
        return True

    def _nudge(self, key: Qt.Key, distance: float) -> bool:
        session, arrays = self._host.session, self._host.arrays
        rows = arrays.rows(session.selection.nodes)
        if not len(rows):
            return False
        dx, dy = _STEPS[key]
        places = arrays.places(rows) + np.multiply((dx, dy), distance)
        moved = {arrays.nodes[r]: (x, y) for r, (x, y) in zip(rows, places.tolist(), strict=True)}
        nodes = "1 node" if len(moved) == 1 else f"{len(moved)} nodes"
        return session.push(Move(moved), f"Move {nodes}", f"nudge {sorted(moved)}")

    def _neighbour(self, key: Qt.Key) -> str | None:
        session, arrays = self._host.session, self._host.arrays
        if not arrays.nodes:
            return None
        node = next(iter(session.selection.nodes), None)
        if node is None:
            return arrays.nodes[int(arrays.position.sum(axis=1).argmin())]
        row = arrays.node_row[node]
        if key is Key.Key_Right:
            rows = arrays.target[arrays.source == row]
        elif key is Key.Key_Left:
            rows = arrays.source[arrays.target == row]
        else:
            below = (arrays.position[:, 1] - arrays.position[row, 1]) * _STEPS[key][1]
            rows = np.flatnonzero(below > 1.0)
        rows = rows[arrays.shown[rows]]
        if not len(rows):
            return None
        gap = np.abs(arrays.position[rows] - arrays.position[row])
        weight = (1.0, _COLUMN) if _STEPS[key][0] else (_COLUMN, 1.0)
        return arrays.nodes[int(rows[int((gap * weight).sum(axis=1).argmin())])]

    # -- wires --------------------------------------------------------------------------------

    def _start_wire(self) -> bool:
        session, arrays = self._host.session, self._host.arrays
        rows = arrays.rows(session.selection.nodes)
        if len(rows) == 2:
            return self._connect_pair([int(r) for r in rows])
        if len(rows) != 1 or not arrays.output[rows[0]]:
            session.notice.emit("Select the node that the wire should leave, then press C.")
            return True
        row = int(rows[0])
        self._source = arrays.nodes[row]
        gap = np.abs(arrays.position - arrays.position[row]).sum(axis=1)
        near = [arrays.nodes[r] for r in np.argsort(gap, kind="stable").tolist() if r != row]
        pending = PendingWire((self._source,))
        found = (aim(session, pending, Hit(HitKind.NODE, node)) for node in near)
        self._aims = [each for each in found if each.good]
        self._chosen = 0
        if self._aims:
            self._show_target()
            session.news.emit("Arrow keys choose the target, Enter connects, Esc gives up.")
        else:
            session.notice.emit(f"Nothing can take a wire from {self._source}.")
        return True

    def _connect_pair(self, rows: list[int]) -> bool:
        session, arrays = self._host.session, self._host.arrays
        rows.sort(key=lambda row: arrays.position[row, 0])
        first, second = (arrays.nodes[row] for row in rows)
        pending = PendingWire((first,))
        found = aim(session, pending, Hit(HitKind.NODE, second))
        if found.good:
            return connect(session, pending, found)
        session.notice.emit(found.reason)
        return True

    def _choose_target(self, key: Qt.Key) -> bool:
        if key in _STEPS or key is Key.Key_Tab:
            step = -1 if key in (Key.Key_Left, Key.Key_Up) else 1
            self._chosen = (self._chosen + step) % len(self._aims)
            self._show_target()
            return True
        chosen, pending = self._aims[self._chosen], PendingWire((self._source,))
        self.cancel()
        if key in (Key.Key_Return, Key.Key_Enter, Key.Key_C):
            connect(self._host.session, pending, chosen)
        return True

    def cancel(self) -> bool:
        """Give up the wire that is being made; return whether there was one."""
        had = bool(self._aims)
        self._aims = []
        self._host.mark_target("", good=None)
        return had

    def _show_target(self) -> None:
        node = self._aims[self._chosen].node
        self._host.mark_target(node, good=True)
        self._host.reveal(node)

    # -- editing ------------------------------------------------------------------------------

    def _edit(self) -> bool:
        selection = self._host.session.selection
        for part, names in ((HitKind.EDGE, selection.edges), (HitKind.NODE, selection.nodes)):
            if len(names) == 1:
                return self._host.edit_number(Hit(part, next(iter(names))))
        return False

    def _remove(self) -> bool:
        session = self._host.session
        nodes, edges = session.selection.nodes, session.selection.edges
        if not nodes and not edges:
            return False
        return session.push(adding.remove(session.document, nodes, edges), "Delete")
