"""The machine's memory: one block of named cells that Python fills and compiled code reads.

A member is an array or a number. An array takes a cell for its address and one for each length; in
compiled code ``m.theta`` is a view of it, free of reference counts, and ``m.theta = view`` lets it
point elsewhere. So every kernel has the same two arguments, memory and instruction, whatever it
computes, and can be called by its address.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from engine.native.simd.array_views import view
from engine.native.simd.jit import (
    Typed,
    cgutils,
    extending,
    generated,
    imputils,
    ir,
    signature,
    templates,
    types,
)

_I64 = ir.IntType(64)
_REAL = None  # stands for the precision of the run
_NUMBER = 0  # axes of what is no array


class _Member(NamedTuple):
    """A member's type (`_REAL`: that of the run), how many axes it has, and its first cell."""

    kind: Any
    axes: int
    cell: int


def _members(*rows: tuple[Any, int, str]) -> tuple[dict[str, _Member], int]:
    found: dict[str, _Member] = {}
    cell = 0
    for kind, axes, names in rows:
        for name in names.split():
            found[name] = _Member(kind, axes, cell)
            cell += 1 + axes
    return found, cell


_MEMBERS, _CELLS = _members(
    # the program: see ``instructions.Program``
    (types.int64, 1, "forward backward"),
    (types.int64, 2, "code addresses loads ties operands covers blank blank_gradient"),
    (types.int64, 1, "pointers senders biases gathered seeds"),
    (types.int32, 1, "sources"),
    (types.int8, 1, "functions"),
    (types.float64, 1, "shares"),
    (_REAL, 1, "numbers"),
    # the batch
    (_REAL, 1, "value_memory delta_memory theta gradient last"),
    (_REAL, 2, "values deltas table"),
    (types.int64, 1, "rows"),
    (types.int64, _NUMBER, "height"),
    (types.uint64, _NUMBER, "noise"),
    # the epochs: see ``loop``
    (types.int64, 2, "turns orders counters"),
    (types.int64, 1, "order_of measured"),
    (types.float64, 1, "rates"),
    (types.float64, 2, "thresholds"),
    (types.float64, _NUMBER, "target"),
    (types.int64, _NUMBER, "first_epoch"),
    (types.uint64, _NUMBER, "noise_key"),
    # the optimiser: see ``kernels.optimizers``
    (types.int64, _NUMBER, "update penalise penalise_back count"),
    (types.float64, 1, "constants"),
    (types.float64, _NUMBER, "norm penalty"),
    (types.int64, 2, "weights trained"),
    (_REAL, 1, "first_moment second_moment"),
    # the report
    (types.float64, 1, "errors norms"),
    (types.float64, 2, "figures"),
    (types.int64, 1, "flags"),
)


@cache
def _dtypes(real: str) -> dict[str, np.dtype[Any]]:
    """Return the type of each member's entries for a precision."""
    return {
        name: np.dtype(real if member.kind is _REAL else str(member.kind))
        for name, member in _MEMBERS.items()
    }


class Memory:
    """The memory, at ``address``, as Python sees it; what it points to lives as long as it does.

    Parameters
    ----------
    real : str
        ``float64`` or ``float32``.
    """

    def __init__(self, real: str) -> None:
        self._dtypes = _dtypes(real)
        self._cells = np.zeros(_CELLS, np.int64)
        self._held: dict[str, Any] = {}
        self.address = int(self._cells.ctypes.data)

    def set(self, **members: Any) -> None:
        """Let members be these arrays, contiguous and of the right type, or numbers.

        Raises `TypeError` if an array is not.
        """
        for name, value in members.items():
            kind, (_kind, axes, cell) = self._dtypes[name], _MEMBERS[name]
            if axes == _NUMBER:
                self._cells[cell : cell + 1].view(kind)[0] = value
                continue
            if value.dtype != kind or value.ndim != axes or not value.flags.c_contiguous:
                raise TypeError(f"{name} is to be a contiguous array of {kind} with {axes} axes")
            self._cells[cell] = value.__array_interface__["data"][0]
            self._cells[cell + 1 : cell + 1 + axes] = value.shape
            self._held[name] = value


