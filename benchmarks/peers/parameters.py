"""A problem's initial parameters as code that knows nothing of plans would hold them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from engine.benchmark.cases import PreparedCase
from engine.benchmark.networks import LayeredNetwork, SparseNetwork
from engine.declaration.op import Array


def of_layers(problem: PreparedCase, layers: LayeredNetwork) -> list[tuple[Array, Array]]:
    """Return W (units, inputs) and b (units,) of each layer."""
    values = problem.parameters()
    names = ["x", *(f"l{k}" for k in range(1, len(layers.sizes)))]
    return [
        (values[f"{source}-{name}.weight"], values[f"{name}.bias"])
        for source, name in pairwise(names)
    ]


def of_wiring(problem: PreparedCase, wiring: SparseNetwork) -> list[tuple[Array, Array]]:
    """Return w (sources,) and b (1,) of each neuron."""
    values, names = problem.parameters(), wiring.names
    return [
        (
            np.concatenate([values[f"{names[i]}-{name}.weight"].ravel() for i in sources]),
            values[f"{name}.bias"],
        )
        for name, sources in zip(names[wiring.inputs :], wiring.sources, strict=True)
    ]
