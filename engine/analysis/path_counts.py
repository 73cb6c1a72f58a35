"""Why backpropagation is cheap: directed paths against visits of edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graph.model.document import Document
from graph.model.kinds import Role


@dataclass(frozen=True, slots=True)
class PathCounts:
    """How much work the sum over paths and backpropagation are.

    Parameters
    ----------
    to_loss : mapping
        Node → number of directed paths from it to a loss; exact, however large.
    paths : int
        Paths from all sources (nodes without inputs) to the losses.
    path_edges : int
        Edges walked if each of those paths is followed by itself.
    edge_visits : int
        Edges backpropagation visits: each one that leads to a loss, once.
    """

    to_loss: Mapping[str, int]
    paths: int
    path_edges: int
    edge_visits: int


def count_paths(document: Document) -> PathCounts:
    """Count directed paths and edge visits of a document's graph; parallel edges count each.

    Formula: paths(i) = Σ over edges i→j of paths(j), and 1 for a loss

    Notes
    -----
    Source: B. Dolhansky, The mathematics of backpropagation, part 4 (the sum over all paths);
    the derivative by every node from one pass over the edges: Linnainmaa 1970.
    """
    to_loss: dict[str, int] = {}
    lengths: dict[str, int] = {}
    edge_visits = 0
    for node in reversed(document.order()):
        spec = document.spec(node)
        is_loss = spec is not None and spec.role is Role.LOSS
        targets = [edge.target for edge in document.out_edges(node)]
        to_loss[node] = is_loss + sum(to_loss[target] for target in targets)
        lengths[node] = sum(lengths[target] + to_loss[target] for target in targets)
        edge_visits += sum(to_loss[target] > 0 for target in targets)
    sources = [node for node in document.nodes if not document.graph.in_degree(node)]
    return PathCounts(
        {node: to_loss[node] for node in document.nodes},
        sum(to_loss[node] for node in sources),
        sum(lengths[node] for node in sources),
        edge_visits,
    )
