"""The bare matrix products of a stack of layers: what no implementation can do without."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.peers.parameters import of_layers
from engine.benchmark.cases import PreparedCase
from engine.benchmark.networks import LayeredNetwork


class ProductsRunner:
    """W·x and δ·xᵀ of each layer, and Wᵀ·δ but for the first; a batch is a matrix's columns.

    Raises
    ------
    TypeError
        If the network is no stack of layers.
    """

    def __init__(self, problem: PreparedCase) -> None:
        if not isinstance(problem.network, LayeredNetwork):
            raise TypeError("only layers have matrix products")
        rng, batch = np.random.default_rng(0), problem.case.batch
        self._weights = [w.copy() for w, _ in of_layers(problem, problem.network)]
        self._slopes = [np.empty_like(w) for w in self._weights]
        self._values = [rng.random((n, batch), np.float32) for n in problem.network.sizes]
        self._nets, self._deltas = (
            [rng.random((n, batch), np.float32) for n in problem.network.sizes] for _ in range(2)
        )

    def reset(self) -> None:
        """Do nothing: there is nothing to learn."""

    def run(self, updates: int) -> None:
        """Compute the products of as many updates."""
        for _ in range(updates):
            for k, w in enumerate(self._weights):
                np.matmul(w, self._values[k], out=self._nets[k + 1])
            for k in range(len(self._weights) - 1, -1, -1):
                np.matmul(self._deltas[k + 1], self._values[k].T, out=self._slopes[k])
                if k:
                    np.matmul(self._weights[k].T, self._deltas[k + 1], out=self._nets[k])

    def error(self) -> float:
        """Return NaN: there is no E."""
        return math.nan
