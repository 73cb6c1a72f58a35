"""Equations: what is read and refused, what they give, how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.declaration.equation_text import equation_latex, equation_text
from engine.declaration.equation_values import Scope, evaluate
from engine.declaration.equations import EquationError, read_equation
from engine.library import ops

NUMBERS: Mapping[str, Any] = {"a": 2.0, "b": -3.0, "c": 0.5}


def value(text: str, **more: Any) -> float:
    return float(evaluate(read_equation(f"z = {text}").right, Scope({**NUMBERS, **more})))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("z", "is no equation; write left = right"),
        ("z = ", "cannot be read"),
        ("z = (a", "cannot be read"),
        ("z = a.b", "'a.b' is not allowed"),
        ("z = __import__('os')", "\"'os'\" is not allowed"),
        ("z = [a for a in b]", "is not allowed"),
        ("z = f(a, key=b)", "is not allowed"),
        ("z = a < b < c", "is not allowed"),
        ("z = 'text'", "is not allowed"),
        ("z = Σ(a + b, a)", "is not allowed"),
        ("f(x) = a", "is no name, or name with indices"),
        ("∂z = a", "write a derivative as ∂z/∂x"),
    ],
)
def test_what_is_no_equation_is_refused(text: str, words: str) -> None:
    with pytest.raises(EquationError, match=words.replace("(", r"\(").replace("[", r"\[")):
        read_equation(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("−a²·b + ½", 12.5),
        ("a^b", 0.125),
        ("√(a·a) − c³", 1.875),
        ("a if a ≥ 2 else b", 2.0),
        ("a if a ≠ 2 else b", -3.0),
        ("Σ(i, x[i]·y[i])", 32.0),
        ("Π(i ≠ 1, x[i])", 3.0),
        ("Σ(i < 2, i·x[i])", 2.0),
        ("δ[1, 1] + δ[0, 1]", 1.0),
        ("max(a, b, 3) + min(a, b)", 0.0),
    ],
)
def test_equations_give_numbers(text: str, expected: float) -> None:
    x, y = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
    assert value(text, x=x, y=y) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("text", ["d", "d(a)", "Σ(i, a)·Σ(i, d[i])"])
def test_what_nothing_is_known_of_has_no_value(text: str) -> None:
    with pytest.raises(EquationError, match=r"nothing is known of|cannot be told"):
        value(text)


LEAVES = st.sampled_from(["a", "b", "c", "1", "2", "½"])


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, st.sampled_from([" + ", " − ", "·", "/"]), inner)
    return st.one_of(
        pairs.map(lambda parts: f"({parts[0]}{parts[1]}{parts[2]})"),
        inner.map(lambda part: f"(−{part})"),
        inner.map(lambda part: f"({part})²"),
        inner.map(lambda part: f"tanh({part})"),
        inner.map(lambda part: f"Σ(i, x[i]·({part}))"),
    )


@given(st.recursive(LEAVES, combined, max_leaves=8))
def test_text_keeps_the_meaning(text: str) -> None:
    """What is written without needless brackets is read again as the same number."""
    equation = read_equation(f"z = {text}")
    again = equation_text(equation).replace("xᵢ", "x[i]")
    while "Σᵢ " in again:  # give each sum its brackets back: it ends with its product
        start = again.rindex("Σᵢ ")
        end, depth = start, 0
        while end < len(again) and not (depth == 0 and again[end : end + 3] in (" + ", " − ")):
            depth += {"(": 1, ")": -1}.get(again[end], 0)
            if depth < 0:
                break
            end += 1
        again = f"{again[:start]}Σ(i, {again[start + 3 : end]}){again[end:]}"
    scope = Scope({**NUMBERS, "x": np.array([1.5, -0.5])})
    with np.errstate(all="ignore"):
        expected = evaluate(equation.right, scope)
        found = evaluate(read_equation(again).right, scope)
    np.testing.assert_allclose(found, expected, 1e-9, 1e-9)


@pytest.mark.parametrize(
    ("kind", "latex"),
    [
        (
            "softmax",
            [
                r"z_{i} = \frac{e^{x_{i}}}{\sum_{k} e^{x_{k}}}",
                r"\frac{\partial z_{i}}{\partial x_{j}} = "
                r"z_{i} \cdot \left(\delta_{i j} - z_{j}\right)",
            ],
        ),
        (
            "relu",
            [
                r"z = \max\left(0, x\right)",
                r"\frac{\partial z}{\partial x} = "
                r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{else} \end{cases}",
            ],
        ),
        (
            "product",
            [
                r"z = \prod_{k} x_{k}",
                r"\frac{\partial z}{\partial x_{k}} = \prod_{l \ne k} x_{l}",
            ],
        ),
    ],
)
def test_latex(kind: str, latex: list[str]) -> None:
    assert ops()[kind].symbolic().latex() == latex


@pytest.mark.parametrize("kind", list(ops()))
def test_latex_is_plain_ascii_with_closed_braces(kind: str) -> None:
    for text in ops()[kind].symbolic().latex():
        assert text.isascii(), text
        assert text.count("{") == text.count("}")
        assert text.count(r"\left") == text.count(r"\right")


def test_latex_of_a_function_s_derivative() -> None:
    assert equation_latex(read_equation("∂z/∂s = f′(s)")) == (
        r"\frac{\partial z}{\partial s} = f'\left(s\right)"
    )
