"""Every operation's equations give what its function and its derivative compute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.declaration.op import Array, Op, op
from engine.interpreter.interpreter import backward, forward
from engine.interpreter.parameter_vector import views
from engine.library import ops
from graph.model.kinds import Role
from tests.engine.documents import draw
from tests.engine.ops.cases import PRIMITIVE, Case, cases

ROWS = 2
CASES = [case for op in PRIMITIVE for case in cases(op) if case.rows == 5]
# sums of at most 24 terms of size ≤ 100 in float64, in another order than the operation's
TOLERANCE = 1e-11


def given(case: Case, ports: list[Array], keywords: dict[str, Any], row: int) -> dict[str, Any]:
    """Return what the equations' names stand for in one row."""
    spec = case.op.spec
    values: dict[str, Any] = {}
    if spec.ports and spec.ports[0].variadic:
        values[spec.ports[0].name] = [array[row] for array in ports]
    else:
        values |= {p.name: array[row] for p, array in zip(spec.ports, ports, strict=True)}
    context: Any = keywords.get("context")
    values |= {name: value for name, value in keywords.items() if name != "context"}
    if spec.role in (Role.INPUT, Role.TARGET):
        values["columns"] = np.concatenate([context.columns[c][row] for c in values["columns"]])
    if spec.role is Role.PENALTY:
        values["parameters"] = np.concatenate([array.ravel() for array in context.parameters])
    if "value" in values:
        values["value"] = np.array(values["value"])
    if "saved" in values:
        saved = values["saved"]
        values["saved"] = saved[row] if isinstance(saved, np.ndarray) else np.ones(1)
    return values


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2026)


@pytest.mark.parametrize("kind", list(ops()))
def test_every_operation_has_equations(kind: str) -> None:
    symbolic = ops()[kind].symbolic()
    assert symbolic.formula is not None, f"{kind} declares no equations"
    assert symbolic.latex()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_equations_give_the_numbers_of_function_and_derivative(
    case: Case, rng: np.random.Generator
) -> None:
    op, spec = case.op, case.op.spec
    ports, slots = case.ports(rng), case.slots(rng)
    keywords: dict[str, Any] = {**spec.complete(case.params), **slots}
    if op.takes_context:
        keywords["context"] = case.context(rng)
    output = op.forward(*ports, **keywords)
    if op.saves:
        output, keywords["saved"] = output
    symbolic = op.symbolic(case.params)
    for row in range(min(ROWS, len(output))):
        values = given(case, ports, keywords, row)
        found = symbolic.value(values, output.shape[1])
        np.testing.assert_allclose(found, output[row], TOLERANCE, TOLERANCE)
    if op.backward is None:
        return
    delta = np.zeros_like(output)
    row = len(output) - 1
    delta[row] = rng.standard_normal(output.shape[1])
    result = op.backward(delta, output, *ports, **keywords)
    gradients = [result] if isinstance(result, np.ndarray) else list(result)
    values = given(case, ports, keywords, row)
    for (place, which), gradient in zip(places(op, len(ports), slots), gradients, strict=False):
        expected = np.concatenate([g.ravel() for g in gradients if g is not None])
        if spec.role is not Role.PENALTY:
            assert gradient is not None
            expected = gradient[row] if place not in slots else gradient
        local = symbolic.jacobian(place, values, output[row], which)
        np.testing.assert_allclose(
            np.tensordot(delta[row], local, 1), expected, TOLERANCE, TOLERANCE, err_msg=place
        )


