"""|δ| of every node over some rows, silent units, and how a chain passes δ on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.arrays.aliases import Array
from engine.interpreter.interpreter import Backward, Forward, Interpreter, YieldGil
from engine.plan.plan import Plan

_ROWS = 256  # rows run at once


@dataclass(frozen=True, slots=True)
class DeltaSizes:
    """How large the derivatives of each node are, over some rows.

    Parameters
    ----------
    nodes : tuple of str
        Ids: the order of the arrays.
    mean, largest : (n,) arrays
        Of |∂E/∂s| of units and |∂E/∂z| of other nodes, each row's own, over rows and components.
    silent : mapping
        Unit → how many of its components have z = 0 and δ = 0 in every one of the rows, if any.
    rows : int
        How many there were.
    """

    nodes: tuple[str, ...]
    mean: Array
    largest: Array
    silent: Mapping[str, int]
    rows: int


def delta_sizes(
    plan: Plan, theta: Array, columns: Mapping[str, Array], yield_gil: YieldGil | None = None
) -> DeltaSizes:
    """Run all rows of ``columns`` forward and back, and measure |δ|."""
    nodes = tuple(plan.outputs)
    sums, largest = np.zeros(len(nodes)), np.zeros(len(nodes))
    quiet = {node: np.ones(plan.widths[slot], np.bool_) for node, slot in plan.nets.items()}
    rows = 0
    for run, back in _passes(plan, theta, columns, yield_gil):
        rows += run.rows
        for place, node in enumerate(nodes):
            output = plan.outputs[node]
            sizes = np.abs(back.deltas[plan.nets.get(node, output)]) * run.rows
            if len(sizes) < run.rows:  # a penalty or a constant has one row for all of them
                sizes = np.repeat(sizes / run.rows, run.rows, axis=0)
            sums[place] += sizes.mean(axis=1).sum()
            largest[place] = max(largest[place], sizes.max())
            if node in quiet:
                quiet[node] &= ((run.values[output] == 0) & (sizes == 0)).all(axis=0)
            if yield_gil is not None:
                yield_gil()
    silent = {node: int(flags.sum()) for node, flags in quiet.items() if flags.any()}
    return DeltaSizes(nodes, sums / max(rows, 1), largest, silent, rows)


def _passes(
    plan: Plan, theta: Array, columns: Mapping[str, Array], yield_gil: YieldGil | None
) -> Iterator[tuple[Forward, Backward]]:
    interpreter = Interpreter(plan, yield_gil)
    count = min((len(column) for column in columns.values()), default=1)
    for start in range(0, count, _ROWS):
        part = {name: column[start : start + _ROWS] for name, column in columns.items()}
        run = interpreter.forward(theta, part)
        yield run, interpreter.backward(theta, run)


@dataclass(frozen=True, slots=True)
class ChainLink:
    """How one unit of a chain passes δ on to the unit before: δᵢ = f′(sᵢ)·w·δᵢ₊₁.

    ``slope`` is f′(sᵢ), ``weight`` the w of the edge to the next unit.
    """

    node: str
    slope: float
    weight: float

    @property
    def factor(self) -> float:
        """f′(sᵢ)·w."""
        return self.slope * self.weight


def chain_links(
    plan: Plan, theta: Array, columns: Mapping[str, Array], chain: tuple[str, ...]
) -> list[ChainLink]:
    """Return the links of a chain for a single row, last unit left out; [] if one has no slope."""
    (run, back), *_ = _passes(plan, theta, columns, None)
    readers = plan.steps.owners.take(np.array([plan.edges[edge][0] for edge in plan.weights]))
    sources = [plan.source(edge) for edge in plan.weights]
    edges = dict(zip(zip(sources, readers, strict=True), plan.weights, strict=True))
    links: list[ChainLink] = []
    for node, after in pairwise(chain):
        edge = edges[plan.outputs[node], after]
        step, position = plan.edges[edge]
        message = back.messages[step][position]
        if run.rows != 1 or message is None or not message[0, 0]:
            return []
        slope = back.deltas[plan.nets[node]][0, 0] / message[0, 0]
        weight = theta[plan.parameters[plan.weights[edge]].offset]
        links.append(ChainLink(node, float(slope), float(weight)))
    return links
