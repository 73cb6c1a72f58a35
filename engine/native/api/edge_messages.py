"""What edges carry back, from the sums of δ over the batch.

No message is computed where a sum says it already: through a weight flows Wᵀδ, whose sum over the
batch needs only that of δ; where nothing else reads a value, its δ is the message. Only where a
value is read by several, one of them nonlinear, that one's derivative is applied once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.arrays.aliases import Flags, Integers
from engine.arrays.columnar import ends, ragged, ragged_positions
from engine.declaration.op import Array
from engine.native.lowering.liveness import live_slots
from engine.plan.plan import Parameter, Plan, Step

_LINEAR = ("sum", "subtract", "mean", "slice", "identity", "dropout")
"""Kinds whose message, summed over its components, is their δ so summed (b's negative)."""
_LAST = -1  # of the rows of δ: a row of zeros; of the lines of θ: a line whose sum is 1


class EdgeMessages:
    """What every edge carries back: the mean over its components, summed over the batch.

    A message is the sum of sign × (sum of a line of θ) × (row of δ) over neighbouring lines and
    rows, divided by the width of what the edge carries.

    Parameters
    ----------
    plan : Plan
        Whose edges.
    value_row, delta_row : (slots,) arrays
        The first row of a slot's value and of its δ; what a sum alone reads has the δ of the sum.
    rows : int
        Rows of δ.
    """

    def __init__(self, plan: Plan, value_row: Integers, delta_row: Integers, rows: int) -> None:
        steps, widths = plan.steps, np.array(plan.widths, np.int64)
        readers, positions = plan.edges.columns
        places = steps.reads.starts[readers] + positions
        slots = steps.reads.numbers[places]
        self._widths = widths[slots]
        first, counts = delta_row[readers], widths[readers]

        weighs = steps.kind("weight")[readers]
        self._line_starts, first_line = _lines(plan)
        lines = np.full(len(first), _LAST)
        lines[weighs] = first_line[steps.uses.numbers[steps.uses.starts[readers[weighs]]]]
        signs = np.where(steps.kind("subtract")[readers] & (positions > 0), -1.0, 1.0)

        joins = steps.kind("concat")[readers]
        before = ends(widths[steps.reads.numbers])
        first = first + joins * (before[places] - before[steps.reads.starts[readers]])
        linear = weighs | joins | steps.kind(*_LINEAR)[readers]
        passes = ~linear & _read_once(plan)[slots]
        first = np.where(passes, delta_row[slots], first)
        counts = np.where(joins | passes, self._widths, counts)

        no_derivative = steps.chosen([form.op.backward is None for form in steps.forms])[readers]
        nonlinear = ~(linear | passes | no_derivative)
        self._nonlinear = _nonlinear(plan, value_row, np.flatnonzero(nonlinear))
        first[no_derivative | nonlinear], counts[no_derivative | nonlinear] = _LAST, 1
        for operation in self._nonlinear:
            for edge in operation.edges:
                first[edge], counts[edge] = rows, self._widths[edge]
                rows += counts[edge]
        self._starts = ends(counts)[:-1]
        self._rows, self._signs = ragged(first, counts), np.repeat(signs, counts)
        self._lines = np.where(np.repeat(lines, counts) < 0, _LAST, ragged(lines, counts))

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
        nonlinear_sums = [operation.sums(theta, values, deltas) for operation in self._nonlinear]
        single = len(self._line_starts) == len(theta)
        lines = np.append(theta if single else np.add.reduceat(theta, self._line_starts), 1.0)
        known = np.concatenate((sums, *nonlinear_sums, np.zeros(1)))
        shares = known[self._rows] * lines[self._lines] * self._signs
        if len(shares) > len(self._starts):
            shares = np.add.reduceat(shares, self._starts)
        return np.asarray(shares / self._widths)


class _Nonlinear:
    """An operation whose derivative is applied to rows of the arena; elementwise ones to many."""

    def __init__(self, step: Step, slots: Mapping[str, Parameter]) -> None:
        self._step, self._slots = step, slots
        self.edges: list[int] = []
        self._positions: list[int] = []
        self._outputs: list[Integers] = []
        self._inputs: list[list[Integers]] = [[] for _ in step.inputs]

    def add(self, edge: int, position: int, output: Integers, inputs: Sequence[Integers]) -> None:
        """Add an edge into the operation, and the rows of that step unless they are there."""
        if self._step.op.elementwise or not self.edges:
            self._outputs.append(output)
            for parts, rows in zip(self._inputs, inputs, strict=True):
                parts.append(rows)
        self.edges.append(edge)
        self._positions.append(position)

    def sums(self, theta: Array, values: Array, deltas: Array) -> Array:
        """Return the messages of its edges, component by component, summed over the batch."""
        rows = np.concatenate(self._outputs)
        inputs = [values[np.concatenate(parts)].T for parts in self._inputs]
        parts = self._messages(theta, deltas[rows].T, values[rows].T, inputs)
        if self._step.op.elementwise:
            return _sum(parts[0], inputs[0])
        return np.concatenate([_sum(parts[k], inputs[k]) for k in self._positions])

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


def _nonlinear(plan: Plan, value_row: Integers, edges: Integers) -> list[_Nonlinear]:
    """Return the operations whose derivatives some edges need; alike functions share a call."""
    found: dict[tuple[int, ...], _Nonlinear] = {}
    live = live_slots(plan) if len(edges) else []

    def span(slot: int) -> Integers:
        return np.arange(value_row[slot], value_row[slot] + plan.widths[slot])

    readers, positions = (column[edges].tolist() for column in plan.edges.columns)
    for edge, reader, position in zip(edges.tolist(), readers, positions, strict=True):
        if live[reader]:
            step = plan.steps[reader]
            key = (id(step.op), id(step.params)) if step.op.elementwise else (reader,)
            if key not in found:
                slots = {name: plan.parameters[index] for name, index in step.slots.items()}
                found[key] = _Nonlinear(step, slots)
            found[key].add(edge, position, span(reader), [span(slot) for slot in step.inputs])
    return list(found.values())


def _sum(message: Array | None, source: Array) -> Array:
    return np.zeros(source.shape[1]) if message is None else message.sum(axis=0)


def _lines(plan: Plan) -> tuple[Integers, Integers]:
    """Return where lines (rows of matrices) start in θ, and each parameter's first line."""
    parameters = plan.parameters
    lengths = np.array([shape[-1] for shape in parameters.shapes], np.int64)[parameters.shape]
    counts = parameters.sizes // lengths
    bounds = ends(counts)
    steps = ragged_positions(bounds) * np.repeat(lengths, counts)
    return np.repeat(parameters.offsets, counts) + steps, bounds[:-1]


def _read_once(plan: Plan) -> Flags:
    """Tell of each slot whether its δ is one message: a single step reads it, once."""
    counts = np.bincount(plan.steps.reads.numbers, minlength=len(plan.steps))
    counts[[*(x.value for x in plan.losses), *(x.value for x in plan.penalties)]] += 1
    alone: Flags = counts == 1
    return alone
