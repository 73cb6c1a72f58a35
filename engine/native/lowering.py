"""Lowering: a plan becomes the arrays of a `Program`, level by level.

Rows are dealt out in the order of the levels. Neurons drawn one by one that read the same rows
become one matrix; alike functions side by side become one instruction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.native import elementwise, losses
from engine.native.blanks import mark_blanks
from engine.native.neurons import Neuron, Neurons
from engine.native.program import (
    A,
    A_ROWS,
    ADD,
    B,
    B_ROWS,
    BIAS,
    CONSTANT,
    COUNT,
    CROSS_ENTROPY,
    DIVIDE,
    DOT,
    KEEP,
    LAYER_NORM,
    LIVE,
    LOAD,
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
    Program,
)
from engine.native.units import (
    ELEMENTWISE,
    LOSS_NUMBERS,
    SMALL,
    Units,
    check_supported,
    find_units,
    kernel_name,
)
from engine.plan import Plan, Step

_PLAIN = {
    "softmax": SOFTMAX,
    "log_softmax": LOG_SOFTMAX,
    "divide": DIVIDE,
    "dot": DOT,
}


@dataclass(frozen=True, slots=True)
class Lowered:
    """A program and how to talk to it.

    ``rows`` it needs; ``row`` is the first one of each value slot (−1: none); ``layout`` the first
    column of the table for each input's columns.
    """

    program: Program
    rows: int
    row: tuple[int, ...]
    layout: Mapping[tuple[str, ...], int]


def lower_plan(plan: Plan, dtype: str, *, every: bool = False) -> Lowered:
    """Lower a plan; see `engine.native.lower`."""
    check_supported(plan)
    lowering = _Lowering(plan, find_units(plan, every=every))
    for level in _levels(lowering.units):
        lowering.add_level(level)
    return lowering.finish(dtype)


@dataclass(slots=True)
class _Lowering:
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
    neurons: Neurons = field(default_factory=Neurons)

    def __post_init__(self) -> None:
        self.row = [-1] * len(self.plan.steps)

    # -- one level -----------------------------------------------------------------------------

    def add_level(self, slots: Sequence[int]) -> None:
        """Emit the instructions of a level; all that they read is there."""
        single = [slot for slot in slots if self._is_single(slot)]
        functions = [slot for slot in slots if self._is_function(slot)]
        taken = {*single, *functions}
        self._add_neurons(sorted(single, key=self._neuron_order))
        self._add_functions(sorted(functions, key=self._function_order))
        rest = [slot for slot in slots if slot not in taken]
        for slot in sorted(rest, key=self._preference):
            self._place(slot)
            self._add(self.plan.steps[slot])

    def _is_single(self, slot: int) -> bool:
        """Tell whether a unit's weights are few enough to be run edge by edge."""
        if self.plan.steps[slot].op.spec.kind not in ("sum", "weight"):
            return False
        terms = self.units.terms(slot)
        if not all(self.units.melted[term] or term == slot for term in terms):
            return False
        sizes = [self._size(term) for term in terms]
        return self.plan.widths[slot] == 1 or sum(sizes) <= SMALL

    def _is_function(self, slot: int) -> bool:
        step = self.plan.steps[slot]
        return kernel_name(step) in ELEMENTWISE and self.units.same[slot] == slot

    def _size(self, slot: int) -> int:
        return sum(self.plan.parameters[index].size for index in self.plan.steps[slot].slots.values())

    def _preference(self, slot: int) -> tuple[int, int]:
        """Order rows as their first reader lists them, so that it finds them side by side."""
        readers = self.units.readers[slot]
        while readers:
            reader, position = readers[0]
            if not (self.units.melted[reader] or self._is_function(reader)
                    or self.units.same[reader] != reader):
                return reader, position
            readers = self.units.readers[reader]
        return len(self.plan.steps), slot

    def _neuron_order(self, slot: int) -> tuple[Any, ...]:
        readers = self.units.readers[slot]
        follower = self.plan.steps[readers[0][0]] if readers else self.plan.steps[slot]
        return self._flags(slot), kernel_name(follower), self._preference(slot)

    def _function_order(self, slot: int) -> tuple[Any, ...]:
        step = self.plan.steps[slot]
        number = ELEMENTWISE[kernel_name(step)]
        return number, self._p_and_q(step), self._flags(slot), self.row[step.inputs[0]]

    def _flags(self, slot: int) -> tuple[bool, bool]:
        needed = self.units.needed
        read = [x for term in self.units.terms(slot) for x in self.plan.steps[term].inputs]
        return self.units.live[slot] and needed[slot], any(needed[x] for x in read)

    # -- rows and instructions -----------------------------------------------------------------

    def _place(self, slot: int) -> int:
        """Deal out rows to a slot, and to the identities that share them."""
        first = self.rows
        self.rows += self.plan.widths[slot]
        while True:
            self.row[slot] = first
            readers = self.units.readers[slot]
            if len(readers) != 1 or self.units.same[readers[0][0]] == readers[0][0]:
                return first
            slot = readers[0][0]

    def _emit(self, op: int, slot: int, p: float = 0.0, q: float = 0.0, **entries: int) -> None:
        instruction = [0] * WIDTH
        live = self.units.live[slot] and self.units.needed[slot]
        instruction[OP], instruction[OUT] = op, self.row[slot]
        instruction[ROWS], instruction[LIVE] = self.plan.widths[slot], int(live)
        for name, value in entries.items():
            instruction[_ENTRIES[name]] = value
        self.code.append(instruction)
        self.constants.append((p, q))

    def _reads(self, *slots: int) -> dict[str, int]:
        """Return the entries that say what is read."""
        found: dict[str, int] = {}
        for letter, slot in zip("ab", slots, strict=False):
            found[letter] = self.row[slot]
            found[f"{letter}_rows"] = self.plan.widths[slot]
            found[f"need_{letter}"] = int(self.units.needed[slot])
        return found

    def _add_neurons(self, slots: Sequence[int]) -> None:
        """Emit units of single edges: matrices where they share what they read, else runs."""
        found = [self._neuron(slot, unit) for slot in slots for unit in range(self._place_units(slot))]
        for run in self.neurons.runs(found):
            (live, needed), first = run.flags, run.first
            instruction = [0] * WIDTH
            instruction[OUT], instruction[ROWS] = run.row, run.count
            instruction[LIVE], instruction[NEED_A] = int(live), int(needed)
            instruction[OP], instruction[A] = run.op, first
            instruction[A_ROWS], instruction[THETA] = run.width, run.theta
            instruction[STRIDE], instruction[KEEP] = run.stride, 0
            self.code.append(instruction)
            self.constants.append((0.0, 0.0))
            if run.bias >= 0:
                bias = instruction.copy()
                bias[OP], bias[A], bias[A_ROWS], bias[KEEP] = BIAS, 0, 0, 1
                bias[THETA], bias[STRIDE], bias[NEED_A] = run.bias, run.bias_stride, 0
                self.code.append(bias)
                self.constants.append((0.0, 0.0))

    def _place_units(self, slot: int) -> int:
        self._place(slot)
        return self.plan.widths[slot]

    def _neuron(self, slot: int, unit: int) -> Neuron:
        sources: list[int] = []
        weights: list[int] = []
        bias = -1
        for term in self.units.terms(slot):
            step = self.plan.steps[term]
            (parameter,) = (self.plan.parameters[index] for index in step.slots.values())
            if step.op.spec.kind == "bias":
                bias = parameter.offset + unit
                continue
            first, width = self.row[step.inputs[0]], self.plan.widths[step.inputs[0]]
            start = parameter.offset + unit * width
            sources += range(first, first + width)
            weights += range(start, start + width)
        return Neuron(self.row[slot] + unit, self._flags(slot), sources, weights, bias)

    def _add_functions(self, slots: Sequence[int]) -> None:
        """Emit functions; those alike whose rows follow each other become one instruction."""
        for slot in slots:
            step = self.plan.steps[slot]
            self._place(slot)
            number, (p, q) = ELEMENTWISE[kernel_name(step)], self._p_and_q(step)
            self._emit(number, slot, p, q, **self._reads(step.inputs[0]))
            if len(self.code) > 1 and self._continues():
                self.constants.pop()
                longer = self.code.pop()
                self.code[-1][ROWS] += longer[ROWS]
                self.code[-1][A_ROWS] += longer[ROWS]

    def _continues(self) -> bool:
        before, now = self.code[-2:]
        same = all(before[entry] == now[entry] for entry in (OP, LIVE, NEED_A))
        follows = all(before[entry] + before[ROWS] == now[entry] for entry in (OUT, A))
        return same and follows and self.constants[-2] == self.constants[-1]

    @staticmethod
    def _p_and_q(step: Step) -> tuple[float, float]:
        row = elementwise.TABLE[ELEMENTWISE[kernel_name(step)]]
        given = [float(step.params[name]) for name in row.params]  # type: ignore[arg-type]  # numbers
        p, q, *_ = [*given, 0.0, 0.0]
        return p, q

    # -- the other operations ------------------------------------------------------------------

    def _add(self, step: Step) -> None:
        kind, slot = step.op.spec.kind, step.output
        if kind in _PLAIN:
            self._emit(_PLAIN[kind], slot, **self._reads(*step.inputs))
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
        self._emit(CONSTANT, step.output, a=len(self.numbers))
        self.numbers += map(float, value)

    def _add_sum(self, step: Step) -> None:
        for number, term in enumerate(self.units.terms(step.output)):
            self._add_term(step, term, keep=int(number > 0))

    _add_weight = _add_bias = _add_sum

    def _add_term(self, reader: Step, term: int, keep: int) -> None:
        step, slot = self.plan.steps[term], reader.output
        if not (self.units.melted[term] or term == slot):
            self._emit(ADD, slot, 1.0, keep=keep, **self._reads(term))
            return
        (parameter,) = (self.plan.parameters[index] for index in step.slots.values())
        if step.op.spec.kind == "bias":
            self._emit(BIAS, slot, theta=parameter.offset, stride=1, keep=keep)
            return
        source = step.inputs[0]
        place = {"theta": parameter.offset, "stride": self.plan.widths[source]}
        self._emit(MATRIX, slot, keep=keep, **place, **self._reads(source))

    def _add_subtract(self, step: Step) -> None:
        for number, (slot, sign) in enumerate(zip(step.inputs, (1.0, -1.0), strict=True)):
            self._emit(ADD, step.output, sign, keep=number, **self._reads(slot))

    def _add_mean(self, step: Step) -> None:
        (slot,) = step.inputs
        self._emit(ADD, step.output, 1 / self.plan.widths[slot], **self._reads(slot))

    def _add_concat(self, step: Step) -> None:
        row = self.row[step.output]
        for slot in step.inputs:
            width = self.plan.widths[slot]
            self._emit(ADD, step.output, 1.0, out=row, rows=width, **self._reads(slot))
            row += width

    def _add_slice(self, step: Step) -> None:
        (slot,) = step.inputs
        start, width = step.params["start"], self.plan.widths[step.output]
        assert isinstance(start, int)  # declared so
        read = {**self._reads(slot), "a": self.row[slot] + start, "a_rows": width}
        self._emit(ADD, step.output, 1.0, **read)

    def _add_product(self, step: Step) -> None:
        needed = any(self.units.needed[slot] for slot in step.inputs)
        place = {"a": len(self.operands), "count": len(step.inputs), "need_a": int(needed)}
        self._emit(PRODUCT, step.output, **place)
        self.operands += [(self.row[slot], self.plan.widths[slot]) for slot in step.inputs]

    def _add_layer_norm(self, step: Step) -> None:
        gain, shift = (self.plan.parameters[step.slots[name]].offset for name in ("gain", "shift"))
        epsilon = float(step.params["epsilon"])  # type: ignore[arg-type]  # declared float
        reads = self._reads(*step.inputs)
        self._emit(LAYER_NORM, step.output, epsilon, theta=gain, b=shift, **reads)

    def _add_loss(self, step: Step) -> None:
        kind, width = step.op.spec.kind, self.plan.widths[step.inputs[0]]
        factor = 1 / width if step.params["components"] == "mean" else 1.0
        op, q = CROSS_ENTROPY, 0.0
        if kind in LOSS_NUMBERS:
            op = LOSSES + LOSS_NUMBERS[kind]
            param = losses.TABLE[LOSS_NUMBERS[kind]].param
            q = float(step.params[param]) if param else 0.0  # type: ignore[arg-type]  # a number
        self._emit(op, step.output, factor, q, **self._reads(*step.inputs))

    def _add_l1_penalty(self, step: Step) -> None:
        power = 1 if step.op.spec.kind == "l1_penalty" else 2
        strength = float(step.params["coefficient"])  # type: ignore[arg-type]  # declared float
        place = {"a": len(self.covers), "count": len(step.covers), "stride": power}
        self._emit(PENALTY, step.output, strength, **place)
        parameters = [self.plan.parameters[index] for index in step.covers]
        self.covers += [(parameter.offset, parameter.size) for parameter in parameters]

    _add_l2_penalty = _add_l1_penalty

    # -- the whole -----------------------------------------------------------------------------

    def finish(self, dtype: str) -> Lowered:
        """Return the arrays."""
        plan = self.plan
        seeds = [self.row[x.value] for x in (*plan.losses, *plan.penalties)]
        shares = [x.importance for x in plan.losses] + [-1.0] * len(plan.penalties)
        layout, loads = self._layout()
        load = [0] * WIDTH
        load[OP], load[COUNT] = LOAD, len(loads)
        code = np.array([load, *self.code], np.int64)
        program = Program(
            code,
            np.array([(0.0, 0.0), *self.constants], dtype),
            _pairs(loads, 3),
            np.array(self.numbers, dtype),
            *self.neurons.arrays(),
            _pairs(self.operands, 2),
            _pairs(self.covers, 2),
            np.array(seeds, np.int64),
            np.array(shares, np.float64),
            _pairs([], 2),
            _pairs([], 2),
        )
        program = mark_blanks(program, self.rows, plan.size, every=self.units.every)
        return Lowered(program, self.rows, tuple(self.row), layout)

    def _layout(self) -> tuple[dict[tuple[str, ...], int], list[list[int]]]:
        """Return where columns stand in the table, and what is loaded, side by side where it may."""
        layout: dict[tuple[str, ...], int] = {}
        loads: list[list[int]] = []
        end = 0
        for row, references, width in sorted(self.inputs):
            column = layout.setdefault(references, end)
            end = max(end, column + width)
            if loads and all(a + loads[-1][2] == b for a, b in zip(loads[-1], (row, column))):
                loads[-1][2] += width
            else:
                loads.append([row, column, width])
        return layout, loads


_ENTRIES: Mapping[str, int] = {
    "out": OUT, "rows": ROWS, "a": A, "a_rows": A_ROWS, "b": B, "b_rows": B_ROWS, "theta": THETA,
    "count": COUNT, "stride": STRIDE, "keep": KEEP, "need_a": NEED_A, "need_b": NEED_B,
}  # fmt: skip


def _levels(units: Units) -> list[list[int]]:
    levels: list[list[int]] = [[] for _ in range(max(units.level, default=-1) + 1)]
    for slot, level in enumerate(units.level):
        if not units.melted[slot] and units.same[slot] == slot:
            levels[level].append(slot)
    return levels


def _pairs(rows: Sequence[Sequence[int]], width: int) -> Any:
    return np.array(rows, np.int64).reshape(-1, width)
