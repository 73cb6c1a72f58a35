"""A. Karpathy's micrograd: every number an object, with tanh and σ added in its manner."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any

from micrograd.engine import Value

from benchmarks.peers.parameters import of_layers, of_wiring
from engine.benchmark.cases import PreparedCase
from engine.benchmark.networks import LayeredNetwork, SparseNetwork

_DEEP = 1_000_000  # micrograd finds its order by recursion


def _unary(function: Callable[[float], float], slope: Callable[[float], float]) -> Any:
    def apply(x: Any) -> Any:
        out = Value(function(x.data), (x,))

        def back() -> None:
            x.grad += slope(out.data) * out.grad

        out._backward = back  # noqa: SLF001  # how micrograd's own functions do it
        return out

    return apply


ACTIVATIONS = {
    "tanh": _unary(math.tanh, lambda z: 1 - z * z),
    "sigmoid": _unary(lambda x: 1 / (1 + math.exp(-x)), lambda z: z * (1 - z)),
}


class ScalarRunner:
    """Gradient descent with half the squared error, float64 as Python's numbers are."""

    def __init__(self, problem: PreparedCase) -> None:
        sys.setrecursionlimit(_DEEP)
        self._network, self._rate = problem.network, problem.case.rate
        self._batches = [(x.tolist(), y.tolist()) for x, y in problem.minibatches()]
        self._first: list[tuple[Any, Any]]
        if isinstance(self._network, LayeredNetwork):
            pairs = of_layers(problem, self._network)
        else:
            pairs = of_wiring(problem, self._network)
        self._first = [(w.tolist(), b.tolist()) for w, b in pairs]
        self.reset()

    def reset(self) -> None:
        """Return to the initial parameters."""
        self._parameters: list[Any] = []
        self._layers = [(self._values(w), self._values(b)) for w, b in self._first]

    def run(self, updates: int) -> None:
        """Make updates."""
        for k in range(updates):
            error = self._error(*self._batches[k % len(self._batches)])
            for p in self._parameters:
                p.grad = 0.0
            error.backward()
            for p in self._parameters:
                p.data -= self._rate * p.grad

    def error(self) -> float:
        """Return E of the first minibatch."""
        return float(self._error(*self._batches[0]).data)

    def _values(self, numbers: Any) -> Any:
        if isinstance(numbers, list):
            return [self._values(number) for number in numbers]
        self._parameters.append(Value(numbers))
        return self._parameters[-1]

    def _error(self, x: list[list[float]], y: list[list[float]]) -> Any:
        predict = self._stack if isinstance(self._network, LayeredNetwork) else self._graph
        terms = [
            (output + -wanted) ** 2
            for row, target in zip(x, y, strict=True)
            for output, wanted in zip(predict(row), target, strict=True)
        ]
        return reduce(add, terms) * (0.5 / len(x))

    def _stack(self, row: list[float]) -> list[Any]:
        assert isinstance(self._network, LayeredNetwork)  # the caller looked
        values: list[Any] = [Value(number) for number in row]
        for k, (weights, biases) in enumerate(self._layers, 1):
            activation = ACTIVATIONS[self._network.activation(k)]
            values = [
                activation(_weighted(unit, values, b))
                for unit, b in zip(weights, biases, strict=True)
            ]
        return values

    def _graph(self, row: list[float]) -> list[Any]:
        assert isinstance(self._network, SparseNetwork)  # the caller looked
        values: list[Any] = [Value(number) for number in row]
        for read, (w, b) in zip(self._network.sources, self._layers, strict=True):
            values.append(ACTIVATIONS["tanh"](_weighted(w, [values[i] for i in read], b[0])))
        return values[-1:]


def _weighted(weights: list[Any], values: list[Any], bias: Any) -> Any:
    return sum((w * x for w, x in zip(weights, values, strict=True)), bias)
