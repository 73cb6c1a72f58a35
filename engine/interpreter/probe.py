"""The probe: all numbers of one row, or of a batch's mean, ready to be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.arrays.counter_stream import Stream
from engine.declaration.op import Array
from engine.errors import DataError
from engine.interpreter.interpreter import Backward, Forward, Interpreter, YieldGil
from engine.interpreter.objective_terms import add_penalty_gradient, objective_terms
from engine.plan.parameter_table import ParameterTable
from engine.plan.plan import Plan
from graph.model.training import Training


def _nothing() -> Array:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """What the canvas shows at given parameters.

    Of a batch each number is the mean of what its rows would show one by one, so δ and messages
    do not shrink with the batch. Value, δ, s and message of what is wider than 1 are means over
    the components, weight and gradient of a matrix its Euclidean norms: who shows them says so.

    Parameters
    ----------
    version, row : int, int or None
        The document's version; the row shown, None for the mean of the batch.
    error : float
        E of that row or batch, penalties included.
    nodes, edges : tuple of str
        Ids: the order of the arrays below.
    value, delta, net : (n,) arrays
        Output; ∂E/∂s of neurons and ∂E/∂output of others; s of neurons, NaN elsewhere.
    strips, delta_strips : mappings
        Node wider than 1 → the components of value and delta, (width,).
    weight, message, gradient, gradient_norm : (m,) arrays
        Of edges: the weight and its ∂E/∂w, NaN where there is none; what flows back; |∂E/∂w|.
    parameters : ParameterTable, optional
        Where each parameter lies in the two below.
    theta, theta_gradient : (P,) arrays
        All parameters and their ∂E/∂θ, penalties included.
    """

    version: int
    row: int | None
    error: float
    nodes: tuple[str, ...]
    value: Array
    delta: Array
    net: Array
    strips: Mapping[str, Array]
    delta_strips: Mapping[str, Array]
    edges: tuple[str, ...]
    weight: Array
    message: Array
    gradient: Array
    gradient_norm: Array
    parameters: ParameterTable | None = None
    theta: Array = field(default_factory=_nothing)
    theta_gradient: Array = field(default_factory=_nothing)


def probe(
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    training: Training,
    m: int,
    row: int | None,
    version: int,
    yield_gil: YieldGil | None = None,
    noise: Stream | None = None,
) -> Probe:
    """Compute a `Probe`.

    Parameters
    ----------
    plan, theta
        The compiled document at its parameters.
    columns : mapping
        Column reference → (B, width).
    training : Training
        For the penalties l1 and l2.
    m : int
        Number of training rows (the penalties' divisor).
    row : int or None
        Which of the B rows; None for the mean of all.
    version : int
        The document's version, handed through.
    yield_gil : callable, optional
        Called every few steps.
    noise : Stream, optional
        That of an update (dropout); None evaluates.

    Raises
    ------
    DataError
        If there is no such row, or the columns do not fit the plan.
    """
    chosen = columns if row is None else _only(columns, row)
    interpreter = Interpreter(plan, yield_gil)
    if noise is not None and row is not None:
        noise = noise.from_row(row)
    run = interpreter.forward(theta, chosen, noise)
    back = interpreter.backward(theta, run)
    add_penalty_gradient(plan, theta, back.gradient, training.l1, training.l2, m)
    total = objective_terms(plan, theta, run, training.l1, training.l2, m).total

    nodes, edges = tuple(plan.outputs), tuple(plan.edges)
    value, delta, net = _nodes(plan, run, back)
    messages = [edge_message(plan, back, edge, run.rows) for edge in edges]
    return Probe(
        version,
        row,
        total,
        nodes,
        value.means,
        delta.means,
        net,
        value.strips(nodes),
        delta.strips(nodes),
        edges,
        message=_Means(messages, run.rows, summed=True).means,
        **Carried(plan, edges).read(theta, back.gradient),
        parameters=plan.parameters,
        theta=theta.copy(),
        theta_gradient=back.gradient,
    )


def edge_message(plan: Plan, back: Backward, edge_id: str, rows: int) -> Array:
    """Return what an edge carries back, (B, width of its source); zeros if nothing does."""
    step, position = plan.edges[edge_id]
    message = back.messages[step][position]
    if message is None:
        return np.zeros((rows, plan.widths[plan.source(edge_id)]), back.gradient.dtype)
    return message


class _Means:
    """Means over the rows of many arrays (B, width), taken all at once.

    ``summed`` adds the rows up instead: derivatives of E have the 1/B of the batch inside
    already. Penalties have one row whatever the batch is.
    """

    def __init__(self, arrays: Sequence[Array], rows: int, *, summed: bool = False) -> None:
        self.components: Array
        self.means: Array
        self._widths = np.array([array.shape[1] for array in arrays], np.intp)
        self._starts = np.cumsum(self._widths) - self._widths
        if not arrays:
            self.components, self.means = np.zeros(0), np.zeros(0)
            return
        full = [a if len(a) == rows else np.repeat(a, rows, axis=0) for a in arrays]
        self.components = np.concatenate(full, axis=1).mean(axis=0, dtype=np.float64)
        if summed:
            self.components *= np.repeat([len(array) for array in arrays], self._widths)
        self.means = np.add.reduceat(self.components, self._starts) / self._widths

    def strips(self, nodes: Sequence[str]) -> dict[str, Array]:
        """Return the components of the nodes wider than 1."""
        return {
            node: self.components[start : start + width]
            for node, start, width in zip(nodes, self._starts, self._widths, strict=True)
            if width > 1
        }


def _nodes(plan: Plan, run: Forward, back: Backward) -> tuple[_Means, _Means, Array]:
    """Return value, δ and s of the document's nodes, in the order of ``plan.outputs``."""
    outputs = list(plan.outputs.values())
    nets = [plan.nets.get(node, slot) for node, slot in plan.outputs.items()]
    value = _Means([run.values[slot] for slot in outputs], run.rows)
    delta = _Means([back.deltas[slot] for slot in nets], run.rows, summed=True)
    net = _Means([run.values[slot] for slot in nets], run.rows).means
    net[[node not in plan.nets for node in plan.outputs]] = np.nan
    return value, delta, net


class Carried:
    """What edges show of the parameters they carry: looked up once, read at any θ."""

    def __init__(self, plan: Plan, edges: Sequence[str]) -> None:
        none = len(plan.parameters)
        self._starts, self._sizes = plan.parameters.offsets, plan.parameters.sizes
        self._places = np.array([plan.weights.get(edge, none) for edge in edges], np.intp)

    def read(self, theta: Array, gradient: Array) -> dict[str, Array]:
        """Return ``weight``, ``gradient`` and ``gradient_norm`` as `Probe` has them."""
        return {
            "weight": self._numbers(theta),
            "gradient": (slope := self._numbers(gradient)),
            "gradient_norm": np.abs(slope),
        }

    def _numbers(self, vector: Array) -> Array:
        numbers = np.full(len(self._starts) + 1, np.nan)
        if len(self._starts) == len(vector):  # each parameter is one number
            numbers[:-1] = vector
        elif len(self._starts):
            squares = np.add.reduceat(np.square(vector, dtype=np.float64), self._starts)
            single = vector[self._starts]
            numbers[:-1] = np.where(self._sizes == 1, single, np.sqrt(squares))
        return numbers[self._places]


def _only(columns: Mapping[str, Array], row: int) -> dict[str, Array]:
    for name, column in columns.items():
        if not 0 <= row < len(column):
            raise DataError(f"there is no row {row}: {name!r} has {len(column)}")
    return {name: column[row : row + 1] for name, column in columns.items()}
