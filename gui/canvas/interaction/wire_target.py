"""Where a wire that is being drawn would go, and whether the rules let it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph.changes import adding
from graph.changes.groups import find
from graph.errors import ConnectError
from graph.model.edits import Batch, Connect, Edge, Edit
from graph.validation.connection_rules import check_connect, free_port
from graph.validation.width_inference import Widths
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.hit_test import Hit, HitKind, find_box, find_node, find_port
from gui.session.session import Session


@dataclass(frozen=True, slots=True)
class PendingWire:
    """A wire in the making, known by its fixed end.

    Parameters
    ----------
    nodes : tuple of str
        Nodes the wires come from; of a wire drawn backwards the one node it goes to.
    port : str or None
        Of a wire drawn backwards the port it goes to; None for wires that leave outputs.
    replacing : Edge, optional
        The edge whose other end is being moved.
    """

    nodes: tuple[str, ...]
    port: str | None = None
    replacing: Edge | None = None

    @property
    def backwards(self) -> bool:
        """Whether the source is sought."""
        return self.port is not None


@dataclass(frozen=True, slots=True)
class Aim:
    """What is aimed at: a node, the ports to connect (one for each source), or why not."""

    node: str
    ports: tuple[str, ...] = ()
    reason: str = ""

    @property
    def good(self) -> bool:
        """Whether the connection is allowed."""
        return not self.reason


def target_at(arrays: Arrays, pending: PendingWire, x: float, y: float, scale: float) -> Hit | None:
    """Return the port or node at a scene point that a pending wire could be meant for."""
    wanted = HitKind.OUTPUT if pending.backwards else HitKind.INPUT
    hit = find_port(arrays, x, y, scale)
    if hit is not None and hit.part is wanted:
        return hit
    return find_node(arrays, x, y) or find_box(arrays, x, y)


def aim(session: Session, pending: PendingWire, target: Hit) -> Aim:
    """Ask the rules about connecting a pending wire with a port or node."""
    if target.part is HitKind.GROUP:
        title = find(session.document, target.id).title or target.id
        return Aim("", reason=f"{title} is closed; double-click it to connect the nodes inside")
    port = target.port if target.part is HitKind.INPUT else None
    try:
        if pending.port is not None:
            check(session, target.id, pending.nodes[0], pending.port, pending.replacing)
            return Aim(target.id, (pending.port,))
        ports = tuple(
            _port(session, source, target.id, port, pending.replacing) for source in pending.nodes
        )
    except ConnectError as reason:
        return Aim(target.id, reason=str(reason))
    return Aim(target.id, ports)


def check(
    session: Session, source: str, target: str, port: str, replacing: Edge | None = None
) -> None:
    """Ask the rules about one edge.

    Raises
    ------
    ConnectError
        The rule that forbids it.
    """
    gone = replacing.id if replacing else None
    widths = known_widths(session)
    check_connect(
        session.document, source, target, port, session.schema, replacing=gone, widths=widths
    )


def known_widths(session: Session) -> Widths | None:
    """Return the session's widths if they are of the present nodes."""
    widths = session.widths
    return widths if widths and widths.nodes.keys() == session.document.nodes.keys() else None


def _port(
    session: Session, source: str, target: str, port: str | None, replacing: Edge | None
) -> str:
    """Return the port the edge would take: the one aimed at, else the first that may."""
    if port is not None:
        check(session, source, target, port, replacing)
        return port
    gone, widths = replacing.id if replacing else None, known_widths(session)
    return free_port(
        session.document, source, target, session.schema, replacing=gone, widths=widths
    )


def connect(session: Session, pending: PendingWire, aim: Aim) -> bool:
    """Add the wires that were aimed as one undo step; return whether that was possible."""
    document = session.document
    if pending.backwards:
        batch, name = adding.connect(document, aim.node, pending.nodes[0], aim.ports[0])
        return session.push(batch, f"Connect {name}")
    edits: list[Edit] = []
    for number, (source, port) in enumerate(zip(pending.nodes, aim.ports, strict=True)):
        (added,) = adding.connect(document, source, aim.node, port)[0].edits
        if isinstance(added, Connect):
            edge = added.edge
            edits.append(Connect(replace(edge, order=edge.order + number)))
    sources = pending.nodes[0] if len(edits) == 1 else f"{len(edits)} nodes"
    return session.push(Batch(tuple(edits)), f"Connect {sources} to {aim.node}")
