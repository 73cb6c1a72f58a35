"""JAX with all updates in one jitted loop: the fastest way there is to write it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers.jax_step import functions
from engine.benchmark.cases import PreparedCase


class LoopRunner:
    """Any number of updates is one call of compiled code (``lax.fori_loop``)."""

    def __init__(self, problem: PreparedCase) -> None:
        self._first, error, update = functions(problem)
        batches = problem.minibatches()
        self._x = jnp.array(np.stack([x for x, _ in batches]))
        self._y = jnp.array(np.stack([y for _, y in batches]))
        count = len(batches)

        def train(parameters: Any, x: Any, y: Any, updates: Any) -> Any:
            def body(k: Any, now: Any) -> Any:
                return update(now, x[k % count], y[k % count])

            return jax.lax.fori_loop(0, updates, body, parameters)

        self._error, self._train = jax.jit(error), jax.jit(train)
        self._parameters = self._first

    def reset(self) -> None:
        """Return to the initial parameters."""
        self._parameters = self._first

    def run(self, updates: int) -> None:
        """Make updates."""
        self._parameters = self._train(self._parameters, self._x, self._y, updates)
        jax.block_until_ready(self._parameters)

    def error(self) -> float:
        """Return E of the first minibatch."""
        return float(self._error(self._parameters, self._x[0], self._y[0]))
