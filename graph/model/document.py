"""The document: everything that is saved, changed through one door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from threading import Lock
from types import MappingProxyType
from typing import TypeAlias

import networkx as nx

from graph.errors import EditError
from graph.model.dataset import Dataset
from graph.model.edits import Batch, Comment, Edge, Edit, Group, Node, Position, flatten
from graph.model.impact import Applied, impact_of, touched_by
from graph.model.invariants import check_edit
from graph.model.kinds import Library, NodeSpec, ParamValue
from graph.model.state import State, change, copied, mirror, settle, slots_kept
from graph.model.tensor import Tensor
from graph.model.training import Training
from graph.model.traversal import topological_order

Listener: TypeAlias = Callable[[Applied], None]


class Document:
    """A graph with its parameter values, dataset, training settings and layout.

    Everything is read through properties and changed through `apply` alone.

    Parameters
    ----------
    library : Library
        The node kinds. Nodes of other kinds are kept as placeholders.
    state : State, optional
        The initial content, checked by whoever read it; the document owns it from now on.
    """

    def __init__(self, library: Library, state: State | None = None) -> None:
        self.library = library
        self._state = state or State()
        self._listeners: list[Listener] = []
        self._version = 0

    # -- changing ----------------------------------------------------------------------------

    def apply(self, edit: Edit) -> Edit:
        """Apply an edit and return the edit that undoes it; every listener hears of it once.

        Raises `EditError` if the edit does not fit, or leaves a parameter or port that its kind
        does not have (``graph.model.invariants``); the document is then unchanged.
        """
        parts = tuple(flatten(edit))
        try:
            inverse = self._change(edit)
            try:
                check_edit(self._state, self.library, parts)
            except EditError:
                self._change(inverse)
                raise
        finally:
            settle(self._state)
        self._version += 1
        applied = Applied(edit, inverse, impact_of(edit), touched_by(parts))
        for listener in tuple(self._listeners):
            listener(applied)
        return inverse

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener(applied)`` after every edit; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _change(self, edit: Edit) -> Edit:
        if not isinstance(edit, Batch):
            return change(self._state, edit)
        undo: list[Edit] = []
        try:
            for part in edit.edits:
                undo += (self._change(part),)
        except EditError:
            for inverse in reversed(undo):
                self._change(inverse)
            raise
        return Batch(tuple(reversed(undo)))

    def snapshot(self) -> DocumentSnapshot:
        """Return the document as it is now, for reading in any thread while this one changes."""
        return DocumentSnapshot(self.library, copied(self._state), self._version)

    def copy(self) -> Document:
        """Return a document of its own with the same content, for trying edits."""
        state = copied(self._state)
        mirror(state)
        return Document(self.library, state)

    # -- reading -----------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Number of edits applied so far; results of background work carry it."""
        return self._version

    @property
    def graph(self) -> nx.MultiDiGraph[str]:
        """The graph by ids (edge key = edge id). For reading only."""
        return self._state.graph

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Nodes by id, in document order."""
        return MappingProxyType(self._state.nodes)

    @property
    def edges(self) -> Mapping[str, Edge]:
        """Edges by id, in document order."""
        return MappingProxyType(self._state.edges)

    @property
    def parameters(self) -> Mapping[str, Tensor]:
        """Values of trainable parameters by resolved name; absent ones are initialised."""
        return MappingProxyType(self._state.parameters)

    @property
    def frozen(self) -> AbstractSet[str]:
        """Names of parameters that are not trained."""
        return frozenset(self._state.frozen)

    @property
    def shared(self) -> Mapping[str, str]:
        """Slot → explicit parameter name."""
        return MappingProxyType(self._state.shared)

    @property
    def dataset(self) -> Dataset | None:
        """Where the data comes from, if any."""
        return self._state.dataset

    @property
    def training(self) -> Training:
        """How it is trained."""
        return self._state.training

    @property
    def positions(self) -> Mapping[str, Position]:
        """Centres of the placed nodes, scene units."""
        return MappingProxyType(self._state.positions)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Groups, parents before children."""
        return self._state.groups

    @property
    def comments(self) -> tuple[Comment, ...]:
        """Notes on the canvas."""
        return self._state.comments

    @property
    def title(self) -> str:
        """What the document is called."""
        return self._state.title

    @property
    def notes(self) -> str:
        """What it teaches, markdown."""
        return self._state.notes

    def spec(self, node_id: str) -> NodeSpec | None:
        """Return the kind of a node; None for an unknown kind (a placeholder)."""
        return self.library.get(self.nodes[node_id].kind)

    def param(self, node_id: str, name: str) -> ParamValue | None:
        """Return a node's parameter, or the kind's default, or None if there is no such one."""
        node, spec = self.nodes[node_id], self.spec(node_id)
        declared = spec.param(name) if spec else None
        return node.params.get(name, declared.default if declared else None)

    def params(self, node_id: str) -> dict[str, ParamValue]:
        """Return all of a node's parameters, defaults filled in."""
        node, spec = self.nodes[node_id], self.spec(node_id)
        return spec.complete(node.params) if spec else dict(node.params)

    def in_edges(self, node_id: str) -> list[Edge]:
        """Return the edges into a node, by (port as declared, order, id)."""
        spec = self.spec(node_id)
        ports = {port.name: i for i, port in enumerate(spec.ports)} if spec else {}
        edges = [self._state.edges[key] for *_, key in self.graph.in_edges(node_id, keys=True)]
        return sorted(edges, key=lambda e: (ports.get(e.port, len(ports)), e.order, e.id))

    def out_edges(self, node_id: str) -> list[Edge]:
        """Return the edges out of a node, by id."""
        keys = sorted(key for *_, key in self.graph.out_edges(node_id, keys=True))
        return [self._state.edges[key] for key in keys]

    def order(self) -> list[str]:
        """Return the node ids sorted topologically, ties by id: the same for equal graphs."""
        return topological_order(dict(self.graph.adjacency()), ties_by_id=True)

    # -- trainable parameters ----------------------------------------------------------------

    def slots(self, node_id: str) -> list[str]:
        """Return a node's trainable slots: its own (``h.bias``), then its weighted edges'."""
        spec = self.spec(node_id)
        if spec is None:
            return []
        names = [f"{node_id}.{slot}" for slot in spec.slots(self.params(node_id))]
        if spec.weighted:
            names += [f"{edge.id}.weight" for edge in self.in_edges(node_id)]
        return names

    def all_slots(self) -> Iterator[str]:
        """Yield every trainable slot, node by node in document order."""
        for node_id in self.nodes:
            yield from self.slots(node_id)

    def slots_kept(self, owners: Iterable[str]) -> set[str]:
        """Return the slots of nodes and edges that a value, freezing or sharing is kept for."""
        return slots_kept(self._state, owners)

    def parameter_name(self, slot: str) -> str:
        """Return the parameter a slot uses: its explicit name if shared, else its own."""
        return self._state.shared.get(slot, slot)


class DocumentSnapshot(Document):
    """A document as it was; it cannot be changed, so that any thread may read it."""

    def __init__(self, library: Library, state: State, version: int) -> None:
        super().__init__(library, state)
        self._version, self._lock, self._is_mirrored = version, Lock(), False

    @property
    def graph(self) -> nx.MultiDiGraph[str]:
        """The graph by ids, made when it is first asked for. For reading only."""
        with self._lock:
            if not self._is_mirrored:
                mirror(self._state)
                self._is_mirrored = True
        return self._state.graph

    def apply(self, edit: Edit) -> Edit:
        """Refuse: raises `EditError`."""
        raise EditError("a snapshot cannot be changed; change the document")
