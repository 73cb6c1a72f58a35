"""JAX with one jitted function for an update, called from a Python loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.peers.parameters import of_layers, of_wiring
from engine.benchmark.cases import PreparedCase
from engine.benchmark.networks import LayeredNetwork

Function = Callable[..., Any]

ACTIVATIONS: Mapping[str, Function] = {
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "identity": lambda x: x,
}


def _half_squared_error(prediction: Any, target: Any) -> Any:
    return jnp.square(prediction - target).sum(1).mean() / 2


def _cross_entropy(prediction: Any, target: Any) -> Any:
    return -(target * jax.nn.log_softmax(prediction)).sum(1).mean()


LOSSES: Mapping[str, Function] = {
    "half_squared_error": _half_squared_error,
    "cross_entropy": _cross_entropy,
}


def functions(problem: PreparedCase) -> tuple[Any, Function, Function]:
    """Return parameters, E(parameters, x, y) and update(parameters, x, y) → parameters."""
    network, rate = problem.network, problem.case.rate
    judge = LOSSES[network.loss]
    if isinstance(network, LayeredNetwork):
        first = [(jnp.array(w.T), jnp.array(b)) for w, b in of_layers(problem, network)]
        kinds = [ACTIVATIONS[network.activation(k)] for k in range(1, len(network.sizes))]

        def predict(parameters: Any, x: Any) -> Any:
            for (w, b), activation in zip(parameters, kinds, strict=True):
                x = activation(x @ w + b)
            return x
    else:
        first = [(jnp.array(w), jnp.array(b)) for w, b in of_wiring(problem, network)]
        sources = network.sources

        def predict(parameters: Any, x: Any) -> Any:
            values = list(x.T)
            for read, (w, b) in zip(sources, parameters, strict=True):
                values.append(jnp.tanh(w @ jnp.stack([values[i] for i in read]) + b))
            return values[-1][:, None]

    def error(parameters: Any, x: Any, y: Any) -> Any:
        return judge(predict(parameters, x), y)

    def update(parameters: Any, x: Any, y: Any) -> Any:
        slopes = jax.grad(error)(parameters, x, y)
        return jax.tree.map(lambda p, g: p - rate * g, parameters, slopes)

    return first, error, update


class StepRunner:
    """An update is a call of compiled code."""

    def __init__(self, problem: PreparedCase) -> None:
        self._first, error, update = functions(problem)
        self._error, self._update = jax.jit(error), jax.jit(update)
        self._batches = [(jnp.array(x), jnp.array(y)) for x, y in problem.minibatches()]
        self._parameters = self._first

    def reset(self) -> None:
        """Return to the initial parameters."""
        self._parameters = self._first

    def run(self, updates: int) -> None:
        """Make updates."""
        for k in range(updates):
            x, y = self._batches[k % len(self._batches)]
            self._parameters = self._update(self._parameters, x, y)
        jax.block_until_ready(self._parameters)

    def error(self) -> float:
        """Return E of the first minibatch."""
        return float(self._error(self._parameters, *self._batches[0]))
