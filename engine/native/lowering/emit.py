"""Emitting instructions: one or more for each operation whose rows are allocated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Integers
from engine.arrays.columnar import stretches
from engine.native.kernels.arithmetic import emit_added
from engine.native.kernels.elementwise import FunctionCall
from engine.native.kernels.matrix_product import MatrixProduct
from engine.native.kernels.sources import BiasSet
from engine.native.kernels.table import EMITTERS, KERNELS, NUMBERS, WIDTH
from engine.native.lowering.fusion import Units
from engine.native.lowering.row_allocation import RowAllocation
from engine.native.lowering.theta_order import EdgeLists
from engine.plan.plan import Plan


@dataclass(slots=True)
class Emission:
    """The instructions so far, and the lists they point into.

    Attributes
    ----------
    units, rows, edges : Units, RowAllocation, EdgeLists
        What is lowered, and where its values and parameters are.
    height : int
        Rows of the arena.
    """

    units: Units
    rows: RowAllocation
    edges: EdgeLists
    height: int = field(init=False)
    lists: dict[str, list[Any]] = field(init=False)
    ops: list[int] = field(default_factory=list, init=False)
    live: list[bool] = field(default_factory=list, init=False)
    code: list[NamedTuple] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.height = self.rows.count
        self.lists = {name: [] for name in ("numbers", "gathered", "operands", "covers")}

    @property
    def plan(self) -> Plan:
        """The plan that is lowered."""
        return self.units.plan

    # -- what operations need: see `engine.native.runtime.kernel.Emitter` -----------------------

    def output(self, slot: int) -> dict[str, int]:
        """Return where a slot's value is."""
        return {"out": int(self.rows.first[slot]), "rows": self.plan.widths[slot]}

    def input(self, name: str, slot: int) -> dict[str, int]:
        """Return what is read where a slot is."""
        first, needed = int(self.rows.first[slot]), int(self.units.needed[slot])
        return {name: first, f"{name}_rows": self.plan.widths[slot], f"need_{name}": needed}

    def place(self, parameter: int) -> int:
        """Return where a parameter begins in the program's θ."""
        return int(self.edges.native_place[self.plan.parameters[parameter].offset])

    def covered(self, parameters: Sequence[int]) -> NDArray[np.int64]:
        """Return the ranges of the program's θ where parameters are."""
        covered = np.zeros(len(self.edges.native_place), bool)
        for index in parameters:
            covered[self.units.offsets[index] : self.units.offsets[index + 1]] = True
        return stretches(self.edges.order.chosen(covered))

    def listed(self, name: str, entries: Sequence[Any]) -> int:
        """Append to a list; return the place of the first entry."""
        found = self.lists[name]
        first = len(found)
        found.extend(entries)
        return first

    def emit(self, name: str, slot: int, instruction: NamedTuple) -> None:
        """Append an instruction that computes (a part of) a slot's value."""
        live = bool(self.units.live[slot] and self.units.needed[slot])
        self.write(NUMBERS[name], instruction, live=live)

    # -- instructions --------------------------------------------------------------------------

    def write(self, number: int, instruction: NamedTuple, *, live: bool) -> None:
        """Append an instruction of the kernel with a number."""
        self.ops.append(number)
        self.live.append(live)
        self.code.append(instruction)

    def add(self, slot: int) -> None:
        """Append an operation: a weighted sum, or what its kernel's module says."""
        step = self.plan.steps[slot]
        emit = EMITTERS.get(step.op.spec.kind)
        if emit is None:
            self._add_sum(slot)
        else:
            emit(self, step)

    def add_functions(self, slots: Integers) -> None:
        """Append one instruction for functions alike whose rows and sources follow each other."""
        first, rows = int(slots[0]), int(self.units.width[slots].sum())
        read = int(self.units.inputs[self.units.starts[first]])
        p, q = self.units.constants[first].tolist()
        out, a = int(self.rows.first[first]), int(self.rows.first[read])
        call = FunctionCall(out, a, rows, int(self.units.needed[read]), 0, p, q)
        live = bool(self.units.live[first] and self.units.needed[first])
        self.write(int(self.units.kind[first]), call, live=live)

    def _add_sum(self, slot: int) -> None:
        """Append what is added up, matrices last, and the function that follows."""
        units = self.units
        terms = units.terms(slot)
        own = {term for term in terms if units.absorbed[term] or term == slot}
        matrices = [term for term in terms if term in own and units.reads(term)]  # not biases
        parameters = [int(units.parameter[x]) for x in own if x not in matrices]
        biases = [self.place(parameter) for parameter in parameters]
        plain = [term for term in terms if term not in own]
        keep = 0
        if biases and (plain or not matrices or units.uses[parameters[0]] > 1):
            self.emit("bias", slot, BiasSet(**self.output(slot), bias=biases.pop()))
            keep = 1
        for term in plain:
            emit_added(self, slot, term, 1.0, keep)
            keep = 1
        for term in matrices:
            self._add_matrix(slot, term, keep, biases)
            biases, keep = [], 1
        after = units.follower(slot)
        if after >= 0:
            self.add_functions(np.array([after]))

    def _add_matrix(self, slot: int, term: int, keep: int, biases: Sequence[int]) -> None:
        source = int(self.units.inputs[self.units.starts[term]])
        place = {**self.output(slot), **self.input("a", source), "keep": keep}
        place |= {"weights": self.place(int(self.units.parameter[term])), "overwrites": 0}
        place |= {"stride": place["a_rows"], "fresh": 0}
        place |= {"bias": biases[0] if biases else 0, "biased": place["rows"] if biases else 0}
        self.emit("matrix", slot, MatrixProduct(**place))


def pack(ops: Integers, code: Sequence[NamedTuple], real: str) -> Integers:
    """Return instructions as rows of numbers, (n, WIDTH)."""
    packed = np.zeros((len(code), WIDTH), np.int64)
    for number in np.unique(ops).tolist():
        chosen = np.flatnonzero(ops == number)
        fields = np.zeros(len(chosen), KERNELS[number].layout(real))
        fields[:] = [code[k] for k in chosen.tolist()]
        packed[chosen, : len(fields.dtype)] = fields.view(np.int64).reshape(len(chosen), -1)
    return packed
