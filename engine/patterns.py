"""The patterns of one compile: alike nodes are unfolded once, whatever they are called.

A node is unfolded with stand-ins for its id and for those of its edges; each alike node then puts
its own in their place. Where the result depends on the ids themselves, the node is unfolded with
its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engine.forms import Forms
from engine.unfolding import Pattern, resized, stand_in, unfold
from graph.errors import GradwireError
from graph.model.edits import Edge, Node


@dataclass(slots=True)
class Patterns:
    """Patterns by number, and which one a node has.

    Attributes
    ----------
    forms : Forms
        What their steps refer to.
    all : list of Pattern
        By number.
    """

    forms: Forms
    all: list[Pattern] = field(default_factory=list)
    _found: dict[tuple[object, ...], int | None] = field(default_factory=dict)
    _kin: dict[tuple[object, ...], Pattern | None] = field(default_factory=dict)  # of any widths

    def number(
        self, node: Node, edges: Sequence[Edge], ids: Sequence[str], widths: tuple[int, ...]
    ) -> int:
        """Return the number of a node's pattern.

        Parameters
        ----------
        node, edges : Node, sequence of Edge
            The node and the edges into it, by port and order.
        ids, widths : sequence of str, tuple of int
            Of those edges: their ids, and the widths of what they carry.

        Raises
        ------
        PlanError, ShapeError
            As `engine.compiling.compile_document` does.
        """
        ports = tuple([edge.port for edge in edges])
        kin = (node.kind, tuple(node.params.items()), ports)
        key = (kin, widths)
        number = self._found.get(key)
        if number is None and key not in self._found:
            number = self._found[key] = self._alike(kin, node, edges, widths)
        if number is not None and _holds(self.all[number], node.id, ids):
            return number
        return self._add(unfold(node, edges, widths, self.forms, named=True))

    def _alike(
        self,
        kin: tuple[object, ...],
        node: Node,
        edges: Sequence[Edge],
        widths: tuple[int, ...],
    ) -> int | None:
        """Return what holds whatever the ids are; None if they matter."""
        try:  # what fails is told with the node's own id
            if kin in self._kin:
                found = self._kin[kin]
                return None if found is None else self._add(resized(found, widths, self.forms))
            pattern = self._kin[kin] = self._nameless(node, edges, widths)
        except GradwireError:
            return None
        return None if pattern is None else self._add(pattern)

    def _nameless(
        self, node: Node, edges: Sequence[Edge], widths: tuple[int, ...]
    ) -> Pattern | None:
        """Unfold with stand-ins; None if the ids matter."""
        nameless = replace(node, id=stand_in(1))
        wires = [
            Edge(stand_in(place + 2), "", nameless.id, edge.port, place)
            for place, edge in enumerate(edges)
        ]
        pattern = unfold(nameless, wires, widths, self.forms, named=False)
        return pattern if pattern.alike else None

    def _add(self, pattern: Pattern) -> int:
        self.all.append(pattern)
        return len(self.all) - 1


def _holds(pattern: Pattern, node: str, edges: Sequence[str]) -> bool:
    """Return whether none of a node's ids could be taken for one inside its pattern."""
    endings = pattern.endings
    if not endings:
        return True
    alike = [edge for edge in edges if edge == node or edge.endswith(endings)]
    return not alike and not node.endswith(endings)
