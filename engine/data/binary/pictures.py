"""Pixels: whether they are divided by 255, by one rule for archives and IDX files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = Literal["auto", "divided", "unchanged"]

_WHITE = 255
_BRIGHT = 127  # beyond it, numbers that need not be pixels are taken for pixels
_SMALLEST = 64  # pixels of a picture kept as a row
_ROWS = 4096  # looked at in one go


def are_pixels(parts: Sequence[NDArray[Any]], pixels: Pixels = "auto") -> bool:
    """Tell whether arrays that make one column are pictures whose pixels are divided by 255.

    By themselves these are: unsigned bytes of three axes or more, one beyond 1; and whole numbers
    0 … 255, one beyond 127, of three axes or more or in rows of a square number of at least 64.

    Parameters
    ----------
    parts : sequence of array
        (rows, …) each: the training rows, perhaps the test rows.
    pixels : str
        ``divided`` and ``unchanged`` decide it for all arrays of three axes or more, and for
        rows of a square number of at least 64.
    """
    shape = parts[0].shape
    width = math.prod(shape[1:])
    square = len(shape) == 2 and width >= _SMALLEST and math.isqrt(width) ** 2 == width
    if not (len(shape) > 2 or square) or parts[0].dtype.kind not in "iuf":
        return False
    if pixels != "auto":
        return pixels == "divided"
    if len(shape) > 2 and all(part.dtype == np.uint8 for part in parts):
        return max(int(part.max()) for part in parts) > 1
    return all(_are_bytes(part) for part in parts) and any(part.max() > _BRIGHT for part in parts)


def flat(parts: Sequence[NDArray[Any]], divided: bool) -> NDArray[np.float64]:
    """Return arrays as rows of numbers below each other, (rows, width), perhaps over 255."""
    width = math.prod(parts[0].shape[1:])
    values = np.empty((sum(len(part) for part in parts), width))
    start = 0
    for part in parts:
        rows = values[start : start + len(part)]
        with np.errstate(all="ignore"):
            if divided:
                np.divide(part.reshape(len(part), width), float(_WHITE), out=rows)
            else:
                rows[...] = part.reshape(len(part), width)
        start += len(part)
    return values


def _are_bytes(array: NDArray[Any]) -> bool:
    for start in range(0, len(array), _ROWS):
        part = array[start : start + _ROWS]
        with np.errstate(all="ignore"):
            if not ((part >= 0) & (part <= _WHITE) & (part == np.round(part))).all():
                return False
    return True
