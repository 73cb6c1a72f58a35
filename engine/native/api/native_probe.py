"""Probes on the tape: the numbers of a row, or of a batch's mean, from the rows of its arena.

What a plan's probe needs is looked up once; then a probe is one run of the tape and some sums.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Integers
from engine.arrays.columnar import ends, ragged
from engine.declaration.op import Array
from engine.errors import DataError
from engine.interpreter.parameter_vector import weight_mask
from engine.interpreter.probe import Carried, Probe
from engine.native.api.edge_messages import EdgeMessages
from engine.native.api.tape import Tape
from engine.native.lowering.lower import lower_plan
from engine.plan.plan import Parameter, Plan
from graph.model.training import Training

_DTYPE = "float64"


class NativeProbe:
    """Probes of one plan on one batch; threads may share it, they read one at a time.

    Parameters
    ----------
    plan : Plan
        What is probed.
    columns : mapping
        Column reference → (B, width).

    Raises
    ------
    Unsupported
        If an operation has no kernel.
    DataError
        If the columns do not fit the plan.
    """

    def __init__(self, plan: Plan, columns: Mapping[str, Array]) -> None:
        lowered = lower_plan(plan, _DTYPE, every=True)
        self._table = Tape(plan, lowered, _DTYPE, 1).table(columns)
        self._tape = Tape(plan, lowered, _DTYPE, len(self._table))
        self._plan, self._columns = plan, columns
        self._lock = threading.Lock()
        row_of = np.array(lowered.row, np.int64)
        self._absorbed = _AbsorbedRows(plan, row_of, lowered.rows)
        outputs = plan.outputs.columns[0]
        nets = np.array([plan.nets.get(node, slot) for node, slot in plan.outputs.items()], int)
        self._value = _Parts(plan, self._absorbed.value_row, outputs)
        self._net = _Parts(plan, self._absorbed.value_row, nets)
        self._delta = _Parts(plan, self._absorbed.delta_row, nets)
        self._has_net = np.array([node in plan.nets for node in plan.outputs], bool)
        self._nodes, self._edges = tuple(plan.outputs), tuple(plan.edges)
        self._messages = EdgeMessages(plan, row_of, self._absorbed.delta_row, lowered.rows)
        self._carried = Carried(plan, self._edges)
        self._weights = weight_mask(plan)
        self._penalties = [self._absorbed.value_row[x.value] for x in plan.penalties]

    def read(
        self,
        theta: Array,
        training: Training,
        m: int,
        row: int | None,
        version: int,
        columns: Mapping[str, Array] | None = None,
    ) -> Probe:
        """Compute a probe: see `engine.interpreter.probe.probe`.

        ``columns`` are other rows than those it was made with, at most as many. Raises `DataError`
        if there is no such row, or they do not fit the plan.
        """
        table = (
            self._table
            if columns is None or columns is self._columns
            else self._tape.table(columns)
        )
        if row is not None and not 0 <= row < len(table):
            raise DataError(f"there is no row {row}: there are {len(table)}")
        rows = np.arange(len(table)) if row is None else np.array([row])
        with self._lock, np.errstate(all="ignore"):
            theta = np.asarray(theta, _DTYPE)
            return self._read(theta, training, m, table, rows, row, version)

    def _read(
        self,
        theta: Array,
        training: Training,
        m: int,
        table: Array,
        rows: NDArray[np.int64],
        row: int | None,
        version: int,
    ) -> Probe:
        gradient = self._tape.backward(theta, table, rows)
        values, deltas = self._tape.rows()
        means, sums = values.mean(axis=1), deltas.sum(axis=1)
        sums[self._penalties] /= len(rows)  # a penalty has one value whatever the batch is
        error = self._error(means) + self._penalise(theta, gradient, training, m)
        components = self._absorbed.values(theta, means)
        value, delta = self._value.take(components), self._delta.take(sums)
        net = self._net.means(self._net.take(components))
        return Probe(
            version,
            row,
            error,
            self._nodes,
            self._value.means(value),
            self._delta.means(delta),
            np.where(self._has_net, net, np.nan),
            self._value.strips(self._nodes, value),
            self._delta.strips(self._nodes, delta),
            self._edges,
            message=self._messages.read(theta, sums, values, deltas),
            **self._carried.read(theta, gradient),
            parameters=self._plan.parameters,
            theta=theta.copy(),
            theta_gradient=gradient,
        )

    def _error(self, means: Array) -> float:
        first = self._absorbed.value_row
        total = sum(loss.importance * float(means[first[loss.value]]) for loss in self._plan.losses)
        return total + sum(float(means[row]) for row in self._penalties)

    def _penalise(self, theta: Array, gradient: Array, training: Training, m: int) -> float:
        """Add training's own penalties to the gradient; return them."""
        l1, l2 = training.l1 / m, training.l2 / m
        if not (l1 or l2):
            return 0.0
        weights = theta[self._weights]
        gradient[self._weights] += l2 * weights + l1 * np.sign(weights)
        return l1 * float(np.abs(weights).sum()) + l2 / 2 * float(np.square(weights).sum())


