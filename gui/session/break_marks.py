"""Where on the canvas runs and the cursor stop: the breakpoints that are of one part alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from graph.model.document import Document


class BreakMark(NamedTuple):
    """A breakpoint at one place.

    Parameters
    ----------
    place : str
        Id of a node or an edge, or the name of a parameter.
    text : str
        Its condition in words.
    is_on : bool
        Whether it stops anything now.
    """

    place: str
    text: str
    is_on: bool


class BreakMarks(QObject):
    """What the list of breakpoints tells the canvas."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._marks: tuple[BreakMark, ...] = ()

    def show(self, marks: Iterable[BreakMark]) -> None:
        """Mark exactly these places."""
        found = tuple(marks)
        if found != self._marks:
            self._marks = found
            self.changed.emit()

    def of(self, document: Document) -> Mapping[str, list[BreakMark]]:
        """Return the marks by node or edge; a shared parameter marks all that use it."""
        found: dict[str, list[BreakMark]] = {}
        for mark in self._marks:
            for name in _owners(document, mark.place):
                found.setdefault(name, []).append(mark)
        return found


def _owners(document: Document, place: str) -> list[str]:
    """Return the nodes and edges at which a place is."""
    if place in document.nodes or place in document.edges:
        return [place]
    slots = [place, *(slot for slot, name in document.shared.items() if name == place)]
    owners = dict.fromkeys(slot.rpartition(".")[0] for slot in slots)
    return [name for name in owners if name in document.nodes or name in document.edges]
