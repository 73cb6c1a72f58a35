"""How many threads a tape's matrix products may use.

A product of few operations is done before a second thread has started; while other programs run,
waiting for that thread costs up to a hundred times the product.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # has no types

from engine.native.program import A_ROWS, MATRIX, OP, ROWS, Integers

_ENOUGH = 1 << 24  # multiplications in one product from which on threads pay


def threads_for(code: Integers, batch: int) -> AbstractContextManager[object]:
    """Return a context in which BLAS has one thread, or all if a product is large enough."""
    matrices = code[code[:, OP] == MATRIX]
    largest = int((matrices[:, ROWS] * matrices[:, A_ROWS]).max(initial=0)) * batch
    if not len(matrices) or largest >= _ENOUGH:
        return nullcontext()
    limited: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return limited


@cache
def _libraries() -> ThreadpoolController:
    """Return the BLAS libraries of this process; numba's products use SciPy's."""
    import scipy.linalg.cython_blas  # noqa: F401  (loads it)

    return ThreadpoolController()
