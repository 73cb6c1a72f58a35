"""The directed paths from a node to E, the largest by what they contribute to ∂E/∂z."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.analysis.explanation.row_run import PlanPlaces, RowRun, Wire
from engine.declaration.op import Array
from engine.errors import DataError
from engine.interpreter.interpreter import YieldGil
from engine.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Link:
    """An edge of a path, and the derivative of its target by its source."""

    edge: str
    source: str
    target: str
    derivative: float


@dataclass(frozen=True, slots=True)
class Path:
    """A path to a loss; ``contribution`` is the product along it, importance included."""

    links: tuple[Link, ...]
    contribution: float


@dataclass(frozen=True, slots=True)
class Paths:
    """All paths of a node.

    Parameters
    ----------
    node, count : str, int
        How many there are from the node to the losses; exact, however large.
    gradient : float
        ∂E/∂z: the sum of the contributions of all of them.
    largest : tuple of Path
        Those with the largest absolute contributions, in falling order.
    """

    node: str
    count: int
    gradient: float
    largest: tuple[Path, ...]


def paths_of(
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    node: str,
    most: int = 8,
    yield_gil: YieldGil | None = None,
) -> Paths:
    """Return the paths of a node in one row; every value on them has to be a single number.

    Formula: ∂E/∂z = Σ over paths Π over their edges ∂target/∂source

    Raises
    ------
    DataError
        If there are several rows, or a value that is a vector.

    Source: B. Dolhansky, The mathematics of backpropagation, part 4 (the sum over all paths).
    """
    if any(len(column) > 1 for column in columns.values()):
        raise DataError("the paths are those of one row; choose a row")
    run = RowRun(PlanPlaces(plan), theta, columns, yield_gil)
    search = _Search(run, most, yield_gil)
    slot = plan.outputs[node]
    found = search.from_slot(slot)
    gradient = float(run.delta(slot)[0])
    return Paths(node, search.counts[slot], gradient, tuple(map(search.path, found)))


_Ends = tuple[float, Wire | None, "_Ends | None"]
"""A path from its source on: its product, its first edge, and how it goes on."""


class _Search:
    """The largest paths from each value on, from the losses backwards."""

    def __init__(self, run: RowRun, most: int, yield_gil: YieldGil | None) -> None:
        self._run, self._most, self._yield_gil = run, most, yield_gil
        self.counts: dict[int, int] = {}
        self._found: dict[int, list[_Ends]] = {}

    def from_slot(self, start: int) -> list[_Ends]:
        """Return the largest paths from a value on."""
        places, plan = self._run.places, self._run.plan
        for slot in reversed(self._after(start)):
            node = places.node_of[slot]
            ends: list[_Ends] = []
            count = 0
            if node in places.importance:
                ends.append((places.importance[node], None, None))
                count = 1
            for wire in places.leaving.get(slot, ()):
                below = plan.outputs[wire.target]
                factor = self._derivative(wire)
                ends += [(factor * end[0], wire, end) for end in self._found[below]]
                count += self.counts[below]
            ends.sort(key=lambda end: -abs(end[0]))
            self._found[slot], self.counts[slot] = ends[: self._most], count
            if self._yield_gil is not None:
                self._yield_gil()
        return self._found[start]

    def path(self, end: _Ends) -> Path:
        """Return a path with its edges."""
        links: list[Link] = []
        contribution, rest = end[0], end
        while rest[1] is not None and rest[2] is not None:
            wire = rest[1]
            source = self._run.places.node_of[wire.source]
            links.append(Link(wire.id, source, wire.target, self._derivative(wire)))
            rest = rest[2]
        return Path(tuple(links), contribution)

    def _after(self, start: int) -> list[int]:
        """Return the values that depend on one, in the order of the plan; that one is first."""
        places, plan = self._run.places, self._run.plan
        seen, waiting = {start}, [start]
        while waiting:
            slot = waiting.pop()
            if plan.widths[slot] > 1:
                raise DataError("paths are shown where every value is a single number")
            new = {plan.outputs[wire.target] for wire in places.leaving.get(slot, ())} - seen
            seen |= new
            waiting += new
        return sorted(seen)

    def _derivative(self, wire: Wire) -> float:
        return float(self._run.jacobian(wire.target)[wire.id][0, 0])
