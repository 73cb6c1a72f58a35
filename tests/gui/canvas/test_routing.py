"""Wires are led around nodes that would hide them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.library import library
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Edit, Move, Node, Position
from gui.canvas.geometry.shapes import HEIGHT, WIDTH, along
from gui.canvas.model.graph_arrays import Arrays

T = np.linspace(0, 1, 200)[None]


def network(places: dict[str, Position], *wires: tuple[str, str]) -> Document:
    document = Document(library())
    nodes: list[Edit] = [AddNode(Node(name, "neuron")) for name in places]
    edges = [Connect(Edge(f"{a}-{b}", a, b, "inputs", i)) for i, (a, b) in enumerate(wires)]
    document.apply(Batch((*nodes, *edges, Move(dict(places)))))
    return document


def hides(arrays: Arrays, edge: str) -> set[str]:
    """Return the nodes that cover a part of a wire."""
    row = arrays.edge_row[edge]
    points = along(arrays.control[row : row + 1], T)[0]
    gap = np.abs(points[:, None] - arrays.position)
    inside = (gap[..., 0] < WIDTH / 2 - 2) & (gap[..., 1] < HEIGHT / 2)
    return {arrays.nodes[node] for node in np.flatnonzero(inside.any(axis=0))}


ROW = {"a": (0.0, 0.0), "b": (220.0, 0.0), "c": (440.0, 0.0)}


def test_a_wire_past_a_node_in_its_way_can_be_seen() -> None:
    arrays = Arrays(network(ROW, ("a", "b"), ("b", "c"), ("a", "c")))
    assert hides(arrays, "a-c") == set()
    assert arrays.control[arrays.edge_row["a-b"], :, 1].tolist() == [0.0] * 4


@pytest.mark.parametrize(("blocked", "sign"), [(-110.0, 1), (110.0, -1)])
def test_it_goes_where_there_is_room(blocked: float, sign: int) -> None:
    places = ROW | {"d": (220.0, blocked), "e": (220.0, 2 * blocked)}
    arrays = Arrays(network(places, ("a", "c")))
    assert hides(arrays, "a-c") == set()
    middle = along(arrays.control, np.array([[0.5]]))[0, 0, 1]
    assert np.sign(middle) == sign


def test_moving_a_node_away_lets_wires_be_straight_again_and_undo_bends_them() -> None:
    document = network(ROW, ("a", "c"))
    arrays = Arrays(document)
    document.subscribe(lambda applied: arrays.follow(document, applied))
    bent = arrays.control.copy()
    back = document.apply(Move({"b": (220.0, 400.0)}))
    assert arrays.control[0, :, 1].tolist() == [0.0] * 4
    document.apply(back)
    assert np.array_equal(arrays.control, bent)


def test_wires_look_the_same_whatever_happened_before() -> None:
    rng = np.random.default_rng(4)
    names = [f"n{i}" for i in range(24)]
    wires = [(a, b) for i, a in enumerate(names) for b in names[i + 1 : i + 9 : 3]]
    places = {name: (200.0 * (i // 4), 100.0 * (i % 4)) for i, name in enumerate(names)}
    document = network(places, *wires)
    arrays = Arrays(document)
    document.subscribe(lambda applied: arrays.follow(document, applied))
    for name in rng.choice(names, 6):
        x, y = rng.uniform(0, 900, 2)
        document.apply(Move({str(name): (float(x), float(y))}))
    assert np.array_equal(arrays.control, Arrays(document).control)


def test_the_bounds_of_a_wire_hold_it() -> None:
    arrays = Arrays(network(ROW, ("a", "c")))
    points = along(arrays.control, T)[0]
    assert (points >= arrays.low[0]).all()
    assert (points <= arrays.high[0]).all()
