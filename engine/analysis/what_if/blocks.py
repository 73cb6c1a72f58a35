"""Work on many things that goes on block by block, so that it can be shown and given up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import isnan
from typing import Self

_WORK = 2_000_000  # numbers that one block may compute


@dataclass(frozen=True, slots=True)
class Importance:
    """What E owes to one thing.

    Parameters
    ----------
    place : str
        Id of an edge or node; of an input, its column with the component behind.
    kind : str
        ``edge``, ``unit`` or ``input``.
    delta : float
        By how much E would be larger (ΔE).
    spread : float
        Standard deviation over the repeats; 0 of what is not drawn.
    component : int, optional
        Which unit of a node that is a layer of them; None for the whole node.
    """

    place: str
    kind: str
    delta: float
    spread: float = 0.0
    component: int | None = None


class Blocks(ABC):
    """The importance of many things, as far as it is known.

    Parameters
    ----------
    total : int
        How many things there are.
    work : int
        How many numbers are computed for one at most.
    """

    def __init__(self, total: int, work: int) -> None:
        self.total = total
        self.found: tuple[Importance, ...] = ()
        self._block = max(1, _WORK // max(work, 1))

    @property
    def done(self) -> int:
        """How many are known."""
        return len(self.found)

    @property
    def is_done(self) -> bool:
        """Whether all are known."""
        return self.done == self.total

    def advance(self) -> Self:
        """Compute one block more; ``found`` is then another tuple, largest ΔE first."""
        last = min(self.done + self._block, self.total)
        more = [self.compute(number) for number in range(self.done, last)]
        self.found = tuple(sorted([*self.found, *more], key=_largest))
        return self

    @abstractmethod
    def compute(self, number: int) -> Importance:
        """Return the importance of one thing."""


def _largest(one: Importance) -> tuple[bool, float, str, int]:
    is_number = not isnan(one.delta)  # what is none comes last
    return (not is_number, -one.delta if is_number else 0.0, one.place, one.component or 0)
