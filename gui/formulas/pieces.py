"""What a formula is put together with: symbols, numbers and signs, each with what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.analysis.explanation import Expression
from engine.analysis.explanation.latex_symbols import number_latex
from gui.formulas.glyphs import Glyphs, typeset, typeset_number

PlaceName: TypeAlias = tuple[Literal["node", "edge", "parameter"], str]
"""A node, an edge or a parameter, by its id or name."""

UNKNOWN = "…"
MORE = "more"
"""What a piece opens that stands for the terms left out."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A symbol, a number or a sign of a formula.

    Parameters
    ----------
    text, latex : str
        As plain text and as LaTeX.
    is_number : bool
        Whether it is set from digits.
    term : str
        Which term it belongs to; pieces of one term are lit together. Empty for signs.
    place : tuple or None
        What it is about.
    along : tuple of tuples
        What is lit besides while it is pointed at: the edges of a path.
    opens : str
        The quantity that a click on it explains.
    tip : str
        One sentence about it.
    breaks : bool
        Whether a line may end before it.
    is_reused, is_current : bool
        Whether it occurred before in the same formula; whether the cursor stands at it.
    """

    text: str
    latex: str
    is_number: bool = False
    term: str = ""
    place: PlaceName | None = None
    along: tuple[PlaceName, ...] = ()
    opens: str = ""
    tip: str = ""
    breaks: bool = False
    is_reused: bool = False
    is_current: bool = False

    def outline(self) -> Glyphs:
        """Return it typeset."""
        return typeset_number(self.text) if self.is_number else typeset(self.latex)


Line: TypeAlias = tuple[Piece, ...]

_SPACED = {"+": "+", "=": "=", "·": r"\cdot", "≈": r"\approx", "−": "-"}


def sign(text: str, *, breaks: bool = False) -> Piece:
    """Return a sign between terms."""
    return Piece(text, _SPACED.get(text, text), breaks=breaks)


def left_out(count: int) -> Piece:
    """Return what stands for terms that are left out; it opens `MORE`."""
    text = f"({count:,} more)"
    return Piece(text, rf"\text{{{text}}}", term=MORE, opens=MORE, tip="Write them out")


def place_of(found: Expression) -> PlaceName | None:
    """Return what an expression is about."""
    if found.edge is not None:
        return "edge", found.edge
    if found.parameter is not None:
        return "parameter", found.parameter
    return ("node", found.node) if found.node is not None else None


def plain_text(lines: Iterable[Line]) -> str:
    """Return formulas as text, a line each."""
    return "\n".join(_joined(piece.text for piece in line) for line in lines)


def latex_text(lines: Iterable[Line]) -> str:
    """Return formulas as LaTeX, as lines of an ``aligned`` block."""
    written = [" ".join(_latex(piece) for piece in line) for line in lines if line]
    if len(written) == 1:
        return written[0]
    aligned = [f" {line}".replace(" = ", " &= ", 1) for line in written]
    body = " \\\\\n".join(aligned)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _latex(piece: Piece) -> str:
    if piece.is_number:
        return number_latex(piece.text)
    return piece.latex


def _joined(texts: Iterable[str]) -> str:
    return " ".join(texts).replace("( ", "(").replace(" )", ")").strip()
