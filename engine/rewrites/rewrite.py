"""Collecting a larger change of the drawing that keeps its numbers, then building one batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.declaration.op import Array
from engine.interpreter.parameter_vector import to_array, to_tensor
from graph.changes.ids import FreeIds
from graph.changes.rewiring import exchange
from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Batch,
    ChangeNode,
    Connect,
    Edge,
    Edit,
    Group,
    Move,
    Node,
    Position,
    RemoveNode,
    SetFrozen,
    SetGroups,
    SetParam,
    SetParameterValues,
    SetShared,
)
from graph.model.kinds import ParamKind
from graph.model.tensor import Tensor

COLUMN, ROW = 150.0, 70.0
"""Distance between nodes that are drawn anew, scene units."""


@dataclass(slots=True)
class Redrawing:
    """Nodes, edges and parameters that come, go and change; `batch` gives the edits.

    Parameters
    ----------
    document : Document
        What is redrawn; it is only read.
    values : mapping, optional
        Current parameter values by name; the document's own if not given.
    """

    document: Document
    values: Mapping[str, Tensor]
    removed: dict[str, None] = field(default_factory=dict)
    changed: dict[str, Node] = field(default_factory=dict)
    added: dict[str, Node] = field(default_factory=dict)
    rewired: dict[str, Edge | None] = field(default_factory=dict)
    drawn: list[Edge] = field(default_factory=list)
    positions: dict[str, Position | None] = field(default_factory=dict)
    joins: dict[str, str] = field(default_factory=dict)
    _new_values: dict[str, Tensor | None] = field(default_factory=dict)
    _frozen: dict[str, bool] = field(default_factory=dict)
    _shared: dict[str, str | None] = field(default_factory=dict)
    _renamed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _users: Counter[str] = field(default_factory=Counter)

    # -- parameters --------------------------------------------------------------------------

    def value(self, slot: str) -> Array | None:
        """Return the value a slot has now; None if it is still to be drawn."""
        tensor = self.values.get(self.document.parameter_name(slot))
        return None if tensor is None else to_array(tensor)

    def is_frozen(self, slot: str) -> bool:
        """Return whether a slot's parameter is frozen."""
        return self.document.parameter_name(slot) in self.document.frozen

    def is_shared(self, slot: str) -> bool:
        """Return whether other slots use the same parameter."""
        if not self._users:
            self._users.update(map(self.document.parameter_name, self.document.all_slots()))
        return self._users[self.document.parameter_name(slot)] > 1

    def move_slot(self, old: str, new: str) -> None:
        """Let a new slot use the parameter that an old one, which goes, used."""
        name = self.document.parameter_name(old)
        if old != new and old in self.document.shared:
            self._shared[old] = None
        if name != self.document.parameter_name(new) or new in self._shared:
            self._shared[new] = None if name == new else name

    def replace_slots(self, old: Sequence[str], new: Mapping[str, Array | None]) -> None:
        """Replace parameters that only the ``old`` slots use by those of ``new`` slots.

        Raises `EditError` if one is shared with other slots, or only some are frozen.
        """
        for slot in old:
            if self.is_shared(slot):
                raise EditError(
                    f"{slot!r} shares its numbers with another place; end the sharing first"
                )
        frozen = {self.is_frozen(slot) for slot in old}
        if len(frozen) > 1:
            raise EditError(f"only some of {_listed(old)} are frozen; freeze all of them or none")
        names = [self.document.parameter_name(slot) for slot in old]
        self._new_values.update(dict.fromkeys(n for n in names if n in self.document.parameters))
        self._shared.update(dict.fromkeys(slot for slot in old if slot in self.document.shared))
        self._new_values.update((s, to_tensor(v)) for s, v in new.items() if v is not None)
        if True in frozen:
            self._frozen.update(dict.fromkeys(names, False))
            self._frozen.update(dict.fromkeys(new, True))
        self._renamed.update(dict.fromkeys(names, tuple(new)))

    # -- nodes and edges ---------------------------------------------------------------------

    def units(self, neuron: str) -> int:
        """Return how many units a neuron has."""
        units = self.document.param(neuron, "units")
        assert isinstance(units, int)  # checked by the document
        return units

    def weighs(self, edge: Edge) -> bool:
        """Return whether an edge leads into a neuron, and so carries a weight."""
        spec = self.document.spec(edge.target)
        return spec is not None and spec.weighted

    def names(self) -> FreeIds:
        """Return a source of ids, those of what goes being free."""
        gone = [key for key, edge in self.rewired.items() if edge is None]
        return FreeIds(self.document, [*self.removed, *gone])

    def remove(self, node_id: str) -> None:
        """Take a node away; its edges must be rewired or removed too."""
        self.removed[node_id] = None

    def add(self, node: Node, near: str, position: Position | None) -> None:
        """Add a node to the group of an existing one, at a place if that one has a place."""
        self.added[node.id] = node
        self.joins[node.id] = near
        if position is not None:
            self.positions[node.id] = position

    def place(self, node_id: str, column: float, row: float) -> Position | None:
        """Return a place so many columns and rows away from a node; None if it has none."""
        at = self.document.positions.get(node_id)
        return None if at is None else (at[0] + column * COLUMN, at[1] + row * ROW)

    def batch(self) -> Batch:
        """Return everything as one edit."""
        edits: list[Edit] = [*self._parameter_edits(), *self._list_edits()]
        groups = self._groups()
        leaving = [node for node in self.removed if node in self.document.positions]
        if leaving:
            edits.append(Move(dict.fromkeys(leaving)))
        away, back = exchange(self.document, self.rewired)
        edits += away
        edits += [RemoveNode(n) for n in reversed(list(self.document.nodes)) if n in self.removed]
        edits += [ChangeNode(node) for node in self.changed.values()]
        edits += [AddNode(node) for node in self.added.values()]
        edits += back
        edits += [Connect(edge) for edge in self.drawn]
        if self.positions:
            edits.append(Move(dict(self.positions)))
        if groups != self.document.groups:
            edits.append(SetGroups(groups))
        return Batch(tuple(edits))

    def _parameter_edits(self) -> Iterable[Edit]:
        if self._new_values:
            yield SetParameterValues(dict(self._new_values))
        if self._frozen:
            yield SetFrozen(dict(self._frozen))
        if self._shared:
            yield SetShared(dict(self._shared))

    def _list_edits(self) -> Iterable[Edit]:
        """Yield the edits that follow replaced parameters into lists of them (of penalties)."""
        for node in self.document.nodes.values():
            spec = self.document.spec(node.id)
            for param in spec.params if spec else ():
                listed = node.params.get(param.name)
                if param.kind is ParamKind.PARAMETERS and isinstance(listed, tuple):
                    names = self._followed(node.id, [str(name) for name in listed])
                    if names != listed:
                        yield SetParam(node.id, param.name, names)

    def _followed(self, node_id: str, listed: Sequence[str]) -> tuple[str, ...]:
        chosen = {self.document.parameter_name(name) for name in listed}
        for new in set(self._renamed.values()):
            old = {name for name, to in self._renamed.items() if to == new}
            if len(old & chosen) not in (0, len(old)):
                raise EditError(
                    f"{node_id!r} covers only some of {_listed(old)}; let it cover all or none"
                )
        result: dict[str, None] = {}
        for name in listed:
            resolved = self.document.parameter_name(name)
            result.update(dict.fromkeys(self._renamed.get(resolved, (name,))))
        return tuple(result)

    def _groups(self) -> tuple[Group, ...]:
        result = []
        for group in self.document.groups:
            inside = [node for node, near in self.joins.items() if near in group.nodes]
            kept = [n for n in group.nodes if n not in self.removed and n not in inside]
            result.append(replace(group, nodes=(*kept, *inside)))
        return tuple(result)


def redraw(document: Document, values: Mapping[str, Tensor] | None = None) -> Redrawing:
    """Start a change of a document; ``values`` are current numbers, if not the document's."""
    return Redrawing(document, document.parameters if values is None else values)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names))
