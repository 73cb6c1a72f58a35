"""Trajectories equal PyTorch's, on a quadratic with noisy gradients, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from engine.training.rules.optimizers import OPTIMIZERS
from graph.model.training import Training

RATE = 0.03
PEERS: dict[str, Callable[[list[torch.Tensor]], torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=RATE),
    "momentum": lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.9, nesterov=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=RATE, eps=1e-8),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=RATE, alpha=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=RATE),
    "adamw": lambda p: torch.optim.AdamW(p, lr=RATE, weight_decay=0.01),
    "rprop": lambda p: torch.optim.Rprop(p, lr=RATE),
}


def test_every_optimizer_has_a_peer() -> None:
    assert set(PEERS) == set(OPTIMIZERS)


@pytest.mark.parametrize("name", list(PEERS))
def test_trajectory_equals_pytorch(name: str) -> None:
    rng = np.random.default_rng(1)
    size, steps = 50, 200
    curvature = rng.uniform(0.1, 3.0, size)
    theta = rng.normal(size=size)
    noise = rng.normal(scale=0.3, size=(steps, size))
    twin = torch.tensor(theta.copy(), requires_grad=True)
    peer = PEERS[name]([twin])
    mine = OPTIMIZERS[name](Training(optimizer="sgd"), size, theta.dtype)
    for step in range(steps):
        mine.update(theta, curvature * theta + noise[step], RATE)
        values = twin.detach().numpy()
        twin.grad = torch.tensor(curvature * values + noise[step])
        peer.step()
        np.testing.assert_allclose(theta, twin.detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", list(OPTIMIZERS))
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_update_keeps_type_gradient_and_place(name: str, kind: type[np.floating[Any]]) -> None:
    theta = np.linspace(-1, 1, 7, dtype=kind)
    gradient = np.linspace(2, -1, 7, dtype=kind)
    rule = OPTIMIZERS[name](Training(), 7, theta.dtype)
    before, address = gradient.copy(), theta.ctypes.data
    start = theta.copy()
    rule.update(theta, gradient, 0.1)
    assert theta.dtype == kind
    assert theta.ctypes.data == address
    assert np.array_equal(gradient, before)
    assert not np.array_equal(theta, start)
    assert all(array.dtype == kind for array in rule.state)


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_restored_rule_continues_bit_for_bit(name: str) -> None:
    rng = np.random.default_rng(2)
    gradients = rng.normal(size=(20, 9))
    theta = rng.normal(size=9)
    rule = OPTIMIZERS[name](Training(), 9, theta.dtype)
    for gradient in gradients[:10]:
        rule.update(theta, gradient, 0.05)
    again = OPTIMIZERS[name](Training(), 9, theta.dtype)
    again.restore(rule.count, tuple(array.copy() for array in rule.state))
    twin = theta.copy()
    for gradient in gradients[10:]:
        rule.update(theta, gradient, 0.05)
        again.update(twin, gradient, 0.05)
    assert np.array_equal(theta, twin)
