"""Schedules against PyTorch's schedulers and against their own descriptions."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from engine.training.rules.schedules import Plateau, rate
from graph.model.training import Schedule, Training

EPOCHS = 40


def rates(**schedule: Any) -> list[float]:
    settings = Training(learning_rate=0.2, epochs=EPOCHS, schedule=Schedule(**schedule))
    return [rate(settings, epoch) for epoch in range(EPOCHS)]


def peer(build: Any, **keywords: Any) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
    scheduler = build(optimizer, **keywords)
    result = []
    for _ in range(EPOCHS):
        result.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return result


def test_constant() -> None:
    assert rates() == [0.2] * EPOCHS


def test_step_equals_pytorch() -> None:
    mine = rates(name="step", every=7, factor=0.3)
    theirs = peer(torch.optim.lr_scheduler.StepLR, step_size=7, gamma=0.3)
    assert mine == pytest.approx(theirs, rel=1e-12)


def test_exponential_equals_pytorch() -> None:
    mine = rates(name="exponential", factor=0.9)
    assert mine == pytest.approx(peer(torch.optim.lr_scheduler.ExponentialLR, gamma=0.9), rel=1e-12)


def test_cosine_equals_pytorch() -> None:
    mine = rates(name="cosine", floor=0.1)
    theirs = peer(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=EPOCHS, eta_min=0.02)
    assert mine == pytest.approx(theirs, rel=1e-9)


def test_one_cycle_rises_to_the_rate_and_falls_back() -> None:
    mine = rates(name="one_cycle", floor=0.1, rise=0.25)
    assert mine[0] == pytest.approx(0.02)
    assert mine[10] == pytest.approx(0.2)
    assert mine[:11] == sorted(mine[:11])
    assert mine[10:] == sorted(mine[10:], reverse=True)


def test_warmup_rises_linearly_then_the_schedule_starts() -> None:
    mine = rates(name="exponential", factor=0.9, warmup=4)
    assert mine[:6] == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.2, 0.18])


def test_plateau_equals_pytorch() -> None:
    losses = [5, 4, 4, 4, 4, 3.5, 3.6, 3.5, 3.7, 3.4, 3.4, 3.4, 3.4, 3.4, 3.4, 3.4]
    schedule = Schedule(name="plateau", patience=3, factor=0.5)
    plateau = Plateau()
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    peer = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=2, threshold=0, threshold_mode="abs"
    )
    for loss in losses:
        plateau.observe(loss, schedule)
        peer.step(loss)
        assert plateau.factor == optimizer.param_groups[0]["lr"]
