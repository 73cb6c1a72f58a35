"""Lowering: a plan becomes the arrays of a `Program`, level by level.

Rows are dealt out in the order of the levels. Neurons drawn one by one that read the same rows
become one matrix; alike functions side by side become one instruction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.native import elementwise
from engine.native.blanks import mark_blanks
from engine.native.emission import Emission
from engine.native.neurons import Neuron, Neurons
from engine.native.ordering import Order
from engine.native.program import (
    A_ROWS,
    BIAS,
    COUNT,
    KEEP,
    LIVE,
    LOAD,
    NEED_A,
    OP,
    OUT,
    ROWS,
    STRIDE,
    THETA,
    WIDTH,
    A,
    Program,
)
from engine.native.units import (
    ELEMENTWISE,
    SMALL,
    Units,
    check_supported,
    find_units,
    kernel_name,
)
from engine.plan import Plan, Step

_TALL = 4  # weights a unit has for each unit of its level, from which on θ's order is best


@dataclass(frozen=True, slots=True)
class Lowered:
    """A program and how to talk to it.

    ``rows`` it needs; ``row`` is the first one of each value slot (−1: none); ``layout`` the first
    column of the table for each input's columns; ``order`` that of θ.
    """

    program: Program
    rows: int
    row: tuple[int, ...]
    layout: Mapping[tuple[str, ...], int]
    order: Order


def lower_plan(plan: Plan, dtype: str, *, every: bool = False) -> Lowered:
    """Lower a plan; see `engine.native.lower`."""
    check_supported(plan)
    lowering = _Lowering(plan, find_units(plan, every=every))
    for level in _levels(lowering.units):
        lowering.add_level(level)
    return lowering.finish(dtype)


@dataclass(slots=True)
class _Lowering(Emission):
    neurons: Neurons = field(default_factory=Neurons)

    # -- one level -----------------------------------------------------------------------------

    def add_level(self, slots: Sequence[int]) -> None:
        """Emit the instructions of a level; all that they read is there."""
        single = [slot for slot in slots if self._is_single(slot)]
        functions = [slot for slot in slots if self._is_function(slot)]
        taken = {*single, *functions}
        single.sort(key=self._neuron_order)
        if single and all(self._fan_in(slot) >= _TALL * len(single) for slot in single):
            single.sort(key=lambda slot: (self._neuron_order(slot)[:2], self._first_weight(slot)))
        self._add_neurons(single)
        self._add_functions(sorted(functions, key=self._function_order))
        rest = [slot for slot in slots if slot not in taken]
        for slot in sorted(rest, key=self._preference):
            self.place(slot)
            self.add(self.plan.steps[slot])

    def _is_single(self, slot: int) -> bool:
        """Tell whether a unit's weights are few enough to be run edge by edge."""
        if self.plan.steps[slot].op.spec.kind not in ("sum", "weight"):
            return False
        terms = self.units.terms(slot)
        if not all(self.units.melted[term] or term == slot for term in terms):
            return False
        sizes = [self._size(term) for term in terms]
        return self.plan.widths[slot] == 1 or sum(sizes) <= SMALL

    def _fan_in(self, slot: int) -> int:
        return sum(self._size(term) for term in self.units.terms(slot))

    def _first_weight(self, slot: int) -> int:
        """Return where a unit's weights start in θ: in this order they form a matrix."""
        used = [
            index
            for term in self.units.terms(slot)
            for index in self.plan.steps[term].slots.values()
        ]
        return min(self.plan.parameters[index].offset for index in used)

    def _is_function(self, slot: int) -> bool:
        step = self.plan.steps[slot]
        return kernel_name(step) in ELEMENTWISE and self.units.same[slot] == slot

    def _size(self, slot: int) -> int:
        return sum(
            self.plan.parameters[index].size for index in self.plan.steps[slot].slots.values()
        )

    def _preference(self, slot: int) -> tuple[int, int]:
        """Order rows as their first reader lists them, so that it finds them side by side."""
        readers = self.units.readers[slot]
        while readers:
            reader, position = readers[0]
            if not (
                self.units.melted[reader]
                or self._is_function(reader)
                or self.units.same[reader] != reader
            ):
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

    def _add_neurons(self, slots: Sequence[int]) -> None:
        """Emit units of single edges: matrices where they share what they read, else runs."""
        found = [
            self._neuron(slot, unit) for slot in slots for unit in range(self._place_units(slot))
        ]
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
        self.place(slot)
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
        start = len(self.code)  # what a lower level has, this one may read
        for slot in slots:
            step = self.plan.steps[slot]
            self.place(slot)
            number, (p, q) = ELEMENTWISE[kernel_name(step)], self._p_and_q(step)
            self.emit(number, slot, p, q, **self.reads(step.inputs[0]))
            if len(self.code) > start + 1 and self._continues():
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

    # -- the whole -----------------------------------------------------------------------------

    def finish(self, dtype: str) -> Lowered:
        """Return the arrays."""
        plan = self.plan
        values = [x.value for x in plan.losses] + [x.value for x in plan.penalties]
        seeds = [self.row[slot] for slot in values]
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
        return Lowered(program, self.rows, tuple(self.row), layout, Order())

    def _layout(self) -> tuple[dict[tuple[str, ...], int], list[list[int]]]:
        """Return where columns stand in the table, and what is loaded, side by side."""
        layout: dict[tuple[str, ...], int] = {}
        loads: list[list[int]] = []
        end = 0
        for row, references, width in sorted(self.inputs):
            column = layout.setdefault(references, end)
            end = max(end, column + width)
            if loads and [row - loads[-1][2], column - loads[-1][2]] == loads[-1][:2]:
                loads[-1][2] += width
            else:
                loads.append([row, column, width])
        return layout, loads


def _levels(units: Units) -> list[list[int]]:
    levels: list[list[int]] = [[] for _ in range(max(units.level, default=-1) + 1)]
    for slot, level in enumerate(units.level):
        if not units.melted[slot] and units.same[slot] == slot:
            levels[level].append(slot)
    return levels


def _pairs(rows: Sequence[Sequence[int]], width: int) -> Any:
    return np.array(rows, np.int64).reshape(-1, width)
