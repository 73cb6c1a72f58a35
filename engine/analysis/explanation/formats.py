"""Explanations as text, LaTeX and plain data."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from engine.analysis.explanation.expression import Expression
from engine.analysis.explanation.latex_symbols import formula_latex, number_latex, symbol_latex
from engine.analysis.explanation.means import is_of_others, largest_shares, mean_shares
from engine.analysis.explanation.shown_numbers import shown_numbers
from engine.analysis.explanation.written_terms import LeafText, line_text, written
from engine.declaration.symbolic import number_text

MANY = 40
"""Terms of a sum or inputs of a function that are written out."""


def text_lines(found: Expression) -> list[str]:
    """Return an explanation as lines: with symbols, with numbers, and what parts open to."""
    if found.operator == "value" or found.symbol.startswith("vector "):
        listed = [f"{term.symbol} = {number_text(term.value)}" for term in found.terms]
        return listed or [f"{found.symbol} = {number_text(found.value)}"]
    shown = shown_numbers(found, MANY)
    result = f"  {shown.equals} {shown.result}"
    if found.is_slope and found.opened:
        return [f"{found.symbol} = {' = '.join(found.opened)}"]
    if found.operator == "function" and found.opened:
        given = f"  with {_inputs(found, _symbol, shown.text)}"
        return [*_function_lines(found), result, given, *map(_told_apart, opened_inputs(found))]
    lines = [f"{found.symbol} = {_line(found, _symbol)}"]
    lines += [f"  = {_line(found, shown.text)}", result]
    opened = [part for part in _parts(found)[1:] if part.opened]
    lines += [" = ".join(dict.fromkeys([part.symbol, *part.opened])) for part in opened]
    lines += [_told_apart(part) for part in (*named_parts(found), *opened_inputs(found))]
    return list(dict.fromkeys(lines))


def mean_lines(found: Expression, row: Expression, count: int) -> list[str]:
    """Return a mean over rows as lines: what a row gives in symbols, the largest shares, the rest.

    Parameters
    ----------
    found : Expression
        The mean, its first terms the shares of the rows.
    row : Expression
        What one row gives, in symbols that hold for every row.
    count : int
        How many rows there are.
    """
    shares = mean_shares(found, count)
    rest = found.terms[len(shares) :]
    body = row.opened[0] if row.operator == "function" and row.opened else ""
    one = replace(row.closed(), symbol=body) if body else row
    symbols = line_text(written(Expression("product", one.value, "", terms=(one,)), _symbol, MANY))
    symbols = " + ".join([f"1/{count}·Σ over rows {symbols}", *(term.symbol for term in rest)])
    opened = {part.symbol: part.opened[0] for part in _parts(row) if part.opened}
    if body:
        opened.pop(row.symbol, None)
    summed = replace(found, operator="sum", terms=(*largest_shares(shares, count), *rest))
    shown = shown_numbers(summed, MANY)
    numbers = [
        token._replace(text=f"{token.text} ({token.part.symbol})")
        if token.part is not None and is_of_others(token.part)
        else token
        for token in written(summed, shown.text, MANY)
    ]
    lines = [f"{found.symbol} = {symbols}"]
    lines += [f"{name} = {text} in each row" for name, text in opened.items() if name != text]
    lines.append(f"  = {line_text(iter(numbers))}")
    if rest:
        data = Expression("value", math.fsum(one.value for one in shares), "")
        both = replace(summed, terms=(data, *rest))
        shown = shown_numbers(both, MANY)
        lines.append(f"  = {_line(both, shown.text)}")
    return [*lines, f"  {shown.equals} {shown.result}"]


def _function_lines(found: Expression) -> list[str]:
    """Return an operation's formula, and with numbers if it has them."""
    first, *others = found.opened
    return [f"{found.symbol} = {first}", *(f"  = {text}" for text in others)]


def named_parts(found: Expression) -> list[Expression]:
    """Return the sums and products within an expression that are told apart from it."""
    parts = [part for part in _parts(found)[1:] if part.is_named]
    once = {part.symbol: part for part in parts if part.operator in ("sum", "product")}
    return [replace(part, is_named=False) for part in once.values()]


def opened_inputs(found: Expression) -> list[Expression]:
    """Return the opened inputs of operations that are written by a formula of their own.

    ``E = ½·(ŷ − t)²`` has no place in which ``ŷ = σ(w·x + b)`` could be written.
    """
    found_once: dict[str, Expression] = {}
    for part in _parts(found):
        is_formula = part.operator == "function" and bool(part.opened) and not part.is_slope
        if is_formula and (part is found or not part.sign):
            found_once |= {term.symbol: term for term in part.terms if term.terms}
    return list(found_once.values())


def latex(found: Expression) -> str:
    """Return an explanation as LaTeX: symbols = numbers = result; several lines are aligned."""
    if found.operator == "value":
        return f"{symbol_latex(found.symbol)} = {number_latex(number_text(found.value))}"
    lines = [_latex_line(part) for part in (found, *named_parts(found), *opened_inputs(found))]
    opened = {part.symbol: part for part in _parts(found)[1:] if part.opened}
    lines += [
        f"{symbol_latex(part.symbol)} = {' = '.join(latex for _, latex in part.formulas())}"
        for part in opened.values()
    ]
    if len(lines) == 1:
        return lines[0]
    body = " \\\\\n".join(line.replace(" = ", " &= ", 1) for line in lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def as_json(found: Expression, quantity: str) -> dict[str, Any]:
    """Return an explanation as plain data."""
    return {
        "quantity": quantity,
        "symbol": found.symbol,
        "value": found.value,
        "expression": _tree(found),
    }


# -- lines -----------------------------------------------------------------------------------------


def _told_apart(part: Expression) -> str:
    shown = shown_numbers(part, MANY)
    symbols, numbers = _line(part, _symbol), _line(part, shown.text)
    return f"{part.symbol} = {symbols} = {numbers} {shown.equals} {shown.result}"


def _latex_line(found: Expression) -> str:
    shown = shown_numbers(found, MANY)

    def symbol(one: Expression) -> str:
        return symbol_latex(one.symbol)

    def number(one: Expression) -> str:
        return number_latex(shown.text(one))

    end = f"{shown.equals} {number_latex(shown.result)}"
    if found.operator == "function" and found.opened:
        opened = " = ".join(latex for _, latex in found.formulas())
        given = _inputs(found, symbol, number)
        whole = rf"{symbol(found)} = {opened} {end} \quad \text{{with }} {given}"
        return formula_latex(f"{symbol(found)} = {opened}" if found.is_slope else whole)
    symbols, numbers = _line(found, symbol), _line(found, number)
    return formula_latex(f"{symbol(found)} = {symbols} = {numbers} {end}")


def _inputs(found: Expression, name: LeafText, number: LeafText) -> str:
    """Return what goes into a function: ``x = 0.5, y = −1``."""
    given = dict.fromkeys(f"{name(one)} = {number(one)}" for one in found.terms[:MANY])
    left_out = len(found.terms) - MANY
    return ", ".join([*given, *([f"… ({left_out:,} more)"] if left_out > 0 else [])])


def _line(found: Expression, leaf: LeafText) -> str:
    return line_text(written(found, leaf, MANY))


def _symbol(one: Expression) -> str:
    return one.symbol


def _parts(found: Expression) -> list[Expression]:
    """Return an expression and all that is written out in it."""
    result = [found]
    for term in found.terms[:MANY]:
        result += _parts(term)
    return result


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
