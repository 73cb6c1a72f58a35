"""θ in the order that suits the program, and back, at the border of the compiled loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.native.program import Integers

Entry = TypeVar("Entry", bound="np.generic[Any]")


@dataclass(frozen=True, slots=True)
class Order:
    """Where the program has what the plan has elsewhere in θ.

    Parameters
    ----------
    places : array or None
        For each of the program's entries the plan's; None if both are the same.
    """

    places: Integers | None = None

    def inside(self, vector: NDArray[Entry]) -> NDArray[Entry]:
        """Return a vector like θ in the program's order; the same object if nothing moves."""
        return vector if self.places is None else vector[self.places]

    def bring_back(self, inside: NDArray[Entry], vector: NDArray[Entry]) -> None:
        """Write what `inside` made of a vector, and the program has changed, into that vector."""
        if self.places is not None:
            vector[self.places] = inside

    def among(self, chosen: NDArray[np.bool_]) -> Order:
        """Return the order of those entries alone that are ``chosen`` in the plan's order."""
        if self.places is None:
            return self
        return Order((np.cumsum(chosen) - 1)[self.places[chosen[self.places]]])
