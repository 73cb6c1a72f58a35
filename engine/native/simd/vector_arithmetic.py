"""Arithmetic of lanes: + − · / and comparisons, and the functions that need the machine's help.

Every operation is exact as IEEE 754 has it, but that a product may go into a sum unrounded; NaN
and ∞ behave as in NumPy.
"""

from __future__ import annotations

import operator
from typing import Any

from engine.native.simd.jit import (
    Typed,
    cgutils,
    extending,
    generated,
    ir,
    signature,
    templates,
    types,
)
from engine.native.simd.vectors import Lanes, Tests, call_vector, repeat, vector_of

_ARITHMETIC = {
    operator.add: "fadd",
    operator.sub: "fsub",
    operator.mul: "fmul",
    operator.iadd: "fadd",
    operator.imul: "fmul",
    operator.truediv: "fdiv",
}
_COMPARISONS = {
    operator.lt: "<",
    operator.le: "<=",
    operator.gt: ">",
    operator.ge: ">=",
    operator.eq: "==",
}
_CONTRACT = ("contract",)


def _block(context: Any, builder: Any, kind: Any, value: Any, real: Any) -> Any:
    """Return lanes as they are, a number as lanes of the type ``real``."""
    if isinstance(kind, Lanes):
        return value
    number = context.cast(builder, value, kind, real)
    return repeat(builder, number, vector_of(real).count)


def _real(*kinds: Any) -> Any:
    return next((kind.real for kind in kinds if isinstance(kind, Lanes | Tests)), None)


def _blocks(context: Any, builder: Any, sig: Any, arguments: Any) -> list[Any]:
    real = _real(*sig.args)
    return [
        _block(context, builder, kind, value, real)
        for kind, value in zip(sig.args, arguments, strict=True)
    ]


# -- operators ---------------------------------------------------------------------------------


class _Arithmetic(templates.AbstractTemplate):  # type: ignore[misc]  # numba has no types
    def generic(self, args: Any, kws: Any) -> Any:
        real = _real(*args)
        return None if real is None else signature(Lanes(real), *args)


class _Comparison(templates.AbstractTemplate):  # type: ignore[misc]  # numba has no types
    def generic(self, args: Any, kws: Any) -> Any:
        real = _real(*args)
        return None if real is None else signature(Tests(real), *args)


def _arithmetic(name: str) -> Any:
    def lower(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        blocks = _blocks(context, builder, sig, arguments)
        return getattr(builder, name)(*blocks, flags=_CONTRACT)

    return lower


def _comparison(sign: str) -> Any:
    def lower(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        return builder.fcmp_ordered(sign, *_blocks(context, builder, sig, arguments))

    return lower


def _negative(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
    return builder.fneg(arguments[0])


def _size(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
    return call_vector(builder, "fabs.{}", arguments[0].type, arguments[0])


def _declare(symbol: Any, template: Any, lower: Any, *operands: tuple[Any, ...]) -> None:
    """Give a symbol of Python a meaning for lanes."""
    templates.infer_global(symbol)(type(template.__name__, (template,), {}))
    for kinds in operands:
        extending.lower_builtin(symbol, *kinds)(lower)


_PAIRS = (Lanes, Lanes), (Lanes, types.Number), (types.Number, Lanes)
for _symbol, _name in _ARITHMETIC.items():
    _declare(_symbol, _Arithmetic, _arithmetic(_name), *_PAIRS)
for _symbol, _name in _COMPARISONS.items():
    _declare(_symbol, _Comparison, _comparison(_name), *_PAIRS)
_declare(operator.neg, _Arithmetic, _negative, (Lanes,))
_declare(abs, _Arithmetic, _size, (Lanes,))


# -- functions ---------------------------------------------------------------------------------


@generated
def where(typingctx: Any, test: Any, yes: Any, no: Any) -> Typed:
    """Return ``yes`` in the lanes where the test holds, ``no`` elsewhere."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        chosen = [
            _block(context, builder, kind, value, test.real)
            for kind, value in zip((yes, no), arguments[1:], strict=True)
        ]
        return builder.select(arguments[0], *chosen)

    return signature(Lanes(test.real), test, types.unliteral(yes), types.unliteral(no)), generate


@generated
def spread(typingctx: Any, vector: Any, number: Any) -> Typed:
    """Return lanes of the same number everywhere, of a vector's type."""
    real = vector.dtype

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        number = context.cast(builder, arguments[1], sig.args[1], real)
        return repeat(builder, number, vector_of(real).count)

    return signature(Lanes(real), vector, types.unliteral(number)), generate


@generated
def total(typingctx: Any, block: Any) -> Typed:
    """Return the sum of all lanes."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        (given,) = arguments
        real = given.type.element
        flags = ("reassoc", "nsz")
        start = real(-0.0)
        return call_vector(builder, "vector.reduce.fadd.{}", real, start, given, fastmath=flags)

    return signature(block.real, block), generate


def _same(name: str) -> Any:
    """Return LLVM's function of one block."""

    @generated
    def function(typingctx: Any, block: Any) -> Typed:
        def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
            return call_vector(builder, f"{name}.{{}}", arguments[0].type, arguments[0])

        return signature(block, block), generate

    return function


sqrt, nearest = _same("sqrt"), _same("rint")
"""Square root; the nearest integer."""


@generated
def two_to_the(typingctx: Any, block: Any) -> Typed:
    """Return 2ⁿ for lanes of integers n whose power is a normal number.

    Adding 1.5·2^digits leaves n in the last digits; shifted, they are the exponent's bits.
    """
    digits, bias = (23, 127) if block.real == types.float32 else (52, 1023)
    whole = ir.VectorType(ir.IntType(block.real.bitwidth), vector_of(block.real).count)

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        (n,) = arguments
        large = ir.Constant(n.type, [1.5 * 2**digits + bias] * whole.count)
        bits = builder.bitcast(builder.fadd(n, large), whole)
        power = builder.shl(bits, ir.Constant(whole, [digits] * whole.count))
        return builder.bitcast(power, n.type)

    return signature(block, block), generate


def _each(name: str) -> Any:
    """Return a function of C's library, called lane by lane; further operands are numbers."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        block, *numbers = arguments
        vector, real = block.type, block.type.element
        called = name + ("f" if real == ir.FloatType() else "")
        kind = ir.FunctionType(real, [real] * len(arguments))
        function = cgutils.get_or_insert_function(builder.module, kind, called)
        room = cgutils.alloca_once_value(builder, block)
        first = builder.bitcast(room, real.as_pointer())
        with cgutils.for_range(builder, ir.IntType(64)(vector.count)) as loop:
            place = builder.gep(first, [loop.index])
            builder.store(builder.call(function, [builder.load(place), *numbers]), place)
        return builder.load(room)

    return generate


def _of_one(name: str) -> Any:
    @generated
    def function(typingctx: Any, block: Any) -> Typed:
        return signature(block, block), _each(name)

    return function


log, log1p, sin, cos, erfc = map(_of_one, ("log", "log1p", "sin", "cos", "erfc"))
"""As in NumPy."""


@generated
def power(typingctx: Any, block: Any, exponent: Any) -> Typed:
    """Return xᵖ for a number p."""
    return signature(block, block, block.real), _each("pow")
