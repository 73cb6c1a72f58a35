"""Neurons of single edges: collected into runs, or into matrices where they form layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.native.program import EDGES, MATRIX, Integers
from engine.native.units import SMALL


@dataclass(frozen=True, slots=True)
class Neuron:
    """One row of net input: what it reads, and where weights and bias (or −1) lie in θ.

    ``flags``: whether it has a part in the gradient, whether its sources' δ are needed.
    """

    row: int
    flags: tuple[bool, bool]
    sources: list[int]
    weights: list[int]
    bias: int


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring rows of one instruction: `EDGES` from neuron ``first`` on, or a `MATRIX`."""

    op: int
    row: int
    count: int
    flags: tuple[bool, bool]
    first: int
    width: int = 0
    theta: int = 0
    stride: int = 0
    bias: int = -1
    bias_stride: int = 0


@dataclass(slots=True)
class Neurons:
    """The edges of all runs, one behind the other."""

    pointers: list[int] = field(default_factory=lambda: [0])
    sources: list[int] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    biases: list[int] = field(default_factory=list)

    def runs(self, neurons: Sequence[Neuron]) -> Iterator[Run]:
        """Yield what stands for neurons in neighbouring rows; edges of `EDGES` are kept."""
        waiting: list[Neuron] = []
        start = 0
        while start < len(neurons):
            stop = _layer_end(neurons, start)
            layer = neurons[start:stop]
            size = len(layer) * len(layer[0].sources)
            if size > SMALL and len(layer) > 1:
                yield from self._edges(waiting)
                waiting = []
                yield _matrix(layer)
            else:
                if waiting and waiting[0].flags != layer[0].flags:
                    yield from self._edges(waiting)
                    waiting = []
                waiting += layer
            start = stop
        yield from self._edges(waiting)

    def arrays(self) -> tuple[Integers, Integers, Integers, Integers]:
        """Return pointers, sources, weights and biases."""
        pointers, sources, weights, biases = (
            np.array(numbers, np.int64)
            for numbers in (self.pointers, self.sources, self.weights, self.biases)
        )
        return pointers, sources, weights, biases

    def _edges(self, neurons: Sequence[Neuron]) -> Iterator[Run]:
        if not neurons:
            return
        first = len(self.biases)
        for neuron in neurons:
            self.sources += neuron.sources
            self.weights += neuron.weights
            self.pointers.append(len(self.sources))
            self.biases.append(neuron.bias)
        yield Run(EDGES, neurons[0].row, len(neurons), neurons[0].flags, first)


def _layer_end(neurons: Sequence[Neuron], start: int) -> int:
    """Return where the neurons that form one matrix with ``start`` end."""
    first, stop = neurons[start], start + 1
    width = len(first.sources)
    if not (width and _in_sequence(first.sources) and _in_sequence(first.weights)):
        return stop
    steps: set[tuple[int, int]] = set()
    while stop < len(neurons):
        before, now = neurons[stop - 1], neurons[stop]
        alike = now.flags == first.flags and now.sources == first.sources
        if not alike or (now.bias < 0) != (first.bias < 0) or not _in_sequence(now.weights):
            break
        steps.add((now.weights[0] - before.weights[0], now.bias - before.bias))
        if len(steps) > 1 or now.weights[0] - before.weights[0] < width:
            break
        stop += 1
    return stop


def _in_sequence(numbers: list[int]) -> bool:
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _matrix(layer: Sequence[Neuron]) -> Run:
    first, second = layer[0], layer[1]
    return Run(
        MATRIX,
        first.row,
        len(layer),
        first.flags,
        first.sources[0],
        len(first.sources),
        first.weights[0],
        second.weights[0] - first.weights[0],
        first.bias,
        second.bias - first.bias,
    )
