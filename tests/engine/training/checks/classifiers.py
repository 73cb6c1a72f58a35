"""Small classifiers, right but for what a test changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.headless.experiment import Experiment, make_ready
from graph.model.dataset import Inline
from graph.model.document import Document
from graph.model.edits import SetDataset
from graph.validation.problems import Problem
from tests.engine.documents import draw

ROWS = 30


def classifier(
    loss: str,
    y: list[Any],
    *,
    activation: str = "identity",
    units: int = 1,
    after: str = "",
    scale: float = 1.0,
    **dataset: Any,
) -> Document:
    """Draw x → tanh(4) → o (→ ``after``) → loss ← t, on 30 rows of a and b with targets y."""
    last = "f" if after else "o"
    document = draw(
        {
            "x": ("input", {"columns": ("a", "b")}),
            "h": ("neuron", {"units": 4, "activation": "tanh"}),
            "o": ("neuron", {"units": units, "activation": activation}),
            **({"f": after} if after else {}),
            "t": ("target", {"columns": ("y",)}),
            "E": loss,
        },
        ["x h", "h o", *(["o f"] if after else []), f"{last} E:prediction", "t E:target"],
    )
    points = np.random.default_rng(0).normal(size=(ROWS, 2)) * scale
    columns: dict[str, Any] = {"a": points[:, 0].tolist(), "b": points[:, 1].tolist(), "y": y}
    given = {"columns": columns, "features": ("a", "b"), "targets": ("y",), **dataset}
    document.apply(SetDataset(Inline(**given)))
    return document


def ready(document: Document) -> Experiment:
    return make_ready(document, Path())


def found(document: Document) -> list[Problem]:
    """Return errors and warnings of a document with its data."""
    return [p for p in ready(document).suitability() if p.severity != "note"]


def notes(document: Document) -> list[Problem]:
    return [p for p in ready(document).suitability() if p.severity == "note"]


def cycle(*values: Any) -> list[Any]:
    """Return 30 targets that take turns."""
    return [values[row % len(values)] for row in range(ROWS)]
