"""Whether a new edge would close a cycle, known without a search through the whole graph."""

from __future__ import annotations

import networkx as nx

from graph.model.traversal import reachable, topological_order


class TopologicalRanks:
    """A number for each node, smaller than those of all that it leads to.

    An edge from a smaller to a larger one closes no cycle, which is seen without a search; for
    another, only what lies between the two is searched and numbered anew. A node that is gone
    keeps its number, so that an undo finds it right, unless a new one comes next and takes it, as
    in a renaming.

    Source: Pearce and Kelly 2006, A dynamic topological sort algorithm for directed acyclic
    graphs.
    """

    def __init__(self) -> None:
        self._ranks: dict[str, int] = {}
        self._vacant: str | None = None

    def remove(self, node: str) -> None:
        """Note that a node goes."""
        self._vacant = node

    def add(self, node: str) -> None:
        """Give a node that comes its number, if it is known."""
        vacant, self._vacant = self._vacant, None
        if node not in self._ranks and vacant in self._ranks:
            self._ranks[node] = self._ranks.pop(vacant)

    def admit(self, graph: nx.MultiDiGraph[str], source: str, target: str) -> bool:
        """Make room for a new edge; False, and nothing changes, if it would close a cycle."""
        ranks = self._ranks
        if not ranks:
            order = topological_order(dict(graph.adjacency()))
            ranks.update({node: rank for rank, node in enumerate(order)})
        first = ranks.setdefault(target, len(ranks))
        last = ranks.setdefault(source, len(ranks))
        if last < first:
            return True
        below = reachable([target], lambda a: (b for b in graph.successors(a) if ranks[b] <= last))
        if source in below:
            return False
        above = reachable(
            [source], lambda a: (b for b in graph.predecessors(a) if ranks[b] >= first)
        )
        moved = [*sorted(above, key=ranks.__getitem__), *sorted(below, key=ranks.__getitem__)]
        ranks.update(zip(moved, sorted(ranks[node] for node in moved), strict=True))
        return True
