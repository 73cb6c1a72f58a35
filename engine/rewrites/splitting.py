"""A neuron of several units as that many neurons of one unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.declaration.op import Array
from engine.library import ops
from engine.rewrites.rewrite import Redrawing, redraw
from graph.changes.ids import FreeIds
from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import Batch, Edge, Node
from graph.model.tensor import Tensor

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def split(document: Document, node_id: str, values: Mapping[str, Tensor] | None = None) -> Batch:
    """Build splitting a neuron group into single neurons.

    Unit i gets row i of every weight matrix and entry i of the bias. Neurons that read the group
    get an edge from each unit, with a column of their matrix; other readers go on reading
    ``node_id``, which becomes a `concat` of the units. An activation that mixes components
    (softmax) is applied to the concat.

    Parameters
    ----------
    document : Document
        The graph.
    node_id : str
        A neuron with more than one unit.
    values : mapping, optional
        Current parameter values by name; the document's if not given. What has no value is drawn
        anew for the units.

    Raises
    ------
    EditError
        If the node is no neuron, has one unit only, or shares its weights with another place.
    """
    node = document.nodes.get(node_id)
    if node is None or node.kind != "neuron":
        raise EditError(f"{node_id!r} is no neuron; only neurons can be split")
    count = _units(document, node_id)
    if count < 2:
        raise EditError(f"{node_id!r} is a single unit already")
    splitting = _Splitting(redraw(document, values), node, count)
    splitting.draw()
    return splitting.drawing.batch()


def _units(document: Document, node_id: str) -> int:
    units = document.param(node_id, "units")
    assert isinstance(units, int)  # checked by the document
    return units


class _Splitting:
    def __init__(self, drawing: Redrawing, node: Node, count: int) -> None:
        self.drawing, self.node, self.count = drawing, node, count
        self.document = drawing.document
        self.arriving = self.document.in_edges(node.id)
        self.leaving = self.document.out_edges(node.id)
        self.activation = str(self.document.param(node.id, "activation"))
        self.mixes = not ops()[self.activation].elementwise
        self.weighted = [] if self.mixes else [e for e in self.leaving if self._carries_weight(e)]
        self.rest = [edge for edge in self.leaving if edge not in self.weighted]
        drawing.rewired.update(dict.fromkeys(e.id for e in (*self.arriving, *self.weighted)))
        if not self.rest and not self.mixes:
            drawing.remove(node.id)
        self.names: FreeIds = drawing.names()
        self.units = [self.names.node(f"{node.id}.{i + 1}") for i in range(count)]

    def draw(self) -> None:
        for index, unit in enumerate(self.units):
            row = index - (self.count - 1) / 2
            place = self.drawing.place(self.node.id, -1 if self.rest or self.mixes else 0, row)
            self.drawing.add(self._unit(index, unit), self.node.id, place)
        for edge in self.arriving:
            self._split_arriving(edge)
        if self.document.param(self.node.id, "bias"):
            slot = f"{self.node.id}.bias"
            value = self.drawing.value(slot)
            parts = {f"{u}.bias": _part(value, i, i + 1) for i, u in enumerate(self.units)}
            self.drawing.replace_slots([slot], parts)
        for edge in self.weighted:
            self._split_leaving(edge)
        if self.rest or self.mixes:
            self._join()

    def _carries_weight(self, edge: Edge) -> bool:
        spec = self.document.spec(edge.target)
        return spec is not None and spec.weighted

    def _unit(self, index: int, unit: str) -> Node:
        label = self.node.label and self.node.label + str(index + 1).translate(_SUBSCRIPTS)
        params = {name: v for name, v in self.node.params.items() if name != "units"}
        if self.mixes:
            params["activation"] = "identity"
        return Node(unit, "neuron", label, params)

    def _split_arriving(self, edge: Edge) -> None:
        slot = f"{edge.id}.weight"
        value = self.drawing.value(slot)
        parts: dict[str, Array | None] = {}
        for index, unit in enumerate(self.units):
            name = self.names.edge(edge.source, unit)
            self.drawing.drawn.append(replace(edge, id=name, target=unit))
            parts[f"{name}.weight"] = _part(value, index, index + 1)
        self.drawing.replace_slots([slot], parts)

    def _split_leaving(self, edge: Edge) -> None:
        slot = f"{edge.id}.weight"
        value = self.drawing.value(slot)
        parts: dict[str, Array | None] = {}
        for index, unit in enumerate(self.units):
            name = self.names.edge(unit, edge.target)
            self.drawing.drawn.append(replace(edge, id=name, source=unit))
            parts[f"{name}.weight"] = None if value is None else value[:, index : index + 1]
        self.drawing.replace_slots([slot], parts)

    def _join(self) -> None:
        """Put the units together again for readers that take them as one value."""
        joint = self.node.id
        if self.mixes:
            joint = self.names.node(f"{self.node.id}.s")
            self.drawing.add(
                Node(joint, "concat"), self.node.id, self.drawing.place(self.node.id, -0.5, 0)
            )
            self.drawing.drawn.append(
                Edge(self.names.edge(joint, self.node.id), joint, self.node.id, "x")
            )
            self.drawing.changed[self.node.id] = Node(
                self.node.id, self.activation, self.node.label
            )
        else:
            self.drawing.changed[joint] = Node(joint, "concat", self.node.label)
        for index, unit in enumerate(self.units):
            name = self.names.edge(unit, joint)
            self.drawing.drawn.append(Edge(name, unit, joint, "inputs", index))


def _part(value: Array | None, start: int, stop: int) -> Array | None:
    return None if value is None else value[start:stop]
