"""Which number gets the full colour: chosen from what was seen, and held still."""

from __future__ import annotations

import numpy as np

from engine.arrays.aliases import Array

_STRONG = 0.98  # quantile that gets the full colour: one stray weight must not fade the others
_NICE = np.array([1.0, 2.0, 5.0, 10.0])


class ColorScales:
    """Numbers that get the full colour, by what they are of: ``value``, ``delta``, ``weight``, ….

    Attributes
    ----------
    locked : bool
        Whether they stay whatever comes.
    logarithmic : bool
        Whether colours go by orders of magnitude: see `gui.look.theme.level`.
    """

    def __init__(self) -> None:
        self.locked = self.logarithmic = False
        self._found: dict[str, float] = {}

    def __getitem__(self, name: str) -> float:
        return self._found.get(name) or 1.0

    def take(self, name: str, numbers: Array, *, held: bool) -> float:
        """Choose a scale from numbers and return it; one that is ``held`` only grows.

        It is 1, 2 or 5 times a power of ten.
        """
        before = self._found.get(name, 0.0)
        if before and (self.locked or (held and not np.any(np.abs(numbers) > before))):
            return before
        self._found[name] = max(before, scale_of(numbers)) if held else scale_of(numbers)
        return self[name]

    def refit(self) -> None:
        """Forget them: the next numbers choose anew."""
        self._found.clear()


def scale_of(numbers: Array) -> float:
    """Return the number that gets the full colour: 1, 2 or 5 times a power of ten; 0 for none."""
    size = np.abs(numbers[np.isfinite(numbers)])
    if not len(size):
        return 0.0
    place = min(int(len(size) * _STRONG), len(size) - 1)
    strong = float(np.partition(size, place)[place]) or float(size.max())
    if strong == 0.0:
        return 0.0
    power = 10.0 ** np.floor(np.log10(strong))
    return float(power * _NICE[np.searchsorted(_NICE, strong / power * (1 - 1e-9))])
