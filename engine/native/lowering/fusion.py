"""What becomes an instruction: a plan's steps as arrays, and which of them are fused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Flags, Integers
from engine.arrays.columnar import ends, integers
from engine.library import ops
from engine.native.kernels.elementwise import TABLE
from engine.native.kernels.table import EMITTERS, FUNCTIONS
from engine.plan.plan import Plan
from engine.plan.steps import Form
from graph.errors import GradwireError
from graph.model.kinds import Role

SMALL = 256
"""Weights of a unit up to which single edges are faster than a matrix product."""
ELEMENTWISE = {row.kind: number for number, row in enumerate(TABLE)}
STRUCTURE = ("input", "target", "bias", "weight", "sum")
"""Kinds that the passes take apart themselves."""
KINDS = {name: number for number, name in enumerate((*ELEMENTWISE, *STRUCTURE, *EMITTERS))}
"""Numbers of the kinds there are kernels for; functions have those of their kernels."""


class Unsupported(GradwireError):  # noqa: N818  (it reports, nothing is wrong)
    """Operations the tape has no kernel for; ``kinds`` names them."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self.kinds = tuple(kinds)
        super().__init__(
            f"{', '.join(kinds)} cannot run on the native engine; NumPy trains this graph"
        )


@dataclass(slots=True)
class Units:
    """A plan's steps as arrays, (n,) unless said otherwise; slot i is what step i writes.

    Attributes
    ----------
    kind, width : arrays
        Number of the kind (`KINDS`), width of the value.
    constants : (n, 2) array
        p and q of functions.
    starts, inputs : (n + 1,) array, array
        Step i reads the slots ``inputs[starts[i]:starts[i + 1]]``.
    parameter : array
        Index of the first parameter a step uses, or −1.
    components : (n + 1,) array
        Widths added up: numbers each component of each value.
    offsets, uses : arrays over the parameters
        Places in θ (and its end); how many slots use them.
    absorbed : array of bool
        Weights and biases that only one sum reads: part of it, without a value of their own.
    same : array
        The slot whose rows it shares (itself, but for an identity read alone).
    alone : array
        The slot that alone reads it, or −1.
    single : array of bool
        Weighted sums whose weights are few enough to be run edge by edge.
    fused : array of bool
        Functions computed together with the weighted sum they alone read.
    level : array
        What is read has a lower one, but for what is computed together.
    live, needed : arrays of bool
        Whether a loss is reached; whether a parameter (or ``every`` value) is reached backward.
    """

    plan: Plan
    every: bool
    kind: Integers
    constants: NDArray[np.float64]
    width: Integers
    starts: Integers
    inputs: Integers
    parameter: Integers
    components: Integers
    offsets: Integers
    uses: Integers
    absorbed: Flags
    same: Integers
    alone: Integers
    single: Flags
    fused: Flags
    level: Integers
    live: Flags
    needed: Flags

    def with_role(self, *roles: Role) -> Flags:
        """Tell which steps' kinds have one of these roles."""
        forms = self.plan.steps.forms
        return self.plan.steps.chosen([form.op.spec.role in roles for form in forms])

    def reads(self, slot: int) -> bool:
        """Tell whether a step reads any value."""
        return bool(self.starts[slot + 1] > self.starts[slot])

    def terms(self, slot: int) -> list[int]:
        """Return what a sum adds up, or a weight or bias that stands alone: slots."""
        if self.kind[slot] != KINDS["sum"]:
            return [slot]
        terms: list[int] = self.inputs[self.starts[slot] : self.starts[slot + 1]].tolist()
        return terms

    def follower(self, slot: int) -> int:
        """Return the function computed together with a slot's weighted sum, or −1."""
        reader = int(self.alone[slot])
        while reader >= 0 and self.same[reader] != reader:
            reader = int(self.alone[reader])
        return reader if reader >= 0 and self.fused[reader] else -1


def fuse(plan: Plan, *, every: bool) -> Units:
    """Find out which of a plan's steps are computed together.

    Parameters
    ----------
    plan : Plan
        What is lowered.
    every : bool
        Whether the δ of values that no parameter depends on is wanted too.

    Raises
    ------
    Unsupported
        If an operation has no kernel.
    """
    units = _collect(plan, every=every)
    _absorb(units)
    _share_rows(units)
    _find_single(units)
    return units


