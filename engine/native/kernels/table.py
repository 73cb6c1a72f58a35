"""All kernels, and which operations become instructions of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path

from engine.native.kernels import elementwise
from engine.native.runtime.kernel import Emit, Kernel

_NAMES = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
_MODULES = tuple(
    importlib.import_module(f"engine.native.kernels.{name}")
    for name in _NAMES
    if name not in ("elementwise", "table")
)
KERNELS: tuple[Kernel, ...] = (
    *elementwise.KERNELS,
    *(kernel for module in _MODULES for kernel in getattr(module, "KERNELS", ())),
)
"""The kernels; the first are those of functions of one value."""
FUNCTIONS = len(elementwise.KERNELS)
NUMBERS: Mapping[str, int] = {kernel.name: number for number, kernel in enumerate(KERNELS)}
"""A kernel's number, its place in `KERNELS`."""
EMITTERS: Mapping[str, Emit] = {
    kind: emit for module in _MODULES for kind, emit in getattr(module, "OPERATIONS", {}).items()
}
"""What writes the instructions of an operation, by kind."""
WIDTH = max(len(kernel.fields._fields) for kernel in KERNELS)
"""Fields of the largest instruction: all take as much room."""
