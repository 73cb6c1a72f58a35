"""One pass over a plan's steps and one back: levels, and what the gradient needs."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.native.lowering.fusion import Units, passes_gradients
from engine.native.simd.jit import entry
from engine.plan.plan import Plan
from graph.model.kinds import Role

_MANY = 1000  # steps from which on compiled code is quicker, though it must be read or compiled


def mark_live(units: Units) -> None:
    """Fill in the units' ``level``, ``live`` and ``needed``."""
    plan = units.plan
    penalises = [form.op.spec.role is Role.PENALTY for form in plan.steps.forms]
    source = plan.steps.chosen(penalises) | units.every | (units.parameter >= 0)
    units.live[[x.value for x in plan.losses] + [x.value for x in plan.penalties]] = True
    inlined = units.absorbed | units.fused | (units.same != np.arange(len(units.same)))
    passes = passes_gradients(plan)
    _sweep(
        units.starts, units.inputs, inlined, passes, source, units.level, units.live, units.needed
    )


def live_slots(plan: Plan) -> list[bool]:
    """Tell of each slot whether a loss or penalty depends on it by way of derivatives."""
    reads, count = plan.steps.reads, len(plan.steps)
    live, other, level = np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, np.int64)
    live[[*(x.value for x in plan.losses), *(x.value for x in plan.penalties)]] = True
    passes = passes_gradients(plan)
    _sweep(reads.starts, reads.numbers, other, passes, other, level, live, other.copy())
    found: list[bool] = live.tolist()
    return found


def _sweep(
    starts: Any, inputs: Any, inlined: Any, passes: Any, source: Any, level: Any, live: Any,
    needed: Any,
) -> None:  # fmt: skip
    """Fill in ``level``, ``live`` (given where E is made) and ``needed`` of every step.

    A step is a level above what it reads, unless it is ``inlined`` there. What a live step reads
    is live if the step ``passes`` gradients. Needed is a ``source``, and what reads such.
    """
    run = _steps if len(inlined) < _MANY else _compiled_steps
    run(starts, inputs, inlined, passes, source, level, live, needed)


def _steps(
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


_compiled_steps = entry(_steps)
