"""A neuron of several units as that many neurons of one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
    drawing = redraw(document, values)
    count = drawing.units(node_id)
    if count < 2:
        raise EditError(f"{node_id!r} is a single unit already")
    splitting = _Splitting(drawing, node, count)
    splitting.draw()
    return splitting.drawing.batch()


class _Splitting:
    def __init__(self, drawing: Redrawing, node: Node, count: int) -> None:
        self.drawing, self.node, self.count = drawing, node, count
        self.document = drawing.document
        self.arriving = self.document.in_edges(node.id)
        self.leaving = self.document.out_edges(node.id)
        self.activation = str(self.document.param(node.id, "activation"))
        self.mixes = not ops()[self.activation].elementwise
        self.weighted = [] if self.mixes else [e for e in self.leaving if drawing.weighs(e)]
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
            self._split_edge(edge, 0)
        if self.document.param(self.node.id, "bias"):
            self._split_slot(f"{self.node.id}.bias", [f"{unit}.bias" for unit in self.units], 0)
        for edge in self.weighted:
            self._split_edge(edge, 1)
        if self.rest or self.mixes:
            self._join()

    def _unit(self, index: int, unit: str) -> Node:
        label = self.node.label and self.node.label + str(index + 1).translate(_SUBSCRIPTS)
        params = {name: v for name, v in self.node.params.items() if name != "units"}
        if self.mixes:
            params["activation"] = "identity"
        return Node(unit, "neuron", label, params)

    def _split_edge(self, edge: Edge, axis: int) -> None:
        """Draw it to each unit with a row of its matrix (axis 0), or from each with a column."""
        slots: list[str] = []
        for unit in self.units:
            one = replace(edge, target=unit) if axis == 0 else replace(edge, source=unit)
            name = self.names.edge(one.source, one.target)
            self.drawing.drawn.append(replace(one, id=name, label=""))
            slots.append(f"{name}.weight")
        self._split_slot(f"{edge.id}.weight", slots, axis)

    def _split_slot(self, whole: str, slots: Sequence[str], axis: int) -> None:
        value, before = self.drawing.value(whole), (slice(None),) * axis
        parts = {
            slot: None if value is None else value[(*before, slice(index, index + 1))]
            for index, slot in enumerate(slots)
        }
        self.drawing.replace_slots([whole], parts)

    def _join(self) -> None:
        """Put the units together again for readers that take them as one value."""
        joint, own, drawing = self.node.id, self.node.id, self.drawing
        if self.mixes:
            joint = self.names.node(f"{own}.s")
            drawing.add(Node(joint, "concat"), own, drawing.place(own, -0.5, 0))
            drawing.drawn.append(Edge(self.names.edge(joint, own), joint, own, "x"))
        kind = self.activation if self.mixes else "concat"
        drawing.changed[own] = Node(own, kind, self.node.label)
        for index, unit in enumerate(self.units):
            name = self.names.edge(unit, joint)
            drawing.drawn.append(Edge(name, unit, joint, "inputs", index))
