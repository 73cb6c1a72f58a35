"""Every problem, its nodes and what it tells the user to do."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from graph.changes import adding
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Connect,
    Edge,
    Edit,
    Node,
    SetDataset,
    SetFrozen,
    SetLabel,
    SetParam,
    SetParameterValues,
    SetShared,
)
from graph.model.tensor import Tensor
from graph.validation.problems import Problem, problems
from tests.graph.toys import LIBRARY, SCHEMA, network


def found(*edits: Edit, columns: Mapping[str, int] | None = SCHEMA) -> list[Problem]:
    document = network()
    for edit in edits:
        document.apply(edit)
    return problems(document, columns)


def test_a_sound_document_has_none() -> None:
    assert found() == []


def test_an_empty_document_lacks_a_loss() -> None:
    (problem,) = problems(Document(LIBRARY), {})
    assert "loss" in problem.message


CASES: dict[str, tuple[list[Edit], tuple[str, ...], str]] = {
    "unknown kind": ([AddNode(Node("q", "quux"))], ("q",), "'quux'"),
    "no dataset": ([SetDataset(None)], ("x1", "x2", "t"), "choose a dataset"),
    "no columns": ([SetParam("x1", "columns", None)], ("x1",), "choose one"),
    "unknown column": ([SetParam("x1", "columns", ("age",))], ("x1",), "'age'"),
    "component": ([SetParam("x1", "columns", ("image[4]",))], ("x1",), "image[4]"),
    "variadic port": ([AddNode(Node("s", "sum"))], ("s",), "any input at 'inputs'"),
    "port": ([AddNode(Node("k", "scale"))], ("k",), "an input at 'x'"),
    "mismatch": ([SetParam("o", "units", 2)], ("E", "t"), "width"),
    "edge out of a loss": (
        [AddNode(Node("k", "scale")), Connect(Edge("e", "E", "k", "x"))],
        ("E",),
        "ends the graph",
    ),
    "wrong shape": (
        [SetParameterValues({"h1.bias": Tensor.of([1.0, 2.0])})],
        ("h1",),
        "'h1.bias' has the shape 2",
    ),
    "sharing shapes": (
        [SetParam("h1", "units", 2), SetShared({"h1.bias": "b", "h2.bias": "b"})],
        ("h1", "h2"),
        "share 'b'",
    ),
    "penalty": (
        [
            AddNode(Node("p", "penalty")),
            SetParam("p", "parameters", ("h1.bias", "nobody.bias")),
        ],
        ("p",),
        "'nobody.bias'",
    ),
    "two parameters of one name": (
        [AddNode(Node("e", "weight")), Connect(Edge("e", "e", "o", order=2))],
        ("o", "e"),
        "'e.weight' stands for",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_problem_names_its_nodes_and_what_to_do(case: str) -> None:
    edits, nodes, words = CASES[case]
    columns = {} if case == "no dataset" else SCHEMA
    matching = [p for p in found(*edits, columns=columns) if words in p.message]
    assert [problem.nodes for problem in matching] == [nodes]
    assert ";" in matching[0].message


def test_data_that_could_not_be_read_is_told_once() -> None:
    (problem,) = found(columns=None)
    assert "could not be read" in problem.message
    assert problem.nodes == ("x1", "x2", "t")


@pytest.mark.parametrize(
    "edit",
    [
        SetFrozen({"nobody.bias": True}),
        SetShared({"nobody.bias": "w"}),
        SetParameterValues({"w": Tensor.of([1.0])}),
    ],
)
def test_what_is_kept_for_no_parameter_is_a_warning(edit: Edit) -> None:
    (problem,) = found(edit)
    assert problem.severity == "warning"
    assert "no parameter" in problem.message


def test_unused_nodes_are_warnings_after_the_errors() -> None:
    document = network()
    document.apply(AddNode(Node("h3", "neuron")))
    document.apply(SetLabel("h3", "h₃"))
    document.apply(adding.connect(document, "x1", "h3", "inputs")[0])
    document.apply(AddNode(Node("s", "sum")))
    result = problems(document, SCHEMA)
    assert [(p.severity, p.nodes) for p in result] == [
        ("error", ("s",)),
        ("warning", ("h3",)),
        ("warning", ("s",)),
    ]
    assert "'h₃'" in result[1].message


def test_shared_frozen_and_valued_parameters_that_fit_are_no_problem() -> None:
    assert not found(
        SetShared({"h1.bias": "b", "h2.bias": "b", "x1-h1.weight": "x2-h1.weight"}),
        SetFrozen({"b": True, "x2-h1.weight": True}),
        SetParameterValues({"b": Tensor.of([1.0]), "o.bias": Tensor.of([2.0])}),
    )
