"""Layout: nothing overlaps, few wires cross, chains are straight, edges run left to right."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.layout.arrange import Outline, arrange, arrange_outline
from graph.layout.crossings import crossings, order_layers
from graph.layout.layers import layered
from graph.model.edits import Move
from tests.graph.toys import build, network

WIDTH, HEIGHT = 140.0, 70.0


def random_outline(seed: int, count: int, arcs: int, reach: int) -> Outline:
    rng = random.Random(seed)
    pairs = set()
    for _ in range(arcs):
        source = rng.randrange(count - 1)
        target = min(count - 1, source + rng.randrange(1, reach + 1))
        pairs.add((f"n{source}", f"n{target}"))
    return Outline(tuple(f"n{i}" for i in range(count)), tuple(sorted(pairs)))


def overlapping(
    positions: dict[str, tuple[float, float]], sizes: dict[str, tuple[float, float]]
) -> list[tuple[str, str]]:
    def apart(a: str, b: str) -> bool:
        (ax, ay), (bx, by) = positions[a], positions[b]
        (aw, ah), (bw, bh) = (sizes.get(n, (WIDTH, HEIGHT)) for n in (a, b))
        return abs(ax - bx) >= (aw + bw) / 2 or abs(ay - by) >= (ah + bh) / 2

    return [(a, b) for a, b in combinations(positions, 2) if not apart(a, b)]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(2, 40),
    arcs=st.integers(0, 90),
    reach=st.integers(1, 40),
    data=st.data(),
)
def test_nodes_do_not_overlap_and_edges_run_right(
    seed: int, count: int, arcs: int, reach: int, data: st.DataObject
) -> None:
    graph = random_outline(seed, count, arcs, reach)
    size = st.tuples(st.floats(20, 400), st.floats(20, 300))
    sizes = data.draw(st.dictionaries(st.sampled_from(graph.nodes), size))
    positions = arrange_outline(graph, sizes)
    assert list(positions) == list(graph.nodes)
    assert not overlapping(positions, sizes)
    assert all(positions[a][0] < positions[b][0] for a, b in graph.arcs)
    assert arrange_outline(graph, sizes) == positions


@pytest.mark.parametrize("seed", range(5))
def test_fewer_than_half_of_the_crossings_of_the_naive_order_are_left(seed: int) -> None:
    graph = random_outline(seed, 120, 240, 12)
    numbers = {node: index for index, node in enumerate(graph.nodes)}
    layers = layered(len(numbers), [(numbers[a], numbers[b]) for a, b in graph.arcs])
    naive = crossings(layers)
    order_layers(layers, lambda: False)
    assert crossings(layers) < naive / 2


def test_a_tree_is_drawn_without_crossings() -> None:
    nodes = [f"n{i}" for i in range(63)]
    shuffled = random.Random(0).sample(nodes, len(nodes))
    arcs = tuple((nodes[i], nodes[(i - 1) // 2]) for i in range(1, 63))
    numbers = {node: index for index, node in enumerate(shuffled)}
    layers = layered(63, [(numbers[a], numbers[b]) for a, b in arcs])
    order_layers(layers, lambda: False)
    assert crossings(layers) == 0


def test_chains_are_straight_also_beside_others() -> None:
    chain = tuple((f"c{i}", f"c{i + 1}") for i in range(6))
    rest = (("a", "c3"), ("b", "c3"), ("c3", "d"))
    nodes = tuple(dict.fromkeys(n for arc in (*chain, *rest) for n in arc))
    positions = arrange_outline(Outline(nodes, (*chain, *rest)))
    assert len({positions[f"c{i}"][1] for i in range(3)}) == 1
    alone = arrange_outline(Outline(nodes[:7], chain))
    assert len({y for _, y in alone.values()}) == 1


def test_a_small_network_is_symmetric() -> None:
    positions = arrange(network())
    assert positions["h1"][0] == positions["h2"][0]
    middle = (positions["h1"][1] + positions["h2"][1]) / 2
    assert positions["o"][1] == middle
    assert (positions["x1"][1] + positions["x2"][1]) / 2 == middle


def test_a_long_edge_passes_beside_the_nodes() -> None:
    document = build(
        {"b": "bias", "h": "neuron", "k": "neuron", "o": "neuron"}, ["b>h", "h>k", "k>o", "b>o"]
    )
    positions = arrange(document)
    rows = {round(positions[node][1]) for node in ("h", "k")}
    assert rows != {round(positions["b"][1])} or positions["o"][1] != positions["b"][1]


def test_what_leads_only_to_the_end_stands_near_the_end() -> None:
    chain = ["b>h", "h>k", "k>o", "o>E.prediction", "y>s", "s>E.target"]
    kinds = {"b": "bias", "h": "neuron", "k": "neuron", "o": "neuron", "y": "bias", "s": "sum"}
    positions = arrange(build({**kinds, "E": "loss"}, chain))
    assert positions["s"][0] == positions["o"][0]
    assert positions["y"][0] == positions["k"][0]


def test_separate_parts_and_single_nodes_stand_below_each_other() -> None:
    document = build({"b": "bias", "h": "neuron", "c": "bias", "k": "neuron", "s": "sum"}, [])
    assert not overlapping(arrange(document), {})
    document = build({"b": "bias", "h": "neuron", "c": "bias", "k": "neuron"}, ["b>h", "c>k"])
    positions = arrange(document)
    assert positions["b"][1] == positions["h"][1] < positions["c"][1] == positions["k"][1]


def test_some_nodes_stay_around_where_they_are() -> None:
    document = network()
    document.apply(Move({"h1": (1000.0, 500.0), "o": (1200.0, 700.0)}))
    positions = arrange(document, ["h1", "o"])
    assert set(positions) == {"h1", "o"}
    assert sum(x for x, _ in positions.values()) / 2 == pytest.approx(1100, abs=1)
    assert sum(y for _, y in positions.values()) / 2 == pytest.approx(600, abs=1)


def test_nothing_comes_of_a_layout_that_is_cancelled() -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    assert arrange(network(), cancelled=cancelled) == {}
    assert asked < 20
