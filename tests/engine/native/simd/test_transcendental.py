"""exp and its kin keep their digits, far out too; truth is computed with 60 digits."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest

from engine.arrays.aliases import Array
from engine.native.simd import transcendental, vector_arithmetic
from engine.native.simd.vectors import lanes, store, width
from tests.engine.native.simd.callable_kernels import compiled

ULPS = 8  # units in the last place that a chain of a few rounded operations may lose


def over_blocks(function: Callable[..., Any]) -> Callable[[Array], Array]:
    @compiled
    def loop(x: Any, z: Any) -> None:
        for at in range(0, z.size, width(z)):
            store(z, at, function(lanes(x, at)))

    def run(x: Array) -> Array:
        z = np.empty_like(x)
        loop(x, z)
        return z

    return run


def _exp(x: Decimal) -> Decimal:
    return x.exp()


def _logistic(x: Decimal) -> Decimal:
    return 1 / (1 + (-x).exp())


TRUTH: dict[str, Callable[[Decimal], Decimal]] = {
    "exp": _exp,
    "expm1": lambda x: x.exp() - 1,
    "logistic": _logistic,
    "logistic_slope": lambda x: _logistic(x) * _logistic(-x),
    "tanh": lambda x: ((2 * x).exp() - 1) / ((2 * x).exp() + 1),
    "tanh_slope": lambda x: 4 / (x.exp() + (-x).exp()) ** 2,
    "softplus": lambda x: (1 + x.exp()).ln(),
}


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("name", TRUTH)
def test_all_digits_are_right_from_tail_to_tail(name: str, real: type) -> None:
    near = np.random.default_rng(0).normal(0, 2, 400)
    x: Array = np.concatenate((near, [0.0, 1e-9, -1e-9, 20.0, -20.0, 40.0, -40.0])).astype(real)
    with localcontext() as context:
        context.prec = 60
        expected = np.array([float(TRUTH[name](Decimal(float(number)))) for number in x])
    found = over_blocks(getattr(transcendental, name))(x)
    allowed = ULPS * np.finfo(real).eps * np.abs(expected)
    assert (np.abs(found.astype(np.float64) - expected) <= allowed).all()


@pytest.mark.parametrize("real", [np.float32, np.float64])
def test_the_ends_are_zero_and_infinity_and_nan_stays(real: type) -> None:
    x: Array = np.array([-np.inf, -1e4, 1e4, np.inf, np.nan], real)
    exp = over_blocks(transcendental.exp)(x)
    np.testing.assert_array_equal(exp, [0, 0, np.inf, np.inf, np.nan])
    sigmoid = over_blocks(transcendental.logistic)(x)
    np.testing.assert_array_equal(sigmoid, [0, 0, 1, 1, np.nan])
    tanh = over_blocks(transcendental.tanh)(x)
    np.testing.assert_array_equal(tanh, [-1, -1, 1, 1, np.nan])


def test_small_powers_are_denormal_numbers() -> None:
    x = np.array([-740.0, -745.0])
    found = over_blocks(transcendental.exp)(x)
    np.testing.assert_allclose(found, np.exp(x), rtol=0, atol=2 * 5e-324)


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["log", "log1p", "sin", "cos", "sqrt"])
def test_functions_of_the_c_library_are_those_of_numpy(name: str, real: type) -> None:
    x: Array = np.random.default_rng(1).uniform(1e-3, 30, 50).astype(real)
    found = over_blocks(getattr(vector_arithmetic, name))(x)
    eps = float(np.finfo(real).eps)
    np.testing.assert_allclose(found, getattr(np, name)(x), rtol=2 * eps, atol=2 * eps)
