"""What combines values: sums, products, quotients. All are (rows, batch).

A value of one row meets one of n rows by being repeated.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.arrays.columnar import ragged
from engine.native.runtime.kernel import (
    Emit,
    Emitter,
    Fields,
    Kernel,
    RowsRead,
    reads_a,
    reads_both,
)
from engine.native.simd.array_views import block, row
from engine.native.simd.jit import kernel
from engine.native.simd.vectors import lanes, store, width
from engine.plan.steps import Step


@kernel
def _add_to(to: Any, at: Any, message: Any) -> None:
    store(to, at, lanes(to, at) + message)


@kernel
def _broadcast_row(x: Any, i: Any) -> Any:
    """Return row i, or the only one."""
    return row(x, i if x.shape[0] > 1 else 0)


# -- sums --------------------------------------------------------------------------------------


class RowsAdded(NamedTuple):
    """An instruction: rows (+)← factor·a, repeating or adding up the rows of a."""

    out: int
    rows: int
    a: int
    a_rows: int
    need_a: int
    keep: int
    factor: float


@kernel
def add(x: Any, factor: Any, to: Any, keep: Any) -> None:
    """Set to ← factor·x + keep·to, repeating or adding up the rows of x."""
    for i in range(max(x.shape[0], to.shape[0])):
        source, target = _broadcast_row(x, i), _broadcast_row(to, i)
        fresh = keep == 0 and (i == 0 or to.shape[0] > 1)
        for at in range(0, target.size, width(target)):
            message = factor * lanes(source, at)
            store(target, at, message if fresh else message + lanes(target, at))


def _add(m: Any, c: Any) -> None:
    add(block(m.values, c.a, c.a_rows), c.factor, block(m.values, c.out, c.rows), c.keep)


def _add_back(m: Any, c: Any) -> None:
    if c.need_a:
        add(block(m.deltas, c.out, c.rows), c.factor, block(m.deltas, c.a, c.a_rows), 1)


def emit_added(emitter: Emitter, slot: int, term: int, factor: float, keep: int) -> None:
    """Emit that a value is added to a slot's, or written over it."""
    place = {**emitter.output(slot), **emitter.input("a", term)}
    emitter.emit("add", slot, RowsAdded(**place, keep=keep, factor=factor))


def _emit_subtract(emitter: Emitter, step: Step) -> None:
    for number, (slot, sign) in enumerate(zip(step.inputs, (1.0, -1.0), strict=True)):
        emit_added(emitter, step.output, slot, sign, number)


def _emit_mean(emitter: Emitter, step: Step) -> None:
    (slot,) = step.inputs
    emit_added(emitter, step.output, slot, 1 / emitter.input("a", slot)["a_rows"], 0)


def _emit_slice(emitter: Emitter, step: Step) -> None:
    (slot,), start = step.inputs, step.params["start"]
    assert isinstance(start, int)  # declared so
    out, read = emitter.output(step.output), emitter.input("a", slot)
    read |= {"a": read["a"] + start, "a_rows": out["rows"]}
    emitter.emit("add", step.output, RowsAdded(**out, **read, keep=0, factor=1.0))


def _emit_concat(emitter: Emitter, step: Step) -> None:
    """Emit a copy of each stretch of rows that lie side by side already."""
    stretches: list[dict[str, int]] = []
    for slot in step.inputs:
        read, last = emitter.input("a", slot), stretches[-1] if stretches else None
        if last and last["a"] + last["a_rows"] == read["a"] and last["need_a"] == read["need_a"]:
            last["a_rows"] += read["a_rows"]
        else:
            stretches.append(read)
    out = emitter.output(step.output)["out"]
    for read in stretches:
        place = {"out": out, "rows": read["a_rows"], **read}
        emitter.emit("add", step.output, RowsAdded(**place, keep=0, factor=1.0))
        out += read["a_rows"]


# -- products ----------------------------------------------------------------------------------


class RowsMultiplied(NamedTuple):
    """An instruction: rows ← Π of ``length`` operands listed from ``first`` on."""

    out: int
    rows: int
    first: int
    length: int


@kernel
def _factor(operands: Any, k: Any, i: Any, v: Any) -> Any:
    """Return row i of operand k, or its only one."""
    return row(v, operands[k, 0] + (i if operands[k, 1] > 1 else 0))


def _multiply(m: Any, c: Any) -> None:
    v, z, operands = m.values, block(m.values, c.out, c.rows), block(m.operands, c.first, c.length)
    for i in range(z.shape[0]):
        for at in range(0, z.shape[1], width(z)):
            product = lanes(_factor(operands, 0, i, v), at)
            for k in range(1, operands.shape[0]):
                product *= lanes(_factor(operands, k, i, v), at)
            store(row(z, i), at, product)


