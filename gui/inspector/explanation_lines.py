"""Explanations as formulas to be drawn: a line with symbols, one with numbers, and what opens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.analysis.explanation import Expression, Numerator, parse_quantity
from engine.analysis.explanation.formats import displayed, named_parts, number_text
from engine.analysis.explanation.latex_symbols import symbol_latex
from gui.formulas.pieces import UNKNOWN, Line, Piece, left_out, place_of, plain_text, sign

MANY = 60
"""Terms of a sum that are written out at first."""

_EACH_ROW = r"\text{ in each row}"
_BETWEEN_TERMS = re.compile(r" ([+−]) ")
_ENTRY = re.compile(r"\[[\d,]+\]$")


@dataclass(frozen=True, slots=True)
class Reading:
    """How an expression is to be read.

    Parameters
    ----------
    knows : callable
        Tells of a quantity whether it is known at the cursor; others are blank.
    current : str
        The quantity at which the cursor stands; empty at rest.
    most : int
        Terms of a sum that are written out: the largest, if there are more.
    of : Numerator, optional
        Of what the derivatives are, if not of E.
    depth : int
        Over how many nodes a formula is opened.
    """

    knows: Callable[[str], bool]
    current: str = ""
    most: int = MANY
    of: Numerator | None = None
    depth: int = 1


def lines_of(found: Expression, reading: Reading) -> list[Line]:
    """Return an explanation as lines: symbols, numbers, the result, and what its parts open to."""
    name = _symbol(found, "", reading)
    if found.operator == "value" or (found.operator == "function" and not found.terms):
        return [(name, sign("="), _number(found, "", reading)), *_opened(found, reading)]
    if found.sign.endswith("′"):
        return [*_opened(found, reading), (name, sign("="), _number(found, "", reading))]
    if found.operator == "function" and found.opened:
        lines = _function_lines(name, found, reading)
    else:
        lines = [(name, sign("=", breaks=True), *_written(found, "", reading, _symbol))]
        lines.append((sign("="), *_written(found, "", reading, _number)))
    equals, result = displayed(found)
    known = reading.knows(found.quantity) if found.quantity else True
    whole = Piece(result if known else UNKNOWN, "", is_number=True, term="·")
    lines.append((sign(equals), whole))
    seen: set[str] = set()
    for part in _parts(found, reading):
        if part is not found and part.opened and part.symbol not in seen:
            seen.add(part.symbol)
            lines += _opened(part, reading)
    lines += [_told_apart(part, reading) for part in named_parts(found)]
    return lines


def derivation_lines(stages: Sequence[Expression], reading: Reading) -> list[Line]:
    """Return an explanation with its symbols opened over one node more from line to line."""
    first, last = stages[0], stages[-1]
    lines = lines_of(last, reading)
    if first.operator not in ("sum", "product") or len(stages) == 1:
        return lines
    name = _symbol(last, "", reading)
    opened: dict[str, Line] = {}
    for stage in stages:
        pieces = tuple(_written(stage, "", reading, _symbol))
        opened[plain_text([pieces])] = (sign("=", breaks=True), *pieces)
    symbols = list(opened.values())
    return [(name, *symbols[0]), *symbols[1:], *lines[1:]]


def _told_apart(part: Expression, reading: Reading) -> Line:
    """Return what a part with a name of its own is made of."""
    term, whole = f"·{part.symbol}", replace(part, is_named=False)
    name = Piece(part.symbol, symbol_latex(part.symbol), term=term)
    equals, result = displayed(whole)
    symbols = list(_written(whole, term, reading, _symbol))
    numbers = list(_written(whole, term, reading, _number))
    end = Piece(result, "", is_number=True, term=term)
    starts = sign("=", breaks=True), sign("=", breaks=True), sign(equals, breaks=True)
    return (name, starts[0], *symbols, starts[1], *numbers, starts[2], end)


def row_symbols(row: Expression, reading: Reading) -> list[Piece]:
    """Return what a number of one row is made of, in symbols that hold for every row."""
    if row.operator == "value" or row.sign.endswith("′"):
        pieces = [_symbol(row, "0", reading)]
    elif row.operator == "function" and row.opened:
        text = row.opened[0].rpartition(" = ")[2]
        pieces = [replace(piece, term="0") for piece in broken(text)]
    else:
        pieces = list(_factor(row, "0", reading, _symbol, in_product=True))
    return [replace(p, tip="", breaks=p.breaks or p.text == "·") for p in pieces]


def row_openings(row: Expression, reading: Reading) -> list[Line]:
    """Return the formulas that the factors of a row declare, in symbols: σ′(s) = σ(s)(1 − σ(s))."""
    found: dict[str, Line] = {}
    for part in _parts(row, reading):
        is_whole = part is row and not part.sign.endswith("′")
        told = part.opened and part.opened[0] != part.symbol and "=" not in part.opened[0]
        if told and not is_whole:
            name = _symbol(part, "0", reading)
            found[part.symbol] = (name, *_texts(part.opened[0]), Piece("in each row", _EACH_ROW))
    return [tuple(replace(piece, tip="") for piece in line) for line in found.values()]


def _function_lines(name: Piece, found: Expression, reading: Reading) -> list[Line]:
    """Return an operation's own formula, and the numbers that go into it."""
    text = found.opened[0].rpartition(" = ")[2]
    given: list[Piece] = [Piece("with", r"\text{with}")]
    for number, term in enumerate(found.terms[: reading.most]):
        given += [sign(",")] * (number > 0)
        place = f".{number}"
        value = _number(term, place, reading)
        given += [replace(_symbol(term, place, reading), breaks=number > 0), sign("=")]
        given.append(replace(value, text=value.text.strip("()")))
    if len(found.terms) > reading.most:
        given += [sign(",", breaks=True), left_out(len(found.terms) - reading.most)]
    known = not found.quantity or reading.knows(found.quantity)
    numbers = [(sign("="), *broken(one)) for one in found.opened[1:] if known]
    return [(name, sign("="), *broken(text)), *numbers, tuple(given)]


