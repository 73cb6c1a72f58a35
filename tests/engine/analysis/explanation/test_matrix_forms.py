"""A layer's numbers as products of matrices: the shapes fit, and NumPy gives the same numbers."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pytest

from engine.analysis.explanation import Explainer, Quantity, read_quantity
from engine.arrays.aliases import Array
from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial, views
from engine.plan.plan import Plan
from graph.model.document import Document
from tests.engine.documents import draw

QUANTITIES = {
    "s:h": ("s(h)", "w(x → h)·x + b(h)"),
    "value:h": ("h", "tanh(s(h))"),
    "gradient:h": ("∂E/∂h", "w(h → o)ᵀ·δ(o)"),
    "delta:h": ("δ(h)", "tanh′(s(h)) ∘ ∂E/∂h"),
    "gradient:x-h.weight": ("∂E/∂w(x → h)", "δ(h)·xᵀ"),
}


class Layers(NamedTuple):
    """Two layers, and what explains them."""

    document: Document
    plan: Plan
    theta: Array
    explainer: Explainer

    def quantity(self, name: str) -> Quantity:
        return read_quantity(name, self.document)


@pytest.fixture
def layers(rng: np.random.Generator) -> Layers:
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", {"units": 4, "activation": "tanh"}),
            "o": ("neuron", {"units": 2}),
            "t": ("target", {"columns": ("t",)}),
            "E": "half_squared_error",
        },
        ["x h", "h o", "o E:prediction", "t E:target"],
    )
    plan = compile_document(document, {"x": 3, "t": 2})
    columns = {"x": rng.normal(size=(1, 3)), "t": rng.normal(size=(1, 2))}
    theta = initial(plan, document, 1)
    return Layers(document, plan, theta, Explainer(document, plan, theta, columns, 1))


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_layers_are_written_as_products_of_matrices(layers: Layers, quantity: str) -> None:
    form = layers.explainer.matrix_form(layers.quantity(quantity))
    assert form is not None
    assert (form.name, form.formula) == QUANTITIES[quantity]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_shapes_are_those_of_numpy(layers: Layers, quantity: str) -> None:
    form = layers.explainer.matrix_form(layers.quantity(quantity))
    assert form is not None
    left, right = form.shapes.partition(",")[0].split(" = ")
    numbers = [
        np.ones([int(size) for size in factor.split("×")]) for factor in re.split(r" [·∘+] ", right)
    ]
    signs = re.findall(r" ([·∘+]) ", right)
    result = numbers[0]
    for sign, other in zip(signs, numbers[1:], strict=True):
        if sign == "·" and other.ndim == 2 and result.ndim == 1:
            result = np.outer(result, other[0])  # a column times a row
        else:
            result = result @ other if sign == "·" else result * other
    assert result.shape == tuple(int(size) for size in left.split("×"))


def test_the_numbers_are_those_of_the_product(layers: Layers) -> None:
    numbers = {
        name: layers.explainer.values(layers.quantity(name))
        for name in ("s:h", "value:x", "delta:h", "gradient:h", "delta:o", "gradient:x-h.weight")
    }
    plan = layers.plan
    first, bias, second = views(plan, layers.theta)[:3]
    assert [p.name for p in plan.parameters][:3] == ["x-h.weight", "h.bias", "h-o.weight"]
    np.testing.assert_allclose(numbers["s:h"], first @ numbers["value:x"] + bias, rtol=1e-12)
    np.testing.assert_allclose(numbers["gradient:h"], second.T @ numbers["delta:o"], rtol=1e-12)
    outer = np.outer(numbers["delta:h"], numbers["value:x"])
    np.testing.assert_allclose(numbers["gradient:x-h.weight"], outer, rtol=1e-12)
