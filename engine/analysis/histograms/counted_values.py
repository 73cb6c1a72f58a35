"""What is counted in histograms, and its values at the parameters of a moment.

Of s, z and δ every row and component is a value of its own, δ that of the row alone, as if it were
the only one; gradients are those of E over all the rows. Numbers are those without the noise of an
update (dropout).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from engine.analysis.histograms.bins import FrameValues
from engine.arrays.aliases import Array, Flags, Integers
from engine.data import Prepared
from engine.data.split import SplitName
from engine.interpreter.interpreter import Backward, Forward, Interpreter, YieldGil
from engine.interpreter.objective_terms import add_penalty_gradient
from engine.plan.plan import Plan
from graph.model.kinds import Role

HistogramQuantity: TypeAlias = Literal[
    "weight", "bias", "s", "z", "delta", "weight gradient", "bias gradient"
]
OF_NODES = ("s", "z", "delta")
"""Those that are numbers of nodes; the others are numbers of parameters."""
OF_NO_ROWS = ("weight", "bias")
"""Those that are known without running rows."""
_LEFT_OUT = (Role.INPUT, Role.TARGET, Role.SOURCE, Role.LOSS, Role.PENALTY)
_VALUES = 150_000  # of one moment
_WORK = 50_000_000  # multiply-adds of one moment forward
_ROWS = 256  # rows run at once


@dataclass(frozen=True, slots=True)
class HistogramScope:
    """Whose values are counted.

    Parameters
    ----------
    part : str
        ``network``: its units, or all nodes between data and losses if it has none; ``hidden``:
        those of them whose values go on into others; ``selection``: the nodes and edges below.
    nodes, edges : frozensets of str
        Ids. Weights and biases are those of the nodes and of their incoming edges, and those of
        the edges.
    """

    part: Literal["network", "hidden", "selection"] = "network"
    nodes: frozenset[str] = frozenset()
    edges: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class CountedValues:
    """What is counted at every moment: made by `counted_values`.

    Parameters
    ----------
    plan, quantity
        Of which plan, and which numbers.
    is_delta : bool
        Of derivatives by nodes: whether they are δ = ∂E/∂s of units, or ∂E/∂z of other nodes.
    nodes : tuple of str
        Whose s, z or δ.
    entries : (k,) array
        Places in θ of the weights, biases or gradients.
    of_entries : int
        From how many these are chosen evenly.
    columns : mapping
        What the plan reads of the rows; empty if none are run.
    rows, of_rows : int
        How many rows are run, and from how many they are chosen evenly.
    l1, l2, m : float, float, int
        The penalties in gradients, and the number of training rows, their divisor.
    """

    plan: Plan
    quantity: HistogramQuantity
    is_delta: bool
    nodes: tuple[str, ...]
    entries: Integers
    of_entries: int
    columns: Mapping[str, Array]
    rows: int
    of_rows: int
    l1: float
    l2: float
    m: int

    @property
    def is_of_nodes(self) -> bool:
        """Whether the values are those of nodes, not of parameters."""
        return self.quantity in OF_NODES

    @property
    def needs_rows(self) -> bool:
        """Whether rows are run to know the values."""
        return self.quantity not in OF_NO_ROWS

    @property
    def components(self) -> int:
        """Of the nodes, all together."""
        return sum(self.plan.widths[self.plan.outputs[node]] for node in self.nodes)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to count."""
        of_what = self.nodes if self.is_of_nodes else self.entries
        return not len(of_what) or (self.needs_rows and not self.rows)


