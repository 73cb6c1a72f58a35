"""The trainable parameters as one flat vector θ: initial values, views, and the way back."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from engine.errors import ShapeError
from engine.op import Array
from engine.plan import Parameter, Plan
from engine.tables import Flags
from graph.document import Document
from graph.tensor import Tensor

Mask: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]
Draw: TypeAlias = Callable[[np.random.Generator, Parameter], Array]


def _uniform(bound: Callable[[Parameter], float]) -> Draw:
    def draw(rng: np.random.Generator, parameter: Parameter) -> Array:
        limit = bound(parameter)
        return rng.uniform(-limit, limit, parameter.size)

    return draw


def _normal(deviation: Callable[[Parameter], float]) -> Draw:
    def draw(rng: np.random.Generator, parameter: Parameter) -> Array:
        return deviation(parameter) * rng.standard_normal(parameter.size)

    return draw


def _root(numerator: float, *fans: int) -> float:
    return math.sqrt(numerator / max(sum(fans), 1))


INITIALIZERS: Mapping[str, Draw] = {
    "zeros": lambda _rng, p: np.zeros(p.size),
    "ones": lambda _rng, p: np.ones(p.size),
    "constant": lambda _rng, p: np.full(p.size, 0.5),
    "normal": _normal(lambda _: 1.0),
    "uniform": _uniform(lambda _: 0.12),
    "xavier_uniform": _uniform(lambda p: _root(6, p.fan_in, p.fan_out)),
    "xavier_normal": _normal(lambda p: _root(2, p.fan_in, p.fan_out)),
    "he_uniform": _uniform(lambda p: _root(6, p.fan_in)),
    "he_normal": _normal(lambda p: _root(2, p.fan_in)),
    "lecun_normal": _normal(lambda p: _root(1, p.fan_in)),
    "ng": _uniform(lambda p: _root(6, p.fan_in, p.fan_out)),
}
"""Name → draw(generator, parameter), (size,).

``constant`` is 0.5 everywhere (all units stay equal: the symmetry that random values break),
``normal`` the standard normal distribution (Nielsen's first networks), ``uniform`` ±0.12 (the
ε of A. Ng's exercise). Sources: Glorot and Bengio 2010 (``xavier_…``; ``ng`` is the same, as in
A. Ng's notes: ±√6/√(L_in+L_out)), He et al. 2015 (``he_…``), LeCun et al. 1998 (``lecun_normal``).
"""


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
    changes no other's numbers. The fans are those of whole units (`engine.plan.Parameter`), so a
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
    values = document.parameters
    for parameter, view in zip(plan.parameters, views(plan, theta), strict=True):
        value = values.get(parameter.name)
        if value is not None and value.shape == parameter.shape:
            view[...] = to_array(value)
        elif value is not None and strict:
            raise ShapeError(
                f"the parameter {parameter.name!r} has a value of shape {_times(value.shape)}, "
                f"but the graph needs {_times(parameter.shape)}; remove the value to draw it anew"
            )
        else:
            view[...] = _drawn(parameter, seed).reshape(parameter.shape)
    return theta


def views(plan: Plan, theta: Array) -> list[Array]:
    """Return each parameter as a view into θ (or into a gradient like it), in plan order."""
    return [theta[p.offset : p.offset + p.size].reshape(p.shape) for p in plan.parameters]


def trainable_mask(plan: Plan) -> Mask:
    """Return which entries of θ are trained, (size,)."""
    return _mask(plan, plan.parameters.trainable)


def weight_mask(plan: Plan) -> Mask:
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


def _mask(plan: Plan, chosen: Flags) -> Mask:
    return np.repeat(chosen, plan.parameters.sizes)


def _drawn(parameter: Parameter, seed: int) -> Array:
    digest = hashlib.sha256(f"{seed}:{parameter.name}".encode()).digest()
    rng = np.random.default_rng(np.random.SeedSequence(int.from_bytes(digest[:16], "little")))
    return INITIALIZERS[parameter.initializer](rng, parameter)


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "a single number"
