"""Explanations as lines: what is cut, blank, reused or under the cursor."""

from __future__ import annotations

import math

import pytest

from engine.analysis.explanation import Expression
from gui.formulas.flow import set_lines
from gui.formulas.pieces import MORE, Piece
from gui.inspector.explanation_lines import Reading, lines_of


def value(number: float, symbol: str, quantity: str = "", *, is_reused: bool = False) -> Expression:
    return Expression("value", number, symbol, quantity=quantity, is_reused=is_reused)


def total(*terms: Expression) -> Expression:
    number = math.fsum(term.value for term in terms)
    return Expression("sum", number, "S", terms=terms, quantity="value:s")


def everything(_quantity: str) -> bool:
    return True


def pieces(found: Expression, reading: Reading) -> list[Piece]:
    return [piece for line in lines_of(found, reading) for piece in line]


def test_a_long_sum_is_cut_to_its_largest_terms_and_can_be_opened() -> None:
    found = total(*(value(float(i), f"a{i}") for i in range(100)))
    shown = pieces(found, Reading(everything))
    assert [piece.text for piece in shown if piece.opens == MORE] == ["(40 more)"] * 2
    texts = {piece.text for piece in shown}
    assert "a99" in texts
    assert "a39" not in texts
    opened = {piece.text for piece in pieces(found, Reading(everything, most=600))}
    assert {f"a{i}" for i in range(100)} <= opened


def test_what_is_unknown_is_blank_and_what_it_makes_too() -> None:
    found = total(value(1.5, "a", "value:a"), value(2.25, "b", "value:b"))
    shown = pieces(found, Reading(lambda quantity: quantity == "value:a"))
    assert [piece.text for piece in shown if piece.is_number] == ["1.5", "…", "…"]


def test_the_place_of_the_cursor_and_reused_terms_are_marked() -> None:
    found = total(value(1.5, "a", "value:a"), value(1.5, "a", "value:a", is_reused=True))
    shown = pieces(found, Reading(everything, current="value:a"))
    assert sum(piece.is_current for piece in shown) == 4
    assert sum(piece.is_reused for piece in shown) == 2


def test_a_sum_within_a_product_stands_in_brackets() -> None:
    inner = total(value(1.0, "a"), value(-2.0, "b"))
    found = Expression("product", -3.0, "P", terms=(value(3.0, "c"), inner))
    told = [" ".join(piece.text for piece in line) for line in lines_of(found, Reading(everything))]
    assert told == ["P = c · ( a + b )", "= 3 · ( 1 + (−2) )", "= −3"]


@pytest.mark.parametrize("terms", [1, 20, 60])
def test_every_piece_can_be_typeset(terms: int) -> None:
    found = total(*(value(10.0**-i, f"δ(h₁)[{i}]") for i in range(terms)))
    for line in set_lines(lines_of(found, Reading(everything))):
        assert all(glyphs.width > 0 for _, glyphs in line.parts)
