"""Why is this δ what it is? The sum over a node's outgoing edges, term by term."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.declaration.op import Array
from engine.interpreter.interpreter import Backward, Forward
from engine.interpreter.parameter_vector import views
from engine.plan.plan import Plan


@dataclass(frozen=True, slots=True, eq=False)
class DeltaTerm:
    """One outgoing edge: ``message`` = Wᵀδ into a neuron, δ · ∂target/∂node into others.

    ``weight`` is (m, n), None on edges that carry none; ``delta`` the target's δ, (m,);
    ``message`` (n,).
    """

    edge: str
    target: str
    weight: Array | None
    delta: Array
    message: Array


@dataclass(frozen=True, slots=True, eq=False)
class DeltaTerms:
    """How the δ of a node of width n comes about in one row.

    Parameters
    ----------
    node, row : str, int
        Which one.
    terms : tuple of DeltaTerm
        One for each outgoing edge, by edge id.
    own : (n,) array
        A loss's own share, importance / B; zeros elsewhere.
    gradient : (n,) array
        ∂E/∂z = Σ messages + own.
    slope : (n,) array or None
        f′(s) of a neuron; None for other nodes, and where f mixes components (softmax).
    delta : (n,) array
        ∂E/∂s = f′(s) · gradient for neurons, the gradient itself for others.
    """

    node: str
    row: int
    terms: tuple[DeltaTerm, ...]
    own: Array
    gradient: Array
    slope: Array | None
    delta: Array


def delta_terms(
    plan: Plan, theta: Array, run: Forward, back: Backward, node: str, row: int
) -> DeltaTerms:
    """Take a node's δ apart: δ = f′(s) · Σ wₖ δₖ over its outgoing edges k.

    Parameters
    ----------
    plan, theta, run, back
        A plan, its parameters, a forward run and its backward run.
    node : str
        A node of the document.
    row : int
        Row of the batch.

    Notes
    -----
    Source: Rumelhart, Hinton, Williams 1986, equations 6 to 8; B. Dolhansky's case 3 (several
    outputs).
    """
    slot = plan.outputs[node]
    parameters = views(plan, theta)
    terms = tuple(
        _term(plan, parameters, back, edge, row)
        for edge in sorted(plan.edges)
        if plan.source(edge) == slot
    )
    own = np.zeros(plan.widths[slot])
    for loss in plan.losses:
        if loss.node == node:
            own += loss.importance / run.rows
    net = plan.nets.get(node)
    return DeltaTerms(
        node,
        row,
        terms,
        own,
        back.deltas[slot][row],
        None if net is None else _slope(plan, run, slot, net, row),
        back.deltas[slot if net is None else net][row],
    )


def _term(
    plan: Plan, parameters: Sequence[Array], back: Backward, edge: str, row: int
) -> DeltaTerm:
    step, position = plan.edges[edge]
    target = plan.steps[step].owner
    message = back.messages[step][position]
    index = plan.weights.get(edge)
    return DeltaTerm(
        edge,
        target,
        None if index is None else parameters[index],
        back.deltas[plan.nets.get(target, plan.outputs[target])][row],
        np.zeros(plan.widths[plan.source(edge)]) if message is None else message[row],
    )


def _slope(plan: Plan, run: Forward, slot: int, net: int, row: int) -> Array | None:
    """Return f′(s) by sending a δ of 1 through the activation."""
    step = plan.steps[slot]
    if not step.op.elementwise:
        return None
    s, z = run.values[net][row : row + 1], run.values[slot][row : row + 1]
    if step.op.backward is None:
        return np.zeros(s.shape[1])
    result = step.op.backward(np.ones_like(s), z, s, **step.params)
    message = result if isinstance(result, np.ndarray) else result[0]
    assert message is not None  # an activation has one input, and it depends on that
    slope: Array = message[0]
    return slope
