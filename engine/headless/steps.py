"""One update stop by stop, with the numbers that become known: what ``gradwire steps`` prints."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np

from engine.analysis.score import Phase, Stop
from engine.analysis.score_stops import score_of
from engine.arrays.aliases import Array, Integers
from engine.arrays.counter_stream import Stream
from engine.data.row_numbers import row_name, row_number
from engine.headless.experiment import Experiment
from engine.interpreter.interpreter import Interpreter
from engine.interpreter.objective_terms import objective_terms, penalty_gradient
from engine.interpreter.probe import edge_message
from engine.training import Trainer

_LISTED = 8  # rows of a batch that are named


@dataclass(frozen=True, slots=True)
class NumberedScore:
    """The stops of a document's first update, each with its number.

    Parameters
    ----------
    rows : str
        Whose numbers they are, in words.
    stops, numbers : tuple
        The stops, and what becomes known at each: a float, or nested lists of what is wider.
    """

    rows: str
    stops: tuple[Stop, ...]
    numbers: tuple[Any, ...]

    def as_json(self) -> list[dict[str, Any]]:
        """Return the stops as plain data."""
        places = ("node", "edge", "parameter")
        return [
            {
                "stop": stop.index,
                "phase": str(stop.phase),
                **{p: name for p in places if (name := getattr(stop, p)) is not None},
                "title": stop.title,
                "known": {stop.quantity: number},
            }
            for stop, number in zip(self.stops, self.numbers, strict=True)
        ]


def first_update(experiment: Experiment, row: int | None = None) -> NumberedScore:
    """Go through the first update of a document's training.

    Parameters
    ----------
    experiment : Experiment
        What to train.
    row : int, optional
        Go through the row of the dataset with this number (from 1) as if it were the batch; the
        first batch by default.

    Raises
    ------
    DataError, TrainingError
        If there is no such row, or nothing can be trained.
    """
    data, plan, training = (
        experiment.check_trainable(),
        experiment.plan,
        experiment.document.training,
    )
    if row is not None:
        place = experiment.row(row)
        data = replace(data, splits=dict.fromkeys(data.splits, np.zeros(0, np.int64)))
        data = replace(data, splits={**data.splits, "train": np.array([place])})
        m = experiment.m  # by which the penalties of all training rows are divided
        training = msgspec.structs.replace(training, l1=training.l1 / m, l2=training.l2 / m)
    trainer = Trainer(plan, data, training, experiment.theta, engine="numpy")
    rows = trainer.next_rows
    words = row_name(place) if row is not None else _words(rows, trainer)
    numbers = _Numbers(experiment, rows, trainer.next_noise)
    trainer.step()
    stops = tuple(score_of(experiment.document, plan))
    return NumberedScore(words, stops, tuple(numbers.of(stop, trainer.theta) for stop in stops))


def _words(rows: Integers, trainer: Trainer) -> str:
    """Say which rows the update looks at."""
    if trainer.batches > 1:
        listed = ", ".join(str(row_number(row)) for row in rows[:_LISTED])
        listed += ", …" if len(rows) > _LISTED else ""
        return f"mean over the first batch of {trainer.batches}: rows {listed}"
    return f"mean over all {len(rows)} training rows" if len(rows) > 1 else row_name(rows[0])


class _Numbers:
    """What becomes known at each stop of an update, from one run of the interpreter."""

    def __init__(self, experiment: Experiment, rows: Integers, noise: Stream) -> None:
        plan, theta, training = experiment.plan, experiment.theta, experiment.document.training
        interpreter = Interpreter(plan)
        self._plan = plan
        self._run = interpreter.forward(theta, experiment.columns(rows), noise)
        self._back = interpreter.backward(theta, self._run)
        bare = Interpreter(replace(plan, penalties=())).backward(theta, self._run)
        settings = training.l1, training.l2, experiment.m
        self._gradient = bare.gradient
        self._penalty = penalty_gradient(plan, theta, *settings)
        self._error = objective_terms(plan, theta, self._run, *settings).total

    def of(self, stop: Stop, after: Array) -> Any:
        """Return what becomes known at a stop; ``after`` is θ after the update."""
        if stop.quantity == "E":
            return self._error
        if stop.edge is not None:
            return _plain(edge_message(self._plan, self._back, stop.edge, self._run.rows).sum(0))
        if stop.parameter is not None:
            vectors = {Phase.GRADIENTS: self._gradient, Phase.PENALTY: self._penalty}
            found = self._plan.parameters.find(stop.parameter)
            assert found is not None  # the score is of this plan
            vector = vectors.get(stop.phase, after)
            return _plain(vector[found.offset : found.offset + found.size].reshape(found.shape))
        return _plain(self._of_node(stop))

    def _of_node(self, stop: Stop) -> Array:
        node, kind = stop.node or "", stop.quantity.partition(":")[0]
        output = self._plan.outputs[node]
        slot = self._plan.nets.get(node, output) if kind in ("s", "delta") else output
        if kind in ("gradient", "delta"):
            return np.asarray(self._back.deltas[slot].sum(0))
        return np.asarray(self._run.values[slot].mean(0))


def _plain(numbers: Array) -> Any:
    """Return a single number as a float, others as nested lists."""
    return float(numbers.reshape(-1)[0]) if numbers.size == 1 else numbers.tolist()
