"""Every operation: gradients against differences, types, documentation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.arrays.counter_stream import Stream
from engine.declaration.op import Array, Context, Op
from engine.library import ops
from graph.model.kinds import Role
from tests.engine.op_check import check_op
from tests.engine.ops.cases import ALL_CASES, SMOOTH_CASES, WIDTHS, Case, away_from_corners

# h = 1e-6: rounding gives eps/h ≈ 2e-10 for each of the at most 40 outputs of size ≤ 10
TOLERANCE = 1e-7


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260)


@pytest.mark.parametrize("case", SMOOTH_CASES, ids=str)
def test_derivative_agrees_with_differences(case: Case, rng: np.random.Generator) -> None:
    checks = check_op(
        case.op,
        case.ports(rng),
        rng,
        params=case.params,
        slots=case.slots(rng),
        context=case.context(rng),
    )
    assert checks
    assert checks[0].relative < TOLERANCE, checks[0]


@pytest.mark.parametrize("case", ALL_CASES, ids=str)
def test_single_precision_stays_single(case: Case, rng: np.random.Generator) -> None:
    op, spec = case.op, case.op.spec
    ports = [array.astype(np.float32) for array in case.ports(rng)]
    keywords: dict[str, Any] = dict(spec.complete(case.params))
    keywords.update((n, array.astype(np.float32)) for n, array in case.slots(rng).items())
    if op.takes_context:
        keywords["context"] = case.context(rng, np.float32)
    output = op.forward(*ports, **keywords)
    if op.saves:
        output, keywords["saved"] = output
    assert output.dtype == np.float32
    widths = {port.name: case.widths if port.variadic else () for port in spec.ports}
    if not any(port.variadic for port in spec.ports):
        widths = {p.name: (w,) for p, w in zip(spec.ports, case.widths, strict=True)}
    if spec.role in (Role.INPUT, Role.TARGET):
        widths = {"columns": (1, 2)}
    rows = 1 if spec.role is Role.PENALTY else case.rows
    assert output.shape == (rows, spec.width(case.params, widths))
    if op.backward is not None:
        found = op.backward(np.ones_like(output), output, *ports, **keywords)
        messages = [found] if isinstance(found, np.ndarray) else found
        assert {m.dtype for m in messages if m is not None} == {np.dtype(np.float32)}


def test_wrong_derivative_is_caught(rng: np.random.Generator) -> None:
    right = ops()["sigmoid"]
    wrong = Op(right.spec, right.forward, {})

    @wrong.derivative
    def _(delta: Array, output: Array, x: Array) -> Array:
        return delta * output  # forgets the factor 1 − σ

    (check,) = check_op(wrong, [away_from_corners(rng, (5, 3))], rng)
    assert check.place == "x"
    assert check.relative > 1e-3


def test_wrong_shape_is_caught(rng: np.random.Generator) -> None:
    right = ops()["sum"]
    wrong = Op(right.spec, right.forward, {})

    @wrong.derivative
    def _(delta: Array, output: Array, *inputs: Array) -> list[Array]:
        return [delta for _ in inputs]  # forgets to add up the repeated column

    ports = [away_from_corners(rng, (5, width)) for width in (3, 1)]
    with pytest.raises(ValueError, match=r"inputs\[1\]: the gradient has shape \(5, 3\)"):
        check_op(wrong, ports, rng)


@pytest.mark.parametrize("width", WIDTHS)
def test_softmax_rows_add_up_to_one(width: int, rng: np.random.Generator) -> None:
    output = ops()["softmax"](1e3 * away_from_corners(rng, (5, width)))
    np.testing.assert_allclose(output.sum(axis=1), 1, rtol=4 * np.finfo(float).eps)


def test_dropout_keeps_the_expected_value_and_passes_through_when_evaluating() -> None:
    x = np.ones((200, 500))
    noisy = Context(200, x.dtype, rng=Stream(3))
    output, _ = ops()["dropout"](x, rate=0.3, context=noisy)
    assert set(np.unique(output)) == {0.0, 1 / 0.7}
    # the mean of 10⁵ draws of variance rate/(1 − rate) is within 5 standard deviations
    assert abs(output.mean() - 1) < 5 * np.sqrt(0.3 / 0.7 / x.size)
    quiet, saved = ops()["dropout"](x, rate=0.3, context=Context(200, x.dtype))
    assert quiet is x
    assert saved is None


def test_step_sends_no_message() -> None:
    assert not ops()["step"].differentiable
    np.testing.assert_array_equal(ops()["step"](np.array([[-1.0, 0.0, 2.0]])), [[0, 0, 1]])


@pytest.mark.parametrize(("bound", "t", "gradient"), [(0.0, 1.0, -1e12), (1.0, 0.0, 1e12)])
def test_certain_and_wrong_probability_costs_100(bound: float, t: float, gradient: float) -> None:
    op = ops()["binary_cross_entropy"]
    p, target = np.array([[bound]]), np.array([[t]])
    keywords = op.spec.complete({})
    output = op(p, target, **keywords)
    assert output == 100
    assert op.backward is not None
    message, _ = op.backward(np.ones((1, 1)), output, p, target, **keywords)
    assert message is not None
    np.testing.assert_allclose(message, gradient)


def test_divergence_of_equal_distributions_is_zero_also_where_they_are_zero() -> None:
    op = ops()["kl_divergence"]
    with np.errstate(divide="ignore"):
        prediction = np.log(np.array([[0.5, 0.5, 1e-300]]))
    target = np.array([[0.5, 0.5, 0.0]])
    keywords = op.spec.complete({})
    output = op(prediction, target, **keywords)
    assert output == 0
    assert op.backward is not None
    messages = op.backward(np.ones((1, 1)), output, prediction, target, **keywords)
    assert all(np.isfinite(m).all() for m in messages if m is not None)
