"""Gathering a minibatch: chosen rows of the table become columns of the arena."""

from __future__ import annotations

from typing import Any

from engine.native.simd.array_views import block, expect, row, span
from engine.native.simd.jit import Typed, exact, generated, ir, kernel, signature, types
from engine.native.simd.vector_arithmetic import spread, total
from engine.native.simd.vectors import lanes, store, width

_SIDE = 8


def _swap(builder: Any, lines: list[Any], step: int) -> None:
    """Exchange what lies ``step`` to the right with what lies ``step`` below."""
    index = ir.VectorType(ir.IntType(32), _SIDE)
    upper = [k if not k & step else k - step + _SIDE for k in range(_SIDE)]
    lower = [k + step if not k & step else k + _SIDE for k in range(_SIDE)]
    for i in range(_SIDE):
        if not i & step:
            a, b = lines[i], lines[i + step]
            lines[i] = builder.shuffle_vector(a, b, ir.Constant(index, upper))
            lines[i + step] = builder.shuffle_vector(a, b, ir.Constant(index, lower))


@generated
def _turn(typingctx: Any, table: Any, rows: Any, column: Any, z: Any, first: Any, j: Any) -> Typed:
    """Set z[first + i, j + k] ← table[rows[j + k], column + i] for i, k < 8."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data, chosen, left, out, top, at = arguments
        data, chosen, out = (
            context.make_array(kind)(context, builder, value)
            for kind, value in ((table, data), (rows, chosen), (z, out))
        )
        size = table.dtype.bitwidth // 8
        square = ir.VectorType(data.data.type.pointee, _SIDE).as_pointer()

        def place(array: Any, i: Any, k: Any) -> Any:
            start = builder.mul(i, builder.extract_value(array.shape, 1))
            return builder.bitcast(builder.gep(array.data, [builder.add(start, k)]), square)

        numbers = [ir.IntType(64)(k) for k in range(_SIDE)]
        examples = [builder.gep(chosen.data, [builder.add(at, k)]) for k in numbers]
        lines = [builder.load(place(data, builder.load(i), left), align=size) for i in examples]
        for step in (1, 2, 4):
            _swap(builder, lines, step)
        for i, line in zip(numbers, lines, strict=True):
            builder.store(line, place(out, builder.add(top, i), at), align=size)
        return context.get_dummy_value()

    index = types.int64
    return signature(types.none, table, rows, index, z, index, index), generate


@kernel
def _gather(table: Any, rows: Any, column: Any, z: Any) -> None:
    """Set z (n, B) ← table[rows, column:column + n]ᵀ, in squares as far as they go."""
    n, batch = z.shape[0], z.shape[1]
    wide, tall = n - n % _SIDE, batch - batch % _SIDE
    for j in range(0, tall, _SIDE):
        for i in range(0, wide, _SIDE):
            _turn(table, rows, column + i, z, i, j)
    for j in range(batch):
        example = span(row(table, rows[j]), column, n)
        for i in range(wide if j < tall else 0, n):
            z[i, j] = example[i]


@kernel
def load(loads: Any, table: Any, rows: Any, v: Any) -> None:
    """Load what is listed: first row of v, first column of the table, how many."""
    for k in range(loads.shape[0]):
        _gather(table, rows, loads[k, 1], block(v, loads[k, 0], loads[k, 2]))


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
