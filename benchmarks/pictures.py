"""The real MNIST digits, where a folder with their files is given, and what is learned of them."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from engine.benchmark.cases import CASES
from engine.compiler.compile import compile_document
from engine.data import Prepared, prepare
from engine.data.idx_file import MNIST_FILES
from engine.declaration.op import Array
from engine.interpreter.interpreter import forward
from engine.interpreter.parameter_vector import initial
from engine.training import Trainer
from graph.model.dataset import Idx

CASE = "mnist"


def read_pictures(folder: Path) -> Prepared:
    """Return pictures ``x`` and one-hot labels ``y`` of all 70,000, split as the files are."""
    images, labels, test_images, test_labels = MNIST_FILES
    files = Idx(images=images, labels=labels, test_images=test_images, test_labels=test_labels)
    data = prepare(files, folder)
    columns = {"x": data.columns["image"], "y": data.columns["label"]}
    return Prepared(columns, data.splits, {"y": data.categories["label"]}, {}, {})


def training_columns(folder: Path) -> dict[str, Array]:
    """Return the training pictures and labels in float32."""
    data = read_pictures(folder)
    rows = data.splits["train"]
    return {name: part[rows].astype(np.float32) for name, part in data.columns.items()}


def accuracy(folder: Path, epochs: int) -> str:
    """Train on the real pictures; return a sentence with the accuracy on the test files."""
    data, case = read_pictures(folder), CASES[CASE]
    document = case.draw()
    plan = compile_document(document, data.schema)
    settings = replace(case.settings, epochs=epochs)
    trainer = Trainer(plan, data, settings, initial(plan, document, 0), engine="native")
    began = time.perf_counter()
    for _ in trainer.run():
        pass
    seconds = time.perf_counter() - began
    test = data.batch(plan.columns, data.splits["test"])
    values = forward(plan, trainer.theta, test).values
    guessed = values[plan.losses[0].prediction].argmax(axis=1)
    right = float((guessed == test["y"].argmax(axis=1)).mean())
    return f"After {epochs} epochs ({seconds:.1f} s) {right:.2%} of the test pictures are right."
