"""The tape computes what the plan in NumPy means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compiling import compile_document
from engine.library import library, ops
from engine.native import Unsupported, lower
from engine.op import Array, op
from engine.parameters import initial
from engine.running import backward, errors, forward
from graph.document import Document
from graph.edits import AddNode, Batch, Connect, Edge, Node
from graph.spec import Library
from tests.engine.random_documents import smooth

TOLERANCE = 1e-11  # a few thousand roundings, relative to the largest number beside it


def close(expected: Array, found: Array, tolerance: float = TOLERANCE) -> None:
    scale = max(1e-3, float(np.abs(expected).max(initial=0)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * scale)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_random_graphs_agree_with_numpy(seed: int) -> None:
    drawn = smooth(seed)
    plan = compile_document(drawn.document, drawn.schema)
    theta = initial(plan, drawn.document, seed)
    run = forward(plan, theta, drawn.columns)
    back = backward(plan, theta, run)
    tape = lower(plan, "float64", drawn.rows, every=True)
    table, rows = tape.table(drawn.columns), np.arange(drawn.rows)
    close(back.gradient, tape.backward(theta, table, rows))
    error = errors(plan, theta, run).total
    assert tape.forward(theta, table, rows) == pytest.approx(error, rel=TOLERANCE)
    for slot in range(len(plan.steps)):
        value, delta = tape.value(slot), tape.delta(slot)
        if value is not None and delta is not None:
            close(run.values[slot], value)
            close(back.deltas[slot], delta)
    small = lower(plan, "float64", drawn.rows)
    close(back.gradient, small.backward(theta, small.table(drawn.columns), rows))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_single_precision_is_as_exact_as_numpy_in_it(seed: int) -> None:
    drawn = smooth(seed)
    plan = compile_document(drawn.document, drawn.schema)
    theta = initial(plan, drawn.document, seed, dtype=np.float32)
    gradients = [
        backward(plan, point, forward(plan, point, drawn.columns)).gradient
        for point in (theta.astype(np.float64), theta)
    ]
    tape = lower(plan, "float32", drawn.rows)
    found = tape.backward(theta, tape.table(drawn.columns), np.arange(drawn.rows))
    lost = float(np.abs(gradients[1] - gradients[0]).max(initial=0))
    scale = float(np.abs(gradients[0]).max(initial=0))
    np.testing.assert_allclose(found, gradients[0], rtol=0, atol=10 * lost + 1e-5 * scale)


def layer(drawn: bool) -> Document:
    """Return 20 inputs, 30 tanh units and 5 outputs: as layers, or neuron by neuron."""
    nodes = [Node("t", "target", params={"columns": ("t",)}), Node("e", "half_squared_error")]
    edges = [Edge("t-e", "t", "e", "target")]
    if drawn:
        before = [f"x{i}" for i in range(20)]
        nodes += [
            Node(name, "input", params={"columns": (f"x[{i}]",)}) for i, name in enumerate(before)
        ]
        for count, kind in ((30, "tanh"), (5, "identity")):
            units = [f"{kind}{i}" for i in range(count)]
            nodes += [Node(unit, "neuron", params={"activation": kind}) for unit in units]
            edges += [
                Edge(f"{a}-{unit}", a, unit, "inputs", order)
                for unit in units
                for order, a in enumerate(before)
            ]
            before = units
        nodes.append(Node("y", "concat"))
        edges += [Edge(f"{a}-y", a, "y", "inputs", order) for order, a in enumerate(before)]
    else:
        nodes += [
            Node("x", "input", params={"columns": ("x",)}),
            Node("h", "neuron", params={"activation": "tanh", "units": 30}),
            Node("y", "neuron", params={"activation": "identity", "units": 5}),
        ]
        edges += [Edge("x-h", "x", "h"), Edge("h-y", "h", "y")]
    edges.append(Edge("y-e", "y", "e", "prediction"))
    document = Document(library())
    document.apply(Batch((*map(AddNode, nodes), *map(Connect, edges))))
    return document


def test_neurons_drawn_one_by_one_give_the_numbers_of_a_layer() -> None:
    rng, schema = np.random.default_rng(0), {"x": 20, "t": 5}
    columns = {name: rng.normal(size=(8, width)) for name, width in schema.items()}
    for one_by_one in (True, False):
        plan = compile_document(layer(one_by_one), schema)
        theta = rng.normal(size=plan.size)
        tape = lower(plan, "float64", 8)
        found = tape.backward(theta, tape.table(columns), np.arange(8))
        close(backward(plan, theta, forward(plan, theta, columns)).gradient, found)


def test_an_operation_without_kernel_is_named() -> None:
    @op(group="activations")
    def cube(x: Array) -> Array:
        """Raise to the third power.

        Formula: z = x³
        Shapes: x: (B, n) → (B, n)
        Source: calculus.
        """
        return x**3

    @cube.derivative
    def _(delta: Array, output: Array, x: Array) -> Array:
        return 3 * delta * x * x

    known = {**ops(), "cube": cube}
    document = Document(Library(one.spec for one in known.values()))
    nodes = [
        Node("x", "input", params={"columns": ("x",)}),
        Node("c", "cube"),
        Node("e", "half_squared_error"),
    ]
    edges = [
        Edge("1", "x", "c", "x"),
        Edge("2", "c", "e", "prediction"),
        Edge("3", "x", "e", "target"),
    ]
    document.apply(Batch((*map(AddNode, nodes), *map(Connect, edges))))
    plan = compile_document(document, {"x": 1}, known)
    with pytest.raises(Unsupported, match="cube"):
        lower(plan, "float64", 4)


def test_a_loss_of_plain_data_has_room_to_work_in() -> None:
    document = wide_loss()
    rng = np.random.default_rng(0)
    columns = {"x": rng.normal(size=(3, 9)), "t": rng.random(size=(3, 9))}
    plan = compile_document(document, {"x": 9, "t": 9})
    tape = lower(plan, "float64", 3, every=True)
    tape.backward(np.zeros(0), tape.table(columns), np.arange(3))
    expected = backward(plan, np.zeros(0), forward(plan, np.zeros(0), columns))
    found = tape.delta(plan.outputs["x"])
    assert found is not None
    close(expected.deltas[plan.outputs["x"]], found)


def wide_loss() -> Document:
    """Return data compared with data: nothing but the loss itself is as wide as they are."""
    nodes = [Node(name, kind, params={"columns": (name,)}) for name, kind in KINDS.items()]
    edges = [Edge("x-E", "x", "E", "prediction"), Edge("t-E", "t", "E", "target")]
    document = Document(library())
    document.apply(
        Batch((*map(AddNode, [*nodes, Node("E", "cross_entropy")]), *map(Connect, edges)))
    )
    return document


KINDS = {"x": "input", "t": "target"}
