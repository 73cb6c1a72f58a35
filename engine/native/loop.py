"""The one compiled entry: forward, backward, or updates on end, without the GIL."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.native.backward import backward
from engine.native.jit import entry
from engine.native.forward import forward
from engine.native.updates import RATE, add_penalties, norm, update, usable

DONE, STOPPED, NO_ERROR, NO_GRADIENT = range(4)
"""Why `run` returned: all updates made, asked to, E or the gradient was not finite."""
FORWARD, BOTH_WAYS, TRAIN = range(3)
"""What `run` does."""
STOP, MADE = range(2)
"""Entries of the shared flags: set the first to stop; the second counts updates made."""


def _stamp() -> int:
    """Return a number for the present text of all kernels.

    Numba only looks at the file of the function it has in its cache, not at those it calls.
    """
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return int.from_bytes(digest.digest()[:7], "little")


def _entry(stamp: int) -> Callable[..., Any]:
    @entry
    def run(
        mode: Any, program: Any, rule: Any, h: Any, weights: Any, ranges: Any, theta: Any,
        gradient: Any, last: Any, memory: Any, table: Any, order: Any, size: Any, first: Any,
        count: Any, rates: Any, arena: Any, short: Any, errors: Any, norms: Any, flags: Any,
    ) -> Any:  # fmt: skip
        if stamp < 0:
            return DONE
        batches = (order.size + size - 1) // size
        for k in range(rates.size):
            if flags[STOP]:
                return STOPPED
            start = (first + k) % batches * size
            rows = order[start : start + size]
            v, d, _scratch = arena if rows.size == size else short
            errors[k] = forward(program, theta, table, rows, v)
            if mode == FORWARD:
                return DONE
            if mode == TRAIN and not math.isfinite(errors[k]):
                return NO_ERROR
            backward(program, theta, gradient, v, d)
            if mode == BOTH_WAYS:
                return DONE
            add_penalties(h, weights, theta, gradient)
            norms[k] = norm(ranges, gradient)
            if not usable(norms[k], ranges, gradient):
                return NO_GRADIENT
            for i in range(theta.size):
                last[i] = theta[i]
            h[RATE] = rates[k]
            update(rule, h, count + k + 1, norms[k], ranges, theta, gradient, memory)
            flags[MADE] = k + 1
        return DONE

    return run


STAMP = _stamp()
"""The number; kernels of another one are compiled anew."""
run = _entry(STAMP)
