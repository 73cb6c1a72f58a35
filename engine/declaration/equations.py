"""Equations that say what an operation computes: read from text, never evaluated as code.

``z = σ(x)`` treats each component alone, ``z[i] = exp(x[i]) / Σ(k, exp(x[k]))`` names components,
``∂z/∂x[k] = Π(l ≠ k, x[l])`` is a local derivative by the k-th input of a variadic port. The
grammar is that of Python's expressions, cut down to numbers, names, ``+ − · / ^``, indices in
square brackets, calls, comparisons and ``… if … else …``. ``Σ(j, …)`` and ``Π(l ≠ k, …)`` run over
an index; ``δ[i, j]`` is 1 where i = j, else 0.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Place: TypeAlias = ast.Name | ast.Subscript

_SIGNS = str.maketrans(
    {
        "·": "*",
        "−": "-",
        "^": "**",
        "²": "**2",
        "³": "**3",
        "½": "(1/2)",
        "√": "sqrt",
        "′": "_prime",
        "≠": "!=",
        "≤": "<=",
        "≥": ">=",
    }
)
_RAISED = re.compile(r"([^\W\d]\w*?)²\(")
_ALLOWED = (
    *(ast.Constant, ast.Name, ast.Subscript, ast.Tuple, ast.Call, ast.Load),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.UnaryOp, ast.USub),
    *(ast.IfExp, ast.Compare, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq),
)


class EquationError(ValueError):
    """An equation that cannot be read; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Equation:
    """``left = right``, or the derivative ``∂left/∂by = right``."""

    left: Place
    right: ast.expr
    by: Place | None = None


def read_equation(text: str) -> Equation:
    """Read one equation.

    Raises `EquationError` if the text is no equation of the grammar above.
    """
    left, sign, right = text.partition(" = ")
    if not sign:
        raise EquationError(f"{text!r} is no equation; write left = right")
    by: Place | None = None
    if left.startswith("∂"):
        left, sign, below = left[1:].partition("/∂")
        if not sign:
            raise EquationError(f"{text!r}: write a derivative as ∂z/∂x = …")
        by = _place(below, text)
    return Equation(_place(left, text), _expression(right, text), by)


def name_of(place: Place) -> str:
    """Return the name of ``x`` or ``x[i]``."""
    found = place.value if isinstance(place, ast.Subscript) else place
    assert isinstance(found, ast.Name)  # checked when it was read
    return found.id


def indices_of(place: Place) -> list[ast.expr]:
    """Return the indices of ``x[i, j]``: none of a bare name."""
    if isinstance(place, ast.Name):
        return []
    return place.slice.elts if isinstance(place.slice, ast.Tuple) else [place.slice]


def subscripts(node: ast.expr) -> Iterator[ast.Subscript]:
    """Yield every ``x[…]`` in an expression."""
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Subscript))


def names_in(node: ast.expr) -> list[str]:
    """Return the names in an expression, each once."""
    return list(dict.fromkeys(i.id for i in ast.walk(node) if isinstance(i, ast.Name)))


def range_of_sum(call: ast.Call) -> tuple[str, ast.expr | None]:
    """Return the index of a Σ or Π, and the condition on it: ``l`` and ``l != k``."""
    head = call.args[0]
    variable = head.left if isinstance(head, ast.Compare) else head
    assert isinstance(variable, ast.Name)  # checked when it was read
    return variable.id, None if variable is head else head


def is_sum(node: ast.expr) -> bool:
    """Return whether an expression is a Σ or Π over an index."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in "ΣΠ"


def _place(text: str, whole: str) -> Place:
    found = _expression(text, whole)
    if not isinstance(found, ast.Name | ast.Subscript):
        raise EquationError(f"{whole!r}: {text!r} is no name, or name with indices")
    return found


def _expression(text: str, whole: str) -> ast.expr:
    try:
        tree = ast.parse(_raised(text).translate(_SIGNS).strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise EquationError(f"{whole!r}: {text!r} cannot be read") from error
    for node in ast.walk(tree):
        if not _is_allowed(node):
            raise EquationError(f"{whole!r}: {ast.unparse(node)!r} is not allowed")
    return tree


def _raised(text: str) -> str:
    """Return text with ``tanh²(x)`` written as ``(tanh(x))²``."""
    while found := _RAISED.search(text):
        depth, end = 0, found.end() - 1
        for end in range(found.end() - 1, len(text)):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if not depth:
                break
        name, inside = found[1], text[found.end() - 1 : end + 1]
        text = f"{text[: found.start()]}({name}{inside})²{text[end + 1 :]}"
    return text


def _is_allowed(node: ast.AST) -> bool:
    match node:
        case ast.Constant():
            return type(node.value) in (int, float)
        case ast.Call(func=ast.Name(), keywords=[]) if is_sum(node):
            head = node.args[0] if node.args else None
            variable = head.left if isinstance(head, ast.Compare) else head
            return len(node.args) == 2 and isinstance(variable, ast.Name)
        case ast.Call():
            return isinstance(node.func, ast.Name) and not node.keywords
        case ast.Subscript():
            return isinstance(node.value, ast.Name)
        case ast.Compare():
            return len(node.ops) == 1
        case _:
            return isinstance(node, _ALLOWED)