@pytest.mark.parametrize("activation", sorted(k for k, op in ops().items() if op.elementwise))
@pytest.mark.parametrize("bias", [True, False])
def test_equations_of_a_neuron(activation: str, bias: bool, rng: np.random.Generator) -> None:
    if activation in {"log", "sqrt", "power", "scale"}:
        return  # not of every net input, or no activation
    x = [rng.standard_normal((1, width)) for width in (2, 3)]
    nodes = {f"x{i}": ("input", {"columns": (f"x{i}",)}) for i in range(2)}
    params = {"units": 4, "activation": activation, "bias": bias}
    document = draw({**nodes, "h": ("neuron", params)}, ["x0 h:inputs", "x1 h:inputs"])
    plan = compile_document(document, {"x0": 2, "x1": 3})
    theta = rng.standard_normal(plan.size)
    run = forward(plan, theta, {"x0": x[0], "x1": x[1]})
    s, z = run.values[plan.nets["h"]][0], run.values[plan.outputs["h"]][0]
    f, slots = (
        ops()[activation],
        dict(zip([p.name for p in plan.parameters], views(plan, theta), strict=True)),
    )
    given: dict[str, Any] = {
        "inputs": [array[0] for array in x],
        "weight": [slots[name] for name in slots if name.endswith("weight")],
        "bias": slots.get("h.bias", np.zeros(4)),
        "f": lambda one: f.symbolic().value({"x": np.array([one]), **params_of(f)}, 1)[0],
        "f_prime": lambda one: slope(f, one),
    }
    symbolic = ops()["neuron"].symbolic({"bias": bias})
    np.testing.assert_allclose(symbolic.value(given, 4), z, TOLERANCE, TOLERANCE)
    slopes = np.array([slope(f, one) for one in s])
    for which in range(2):
        found = symbolic.jacobian("inputs", given, z, which)
        expected = slopes[:, None] * given["weight"][which]
        np.testing.assert_allclose(found, expected, TOLERANCE, TOLERANCE)
        found = symbolic.jacobian("weight", given, z, which)
        expected = np.einsum("ab,a,j->abj", np.eye(4), slopes, x[which][0])
        np.testing.assert_allclose(found, expected, TOLERANCE, TOLERANCE)
    if bias:
        found = symbolic.jacobian("bias", given, z)
        np.testing.assert_allclose(found, np.diag(slopes), TOLERANCE, TOLERANCE)


def params_of(op: Op) -> dict[str, Any]:
    return dict(op.spec.complete({}))


def slope(op: Op, s: float) -> float:
    """Return f′(s) by the operation's own derivative; 0 if it has none."""
    if op.backward is None:
        return 0.0
    at = np.array([[s]])
    params = params_of(op)
    found = op.backward(np.ones((1, 1)), op.forward(at, **params), at, **params)
    assert isinstance(found, np.ndarray)
    return float(found.item())


