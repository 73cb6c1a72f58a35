"""What a kernel is: an instruction's fields, what it computes forward and backward, what it reads.

A kernel's two functions take the machine's memory m and an instruction c, and read what they need
by name: ``block(m.values, c.a, c.a_rows)``. Backward adds to the δ of what was read, ``m.deltas``,
and to ``m.gradient``; who does otherwise says so in its fields.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeAlias, get_type_hints

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Integers
from engine.plan.steps import Step

Function: TypeAlias = Callable[..., Any]
Fields: TypeAlias = Any
"""Instructions of one kernel: a structured array."""
ONCE, MANY = 1, 2


class RowsRead(NamedTuple):
    """Rows whose δ each instruction adds to, backward; an instruction may have several of these.

    ``times`` is `ONCE` if it may write over them instead, by its field ``overwrites``, when no
    other writes them; 0 if it leaves them alone.
    """

    first: Integers
    rows: Integers
    times: Integers | int = MANY


Reads: TypeAlias = Callable[[Fields, Any], Sequence[RowsRead]]
"""What instructions read, given the program whose lists they point into."""


def reads_nothing(_c: Fields, _program: Any) -> list[RowsRead]:
    """Read no rows."""
    return []


def reads_a(c: Fields, _program: Any) -> list[RowsRead]:
    """Read the rows ``a``."""
    return [RowsRead(c["a"], c["a_rows"])]


def reads_both(c: Fields, _program: Any) -> list[RowsRead]:
    """Read the rows ``a`` and ``b``."""
    return [RowsRead(c["a"], c["a_rows"]), RowsRead(c["b"], c["b_rows"])]


class Kernel(NamedTuple):
    """A row of the table of kernels.

    Attributes
    ----------
    name : str
        Of the kernel; an elementwise kind's, a loss's.
    fields : type
        A named tuple of ``int`` and ``float`` (of the run's precision): an instruction.
    forward, backward : callable or None
        Compiled functions of memory and instruction.
    reads : callable
        See `Reads`.
    """

    name: str
    fields: Any
    forward: Function
    backward: Function | None
    reads: Reads = reads_nothing

    def layout(self, real: str) -> np.dtype[Any]:
        """Return the instruction's type for a precision, one field behind the other."""
        return _layout(self.fields, real)


@cache
def _layout(fields: Any, real: str) -> np.dtype[Any]:
    types = [real if kind is float else "int64" for kind in get_type_hints(fields).values()]
    places = [_FIELD * place for place in range(len(types))]
    size = _FIELD * len(types)
    parts = {"names": fields._fields, "formats": types, "offsets": places, "itemsize": size}
    made: np.dtype[Any] = np.dtype(parts)  # type: ignore[call-overload]  # as NumPy documents it
    return made


_FIELD = 8  # bytes of a field, whatever it holds


class Emitter(Protocol):
    """What an operation needs to become instructions."""

    def output(self, slot: int) -> dict[str, int]:
        """Return ``out`` and ``rows``: where a slot's value is."""

    def input(self, name: str, slot: int) -> dict[str, int]:
        """Return ``a``, ``a_rows`` and ``need_a``, if that is the name: what is read."""

    def place(self, parameter: int) -> int:
        """Return where a parameter of the plan begins in the program's θ."""

    def covered(self, parameters: Sequence[int]) -> NDArray[np.int64]:
        """Return the ranges (start, stop) of the program's θ where parameters are."""

    def listed(self, name: str, entries: Sequence[Any]) -> int:
        """Append to one of the program's lists; return the place of the first entry."""

    def emit(self, name: str, slot: int, instruction: NamedTuple) -> None:
        """Append a kernel's instruction, which computes (a part of) a slot's value."""


Emit: TypeAlias = Callable[[Emitter, Step], None]
"""Writes an operation's instructions."""
