"""Neurons of single edges: their weighted sums, one after the other, and the functions behind."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.arrays.aliases import Integers
from engine.arrays.columnar import ragged
from engine.native.runtime.kernel import Fields, Kernel, RowsRead
from engine.native.runtime.memory import call, copied
from engine.native.simd.array_views import prefetch, row
from engine.native.simd.jit import exact
from engine.native.simd.vector_arithmetic import spread, total
from engine.native.simd.vectors import lanes, store, width

_AHEAD = 1024  # rows: what is read so much later, memory has sent by then


class WeightedSums(NamedTuple):
    """An instruction: ``length`` neurons, the first being the listed one ``neuron``.

    Their sums are rows from ``net`` on; if ``then``, rows from ``value`` on are functions of those,
    each listed for its neuron. It begins with the fields of `FunctionCall`: the function of each
    neuron in turn is called with them.
    """

    out: int
    a: int
    rows: int
    need_a: int
    overwrites: int
    p: float
    q: float
    neuron: int
    length: int
    net: int
    value: int
    then: int


@exact
def _weigh(neuron: Any, s: Any, graph: Any, theta: Any, v: Any) -> None:
    """Set s = b + Σₑ wₑ·xₑ of a neuron."""
    pointers, _senders, sources, biases = graph
    bias, start, stop = biases[neuron], pointers[neuron], pointers[neuron + 1]
    for at in range(0, s.size, width(s)):
        net = spread(s, theta[bias] if bias >= 0 else 0.0)
        for e in range(start, stop):
            net += theta[e] * lanes(row(v, sources[e]), at)
        store(s, at, net)


@exact
def _learn(neuron: Any, out: Any, graph: Any, theta: Any, v: Any, d: Any, gradient: Any) -> None:
    """Set ∂E/∂wₑ = Σ over the batch of δ·xₑ, ∂E/∂b = Σ δ; add the messages wₑ·δ to the sources.

    δ is row ``out`` of d.
    """
    pointers, senders, sources, biases = graph
    bias, silent = biases[neuron], senders[neuron]
    start, stop = pointers[neuron], pointers[neuron + 1]
    zero, deltas = theta[0] * 0, row(d, out)
    prefetch(v, max(0, out - _AHEAD))
    prefetch(d, max(0, out - _AHEAD))
    for at in range(0, deltas.size, width(deltas)):
        delta = lanes(deltas, at)
        if bias >= 0:
            gradient[bias] = (gradient[bias] if at else zero) + total(delta)
        for e in range(start, stop):
            slope = total(delta * lanes(row(v, sources[e]), at))
            gradient[e] = (gradient[e] if at else zero) + slope
            if e >= silent:
                to = row(d, sources[e])
                store(to, at, lanes(to, at) + theta[e] * delta)


def _forward(m: Any, c: Any) -> None:
    """Compute neurons one after the other: a neuron may read the one before it."""
    graph = (m.pointers, m.senders, m.sources, m.biases)
    theta, v, functions, addresses = m.theta, m.values, m.functions, m.addresses
    function = copied(c)
    for i in range(c.length):
        _weigh(c.neuron + i, row(v, c.net + i), graph, theta, v)
        if c.then:
            function.a, function.out = c.net + i, c.value + i
            call(addresses[functions[c.neuron + i], 0], m, function)


def _backward(m: Any, c: Any) -> None:
    graph = (m.pointers, m.senders, m.sources, m.biases)
    theta, gradient, v, d = m.theta, m.gradient, m.values, m.deltas
    functions, addresses = m.functions, m.addresses
    function = copied(c)
    for i in range(c.length - 1, -1, -1):
        if c.then:
            function.a, function.out = c.net + i, c.value + i
            call(addresses[functions[c.neuron + i], 1], m, function)
        _learn(c.neuron + i, c.net + i, graph, theta, v, d, gradient)


def listed_edges(c: Fields, begin: Integers, pointers: Integers) -> Integers:
    """Return the edges of some instructions, those of each neuron from its ``begin`` on."""
    neurons = ragged(c["neuron"], c["length"])
    return ragged(begin[neurons], pointers[neurons + 1] - begin[neurons])


def _reads(c: Fields, program: Any) -> list[RowsRead]:
    """Each sum's δ comes from its function alone."""
    rows = program.sources[listed_edges(c, program.senders, program.pointers)].astype(np.int64)
    return [RowsRead(rows, rows * 0 + 1), RowsRead(c["net"], c["length"] * c["then"], c["then"])]


KERNELS = (Kernel("edges", WeightedSums, _forward, _backward, _reads),)
