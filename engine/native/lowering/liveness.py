"""One pass over a plan's steps and one back: levels, and what the gradient needs."""

from __future__ import annotations

from typing import Any

from engine.native.simd.jit import entry

_MANY = 1000  # steps from which on compiled code is quicker, though it must be read or compiled


def sweep(
    starts: Any, inputs: Any, inlined: Any, passes: Any, source: Any, level: Any, live: Any,
    needed: Any,
) -> None:  # fmt: skip
    """Fill in ``level``, ``live`` (given where E is made) and ``needed`` of every step.

    A step is a level above what it reads, unless it is ``inlined`` there. What a live step reads
    is live if the step ``passes`` gradients. Needed is a ``source``, and what reads such.
    """
    run = _sweep if len(inlined) < _MANY else _compiled_sweep
    run(starts, inputs, inlined, passes, source, level, live, needed)


def _sweep(
    starts: Any, inputs: Any, inlined: Any, passes: Any, source: Any, level: Any, live: Any,
    needed: Any,
) -> None:  # fmt: skip
    count = inlined.size
    for step in range(count):
        below, need = -1, source[step]
        for edge in range(starts[step], starts[step + 1]):
            below = max(below, level[inputs[edge]])
            need = need or needed[inputs[edge]]
        level[step] = below if inlined[step] else below + 1
        needed[step] = need
    for step in range(count - 1, -1, -1):
        if live[step] and passes[step]:
            for edge in range(starts[step], starts[step + 1]):
                live[inputs[edge]] = True


_compiled_sweep = entry(_sweep)
