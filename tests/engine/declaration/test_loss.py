"""Declaring losses: shared parameters, components, widths."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pytest

from engine.declaration.loss import loss
from engine.declaration.op import Array, Range
from graph.errors import WidthMismatch
from graph.model.kinds import Role
from tests.engine.op_check import check_op


@loss(rank=99, symbol="r⁴", aliases=("quartic",), components="mean")
def quartic(
    prediction: Array, target: Array, *, factor: Annotated[float, Range(low=0), "k"] = 2.0
) -> Array:
    """Fourth power of the distance.

    Formula: E = 1/n Σᵢ k·(ŷᵢ − tᵢ)⁴
    """
    return factor * (prediction - target) ** 4


@quartic.derivative
def _(delta: Array, prediction: Array, target: Array, *, factor: float) -> list[Array]:
    message = 4 * factor * delta * (prediction - target) ** 3
    return [message, -message]


def test_a_loss_has_importance_and_components_before_its_own_parameters() -> None:
    spec = quartic.spec
    assert (spec.kind, spec.group, spec.role) == ("quartic", "losses", Role.LOSS)
    assert [(p.name, p.default) for p in spec.params] == [
        ("importance", 1.0),
        ("components", "mean"),
        ("factor", 2.0),
    ]


@pytest.mark.parametrize("components", ["sum", "mean"])
def test_terms_are_put_together_and_their_derivatives_taken_apart(components: str) -> None:
    rng = np.random.default_rng(0)
    prediction, target = rng.normal(size=(2, 5, 3))
    params = quartic.spec.complete({"components": components, "factor": 0.5})
    terms = (0.5 * (prediction - target) ** 4).sum(axis=1, keepdims=True)
    expected = terms / (3 if components == "mean" else 1)
    np.testing.assert_allclose(quartic(prediction, target, **params), expected)
    checks = check_op(quartic, [prediction, target], rng, params=params)
    assert [check.place for check in checks if check.relative > 1e-7] == []


def test_widths_that_differ_are_refused() -> None:
    with pytest.raises(WidthMismatch, match="they must be equal"):
        quartic.spec.width({}, {"prediction": (2,), "target": (3,)})


def test_a_derivative_with_other_keywords_is_refused() -> None:
    @loss(rank=99, symbol="r", aliases=())
    def other(prediction: Array, target: Array, *, slope: float = 1.0) -> Array:
        return slope * prediction

    with pytest.raises(TypeError, match=r"'other' has the keywords \[\]; it needs \['slope'\]"):

        @other.derivative
        def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
            return [delta, -delta]
