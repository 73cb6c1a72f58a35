"""Special functions of SciPy, loaded when the first of them is needed.

Loading ``scipy.special`` takes a good part of the editor's start, which needs only the names of
the node kinds.
"""

from __future__ import annotations

from engine.declaration.op import Array


def expit(x: Array) -> Array:
    """Return 1 / (1 + e⁻ˣ) with all its digits in both tails."""
    from scipy import special

    result: Array = special.expit(x)
    return result


def ndtr(x: Array) -> Array:
    """Return the probability that a standard normal number is smaller than x."""
    from scipy import special

    result: Array = special.ndtr(x)
    return result


def ndtri(p: Array) -> Array:
    """Return the number that a standard normal one is smaller than with probability p."""
    from scipy import special

    result: Array = special.ndtri(p)
    return result


def xlogy(x: Array, y: Array) -> Array:
    """Return x·log y, and 0 where x is 0."""
    from scipy import special

    result: Array = special.xlogy(x, y)
    return result
