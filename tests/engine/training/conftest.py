"""Small problems to train on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.data import Prepared, prepare
from engine.declaration.op import Array
from engine.interpreter.parameter_vector import initial
from engine.library import library
from engine.plan.plan import Plan
from engine.training import Trainer
from graph.model.dataset import Inline, Split
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Node, SetDataset, SetFrozen
from graph.model.training import Training


@dataclass(frozen=True)
class Problem:
    plan: Plan
    data: Prepared
    theta: Array

    def trainer(self, **settings: Any) -> Trainer:
        start = settings.pop("start", None)
        return Trainer(self.plan, self.data, Training(**settings), self.theta, start=start)


Build: TypeAlias = Callable[..., Problem]


def smooth(rows: int, scale: float, split: Split) -> Inline:
    """Return rows of a smooth function y of a and b, with a little noise."""
    rng = np.random.default_rng(3)
    x = rng.uniform(-1, 1, (rows, 2)) * scale
    y = np.sin(2 * x[:, 0]) * x[:, 1] + 0.1 * rng.normal(size=rows)
    columns: dict[str, Any] = {"a": x[:, 0].tolist(), "b": x[:, 1].tolist(), "y": y.tolist()}
    return Inline(columns=columns, features=("a", "b"), targets=("y",), split=split)


@pytest.fixture
def build() -> Build:
    """Return a builder of x → tanh(5) → linear, with a skip, on 60 rows of a smooth function."""

    def build(
        *,
        rows: int = 60,
        dropout: float = 0.0,
        frozen: Sequence[str] = (),
        validation: float = 0.0,
        scale: float = 1.0,
        activation: str = "tanh",
    ) -> Problem:
        dataset = smooth(rows, scale, Split(validation=validation))
        nodes = [
            Node("x", "input", params={"columns": ("a", "b")}),
            Node("h", "neuron", params={"units": 5, "activation": activation}),
            Node("d", "dropout", params={"rate": dropout}),
            Node("o", "neuron", params={"activation": "identity"}),
            Node("t", "target", params={"columns": ("y",)}),
            Node("e", "half_squared_error"),
        ]
        edges = [
            Edge("x-h", "x", "h"),
            Edge("h-o", "h", "o"),
            Edge("x-o", "x", "o", order=1),
            Edge("o-e", "o", "e", "prediction"),
            Edge("t-e", "t", "e", "target"),
        ]
        if dropout:
            edges[1:2] = [Edge("h-d", "h", "d", "x"), Edge("h-o", "d", "o")]
        else:
            del nodes[2]
        document = Document(library())
        document.apply(Batch((*map(AddNode, nodes), *map(Connect, edges), SetDataset(dataset))))
        document.apply(SetFrozen(dict.fromkeys(frozen, True)))
        data = prepare(dataset)
        plan = compile_document(document, data.schema)
        return Problem(plan, data, initial(plan, document, 0))

    return build
