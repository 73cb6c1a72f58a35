"""A neuron as single operations and back, a group as single units and back.

Each function returns a `Batch` for ``document.apply``; nothing here changes the document. What is
computed stays the same, because the compiler places the same templates.
`split` and `merge` live in ``engine.rewrites.splitting`` and ``engine.rewrites.merging``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.declaration.template import InnerEdge, InnerNode, Input, inner_nodes, outermost
from engine.library import ops
from engine.rewrites.merging import merge
from engine.rewrites.neuron_pattern import find_unit
from engine.rewrites.rewrite import Redrawing, redraw
from engine.rewrites.splitting import split
from graph.changes.ids import FreeIds
from graph.errors import EditError, WidthMismatch
from graph.model.document import Document
from graph.model.edits import Batch, Edge, Node
from graph.model.kinds import NodeSpec, Params, ParamValue

__all__ = ["collapse", "expand", "merge", "split"]


def expand(document: Document, node_id: str) -> Batch:
    """Build replacing a neuron or formula by the operations it stands for.

    The last operation keeps the node's id and outgoing edges; weights and biases keep their
    parameters, values and freezing.

    Raises `EditError` if there is no such node, or it is a single operation already.
    """
    node = document.nodes.get(node_id)
    if node is None:
        raise EditError(f"there is no node {node_id!r}")
    op = ops().get(node.kind)
    if op is None or op.expand is None:
        raise EditError(
            f"{node_id!r} is a single operation ({node.kind}); neurons and formulas can be expanded"
        )
    arriving = document.in_edges(node_id)
    inner = outermost(node.kind, node.params, [edge.port for edge in arriving])
    try:
        inside = inner_nodes(inner, op.expand, document.params(node_id))
    except (WidthMismatch, ValueError) as error:
        raise EditError(f"{node_id!r} cannot be expanded: {error}") from error
    return _Expanding(redraw(document), node, arriving, inside).batch()


def collapse(document: Document, node_ids: Sequence[str]) -> Batch:
    """Build replacing weights, bias, sum and activation by the neuron they amount to.

    Parameters
    ----------
    document : Document
        The graph.
    node_ids : sequence of str
        The operations, or only the activation or the sum. Without the activation, the sum becomes
        a neuron with the activation ``identity``.

    Raises
    ------
    EditError
        If they are not exactly the parts of one neuron; the text says which part does not fit.
    """
    unit = find_unit(document, node_ids)
    drawing = redraw(document)
    names = FreeIds(document, [weight.id for weight in unit.weights])
    for order, (weight, edge) in enumerate(zip(unit.weights, unit.arriving, strict=True)):
        drawing.remove(weight.id)
        taken = edge.id in document.nodes and edge.id != weight.id
        name = names.edge(edge.source, unit.output.id) if taken else edge.id
        moved = Edge(name, edge.source, unit.output.id, "inputs", order, weight.label)
        drawing.rewired[edge.id] = None if taken else moved
        if taken:
            drawing.drawn.append(moved)
        drawing.move_slot(f"{weight.id}.weight", f"{name}.weight")
    if unit.bias is not None:
        drawing.remove(unit.bias.id)
        drawing.move_slot(f"{unit.bias.id}.bias", f"{unit.output.id}.bias")
    if unit.total.id != unit.output.id:
        drawing.remove(unit.total.id)
    drawing.rewired.update(dict.fromkeys(unit.inner_edges))
    kind = document.library["neuron"]
    params = _without_defaults(kind, unit.params)
    drawing.changed[unit.output.id] = replace(unit.output, kind="neuron", params=params)
    return drawing.batch()


class _Expanding:
    """Draws what is inside a node under its id, or another one where a node has the id."""

    def __init__(
        self, drawing: Redrawing, node: Node, arriving: Sequence[Edge], inside: Sequence[InnerNode]
    ) -> None:
        self.drawing, self.node, self.arriving, self.inside = drawing, node, arriving, inside
        self.names = FreeIds(drawing.document)
        self.ids = {inner.name: self._id(inner) for inner in inside}
        self.places = _places(inside)

    def batch(self) -> Batch:
        for inner in self.inside:
            self._draw(inner)
            orders = Counter[str]()
            for edge in inner.edges:
                self._draw_edge(inner, edge, orders[edge.port])
                orders[edge.port] += 1
        return self.drawing.batch()

    def _id(self, inner: InnerNode) -> str:
        name = self._name(inner)
        taken = bool(inner.name) and name in self.drawing.document.nodes
        return self.names.node(name) if taken else self.names.take(name)

    def _name(self, inner: InnerNode) -> str:
        if inner.of is not None:
            return self.arriving[inner.of.place].id
        return f"{self.node.id}{inner.name}"

    def _draw(self, inner: InnerNode) -> None:
        spec, name = self.drawing.document.library[inner.kind], self.ids[inner.name]
        drawn = Node(name, inner.kind, params=_without_defaults(spec, inner.params))
        if name == self.node.id:
            self.drawing.changed[name] = replace(drawn, label=self.node.label)
        else:
            if inner.of is not None and inner.kind == "weight":
                drawn = replace(drawn, label=self.arriving[inner.of.place].label)
            place = self.drawing.place(self.node.id, *self.places[inner.name])
            self.drawing.add(drawn, self.node.id, place)
        for slot in spec.slots(spec.complete(inner.params)):
            whole_slot = f"{self.node.id}{inner.slots[slot]}" if slot in inner.slots else None
            self.drawing.move_slot(whole_slot or f"{self._name(inner)}.{slot}", f"{name}.{slot}")

    def _draw_edge(self, inner: InnerNode, edge: InnerEdge, order: int) -> None:
        target = self.ids[inner.name]
        if isinstance(edge.source, Input):
            moved = self.arriving[edge.source.place]
            self.drawing.rewired[moved.id] = replace(
                moved, target=target, port=edge.port, order=order, label=""
            )
            return
        source = self.ids[edge.source]
        name = self.names.edge(source, target)
        self.drawing.drawn.append(Edge(name, source, target, edge.port, order))
        if edge.weight:
            self.drawing.move_slot(f"{self.node.id}{edge.weight}", f"{name}.weight")


def _places(inside: Sequence[InnerNode]) -> Mapping[str, tuple[float, float]]:
    """Return columns and rows around the last node; each stands before what reads it."""
    column = {inner.name: 0 for inner in inside}
    for inner in reversed(inside):
        for edge in inner.edges:
            if isinstance(edge.source, str):
                column[edge.source] = min(column[edge.source], column[inner.name] - 1)
    rows: dict[int, list[str]] = {}
    for inner in inside:
        rows.setdefault(column[inner.name], []).append(inner.name)
    return {
        name: (float(x), row - (len(stacked) - 1) / 2)
        for x, stacked in rows.items()
        for row, name in enumerate(stacked)
    }


def _without_defaults(spec: NodeSpec, params: Params) -> dict[str, ParamValue]:
    defaults = spec.complete({})
    return {name: value for name, value in params.items() if value != defaults.get(name)}