def passes_gradients(plan: Plan) -> Flags:
    """Tell of each step whether its operation has a derivative."""
    return plan.steps.chosen([form.op.backward is not None for form in plan.steps.forms])


def _collect(plan: Plan, *, every: bool) -> Units:
    steps, count = plan.steps, len(plan.steps)
    kinds, constants = _kinds(steps.forms)
    inputs, starts = steps.reads.numbers, steps.reads.starts
    used, slots = steps.uses.numbers, steps.uses.starts
    parameter = np.full(count, -1)
    having = slots[1:] > slots[:-1]
    parameter[having] = used[slots[:-1][having]]
    width = integers(plan.widths)
    alone = np.full(count, -1)
    alone[inputs] = steps.reads.owners
    alone[np.bincount(inputs, minlength=count) != 1] = -1
    false = [np.zeros(count, bool) for _ in range(5)]
    return Units(
        plan, every, kinds[steps.form], constants[steps.form], width, starts, inputs, parameter,
        ends(width), ends(plan.parameters.sizes), np.bincount(used, minlength=len(plan.parameters)),
        false[0], np.arange(count), alone, false[1], false[2], np.zeros(count, np.int64), false[3],
        false[4],
    )  # fmt: skip


def _kinds(forms: Sequence[Form]) -> tuple[Integers, NDArray[np.float64]]:
    """Return each form's number, and p and q of functions."""
    kinds = np.zeros(len(forms), np.int64)
    constants = np.zeros((len(forms), 2))
    own, missing = ops(), set()
    for place, (op, params, _slots) in enumerate(forms):
        name = op.spec.kind
        if own.get(name) is not op or name not in KINDS:
            missing.add(name)
            continue
        name = "gelu.tanh" if params.get("approximate") == "tanh" else name
        kinds[place] = KINDS[name]
        if name in ELEMENTWISE:
            given = [params[param] for param in TABLE[ELEMENTWISE[name]].params]
            constants[place, : len(given)] = given
    if missing:
        raise Unsupported(sorted(missing))
    return kinds, constants


def _absorb(units: Units) -> None:
    kind, alone = units.kind, units.alone
    bias = kind == KINDS["bias"]
    slots = np.flatnonzero((bias | (kind == KINDS["weight"])) & (alone >= 0))
    reader = alone[slots]
    fits = (kind[reader] == KINDS["sum"]) & (units.width[reader] == units.width[slots])
    slots, reader = slots[fits], reader[fits]
    weights = ~bias[slots]
    _, first = np.unique(reader[~weights], return_index=True)  # one bias for each sum
    units.absorbed[slots[weights]] = True
    units.absorbed[slots[~weights][first]] = True


def _share_rows(units: Units) -> None:
    slots = np.flatnonzero(units.kind == ELEMENTWISE["identity"])
    read = units.inputs[units.starts[slots]]
    kept = units.alone[read] >= 0
    same = units.same
    same[slots[kept]] = read[kept]
    while True:  # chains of them become half as long each time
        further = same[same]
        if (further == same).all():
            break
        same[:] = further


def _find_single(units: Units) -> None:
    """Find sums of weights, those that are small, and the functions computed with them."""
    kind, count = units.kind, len(units.kind)
    summed = kind == KINDS["sum"]
    weighted = (kind == KINDS["weight"]) & ~units.absorbed
    reader = np.repeat(np.arange(count), np.diff(units.starts))
    size = np.zeros(count, np.int64)
    having = (units.parameter >= 0) & ((kind == KINDS["weight"]) | (kind == KINDS["bias"]))
    size[having] = np.diff(units.offsets)[units.parameter[having]]
    absorbed = units.absorbed[units.inputs]
    absorbed_weight = absorbed & (kind[units.inputs] == KINDS["weight"])
    plain = np.bincount(reader[~absorbed], minlength=count)
    total = np.bincount(reader, size[units.inputs] * absorbed, minlength=count)
    total[weighted] = size[weighted]
    units.single = ((summed & (plain == 0)) | weighted) & ((units.width == 1) | (total <= SMALL))
    matrix = (summed & (np.bincount(reader, absorbed_weight, minlength=count) > 0)) | weighted
    passes = passes_gradients(units.plan)
    functions = np.flatnonzero((kind < FUNCTIONS) & passes & (units.same == np.arange(count)))
    read = units.inputs[units.starts[functions]]
    together = (units.alone[read] >= 0) & (units.single | matrix)[units.same[read]]
    units.fused[functions[together]] = True
