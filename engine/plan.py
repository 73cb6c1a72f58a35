"""The plan: a compiled graph as plain data that shares nothing with the document.

Every step has one value slot, numbered like the step; a step reads only earlier slots. The
trainable parameters lie one after another in a single flat vector θ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite, prod

from engine.errors import PlanError, ShapeError
from engine.op import Op
from graph.spec import MisfitError, NodeSpec, Params, PortWidths, Shape


@dataclass(frozen=True, slots=True)
class Parameter:
    """A trainable array and its place in θ: ``theta[offset:offset + size].reshape(shape)``.

    Parameters
    ----------
    name : str
        Resolved name: slots that share an explicit name have one parameter.
    shape, offset, size : tuple of int, int, int
        Extents, first index in θ, number of entries.
    trainable : bool
        False if the document froze it; its gradient is computed all the same.
    is_bias : bool
        True for whatever is no weight (biases, gains): penalties over weights leave it out.
    initializer : str
        What draws it: a key of ``engine.parameters.INITIALIZERS``.
    fan_in, fan_out : int
        Components that meet in one unit it feeds, over all its incoming edges; components of
        the units that read its source, over all outgoing edges. So they are the same whether a
        layer is drawn as one node or neuron by neuron.
    """

    name: str
    shape: Shape
    offset: int
    size: int
    trainable: bool
    is_bias: bool
    initializer: str
    fan_in: int
    fan_out: int


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of the plan.

    Parameters
    ----------
    node : str
        Id of the node; of an inner node if a composite was expanded.
    op, params : Op, mapping
        The operation and its parameters, complete.
    inputs : tuple of int
        Value slots of the positional arguments.
    slots : mapping
        Trainable slot → index into ``Plan.parameters``.
    output : int
        The value slot written: the step's own number.
    owner : str
        Id of the document's node this step is part of.
    covers : tuple of int
        For penalties: the parameters they are computed over.
    """

    node: str
    op: Op
    params: Params
    inputs: tuple[int, ...]
    slots: Mapping[str, int]
    output: int
    owner: str
    covers: tuple[int, ...] = ()


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
    steps : tuple of Step
        In topological order, ties by id.
    widths : tuple of int
        Width of each value slot.
    parameters : tuple of Parameter
        Without gaps in θ; ``size`` is the length of θ.
    columns : tuple of str
        Column references (``name`` or ``name[i]``) that inputs and targets read.
    outputs : mapping
        Document node → value slot of its output.
    nets : mapping
        Document neuron → value slot of its net input s.
    losses, penalties : tuple
        What E is made of.
    edges : mapping
        Document edge → (step that reads it, position among that step's inputs).
    weights : mapping
        Document edge into a neuron → index of the parameter it carries.
    latest : list
        No part of the plan: where `engine.binding.bind` keeps its last result.
    """

    steps: tuple[Step, ...]
    widths: tuple[int, ...]
    parameters: tuple[Parameter, ...]
    size: int
    columns: tuple[str, ...]
    outputs: Mapping[str, int]
    nets: Mapping[str, int]
    losses: tuple[Loss, ...]
    penalties: tuple[Penalty, ...] = ()
    edges: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)
    latest: list[object] = field(default_factory=list, init=False, repr=False, compare=False)

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
    if len(plan.widths) != len(plan.steps):
        raise PlanError(f"{len(plan.steps)} steps write {len(plan.widths)} value slots")
    seen: set[tuple[object, ...]] = set()
    for index, step in enumerate(plan.steps):
        _check_step(plan, index, step)
        _check_width(plan, step, seen)
    slots = range(len(plan.steps))
    _check_indices("outputs", plan.outputs.values(), slots)
    _check_indices("nets", plan.nets.values(), slots)
    for loss in plan.losses:
        _check_loss(plan, loss)
    for penalty in plan.penalties:
        _check_indices(penalty.node, (penalty.value,), slots)
        _check_indices(penalty.node, penalty.parameters, range(len(plan.parameters)))
    for edge, (reader, position) in plan.edges.items():
        _check_indices(edge, (reader,), slots)
        _check_indices(edge, (position,), range(len(plan.steps[reader].inputs)))
    _check_indices("weights", plan.weights.values(), range(len(plan.parameters)))


def port_widths(spec: NodeSpec, widths: tuple[int, ...]) -> PortWidths:
    """Deal the widths of a step's positional inputs out to the ports (a variadic one is last)."""
    result: dict[str, tuple[int, ...]] = {}
    for index, port in enumerate(spec.ports):
        result[port.name] = widths[index:] if port.variadic else widths[index : index + 1]
    return result


def _check_theta(plan: Plan) -> None:
    end = 0
    for parameter in plan.parameters:
        if parameter.offset != end or parameter.size != prod(parameter.shape):
            raise PlanError(f"the parameter {parameter.name!r} is not where θ continues, at {end}")
        end += parameter.size
    if end != plan.size:
        raise PlanError(f"θ has {plan.size} entries for parameters of {end}")
    if len({parameter.name for parameter in plan.parameters}) != len(plan.parameters):
        raise PlanError("two parameters have the same name")


def _check_step(plan: Plan, index: int, step: Step) -> None:
    if step.output != index:
        raise PlanError(f"step {index} writes slot {step.output}", step.owner)
    if step.inputs and not 0 <= min(step.inputs) <= max(step.inputs) < index:
        raise PlanError("a step reads a value that is not computed before it", step.owner)
    for number in (*step.slots.values(), *step.covers):
        if not 0 <= number < len(plan.parameters):
            raise PlanError(f"there is no parameter of index {number}", step.owner)
    if plan.widths[index] < 1:
        raise ShapeError(f"the output has width {plan.widths[index]}", step.owner)


def _check_width(plan: Plan, step: Step, seen: set[tuple[object, ...]]) -> None:
    """Compare with the operation's own shapes, once for all steps that are alike."""
    spec, inputs = step.op.spec, tuple([plan.widths[slot] for slot in step.inputs])
    shapes = {name: plan.parameters[index].shape for name, index in step.slots.items()}
    # equal params of one compile are one object, so identity is enough to find what is alike
    key = (id(step.op), id(step.params), inputs, *shapes.items(), plan.widths[step.output])
    if key in seen or "columns" in step.params:
        return
    seen.add(key)
    try:
        width = spec.width(step.params, port_widths(spec, inputs))
        expected = dict(spec.slot_shapes(step.params, port_widths(spec, inputs)))
    except MisfitError as error:
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
    _check_indices(loss.node, slots, range(len(plan.steps)))
    if plan.widths[loss.value] != 1:
        raise ShapeError(f"a loss of width {plan.widths[loss.value]}; it must be 1", loss.node)
    if not isfinite(loss.importance):
        raise PlanError(f"the importance {loss.importance} is not a finite number", loss.node)


def _check_indices(what: str, indices: Iterable[int], allowed: range) -> None:
    for index in indices:
        if index not in allowed:
            raise PlanError(f"{what!r} points to {index}, which is not in the plan")
