"""Multiplications of reverse and forward accumulation, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis.cost.accumulation import EdgeProduct, count_multiplications, kept_values
from engine.compiler.compile import compile_document
from engine.interpreter.interpreter import backward, forward
from engine.interpreter.parameter_vector import initial
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


def test_each_edge_has_the_shapes_of_its_product() -> None:
    """As by hand: x (4) → 3 units → 2 units; θ before the second weight is W and b of the first."""
    plan = compile_document(_layers(3, 2), {"x": 4, "t": 2})
    found = count_multiplications(plan).edges
    assert found["x-h0"] == EdgeProduct(3, 4, 12, before=0, weights=12)
    assert found["h0-h1"] == EdgeProduct(2, 3, 6, before=15, weights=6)
    assert (found["x-h0"].reverse, found["x-h0"].forward) == (0, 0)
    assert (found["h0-h1"].reverse, found["h0-h1"].forward) == (6, 6 * 15)
    assert (found["h1-E"].rows, found["h1-E"].columns, found["h1-E"].before) == (1, 2, 23)


@pytest.mark.parametrize(
    ("activation", "own"),
    [
        ("identity", {}),
        ("relu", {"s": ["h"]}),  # where s > 0
        ("exp", {"z": ["h"]}),  # z
        ("square", {"s": ["h"]}),  # 2s
    ],
)
def test_the_backward_pass_keeps_what_a_derivative_reads(
    activation: str, own: dict[str, list[str]]
) -> None:
    """δ reads s or z as the activation's derivative does; ∂E/∂w of the next weight reads z."""
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "w": "weight",
            "h": activation,
            "v": "weight",
            "t": ("target", {"columns": ("t",)}),
            "E": "half_squared_error",
        },
        ["x w", "w h", "h v", "v E:prediction", "t E:target"],
    )
    found = kept_values(compile_document(document, {"x": 1, "t": 1}))
    assert found["x"] == {"z": ["w"]}
    assert ("h" in found.get("w", {}).get("z", [])) is ("s" in own)
    assert found["h"] == {"z": [*own.get("z", []), "v"]}
    assert found["v"] == found["t"] == {"z": ["E"]}


def test_a_product_reads_its_factors_and_a_sum_reads_nothing() -> None:
    for kind, read in (("product", True), ("sum", False)):
        document = draw(
            {
                "x": ("input", {"columns": ("x",)}),
                "a": "weight",
                "b": "weight",
                "n": kind,
                "t": ("target", {"columns": ("t",)}),
                "E": "half_squared_error",
            },
            ["x a", "x b", "a n", "b n", "n E:prediction", "t E:target"],
        )
        found = kept_values(compile_document(document, {"x": 1, "t": 1}))
        assert (found.get("a"), found.get("b")) == (({"z": ["n"]},) * 2 if read else (None, None))


@pytest.mark.parametrize("seed", range(30))
def test_what_is_not_kept_changes_no_gradient(seed: int) -> None:
    """Overwritten between the passes, values that nobody reads leave all gradients as they are."""
    made = RandomDocument(seed)
    plan = compile_document(made.document, made.schema)
    kept = kept_values(plan)
    theta = initial(plan, made.document, seed, strict=False)
    run = forward(plan, theta, made.columns)
    before = backward(plan, theta, run).gradient
    for node, slot in plan.outputs.items():
        if "z" not in kept.get(node, {}):
            run.values[slot] = np.random.default_rng(seed).normal(size=run.values[slot].shape)
    assert np.array_equal(backward(plan, theta, run).gradient, before)
