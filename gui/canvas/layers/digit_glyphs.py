"""Numbers drawn by the thousand: digits found by arithmetic on arrays, glyphs from one picture."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

from engine.arrays.aliases import Floats
from gui.canvas.layers.painter_batches import draw_fragments, fragments

Codes: TypeAlias = NDArray[np.uint8]

GLYPHS = "0123456789 .−e+∞"
PLACES = 8  # sign and seven places
_BLANK, _POINT, _MINUS, _E, _PLUS, _INFINITE = (GLYPHS.index(c) for c in " .−e+∞")
_SMALL, _LARGE = 1e-3, 99_999.5
_WHOLE = [9.99995, 99.9995, 999.995, 9999.95]  # from where there is one more digit before the point
_LIFTED = 16  # powers of ten by which small numbers are multiplied, or the least would be lost
_LIFT = 10.0**_LIFTED
_POWERS = np.array([10_000, 1_000, 100, 10, 1])


def codes(numbers: NDArray[np.floating[Any]]) -> Codes:
    """Return the glyphs (n, 8) of numbers: sign, then five digits and a point, or m.mme−x.

    NaN is blank. Between 0.001 and 99999 five digits are shown, else one to three and an exponent.
    """
    numbers = np.asarray(numbers, dtype=float)
    size = np.abs(numbers)
    result = np.full((len(numbers), PLACES), _BLANK, dtype=np.uint8)
    plain = (size == 0) | ((size >= _SMALL) & (size < _LARGE))
    _write_plain(result, np.flatnonzero(plain), size)
    _write_scientific(result, np.flatnonzero(~plain & np.isfinite(size)), size)
    infinite = np.isinf(size)
    result[infinite, 1] = _INFINITE
    result[(numbers < 0) & (plain | np.isfinite(size) | infinite), 0] = _MINUS
    return result


def text(number: float) -> str:
    """Return a number as it is drawn, without blanks: one alone is quicker so than by `codes`."""
    size, sign = abs(number), "−" if number < 0 else ""
    if math.isnan(number):
        return ""
    if math.isinf(number):
        return f"{sign}∞"
    if size and not _SMALL <= size < _LARGE:
        return sign + _scientific(size)
    decimals = 4 - bisect_right(_WHOLE, size)
    digits = str(round(size * 10.0**decimals)).rjust(5, "0")
    return f"{sign}{digits[: 5 - decimals]}{'.' if decimals else ''}{digits[5 - decimals :]}"


def _scientific(size: float) -> str:
    exponent = math.floor(np.log10(size))
    places = _places(abs(exponent))
    lift, lifted = (_LIFT, _LIFTED) if size < 1.0 else (1.0, 0)
    mantissa = round(size * lift / 10.0 ** (exponent + lifted) * 10**places)
    if mantissa >= 10 ** (places + 1):
        mantissa, exponent = mantissa // 10, exponent + 1
    power = abs(exponent)
    digits = str(mantissa)
    shown = digits[0] + ("." if _places(power) else "") + digits[1 : 1 + _places(power)]
    return f"{shown}e{'−' if exponent < 0 else '+'}{power}"


def _places(power: int) -> int:
    return 2 if power < 10 else 1 if power < 100 else 0


def _write_plain(into: Codes, rows: NDArray[np.intp], size: Floats) -> None:
    if not len(rows):
        return
    size = size[rows]
    whole = np.searchsorted(_WHOLE, size, side="right")
    decimals = 4 - whole
    value = np.rint(size * 10.0**decimals).astype(np.int64)
    digits = value[:, None] // _POWERS % 10
    place = np.arange(6)
    point = (whole + 1)[:, None]
    column = np.minimum(np.where(place > point, place - 1, place), 4)
    glyphs = np.take_along_axis(digits, column, axis=1)
    glyphs = np.where(place == point, np.where(point == 5, _BLANK, _POINT), glyphs)
    into[rows, 1:7] = glyphs


def _write_scientific(into: Codes, rows: NDArray[np.intp], size: Floats) -> None:
    if not len(rows):
        return
    size = size[rows]
    exponent = np.floor(np.log10(size)).astype(np.int64)
    power = np.abs(exponent)
    digits = np.select([power < 10, power < 100], [100, 10], 1)  # what the mantissa is times
    lifted = np.where(size < 1.0, _LIFTED, 0)
    lift = np.where(size < 1.0, _LIFT, 1.0)
    mantissa = np.rint(size * lift / 10.0 ** (exponent + lifted) * digits).astype(np.int64)
    full = mantissa >= 10 * digits
    mantissa = np.where(full, mantissa // 10, mantissa) * (100 // digits)  # always m.mm
    exponent += full
    sign = np.where(exponent < 0, _MINUS, _PLUS)
    power = np.abs(exponent)
    point, e, blank = (np.full_like(power, glyph) for glyph in (_POINT, _E, _BLANK))
    head, tenth, last = mantissa // 100, mantissa // 10 % 10, mantissa % 10
    hundreds, tens, ones = power // 100, power // 10 % 10, power % 10
    one = np.stack([head, point, tenth, last, e, sign, ones], axis=1)
    two = np.stack([head, point, tenth, e, sign, tens, ones], axis=1)
    three = np.stack([head, e, sign, hundreds, tens, ones, blank], axis=1)
    lengths = [(power < 10)[:, None], (power < 100)[:, None]]
    into[rows, 1:] = np.select(lengths, [one, two], three)


class GlyphSheet:
    """The glyphs of one font and colour in one picture; digits are equally wide.

    Parameters
    ----------
    font : QFont
        With a pixel size in physical pixels.
    color : QColor
        Of the ink.
    glyphs : str
        Which, in the order of their codes.
    """

    def __init__(self, font: QFont, color: QColor, glyphs: str = GLYPHS) -> None:
        metrics = QFontMetricsF(font)
        advance = round(max(metrics.horizontalAdvance(c) for c in "0123456789"))
        narrow = round(metrics.horizontalAdvance("."))
        self._advances = np.array([narrow if glyph == "." else advance for glyph in glyphs])
        self._blank = glyphs.find(" ")
        cell = advance + advance % 2 + 2
        self._height = 2 * (round(metrics.height()) // 2)
        self._pixmap = QPixmap(cell * len(glyphs), self._height)
        self._pixmap.fill(Qt.GlobalColor.transparent)
        self._sources = np.array(
            [[cell * i, 0.0, cell, self._height] for i in range(len(glyphs))], dtype=float
        )
        with QPainter(self._pixmap) as painter:
            painter.setFont(font)
            painter.setPen(color)
            for i, glyph in enumerate(glyphs.replace("−", "–")):  # as wide as a digit
                box = QRectF(cell * i, 0, cell, self._height)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, glyph)

    def draw(self, painter: QPainter, which: Codes, left: Floats, middle: Floats) -> None:
        """Draw rows of codes (n, k) from ``left`` at heights ``middle`` (n,), physical pixels."""
        advances = self._advances[which]
        x = np.rint(left)[:, None] + np.cumsum(advances, axis=1) - advances // 2
        y = np.rint(middle)[:, None] + np.zeros(which.shape[1])
        shown = which != self._blank
        # Sizes of glyphs are even and centres whole: every copy lies on whole pixels, hence sharp.
        pieces = fragments(x[shown], y[shown], self._sources[which[shown]])
        draw_fragments(painter, pieces, self._pixmap)
