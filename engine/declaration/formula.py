"""Formulas typed by the user, turned into operations; the text is parsed, never evaluated.

The grammar is that of Python's expressions, cut down to numbers, ``pi``, variables, ``+ - * /
**``, parentheses and calls of one-argument functions. Everything else is refused with its place.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Set
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from graph.model.kinds import ParamValue

LONGEST = 1000
DEEPEST = 50
_SIGNS = str.maketrans("×·−÷₀₁₂₃₄₅₆₇₈₉\n\t", "**-/0123456789  ")
_NUMBERED = re.compile(r"x([1-9]\d{0,5})")
_LETTERS = "abcdefghijklmnopqrstuvw"


class FormulaError(ValueError):
    """A formula that cannot be understood; the text says where and what to write instead."""

    def __init__(self, message: str, position: int | None = None) -> None:
        place = "" if position is None else f"at character {position + 1} of the formula: "
        super().__init__(place + message)


@dataclass(frozen=True, slots=True)
class Variable:
    """The value of an input, numbered from 0."""

    index: int


@dataclass(frozen=True, slots=True)
class FormulaTerm:
    """An operation of a kind on other values, one for each wire into it, in port order."""

    kind: str
    inputs: tuple[FormulaValue, ...] = ()
    params: dict[str, ParamValue] = field(default_factory=dict)


FormulaValue: TypeAlias = FormulaTerm | Variable


def parse(formula: str, inputs: int, functions: Set[str]) -> FormulaValue:
    """Turn a formula into operations.

    Parameters
    ----------
    formula : str
        The text, for example ``2*sin(x1) + x2**2``.
    inputs : int
        How many values there are. The i-th is called ``xᵢ`` or by the i-th letter of a … w;
        ``x``, ``y`` and ``z`` are the first three.
    functions : set of str
        Kinds that may be called, each with one input.

    Raises
    ------
    FormulaError
        If something in it is not allowed, not known, or no number.
    """
    text = _plain(formula)
    return _as_value(_Reader(text, inputs, functions).read(parse_tree(formula), 0))


def parse_tree(formula: str) -> ast.expr:
    """Return the tree of a formula as typed; `parse` checks what is in it.

    Raises `FormulaError` if it is empty, too long, or no expression.
    """
    text = _plain(formula)
    if not text:
        raise FormulaError("the formula is empty; write one, for example 2*x1 + 1")
    if len(text) > LONGEST:
        raise FormulaError(f"the formula has {len(text)} characters; {LONGEST} are allowed")
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise FormulaError(
            "it cannot be read from here on; check brackets and operators",
            error.offset - 1 if error.offset else len(text),
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise FormulaError("the formula cannot be read; write it in simpler parts") from error


def variable_index(name: str) -> int | None:
    """Return which input a name stands for, counted from 0; None for other names."""
    if len(name) == 1:
        found = max(_LETTERS.find(name), "xyz".find(name))
        return found if found >= 0 else None
    match = _NUMBERED.fullmatch(name)
    return int(match[1]) - 1 if match else None


def _plain(formula: str) -> str:
    return formula.translate(_SIGNS).strip()


FormulaResult: TypeAlias = FormulaTerm | Variable | float


@dataclass(frozen=True, slots=True)
class _Reader:
    text: str
    inputs: int
    functions: Set[str]

    def read(self, node: ast.expr, depth: int) -> FormulaResult:
        if depth > DEEPEST:
            raise self._error("it is nested too deeply here; split it in two formulas", node)
        match node:
            case ast.Constant(value=number):
                return self._number(node, number)
            case ast.Name(id=name):
                return self._variable(node, name)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return _times(self.read(inner, depth + 1), -1.0)
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self.read(inner, depth + 1)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
                return self._binary(node, self.read(left, depth + 1), self.read(right, depth + 1))
            case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]):
                self._check_function(node, name)
                return FormulaTerm(name, (_as_value(self.read(inner, depth + 1)),))
            case _:
                raise self._refusal(node)

    def _number(self, node: ast.expr, number: object) -> float:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise self._error(f"{number!r} is no real number; write one such as 0.5", node)
        try:
            found = float(number)
        except OverflowError:
            found = math.inf
        if not math.isfinite(found):
            raise self._error("the number is too large; write a smaller one", node)
        return found

    def _variable(self, node: ast.expr, name: str) -> FormulaResult:
        if name == "pi":
            return math.pi
        index = variable_index(name)
        if index is None:
            if name in self.functions:
                raise self._error(f"{name!r} needs its input in brackets: {name}(x1)", node)
            raise self._error(f"{name!r} is no variable; {self._names()}", node)
        if index >= self.inputs:
            raise self._error(f"{name!r} is input {index + 1}; {self._names()}", node)
        return Variable(index)

    def _names(self) -> str:
        if self.inputs == 0:
            return "no wire is connected, so there are none: connect one"
        names = " and ".join(f"x{i + 1}" for i in range(min(self.inputs, 3)))
        more = f" up to x{self.inputs}" if self.inputs > 3 else ""
        return f"the connected wires are {names}{more}: use these or connect another"

    def _check_function(self, node: ast.expr, name: str) -> None:
        if name not in self.functions:
            known = ", ".join(sorted(self.functions))
            raise self._error(f"{name!r} is no function; use one of {known}", node)

    def _binary(self, node: ast.BinOp, left: FormulaResult, right: FormulaResult) -> FormulaResult:
        folded, build = _BINARY[type(node.op)]
        try:
            if isinstance(left, float) and isinstance(right, float):
                return self._number(node, folded(left, right))
            return build(left, right)
        except (ArithmeticError, ValueError) as error:
            if isinstance(error, FormulaError):
                raise
            raise self._error("this part has no value; change its numbers", node) from error

    def _refusal(self, node: ast.expr) -> FormulaError:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
            return self._error("'^' is no power; write ** instead", node)
        if isinstance(node, ast.Call):
            return self._error("a function takes exactly one input: name(x1)", node)
        return self._error(
            "only numbers, inputs, + - * / **, brackets and functions are allowed; remove the rest",
            node,
        )

    def _error(self, message: str, node: ast.expr) -> FormulaError:
        before = self.text.encode()[: node.col_offset]
        return FormulaError(message, len(before.decode()))


def _as_value(result: FormulaResult) -> FormulaValue:
    return (
        FormulaTerm("constant", (), {"value": (result,)}) if isinstance(result, float) else result
    )


def _times(value: FormulaResult, factor: float) -> FormulaResult:
    if isinstance(value, float):
        return factor * value
    return FormulaTerm("scale", (value,), {"factor": factor})


def _plus(value: FormulaValue, offset: float) -> FormulaTerm:
    if isinstance(value, FormulaTerm) and value.kind == "scale" and "offset" not in value.params:
        return replace(value, params={**value.params, "offset": offset})
    return FormulaTerm("scale", (value,), {"offset": offset})


def _variadic(kind: str, left: FormulaResult, right: FormulaResult) -> FormulaTerm:
    """Put one more input to the left operand if that is a term of this kind already."""
    first, last = _as_value(left), _as_value(right)
    if isinstance(first, FormulaTerm) and first.kind == kind:
        return replace(first, inputs=(*first.inputs, last))
    return FormulaTerm(kind, (first, last))


def _add(left: FormulaResult, right: FormulaResult) -> FormulaResult:
    if isinstance(right, float):
        return _plus(_as_value(left), right)
    if isinstance(left, float):
        return _plus(right, left)
    return _variadic("sum", left, right)


def _subtract(left: FormulaResult, right: FormulaResult) -> FormulaResult:
    if isinstance(right, float):
        return _plus(_as_value(left), -right)
    if isinstance(left, float):
        return FormulaTerm("scale", (right,), {"factor": -1.0, "offset": left})
    return FormulaTerm("subtract", (left, right))


def _multiply(left: FormulaResult, right: FormulaResult) -> FormulaResult:
    if isinstance(left, float):
        return _times(right, left)
    return _times(left, right) if isinstance(right, float) else _variadic("product", left, right)


def _divide(left: FormulaResult, right: FormulaResult) -> FormulaResult:
    return FormulaTerm("divide", (_as_value(left), _as_value(right)))


def _raise(left: FormulaResult, right: FormulaResult) -> FormulaResult:
    """Powers; with a value in the exponent, aᵇ = exp(b·log a)."""
    if isinstance(right, float):
        return FormulaTerm("power", (_as_value(left),), {"exponent": right})
    if isinstance(left, float):
        return FormulaTerm("exp", (_as_value(_times(right, math.log(left))),))
    return FormulaTerm("exp", (FormulaTerm("product", (right, FormulaTerm("log", (left,)))),))


Fold: TypeAlias = Callable[[float, float], object]
_BINARY: dict[
    type[ast.operator], tuple[Fold, Callable[[FormulaResult, FormulaResult], FormulaResult]]
] = {
    ast.Add: (operator.add, _add),
    ast.Sub: (operator.sub, _subtract),
    ast.Mult: (operator.mul, _multiply),
    ast.Div: (operator.truediv, _divide),
    ast.Pow: (operator.pow, _raise),
}
