"""What is drawn of a node beside its numbers: texts, palette group, ports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from graph.model.document import Document
from graph.model.edits import Node
from graph.model.kinds import NodeSpec, Role
from gui.canvas.geometry.shapes import has_output, port_offsets


class KindLooks(NamedTuple):
    """What all nodes of a kind share.

    Parameters
    ----------
    group : str
        The palette group.
    ports : mapping
        Port name → height relative to the node's centre.
    output : bool
        Whether wires can leave the node.
    has_gradient : bool
        Whether the node's δ teaches something: not that of targets and losses.
    has_net : bool
        Whether it has a net input s, so that δ is its ∂E/∂s; of others ∂E/∂z is shown.
    """

    group: str
    ports: Mapping[str, float]
    output: bool
    has_gradient: bool
    has_net: bool


class NodeLooks(NamedTuple):
    """What is drawn of one node."""

    title: str
    symbol: str
    kind: KindLooks


def looks(document: Document, names: Iterable[str]) -> list[NodeLooks]:
    """Return the looks of nodes; of alike ones they are found once."""
    nodes, kinds, symbols = document.nodes, dict[str, KindLooks](), dict[object, str]()
    found = []
    for node in map(nodes.__getitem__, names):
        kind = kinds.get(node.kind)
        if kind is None:
            kind = kinds[node.kind] = _kind_looks(document.library.get(node.kind))
        sort = node.kind, node.params.get("activation")
        symbol = symbols.get(sort)
        if symbol is None:
            symbol = symbols[sort] = _symbol(document, node)
        found.append(NodeLooks(node.label or node.id, symbol, kind))
    return found


def _kind_looks(spec: NodeSpec | None) -> KindLooks:
    has_gradient = spec is None or spec.role not in (Role.TARGET, Role.LOSS, Role.PENALTY)
    has_net = spec is not None and spec.weighted
    group = spec.group if spec else ""
    return KindLooks(group, port_offsets(spec), has_output(spec), has_gradient, has_net)


def _symbol(document: Document, node: Node) -> str:
    """Return a node's sign: the kind's, of a unit that of its activation."""
    spec = document.library.get(node.kind)
    if spec is None:
        return "?"
    if spec.role is Role.UNIT:
        activation = document.library.get(str(document.param(node.id, "activation")))
        return activation.symbol if activation else spec.symbol
    return spec.symbol
