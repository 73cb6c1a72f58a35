"""Standardising and min-max scaling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.data.table import Values


@dataclass(frozen=True, slots=True)
class Scaling:
    """The map x ↦ (x − offset) / scale, component by component.

    Parameters
    ----------
    offset, scale : array
        (width,); ``scale`` is nowhere 0.
    """

    offset: Values
    scale: Values

    def apply(self, values: Values) -> Values:
        """Scale values, (rows, width)."""
        return (values - self.offset) / self.scale

    def undo(self, values: Values) -> Values:
        """Return scaled values to the units of the data, (rows, width)."""
        return values * self.scale + self.offset


def fit(values: Values, method: Literal["standard", "min_max"]) -> Scaling:
    """Fit a scaling to training rows (rows, width): mean 0 and standard deviation 1, or 0 … 1.

    Components that do not vary are only shifted.
    """
    if method == "standard":
        offset, scale = values.mean(axis=0), values.std(axis=0)
    else:
        offset = values.min(axis=0)
        scale = values.max(axis=0) - offset
    rounding = 8 * np.finfo(np.float64).eps * np.abs(values).max(axis=0)
    return Scaling(offset, np.where(scale > rounding, scale, 1.0))
