"""The gradient check passes what is right, at corners too, and fails what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.analysis.gradient_check import Check, check_document, tolerance
from engine.compiler.compile import compile_document
from engine.declaration.op import Array, Op
from engine.interpreter.parameter_vector import initial
from engine.library import ops
from graph.model.document import Document
from graph.model.edits import AddNode, Node, SetFrozen, SetParam
from tests.engine.documents import Columns, draw, mazur, ng, widths
from tests.engine.random_documents import RandomDocument

_ALLOWED = tolerance(np.float64)


def _checked(
    document: Document, columns: Columns, table: Mapping[str, Op] | None = None, **options: Any
) -> list[Check]:
    plan = compile_document(document, widths(columns), table)
    return check_document(plan, initial(plan, document, 0), columns, **options)


def _fails(checks: list[Check]) -> bool:
    return any(not check.passes(_ALLOWED) for check in checks)


@pytest.mark.parametrize("block", range(4))
def test_right_derivatives_pass(block: int) -> None:
    for seed in range(25 * block, 25 * block + 25):
        drawn = RandomDocument(seed)
        checks = _checked(drawn.document, drawn.columns, samples=3)
        assert all(check.passes(_ALLOWED) for check in checks), (seed, checks[0])
        assert all(np.isfinite(check.numeric) for check in checks)


def test_every_number_of_a_small_network() -> None:
    document, columns = ng()
    document.apply(SetFrozen({"a2.bias": True}))
    checks = _checked(document, columns, l1=0.3, l2=4.0, m=3)
    assert len(checks) == 18
    assert {check.parameter for check in checks} == {
        "x-a2.weight",
        "a2.bias",
        "a2-a3.weight",
        "a3.bias",
    }
    assert ("a2-a3.weight", (3, 1)) in {(check.parameter, check.index) for check in checks}
    assert not _fails(checks)
    assert [c.relative for c in checks] == sorted((c.relative for c in checks), reverse=True)


def test_only_samples_of_a_large_parameter() -> None:
    document = _regression("tanh", units=50)
    checks = _checked(document, _data(), samples=5)
    counts: dict[str, int] = {}
    for check in checks:
        counts[check.parameter] = counts.get(check.parameter, 0) + 1
    assert counts == {"x-h.weight": 5, "h.bias": 5, "h-o.weight": 5, "o.bias": 1}
    assert checks == _checked(document, _data(), samples=5)
    other = _checked(document, _data(), samples=5, rng=np.random.default_rng(9))
    assert {c.index for c in checks} != {c.index for c in other}


def test_dropout_is_off() -> None:
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", {"units": 8}),
            "d": "dropout",
            "o": ("neuron", {"activation": "identity"}),
            "t": ("target", {"columns": ("t",)}),
            "E": "half_squared_error",
        },
        ["x h", "h d", "d o", "o E:prediction", "t E:target"],
    )
    assert not _fails(_checked(document, _data()))


@pytest.mark.parametrize("name", ["zeros", "constant"])
def test_corners_are_told_apart_from_mistakes(name: str) -> None:
    # with zeros every relu sits exactly on its corner, for every row
    document = _regression("relu", units=3, initializer=name)
    checks = _checked(document, _data())
    assert not _fails(checks)
    assert any(check.kink for check in checks) == (name == "zeros")


def test_a_penalty_on_magnitudes_has_a_corner_at_zero() -> None:
    document = _regression("tanh", units=2, initializer="zeros")
    document.apply(AddNode(Node("P", "l1_penalty", "", {"coefficient": 1.0})))
    checks = _checked(document, _data())
    assert not _fails(checks)


def test_float32() -> None:
    document, columns = ng()
    plan = compile_document(document, widths(columns))
    checks = check_document(plan, initial(plan, document, 0, dtype=np.float32), columns)
    assert tolerance(np.float32) > checks[0].relative
    assert all(check.passes(tolerance(np.float32)) for check in checks)


Rule = Callable[..., Any]


def _scaled(rule: Rule) -> Rule:
    return lambda *args, **keywords: np.multiply(rule(*args, **keywords), 1.001)


def _right_above_zero_only(rule: Rule) -> Rule:
    def wrong(delta: Array, output: Array, x: Array, **keywords: Any) -> Any:
        return np.where(x > 0, rule(delta, output, x, **keywords), delta)

    return wrong


def _forgets_a_port(rule: Rule) -> Rule:
    def wrong(*args: Any, **keywords: Any) -> Any:
        messages = list(rule(*args, **keywords))
        return [None, *messages[1:]]

    return wrong


def _forgets_the_batch(rule: Rule) -> Rule:
    def wrong(delta: Array, *args: Any, **keywords: Any) -> Any:
        return rule(delta[:1], *args, **keywords)

    return wrong


@pytest.mark.parametrize(
    ("kind", "mistake"),
    [
        ("tanh", _scaled),
        ("relu", _scaled),
        ("relu", _right_above_zero_only),
        ("softplus", _right_above_zero_only),
        ("weight", _forgets_a_port),
        ("bias", _forgets_the_batch),
        ("sum", _forgets_a_port),
        ("half_squared_error", _forgets_a_port),
    ],
)
@pytest.mark.parametrize("initializer", ["xavier_uniform", "constant"])
def test_a_wrong_derivative_fails(
    kind: str, mistake: Callable[[Rule], Rule], initializer: str
) -> None:
    activation = kind if kind in ("tanh", "relu", "softplus") else "sigmoid"
    document = _regression(activation, units=3, initializer=initializer)
    right = ops()[kind]
    assert right.backward is not None
    wrong = replace(right, backward=mistake(right.backward))
    checks = _checked(document, _data(), {**ops(), kind: wrong})
    assert _fails(checks)
    assert not checks[0].kink
    assert not _fails(_checked(document, _data()))


def test_mazur_with_every_activation() -> None:
    for kind, op in ops().items():
        if op.spec.group == "activations" and kind not in ("log", "sqrt"):
            document, columns = mazur()
            document.apply(SetParam("h1", "activation", kind))
            document.apply(SetParam("o2", "activation", kind))
            assert not _fails(_checked(document, columns)), kind


def _data() -> Columns:
    rng = np.random.default_rng(4)
    return {"x": rng.normal(size=(6, 3)), "t": rng.normal(size=(6, 1))}


def _regression(activation: str, **params: Any) -> Document:
    return draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", {"activation": activation, **params}),
            "o": ("neuron", {"activation": "identity"}),
            "t": ("target", {"columns": ("t",)}),
            "E": "half_squared_error",
        },
        ["x h", "h o", "o E:prediction", "t E:target"],
    )


def test_the_two_errors_beside_a_number_make_its_difference() -> None:
    document, columns = mazur()
    for check in _checked(document, columns):
        assert check.step > 0
        assert check.numeric == (check.ahead - check.behind) / (2 * check.step)
        assert check.ahead + check.behind == pytest.approx(2 * 0.298371109, rel=1e-4)
