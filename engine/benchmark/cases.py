"""The cases: a network, how it is drawn, its made-up data and its batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from engine.benchmark.networks import (
    LayeredNetwork,
    Network,
    SparseNetwork,
    draw_layers,
    draw_units,
    draw_wiring,
    irregular,
)
from engine.compiler.compile import compile_document
from engine.declaration.op import Array
from engine.interpreter.parameter_vector import initial
from engine.plan.plan import Plan
from graph.model.document import Document
from graph.model.training import Training

_SEED = 0
_TYPE: Literal["float32"] = "float32"


@dataclass(frozen=True, slots=True)
class Case:
    """What is trained in a benchmark.

    Parameters
    ----------
    title : str
        For the table.
    network : callable
        Returns the network.
    batch : int
        Rows of a minibatch.
    rate : float
        Learning rate.
    batches : int
        Minibatches of made-up data, visited in turn.
    by_unit : bool
        Whether layers are drawn neuron by neuron.
    """

    title: str
    network: Callable[[], Network]
    batch: int
    rate: float
    batches: int = 8
    by_unit: bool = False

    def draw(self) -> Document:
        """Draw the network."""
        network = self.network()
        if isinstance(network, SparseNetwork):
            return draw_wiring(network)
        return draw_units(network) if self.by_unit else draw_layers(network)

    @property
    def settings(self) -> Training:
        """Plain gradient descent in float32."""
        return Training(learning_rate=self.rate, batch_size=self.batch, dtype=_TYPE)


_XOR = partial(LayeredNetwork, (2, 2, 1), "sigmoid", "sigmoid", "half_squared_error")
_SMALL = partial(LayeredNetwork, (2, 8, 8, 1), "tanh", "sigmoid", "half_squared_error")
_NIELSEN = partial(LayeredNetwork, (784, 30, 10), "sigmoid", "sigmoid", "half_squared_error")
_MEDIUM = partial(LayeredNetwork, (784, 128, 64, 10), "relu", "identity", "cross_entropy")
_LARGE = partial(LayeredNetwork, (784, 1024, 1024, 10), "relu", "identity", "cross_entropy")


def irregular_case(neurons: int) -> Case:
    """Return a random graph of scalar neurons with 8 inputs each, batch 32."""
    build = partial(irregular, neurons, 8)
    return Case(f"irregular, {neurons:,} × 8, batch 32", build, 32, 0.01)


CASES: Mapping[str, Case] = {
    "xor": Case("XOR 2-2-1, batch 4", _XOR, 4, 0.5, 1),
    "small": Case("2-8-8-1, batch 32", _SMALL, 32, 0.1),
    "nielsen": Case("784-30-10, batch 10", _NIELSEN, 10, 0.5, 100),
    "nielsen-units": Case("784-30-10, batch 10, by neurons", _NIELSEN, 10, 0.5, 100, by_unit=True),
    "medium": Case("784-128-64-10, batch 64", _MEDIUM, 64, 0.05, 16),
    "large": Case("784-1024-1024-10, batch 256", _LARGE, 256, 0.02, 4),
    "mnist": Case("784-30-10, batch 10, 60,000 examples", _NIELSEN, 10, 3.0, 6_000),
    "irregular-100": irregular_case(100),
    "irregular-1000": irregular_case(1_000),
    "irregular-100000": irregular_case(100_000),
}


@dataclass(frozen=True, slots=True)
class PreparedCase:
    """A case ready to run: everything that any peer needs to compute the same numbers.

    Parameters
    ----------
    case, network, document, plan
        What is run.
    theta : (P,) array
        Where it starts, float32.
    columns : mapping
        ``x`` (m, inputs) and ``y`` (m, outputs), float32.
    """

    case: Case
    network: Network
    document: Document
    plan: Plan
    theta: Array
    columns: Mapping[str, Array]

    @property
    def samples(self) -> int:
        """Edges with a weight, times rows of a batch: what the time of an update is divided by."""
        return self.network.weights * self.case.batch

    def parameters(self) -> dict[str, Array]:
        """Return the initial value of each parameter by name."""
        return {
            p.name: self.theta[p.offset : p.offset + p.size].reshape(p.shape)
            for p in self.plan.parameters
        }

    def minibatches(self) -> list[tuple[Array, Array]]:
        """Return x and y of each minibatch."""
        cuts = range(self.case.batch, len(self.columns["x"]), self.case.batch)
        x, y = (np.split(self.columns[name], list(cuts)) for name in ("x", "y"))
        return list(zip(x, y, strict=True))


def prepare(
    case: Case, columns: Mapping[str, Array] | None = None, document: Document | None = None
) -> PreparedCase:
    """Draw, compile and initialise a case; data and drawing are made up unless they are given."""
    network, document = case.network(), document or case.draw()
    columns = made_up(network, case.batch * case.batches) if columns is None else columns
    plan = compile_document(document, {name: part.shape[1] for name, part in columns.items()})
    theta = initial(plan, document, _SEED, dtype=np.float32)
    return PreparedCase(case, network, document, plan, theta, columns)


def made_up(network: Network, rows: int) -> dict[str, Array]:
    """Return random inputs, and classes (one-hot, several outputs) or numbers as targets."""
    rng = np.random.default_rng(_SEED)
    if (network.inputs, rows) == (2, 4):
        x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], _TYPE)
        return {"x": x, "y": np.array([[0], [1], [1], [0]], _TYPE)}
    x = rng.random((rows, network.inputs), np.float32)
    if network.outputs > 1:
        return {
            "x": x,
            "y": np.eye(network.outputs, dtype=_TYPE)[np.arange(rows) % network.outputs],
        }
    return {"x": x, "y": rng.random((rows, 1), np.float32)}
