"""Breakpoints: conditions that stop a run at the very update, and say where and why.

A run with breakpoints has the bits of one without. `GradientNorm` and `SilentUnit` look after
every update, so the native engine makes one update a call: about 0.2 ms for each, whatever the
network, on top of the update itself; `SilentUnit` computes the training rows once more besides.
`ErrorRises` has it make one epoch a call; `NotFinite` costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np

from engine.arrays.aliases import Flags, Integers
from engine.declaration.op import Array
from engine.plan.plan import Plan
from engine.training.callbacks import NO_LIMIT
from engine.training.runners.records import Progress
from engine.training.runners.state import TrainingState
from graph.model.document import Document

Cadence: TypeAlias = Literal["update", "epoch", "block"]


@dataclass(frozen=True, slots=True)
class BreakpointHit:
    """Where and why a run stopped.

    Parameters
    ----------
    place : str
        Id of the node or edge, or name of the parameter.
    label : str
        What users see there.
    reason : str
        What was found; ``{}`` stands for the label.
    update, epoch, batch, batches : int
        Updates and epochs made so far, updates of the present epoch, updates of an epoch.
    condition : Condition or None
        What was met.
    """

    place: str
    label: str
    reason: str
    update: int
    epoch: int
    batch: int = 0
    batches: int = 1
    condition: Condition | None = None

    @property
    def sentence(self) -> str:
        """All of it in one sentence: the epoch is that of the last update."""
        reason = self.reason.format(f"“{self.label}”")
        return f"Breakpoint {self._moment}: {reason}."

    @property
    def _moment(self) -> str:
        if not self.update:
            return "before the first update"
        epoch = self.epoch + 1 if self.batch else self.epoch
        batch = f", batch {self.batch or self.batches} of {self.batches}"
        return f"after update {self.update} (epoch {epoch}{batch if self.batches > 1 else ''})"


class Condition(Protocol):
    """Something a run can stop for; says how often it looks, and remembers what it must."""

    @property
    def looks(self) -> Cadence:
        """When it must be asked."""

    def check(self, state: TrainingState, progress: Progress) -> tuple[str, str] | None:
        """Return place and reason if the run shall stop; called once for each look."""


class NotFinite:
    """E, a message or a gradient is not finite; the parameters are the last for which E was.

    Without this breakpoint such a run ends with a `DivergedError`.
    """

    looks: Cadence = "block"

    def check(self, state: TrainingState, progress: Progress) -> tuple[str, str] | None:
        """Look where the runner came upon such a number."""
        return (progress.place, "a number at {} is not finite") if progress.place else None


class GradientNorm:
    """The gradient is small or large: |g| < ``below`` or |g| > ``above``.

    |g| is the Euclidean norm at the last update, penalties in, before clipping: of all trained
    parameters, or of one.

    Parameters
    ----------
    below, above : float, optional
        ε and c.
    parameter : str, optional
        The name of one parameter.
    """

    looks: Cadence = "update"

    def __init__(
        self,
        *,
        below: float | None = None,
        above: float | None = None,
        parameter: str | None = None,
    ) -> None:
        self._below, self._above, self._parameter = below, above, parameter

    def check(self, state: TrainingState, progress: Progress) -> tuple[str, str] | None:
        """Compare the norm, and find its largest part."""
        if progress.place or not state.fresh:
            return None
        norm, where = state.gradient_norm, "its largest part was at"
        if self._parameter is not None:
            norm, where = float(np.linalg.norm(self._part(state))), "it is that of"
        small = self._below is not None and norm < self._below
        if not small and (self._above is None or norm <= self._above):
            return None
        bound, limit = ("below", self._below) if small else ("above", self._above)
        place = self._parameter or _steepest(state)
        return place, f"in it |g| was {norm:.3g}, {bound} {limit:g}; {where} {{}}"

    def _part(self, state: TrainingState) -> Array:
        for one in state.plan.parameters:
            if one.name == self._parameter:
                return state.gradient[one.offset : one.offset + one.size]
        return np.full(1, np.nan)  # the network has it no more


class SilentUnit:
    """A unit has said the same for ``updates`` consecutive updates, in all training rows.

    A unit is a component of a neuron or an activation. It is silent if its output z is 0 in all
    rows (a dead ReLU), or the same number in all of two or more rows; rows are those the loss of
    an epoch is measured on, at the parameters after the update, without noise.

    Parameters
    ----------
    updates : int
        k.
    unit : str, optional
        The id of one node, to look at no other.
    """

    looks: Cadence = "update"

    def __init__(self, updates: int = 10, unit: str | None = None) -> None:
        self._updates, self._unit = updates, unit
        self._last = 0
        self._silent: dict[str, Integers] = {}  # consecutive updates, by component

    def check(self, state: TrainingState, progress: Progress) -> tuple[str, str] | None:
        """Count for each unit how long it has been silent."""
        if progress.place or not state.fresh:
            return None
        if state.updates != self._last + 1:  # a run that goes on from elsewhere
            self._silent = {}
        self._last = state.updates
        units = units_of(state.plan)
        if self._unit is not None:
            units = {node: slot for node, slot in units.items() if node == self._unit}
        flags = _silent(state, list(units.values()))
        for node, silent in zip(units, flags, strict=True):
            before = self._silent.get(node, np.zeros(len(silent), np.int64))
            self._silent[node] = np.where(silent, before + 1, 0)
        for node, counts in self._silent.items():
            if counts.max(initial=0) >= self._updates:
                unit = f"unit {counts.argmax() + 1} of " if len(counts) > 1 else ""
                self._silent = {}
                return node, f"{unit}{{}} is silent in all rows for {self._updates} updates"
        return None


class ErrorRises:
    """E over the training rows, after each epoch, has risen ``times`` times in a row."""

    looks: Cadence = "epoch"

    def __init__(self, times: int = 3) -> None:
        self._times = times
        self._last = -1
        self._errors: list[float] = []

    def check(self, state: TrainingState, progress: Progress) -> tuple[str, str] | None:
        """Compare the last epochs."""
        if progress.block is None or progress.place:
            return None
        if progress.block.first != self._last + 1:  # a run that begins, or goes on from elsewhere
            self._errors = []
        self._last = state.epoch
        self._errors = [*self._errors, *progress.block.errors.tolist()][-self._times - 1 :]
        rising = bool((np.diff(self._errors) > 0).all())
        if not rising or len(self._errors) <= self._times:
            return None
        first, last = self._errors[0], self._errors[-1]
        self._errors = []
        reason = f"E has risen {self._times} times in a row, from {first:.3g} to {last:.3g}"
        return _largest_loss(state), f"{reason}, most of it at {{}}"


class Breakpoints:
    """A callback that stops a run when a condition is met.

    Parameters
    ----------
    conditions : sequence of Condition
        What to stop for; the first that is met is told.
    document : Document
        What is trained: places are told by its labels.
    """

    def __init__(self, conditions: Sequence[Condition], document: Document) -> None:
        self._conditions, self._document = tuple(conditions), document
        self.hit: BreakpointHit | None = None  # where and why the run stopped last

    def observe(self, state: TrainingState, progress: Progress) -> int:
        """Check all conditions after each update, epoch or call of the engine."""
        if state.fresh or progress.place or progress.block:
            checked = [(one, one.check(state, progress)) for one in self._conditions]
            met = next(((one, found) for one, found in checked if found), None)
            if met is not None:
                self.hit = self._hit(state, *met)
                state.stopped = "breakpoint"
        looks = {one.looks for one in self._conditions}
        if "update" in looks:
            return 1
        return state.updates_until(state.epoch + 1) if "epoch" in looks else NO_LIMIT

    def _hit(
        self, state: TrainingState, condition: Condition, found: tuple[str, str]
    ) -> BreakpointHit:
        place, reason = found
        label = place_label(self._document, state.plan, place)
        made = state.updates, state.epoch, state.batch, state.batches
        return BreakpointHit(place, label, reason, *made, condition)


def _steepest(state: TrainingState) -> str:
    """Return the trained parameter with the largest entry of the gradient."""
    parameters = [one for one in state.plan.parameters if one.trainable]
    parts = [abs(state.gradient[one.offset : one.offset + one.size]).max() for one in parameters]
    return parameters[int(np.argmax(parts))].name


def _largest_loss(state: TrainingState) -> str:
    """Return the loss node that E has most of."""
    losses = state.plan.losses
    if len(losses) < 2:
        return losses[0].node if losses else state.plan.penalties[0].node
    shares = np.zeros(len(losses))
    for values in state.values([loss.value for loss in losses]):
        shares += [one.importance * x.sum() for one, x in zip(losses, values, strict=True)]
    return losses[int(shares.argmax())].node


def units_of(plan: Plan) -> dict[str, int]:
    """Return neurons and activations, each with the slot of its output."""
    return {
        node: slot
        for node, slot in plan.outputs.items()
        if node in plan.nets or plan.steps[slot].op.spec.group == "activations"
    }


def _silent(state: TrainingState, slots: list[int]) -> list[Flags]:
    """Tell for each slot which components are the same in all training rows: see `SilentUnit`."""
    first: list[Array] = []
    alike: list[Flags] = []
    rows = 0
    for values in state.values(slots):
        first = first or [value[0].copy() for value in values]
        same = [(value == one).all(axis=0) for value, one in zip(values, first, strict=True)]
        alike = [a & b for a, b in zip(alike, same, strict=True)] if alike else same
        rows += len(values[0]) if values else 0
        if not any(flags.any() for flags in alike):
            break
    return alike if rows > 1 else [a & (one == 0) for a, one in zip(alike, first, strict=True)]


def place_label(document: Document, plan: Plan | None, place: str) -> str:
    """Return what users see at a node, an edge or a parameter; the plan knows inner nodes."""
    if node := document.nodes.get(place):
        return node.label or place
    if edge := document.edges.get(place):
        return " → ".join(place_label(document, plan, end) for end in (edge.source, edge.target))
    owner, dot, slot = place.rpartition(".")
    if owner in document.nodes or owner in document.edges:
        return f"{place_label(document, plan, owner)}{dot}{slot}"
    steps = plan.steps if plan is not None else ()
    inner = (step.owner for step in steps if step.node == place)  # a part of a composite
    found = next(inner, place)
    return place if found == place else place_label(document, plan, found)
