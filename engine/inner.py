"""The inside of a composite node: its edges by target, its nodes in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.declaration.op import Expansion
from engine.errors import PlanError
from graph.model.edits import Edge, Node
from graph.model.kinds import NodeSpec


def by_target(expansion: Expansion, owner: str) -> dict[str, list[Edge]]:
    """Return the edges into each node of the expansion of the node ``owner``.

    Raises
    ------
    PlanError
        If two edges have the same id.
    """
    incoming: dict[str, list[Edge]] = {inner.id: [] for inner in expansion.nodes}
    for edge in expansion.edges:
        incoming[edge.target].append(edge)
    if len({edge.id for edge in expansion.edges}) < len(expansion.edges):
        raise PlanError("an edge has the id of one inside the node; rename it", owner)
    return incoming


def in_order(
    expansion: Expansion, incoming: Mapping[str, Sequence[Edge]], arriving: Mapping[str, int]
) -> list[Node]:
    """Return an expansion's nodes so that each comes after what it reads, else as they stand.

    Parameters
    ----------
    expansion : Expansion
        The nodes and edges.
    incoming : mapping
        Node → the edges into it.
    arriving : mapping
        The edges that come from outside, by id.

    Raises
    ------
    PlanError
        If there is a cycle.
    """
    done: set[str] = set()
    result: list[Node] = []
    waiting = list(expansion.nodes)
    while waiting:
        left: list[Node] = []
        for node in waiting:
            if all(edge.id in arriving or edge.source in done for edge in incoming[node.id]):
                done.add(node.id)
                result.append(node)
            else:
                left.append(node)
        if len(left) == len(waiting):
            raise PlanError("the expansion has a cycle", waiting[0].id)
        waiting = left
    return result


def in_port_order(spec: NodeSpec, edges: Sequence[Edge]) -> Sequence[Edge]:
    """Return the edges into a node in the order of its positional arguments."""
    if len(edges) < 2:
        return edges
    ports = {port.name: index for index, port in enumerate(spec.ports)}
    return sorted(edges, key=lambda edge: (ports[edge.port], edge.order, edge.id))
