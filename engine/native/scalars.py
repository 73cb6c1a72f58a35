"""Functions of one number that vectorise: exp and expm1, and what is made of them.

Both come from x = n·log 2 + r with |r| ≤ ½·log 2: eˣ − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1). n is rounded by
adding 1.5·2⁵² (float32: 1.5·2²³), whose last digits then hold n; eʳ − 1 is a Taylor polynomial;
2ⁿ is written into the exponent's bits, in two halves so that the ends (0, denormal numbers, ∞)
come out as they should. NaN stays NaN. Constants take the type of x by ``type(x)(…)``: a bare
literal would make float64 of everything.

Source: W. Cody, W. Waite, Software manual for the elementary functions (1980), chapter 6.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from engine.native.jit import OPTIONS, exact

# log 2 in two parts, the first with few digits, so that n times it is exact
_LOG2_64 = (6.93147180369123816490e-01, 1.90821492927058770002e-10)
_LOG2_32 = (np.float32(0.693359375), np.float32(-2.12194440e-4))
_PER_LOG2 = 1.4426950408889634


@exact
def _taylor64(r: Any) -> Any:
    """Return eʳ − 1 for |r| ≤ ½·log 2, to 1e-17 relative."""
    tail = 1 / 87178291200.0 * r + 1 / 6227020800.0
    tail = ((tail * r + 1 / 479001600.0) * r + 1 / 39916800.0) * r + 1 / 3628800.0
    tail = ((tail * r + 1 / 362880.0) * r + 1 / 40320.0) * r + 1 / 5040.0
    tail = ((tail * r + 1 / 720.0) * r + 1 / 120.0) * r + 1 / 24.0
    return (((tail * r + 1 / 6.0) * r + 0.5) * r) * r + r


@exact
def _taylor32(r: Any) -> Any:
    """Return eʳ − 1 for |r| ≤ ½·log 2, to 2e-9 relative."""
    c = np.float32
    tail = (c(1 / 40320) * r + c(1 / 5040)) * r + c(1 / 720)
    tail = ((tail * r + c(1 / 120)) * r + c(1 / 24)) * r + c(1 / 6)
    return ((tail * r + c(0.5)) * r) * r + r


@exact
def _split64(x: Any) -> Any:
    """Return eʳ − 1, 2^⌊n/2⌋ and 2^⌈n/2⌉."""
    x = 1000.0 if x > 1000.0 else x
    x = -1000.0 if x < -1000.0 else x
    shifted = x * _PER_LOG2 + 6755399441055744.0
    n = shifted - 6755399441055744.0
    r = (x - n * _LOG2_64[0]) - n * _LOG2_64[1]
    whole = np.float64(shifted).view(np.int64) - np.int64(0x4338000000000000)
    half = whole >> np.int64(1)
    low = np.int64((half + np.int64(1023)) << np.int64(52)).view(np.float64)
    high = np.int64((whole - half + np.int64(1023)) << np.int64(52)).view(np.float64)
    return _taylor64(r), low, high


@exact
def _split32(x: Any) -> Any:
    """Return eʳ − 1, 2^⌊n/2⌋ and 2^⌈n/2⌉."""
    c = np.float32
    x = c(200) if x > c(200) else x
    x = c(-200) if x < c(-200) else x
    shifted = x * c(_PER_LOG2) + c(12582912)
    n = shifted - c(12582912)
    r = (x - n * _LOG2_32[0]) - n * _LOG2_32[1]
    whole = np.int32(np.float32(shifted).view(np.int32) - np.int32(0x4B400000))
    half = np.int32(whole >> np.int32(1))
    low = np.int32((half + np.int32(127)) << np.int32(23)).view(np.float32)
    high = np.int32((whole - half + np.int32(127)) << np.int32(23)).view(np.float32)
    return _taylor32(r), low, high


def split_power(x: Any) -> Any:
    """Stand for the function of x's type; only kernels call it."""
    raise NotImplementedError("only compiled kernels call this")


@overload(split_power, jit_options=OPTIONS)
def _split_power(x: Any) -> Callable[..., Any]:
    def of64(x: Any) -> Any:
        return _split64(x)

    def of32(x: Any) -> Any:
        return _split32(x)

    return of32 if x == types.float32 else of64


@exact
def exp(x: Any) -> Any:
    """Return eˣ."""
    rest, low, high = split_power(x)
    return (rest * low + low) * high


@exact
def expm1(x: Any) -> Any:
    """Return eˣ − 1, exact near 0."""
    rest, low, high = split_power(x)
    power = low * high
    return rest * low * high + (power - type(x)(1))


@exact
def logistic(x: Any) -> Any:
    """Return 1 / (1 + e⁻ˣ)."""
    one = type(x)(1)
    return one / (one + exp(-x))


@exact
def logistic_slope(x: Any) -> Any:
    """Return σ(x)·σ(−x), exact far out."""
    one, decay = type(x)(1), exp(-abs(x))
    return decay / ((one + decay) * (one + decay))


@exact
def tanh(x: Any) -> Any:
    """Return tanh x as −m/(2 + m), m = e^(−2|x|) − 1, with the sign of x."""
    two = type(x)(2)
    m = expm1(-two * abs(x))
    size = -m / (two + m)
    return -size if x < 0 else size


@exact
def tanh_slope(x: Any) -> Any:
    """Return 1/cosh² x, exact far out."""
    one, decay = type(x)(1), exp(type(x)(-2) * abs(x))
    return type(x)(4) * decay / ((one + decay) * (one + decay))


@exact
def softplus(x: Any) -> Any:
    """Return log(1 + eˣ)."""
    return max(x, type(x)(0)) + math.log1p(exp(-abs(x)))


@exact
def normal_below(x: Any) -> Any:
    """Return Φ(x), the probability that a standard normal number is smaller."""
    return type(x)(0.5) * math.erfc(x * type(x)(-math.sqrt(0.5)))
