"""Compiling: order, lowering of composites, sharing, and refusals with their place."""

from __future__ import annotations

import pytest

from engine.compiler.compile import compile_document
from engine.errors import PlanError, ShapeError
from engine.library import library
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Connect,
    Disconnect,
    Edge,
    Node,
    SetFrozen,
    SetParam,
    SetShared,
)
from tests.engine.documents import draw, mazur, widths

_SCHEMA = {"x": 3, "y": 2, "image": 4}


def _small() -> Document:
    return draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", {"units": 2}),
            "t": ("target", {"columns": ("y",)}),
            "E": "half_squared_error",
        },
        ["x h", "h E:prediction", "t E:target"],
    )


def test_a_neuron_becomes_weights_sum_bias_activation() -> None:
    document, columns = mazur()
    plan = compile_document(document, widths(columns))
    kinds = [step.op.spec.kind for step in plan.steps if step.owner == "h1"]
    assert kinds == ["weight", "weight", "bias", "sum", "sigmoid"]
    assert plan.steps[plan.outputs["h1"]].op.spec.kind == "sigmoid"
    assert plan.steps[plan.nets["h1"]].op.spec.kind == "sum"
    reader, position = plan.edges["i2-h1"]
    assert plan.steps[reader].op.spec.kind == "weight"
    assert plan.steps[reader].inputs[position] == plan.outputs["i2"]
    assert plan.parameters[plan.weights["i2-h1"]].name == "i2-h1.weight"


def test_every_edge_of_the_document_is_in_the_plan() -> None:
    document, columns = mazur()
    plan = compile_document(document, widths(columns))
    assert set(plan.edges) == set(document.edges)
    assert set(plan.outputs) == set(document.nodes)
    for name, edge in document.edges.items():
        assert plan.source(name) == plan.outputs[edge.source]


def test_the_order_does_not_depend_on_the_history() -> None:
    document, columns = mazur()
    again = Document(library())
    for node in reversed(list(document.nodes.values())):
        again.apply(AddNode(node))
    for edge in reversed(list(document.edges.values())):
        again.apply(Connect(edge))
    assert compile_document(again, widths(columns)) == compile_document(document, widths(columns))


def test_parameters_lie_in_order_of_use() -> None:
    plan = compile_document(_small(), _SCHEMA)
    assert [(p.name, p.shape, p.offset, p.is_bias) for p in plan.parameters] == [
        ("x-h.weight", (2, 3), 0, False),
        ("h.bias", (2,), 6, True),
    ]
    assert plan.size == 8


def test_a_frozen_parameter_is_not_trainable() -> None:
    document = _small()
    document.apply(SetFrozen({"h.bias": True}))
    plan = compile_document(document, _SCHEMA)
    assert [p.trainable for p in plan.parameters] == [True, False]


def test_shared_slots_have_one_parameter() -> None:
    document, columns = mazur()
    document.apply(SetShared({"i1-h1.weight": "w", "i2-h2.weight": "w", "h2.bias": "h1.bias"}))
    plan = compile_document(document, widths(columns))
    assert plan.weights["i1-h1"] == plan.weights["i2-h2"]
    names = [p.name for p in plan.parameters]
    assert names.count("w") == names.count("h1.bias") == 1
    assert "h2.bias" not in names
    assert plan.size == 10


def test_shared_slots_must_have_one_shape() -> None:
    document = _small()
    document.apply(AddNode(Node("g", "weight", "", {"width": 4})))
    document.apply(SetShared({"g.weight": "w", "x-h.weight": "w"}))
    document.apply(Connect(Edge("h-g", "h", "g", "x")))
    with pytest.raises(ShapeError, match=r"\(4, 2\).*\(2, 3\)"):
        compile_document(document, _SCHEMA)


def test_components_of_a_column_can_be_inputs() -> None:
    document = _small()
    document.apply(SetParam("x", "columns", ("image[2]", "x", "image[0]")))
    plan = compile_document(document, _SCHEMA)
    assert plan.columns == ("y", "image[2]", "x", "image[0]")
    assert plan.widths[plan.outputs["x"]] == 5


