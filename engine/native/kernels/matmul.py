"""Weight matrices: the three products of a layer, by the BLAS that SciPy brings.

W lies in θ row by row, ``stride`` apart (biases may lie between); x and δ are (rows, batch).
BLAS counts columns first, so each call is the transposed product.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload
from numba.np.linalg import _BLAS  # numba's own declaration of the routine behind np.dot

from engine.native.simd.array_views import span
from engine.native.simd.jit import OPTIONS, kernel

_routines: Any = _BLAS
_gemm64 = _routines().numba_xxgemm(types.float64)
_gemm32 = _routines().numba_xxgemm(types.float32)
_DOUBLE, _SINGLE, _PLAIN, _TURNED = ord("d"), ord("s"), ord("n"), ord("t")


def _gemm(
    ta: Any, tb: Any, m: Any, n: Any, k: Any, a: Any, lda: Any, b: Any, ldb: Any, keep: Any,
    c: Any, ldc: Any,
) -> None:  # fmt: skip
    """Stand for c ← op(a)·op(b) + keep·c of c's type; only kernels call it."""
    raise NotImplementedError("only compiled kernels call this")


@overload(_gemm, jit_options=OPTIONS)
def _of_type(
    ta: Any, tb: Any, m: Any, n: Any, k: Any, a: Any, lda: Any, b: Any, ldb: Any, keep: Any,
    c: Any, ldc: Any,
) -> Callable[..., Any]:  # fmt: skip
    single = c.dtype == types.float32
    routine, letter = (_gemm32, _SINGLE) if single else (_gemm64, _DOUBLE)
    real = np.float32 if single else np.float64

    def multiply(
        ta: Any, tb: Any, m: Any, n: Any, k: Any, a: Any, lda: Any, b: Any, ldb: Any, keep: Any,
        c: Any, ldc: Any,
    ) -> None:  # fmt: skip
        one, kept = np.empty(1, real), np.empty(1, real)
        one[0], kept[0] = 1, keep
        routine(
            letter, ta, tb, m, n, k, one.ctypes, a.ctypes, lda, b.ctypes, ldb, kept.ctypes,
            c.ctypes, ldc,
        )  # fmt: skip

    return multiply


@kernel
def multiply(theta: Any, at: Any, stride: Any, x: Any, s: Any, keep: Any) -> None:
    """Set s ← W·x + keep·s; W in θ from ``at`` on; x: (n, B), s: (m, B)."""
    n, batch, m = x.shape[0], x.shape[1], s.shape[0]
    w = span(theta, at, m * stride)
    _gemm(_PLAIN, _PLAIN, batch, m, n, x, batch, w, stride, keep, s, batch)


@kernel
def multiply_back(theta: Any, at: Any, stride: Any, delta: Any, to: Any, keep: Any) -> None:
    """Set to ← Wᵀ·δ + keep·to; δ: (m, B), to: (n, B)."""
    m, batch, n = delta.shape[0], delta.shape[1], to.shape[0]
    w = span(theta, at, m * stride)
    _gemm(_PLAIN, _TURNED, batch, n, m, delta, batch, w, stride, keep, to, batch)


@kernel
def multiply_out(delta: Any, x: Any, gradient: Any, at: Any, stride: Any, keep: Any) -> None:
    """Set ∂E/∂W ← δ·xᵀ + keep·∂E/∂W; δ: (m, B), x: (n, B)."""
    m, batch, n = delta.shape[0], delta.shape[1], x.shape[0]
    g = span(gradient, at, m * stride)
    _gemm(_TURNED, _PLAIN, n, m, batch, x, batch, delta, batch, keep, g, stride)
