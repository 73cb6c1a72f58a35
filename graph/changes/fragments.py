"""Fragments: pieces of a document for the clipboard, duplicates and templates.

A fragment's text is a ``.gradwire`` document of its own, so that a whole file pastes as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from graph.changes.groups import whole_groups
from graph.changes.ids import FreeIds
from graph.changes.removal import kept_names
from graph.errors import EditError
from graph.files.storage import dumps, loads
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Batch,
    Connect,
    Edge,
    Edit,
    Group,
    Move,
    Node,
    Position,
    SetFrozen,
    SetGroups,
    SetParameterValues,
    SetShared,
)
from graph.model.kinds import Library, ParamKind, ParamValue
from graph.model.slot_names import owner, slot_of
from graph.model.state import State
from graph.model.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Fragment:
    """Nodes with the edges between them and all that belongs to them, in document order."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    parameters: Mapping[str, Tensor] = field(default_factory=dict)
    frozen: frozenset[str] = frozenset()
    shared: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()


def copy(document: Document, nodes: Iterable[str]) -> Fragment:
    """Take nodes, the edges between them and the groups that lie wholly among them.

    Sharing is kept where both places are taken; a slot that shared with what stays behind gets
    a copy of the value.

    Raises `EditError` if a node is not there.
    """
    chosen = set(nodes)
    if missing := sorted(chosen - document.nodes.keys()):
        raise EditError(f"there is no node {missing[0]!r}")
    inner = tuple(e for e in document.edges.values() if e.source in chosen and e.target in chosen)
    names = _names(document, chosen, {edge.id for edge in inner})
    whole = set(whole_groups(document, chosen))
    values, frozen = document.parameters, document.frozen
    return Fragment(
        nodes=tuple(node for node in document.nodes.values() if node.id in chosen),
        edges=inner,
        parameters={new: values[old] for _, old, new in names if old in values},
        frozen=frozenset(new for _, old, new in names if old in frozen),
        shared={slot: new for slot, _, new in names if new != slot},
        positions={node: at for node, at in document.positions.items() if node in chosen},
        groups=tuple(
            g if g.parent in whole else replace(g, parent=None)
            for g in document.groups
            if g.id in whole
        ),
    )


def paste(
    document: Document, fragment: Fragment, offset: Position = (0.0, 0.0)
) -> tuple[Batch, list[str]]:
    """Build adding a fragment under ids that are free, moved by ``offset`` (scene units).

    Returns the edit and the ids of the new nodes, in the fragment's order.
    """
    place = _Place(document, fragment)
    dx, dy = offset
    edits: list[Edit] = [AddNode(place.node(node)) for node in fragment.nodes]
    edits += [
        Connect(
            replace(
                edge,
                id=place.edges[edge.id],
                source=place.nodes[edge.source],
                target=place.nodes[edge.target],
            )
        )
        for edge in fragment.edges
    ]
    if fragment.positions:
        at = fragment.positions.items()
        edits.append(Move({place.nodes[node]: (x + dx, y + dy) for node, (x, y) in at}))
    if fragment.shared:
        shared = fragment.shared.items()
        edits.append(SetShared({place.name(s): place.name(name) for s, name in shared}))
    if fragment.parameters:
        values = fragment.parameters.items()
        edits.append(SetParameterValues({place.name(name): value for name, value in values}))
    if fragment.frozen:
        edits.append(SetFrozen({place.name(name): True for name in sorted(fragment.frozen)}))
    if fragment.groups:
        edits.append(SetGroups(document.groups + place.groups()))
    return Batch(tuple(edits)), [place.nodes[node.id] for node in fragment.nodes]


def to_text(fragment: Fragment) -> str:
    """Return a fragment as the text of a document."""
    state = State(
        nodes={node.id: node for node in fragment.nodes},
        edges={edge.id: edge for edge in fragment.edges},
        parameters=dict(fragment.parameters),
        frozen=set(fragment.frozen),
        shared=dict(fragment.shared),
        positions=dict(fragment.positions),
        groups=fragment.groups,
    )
    return dumps(Document(Library(()), state))


