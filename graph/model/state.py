"""The fields of a document and how each edit changes them; only ``Document`` uses this."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, TypeVar

import msgspec
import networkx as nx

from graph.errors import EditError
from graph.model import edits
from graph.model.dataset import Dataset
from graph.model.edits import Comment, Edge, Edit, Group, Node, Position
from graph.model.group_checks import check_comments, check_groups
from graph.model.key_order import KeyOrder
from graph.model.slot_names import slot_of
from graph.model.tensor import Tensor
from graph.model.topological_ranks import TopologicalRanks
from graph.model.training import Training

Value = TypeVar("Value")
Settings = TypeVar("Settings", bound=msgspec.Struct)


class _NoAttributes(dict[str, object]):
    """The attributes of an edge: none, the same for all edges."""

    def __setitem__(self, key: str, value: object) -> None:
        raise TypeError("the graph only mirrors ids; what an edge is stands in `Edge`")


_NO_ATTRIBUTES = _NoAttributes()


class _Mirror(nx.MultiDiGraph):  # type: ignore[type-arg]  # has no [] when it runs
    """A multigraph of ids that spends no dictionary on each edge (80 bytes each)."""

    edge_attr_dict_factory = staticmethod(lambda: _NO_ATTRIBUTES)


@dataclass(slots=True)
class State:
    """Everything that is saved, and what mirrors it.

    Attributes
    ----------
    graph : MultiDiGraph
        Nodes and edges by id.
    ranks : TopologicalRanks
        By which an edge that would close a cycle is found.
    node_order, edge_order : KeyOrder or None
        The places of the ids, from the first change of them on; ``nodes`` and ``edges`` follow
        in `settle`.
    slot_names : set of str
        What slots are called behind their owner's id (``bias``), of all that something is or was
        kept for: see `slots_kept`.
    """

    title: str = ""
    notes: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)
    parameters: dict[str, Tensor] = field(default_factory=dict)
    frozen: set[str] = field(default_factory=set)
    shared: dict[str, str] = field(default_factory=dict)
    dataset: Dataset | None = None
    training: Training = field(default_factory=Training)
    positions: dict[str, Position] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    comments: tuple[Comment, ...] = ()
    graph: nx.MultiDiGraph[str] = field(default_factory=_Mirror)
    ranks: TopologicalRanks = field(default_factory=TopologicalRanks)
    node_order: KeyOrder | None = None
    edge_order: KeyOrder | None = None
    slot_names: set[str] = field(init=False)

    def __post_init__(self) -> None:
        kept = chain(self.parameters, self.frozen, self.shared)
        self.slot_names = {name.rpartition(".")[2] for name in kept}


def copied(state: State) -> State:
    """Return a state that shares the records, which never change, but mirrors no edges yet."""
    return replace(
        state,
        nodes=dict(state.nodes),
        edges=dict(state.edges),
        parameters=dict(state.parameters),
        frozen=set(state.frozen),
        shared=dict(state.shared),
        positions=dict(state.positions),
        graph=_Mirror(),
        ranks=TopologicalRanks(),
        node_order=None,
        edge_order=None,
    )


def mirror(state: State) -> None:
    """Fill the graph of a state that mirrors no edges yet."""
    state.graph.add_nodes_from(state.nodes)
    for edge in state.edges.values():
        state.graph.add_edge(edge.source, edge.target, key=edge.id)


def slots_kept(state: State, owners: Iterable[str]) -> set[str]:
    """Return the slots of nodes and edges that a value, freezing or sharing is kept for."""
    kept = state.parameters, state.frozen, state.shared
    named = {f"{owner}.{slot}" for owner in owners for slot in state.slot_names}
    return {name for name in named if any(name in names for names in kept)}


def change(state: State, edit: Edit) -> Edit:
    """Apply one edit that is not a batch and return its inverse.

    Raises `EditError` if the edit does not fit; the state is then untouched.
    """
    return _CHANGES[type(edit)](state, edit)


def settle(state: State) -> None:
    """Bring nodes and edges in order, after as many edits as belong together."""
    if state.node_order is not None:
        state.nodes = state.node_order.settled(state.nodes)
    if state.edge_order is not None:
        state.edges = state.edge_order.settled(state.edges)


def _add_node(state: State, edit: edits.AddNode) -> Edit:
    node = edit.node
    _check_id(state.nodes, "node", node.id)
    _nodes(state).insert(node.id, edit.index)
    state.ranks.add(node.id)
    state.nodes[node.id] = node
    state.graph.add_node(node.id)
    return edits.RemoveNode(node.id)


def _remove_node(state: State, edit: edits.RemoveNode) -> Edit:
    node = _node(state, edit.id)
    if state.graph.degree(edit.id):
        raise EditError(f"{edit.id!r} still has edges; disconnect them first")
    index = _nodes(state).remove(edit.id)
    state.ranks.remove(edit.id)
    del state.nodes[edit.id]
    state.graph.remove_node(edit.id)
    return edits.AddNode(node, index)


def _change_node(state: State, edit: edits.ChangeNode) -> Edit:
    before = _node(state, edit.node.id)
    state.nodes[before.id] = edit.node
    return edits.ChangeNode(before)


def _connect(state: State, edit: edits.Connect) -> Edit:
    edge = edit.edge
    _check_id(state.edges, "edge", edge.id)
    _node(state, edge.source)
    _node(state, edge.target)
    if not state.ranks.admit(state.graph, edge.source, edge.target):
        raise EditError(f"an edge {edge.source} → {edge.target} would close a cycle")
    _edges(state).insert(edge.id, edit.index)
    state.edges[edge.id] = edge
    state.graph.add_edge(edge.source, edge.target, key=edge.id)
    return edits.Disconnect(edge.id)


def _disconnect(state: State, edit: edits.Disconnect) -> Edit:
    edge = state.edges.get(edit.id)
    if edge is None:
        raise EditError(f"there is no edge {edit.id!r}")
    index = _edges(state).remove(edit.id)
    del state.edges[edit.id]
    state.graph.remove_edge(edge.source, edge.target, key=edge.id)
    return edits.Connect(edge, index)


def _set_param(state: State, edit: edits.SetParam) -> Edit:
    node = _node(state, edit.node)
    before = node.params.get(edit.name)
    params = _updated(dict(node.params), edit.name, edit.value)
    state.nodes[node.id] = replace(node, params=dict(sorted(params.items())))
    return edits.SetParam(edit.node, edit.name, before)


def _set_label(state: State, edit: edits.SetLabel) -> Edit:
    node = _node(state, edit.node)
    state.nodes[node.id] = replace(node, label=edit.label)
    return edits.SetLabel(edit.node, node.label)


def _set_edge_label(state: State, edit: edits.SetEdgeLabel) -> Edit:
    edge = state.edges.get(edit.edge)
    if edge is None:
        raise EditError(f"there is no edge {edit.edge!r}")
    state.edges[edge.id] = replace(edge, label=edit.label)
    return edits.SetEdgeLabel(edge.id, edge.label)


def _move(state: State, edit: edits.Move) -> Edit:
    for node, position in edit.positions.items():
        _node(state, node)
        if position is not None and not all(math.isfinite(x) for x in position):
            raise EditError(f"{node!r} cannot be placed at {position}")
    before = _exchange(state.positions, edit.positions)
    return edits.Move(before)


def _set_values(state: State, edit: edits.SetParameterValues) -> Edit:
    for name, value in edit.values.items():
        if value is not None and not value.is_finite():
            raise EditError(f"{name!r} would hold a number that is not finite")
    before = _exchange(state.parameters, edit.values)
    state.slot_names.update(map(slot_of, (name for name, value in before.items() if value is None)))
    return edits.SetParameterValues(before)


def _set_shared(state: State, edit: edits.SetShared) -> Edit:
    before = _exchange(state.shared, edit.names)
    state.slot_names.update(map(slot_of, edit.names))
    return edits.SetShared(before)


def _set_frozen(state: State, edit: edits.SetFrozen) -> Edit:
    before = {name: name in state.frozen for name in edit.frozen}
    for name, frozen in edit.frozen.items():
        (state.frozen.add if frozen else state.frozen.discard)(name)
    state.slot_names.update(map(slot_of, edit.frozen))
    return edits.SetFrozen(before)


def _set_dataset(state: State, edit: edits.SetDataset) -> Edit:
    dataset = None if edit.dataset is None else _settled(edit.dataset)
    before, state.dataset = state.dataset, dataset
    return edits.SetDataset(before)


def _set_training(state: State, edit: edits.SetTraining) -> Edit:
    before, state.training = state.training, _settled(edit.training)
    return edits.SetTraining(before)


def _set_groups(state: State, edit: edits.SetGroups) -> Edit:
    check_groups(edit.groups)
    before, state.groups = state.groups, edit.groups
    return edits.SetGroups(before)


def _set_comments(state: State, edit: edits.SetComments) -> Edit:
    check_comments(edit.comments)
    before, state.comments = state.comments, edit.comments
    return edits.SetComments(before)


def _set_text(state: State, edit: edits.SetText) -> Edit:
    before = edits.SetText(state.title, state.notes)
    state.title, state.notes = edit.title, edit.notes
    return before


# One row an edit. The key fixes the argument's type, which no static type can say of a table.
_CHANGES: dict[type, Callable[[State, Any], Edit]] = {
    edits.AddNode: _add_node,
    edits.RemoveNode: _remove_node,
    edits.ChangeNode: _change_node,
    edits.Connect: _connect,
    edits.Disconnect: _disconnect,
    edits.SetParam: _set_param,
    edits.SetLabel: _set_label,
    edits.SetEdgeLabel: _set_edge_label,
    edits.Move: _move,
    edits.SetParameterValues: _set_values,
    edits.SetFrozen: _set_frozen,
    edits.SetShared: _set_shared,
    edits.SetDataset: _set_dataset,
    edits.SetTraining: _set_training,
    edits.SetGroups: _set_groups,
    edits.SetComments: _set_comments,
    edits.SetText: _set_text,
}


def _check_id(records: Mapping[str, object], what: str, key: str) -> None:
    if not key:
        raise EditError(f"a new {what} needs an id")
    if key in records:
        raise EditError(f"there is already a {what} {key!r}; choose another id")


def _settled(settings: Settings) -> Settings:
    """Return a copy whose fields were checked against their declared types and ranges."""
    try:
        plain = msgspec.to_builtins(settings)
        json.dumps(plain, allow_nan=False)
        return msgspec.convert(plain, type(settings))
    except (ValueError, TypeError) as error:
        raise EditError(f"these settings cannot be used: {error}") from error


def _node(state: State, node_id: str) -> Node:
    node = state.nodes.get(node_id)
    if node is None:
        raise EditError(f"there is no node {node_id!r}")
    return node


def _nodes(state: State) -> KeyOrder:
    if state.node_order is None:
        state.node_order = KeyOrder(state.nodes)
    return state.node_order


def _edges(state: State) -> KeyOrder:
    if state.edge_order is None:
        state.edge_order = KeyOrder(state.edges)
    return state.edge_order


def _updated(records: dict[str, Value], key: str, value: Value | None) -> dict[str, Value]:
    if value is None:
        records.pop(key, None)
    else:
        records[key] = value
    return records


def _exchange(
    records: dict[str, Value], changes: Mapping[str, Value | None]
) -> dict[str, Value | None]:
    """Write ``changes`` into ``records`` and return what stood there before."""
    before = {key: records.get(key) for key in changes}
    for key, value in changes.items():
        _updated(records, key, value)
    return before
