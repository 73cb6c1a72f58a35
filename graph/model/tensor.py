"""A parameter's value as the document keeps it: shape and numbers, immutable, without numpy."""

from __future__ import annotations

import array
import math
import sys
from dataclasses import dataclass
from typing import Self, TypeAlias

Nested: TypeAlias = "float | list[Nested]"


@dataclass(frozen=True, slots=True)
class Tensor:
    """An immutable array of float64.

    Parameters
    ----------
    shape : tuple of int
        Extents, outermost first; ``()`` is a single number.
    data : bytes
        The numbers, little-endian float64, last axis fastest.

    Raises
    ------
    ValueError
        If ``data`` does not hold ``prod(shape)`` numbers.
    """

    shape: tuple[int, ...]
    data: bytes

    def __post_init__(self) -> None:
        if len(self.data) != 8 * math.prod(self.shape):
            raise ValueError(f"{len(self.data) // 8} numbers do not fill the shape {self.shape}")

    @classmethod
    def of(cls, nested: Nested) -> Self:
        """Build from nested lists of finite numbers.

        Raises `ValueError` if the lists are ragged, or hold something other than finite numbers.
        """
        shape: list[int] = []
        level: object = nested
        while isinstance(level, list):
            shape.append(len(level))
            level = level[0] if level else 0.0
        numbers = array.array("d")
        _flatten(nested, shape, numbers)
        if sys.byteorder == "big":
            numbers.byteswap()
        return cls(tuple(shape), numbers.tobytes())

    def numbers(self) -> list[float]:
        """Return all numbers, last axis fastest."""
        flat = array.array("d", self.data)
        if sys.byteorder == "big":
            flat.byteswap()
        return flat.tolist()

    def is_finite(self) -> bool:
        """Return whether no number is infinite or NaN."""
        return all(map(math.isfinite, self.numbers()))

    def nested(self) -> Nested:
        """Return the numbers as nested lists of this shape; a plain number for shape ``()``."""
        level: list[Nested] = list(self.numbers())
        for extent in reversed(self.shape[1:]):
            step = max(extent, 1)
            level = [level[i : i + step] for i in range(0, len(level), step)]
        return level if self.shape else level[0]


def _flatten(nested: Nested, shape: list[int], numbers: array.array[float]) -> None:
    if isinstance(nested, list):
        if not shape or len(nested) != shape[0]:
            raise ValueError("the rows have different lengths")
        for item in nested:
            _flatten(item, shape[1:], numbers)
        return
    if shape:
        raise ValueError("the rows have different lengths")
    if isinstance(nested, bool) or not isinstance(nested, int | float):
        raise ValueError(f"{nested!r} is not a number")
    if not math.isfinite(nested):
        raise ValueError(f"{nested!r} is not a finite number")
    numbers.append(float(nested))
