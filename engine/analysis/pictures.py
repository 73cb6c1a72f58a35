"""Vectors that are pictures: rows of the data, and the weights that look at them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

from engine.arrays.aliases import Array
from engine.plan.plan import Plan
from graph.model.kinds import Role

_SMALLEST = 8  # pixels a side


def picture_shape(width: int) -> tuple[int, int] | None:
    """Return height and width of the square picture that so many components are: 64 is 8×8.

    None if they are no square, or of fewer than eight pixels a side.
    """
    side = isqrt(max(width, 0))
    return (side, side) if side * side == width and side >= _SMALLEST else None


def picture_inputs(plan: Plan) -> dict[str, tuple[int, int]]:
    """Return the inputs whose values are pictures, with their shapes."""
    found = {}
    for node, slot in plan.outputs.items():
        shape = picture_shape(plan.widths[slot])
        if shape is not None and plan.steps[slot].op.spec.role is Role.INPUT:
            found[node] = shape
    return found


@dataclass(frozen=True, slots=True, eq=False)
class WeightPictures:
    """What each unit of a neuron weighs a picture with.

    Parameters
    ----------
    edge, source, target : str
        Ids: the edge that carries the weights, and its ends.
    parameter : str
        Name of the weights.
    pictures : (units, height, width) array
        The rows of the matrix.
    """

    edge: str
    source: str
    target: str
    parameter: str
    pictures: Array


def weight_pictures(plan: Plan, vector: Array) -> list[WeightPictures]:
    """Return the weights that read pictures directly, from θ or from its gradient."""
    inputs = picture_inputs(plan)
    slots = {plan.outputs[node]: node for node in inputs}
    found = []
    for edge, number in plan.weights.items():
        source = slots.get(plan.source(edge))
        if source is None:
            continue
        parameter = plan.parameters[number]
        flat = vector[parameter.offset : parameter.offset + parameter.size]
        pictures = flat.reshape(-1, *inputs[source])
        target = plan.steps.owners[plan.edges[edge][0]]
        found.append(WeightPictures(edge, source, target, parameter.name, pictures))
    return found
