"""What becomes an instruction: steps with the weights and biases that melt into them, by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.library import ops
from engine.native import elementwise, losses
from engine.plan import Plan, Step
from graph.errors import GradwireError
from graph.spec import Role

SMALL = 256
"""Weights of a unit up to which single edges are faster than a matrix product."""
ELEMENTWISE = {row.kind: number for number, row in enumerate(elementwise.TABLE)}
LOSS_NUMBERS = {row.kind: number for number, row in enumerate(losses.TABLE)}
_OTHERS = {
    "input", "target", "constant", "bias", "weight", "sum", "subtract", "product", "divide", "dot",
    "mean", "concat", "slice", "softmax", "log_softmax", "layer_norm", "cross_entropy",
    "l1_penalty", "l2_penalty", "dropout",
}  # fmt: skip


class Unsupported(GradwireError):  # noqa: N818  (it reports, nothing is wrong)
    """Operations the tape has no kernel for; ``kinds`` names them."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self.kinds = tuple(kinds)
        super().__init__(
            f"{', '.join(kinds)} cannot run on the native engine; NumPy trains this graph"
        )


def check_supported(plan: Plan) -> None:
    """Raise `Unsupported` if an operation has no kernel."""
    known = {*ELEMENTWISE, *LOSS_NUMBERS, *_OTHERS}
    own = ops()
    kinds = {
        kind
        for kind, op in {(step.op.spec.kind, step.op) for step in plan.steps}
        if kind not in known or own.get(kind) is not op
    }
    if kinds:
        raise Unsupported(sorted(kinds))


def kernel_name(step: Step) -> str:
    """Return the name a step's function has in ``elementwise.TABLE``, if it is there."""
    kind = step.op.spec.kind
    return "gelu.tanh" if step.params.get("approximate") == "tanh" else kind


@dataclass(slots=True)
class Units:
    """The plan's steps as the tape sees them.

    Attributes
    ----------
    melted : list of bool
        Weights and biases that are only read by one sum: part of it, without a value of their own.
    same : list of int
        By slot, the slot whose rows it shares (itself, but for an identity read alone).
    level : list of int
        By slot; what is read has a lower level.
    readers : list of lists
        By slot, the steps that read it and at which position.
    live, needed : lists of bool
        Whether a loss is reached; whether a parameter (or ``every`` value) is reached backward.
    """

    plan: Plan
    every: bool
    melted: list[bool]
    same: list[int]
    level: list[int]
    readers: list[list[tuple[int, int]]]
    live: list[bool]
    needed: list[bool]

    def terms(self, slot: int) -> list[int]:
        """Return what a sum adds up, or a weight or bias that stands alone: slots."""
        step = self.plan.steps[slot]
        return list(step.inputs) if step.op.spec.kind == "sum" else [slot]


def find_units(plan: Plan, *, every: bool) -> Units:
    """Sort a plan's steps into units.

    Parameters
    ----------
    plan : Plan
        What is lowered.
    every : bool
        Whether the δ of values that no parameter depends on is wanted too.
    """
    count = len(plan.steps)
    readers: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for step in plan.steps:
        for position, slot in enumerate(step.inputs):
            readers[slot].append((step.output, position))
    units = Units(plan, every, [False] * count, list(range(count)), [0] * count, readers, [], [])
    _melt(units)
    _find_levels(units)
    units.live, units.needed = live_slots(plan), _needed(plan, every=every)
    return units


def _melt(units: Units) -> None:
    plan = units.plan
    with_bias: set[int] = set()
    for step in plan.steps:
        kind, slot = step.op.spec.kind, step.output
        alone = len(units.readers[slot]) == 1
        if kind in ("weight", "bias") and alone:
            reader = units.readers[slot][0][0]
            fits = plan.widths[reader] == plan.widths[slot]
            if plan.steps[reader].op.spec.kind == "sum" and fits:
                units.melted[slot] = kind == "weight" or reader not in with_bias
                with_bias |= {reader} if kind == "bias" else set()
        elif kernel_name(step) == "identity" and len(units.readers[step.inputs[0]]) == 1:
            units.same[slot] = units.same[step.inputs[0]]


def _find_levels(units: Units) -> None:
    level = units.level
    for step in units.plan.steps:
        slot = step.output
        below = max((level[x] for x in step.inputs), default=-1)
        passes = units.melted[slot] or units.same[slot] != slot
        level[slot] = below if passes else below + 1


def live_slots(plan: Plan) -> list[bool]:
    """Tell of each slot whether a loss or penalty depends on it by way of derivatives."""
    live = np.zeros(len(plan.steps), bool)
    live[[loss.value for loss in plan.losses]] = True
    live[[penalty.value for penalty in plan.penalties]] = True
    for step in reversed(plan.steps):
        if live[step.output] and step.op.backward is not None:
            live[list(step.inputs)] = True
    return list(map(bool, live))


def _needed(plan: Plan, *, every: bool) -> list[bool]:
    needed: list[bool] = []
    for step in plan.steps:
        own = every or bool(step.slots) or step.op.spec.role is Role.PENALTY
        needed.append(own or any(needed[slot] for slot in step.inputs))
    return needed
