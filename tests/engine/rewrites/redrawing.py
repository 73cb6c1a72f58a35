"""A network to draw in other ways, and what must stay the same of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.compiler.compile import compile_document
from engine.declaration.op import Array
from engine.interpreter.interpreter import backward, forward
from engine.interpreter.objective_terms import objective_terms
from engine.interpreter.parameter_vector import initial, to_tensors
from graph.model.document import Document
from graph.model.edits import Group, Move, SetGroups, SetParameterValues
from tests.engine.documents import draw

SCHEMA = {"p": 3, "q": 1, "t": 2}
_RNG = np.random.default_rng(11)
COLUMNS: dict[str, Array] = {name: _RNG.normal(size=(5, width)) for name, width in SCHEMA.items()}
# the same products are added in another order: a few roundings of numbers around 1
TOLERANCE = 64 * float(np.finfo(float).eps)


def network(activation: str = "tanh", *, bias: bool = True, values: bool = True) -> Document:
    """Two sources → h (4 units) → o (2 units, also fed by p) → E; a mean also reads h."""
    document = draw(
        {
            "p": ("input", {"columns": ("p",)}),
            "q": ("input", {"columns": ("q",)}),
            "t": ("target", {"columns": ("t",)}),
            "h": (
                "neuron",
                {"units": 4, "activation": activation, **({} if bias else {"bias": False})},
            ),
            "o": ("neuron", {"units": 2, "activation": "sigmoid"}),
            "m": "mean",
            "s": "sum",
            "E": "half_squared_error",
        },
        ["p h", "q h", "h o", "p o", "h m", "m s", "o s", "s E:prediction", "t E:target"],
    )
    place(document)
    if values:
        settle(document)
    return document


def place(document: Document) -> None:
    document.apply(Move({n: (100.0 * i, 10.0 * i) for i, n in enumerate(document.nodes)}))
    document.apply(SetGroups((Group("g", "hidden", ("h", "m")),)))


def settle(document: Document) -> None:
    """Give every parameter a value, biases too."""
    plan = compile_document(document, SCHEMA)
    theta = initial(plan, document, 3)
    theta += np.random.default_rng(5).normal(scale=0.3, size=theta.shape)
    document.apply(SetParameterValues(to_tensors(plan, theta)))


def measured(
    document: Document, columns: dict[str, Array], schema: Mapping[str, int] = SCHEMA
) -> dict[str, Array]:
    """Return value and δ of every node by id, and E."""
    plan = compile_document(document, schema)
    theta = initial(plan, document, 0)
    run = forward(plan, theta, columns)
    back = backward(plan, theta, run)
    result = {"total": np.array(objective_terms(plan, theta, run).total)}
    for name, slot in plan.outputs.items():
        result[name] = run.values[slot]
        result[f"δ {name}"] = back.deltas[slot]
    return result


def assert_same_numbers(
    before: dict[str, Array], after: dict[str, Array], *, without: tuple[str, ...] = ()
) -> None:
    common = [name for name in before if name in after and name not in without]
    assert {"total", "δ p", "δ q", "o", "s"} <= set(common)
    for name in common:
        np.testing.assert_allclose(
            after[name], before[name], rtol=TOLERANCE, atol=TOLERANCE, err_msg=name
        )


def trained(document: Document, columns: dict[str, Array]) -> dict[str, Array]:
    """Return the numbers after one step of gradient descent, frozen parameters aside."""
    plan = compile_document(document, SCHEMA)
    theta = initial(plan, document, 0)
    gradient = backward(plan, theta, forward(plan, theta, columns)).gradient
    moves = np.repeat([p.trainable for p in plan.parameters], [p.size for p in plan.parameters])
    theta = theta - 0.7 * gradient * moves
    run = forward(plan, theta, columns)
    return {name: run.values[slot] for name, slot in plan.outputs.items()}
