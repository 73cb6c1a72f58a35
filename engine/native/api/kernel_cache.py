"""Compiling the loop ahead of its first use; from the second start on it comes from a file."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
from llvmlite.binding import get_host_cpu_name

from engine.native.api.tape import lower
from engine.native.machine.loop import STAMP, run
from engine.plan.plan import Plan


def prepare(dtype: str) -> None:
    """Compile the loop for a dtype, or read it from the file of an earlier start."""
    tape = lower(Plan.empty(), dtype, 1)
    tape.forward(np.zeros(0, dtype), tape.table({}), np.zeros(1, np.int64))
    mark = _mark(dtype)
    if mark is not None:
        with contextlib.suppress(OSError):
            mark.touch()


def ready(dtype: str) -> bool:
    """Tell whether `prepare` would find the loop in a file, and so take a moment only."""
    mark = _mark(dtype)
    return mark is not None and mark.exists() and any(mark.parent.glob("loop*.nbc"))


def kept() -> bool:
    """Tell whether machine code can be kept for the next start: whether a folder can be written."""
    return _folder() is not None


def _folder() -> Path | None:
    compiled: Any = run
    found = compiled.stats.cache_path
    return None if found is None else Path(found)


def _mark(dtype: str) -> Path | None:
    """Return the file, beside the machine code, that says for what it was made."""
    folder = _folder()
    if folder is None:
        return None
    return folder / f"loop.{STAMP:x}.{get_host_cpu_name()}.{dtype}.ready"
