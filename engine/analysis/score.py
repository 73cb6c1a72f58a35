"""The score of one update: its stops in order, computed from the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np

from engine.arrays.aliases import Integers
from engine.plan.plan import Plan


class Phase(StrEnum):
    """A part of an update; they follow each other in this order."""

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    GRADIENTS = "gradients"
    PENALTY = "penalty"
    UPDATE = "update"


class StopKind(IntEnum):
    """What becomes known at a stop; they count the rows of a table of names and titles."""

    S = 0
    VALUE = 1
    LOSS = 2
    E = 3
    MESSAGE = 4
    SUM = 5
    DELTA = 6
    START = 7
    GRADIENT = 8
    PENALTY = 9
    UPDATE = 10


@dataclass(frozen=True, slots=True)
class Stop:
    """Where an update can stand still: one number (or vector) becomes known at one place.

    Parameters
    ----------
    index : int
        Its place in the score.
    phase : Phase
        The part of the update it is in.
    node, edge, parameter : str or None
        The place; one of them.
    quantity : str
        What becomes known: ``delta:h1``, ``message:e3``, ``gradient:e3.weight``, ``E``, …
    title : str
        The same in words.
    """

    index: int
    phase: Phase
    node: str | None
    edge: str | None
    parameter: str | None
    quantity: str
    title: str


class _Sort(NamedTuple):
    """Stops of one sort; ``place`` says what the number of a stop's place counts."""

    name: str
    phase: Phase
    place: str
    title: str


_SORTS = (
    _Sort("s", Phase.FORWARD, "node", "net input s of {0}"),
    _Sort("value", Phase.FORWARD, "node", "value z of {0}"),
    _Sort("loss", Phase.LOSS, "node", "loss {0}"),
    _Sort("E", Phase.LOSS, "node", "total error E"),
    _Sort("message", Phase.BACKWARD, "edge", "message from {1} arrives at {0}"),
    _Sort("gradient", Phase.BACKWARD, "node", "∂E/∂z of {0}: the sum of what arrived"),
    _Sort("delta", Phase.BACKWARD, "node", "δ of {0}: f′(s) times the sum"),
    _Sort("gradient", Phase.BACKWARD, "node", "the way back begins at {0}: its share of E"),
    _Sort("gradient", Phase.GRADIENTS, "parameter", "gradient of {0}"),
    _Sort("penalty", Phase.PENALTY, "parameter", "penalty on {0}"),
    _Sort("update", Phase.UPDATE, "parameter", "new value of {0}"),
)
_BECOMES_KNOWN_AS = {("slope", Phase.BACKWARD): "delta", ("value", Phase.LOSS): "loss"}
"""f′(s) is what δ is made with; the value of a loss node is its loss."""


