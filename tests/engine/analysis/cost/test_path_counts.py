"""Paths against edge visits."""

from __future__ import annotations

import networkx as nx
import pytest

from engine.analysis.cost.path_counts import PathCounts, count_paths
from graph.model.document import Document
from tests.engine.documents import draw, mazur
from tests.engine.random_documents import LOSSES, RandomDocument


def counted(document: Document) -> PathCounts:
    edges = [(edge.source, edge.target) for edge in document.edges.values()]
    losses = {node.id for node in document.nodes.values() if node.kind in LOSSES}
    return count_paths(list(document.nodes), edges, losses)


def test_a_chain_of_diamonds_doubles_with_every_one() -> None:
    nodes = {"n00": "neuron", "E": "half_squared_error"}
    edges = []
    for i in range(30):
        nodes |= {f"n{i:02}a": "neuron", f"n{i:02}b": "neuron", f"n{i + 1:02}": "neuron"}
        edges += [
            f"n{i:02}{start} n{end}"
            for start, end in (
                ("", f"{i:02}a"),
                ("", f"{i:02}b"),
                ("a", f"{i + 1:02}"),
                ("b", f"{i + 1:02}"),
            )
        ]
    document = draw(nodes, [*edges, "n30 E:prediction"])
    found = counted(document)
    assert found.paths == 2**30
    assert found.path_edges == 2**30 * 61
    assert found.edge_visits == 121
    assert found.to_loss["n29"] == 2


def test_mazur() -> None:
    document, _ = mazur()
    found = counted(document)
    assert found.to_loss["h1"] == 2
    assert found.to_loss["i1"] == 4
    assert found.paths == 4 + 4 + 1 + 1
    assert found.path_edges == 8 * 3 + 2
    assert found.edge_visits == len(document.edges)


def test_parallel_edges_are_paths_of_their_own() -> None:
    document = draw({"x": "constant", "p": "product", "E": "hinge"}, ["x p", "x p", "p E"])
    assert counted(document).paths == 2


def test_what_reaches_no_loss_is_not_visited() -> None:
    document = draw(
        {"x": "constant", "a": "tanh", "b": "tanh", "E": "hinge"}, ["x a", "x b", "a E"]
    )
    found = counted(document)
    assert found.to_loss == {"x": 1, "a": 1, "b": 0, "E": 1}
    assert (found.paths, found.edge_visits) == (1, 2)


@pytest.mark.parametrize("seed", range(20))
def test_as_many_as_networkx_lists(seed: int) -> None:
    document = RandomDocument(seed, 8).document
    losses = [node.id for node in document.nodes.values() if node.kind in LOSSES]
    sources = [node for node in document.nodes if not document.graph.in_degree(node)]
    paths = [
        path
        for source in sources
        for path in nx.all_simple_edge_paths(document.graph, source, losses)
    ]
    found = counted(document)
    assert found.paths == len(paths)
    assert found.path_edges == sum(len(path) for path in paths)
    assert found.edge_visits == len({edge for path in paths for edge in path})
