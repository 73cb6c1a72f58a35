"""Ranks find every cycle and no other; places of keys are those of a list."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import key_order, topological_ranks
from graph.model.key_order import KeyOrder
from graph.model.topological_ranks import TopologicalRanks

NODES = st.sampled_from("abcdefgh")


@given(changes=st.lists(st.tuples(NODES, NODES, st.booleans()), max_size=60), at=st.integers(0, 20))
def test_an_edge_is_admitted_if_it_closes_no_cycle(
    changes: list[tuple[str, str, bool]], at: int
) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from("abcdefgh")
    ranks = TopologicalRanks()
    for number, (source, target, away) in enumerate(changes):
        if number == at:
            ranks = TopologicalRanks()  # as when a document with edges is read
        if away and source == target:
            renamed(graph, ranks, source)
            continue
        if away and graph.has_edge(source, target):
            graph.remove_edge(source, target)
            continue
        closes = nx.has_path(graph, target, source)
        assert ranks.admit(graph, source, target) == (not closes)
        if not closes:
            graph.add_edge(source, target)


def renamed(graph: nx.MultiDiGraph[str], ranks: TopologicalRanks, node: str) -> None:
    """Have a node go and come back by another name, and by its own, as a renaming does."""
    before, after = list(graph.in_edges(node)), list(graph.out_edges(node))
    for old, new in ((node, "new"), ("new", node)):
        graph.remove_node(old)
        ranks.remove(old)
        graph.add_node(new)
        ranks.add(new)
        for source, target in ((s, new) for s, _ in before):
            assert ranks.admit(graph, source, target)
            graph.add_edge(source, target)
        for source, target in ((new, t) for _, t in after):
            assert ranks.admit(graph, source, target)
            graph.add_edge(source, target)


def test_a_renamed_node_needs_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    nx.add_path(graph, "abcdefghi")
    ranks = TopologicalRanks()
    assert ranks.admit(graph, "a", "i")
    monkeypatch.delattr(topological_ranks, "reachable")
    renamed(graph, ranks, "e")


@given(data=st.data(), piece=st.integers(1, 3), count=st.integers(0, 12))
def test_places_are_those_of_a_list(data: st.DataObject, piece: int, count: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_order, "_PIECE", piece)
        names = [f"n{i}" for i in range(count)]
        records = dict.fromkeys(names, 0)
        order = KeyOrder(records)
        for number in range(data.draw(st.integers(0, 20))):
            taken = data.draw(st.integers(0, 2 * len(names)))
            if taken < len(names):
                name = names[taken]
                assert order.remove(name) == names.index(name)
                names.remove(name)
                del records[name]
            else:
                place = data.draw(st.one_of(st.none(), st.integers(0, 20)))
                names.insert(len(names) if place is None else place, f"m{number}")
                order.insert(f"m{number}", place)
                records[f"m{number}"] = number
        assert list(order.settled(records)) == names
