"""The numbers that the sources of the examples print, or that follow from their formulas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.interpreter.parameter_vector import views

Open = Callable[..., Any]


def gradients(numbers: dict[str, Any]) -> dict[str, Any]:
    return {name: np.array(found["gradient"]) for name, found in numbers["parameters"].items()}


def node(numbers: dict[str, Any], name: str, what: str) -> Any:
    return np.array(numbers["nodes"][name][what])


def slope(z: Any) -> Any:
    """σ′(s) from z = σ(s)."""
    return z * (1 - z)


# -- Mazur ------------------------------------------------------------------------------------


def test_mazur_before_and_after_one_update(open_example: Open) -> None:
    example = open_example("mazur")
    numbers = example.numbers()
    assert numbers["error"] == pytest.approx(0.298371109, abs=5e-10)
    assert gradients(numbers)["h1-o1.weight"] == pytest.approx(0.082167041, abs=5e-10)
    assert numbers["edges"]["h1-o1"]["message"][0][0] == pytest.approx(0.055399425, abs=5e-10)
    assert numbers["edges"]["h1-o2"]["message"][0][0] == pytest.approx(-0.019049119, abs=1e-9)
    trainer = example.trainer()
    trainer.step()
    after = {
        parameter.name: float(view.ravel()[0])
        for parameter, view in zip(
            example.plan.parameters, views(example.plan, trainer.theta), strict=True
        )
    }
    printed = {
        "i1-h1.weight": 0.149780716,
        "i2-h1.weight": 0.19956143,
        "i1-h2.weight": 0.24975114,
        "i2-h2.weight": 0.29950229,
        "h1-o1.weight": 0.35891648,
        "h2-o1.weight": 0.408666186,
        "h1-o2.weight": 0.511301270,
        "h2-o2.weight": 0.561370121,
    }
    for name, value in printed.items():
        assert after[name] == pytest.approx(value, abs=5e-9), name
    assert after["h1.bias"] == after["h2.bias"] == 0.35
    assert after["o1.bias"] == after["o2.bias"] == 0.60
    assert example.numbers(trainer.theta)["error"] == pytest.approx(0.291027773694, abs=5e-13)


def test_mazur_after_ten_thousand_updates(trained: Open) -> None:
    last = trained("mazur").records[-1]
    assert last.step == 10_000
    assert last.error == pytest.approx(3.510187783e-05, rel=1e-9)


# -- Andrew Ng --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cost"),
    [
        ("ng_test_network", 7.406969856065749),
        ("ng_test_network_regularised", 19.473636522732416),
    ],
)
def test_ng_cost(open_example: Open, name: str, cost: float) -> None:
    assert open_example(name).numbers()["error"] == pytest.approx(cost, rel=1e-14)


@pytest.mark.parametrize(
    ("name", "strength"), [("ng_test_network", 0.0), ("ng_test_network_regularised", 4.0)]
)
def test_ng_vectorised_gradient(open_example: Open, name: str, strength: float) -> None:
    def sigmoid(s: Any) -> Any:
        return 1 / (1 + np.exp(-s))

    first = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]])
    second = np.array([[0.7, 1.1, 1.5], [0.8, 1.2, 1.6], [0.9, 1.3, 1.7], [1.0, 1.4, 1.8]])
    one = np.ones((3, 1))
    a1 = np.hstack([one, np.cos([[1, 2], [3, 4], [5, 6]])])
    a2 = np.hstack([one, sigmoid(a1 @ first.T)])
    a3 = sigmoid(a2 @ second.T)
    delta3 = a3 - np.eye(4)[[3, 1, 2]]
    delta2 = (delta3 @ second * slope(a2))[:, 1:]
    d1, d2 = delta2.T @ a1 / 3, delta3.T @ a2 / 3
    d1[:, 1:] += strength / 3 * first[:, 1:]
    d2[:, 1:] += strength / 3 * second[:, 1:]

    found = gradients(open_example(name).numbers())
    for layer, sources, targets, expected in (
        ("x", 2, "h", d1),
        ("h", 2, "o", d2),
    ):
        for unit, row in enumerate(expected, 1):
            assert found[f"{targets}{unit}.bias"] == pytest.approx(row[0], rel=1e-12)
            for source in range(1, sources + 1):
                name_of = f"{layer}{source}-{targets}{unit}.weight"
                assert found[name_of] == pytest.approx(row[source], rel=1e-12), name_of


def test_ng_equal_weights_stay_twins(trained: Open) -> None:
    run = trained("ng_symmetry")
    example, numbers = run.example, run.example.numbers(run.trainer.theta)
    for what in ("value", "net", "delta"):
        assert np.array_equal(node(numbers, "h1", what), node(numbers, "h2", what))
    assert numbers["error"] > 0.08
    broken = example.theta.copy()
    broken[next(p.offset for p in example.plan.parameters if p.name == "x1-h1.weight")] = 0.6
    untied = replace(example, theta=broken).trained()
    assert untied.records[-1].error < 0.01


# -- Raschka ----------------------------------------------------------------------------------


def test_raschka_gradient_of_the_squared_error(open_example: Open) -> None:
    example = open_example("raschka_logistic")
    numbers = example.numbers()
    t, o = node(numbers, "t", "value"), node(numbers, "o", "value")
    m = len(t)
    assert numbers["error"] == pytest.approx(np.sum((t - o) ** 2) / (2 * m), rel=1e-14)
    found = gradients(numbers)
    for name in ("x1", "x2"):
        x = node(numbers, name, "value")
        expected = -np.sum((t - o) * slope(o) * x) / m
        assert found[f"{name}-o.weight"] == pytest.approx(expected, rel=1e-12)


def test_raschka_two_layers_by_the_chain_rule(open_example: Open) -> None:
    example = open_example("raschka_two_layers")
    numbers = example.numbers()
    x, h, o, t = (node(numbers, name, "value") for name in ("x", "h", "o", "t"))
    second = np.array(numbers["parameters"]["W2.weight"]["value"])
    delta2 = (o - t) * slope(o) / len(t)
    delta1 = delta2 @ second * slope(h)
    assert node(numbers, "s1", "gradient") == pytest.approx(delta1, rel=1e-12)
    found = gradients(numbers)
    assert found["W2.weight"] == pytest.approx(delta2.T @ h, rel=1e-12)
    assert found["W1.weight"] == pytest.approx(delta1.T @ x, rel=1e-12)
    assert found["b1.bias"] == pytest.approx(delta1.sum(axis=0), rel=1e-12)


def test_cross_entropy_takes_the_slope_of_the_sigmoid_away(open_example: Open) -> None:
    numbers = open_example("sigmoid_cross_entropy").numbers()
    o = node(numbers, "ce", "value")
    assert o == pytest.approx(0.9820, abs=5e-5)  # Nielsen prints 0.98
    assert node(numbers, "ce", "delta") == pytest.approx(o, rel=1e-12)
    assert node(numbers, "sq", "delta") == pytest.approx(o * slope(o), rel=1e-12)


def test_softmax_with_the_logarithm_likewise(open_example: Open) -> None:
    numbers = open_example("softmax_nll").numbers()
    share, t = np.exp(node(numbers, "p", "value")), node(numbers, "t", "value")
    assert node(numbers, "s", "delta") == pytest.approx((share - t) / len(t), rel=1e-11, abs=1e-17)


# -- Dolhansky --------------------------------------------------------------------------------


def dolhansky(numbers: dict[str, Any]) -> tuple[Any, Any, int]:
    """Return δₒ = (ŷ − y)/N, the weights, and N."""
    y, o = node(numbers, "y", "value"), node(numbers, "o", "value")
    weights = {name: found["value"][0][0] for name, found in numbers["parameters"].items()}
    assert node(numbers, "o", "delta") == pytest.approx((o - y) / len(y), rel=1e-12)
    return (o - y) / len(y), weights, len(y)


@pytest.mark.parametrize(
    ("name", "first"), [("dolhansky_1_chain", "i"), ("dolhansky_2_inputs", "i1")]
)
def test_dolhansky_chain_and_inputs(open_example: Open, name: str, first: str) -> None:
    numbers = open_example(name).numbers()
    delta_o, w, _ = dolhansky(numbers)
    zj, zk = node(numbers, "j", "value"), node(numbers, "k", "value")
    delta_k = slope(zk) * delta_o * w["k-o.weight"]
    delta_j = slope(zj) * delta_k * w["j-k.weight"]
    assert node(numbers, "k", "delta") == pytest.approx(delta_k, rel=1e-12)
    assert node(numbers, "j", "delta") == pytest.approx(delta_j, rel=1e-12)
    found = gradients(numbers)
    assert found["k-o.weight"] == pytest.approx(np.sum(delta_o * zk), rel=1e-12)
    assert found["j-k.weight"] == pytest.approx(np.sum(delta_k * zj), rel=1e-12)
    for edge in (edge for edge in numbers["edges"] if edge.endswith("-j")):
        x = node(numbers, edge.removesuffix("-j"), "value")
        assert found[f"{edge}.weight"] == pytest.approx(np.sum(delta_j * x), rel=1e-12)
    assert f"{first}-j.weight" in found


def test_dolhansky_sum_over_both_outgoing_edges(open_example: Open) -> None:
    numbers = open_example("dolhansky_3_outputs").numbers()
    delta_o, w, _ = dolhansky(numbers)
    terms = []
    for unit in ("j", "k"):
        z = node(numbers, unit, "value")
        delta = slope(z) * delta_o * w[f"{unit}-o.weight"]
        assert node(numbers, unit, "delta") == pytest.approx(delta, rel=1e-12)
        terms.append(delta * w[f"i-{unit}.weight"])
        message = np.array(numbers["edges"][f"i-{unit}"]["message"])
        assert message == pytest.approx(terms[-1], rel=1e-12)
    z = node(numbers, "i", "value")
    assert node(numbers, "i", "delta") == pytest.approx(slope(z) * sum(terms), rel=1e-11)


# -- exam, four diagrams, depth ---------------------------------------------------------------


def test_exam_delta_of_both_losses(open_example: Open) -> None:
    for name, factor in (("exam", None), ("exam_mse", 2.0)):
        numbers = open_example(name).numbers()
        o, y = node(numbers, "o", "value"), node(numbers, "y", "value")
        expected = (o - y) / len(y)
        if factor is not None:
            expected = factor * expected * slope(o)
        assert node(numbers, "o", "delta") == pytest.approx(expected, rel=1e-11)


def test_four_diagrams(open_example: Open) -> None:
    numbers = open_example("four_diagrams").numbers()
    assert node(numbers, "O", "value") == pytest.approx(0.6)
    assert numbers["error"] == pytest.approx(1.96)
    assert node(numbers, "O", "gradient") == pytest.approx(-2.8)
    assert numbers["edges"]["A-O"]["message"][0][0] == pytest.approx(-1.12)
    assert gradients(numbers)["O.weight"] == pytest.approx(-4.2)


def test_vanishing_is_the_product_of_slopes_and_weights(open_example: Open) -> None:
    numbers = open_example("vanishing_sigmoid_chain").numbers()
    deltas = [float(node(numbers, f"h{k}", "delta")[0, 0]) for k in range(1, 11)]
    slopes = [float(slope(node(numbers, f"h{k}", "value"))[0, 0]) for k in range(1, 10)]
    assert deltas[0] / deltas[-1] == pytest.approx(np.prod(slopes), rel=1e-12)
    assert deltas[0] / deltas[-1] == pytest.approx(1.55e-6, rel=1e-3)


def test_exploding_doubles_with_every_unit(open_example: Open) -> None:
    numbers = open_example("exploding_chain").numbers()
    deltas = np.array([node(numbers, f"h{k}", "delta")[0, 0] for k in range(1, 11)])
    assert deltas[:-1] / deltas[1:] == pytest.approx(2.0, rel=1e-12)


def test_xavier_keeps_values_and_deltas_alive(trained: Open) -> None:
    run = trained("xavier_cure")
    numbers = run.example.numbers()

    def size(unit: str, what: str) -> float:
        return float(np.sqrt(np.mean(node(numbers, unit, what) ** 2)))

    assert size("u6", "value") < 0.01 * size("u1", "value")
    assert size("v6", "value") > 0.4 * size("v1", "value")
    assert size("u1", "delta") < 0.01 * size("u6", "delta")
    assert size("v1", "delta") > 0.3 * size("v6", "delta")
    found = run.records[-1].metrics["train"]
    assert found["Ev.accuracy"] == 1.0
    assert found["Eu.accuracy"] < 0.5