def from_text(text: str, library: Library) -> Fragment:
    """Return the nodes of a document's text; raises `FileError` if it is none."""
    document = loads(text, library, "the clipboard")
    return copy(document, document.nodes)


def _names(document: Document, nodes: set[str], edges: set[str]) -> list[tuple[str, str, str]]:
    """Return (slot, parameter name now, parameter name in the fragment) of all taken slots."""
    known = {slot for node in nodes for slot in document.slots(node)} | kept_names(document)
    slots = sorted(slot for slot in known if owner(slot) in nodes or owner(slot) in edges)
    users: dict[str, list[str]] = {}
    for slot in slots:
        users.setdefault(document.parameter_name(slot), []).append(slot)
    result = []
    for name, sharing in users.items():
        new = name if len(sharing) > 1 else sharing[0]
        result += [(slot, name, new) for slot in sharing]
    return result


class _Place:
    """Where a fragment goes: its old ids and names → those in the document."""

    def __init__(self, document: Document, fragment: Fragment) -> None:
        self._document, self._fragment = document, fragment
        names = FreeIds(document)
        free = {node.id for node in fragment.nodes if names.is_free(node.id)}
        free_edges = {edge.id for edge in fragment.edges if names.is_free(edge.id)}
        for name in free | free_edges:
            names.take(name)
        self.nodes = {n.id: n.id if n.id in free else names.node(n.id) for n in fragment.nodes}
        self.edges = {
            edge.id: edge.id
            if edge.id in free_edges and {edge.source, edge.target} <= free
            else names.edge(self.nodes[edge.source], self.nodes[edge.target])
            for edge in fragment.edges
        }
        self._weights = {
            f"{node.id}.weight"
            for node in fragment.nodes
            if (spec := document.library.get(node.kind))
            and "weight" in spec.slots(spec.complete(node.params))
        }
        self._names: dict[str, str] = {}
        self._used = kept_names(document) | set(document.shared.values())

    def node(self, node: Node) -> Node:
        """Return a node under its new id, its lists of parameters under their new names."""
        spec = self._document.library.get(node.kind)
        params: dict[str, ParamValue] = dict(node.params)
        for param in spec.params if spec else ():
            value = params.get(param.name)
            if param.kind is ParamKind.PARAMETERS and isinstance(value, tuple):
                params[param.name] = tuple(self._follow(str(name)) for name in value)
        return replace(node, id=self.nodes[node.id], params=params)

    def name(self, name: str) -> str:
        """Return the new name of a slot or parameter."""
        belongs, slot = owner(name), slot_of(name)
        of_node = belongs in self.nodes and (name in self._weights or belongs not in self.edges)
        if of_node or (belongs in self.nodes and slot != "weight"):
            return f"{self.nodes[belongs]}.{slot}"
        if belongs in self.edges:
            return f"{self.edges[belongs]}.{slot}"
        return self._explicit(name)

    def groups(self) -> tuple[Group, ...]:
        """Return the fragment's groups under ids that are free."""
        taken = {group.id for group in self._document.groups}
        ids: dict[str | None, str | None] = {None: None}
        for group in self._fragment.groups:
            count = 1
            name = group.id
            while name in taken:
                name, count = f"g{count}", count + 1
            taken.add(name)
            ids[group.id] = name
        return tuple(
            replace(
                group,
                id=ids[group.id] or group.id,
                parent=ids[group.parent],
                nodes=tuple(self.nodes[node] for node in group.nodes if node in self.nodes),
            )
            for group in self._fragment.groups
        )

    def _follow(self, name: str) -> str:
        inside = owner(name) in self.nodes or owner(name) in self.edges
        return self.name(name) if inside or name in self._fragment.parameters else name

    def _explicit(self, name: str) -> str:
        """Return a name that only sharing gives, changed if the document uses it already."""
        if name not in self._names:
            new, count = name, 2
            belongs = owner(name)
            taken = belongs in self._document.nodes or belongs in self._document.edges
            while new in self._used or (taken and new == name):
                new, count = f"{name}-{count}", count + 1
            self._used.add(new)
            self._names[name] = new
        return self._names[name]
