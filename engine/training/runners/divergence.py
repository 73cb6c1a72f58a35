"""Finding where a number first stopped being finite."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array
from engine.interpreter.interpreter import Backward, Forward
from engine.plan.plan import Plan


def place(plan: Plan, theta: Array, forward: Forward, backward: Backward | None = None) -> str:
    """Name the parameter, node or edge where the first non-finite number arose.

    Looked for in the order of the computation: parameters, outputs forward, messages backward,
    gradients.
    """
    return (
        _parameter(plan, theta)
        or _output(plan, forward)
        or (_message(plan, backward) if backward else "")
        or (_parameter(plan, backward.gradient) if backward else "")
        or "the total error"
    )


def _parameter(plan: Plan, theta: Array) -> str:
    for parameter in plan.parameters:
        if not np.isfinite(theta[parameter.offset : parameter.offset + parameter.size]).all():
            return parameter.name
    return ""


def _output(plan: Plan, forward: Forward) -> str:
    for step in plan.steps:
        if not np.isfinite(forward.values[step.output]).all():
            return step.node
    return ""


def _message(plan: Plan, backward: Backward) -> str:
    edges = {place: edge for edge, place in plan.edges.items()}
    for index in range(len(plan.steps) - 1, -1, -1):
        for position, message in enumerate(backward.messages[index]):
            if message is not None and not np.isfinite(message).all():
                return edges.get((index, position), plan.steps[index].node)
    return ""
