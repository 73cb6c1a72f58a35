"""The order in which an update goes: forward, the losses, backward, the parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from engine.analysis.score import Score, StopKind
from engine.arrays.aliases import Integers
from engine.arrays.columnar import integers
from engine.plan.plan import Plan
from graph.model.document import Document
from graph.model.kinds import Role


def score_of(document: Document, plan: Plan) -> Score:
    """Return the score of an update of a document.

    Each node forward in topological order, a neuron's s before its z; the losses and E; backward
    from the losses each node in reverse order: the messages of its outgoing edges, their sum
    ∂E/∂z, a neuron's δ; the parameters' gradients, those behind the last node first; the shares
    of penalties in them; their new values. Inputs, targets and what no loss depends on pass no
    gradient: nothing of an update happens there on the way back.
    """
    found = list(_stops(document, plan))
    sort, place = (integers([stop[i] for stop in found]) for i in (0, 1))
    labels = {name: node.label for name, node in document.nodes.items() if node.label}
    labels |= {f"{e}.weight": edge.label for e, edge in document.edges.items() if edge.label}
    return Score(plan, sort, place, labels)


def _stops(document: Document, plan: Plan) -> Iterator[tuple[int, int]]:
    """Yield (sort, number of the place) of each stop."""
    nodes, arriving = list(plan.outputs), _arriving(plan)
    order = _forward(plan, arriving)
    losses = {loss.node for loss in plan.losses}
    ends = [number for number in order if nodes[number] in losses]
    early = {one for node in order if nodes[node] not in losses for one in arriving.get(node, ())}
    for number in sorted(order, key=lambda one: one not in arriving and one not in early):
        if nodes[number] in plan.nets:
            yield StopKind.S, number
        if nodes[number] not in losses:
            yield StopKind.VALUE, number
    yield from ((StopKind.LOSS, number) for number in ends)
    yield from ((StopKind.E, number) for number in ends[:1])
    yield from _stops_back(document, plan, nodes, order[::-1])
    yield from _parameter_stops(document, plan, order)


def _arriving(plan: Plan) -> dict[int, list[int]]:
    """Return from which nodes each node reads."""
    number = {name: i for i, name in enumerate(plan.outputs)}
    readers, positions = plan.edges.columns
    sources, owners = _sources(plan, plan.outputs.columns[0]), list(plan.steps.owners)
    found: dict[int, list[int]] = {}
    for edge in np.lexsort((positions, readers)).tolist():
        reader = number.get(owners[readers[edge]])
        if reader is not None:
            found.setdefault(reader, []).append(int(sources[edge]))
    return found


def _forward(plan: Plan, arriving: Mapping[int, Sequence[int]]) -> list[int]:
    """Return the nodes in topological order; what has no inputs comes when it is first read."""
    found: dict[int, None] = {}
    order = np.argsort(plan.outputs.columns[0], kind="stable").tolist()
    for node in order:
        if node in arriving:
            found |= dict.fromkeys(one for one in arriving[node] if one not in arriving)
            found[node] = None
    return [*found, *(node for node in order if node not in found)]


def _sources(plan: Plan, slots: Integers) -> Integers:
    """Return the node from which each edge comes."""
    readers, positions = plan.edges.columns
    reads = plan.steps.reads
    node_of = np.full(len(plan.steps), -1, np.int64)
    node_of[slots] = np.arange(len(slots))
    return integers(node_of[reads.numbers[reads.starts[readers] + positions]])


def _stops_back(
    document: Document, plan: Plan, nodes: Sequence[str], order: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yield the stops of the way back; ``order`` is the reverse one of the nodes."""
    slots = plan.outputs.columns[0]
    leaving, reached = _leaving(plan, slots), _reached(plan)
    losses = {loss.node for loss in plan.losses}
    for number in order:
        name = nodes[number]
        passes_none = _role(document, name) in (Role.INPUT, Role.TARGET, Role.PENALTY)
        if passes_none or not reached[slots[number]]:
            continue
        yield from ((StopKind.MESSAGE, edge) for edge in leaving.get(number, ()))
        yield (StopKind.START if name in losses else StopKind.SUM), number
        if name in plan.nets:
            yield StopKind.DELTA, number


def _role(document: Document, node: str) -> Role:
    spec = document.spec(node)
    return Role.OPERATION if spec is None else spec.role


def _reached(plan: Plan) -> list[bool]:
    """Tell of each value slot whether a loss depends on it."""
    losses = {loss.value for loss in plan.losses}
    reached = [slot in losses for slot in range(len(plan.steps))]
    for step in reversed(plan.steps):
        if reached[step.output]:
            for slot in step.inputs:
                reached[slot] = True
    return reached


def _leaving(plan: Plan, slots: Integers) -> dict[int, list[int]]:
    """Return the edges that leave each node and lead towards a loss, the last reader first."""
    readers, sources = plan.edges.columns[0], _sources(plan, slots)
    reached = np.array(_reached(plan), bool)
    found: dict[int, list[int]] = {}
    for edge in np.argsort(-readers, kind="stable").tolist():
        if reached[readers[edge]]:
            found.setdefault(int(sources[edge]), []).append(edge)
    return found


def _parameter_stops(
    document: Document, plan: Plan, order: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yield the stops of the parameters, those of the last nodes first, weights before biases."""
    parameters, uses = plan.parameters, plan.steps.uses
    last = np.full(len(parameters), -1, np.int64)
    np.maximum.at(last, uses.numbers, uses.owners)
    ranks = _ranks(plan, order)
    of_steps = [ranks.get(owner, -1) for owner in plan.steps.owners]
    node = integers([of_steps[step] if step >= 0 else -1 for step in last.tolist()])
    names = np.lexsort((-last, parameters.is_bias, -node)).tolist()
    training = document.training
    covered = {index for penalty in plan.penalties for index in penalty.parameters}
    if training.l1 or training.l2:
        covered |= set(np.flatnonzero(~parameters.is_bias).tolist())
    yield from ((StopKind.GRADIENT, index) for index in names)
    yield from ((StopKind.PENALTY, index) for index in names if index in covered)
    yield from ((StopKind.UPDATE, index) for index in names if parameters.trainable[index])


def _ranks(plan: Plan, order: Sequence[int]) -> dict[str, int]:
    """Return each node's place in the order; a node without inputs ranks with the one before it.

    So a bias node comes behind the weight node with which it is added.
    """
    nodes, owners = list(plan.outputs), list(plan.steps.owners)
    has_inputs = {owners[step] for step in plan.edges.columns[0].tolist()}
    ranks: dict[str, int] = {}
    last = -1
    for place, number in enumerate(order):
        last = place if nodes[number] in has_inputs else last
        ranks[nodes[number]] = last
    return ranks
