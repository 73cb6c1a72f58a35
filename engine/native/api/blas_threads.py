"""How many threads a tape's matrix products may use.

A product of few operations is done before a second thread has started; while other programs run,
waiting for that thread costs up to a hundred times the product.

BLAS knows one number of threads for the whole process, so calls that overlap in time must agree:
as long as one of them has large products, all have all threads. Training alone may ask for that,
so a probe beside it changes neither its speed nor its bits.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

from engine.native.kernels.table import KERNELS, NUMBERS
from engine.native.machine.program import Program

_ENOUGH = 1 << 24  # multiplications in one product from which on threads pay


def large(program: Program, batch: int) -> bool:
    """Tell whether a product of a program is large enough for several threads."""
    matrices = program.fields(program.chosen("matrix"), KERNELS[NUMBERS["matrix"]])
    return int((matrices["rows"] * matrices["a_rows"]).max(initial=0)) * batch >= _ENOUGH


@contextmanager
def threads(*, several: bool) -> Iterator[None]:
    """Let BLAS have all threads meanwhile, or one unless an overlapping call has several."""
    sharing = _sharing()
    sharing.change(several, 1)
    try:
        yield
    finally:
        sharing.change(several, -1)


@dataclass(slots=True)
class _Sharing:
    """How many calls that run now want one thread, and several."""

    libraries: ThreadpoolController
    lock: threading.Lock = field(default_factory=threading.Lock)
    wishes: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    limit: Any = None

    def change(self, several: bool, by: int) -> None:
        with self.lock:
            self.wishes[several] += by
            single = bool(self.wishes[False]) and not self.wishes[True]
            if single and self.limit is None:
                self.limit = self.libraries.limit(limits=1, user_api="blas")
            elif not single and self.limit is not None:
                self.limit.restore_original_limits()
                self.limit = None


@cache
def _sharing() -> _Sharing:
    import scipy.linalg.cython_blas  # noqa: F401  (loads the BLAS that numba's products use)

    return _Sharing(ThreadpoolController())
