"""Emitting instructions: rows for values, and one or more instructions for each operation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.native import losses
from engine.native.program import (
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
    THETA,
    WIDTH,
    A,
    B,
)
from engine.native.units import LOSS_NUMBERS, Units
from engine.plan import Plan, Step

_PLAIN = {
    "softmax": SOFTMAX,
    "log_softmax": LOG_SOFTMAX,
    "divide": DIVIDE,
    "dot": DOT,
}


_ENTRIES: Mapping[str, int] = {
    "out": OUT, "rows": ROWS, "a": A, "a_rows": A_ROWS, "b": B, "b_rows": B_ROWS, "theta": THETA,
    "count": COUNT, "stride": STRIDE, "keep": KEEP, "need_a": NEED_A, "need_b": NEED_B,
}  # fmt: skip


@dataclass(slots=True)
class Emission:
    """The instructions so far, and the lists they point into.

    Attributes
    ----------
    plan, units : Plan, Units
        What is lowered.
    row : list of int
        First row of each value slot, −1 before it has one.
    rows : int
        Rows dealt out.
    """

    plan: Plan
    units: Units
    row: list[int] = field(default_factory=list)
    rows: int = 0
    code: list[list[int]] = field(default_factory=list)
    constants: list[tuple[float, float]] = field(default_factory=list)
    inputs: list[tuple[int, tuple[str, ...], int]] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    operands: list[tuple[int, int]] = field(default_factory=list)
    covers: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.row = [-1] * len(self.plan.steps)

    # -- rows and instructions -----------------------------------------------------------------

    def place(self, slot: int) -> int:
        """Deal out rows to a slot, and to the identities that share them."""
        first = self.rows
        self.rows += self.plan.widths[slot]
        while True:
            self.row[slot] = first
            readers = self.units.readers[slot]
            if len(readers) != 1 or self.units.same[readers[0][0]] == readers[0][0]:
                return first
            slot = readers[0][0]

    def emit(self, op: int, slot: int, p: float = 0.0, q: float = 0.0, **entries: int) -> None:
        """Append an instruction that writes a slot's rows; entries by their names, lower case."""
        instruction = [0] * WIDTH
        live = self.units.live[slot] and self.units.needed[slot]
        instruction[OP], instruction[OUT] = op, self.row[slot]
        instruction[ROWS], instruction[LIVE] = self.plan.widths[slot], int(live)
        for name, value in entries.items():
            instruction[_ENTRIES[name]] = value
        self.code.append(instruction)
        self.constants.append((p, q))

    def reads(self, *slots: int) -> dict[str, int]:
        """Return the entries that say what is read."""
        found: dict[str, int] = {}
        for letter, slot in zip("ab", slots, strict=False):
            found[letter] = self.row[slot]
            found[f"{letter}_rows"] = self.plan.widths[slot]
            found[f"need_{letter}"] = int(self.units.needed[slot])
        return found

    # -- operations ------------------------------------------------------------------

    def add(self, step: Step) -> None:
        """Emit an operation whose rows are dealt out."""
        kind, slot = step.op.spec.kind, step.output
        if kind in _PLAIN:
            self.emit(_PLAIN[kind], slot, **self.reads(*step.inputs))
        elif kind in LOSS_NUMBERS or kind == "cross_entropy":
            self._add_loss(step)
        else:
            getattr(self, f"_add_{kind}")(step)

    def _add_input(self, step: Step) -> None:
        references = step.params["columns"]
        assert isinstance(references, tuple)  # as it was compiled
        place = (self.row[step.output], tuple(map(str, references)), self.plan.widths[step.output])
        self.inputs.append(place)

    _add_target = _add_input

    def _add_constant(self, step: Step) -> None:
        value = step.params["value"]
        assert isinstance(value, tuple)  # as it was compiled
        self.emit(CONSTANT, step.output, a=len(self.numbers))
        self.numbers += map(float, value)

    def _add_sum(self, step: Step) -> None:
        for number, term in enumerate(self.units.terms(step.output)):
            self._add_term(step, term, keep=int(number > 0))

    _add_weight = _add_bias = _add_sum

    def _add_term(self, reader: Step, term: int, keep: int) -> None:
        step, slot = self.plan.steps[term], reader.output
        if not (self.units.melted[term] or term == slot):
            self.emit(ADD, slot, 1.0, keep=keep, **self.reads(term))
            return
        (parameter,) = (self.plan.parameters[index] for index in step.slots.values())
        if step.op.spec.kind == "bias":
            self.emit(BIAS, slot, theta=parameter.offset, stride=1, keep=keep)
            return
        source = step.inputs[0]
        place = {"theta": parameter.offset, "stride": self.plan.widths[source]}
        self.emit(MATRIX, slot, keep=keep, **place, **self.reads(source))

    def _add_subtract(self, step: Step) -> None:
        for number, (slot, sign) in enumerate(zip(step.inputs, (1.0, -1.0), strict=True)):
            self.emit(ADD, step.output, sign, keep=number, **self.reads(slot))

    def _add_mean(self, step: Step) -> None:
        (slot,) = step.inputs
        self.emit(ADD, step.output, 1 / self.plan.widths[slot], **self.reads(slot))

    def _add_concat(self, step: Step) -> None:
        row = self.row[step.output]
        for slot in step.inputs:
            width = self.plan.widths[slot]
            self.emit(ADD, step.output, 1.0, out=row, rows=width, **self.reads(slot))
            row += width

    def _add_slice(self, step: Step) -> None:
        (slot,) = step.inputs
        start, width = step.params["start"], self.plan.widths[step.output]
        assert isinstance(start, int)  # declared so
        read = {**self.reads(slot), "a": self.row[slot] + start, "a_rows": width}
        self.emit(ADD, step.output, 1.0, **read)

    def _add_product(self, step: Step) -> None:
        needed = any(self.units.needed[slot] for slot in step.inputs)
        place = {"a": len(self.operands), "count": len(step.inputs), "need_a": int(needed)}
        self.emit(PRODUCT, step.output, **place)
        self.operands += [(self.row[slot], self.plan.widths[slot]) for slot in step.inputs]

    def _add_layer_norm(self, step: Step) -> None:
        gain, shift = (self.plan.parameters[step.slots[name]].offset for name in ("gain", "shift"))
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
        place = {"a": len(self.covers), "count": len(step.covers), "stride": power}
        self.emit(PENALTY, step.output, strength, **place)
        parameters = [self.plan.parameters[index] for index in step.covers]
        self.covers += [(parameter.offset, parameter.size) for parameter in parameters]

    _add_l2_penalty = _add_l1_penalty
