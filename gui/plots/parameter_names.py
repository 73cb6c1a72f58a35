"""What parameters are called on the screen, and where they are on the canvas."""

from __future__ import annotations

from graph.model.document import Document
from graph.model.slot_names import owner


def node_name(document: Document, node: str) -> str:
    """Return what a node is called on the canvas: its label, else its id."""
    found = document.nodes.get(node)
    return (found.label if found else "") or node


def parameter_name(document: Document, name: str) -> str:
    """Return what a parameter is on the canvas: ``w₁`` or ``x1 → h1`` for a weight, ``h1 bias``."""
    place, _, slot = name.rpartition(".")
    edge = document.edges.get(place)
    if slot == "weight" and edge is not None:
        if edge.label:
            return edge.label
        return f"{node_name(document, edge.source)} → {node_name(document, edge.target)}"
    return f"{node_name(document, place)} {slot}" if place in document.nodes else name


def parameter_places(document: Document, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the nodes and the edges to select for a parameter: the edges that carry it, if any."""
    edges = tuple(
        edge for edge in document.edges if document.parameter_name(f"{edge}.weight") == name
    )
    return (() if edges else (owner(name),)), edges
