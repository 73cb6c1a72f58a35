"""The edits that what-if tries on a copy of the document, the same that are applied to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from engine.arrays.aliases import Array
from engine.interpreter.parameter_vector import to_tensor
from engine.plan.plan import Plan
from graph.changes.ids import FreeIds
from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Batch,
    Connect,
    Disconnect,
    Edge,
    Edit,
    Move,
    Node,
    Position,
    SetFrozen,
    SetParameterValues,
    SetShared,
)

Action: TypeAlias = Literal["cut", "scale", "zero", "mean", "freeze"]
_WIDE, _HIGH = 170.0, 110.0  # scene units that a node takes, with what stands under it


@dataclass(frozen=True, slots=True)
class Change:
    """What would be done to an edge or to a node.

    Parameters
    ----------
    place : str
        Id of the edge or node.
    action : str
        Of an edge: ``cut`` (its message is 0), ``scale`` (times ``factor``), ``freeze`` its
        weight. Of a node: ``zero`` and ``mean`` (what its output is for all who read it),
        ``freeze`` its parameters and the weights of its incoming edges.
    factor : float
        Of ``scale``.
    """

    place: str
    action: Action
    factor: float = 1.0


def edit_of(
    document: Document, plan: Plan, theta: Array, change: Change, level: Array | None = None
) -> Edit:
    """Build the edit that a change is.

    - An edge with a weight: its weight times 0 or the factor. If other slots share the weight,
      it gets one of its own first, so that only this edge changes.
    - An edge without: a ``scale`` node on it.
    - A node: a ``constant`` feeds all that reads the node, which stays with its parameters, so
      the penalties on them stay too.

    Parameters
    ----------
    document, plan, theta
        The document, its plan and its present parameters.
    change : Change
        What is to be done.
    level : (w,) array, optional
        What a silenced node gives instead; needed for ``zero`` and ``mean``.

    Raises
    ------
    EditError
        If there is nothing to change: no such place, no parameter to freeze, no reader.
    """
    place, action = change.place, change.action
    if action == "freeze":
        return _freezing(document, place)
    if place in document.edges:
        factor = 0.0 if action == "cut" else change.factor
        if place in plan.weights:
            return _weight_times(document, plan, theta, place, factor)
        return _gain(document, document.edges[place], factor)
    if place not in document.nodes or level is None:
        raise EditError(f"there is nothing called {place!r} to change")
    return _silencing(document, place, level)


def _freezing(document: Document, place: str) -> Edit:
    is_node = place in document.nodes
    slots = document.slots(place) if is_node else [f"{place}.weight"]
    known = set(document.slots(document.edges[place].target)) if place in document.edges else slots
    names = {document.parameter_name(slot) for slot in slots if slot in known}
    if not names:
        raise EditError("there is no parameter here that could be frozen")
    return SetFrozen(dict.fromkeys(sorted(names), True))


def _weight_times(document: Document, plan: Plan, theta: Array, edge: str, factor: float) -> Edit:
    slot = f"{edge}.weight"
    name = document.parameter_name(slot)
    place = plan.parameters[plan.weights[edge]]
    here = theta[place.offset : place.offset + place.size].reshape(place.shape)
    value = to_tensor(here * factor if factor else np.zeros_like(here))
    others = {document.parameter_name(other) for other in document.all_slots() if other != slot}
    if name not in others:
        return SetParameterValues({name: value})
    own, number = slot, 2
    while own in others:
        own, number = f"{edge}-{number}.weight", number + 1
    edits: list[Edit] = [SetShared({slot: None if own == slot else own})]
    if name in document.frozen:
        edits.append(SetFrozen({own: True}))
    return Batch((*edits, SetParameterValues({own: value})))


def _gain(document: Document, edge: Edge, factor: float) -> Edit:
    ids = FreeIds(document)
    node = ids.node("k1")
    first = Edge(ids.edge(edge.source, node), edge.source, node, "x")
    added = AddNode(Node(node, "scale", "", {"factor": factor}))
    moved = Connect(replace(edge, source=node))
    parts: list[Edit] = [Disconnect(edge.id), added, Connect(first), moved]
    source, target = (document.positions.get(end) for end in (edge.source, edge.target))
    if source is not None and target is not None:
        parts.append(
            _placed(document, node, ((source[0] + target[0]) / 2, (source[1] + target[1]) / 2))
        )
    return Batch(tuple(parts))


def _silencing(document: Document, node: str, level: Array) -> Edit:
    edges = document.out_edges(node)
    if not edges:
        raise EditError("nothing reads this node, so nothing would change")
    constant = FreeIds(document).node("c1")
    value = tuple(float(number) for number in level)
    parts: list[Edit] = [AddNode(Node(constant, "constant", "", {"value": value}))]
    parts += [Disconnect(edge.id) for edge in edges]
    parts += [Connect(replace(edge, source=constant)) for edge in edges]
    if (at := document.positions.get(node)) is not None:
        parts.append(_placed(document, constant, at))
    return Batch(tuple(parts))


def _placed(document: Document, node: str, at: Position) -> Move:
    """Return a place for a new node at ``at``, or below it where other nodes leave room."""
    x, y = at
    others = list(document.positions.values())
    while any(abs(x - other[0]) < _WIDE and abs(y - other[1]) < _HIGH for other in others):
        y += _HIGH / 2
    return Move({node: (x, y)})
