"""Why backpropagation is cheap: directed paths against visits of edges."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import networkx as nx


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


def count_paths(
    nodes: Collection[str], edges: Collection[tuple[str, str]], losses: Collection[str]
) -> PathCounts:
    """Count directed paths to the losses, and edge visits; parallel edges count each.

    Formula: paths(i) = Σ over edges i→j of paths(j), and 1 for a loss

    Source: B. Dolhansky, The mathematics of backpropagation, part 4 (the sum over all paths);
    the derivative by every node from one pass over the edges: Linnainmaa 1970.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(edges)
    graph.add_nodes_from(nodes)
    to_loss: dict[str, int] = {}
    lengths: dict[str, int] = {}
    edge_visits = 0
    for node in reversed(list(nx.topological_sort(graph))):
        targets = [target for _, target in graph.out_edges(node)]
        to_loss[node] = (node in losses) + sum(to_loss[target] for target in targets)
        lengths[node] = sum(lengths[target] + to_loss[target] for target in targets)
        edge_visits += sum(to_loss[target] > 0 for target in targets)
    sources = [node for node in nodes if not graph.in_degree(node)]
    return PathCounts(
        {node: to_loss[node] for node in nodes},
        sum(to_loss[node] for node in sources),
        sum(lengths[node] for node in sources),
        edge_visits,
    )
