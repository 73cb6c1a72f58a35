"""The symbolic side of an operation: its formula and local derivatives as text and as numbers.

For explanations, LaTeX and help. `Op.equations` declares it, `Op.symbolic` gives it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from engine.arrays.aliases import Array
from engine.declaration.equation_text import equation_latex, equation_text, plain_text
from engine.declaration.equation_values import Scope, Value, evaluate, fill, jacobian, parts_of_sum
from engine.declaration.equations import (
    Equation,
    EquationError,
    indices_of,
    is_sum,
    name_of,
    read_equation,
)


@dataclass(frozen=True, slots=True)
class Symbolic:
    """An operation's equations for some parameters.

    Parameters
    ----------
    formula : Equation or None
        What the output is; None of an operation that declares no equations.
    derivatives : mapping
        (left name, port or slot) → equation: ``("z", "x")`` → ``∂z/∂x = …``.
    where : tuple
        What the others use: ``u = …``.
    names : mapping
        Name in the equations → port, slot or parameter it stands for.
    text : str
        The formula as text, of an operation without equations too.
    """

    formula: Equation | None
    derivatives: Mapping[tuple[str, str], Equation]
    where: tuple[Equation, ...]
    names: Mapping[str, str]
    text: str

    # -- text ----------------------------------------------------------------------------------

    def derivative_text(self, place: str, which: int | None = None) -> str:
        """Return the local derivative by a port or slot as text: ``∂z/∂x = …``."""
        found = self.derivative(place, which)
        return f"∂z/∂{place}" if found is None else equation_text(found)

    def latex(self) -> list[str]:
        """Return all equations as LaTeX, formula first; none of an operation without equations."""
        if self.formula is None:
            return []
        return [equation_latex(e) for e in (self.formula, *self.where, *self.derivatives.values())]

    def lines(self) -> list[str]:
        """Return all equations as text, formula first."""
        others = map(equation_text, (*self.where, *self.derivatives.values()))
        return [text for text in (self.text, *others) if text]

    def derivative(self, place: str, which: int | None = None) -> Equation | None:
        """Return the derivative of the output by a port or slot, or of what leads to it.

        ``which`` is the number of the input of a variadic port, if each has an equation of its own.
        """
        wanted = (place, f"{place}[{which}]")
        found = [e for (_, below), e in self.derivatives.items() if below in wanted]
        return found[0] if found else None

    # -- numbers -------------------------------------------------------------------------------

    def value(self, given: Mapping[str, Value], width: int) -> Array:
        """Return the output for one row, (width,).

        Parameters
        ----------
        given : mapping
            Port, slot or parameter → its value in the row: (n,) of a port, a sequence of them of
            a variadic one.
        width : int
            Components of the output.
        """
        return fill(self._formula(), self.scope(given), width)

    def jacobian(
        self, place: str, given: Mapping[str, Value], output: Array, which: int | None = None
    ) -> Array:
        """Return ∂output/∂place for one row, (width, *shape of the array at the place).

        Parameters
        ----------
        place, which : str, int
            A port or slot, and the number of the input if the port is variadic.
        given : mapping
            As of `value`.
        output : (width,) array
            The output in this row.
        """
        top = name_of(self._formula().left)
        scope = self.scope({**given, top: output})
        below: Any = given[place] if which is None else given[place][which]  # type: ignore[index]  # of a variadic port
        below = np.asarray(below)
        direct = self.derivative(place, which)
        if direct is not None and name_of(direct.left) == top:
            return jacobian(direct, scope, len(output), below, which)
        result = np.zeros((len(output), *below.shape))
        for (between, under), equation in self.derivatives.items():
            if under == place:
                outer = jacobian(self.derivatives[top, between], scope, len(output), output)
                inner = jacobian(equation, scope, len(output), below, which)
                result += np.tensordot(outer, inner, 1)
        return result

    def steps(
        self,
        place: str,
        given: Mapping[str, Value],
        which: int = 0,
        letters: Mapping[str, str] | None = None,
    ) -> tuple[str, ...]:
        """Return a derivative opened: as text, with numbers, and its value.

        ``("σ(x)·(1 − σ(x))", "0.75·(1 − 0.75)", "0.1875")``; nothing if no equation is declared.
        Of wide values it is that of the first components; ``which`` is the number of the input,
        ``letters`` says what to call names in the text.
        """
        equation = self.derivative(place, which)
        if equation is None or equation.by is None:
            return ()
        indices = [*indices_of(equation.by), *indices_of(equation.left)]
        names = [index.id for index in indices if isinstance(index, ast.Name)]
        first = {names[0]: which} if names and isinstance(given.get(place), Sequence) else {}
        scope = self.scope(given).bind(**{**dict.fromkeys(names, 0), **first})
        called = letters or {}
        texts = [
            plain_text(equation.right, lambda node: called.get(getattr(node, "id", ""))),
            plain_text(equation.right, NumberWriter(scope)),
        ]
        return tuple(dict.fromkeys([*texts, number_text(evaluate(equation.right, scope))]))

    def _formula(self) -> Equation:
        if self.formula is None:
            raise EquationError(f"no equations are declared: {self.text}")
        return self.formula

    def scope(self, given: Mapping[str, Value]) -> Scope:
        """Return what the names of the equations stand for; ``given`` as of `value`."""
        values = {name: given[place] for name, place in self.names.items() if place in given}
        own = {name: value for name, value in given.items() if name not in self.names}
        rules = {name_of(rule.left): rule for rule in self.where}
        return Scope({**_widths(given), **own, **values}, rules)


@cache
def read_symbolic(texts: tuple[str, ...], names: tuple[tuple[str, str], ...]) -> Symbolic:
    """Read an operation's equations, formula first; ``names`` as of `Symbolic`, in pairs.

    Raises `EquationError` if a text is no equation.
    """
    known = dict(names)
    formula, *others = [read_equation(text) for text in texts]
    derivatives = {
        (name_of(e.left), known.get(name_of(e.by), name_of(e.by))): e
        for e in others
        if e.by is not None
    }
    where = tuple(e for e in others if e.by is None)
    return Symbolic(formula, derivatives, where, known, equation_text(formula))


def averaged(symbolic: Symbolic) -> Symbolic:
    """Return the equations of a loss that averages its components: all divided by n."""
    formula, share = symbolic.formula, ast.parse("1/n", mode="eval").body
    assert formula is not None
    mean = replace(formula, right=ast.BinOp(share, ast.Mult(), formula.right))
    derivatives = {
        key: replace(e, right=ast.BinOp(e.right, ast.Div(), ast.Name("n")))
        for key, e in symbolic.derivatives.items()
    }
    return replace(symbolic, formula=mean, derivatives=derivatives, text=equation_text(mean))


def _widths(given: Mapping[str, Value]) -> dict[str, Value]:
    """Return n: the width of the first value, or of each input of a variadic port."""
    first: Any = next(iter(given.values()), 0.0)
    if isinstance(first, Sequence):
        return {"n": np.array([len(one) for one in first], float)}
    return {"n": float(np.size(first))}


def number_text(number: float, digits: int = 4) -> str:
    """Return a number with so many significant digits."""
    return f"{number:.{digits}g}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class NumberWriter:
    """Writes the numbers that names, functions and the parts of a Σ stand for."""

    scope: Scope
    digits: int = 4

    def __call__(self, node: ast.expr) -> str | None:
        """Return the number to write for an expression; None to go on inside it."""
        match node:
            case ast.IfExp(test=test, body=body, orelse=other):
                return plain_text(body if evaluate(test, self.scope) else other, self)
            case ast.Call(func=ast.Name(id=name), args=[_, body]) if is_sum(node):
                inner = parts_of_sum(node, self.scope)
                parts = [plain_text(body, replace(self, scope=scope)) for scope in inner]
                return (" + " if name == "Σ" else "·").join(parts) or None
            case ast.Name() | ast.Subscript() | ast.Call():
                return number_text(evaluate(node, self.scope), self.digits)
        return None
