"""θ in the order that suits the program, and back, at the border of the compiled loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.native.machine.instructions import Integers

Entry = TypeVar("Entry", bound="np.generic[Any]")
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Order:
    """Where the program has what the plan has elsewhere in θ.

    Parameters
    ----------
    places : array or None
        For each of the program's entries the plan's; None if both are the same.
    owned : array of bool or None
        Which of them are entries, not copies of such; None if there are no copies.
    """

    places: Integers | None = None
    owned: Mask | None = None

    def inside(self, vector: NDArray[Entry]) -> NDArray[Entry]:
        """Return a vector like θ in the program's order; the same object if nothing moves."""
        return vector if self.places is None else vector[self.places]

    def room(self, vector: NDArray[Entry]) -> NDArray[Entry]:
        """Return room for what becomes such a vector inside; the same object if nothing moves."""
        return vector if self.places is None else np.empty(len(self.places), vector.dtype)

    def bring_back(self, inside: NDArray[Entry], vector: NDArray[Entry]) -> None:
        """Write what `inside` made of a vector, and the program has changed, into that vector."""
        if self.places is not None and self.owned is not None:
            vector[self.places[self.owned]] = inside[self.owned]
        elif self.places is not None:
            vector[self.places] = inside

    def chosen(self, mask: Mask) -> Mask:
        """Return which of the program's entries are chosen ones of the plan; copies never are."""
        inside = self.inside(mask)
        return inside if self.owned is None else inside & self.owned

    def among(self, chosen: Mask) -> Order:
        """Return the order of those entries alone that are ``chosen`` in the plan's order."""
        if self.places is None:
            return self
        return Order((np.cumsum(chosen) - 1)[self.places[self.chosen(chosen)]])


class Arranging:
    """Collects entries of θ in the order in which they are used; shared ones are copied.

    Parameters
    ----------
    shared : (P,) array of bool
        Which entries of θ have several uses.
    """

    def __init__(self, shared: Mask) -> None:
        self._shared = shared
        self._parts: list[Integers] = []
        self.size = 0

    def add(self, places: Integers) -> int:
        """Put entries next to each other; return the place of the first."""
        start = self.size
        self._parts.append(places)
        self.size += len(places)
        return start

    def finish(self) -> tuple[Order, Integers, Integers]:
        """Return the order, where in it each entry of θ is, and the copies.

        Returns
        -------
        order : Order
        inside : (P,) array
        ties : (k, 2) array
            Entry inside, entry inside that is a copy of it.
        """
        used = np.concatenate([np.zeros(0, np.int64), *self._parts])
        copied = self._shared[used]
        rest = np.ones(len(self._shared), bool)
        rest[used[~copied]] = False
        places = np.concatenate((used, np.flatnonzero(rest)))
        owned = np.ones(len(places), bool)
        owned[: len(used)] = ~copied
        inside = np.empty(len(self._shared), np.int64)
        inside[places[owned]] = np.flatnonzero(owned)
        copies = np.flatnonzero(~owned)
        ties = np.stack((inside[places[copies]], copies), axis=1)
        if len(copies):
            return Order(places, owned), inside, ties
        moved = bool((places != np.arange(len(places))).any())
        return Order(places if moved else None), inside, ties
