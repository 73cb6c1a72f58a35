"""What rounding leaves of zero."""

from __future__ import annotations

import numpy as np

from engine.arrays.aliases import Array

_NOISE = 1e-14  # relative to the scale: what a mean over rows leaves of zero


def without_noise(numbers: Array, scale: float | Array) -> Array:
    """Return numbers with zero for those that are nothing beside their scale."""
    return np.where(np.abs(numbers) < _NOISE * scale, 0.0, numbers)
