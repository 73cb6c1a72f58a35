"""Collapsed groups: which nodes are hidden, in which box, and which groups have a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Floats
from graph.changes.groups import collapsed_into
from graph.model.document import Document
from graph.model.edits import Group
from gui.canvas.geometry.shapes import RowIndices


@dataclass(frozen=True, slots=True)
class Box:
    """A collapsed group, drawn as one box of a node's size.

    Parameters
    ----------
    id, title : str
        The group's.
    rows : (k,) int
        Rows of the nodes inside; the first one stands for all.
    """

    id: str
    title: str
    rows: RowIndices

    def center(self, positions: Floats) -> Floats:
        """Return where the box is: in the middle of its nodes (n, 2)."""
        inside = positions[self.rows]
        return np.asarray((inside.min(axis=0) + inside.max(axis=0)) / 2)


def boxes(document: Document, node_row: Mapping[str, int]) -> list[Box]:
    """Return the boxes of a document, by the order of its groups."""
    inside: dict[str, list[int]] = {}
    for node, group in collapsed_into(document).items():
        inside.setdefault(group, []).append(node_row[node])
    return [
        Box(group.id, group.title or group.id, np.array(sorted(inside[group.id]), dtype=np.intp))
        for group in document.groups
        if group.id in inside
    ]


def open_groups(document: Document) -> list[Group]:
    """Return the groups that are drawn as frames: neither collapsed nor inside such a group."""
    shown: set[str | None] = {None}
    found = []
    for group in document.groups:
        if group.parent in shown and not group.collapsed:
            shown.add(group.id)
            found.append(group)
    return found
