"""How wide every value is, worked out from the data's columns and the kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeAlias

from graph.errors import WidthMismatch
from graph.model.dataset import column_width
from graph.model.document import Document
from graph.model.edits import Edge, Node
from graph.model.kinds import Library, NodeSpec, Params, PortWidths, Role
from graph.model.traversal import topological_order

Known: TypeAlias = Mapping[str, int | None]

_PLACE = attrgetter("order", "id")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Widths that do not go together at a node's port; ``message`` names them."""

    node: str
    port: str
    message: str


@dataclass(frozen=True, slots=True)
class Widths:
    """The width of every node's output, None where unknown, and what does not fit."""

    nodes: Mapping[str, int | None]
    mismatches: tuple[Mismatch, ...] = ()


def infer_widths(document: Document, columns: Mapping[str, int]) -> Widths:
    """Work out the width of every value; mismatches in document order, at most one a node.

    Parameters
    ----------
    document : Document
        The graph.
    columns : mapping
        The data's columns and their widths. Inputs of other columns have unknown width, and so
        has what depends on them.
    """
    nodes = document.nodes
    incoming: dict[str, list[Edge]] = {node: [] for node in nodes}
    for edge in document.edges.values():
        incoming[edge.target].append(edge)
    inference = _Inference(document.library, columns)
    known: dict[str, int | None] = {}
    mismatches: dict[str, Mismatch] = {}
    for node_id in topological_order(dict(document.graph.adjacency())):
        found = inference.width(nodes[node_id], incoming[node_id], known)
        if isinstance(found, WidthMismatch):
            mismatches[node_id] = Mismatch(node_id, found.port, str(found))
        known[node_id] = None if isinstance(found, WidthMismatch) else found
    in_order = tuple(mismatches[node] for node in nodes if node in mismatches)
    return Widths({node: known[node] for node in nodes}, in_order)


@dataclass(frozen=True, slots=True)
class _Inference:
    """Widths of outputs, worked out once for alike nodes with alike inputs."""

    library: Library
    columns: Mapping[str, int]
    _found: dict[tuple[object, ...], int | WidthMismatch | None] = field(default_factory=dict)

    def width(self, node: Node, edges: list[Edge], known: Known) -> int | WidthMismatch | None:
        """Return the width of a node's output, None if unknown, or why its inputs do not fit."""
        spec = self.library.get(node.kind)
        if spec is None:
            return None
        if len(edges) > 1 and len({known[edge.source] for edge in edges}) > 1:
            edges.sort(key=_PLACE)  # only what differs needs an order
        arriving = tuple([(edge.port, known[edge.source]) for edge in edges])
        key = (node.kind, tuple(node.params.items()), arriving)
        if key not in self._found:
            params, ports = spec.complete(node.params), _widths_at_ports(spec, edges, known)
            try:
                self._found[key] = output_width(spec, params, ports, self.columns)
            except WidthMismatch as error:
                self._found[key] = error
        return self._found[key]


def port_widths(
    document: Document, widths: Widths, node_id: str
) -> dict[str, tuple[int, ...]] | None:
    """Return the widths that arrive at each port of a node, in the order of its edges.

    None if some are unknown, or the node's kind is.
    """
    spec = document.spec(node_id)
    if spec is None:
        return None
    ports = _widths_at_ports(spec, document.in_edges(node_id), widths.nodes)
    return _all_known(ports)


def widths_with(
    document: Document, widths: Widths, node_id: str, edges: Iterable[Edge]
) -> dict[str, tuple[int | None, ...]]:
    """Return the widths at each port if ``edges`` were the edges into a node of known kind."""
    spec = document.library[document.nodes[node_id].kind]
    return _widths_at_ports(spec, list(edges), widths.nodes)


def output_width(
    spec: NodeSpec,
    params: Params,
    ports: Mapping[str, tuple[int | None, ...]],
    columns: Mapping[str, int],
) -> int | None:
    """Return the width of a node's output; None if it cannot be known yet.

    Raises `WidthMismatch` if the widths do not go together.
    """
    if spec.role in (Role.INPUT, Role.TARGET):
        return _data_width(spec, params, columns)
    known = _all_known(ports)
    if spec.weighted:
        sure = {port: tuple(w for w in found if w is not None) for port, found in ports.items()}
        return spec.width(params, sure)
    if known is None or any(not found for found in known.values()):
        return 1 if spec.role is Role.LOSS else None
    return spec.width(params, known)


def _data_width(spec: NodeSpec, params: Params, columns: Mapping[str, int]) -> int | None:
    references = params.get("columns", ())
    if not isinstance(references, tuple) or not references:
        return None
    found = [column_width(columns, str(reference)) for reference in references]
    sure = tuple(width for width in found if width is not None)
    return spec.width(params, {"columns": sure}) if len(sure) == len(found) else None


def _all_known(ports: Mapping[str, tuple[int | None, ...]]) -> dict[str, tuple[int, ...]] | None:
    known = {port: tuple(w for w in found if w is not None) for port, found in ports.items()}
    return known if all(len(known[port]) == len(found) for port, found in ports.items()) else None


def _widths_at_ports(
    spec: NodeSpec, edges: list[Edge], known: Known
) -> dict[str, tuple[int | None, ...]]:
    found: dict[str, list[int | None]] = {port.name: [] for port in spec.ports}
    if len(edges) > 1:
        edges = sorted(edges, key=_PLACE)
    for edge in edges:
        if edge.port in found:
            found[edge.port].append(known.get(edge.source))
    return {port: tuple(widths) for port, widths in found.items()}


def slot_shapes(document: Document, widths: Widths, node_id: str) -> dict[str, tuple[int, ...]]:
    """Return the shape of each trainable slot of a node and of its weighted edges, where known.

    Shapes: ``<node>.bias`` as the kind declares; ``<edge>.weight`` (own width × source width).
    """
    spec, own = document.spec(node_id), widths.nodes.get(node_id)
    if spec is None:
        return {}
    shapes: dict[str, tuple[int, ...]] = {}
    if spec.weighted and own is not None:
        for edge in document.in_edges(node_id):
            source = widths.nodes.get(edge.source)
            if source is not None:
                shapes[f"{edge.id}.weight"] = (own, source)
    ports: PortWidths | None = port_widths(document, widths, node_id)
    params = document.params(node_id)
    if ports is not None and own is not None and spec.slots(params):
        for slot, shape in spec.slot_shapes(params, ports).items():
            shapes[f"{node_id}.{slot}"] = tuple(shape)
    return shapes


def runnable(document: Document, widths: Widths) -> frozenset[str]:
    """Return the nodes that have all they need, as have all nodes before them.

    Those are of a known kind, have an edge at every port and a known width. Penalties are left
    out: they are part of E, which an unfinished document does not have.
    """
    found: set[str] = set()
    for node_id in document.order():
        spec = document.spec(node_id)
        if spec is None or spec.role is Role.PENALTY or widths.nodes.get(node_id) is None:
            continue
        edges = document.in_edges(node_id)
        taken = {edge.port for edge in edges}
        if all(port.name in taken for port in spec.ports) and found.issuperset(
            edge.source for edge in edges
        ):
            found.add(node_id)
    return frozenset(found)
