"""Why is this δ what it is? The sum over a node's outgoing edges, term by term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.analysis.local_derivative import local_derivative, slope
from engine.declaration.equation_values import Value
from engine.declaration.op import Array, Context
from engine.interpreter.probe import Probe
from engine.plan.plan import Plan, Step


@dataclass(frozen=True, slots=True, eq=False)
class DeltaTerm:
    """One outgoing edge: ``message`` = Wᵀδ into a neuron, δ · ∂target/∂node into others.

    ``weight`` is (m, n), None on edges that carry none; ``delta`` the target's δ, (m,);
    ``message`` (n,). ``local`` is ∂target/∂node as text where there is no weight, with numbers
    where all values are single ones.
    """

    edge: str
    target: str
    weight: Array | None
    delta: Array
    message: Array
    local: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class DeltaTerms:
    """How the δ of a node of width n comes about in one row.

    Parameters
    ----------
    node : str
        Which one.
    terms : tuple of DeltaTerm
        One for each outgoing edge, by edge id.
    own : (n,) array
        A loss's own share, its importance; zeros elsewhere.
    gradient : (n,) array
        ∂E/∂z = Σ messages + own.
    slope : (n,) array or None
        f′(s) of a neuron; None for other nodes, and where f mixes components (softmax).
    delta : (n,) array
        ∂E/∂s = f′(s) · gradient for neurons, the gradient itself for others.
    opened : str
        f′(s) as text, with numbers if n = 1: ``f′(s) = 1 − tanh(s)² = …``; empty if unknown.
    """

    node: str
    terms: tuple[DeltaTerm, ...]
    own: Array
    gradient: Array
    slope: Array | None
    delta: Array
    opened: str = ""


def delta_terms(plan: Plan, theta: Array, probe: Probe, node: str) -> DeltaTerms:
    """Take a node's δ apart: δ = f′(s) · Σ wₖ δₖ over its outgoing edges k.

    Nothing but the node and its direct successors is computed: the rest is in the probe, which
    must be of these parameters and one row.

    Source: Rumelhart, Hinton, Williams 1986, equations 6 to 8; B. Dolhansky's case 3 (several
    outputs).
    """
    row = _Row(plan, theta, probe)
    slot = plan.outputs[node]
    terms = _terms(row, slot)
    share = sum(loss.importance for loss in plan.losses if loss.node == node)
    own = np.full(plan.widths[slot], share, np.float64)
    gradient = sum((term.message for term in terms), own)
    found = _slope(row, node)
    opened = "" if found is None else _opened(row, node)
    return DeltaTerms(node, terms, own, gradient, found, row.delta(node), opened)


class _Row:
    """The numbers of a probe, in the order of the plan it is of."""

    def __init__(self, plan: Plan, theta: Array, probe: Probe) -> None:
        self.plan, self.theta, self.probe = plan, theta, probe
        self._places = {slot: i for i, slot in enumerate(plan.outputs.columns[0].tolist())}

    def value(self, slot: int) -> Array:
        """Return the output of a node of the document, (n,)."""
        place = self._places[slot]
        return self.probe.strips.get(self.probe.nodes[place], self.probe.value[place : place + 1])

    def delta(self, node: str) -> Array:
        """Return the δ of a node, (n,)."""
        place = self._places[self.plan.outputs[node]]
        return self.probe.delta_strips.get(node, self.probe.delta[place : place + 1])

    def net(self, node: str) -> Array:
        """Return the net input of a neuron, (n,)."""
        if self.plan.widths[slot := self.plan.nets[node]] > 1:
            net: Array = _NodeRun(self, node).values[slot][0]
            return net
        place = self._places[self.plan.outputs[node]]
        return self.probe.net[place : place + 1]

    def parameter(self, index: int) -> Array:
        """Return the present value of a parameter."""
        found = self.plan.parameters[index]
        return self.theta[found.offset : found.offset + found.size].reshape(found.shape)


def _terms(row: _Row, slot: int) -> tuple[DeltaTerm, ...]:
    """Return one term for each edge that carries a value."""
    edges, reads = row.plan.edges, row.plan.steps.reads
    readers, positions = edges.columns
    places = np.flatnonzero(reads.numbers[reads.starts[readers] + positions] == slot)
    found = sorted(zip(edges.ids.take(places), places.tolist(), strict=True))
    return tuple(_term(row, slot, edge, place) for edge, place in found)


def _term(row: _Row, slot: int, edge: str, place: int) -> DeltaTerm:
    plan = row.plan
    step, position = plan.edges[edge]
    target = plan.steps[step].owner
    weight, delta = plan.weights.get(edge), row.delta(target)
    matrix = None if weight is None else row.parameter(weight)
    if plan.widths[slot] == 1:
        message = row.probe.message[place : place + 1]
        if matrix is not None and matrix.size == 1:  # of the same moment as the rest
            matrix = row.probe.weight[place].reshape(1, 1)
    elif matrix is not None:
        message = delta @ matrix
    else:
        message = _NodeRun(row, target).message(delta, step, position)
    local = "" if weight is not None else _local(row, plan.steps[step], position)
    return DeltaTerm(edge, target, matrix, delta, message, local)


def _local(row: _Row, step: Step, position: int) -> str:
    """Return the derivative of a node of one step by one of its inputs, as text."""
    plan, op = row.plan, step.op
    if step.output != plan.outputs[step.owner]:
        return ""  # inside a composite
    variadic = bool(op.spec.ports[0].variadic)
    port = op.spec.ports[0 if variadic else position].name
    which = position if variadic else None
    if step.slots or any(plan.widths[slot] > 1 for slot in (*step.inputs, step.output)):
        return local_derivative(op, step.params, port, None, which)
    inputs = [row.value(slot) for slot in step.inputs]
    output = row.value(step.output)
    given: dict[str, Value] = {"z": output, "E": output}
    if variadic:
        given[port] = inputs
    else:
        given.update(zip([p.name for p in op.spec.ports], inputs, strict=True))
    return local_derivative(op, step.params, port, given, which)


def _opened(row: _Row, node: str) -> str:
    """Return f′(s) of a neuron as text."""
    step, net = row.plan.steps[row.plan.outputs[node]], row.net(node)
    return slope(step.op, step.params, float(net.item()) if net.size == 1 else None)


def _slope(row: _Row, node: str) -> Array | None:
    """Return f′(s) by sending a δ of 1 through the activation; None if there is no such thing."""
    plan = row.plan
    step = plan.steps[plan.outputs[node]]
    if node not in plan.nets or not step.op.elementwise:
        return None
    s, z = row.net(node)[None], row.value(step.output)[None]
    if step.op.backward is None:
        return np.zeros(s.shape[1])
    message = _messages(step.op.backward(np.ones_like(s), z, s, **step.params))[0]
    assert message is not None  # an activation has one input, and it depends on that
    found: Array = message[0]
    return found


class _NodeRun:
    """The steps of one node, run on what a probe knows of the nodes before it.

    ``values`` are those of these steps and of what they read: value slot → (1, width).
    """

    def __init__(self, row: _Row, node: str) -> None:
        self._row = row
        self._output = row.plan.outputs[node]
        self._steps = _steps_of(row.plan, node)
        self._keywords: dict[int, dict[str, Any]] = {}
        self.values: dict[int, Array] = {}
        with np.errstate(all="ignore"):
            for step in self._steps:
                self._forward(step)

    def _forward(self, step: Step) -> None:
        keywords: dict[str, Any] = dict(step.params)
        keywords |= {name: self._row.parameter(index) for name, index in step.slots.items()}
        if step.op.takes_context:
            keywords["context"] = Context(1, self._row.theta.dtype)
        for slot in step.inputs:
            if slot not in self.values:
                self.values[slot] = self._row.value(slot)[None]
        output = step.op.forward(*map(self.values.__getitem__, step.inputs), **keywords)
        if step.op.saves:
            output, keywords["saved"] = output
        self.values[step.output], self._keywords[step.output] = output, keywords

    def message(self, delta: Array, reader: int, position: int) -> Array:
        """Return what a step sends back to one of its inputs, (n,), the node's δ being given."""
        deltas: dict[int, Any] = {self._output: delta[None]}
        with np.errstate(all="ignore"):
            for step in reversed(self._steps):
                if step.op.backward is None or step.output not in deltas:
                    continue
                inputs = [self.values[slot] for slot in step.inputs]
                given = deltas[step.output], self.values[step.output], *inputs
                messages = _messages(step.op.backward(*given, **self._keywords[step.output]))
                if step.output == reader:
                    found = messages[position]
                    return np.zeros(inputs[position].shape[1]) if found is None else found[0]
                for slot, message in zip(step.inputs, messages, strict=False):  # without the slots
                    if message is not None:
                        deltas[slot] = deltas.get(slot, 0.0) + message
        return np.zeros(self.values[self._row.plan.steps[reader].inputs[position]].shape[1])


def _steps_of(plan: Plan, node: str) -> list[Step]:
    """Return the steps that make up a node, in order."""
    found: dict[int, Step] = {}
    waiting = [plan.outputs[node]]
    while waiting:
        step = plan.steps[waiting.pop()]
        if step.owner == node and step.output not in found:
            found[step.output] = step
            waiting += step.inputs
    return [found[slot] for slot in sorted(found)]


def _messages(result: Any) -> tuple[Array | None, ...]:
    return (result,) if isinstance(result, np.ndarray) else tuple(result)
