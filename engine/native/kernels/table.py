"""All kernels, and which operations become instructions of them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.native.kernels import (
    arithmetic,
    dropout,
    elementwise,
    losses,
    matrix_product,
    normalisations,
    penalties,
    row_loading,
    sources,
    weighted_sums,
)
from engine.native.runtime.kernel import Emit, Kernel

_MODULES = (
    sources, row_loading, weighted_sums, matrix_product, arithmetic, normalisations, dropout,
    penalties, losses,
)  # fmt: skip
KERNELS: tuple[Kernel, ...] = (
    *elementwise.KERNELS,
    *(kernel for module in _MODULES for kernel in module.KERNELS),
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
