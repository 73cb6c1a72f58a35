"""What a number is made of, as one line: the same in text, in LaTeX and on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from engine.analysis.explanation.expression import Expression
from engine.analysis.explanation.shown_numbers import cut, is_leaf

LeafText: TypeAlias = Callable[[Expression], str]


class Token(NamedTuple):
    """A number, a symbol or a sign of a line.

    Parameters
    ----------
    text : str
        As it is written; a negative number within others is in brackets.
    part : Expression or None
        What stands there; None of a sign.
    place : str
        Where it is in the expression: ``.0.1``.
    left_out : int
        How many terms it stands for that are not written out.
    breaks : bool
        Whether a line may end before it.
    """

    text: str
    part: Expression | None = None
    place: str = ""
    left_out: int = 0
    breaks: bool = False


def written(found: Expression, leaf: LeafText, most: int, place: str = "") -> Iterator[Token]:
    """Yield what a number is made of; ``leaf`` writes what is not taken apart.

    Parameters
    ----------
    most : int
        Terms of a sum, and inputs of a function, that are written out.
    place : str
        Where the number itself is.
    """
    while found.operator == "sum" and len(found.terms) == 1 and not is_leaf(found):
        found, place = found.terms[0], f"{place}.0"
    if is_leaf(found):
        yield Token(leaf(found), found, place)
    elif found.operator == "sum":
        yield from _sum(found, leaf, most, place, starts=True)
    elif found.operator == "product":
        for number, factor in enumerate(found.terms):
            if number:
                yield Token("·", breaks=True)
            yield from _within(factor, leaf, most, f"{place}.{number}", in_product=True)
    else:
        yield from _function(found, leaf, most, place)


def line_text(tokens: Iterator[Token]) -> str:
    """Return a line as text."""
    text = ""
    for token in tokens:
        spaced = token.part is None and token.text in "+−"
        gap = token.left_out and token.part is None
        text += f" {token.text} " if spaced else f" {token.text}" if gap else token.text
        text += " " * (token.text == ",")
    return text


def _sum(
    found: Expression, leaf: LeafText, most: int, place: str, *, starts: bool
) -> Iterator[Token]:
    """Yield the terms of a sum; if it ``starts`` a line or a bracket, a minus needs none."""
    for order, (number, one) in enumerate(cut(found, most)):
        own = leaf(one) if one.operator == "function" and is_leaf(one) else ""
        minus = order > 0 and (_begins_with_minus(one) or own.startswith("−"))
        if order:
            yield Token("−" if minus else "+", breaks=True)
        term = _without_minus(one) if minus and not own else one
        if minus and own:
            yield Token(own[1:], one, f"{place}.{number}")
        elif number < 0:
            left_out = len(found.terms) - most
            yield Token(_bracketed(leaf(term)), term, f"{place}.…", left_out)
            yield Token(f"({left_out:,} more)", left_out=left_out)
        elif order == 0 and starts and is_leaf(term):
            yield Token(leaf(term), term, f"{place}.{number}")
        else:
            yield from _within(term, leaf, most, f"{place}.{number}", in_product=False)


def _within(
    part: Expression, leaf: LeafText, most: int, place: str, *, in_product: bool
) -> Iterator[Token]:
    """Yield a part of a sum or product: what is looser, or negative, in brackets."""
    while part.operator == "sum" and len(part.terms) == 1 and not is_leaf(part):
        part, place = part.terms[0], f"{place}.0"
    if is_leaf(part):
        text = leaf(part)
        yield Token(_bracketed(text, loose=in_product and _is_sum(text)), part, place)
        return
    if part.operator != "sum":
        yield from written(part, leaf, most, place)
    elif in_product:
        yield Token("(")
        yield from written(part, leaf, most, place)
        yield Token(")")
    else:
        yield from _sum(part, leaf, most, place, starts=False)


def _function(found: Expression, leaf: LeafText, most: int, place: str) -> Iterator[Token]:
    yield Token(found.sign)
    yield Token("(")
    for number, part in enumerate(found.terms[:most]):
        if number:
            yield Token(",", breaks=True)
        yield from written(part, leaf, most, f"{place}.{number}")
    if len(found.terms) > most:
        yield Token(f"(… {len(found.terms) - most:,} more)", left_out=len(found.terms) - most)
    yield Token(")")


def _bracketed(text: str, *, loose: bool = False) -> str:
    return f"({text})" if loose or text[:1] in ("−", "-") else text


def _is_sum(text: str) -> bool:
    """Tell whether a name is a sum, outside brackets: a − b."""
    depth = 0
    for place, letter in enumerate(text):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(letter, 0)
        if not depth and text[place : place + 3] in (" + ", " − "):
            return True
    return False


def _begins_with_minus(part: Expression) -> bool:
    """Tell whether the first factor of a product is called −η."""
    return part.operator == "product" and part.terms[0].symbol.startswith("−")


def _without_minus(part: Expression) -> Expression:
    """Return −η·∂E/∂w without its minus, which is written before it."""
    first = part.terms[0]
    turned = replace(first, symbol=first.symbol[1:], value=-first.value)
    return replace(part, value=-part.value, terms=(turned, *part.terms[1:]))
