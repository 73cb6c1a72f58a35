"""The plan: a compiled graph as plain data that shares nothing with the document.

Every step has one value slot, numbered like the step; a step reads only earlier slots. The
trainable parameters lie one after another in a single flat vector θ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, prod

import numpy as np

from engine.arrays.aliases import Integers, Whole
from engine.arrays.columnar import IdIndex, ends, first_of_each, integers, scattered, with_list
from engine.errors import PlanError, ShapeError
from engine.plan.parameter_table import Parameter, ParameterTable
from engine.plan.steps import Step, Steps
from graph.errors import WidthMismatch
from graph.model.kinds import NodeSpec, PortWidths

__all__ = ["Loss", "Parameter", "ParameterTable", "Penalty", "Plan", "Step", "Steps", "check_plan"]


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss node: E gets importance × the batch mean of ``value``.

    ``prediction`` and ``target`` are value slots; None where the kind has no such port.
    """

    node: str
    kind: str
    importance: float
    value: int
    prediction: int
    target: int | None


@dataclass(frozen=True, slots=True)
class Penalty:
    """A penalty node: E gets ``value``, computed over the parameters of these indices."""

    node: str
    kind: str
    value: int
    parameters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled document.

    Parameters
    ----------
    steps : Steps
        In topological order, ties by id.
    widths : tuple of int
        Width of each value slot.
    parameters : ParameterTable
        Without gaps in θ; ``size`` is the length of θ.
    columns : tuple of str
        Column references (``name`` or ``name[i]``) that inputs and targets read.
    outputs : IdIndex
        Document node → value slot of its output.
    nets : IdIndex
        Document neuron → value slot of its net input s.
    losses, penalties : tuple
        What E is made of.
    edges : IdIndex
        Document edge → (step that reads it, position among that step's inputs).
    weights : IdIndex
        Document edge into a neuron → index of the parameter it carries.
    """

    steps: Steps
    widths: tuple[int, ...]
    parameters: ParameterTable
    size: int
    columns: tuple[str, ...]
    outputs: IdIndex[int]
    nets: IdIndex[int]
    losses: tuple[Loss, ...]
    penalties: tuple[Penalty, ...]
    edges: IdIndex[tuple[int, int]]
    weights: IdIndex[int]

    def source(self, edge_id: str) -> int:
        """Return the value slot that an edge carries."""
        step, position = self.edges[edge_id]
        return self.steps[step].inputs[position]


def check_plan(plan: Plan) -> None:
    """Verify that a plan is well formed; called on each one that is built.

    Raises
    ------
    PlanError, ShapeError
        If a step reads a slot that is not written before it, a width or a parameter's shape is
        not what its operation makes of its inputs, a parameter is missing, θ has gaps, or an
        index points nowhere.
    """
    _check_theta(plan)
    count = len(plan.steps)
    if len(plan.widths) != count:
        raise PlanError(f"{count} steps write {len(plan.widths)} value slots")
    _check_steps(plan)
    for number in _different(plan).tolist():
        _check_width(plan, plan.steps[number])
    _check_indices("outputs", plan.outputs.columns[0], count)
    _check_indices("nets", plan.nets.columns[0], count)
    for loss in plan.losses:
        _check_loss(plan, loss)
    for penalty in plan.penalties:
        _check_indices(penalty.node, (penalty.value,), count)
        _check_indices(penalty.node, penalty.parameters, len(plan.parameters))
    readers, positions = plan.edges.columns
    _check_indices("edges", readers, count)
    _check_indices("edges", positions, plan.steps.reads.counts[readers])
    _check_indices("weights", plan.weights.columns[0], len(plan.parameters))


def port_widths(spec: NodeSpec, widths: tuple[int, ...]) -> PortWidths:
    """Deal the widths of a step's positional inputs out to the ports (a variadic one is last)."""
    result: dict[str, tuple[int, ...]] = {}
    for index, port in enumerate(spec.ports):
        result[port.name] = widths[index:] if port.variadic else widths[index : index + 1]
    return result


def _check_theta(plan: Plan) -> None:
    parameters = plan.parameters
    sizes = integers([prod(shape) for shape in parameters.shapes])[parameters.shape]
    bounds = ends(parameters.sizes)
    wrong = (parameters.offsets != bounds[:-1]) | (parameters.sizes != sizes)
    if wrong.any():
        place = int(wrong.argmax())
        raise PlanError(
            f"the parameter {parameters.names[place]!r} is not where θ continues, "
            f"at {bounds[place]}"
        )
    if bounds[-1] != plan.size:
        raise PlanError(f"θ has {plan.size} entries for parameters of {bounds[-1]}")
    if not parameters.names.are_distinct:
        raise PlanError("two parameters have the same name")


def _check_steps(plan: Plan) -> None:
    steps = plan.steps
    reads = steps.reads
    later = (reads.numbers < 0) | (reads.numbers >= reads.owners)
    if later.any():
        owner = steps.owners[reads.owners[later.argmax()]]
        raise PlanError("a step reads a value that is not computed before it", owner)
    _check_indices("a step", steps.uses.numbers, len(plan.parameters))
    for number, covered in steps.covers.items():
        _check_indices(steps.nodes[number], covered, len(plan.parameters))
    narrow = integers(plan.widths) < 1
    if narrow.any():
        place = int(narrow.argmax())
        raise ShapeError(f"the output has width {plan.widths[place]}", steps.owners[place])


def _different(plan: Plan) -> Integers:
    """Return a step of each sort: of equal operation, widths and shapes of parameters."""
    steps, widths = plan.steps, integers(plan.widths)
    prints = scattered(scattered(steps.form) + widths.astype(np.uint64))
    prints = with_list(prints, steps.reads, widths[steps.reads.numbers])
    prints = with_list(prints, steps.uses, plan.parameters.shape[steps.uses.numbers])
    return first_of_each(prints)


def _check_width(plan: Plan, step: Step) -> None:
    """Compare with the operation's own shapes."""
    if "columns" in step.params:
        return
    spec, inputs = step.op.spec, tuple([plan.widths[slot] for slot in step.inputs])
    shapes = {name: plan.parameters[index].shape for name, index in step.slots.items()}
    try:
        width = spec.width(step.params, port_widths(spec, inputs))
        expected = dict(spec.slot_shapes(step.params, port_widths(spec, inputs)))
    except WidthMismatch as error:
        raise ShapeError(str(error), step.owner, error.port) from error
    if width != plan.widths[step.output]:
        raise ShapeError(
            f"the plan says width {plan.widths[step.output]}, the operation makes {width}",
            step.owner,
        )
    if shapes != expected:
        raise ShapeError(f"parameters of shapes {shapes} where {expected} belong", step.owner)


def _check_loss(plan: Plan, loss: Loss) -> None:
    slots = [loss.value, loss.prediction, *([] if loss.target is None else [loss.target])]
    _check_indices(loss.node, slots, len(plan.steps))
    if plan.widths[loss.value] != 1:
        raise ShapeError(f"a loss of width {plan.widths[loss.value]}; it must be 1", loss.node)
    if not isfinite(loss.importance):
        raise PlanError(f"the importance {loss.importance} is not a finite number", loss.node)


def _check_indices(what: str, indices: Sequence[int] | Whole, count: int | Whole) -> None:
    """Check that indices point to one of so many; each may have a count of its own."""
    found = np.asarray(indices, np.int64)
    wrong = (found < 0) | (found >= count)
    if wrong.any():
        raise PlanError(f"{what!r} points to {found[wrong][0]}, which is not in the plan")
