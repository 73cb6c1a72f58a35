"""Which gesture a press begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from graph.changes.groups import collapse, find, members
from graph.model.edits import Edge
from gui.canvas.geometry.shapes import segments
from gui.canvas.gestures.cut import Cut
from gui.canvas.gestures.gesture import Gesture, Keys
from gui.canvas.gestures.move import MoveComment, MoveNodes
from gui.canvas.gestures.pan import Pan
from gui.canvas.gestures.rubber_band import Band
from gui.canvas.gestures.wire import Wire
from gui.canvas.interaction.wire_target import Loose
from gui.canvas.model.hit_test import Hit, Part
from gui.session.session import Session

if TYPE_CHECKING:
    from gui.canvas.graph_canvas import GraphCanvas

_END = 0.3  # share of a wire's length by which an end can be picked up
_PIECES = 32


def begin(
    canvas: GraphCanvas, at: QPointF, button: Qt.MouseButton, keys: Keys, *, space: bool
) -> Gesture | None:
    """Return the gesture that a press begins, if any."""
    if button is Qt.MouseButton.MiddleButton or (button is Qt.MouseButton.LeftButton and space):
        return Pan(canvas, at)
    if button is not Qt.MouseButton.LeftButton:
        return None
    hit = canvas.hit(at)
    match hit.part:
        case Part.OUTPUT:
            return Wire(canvas, at, Loose(_sources(canvas, hit.id, keys)))
        case Part.INPUT:
            return Wire(canvas, at, _port_end(canvas, hit))
        case Part.EDGE:
            return _on_edge(canvas, at, hit, keys)
        case Part.NODE | Part.GROUP:
            return _on_nodes(canvas, at, hit, keys)
        case Part.COMMENT:
            return MoveComment(canvas, at, hit.id)
        case _ if keys & Keys.ControlModifier:
            return Cut(canvas, at)
        case _:
            return Band(canvas, at, add=bool(keys & Keys.ShiftModifier))


def _sources(canvas: GraphCanvas, node: str, keys: Keys) -> tuple[str, ...]:
    """Return the nodes that wires are drawn from: with Shift all that are selected."""
    session, arrays = canvas.session, canvas.scene.arrays
    if not keys & Keys.ShiftModifier or node not in session.selection.nodes:
        return (node,)
    rows = arrays.rows(session.selection.nodes)
    rows = rows[arrays.output[rows]]
    return tuple(arrays.nodes[row] for row in sorted(rows, key=lambda r: arrays.position[r, 1]))


def _port_end(canvas: GraphCanvas, hit: Hit) -> Loose:
    """Return what a drag from an input port moves: its wire, or a new one if it takes more."""
    document = canvas.session.document
    spec = document.spec(hit.id)
    port = spec.port(hit.port) if spec else None
    if port is not None and not port.variadic:
        for edge in document.in_edges(hit.id):
            if edge.port == hit.port:
                return Loose((edge.source,), None, edge)
    return Loose((hit.id,), hit.port)


def _on_edge(canvas: GraphCanvas, at: QPointF, hit: Hit, keys: Keys) -> Gesture | None:
    """Near an end of a wire that end can be moved; a click selects the wire."""
    session = canvas.session
    if keys & (Keys.ShiftModifier | Keys.ControlModifier):
        session.select(session.selection.nodes, session.selection.edges ^ {hit.id})
        return None
    if hit.id not in session.selection.edges:
        session.select(edges=[hit.id])
    edge = session.document.edges[hit.id]
    loose = _loosened(canvas, edge, at)
    return Wire(canvas, at, loose) if loose else None


def _loosened(canvas: GraphCanvas, edge: Edge, at: QPointF) -> Loose | None:
    arrays = canvas.scene.arrays
    row = arrays.edge_row[edge.id]
    pieces = segments(arrays.control[row : row + 1], _PIECES)[0]
    x, y = canvas.camera.to_scene(at.x(), at.y())
    nearest = int(((pieces[:, :2] - (x, y)) ** 2).sum(axis=1).argmin()) / _PIECES
    if nearest > 1 - _END:
        return Loose((edge.source,), None, edge)
    if nearest < _END:
        return Loose((edge.target,), edge.port, edge)
    return None


def _on_nodes(canvas: GraphCanvas, at: QPointF, hit: Hit, keys: Keys) -> Gesture | None:
    """Select what is pressed, unless it is selected already, and be ready to move it."""
    session = canvas.session
    selected = session.selection
    group = hit.part is Part.GROUP
    nodes = set(members(session.document.groups, hit.id)) if group else {hit.id}
    if keys & Keys.ControlModifier:
        session.select(selected.nodes ^ nodes, selected.edges)
    elif keys & Keys.ShiftModifier:
        session.select(selected.nodes | nodes, selected.edges)
    elif not nodes <= selected.nodes:
        session.select(nodes)
    if not nodes & session.selection.nodes:
        return None
    return MoveNodes(canvas, at, "" if group else hit.id)


def toggle(session: Session, group: str) -> None:
    """Show a group as one box, or open it again, in one step."""
    shown = find(session.document, group)
    closing = not shown.collapsed
    text = f"{'Close' if closing else 'Open'} {shown.title or shown.id}"
    session.push(collapse(session.document, group, collapsed=closing), text)
