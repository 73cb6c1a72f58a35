"""The terms of an equation that is a sum over components: E = ½·Σ(j, (ŷ[j] − t[j])²)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass

from engine.declaration.equation_text import plain_text
from engine.declaration.equation_values import Scope, Value, evaluate
from engine.declaration.equations import (
    Equation,
    indices_of,
    is_sum,
    name_of,
    names_in,
    range_of_sum,
    subscripts,
)
from engine.declaration.symbolic import Symbolic, with_numbers

Called = Callable[[str, int], str]
"""Says what component of which port is called: ``("prediction", 2)`` → ``h(x)[2]``."""


@dataclass(frozen=True, slots=True)
class Summands:
    """A number that is a sum over components, each of which depends on that component alone.

    Parameters
    ----------
    symbolic : Symbolic
        The operation's equations.
    index : str
        What the sum runs over.
    term : expression
        One term, factors before the Σ in it.
    """

    symbolic: Symbolic
    index: str
    term: ast.expr

    def text(self, component: int, called: Called) -> str:
        """Return a term with symbols."""

        def known(node: ast.expr) -> str | None:
            if isinstance(node, ast.Subscript):
                name = name_of(node)
                return called(self.symbolic.names.get(name, name), component)
            return None

        return plain_text(self.term, known)

    def numbers(self, component: int, given: Mapping[str, Value]) -> str:
        """Return a term with numbers, as many digits of them as its shown value needs."""
        numbers, _ = with_numbers(self.term, self._scope(component, given))
        return plain_text(numbers)

    def value(self, component: int, given: Mapping[str, Value]) -> float:
        """Return the number of a term; ``given`` as of `Symbolic.value`."""
        return float(evaluate(self.term, self._scope(component, given)))

    def _scope(self, component: int, given: Mapping[str, Value]) -> Scope:
        return self.symbolic.scope(given).bind(**{self.index: component})


def summands_of(symbolic: Symbolic, ports: frozenset[str]) -> Summands | None:
    """Return the terms of an operation's output; None if it is no such sum over its ports."""
    formula = symbolic.formula
    if formula is None or indices_of(formula.left):
        return None
    whole = _without_sum(deepcopy(formula))
    if whole is None:
        return None
    index, term = whole
    alone = all(
        [getattr(place, "id", "") for place in indices_of(found)] == [index]
        and symbolic.names.get(name_of(found), name_of(found)) in ports
        for found in subscripts(term)
    )
    others = {name_of(rule.left) for rule in symbolic.where}
    return Summands(symbolic, index, term) if alone and not others & set(names_in(term)) else None


def _without_sum(formula: Equation) -> tuple[str, ast.expr] | None:
    """Return the index of the Σ that is all of an equation but for factors, and one term."""
    node = formula.right
    put: tuple[ast.expr, str] | None = None
    whole = node
    while not is_sum(node):
        match node:
            case ast.UnaryOp(operand=inner):
                put, node = (node, "operand"), inner
            case ast.BinOp(op=ast.Mult(), right=inner):
                put, node = (node, "right"), inner
            case _:
                return None
    assert isinstance(node, ast.Call)
    index, condition = range_of_sum(node)
    if condition is not None or node.func.id != "Σ":  # type: ignore[attr-defined]  # a name, as read
        return None
    body = node.args[1]
    if put is None:
        return index, body
    setattr(*put, body)
    return index, whole
