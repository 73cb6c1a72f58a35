"""Many edits of one sort in a row, applied at once: the same outcome, without doing each alone.

Adding or removing one node in the middle of a large document costs a walk through all of them;
a batch that removes half of a document, and its undo, must not pay that for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, islice, pairwise
from typing import Any, TypeVar

import networkx as nx

from graph.model.edits import AddNode, Connect, Disconnect, Edit, RemoveNode
from graph.model.state import State

Record = TypeVar("Record")

_WORTH_IT = 16


def runs(edits: Sequence[Edit]) -> Iterator[Sequence[Edit]]:
    """Yield the edits in order, neighbours of the same sort together."""
    for _, run in groupby(edits, key=type):
        yield tuple(run)


def change_run(state: State, run: Sequence[Edit]) -> list[Edit] | None:
    """Apply a run at once and return the inverse of each edit.

    None if there is no shortcut for these edits or one of them does not fit; the state is then
    untouched, and the edits are to be applied one by one.
    """
    shortcut = _SHORTCUTS.get(type(run[0])) if len(run) >= _WORTH_IT else None
    return shortcut(state, run) if shortcut else None


def _add_nodes(state: State, run: Sequence[AddNode]) -> list[Edit] | None:
    added = {edit.node.id: edit.node for edit in run}
    merged = _merged(state.nodes, added, [edit.index for edit in run])
    if merged is None:
        return None
    state.nodes = merged
    state.graph.add_nodes_from(added)
    return [RemoveNode(name) for name in added]


def _remove_nodes(state: State, run: Sequence[RemoveNode]) -> list[Edit] | None:
    names = [edit.id for edit in run]
    places = _descending(state.nodes, names)
    if places is None or any(state.graph.degree(name) for name in names):
        return None
    state.graph.remove_nodes_from(names)
    return [AddNode(state.nodes.pop(name), at) for name, at in zip(names, places, strict=True)]


def _connect(state: State, run: Sequence[Connect]) -> list[Edit] | None:
    added = {edit.edge.id: edit.edge for edit in run}
    merged = _merged(state.edges, added, [edit.index for edit in run])
    ends = {end for edge in added.values() for end in (edge.source, edge.target)}
    if merged is None or not ends <= state.nodes.keys():
        return None
    for edge in added.values():
        state.graph.add_edge(edge.source, edge.target, key=edge.id)
    if not nx.is_directed_acyclic_graph(state.graph):
        for edge in added.values():
            state.graph.remove_edge(edge.source, edge.target, key=edge.id)
        return None
    state.edges = merged
    return [Disconnect(name) for name in added]


def _disconnect(state: State, run: Sequence[Disconnect]) -> list[Edit] | None:
    names = [edit.id for edit in run]
    places = _descending(state.edges, names)
    if places is None:
        return None
    inverse: list[Edit] = []
    for name, at in zip(names, places, strict=True):
        edge = state.edges.pop(name)
        state.graph.remove_edge(edge.source, edge.target, key=name)
        inverse.append(Connect(edge, at))
    return inverse


_SHORTCUTS: Mapping[type, Callable[[State, Any], list[Edit] | None]] = {
    AddNode: _add_nodes,
    RemoveNode: _remove_nodes,
    Connect: _connect,
    Disconnect: _disconnect,
}


def _descending(records: Mapping[str, object], names: Sequence[str]) -> list[int] | None:
    """Return the places of ``names`` if each stands before the one before it, else None."""
    wanted = set(names)
    found = {name: place for place, name in enumerate(records) if name in wanted}
    if len(found) < len(names):
        return None
    places = [found[name] for name in names]
    return places if places == sorted(places, reverse=True) else None


def _merged(
    records: dict[str, Record], added: Mapping[str, Record], places: Sequence[int | None]
) -> dict[str, Record] | None:
    """Return the records with those added at their places, or None if these do not ascend."""
    if len(added) < len(places) or "" in added or not added.keys().isdisjoint(records):
        return None
    ends = range(len(records), len(records) + len(added))
    last = [end if at is None else min(at, end) for at, end in zip(places, ends, strict=True)]
    if last[0] < 0 or any(after <= before for before, after in pairwise(last)):
        return None
    result: dict[str, Record] = {}
    old = iter(records.items())
    for place, (name, record) in zip(last, added.items(), strict=True):
        result.update(islice(old, place - len(result)))
        result[name] = record
    result.update(old)
    return result