# -- in compiled code --------------------------------------------------------------------------


class MemoryType(types.Type):  # type: ignore[misc]  # numba has no types
    """The type of the memory for a precision."""

    def __init__(self, real: Any) -> None:
        super().__init__(f"Memory({real})")
        self.real = real


@extending.register_model(MemoryType)
class _MemoryModel(extending.models.PrimitiveModel):  # type: ignore[misc]  # numba has no types
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, _I64.as_pointer())


def _type_of(memory: Any, name: str) -> Any:
    kind, axes, _cell = _MEMBERS[name]
    kind = memory.real if kind is _REAL else kind
    return kind if axes == _NUMBER else types.Array(kind, axes, "C")


@templates.infer_getattr
class _MemoryAttributes(templates.AttributeTemplate):  # type: ignore[misc]  # numba has no types
    key = MemoryType

    def generic_resolve(self, memory: Any, name: str) -> Any:
        return _type_of(memory, name) if name in _MEMBERS else None


def _cells(builder: Any, memory: Any, name: str, kind: Any) -> list[Any]:
    """Return pointers to a member's cells, the first as one to ``kind``."""
    _kind, axes, cell = _MEMBERS[name]
    first, *lengths = (builder.gep(memory, [_I64(cell + k)]) for k in range(1 + axes))
    return [builder.bitcast(first, kind.as_pointer()), *lengths]


@imputils.lower_getattr_generic(MemoryType)  # type: ignore[untyped-decorator]  # numba has no types
def _get(context: Any, builder: Any, memory: Any, value: Any, name: str) -> Any:
    result = _type_of(memory, name)
    if not isinstance(result, types.Array):
        return builder.load(_cells(builder, value, name, context.get_value_type(result))[0])
    kind = context.get_value_type(result.dtype).as_pointer()
    data, *lengths = map(builder.load, _cells(builder, value, name, kind))
    return view(context, builder, result, data, lengths)


@imputils.lower_setattr_generic(MemoryType)  # type: ignore[untyped-decorator]  # numba has no types
def _set(context: Any, builder: Any, sig: Any, arguments: Any, name: str) -> None:
    memory, value = arguments
    given = sig.args[1]
    if not isinstance(given, types.Array):
        builder.store(value, _cells(builder, memory, name, value.type)[0])
        return
    parts = context.make_array(given)(context, builder, value)
    first, *lengths = _cells(builder, memory, name, parts.data.type)
    builder.store(parts.data, first)
    for place, length in zip(lengths, cgutils.unpack_tuple(builder, parts.shape), strict=True):
        builder.store(length, place)


@generated
def instruction(typingctx: Any, code: Any, number: Any) -> Typed:
    """Return where an instruction begins in the code (n, width)."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        parts = context.make_array(code)(context, builder, arguments[0])
        length = builder.extract_value(parts.shape, 1)
        place = builder.gep(parts.data, [builder.mul(arguments[1], length)])
        return builder.bitcast(place, ir.IntType(8).as_pointer())

    return signature(types.voidptr, code, types.int64), generate


@generated
def call(typingctx: Any, address: Any, memory: Any, place: Any) -> Typed:
    """Call the kernel at an address with the memory and an instruction."""
    kinds = memory, types.voidptr

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        number, m, c = arguments
        kind = context.call_conv.get_function_type(types.none, kinds)
        function = builder.inttoptr(number, kind.as_pointer())
        unused = [cgutils.alloca_once(builder, pointer.pointee) for pointer in kind.args[:2]]
        builder.call(function, [*unused, m, builder.bitcast(c, kind.args[3])])
        return context.get_dummy_value()

    return signature(types.none, types.int64, memory, place), generate


@generated
def copied(typingctx: Any, record: Any) -> Typed:
    """Return a copy of an instruction, to be changed before a call."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        place = cgutils.alloca_once(builder, context.get_data_type(record))
        size = _I64(record.size)
        target, source = (
            builder.bitcast(x, ir.IntType(8).as_pointer()) for x in (place, arguments[0])
        )
        cgutils.raw_memcpy(builder, target, source, size, 1)
        return builder.bitcast(place, arguments[0].type)

    return signature(record, record), generate
