"""Any update of a run can be gone back to, bit for bit, whatever was changed on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compiler.compile import compile_document
from engine.data import Prepared
from engine.declaration.op import Array
from engine.errors import DivergedError
from engine.interpreter.parameter_vector import initial
from engine.plan.plan import Plan
from engine.training import Checkpoint, Film, Trainer
from engine.training.replay import Stretch, state_at
from graph.model.training import EarlyStopping, OptimizerName, Schedule, Training
from tests.engine.random_documents import RandomDocument

CHANGES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "by hand": {},
    "rate": {"learning_rate": 0.005},
    "seed": {"seed": 7},
    "optimizer": {"optimizer": "momentum"},
    "batches": {"batch_size": 1},
}
SCHEDULES = (
    Schedule(),
    Schedule(name="cosine", warmup=2),
    Schedule(name="step", every=2),
    Schedule(name="plateau", patience=1),
)


def bits(state: Checkpoint) -> list[Any]:
    """Return all of a state but why it is over, with arrays as bytes."""
    found = msgspec.to_builtins(
        [state.theta.tobytes(), state.previous.tobytes(), [m.tobytes() for m in state.memory]]
    )
    watch, plateau = state.watch, state.plateau
    best = None if watch.best_theta is None else watch.best_theta.tobytes()
    rest = replace(state, theta=None, previous=None, memory=(), watch=None, plateau=None)  # type: ignore[arg-type]  # compared above
    return [found, best, watch.best, watch.waited, plateau, replace(rest, stopped="")]


class Run:
    """A run that keeps every state, and a film of a few."""

    def __init__(self, plan: Plan, data: Prepared, theta: Array, engine: Any, frames: int) -> None:
        self._made, self._engine = (plan, data), engine
        self._film = Film(frames=frames)
        self.settings = Training()
        self.theta = theta

    def make(self, training: Training, start: Checkpoint) -> Trainer:
        return self._trainer(training, start)

    def _trainer(self, training: Training, start: Checkpoint, *callbacks: Film) -> Trainer:
        place = start if start.updates else None
        return Trainer(
            *self._made, training, start.theta, start=place, engine=self._engine,
            callbacks=callbacks,
        )  # fmt: skip

    def begin(self, training: Training) -> None:
        self.trainer = Trainer(
            *self._made, training, self.theta, engine=self._engine, callbacks=[self._film]
        )
        start = self.trainer.checkpoint()
        self.stretch, self.states = Stretch.first(start, training), {0: start}

    def train(self, updates: int) -> bool:
        """Make so many updates one by one; return whether it can go on."""
        for _ in range(updates):
            before = self.trainer.updates
            self.trainer.interrupt()
            try:
                for _ in self.trainer.blocks():
                    if self.trainer.updates > before:
                        break
            except DivergedError:
                return False
            if self.trainer.stopped:
                return False
            self.states[self.trainer.updates] = self.trainer.checkpoint()
        return True

    def change(self, name: str) -> None:
        if name == "nothing":
            return
        if name == "by hand":
            self.trainer.set_parameters(self.trainer.theta * 0.5)
        else:
            training = msgspec.structs.replace(self.trainer.settings, **CHANGES[name])
            self.trainer = self._trainer(training, self.trainer.checkpoint(), self._film)
        start = self.trainer.checkpoint()
        self.stretch = self.stretch.then(start, self.trainer.settings)
        self.states[start.updates] = start

    def back(self, updates: int) -> Checkpoint:
        frames = self._film.frames
        held = [(frame, self.stretch.reaching(frame.updates)) for frame in frames]
        found = state_at(self.stretch, updates, held, self.make)
        assert found is not None
        return found[0]


def problem(seed: int) -> tuple[Plan, Prepared, Array]:
    drawn = RandomDocument(seed)
    plan = compile_document(drawn.document, drawn.schema)
    none = np.zeros(0, np.int64)
    splits: Any = {"train": np.arange(drawn.rows), "validation": none, "test": none}
    columns = {name: column.astype(np.float64) for name, column in drawn.columns.items()}
    data = Prepared(columns, splits, {}, {}, {})
    return plan, data, initial(plan, drawn.document, 0)


@pytest.mark.parametrize("engine", ["numpy", "native"])
@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    optimizer=st.sampled_from(get_args(OptimizerName)),
    schedule=st.sampled_from(SCHEDULES),
    batch_size=st.sampled_from((None, 1, 2)),
    dtype=st.sampled_from(("float64", "float32")),
    early=st.booleans(),
    frames=st.sampled_from((2, 4, 50)),
    parts=st.lists(st.tuples(st.integers(1, 7), st.sampled_from(tuple(CHANGES))), max_size=4),
)
def test_every_update_of_a_random_run_comes_back(
    engine: Any, seed: int, parts: list[tuple[int, str]], frames: int, early: bool, **drawn: Any
) -> None:
    plan, data, theta = problem(seed)
    if not any(parameter.trainable for parameter in plan.parameters):
        return
    lbfgs = drawn["optimizer"] == "lbfgs"
    run = Run(plan, data, theta, engine, frames)
    run.begin(
        Training(
            optimizer=drawn["optimizer"],
            schedule=drawn["schedule"],
            batch_size=None if lbfgs else drawn["batch_size"],
            dtype=drawn["dtype"],
            learning_rate=0.01,
            epochs=1000,
            clip_norm=1.0,
            early_stopping=EarlyStopping(patience=900) if early else None,
        )
    )
    for updates, change in parts:
        if not run.train(updates):
            break
        if not (lbfgs and change == "batches"):
            run.change(change)
    numbers = sorted(run.states, reverse=True)
    assert [bits(run.back(number)) for number in numbers] == [
        bits(run.states[number]) for number in numbers
    ]


def test_what_is_given_up_is_not_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory for the states of changes is bounded; what is between them is then not held."""
    plan, data, theta = problem(3)
    run = Run(plan, data, theta, "numpy", 50)
    run.begin(Training(epochs=1000, learning_rate=0.01))
    size = run.states[0].nbytes
    monkeypatch.setattr("engine.training.replay._BYTES", 2 * size)
    for _ in range(4):
        assert run.train(3)
        run.change("by hand")
    held: list[Any] = []
    found = [state_at(run.stretch, n, held, run.make) is not None for n in range(13)]
    assert found == [True] * 3 + [False] * 6 + [True] * 4


def test_runs_that_part_share_what_was_before() -> None:
    plan, data, theta = problem(3)
    run = Run(plan, data, theta, "numpy", 50)
    run.begin(Training(epochs=1000, learning_rate=0.01))
    run.train(4)
    first, four = run.stretch, run.trainer.checkpoint()
    run.change("rate")
    run.train(2)
    other = first.then(four, msgspec.structs.replace(run.settings, learning_rate=1.0))
    assert run.stretch.shared_epoch(run.stretch) is None
    assert run.stretch.shared_epoch(first) == other.shared_epoch(run.stretch) == 4
    assert first.shared_epoch(run.stretch) == 4
    unrelated = Stretch.first(run.states[0], run.settings)
    assert unrelated.shared_epoch(first) == -1
