"""Breakpoints stop a run at the very update, say where and why, and change no bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.data import prepare
from engine.interpreter.interpreter import backward, forward
from engine.interpreter.parameter_vector import initial
from engine.library import library
from engine.training import Trainer
from engine.training.breakpoints import (
    Breakpoints,
    Condition,
    ErrorRises,
    GradientNorm,
    NotFinite,
    SilentUnit,
)
from graph.model.dataset import Split
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Node, SetDataset
from graph.model.training import EarlyStopping, Training
from tests.engine.training.conftest import Problem, smooth

Build = Callable[..., Any]
ENGINES = pytest.mark.parametrize("engine", ["numpy", "native"])


def labelled(activation: str = "relu", **params: Any) -> tuple[Problem, Document]:
    """Return x → hidden(5) → linear, with labels, on a full batch of 60 rows."""
    dataset = smooth(60, 1.0, Split())
    nodes = [
        Node("x", "input", params={"columns": ("a", "b")}),
        Node("h", "neuron", "hidden", params={"units": 5, "activation": activation}),
        Node("o", "neuron", "output", params={"activation": "identity"}),
        Node("t", "target", params={"columns": ("y",)}),
        Node("e", "half_squared_error", "loss"),
    ]
    edges = [
        Edge("x-h", "x", "h"),
        Edge("h-o", "h", "o"),
        Edge("o-e", "o", "e", "prediction"),
        Edge("t-e", "t", "e", "target"),
    ]
    document = Document(library())
    document.apply(Batch((*map(AddNode, nodes), *map(Connect, edges), SetDataset(dataset))))
    data = prepare(dataset)
    plan = compile_document(document, data.schema)
    return Problem(plan, data, initial(plan, document, 0)), document


def stopped(
    problem: Problem, document: Document, engine: Any, *conditions: Condition, **settings: Any
) -> tuple[Trainer, Breakpoints]:
    breakpoints = Breakpoints(conditions, document)
    training = Training(**{"learning_rate": 0.1, "epochs": 50, **settings})
    made = problem.plan, problem.data, training, problem.theta
    trainer = Trainer(*made, engine=engine, callbacks=[breakpoints])
    trainer.block_mode = True
    list(trainer.run())
    return trainer, breakpoints


def gradient(problem: Problem, theta: Any) -> Any:
    columns = problem.data.batch(problem.plan.columns, problem.data.splits["train"])
    return backward(problem.plan, theta, forward(problem.plan, theta, columns)).gradient


@ENGINES
def test_a_small_gradient_stops_at_the_first_such_update(engine: Any) -> None:
    problem, document = labelled("tanh")
    theta, norms = problem.theta.copy(), []
    for _ in range(30):
        slope = gradient(problem, theta)
        norms.append(float(np.linalg.norm(slope)))
        theta -= 0.1 * slope
    bound = norms[20] * (1 + 1e-6)
    first = next(k for k, norm in enumerate(norms) if norm < bound)
    trainer, found = stopped(problem, document, engine, GradientNorm(below=bound))
    assert (trainer.stopped, trainer.updates) == ("breakpoint", first + 1)
    assert found.hit is not None
    assert (found.hit.update, found.hit.epoch) == (first + 1, first + 1)
    assert "|g| was " in found.hit.sentence
    assert "below" in found.hit.sentence
    assert "“" in found.hit.sentence


@ENGINES
def test_a_large_gradient_names_the_steepest_parameter(engine: Any) -> None:
    problem, document = labelled("tanh")
    norm = float(np.linalg.norm(gradient(problem, problem.theta)))
    trainer, found = stopped(problem, document, engine, GradientNorm(above=norm * 0.99))
    assert trainer.updates == 1
    assert found.hit is not None
    slope = abs(gradient(problem, problem.theta))
    steepest = next(
        one.name
        for one in problem.plan.parameters
        if slope[one.offset : one.offset + one.size].max() == slope.max()
    )
    assert found.hit.place == steepest
    assert found.hit.label.startswith(("hidden.", "output.", "x → hidden.", "hidden → output."))


@ENGINES
def test_the_gradient_of_one_parameter(engine: Any) -> None:
    problem, document = labelled("tanh")
    bias = next(one for one in problem.plan.parameters if one.name == "o.bias")
    size = abs(gradient(problem, problem.theta)[bias.offset])
    for condition, updates in (
        (GradientNorm(above=size * 0.99, parameter="o.bias"), 1),
        (GradientNorm(above=size * 1e9, parameter="o.bias"), 50),
        (GradientNorm(below=1e9, parameter="gone.bias"), 50),
    ):
        trainer, found = stopped(problem, document, engine, condition)
        assert trainer.updates == updates
        assert (found.hit is None) == (updates == 50)
        assert found.hit is None or found.hit.label == "output.bias"


@ENGINES
def test_a_dead_unit_is_named_after_so_many_updates(engine: Any) -> None:
    problem, document = labelled("relu")
    bias = next(one for one in problem.plan.parameters if one.name == "h.bias")
    problem.theta[bias.offset + 2] = -100.0
    for batch_size in (None, 7):
        trainer, found = stopped(
            problem, document, engine, SilentUnit(4), batch_size=batch_size, learning_rate=0.01
        )
        assert trainer.updates == 4
        assert found.hit is not None
        assert found.hit.place == "h"
        assert "unit 3 of “hidden” is silent in all rows for 4 updates" in found.hit.sentence


@ENGINES
def test_a_saturated_unit_is_silent_and_a_working_one_is_not(engine: Any) -> None:
    problem, document = labelled("sigmoid")
    trainer, found = stopped(problem, document, engine, SilentUnit(1))
    assert (trainer.stopped, found.hit) == ("epochs", None)
    bias = next(one for one in problem.plan.parameters if one.name == "h.bias")
    problem.theta[bias.offset] = 1000.0
    trainer, found = stopped(problem, document, engine, SilentUnit(1))
    assert trainer.updates == 1
    assert found.hit is not None
    assert "unit 1 of “hidden”" in found.hit.sentence


@ENGINES
@pytest.mark.parametrize(("batch_size", "rate"), [(None, 2.2), (7, 0.5)])
def test_a_rising_error_stops_at_the_epoch(
    engine: Any, batch_size: int | None, rate: float
) -> None:
    problem, document = labelled("tanh")
    settings: dict[str, Any] = {"learning_rate": rate, "batch_size": batch_size, "epochs": 60}
    training = Training(**settings)
    made = problem.plan, problem.data, training, problem.theta
    errors = [one.error for one in Trainer(*made, engine=engine).run()]
    rises = [k for k in range(2, len(errors)) if errors[k - 2] < errors[k - 1] < errors[k]]
    trainer, found = stopped(problem, document, engine, ErrorRises(2), **settings)
    assert rises, "the rate is to be too high"
    assert (trainer.stopped, trainer.epoch, trainer.batch) == ("breakpoint", rises[0], 0)
    assert found.hit is not None
    assert found.hit.place == "e"
    assert "E has risen 2 times in a row" in found.hit.sentence


@ENGINES
def test_what_is_not_finite_pauses_instead_of_failing(engine: Any) -> None:
    problem, document = labelled("square")
    trainer, found = stopped(problem, document, engine, NotFinite(), learning_rate=1e3)
    assert trainer.stopped == "breakpoint"
    assert found.hit is not None
    assert found.hit.update == trainer.updates
    assert "is not finite" in found.hit.sentence
    assert np.isfinite(trainer.theta).all()
    assert found.hit.label in {"hidden", "output", "loss", "x → hidden", "hidden → output"}


@ENGINES
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_breakpoints_change_no_bit_and_a_run_goes_on_from_one(engine: Any, optimizer: str) -> None:
    problem, document = labelled("tanh")
    training = Training(
        optimizer=optimizer,  # type: ignore[arg-type]  # one of its literals
        learning_rate=0.02,
        epochs=30,
        batch_size=None if optimizer == "lbfgs" else 7,
        early_stopping=EarlyStopping(patience=25),
    )
    made = problem.plan, problem.data, training, problem.theta
    whole = Trainer(*made, engine=engine)
    expected = list(whole.run())
    quiet = (SilentUnit(), ErrorRises(10_000), GradientNorm(below=1e-300), NotFinite())
    never = Breakpoints(quiet, document)
    watched = Trainer(*made, engine=engine, callbacks=[never])
    watched.block_mode = True
    assert list(watched.run()) == expected
    always = Breakpoints([GradientNorm(above=0.0)], document)
    part = Trainer(*made, engine=engine, callbacks=[always])
    found = list(part.run())
    stops = 0
    while part.stopped == "breakpoint":
        stops += 1
        part = Trainer(*made, engine=engine, start=part.checkpoint(), callbacks=[always])
        found += part.run()
    assert found == expected
    assert part.theta.tobytes() == whole.theta.tobytes() == watched.theta.tobytes()
    assert stops >= whole.updates - 1