def _multiply_back(m: Any, c: Any) -> None:
    """Add δ·Π of the others to each operand's δ."""
    v, d, dz = m.values, m.deltas, block(m.deltas, c.out, c.rows)
    operands, count = block(m.operands, c.first, c.length), c.length
    for k in range(count):
        for i in range(dz.shape[0]):
            to = _factor(operands, k, i, d)
            for at in range(0, to.size, width(to)):
                message = lanes(row(dz, i), at)
                for other in range(count):
                    if other != k:
                        message *= lanes(_factor(operands, other, i, v), at)
                _add_to(to, at, message)


def _reads_operands(c: Fields, program: Any) -> list[RowsRead]:
    first, count = program.operands[ragged(c["first"], c["length"])].T
    return [RowsRead(first, count)]


def _emit_product(emitter: Emitter, step: Step) -> None:
    reads = [emitter.input("a", slot) for slot in step.inputs]
    first = emitter.listed("operands", [(read["a"], read["a_rows"]) for read in reads])
    place = {**emitter.output(step.output), "first": first, "length": len(reads)}
    emitter.emit("product", step.output, RowsMultiplied(**place))


# -- quotients and scalar products -------------------------------------------------------------


class TwoValues(NamedTuple):
    """An instruction that reads two values."""

    out: int
    rows: int
    a: int
    a_rows: int
    need_a: int
    b: int
    b_rows: int
    need_b: int


def _divide(m: Any, c: Any) -> None:
    z = block(m.values, c.out, c.rows)
    a, b = block(m.values, c.a, c.a_rows), block(m.values, c.b, c.b_rows)
    for i in range(z.shape[0]):
        for at in range(0, z.shape[1], width(z)):
            quotient = lanes(_broadcast_row(a, i), at) / lanes(_broadcast_row(b, i), at)
            store(row(z, i), at, quotient)


def _divide_back(m: Any, c: Any) -> None:
    """Add δ/b to a's δ and −δ·z/b to b's."""
    z, dz = block(m.values, c.out, c.rows), block(m.deltas, c.out, c.rows)
    b, db = block(m.values, c.b, c.b_rows), block(m.deltas, c.b, c.b_rows)
    da = block(m.deltas, c.a, c.a_rows)
    for i in range(z.shape[0]):
        for at in range(0, z.shape[1], width(z)):
            share = lanes(row(dz, i), at) / lanes(_broadcast_row(b, i), at)
            _add_to(_broadcast_row(da, i), at, share)
            _add_to(_broadcast_row(db, i), at, -share * lanes(row(z, i), at))


def _dot(m: Any, c: Any) -> None:
    a, b = block(m.values, c.a, c.a_rows), block(m.values, c.b, c.b_rows)
    z = row(m.values, c.out)
    for at in range(0, z.size, width(z)):
        s = lanes(row(a, 0), at) * lanes(row(b, 0), at)
        for i in range(1, a.shape[0]):
            s += lanes(row(a, i), at) * lanes(row(b, i), at)
        store(z, at, s)


@kernel
def _scale_rows(x: Any, dz: Any, to: Any) -> None:
    """Add dz·x to ``to``, dz (B,) being the same for all rows."""
    for i in range(x.shape[0]):
        for at in range(0, dz.size, width(dz)):
            _add_to(row(to, i), at, lanes(dz, at) * lanes(row(x, i), at))


def _dot_back(m: Any, c: Any) -> None:
    dz = row(m.deltas, c.out)
    _scale_rows(block(m.values, c.b, c.b_rows), dz, block(m.deltas, c.a, c.a_rows))
    _scale_rows(block(m.values, c.a, c.a_rows), dz, block(m.deltas, c.b, c.b_rows))


def emit_two(emitter: Emitter, step: Step) -> None:
    """Emit an operation of two values without parameters: its kernel has its name."""
    a, b = step.inputs
    place = {**emitter.output(step.output), **emitter.input("a", a), **emitter.input("b", b)}
    emitter.emit(step.op.spec.kind, step.output, TwoValues(**place))


KERNELS = (
    Kernel("add", RowsAdded, _add, _add_back, reads_a),
    Kernel("product", RowsMultiplied, _multiply, _multiply_back, _reads_operands),
    Kernel("divide", TwoValues, _divide, _divide_back, reads_both),
    Kernel("dot", TwoValues, _dot, _dot_back, reads_both),
)
OPERATIONS: dict[str, Emit] = {
    "subtract": _emit_subtract,
    "mean": _emit_mean,
    "slice": _emit_slice,
    "concat": _emit_concat,
    "product": _emit_product,
    "divide": emit_two,
    "dot": emit_two,
}
