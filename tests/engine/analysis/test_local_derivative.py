"""An edge's local derivative as text, with the numbers of a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.analysis.local_derivative import local_derivative, slope
from engine.library import ops

A, B, C, T = 3.0, -2.0, 5.0, 1.0
FORMULA = {"formula": "x1**2 * x2"}


def column(*numbers: float) -> list[Any]:
    return [np.array([number]) for number in numbers]


@pytest.mark.parametrize(
    ("kind", "params", "port", "given", "which", "text"),
    [
        ("divide", {}, "a", {"a": A, "b": B}, None, "∂z/∂a = 1/b = 1/(−2) = −0.5"),
        ("divide", {}, "b", {"a": A, "b": B}, None, "∂z/∂b = −a/b² = −3/(−2)² = −0.75"),
        ("product", {}, "inputs", {"inputs": column(A, B, C)}, 1,
         "∂z/∂xₖ = Π(l ≠ k) xₗ = 3·5 = 15"),
        ("expression", FORMULA, "inputs", {"inputs": column(A, B)}, 0,
         "∂z/∂x₁ = 2·x₁·x₂ = 2·3·(−2) = −12"),
        ("dropout", {}, "x", {"x": C}, None, "∂z/∂x = m"),
        ("half_squared_error", {}, "prediction", {"prediction": -1.5, "target": T}, None,
         "∂E/∂ŷⱼ = ŷⱼ − tⱼ = −1.5 − 1 = −2.5"),
    ],
)  # fmt: skip
def test_a_derivative_is_opened_to_the_numbers_of_a_row(
    kind: str,
    params: dict[str, Any],
    port: str,
    given: dict[str, Any],
    which: int | None,
    text: str,
) -> None:
    op = ops()[kind]
    assert local_derivative(op, params, port, {"z": 0.0, "E": 0.0, **given}, which) == text
    assert local_derivative(op, params, port, None, which) == " = ".join(text.split(" = ")[:2])


def test_the_slope_of_an_activation_is_opened() -> None:
    assert slope(ops()["tanh"], {}, 0.0) == "f′(s) = 1 − tanh²(s) = 1 − 0² = 1"
    assert slope(ops()["leaky_relu"], {"slope": 0.25}, -3.0) == (
        "f′(s) = (1 if s > 0, else 0.25) = 0.25"
    )
    assert slope(ops()["tanh"], {}) == "f′(s) = 1 − tanh²(s)"
    assert slope(ops()["step"], {}, 1.0) == ""
