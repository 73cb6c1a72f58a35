"""Building the edits of everyday changes; nothing here changes the document itself.

Each function returns a `Batch` for ``document.apply``. Whether a new connection is allowed is
asked of ``graph.validation.connection_rules`` first. This module is the door to ``removal``,
``rewiring`` and ``renaming``.
"""

from __future__ import annotations

from types import MappingProxyType

from graph.changes.ids import FreeIds, fresh_id, stem
from graph.changes.removal import forget, remove
from graph.changes.renaming import rename
from graph.changes.rewiring import (
    insert_on_edge,
    next_order,
    remove_and_reconnect,
    replace_kind,
    rewire,
    splice,
)
from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Edit, Move, Node, Position
from graph.model.kinds import Params

__all__ = [
    "add",
    "connect",
    "forget",
    "fresh_id",
    "insert_on_edge",
    "remove",
    "remove_and_reconnect",
    "rename",
    "replace_kind",
    "rewire",
    "splice",
]


def add(
    document: Document,
    kind: str,
    position: Position | None,
    params: Params = MappingProxyType({}),
    label: str = "",
) -> tuple[Batch, str]:
    """Build adding a node; return the batch and the node's id (``x1``, ``h2``, ``sum1``).

    Raises `EditError` if there is no such kind.
    """
    spec = document.library.get(kind)
    if spec is None:
        raise EditError(f"there is no kind {kind!r}")
    name = fresh_id(document, f"{stem(kind, spec)}1")
    edits: list[Edit] = [AddNode(Node(name, kind, label, dict(params)))]
    if position is not None:
        edits.append(Move({name: position}))
    return Batch(tuple(edits)), name


def connect(document: Document, source: str, target: str, port: str) -> tuple[Batch, str]:
    """Build adding an edge, last at its port; return the batch and the edge's id (``x1-h1``)."""
    name = FreeIds(document).edge(source, target)
    order = next_order(document, target, port)
    return Batch((Connect(Edge(name, source, target, port, order)),)), name
