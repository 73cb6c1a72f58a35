"""Formulas as lines that fit a width: where every piece lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from gui.formulas.glyphs import Glyphs
from gui.formulas.pieces import Line, Piece

_GAP, _INDENT, _LEADING, _BETWEEN = 4.0, 22.0, 5.0, 5.0  # in outlines' units, 16 to an em


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A piece and where it lies: its baseline begins at (x, y)."""

    piece: Piece
    outline: Glyphs
    x: float
    y: float

    @property
    def rect(self) -> QRectF:
        """The room it takes."""
        outline = self.outline
        height = outline.ascent + outline.descent
        return QRectF(self.x, self.y - outline.ascent, outline.width, height)


@dataclass(frozen=True, slots=True, eq=False)
class SetLine:
    """A line of a formula, typeset."""

    parts: tuple[tuple[Piece, Glyphs], ...]


def set_lines(lines: Sequence[Line]) -> tuple[SetLine, ...]:
    """Typeset lines; this may take long, and any thread may do it."""
    return tuple(SetLine(tuple((piece, piece.outline()) for piece in line)) for line in lines)


def flow(lines: Sequence[SetLine], width: float) -> tuple[list[Placed], float]:
    """Lay out lines below each other within a width; return where all lies, and the height."""
    placed: list[Placed] = []
    y = 0.0
    for line in lines:
        for number, row in enumerate(_rows(line, width)):
            y = _place(placed, row, _INDENT if number else 0.0, y)
        y += _BETWEEN
    return placed, y


def _rows(line: SetLine, width: float) -> list[list[tuple[Piece, Glyphs]]]:
    """Break a line before the last piece that may begin a new one."""
    rows: list[list[tuple[Piece, Glyphs]]] = [[]]
    x, last = 0.0, 0  # where the row ends, and its last place to break
    for piece, outline in line.parts:
        row = rows[-1]
        if piece.breaks and row:
            last = len(row)
        row.append((piece, outline))
        x += outline.width + _GAP
        if x > width and last:
            rows[-1], rest = row[:last], row[last:]
            rows.append(rest)
            x = _INDENT + sum(part.width + _GAP for _, part in rest)
            last = 0
    return rows


def _place(placed: list[Placed], row: Sequence[tuple[Piece, Glyphs]], x: float, y: float) -> float:
    ascent = max((outline.ascent for _, outline in row), default=0.0)
    descent = max((outline.descent for _, outline in row), default=0.0)
    for piece, outline in row:
        x -= _GAP if piece.text in (")", ",") and placed else 0.0
        placed.append(Placed(piece, outline, x, y + ascent))
        x += outline.width + (0.0 if piece.text == "(" else _GAP)
    return y + ascent + descent + _LEADING
