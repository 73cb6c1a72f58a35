"""Several neurons with the same sources as one neuron of several units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from engine.library import ops
from engine.rewrites.rewrite import COLUMN, Redrawing, redraw
from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import Batch, Edge, Node
from graph.model.kinds import Params
from graph.model.slot_names import owner
from graph.model.tensor import Tensor

_ALIKE = ("activation", "bias", "initializer")


def merge(
    document: Document, node_ids: Sequence[str], values: Mapping[str, Tensor] | None = None
) -> Batch:
    """Build merging neurons into one group, the inverse of `split`.

    Their rows of weights are stacked. A neuron that reads all of them reads the group instead; a
    `concat` of exactly these neurons becomes the group; for every other reader a unit stays as a
    `slice` of the group, under its own id.

    Parameters
    ----------
    document : Document
        The graph.
    node_ids : sequence of str
        Neurons with the same sources, activation and bias setting. The order of their units is
        that of a concat that reads them, else that of the document.
    values : mapping, optional
        Current parameter values by name; the document's if not given.

    Raises
    ------
    EditError
        If they differ in more than their numbers, share weights, or only some are frozen.
    """
    chosen = set(node_ids)
    if missing := sorted(chosen - document.nodes.keys()):
        raise EditError(f"there is no node {missing[0]!r}")
    if len(chosen) < 2:
        raise EditError("one neuron cannot be merged with itself; select at least two")
    _check_alike(document, sorted(chosen))
    concat = _concat_of(document, chosen)
    if concat is None:
        units = [name for name in document.nodes if name in chosen]
    else:
        units = [edge.source for edge in document.in_edges(concat)]
    merging = _Merging(redraw(document, values), units, concat)
    merging.draw()
    return merging.drawing.batch()


def _check_alike(document: Document, names: Sequence[str]) -> None:
    first = names[0]
    for name in names:
        if document.nodes[name].kind != "neuron":
            raise EditError(f"{name!r} is no neuron; only neurons can be merged")
        for param in _ALIKE:
            ours, theirs = document.param(first, param), document.param(name, param)
            if ours != theirs:
                raise EditError(
                    f"{first!r} and {name!r} differ in {param} ({ours} and {theirs}); "
                    "make them equal first"
                )
        if _sources(document, first) != _sources(document, name):
            raise EditError(
                f"{first!r} and {name!r} read different nodes; only neurons with the same "
                "sources can be merged"
            )
    activation = str(document.param(first, "activation"))
    if not ops()[activation].elementwise:
        raise EditError(
            f"{activation} mixes the units of a group, so merging would change the numbers; "
            "choose another activation first"
        )


def _sources(document: Document, name: str) -> list[str]:
    return sorted(edge.source for edge in document.in_edges(name))


def _concat_of(document: Document, chosen: set[str]) -> str | None:
    """Return the first concat whose inputs are exactly the chosen nodes, once each."""
    for name, node in document.nodes.items():
        if node.kind == "concat":
            sources = [edge.source for edge in document.in_edges(name)]
            if len(sources) == len(chosen) and set(sources) == chosen:
                return name
    return None


class _Merging:
    def __init__(self, drawing: Redrawing, units: Sequence[str], concat: str | None) -> None:
        self.drawing, self.units, self.concat = drawing, units, concat
        self.document = drawing.document
        self.sizes = [drawing.units(unit) for unit in units]
        self.ends = np.cumsum(self.sizes).tolist()
        self.readers = self._common_readers()
        absorbed = {e.id for edges in self.readers.values() for e in chain.from_iterable(edges)}
        if concat is not None:
            absorbed |= {edge.id for edge in self.document.in_edges(concat)}
        self.slices = [
            unit
            for unit in units
            if any(edge.id not in absorbed for edge in self.document.out_edges(unit))
        ]
        self._take_away(absorbed)
        self.names = drawing.names()
        self.group = self._group_id()
        self.names.take(self.group)

    def draw(self) -> None:
        first = self.document.nodes[self.units[0]]
        params: Params = {**first.params, "units": sum(self.sizes)}
        label = self.document.nodes[self.concat].label if self.concat else ""
        group = Node(self.group, "neuron", label, dict(sorted(params.items())))
        if self.group == self.concat:
            self.drawing.changed[self.group] = group
        else:
            self.drawing.add(group, self.units[0], self._position())
        self._stack_sources()
        if self.document.param(self.units[0], "bias"):
            self._merge_slots([f"{unit}.bias" for unit in self.units], f"{self.group}.bias", 0)
        for edges in chain.from_iterable(self.readers.values()):
            self._merge_edges(edges, 1)
        for unit in self.slices:
            self._keep_slice(unit)

    def _common_readers(self) -> dict[str, list[tuple[Edge, ...]]]:
        """Return the neurons that read all units equally often, with matching edges, unit order.

        A reader whose edges cannot be put together (one is shared or frozen alone) is left out.
        """
        by_target: dict[str, list[list[Edge]]] = {}
        for index, unit in enumerate(self.units):
            for edge in self.document.out_edges(unit):
                if self.drawing.weighs(edge):
                    lists = by_target.setdefault(edge.target, [[] for _ in self.units])
                    lists[index].append(edge)
        return {
            target: list(zip(*lists, strict=True))
            for target, lists in by_target.items()
            if len({len(edges) for edges in lists}) == 1 and self._fit(lists)
        }

    def _fit(self, lists: Sequence[Sequence[Edge]]) -> bool:
        slots = [f"{edge.id}.weight" for edges in lists for edge in edges]
        frozen = {self.drawing.is_frozen(slot) for slot in slots}
        known = {self.drawing.value(slot) is None for slot in slots}
        shared = any(self.drawing.is_shared(slot) for slot in slots)
        return len(frozen) == 1 and len(known) == 1 and not shared

    def _take_away(self, absorbed: set[str]) -> None:
        gone = {edge.id for unit in self.units for edge in self.document.in_edges(unit)}
        self.drawing.rewired.update(dict.fromkeys([*gone, *absorbed]))
        for unit in self.units:
            if unit not in self.slices:
                self.drawing.remove(unit)

    def _group_id(self) -> str:
        """Return the concat's id, else what the units' ids have in common, else a unit's own."""
        if self.concat is not None:
            return self.concat
        stems = {owner(unit) for unit in self.units}
        stem = stems.pop() if len(stems) == 1 else ""
        for name in (stem, self.units[0]):
            if self.names.is_free(name):
                return name
        return self.names.node(stem or self.units[0])

    def _position(self) -> tuple[float, float] | None:
        places = [self.document.positions.get(unit) for unit in self.units]
        known = [place for place in places if place is not None]
        if not known:
            return None
        x, y = np.mean(known, axis=0)
        return float(x) - (COLUMN if self.slices else 0.0), float(y)

    def _stack_sources(self) -> None:
        """Replace the edges from each source by one, for each time that it is read."""
        arriving = [
            sorted(self.document.in_edges(unit), key=lambda e: (e.source, e.order, e.id))
            for unit in self.units
        ]
        for edges in sorted(zip(*arriving, strict=True), key=lambda group: group[0].order):
            self._merge_edges(edges, 0)

    def _merge_edges(self, edges: Sequence[Edge], axis: int) -> None:
        """Replace edges into the units (axis 0), or out of them, by one of the group."""
        first, group = edges[0], self.group
        one = replace(first, target=group) if axis == 0 else replace(first, source=group)
        name = self.names.edge(one.source, one.target)
        self.drawing.drawn.append(replace(one, id=name, label=""))
        self._merge_slots([f"{edge.id}.weight" for edge in edges], f"{name}.weight", axis)

    def _keep_slice(self, unit: str) -> None:
        index = self.units.index(unit)
        stop, size = self.ends[index], self.sizes[index]
        label = self.document.nodes[unit].label
        params = {"start": stop - size, "stop": stop}
        self.drawing.changed[unit] = Node(unit, "slice", label, params)
        name = self.names.edge(self.group, unit)
        self.drawing.drawn.append(Edge(name, self.group, unit, "x"))

    def _merge_slots(self, slots: Sequence[str], whole: str, axis: int) -> None:
        values = [self.drawing.value(slot) for slot in slots]
        known = [value for value in values if value is not None]
        if known and len(known) < len(values):
            bare = next(slot for slot in slots if self.drawing.value(slot) is None)
            raise EditError(f"{bare!r} has no value yet, but others have; give it one first")
        joined = np.concatenate(known, axis=axis) if known else None
        self.drawing.replace_slots(slots, {whole: joined})
