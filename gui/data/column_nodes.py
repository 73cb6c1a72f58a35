"""Input and target nodes for the columns that a dataset uses, placed where they belong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from graph.model.dataset import Dataset, column_width
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Move, Node, Position, SetParam
from graph.model.kinds import Role

_APART = 90.0
_BESIDE = 220.0
_FAR = 560.0  # from the inputs to the targets of an empty canvas
_BASE = {"input": "x", "target": "t"}
_SINGLE = 12  # more columns than that share one node


def needed(document: Document) -> bool:
    """Tell whether the document has neither inputs nor targets yet."""
    return not any(_role(document, node) in (Role.INPUT, Role.TARGET) for node in document.nodes)


def data_nodes(document: Document, dataset: Dataset, schema: Mapping[str, int]) -> Batch:
    """Return the edits that add nodes for all features and targets no node shows yet.

    Columns of width 1 get a node each as long as they are few; else one node holds them all.
    Inputs stand left of everything, targets right below it.
    """
    features = _unused(document, Role.INPUT, dataset.features)
    targets = _unused(document, Role.TARGET, dataset.targets)
    places = list(document.positions.values())
    left = min((x for x, _ in places), default=_BESIDE - _FAR / 2) - _BESIDE
    right = max((x for x, _ in places), default=left + _FAR)
    middle = sum(y for _, y in places) / len(places) if places else 0.0
    bottom = max((y for _, y in places), default=-_APART)
    taken = set(document.nodes)
    nodes: list[Node] = []
    positions: dict[str, Position | None] = {}
    for kind, columns, x in (("input", features, left), ("target", targets, right)):
        parts = _parts(columns, schema)
        top = bottom + _APART if kind == "target" and places else middle - _height(parts)
        for number, part in enumerate(parts):
            name = free_name(identifier(part[0] if len(part) == 1 else _BASE[kind]), taken)
            nodes.append(Node(name, kind, params={"columns": part}))
            positions[name] = (x, top + number * _APART)
    if not nodes:
        return Batch(())
    return Batch((*(AddNode(node) for node in nodes), Move(positions)))


def named_columns(document: Document, dataset: Dataset) -> list[SetParam]:
    """Return the edits that let inputs and targets without a column read those no node reads.

    A single such node takes all of them, several take one each as far as they go.
    """
    edits: list[SetParam] = []
    for role, columns in ((Role.INPUT, dataset.features), (Role.TARGET, dataset.targets)):
        empty = [
            node
            for node in document.nodes
            if _role(document, node) is role and not document.param(node, "columns")
        ]
        free = _unused(document, role, columns)
        parts = [tuple(free)] if len(empty) == 1 and free else [(name,) for name in free]
        pairs = zip(empty, parts, strict=False)
        edits += [SetParam(node, "columns", part) for node, part in pairs]
    return edits


def _parts(columns: Sequence[str], schema: Mapping[str, int]) -> list[tuple[str, ...]]:
    if not columns:
        return []
    narrow = all(column_width(schema, name) == 1 for name in columns)
    if narrow and len(columns) <= _SINGLE:
        return [(name,) for name in columns]
    return [tuple(columns)]


def _height(parts: Sequence[object]) -> float:
    return _APART * (len(parts) - 1) / 2


def _unused(document: Document, role: Role, columns: Sequence[str]) -> list[str]:
    shown: set[object] = set()
    for node in document.nodes:
        if _role(document, node) is role:
            value = document.param(node, "columns")
            shown.update(value if isinstance(value, tuple) else ())
    return [name for name in columns if name not in shown]


def _role(document: Document, node: str) -> Role | None:
    spec = document.spec(node)
    return spec.role if spec else None


def identifier(column: str) -> str:
    """Return an id made from a column's name (``petal length (cm)`` → ``petal_length_cm``)."""
    return re.sub(r"\W+", "_", column).strip("_") or "x"


def free_name(base: str, taken: set[str]) -> str:
    """Return a name that is not taken, and take it: ``x``, ``x_2``, …."""
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    taken.add(name)
    return name
