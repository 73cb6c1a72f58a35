"""Views of rows that cost nothing: no count of references, no test of the index.

A slice of an array in compiled code counts one reference more for the array's memory, atomically,
and one less when it goes. These views only point. They must not outlive the array, nor leave its
bounds; programs are checked where they are lowered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.native.simd.jit import Typed, arrays, generated, ir, signature, types

_INDEX = types.int64


def view(context: Any, builder: Any, kind: Any, data: Any, shape: Sequence[Any]) -> Any:
    """Return a contiguous array of a kind and shape at a pointer."""
    made = context.make_array(kind)(context, builder)
    size = context.get_constant(types.intp, context.get_abi_sizeof(data.type.pointee))
    strides = [size] if len(shape) == 1 else [builder.mul(shape[1], size), size]
    arrays.populate_array(
        made, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None
    )
    return made._getvalue()  # noqa: SLF001  (numba's way to read a structure)


def _parts(context: Any, builder: Any, kind: Any, array: Any) -> tuple[Any, Any]:
    """Return the pointer to an array's first entry and the length of its rows."""
    parts = context.make_array(kind)(context, builder, array)
    return parts.data, builder.extract_value(parts.shape, kind.ndim - 1)


def _typed(array: Any, axes: int, numbers: int, place: Callable[..., Any]) -> Typed:
    """Return what makes a view of an array: of so many axes, from so many numbers.

    ``place(builder, length, *numbers)`` gives its first entry and its shape, ``length`` being
    that of the array's rows.
    """
    result = types.Array(array.dtype, axes, "C")

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data, length = _parts(context, builder, array, arguments[0])
        first, *shape = place(builder, length, *arguments[1:])
        return view(context, builder, result, builder.gep(data, [first]), shape)

    return signature(result, array, *[_INDEX] * numbers), generate


@generated
def row(typingctx: Any, array: Any, number: Any) -> Typed:
    """Return row ``number`` of an array (n, B), contiguous, as (B,)."""
    return _typed(array, 1, 1, lambda b, length, number: (b.mul(number, length), length))


@generated
def block(typingctx: Any, array: Any, number: Any, count: Any) -> Typed:
    """Return ``count`` rows of an array (n, B) from ``number`` on, as (count, B)."""
    return _typed(
        array, 2, 2, lambda b, length, number, count: (b.mul(number, length), count, length)
    )


@generated
def flat(typingctx: Any, array: Any, number: Any, count: Any) -> Typed:
    """Return ``count`` rows of an array (n, B) from ``number`` on, as (count·B,)."""
    return _typed(
        array, 1, 2, lambda b, length, *numbers: [b.mul(number, length) for number in numbers]
    )


@generated
def span(typingctx: Any, vector: Any, first: Any, count: Any) -> Typed:
    """Return ``count`` entries of a vector from ``first`` on."""
    return _typed(vector, 1, 2, lambda _b, _length, first, count: (first, count))


@generated
def folded(typingctx: Any, vector: Any, rows: Any, columns: Any) -> Typed:
    """Return the beginning of a vector as an array (rows, columns)."""
    return _typed(vector, 2, 2, lambda _b, length, *shape: (length.type(0), *shape))


@generated
def prefetch(typingctx: Any, array: Any, number: Any) -> Typed:
    """Prefetch the beginning of a row of an array (n, B) into the cache."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data, length = _parts(context, builder, array, arguments[0])
        place = builder.gep(data, [builder.mul(arguments[1], length)])
        place = builder.bitcast(place, ir.IntType(8).as_pointer())
        flag = ir.IntType(32)
        kinds = [place.type, flag, flag, flag]
        fetch = builder.module.declare_intrinsic(
            "llvm.prefetch.p0", (), ir.FunctionType(ir.VoidType(), kinds)
        )
        for line in range(2):
            near = builder.gep(place, [ir.IntType(64)(64 * line)])
            builder.call(fetch, [near, flag(0), flag(3), flag(1)])
        return context.get_dummy_value()

    return signature(types.none, array, _INDEX), generate
