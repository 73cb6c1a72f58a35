"""Multiplications of reverse and forward accumulation, against counts by hand."""

from __future__ import annotations

import pytest

from engine.analysis.accumulation import count_multiplications
from engine.compiler.compile import compile_document
from graph.model.document import Document
from tests.engine.documents import draw
from tests.engine.random_documents import RandomDocument


def _layers(*units: int) -> Document:
    names = [f"h{i}" for i in range(len(units))]
    chain = ["x", *names]
    return draw(
        {
            "x": ("input", {"columns": ("x",)}),
            **{name: ("neuron", {"units": n}) for name, n in zip(names, units, strict=True)},
            "t": ("target", {"columns": ("t",)}),
            "E": "half_squared_error",
        },
        [*(f"{a} {b}" for a, b in zip(chain, names, strict=False)),
         f"{names[-1]} E:prediction", "t E:target"],
    )  # fmt: skip


def test_two_layers_by_hand() -> None:
    plan = compile_document(_layers(3, 2), {"x": 4, "t": 2})
    found = count_multiplications(plan)
    first, second = 3 * 4 + 3, 2 * 3 + 2
    # sums and biases pass the number on: one entry of 1 each; counted like any other factor
    assert found.reverse_by_node["h0"] == 12 + 3 + 3 + 3
    assert found.reverse_by_node["h1"] == 6 + 6 + 2 + 2 + 2
    assert found.reverse_by_node["E"] == 2
    assert found.forward_by_node["h0"] == 3 * 12 + 3 * 3 + 3 * first
    assert found.forward_by_node["h1"] == (
        6 * first + 2 * (first + 6) + 2 * 2 + 2 * (first + second)
    )
    assert found.forward_by_node["E"] == 2 * (first + second)
    assert found.reverse_by_node["x"] == found.forward_by_node["t"] == 0


def test_twice_the_depth_is_twice_or_four_times_the_work() -> None:
    counts = [
        count_multiplications(compile_document(_layers(*[1] * n), {"x": 1, "t": 1}))
        for n in (50, 100)
    ]
    assert counts[1].reverse / counts[0].reverse == pytest.approx(2, rel=0.02)
    assert counts[1].forward / counts[0].forward == pytest.approx(4, rel=0.02)


def test_what_reaches_no_loss_costs_nothing() -> None:
    document = draw({"x": ("input", {"columns": ("x",)}), "n": "neuron"}, ["x n"])
    found = count_multiplications(compile_document(document, {"x": 3}))
    assert (found.reverse, found.forward) == (0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_any_graph(seed: int) -> None:
    drawn = RandomDocument(seed)
    found = count_multiplications(compile_document(drawn.document, drawn.schema))
    assert found.reverse == sum(found.reverse_by_node.values())
    assert found.forward == sum(found.forward_by_node.values())
    assert found.reverse_by_node.keys() == set(drawn.document.nodes)