class _AbsorbedRows:
    """Rows of all slots: those in the arena, and behind them those of what sums have absorbed.

    Attributes
    ----------
    value_row, delta_row : (slots,) arrays
        By slot, its first row among the means of values, and among the sums of δ: a weight or
        bias that is only read by one sum has no rows of its own, and the δ of that sum.
    """

    def __init__(self, plan: Plan, row: Integers, rows: int) -> None:
        self.value_row, self.delta_row = row.copy(), row.copy()
        reads = plan.steps.reads
        into = row[reads.numbers] < 0
        self.delta_row[reads.numbers[into]] = row[reads.owners[into]]
        shown = np.unique(np.concatenate((plan.outputs.columns[0], plan.nets.columns[0])))
        absorbed = [plan.steps[slot] for slot in shown[row[shown] < 0].tolist()]
        own = [plan.parameters[index] for step in absorbed for index in step.slots.values()]
        single: list[tuple[int, int]] = []  # place in θ, the row that is multiplied by it
        self._wide: list[tuple[Parameter, slice]] = []  # and the rows that are
        end = rows
        for step, parameter in sorted(zip(absorbed, own, strict=True), key=lambda x: x[1].size > 1):
            first = int(row[step.inputs[0]]) if step.inputs else rows  # biases: of the 1 behind all
            if parameter.size == 1:
                single.append((parameter.offset, first))
            else:
                count = plan.widths[step.inputs[0]] if step.inputs else 0
                self._wide.append((parameter, slice(first, first + count)))
            self.value_row[step.output] = end
            end += plan.widths[step.output]
        self._places, self._factors = np.array(single, np.intp).reshape(-1, 2).T

    def values(self, theta: Array, means: Array) -> Array:
        """Return the means of all rows, those behind the arena computed from θ."""
        found = [means, theta[self._places] * np.append(means, 1.0)[self._factors]]
        for parameter, source in self._wide:
            weight = theta[parameter.offset : parameter.offset + parameter.size]
            is_bias = len(parameter.shape) == 1
            found.append(weight if is_bias else weight.reshape(parameter.shape) @ means[source])
        return np.concatenate(found)


class _Parts:
    """Rows of several slots side by side, and their means over each slot's components."""

    def __init__(self, plan: Plan, row: Integers, slots: Integers) -> None:
        self._widths = np.array(plan.widths, np.int64)[slots]
        self._starts = ends(self._widths)[:-1]
        self._rows = ragged(row[slots], self._widths)
        parts = zip(self._starts.tolist(), self._widths.tolist(), strict=True)
        self._wide = [
            (place, slice(start, start + width))
            for place, (start, width) in enumerate(parts)
            if width > 1
        ]
        self._single = len(self._rows) == len(slots)

    def take(self, rows: Array) -> Array:
        """Return the slots' rows."""
        return rows[self._rows]

    def means(self, components: Array) -> Array:
        """Return the mean of each slot's components."""
        if self._single:
            return components
        return np.add.reduceat(components, self._starts) / self._widths

    def strips(self, nodes: Sequence[str], components: Array) -> dict[str, Array]:
        """Return the components of the nodes wider than 1."""
        return {nodes[place]: components[part] for place, part in self._wide}
