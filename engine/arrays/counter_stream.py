"""Random numbers that are a function of where they are drawn: counter-based streams.

Nothing remembers how much was drawn before: a batch has the same noise whether training was cut
and resumed before it or not, and whether NumPy or the tape runs it; a parameter has the same
initial values whatever else is drawn.

Source: G. Steele, D. Lea, C. Flood, Fast splittable pseudorandom number generators (2014), figures
16 and 17 (SplitMix64): the i-th output is the mixed sum of the key and i times a fixed number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

STEP = 0x9E3779B97F4A7C15
FACTORS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
SHIFTS = (30, 27, 31)
_ALL = (1 << 64) - 1

Bits: TypeAlias = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of numbers with a name of 64 bits.

    Parameters
    ----------
    key : int
        The name, from 0 to 2⁶⁴ − 1.
    first : int
        Rows that are left out at the beginning of every array drawn.
    """

    key: int
    first: int = 0

    def fork(self, number: int) -> Stream:
        """Return the stream with a number below this one."""
        z = (self.key + (number + 1) * STEP) & _ALL
        for shift, factor in zip(SHIFTS, FACTORS, strict=False):
            z = ((z ^ (z >> shift)) * factor) & _ALL
        return Stream(z ^ (z >> SHIFTS[2]), self.first)

    def random(self, shape: Sequence[int]) -> NDArray[np.float64]:
        """Return numbers uniform on [0, 1), float64, in C order."""
        places = np.arange(math.prod(shape)) + self.first * math.prod(shape[1:])
        return uniform(np.uint64(self.key), places).reshape(shape)

    def from_row(self, row: int) -> Stream:
        """Return the stream that draws for a row of a batch what this one draws for it."""
        return Stream(self.key, self.first + row)


def uniform(keys: Bits | np.uint64, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the numbers at some places, counted from 0, of the streams with these keys."""
    z = mixed(keys + (places.astype(np.uint64) + np.uint64(1)) * np.uint64(STEP))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def mixed(z: Bits) -> Bits:
    """Return numbers of 64 bits scattered over all there are, one to one."""
    for shift, factor in zip(SHIFTS, FACTORS, strict=False):
        z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
    return z ^ (z >> np.uint64(SHIFTS[2]))
