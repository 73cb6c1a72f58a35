"""Far from 0: no overflow, no warnings, and small numbers keep their digits."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from engine.declaration.op import Array
from engine.library import ops

PRECISIONS = (np.float64, np.float32)
BOUNDED = [
    kind for kind, op in ops().items() if op.elementwise and kind not in {"exp", "log", "sqrt"}
] + ["softmax", "log_softmax"]


def column(x: float, dtype: type) -> Array:
    return np.array([[x]], dtype)


def value(kind: str, x: Array) -> Array:
    op = ops()[kind]
    result: Array = op(x, **op.spec.complete({}))
    return result


def slope(kind: str, x: Array) -> Array:
    op = ops()[kind]
    assert op.backward is not None
    params = op.spec.complete({})
    message = op.backward(np.ones_like(x), op(x, **params), x, **params)
    assert isinstance(message, np.ndarray)
    return message


def normal_tail(x: float) -> float:
    """Φ(x) from the C library's complementary error function."""
    return math.erfc(-x / math.sqrt(2)) / 2


def normal_density(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def sigmoid_slope(x: float) -> float:
    return math.exp(-abs(x)) / (1 + math.exp(-abs(x))) ** 2


VALUES: list[tuple[str, float, Callable[[float], float]]] = [
    ("sigmoid", -40, lambda x: 1 / (1 + math.exp(-x))),
    ("sigmoid", -85, lambda x: 1 / (1 + math.exp(-x))),
    ("softplus", -40, lambda x: math.log1p(math.exp(x))),
    ("softplus", 40, lambda x: x + math.log1p(math.exp(-x))),
    ("silu", -40, lambda x: x / (1 + math.exp(-x))),
    ("mish", -40, lambda x: x * math.tanh(math.log1p(math.exp(x)))),
    ("gelu", -10, lambda x: x * normal_tail(x)),
    ("elu", -1e-6, math.expm1),
]

SLOPES: list[tuple[str, float, Callable[[float], float]]] = [
    ("sigmoid", 40, sigmoid_slope),
    ("sigmoid", -40, sigmoid_slope),
    ("tanh", 20, lambda x: math.cosh(x) ** -2),
    ("tanh", -20, lambda x: math.cosh(x) ** -2),
    ("softplus", -40, lambda x: 1 / (1 + math.exp(-x))),
    ("silu", -40, lambda x: (1 + x / (1 + math.exp(x))) / (1 + math.exp(-x))),
    ("gelu", -10, lambda x: normal_tail(x) + x * normal_density(x)),
    ("elu", -40, math.exp),
    ("selu", -40, lambda x: 1.0507009873554805 * 1.6732632423543772 * math.exp(x)),
]


def digits(x: float, dtype: type) -> float:
    """Relative error to expect: exp(−t) carries the rounding of its argument, at most t·eps."""
    return float(np.finfo(dtype).eps) * max(8.0, x * x)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize(("kind", "x", "exact"), VALUES)
def test_small_values_keep_their_digits(
    kind: str, x: float, exact: Callable[[float], float], dtype: type
) -> None:
    found = value(kind, column(x, dtype))
    assert found.dtype == dtype
    x = float(dtype(x))
    np.testing.assert_allclose(float(found[0, 0]), exact(x), rtol=digits(x, dtype))


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize(("kind", "x", "exact"), SLOPES)
def test_small_slopes_keep_their_digits(
    kind: str, x: float, exact: Callable[[float], float], dtype: type
) -> None:
    found = slope(kind, column(x, dtype))
    assert found.dtype == dtype
    np.testing.assert_allclose(float(found[0, 0]), exact(x), rtol=digits(x, dtype))


def test_gelu_keeps_its_digits_at_minus_20() -> None:
    x = column(-20.0, np.float64)
    tolerance = digits(20, np.float64)
    np.testing.assert_allclose(value("gelu", x), -20 * normal_tail(-20), rtol=tolerance)
    exact = normal_tail(-20) - 20 * normal_density(-20)
    np.testing.assert_allclose(slope("gelu", x), exact, rtol=tolerance)


def test_gelu_by_tanh_keeps_its_digits_at_minus_10() -> None:
    op = ops()["gelu"]
    x = column(-10.0, np.float64)
    inner = math.sqrt(2 / math.pi) * (-10 + 0.044715 * -1000)
    exact = -10 / (1 + math.exp(-2 * inner))
    np.testing.assert_allclose(op(x, approximate="tanh"), exact, rtol=digits(10, np.float64))


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("kind", BOUNDED)
def test_nothing_overflows_at_a_thousand(kind: str, dtype: type) -> None:
    x: Array = np.array([[-1e3, -88.0, 0.0, 88.0, 1e3]], dtype)
    op = ops()[kind]
    for params in ({}, {"approximate": "tanh"}) if kind == "gelu" else ({},):
        output = op(x, **op.spec.complete(params))
        assert np.isfinite(output).all()
        if op.backward is not None:
            message = op.backward(np.ones_like(x), output, x, **op.spec.complete(params))
            assert isinstance(message, np.ndarray)
            assert np.isfinite(message).all()


@pytest.mark.parametrize("kind", ["sigmoid", "tanh", "softmax", "hard_sigmoid", "softsign"])
def test_squashed_values_stay_in_range(kind: str) -> None:
    output = value(kind, np.array([[-1e3, 0.0, 1e3]]))
    assert output.min() >= -1
    assert output.max() <= 1


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("gap", [40.0, 80.0])
def test_nearly_certain_cross_entropies_keep_their_digits(gap: float, dtype: type) -> None:
    exact, rtol = math.log1p(math.exp(-gap)), digits(gap, dtype)
    one, zero = column(1.0, dtype), column(0.0, dtype)
    pair: Array = np.array([[gap, 0.0]], dtype)
    first: Array = np.array([[1.0, 0.0]], dtype)
    share = math.exp(-gap) / (1 + math.exp(-gap))

    op = ops()["cross_entropy"]
    output, slopes = loss_and_slope("cross_entropy", pair, first)
    np.testing.assert_allclose(output, [[exact]], rtol=rtol)
    np.testing.assert_allclose(slopes, [[-share, share]], rtol=rtol)
    assert op.spec.width({}, {"prediction": (2,), "target": (2,)}) == 1

    for sign, t in ((1, one), (-1, zero)):
        output, slopes = loss_and_slope("binary_cross_entropy_logits", column(sign * gap, dtype), t)
        np.testing.assert_allclose(output, [[exact]], rtol=rtol)
        np.testing.assert_allclose(slopes, [[-sign * share]], rtol=rtol)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("kind", ["cross_entropy", "binary_cross_entropy_logits"])
def test_surely_wrong_scores_of_a_thousand_are_finite(kind: str, dtype: type) -> None:
    scores: Array = np.array([[1e3, -1e3]], dtype)
    output, slopes = loss_and_slope(kind, scores, np.array([[0.0, 1.0]], dtype))
    assert float(output[0, 0]) == 2000
    np.testing.assert_array_equal(slopes, [[1, -1]])


def loss_and_slope(kind: str, prediction: Array, target: Array) -> tuple[Array, Array]:
    op = ops()[kind]
    assert op.backward is not None
    params = op.spec.complete({})
    output = op(prediction, target, **params)
    assert output.dtype == prediction.dtype
    message, _ = op.backward(np.ones_like(output), output, prediction, target, **params)
    assert message is not None
    return output, message


@pytest.mark.parametrize(
    ("kind", "x", "result"),
    [("log", 0.0, -np.inf), ("log", -1.0, np.nan), ("sqrt", -1.0, np.nan), ("exp", 1e3, np.inf)],
)
def test_outside_its_domain_an_operation_says_so_by_its_value(
    kind: str, x: float, result: float
) -> None:
    np.testing.assert_array_equal(value(kind, column(x, np.float64)), [[result]])


def test_division_by_zero_is_infinite() -> None:
    one, zero = column(1.0, np.float64), column(0.0, np.float64)
    np.testing.assert_array_equal(ops()["divide"](one, zero), [[np.inf]])
