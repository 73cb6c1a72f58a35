"""Explanations as formulas to be drawn: a line with symbols, one with numbers, and what opens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.analysis.explanation import Expression, Numerator, parse_quantity
from engine.analysis.explanation.formats import named_parts, opened_inputs
from engine.analysis.explanation.latex_symbols import symbol_latex
from engine.analysis.explanation.matrix_forms import MatrixForm
from engine.analysis.explanation.reuse import NamedQuantity, Reuse
from engine.analysis.explanation.shown_numbers import ShownNumbers, shown_numbers
from engine.analysis.explanation.written_terms import Token, written
from gui.formulas.pieces import UNKNOWN, Line, Piece, left_out, place_of, plain_text, sign

MANY = 60
"""Terms of a sum that are written out at first."""

_EACH_ROW = r"\text{ in each row}"
_OTHERS = 8  # derivatives with the same factor that are listed
_SHORT = 24  # letters of a formula that needs no place to break
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
    shown = shown_numbers(found, reading.most)
    known = not found.quantity or reading.knows(found.quantity)
    whole = Piece(shown.result if known else UNKNOWN, "", is_number=True, term="·")
    result = sign(shown.equals), whole
    if found.operator == "value" or (found.operator == "function" and not found.terms):
        return [(name, *result), *_opened(found, reading)]
    if found.sign.endswith("′"):
        return [*_opened(found, reading), (name, *result)]
    if found.operator == "function" and found.opened:
        lines = _function_lines(name, found, shown, reading)
    else:
        lines = [(name, sign("=", breaks=True), *_symbols(found, reading))]
        lines.append((sign("="), *_numbers(found, shown, reading)))
    lines.append(result)
    seen: set[str] = set()
    for part in _parts(found, reading):
        if part is not found and part.opened and part.symbol not in seen:
            seen.add(part.symbol)
            lines += _opened(part, reading)
    lines += [_told_apart(part, reading) for part in (*named_parts(found), *opened_inputs(found))]
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
        pieces = tuple(_symbols(stage, reading))
        opened[plain_text([pieces])] = (sign("=", breaks=True), *pieces)
    symbols = list(opened.values())
    return [(name, *symbols[0]), *symbols[1:], *lines[1:]]


def unknown() -> Piece:
    """Return what stands for a number that is not yet known."""
    return Piece(UNKNOWN, "", is_number=True, term="·")


def _told_apart(part: Expression, reading: Reading) -> Line:
    """Return what a part with a name of its own is made of."""
    term, shown = f"·{part.symbol}", shown_numbers(part, reading.most)
    name = Piece(part.symbol, symbol_latex(part.symbol), term=term)
    symbols = list(_symbols(part, reading, term))
    numbers = list(_numbers(part, shown, reading, term))
    end = Piece(shown.result if _knows(part, reading) else UNKNOWN, "", is_number=True, term=term)
    starts = sign("=", breaks=True), sign("=", breaks=True), sign(shown.equals, breaks=True)
    return (name, starts[0], *symbols, starts[1], *numbers, starts[2], end)


def row_symbols(row: Expression, reading: Reading) -> list[Piece]:
    """Return what a number of one row is made of, in symbols that hold for every row."""
    if row.operator == "value" or row.sign.endswith("′"):
        pieces = [_symbol(row, "0", reading)]
    elif row.operator == "function" and row.opened:
        pieces = [replace(piece, term="0") for piece in broken(*row.formulas()[0])]
    else:
        pieces = list(_symbols(Expression("product", row.value, "", terms=(row,)), reading))
    return [replace(p, tip="", breaks=p.breaks or p.text == "·") for p in pieces]


def row_openings(row: Expression, reading: Reading) -> list[Line]:
    """Return the formulas that the factors of a row declare, in symbols: σ′(s) = σ(s)(1 − σ(s))."""
    found: dict[str, Line] = {}
    for part in _parts(row, reading):
        is_whole = part is row and not part.sign.endswith("′")
        told = part.opened and part.opened[0] != part.symbol
        if told and not is_whole:
            name = _symbol(part, "0", reading)
            equals = sign("=", breaks=True)
            formula = Piece(*part.formulas()[0])
            found[part.symbol] = (name, equals, formula, Piece("in each row", _EACH_ROW))
    for part in opened_inputs(row):
        whole = Piece(part.symbol, symbol_latex(part.symbol), term=f"·{part.symbol}")
        symbols = _symbols(part, reading, f"·{part.symbol}")
        each = Piece("in each row", _EACH_ROW)
        found[part.symbol] = (whole, sign("=", breaks=True), *symbols, each)
    return [tuple(replace(piece, tip="") for piece in line) for line in found.values()]


def _function_lines(
    name: Piece, found: Expression, shown: ShownNumbers, reading: Reading
) -> list[Line]:
    """Return an operation's own formula, and the numbers that go into it."""
    given: list[Piece] = [Piece("with", r"\text{with}")]
    for number, term in enumerate(found.terms[: reading.most]):
        given += [sign(",")] * (number > 0)
        place = f".{number}"
        given += [replace(_symbol(term, place, reading), breaks=number > 0), sign("=")]
        given.append(_number(term, shown.text(term), place, reading))
    if len(found.terms) > reading.most:
        given += [sign(",", breaks=True), left_out(len(found.terms) - reading.most)]
    known = not found.quantity or reading.knows(found.quantity)
    first, *others = found.formulas()
    numbers = [(sign("="), *broken(*one)) for one in others if known]
    return [(name, sign("="), *broken(*first)), *numbers, tuple(given)]


