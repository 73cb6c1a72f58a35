"""What edges carry back, from the sums of δ over the batch.

No message is computed where a sum says it already: through a weight flows Wᵀδ, whose sum over the
batch needs only that of δ; where nothing else reads a value, its δ is the message. Only where a
value is read by several, one of them curved, that one's derivative is applied once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.native.units import live_slots
from engine.op import Array
from engine.plan import Parameter, Plan, Step

Rows: TypeAlias = NDArray[np.intp]
_FACTORS = {"sum": 1.0, "mean": 1.0, "slice": 1.0, "identity": 1.0, "dropout": 1.0}
"""Kinds whose message is, summed over its components, their δ so summed, times this."""
_LAST = -1  # of the rows of δ: a row of zeros; of the lines of θ: a line whose sum is 1


@dataclass(frozen=True, slots=True)
class _Share:
    """What adds up to a message: factor × (line of θ) × (row of δ), over ``count`` of each."""

    row: int
    count: int = 1
    factor: float = 1.0
    line: int = _LAST


_NOTHING = _Share(_LAST)


class Messages:
    """What every edge carries back: the mean over its components, summed over the batch.

    Parameters
    ----------
    plan : Plan
        Whose edges.
    value_row, delta_row : sequences of int
        By slot, the first row of its value and of its δ; what a sum alone reads has the δ of the
        sum.
    rows : int
        Rows of δ.
    """

    def __init__(
        self, plan: Plan, value_row: Sequence[int], delta_row: Sequence[int], rows: int
    ) -> None:
        self._plan, self._value_row, self._delta_row = plan, value_row, delta_row
        self._line_starts, self._first_line = _lines(plan)
        self._alone, self._live = _read_once(plan), live_slots(plan)
        self._curves: dict[tuple[int, ...], _Curve] = {}
        widths = [plan.widths[plan.source(edge)] for edge in plan.edges]
        shares = [self._share(edge, *place) for edge, place in enumerate(plan.edges.values())]
        for curve in self._curves.values():
            for edge in curve.edges:
                shares[edge] = _Share(rows, widths[edge])
                rows += widths[edge]
        counts = np.array([share.count for share in shares], np.intp)
        lines = np.array([share.line for share in shares], np.intp)
        self._starts, self._widths = np.cumsum(counts) - counts, np.array(widths)
        self._rows = spread(np.array([share.row for share in shares], np.intp), counts)
        self._factors = np.repeat([share.factor for share in shares], counts)
        self._lines = np.where(np.repeat(lines, counts) < 0, _LAST, spread(lines, counts))

    def read(self, theta: Array, sums: Array, values: Array, deltas: Array) -> Array:
        """Return the messages of all edges, (m,).

        Parameters
        ----------
        theta : (P,) array
            Parameters.
        sums : (rows,) array
            δ summed over the batch.
        values, deltas : (rows, B) arrays
            The arena.
        """
        if not len(self._rows):
            return np.zeros(0)
        curved = [curve.sums(theta, values, deltas) for curve in self._curves.values()]
        lines = np.append(np.add.reduceat(theta, self._line_starts) if len(theta) else theta, 1.0)
        known = np.concatenate((sums, *curved, np.zeros(1)))
        shares = known[self._rows] * lines[self._lines] * self._factors
        if len(shares) > len(self._starts):
            shares = np.add.reduceat(shares, self._starts)
        messages: Array = shares / self._widths
        return messages

    def _share(self, edge: int, reader: int, position: int) -> _Share:
        step = self._plan.steps[reader]
        kind, slot, widths = step.op.spec.kind, step.inputs[position], self._plan.widths
        row, count = self._delta_row[reader], widths[reader]
        if step.op.backward is None or not self._live[reader]:
            return _NOTHING
        if kind == "weight":
            (index,) = step.slots.values()
            return _Share(row, count, 1.0, self._first_line[index])
        if kind in _FACTORS:
            return _Share(row, count, _FACTORS[kind])
        if kind == "subtract":
            return _Share(row, count, -1.0 if position else 1.0)
        if kind == "concat":
            before = sum(widths[x] for x in step.inputs[:position])
            return _Share(row + before, widths[slot])
        if self._alone[slot]:
            return _Share(self._delta_row[slot], widths[slot])
        self._bend(edge, step, position)
        return _NOTHING  # until all that is curved has been found

    def _bend(self, edge: int, step: Step, position: int) -> None:
        """Note that a message needs an operation's derivative; alike functions share a call."""
        key = (id(step.op), id(step.params)) if step.op.elementwise else (step.output,)
        if key not in self._curves:
            slots = {name: self._plan.parameters[index] for name, index in step.slots.items()}
            self._curves[key] = _Curve(step, slots)
        curve = self._curves[key]
        if step.op.elementwise or not curve.edges:
            curve.outputs.append(self._span(step.output))
            for rows, slot in zip(curve.inputs, step.inputs, strict=True):
                rows.append(self._span(slot))
        curve.edges.append(edge)
        curve.positions.append(position)

    def _span(self, slot: int) -> Rows:
        first = self._value_row[slot]
        return np.arange(first, first + self._plan.widths[slot])


