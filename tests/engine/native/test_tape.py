"""The tape computes what the plan in NumPy means."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.compiler.compile import compile_document
from engine.declaration.op import Array, op
from engine.interpreter.interpreter import Forward, Interpreter, backward, forward
from engine.interpreter.objective_terms import objective_terms
from engine.interpreter.parameter_vector import initial
from engine.library import library, ops
from engine.native import Unsupported, lower
from engine.native.lowering.lower import lower_plan
from engine.plan.plan import Plan
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Node
from graph.model.kinds import Library
from tests.engine.random_documents import smooth

DIGITS = {"float64": 1e-12, "float32": 1e-5}
"""What may be lost, relative to the largest number beside it, where nothing makes rounding grow."""


_CORNER = 0.02  # of a number's size: rounding errors do not grow to that, only jumps do
_ADDING = ("sum", "subtract", "mean", "dot")
"""Kinds whose terms may cancel: what is lost is of their size."""
_TRIALS = 2  # changes of last digits: one alone may happen to cancel where rounding does not


def close(found: Array, exact: Array, *others: Array, term: float = 0.0) -> None:
    """Compare the tape's numbers with the plan's in NumPy.

    ``others`` are the plan's numbers in float32, and with θ and all values changed in float32's
    last digit. How far they are off shows how much the graph makes rounding errors grow; ten times
    as much is allowed, in the precision of ``found``. ``term`` is the size of what may have
    cancelled. A graph that stands on a corner, where the last digit decides which way a
    derivative jumps, is another example's business.
    """
    scale = max(term, float(np.abs(exact).max(initial=0)))
    lost = max((float(np.abs(other - exact).max(initial=0)) for other in others), default=0.0)
    if others:
        assume(lost <= _CORNER * scale)
    growth = 10 * lost * float(np.finfo(found.dtype).eps / np.finfo(np.float32).eps)
    allowed = DIGITS[found.dtype.name] * scale + growth
    np.testing.assert_allclose(found, exact, rtol=0, atol=allowed)


def numbers(
    plan: Plan, theta: Array, run: Forward
) -> tuple[Array, Array, list[Array], list[Array]]:
    """Return E, ∂E/∂θ, all values and all deltas, as the plan means them."""
    back = backward(plan, theta, run)
    return (
        np.array([objective_terms(plan, theta, run).total]),
        back.gradient,
        run.values,
        back.deltas,
    )


def last_digit_changed(x: Array, rng: np.random.Generator) -> Array:
    return x * (1 + float(np.finfo(np.float32).eps) * rng.choice([-1, 1], x.shape))


def jittered(
    plan: Plan, theta: Array, columns: Mapping[str, Array], rng: np.random.Generator
) -> tuple[Array, Forward]:
    """Return θ and a run with the last digit of float32 changed in θ and in each value."""
    theta = last_digit_changed(theta, rng)
    interpreter = Interpreter(plan)
    run = interpreter.forward(theta, columns)
    for step in plan.steps:
        run = interpreter.rerun(theta, run, [step.output])
        value = last_digit_changed(run.values[step.output], rng)
        if step.op.spec.kind in _ADDING:
            terms = max(float(np.abs(run.values[slot]).max()) for slot in step.inputs)
            value += terms * (last_digit_changed(np.ones_like(value), rng) - 1)
        run.values[step.output] = value
    return theta, run


@settings(max_examples=1_000, deadline=None)
@given(st.integers(0, 1 << 32))
def test_random_graphs_agree_with_numpy(seed: int) -> None:
    drawn, rng = smooth(seed), np.random.default_rng(seed)
    plan = compile_document(drawn.document, drawn.schema)
    theta = initial(plan, drawn.document, seed, dtype=np.float32)
    fine = theta.astype(np.float64)
    exact = numbers(plan, fine, forward(plan, fine, drawn.columns))
    others = [numbers(plan, theta, forward(plan, theta, drawn.columns))]
    others += [numbers(plan, *jittered(plan, fine, drawn.columns, rng)) for _ in range(_TRIALS)]
    rows = np.arange(drawn.rows)
    terms = [0.1 * max(float(np.abs(x).max(initial=0)) for x in exact[k]) for k in (2, 3)]
    for dtype, every in (("float64", True), ("float64", False), ("float32", False)):
        lower_plan(plan, dtype, every=every, checked=True)
        tape = lower(plan, dtype, drawn.rows, every=every)
        error, gradient = tape.both_ways(theta.astype(dtype), tape.table(drawn.columns), rows)
        close(np.array([error], dtype), exact[0], *(other[0] for other in others))
        close(gradient, exact[1], *(other[1] for other in others), term=terms[1])
        for slot in range(len(plan.steps)):
            value, delta = tape.value(slot), tape.delta(slot)
            if value is not None:
                close(value, exact[2][slot], *(x[2][slot] for x in others), term=terms[0])
            if every and delta is not None:
                close(delta, exact[3][slot], *(x[3][slot] for x in others), term=terms[1])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 1 << 32))
def test_what_other_batches_left_in_memory_does_not_matter(seed: int) -> None:
    """Batches of other sizes have other rows at the same place; a slice reads a part of a value."""
    drawn = smooth(seed)
    plan = compile_document(drawn.document, drawn.schema)
    theta, rows = initial(plan, drawn.document, seed), np.arange(drawn.rows)
    found = []
    for left in (0.0, np.nan):
        tape = lower(plan, "float64", drawn.rows)
        tape.arena.values[:] = tape.arena.deltas[:] = left
        error, gradient = tape.both_ways(theta, tape.table(drawn.columns), rows)
        found.append((np.float64(error).tobytes(), gradient.tobytes()))
    assert found[0] == found[1]


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
        exact = backward(plan, theta, forward(plan, theta, columns)).gradient
        close(found, exact)


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
    close(found, expected.deltas[plan.outputs["x"]])


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
