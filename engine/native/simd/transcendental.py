"""exp, expm1 and what is made of them, of lanes.

Both come from x = n·log 2 + r with |r| ≤ ½·log 2: eˣ − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1). eʳ − 1 is a
Taylor polynomial; 2ⁿ comes in two halves so that the ends (0, denormal numbers, ∞) are as they
should be. NaN stays NaN.

Source: W. Cody, W. Waite, Software manual for the elementary functions (1980), chapter 6.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from engine.native.simd.jit import INLINED, exact, extending, types
from engine.native.simd.vector_arithmetic import erfc, log1p, nearest, two_to_the, where

_PER_LOG2 = 1 / math.log(2)
# log 2 in two parts, the first with few digits, so that n times it is exact
_LOG2_64 = (6.93147180369123816490e-01, 1.90821492927058770002e-10)
_LOG2_32 = (0.693359375, -2.12194440e-4)
# further out eˣ is 0 or ∞
_FAR_64, _FAR_32 = 1000.0, 104.0


@exact
def _bounded(x: Any, far: Any) -> Any:
    return where(x > far, far, where(x < -far, -far, x))


@exact
def _with_powers(rest: Any, n: Any) -> Any:
    half = nearest(n * 0.5)
    return rest, two_to_the(half), two_to_the(n - half)


@exact
def _split64(x: Any) -> Any:
    x = _bounded(x, _FAR_64)
    n = nearest(x * _PER_LOG2)
    r = (x - n * _LOG2_64[0]) - n * _LOG2_64[1]
    tail = 1 / 87178291200.0 * r + 1 / 6227020800.0
    tail = ((tail * r + 1 / 479001600.0) * r + 1 / 39916800.0) * r + 1 / 3628800.0
    tail = ((tail * r + 1 / 362880.0) * r + 1 / 40320.0) * r + 1 / 5040.0
    tail = ((tail * r + 1 / 720.0) * r + 1 / 120.0) * r + 1 / 24.0
    return _with_powers((((tail * r + 1 / 6.0) * r + 0.5) * r) * r + r, n)


@exact
def _split32(x: Any) -> Any:
    x = _bounded(x, _FAR_32)
    n = nearest(x * _PER_LOG2)
    r = (x - n * _LOG2_32[0]) - n * _LOG2_32[1]
    tail = (1 / 40320 * r + 1 / 5040) * r + 1 / 720
    tail = ((tail * r + 1 / 120) * r + 1 / 24) * r + 1 / 6
    return _with_powers(((tail * r + 0.5) * r) * r + r, n)


def split_power(x: Any) -> Any:
    """Return eʳ − 1, 2^⌊n/2⌋ and 2^⌈n/2⌉ to x's precision; only kernels call it."""
    raise NotImplementedError("only compiled kernels call this")


@extending.overload(split_power, jit_options=INLINED)  # type: ignore[untyped-decorator]  # numba has no types
def _split_power(x: Any) -> Callable[..., Any]:
    def of64(x: Any) -> Any:
        return _split64(x)

    def of32(x: Any) -> Any:
        return _split32(x)

    return of32 if x.real == types.float32 else of64


@exact
def one(x: Any) -> Any:
    """Return 1 in every lane."""
    return where(x == x, 1, 1)


@exact
def exp(x: Any) -> Any:
    """Return eˣ."""
    rest, low, high = split_power(x)
    return (rest * low + low) * high


@exact
def expm1(x: Any) -> Any:
    """Return eˣ − 1, exact near 0."""
    rest, low, high = split_power(x)
    return rest * low * high + (low * high - 1)


@exact
def logistic(x: Any) -> Any:
    """Return 1 / (1 + e⁻ˣ)."""
    return 1 / (1 + exp(-x))


@exact
def logistic_slope(x: Any) -> Any:
    """Return σ(x)·σ(−x), exact far out."""
    decay = exp(-abs(x))
    return decay / ((1 + decay) * (1 + decay))


@exact
def tanh(x: Any) -> Any:
    """Return tanh x as −m/(2 + m), m = e^(−2|x|) − 1, with the sign of x."""
    m = expm1(-2 * abs(x))
    size = -m / (2 + m)
    return where(x < 0, -size, size)


@exact
def tanh_slope(x: Any) -> Any:
    """Return 1/cosh² x, exact far out."""
    decay = exp(-2 * abs(x))
    return 4 * decay / ((1 + decay) * (1 + decay))


@exact
def softplus(x: Any) -> Any:
    """Return log(1 + eˣ)."""
    return where(x < 0, 0, x) + log1p(exp(-abs(x)))


@exact
def normal_below(x: Any) -> Any:
    """Return Φ(x), the probability that a standard normal number is smaller."""
    return 0.5 * erfc(x * -math.sqrt(0.5))
