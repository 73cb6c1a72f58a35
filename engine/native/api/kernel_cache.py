"""Compiling kernels ahead of their first use; from the second start on they come from files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.native.kernels import elementwise
from engine.native.kernels.optimizers import PENALTIES, UPDATES
from engine.native.kernels.table import EMITTERS, KERNELS
from engine.native.machine import loop
from engine.native.machine.program import kernel_address, kernel_name
from engine.native.runtime.compilation import address, folder, in_file
from engine.native.runtime.kernel import Kernel
from engine.plan.plan import Plan
from graph.model.training import Training

_MAY_VANISH = {"bias", "identity"}  # they are often part of another instruction
_OWN_KINDS = {row.kind for row in elementwise.TABLE} | set(EMITTERS)
_COMMON = (
    "half_squared_error", "cross_entropy", "sigmoid", "tanh", "relu", "identity",
)  # fmt: skip
"""Kinds whose kernels are compiled first, after what nearly every network needs."""


def prepare(dtype: str) -> None:
    """Compile all kernels for a dtype, or read them from the files of an earlier start."""
    for compile_kernel in _all(dtype).values():
        compile_kernel()


def ready(dtype: str) -> bool:
    """Tell whether `prepare` would find all kernels in files, and so take a moment only."""
    return all(in_file(name, dtype) for name in _all(dtype))


def uncompiled(plan: Plan, training: Training, *, surely: bool = False) -> list[str]:
    """Return which kernels are not in files yet of those that training a plan needs.

    Parameters
    ----------
    surely : bool
        Whether to count what it may need too, depending on how it is lowered: if then none is
        missing, nothing is compiled.
    """
    kinds = {form.op.spec.kind for form in plan.steps.forms}
    if not surely:
        kinds -= _MAY_VANISH
    found = [loop.NAME]
    found += [f"update.{training.optimizer}"] if training.optimizer in UPDATES else []
    found += PENALTIES if training.l1 or training.l2 else []
    for kernel in KERNELS:
        kind = kernel.name.partition(".")[0]  # "gelu.tanh" is a gelu
        if kind in kinds or (surely and kernel.name not in _OWN_KINDS):
            found += _names(kernel)
    return [name for name in found if not in_file(name, training.dtype)]


def kept() -> bool:
    """Tell whether machine code can be kept for the next start: whether a folder can be written."""
    return folder() is not None


def _all(dtype: str) -> dict[str, Callable[[], object]]:
    """Return what compiles each kernel, by its name; what most networks need comes first."""
    found: dict[str, Callable[[], object]] = {loop.NAME: partial(loop.loop, dtype)}
    for number, kernel in sorted(enumerate(KERNELS), key=_rank):
        for name, back in zip(_names(kernel), (False, True), strict=False):
            found[name] = partial(kernel_address, number, dtype, back=back)
    rules = {f"update.{name}": function for name, function in UPDATES.items()}
    for name, function in (rules | PENALTIES).items():
        found[name] = partial(address, name, function, None, dtype)
    return found


def _names(kernel: Kernel) -> list[str]:
    return [kernel_name(kernel, back=back) for back in (False, True) if not back or kernel.backward]


def _rank(numbered: tuple[int, Kernel]) -> int:
    name = numbered[1].name
    return 0 if name not in _OWN_KINDS else 1 if name in _COMMON else 2
