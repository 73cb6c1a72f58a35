"""Structure is found however it is drawn, and nothing changes what is computed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compiler.compile import compile_document
from engine.data import Prepared
from engine.data.split import SplitName
from engine.declaration.op import Array
from engine.errors import PlanError
from engine.interpreter.interpreter import backward, forward
from engine.interpreter.parameter_vector import initial
from engine.library import library
from engine.native import Tape, lower
from engine.native.kernels.table import KERNELS
from engine.native.lowering.checks import check_program
from engine.native.lowering.lower import lower_plan
from engine.plan.plan import Plan
from engine.training import Trainer
from engine.training.rules.optimizers import OPTIMIZERS
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Node, SetFrozen, SetShared
from graph.model.training import Training


@dataclass(frozen=True)
class Drawing:
    """How a layered net is drawn neuron by neuron.

    ``missing``, ``skipping``, ``shared``: the likelihood that an edge is left out, that a pair of
    nodes further apart has one, that a weight is shared with others; ``biased``: that a neuron has
    a bias.
    """

    sizes: tuple[int, ...]
    seed: int
    missing: float = 0.0
    skipping: float = 0.0
    shared: float = 0.0
    biased: float = 1.0
    activations: tuple[str, ...] = ("tanh",)


def draw(drawing: Drawing) -> Document:
    """Return the net; names and the order of nodes and edges mean nothing."""
    rng = random.Random(drawing.seed)
    names = [f"{number:04x}" for number in rng.sample(range(1 << 16), sum(drawing.sizes))]
    layers = [[names.pop() for _ in range(size)] for size in drawing.sizes]
    nodes = [
        Node(name, "input", params={"columns": (f"x[{i}]",)}) for i, name in enumerate(layers[0])
    ]
    edges: list[tuple[str, str]] = []
    for number, layer in enumerate(layers[1:], 1):
        earlier = [name for before in layers[: number - 1] for name in before]
        for name in layer:
            activation, bias = rng.choice(drawing.activations), rng.random() < drawing.biased
            nodes.append(Node(name, "neuron", params={"activation": activation, "bias": bias}))
            sources = [x for x in layers[number - 1] if rng.random() >= drawing.missing]
            sources += [x for x in earlier if rng.random() < drawing.skipping]
            edges += [(source, name) for source in sources or layers[number - 1][:1]]
    rng.shuffle(nodes)
    rng.shuffle(edges)
    document = Document(library())
    drawn = [Edge(f"{a}-{b}", a, b, "inputs", order) for order, (a, b) in enumerate(edges)]
    outputs = layers[-1]
    rng.shuffle(outputs)
    nodes += [
        Node("t", "target", params={"columns": ("t",)}),
        Node("y", "concat"),
        Node("e", "half_squared_error"),
    ]
    drawn += [Edge(f"y{i}", name, "y", "inputs", i) for i, name in enumerate(outputs)]
    drawn += [Edge("t-e", "t", "e", "target"), Edge("y-e", "y", "e", "prediction")]
    document.apply(Batch((*map(AddNode, nodes), *map(Connect, drawn))))
    weights = [f"{a}-{b}.weight" for a, b in edges]
    tied = [name for name in weights if rng.random() < drawing.shared]
    if tied:
        document.apply(SetShared({name: f"shared{rng.randrange(3)}" for name in tied}))
    return document


def schema(drawing: Drawing) -> dict[str, int]:
    return {"x": drawing.sizes[0], "t": drawing.sizes[-1]}


def compiled(drawing: Drawing) -> tuple[Plan, Array, Mapping[str, Array]]:
    """Return the plan, θ and a batch of data."""
    document = draw(drawing)
    plan = compile_document(document, schema(drawing))
    rng = np.random.default_rng(drawing.seed)
    columns = {name: rng.normal(size=(5, width)) for name, width in schema(drawing).items()}
    return plan, initial(plan, document, drawing.seed), columns


def count(tape: Tape, name: str) -> int:
    return len(tape.program.chosen(name))


def names(tape: Tape) -> list[str]:
    return [KERNELS[number].name for number in tape.program.ops]


def check(plan: Plan, theta: Array, columns: Mapping[str, Array]) -> None:
    """Compare every number of the tape with the plan's in NumPy."""
    run = forward(plan, theta, columns)
    back = backward(plan, theta, run)
    lower_plan(plan, "float64", checked=True)
    tape = lower(plan, "float64", 5, every=True)
    found = tape.backward(theta, tape.table(columns), np.arange(5))
    pairs = [(back.gradient, found)]
    for slot in range(len(plan.steps)):
        value, delta = tape.value(slot), tape.delta(slot)
        if value is not None and delta is not None:
            pairs += [(run.values[slot], value), (back.deltas[slot], delta)]
    for expected, got in pairs:
        scale = max(1e-2, float(np.abs(expected).max(initial=0)))
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12 * scale)


