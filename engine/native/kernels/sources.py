"""What values begin with: constants, biases, copies of shared parameters, rows side by side."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.arrays.columnar import ragged
from engine.native.runtime.kernel import Emit, Emitter, Fields, Kernel, RowsRead
from engine.native.simd.array_views import row
from engine.native.simd.jit import kernel
from engine.native.simd.vector_arithmetic import spread, total
from engine.native.simd.vectors import lanes, store, width
from engine.plan.steps import Step


class NumbersListed(NamedTuple):
    """An instruction: rows ← numbers listed from ``first`` on."""

    out: int
    rows: int
    first: int


class BiasSet(NamedTuple):
    """An instruction: rows ← entries of θ from ``bias`` on."""

    out: int
    rows: int
    bias: int


class SharedCopied(NamedTuple):
    """An instruction: the program's ties are made, entries of θ copied to others."""

    length: int


class RowsGathered(NamedTuple):
    """An instruction: rows ← rows listed from ``first`` on."""

    out: int
    rows: int
    first: int


@kernel
def fill(vector: Any, number: Any) -> None:
    """Set all entries."""
    for at in range(0, vector.size, width(vector)):
        store(vector, at, spread(vector, number))


@kernel
def bias_back(m: Any, out: Any, count: Any, first: Any, keep: Any) -> None:
    """Set the gradient's entries from ``first`` on to Σ δ of rows, or add it."""
    d, gradient = m.deltas, m.gradient
    for i in range(count):
        deltas, place = row(d, out + i), first + i
        for at in range(0, deltas.size, width(deltas)):
            whole = total(lanes(deltas, at))
            gradient[place] = gradient[place] + whole if keep or at else whole


def _constant(m: Any, c: Any) -> None:
    for i in range(c.rows):
        fill(row(m.values, c.out + i), m.numbers[c.first + i])


def _bias(m: Any, c: Any) -> None:
    for i in range(c.rows):
        fill(row(m.values, c.out + i), m.theta[c.bias + i])


def _bias_back(m: Any, c: Any) -> None:
    bias_back(m, c.out, c.rows, c.bias, 1)


def _tie(m: Any, c: Any) -> None:
    theta, ties = m.theta, m.ties
    for i in range(c.length):
        theta[ties[i, 1]] = theta[ties[i, 0]]


def _tie_back(m: Any, c: Any) -> None:
    gradient, ties = m.gradient, m.ties
    for i in range(c.length):
        gradient[ties[i, 0]] += gradient[ties[i, 1]]


def _gather(m: Any, c: Any) -> None:
    v = m.values
    for i in range(c.rows):
        x, z = row(v, m.gathered[c.first + i]), row(v, c.out + i)
        for at in range(0, z.size, width(z)):
            store(z, at, lanes(x, at))


def _gather_back(m: Any, c: Any) -> None:
    d = m.deltas
    for i in range(c.rows):
        message, to = row(d, c.out + i), row(d, m.gathered[c.first + i])
        for at in range(0, to.size, width(to)):
            store(to, at, lanes(to, at) + lanes(message, at))


def _reads_listed(c: Fields, program: Any) -> list[RowsRead]:
    rows = program.gathered[ragged(c["first"], c["rows"])]
    return [RowsRead(rows, rows * 0 + 1)]


def _emit_constant(emitter: Emitter, step: Step) -> None:
    value = step.params["value"]
    assert isinstance(value, tuple)  # as it was compiled
    first = emitter.listed("numbers", [float(number) for number in value])
    place = {**emitter.output(step.output), "first": first}
    emitter.emit("constant", step.output, NumbersListed(**place))


KERNELS = (
    Kernel("constant", NumbersListed, _constant, None),
    Kernel("bias", BiasSet, _bias, _bias_back),
    Kernel("tie", SharedCopied, _tie, _tie_back),
    Kernel("gather", RowsGathered, _gather, _gather_back, _reads_listed),
)
OPERATIONS: dict[str, Emit] = {"constant": _emit_constant}
