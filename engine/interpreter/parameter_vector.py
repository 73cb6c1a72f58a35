"""The trainable parameters as one flat vector θ: initial values, views, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from engine.arrays.aliases import Flags
from engine.declaration.op import Array
from engine.errors import ShapeError
from engine.interpreter.initializers import fill
from engine.plan.plan import Plan
from graph.model.document import Document
from graph.model.tensor import Tensor


def initial(
    plan: Plan,
    document: Document,
    seed: int,
    *,
    dtype: np.dtype[Any] | type[np.floating[Any]] = np.float64,
    strict: bool = True,
) -> Array:
    """Return θ: the document's values where it has them, the initialisers' elsewhere.

    Each parameter draws from a generator of its own, made from (seed, name), so adding a node
    changes no other's numbers. The fans are those of whole units (`Parameter`), so a
    layer drawn neuron by neuron has the distribution of one drawn as a single node.

    Parameters
    ----------
    plan, document
        A plan and the document it was compiled from.
    seed : int
        Of the training settings.
    dtype : numpy dtype
        float64 or float32.
    strict : bool
        What to do with a value that does not fit any more: raise, or draw it anew.

    Raises
    ------
    ShapeError
        If a value of the document has another shape than the parameter.
    """
    theta = np.empty(plan.size, dtype)
    parameters, values = plan.parameters, document.parameters
    given = _given(plan, values, strict=strict)
    fill(theta, parameters, np.flatnonzero(~given), seed)
    places = np.flatnonzero(given)
    for name, start in zip(parameters.names.take(places), parameters.offsets[places], strict=True):
        numbers = np.frombuffer(values[name].data, "<f8")
        theta[start : start + len(numbers)] = numbers
    return theta


def views(plan: Plan, theta: Array) -> list[Array]:
    """Return each parameter as a view into θ (or into a gradient like it), in plan order."""
    parameters = plan.parameters
    shapes = [parameters.shapes[number] for number in parameters.shape.tolist()]
    bounds = pairwise([*parameters.offsets.tolist(), plan.size])
    return [
        theta[start:stop].reshape(shape)
        for (start, stop), shape in zip(bounds, shapes, strict=True)
    ]


def trainable_mask(plan: Plan) -> Flags:
    """Return which entries of θ are trained, (size,)."""
    return _mask(plan, plan.parameters.trainable)


def weight_mask(plan: Plan) -> Flags:
    """Return which entries of θ belong to weights, the ones penalties cover, (size,)."""
    return _mask(plan, ~plan.parameters.is_bias)


def to_tensors(plan: Plan, theta: Array) -> dict[str, Tensor]:
    """Return every parameter by name as the document keeps it."""
    return {
        parameter.name: to_tensor(view)
        for parameter, view in zip(plan.parameters, views(plan, theta), strict=True)
    }


def to_tensor(array: Array) -> Tensor:
    """Convert an array of numbers to float64 as the document keeps it."""
    return Tensor(array.shape, np.ascontiguousarray(array, "<f8").tobytes())


def to_array(tensor: Tensor) -> Array:
    """Convert a document's value to a float64 array of its own."""
    return np.frombuffer(tensor.data, "<f8").reshape(tensor.shape).astype(np.float64)


def _mask(plan: Plan, chosen: Flags) -> Flags:
    return np.repeat(chosen, plan.parameters.sizes)


def _given(plan: Plan, values: Mapping[str, Tensor], *, strict: bool) -> Flags:
    """Return which parameters have a value that fits, (p,)."""
    parameters = plan.parameters
    given = np.zeros(len(parameters), bool)
    if not values:
        return given
    for place, name in enumerate(parameters.names.take(slice(None))):
        value = values.get(name)
        if value is None:
            continue
        shape = parameters.shapes[parameters.shape[place]]
        given[place] = value.shape == shape
        if strict and not given[place]:
            raise ShapeError(
                f"the parameter {name!r} has a value of shape {_times(value.shape)}, "
                f"but the graph needs {_times(shape)}; remove the value to draw it anew"
            )
    return given


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "a single number"
