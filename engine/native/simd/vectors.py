"""Lanes: neighbouring numbers of a vector, held in registers and computed with at once.

Kernels go along their vectors in blocks of `width`, and inside a block the mathematics is written
as for one number::

    for at in range(0, z.size, width(z)):
        store(z, at, 1 / (1 + exp(-lanes(x, at))))

The last block may be cut off by the vector's end: lanes beyond it are read as 0 and not written.
A loop over single numbers would leave all this to the compiler, which compiles each loop several
times over, and asks before it runs, however short it is, whether any two vectors overlap.
Plain numbers take the precision of the lanes they meet. Arithmetic is in ``arithmetic``.
"""

from __future__ import annotations

from typing import Any

from engine.native.simd.jit import (
    Typed,
    binding,
    cgutils,
    extending,
    generated,
    ir,
    signature,
    types,
)

_BYTES = 128  # of a block: two registers of the widest kind, so that one need not wait
_MASKS = bool(binding.get_host_cpu_features().get("avx512vl"))
_I32, _I64 = ir.IntType(32), ir.IntType(64)


class Lanes(types.Type):  # type: ignore[misc]  # numba has no types
    """The type of a block of numbers."""

    def __init__(self, real: Any) -> None:
        super().__init__(f"Lanes({real})")
        self.real = real


class Tests(types.Type):  # type: ignore[misc]  # numba has no types
    """The type of a block of answers, yes or no."""

    def __init__(self, real: Any) -> None:
        super().__init__(f"Tests({real})")
        self.real = real


def vector_of(real: Any) -> Any:
    """Return the machine's type of a block of float32 or float64."""
    kind = ir.FloatType() if real == types.float32 else ir.DoubleType()
    return ir.VectorType(kind, _BYTES * 8 // int(real.bitwidth))


@extending.register_model(Lanes)
class _LanesModel(extending.models.PrimitiveModel):  # type: ignore[misc]  # numba has no types
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, vector_of(fe_type.real))


@extending.register_model(Tests)
class _TestsModel(extending.models.PrimitiveModel):  # type: ignore[misc]  # numba has no types
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        count = vector_of(fe_type.real).count
        super().__init__(dmm, fe_type, ir.VectorType(ir.IntType(1), count))


def call_vector(builder: Any, name: str, result: Any, *operands: Any, **options: Any) -> Any:
    """Call LLVM's function ``llvm.name``, {} standing for the type of the vectors."""
    vector = next(
        x.type
        for x in operands
        if isinstance(x.type, ir.VectorType) and not isinstance(x.type.element, ir.IntType)
    )
    kind = f"v{vector.count}{'f32' if vector.element == ir.FloatType() else 'f64'}"
    function = builder.module.declare_intrinsic(
        f"llvm.{name.format(kind)}", (), ir.FunctionType(result, [x.type for x in operands])
    )
    return builder.call(function, operands, **options)


def repeat(builder: Any, number: Any, count: int) -> Any:
    """Return a vector of the same number everywhere."""
    vector = ir.VectorType(number.type, count)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), number, _I32(0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(_I32, count), [0] * count))


@generated
def width(typingctx: Any, vector: Any) -> Typed:
    """Return the number of lanes in a block of a vector."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        return _I64(vector_of(vector.dtype).count)

    return signature(types.int64, vector), generate


def _place(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> tuple[Any, Any]:
    """Return a pointer to the number ``at``, and how many are left from there on."""
    parts = context.make_array(kind)(context, builder, array)
    rest = builder.sub(builder.extract_value(parts.shape, 0), at)
    return builder.gep(parts.data, [at]), rest


def _mask(builder: Any, rest: Any, count: int) -> Any:
    """Return which lanes are below ``rest``."""
    limits = repeat(builder, builder.trunc(rest, _I32), count)
    return builder.icmp_signed("<", ir.Constant(limits.type, list(range(count))), limits)


@generated
def inside(typingctx: Any, vector: Any, at: Any) -> Typed:
    """Return which lanes of the block from ``at`` on are not beyond the vector's end."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        _first, rest = _place(context, builder, vector, *arguments)
        return _mask(builder, rest, vector_of(vector.dtype).count)

    return signature(Tests(vector.dtype), vector, types.int64), generate


@generated
def lanes(typingctx: Any, vector: Any, at: Any) -> Typed:
    """Return the block of a vector from ``at`` on."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        first, rest = _place(context, builder, vector, *arguments)
        kind, size = vector_of(vector.dtype), vector.dtype.bitwidth // 8
        source = builder.bitcast(first, kind.as_pointer())
        zeros = ir.Constant(kind, [0.0] * kind.count)
        if _MASKS:
            mask = _mask(builder, rest, kind.count)
            return call_vector(builder, "masked.load.{}.p0", kind, source, _I32(size), mask, zeros)
        room = cgutils.alloca_once(builder, kind)
        with builder.if_else(builder.icmp_signed("<", rest, _I64(kind.count))) as (cut, whole):
            with cut:
                builder.store(zeros, room)
                target = builder.bitcast(room, first.type)
                cgutils.raw_memcpy(builder, target, first, rest, size, align=size)
            with whole:
                builder.store(builder.load(source, align=size), room)
        return builder.load(room)

    return signature(Lanes(vector.dtype), vector, types.int64), generate


@generated
def store(typingctx: Any, vector: Any, at: Any, value: Any) -> Typed:
    """Write a block into a vector from ``at`` on."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        first, rest = _place(context, builder, vector, *arguments[:2])
        kind, size, given = vector_of(vector.dtype), vector.dtype.bitwidth // 8, arguments[2]
        target = builder.bitcast(first, kind.as_pointer())
        if _MASKS:
            mask, nothing = _mask(builder, rest, kind.count), ir.VoidType()
            call_vector(builder, "masked.store.{}.p0", nothing, given, target, _I32(size), mask)
            return context.get_dummy_value()
        with builder.if_else(builder.icmp_signed("<", rest, _I64(kind.count))) as (cut, whole):
            with cut:
                room = cgutils.alloca_once_value(builder, given)
                source = builder.bitcast(room, first.type)
                cgutils.raw_memcpy(builder, first, source, rest, size, align=size)
            with whole:
                builder.store(given, target, align=size)
        return context.get_dummy_value()

    return signature(types.none, vector, types.int64, Lanes(vector.dtype)), generate
