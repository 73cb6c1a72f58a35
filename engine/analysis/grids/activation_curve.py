"""The curve of a unit's activation, and where on it the unit is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Array
from engine.declaration.op import Context, Op
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.library import ops
from engine.plan.plan import Plan
from graph.model.document import Document

_POINTS = 201
_LEAST = 4.0  # the curve is drawn at least from −4 to 4
_MOST = 2_000  # places of rows and components


@dataclass(frozen=True, slots=True, eq=False)
class ActivationCurve:
    """f and f′ over s, and the s of some rows.

    Parameters
    ----------
    s, f, slope : (n,) arrays
        The curve: s, f(s) and f′(s).
    at, at_f, at_slope : (k,) arrays
        The same of each row and component.
    """

    s: NDArray[np.float64]
    f: NDArray[np.float64]
    slope: NDArray[np.float64]
    at: NDArray[np.float64]
    at_f: NDArray[np.float64]
    at_slope: NDArray[np.float64]


def activation_of(document: Document, node: str) -> tuple[str, Mapping[str, Any]] | None:
    """Return kind and parameters of the activation of a unit, or of an activation itself.

    None if a node has none, or one that is no curve (softmax: every output needs all inputs).
    """
    found = document.nodes.get(node)
    if found is None:
        return None
    params = dict(document.params(node))
    kind, given = (params["activation"], {}) if found.kind == "neuron" else (found.kind, params)
    op = ops().get(str(kind))
    if op is None or not op.elementwise or op.spec.group != "activations":
        return None
    return op.spec.kind, given


def activation_curve(
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    node: str,
    activation: tuple[str, Mapping[str, Any]],
    yield_gil: YieldGil | None = None,
) -> ActivationCurve:
    """Compute the curve over all s of the rows, and where each row is on it."""
    op = ops()[activation[0]]
    values = Interpreter(plan, yield_gil).forward(theta, columns).values
    output = plan.outputs[node]
    net = plan.nets.get(node, plan.steps[output].inputs[0])
    at = np.asarray(values[net], np.float64).ravel()[:_MOST]
    finite = np.abs(at[np.isfinite(at)])
    reach = max(_LEAST, 1.2 * float(finite.max(initial=0.0)))
    s = np.linspace(-reach, reach, _POINTS)
    return ActivationCurve(s, *_read(op, activation[1], s), at, *_read(op, activation[1], at))


@np.errstate(all="ignore")
def _read(
    op: Op, params: Mapping[str, Any], s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return f(s) and f′(s)."""
    defaults = {param.name: param.default for param in op.spec.params}
    keywords: dict[str, Any] = {**defaults, **params}
    if op.takes_context:
        keywords["context"] = Context(len(s), s.dtype, {}, (), None)
    column = s[:, None]
    result = op.forward(column, **keywords)
    f, saved = result if op.saves else (result, None)
    if op.backward is None:
        return np.asarray(f)[:, 0], np.zeros(len(s))
    extra = {"saved": saved} if op.saves else {}
    message = op.backward(np.ones_like(column), f, column, **keywords, **extra)
    first = message[0] if isinstance(message, tuple | list) else message
    slope = np.zeros_like(column) if first is None else np.asarray(first)
    return np.asarray(f)[:, 0], slope[:, 0]
