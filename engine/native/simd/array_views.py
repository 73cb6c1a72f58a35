"""Views of rows that cost nothing: no count of references, no test of the index.

A slice of an array in compiled code counts one reference more for the array's memory, atomically,
and one less when it goes. These views only point. They must not outlive the array, nor leave its
bounds; programs are checked where they are lowered.
"""

from __future__ import annotations

from typing import Any

from engine.native.simd.jit import Typed, arrays, cgutils, generated, ir, signature, types

_INDEX = types.int64


def _parts(context: Any, builder: Any, kind: Any, array: Any) -> tuple[Any, Any]:
    """Return the pointer to an array's first entry and the length of its rows."""
    parts = context.make_array(kind)(context, builder, array)
    return parts.data, builder.extract_value(parts.shape, kind.ndim - 1)


def _view(
    context: Any, builder: Any, kind: Any, data: Any, first: Any, shape: tuple[Any, ...]
) -> Any:
    """Return an array of a shape that begins at entry ``first`` of ``data``."""
    made = context.make_array(kind)(context, builder)
    size = context.get_constant(types.intp, context.get_abi_sizeof(data.type.pointee))
    strides = [size] if len(shape) == 1 else [builder.mul(shape[1], size), size]
    arrays.populate_array(
        made,
        data=builder.gep(data, [first]),
        shape=shape,
        strides=strides,
        itemsize=size,
        meminfo=None,
    )
    return made._getvalue()  # noqa: SLF001  (numba's way to read a structure)


@generated
def row(typingctx: Any, array: Any, number: Any) -> Typed:
    """Return row ``number`` of an array (n, B), contiguous, as (B,)."""
    result = types.Array(array.dtype, 1, "C")

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data, length = _parts(context, builder, array, arguments[0])
        first = builder.mul(arguments[1], length)
        return _view(context, builder, result, data, first, (length,))

    return signature(result, array, _INDEX), generate


@generated
def block(typingctx: Any, array: Any, number: Any, count: Any) -> Typed:
    """Return ``count`` rows of an array (n, B) from ``number`` on, as (count, B)."""
    result = types.Array(array.dtype, 2, "C")

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data, length = _parts(context, builder, array, arguments[0])
        first = builder.mul(arguments[1], length)
        return _view(context, builder, result, data, first, (arguments[2], length))

    return signature(result, array, _INDEX, _INDEX), generate


@generated
def flat(typingctx: Any, array: Any, number: Any, count: Any) -> Typed:
    """Return ``count`` rows of an array (n, B) from ``number`` on, as (count·B,)."""
    result = types.Array(array.dtype, 1, "C")

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data, length = _parts(context, builder, array, arguments[0])
        first, size = (builder.mul(number, length) for number in arguments[1:])
        return _view(context, builder, result, data, first, (size,))

    return signature(result, array, _INDEX, _INDEX), generate


@generated
def span(typingctx: Any, vector: Any, first: Any, count: Any) -> Typed:
    """Return ``count`` entries of a vector from ``first`` on."""
    result = types.Array(vector.dtype, 1, "C")

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data, _length = _parts(context, builder, vector, arguments[0])
        return _view(context, builder, result, data, arguments[1], (arguments[2],))

    return signature(result, vector, _INDEX, _INDEX), generate


@generated
def folded(typingctx: Any, vector: Any, rows: Any, columns: Any) -> Typed:
    """Return the beginning of a vector as an array (rows, columns)."""
    result = types.Array(vector.dtype, 2, "C")

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data, _length = _parts(context, builder, vector, arguments[0])
        first = context.get_constant(types.intp, 0)
        return _view(context, builder, result, data, first, tuple(arguments[1:]))

    return signature(result, vector, _INDEX, _INDEX), generate


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


@generated
def borrowed(typingctx: Any, value: Any) -> Typed:
    """Return an array, or tuples of arrays, as views: no references are counted from there on."""

    def borrow(context: Any, builder: Any, kind: Any, given: Any) -> Any:
        if isinstance(kind, types.BaseTuple):
            entries = zip(kind, cgutils.unpack_tuple(builder, given), strict=True)
            return context.make_tuple(
                builder, kind, [borrow(context, builder, *entry) for entry in entries]
            )
        if isinstance(kind, types.Array):
            parts = context.make_array(kind)(context, builder, given)
            parts.meminfo = ir.Constant(parts.meminfo.type, None)
            parts.parent = ir.Constant(parts.parent.type, None)
            return parts._getvalue()  # noqa: SLF001  (numba's way to read a structure)
        return given

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        return borrow(context, builder, value, arguments[0])

    return signature(value, value), generate