FORMULAS = [
    "x1",
    "2*sin(x1) - x2**2 / 3 + pi",
    "x1 / (x2*x1 + 3) - -x2",
    "(x1 + 2)**x2 * tanh(a*b)",
    "exp(-x1**2) * elu(x2) + mish(gelu(x1) - 1)",
    "+sqrt(x1*x1 + 1) * leaky_relu(x2) ** 3 + selu(x2)",
    "1.5",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_equations_of_a_typed_formula(formula: str, rng: np.random.Generator) -> None:
    x = [rng.uniform(0.2, 1.5, 3) for _ in range(2)]
    nodes: dict[str, Any] = {f"x{i}": ("input", {"columns": (f"x{i}",)}) for i in range(2)}
    nodes["t"] = ("target", {"columns": ("t",)})
    for i in range(2):  # biases, so that something can be learned
        nodes[f"b{i}"] = ("bias", {"width": 3})
        nodes[f"s{i}"] = ("sum", {})
    nodes |= {"u": ("expression", {"formula": formula}), "E": ("negative_log_likelihood", {})}
    wires = [f"{a}{i} s{i}:inputs" for i in range(2) for a in "xb"] + ["s0 u:inputs", "s1 u:inputs"]
    nodes |= {"y": ("sum", {}), "o": ("constant", {"value": (0.0, 0.0, 0.0)})}
    wires += ["u y:inputs", "o y:inputs", "y E:prediction", "t E:target"]
    document = draw(nodes, wires)
    plan = compile_document(document, {"x0": 3, "x1": 3, "t": 3})
    delta = rng.standard_normal(3)
    columns = {"x0": x[0][None], "x1": x[1][None], "t": -delta[None]}  # E = Σ δ·z
    run = forward(plan, np.zeros(plan.size), columns)
    back = backward(plan, np.zeros(plan.size), run)
    z = run.values[plan.outputs["u"]][0]
    symbolic = ops()["expression"].symbolic({"formula": formula})
    given = {"inputs": x}
    np.testing.assert_allclose(symbolic.value(given, len(z)), z, TOLERANCE, TOLERANCE)
    for which in range(2):
        expected = back.deltas[plan.outputs[f"s{which}"]][0]
        if symbolic.derivative("inputs", which) is None:
            assert not expected.any()
            continue
        local = symbolic.jacobian("inputs", given, z, which)
        np.testing.assert_allclose(delta @ local, expected, 1e-10, 1e-10)


def test_text_of_a_typed_formula_and_its_derivative() -> None:
    symbolic = ops()["expression"].symbolic({"formula": "2*sin(x1) - x2**2 / 3"})
    assert symbolic.lines() == [
        "z = 2·sin(x₁) − x₂²/3",
        "∂z/∂x₁ = 2·cos(x₁)",
        "∂z/∂x₂ = −2·x₂/3",
    ]


@pytest.mark.parametrize(
    ("kind", "place", "given", "steps"),
    [
        ("sigmoid", "x", {"x": -1.0986}, ("σ(x)·(1 − σ(x))", "0.25·(1 − 0.25)", "0.1875")),
        ("relu", "x", {"x": -2.0}, ("(1 if x > 0, else 0)", "0")),
        ("divide", "b", {"a": 3.0, "b": -2.0}, ("−a/b²", "−3/(−2)²", "−0.75")),
        (
            "product",
            "inputs",
            {"inputs": [np.array([2.0]), np.array([3.0]), np.array([5.0])]},
            ("Π(l ≠ k) xₗ", "3·5", "15"),
        ),
        ("softmax", "x", {"x": np.zeros(2), "z": np.array([0.5, 0.5])}, None),
    ],
)
def test_derivatives_open_to_numbers(
    kind: str, place: str, given: dict[str, Any], steps: tuple[str, ...] | None
) -> None:
    expected = steps or ("zᵢ·(δᵢⱼ − zⱼ)", "0.5·(1 − 0.5)", "0.25")
    assert ops()[kind].symbolic().steps(place, given) == expected


def test_wrong_equations_are_noticed(rng: np.random.Generator) -> None:
    right = ops()["sigmoid"]
    wrong = Op(right.spec, right.forward, {}, elementwise=True)
    wrong.backward = right.backward
    wrong.equations("z = σ(x)", "∂z/∂x = σ(x)·(2 − σ(x))")
    with pytest.raises(AssertionError):
        test_equations_give_the_numbers_of_function_and_derivative(Case(wrong, (3,), 5), rng)


def test_an_operation_without_equations_has_the_formula_of_its_help() -> None:
    @op(group="arithmetic")
    def swirl(x: Array) -> Array:
        """Turn around.

        Formula: z = x turned
        """
        return x

    symbolic = swirl.symbolic()
    assert symbolic.lines() == ["z = x turned"]
    assert symbolic.derivative_text("x") == "∂z/∂x"
    assert symbolic.latex() == []
    assert symbolic.steps("x", {"x": 1.0}) == ()


def places(op: Op, inputs: int, slots: dict[str, Array]) -> list[tuple[str, int | None]]:
    """Return where an operation has derivatives: ports, slots, or covered parameters."""
    if op.spec.role is Role.PENALTY:
        return [("parameters", None)]
    ports: list[tuple[str, int | None]] = [(port.name, None) for port in op.spec.ports]
    if op.spec.ports and op.spec.ports[0].variadic:
        ports = [(op.spec.ports[0].name, which) for which in range(inputs)]
    return [*ports, *((name, None) for name in slots)]
