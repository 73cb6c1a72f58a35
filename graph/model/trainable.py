"""Which edges carry weights."""

from __future__ import annotations

from graph.model.document import Document
from graph.model.kinds import NodeSpec


def carries_weight(document: Document, edge_id: str) -> bool:
    """Tell whether an edge has a weight of its own."""
    spec: NodeSpec | None = document.spec(document.edges[edge_id].target)
    return bool(spec and spec.weighted)
