"""Which gesture a press begins."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from graph.changes.groups import collapse, find, members
from graph.model.edits import Edge
from gui.canvas.geometry.shapes import segments
from gui.canvas.gestures.cut import Cut
from gui.canvas.gestures.gesture import Gesture, Keys
from gui.canvas.gestures.host import GestureHost
from gui.canvas.gestures.move import MoveComment, MoveNodes
from gui.canvas.gestures.pan import Pan
from gui.canvas.gestures.rubber_band import Band
from gui.canvas.gestures.wire import DrawWire
from gui.canvas.interaction.wire_target import PendingWire
from gui.canvas.model.hit_test import Hit, HitKind
from gui.session.session import Session

_END = 0.3  # share of a wire's length by which an end can be picked up
_PIECES = 32


def begin(
    host: GestureHost, at: QPointF, button: Qt.MouseButton, keys: Keys, *, space: bool
) -> Gesture | None:
    """Return the gesture that a press begins, if any."""
    if button is Qt.MouseButton.MiddleButton or (button is Qt.MouseButton.LeftButton and space):
        return Pan(host, at)
    if button is not Qt.MouseButton.LeftButton:
        return None
    hit = host.hit(at)
    match hit.part:
        case HitKind.OUTPUT:
            return DrawWire(host, at, PendingWire(_sources(host, hit.id, keys)))
        case HitKind.INPUT:
            return DrawWire(host, at, _port_end(host, hit))
        case HitKind.EDGE:
            return _on_edge(host, at, hit, keys)
        case HitKind.NODE | HitKind.GROUP:
            return _on_nodes(host, at, hit, keys)
        case HitKind.COMMENT:
            return MoveComment(host, at, hit.id)
        case _ if keys & Keys.ControlModifier:
            return Cut(host, at)
        case _:
            return Band(host, at, add=bool(keys & Keys.ShiftModifier))


def _sources(host: GestureHost, node: str, keys: Keys) -> tuple[str, ...]:
    """Return the nodes that wires are drawn from: with Shift all that are selected."""
    session, arrays = host.session, host.arrays
    if not keys & Keys.ShiftModifier or node not in session.selection.nodes:
        return (node,)
    rows = arrays.rows(session.selection.nodes)
    rows = rows[arrays.output[rows]]
    return tuple(arrays.nodes[row] for row in sorted(rows, key=lambda r: arrays.position[r, 1]))


def _port_end(host: GestureHost, hit: Hit) -> PendingWire:
    """Return what a drag from an input port moves: its wire, or a new one if it takes more."""
    document = host.session.document
    spec = document.spec(hit.id)
    port = spec.port(hit.port) if spec else None
    if port is not None and not port.variadic:
        for edge in document.in_edges(hit.id):
            if edge.port == hit.port:
                return PendingWire((edge.source,), None, edge)
    return PendingWire((hit.id,), hit.port)


def _on_edge(host: GestureHost, at: QPointF, hit: Hit, keys: Keys) -> Gesture | None:
    """Near an end of a wire that end can be moved; a click selects the wire."""
    session = host.session
    if keys & (Keys.ShiftModifier | Keys.ControlModifier):
        session.select(session.selection.nodes, session.selection.edges ^ {hit.id})
        return None
    if hit.id not in session.selection.edges:
        session.select(edges=[hit.id])
    edge = session.document.edges[hit.id]
    pending = _end_at(host, edge, at)
    return DrawWire(host, at, pending) if pending else None


def _end_at(host: GestureHost, edge: Edge, at: QPointF) -> PendingWire | None:
    arrays = host.arrays
    row = arrays.edge_row[edge.id]
    pieces = segments(arrays.control[row : row + 1], _PIECES)[0]
    x, y = host.camera.to_scene(at.x(), at.y())
    nearest = int(((pieces[:, :2] - (x, y)) ** 2).sum(axis=1).argmin()) / _PIECES
    if nearest > 1 - _END:
        return PendingWire((edge.source,), None, edge)
    if nearest < _END:
        return PendingWire((edge.target,), edge.port, edge)
    return None


def _on_nodes(host: GestureHost, at: QPointF, hit: Hit, keys: Keys) -> Gesture | None:
    """Select what is pressed, unless it is selected already, and be ready to move it."""
    session = host.session
    selected = session.selection
    group = hit.part is HitKind.GROUP
    nodes = set(members(session.document.groups, hit.id)) if group else {hit.id}
    if keys & Keys.ControlModifier:
        session.select(selected.nodes ^ nodes, selected.edges)
    elif keys & Keys.ShiftModifier:
        session.select(selected.nodes | nodes, selected.edges)
    elif not nodes <= selected.nodes:
        session.select(nodes)
    if not nodes & session.selection.nodes:
        return None
    return MoveNodes(host, at, "" if group else hit.id)


def toggle(session: Session, group: str) -> None:
    """Show a group as one box, or open it again, in one step."""
    shown = find(session.document, group)
    closing = not shown.collapsed
    text = f"{'Close' if closing else 'Open'} {shown.title or shown.id}"
    session.push(collapse(session.document, group, collapsed=closing), text)
