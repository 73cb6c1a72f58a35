"""Building the renaming of a node, with every name that contains its id."""

from __future__ import annotations

from dataclasses import replace

from graph.changes.removal import incident
from graph.changes.rewiring import exchange
from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Batch,
    Edge,
    Edit,
    Move,
    RemoveNode,
    SetFrozen,
    SetGroups,
    SetParam,
    SetParameterValues,
    SetShared,
)
from graph.model.kinds import ParamKind
from graph.model.slot_names import owner, slot_of


def rename(document: Document, node_id: str, new_id: str) -> Batch:
    """Build giving a node another id; its edges keep theirs.

    Raises `EditError` if there is no such node, or the new id is empty or taken.
    """
    if node_id not in document.nodes:
        raise EditError(f"there is no node {node_id!r}")
    if not new_id or new_id in document.nodes:
        raise EditError(f"the id {new_id!r} is empty or taken; choose another")
    names = _renamed(document, node_id, new_id)
    edits: list[Edit] = [*_rename_parameters(document, names), *_rename_lists(document, names)]
    edges: dict[str, Edge | None] = {
        key: _reconnected(document.edges[key], node_id, new_id)
        for key in incident(document, [node_id])
    }
    away, back = exchange(document, edges)
    position = document.positions.get(node_id)
    if position is not None:
        edits.append(Move({node_id: None}))
    edits += away
    index = list(document.nodes).index(node_id)
    edits += [RemoveNode(node_id), AddNode(replace(document.nodes[node_id], id=new_id), index)]
    edits += back
    if position is not None:
        edits.append(Move({new_id: position}))
    if any(node_id in group.nodes for group in document.groups):
        edits.append(
            SetGroups(
                tuple(
                    replace(g, nodes=tuple(new_id if node == node_id else node for node in g.nodes))
                    for g in document.groups
                )
            )
        )
    return Batch(tuple(edits))


def _renamed(document: Document, node_id: str, new_id: str) -> dict[str, str]:
    """Return old and new names of everything that is named after the node."""
    named = {name for name in document.shared.values() if owner(name) == node_id}
    names = {*document.slots(node_id), *document.slots_kept([node_id]), *named}
    names = {name for name in names if owner(name) == node_id}
    if node_id in document.edges:
        names.discard(f"{node_id}.weight")
        names |= set(document.slots(node_id)) & {f"{node_id}.weight"}
    return {name: f"{new_id}.{slot_of(name)}" for name in sorted(names)}


def _reconnected(edge: Edge, node_id: str, new_id: str) -> Edge:
    return replace(
        edge,
        source=new_id if edge.source == node_id else edge.source,
        target=new_id if edge.target == node_id else edge.target,
    )


def _rename_parameters(document: Document, names: dict[str, str]) -> list[Edit]:
    edits: list[Edit] = []
    values = {old: document.parameters[old] for old in names if old in document.parameters}
    if values:
        moved = {names[old]: value for old, value in values.items()}
        edits.append(SetParameterValues({**dict.fromkeys(values), **moved}))
    marked = document.frozen
    if frozen := [old for old in names if old in marked]:
        thawed = dict.fromkeys(frozen, False)
        edits.append(SetFrozen({**thawed, **{names[old]: True for old in frozen}}))
    shared = {
        slot: name for slot, name in document.shared.items() if slot in names or name in names
    }
    if shared:
        moved_slots = {names.get(s, s): names.get(name, name) for s, name in shared.items()}
        edits.append(SetShared({**dict.fromkeys(shared), **moved_slots}))
    return edits


def _rename_lists(document: Document, names: dict[str, str]) -> list[Edit]:
    """Return the edits that follow the names into parameter lists (of penalties)."""
    edits: list[Edit] = []
    lists = {
        kind: [param for param in spec.params if param.kind is ParamKind.PARAMETERS]
        for kind, spec in document.library.items()
    }
    for node in document.nodes.values():
        for param in lists.get(node.kind, ()):
            value = node.params.get(param.name)
            if not isinstance(value, tuple):
                continue
            moved = tuple(names.get(str(name), name) for name in value)
            if moved != value:
                edits.append(SetParam(node.id, param.name, moved))
    return edits