def test_a_graph_without_a_loss_compiles() -> None:
    document = draw({"x": ("input", {"columns": ("x",)}), "h": "neuron"}, ["x h"])
    assert compile_document(document, _SCHEMA).losses == ()


def test_losses_carry_importance_and_ports() -> None:
    document = _small()
    document.apply(SetParam("E", "importance", 0.25))
    plan = compile_document(document, _SCHEMA)
    (loss,) = plan.losses
    assert (loss.node, loss.kind, loss.importance) == ("E", "half_squared_error", 0.25)
    assert loss.prediction == plan.outputs["h"]
    assert loss.target == plan.outputs["t"]
    assert loss.value == plan.outputs["E"]


def test_a_penalty_covers_the_weights_or_what_it_names() -> None:
    document = _small()
    document.apply(AddNode(Node("P", "l2_penalty")))
    document.apply(AddNode(Node("Q", "l1_penalty", "", {"parameters": ("h.bias",)})))
    plan = compile_document(document, _SCHEMA)
    covered = {p.node: [plan.parameters[i].name for i in p.parameters] for p in plan.penalties}
    assert covered == {"P": ["x-h.weight"], "Q": ["h.bias"]}


def test_a_penalty_on_a_parameter_that_is_not_there() -> None:
    document = _small()
    document.apply(AddNode(Node("P", "l2_penalty", "", {"parameters": ("nowhere.bias",)})))
    with pytest.raises(PlanError, match=r"nowhere\.bias") as caught:
        compile_document(document, _SCHEMA)
    assert caught.value.node == "P"


def test_an_unknown_kind() -> None:
    document = _small()
    document.apply(AddNode(Node("odd", "quantum")))
    with pytest.raises(PlanError, match="quantum") as caught:
        compile_document(document, _SCHEMA)
    assert caught.value.node == "odd"


def test_an_unconnected_port() -> None:
    document = _small()
    document.apply(Disconnect("t-E"))
    with pytest.raises(PlanError, match="connect") as caught:
        compile_document(document, _SCHEMA)
    assert (caught.value.node, caught.value.port) == ("E", "target")


@pytest.mark.parametrize(
    ("columns", "schema", "text"),
    [
        (("z",), _SCHEMA, "'z'.*image, x, y"),
        (("x[3]",), _SCHEMA, r"x\[3\]"),
        (("x",), {}, "choose a dataset"),
        ((), _SCHEMA, "no column is chosen"),
    ],
)
def test_columns_that_are_not_there(
    columns: tuple[str, ...], schema: dict[str, int], text: str
) -> None:
    document = draw({"x": ("input", {"columns": columns}), "h": "neuron"}, ["x h"])
    with pytest.raises(PlanError, match=text) as caught:
        compile_document(document, schema)
    assert caught.value.node == "x"


@pytest.mark.parametrize(
    ("kind", "ports", "port"),
    [
        ("half_squared_error", ("prediction", "target"), "target"),
        ("product", ("inputs", "inputs"), "inputs"),
        ("subtract", ("a", "b"), "b"),
        ("dot", ("a", "b"), "b"),
    ],
)
def test_widths_that_do_not_go_together(kind: str, ports: tuple[str, str], port: str) -> None:
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "y": ("input", {"columns": ("image",)}),
            "bad": kind,
        },
        [f"x bad:{ports[0]}", f"y bad:{ports[1]}"],
    )
    with pytest.raises(ShapeError, match=r"(?s)3.*4|4.*3") as caught:
        compile_document(document, _SCHEMA)
    assert caught.value.node == "bad"
    assert caught.value.port in ports


def test_an_expression_is_lowered_and_its_edges_kept() -> None:
    document = draw(
        {"x": ("input", {"columns": ("x",)}), "f": ("expression", {"formula": "x1*x1 + sin(x1)"})},
        ["x f"],
    )
    plan = compile_document(document, _SCHEMA)
    assert plan.source("x-f") == plan.outputs["x"]
    assert plan.widths[plan.outputs["f"]] == 3
