"""Groups: titled, nested sets of nodes that change the view and never the computation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import Batch, Group, SetGroups


def group(document: Document, nodes: Iterable[str], title: str = "") -> tuple[Batch, str]:
    """Build putting nodes into a new group; return the batch and the group's id.

    Nodes leave the groups they are in. Whole groups among the nodes move inside with their nodes,
    and the new group lies where all the nodes were, if they were in one group.

    Raises `EditError` if there are no nodes, or one is not there.
    """
    chosen = [node for node in document.nodes if node in (wanted := set(nodes))]
    if not chosen or len(chosen) < len(wanted):
        raise EditError("a group needs nodes that are in the document")
    whole = _outermost(document.groups, whole_groups(document, chosen))
    inside = {node for name in whole for node in members(document.groups, name)}
    loose = tuple(node for node in chosen if node not in inside)
    parent = _common_parent(document, whole, loose)
    taken = {g.id for g in document.groups}
    name = next(f"g{i}" for i in range(1, len(taken) + 2) if f"g{i}" not in taken)
    groups = [
        replace(
            g,
            nodes=tuple(node for node in g.nodes if node not in loose),
            parent=name if g.id in whole else g.parent,
        )
        for g in document.groups
    ]
    groups.append(Group(name, title or "Group", loose, parent))
    return Batch((SetGroups(parents_first(groups)),)), name


def ungroup(document: Document, group_id: str) -> Batch:
    """Build dissolving a group; its nodes and groups go to its parent."""
    gone = find(document, group_id)
    groups = []
    for g in document.groups:
        if g.id == group_id:
            continue
        if g.id == gone.parent:
            groups.append(replace(g, nodes=g.nodes + gone.nodes))
        else:
            groups.append(replace(g, parent=gone.parent) if g.parent == group_id else g)
    return Batch((SetGroups(tuple(groups)),))


def collapse(document: Document, group_id: str, *, collapsed: bool = True) -> Batch:
    """Build showing a group as one box, or opening it."""
    return _changed(document, replace(find(document, group_id), collapsed=collapsed))


def retitle(document: Document, group_id: str, title: str) -> Batch:
    """Build giving a group another title."""
    return _changed(document, replace(find(document, group_id), title=title))


def find(document: Document, group_id: str) -> Group:
    """Return a group by id; raises `EditError` if there is none."""
    for g in document.groups:
        if g.id == group_id:
            return g
    raise EditError(f"there is no group {group_id!r}")


def members(groups: Iterable[Group], group_id: str) -> list[str]:
    """Return all nodes of a group and of the groups inside it."""
    inside = {group_id}
    nodes: list[str] = []
    for g in groups:
        if g.parent in inside:
            inside.add(g.id)
        if g.id in inside:
            nodes += g.nodes
    return nodes


def whole_groups(document: Document, nodes: Iterable[str]) -> list[str]:
    """Return the groups all of whose nodes are among ``nodes``, parents before children."""
    chosen = set(nodes)
    whole = []
    for g in document.groups:
        held = members(document.groups, g.id)
        if held and chosen.issuperset(held):
            whole.append(g.id)
    return whole


def collapsed_into(document: Document) -> dict[str, str]:
    """Return for each hidden node the outermost collapsed group that stands for it."""
    standing: dict[str | None, str] = {}
    hidden: dict[str, str] = {}
    for g in document.groups:
        if g.parent in standing:
            standing[g.id] = standing[g.parent]
        elif g.collapsed:
            standing[g.id] = g.id
        if g.id in standing:
            hidden.update(dict.fromkeys(g.nodes, standing[g.id]))
    return {node: box for node, box in hidden.items() if node in document.nodes}


def parents_first(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return the groups so that parents come before children, otherwise in their order."""
    waiting = list(groups)
    placed: dict[str | None, Group | None] = {None: None}
    while waiting:
        ready = [g for g in waiting if g.parent in placed]
        if not ready:
            raise EditError(f"the group {waiting[0].id!r} lies inside itself")
        placed.update((g.id, g) for g in ready)
        waiting = [g for g in waiting if g.id not in placed]
    return tuple(g for g in placed.values() if g is not None)


def _changed(document: Document, changed: Group) -> Batch:
    groups = tuple(changed if g.id == changed.id else g for g in document.groups)
    return Batch((SetGroups(groups),))


def _outermost(groups: Iterable[Group], names: Iterable[str]) -> set[str]:
    chosen = set(names)
    return {g.id for g in groups if g.id in chosen and g.parent not in chosen}


def _common_parent(document: Document, whole: set[str], loose: tuple[str, ...]) -> str | None:
    of_node: Mapping[str, str] = {node: g.id for g in document.groups for node in g.nodes}
    parents = {g.parent for g in document.groups if g.id in whole}
    parents |= {of_node.get(node) for node in loose}
    return parents.pop() if len(parents) == 1 else None
