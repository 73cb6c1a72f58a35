"""Gathering a minibatch: chosen rows of the table become columns of the arena."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.native.runtime.kernel import Kernel
from engine.native.simd.array_views import block, row, span
from engine.native.simd.jit import Typed, generated, ir, kernel, signature, types

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


class ColumnsLoaded(NamedTuple):
    """An instruction: the first ``length`` of the program's loads are made."""

    length: int


def _load(m: Any, c: Any) -> None:
    """Load what is listed: first row of values, first column of the table, how many."""
    loads, table, rows, v = m.loads, m.table, m.rows, m.values
    for k in range(c.length):
        _gather(table, rows, loads[k, 1], block(v, loads[k, 0], loads[k, 2]))


KERNELS = (Kernel("load", ColumnsLoaded, _load, None),)
