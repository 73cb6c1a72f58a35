"""L-BFGS against SciPy's own on a valley that plain descent crawls through."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize, rosen, rosen_der

from engine.training.rules.lbfgs import Lbfgs, Vector


def objective(theta: Vector) -> tuple[float, Vector]:
    return float(rosen(theta)), np.asarray(rosen_der(theta))


def test_reaches_the_minimum_as_fast_as_scipy() -> None:
    start = np.array([-1.2, 1.0, -0.5, 0.8, 1.5])
    peer = minimize(objective, start, jac=True, method="L-BFGS-B", tol=1e-14)
    theta, rule = start.copy(), Lbfgs()
    while rule.update(theta, *objective(theta), objective):
        assert rule.count < 2 * peer.nit + 10
    assert np.abs(theta - 1).max() < 1e-6
    assert len(rule.state) == 2 * (rule.memory + 1)


def test_stays_where_nothing_is_lower() -> None:
    theta = np.ones(3)
    assert not Lbfgs().update(theta, *objective(theta), objective)
    assert np.array_equal(theta, np.ones(3))
