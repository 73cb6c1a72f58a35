"""Arrays handed to QPainter as they are: one call draws thousands of lines or pictures.

The arrays must stay alive and unchanged until the call returns, which it does before the function
here does. Python lists of Qt objects would cost some hundred times more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter, QPixmap
from shiboken6 import Shiboken

from engine.arrays.aliases import Floats

FRAGMENT = 10  # numbers of a QPainter::PixmapFragment


def draw_lines(painter: QPainter, lines: Floats, first: int = 0, count: int | None = None) -> None:
    """Draw lines (k, 4) with the painter's pen, from ``first`` on."""
    count = len(lines) - first if count is None else count
    if count > 0:
        address = _address(lines) + first * 4 * 8
        painter.drawLines(cast("QLineF", Shiboken.wrapInstance(address, QLineF)), count)


def draw_rects(painter: QPainter, rects: Floats) -> None:
    """Draw rectangles (k, 4) of x, y, width, height."""
    if len(rects):
        shape = cast("QRectF", Shiboken.wrapInstance(_address(rects), QRectF))
        painter.drawRects(shape, len(rects))


def draw_fragments(painter: QPainter, fragments: Floats, pixmap: QPixmap) -> None:
    """Draw pieces of a pixmap, described by `fragments`."""
    if len(fragments):
        first = Shiboken.wrapInstance(_address(fragments), QPainter.PixmapFragment)
        piece = cast("QPainter.PixmapFragment", first)
        painter.drawPixmapFragments(piece, len(fragments), pixmap)


def fragments(x: Floats, y: Floats, source: Floats, scale: float | Floats = 1.0) -> Floats:
    """Return pieces of a pixmap (k, 10) that are drawn with their centres at (x, y).

    Parameters
    ----------
    x, y : (k,)
        Centres, in the painter's coordinates.
    source : (k, 4) or (4,)
        Left, top, width and height in the pixmap's pixels.
    scale : number or (k,)
        By how much they are magnified.
    """
    result = np.empty((len(x), FRAGMENT))
    result[:, 0], result[:, 1] = x, y
    result[:, 2:6] = source
    result[:, 6] = result[:, 7] = scale
    result[:, 8], result[:, 9] = 0.0, 1.0
    return result


def _address(array: Floats) -> int:
    if array.dtype != np.float64 or not array.flags.c_contiguous:
        raise ValueError("Qt reads contiguous float64 only")
    return int(array.ctypes.data)


@contextmanager
def saved(painter: QPainter) -> Iterator[None]:
    """Save the painter's state and restore it at the end, also after an error.

    A painter that ends with saved states makes Qt complain, which hides the error itself.
    """
    painter.save()
    try:
        yield
    finally:
        painter.restore()
