"""Curves made ready for the eye: smoothed, and thinned to the pixels there are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Array

_SAMPLE = 40_000  # numbers that tell a scale well enough


def smooth(values: Array, weight: float) -> NDArray[np.float64]:
    """Return the exponential moving average of a curve, corrected for its start.

    aₜ = w·aₜ₋₁ + (1 − w)·vₜ, shown as aₜ / (1 − wᵗ), so that the first points are not drawn
    towards 0. What is not finite is left out of the average and stays as it is.

    Parameters
    ----------
    values : array (T,)
        The curve.
    weight : float
        From 0 (as it is) to just below 1 (very smooth).
    """
    result = np.array(values, dtype=np.float64)
    if weight <= 0:
        return result
    average, share = 0.0, 0.0
    for index, value in enumerate(result.tolist()):
        if value - value != 0:  # NaN or infinite
            continue
        average = weight * average + (1 - weight) * value
        share = weight * share + (1 - weight)
        result[index] = average / share
    return result


def thin(x: Array, y: Array, columns: int) -> tuple[Array, Array]:
    """Keep the smallest and the largest point of each of ``columns`` stretches of a curve.

    Every peak stays visible, at most 2·columns points are left, and the first and the last stretch
    are treated like all others.

    Parameters
    ----------
    x, y : array (T,)
        The curve; gaps (NaN) are kept only where a whole stretch is one.
    columns : int
        Pixels of width to draw on.
    """
    size = len(y) // max(columns, 1)
    if size < 3:
        return x, y
    count = len(y) // size
    whole = count * size
    blocks = y[:whole].reshape(count, size)
    low = np.argmin(np.where(np.isfinite(blocks), blocks, np.inf), axis=1)
    high = np.argmax(np.where(np.isfinite(blocks), blocks, -np.inf), axis=1)
    ends = np.stack([np.minimum(low, high), np.maximum(low, high)], axis=1)
    kept = (ends + np.arange(count)[:, None] * size).ravel()
    kept = np.concatenate([kept, np.arange(whole, len(y))])
    return x[kept], y[kept]


def pool(matrix: Array, columns: int) -> Array:
    """Reduce a matrix to at most ``columns`` columns, keeping of each stretch its extreme.

    Parameters
    ----------
    matrix : array (T, N)
        One column a series; of a stretch of columns the number furthest from 0 stays.
    columns : int
        Pixels to draw the series on.
    """
    size = -(-matrix.shape[1] // max(columns, 1))
    if size <= 1:
        return matrix
    starts = np.arange(0, matrix.shape[1], size)
    high = np.maximum.reduceat(matrix, starts, axis=1)
    low = np.minimum.reduceat(matrix, starts, axis=1)
    return np.where(high >= -low, high, low)


def cell_edges(positions: Array) -> Array:
    """Return where the cells of samples meet, (T + 1,): halfway between two of them.

    The outer cells end half a unit beyond the first and the last sample, whatever their distance.
    """
    middles = 0.5 * (positions[1:] + positions[:-1])
    return np.concatenate([positions[:1] - 0.5, middles, positions[-1:] + 0.5])


def spread(
    positions: Array, matrix: Array, limits: tuple[float, float], columns: int
) -> NDArray[np.floating[Any]]:
    """Lay samples at uneven positions out on columns of equal width.

    Each column shows the sample whose cell it lies in (`cell_edges`: the nearest one); of several
    the number furthest from 0, series by series.

    Parameters
    ----------
    positions : array (T,)
        Ascending.
    matrix : array (T, N)
        One column a series.
    limits : (float, float)
        Where the first column begins and the last one ends.
    columns : int
        How many there are, (columns, N).
    """
    borders = np.linspace(*limits, columns + 1)
    meets = cell_edges(positions)[1:-1]
    first = np.searchsorted(meets, borders[:-1], side="right")
    stop = np.searchsorted(meets, borders[1:], side="left") + 1
    shown: NDArray[np.floating[Any]] = matrix[first]
    several = np.flatnonzero(stop - first > 1)
    if len(several):
        padded = np.concatenate([matrix, matrix[-1:]])  # so that the last stop is a row
        ends = np.stack([first[several], stop[several]], axis=1).ravel()
        high = np.maximum.reduceat(padded, ends)[::2]
        low = np.minimum.reduceat(padded, ends)[::2]
        shown[several] = np.where(high >= -low, high, low)
    return shown


class Pooled:
    """The `pool` of a growing matrix (at most ``columns`` wide), computed for new rows only."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._positions: Array = np.empty(0)
        self._rows: Array = np.empty((0, 0))

    def update(self, positions: Array, matrix: Array) -> Array:
        """Return the pool of ``matrix`` (T, N), whose rows belong to ``positions`` (T,).

        Rows are taken to be unchanged where their positions are, but for the latest.
        """
        known = min(len(self._positions), len(positions)) - 1
        same = known > 0 and bool((self._positions[:known] == positions[:known]).all())
        kept = self._rows[: known if same else 0]
        new = pool(matrix[len(kept) :], self._columns)
        whole = kept.shape[1:] == new.shape[1:] and len(kept)
        self._rows = np.concatenate([kept, new]) if whole else pool(matrix, self._columns)
        self._positions = positions
        return self._rows


def symmetric_scale(values: Array, share: float = 99.0) -> float:
    """Return s so that ``share`` per cent of the finite |values| lie within −s…s; 1 if all are 0.

    A few extremes do not wash the rest out.
    """
    values = values.ravel()[:: max(1, values.size // _SAMPLE)]
    finite = np.abs(values[np.isfinite(values)])
    if not finite.size:
        return 1.0
    scale = float(np.percentile(finite, share)) or float(finite.max())
    return scale or 1.0