chances = st.sampled_from([0.0, 0.0, 0.02, 0.1, 0.5])
drawings = st.builds(
    Drawing,
    sizes=st.lists(st.integers(1, 24), min_size=2, max_size=5).map(tuple),
    seed=st.integers(0, 1 << 30),
    missing=chances,
    skipping=chances,
    shared=chances,
    biased=st.sampled_from([0.0, 0.5, 1.0, 1.0]),
    activations=st.sampled_from([("tanh",), ("identity",), ("tanh", "relu", "leaky_relu", "elu")]),
)


@settings(max_examples=150, deadline=None)
@given(drawings)
def test_nets_drawn_neuron_by_neuron_give_the_plans_numbers(drawing: Drawing) -> None:
    check(*compiled(drawing))


def test_layers_drawn_in_any_order_become_one_matrix_each() -> None:
    drawing = Drawing((784, 30, 10), 1, activations=("sigmoid",))
    document = draw(drawing)
    plan = compile_document(document, schema(drawing))
    tape = lower(plan, "float64", 10)
    assert count(tape, "matrix") == 2
    assert count(tape, "edges") == count(tape, "gather") == 0
    expected = ["load", "matrix", "sigmoid", "matrix", "sigmoid", "add", "half_squared_error"]
    assert names(tape) == expected


@pytest.mark.parametrize(
    "drawing",
    [
        Drawing((200, 20, 20), 2, missing=0.001),
        Drawing((200, 20, 20), 2, skipping=0.02),
        Drawing((200, 20, 20), 2, biased=0.5),
    ],
)
def test_a_few_edges_more_or_less_leave_the_matrix(drawing: Drawing) -> None:
    plan, theta, columns = compiled(drawing)
    tape = lower(plan, "float64", 5)
    assert 2 <= count(tape, "matrix") <= 3
    assert len(tape.program.sources) < plan.size / 10
    check(plan, theta, columns)


def test_layers_that_read_several_layers_are_matrices() -> None:
    plan, theta, columns = compiled(Drawing((40, 20, 30, 10), 3, skipping=1.0))
    tape = lower(plan, "float64", 5)
    assert count(tape, "matrix") == 3  # what is read together lies together
    assert count(tape, "edges") == count(tape, "gather") == 0
    check(plan, theta, columns)


