"""Training on the tape follows NumPy's course, and stops, resumes and fails like it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.declaration.op import Array, op
from engine.errors import DivergedError
from engine.interpreter.interpreter import forward
from engine.interpreter.objective_terms import objective_terms
from engine.interpreter.parameter_vector import initial
from engine.library import ops
from engine.training import Trainer
from engine.training.rules.optimizers import OPTIMIZERS
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Node
from graph.model.kinds import Library
from graph.model.training import Schedule, Training
from tests.engine.training import conftest as problems

Build = Callable[..., Any]
build = problems.build
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"batch_size": 7, "schedule": Schedule(name="cosine")},
    {"batch_size": 7, "l1": 0.1, "l2": 0.5, "clip_norm": 0.05},
    {"batch_size": 13, "clip_value": 0.01, "shuffle": False},
)


def trainer(problem: Any, engine: Any, **settings: Any) -> Trainer:
    made = {"learning_rate": 0.02, "epochs": 12, **settings}
    start = made.pop("start", None)
    return Trainer(
        problem.plan, problem.data, Training(**made), problem.theta, start=start, engine=engine
    )


@pytest.mark.parametrize("frozen", [(), ("h.bias", "x-o.weight")])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_and_option_follows_numpy(
    build: Build,
    optimizer: str,
    frozen: tuple[str, ...],
) -> None:
    problem = build(frozen=frozen, validation=0.2)
    for options in OPTIONS:
        expected = trainer(problem, "numpy", optimizer=optimizer, **options)
        found = trainer(problem, "native", optimizer=optimizer, **options)
        for a, b in zip(expected.run(), found.run(), strict=True):
            assert (a.epoch, a.step, a.rate) == (b.epoch, b.step, b.rate)
            assert b.loss == pytest.approx(a.loss, rel=1e-10)
            assert b.metrics["validation"] == pytest.approx(a.metrics["validation"], rel=1e-8)
            assert b.penalty == pytest.approx(a.penalty, rel=1e-10)
            assert b.gradient_norm == pytest.approx(a.gradient_norm, rel=1e-9)
        np.testing.assert_allclose(found.theta, expected.theta, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(found.gradient, expected.gradient, rtol=1e-9, atol=1e-13)


def test_a_run_cut_by_checkpoints_has_the_same_bits(build: Build) -> None:
    problem = build()
    options: dict[str, Any] = {"optimizer": "adam", "batch_size": 7}
    whole = trainer(problem, "native", **options)
    list(whole.run())
    part = trainer(problem, "native", **options)
    list(islice(part.run(), 5))
    for _ in range(3):
        part.step()
    rest = trainer(problem, "native", start=part.checkpoint(), **options)
    list(rest.run())
    assert rest.theta.tobytes() == whole.theta.tobytes()


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_the_error_of_each_batch_is_known(build: Build, engine: Any) -> None:
    problem = build(rows=6)
    one = trainer(problem, engine, batch_size=2, shuffle=False, l1=0.2, l2=0.3, epochs=2)
    list(islice(one.run(), 1))
    for batch in range(3):
        theta = one.theta.copy()
        one.step()
        rows = problem.data.splits["train"][2 * batch : 2 * batch + 2]
        run = forward(problem.plan, theta, problem.data.batch(problem.plan.columns, rows))
        expected = objective_terms(problem.plan, theta, run, 0.2, 0.3, 6).total
        assert one.batch_error == pytest.approx(expected, rel=1e-12)


def test_divergence_names_the_same_place(build: Build) -> None:
    problem = build(scale=1e3, activation="relu")
    said = []
    for engine in ("numpy", "native"):
        one = trainer(problem, engine, learning_rate=1e3, epochs=200)
        with pytest.raises(DivergedError) as raised:
            list(one.run())
        said.append(str(raised.value))
        assert np.isfinite(one.theta).all()
    assert said[0] == said[1]


def test_another_thread_interrupts(build: Build) -> None:
    one = trainer(build(rows=5_000), "native", batch_size=1, epochs=1_000_000)  # takes an hour
    one.block_mode = True
    begun = threading.Event()

    def stop() -> None:
        begun.wait()
        one.interrupt()

    thread = threading.Thread(target=stop)
    thread.start()
    for _ in one.run():
        begun.set()
    thread.join()
    assert one.epoch < 1_000_000


def test_after_an_interruption_at_most_one_update_is_made(build: Build) -> None:
    one = trainer(build(rows=5_000), "native", batch_size=1, epochs=3)
    for record in one.run():
        if record.epoch == 1:
            before = one.updates
            one.interrupt()
    assert one.updates <= before + 1
    assert [record.epoch for record in one.run()] == [2, 3]


@pytest.mark.parametrize("options", [{}, {"batch_size": 7}, {"batch_size": 7, "optimizer": "adam"}])
def test_running_ahead_changes_nothing(build: Build, options: dict[str, Any]) -> None:
    problem = build(validation=0.2, dropout=0.2)
    one, ahead = (trainer(problem, "native", epochs=300, **options) for _ in range(2))
    ahead.block_mode = True
    for a, b in zip(one.run(), ahead.run(), strict=True):
        assert a == b
    assert one.theta.tobytes() == ahead.theta.tobytes()
    assert one.gradient.tobytes() == ahead.gradient.tobytes()


def test_the_target_stops_a_run_ahead_where_it_stops_any_other(build: Build) -> None:
    problem = build()
    goal = list(trainer(problem, "native", epochs=40).run())[25].loss["train"]
    stopped = []
    for ahead in (False, True):
        one = trainer(problem, "native", epochs=400, target_loss=goal * (1 + 1e-9))
        one.block_mode = ahead
        stopped.append((list(one.run())[-1].epoch, one.epoch, one.stopped, one.theta.tobytes()))
    assert stopped[0] == stopped[1]
    assert stopped[0][:3] == (25, 25, "target")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_dropout_has_the_same_noise_in_both_engines(build: Build, rate: float, dtype: str) -> None:
    problem = build(dropout=rate)
    options: dict[str, Any] = {"dtype": dtype, "batch_size": 7, "epochs": 5}
    expected, found = (trainer(problem, engine, **options) for engine in ("numpy", "native"))
    close = 1e-10 if dtype == "float64" else 1e-4
    for a, b in zip(expected.run(), found.run(), strict=True):
        assert b.loss == pytest.approx(a.loss, rel=close)
    np.testing.assert_allclose(found.theta, expected.theta, rtol=close, atol=close * 0.1)
    assert found.engine == "native"


def test_lbfgs_goes_the_same_way_on_the_tape(build: Build) -> None:
    problem = build()
    options: dict[str, Any] = {"optimizer": "lbfgs", "epochs": 15, "l2": 0.1}
    expected, found = (trainer(problem, engine, **options) for engine in ("numpy", "native"))
    for a, b in zip(expected.run(), found.run(), strict=True):
        assert b.loss == pytest.approx(a.loss, rel=1e-6)
        assert b.penalty == pytest.approx(a.penalty, rel=1e-6)
    assert found.engine == "native"


def test_what_has_no_kernel_is_trained_by_numpy_and_said(build: Build) -> None:
    @op(group="activations")
    def cube(x: Array) -> Array:
        """Raise to the third power.

        Formula: z = x³
        Shapes: x: (B, n) → (B, n)
        Source: none
        """
        return x**3

    @cube.derivative
    def _(delta: Array, output: Array, x: Array) -> Array:
        return 3 * delta * x * x

    problem = build()
    known = {**ops(), "cube": cube}
    document = Document(Library(one.spec for one in known.values()))
    nodes = [
        Node("x", "input", params={"columns": ("a",)}),
        Node("h", "neuron", params={"activation": "tanh"}),
        Node("c", "cube"),
        Node("t", "target", params={"columns": ("y",)}),
        Node("e", "half_squared_error"),
    ]
    edges = [
        Edge("x-h", "x", "h"),
        Edge("h-c", "h", "c", "x"),
        Edge("c-e", "c", "e", "prediction"),
        Edge("t-e", "t", "e", "target"),
    ]
    document.apply(Batch((*map(AddNode, nodes), *map(Connect, edges))))
    plan = compile_document(document, problem.data.schema, known)
    own = replace(problem, plan=plan, theta=initial(plan, document, 0))
    runs = [trainer(own, engine, epochs=3) for engine in ("numpy", "native")]
    losses = [[record.loss["train"] for record in run.run()] for run in runs]
    assert losses[0] == losses[1]
    assert [run.engine for run in runs] == ["numpy", "numpy"]
    assert runs[0].engine_note == ""
    assert "cube" in runs[1].engine_note
