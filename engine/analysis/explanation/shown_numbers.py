"""How many digits of a formula's numbers are shown, so that what is shown recombines."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.analysis.explanation.expression import Expression
from engine.declaration.symbolic import number_text

_RESULT = (4, 6, 8, 10)
_TERMS = (4, 6, 8, 10, 12, 15, 17)
_NOISE = 1e-14  # beside what cancels: no digit of it can be relied on
_SHARE = re.compile(r"1/\d+")


class ShownNumbers(NamedTuple):
    """How a line of numbers is shown.

    Parameters
    ----------
    digits : int
        Significant digits of the numbers that it is made of.
    equals, result : str
        ``=`` and the result; ``≈ 0`` if it is what rounding leaves of numbers that cancel.
    """

    digits: int
    equals: str
    result: str

    def text(self, one: Expression) -> str:
        """Return a number of the line: with its digits, or as the fraction that it is."""
        return one.symbol if is_fraction(one) else number_text(one.value, self.digits)


def shown_numbers(found: Expression, most: int, least: int = _RESULT[0]) -> ShownNumbers:
    """Return with how many digits an explanation is shown.

    Evaluated from the shown numbers it gives the shown result: its first digits, ``least`` of
    them unless a term could then not be told from the sum. ``most`` terms of a sum are written
    out.
    """
    value = found.value
    if not math.isfinite(value) or found.operator == "value" or not found.terms:
        return ShownNumbers(_RESULT[0], "=", number_text(value))
    if abs(value) < _NOISE * _size(found):
        return ShownNumbers(_TERMS[0], "≈", "0")
    digits = max(least, _digits_of_result(found))
    result, wanted = number_text(value, digits), _rounded(value, digits)
    for count in _TERMS:
        if count >= digits and _rounded(_combined(found, count, most), digits) == wanted:
            return ShownNumbers(count, "=", result)
    near = math.isclose(_combined(found, _TERMS[-1], most), value, rel_tol=10.0 ** (1 - digits))
    return ShownNumbers(_TERMS[-1], "=" if near else "≈", result)


def is_leaf(part: Expression) -> bool:
    """Tell whether a number stands for itself in a line: nothing of what it is made of is shown."""
    named = part.operator == "value" or part.is_named or not part.terms
    return named or (part.operator == "function" and part.sign[-1:] in ("", "′"))


def is_fraction(part: Expression) -> bool:
    """Tell whether a number is written as it is called: the 1/B of a mean."""
    return _SHARE.fullmatch(part.symbol) is not None


def cut(found: Expression, most: int) -> list[tuple[int, Expression]]:
    """Return the terms of a sum that are written out, numbered; the rest is the last, −1.

    They are the largest, if there are more than ``most``.
    """
    terms = list(enumerate(found.terms))
    if len(terms) <= most:
        return terms
    largest = sorted(terms, key=lambda one: -abs(one[1].value))
    rest = tuple(term for _, term in largest[most:])
    left = Expression("sum", math.fsum(one.value for one in rest), "…", terms=rest, is_named=True)
    return [*sorted(largest[:most]), (-1, left)]


def _digits_of_result(found: Expression) -> int:
    """Return how many digits tell a sum from each of its terms."""
    others = [term.value for term in found.terms if found.operator == "sum" and term.value]
    for digits in _RESULT:
        result = _rounded(found.value, digits)
        if all(_rounded(other, digits) != result or other == found.value for other in others):
            return digits
    return _RESULT[0]


def _size(part: Expression) -> float:
    """Return how large the numbers are that may cancel."""
    if is_leaf(part) or part.operator == "function":
        return abs(part.value)
    sizes = [_size(term) for term in part.terms]
    return math.fsum(sizes) if part.operator == "sum" else math.prod(sizes)


def _recombined(part: Expression, digits: int, most: int) -> float:
    """Return the number that follows from the leaves as they are displayed."""
    if is_fraction(part):
        return part.value
    if is_leaf(part):
        return _rounded(part.value, digits)
    return _combined(part, digits, most)


def _combined(part: Expression, digits: int, most: int) -> float:
    terms = [term for _, term in cut(part, most)] if part.operator == "sum" else part.terms
    numbers = [_recombined(term, digits, most) for term in terms]
    if part.operator == "sum":
        return math.fsum(numbers)
    return math.prod(numbers) if part.operator == "product" else _applied(part, numbers)


def _applied(part: Expression, numbers: Sequence[float]) -> float:
    if part.function is None:
        return part.value
    with np.errstate(all="ignore"):
        return float(part.function(numbers))


def _rounded(number: float, digits: int) -> float:
    """Return a number as it is read from the screen."""
    return float(number_text(number, digits).replace("−", "-"))
