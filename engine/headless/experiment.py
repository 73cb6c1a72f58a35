"""A document made ready: read from its file, its data read, its graph compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.arrays.aliases import Integers
from engine.compiler.compile import compile_document
from engine.data import DataStore, Prepared, prepare
from engine.data.row_numbers import read_row_numbers, row_name, row_place
from engine.declaration.op import Array
from engine.errors import DataError, DivergedError, TrainingError
from engine.interpreter.parameter_vector import initial, to_tensors
from engine.interpreter.probe import Probe, probe
from engine.library import library
from engine.plan.plan import Plan
from engine.training.checks.suitability import suitability
from graph.errors import FileError, GradwireError
from graph.files.storage import load, save
from graph.model.dataset import relocated
from graph.model.document import Document
from graph.model.edits import SetDataset, SetParameterValues
from graph.validation.problems import NO_LOSS, Problem

_FEW = 64
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Experiment:
    """Everything that is needed to run a document.

    Parameters
    ----------
    document : Document
        As it was read.
    data : Prepared or None
        Its data, if it has any.
    plan : Plan
        Its graph, compiled for that data.
    theta : array
        θ: the document's values, the rest drawn with the training seed.
    """

    document: Document
    data: Prepared | None
    plan: Plan
    theta: Array

    @property
    def m(self) -> int:
        """Number of training rows, the divisor of the penalties; 1 without data."""
        return len(self.data.splits["train"]) if self.data else 1

    @property
    def notes(self) -> Sequence[str]:
        """What was guessed, left out or changed while the data was read."""
        return self.data.notes if self.data else ()

    def columns(self, rows: Integers | None = None) -> Mapping[str, Array]:
        """Return the columns that the plan reads, of some rows (None: all).

        Raises `DataError` if a column has missing or unusable values.
        """
        return self.data.batch(self.plan.columns, rows) if self.data else {}

    def rows(self, text: str, split: str) -> Integers | None:
        """Return the rows that a user names; None for all.

        Parameters
        ----------
        text : str
            Their numbers in the dataset, as `read_row_numbers` takes them; empty for all.
        split : str
            ``train``, ``validation``, ``test`` or ``all``: they are all of it.

        Raises
        ------
        DataError
            If there are no such rows, or one is of another split.
        """
        if self.data is None:
            if text or split != "all":
                raise DataError("the document has no data, so there are no rows to choose")
            return None
        rows = np.arange(self.data.rows)
        if split != "all":
            rows = {str(name): part for name, part in self.data.splits.items()}[split]
        if not len(rows):
            raise DataError(f"the split {split!r} has no rows; choose another")
        if not text:
            return rows
        chosen = read_row_numbers(text, self.data.rows)
        if other := sorted(set(chosen) - set(rows.tolist())):
            raise DataError(f"{row_name(other[0])} is not of the split {split!r}; choose another")
        return np.array(chosen)

    def some_rows(self, text: str, split: str) -> tuple[Integers | None, str]:
        """Return rows as `rows` does, and a note: without a text at most the first 1,000.

        ``all`` as text is all of the split.
        """
        rows = self.rows("" if text == "all" else text, split)
        if text or rows is None or len(rows) <= _MOST:
            return rows, ""
        note = f"all numbers, E too, are of the first {_MOST:,} of {len(rows):,} rows"
        return rows[:_MOST], f"{note}; --rows all takes all"

    def row(self, number: int) -> int:
        """Return the place of the row with a number; raises `DataError` if there is none."""
        self.rows(str(number), "all")
        return row_place(number)

    def few_rows(self) -> Integers | None:
        """Return at most 64 training rows, evenly spread; None without data."""
        if self.data is None:
            return None
        rows = self.data.splits["train"]
        return rows.take(np.linspace(0, len(rows) - 1, min(_FEW, len(rows))).astype(np.int64))

    def readings(self) -> Probe:
        """Return the mean over a few training rows of all that the canvas shows."""
        columns = self.columns(self.few_rows())
        return probe(self.plan, self.theta, columns, self.document.training, self.m, None, 0)

    def suitability(self) -> list[Problem]:
        """Return what of losses, targets and data does not suit: see `suitability`."""
        if self.data is None:
            return []
        return suitability(self.document, self.plan, self.data, self.theta)

    def check_suitable(self) -> list[Problem]:
        """Return what does not hinder training but should be known: see `suitability`.

        Raises `TrainingError` if a loss is not defined for what it gets.
        """
        found = self.suitability()
        if found and found[0].severity == "error":
            raise TrainingError(found[0].message)
        return found

    def check_trainable(self) -> Prepared:
        """Return the data to train on; raises `TrainingError` if there is none, or no loss."""
        if self.data is None:
            raise TrainingError("the document has no data to train on; choose a dataset")
        if not self.plan.losses:
            raise TrainingError(NO_LOSS)
        return self.data

    def check_goal(self) -> None:
        """Check that there is an E whose derivatives mean something.

        Raises `TrainingError` if the graph has neither loss nor penalty.
        """
        if not (self.plan.losses or self.plan.penalties):
            raise TrainingError(NO_LOSS)

    def keep(self, theta: Array) -> None:
        """Write parameters into the document."""
        self.document.apply(SetParameterValues(to_tensors(self.plan, theta)))

    def save(self, theta: Array, folder: Path, path: Path) -> None:
        """Write the document with θ, (P,), which it keeps; its data was relative to ``folder``.

        Raises
        ------
        FileError
            If it cannot be written.
        """
        self.keep(theta)
        if self.document.dataset is not None:
            moved = relocated(self.document.dataset, folder, path.parent)
            self.document.apply(SetDataset(moved))
        save(self.document, path)


def read_document(file: Path) -> Document:
    """Read a document of which every kind is known.

    Raises `FileError` if it cannot be read, or has a node of an unknown kind.
    """
    document = load(file, library())
    for index, node in enumerate(document.nodes.values()):
        if node.kind not in document.library:
            raise FileError(
                f"the kind {node.kind!r} is unknown; install what provides it, "
                "or replace the node in the editor",
                str(file),
                f"$.nodes[{index}].kind",
            )
    return document


def make_ready(document: Document, folder: Path, store: DataStore | None = None) -> Experiment:
    """Read a document's data, relative to its folder and unless the store has it, and compile it.

    Raises
    ------
    DataError, PlanError
        If the data or the graph cannot be used.
    """
    data = prepare(document.dataset, folder, store) if document.dataset else None
    plan = compile_document(document, data.schema if data else {})
    theta = initial(plan, document, document.training.seed)
    return Experiment(document, data, plan, theta)


@contextmanager
def errors_about(file: Path) -> Iterator[None]:
    """Put the name of a document's file before what is wrong with its content.

    Raises
    ------
    FileError
        In place of any other error of the content; one of training that diverged passes.
    """
    try:
        yield
    except (FileError, DivergedError):
        raise
    except GradwireError as error:
        raise FileError(str(error), str(file)) from error
