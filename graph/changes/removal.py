"""Building the removal of nodes and edges with everything that belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import (
    Batch,
    Disconnect,
    Edit,
    Group,
    Move,
    RemoveNode,
    SetFrozen,
    SetGroups,
    SetParameterValues,
    SetShared,
)
from graph.model.slot_names import owner


def remove(document: Document, nodes: Iterable[str], edges: Iterable[str] = ()) -> Batch:
    """Build the removal of nodes and edges.

    With them go their edges, the values, frozen marks and sharing of their trainable slots, their
    positions, and their places in groups; a group that is left empty goes too.

    Raises `EditError` if one of them is not there.
    """
    return Batch(tuple(removal(document, set(nodes), set(edges))))


def removal(
    document: Document, nodes: AbstractSet[str], edges: AbstractSet[str], keep: Iterable[str] = ()
) -> list[Edit]:
    """Return the edits of `remove`, leaving alone the edges in ``keep`` and what is theirs.

    Nodes and edges go last first, so that they come back first first, which is fast.
    """
    for what, names, known in (
        ("node", nodes, document.nodes.keys()),
        ("edge", edges, document.edges.keys()),
    ):
        if missing := sorted(names - known):
            raise EditError(f"there is no {what} {missing[0]!r}")
    gone = (edges | incident(document, nodes)) - set(keep)
    edits: list[Edit] = list(forget(document, _slots_of(document, nodes, gone)))
    if placed := [node for node in document.positions if node in nodes]:
        edits.append(Move(dict.fromkeys(placed)))
    groups = _without(document.groups, nodes)
    if groups != document.groups:
        edits.append(SetGroups(groups))
    edits += [Disconnect(edge) for edge in reversed(list(document.edges)) if edge in gone]
    edits += [RemoveNode(node) for node in reversed(list(document.nodes)) if node in nodes]
    return edits


def incident(document: Document, nodes: Iterable[str]) -> set[str]:
    """Return the ids of all edges into or out of some nodes."""
    edges: set[str] = set()
    for node in nodes:
        edges.update(key for *_, key in document.graph.in_edges(node, keys=True))
        edges.update(key for *_, key in document.graph.out_edges(node, keys=True))
    return edges


def forget(document: Document, slots: Iterable[str]) -> Iterator[Edit]:
    """Yield the edits that drop what is kept for trainable slots: value, freezing, sharing.

    What other slots share with them stays.
    """
    going = set(slots)
    shared = document.shared
    used = {name for slot, name in shared.items() if slot not in going}
    names = {shared.get(slot, slot) for slot in going} - used
    names = {name for name in names if name in going or not _is_owned(document, name)}
    values, frozen = document.parameters, document.frozen
    if valued := sorted(name for name in names if name in values):
        yield SetParameterValues(dict.fromkeys(valued))
    if still := sorted(names & frozen):
        yield SetFrozen(dict.fromkeys(still, False))
    if sharing := sorted(slot for slot in going if slot in shared):
        yield SetShared(dict.fromkeys(sharing))


def kept_names(document: Document) -> set[str]:
    """Return every parameter or slot name that the document keeps something for."""
    return {*document.parameters, *document.frozen, *document.shared}


def _is_owned(document: Document, name: str) -> bool:
    return owner(name) in document.nodes or owner(name) in document.edges


def _slots_of(
    document: Document, nodes: AbstractSet[str], edges: AbstractSet[str]
) -> Iterator[str]:
    for name in document.slots_kept(nodes | edges):
        belongs = owner(name)
        stays = (belongs in document.nodes and belongs not in nodes) or (
            belongs in document.edges and belongs not in edges
        )
        if not stays:
            yield name


def _without(groups: tuple[Group, ...], nodes: AbstractSet[str]) -> tuple[Group, ...]:
    left = [
        replace(group, nodes=tuple(node for node in group.nodes if node not in nodes))
        for group in groups
    ]
    emptied = {old.id for old, new in zip(groups, left, strict=True) if old.nodes and not new.nodes}
    while True:
        parents = {group.parent for group in left}
        kept = [group for group in left if group.id not in emptied or group.id in parents]
        if len(kept) == len(left):
            return tuple(kept)
        left = kept
