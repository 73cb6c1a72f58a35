"""Examples made ready to run; MNIST gets small IDX files of its own."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from msgspec.structs import replace

from engine.compiler.compile import compile_document
from engine.data import Prepared, prepare
from engine.declaration.op import Array
from engine.headless import examples
from engine.interpreter.evaluation import evaluate
from engine.interpreter.parameter_vector import initial
from engine.library import library
from engine.plan.plan import Plan
from engine.training import Epoch, Trainer
from graph.files.storage import load
from graph.model.document import Document
from graph.model.training import Training


@dataclass(frozen=True)
class Example:
    """An example with its data read, its graph compiled and its parameters drawn."""

    document: Document
    settings: Training
    data: Prepared
    plan: Plan
    theta: Array

    def trainer(self) -> Trainer:
        return Trainer(self.plan, self.data, self.settings, self.theta)

    def trained(self) -> Run:
        """Train with the example's own settings, to the end."""
        trainer = self.trainer()
        return Run(self, tuple(trainer.run()), trainer)

    def columns(self, most: int | None = None) -> dict[str, Array]:
        """Return what the plan reads of the (first) training rows."""
        return dict(self.data.batch(self.plan.columns, self.data.splits["train"][:most]))

    def numbers(self, theta: Array | None = None) -> dict[str, Any]:
        """Return every number of the training rows, at the start or at other parameters."""
        at = self.theta if theta is None else theta
        return evaluate(self.document, self.plan, at, self.columns())


@dataclass(frozen=True)
class Run:
    """An example after its training."""

    example: Example
    records: tuple[Epoch, ...]
    trainer: Trainer


Open: TypeAlias = Callable[..., Example]


@pytest.fixture(scope="session")
def open_example(tmp_path_factory: pytest.TempPathFactory) -> Open:
    """Return a function that makes an example ready, its training settings changed at will."""

    folder = tmp_path_factory.mktemp("data")
    write_mnist(folder / "mnist")

    def open_(name: str, **settings: Any) -> Example:
        path = examples.path(name)
        document = load(path, library())
        assert document.dataset is not None
        data = prepare(document.dataset, folder)
        plan = compile_document(document, data.schema)
        training = replace(document.training, **settings)
        return Example(document, training, data, plan, initial(plan, document, training.seed))

    return open_


@pytest.fixture(scope="session")
def trained(open_example: Open) -> Callable[[str], Run]:
    """Return a function that trains an example; each is trained once for all tests."""
    return cache(lambda name: open_example(name).trained())


def write_mnist(folder: Path) -> None:
    """Write files like MNIST's: noise with a bright block whose place is the digit."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, count in (("train", 400), ("t10k", 100)):
        digits = np.arange(count, dtype=np.uint8) % 10
        pictures = rng.integers(0, 60, (count, 28, 28), dtype=np.uint8)
        for picture, digit in zip(pictures, digits, strict=True):
            row, column = divmod(int(digit), 5)
            picture[14 * row : 14 * row + 12, 5 * column : 5 * column + 5] += 180
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", pictures)
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", digits)


def write_idx(path: Path, array: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(head + array.tobytes()))
