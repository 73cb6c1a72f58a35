"""Paths as formulas to be drawn: the products of derivatives that the chain rule adds up."""

from __future__ import annotations

import math
from dataclasses import replace

from engine.analysis.explanation import Expression
from engine.analysis.explanation.latex_symbols import symbol_latex
from engine.analysis.explanation.paths.largest_paths import Path, Paths
from engine.analysis.explanation.shown_numbers import ShownNumbers, shown_numbers
from engine.declaration.symbolic import number_text
from graph.model.document import Document
from gui.formulas.pieces import UNKNOWN, Line, Piece, PlaceName, left_out, place_of, sign

_PRODUCT = (
    "Π ∂target/∂source",
    r"\prod\frac{\partial\,\text{target}}{\partial\,\text{source}}",
)


def path_lines(found: Paths, document: Document, *, known: bool) -> list[Line]:
    """Return the largest paths, a line each: their products add up to the derivative.

    Numbers are blank unless the derivative is ``known``.
    """
    whole = Piece(found.symbol, symbol_latex(found.symbol), term="·", opens=found.quantity)
    if found.count == 1 and len(found.largest) == 1:
        return _one_path(whole, found, known=known)
    many = f"{found.count:,} {'path' if found.count == 1 else 'paths'}"
    total = Piece(f"Σ over {many} {_PRODUCT[0]}", rf"\sum_{{\text{{{many}}}}}{_PRODUCT[1]}")
    shown, rest = _sum_of_paths(found)
    lines = [(whole, sign("="), *_mean(found.rows), total, sign(shown.equals, breaks=True),
              _plain_number(shown.result, known=known))]  # fmt: skip
    for number, path in enumerate(found.largest):
        edges: tuple[PlaceName, ...] = tuple(("edge", edge) for edge in path.edges)
        walked = " → ".join((document.nodes[n].label or n).partition(" = ")[0] for n in path.nodes)
        term = f"path{number}"
        line = [Piece(walked, symbol_latex(walked), term=term, along=edges), sign(":")]
        line += [*_mean(found.rows), *_factors(path, term)]
        if found.rows == 1:
            line += [sign("=", breaks=True), *_numbers(path, term, shown.digits, known=known)]
        result = number_text(path.contribution, shown.digits)
        line += [sign("=", breaks=True), _plain_number(result, term, known=known)]
        lines.append(tuple(line))
    left = found.count - len(found.largest)
    if left > 0:
        left_over = number_text(rest, shown.digits)
        lines.append((left_out(left), sign(":"), _plain_number(left_over, known=known)))
    if not found.is_exact:
        note = "large ones of these paths; others may be larger"
        lines.append((Piece(note, rf"\text{{{note}}}"),))
    return lines


def _one_path(whole: Piece, found: Paths, *, known: bool) -> list[Line]:
    """Return the product along the only path: symbols, numbers, result."""
    (path,) = found.largest
    lines: list[Line] = [(whole, sign("="), *_mean(found.rows), *_factors(path, ""))]
    if found.rows == 1:
        lines.append((sign("="), *_numbers(path, "", 0, known=known)))
    return [*lines, (sign("="), _plain_number(number_text(found.gradient), "·", known=known))]


def _sum_of_paths(found: Paths) -> tuple[ShownNumbers, float]:
    """Return how the contributions are shown that add up, and what those left out give."""
    rest = found.gradient - math.fsum(path.contribution for path in found.largest)
    numbers = [path.contribution for path in found.largest]
    numbers += [rest] * (found.count > len(found.largest))
    terms = tuple(Expression("value", number, "") for number in numbers)
    return shown_numbers(Expression("sum", found.gradient, "", terms=terms), len(terms)), rest


def _mean(rows: int) -> list[Piece]:
    if rows == 1:
        return []
    return [Piece(f"1/{rows} Σ over rows", rf"\frac{{1}}{{{rows}}}\sum_{{\text{{rows}}}}")]


def _factors(path: Path, term: str) -> list[Piece]:
    pieces: list[Piece] = []
    for place, factor in enumerate(path.factors):
        pieces += [sign("·", breaks=True)] * (place > 0)
        name = symbol_latex(factor.symbol)
        pieces.append(Piece(factor.symbol, name, term=f"{term}.{place}", place=place_of(factor),
                            opens=factor.quantity))  # fmt: skip
    return pieces


def _numbers(path: Path, term: str, digits: int, *, known: bool) -> list[Piece]:
    """Return the factors with numbers, as many digits of them as so many of the product need."""
    factors = tuple(factor.closed() for factor in path.factors)
    product = Expression("product", path.contribution, "", terms=factors)
    shown = shown_numbers(product, len(path.factors), digits)
    pieces: list[Piece] = []
    for place, factor in enumerate(path.factors):
        pieces += [sign("·", breaks=True)] * (place > 0)
        text = number_text(factor.value, shown.digits)
        text = f"({text})" if text.startswith("−") else text
        number = _plain_number(text, f"{term}.{place}", known=known)
        pieces.append(replace(number, place=place_of(factor), opens=factor.quantity))
    return pieces


def _plain_number(text: str, term: str = "", *, known: bool) -> Piece:
    return Piece(text if known else UNKNOWN, "", is_number=True, term=term)
