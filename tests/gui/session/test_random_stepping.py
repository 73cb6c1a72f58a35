"""So many stops forward and back again is exactly where one was, on graphs of every sort."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from engine.library import library
from engine.native import prepare
from graph.model.dataset import Inline
from graph.model.edits import SetDataset, SetParam, SetTraining
from graph.model.training import Training
from gui.session.session import Session
from tests.engine.random_documents import RandomDocument
from tests.gui.conftest import no_time

ROWS = 4


@pytest.fixture(params=["numpy", "native"])
def stepping(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[Session]:
    """Return a session that trains and reads on one of the engines."""
    made = Session(library())
    made.calculation.probing.clock = no_time
    made.new()
    if request.param == "native":
        prepare("float64")
        made.kernels.start("float64")
        qtbot.waitUntil(lambda: made.kernels.ready("float64"))
    yield made
    made.close()


def show(session: Session, seed: int, training: Training) -> bool:
    """Show a random graph on random rows; whether it can be stepped through."""
    drawn = RandomDocument(seed, 8)
    rng = np.random.default_rng(seed)
    columns: dict[str, list[Any]] = {}
    places: dict[str, tuple[str, ...]] = {}
    for name, values in drawn.columns.items():
        numbers = rng.random((ROWS, values.shape[1]))
        names = [f"{name}_{i}" for i in range(values.shape[1])]
        places[name] = tuple(names)
        columns |= {one: numbers[:, i].tolist() for i, one in enumerate(names)}
    document = drawn.document
    for node in list(document.nodes.values()):
        if node.kind in ("input", "target"):
            read = node.params["columns"]
            assert isinstance(read, tuple)
            document.apply(SetParam(node.id, "columns", places[str(read[0])]))
    features = tuple(columns)[:-1] or tuple(columns)
    document.apply(SetDataset(Inline(columns=columns, features=features, targets=())))
    document.apply(SetTraining(training))
    session.new(document)
    session.run.speed = None
    return session.plan is not None and session.plan.size > 0 and session.stepper.score is not None


def state(session: Session) -> tuple[Any, ...]:
    """Return everything that a moment shows, bit for bit."""
    run, stepper, shown = session.run, session.stepper, session.readings
    rule, theta = run.rule_state, session.theta
    assert theta is not None
    numbers: tuple[bytes, ...] = ()
    if shown is not None:
        arrays = (shown.value, shown.net, shown.delta, shown.message, shown.weight, shown.gradient,
                  shown.theta, shown.theta_gradient, *shown.strips.values(),
                  *shown.delta_strips.values())  # fmt: skip
        numbers = (np.float64(shown.error).tobytes(), *(array.tobytes() for array in arrays))
    memory = (rule.count, *(array.tobytes() for array in rule.memory)) if rule else ()
    at = run.shown_update, run.epoch, stepper.stop, session.rows_text, stepper.number
    return (*map(str, at), theta.tobytes(), memory, numbers)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 10_000),
    optimizer=st.sampled_from(["sgd", "momentum", "adam"]),
    batch=st.sampled_from([None, 1, 3]),
    updates=st.integers(0, 3),
    steps=st.integers(1, 40),
)
@pytest.mark.heavy("random graphs are compiled in it")
def test_forward_and_back_is_where_one_was(
    stepping: Session, seed: int, optimizer: Any, batch: int | None, updates: int, steps: int
) -> None:
    training = Training(learning_rate=0.01, batch_size=batch, optimizer=optimizer, seed=seed)
    if not show(stepping, seed, training):
        return
    stepper = stepping.stepper
    for _ in range(updates):
        stepper.finish()
    stepper.forward()
    seen = [state(stepping)]
    for _ in range(steps):
        stepper.forward()
        seen.append(state(stepping))
    for number in range(steps - 1, -1, -1):
        stepper.back()
        assert state(stepping) == seen[number], number
    for number in range(1, steps + 1):
        stepper.forward()
        assert state(stepping) == seen[number], number
