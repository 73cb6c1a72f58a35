"""What one edge's derivative is made of: the target's equation, opened to numbers."""

from __future__ import annotations

from collections.abc import Mapping

from engine.declaration.equation_values import Value
from engine.declaration.equations import EquationError
from engine.declaration.op import Op
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
    symbolic = op.symbolic(params)
    text = symbolic.derivative_text(port, which)
    numbers: tuple[str, ...] = ()
    if given is not None:
        try:
            numbers = symbolic.steps(port, {**given, **_numbers(params)}, which or 0)[1:]
        except EquationError:  # noise that is not given
            numbers = ()
    return " = ".join([text, *numbers])


def slope(op: Op, params: Params, s: float | None = None) -> str:
    """Return f′(s) of an activation as text, opened to numbers at ``s``.

    ``f′(s) = σ(s)·(1 − σ(s)) = 0.75·(1 − 0.75) = 0.1875``; empty if it declares no equations.
    """
    given: dict[str, Value] = {"x": 0.0 if s is None else s, **_numbers(params)}
    steps = op.symbolic(params).steps("x", given, letters={"x": "s"})
    return " = ".join(["f′(s)", *(steps[:1] if s is None else steps)]) if steps else ""


def _numbers(params: Params) -> dict[str, Value]:
    return {name: value for name, value in params.items() if isinstance(value, int | float)}
