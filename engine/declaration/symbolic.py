"""The symbolic side of an operation: its formula and local derivatives as text and as numbers.

For explanations, LaTeX and help. `Op.equations` declares it, `Op.symbolic` gives it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce
from typing import Any

import numpy as np

from engine.arrays.aliases import Array
from engine.declaration.equation_text import equation_latex, equation_text, latex, plain_text
from engine.declaration.equation_values import Scope, Value, evaluate, fill, jacobian, parts_of_sum
from engine.declaration.equations import (
    Equation,
    EquationError,
    Place,
    indices_of,
    is_sum,
    name_of,
    read_equation,
)

_DIGITS = (4, 6, 8, 10, 12, 15, 17)
"""Of the result of an equation opened to numbers; of what it is made of as many as give it."""

_WHOLE = 1e7  # up to here numbers are written out, without an exponent
_EXACT = 1e-13


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

    def derivative_formula(
        self, place: str, which: int | None, letters: Mapping[str, str], at: tuple[int, int]
    ) -> str:
        """Return the right side of a derivative as text; empty if it is not declared.

        ``letters`` says what to call names in it, ``at`` is the component above and that below:
        ``ŷⱼ − tⱼ`` becomes ``h[2] − y[2]``.
        """
        found = self.derivative(place, which)
        if found is None or found.by is None:
            return ""
        sides = zip((found.left, found.by), at, strict=True)
        called = {
            index.id: str(component)
            for side, component in sides
            for index in indices_of(side)
            if isinstance(index, ast.Name)
        } | self._called(letters)

        def known(node: ast.expr) -> str | None:
            if isinstance(node, ast.Subscript):
                indices = [plain_text(one, known) for one in indices_of(node)]
                name = name_of(node)
                if name == "δ":  # Kronecker's
                    return str(int(len(set(indices)) == 1))
                return f"{called.get(name, name)}[{','.join(indices)}]"
            return called.get(getattr(node, "id", ""))

        return plain_text(found.right, known)

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
        *,
        as_latex: bool = False,
    ) -> tuple[str, ...]:
        """Return a derivative opened: as text, with numbers, and its value.

        ``("σ(x)·(1 − σ(x))", "0.75·(1 − 0.75)", "0.1875")``; nothing if no equation is declared.
        Of wide values it is that of the first components; ``which`` is the number of the input,
        ``letters`` says what to call a port, slot or name in the text, without its index.
        """
        equation = self.derivative(place, which)
        if equation is None or equation.by is None:
            return ()
        indices = [*indices_of(equation.by), *indices_of(equation.left)]
        names = [index.id for index in indices if isinstance(index, ast.Name)]
        first = {names[0]: which} if names and isinstance(given.get(place), Sequence) else {}
        scope = self.scope(given).bind(**{**dict.fromkeys(names, 0), **first})
        called, write = self._called(letters or {}), latex if as_latex else plain_text

        def known(node: ast.expr) -> str | None:
            return called.get(name_of(node) if isinstance(node, Place) else "")

        symbols = write(equation.right, known)
        if isinstance(equation.right, ast.IfExp) and not as_latex:
            symbols = f"({symbols})"
        numbers, value = with_numbers(equation.right, scope)
        value = value.replace("−", "-") if as_latex else value
        return tuple(dict.fromkeys([symbols, write(numbers), value]))

    def _called(self, letters: Mapping[str, str]) -> dict[str, str]:
        """Return what names are called of which it is said what their port or slot is called."""
        named = {name: letters[place] for name, place in self.names.items() if place in letters}
        return {**letters, **named}

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


def number_text(number: float, digits: int = _DIGITS[0]) -> str:
    """Return a number with so many significant digits; all of those before the point.

    Zeros at its end are written where the number goes on after them.
    """
    number += 0.0  # −0 is 0
    size = abs(number)
    if 10.0**digits <= size < _WHOLE:
        return f"{number:.0f}".replace("-", "−")
    text = f"{number:.{digits}g}"
    if size < float("inf") and abs(float(text) - number) > _EXACT * size:
        text = f"{number:#.{digits}g}".removesuffix(".")
    return text.replace("-", "−")


def _reads_alike(one: str, other: str) -> bool:
    """Tell whether two numbers are the same as they are written, but for zeros at the end."""
    return float(one.replace("−", "-")) == float(other.replace("−", "-"))


def with_numbers(node: ast.expr, scope: Scope) -> tuple[ast.expr, str]:
    """Return an expression with numbers, as many digits of them as give its shown value."""
    value = number_text(evaluate(node, scope))
    for digits in _DIGITS:
        numbers = _put_numbers(node, scope, digits)
        if _reads_alike(number_text(evaluate(numbers, scope)), value):
            break
    return numbers, value


def _put_numbers(node: ast.expr, scope: Scope, digits: int) -> ast.expr:
    """Put rounded numbers for names, functions and the parts of a Σ; of cases take one."""
    match node:
        case ast.IfExp(test=test, body=body, orelse=other):
            return _put_numbers(body if evaluate(test, scope) else other, scope, digits)
        case ast.Call(func=ast.Name(id=name), args=[_, body]) if is_sum(node):
            parts = [_put_numbers(body, one, digits) for one in parts_of_sum(node, scope)]
            sign = ast.Add() if name == "Σ" else ast.Mult()
            if parts:
                return reduce(lambda left, right: ast.BinOp(left, sign, right), parts)
        case ast.BinOp(left=left, op=operator, right=right):
            first, second = (_put_numbers(one, scope, digits) for one in (left, right))
            return ast.BinOp(first, operator, second)
        case ast.UnaryOp(op=operator, operand=inner):
            return ast.UnaryOp(operator, _put_numbers(inner, scope, digits))
        case ast.Constant():
            return node
    return ast.Constant(float(f"{evaluate(node, scope):.{digits}g}"))
