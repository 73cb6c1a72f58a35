"""Predictions of a split against scikit-learn's counting."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix

from engine.analysis.predictions import Predictions, predictions
from engine.compiler.compile import compile_document
from engine.data import prepare
from engine.interpreter.parameter_vector import initial
from engine.library import library
from graph.model.dataset import Builtin, Dataset, Inline, Split
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Node, SetDataset


def network(dataset: Dataset, inputs: str, target: str, units: int, loss: str) -> Document:
    document = Document(library())
    document.apply(
        Batch(
            (
                AddNode(Node("x", "input", params={"columns": (inputs,)})),
                AddNode(Node("t", "target", params={"columns": (target,)})),
                AddNode(Node("o", "neuron", params={"activation": "identity", "units": units})),
                AddNode(Node("E", loss)),
                Connect(Edge("x-o", "x", "o")),
                Connect(Edge("o-E", "o", "E", "prediction")),
                Connect(Edge("t-E", "t", "E", "target")),
                SetDataset(dataset),
            )
        )
    )
    return document


def answers(document: Document, split: str = "train", limit: int = 2000) -> Predictions:
    assert document.dataset is not None
    data = prepare(document.dataset)
    plan = compile_document(document, data.schema)
    theta = initial(plan, document, 3)
    found = predictions(plan, theta, data, split, limit)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_classes_are_counted_and_named() -> None:
    data = Builtin(
        name="iris",
        features=("petal_length",),
        targets=("species",),
        split=Split(test=0.2),
    )
    document = network(data, "petal_length", "species", 3, "cross_entropy")
    found = answers(document)
    assert found.classifies
    assert found.labels == ("setosa", "versicolor", "virginica")
    actual, predicted = found.classes
    assert found.metrics["accuracy"] == accuracy_score(actual, predicted)
    expected = confusion_matrix(actual, predicted, labels=[0, 1, 2])
    assert found.confusion.tolist() == expected.tolist()
    assert len(found.rows) == 120
    assert (
        len(answers(network(data, "petal_length", "species", 3, "cross_entropy"), "test").rows)
        == 30
    )


@pytest.mark.parametrize(
    ("loss", "values"),
    [("binary_cross_entropy_logits", (0, 1)), ("hinge", (-1, 1)), ("half_squared_error", (0, 1))],
)
def test_single_outputs_decide_where_their_loss_does(loss: str, values: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=40)
    y = np.where(rng.random(40) < 0.5, values[0], values[1])
    table = Inline(
        columns={"x": x.tolist(), "y": [int(v) for v in y]}, features=("x",), targets=("y",)
    )
    found = answers(network(table, "x", "y", 1, loss))
    actual, predicted = found.classes
    assert actual.tolist() == (y > values[0]).astype(int).tolist()
    assert found.metrics["accuracy"] == accuracy_score(actual, predicted)
    assert np.trace(found.confusion) == (actual == predicted).sum()


def test_numbers_have_no_classes_and_rows_are_limited() -> None:
    table = Inline(
        columns={"x": [0.0, 1.0, 2.0], "y": [0.3, 0.4, 0.9]}, features=("x",), targets=("y",)
    )
    document = network(table, "x", "y", 1, "mean_squared_error")
    found = answers(document, limit=2)
    assert not found.classifies
    assert found.rows.tolist() == [0, 1]
    assert set(found.metrics) == {"r_squared"}
