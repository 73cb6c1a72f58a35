"""Which frames of a film are looked at, and in which order."""

from __future__ import annotations


def spread_frames(count: int, most: int) -> range:
    """Return at most so many of a film's frames, from the first on, at equal distances.

    The distance is a power of two: as the film grows, frames that were chosen stay or every second
    one goes.
    """
    step = 1
    while -(-count // step) > most:
        step *= 2
    return range(0, count, step)


def coarse_to_fine(count: int, first: int = 8) -> list[int]:
    """Return 0 … count − 1 in an order that begins with a few far apart, the last among them."""
    step = 1
    while count > 2 * step * (first - 1):
        step *= 2
    order = dict.fromkeys([count - 1] if count else [])
    while step:
        order |= dict.fromkeys(range(0, count, step))
        step //= 2
    return list(order)
