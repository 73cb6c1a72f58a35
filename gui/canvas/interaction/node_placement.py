"""New nodes: with parameters that suit the data, joined to a pending wire, or put on a wire."""

from __future__ import annotations

from graph.changes import adding
from graph.changes.ids import FreeIds
from graph.changes.rewiring import next_order
from graph.model.edits import Batch, Connect, Edge, Edit, Position
from graph.model.kinds import NodeSpec, Params, Role
from gui.canvas.geometry.shapes import WIDTH, has_output
from gui.canvas.interaction.wire_target import PendingWire
from gui.session.session import Session

_GAP = WIDTH / 2  # a node dropped as the end of a wire has its port, not its centre, there


def fits(spec: NodeSpec, pending: PendingWire | None) -> bool:
    """Tell whether such a node could be at the other end of a wire."""
    if pending is None:
        return True
    return has_output(spec) if pending.backwards else bool(spec.ports)


def passes_through(spec: NodeSpec) -> bool:
    """Tell whether such a node can stand in the middle of a wire."""
    return bool(spec.ports) and has_output(spec)


def add(
    session: Session,
    kind: str,
    position: Position,
    pending: PendingWire | None = None,
    *,
    edge: str | None = None,
) -> str | None:
    """Add a node: joined to a pending wire, put on a wire, or alone; return its id.

    Returns None if it was refused.
    """
    document = session.document
    spec = document.library[kind]
    if pending is not None:
        shift = -_GAP if pending.backwards else _GAP
        position = (position[0] + shift, position[1])
    place = float(round(position[0])), float(round(position[1]))
    params = initial_params(session, spec)
    if edge is not None:
        batch, name = adding.insert_on_edge(document, edge, kind, place, params)
    else:
        batch, name = adding.add(document, kind, place, params)
    wires = _wires(session, spec, name, pending) if pending else ()
    text = f"Put {spec.title} on {edge}" if edge else f"Add {spec.title}"
    if not session.push(Batch((*batch.edits, *wires)), text):
        return None
    session.select([name])
    return name


def initial_params(session: Session, spec: NodeSpec) -> Params:
    """Return what a new node should start with: inputs and targets take the next column."""
    dataset = session.document.dataset
    if dataset is None or spec.role not in (Role.INPUT, Role.TARGET):
        return {}
    document = session.document
    taken = {
        column
        for name, node in document.nodes.items()
        if node.kind == spec.kind
        for column in _columns(document.param(name, "columns"))
    }
    offered = dataset.features if spec.role is Role.INPUT else dataset.targets
    column = next((name for name in offered if name not in taken), None)
    return {"columns": (column,)} if column else {}


def _columns(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _wires(session: Session, spec: NodeSpec, name: str, pending: PendingWire) -> list[Edit]:
    document = session.document
    names = FreeIds(document)
    if pending.port is not None:
        (target,) = pending.nodes
        order = next_order(document, target, pending.port)
        return [Connect(Edge(names.edge(name, target), name, target, pending.port, order))]
    edits: list[Edit] = []
    for order, source in enumerate(pending.nodes):
        port = spec.ports[0].name
        origin = document.spec(source)
        if origin is not None and origin.role is Role.TARGET and spec.port("target"):
            port = "target"
        edits.append(Connect(Edge(names.edge(source, name), source, name, port, order)))
    return edits
