"""Training as a whole: determinism, resuming, penalties, clipping, stopping, divergence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import DivergedError, TrainingError
from engine.interpreter.interpreter import forward
from engine.interpreter.objective_terms import objective_terms
from engine.training import Epoch, Trainer
from engine.training.rules.optimizers import OPTIMIZERS
from engine.training.summary import curves, final
from graph.model.training import EarlyStopping, Schedule, Training

Build = Callable[..., Any]
ALL = [*OPTIMIZERS, "lbfgs"]
GENTLE = {"learning_rate": 0.01, "epochs": 12}


def losses(trainer: Trainer) -> list[float]:
    return [record.loss["train"] for record in trainer.run()]


@pytest.mark.parametrize("optimizer", ALL)
def test_every_optimizer_lowers_the_error(build: Build, optimizer: str) -> None:
    found = losses(build().trainer(optimizer=optimizer, learning_rate=0.02, epochs=40))
    assert found[-1] < 0.8 * found[0]


def test_first_record_is_before_any_update(build: Build) -> None:
    problem = build()
    first = next(problem.trainer(**GENTLE).run())
    columns = problem.data.batch(problem.plan.columns, problem.data.splits["train"])
    expected = objective_terms(
        problem.plan, problem.theta, forward(problem.plan, problem.theta, columns)
    )
    assert (first.epoch, first.step, first.gradient_norm) == (0, 0, 0.0)
    assert first.error == pytest.approx(expected.total, rel=4 * np.finfo(float).eps)


@pytest.mark.parametrize("batch_size", [None, 7])
def test_records_tell_the_loss_at_the_parameters_after_the_epoch(
    build: Build, batch_size: int | None
) -> None:
    problem = build()
    trainer = problem.trainer(**GENTLE, batch_size=batch_size)
    columns = problem.data.batch(problem.plan.columns, problem.data.splits["train"])
    for record in trainer.run():
        run = forward(problem.plan, trainer.theta, columns)
        assert record.error == pytest.approx(
            objective_terms(problem.plan, trainer.theta, run).total
        )
    assert record.epoch == 12
    assert record.step == 12 * (1 if batch_size is None else 9)
    assert trainer.stopped == "epochs"


@pytest.mark.parametrize("optimizer", [name for name in ALL if name != "lbfgs"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_resuming_gives_the_same_bits(build: Build, optimizer: str, dtype: str) -> None:
    problem = build(dropout=0.3, validation=0.2)
    settings = {
        **GENTLE,
        "optimizer": optimizer,
        "dtype": dtype,
        "batch_size": 7,
        "schedule": Schedule(name="plateau", patience=2),
        "early_stopping": EarlyStopping(patience=50),
    }
    straight = problem.trainer(**settings)
    expected = list(straight.run())
    cut = problem.trainer(**settings)
    found = list(islice(cut.run(), 5))
    for _ in range(3):
        cut.step()
    again = problem.trainer(**settings, start=cut.checkpoint())
    found += list(again.run())
    assert found == expected
    assert again.theta.dtype == dtype
    assert np.array_equal(again.theta, straight.theta)


@pytest.mark.parametrize("name", ["constant", "plateau"])
def test_only_the_plateau_schedule_answers_to_the_loss(build: Build, name: str) -> None:
    schedule = Schedule(name=name, patience=2)  # type: ignore[arg-type]  # one of its literals
    records = build().trainer(learning_rate=1e-30, epochs=20, schedule=schedule).run()
    rates = {record.rate for record in records if record.epoch > 1}  # the loss never moves
    assert (len(rates) == 1) == (name == "constant")


def test_resuming_lbfgs_gives_the_same_bits(build: Build) -> None:
    problem = build()
    settings = {"optimizer": "lbfgs", "epochs": 20}
    straight = problem.trainer(**settings)
    expected = list(straight.run())
    cut = problem.trainer(**settings)
    found = list(islice(cut.run(), 8))
    again = problem.trainer(**settings, start=cut.checkpoint())
    found += list(again.run())
    assert found == expected
    assert np.array_equal(again.theta, straight.theta)


def test_lbfgs_needs_the_full_batch(build: Build) -> None:
    with pytest.raises(TrainingError, match="full batch"):
        build().trainer(optimizer="lbfgs", batch_size=5)


def test_settings_may_change_at_a_checkpoint(build: Build) -> None:
    problem = build()
    trainer = problem.trainer(optimizer="adam", **GENTLE)
    list(islice(trainer.run(), 4))
    other = problem.trainer(optimizer="rprop", **GENTLE, start=trainer.checkpoint())
    assert [record.epoch for record in other.run()] == list(range(4, 13))


def test_another_seed_gives_another_order(build: Build) -> None:
    problem = build()
    first, second, third = (
        losses(problem.trainer(**GENTLE, batch_size=7, seed=seed)) for seed in (1, 2, 1)
    )
    assert first == third
    assert first != second


def test_penalties_are_over_m_and_leave_biases_out(build: Build) -> None:
    problem = build()
    trainer = problem.trainer(learning_rate=0.1, epochs=1, l2=3.0, l1=0.5)
    plain = problem.trainer(learning_rate=0.1, epochs=1)
    record = next(trainer.run())
    next(plain.run())
    weights = np.concatenate(
        [
            problem.theta[p.offset : p.offset + p.size] if not p.is_bias else np.zeros(p.size)
            for p in problem.plan.parameters
        ]
    )
    m = 60
    expected = 3.0 / (2 * m) * np.sum(weights**2) + 0.5 / m * np.sum(np.abs(weights))
    assert record.penalty == pytest.approx(expected, rel=1e-13)
    trainer.step()
    plain.step()
    difference = trainer.gradient - plain.gradient
    assert difference == pytest.approx(3.0 / m * weights + 0.5 / m * np.sign(weights), abs=1e-15)


def test_frozen_parameters_stay_bit_for_bit(build: Build) -> None:
    for optimizer in ALL:
        problem = build(frozen=["x-h.weight", "o.bias"])
        trainer = problem.trainer(optimizer=optimizer, **GENTLE, l2=1.0)
        list(trainer.run())
        for parameter in problem.plan.parameters:
            part = slice(parameter.offset, parameter.offset + parameter.size)
            same = np.array_equal(trainer.theta[part], problem.theta[part])
            assert same == (parameter.name in {"x-h.weight", "o.bias"}), (optimizer, parameter.name)
        assert np.all(trainer.gradient != 0)


def test_everything_frozen_is_refused(build: Build) -> None:
    names = ["x-h.weight", "h.bias", "h-o.weight", "x-o.weight", "o.bias"]
    with pytest.raises(TrainingError, match="nothing to train"):
        build(frozen=names).trainer()


def test_clipping_equals_pytorch(build: Build) -> None:
    problem = build(scale=4.0)
    for settings in ({"clip_norm": 0.05}, {"clip_value": 0.02}):
        trainer = problem.trainer(learning_rate=1.0, epochs=1, **settings)
        trainer.step()
        twin = torch.zeros(len(trainer.theta), dtype=torch.float64, requires_grad=True)
        twin.grad = torch.tensor(trainer.gradient)
        if "clip_norm" in settings:
            torch.nn.utils.clip_grad_norm_([twin], 0.05)
        else:
            torch.nn.utils.clip_grad_value_([twin], 0.02)
        step = problem.theta - trainer.theta
        # PyTorch divides by norm + 1e-6
        assert step == pytest.approx(twin.grad.numpy(), rel=1e-4)
        assert np.linalg.norm(trainer.gradient) > 0.05


def test_early_stopping_brings_the_best_parameters_back(build: Build) -> None:
    problem = build(rows=12, validation=0.5)
    trainer = problem.trainer(
        optimizer="rprop",
        learning_rate=0.1,
        epochs=3000,
        early_stopping=EarlyStopping(patience=25),
    )
    records = list(trainer.run())
    watched = [record.loss["validation"] for record in records]
    assert trainer.stopped == "early"
    assert len(records) - 1 - int(np.argmin(watched)) == 25
    assert final(trainer)["validation"]["loss"] == min(watched)


def test_target_loss_stops(build: Build) -> None:
    trainer = build().trainer(optimizer="adam", learning_rate=0.02, target_loss=0.05, epochs=5000)
    found = losses(trainer)
    assert trainer.stopped == "target"
    assert found[-1] < 0.05 <= found[-2]


def test_lbfgs_says_when_it_has_converged(build: Build) -> None:
    trainer = build(rows=4).trainer(optimizer="lbfgs", epochs=2000)
    found = losses(trainer)
    assert trainer.stopped == "converged"
    assert found == sorted(found, reverse=True)
    assert found[-1] < 1e-12


@pytest.mark.parametrize("batch_size", [None, 7])
def test_divergence_names_the_place_and_keeps_the_last_good_parameters(
    build: Build, batch_size: int | None
) -> None:
    problem = build(activation="square", scale=10.0)
    trainer = problem.trainer(learning_rate=10.0, epochs=100, batch_size=batch_size)
    with pytest.raises(DivergedError) as caught:
        list(trainer.run())
    places = {step.node for step in problem.plan.steps} | {p.name for p in problem.plan.parameters}
    assert caught.value.place in places | set(problem.plan.edges)
    assert caught.value.step == trainer.updates > 0
    assert np.isfinite(trainer.theta).all()


def test_interrupt_stops_within_an_epoch_and_run_goes_on(build: Build) -> None:
    problem = build()
    asked: list[int] = []

    def yield_gil() -> None:
        if trainer.updates == 17 and not asked:
            asked.append(trainer.epoch)
            trainer.interrupt()

    settings = Training(learning_rate=0.01, epochs=12, batch_size=5)
    made = problem.plan, problem.data, settings, problem.theta
    straight = losses(Trainer(*made, engine="numpy"))
    trainer = Trainer(*made, yield_gil=yield_gil, engine="numpy")
    found = [record.loss["train"] for record in trainer.run()]
    assert trainer.epoch == 1
    assert 0 < trainer.batch < trainer.batches
    found += losses(trainer)
    assert found == straight


def test_parameters_set_by_hand_count_at_once(build: Build) -> None:
    problem = build()
    trainer = problem.trainer(**GENTLE)
    run = trainer.run()
    next(run)
    trainer.set_parameters(np.zeros_like(trainer.theta))
    trainer.step()
    twin = replace(problem, theta=np.zeros_like(problem.theta)).trainer(**GENTLE)
    twin.step()
    assert np.array_equal(trainer.theta, twin.theta)


def test_closing_the_run_leaves_a_state_to_go_on_from(build: Build) -> None:
    trainer = build().trainer(**GENTLE)
    run = trainer.run()
    next(run)
    next(run)
    run.close()
    assert [record.epoch for record in trainer.run()] == list(range(2, 13))


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_yielding_the_gil_is_asked_for(build: Build, engine: Any) -> None:
    problem = build()
    yields: list[int] = []
    settings = problem.trainer(**GENTLE).settings
    trainer = Trainer(
        problem.plan,
        problem.data,
        settings,
        problem.theta,
        yield_gil=lambda: yields.append(1),
        engine=engine,
    )
    trainer.step()
    assert yields


def test_summary_has_every_split(build: Build) -> None:
    trainer = build(validation=0.25).trainer(**GENTLE)
    records: list[Epoch] = list(trainer.run())
    found = curves(records)
    assert set(found) == {"train", "validation"}
    assert len(found["train"]["loss"]) == 13
    assert set(final(trainer)) == {"train", "validation"}
    assert final(trainer)["train"]["loss"] == pytest.approx(records[-1].loss["train"])
    assert set(final(trainer)["train"]) == {"loss", "r_squared"}
