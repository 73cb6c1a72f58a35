"""Building changes that keep wires: rewire, replace, insert, take out, rename."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from graph.changes.ids import FreeIds, stem
from graph.changes.removal import forget, removal
from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Batch,
    ChangeNode,
    Connect,
    Disconnect,
    Edge,
    Edit,
    Move,
    Node,
    Position,
)
from graph.model.kinds import NodeSpec, Params, Role
from graph.model.params import suits
from graph.model.traversal import reachable
from graph.validation.width_inference import Widths


def rewire(
    document: Document,
    edge_id: str,
    *,
    source: str | None = None,
    target: str | None = None,
    port: str | None = None,
    widths: Widths | None = None,
) -> Batch:
    """Build moving an end of an edge, which keeps its id, its place and, if it fits, its weight.

    Parameters
    ----------
    document : Document
        The graph.
    edge_id : str
        The edge.
    source, target, port : str, optional
        What changes.
    widths : Widths, optional
        Widths of all nodes; if given, a weight whose shape would no longer fit is forgotten.
    """
    edge = _edge(document, edge_id)
    moved = replace(
        edge, source=source or edge.source, target=target or edge.target, port=port or edge.port
    )
    if (moved.target, moved.port) != (edge.target, edge.port):
        moved = replace(moved, order=next_order(document, moved.target, moved.port))
    edits: list[Edit] = []
    if not _keeps_weight(document, edge, moved, widths):
        edits += forget(document, [f"{edge_id}.weight"])
    away, back = exchange(document, {edge_id: moved})
    return Batch((*edits, *away, *back))


def replace_kind(document: Document, node_id: str, kind: str) -> Batch:
    """Build giving a node another kind.

    Parameters and wires that fit are kept; a wire whose port is gone moves to the next free one.

    Raises `EditError` if there is no such node or kind.
    """
    node, spec = _node(document, node_id), _spec(document, kind)
    params = {
        name: value
        for name, value in node.params.items()
        if (declared := spec.param(name)) and suits(declared, value)
    }
    changed = _moved_to_ports(document, spec, node_id)
    if spec.role in (Role.LOSS, Role.PENALTY):
        changed.update((edge.id, None) for edge in document.out_edges(node_id))
    dropped = {edge for edge, new in changed.items() if new is None}
    slots = {f"{node_id}.{slot}" for slot in spec.slots(spec.complete(params))}
    if spec.weighted:
        slots |= {f"{e.id}.weight" for e in document.in_edges(node_id) if e.id not in dropped}
    lost = [slot for slot in document.slots(node_id) if slot not in slots]
    lost += [f"{edge}.weight" for edge in sorted(dropped)]
    away, back = exchange(document, changed)
    change = ChangeNode(replace(node, kind=kind, params=params))
    return Batch((*forget(document, lost), *away, change, *back))


def insert_on_edge(
    document: Document,
    edge_id: str,
    kind: str,
    position: Position,
    params: Params = MappingProxyType({}),
) -> tuple[Batch, str]:
    """Build putting a new node on an edge; return the batch and the node's id.

    The edge keeps its id and weight and now comes from the node.

    Raises `EditError` if there is no such edge or kind, or the kind has no port or no output.
    """
    edge, spec = _edge(document, edge_id), _spec(document, kind)
    names = FreeIds(document)
    node = Node(names.node(f"{stem(kind, spec)}1"), kind, params=dict(params))
    first = _through(spec, node.id, set())
    added = Edge(names.edge(edge.source, node.id), edge.source, node.id, first)
    away, back = exchange(document, {edge_id: replace(edge, source=node.id)})
    edits = (AddNode(node), Move({node.id: position}), *away, Connect(added), *back)
    return Batch(edits), node.id


def splice(document: Document, edge_id: str, node_id: str) -> Batch:
    """Build putting an existing node on an edge, at its first free port.

    Raises `EditError` if there is no such edge or node, or the node has no free port or no output.
    """
    edge, node = _edge(document, edge_id), _node(document, node_id)
    spec = _spec(document, node.kind)
    taken = {e.port for e in document.in_edges(node_id)}
    port = _through(spec, node_id, taken)
    added = Edge(
        FreeIds(document).edge(edge.source, node_id),
        edge.source,
        node_id,
        port,
        next_order(document, node_id, port),
    )
    away, back = exchange(document, {edge_id: replace(edge, source=node_id)})
    return Batch((*away, Connect(added), *back))


def remove_and_reconnect(document: Document, nodes: Iterable[str]) -> Batch:
    """Build removing nodes and joining what fed them to what they fed.

    A variadic port gets all that fed them, another port the first.
    """
    gone = set(nodes)
    changed: dict[str, Edge | None] = {}
    added: list[Edit] = []
    names = FreeIds(document)
    for node in document.order():
        if node not in gone:
            continue
        feeding = _feeding(document, node, gone)
        for edge in document.out_edges(node):
            if edge.target in gone or not feeding:
                continue
            changed[edge.id] = replace(edge, source=feeding[0])
            spec = document.spec(edge.target)
            port = spec.port(edge.port) if spec else None
            for source in feeding[1:] if port and port.variadic else ():
                order = next_order(document, edge.target, edge.port) + len(added)
                name = names.edge(source, edge.target)
                added.append(Connect(Edge(name, source, edge.target, edge.port, order)))
    left = removal(document, gone, set(), keep=changed)
    away, back = exchange(document, changed)
    return Batch((*away, *back, *added, *left))


def exchange(
    document: Document, changed: Mapping[str, Edge | None]
) -> tuple[list[Edit], list[Edit]]:
    """Return the edits that take edges away, and those that put others in their places.

    An edge of ``changed`` that is None gets none in its place.
    """
    places = [(index, key) for index, key in enumerate(document.edges) if key in changed]
    away: list[Edit] = [Disconnect(key) for _, key in reversed(places)]
    back: list[Edit] = []
    dropped = 0
    for index, key in places:
        edge = changed[key]
        if edge is None:
            dropped += 1
        else:
            back.append(Connect(edge, index - dropped))
    return away, back


def next_order(document: Document, target: str, port: str) -> int:
    """Return the order of an edge that comes last at a port."""
    keys = document.graph.in_edges(target, keys=True) if target in document.nodes else ()
    edges = (document.edges[key] for *_, key in keys)
    return max((edge.order for edge in edges if edge.port == port), default=-1) + 1


def _feeding(document: Document, node: str, gone: set[str]) -> list[str]:
    """Return the nodes outside ``gone`` that reach ``node`` through ``gone`` alone."""
    found = reachable(
        [node], lambda x: [edge.source for edge in document.in_edges(x)] if x in gone else []
    )
    return [source for source in found if source not in gone]


def _moved_to_ports(document: Document, spec: NodeSpec, node_id: str) -> dict[str, Edge | None]:
    """Return the edges into a node that must go or take another port under another kind."""
    changed: dict[str, Edge | None] = {}
    taken: set[str] = set()
    edges = document.in_edges(node_id)
    settled = {edge.port for edge in edges if spec.port(edge.port)}
    for edge in edges:
        port = spec.port(edge.port)
        if port and (port.variadic or edge.port not in taken):
            taken.add(edge.port)
            continue
        busy = taken | settled
        free = next((p.name for p in spec.ports if p.variadic or p.name not in busy), None)
        changed[edge.id] = replace(edge, port=free) if free else None
        if free:
            taken.add(free)
    return changed


def _through(spec: NodeSpec, node_id: str, taken: set[str]) -> str:
    if spec.role in (Role.LOSS, Role.PENALTY):
        raise EditError(f"{node_id!r} ({spec.title}) has no output to go on from; choose another")
    for port in spec.ports:
        if port.variadic or port.name not in taken:
            return port.name
    raise EditError(f"{node_id!r} ({spec.title}) has no free port; choose another node")


def _keeps_weight(document: Document, edge: Edge, moved: Edge, widths: Widths | None) -> bool:
    spec = document.spec(moved.target) if moved.target in document.nodes else None
    if spec is not None and not spec.weighted:
        return False
    if widths is None:
        return True
    pairs = ((edge.source, moved.source), (edge.target, moved.target))
    return all(widths.nodes.get(old) == widths.nodes.get(new) for old, new in pairs)


def _edge(document: Document, edge_id: str) -> Edge:
    if edge_id not in document.edges:
        raise EditError(f"there is no edge {edge_id!r}")
    return document.edges[edge_id]


def _node(document: Document, node_id: str) -> Node:
    if node_id not in document.nodes:
        raise EditError(f"there is no node {node_id!r}")
    return document.nodes[node_id]


def _spec(document: Document, kind: str) -> NodeSpec:
    spec = document.library.get(kind)
    if spec is None:
        raise EditError(f"there is no kind {kind!r}")
    return spec
