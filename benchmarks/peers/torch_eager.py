"""PyTorch as its tutorials write it: a module, a loss, ``torch.optim.SGD``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from benchmarks.peers.parameters import of_layers, of_wiring
from engine.benchmark.cases import PreparedCase
from engine.benchmark.networks import LayeredNetwork, SparseNetwork

ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "identity": nn.Identity,
}


def half_squared_error(prediction: Tensor, target: Tensor) -> Tensor:
    """Return ½ Σ (ŷ − t)², the mean of the batch."""
    return (prediction - target).square().sum(1).mean() / 2


LOSSES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "half_squared_error": half_squared_error,
    "cross_entropy": nn.functional.cross_entropy,
}


class Wired(nn.Module):
    """An irregular graph: a loop over its neurons, each a few tensor operations on the batch."""

    def __init__(self, wiring: SparseNetwork) -> None:
        super().__init__()
        self._inputs, self._sources = wiring.inputs, wiring.sources
        self.weights = nn.ParameterList(torch.zeros(len(read)) for read in wiring.sources)
        self.biases = nn.ParameterList(torch.zeros(1) for _ in wiring.sources)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the last neuron, (B, inputs) → (B, 1)."""
        values = list(x.unbind(1))
        for read, w, b in zip(self._sources, self.weights, self.biases, strict=True):
            values.append(torch.tanh(torch.stack([values[i] for i in read], 1) @ w + b))
        return values[-1].unsqueeze(1)


def module(problem: PreparedCase) -> nn.Module:
    """Return the network with the problem's initial parameters."""
    network = problem.network
    if isinstance(network, LayeredNetwork):
        parts: list[nn.Module] = []
        for k in range(1, len(network.sizes)):
            parts.append(nn.Linear(network.sizes[k - 1], network.sizes[k]))
            parts.append(ACTIVATIONS[network.activation(k)]())
        made: nn.Module = nn.Sequential(*parts)
        pairs = of_layers(problem, network)
    else:
        made, pairs = Wired(network), of_wiring(problem, network)
        first = [w for w, _ in pairs], [b for _, b in pairs]
        _fill(list(made.parameters()), [*first[0], *first[1]])
        return made
    _fill(list(made.parameters()), [array for pair in pairs for array in pair])
    return made


class TorchRunner:
    """PyTorch, eager or compiled."""

    def __init__(self, problem: PreparedCase, *, compiled: bool = False) -> None:
        self._net = module(problem)
        self._first = [p.detach().clone() for p in self._net.parameters()]
        loss, net = LOSSES[problem.network.loss], self._net

        def compute(x: Tensor, y: Tensor) -> Tensor:
            return loss(net(x), y)

        self._compute: Callable[[Tensor, Tensor], Tensor] = compute
        if compiled:
            self._compute = torch.compile(compute)
        self._optimizer = torch.optim.SGD(net.parameters(), problem.case.rate)
        self._batches = [
            (torch.from_numpy(x.copy()), torch.from_numpy(y.copy()))
            for x, y in problem.minibatches()
        ]

    def reset(self) -> None:
        """Return to the initial parameters."""
        with torch.no_grad():
            for parameter, first in zip(self._net.parameters(), self._first, strict=True):
                parameter.copy_(first)

    def run(self, updates: int) -> None:
        """Make updates."""
        for k in range(updates):
            x, y = self._batches[k % len(self._batches)]
            self._optimizer.zero_grad()
            self._compute(x, y).backward()  # type: ignore[no-untyped-call]  # torch's own is not
            self._optimizer.step()

    def error(self) -> float:
        """Return E of the first minibatch."""
        with torch.no_grad():
            return float(self._compute(*self._batches[0]))


def _fill(parameters: list[nn.Parameter], arrays: list[object]) -> None:
    with torch.no_grad():
        for parameter, array in zip(parameters, arrays, strict=True):
            parameter.copy_(torch.as_tensor(array))