@dataclass(frozen=True, eq=False)
class Score(Sequence[Stop]):
    """The stops of one update, in order.

    What is shown of a node, edge or parameter is known from a stop on; where nothing of an update
    happens it is known at rest only, which counts as the stop behind the last.

    Parameters
    ----------
    plan : Plan
        What is updated.
    sort, place : (n,) arrays
        By stop: its sort, and the number of its node, edge or parameter in the plan.
    labels : mapping
        Node → what it is called on the canvas; slot of an edge → what its weight is called.
    """

    plan: Plan
    sort: Integers
    place: Integers
    labels: Mapping[str, str] = field(repr=False)

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Ids by number: those of nodes, edges and parameters."""
        return {
            "node": tuple(self.plan.outputs),
            "edge": tuple(self.plan.edges),
            "parameter": tuple(self.plan.parameters.names),
        }

    def __len__(self) -> int:
        return len(self.sort)

    def __getitem__(self, index: int) -> Stop:  # type: ignore[override]  # no slices
        number = range(len(self))[index]
        sort, place = _SORTS[self.sort[number]], int(self.place[number])
        name = self.names[sort.place][place]
        where = {"node": None, "edge": None, "parameter": None, sort.place: name}
        what = "E" if sort.name == "E" else f"{sort.name}:{name}"
        return Stop(number, sort.phase, **where, quantity=what, title=self._title(sort, name))

    def _title(self, sort: _Sort, name: str) -> str:
        """Return a stop in words."""
        if sort.place == "edge":
            return sort.title.format(*map(self._label, self._ends(name)))
        if sort.place == "node":
            return sort.title.format(self._label(name))
        carriers = self.carriers(name)
        if len(carriers) == 1:
            ends = f"the weight of {' → '.join(map(self._label, self._ends(carriers[0])))}"
            return sort.title.format(self.labels.get(f"{carriers[0]}.weight", ends))
        owner, _, slot = name.rpartition(".")
        return sort.title.format(f"the {slot} of {self._label(owner)}" if owner else name)

    def _label(self, node: str) -> str:
        return self.labels.get(node) or node

    def carriers(self, parameter: str) -> list[str]:
        """Return the edges that carry a parameter; several share it."""
        return self._carriers.get(parameter, [])

    @cached_property
    def _carriers(self) -> dict[str, list[str]]:
        names, found = self.names["parameter"], dict[str, list[str]]()
        numbers = self.plan.weights.columns[0].tolist()
        for edge, number in zip(self.plan.weights, numbers, strict=True):
            found.setdefault(names[number], []).append(edge)
        return found

    def _ends(self, edge: str) -> tuple[str, str]:
        """Return the nodes at the ends of an edge."""
        step, position = self.plan.edges[edge]
        steps = self.plan.steps
        return steps[steps[step].inputs[position]].owner, steps[step].owner

    # -- what is known ---------------------------------------------------------------------------

    def _known(self, sort: int, before: Integers | None = None) -> Integers:
        """Return the stop from which each place of a sort is known."""
        count = len(self.names[_SORTS[sort].place])
        found = np.full(count, len(self), np.int64) if before is None else before.copy()
        stops = np.flatnonzero(self.sort == sort)
        found[self.place[stops]] = stops
        return found

    @cached_property
    def net_from(self) -> Integers:
        """Of each node, the stop from which its s is known."""
        return self._known(StopKind.S)

    @cached_property
    def value_from(self) -> Integers:
        """Of each node, the stop from which its output is known."""
        return self._known(StopKind.LOSS, self._known(StopKind.VALUE))

    @cached_property
    def gradient_from(self) -> Integers:
        """Of each node, the stop from which ∂E/∂z is known."""
        return self._known(StopKind.START, self._known(StopKind.SUM))

    @cached_property
    def delta_from(self) -> Integers:
        """Of each node, the stop from which δ is known, of those without s ∂E/∂z."""
        return self._known(StopKind.DELTA, self.gradient_from)

    @cached_property
    def message_from(self) -> Integers:
        """Of each edge, the stop from which its message is known."""
        return self._known(StopKind.MESSAGE)

    @cached_property
    def losses_share_from(self) -> Integers:
        """Of each parameter, the stop from which what the losses give to its gradient is known."""
        return self._known(StopKind.GRADIENT)

    @cached_property
    def parameter_gradient_from(self) -> Integers:
        """Of each parameter, the stop from which its whole gradient is known."""
        return self._known(StopKind.PENALTY, self.losses_share_from)

    @cached_property
    def update_from(self) -> Integers:
        """Of each parameter, the stop from which its new value is known."""
        return self._known(StopKind.UPDATE)

    @cached_property
    def error_from(self) -> int:
        """The stop from which E is known."""
        return int(np.flatnonzero(self.sort == StopKind.E)[0])

    @cached_property
    def _numbers(self) -> dict[str, dict[str, int]]:
        """The number of each node, edge and parameter by its id."""
        return {place: {name: i for i, name in enumerate(ids)} for place, ids in self.names.items()}

    def known_from(self, quantity: str) -> int:
        """Return the stop from which a quantity is known; `len` of what is known at rest only."""
        kind, _, name = quantity.partition("[")[0].partition(":")
        if kind == "E":
            return self.error_from
        for number, sort in enumerate(_SORTS):
            is_it = sort.name == _BECOMES_KNOWN_AS.get((kind, sort.phase), kind)
            at = self._numbers[sort.place].get(name) if is_it else None
            if at is not None and self._from[number][at] < len(self):
                return int(self._from[number][at])
        return len(self)

    @cached_property
    def _from(self) -> list[Integers]:
        known = [self._known(number) for number in range(len(_SORTS))]
        known[StopKind.GRADIENT] = self.parameter_gradient_from  # the whole of it
        return known

    def messages(self, index: int) -> Integers:
        """Return the numbers of the edges whose messages make up the sum in which a stop is.

        Those of a node follow each other, its ∂E/∂z comes next: the sum is known up to the stop.
        """
        others = np.flatnonzero(self.sort != StopKind.MESSAGE)
        place = int(np.searchsorted(others, index))
        first = int(others[place - 1]) + 1 if place else 0
        last = int(others[place]) if place < len(others) else len(self)
        return self.place[first:last]

    # -- places --------------------------------------------------------------------------------

    def find(self, name: str) -> Integers:
        """Return the stops at a node, edge or parameter, or at a parameter of it, in order."""
        numbers = {
            "node": self._number("node", name),
            "edge": self._number("edge", name),
            "parameter": self._number("parameter", name) | self._carried(name),
        }
        hits = [
            np.isin(self.place, list(numbers[sort.place])) & (self.sort == number)
            for number, sort in enumerate(_SORTS)
        ]
        return np.flatnonzero(np.any(hits, axis=0))

    def _number(self, place: str, name: str) -> set[int]:
        return {number} if (number := self._numbers[place].get(name)) is not None else set()

    def _carried(self, name: str) -> set[int]:
        """Return the numbers of the parameters that a node or an edge carries."""
        if name in self.plan.weights:
            return {self.plan.weights[name]}
        steps = self.plan.steps
        owned = [steps[number] for number, owner in enumerate(steps.owners) if owner == name]
        on_edges = set(self.plan.weights.columns[0].tolist())
        return {index for step in owned for index in step.slots.values()} - on_edges

    @cached_property
    def _phases(self) -> Integers:
        return np.array([list(Phase).index(sort.phase) for sort in _SORTS], np.int64)[self.sort]

    @property
    def phases(self) -> list[Phase]:
        """The phases that have stops, in order."""
        return [list(Phase)[number] for number in np.unique(self._phases).tolist()]

    def next_phase(self, index: int) -> int | None:
        """Return the first stop of the phase after that of a stop; None if it is the last."""
        later = np.flatnonzero(self._phases > self._phases[index])
        return int(later[0]) if len(later) else None

    def previous_phase(self, index: int) -> int | None:
        """Return the first stop of its phase, or of the one before if it is that; None before."""
        starts = np.flatnonzero(np.diff(self._phases, prepend=-1))
        earlier = starts[starts < index]
        return int(earlier[-1]) if len(earlier) else None

    def end_of_phase(self, index: int) -> int:
        """Return the last stop of its phase."""
        return int(np.flatnonzero(self._phases == self._phases[index])[-1])
