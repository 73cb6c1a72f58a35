"""Compiling the loop ahead of its first use; from the second start on it comes from a file."""

from __future__ import annotations

import numpy as np

from engine.native.tape import lower
from engine.plan import Plan

_EMPTY = Plan((), (), (), 0, (), {}, {}, ())


def prepare(dtype: str) -> None:
    """Compile the loop for a dtype, or read it from the file of an earlier start."""
    tape = lower(_EMPTY, dtype, 1)
    tape.forward(np.zeros(0, dtype), tape.table({}), np.zeros(1, np.int64))
