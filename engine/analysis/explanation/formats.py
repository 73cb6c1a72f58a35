"""Explanations as text, LaTeX and plain data."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from engine.analysis.explanation.expression import Expression
from engine.analysis.explanation.latex_symbols import formula_latex, symbol_latex

Write: TypeAlias = Callable[[Expression], str]

_DIGITS = 6
_FINE = 12  # digits of a sum that reads as one of its terms, though the others are not zero
_MANY = 40  # terms of a sum or inputs of a function that are written out


def text_lines(found: Expression) -> list[str]:
    """Return an explanation as lines: with symbols, with numbers, and what parts open to."""
    if found.operator == "value" or found.symbol.startswith("vector "):
        listed = [f"{term.symbol} = {number_text(term.value)}" for term in found.terms]
        return listed or [f"{found.symbol} = {number_text(found.value)}"]
    numbers = written(found, lambda one: number_text(one.value))
    sign, result = displayed(found)
    if found.operator == "function" and found.opened:
        return _function_lines(found, sign, result)
    lines = [f"{found.symbol} = {written(found, lambda one: one.symbol)}"]
    lines += [f"  = {numbers}", f"  {sign} {result}"]
    for part in _parts(found):
        if part.opened and part is not found:
            lines.append(" = ".join(dict.fromkeys([part.symbol, *part.opened])))
    lines += [_told_apart(part) for part in named_parts(found)]
    return list(dict.fromkeys(lines))


def _function_lines(found: Expression, sign: str, result: str) -> list[str]:
    """Return an operation's formula, with numbers if it has them, and what goes into it."""
    opened = [text.removeprefix(f"{found.symbol} = ") for text in found.opened]
    inputs = ", ".join(f"{term.symbol} = {number_text(term.value)}" for term in found.terms[:_MANY])
    more = ", …" if len(found.terms) > _MANY else ""
    lines = [f"{found.symbol} = {opened[0].rpartition(' = ')[2]}"]
    lines += [f"  = {text}" for text in opened[1:]]
    return [*lines, f"  {sign} {result}", f"  with {inputs}{more}"]


def named_parts(found: Expression) -> list[Expression]:
    """Return the sums and products within an expression that are told apart from it."""
    parts = [part for part in _parts(found)[1:] if part.is_named]
    once = {part.symbol: part for part in parts if part.operator in ("sum", "product")}
    return list(once.values())


def _told_apart(part: Expression) -> str:
    sign, result = displayed(replace(part, is_named=False))
    symbols = written(part, lambda one: one.symbol)
    numbers = written(part, lambda one: number_text(one.value))
    return f"{part.symbol} = {symbols} = {numbers} {sign} {result}"


def latex(found: Expression) -> str:
    """Return an explanation as LaTeX: symbols = numbers = result; several lines are aligned."""
    if found.operator == "value":
        return f"{symbol_latex(found.symbol)} = {formula_latex(number_text(found.value))}"
    lines = [_latex_line(part) for part in (found, *named_parts(found))]
    if len(lines) == 1:
        return lines[0]
    body = " \\\\\n".join(line.replace(" = ", " &= ", 1) for line in lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _latex_line(found: Expression) -> str:
    sign, result = displayed(replace(found, is_named=False))
    symbols = written(found, lambda one: symbol_latex(one.symbol))
    numbers = written(found, lambda one: number_text(one.value))
    name = symbol_latex(found.symbol)
    return formula_latex(f"{name} = {symbols} = {numbers} {sign} {result}")


def as_json(found: Expression, quantity: str) -> dict[str, Any]:
    """Return an explanation as plain data."""
    return {
        "quantity": quantity,
        "symbol": found.symbol,
        "value": found.value,
        "expression": _tree(found),
    }


def displayed(found: Expression) -> tuple[str, str]:
    """Return ``=`` and the number with as many digits as its displayed terms give; else ``≈``."""
    shown, whole = _recombined(found), _rounded(found.value, _DIGITS)
    rest = [term for term in found.terms if _rounded(term.value, _DIGITS) != whole]
    hidden = found.operator == "sum" and len(rest) < len(found.terms) and any(
        term.value for term in rest
    )  # fmt: skip
    for digits in range(_FINE if hidden else _DIGITS, 2, -1):
        if _rounded(shown, digits) == _rounded(found.value, digits):
            return "=", number_text(found.value, digits)
    return "≈", number_text(found.value)


def number_text(number: float, digits: int = _DIGITS) -> str:
    """Return a number with so many significant digits."""
    return f"{number:.{digits}g}".replace("-", "−")


def written(found: Expression, leaf: Write) -> str:
    """Return what a number is made of, the leaves as ``leaf`` writes them."""
    terms = found.terms[:_MANY]
    more = f" + … ({len(found.terms) - _MANY} more)" if len(found.terms) > _MANY else ""
    if found.operator == "sum":
        text = " + ".join(_factor(term, leaf, in_sum=True) for term in terms)
        return text.replace(" + −", " − ") + more
    if found.operator == "product":
        return "·".join(_factor(term, leaf) for term in terms)
    if found.operator == "function" and found.sign:
        if found.sign.endswith("′"):
            return leaf(found)
        inputs = ", ".join(_inside(term, leaf) for term in terms)
        return f"{found.sign}({inputs}{', …' if more else ''})"
    return leaf(found)


def _inside(term: Expression, leaf: Write) -> str:
    """Return a term as it is written within others."""
    return leaf(term) if term.is_named else written(term, leaf)


def _factor(term: Expression, leaf: Write, *, in_sum: bool = False) -> str:
    text = _inside(term, leaf)
    is_leaf = term.operator == "value" or term.is_named
    compound = term.operator == "sum" and len(term.terms) > 1 and not in_sum and not is_leaf
    is_negative = text[:1] in "−-" and is_leaf
    return f"({text})" if compound or is_negative else text


def _parts(found: Expression) -> list[Expression]:
    """Return an expression and all that is written out in it."""
    result = [found]
    for term in found.terms[:_MANY]:
        result += _parts(term)
    return result


def _rounded(number: float, digits: int) -> float:
    return float(f"{number:.{digits}g}")


def _recombined(found: Expression) -> float:
    """Return the number that follows from the leaves as they are displayed."""
    is_opaque = found.operator == "function" and not found.sign
    if found.operator == "value" or found.is_named or is_opaque or found.sign.endswith("′"):
        return _rounded(found.value, _DIGITS)
    numbers = [_recombined(term) for term in found.terms]
    if found.operator == "sum":
        return math.fsum(numbers)
    if found.operator == "product":
        return math.prod(numbers)
    return float(found.function(numbers)) if found.function else found.value


def _tree(found: Expression) -> dict[str, Any]:
    places = {"node": found.node, "edge": found.edge, "parameter": found.parameter}
    tree: dict[str, Any] = {
        "operator": found.operator,
        "value": found.value,
        "symbol": found.symbol,
        **{name: place for name, place in places.items() if place is not None},
        "terms": [_tree(term) for term in found.terms],
    }
    if found.opened:
        tree["opened"] = list(found.opened)
    if found.is_reused:
        tree["reused"] = True
    return tree
