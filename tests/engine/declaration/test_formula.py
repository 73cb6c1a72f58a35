"""Formulas: read like Python reads them, and nothing beyond arithmetic is accepted."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from engine.compiler.compile import compile_document
from engine.declaration.formula import DEEPEST, LONGEST, FormulaError, FormulaTerm, Variable, parse
from engine.declaration.op import Array
from engine.errors import PlanError
from engine.interpreter.interpreter import backward, forward
from engine.library import library, ops
from graph.errors import WidthMismatch
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Node

FUNCTIONS = {
    "sin": np.sin,
    "tanh": np.tanh,
    "abs": np.abs,
    "square": np.square,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "log": np.log,
}
OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
ROWS = {"p": np.array([[0.7, 1.9], [-1.3, 0.4], [0.2, -0.6]]), "q": np.array([[2.0], [0.5], [-3]])}


def evaluated(node: ast.expr, variables: dict[str, Array]) -> Array | float:
    """Evaluate a formula by walking its tree with NumPy: the outside truth."""
    found: Array | float
    match node:
        case ast.Constant(value=float() | int() as number):
            return float(number)
        case ast.Name(id=name):
            return variables[name]
        case ast.UnaryOp(operand=inner):
            return -evaluated(inner, variables)
        case ast.Call(func=ast.Name(id=name), args=[inner]):
            found = FUNCTIONS[name](evaluated(inner, variables))
            return found
        case ast.BinOp(left=left, op=sign, right=right):
            found = OPERATORS[type(sign)](evaluated(left, variables), evaluated(right, variables))
            return found
    raise AssertionError(ast.dump(node))


def network(formula: str, edges: int = 2) -> Document:
    """Return inputs p and q wired to a formula; further edges come from p again."""
    document = Document(library())
    names = ["p", "q", *["p"] * (edges - 2)][:edges]
    document.apply(
        Batch(
            (
                *(AddNode(Node(n, "input", params={"columns": (n,)})) for n in ("p", "q")),
                AddNode(Node("f", "expression", params={"formula": formula})),
                *(
                    Connect(Edge(f"w{i}", source, "f", "inputs", i))
                    for i, source in enumerate(names)
                ),
            )
        )
    )
    return document


def run(formula: str, edges: int = 2) -> Array:
    plan = compile_document(network(formula, edges), {"p": 2, "q": 1})
    result: Array = forward(plan, np.zeros(0), ROWS).values[plan.outputs["f"]]
    return result


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    exponents = st.sampled_from(["2", "3", "-1", "0.5", "1"])
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map("({0[0]} {0[1]} {0[2]})".format),
        st.tuples(inner, st.sampled_from("+-*/"), inner).map("{0[0]}{0[1]}{0[2]}".format),
        st.tuples(inner, exponents).map("({0[0]})**{0[1]}".format),
        inner.map("-{}".format),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map("{0[0]}({0[1]})".format),
    )


formulas = st.recursive(
    st.sampled_from(["x1", "x2", "a", "b", "x", "y", "2", "0.5", "3", "1e-3"]),
    combined,
    max_leaves=12,
)


@given(formulas)
@example("x1*x1 + x1*x2")
@example("2 - x1/3 - -x2**2")
@example("x1")
@example("5")
@example("1 + 2*x1 + 3 + x2 + (x1 + x2)")
@settings(max_examples=60, deadline=None)
def test_formulas_mean_what_python_says(formula: str) -> None:
    p, q = ROWS["p"], ROWS["q"]
    names = {"x1": p, "a": p, "x": p, "x2": q, "b": q, "y": q}
    try:
        with np.errstate(all="ignore"):
            expected = evaluated(ast.parse(formula, mode="eval").body, names)
    except (ZeroDivisionError, OverflowError):
        with pytest.raises(PlanError, match=r"no value|too large"):
            run(formula)
        return
    assume(not np.iscomplexobj(expected))
    with np.errstate(all="ignore"):
        found = run(formula)
    assume(np.isfinite(expected).all())
    # the operations are the same ones in the same order, but a − 3 is 1·a + (−3)
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), rtol=1e-12)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x1 × x2", lambda p, q: p * q),
        ("x₁ − 2·x₂", lambda p, q: p - 2 * q),
        ("pi * b", lambda p, q: math.pi * q),
        ("2**x1", lambda p, q: 2**p),
        ("exp(x1)**x2", lambda p, q: np.exp(p) ** q),
        ("c + b", lambda p, q: p + q),
        ("z + y", lambda p, q: p + q),
        (" x3\n+ 0 ", lambda p, q: p),
        ("sigmoid(relu(b))", lambda p, q: 1 / (1 + np.exp(-np.maximum(q, 0)))),
        ("+b", lambda p, q: q),
    ],
)
def test_spelling(formula: str, expected: Any) -> None:
    np.testing.assert_allclose(run(formula, 3), expected(ROWS["p"], ROWS["q"]), rtol=1e-14)


def test_inputs_follow_the_order_of_the_wires() -> None:
    document = network("x1 - x2")
    document.apply(AddNode(Node("g", "expression", params={"formula": "a - b"})))
    document.apply(Connect(Edge("first", "p", "g", "inputs", 1)))
    document.apply(Connect(Edge("second", "q", "g", "inputs", 0)))
    plan = compile_document(document, {"p": 2, "q": 1})
    values = forward(plan, np.zeros(0), ROWS).values
    np.testing.assert_array_equal(values[plan.outputs["g"]], -values[plan.outputs["f"]])


def test_a_formula_is_differentiated_like_everything_else() -> None:
    document = network("x1*x2 + sin(x1)/x2")
    document.apply(AddNode(Node("t", "constant", params={"value": (0.0, 0.0)})))
    document.apply(AddNode(Node("E", "half_squared_error")))
    document.apply(Connect(Edge("f-E", "f", "E", "prediction")))
    document.apply(Connect(Edge("t-E", "t", "E", "target")))
    plan = compile_document(document, {"p": 2, "q": 1})
    run = forward(plan, np.zeros(0), ROWS)
    deltas = backward(plan, np.zeros(0), run).deltas
    p, q, z = ROWS["p"], ROWS["q"], run.values[plan.outputs["f"]]
    by_p = z * (q + np.cos(p) / q) / 3
    by_q = (z * (p - np.sin(p) / q**2)).sum(axis=1, keepdims=True) / 3
    np.testing.assert_allclose(deltas[plan.outputs["p"]], by_p, rtol=1e-13)
    np.testing.assert_allclose(deltas[plan.outputs["q"]], by_q, rtol=1e-13)


def test_terms_are_few() -> None:
    assert parse("2*x1 + 3", 1, set()) == FormulaTerm(
        "scale", (Variable(0),), {"factor": 2.0, "offset": 3.0}
    )
    assert parse("a + b + c", 3, set()) == FormulaTerm(
        "sum", (Variable(0), Variable(1), Variable(2))
    )
    assert parse("2 + 3*4", 0, set()) == FormulaTerm("constant", (), {"value": (14.0,)})


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("", "the formula is empty"),
        ("x1 +", "at character 5 of the formula: it cannot be read"),
        ("x1 $ 2", "at character 4 of the formula"),
        ("x1 + x9", "at character 6 .*'x9' is input 9; the connected wires are x1 and x2"),
        ("foo + 1", "at character 1 .*'foo' is no variable"),
        ("x1 * sin", r"'sin' needs its input in brackets: sin\(x1\)"),
        ("sin(x1, x2)", "takes exactly one input"),
        ("sin()", "takes exactly one input"),
        ("sin(x=x1)", "takes exactly one input"),
        ("sin(*x1)", "only numbers, inputs"),
        ("eval(x1)", "'eval' is no function; use one of"),
        ("softmax(x1)", "'softmax' is no function"),
        ("__import__('os')", "'__import__' is no function"),
        ("x1.real", "at character 1 .*only numbers, inputs"),
        ("().__class__", "only numbers, inputs"),
        ("x1.__class__()", "takes exactly one input"),
        ("x1[0]", "only numbers, inputs"),
        ("[x1 for x1 in x2]", "only numbers, inputs"),
        ("lambda: x1", "only numbers, inputs"),
        ("x1 if x2 else 0", "only numbers, inputs"),
        ("x1 < x2", "only numbers, inputs"),
        ("x1 // x2", "only numbers, inputs"),
        ("x1 @ x2", "only numbers, inputs"),
        ("not x1", "only numbers, inputs"),
        ("(x1 := 2)", "only numbers, inputs"),
        ("f'{x1}'", "only numbers, inputs"),
        ("x1 ^ 2", r"'\^' is no power; write \*\*"),
        ("True", "True is no real number"),
        ("'a'", "'a' is no real number"),
        ("2j * x1", "2j is no real number"),
        ("1e999", "too large"),
        ("9**9**9**9", "no value"),
        ("x1 + 1/0", "at character 6 .*no value"),
        ("(-8)**0.5", "no real number"),
        ("(-2)**x1", "no value"),
        ("x1;x2", "cannot be read"),
        ("x1 = 2", "cannot be read"),
        ("x1\x00", "cannot be read"),
        ("-" * (DEEPEST + 5) + "x1", "nested too deeply"),
        ("(" * 300 + "x1" + ")" * 300, "cannot be read"),
        ("x1" + "+x1" * LONGEST, "characters; 1000 are allowed"),
        ("ä + x1 + ß", "at character 1 .*'ä' is no variable"),
        ("x1 + 2*ß", "at character 8 "),
    ],
)
def test_what_is_refused(formula: str, text: str) -> None:
    functions = {kind for kind, op in ops().items() if op.elementwise}
    with pytest.raises(FormulaError, match=text):
        parse(formula, 2, functions)


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_is_understood_or_refused(text: str) -> None:
    with suppress(FormulaError):
        parse(text, 2, {"sin"})


def test_widths_of_a_formula() -> None:
    spec = library()["expression"]
    assert spec.width({"formula": "x1 + x2"}, {"inputs": (3, 1)}) == 3
    assert spec.width({"formula": "x2 + 1"}, {"inputs": (3, 1)}) == 1
    with pytest.raises(WidthMismatch, match="width 2 with one of width 3"):
        spec.width({"formula": "x1 * x2"}, {"inputs": (3, 2)})
    with pytest.raises(WidthMismatch, match="at character 1"):
        spec.width({"formula": "nope"}, {"inputs": (3,)})


def test_a_wrong_formula_is_a_problem_of_its_node() -> None:
    with pytest.raises(PlanError, match=r"^f\.inputs: at character 4 of the formula") as caught:
        compile_document(network("x1 nope"), {"p": 2, "q": 1})
    assert caught.value.node == "f"
