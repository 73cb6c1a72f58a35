"""What holds after every edit of a document, so that whatever was edited can be read again.

Inside a batch it may be broken for a while; `check_edit` looks once, at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graph.errors import EditError
from graph.model.edits import AddNode, ChangeNode, Connect, Edge, Edit, Node, SetParam
from graph.model.kinds import Library, NodeSpec
from graph.model.params import PLAIN, check_params, is_plain
from graph.model.state import State


def check_edit(state: State, library: Library, parts: Iterable[Edit]) -> None:
    """Check the nodes and edges that the parts of an applied edit have touched.

    Raises `EditError` if a node of a known kind has a parameter that the kind does not take, an
    edge at a port that it does not have, or two edges at a port that takes one.
    """
    for part in parts:
        match part:
            case AddNode(node=node):
                _check_node(state.nodes.get(node.id), library)
            case SetParam(node=node_id):
                _check_node(state.nodes.get(node_id), library)
            case ChangeNode(node=node):
                _check_node(state.nodes.get(node.id), library)
                if node.id in state.nodes:
                    _check_edges(state, library, node.id)
            case Connect(edge=edge):
                _check_edge(state, library, edge.id)
            case _:
                pass


def check_ports(spec: NodeSpec, node_id: str, edges: Iterable[Edge]) -> None:
    """Check that every edge into a node has a port, and no port too many edges.

    Raises
    ------
    EditError
        Naming the node, the port and the edge.
    """
    taken: dict[str, str] = {}
    for edge in edges:
        port = spec.port(edge.port)
        if port is None:
            known = ", ".join(repr(port.name) for port in spec.ports) or "none"
            raise EditError(
                f"{node_id!r} ({spec.kind}) has no port {edge.port!r} for the edge {edge.id!r}; "
                f"it has {known}"
            )
        if not port.variadic and edge.port in taken:
            raise EditError(
                f"the port {edge.port!r} of {node_id!r} takes one edge and would have "
                f"{taken[edge.port]!r} and {edge.id!r}"
            )
        taken[edge.port] = edge.id


def _check_node(node: Node | None, library: Mapping[str, NodeSpec]) -> None:
    if node is None:
        return
    spec = library.get(node.kind)
    if spec:
        check_params(spec, node.params)
        return
    for name, value in node.params.items():
        if not is_plain(value):
            raise EditError(f"{node.id}.{name} cannot be {value!r}; it takes {PLAIN}")


def _check_edge(state: State, library: Library, edge_id: str) -> None:
    edge = state.edges.get(edge_id)
    if edge is None:
        return
    spec = library.get(state.nodes[edge.target].kind)
    port = spec.port(edge.port) if spec else None
    if spec and port and port.variadic:
        return
    _check_edges(state, library, edge.target)


def _check_edges(state: State, library: Library, node_id: str) -> None:
    spec = library.get(state.nodes[node_id].kind)
    if spec is None:
        return
    keys = [key for *_, key in state.graph.in_edges(node_id, keys=True)]
    check_ports(spec, node_id, (state.edges[key] for key in keys))
