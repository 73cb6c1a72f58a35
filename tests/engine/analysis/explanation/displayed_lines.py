"""Reads displayed formulas as a reader with a calculator does: by Python's rules of arithmetic."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from typing import Any

DIGITS = 4
"""Significant digits of a result at least, fewer only if zeros follow."""

_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


def calculated(text: str) -> float:
    """Return what a line of numbers gives; `SyntaxError` or `ValueError` if it is none."""
    plain = text.translate({ord("−"): "-", ord("·"): "*", ord("½"): "0.5", ord("^"): "**"})
    plain = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda found: f"**({found[0].translate(_POWERS)})", plain)
    plain = re.sub(r"\((?:[\d,]+) (?:more|other rows)\)", "", plain)
    return float(_value(ast.parse(plain.strip(), mode="eval").body))


def check_line(numbers: str, result: str) -> None:
    """Check that the displayed numbers give the displayed result, to its last digit."""
    sign, _, shown = result.strip().partition(" ")
    if sign == "≈":
        return
    assert sign == "="
    expected, found = calculated(shown), calculated(numbers)
    if expected == 0:
        assert found == 0, f"{numbers} is {found}, not 0"
        return
    last = 10.0 ** (math.floor(math.log10(abs(expected))) - DIGITS + 1)
    assert abs(found - expected) <= 0.500001 * last, f"{numbers} is {found}, not {shown}"


def check_brackets(text: str) -> None:
    """Check that no sign follows a sign, and that nothing is in brackets twice."""
    assert not re.search(r"[·+−/]\s*[−+]", text), text
    assert "((" not in _without_inner_pairs(text), text


def _without_inner_pairs(text: str) -> str:
    """Return a text in which only brackets that hold nothing but another pair are next to it."""
    closes, stack = dict[int, int](), list[int]()
    for place, letter in enumerate(text):
        if letter == "(":
            stack.append(place)
        elif letter == ")":
            closes[stack.pop()] = place
    doubled = [at for at, end in closes.items() if closes.get(at + 1) == end - 1]
    return "((" if doubled else ""


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=int() | float()):
            return node.value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.BinOp(left=left, op=sign, right=right):
            return _OPERATORS[type(sign)](_value(left), _value(right))
    raise ValueError(ast.unparse(node))
