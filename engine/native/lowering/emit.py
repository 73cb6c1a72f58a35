"""Emitting instructions: one or more for each operation whose rows are dealt out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.arrays.columnar import stretches
from engine.native.kernels import losses
from engine.native.lowering.fusion import KINDS, LOSS_NUMBERS, Units
from engine.native.lowering.row_allocation import RowAllocation
from engine.native.lowering.theta_order import Listing
from engine.native.machine.instructions import (
    A_ROWS,
    ADD,
    B_ROWS,
    BIAS,
    CONSTANT,
    COUNT,
    CROSS_ENTROPY,
    DIVIDE,
    DOT,
    DROPOUT,
    KEEP,
    LAYER_NORM,
    LIVE,
    LOG_SOFTMAX,
    LOSSES,
    MATRIX,
    NEED_A,
    NEED_B,
    OP,
    OUT,
    PENALTY,
    PRODUCT,
    ROWS,
    SOFTMAX,
    STRIDE,
    THEN,
    THETA,
    WIDTH,
    A,
    B,
    Z,
)
from engine.plan.plan import Plan, Step

_PLAIN = {
    "softmax": SOFTMAX,
    "log_softmax": LOG_SOFTMAX,
    "divide": DIVIDE,
    "dot": DOT,
}


_ENTRIES: Mapping[str, int] = {
    "out": OUT, "rows": ROWS, "a": A, "a_rows": A_ROWS, "b": B, "b_rows": B_ROWS, "theta": THETA,
    "count": COUNT, "stride": STRIDE, "keep": KEEP, "need_a": NEED_A, "need_b": NEED_B,
    "then": THEN, "z": Z,
}  # fmt: skip


@dataclass(slots=True)
class Emission:
    """The instructions so far, and the lists they point into.

    Attributes
    ----------
    units, rows, listing : Units, RowAllocation, Listing
        What is lowered, and where its values and parameters are.
    height : int
        Rows of the arena.
    """

    units: Units
    rows: RowAllocation
    listing: Listing
    height: int = field(init=False)
    code: list[list[int]] = field(default_factory=list, init=False)
    constants: list[tuple[float, float]] = field(default_factory=list, init=False)
    numbers: list[float] = field(default_factory=list, init=False)
    gathered: list[int] = field(default_factory=list, init=False)
    operands: list[tuple[int, int]] = field(default_factory=list, init=False)
    covers: list[tuple[int, int]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.height = self.rows.count

    @property
    def plan(self) -> Plan:
        """The plan that is lowered."""
        return self.units.plan

    # -- instructions --------------------------------------------------------------------------

    def write(
        self, op: int, out: int, rows: int, p: float = 0.0, q: float = 0.0, *, live: bool,
        **entries: int,
    ) -> None:  # fmt: skip
        """Append an instruction; further entries by their names, lower case."""
        instruction = [0] * WIDTH
        instruction[OP], instruction[OUT], instruction[ROWS] = op, out, rows
        instruction[LIVE] = int(live)
        for name, value in entries.items():
            instruction[_ENTRIES[name]] = value
        self.code.append(instruction)
        self.constants.append((p, q))

    def then(self, function: int, value: int, p: float, q: float) -> None:
        """Let the last instruction apply a function (1 + its number) to what it wrote."""
        self.code[-1][THEN], self.code[-1][Z] = function, value
        self.constants[-1] = p, q

    def emit(self, op: int, slot: int, p: float = 0.0, q: float = 0.0, **entries: int) -> None:
        """Append an instruction that writes a slot's rows."""
        live = bool(self.units.live[slot] and self.units.needed[slot])
        place = {"out": int(self.rows.first[slot]), "rows": self.plan.widths[slot], **entries}
        self.write(op, place.pop("out"), place.pop("rows"), p, q, live=live, **place)

    def reads(self, *slots: int) -> dict[str, int]:
        """Return the entries that say what is read."""
        found: dict[str, int] = {}
        for letter, slot in zip("ab", slots, strict=False):
            found[letter] = int(self.rows.first[slot])
            found[f"{letter}_rows"] = self.plan.widths[slot]
            found[f"need_{letter}"] = int(self.units.needed[slot])
        return found

    def place(self, parameter: int) -> int:
        """Return where a parameter begins inside."""
        return int(self.listing.inside[self.plan.parameters[parameter].offset])

    # -- operations ------------------------------------------------------------------

    def add(self, slot: int) -> None:
        """Emit an operation."""
        step = self.plan.steps[slot]
        kind = step.op.spec.kind
        if kind in _PLAIN:
            self.emit(_PLAIN[kind], slot, **self.reads(*step.inputs))
        elif kind in LOSS_NUMBERS or kind == "cross_entropy":
            self._add_loss(step)
        else:
            getattr(self, f"_add_{kind}")(step)

    def _add_constant(self, step: Step) -> None:
        value = step.params["value"]
        assert isinstance(value, tuple)  # as it was compiled
        self.emit(CONSTANT, step.output, a=len(self.numbers))
        self.numbers += map(float, value)

    def _add_sum(self, step: Step) -> None:
        """Emit what is added up, matrices last, and the function that follows."""
        units, slot = self.units, step.output
        terms = units.terms(slot)
        own = {term for term in terms if units.melted[term] or term == slot}
        matrices = [term for term in terms if term in own and units.kind[term] == KINDS["weight"]]
        parameters = [int(units.parameter[x]) for x in own if x not in matrices]
        biases = [self.place(parameter) for parameter in parameters]
        plain = [term for term in terms if term not in own]
        keep = 0
        if biases and (plain or not matrices or units.uses[parameters[0]] > 1):
            self.emit(BIAS, slot, theta=biases.pop())
            keep = 1
        for term in plain:
            self.emit(ADD, slot, 1.0, keep=keep, **self.reads(term))
            keep = 1
        for term in matrices:
            bias = {"b": biases.pop(), "b_rows": self.plan.widths[slot]} if biases else {}
            self._add_matrix(slot, term, keep=keep, **bias)
            keep = 1
        after = units.follower(slot)
        if after >= 0:
            p, q = self.units.constants[after]
            self.then(int(units.kind[after]) + 1, int(self.rows.first[after]), p, q)

    _add_weight = _add_bias = _add_sum

    def _add_matrix(self, slot: int, term: int, **entries: int) -> None:
        source = int(self.units.inputs[self.units.starts[term]])
        place = {"theta": self.place(int(self.units.parameter[term]))}
        place |= {"stride": self.plan.widths[source], **self.reads(source)}
        self.emit(MATRIX, slot, **{**place, **entries})

    def _add_subtract(self, step: Step) -> None:
        for number, (slot, sign) in enumerate(zip(step.inputs, (1.0, -1.0), strict=True)):
            self.emit(ADD, step.output, sign, keep=number, **self.reads(slot))

    def _add_mean(self, step: Step) -> None:
        (slot,) = step.inputs
        self.emit(ADD, step.output, 1 / self.plan.widths[slot], **self.reads(slot))

    def _add_concat(self, step: Step) -> None:
        """Emit a copy of each stretch of rows that lie side by side already."""
        first = len(self.code)
        row = int(self.rows.first[step.output])
        for slot in step.inputs:
            width = self.plan.widths[slot]
            reads = self.reads(slot)
            last = self.code[-1] if len(self.code) > first else None
            if last and last[A] + last[A_ROWS] == reads["a"] and last[NEED_A] == reads["need_a"]:
                last[ROWS] += width
                last[A_ROWS] += width
            else:
                self.emit(ADD, step.output, 1.0, out=row, **{**reads, "rows": width})
            row += width

    def _add_slice(self, step: Step) -> None:
        (slot,) = step.inputs
        start, width = step.params["start"], self.plan.widths[step.output]
        assert isinstance(start, int)  # declared so
        read = {**self.reads(slot), "a": int(self.rows.first[slot]) + start, "a_rows": width}
        self.emit(ADD, step.output, 1.0, **read)

    def _add_product(self, step: Step) -> None:
        needed = any(self.units.needed[slot] for slot in step.inputs)
        place = {"a": len(self.operands), "count": len(step.inputs), "need_a": int(needed)}
        self.emit(PRODUCT, step.output, **place)
        self.operands += [
            (int(self.rows.first[slot]), self.plan.widths[slot]) for slot in step.inputs
        ]

    def _add_layer_norm(self, step: Step) -> None:
        gain, shift = (self.place(step.slots[name]) for name in ("gain", "shift"))
        epsilon = float(step.params["epsilon"])  # type: ignore[arg-type]  # declared float
        reads = self.reads(*step.inputs)
        self.emit(LAYER_NORM, step.output, epsilon, theta=gain, b=shift, **reads)

    def _add_dropout(self, step: Step) -> None:
        rate = float(step.params["rate"])  # type: ignore[arg-type]  # declared float
        entries = {"count": step.output, "stride": math.ceil(rate * (1 << 53))}
        factor = 1 / (1 - rate) if rate < 1 else 0.0
        self.emit(DROPOUT, step.output, factor, **entries, **self.reads(*step.inputs))

    def _add_loss(self, step: Step) -> None:
        kind, width = step.op.spec.kind, self.plan.widths[step.inputs[0]]
        factor = 1 / width if step.params["components"] == "mean" else 1.0
        op, q = CROSS_ENTROPY, 0.0
        if kind in LOSS_NUMBERS:
            op = LOSSES + LOSS_NUMBERS[kind]
            param = losses.TABLE[LOSS_NUMBERS[kind]].param
            q = float(step.params[param]) if param else 0.0  # type: ignore[arg-type]  # a number
        self.emit(op, step.output, factor, q, **self.reads(*step.inputs))

    def _add_l1_penalty(self, step: Step) -> None:
        power = 1 if step.op.spec.kind == "l1_penalty" else 2
        strength = float(step.params["coefficient"])  # type: ignore[arg-type]  # declared float
        covered = np.zeros(len(self.listing.inside), bool)
        for index in step.covers:
            covered[self.units.offsets[index] : self.units.offsets[index + 1]] = True
        found = stretches(self.listing.order.chosen(covered))
        place = {"a": len(self.covers), "count": len(found), "stride": power}
        self.emit(PENALTY, step.output, strength, **place)
        self.covers += [(start, stop - start) for start, stop in found.tolist()]

    _add_l2_penalty = _add_l1_penalty