def opens(found: Expression, of: Numerator | None = None) -> str:
    """Return the quantity that explains an expression further; empty if none does."""
    if found.quantity:
        return found.quantity
    entry = _ENTRY.search(found.symbol)
    if found.parameter is not None:
        name = f"gradient:{found.parameter}{entry[0] if entry else ''}"
    elif found.edge is not None:
        name = f"message:{found.edge}"
    else:
        return ""
    return str(parse_quantity(name)._replace(of=of))


# -- one line --------------------------------------------------------------------------------------

_Write = Callable[[Expression, str, Reading], Piece]


def _written(found: Expression, term: str, reading: Reading, leaf: _Write) -> Iterator[Piece]:
    """Yield what a number is made of; ``term`` names its place in the expression."""
    if found.is_named:
        yield leaf(found, term, reading)
    elif found.operator == "sum" and found.terms:
        yield from _sum(found, term, reading, leaf)
    elif found.operator == "product":
        for number, factor in enumerate(found.terms):
            if number:
                yield sign("·", breaks=True)
            yield from _factor(factor, f"{term}.{number}", reading, leaf, in_product=True)
    elif found.operator == "function" and found.terms and found.sign and found.sign[-1] != "′":
        yield Piece(found.sign, symbol_latex(found.sign))
        yield sign("(")
        for number, part in enumerate(found.terms[: reading.most]):
            if number:
                yield sign(",", breaks=True)
            yield from _written(part, f"{term}.{number}", reading, leaf)
        if len(found.terms) > reading.most:
            yield left_out(len(found.terms) - reading.most)
        yield sign(")")
    else:
        yield from _leaf(found, term, reading, leaf)


def _leaf(found: Expression, term: str, reading: Reading, leaf: _Write) -> Iterator[Piece]:
    whole = leaf(found, term, reading)
    is_formula = leaf is _symbol and found.operator == "function" and not found.sign
    for part in broken(found.symbol) if is_formula else [whole]:  # its formula stands for it
        yield replace(whole, text=part.text, latex=part.latex, breaks=part.breaks)