def test_overlapping_windows_are_copied_side_by_side() -> None:
    """A convolution drawn by hand: eight filters over each window, their weights shared."""
    document = Document(library())
    nodes = [Node(f"x{i}", "input", params={"columns": (f"x[{i}]",)}) for i in range(256)]
    nodes += [Node("t", "target", params={"columns": ("t",)}), Node("e", "half_squared_error")]
    edges: list[Edge] = []
    shared: dict[str, str] = {}
    windows = [(row, column) for row in range(3) for column in range(3)]
    for row, column in windows:
        pixels = [(row + i) * 16 + column + j for i in range(7) for j in range(7)]
        for filter_number in range(8):
            name = f"n{row}{column}{filter_number}"
            nodes.append(Node(name, "neuron", params={"activation": "relu"}))
            for place, pixel in enumerate(pixels):
                edges.append(Edge(f"{pixel}-{name}", f"x{pixel}", name, "inputs", place))
                shared[f"{pixel}-{name}.weight"] = f"w{filter_number}.{place}"
            shared[f"{name}.bias"] = f"b{filter_number}"
    outputs = [node.id for node in nodes if node.kind == "neuron"]
    nodes.append(Node("y", "concat"))
    edges += [Edge(f"y{i}", name, "y", "inputs", i) for i, name in enumerate(outputs)]
    edges += [Edge("t-e", "t", "e", "target"), Edge("y-e", "y", "e", "prediction")]
    document.apply(Batch((*map(AddNode, nodes), *map(Connect, edges))))
    document.apply(SetShared(shared))
    plan = compile_document(document, {"x": 256, "t": len(outputs)})
    tape = lower(plan, "float64", 5)
    assert count(tape, "gather") > 1
    assert count(tape, "matrix") >= len(windows)
    assert count(tape, "edges") == 0
    rng = np.random.default_rng(0)
    columns = {"x": rng.normal(size=(5, 256)), "t": rng.normal(size=(5, len(outputs)))}
    check(plan, initial(plan, document, 0), columns)


@pytest.mark.parametrize("sizes", [(2, 2, 1), (2, 8, 8, 1)])
def test_a_small_net_is_four_instructions(sizes: Sequence[int]) -> None:
    plan, theta, columns = compiled(Drawing(tuple(sizes), 4))
    tape = lower(plan, "float64", 5)
    found = names(tape)
    assert found[0] == "load"
    assert count(tape, "edges") == 1
    assert found[-1] == "half_squared_error"
    assert len(found) <= 4
    check(plan, theta, columns)


@settings(max_examples=60, deadline=None)
@given(
    drawings,
    st.sampled_from(sorted(OPTIMIZERS)),
    st.fixed_dictionaries(
        {},
        optional={
            "batch_size": st.sampled_from([2, 5]),
            "l1": st.just(0.1),
            "l2": st.just(0.3),
            "clip_norm": st.just(0.05),
            "clip_value": st.just(0.01),
        },
    ),
    st.booleans(),
)
def test_training_any_net_with_any_optimizer_follows_the_plan(
    drawing: Drawing, optimizer: str, options: dict[str, Any], freezing: bool
) -> None:
    drawing = replace(drawing, activations=("tanh",))  # no kinks, where rounding decides
    document = draw(drawing)
    if freezing:
        names = compile_document(document, schema(drawing)).parameters.names
        document.apply(SetFrozen(dict.fromkeys(names[1::3], True)))
    plan = compile_document(document, schema(drawing))
    theta = initial(plan, document, drawing.seed)
    rng = np.random.default_rng(drawing.seed)
    columns = {name: rng.normal(size=(7, width)) for name, width in schema(drawing).items()}
    nothing = np.zeros(0, np.int64)
    splits: dict[SplitName, Any] = {"train": np.arange(7), "validation": nothing, "test": nothing}
    data = Prepared(columns, splits, {}, {}, {})
    made = Training(optimizer=optimizer, epochs=4, learning_rate=0.01, **options)  # type: ignore[arg-type]  # a name
    found = []
    for engine in ("numpy", "native"):
        one = Trainer(plan, data, made, theta, engine=engine)
        records = list(one.run())
        found.append((one.theta, one.gradient, records[-1].loss["train"]))
    for expected, got in zip(*found, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)


def test_a_program_that_reads_what_nobody_wrote_is_refused() -> None:
    plan, _theta, _columns = compiled(Drawing((4, 3, 1), 0))
    lowered = lower_plan(plan, "float64", checked=True)
    program, size = lowered.program, plan.size
    with pytest.raises(PlanError, match="reads what nobody wrote"):
        check_program(program._replace(loads=program.loads[:0]), lowered.rows, size)
    with pytest.raises(PlanError, match="beyond the arena"):
        check_program(program, 1, size)