def counted_values(
    plan: Plan,
    data: Prepared,
    split: SplitName,
    quantity: HistogramQuantity,
    scope: HistogramScope,
    l1: float = 0.0,
    l2: float = 0.0,
) -> CountedValues:
    """Find out what is to be counted; raises `DataError` if the data does not fit the plan.

    If there are very many rows or parameters, some of them are chosen evenly.
    """
    nodes = _nodes(plan, scope)
    units = tuple(node for node in nodes if node in plan.nets)
    is_delta = bool(units) or not nodes
    wanted = nodes if quantity == "z" or (quantity == "delta" and not is_delta) else units
    places = np.zeros(0, np.int64)
    if quantity not in OF_NODES:
        wanted = ()
        places = np.flatnonzero(_chosen(plan, scope, nodes, biases=quantity.startswith("bias")))
    rows = data.splits[split] if quantity not in OF_NO_ROWS else np.zeros(0, np.int64)
    width = sum(plan.widths[plan.outputs[node]] for node in wanted)
    cost = plan.size + sum(plan.widths)
    chosen = evenly(rows, max(1, min(_VALUES // max(width, 1), _WORK // max(cost, 1))))
    return CountedValues(
        plan,
        quantity,
        is_delta,
        wanted,
        entries=evenly(places, _VALUES),
        of_entries=len(places),
        columns=data.batch(plan.columns, chosen) if len(chosen) else {},
        rows=len(chosen),
        of_rows=len(rows),
        l1=l1,
        l2=l2,
        m=len(data.splits["train"]),
    )


def evenly(items: Integers, most: int) -> Integers:
    """Return at most so many of the items, at equal distances, the first and last among them."""
    if len(items) <= most:
        return items
    return items[np.linspace(0, len(items) - 1, most).astype(np.int64)]


def _nodes(plan: Plan, scope: HistogramScope) -> tuple[str, ...]:
    nodes = tuple(plan.outputs)
    if scope.part == "selection":
        return tuple(node for node in nodes if node in scope.nodes)
    outputs = plan.outputs.columns[0]
    apart = plan.steps.chosen([form.op.spec.role in _LEFT_OUT for form in plan.steps.forms])
    between = [node for node, out in zip(nodes, apart[outputs], strict=True) if not out]
    units = [node for node in between if node in plan.nets]
    found = units or between
    return tuple(_inner(plan, found) if scope.part == "hidden" else found)


def _inner(plan: Plan, nodes: Sequence[str]) -> list[str]:
    """Return those whose values reach another one of them."""
    among, steps = set(nodes), plan.steps
    is_one = [owner in among for owner in steps.owners.take(slice(None))]
    goes_on = [False] * len(steps)
    readers, sources = steps.reads.owners.tolist(), steps.reads.numbers.tolist()
    for reader, source in zip(reversed(readers), reversed(sources), strict=True):
        goes_on[source] = goes_on[source] or is_one[reader] or goes_on[reader]
    return [node for node in nodes if goes_on[plan.outputs[node]]]


def _chosen(plan: Plan, scope: HistogramScope, nodes: Sequence[str], *, biases: bool) -> Flags:
    """Return which entries of θ are counted, (P,)."""
    table = plan.parameters
    used = np.full(len(table), scope.part == "network")
    if scope.part != "network":
        among = set(nodes)
        mine = np.array([one in among for one in plan.steps.owners.take(slice(None))], np.bool_)
        uses = plan.steps.uses
        used[uses.numbers[mine[uses.owners]]] = True
        used[[plan.weights[edge] for edge in scope.edges if edge in plan.weights]] = True
    return np.repeat(used & (table.is_bias == biases), table.sizes)


def frame_values(
    counted: CountedValues, theta: Array, yield_gil: YieldGil | None = None
) -> FrameValues:
    """Return the values at some parameters.

    Parameters
    ----------
    counted : CountedValues
        Which.
    theta : (P,) array
        The parameters.
    yield_gil : callable, optional
        Called every few steps.
    """
    theta = theta.astype(np.float64)
    if not counted.needs_rows:
        return FrameValues.of(theta[counted.entries])
    if not counted.is_of_nodes:
        gradient = np.zeros_like(theta)
        for run, back in _passes(counted, theta, yield_gil):
            if back is not None:
                gradient += back.gradient * (run.rows / counted.rows)
        add_penalty_gradient(counted.plan, theta, gradient, counted.l1, counted.l2, counted.m)
        return FrameValues.of(gradient[counted.entries])
    parts = [
        _each_row(counted, node, run, back)
        for run, back in _passes(counted, theta, yield_gil)
        for node in counted.nodes
    ]
    return FrameValues.of(np.concatenate(parts) if parts else np.zeros(0))


def _passes(
    counted: CountedValues, theta: Array, yield_gil: YieldGil | None
) -> Iterator[tuple[Forward, Backward | None]]:
    """Run the rows in blocks, and back if need be."""
    interpreter = Interpreter(counted.plan, yield_gil)
    is_forward = counted.quantity in ("s", "z")
    for start in range(0, counted.rows, _ROWS):
        block = {name: col[start : start + _ROWS] for name, col in counted.columns.items()}
        run = interpreter.forward(theta, block)
        yield run, None if is_forward else interpreter.backward(theta, run)


def _each_row(counted: CountedValues, node: str, run: Forward, back: Backward | None) -> Array:
    """Return a node's numbers of every row and component of a block, flat."""
    plan = counted.plan
    slot = plan.outputs[node] if counted.quantity == "z" else plan.nets.get(node)
    slot = plan.outputs[node] if slot is None else slot
    if back is None:
        found = run.values[slot]
    else:
        found = back.deltas[slot] * (run.rows if len(back.deltas[slot]) == run.rows else 1)
    if len(found) < run.rows:  # a constant has one row for all of them
        found = np.repeat(found, run.rows, axis=0)
    return found.ravel()
