"""Every number of a document at given parameters, for ``evaluate``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.declaration.op import Array
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.interpreter.objective_terms import add_penalty_gradient, objective_terms
from engine.interpreter.parameter_vector import views
from engine.interpreter.probe import edge_message
from engine.plan.plan import Plan
from graph.model.document import Document


def evaluate(
    document: Document,
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    *,
    m: int | None = None,
    yield_gil: YieldGil | None = None,
) -> dict[str, Any]:
    """Evaluate a document.

    Parameters
    ----------
    document, plan
        The document (for its penalties l1 and l2) and its plan.
    theta : array
        θ.
    columns : mapping
        Column reference → (B, width), in dataset order.
    m : int, optional
        Number of training rows, the penalties' divisor; B by default.
    yield_gil : callable, optional
        Called every few steps.

    Returns
    -------
    dict
        ``error`` (E), ``losses`` (batch mean of each loss node, before its importance, and the
        value of each penalty node), ``nodes`` (``value``, ``gradient`` ∂E/∂value, ``delta``; of
        neurons also ``net`` s, ``delta`` then being ∂E/∂s), ``edges`` (``message``, (B, width of
        the source)), ``parameters`` (``value``, ``gradient``, penalties included). Arrays have
        rows first; nodes and edges are in document order.
    """
    training = document.training
    interpreter = Interpreter(plan, yield_gil)
    run = interpreter.forward(theta, columns)
    back = interpreter.backward(theta, run)
    rows = run.rows if m is None else m
    add_penalty_gradient(plan, theta, back.gradient, training.l1, training.l2, rows)
    found = objective_terms(plan, theta, run, training.l1, training.l2, rows)

    nodes: dict[str, dict[str, Any]] = {}
    for node in (node for node in document.nodes if node in plan.outputs):
        slot, net = plan.outputs[node], plan.nets.get(node)
        nodes[node] = {
            "value": run.values[slot],
            "gradient": back.deltas[slot],
            "delta": back.deltas[slot if net is None else net],
        }
        if net is not None:
            nodes[node]["net"] = run.values[net]
    parameters = zip(plan.parameters, views(plan, theta), views(plan, back.gradient), strict=True)
    return {
        "error": found.total,
        "losses": found.losses,
        "nodes": nodes,
        "edges": {
            edge: {"message": edge_message(plan, back, edge, run.rows)}
            for edge in document.edges
            if edge in plan.edges
        },
        "parameters": {
            parameter.name: {"value": value, "gradient": gradient}
            for parameter, value, gradient in parameters
        },
    }


def not_finite(found: Mapping[str, Any]) -> str:
    """Name the first number of an evaluation that JSON cannot hold (∞, NaN); "" for none."""
    for what in ("nodes", "edges", "parameters"):
        for name, numbers in found[what].items():
            for role, array in numbers.items():
                if not np.isfinite(array).all():
                    return f"the {role} of {name!r}"
    losses = {**found["losses"], "E": found["error"]}
    return next((repr(name) for name, loss in losses.items() if not np.isfinite(loss)), "")
