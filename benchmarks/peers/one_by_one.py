"""The algorithm of M. Nielsen's ``network.py`` in NumPy: one example at a time.

Source: M. Nielsen, Neural networks and deep learning (2015), chapter 1: for every example of a
minibatch, backpropagation with column vectors; the gradients are summed, then an update is made.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers.parameters import of_layers
from engine.benchmark.cases import PreparedCase
from engine.benchmark.networks import LayeredNetwork
from engine.declaration.op import Array


def sigmoid(z: Array) -> Array:
    """Return 1/(1 + e⁻ᶻ)."""
    return np.asarray(1 / (1 + np.exp(-z)))


class NielsenRunner:
    """A stack of sigmoid layers with the quadratic cost.

    Raises
    ------
    TypeError
        If the network is another.
    """

    def __init__(self, problem: PreparedCase) -> None:
        network = problem.network
        if not isinstance(network, LayeredNetwork) or network.loss != "half_squared_error":
            raise TypeError("network.py has sigmoid layers and the quadratic cost only")
        pairs = of_layers(problem, network)
        self._first = [w for w, _ in pairs], [b.reshape(-1, 1) for _, b in pairs]
        self._rate = np.float32(problem.case.rate)
        self._batches = [
            [(a.reshape(-1, 1), b.reshape(-1, 1)) for a, b in zip(x, y, strict=True)]
            for x, y in problem.minibatches()
        ]
        self.reset()

    def reset(self) -> None:
        """Return to the initial parameters."""
        self._weights = [w.copy() for w in self._first[0]]
        self._biases = [b.copy() for b in self._first[1]]

    def run(self, updates: int) -> None:
        """Make updates."""
        for k in range(updates):
            self._update(self._batches[k % len(self._batches)])

    def error(self) -> float:
        """Return E of the first minibatch."""
        total = 0.0
        for x, y in self._batches[0]:
            a = x
            for w, b in zip(self._weights, self._biases, strict=True):
                a = sigmoid(w @ a + b)
            total += float(((a - y) ** 2).sum()) / 2
        return total / len(self._batches[0])

    def _update(self, batch: list[tuple[Array, Array]]) -> None:
        by_b = [np.zeros_like(b) for b in self._biases]
        by_w = [np.zeros_like(w) for w in self._weights]
        for x, y in batch:
            more_b, more_w = self._slopes(x, y)
            by_b = [total + one for total, one in zip(by_b, more_b, strict=True)]
            by_w = [total + one for total, one in zip(by_w, more_w, strict=True)]
        step = self._rate / np.float32(len(batch))
        self._weights = [w - step * g for w, g in zip(self._weights, by_w, strict=True)]
        self._biases = [b - step * g for b, g in zip(self._biases, by_b, strict=True)]

    def _slopes(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        """Return the gradients for one example."""
        values, nets = [x], []
        for w, b in zip(self._weights, self._biases, strict=True):
            nets.append(w @ values[-1] + b)
            values.append(sigmoid(nets[-1]))
        delta = (values[-1] - y) * sigmoid(nets[-1]) * (1 - sigmoid(nets[-1]))
        by_b: list[Array] = [delta]
        by_w: list[Array] = [delta @ values[-2].T]
        for layer in range(len(nets) - 2, -1, -1):
            slope = sigmoid(nets[layer]) * (1 - sigmoid(nets[layer]))
            delta = (self._weights[layer + 1].T @ delta) * slope
            by_b.insert(0, delta)
            by_w.insert(0, delta @ values[layer].T)
        return by_b, by_w
