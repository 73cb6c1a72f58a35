"""Walks through a graph agree with networkx."""

from __future__ import annotations

import random

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from graph.model.traversal import components, reachable, shortest_path, topological_order


def _graph(seed: int) -> nx.DiGraph[int]:
    rng = random.Random(seed)
    count = rng.randrange(1, 12)
    names = rng.sample(range(100), count)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(names)
    for place, name in enumerate(names):
        graph.add_edges_from((name, after) for after in names[place + 1 :] if rng.random() < 0.3)
    return graph


@given(st.integers(0, 2**32))
def test_orders(seed: int) -> None:
    graph = _graph(seed)
    after = dict(graph.adjacency())
    expected = list(nx.lexicographical_topological_sort(graph))
    assert topological_order(after, ties_by_id=True) == expected
    order = topological_order(after)
    assert sorted(order) == sorted(graph)
    assert all(order.index(source) < order.index(target) for source, target in graph.edges)


@given(st.integers(0, 2**32))
def test_what_is_reached(seed: int) -> None:
    graph = _graph(seed)
    start = next(iter(graph))
    found = reachable([start], graph.successors)
    assert next(iter(found)) == start
    assert set(found) == {start, *nx.descendants(graph, start)}
    parts = components(graph, lambda node: [*graph.successors(node), *graph.predecessors(node)])
    assert {frozenset(part) for part in parts} == {
        frozenset(part) for part in nx.weakly_connected_components(graph)
    }


@given(st.integers(0, 2**32))
def test_shortest_paths(seed: int) -> None:
    graph = _graph(seed)
    rng = random.Random(seed)
    start, end = rng.choice(list(graph)), rng.choice(list(graph))
    found = shortest_path(start, end, graph.successors)
    if not nx.has_path(graph, start, end):
        assert found is None
        return
    assert found is not None
    assert (found[0], found[-1]) == (start, end)
    assert nx.is_path(graph, found)
    assert len(found) == nx.shortest_path_length(graph, start, end) + 1
