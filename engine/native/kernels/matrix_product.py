"""Weight matrices: the three products of a layer, by the BLAS that SciPy brings.

W lies in θ row by row, ``stride`` apart (biases may lie between); x and δ are (rows, batch).
BLAS counts columns first, so each call is the transposed product.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import overload
from numba.np.linalg import _BLAS  # numba's own declaration of the routine behind np.dot

from engine.native.kernels.sources import bias_back, fill
from engine.native.runtime.kernel import ONCE, Fields, Kernel, RowsRead
from engine.native.simd.array_views import block, row, span
from engine.native.simd.jit import OPTIONS

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


class MatrixProduct(NamedTuple):
    """An instruction: rows (+)← W·a, after biases if ``biased`` of them begin at ``bias`` in θ.

    W begins at ``weights``, its rows ``stride`` apart. The gradient's entries are written over if
    they are ``fresh``, else added to.
    """

    out: int
    rows: int
    a: int
    a_rows: int
    need_a: int
    overwrites: int
    weights: int
    stride: int
    bias: int
    biased: int
    keep: int
    fresh: int


def _forward(m: Any, c: Any) -> None:
    theta, x, s = m.theta, block(m.values, c.a, c.a_rows), block(m.values, c.out, c.rows)
    for i in range(c.biased):
        fill(row(s, i), theta[c.bias + i])
    keep = 1 if c.biased else c.keep
    w, batch = span(theta, c.weights, c.rows * c.stride), x.shape[1]
    _gemm(_PLAIN, _PLAIN, batch, c.rows, c.a_rows, x, batch, w, c.stride, keep, s, batch)


def _backward(m: Any, c: Any) -> None:
    x, delta = block(m.values, c.a, c.a_rows), block(m.deltas, c.out, c.rows)
    rows, columns, stride, batch = c.rows, c.a_rows, c.stride, x.shape[1]
    g = span(m.gradient, c.weights, rows * stride)
    keep = 1 - c.fresh
    _gemm(_TURNED, _PLAIN, columns, rows, batch, x, batch, delta, batch, keep, g, stride)
    bias_back(m, c.out, c.biased, c.bias, 0)
    if c.need_a:
        w, to = span(m.theta, c.weights, rows * stride), block(m.deltas, c.a, columns)
        keep = 1 - c.overwrites
        _gemm(_PLAIN, _TURNED, batch, columns, rows, delta, batch, w, stride, keep, to, batch)


def _reads(c: Fields, _program: Any) -> list[RowsRead]:
    return [RowsRead(c["a"], c["a_rows"], c["need_a"] * ONCE)]


KERNELS = (Kernel("matrix", MatrixProduct, _forward, _backward, _reads),)
