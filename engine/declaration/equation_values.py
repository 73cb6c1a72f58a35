"""What an equation gives with numbers: one row of a batch, component by component."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from engine.arrays.aliases import Array
from engine.declaration.equations import (
    Equation,
    EquationError,
    indices_of,
    is_sum,
    name_of,
    names_in,
    range_of_sum,
    subscripts,
)

Value: TypeAlias = float | Array | Sequence[Array] | Callable[[Any], Any]

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "σ": lambda x: 1 / (1 + np.exp(-x)),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "cosh": np.cosh,
    "sin": np.sin,
    "cos": np.cos,
    "abs": np.abs,
    "sign": np.sign,
    "min": min,
    "max": max,
    "Φ": lambda x: math.erfc(-x / math.sqrt(2)) / 2,
    "φ": lambda x: np.exp(-x * x / 2) / math.sqrt(2 * math.pi),
}
"""Functions that equations may call."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names of an equation stand for.

    Parameters
    ----------
    values : mapping
        Name → number, vector (n,), matrix (m, n), or one array for each input of a variadic port;
        functions (``f``) by name too.
    rules : mapping
        Name → the equation that says what it is.
    indices : mapping
        Index → its number, counted from 0.
    at : int
        The component that a name without index stands for.
    """

    values: Mapping[str, Value]
    rules: Mapping[str, Equation] = field(default_factory=dict)
    indices: Mapping[str, int] = field(default_factory=dict)
    at: int = 0

    def bind(self, **indices: int) -> Scope:
        """Return the same scope with indices set."""
        return replace(self, indices={**self.indices, **indices})


@np.errstate(all="ignore")
def evaluate(node: ast.expr, scope: Scope) -> Any:
    """Return the number that an expression gives.

    Raises `EquationError` if it names something unknown.
    """
    match node:
        case ast.Constant(value=number):
            return np.float64(number)  # type: ignore[arg-type]  # read as a number
        case ast.Name(id=name):
            return _named(name, [], scope)
        case ast.Subscript():
            places = [int(evaluate(index, scope)) for index in indices_of(node)]
            return _named(name_of(node), places, scope)
        case ast.UnaryOp(operand=inner):
            return -evaluate(inner, scope)
        case ast.BinOp(left=left, op=sign, right=right):
            return _BINARY[type(sign)](evaluate(left, scope), evaluate(right, scope))
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return _COMPARISONS[type(sign)](evaluate(left, scope), evaluate(right, scope))
        case ast.IfExp(test=test, body=body, orelse=other):
            return evaluate(body if evaluate(test, scope) else other, scope)
        case ast.Call(func=ast.Name(id=name), args=args) if not is_sum(node):
            return _function(name, scope)(*[evaluate(one, scope) for one in args])
        case ast.Call(func=ast.Name(id=name), args=[_, body]):
            parts = [evaluate(body, inner) for inner in parts_of_sum(node, scope)]
            return sum(parts, np.float64(0)) if name == "Σ" else math.prod(parts)
    raise EquationError(f"{ast.unparse(node)!r} has no value")


def parts_of_sum(call: ast.Call, scope: Scope) -> Iterator[Scope]:
    """Yield the scopes that a Σ or Π runs over: its index set to each number."""
    index, condition = range_of_sum(call)
    count = _span(index, [call.args[1]], scope)
    if count is None:
        raise EquationError(f"how far {index!r} runs cannot be told")
    for number in range(count):
        bound = scope.bind(**{index: number})
        if condition is None or evaluate(condition, bound):
            yield bound


def fill(equation: Equation, scope: Scope, width: int) -> Array:
    """Return all components of ``z`` or ``E`` by its equation."""
    result = np.full(width, np.nan)
    scope = replace(scope, values={**scope.values, name_of(equation.left): result})
    indices = indices_of(equation.left)
    if not indices:
        return np.array([evaluate(equation.right, replace(scope, at=c)) for c in range(width)])
    for bound in _assignments(_index_names(indices, scope), equation, scope):
        result[int(evaluate(indices[0], bound))] = evaluate(equation.right, bound)
    return result


def jacobian(
    equation: Equation, scope: Scope, width: int, by: Array, which: int | None = None
) -> Array:
    """Return all local derivatives by one array, (width, *its shape).

    Parameters
    ----------
    equation : Equation
        ∂left/∂by = right. What it does not mention is 0.
    width : int
        Components of the left side.
    by : array
        The array that stands for the one below.
    which : int, optional
        Its number among the inputs of a variadic port.
    """
    assert equation.by is not None
    result = np.zeros((width, *by.shape))
    above, below = indices_of(equation.left), indices_of(equation.by)
    if which is not None:
        number, *below = below
        scope = scope.bind(**{number.id: which}) if isinstance(number, ast.Name) else scope
    if not above and not below:
        for c in range(width):
            result[c, min(c, len(by) - 1)] = evaluate(equation.right, replace(scope, at=c))
        return result
    for bound in _assignments(_index_names([*above, *below], scope), equation, scope):
        place = [int(evaluate(index, bound)) for index in (*above, *below)]
        result[tuple(place if above else [0, *place])] = evaluate(equation.right, bound)
    return result


def _named(name: str, places: list[int], scope: Scope) -> Any:
    if name in scope.indices and not places:
        return scope.indices[name]
    if name == "δ" and len(places) == 2:
        return np.float64(places[0] == places[1])
    if name in scope.values:
        return _component(scope.values[name], places, scope.at)
    if name == "π":
        return math.pi
    if name not in scope.rules:
        raise EquationError(f"nothing is known of {name!r}")
    rule = scope.rules[name]
    indices = [name_of(i) for i in indices_of(rule.left) if isinstance(i, ast.Name)]
    return evaluate(
        rule.right, scope.bind(**dict(zip(indices, places or [scope.at], strict=False)))
    )


def _component(value: Any, places: list[int], at: int) -> Any:
    if isinstance(value, Sequence):
        value, places = value[places[0]], places[1:]
    array = np.atleast_1d(value)
    if array.ndim == 1 and not places:
        return array[min(at, len(array) - 1)]
    return array[tuple(places)]


def _function(name: str, scope: Scope) -> Callable[..., Any]:
    found = scope.values.get(name, FUNCTIONS.get(name))
    if not callable(found):
        raise EquationError(f"nothing is known of the function {name!r}")
    return found


def _index_names(indices: Sequence[ast.expr], scope: Scope) -> list[str]:
    """Return the free indices: what is neither known nor has a rule."""
    known = scope.values.keys() | scope.rules.keys() | scope.indices.keys()
    names = [name for index in indices for name in names_in(index)]
    return [name for name in dict.fromkeys(names) if name not in known]


def _assignments(names: Sequence[str], equation: Equation, scope: Scope) -> Iterator[Scope]:
    """Yield the scopes in which the free indices have every value; one may bound another."""
    if not names:
        yield scope
        return
    places = [place for place in (equation.left, equation.by) if place is not None]
    spans = {name: _span(name, [*places, equation.right], scope) for name in names}
    first, count = next(((n, c) for n, c in spans.items() if c is not None), (names[0], None))
    if count is None:
        raise EquationError(f"how far {first!r} runs cannot be told")
    for number in range(count):
        rest = [name for name in names if name != first]
        yield from _assignments(rest, equation, scope.bind(**{first: number}))


def _span(index: str, nodes: Sequence[ast.expr], scope: Scope) -> int | None:
    """Return how far an index runs: as far as the arrays that it stands in alone."""
    for node in nodes:
        for found in subscripts(node):
            for position, place in enumerate(indices_of(found)):
                if isinstance(place, ast.Name) and place.id == index:
                    length = _length(found, position, scope)
                    if length is not None:
                        return length
    return None


def _length(found: ast.Subscript, position: int, scope: Scope) -> int | None:
    name, indices = name_of(found), indices_of(found)
    if name in scope.rules:
        rule = scope.rules[name]
        index = indices_of(rule.left)[position]
        return _span(name_of(index), [rule.right], scope) if isinstance(index, ast.Name) else None
    value: Any = scope.values.get(name)
    if isinstance(value, Sequence) and position:
        first = indices[0]
        if isinstance(first, ast.Name) and first.id not in scope.indices:
            return None
        value, position = value[int(evaluate(first, scope))], position - 1
    if value is None or callable(value):
        return None
    return len(value) if position == 0 else int(value.shape[position])
