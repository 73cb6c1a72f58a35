"""Weights drawn one by one: neurons in rows, their edges behind each other (CSR).

Neuron i of a run has the edges ``pointers[i] … pointers[i + 1]``; from ``senders[i]`` on, their
sources' δ are needed. An edge has the row it reads, the weight of edge e is entry e of θ; a bias is
a place in θ, or −1. Values are (row, batch).
"""

from __future__ import annotations

from typing import Any

from engine.native.jit import kernel


@kernel
def weigh(first: Any, count: Any, out: Any, graph: Any, theta: Any, v: Any) -> None:
    """Set s = b + Σₑ wₑ·xₑ of the neurons ``first`` …, into the rows from ``out`` on."""
    pointers, _senders, sources, biases = graph
    batch = v.shape[1]
    for i in range(count):
        s, bias = v[out + i], biases[first + i]
        start = theta[bias] if bias >= 0 else type(theta[0])(0)
        for j in range(batch):
            s[j] = start
        e, end = pointers[first + i], pointers[first + i + 1]
        while e + 4 <= end:  # four at a time: s is read and written once for them
            w0, w1 = theta[e], theta[e + 1]
            w2, w3 = theta[e + 2], theta[e + 3]
            x0, x1 = v[sources[e]], v[sources[e + 1]]
            x2, x3 = v[sources[e + 2]], v[sources[e + 3]]
            for j in range(batch):
                s[j] += w0 * x0[j] + w1 * x1[j] + w2 * x2[j] + w3 * x3[j]
            e += 4
        while e < end:
            w0, x0 = theta[e], v[sources[e]]
            for j in range(batch):
                s[j] += w0 * x0[j]
            e += 1


@kernel
def send_back(first: Any, count: Any, out: Any, graph: Any, theta: Any, v: Any, d: Any) -> None:
    """Add wₑ·δ to the sources' δ: the messages."""
    pointers, senders, sources, _biases = graph
    batch = v.shape[1]
    for i in range(count - 1, -1, -1):
        delta = d[out + i]
        for e in range(senders[first + i], pointers[first + i + 1]):
            w, to = theta[e], d[sources[e]]
            for j in range(batch):
                to[j] += w * delta[j]


@kernel
def learn(first: Any, count: Any, out: Any, graph: Any, v: Any, d: Any, gradient: Any) -> None:
    """Set ∂E/∂wₑ = Σ over the batch of δ·xₑ, and ∂E/∂b = Σ δ."""
    pointers, _senders, sources, biases = graph
    batch = v.shape[1]
    zero = type(gradient[0])(0)
    for i in range(count):
        delta, bias = d[out + i], biases[first + i]
        if bias >= 0:
            total = zero
            for j in range(batch):
                total += delta[j]
            gradient[bias] = total
        e, end = pointers[first + i], pointers[first + i + 1]
        while e + 4 <= end:
            x0, x1 = v[sources[e]], v[sources[e + 1]]
            x2, x3 = v[sources[e + 2]], v[sources[e + 3]]
            g0, g1, g2, g3 = zero, zero, zero, zero
            for j in range(batch):
                g0 += delta[j] * x0[j]
                g1 += delta[j] * x1[j]
                g2 += delta[j] * x2[j]
                g3 += delta[j] * x3[j]
            gradient[e] = g0
            gradient[e + 1] = g1
            gradient[e + 2] = g2
            gradient[e + 3] = g3
            e += 4
        while e < end:
            x0, g0 = v[sources[e]], zero
            for j in range(batch):
                g0 += delta[j] * x0[j]
            gradient[e] = g0
            e += 1