def _sum(found: Expression, term: str, reading: Reading, leaf: _Write) -> Iterator[Piece]:
    chosen = list(enumerate(found.terms))
    if len(chosen) > reading.most:
        chosen = sorted(chosen, key=lambda one: -abs(one[1].value))[: reading.most]
    for place, (number, one) in enumerate(chosen):
        negated = place > 0 and leaf is _symbol and _is_negated(one)
        part = _without_minus(one) if negated else one
        if place:
            yield sign("−" if negated else "+", breaks=True)
        yield from _factor(part, f"{term}.{number}", reading, leaf, in_product=False)
    if len(chosen) < len(found.terms):
        yield sign("+", breaks=True)
        yield left_out(len(found.terms) - len(chosen))


def _is_negated(part: Expression) -> bool:
    """Tell whether a term is written with a minus before it: −η · ∂E/∂w."""
    if part.operator == "function":
        return not part.sign and part.symbol.startswith("−")
    return part.operator == "product" and part.terms[0].symbol.startswith("−")


def _without_minus(part: Expression) -> Expression:
    if part.operator == "function":
        return replace(part, symbol=part.symbol[1:])
    first = replace(part.terms[0], symbol=part.terms[0].symbol[1:])
    return replace(part, terms=(first, *part.terms[1:]))


def _factor(
    part: Expression, term: str, reading: Reading, leaf: _Write, *, in_product: bool
) -> Iterator[Piece]:
    compound = part.operator == "sum" and len(part.terms) > 1 and not part.is_named
    inner = compound and in_product
    if inner:
        yield sign("(")
    yield from _written(part, term, reading, leaf)
    if inner:
        yield sign(")")


# -- single pieces ---------------------------------------------------------------------------------


def _symbol(found: Expression, term: str, reading: Reading) -> Piece:
    return Piece(
        found.symbol,
        symbol_latex(found.symbol),
        term=term or "·",
        place=place_of(found),
        opens=opens(found, reading.of) if term else "",
        tip=_tip(found, reading),
        is_reused=found.is_reused,
        is_current=bool(reading.current) and found.quantity == reading.current,
    )


def _number(found: Expression, term: str, reading: Reading) -> Piece:
    known = reading.knows(found.quantity) if found.quantity else True
    text = number_text(found.value) if known else UNKNOWN
    if text.startswith("−") and term:
        text = f"({text})"
    return Piece(
        text,
        "",
        is_number=True,
        term=term or "·",
        place=place_of(found),
        opens=opens(found, reading.of) if term else "",
        tip=_tip(found, reading),
        is_reused=found.is_reused,
        is_current=bool(reading.current) and found.quantity == reading.current,
    )


def _tip(found: Expression, reading: Reading) -> str:
    if found.quantity and not reading.knows(found.quantity):
        return f"{found.symbol} is not yet known at the cursor"
    used = "; used before in this formula, and not computed again" if found.is_reused else ""
    return f"{found.symbol} = {found.value:.10g}{used}".replace("-", "−")


def _opened(found: Expression, reading: Reading) -> list[Line]:
    """Return a part's own formula, if it declares one and is known."""
    if not found.opened or (found.quantity and not reading.knows(found.quantity)):
        return []
    name = Piece(found.symbol, symbol_latex(found.symbol), term=f"·{found.symbol}",
                 place=place_of(found), opens=opens(found, reading.of))  # fmt: skip
    opened = [text for text in found.opened if text != found.symbol]
    return [(name, *(piece for text in opened for piece in _texts(text)))]


def _texts(text: str) -> list[Piece]:
    return [sign("=", breaks=True), *broken(text)]


def broken(text: str) -> list[Piece]:
    """Return a formula in pieces, between which a line may end: before + and −."""
    first, *others = _BETWEEN_TERMS.split(text)
    pieces = [Piece(first, symbol_latex(first))]
    for plus, term in zip(others[::2], others[1::2], strict=True):
        pieces += [sign(plus, breaks=True), Piece(term, symbol_latex(term))]
    return pieces


def _parts(found: Expression, reading: Reading) -> Iterator[Expression]:
    yield found
    for term in found.terms[: reading.most]:
        yield from _parts(term, reading)
