"""Weights drawn one by one: neurons in rows, their edges behind each other (CSR).

Neuron i of a run has the edges ``pointers[i] … pointers[i + 1]``; from ``senders[i]`` on, their
sources' δ are needed. An edge has the row it reads, the weight of edge e is entry e of θ; a bias is
a place in θ, or −1. Values are (row, batch).
"""

from __future__ import annotations

from typing import Any

from engine.native.simd.array_views import expect, row
from engine.native.simd.jit import exact
from engine.native.simd.vector_arithmetic import spread, total
from engine.native.simd.vectors import lanes, store, width

_AHEAD = 1024  # rows: what is read so much later, memory has sent by then


@exact
def weigh(neuron: Any, s: Any, graph: Any, theta: Any, v: Any) -> None:
    """Set s = b + Σₑ wₑ·xₑ of a neuron."""
    pointers, _senders, sources, biases = graph
    bias, start, stop = biases[neuron], pointers[neuron], pointers[neuron + 1]
    for at in range(0, s.size, width(s)):
        net = spread(s, theta[bias] if bias >= 0 else 0.0)
        for e in range(start, stop):
            net += theta[e] * lanes(row(v, sources[e]), at)
        store(s, at, net)


@exact
def learn(neuron: Any, out: Any, graph: Any, theta: Any, v: Any, d: Any, gradient: Any) -> None:
    """Set ∂E/∂wₑ = Σ over the batch of δ·xₑ, ∂E/∂b = Σ δ; add the messages wₑ·δ to the sources.

    δ is row ``out`` of d.
    """
    pointers, senders, sources, biases = graph
    bias, silent = biases[neuron], senders[neuron]
    start, stop = pointers[neuron], pointers[neuron + 1]
    zero, deltas = theta[0] * 0, row(d, out)
    expect(v, max(0, out - _AHEAD))
    expect(d, max(0, out - _AHEAD))
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