def reuse_lines(found: Sequence[Reuse]) -> list[Line]:
    """Return which derivatives share each factor, as links: ``δ(h₁) is also in ∂E/∂b(h₁), …``."""
    lines: list[Line] = []
    for number, reuse in enumerate(found):
        line = [_link(reuse.factor, f"reuse{number}"), Piece("is also in", r"\text{is also in}")]
        for place, other in enumerate(reuse.others[:_OTHERS]):
            line += [sign(",")] * (place > 0)
            line.append(replace(_link(other, f"reuse{number}.{place}"), breaks=True))
        left = len(reuse.others) - _OTHERS
        if left > 0:
            text = f"and {left:,} more"
            line.append(Piece(text, rf"\text{{{text}}}", breaks=True))
        lines.append(tuple(line))
    return lines


def _link(named: NamedQuantity, term: str) -> Piece:
    tip = f"Explain {named.symbol}"
    latex = symbol_latex(named.symbol)
    return Piece(named.symbol, latex, term=term, opens=named.quantity, tip=tip)


def scaling_text(raw: float, offset: float, scale: float, scaled: float) -> str:
    """Return how a number of the data was scaled: ``(1 − 0.5) / 0.5 = 1``."""
    terms = tuple(Expression("value", number, "") for number in (raw, offset, scale))
    found = Expression(
        "function",
        scaled,
        "",
        terms=terms,
        sign="/",
        function=lambda numbers: (numbers[0] - numbers[1]) / numbers[2],
    )
    shown = shown_numbers(found, MANY)
    first, second, third = map(shown.text, terms)
    second = f"({second})" if second.startswith("−") else second
    return f"({first} − {second}) / {third} {shown.equals} {shown.result}"


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


def _symbols(found: Expression, reading: Reading, term: str = "") -> Iterator[Piece]:
    """Yield what a number is made of in symbols; ``term`` names its place."""
    for token in written(found, lambda one: one.symbol, reading.most, term):
        if token.part is None or token.left_out:
            yield _sign(token)
        else:
            whole = _symbol(token.part, token.place, reading)
            is_formula = token.part.operator == "function" and not token.part.sign
            parts = broken(token.text) if is_formula else [Piece(token.text, "")]
            for one in parts:  # its formula stands for it
                latex = symbol_latex(one.text)
                yield replace(whole, text=one.text, latex=latex, breaks=one.breaks)


def _numbers(
    found: Expression, shown: ShownNumbers, reading: Reading, term: str = ""
) -> Iterator[Piece]:
    """Yield the same in numbers; what is not known at the cursor is blank."""

    def text(one: Expression) -> str:
        return shown.text(one) if _knows(one, reading) else UNKNOWN

    for token in written(found, text, reading.most, term):
        if token.part is None:
            yield _sign(token)
        else:
            yield _number(token.part, token.text, token.place, reading)


def _sign(token: Token) -> Piece:
    if token.left_out:
        return left_out(token.left_out) if token.part is None else Piece(UNKNOWN, r"\dots")
    if len(token.text) > 1:
        return Piece(token.text, symbol_latex(token.text))
    return sign(token.text, breaks=token.breaks)


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


def _number(found: Expression, text: str, term: str, reading: Reading) -> Piece:
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


def _knows(found: Expression, reading: Reading) -> bool:
    """Tell whether a number is known at the cursor; what is left out of a sum, if all of it is."""
    parts = found.terms if found.symbol == UNKNOWN else (found,)
    return all(not one.quantity or reading.knows(one.quantity) for one in parts)


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
    line = [name]
    for text, latex in found.formulas():
        if text != found.symbol:
            line += [sign("=", breaks=True), *broken(text, latex)]
    return [tuple(line)]


def broken(text: str, latex: str = "") -> list[Piece]:
    """Return a formula in pieces, between which a line may end: before + and −."""
    if latex and (len(text) <= _SHORT or r"\begin" in latex):
        return [Piece(text, latex)]
    first, *others = _BETWEEN_TERMS.split(text)
    pieces = [Piece(first, symbol_latex(first))]
    for plus, term in zip(others[::2], others[1::2], strict=True):
        pieces += [sign(plus, breaks=True), Piece(term, symbol_latex(term))]
    return pieces


def _parts(found: Expression, reading: Reading) -> Iterator[Expression]:
    yield found
    for term in found.terms[: reading.most]:
        yield from _parts(term, reading)


def matrix_lines(form: MatrixForm, rows: int) -> list[Line]:
    """Return all entries at once: with symbols and with shapes."""
    name = Piece(form.name, symbol_latex(form.name))
    mean = mean_of_rows(rows) if rows > 1 else []
    shapes = f"shapes {form.shapes}"
    return [(name, sign("="), *mean, *broken(form.formula)),
            (Piece(shapes, rf"\text{{{shapes}}}"),)]  # fmt: skip


def mean_of_rows(count: int) -> list[Piece]:
    """Return 1/B·Σ over the rows."""
    return [
        Piece(f"1/{count}", rf"\frac{{1}}{{{count}}}"),
        Piece("Σ over rows", r"\sum_{\text{rows}}"),
    ]
