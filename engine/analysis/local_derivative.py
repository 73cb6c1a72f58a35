"""What one edge's derivative is made of: the target's equation, opened to numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.declaration.equation_text import latex, plain_text
from engine.declaration.equation_values import Value
from engine.declaration.equations import EquationError
from engine.declaration.op import Op
from engine.declaration.symbolic import number_text
from graph.model.kinds import Params


def local_derivative(
    op: Op,
    params: Params,
    port: str,
    given: Mapping[str, Value] | None = None,
    which: int | None = None,
) -> str:
    """Return an operation's derivative by one input as text, opened to numbers if they are given.

    ``∂z/∂b = −a/b² = −3/2² = −0.75``; only ``∂z/∂b`` of an operation that declares no equations.

    Parameters
    ----------
    op, params : Op, mapping
        An operation and its parameters.
    port, which : str, int
        The port, and the number of the input if it is variadic.
    given : mapping, optional
        Values of single numbers at the ports and in the slots, and of the output (``z``).
    """
    text = op.symbolic(params).derivative_text(port, which)
    numbers = () if given is None else derivative_steps(op, params, port, given, which)[1:]
    return " = ".join([text, *numbers])


def derivative_steps(
    op: Op,
    params: Params,
    port: str,
    given: Mapping[str, Value],
    which: int | None = None,
    letters: Mapping[str, str] | None = None,
    *,
    as_latex: bool = False,
) -> tuple[str, ...]:
    """Return the right sides of `local_derivative`: with symbols, with numbers, and the value.

    ``letters`` says what to call the ports and the output (``z``, ``E``) in the symbols.
    """
    symbolic, numbers = op.symbolic(params), {**given, **_numbers(params)}
    try:
        return symbolic.steps(port, numbers, which or 0, letters, as_latex=as_latex)
    except EquationError:  # noise that is not given
        return ()


def slope(op: Op, params: Params, s: float | None = None) -> str:
    """Return f′(s) of an activation as text, opened to numbers at ``s``.

    ``f′(s) = σ(s)·(1 − σ(s)) = 0.75·(1 − 0.75) = 0.1875``; empty if it declares no equations.
    """
    steps = slope_steps(op, params, 0.0 if s is None else s)
    return " = ".join(["f′(s)", *(steps[:1] if s is None else steps)]) if steps else ""


def slope_steps(op: Op, params: Params, s: float, *, as_latex: bool = False) -> tuple[str, ...]:
    """Return the right sides of `slope`: with symbols, with numbers, and the value."""
    numbers = _numbers(params)
    long = {name: number_text(value) for name, value in numbers.items() if len(name) > 1}
    given: dict[str, Value] = {"x": s, **numbers}
    letters = {"x": "s", **long}
    return op.symbolic(params).steps("x", given, letters=letters, as_latex=as_latex)


def opened_formula(op: Op, params: Params) -> dict[str, Any]:
    """Return the right side of an operation's formula, as an explanation has it opened."""
    symbolic = op.symbolic(params)
    if symbolic.formula is not None:
        right = symbolic.formula.right
        return {"opened": (plain_text(right),), "opened_latex": (latex(right),)}
    text = symbolic.text
    return {"opened": (text.partition(" = ")[2] or text,)} if text else {}


def opened_steps(steps: Callable[..., tuple[str, ...]]) -> dict[str, Any]:
    """Return a derivative with symbols, numbers and its value, as an explanation has it opened.

    ``steps`` gives them as text, or as LaTeX if called with ``as_latex``.
    """
    texts, written = steps(), steps(as_latex=True)
    return {"opened": texts, "opened_latex": written if len(written) == len(texts) else ()}


def _numbers(params: Params) -> dict[str, float]:
    return {name: value for name, value in params.items() if isinstance(value, int | float)}
