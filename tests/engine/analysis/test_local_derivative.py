"""An edge's local derivative as text, with the numbers of a row."""

from __future__ import annotations

from typing import Any

import pytest

from engine.analysis.local_derivative import edge_derivative, slope
from engine.library import ops
from graph.model.document import Document
from tests.engine.documents import draw

VALUES = {"a": 3.0, "b": -2.0, "c": 5.0, "q": -1.5, "p": -30.0, "f": 9.0, "m": -1.5, "t": 1.0}


@pytest.fixture
def document() -> Document:
    inputs = {name: ("input", {"columns": (name,)}) for name in "abc"}
    kinds: dict[str, Any] = {
        "q": "divide",
        "p": "product",
        "f": ("expression", {"formula": "x1**2 * x2"}),
        "m": "softmax",
        "d": "dropout",
        "E": "half_squared_error",
        "t": ("target", {"columns": ("t",)}),
    }
    wires = ["a q:a", "b q:b", "a p", "b p", "c p", "a f", "b f", "c m", "c d", "q E", "t E:target"]
    return draw({**inputs, **kinds}, wires)


@pytest.mark.parametrize(
    ("edge", "text"),
    [
        ("a-q", "∂z/∂a = 1/b = 1/(−2) = −0.5"),
        ("b-q", "∂z/∂b = −a/b² = −3/(−2)² = −0.75"),
        ("b-p", "∂z/∂xₖ = Π(l ≠ k) xₗ = 3·5 = 15"),
        ("a-f", "∂z/∂x₁ = 2·x₁·x₂ = 2·3·(−2) = −12"),
        ("c-d", "∂z/∂x = m"),
        ("q-E", "∂E/∂ŷⱼ = ŷⱼ − tⱼ = −1.5 − 1 = −2.5"),
    ],
)
def test_a_derivative_is_opened_to_the_numbers_of_a_row(
    document: Document, edge: str, text: str
) -> None:
    values = {**VALUES, "d": 5.0, "E": 3.125}
    assert edge_derivative(document, edge, values.get) == text
    assert edge_derivative(document, edge, lambda _node: None) == " = ".join(text.split(" = ")[:2])


def test_the_slope_of_an_activation_is_opened() -> None:
    assert slope(ops()["tanh"], {}, 0.0) == "f′(s) = 1 − tanh(s)² = 1 − 0² = 1"
    assert slope(ops()["leaky_relu"], {"slope": 0.25}, -3.0) == (
        "f′(s) = 1 for s > 0, else slope = 0.25"
    )
    assert slope(ops()["tanh"], {}) == "f′(s) = 1 − tanh(s)²"
    assert slope(ops()["step"], {}, 1.0) == ""
