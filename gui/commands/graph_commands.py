"""What the Graph menu does: groups, expanding and collapsing, freezing and sharing, kinds."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import partial

from engine.interpreter.parameter_vector import to_tensor
from graph.changes import adding, groups
from graph.model.document import Document
from graph.model.edits import Batch, Move, Position, SetFrozen, SetParameterValues, SetShared
from graph.model.trainable import carries_weight
from gui.commands.edit_commands import attempt, count, push_built
from gui.session.session import Session

_COLUMN, _ROW = 190.0, 100.0  # scene units between the nodes of an expanded neuron


def group(session: Session) -> None:
    """Put the selected nodes into a new group."""
    nodes = sorted(session.selection.nodes)
    if nodes:
        push_built(session, lambda: groups.group(session.document, nodes)[0], "Group")


def ungroup(session: Session) -> None:
    """Dissolve the groups that hold selected nodes."""
    document = session.document
    for found in document.groups:
        if session.selection.nodes & set(found.nodes):
            push_built(session, partial(groups.ungroup, document, found.id), "Ungroup")


def expand(session: Session) -> None:
    """Turn the selected neurons into the operations they stand for."""
    from engine.rewrites import expand_collapse

    for node in neurons(session):
        before = set(session.document.nodes)
        build = partial(expand_collapse.expand, session.document, node)
        key = _rebuild(session, build, "Expand")
        if key:
            new = set(session.document.nodes) - before
            session.push(_room(session.document, node, new), "Expand", key)


def collapse(session: Session) -> None:
    """Turn selected operations back into a neuron."""
    from engine.rewrites import expand_collapse

    nodes = sorted(session.selection.nodes)
    _rebuild(session, partial(expand_collapse.collapse, session.document, nodes), "Collapse")


def split(session: Session) -> None:
    """Turn the selected groups of units into single neurons."""
    from engine.rewrites import expand_collapse

    for node in neurons(session):
        _rebuild(session, partial(expand_collapse.split, session.document, node), "Split")


def merge(session: Session) -> None:
    """Turn the selected single neurons into one group of units."""
    from engine.rewrites import expand_collapse

    nodes = sorted(session.selection.nodes)
    _rebuild(session, partial(expand_collapse.merge, session.document, nodes), "Merge")


def replace_kind(session: Session, kind: str) -> None:
    """Give the selected nodes another kind, keeping the wires that fit."""
    nodes = sorted(session.selection.nodes)

    def build() -> Batch:
        return Batch(tuple(adding.replace_kind(session.document, n, kind) for n in nodes))

    if nodes:
        push_built(session, build, f"Replace by {session.library[kind].title}")


def freeze(session: Session) -> None:
    """Freeze the selected parameters, or train them again if all of them are frozen."""
    names = selected_parameters(session)
    if names:
        frozen = not all(name in session.document.frozen for name in names)
        verb = "Freeze" if frozen else "Train"
        text = f"{verb} {count(len(names), 'parameter')}"
        session.push(SetFrozen(dict.fromkeys(names, frozen)), text)


def share(session: Session) -> None:
    """Let the selected slots use one parameter, or each its own again if they share already."""
    document = session.document
    slots = selected_slots(session)
    if len(slots) < 2:
        session.notice.emit("Select two or more edges or nodes with weights of equal shape.")
        return
    names = {document.parameter_name(slot) for slot in slots}
    if len(names) == 1:
        session.push(SetShared(dict.fromkeys(slots)), "Give each its own parameter")
        return
    shapes = {None if (v := session.value(name)) is None else v.shape for name in names}
    if len(shapes) > 1:
        session.notice.emit("The selected parameters differ in shape, so they cannot be shared.")
        return
    name = _fresh_shared(document)
    session.push(SetShared(dict.fromkeys(slots, name)), f"Share {count(len(slots), 'parameter')}")


def neurons(session: Session) -> list[str]:
    """Return the selected nodes that are neurons (kinds with weighted edges), in order."""
    document = session.document
    return [
        node
        for node in document.nodes
        if node in session.selection.nodes and (spec := document.spec(node)) and spec.weighted
    ]


def selected_slots(session: Session) -> list[str]:
    """Return the trainable slots of the selection: weights of its edges, slots of its nodes."""
    document, selection = session.document, session.selection
    slots = [
        f"{node}.{slot}"
        for node in sorted(selection.nodes)
        if (spec := document.spec(node))
        for slot in spec.slots(document.params(node))
    ]
    slots += [
        f"{edge}.weight" for edge in sorted(selection.edges) if carries_weight(document, edge)
    ]
    return slots


def selected_parameters(session: Session) -> list[str]:
    """Return the names of the parameters of the selection."""
    document = session.document
    return sorted({document.parameter_name(slot) for slot in selected_slots(session)})


def _fresh_shared(document: Document) -> str:
    taken = set(document.shared.values())
    return next(name for i in range(1, len(taken) + 2) if (name := f"w{i}") not in taken)


def _rebuild(session: Session, build: Callable[[], Batch], text: str) -> str:
    """Rebuild nodes so that all numbers stay, and select what they became.

    Returns the key under which more edits become part of the same undo entry; empty if refused.

    Values that were only drawn so far go into the document first: under other names others would
    be drawn.
    """
    if attempt(session, build) is None:
        return ""
    document = session.document
    before = set(document.nodes)
    key = f"rebuild.{session.undo_stack.index()}.{document.version}"
    nodes = session.selection.nodes
    slots = [slot for node in nodes | _fed_by(document, nodes) for slot in document.slots(node)]
    drawn = {
        name: to_tensor(value)
        for name in {document.parameter_name(slot) for slot in slots}
        if name not in document.parameters and (value := session.value(name)) is not None
    }
    if drawn:
        session.push(SetParameterValues(drawn), text, key)
    batch = build()
    if not session.push(batch, text, key):
        return ""
    session.select((set(document.nodes) - before) | session.selection.nodes)
    return key


def _room(document: Document, node: str, new: AbstractSet[str]) -> Move:
    """Return the move that puts new nodes in columns of their own left of the node they feed."""
    places = document.positions
    right, middle = places.get(node, (0.0, 0.0))
    columns: dict[float, list[str]] = {}
    for name in sorted(new, key=lambda name: places.get(name, (0.0, 0.0))[::-1]):
        columns.setdefault(places.get(name, (0.0, 0.0))[0], []).append(name)
    moved: dict[str, Position | None] = {}
    for i, x in enumerate(sorted(columns, reverse=True), 1):
        names = columns[x]
        for j, name in enumerate(names):
            moved[name] = right - i * _COLUMN, middle + (j - (len(names) - 1) / 2) * _ROW
    for name, (x, y) in places.items():
        if name not in new and x < right:
            moved[name] = x - len(columns) * _COLUMN, y
    return Move(moved)


def _fed_by(document: Document, nodes: AbstractSet[str]) -> set[str]:
    return {edge.target for node in nodes for edge in document.out_edges(node)}