class _Curve:
    """An operation whose derivative is applied to rows of the arena; elementwise ones to many."""

    def __init__(self, step: Step, slots: Mapping[str, Parameter]) -> None:
        self._step, self._slots = step, slots
        self.edges: list[int] = []
        self.positions: list[int] = []
        self.outputs: list[Rows] = []
        self.inputs: list[list[Rows]] = [[] for _ in step.inputs]

    def sums(self, theta: Array, values: Array, deltas: Array) -> Array:
        """Return the messages of its edges, component by component, summed over the batch."""
        rows = np.concatenate(self.outputs)
        inputs = [values[np.concatenate(parts)].T for parts in self.inputs]
        parts = self._messages(theta, deltas[rows].T, values[rows].T, inputs)
        if self._step.op.elementwise:
            return _sum(parts[0], inputs[0])
        return np.concatenate([_sum(parts[k], inputs[k]) for k in self.positions])

    def _messages(
        self, theta: Array, delta: Array, output: Array, inputs: Sequence[Array]
    ) -> Sequence[Array | None]:
        op, keywords = self._step.op, dict[str, Any](self._step.params)
        for name, p in self._slots.items():
            keywords[name] = theta[p.offset : p.offset + p.size].reshape(p.shape)
        if op.saves:
            keywords["saved"] = op.forward(*inputs, **keywords)[1]
        assert op.backward is not None  # what has no derivative carries nothing back
        result = op.backward(delta, output, *inputs, **keywords)
        return (result,) if isinstance(result, np.ndarray) else tuple(result)


def spread(firsts: Rows, counts: Rows) -> Rows:
    """Return firsts[i], firsts[i] + 1, … (counts[i] of them) for every i, side by side."""
    starts = np.cumsum(counts) - counts
    return np.repeat(firsts - starts, counts) + np.arange(int(counts.sum()))


def _sum(message: Array | None, source: Array) -> Array:
    return np.zeros(source.shape[1]) if message is None else message.sum(axis=0)


def _lines(plan: Plan) -> tuple[Rows, list[int]]:
    """Return where lines (rows of matrices) start in θ, and each parameter's first line."""
    starts: list[int] = []
    first: list[int] = []
    for parameter in plan.parameters:
        first.append(len(starts))
        end = parameter.offset + parameter.size
        starts += range(parameter.offset, end, parameter.shape[-1])
    return np.array(starts, np.intp), first


def _read_once(plan: Plan) -> list[bool]:
    """Tell of each slot whether its δ is one message: a single step reads it, once."""
    count = [0] * len(plan.steps)
    for step in plan.steps:
        for slot in step.inputs:
            count[slot] += 1
    for seed in (*(x.value for x in plan.losses), *(x.value for x in plan.penalties)):
        count[seed] += 1
    return [n == 1 for n in count]
