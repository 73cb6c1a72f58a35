"""A neuron as single operations and back, a group as single units and back.

Each function returns a `Batch` for ``document.apply``; nothing here changes the document. What is
computed stays the same, because the compiler lowers composites through the same expansion.
`split` and `merge` live in ``engine.rewrites.splitting`` and ``engine.rewrites.merging``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.declaration.op import Expansion, Op
from engine.library import ops
from engine.rewrites.merging import merge
from engine.rewrites.neuron_pattern import find_unit
from engine.rewrites.rewrite import Redrawing, redraw
from engine.rewrites.splitting import split
from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import Batch, Edge, Node
from graph.model.ids import FreeIds
from graph.model.kinds import MisfitError, NodeSpec, Params, ParamValue

__all__ = ["collapse", "expand", "expand_node", "merge", "split"]


def expand_node(op: Op, node: Node, params: Params, in_edges: Sequence[Edge]) -> Expansion:
    """Return the operations that a composite node stands for.

    Parameters
    ----------
    op : Op
        The node's kind, a composite.
    node, params : Node, mapping
        The node, and its parameters with defaults filled in.
    in_edges : sequence of Edge
        The edges into it, sorted by port and order.

    Raises
    ------
    MisfitError
        If its parameters do not make sense (a formula that cannot be read).
    ValueError
        If the kind is no composite.
    """
    if op.expand is None:
        raise ValueError(f"{op.spec.kind!r} is a single operation")
    return op.expand(node, params, in_edges)


def expand(document: Document, node_id: str) -> Batch:
    """Build replacing a neuron or formula by the operations it stands for.

    The last operation keeps the node's id and outgoing edges; weights and biases keep their
    parameters, values and freezing.

    Raises
    ------
    EditError
        If there is no such node, or it is a single operation already.
    """
    node = _node(document, node_id)
    op = ops().get(node.kind)
    if op is None or op.expand is None:
        raise EditError(
            f"{node_id!r} is a single operation ({node.kind}); neurons and formulas can be expanded"
        )
    arriving = document.in_edges(node_id)
    try:
        inside = expand_node(op, node, document.params(node_id), arriving)
    except MisfitError as error:
        raise EditError(f"{node_id!r} cannot be expanded: {error}") from error
    drawing = redraw(document)
    ids = _free_ids(document, node_id, inside)
    _draw_nodes(drawing, node_id, inside, ids)
    _draw_edges(drawing, inside, ids)
    return drawing.batch()


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
        moved = Edge(name, edge.source, unit.output.id, "inputs", order)
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


def _node(document: Document, node_id: str) -> Node:
    node = document.nodes.get(node_id)
    if node is None:
        raise EditError(f"there is no node {node_id!r}")
    return node


def _free_ids(document: Document, node_id: str, inside: Expansion) -> Mapping[str, str]:
    """Return inner id → id to draw it with; they differ only if another node has the id."""
    names = FreeIds(document)
    result = {node_id: node_id}
    for node in inside.nodes:
        if node.id != node_id:
            free = node.id not in document.nodes
            result[node.id] = names.take(node.id) if free else names.node(node.id)
    return result


def _draw_nodes(
    drawing: Redrawing, node_id: str, inside: Expansion, ids: Mapping[str, str]
) -> None:
    places = _places(node_id, inside)
    for node in inside.nodes:
        spec = drawing.document.library[node.kind]
        drawn = replace(node, id=ids[node.id], params=_without_defaults(spec, node.params))
        if node.id == node_id:
            drawing.changed[node_id] = drawn
        else:
            drawing.add(drawn, node_id, drawing.place(node_id, *places[node.id]))
        for slot in spec.slots(spec.complete(node.params)):
            inner = f"{node.id}.{slot}"
            drawing.move_slot(inside.slots.get(inner, inner), f"{drawn.id}.{slot}")


def _draw_edges(drawing: Redrawing, inside: Expansion, ids: Mapping[str, str]) -> None:
    document = drawing.document
    names = FreeIds(document)
    for name in ids.values():
        names.take(name)
    for edge in inside.edges:
        if edge.id in document.edges and edge.source not in ids:
            drawing.rewired[edge.id] = replace(edge, target=ids[edge.target])
            continue
        source, target = ids[edge.source], ids[edge.target]
        name = edge.id if names.is_free(edge.id) else names.edge(source, target)
        drawing.drawn.append(Edge(names.take(name), source, target, edge.port, edge.order))


def _places(node_id: str, inside: Expansion) -> Mapping[str, tuple[float, float]]:
    """Return columns and rows of inner nodes around the last one, each before what reads it."""
    column = {node_id: 0}
    inner = {node.id for node in inside.nodes}
    waiting = [node_id]
    while waiting:
        reader = waiting.pop()
        for edge in inside.edges:
            if edge.target == reader and edge.source in inner:
                if column.get(edge.source, 1) >= column[reader]:
                    column[edge.source] = column[reader] - 1
                waiting.append(edge.source)
    rows: dict[int, list[str]] = {}
    for node in inside.nodes:
        rows.setdefault(column.get(node.id, -1), []).append(node.id)
    return {
        name: (float(x), row - (len(stacked) - 1) / 2)
        for x, stacked in rows.items()
        for row, name in enumerate(stacked)
    }


def _without_defaults(spec: NodeSpec, params: Params) -> dict[str, ParamValue]:
    defaults = spec.complete({})
    return {name: value for name, value in params.items() if value != defaults.get(name)}
